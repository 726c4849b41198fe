"""What the real files of ../shared/data/pdfs give. Their text is read at test time and not part of the project."""

import subprocess
from pathlib import Path
from shutil import which

import pytest

from screener.documents import Candidate, Document, Failure, FailureKind, Kind, Workers, layout, match
from screener.text.quotes import locate

pytest.importorskip("pypdfium2", reason="layout needs pypdfium2: install screener[pdf]")

PASSWORDS = ("1234", "test")
IEEE = "grobid_ieee_1_05452615.pdf"
ARXIV = "grobid_arxiv_0807.3577.pdf"
JOURNAL = "colrev_Wagner2022_AI_literature_reviews.pdf"
OVERVIEW = "clef2017_tar_overview.pdf"
TABLE = "docling_2305.03393_pg9_table.pdf"
COLUMNS = "pypdf_multicolumn.pdf"


@pytest.fixture(scope="module")
def pdfs(shared: Path) -> Path:
    folder = shared / "pdfs"
    if not folder.is_dir():
        pytest.skip("the real PDFs are not here (../shared/data/pdfs beside the repository)")
    return folder


@pytest.fixture(scope="module")
def outcomes(pdfs: Path) -> dict[str, Document | Failure]:
    with Workers(2) as workers:
        return {path.name: found for path, found in workers.parse_all(sorted(pdfs.glob("*.pdf")), PASSWORDS)}


def test_every_file_gives_a_document_or_one_line(outcomes: dict[str, Document | Failure]) -> None:
    seen = {
        name: found.kind.value if isinstance(found, Failure) else ("scan" if found.scan else len(found.pages))
        for name, found in outcomes.items()
    }
    assert seen == {
        OVERVIEW: 29,
        JOURNAL: 18,
        "derived_truncated_ieee.pdf": "malformed",
        TABLE: 1,
        "docling_encrypted_2206.01062_pg3.pdf": 1,
        "docling_ocr_scan.pdf": "scan",
        ARXIV: 15,
        IEEE: 8,
        "pdfplumber_empty.pdf": "empty",
        "pdfplumber_malformed_932.pdf": "scan",
        "pdfplumber_password.pdf": 4,
        COLUMNS: 3,
        "pypdf_vicksburg_ocr.pdf": 6,
    }
    assert all("\n" not in found.reason for found in outcomes.values() if isinstance(found, Failure))


@pytest.mark.parametrize("name", ["docling_encrypted_2206.01062_pg3.pdf", "pdfplumber_password.pdf"])
def test_encrypted_files_without_their_password_are_named(pdfs: Path, name: str) -> None:
    with Workers(1) as workers:
        found = workers.parse(pdfs / name)
    assert isinstance(found, Failure)
    assert found.kind is FailureKind.ENCRYPTED
    assert found.reason.startswith(name)


def document(outcomes: dict[str, Document | Failure], name: str) -> Document:
    found = outcomes[name]
    assert isinstance(found, Document)
    return found


@pytest.mark.parametrize(
    ("name", "order"),
    [
        (IEEE, ["I. INTRODUCTION", "Due to the emergence of markets", "II. RELATED AREA", "Findings indicate that"]),
        (
            JOURNAL,
            ["The potential of artificial intelligence", "the benefit of the research field", "In this essay, we"],
        ),
        (COLUMNS, ["Lorem ipsum dolor sit amet", "pellentesque ante. Phasellus", "lacus vel est. Curabitur"]),
        (ARXIV, ["In the averaging approach", "Let us first focus on supernova", "the most significant feature is"]),
    ],
)
def test_reading_order(outcomes: dict[str, Document | Failure], name: str, order: list[str]) -> None:
    text = document(outcomes, name).text
    places = [text.index(each) for each in order]
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("name", "sections"),
    [
        (IEEE, ["I. INTRODUCTION", "II. RELATED AREA AND LITERATURE STUDY", "VI. CONCLUSION", "VII. REFERENCES"]),
        (OVERVIEW, ["1 Introduction", "4 Evaluation", "6.2 Drawing a Threshold", "7 Conclusions", "References"]),
        (JOURNAL, ["Abstract", "Step 5: Data extraction", "Funding", "References", "Author Biographies"]),
    ],
)
def test_sections(outcomes: dict[str, Document | Failure], name: str, sections: list[str]) -> None:
    known = dict.fromkeys(block.section for block in document(outcomes, name).blocks)
    assert [each for each in known if each in sections] == sections


@pytest.mark.parametrize("name", [IEEE, OVERVIEW, ARXIV, JOURNAL])
def test_references_are_apart_from_the_text(outcomes: dict[str, Document | Failure], name: str) -> None:
    found = document(outcomes, name)
    kinds = [block.kind for block in found.blocks]
    assert kinds.count(Kind.REFERENCE) > 15
    first = kinds.index(Kind.REFERENCE)
    assert found.blocks[first].start > 0.6 * len(found.text)


def test_tables_are_rows(outcomes: dict[str, Document | Failure]) -> None:
    def rows(name: str) -> list[str]:
        found = document(outcomes, name)
        return [found.text[each.start : each.end] for each in found.blocks if each.kind is Kind.TABLE_ROW]

    assert "HTML\t0.969\t0.927\t0.955\t0.857\t5.39" in rows(TABLE)
    assert "Belgium\t11.5\t30,689\tBrussels\tDutch, French, German" in rows(COLUMNS)
    assert "R2\t0.13\t0.15\t0.33\t0.15\t0.76" in rows(IEEE)


def test_running_heads_are_known(outcomes: dict[str, Document | Failure]) -> None:
    for name, head in ((JOURNAL, "Journal of Information Technology 37(2)"), (ARXIV, "JCAP10(2008)003")):
        found = document(outcomes, name)
        heads = [found.text[each.start : each.end] for each in found.blocks if each.kind is Kind.RUNNING_HEAD]
        assert heads.count(head) > 5


def test_accents_drawn_apart_from_their_letters_are_put_on_them(outcomes: dict[str, Document | Failure]) -> None:
    assert "(Templier and Paré, 2018)" in document(outcomes, JOURNAL).text
    assert "Lemaître–Tolman" in document(outcomes, ARXIV).text


@pytest.mark.slow
def test_another_extractors_sentences_are_found_on_their_pages(pdfs: Path) -> None:
    if which("pdftotext") is None:
        pytest.skip("pdftotext (poppler-utils) is not installed")
    wanted = placed = 0
    for name in (IEEE, JOURNAL, OVERVIEW, COLUMNS):
        done = subprocess.run(["pdftotext", "-enc", "UTF-8", pdfs / name, "-"], capture_output=True, check=True)
        found = layout(pdfs / name)
        for number, page in enumerate(done.stdout.decode("utf-8").split("\f"), 1):
            for paragraph in page.split("\n\n"):
                if len(paragraph) < 400:  # tables and labels: what counts as a line differs
                    continue
                place = locate(" ".join(paragraph[100:250].split()[1:-1]), found.text)
                wanted += 1
                placed += place.start is not None and found.page_of(place.start) == number
    assert wanted > 100
    # The rest are cells, formulas and names of authors, which the two programs take in different order: a head of three
    # lines is read here as a whole, there line by line over all columns.
    assert placed / wanted > 0.87


def test_real_papers_find_their_records(outcomes: dict[str, Document | Failure]) -> None:
    candidates = [
        Candidate(
            "ieee",
            "A new requirement prioritization model for market driven products using analytical hierarchical process",
            doi="10.1109/DSDE.2010.49",
        ),
        Candidate("jcap", "Apparent and average accelerations of the Universe", arxiv="0807.3577"),
        Candidate("jit", "Artificial intelligence and the conduct of literature reviews", "10.1177/02683962211048201"),
        Candidate("clef", "CLEF 2017 technologically assisted reviews in empirical medicine overview"),
        Candidate("cited", "Tsafnat: Systematic review automation technologies", doi="10.1186/2046-4053-3-74"),
    ]
    expected = {IEEE: "ieee", ARXIV: "jcap", JOURNAL: "jit", OVERVIEW: "clef", COLUMNS: None, TABLE: None}
    for name, record in expected.items():
        assert match(document(outcomes, name), "download.pdf", candidates).record_id == record
