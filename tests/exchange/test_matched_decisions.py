"""Which record a decision is of: what an identifier says, a title may contradict. Then it is nobody's, and listed."""

import csv
import sqlite3
from pathlib import Path

import pytest
from support import BroughtOnce, Cli, Later
from support.web_app import small_review

openpyxl = Later("openpyxl")

HEAD = "title,doi"
TITLE, DOI, OTHER = (
    "Exercise training after kidney transplantation",
    "10.5555/suppl.2020.s1",
    "Home monitoring in pregnancy",
)
RIS = "TY  - JOUR\nTI  - {title}\nDO  - {doi}\nN1  - {note}\nER  - \n"


@pytest.fixture
def folder(tmp_path: Path, cli: Cli, brought_once: BroughtOnce) -> Path:
    """A review with one record of that DOI, which has another title, and one with a PMID."""
    folder = tmp_path / "review"
    brought_once("two-more", folder, lambda: with_two_more(tmp_path, folder, cli))
    return folder


def with_two_more(tmp_path: Path, folder: Path, cli: Cli) -> None:
    small_review(folder, 1)
    records = tmp_path / "records.csv"
    records.write_text(
        f"title,doi,pmid\n{OTHER}: a cohort,{DOI},\nBlood pressure at high altitude,10.5555/b,4711\n", encoding="utf-8"
    )
    assert cli("import", records, "--review", folder).code == 0


def label(cli: Cli, folder: Path, file: Path, *more: str) -> dict[str, list[dict[str, object]]]:
    done = cli("label", file, "--stage", "abstract", "--review", folder, "--json", *more)
    return done.json  # type: ignore[no-any-return]


def workbook(path: Path, rows: list[list[str]]) -> None:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)  # type: ignore[union-attr]
    book.save(path)


def written(folder: Path, form: str, title: str) -> tuple[Path, tuple[str, ...]]:
    """A decision on a title with that DOI, as a tool writes it, and the options it needs."""
    suffix = {"ris_rayyan": "ris", "ris_asreview": "ris", "ris_list": "ris", "xlsx": "xlsx"}.get(form, "csv")
    path = folder.parent / ("review_1_excluded_csv.csv" if form == "covidence" else f"{form}.{suffix}")
    note = 'RAYYAN-INCLUSION: {"anna"=>"Excluded"}'
    quoted = note.replace('"', '""')
    texts = {
        "plain": f"title,doi,decision\n{title},{DOI},exclude\n",
        "columns": f"title,doi,first\n{title},https://doi.org/{DOI.upper()},0\n",
        "list": f"title,doi\n{title},{DOI}\n",
        "rayyan": f'key,title,url,notes\nrayyan-1,{title},https://doi.org/{DOI},"{quoted}"\n',
        "asreview": f"record_id,title,doi,asreview_label\n0,{title},{DOI},0\n",
        "covidence": f"Title,Authors,DOI,Covidence #\n{title},,{DOI},#9\n",
        "ris_rayyan": RIS.format(title=title, doi=DOI, note=note),
        "ris_asreview": RIS.format(title=title, doi=DOI, note="ASReview_irrelevant"),
        "ris_list": RIS.format(title=title, doi=DOI, note="x"),
    }
    if form == "xlsx":
        workbook(path, [["title", "doi", "decision"], [title, DOI, "exclude"]])
    else:
        path.write_text(texts[form], encoding="utf-8")
    options = {"columns": ("--column", "first=anna"), "rayyan": (), "ris_rayyan": ()}.get(form, ("--reviewer", "anna"))
    return path, (*options, *(("--decision", "exclude") if form in ("list", "ris_list") else ()))


FORMS = [
    "plain",
    "columns",
    "list",
    "rayyan",
    "asreview",
    "covidence",
    "ris_rayyan",
    "ris_asreview",
    "ris_list",
    "xlsx",
]


@pytest.mark.parametrize("form", FORMS)
def test_a_decision_whose_doi_is_that_of_another_title_is_listed_in_every_format(
    folder: Path, cli: Cli, form: str
) -> None:
    file, options = written(folder, form, TITLE)
    done = label(cli, folder, file, *options)
    assert done["entered"] == 0
    [rejected] = done["rejected"]
    assert rejected["row"] == 1
    assert f"the DOI {DOI} is that of another title, “{OTHER}: a cohort”" in str(rejected["reason"])
    # The same row with the title as another tool has it is entered.
    file, options = written(folder, form, OTHER.upper())
    assert label(cli, folder, file, *options)["entered"] == 1


def test_a_pmid_of_another_title_and_identifiers_of_two_records_are_nobodys(folder: Path, cli: Cli) -> None:
    file = folder.parent / "rows.csv"
    file.write_text(
        f"id,title,doi,pmid,decision\n,{TITLE},,4711,0\n,,{DOI},4711,0\nr0,,10.5555/b,,0\n,Blood pressure at high alti…,,4711,0\n"
        "doi:10.5555/B,,,,0\nPMID: 4711,,,,0\nr0,,,,1\n"
    )
    done = label(cli, folder, file, "--reviewer", "anna")
    reasons = {row["row"]: str(row["reason"]) for row in done["rejected"]}
    assert sorted(reasons) == [1, 2, 3]
    assert "the PMID 4711 is that of another title" in reasons[1]
    assert "identifiers are those of different records" in reasons[2]
    assert "its id is that of r0, but its identifiers are those of" in reasons[3]
    assert done["entered"] == 2


def test_the_number_of_another_tool_counts_only_beside_the_title(folder: Path, cli: Cli) -> None:
    file = folder.parent / "covidence_included.csv"
    file.write_text("Title,Covidence #\n,r0\nPaper 0 on the ECG,r0\n")
    done = label(cli, folder, file, "--reviewer", "anna", "--decision", "include")
    assert (done["entered"], [row["row"] for row in done["rejected"]]) == (1, [1])


def test_a_gold_label_beside_another_title_has_no_record(folder: Path, cli: Cli) -> None:
    from screener.core.judgement import Stage
    from screener.gold import load_gold, placed_labels
    from screener.ledger import Ledger
    from screener.protocol import Review

    (folder / "gold").mkdir(exist_ok=True)
    (folder / "gold" / "gold.yaml").write_text("name: labels\nstatus: human\nsplit: {salt: s}\n")
    with (folder / "gold" / "abstract.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(
            [["id", "decision", "title", "doi"], ["g1", "include", TITLE, DOI], ["g2", "include", f"{OTHER} [Review]", DOI],
             ["r0", "exclude", "Something else", ""], ["doi:10.5555/b", "exclude", "", ""]]
        )  # fmt: skip
    review = Review(folder)
    gold = load_gold(review, Stage.ABSTRACT)
    assert gold is not None
    placed = {label.id: label.record for label in placed_labels(Ledger.of(review.hidden), gold)}
    with sqlite3.connect(folder / ".screener" / "ledger.db") as connection:
        ids = dict(connection.execute("SELECT json_extract(body, '$.doi'), id FROM records"))
    assert placed == {"g1": None, "g2": ids[DOI], "r0": None, "doi:10.5555/b": ids["10.5555/b"]}
