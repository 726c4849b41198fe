"""A folder of PDFs alone starts a review: `import --pdfs FOLDER --as-records`."""

import csv
import shutil
from pathlib import Path

import pytest
from support import ROOT, SHARED, Cli
from support.documents import paper
from support.records import needs_shared

import screener
from screener.documents import Document, Workers, front_matter
from screener.records import family_first

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
    reasons = {Path(one["path"]).name: (one["reason"], one["known"]) for one in done["pdfs"]}
    assert reasons["afmc-263.pdf"] == ("its record was made from it", False), "and not that it was attached before"
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


def test_a_file_whose_title_cannot_be_read_is_called_as_the_file_or_goes_with_the_paper_of_its_doi(
    blank: Path, cli: Cli
) -> None:
    folder = blank / "papers"
    folder.mkdir()
    title = "synthetic survey of heart beats in records"
    (folder / "one.pdf").write_bytes(paper(title, "10.5555/synthetic.9"))
    text = "doi: 10.5555/synthetic.9\n\nKeywords\nbeats, hearts, records of hearts, surveys of beats and of records\n"
    (folder / "the_same.txt").write_text(text, encoding="utf-8")
    (folder / "a_page_of_a_book.txt").write_text("however, it was not long before they came. Nobody had seen them.\n")
    assert cli("import", "--pdfs", "papers", "--as-records", "--json").json["records_made"] == 2
    assert {record.title for record in screener.open(blank).records("abstract")} == {title, "a page of a book"}


@pytest.mark.slow
def test_authors_of_page_one_are_handed_on_family_first(blank: Path, cli: Cli) -> None:
    (blank / "papers").mkdir()
    names = "<contrib><name><surname>van de Alder</surname><given-names>Ann</given-names></name></contrib>"
    (blank / "papers" / "a.xml").write_text(
        "<article><front><article-meta><title-group><article-title>On runners and how far they came</article-title></title-group>"
        f"<contrib-group>{names}</contrib-group></article-meta></front><body><p>They ran.</p></body></article>"
    )
    assert cli("import", "--pdfs", "papers", "--as-records", "--json").json["records_made"] == 1
    assert screener.open(blank).records("abstract")[0].authors == ("van de Alder, Ann",)
    assert "AU  - van de Alder, Ann\n" in cli("export", "--format", "ris").out
    assert "author = {van de Alder, Ann}," in cli("export", "--format", "bibtex").out


@needs_shared
def test_what_a_reader_should_know_of_a_file_is_told_when_its_record_is_made(blank: Path, cli: Cli) -> None:
    folder = blank / "papers"
    folder.mkdir()
    shutil.copy(SHARED.parent / "cases" / "documents" / "26_hidden_white_text.pdf", folder)
    (told,) = cli("import", "--pdfs", "papers", "--as-records", "--json").json["pdfs"]
    assert told["reason"].startswith("its record was made from it; text that cannot be seen")


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Rens van de Schoot", "van de Schoot, Rens"), ("J. W. Van Orden", "Van Orden, J. W."), ("Li, Wei", "Li, Wei"), ("Plato", "Plato"),
        ("Smith J", "Smith, J"), ("Orden J.W.", "Orden, J.W."), ("J Smith", "Smith, J"), ("Wei LI", "LI, Wei"),
        ("Sam Hill Jr.", "Hill, Sam, Jr."), ("de Vries", "de Vries"), ("The Runners Group", "The Runners Group"), ("World Runners Organization", "World Runners Organization"),
    ],
)  # fmt: skip
def test_names_of_page_one_are_written_family_first(written: str, name: str) -> None:
    assert family_first(written) == name


@needs_shared
@pytest.mark.parametrize(
    ("file", "title", "authors"),
    [
        ("data/pdfs/pypdf_vicksburg_ocr.pdf", "", ()),
        ("data/pdfs/docling_2305.03393_pg9_table.pdf", "", ()),
        ("data/pdfs/grobid_ieee_1_05452615.pdf", "A New Requirement Prioritization Model", ()),
        ("data/pdfs/grobid_arxiv_0807.3577.pdf", "Apparent and average accelerations", ("Krzysztof Bolejko", "Lars Andersson")),
        ("data/ecg-papers/qiu23a.pdf", "Automated Cardiovascular Record Retrieval", ("Jielin Qiu", "Ding Zhao")),
        ("cases/documents/06_repository_cover.pdf", "Tracing networks for resting recordings", ()),
        ("cases/documents/27_decimal_comma.pdf", "Tracing networks for resting recordings", ()),
        ("cases/documents/29_cermine_two_up.pdf", "Heavy Mesons In A Relativistic Model", ("J. Zeng", "W. Roberts")),
    ],
)  # fmt: skip
def test_no_section_no_archive_and_no_sentence_is_a_title_and_no_place_an_author(
    file: str, title: str, authors: tuple[str, ...]
) -> None:
    with Workers() as workers:
        document = workers.parse(SHARED.parent / file)
    assert isinstance(document, Document)
    front = front_matter(document)
    assert front.title.startswith(title)
    assert bool(front.title) == bool(title)
    assert (front.authors[:1], front.authors[-1:]) == (authors[:1], authors[-1:])
