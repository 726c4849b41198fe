"""Full texts of every kind that is read: each comes to its record with its table, and no file of a folder is left untold."""

from pathlib import Path

import pytest
from support import Cli

from screener.ledger import Ledger, reads
from screener.ledger.documents import reports

pytestmark = pytest.mark.slow


def written(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_every_file_of_a_folder_is_attached_or_told(documents: Path, cli: Cli) -> None:
    folder = documents / "texts"
    title = "Cardiograin: masked autoencoding of eight independent leads at the grain of single waves"
    written(folder / "a.md", f"# {title}\n\nWe hide pieces of waves.")
    written(folder / "export.xml", "<TEI><text/></TEI>")
    written(folder / "sub" / "records.json", '[{"title": "x"}]')
    written(folder / "one.png", "x")
    written(folder / "two.png", "x")
    written(folder / "notes.docx", "x")
    done = cli("import", "--pdfs", "texts", "--json")
    assert done.code == 0
    assert [(Path(one["path"]).name, one["status"]) for one in done.json["pdfs"]] == [("a.md", "matched")]
    assert [Path(one["path"]).name for one in done.json["left_out"]] == [
        "export.xml", "notes.docx", "one.png", "records.json", "two.png",
    ]  # fmt: skip
    lines = [line for line in cli("import", "--pdfs", "texts").out.splitlines() if line.startswith("Not read: ")]
    assert [line.partition(": it is")[0] for line in lines] == [
        "Not read: export.xml: no article in JATS",
        "Not read: sub/records.json: JSON, but not that of Docling (`DoclingDocument`)",
        "Not read: 1 .docx, 2 .png, which are no documents",
    ]
    (folder / "a.md").unlink()
    assert "it has export.xml: no article in JATS" in cli("import", "--pdfs", "texts").err


KINDS_OF_PAPER = {
    "a.xml": "<article><front><article-meta><title-group><article-title>{title}</article-title></title-group></article-meta></front>"
    "<body><sec><title>Results</title>{table}</sec></body></article>",
    "b.html": "<html><body><h1>{title}</h1><h2>Results</h2>{table}</body></html>",
    "c.md": "# {title}\n\n## Results\n\n| Model | Area |\n| --- | --- |\n| Ours | 0.913 |\n",
    "e.txt": "{title}\n\nResults\n\nModel\tArea\nOurs\t0.913\n",
    "d.json": '{{"schema_name": "DoclingDocument", "version": "1.10.0", "body": {{"children": [{{"$ref": "#/texts/0"}},'
    ' {{"$ref": "#/tables/0"}}]}}, "texts": [{{"label": "section_header", "text": "{title}", "level": 1}}], "tables": [{{"data":'
    ' {{"grid": [[{{"text": "Model", "column_header": true}}, {{"text": "Area", "start_col_offset_idx": 1, "column_header": true}}],'
    ' [{{"text": "Ours", "start_row_offset_idx": 1}}, {{"text": "0.913", "start_row_offset_idx": 1, "start_col_offset_idx": 1}}]]}}}}]}}',
}
TABLE = "<table><tr><th>Model</th><th>Area</th></tr><tr><td>Ours</td><td>0.913</td></tr></table>"


def test_a_paper_of_each_kind_comes_to_its_record_with_its_table(blank: Path, cli: Cli) -> None:
    titles = {name: f"How runners of team {name[0]} found their way over the northern hills" for name in KINDS_OF_PAPER}
    written(blank / "records.csv", "id,title\n" + "".join(f"{name[0]}1,{title}\n" for name, title in titles.items()))
    assert cli("import", "records.csv").code == 0
    for name, text in KINDS_OF_PAPER.items():
        written(blank / "texts" / name, text.format(title=titles[name], table=TABLE))
    done = cli("import", "--pdfs", "texts", "--json").json["pdfs"]
    assert [(Path(one["path"]).name, one["status"], one["record"]) for one in done] == [
        (name, "matched", f"{name[0]}1") for name in sorted(KINDS_OF_PAPER)
    ]
    ledger = Ledger.of(blank / ".screener")
    with ledger.read() as connection:
        found = {report.id[0]: report for report in reports(ledger, reads.records(connection))}
    for name in KINDS_OF_PAPER:
        document = found[name[0]].documents["main"]
        assert "Ours\t0.913" in document.text
        tables = [table.markdown(document.text) for table in document.tables]
        assert tables == ([] if name == "e.txt" else ["| Model | Area |\n| --- | --- |\n| Ours | 0.913 |"])
