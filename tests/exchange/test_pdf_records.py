"""A folder of PDFs alone starts a review: `import --pdfs FOLDER --as-records`."""

import csv
import shutil
from pathlib import Path

from support import ROOT, Cli
from support.documents import paper

import screener

PDFS = ROOT / "tests" / "reviews" / "documents" / "pdfs"


def test_each_paper_of_a_folder_becomes_a_record_with_what_its_first_page_says(blank: Path, cli: Cli) -> None:
    folder = blank / "papers"
    folder.mkdir()
    for name in ("afmc-263.pdf", "mmc1.pdf"):  # a paper, and the supplement of another
        shutil.copy(PDFS / name, folder / name)
    title = "synthetic survey of heart beats in records"
    for name in ("one.pdf", "two.pdf"):
        (folder / name).write_bytes(paper(title, "10.5555/synthetic.9", text=(f"This copy is called {name}.",)))
    done = cli("import", "--pdfs", "papers", "--as-records", "--json").json
    assert done["records_made"] == 2, "two files of one DOI and title are one record, and a supplement is none"
    record, other = screener.open(blank).records("abstract")
    assert (other.title, other.doi) == (title, "10.5555/synthetic.9")
    assert record.title == "LeadLattice: predicting the embeddings of hidden leads without reconstructing the signal"
    assert record.doi == "10.5555/syn.2024.0263"
    assert {Path(one["path"]).name: one["status"] for one in done["pdfs"]}["afmc-263.pdf"] == "matched"
    assert [row["source"] for row in cli("sources", "--json").json["imports"]] == ["PDFs (read from page one)"]
    table = Path(done["table"])
    rows = list(csv.DictReader(table.open(encoding="utf-8")))
    rows[0]["title"] = "LeadLattice, as a person writes it"
    with table.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    assert cli("import", "--update", "PDFs (read from page one)", table).code == 0
    record = screener.open(blank).records("abstract")[0]
    assert record.title == "LeadLattice, as a person writes it"
    assert cli("import", "--pdfs", "papers", "--as-records", "--json").json["records_made"] == 0
