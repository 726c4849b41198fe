"""A document is attached to the record that it says it is, never to one that it merely cites."""

from collections.abc import Callable
from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas
from support.documents import LEFT, LOREM, SECOND, draw, heading, lines

from screener.documents import Candidate, Document, Matched, layout, match

TITLE = "A foundation model for the analysis of long ambulatory recordings"
OTHER = "Contrastive pretraining of large encoders on hospital archives"
ALPHA = Candidate("alpha", TITLE, doi="10.1234/abc.2024.001", arxiv="2408.05178", pmid="38000001", year=2024)
BETA = Candidate("beta", OTHER, doi="10.5678/xyz-77", pmid="38000002", year=2023)
BOTH = [ALPHA, BETA]


def paper(
    folder: Path,
    *,
    title: str = "",
    front: tuple[str, ...] = (),
    body: tuple[str, ...] = (),
    references: tuple[str, ...] = (),
    stamp: str = "",
    info: str = "",
    link: str = "",
) -> Document:
    def page(canvas: Canvas) -> None:
        if info:
            canvas.setTitle(info)
        top = 60.0
        if title:
            words, size = title.split(), 5
            for start in range(0, len(words), size):
                top = lines(canvas, [" ".join(words[start : start + size])], LEFT, top, 16)
        top = lines(canvas, front, LEFT, top + 6)
        top = heading(canvas, "Abstract", LEFT, top + 6)
        top = lines(canvas, LOREM, LEFT, top)
        top = heading(canvas, "1 Introduction", LEFT, top + 6)
        top = lines(canvas, [*LOREM, *body], LEFT, top)
        if references:
            top = heading(canvas, "References", LEFT, top + 6)
            lines(canvas, references, LEFT, top)
        if stamp:
            canvas.saveState()
            canvas.translate(25, 300)
            canvas.rotate(90)
            canvas.drawString(0, 0, stamp)
            canvas.restoreState()
        if link:
            canvas.linkURL(link, (LEFT, 842 - 75, LEFT + 100, 842 - 60))

    return layout(draw(folder / "made.pdf", page))


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Document]:
    return lambda **parts: paper(tmp_path, **parts)


def found(document: Document, name: str = "download (3).pdf") -> Matched:
    return match(document, name, BOTH)


@pytest.mark.parametrize(
    "line",
    [
        "https://doi.org/10.1234/abc.2024.001",
        "DOI: 10.1234/ABC.2024.001.",
        "bioRxiv preprint doi: https://doi.org/10.1234/abc.2024.001v2; this version posted",
    ],
)
def test_a_doi_at_the_head_of_page_one(make: Callable[..., Document], line: str) -> None:
    assert found(make(title="An unknown heading of sorts", front=(line,))).record_id == "alpha"


def test_a_longer_doi_is_another_work(make: Callable[..., Document]) -> None:
    assert found(make(front=("doi:10.1234/abc.2024.0012",))).status == "unmatched"


def test_a_doi_that_only_a_link_annotation_has(make: Callable[..., Document]) -> None:
    assert found(make(link="https://doi.org/10.1234%2Fabc.2024.001")).record_id == "alpha"


@pytest.mark.parametrize("where", ["references", "body"])
def test_a_doi_that_is_cited_matches_nothing(make: Callable[..., Document], where: str) -> None:
    cited = ("[1] A. Author, Some work, 2024. https://doi.org/10.1234/abc.2024.001",)
    assert found(make(title="An unknown heading of sorts", **{where: cited})).status == "unmatched"


def test_the_link_of_a_reference_matches_nothing(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        lines(canvas, ["A short letter that nobody knows"], LEFT, 60, 16)
        top = lines(canvas, LOREM, LEFT, 90)
        top = heading(canvas, "References", LEFT, top)
        lines(canvas, ["[1] A. Author. Some work of theirs. Journal 1 (2020)."], LEFT, top)
        canvas.linkURL("https://doi.org/10.1234/abc.2024.001", (LEFT, 842 - top - 3, LEFT + 200, 842 - top + 8))

    document = layout(draw(tmp_path / "a.pdf", page))
    assert document.links
    assert found(document).status == "unmatched"


def test_a_cited_record_does_not_disturb_the_match(make: Callable[..., Document]) -> None:
    document = make(title=OTHER, front=("doi:10.5678/xyz-77",), references=(f"[1] A. {TITLE}. 10.1234/abc.2024.001",))
    assert found(document) == Matched("matched", "beta", "DOI on page one and title on page one", ("beta",))


def test_the_stamp_of_arxiv_in_the_margin(make: Callable[..., Document]) -> None:
    document = make(title="An unknown heading of sorts", stamp="arXiv:2408.05178v2 [cs.LG] 9 Aug 2024")
    assert found(document).how == "arXiv id on page one"
    assert found(document).record_id == "alpha"


def test_an_arxiv_doi_of_the_record_is_an_arxiv_id(make: Callable[..., Document]) -> None:
    record = Candidate("gamma", "Some other title", doi="10.48550/arXiv.2408.05178")
    assert match(make(stamp="arXiv:2408.05178v1 [cs.LG]"), "x.pdf", [record, BETA]).record_id == "gamma"


def test_a_title_over_several_lines(make: Callable[..., Document]) -> None:
    assert found(make(title=TITLE)).record_id == "alpha"
    assert found(make(title=TITLE.upper())).record_id == "alpha"


def test_a_title_in_the_metadata(make: Callable[..., Document]) -> None:
    assert found(make(info=TITLE)).record_id == "alpha"


def test_a_title_that_a_sentence_names_matches_nothing(make: Callable[..., Document]) -> None:
    document = make(
        title="An unknown heading of sorts", body=(f"as in “{TITLE}” by others",), references=(f"1. {TITLE}.",)
    )
    assert found(document).status == "unmatched"


def test_the_same_title_on_two_records_is_ambiguous_until_something_else_tells(make: Callable[..., Document]) -> None:
    twins = [ALPHA, Candidate("alpha-journal", TITLE, doi="10.9999/j.1")]
    seen = match(make(title=TITLE), "x.pdf", twins)
    assert (seen.status, seen.record_id, seen.candidates) == ("ambiguous", None, ("alpha", "alpha-journal"))
    assert match(make(title=TITLE, stamp="arXiv:2408.05178v1 [cs.LG]"), "x.pdf", twins).record_id == "alpha"
    assert match(make(title=TITLE, front=("doi:10.9999/j.1",)), "x.pdf", twins).record_id == "alpha-journal"


def test_a_short_title_must_be_the_heading_itself(make: Callable[..., Document]) -> None:
    short = Candidate("short", "Heart Talk")
    assert match(make(title="Heart Talk"), "x.pdf", [short]).record_id == "short"
    assert match(make(title="More Heart Talk of the town"), "x.pdf", [short]).status == "unmatched"


def test_of_two_similar_titles_the_one_to_the_letter(make: Callable[..., Document]) -> None:
    series = [Candidate(f"part{n}", f"Models of the long ambulatory recording, part {n}") for n in (1, 2)]
    assert match(make(title="Models of the long ambulatory recording, part 2"), "x.pdf", series).record_id == "part2"


@pytest.mark.parametrize(
    ("name", "record"),
    [
        ("alpha.pdf", "alpha"),
        ("2408.05178v2.pdf", "alpha"),
        ("10.1234_abc.2024.001.pdf", "alpha"),
        ("10.5678%2Fxyz-77.pdf", "beta"),
        ("38000002.pdf", "beta"),
        ("Contrastive_pretraining_of_large_encoders_on_hospital_archives.pdf", "beta"),
        ("a foundation model for the analysis of long amb.pdf", "alpha"),
        ("download (3).pdf", None),
        ("a.pdf", None),
    ],
)
def test_the_name_of_the_file(make: Callable[..., Document], name: str, record: str | None) -> None:
    assert found(make(title="An unknown heading of sorts"), name).record_id == record


def test_two_rules_that_point_at_different_records_are_ambiguous_and_name_both(make: Callable[..., Document]) -> None:
    for document, name in (
        (make(title=OTHER, front=("doi:10.1234/abc.2024.001",)), "x.pdf"),
        (make(title=OTHER), "2408.05178v2.pdf"),
        (make(title=TITLE), "beta.pdf"),
        (make(front=("doi:10.1234/abc.2024.001", "doi:10.5678/xyz-77")), "x.pdf"),
    ):
        seen = found(document, name)
        assert (seen.status, seen.record_id, seen.candidates) == ("ambiguous", None, ("alpha", "beta"))
        assert "alpha" in seen.how
        assert "beta" in seen.how


@pytest.mark.parametrize("notice", ["Correction to: ", "Retraction: ", "Comment on "])
def test_a_notice_about_a_record_is_not_attached_to_it(make: Callable[..., Document], notice: str) -> None:
    seen = found(make(title=notice + TITLE, front=("doi:10.1234/abc.2024.001",)))
    assert (seen.status, seen.candidates) == ("ambiguous", ("alpha",))


def test_another_doi_than_the_records_is_said(make: Callable[..., Document]) -> None:
    seen = found(make(title=TITLE, front=("doi:10.7777/preprint.5",)))
    assert seen.record_id == "alpha"
    assert "10.7777/preprint.5" in seen.how


def test_a_page_of_two_columns_with_its_doi_in_the_foot(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        lines(canvas, ["Some heading across the page that nobody knows"], LEFT, 60, 16)
        top = heading(canvas, "1 Introduction", LEFT, 90)
        lines(canvas, LOREM * 3, LEFT, top)
        lines(canvas, LOREM * 3, SECOND, 90)
        lines(canvas, ["https://doi.org/10.1234/abc.2024.001"], LEFT, 800, 7)

    assert found(layout(draw(tmp_path / "a.pdf", page))).record_id == "alpha"


def test_a_scan_is_matched_by_its_name_alone(make: Callable[..., Document]) -> None:
    empty = Document(text="", pages=(0,), blocks=(), reader="none", scan=True)
    assert found(empty, "10.1234_abc.2024.001.pdf").record_id == "alpha"
    assert found(empty).status == "unmatched"
    assert "no text" in found(empty).how
