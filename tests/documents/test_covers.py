"""A page in front of a paper hides neither the paper nor that there is none."""

from pathlib import Path

import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject
from reportlab.pdfgen.canvas import Canvas
from support.documents import LEFT, LOREM, draw, heading, lines

from screener.documents import Candidate, Unreadable, front_matter, layout, match

TITLE = "Tracing networks for resting recordings"
RECORDS = [Candidate("own", TITLE), Candidate("other", "Another study of wards and strips")]
NOTICE = "This is an author produced version. The archive holds 812 items of 94 groups."


def cover(canvas: Canvas) -> None:
    heading(canvas, "Invented Online Archive", LEFT, 60, 14)
    lines(canvas, [NOTICE], LEFT, 120)


def titled(canvas: Canvas) -> None:
    top = heading(canvas, TITLE, LEFT, 60, 16)
    lines(canvas, LOREM, LEFT, heading(canvas, "1 Introduction", LEFT, top))


def repeating(canvas: Canvas) -> None:
    """A cover that bears the title at the same place as the paper does."""
    heading(canvas, TITLE, LEFT, 60, 16)
    lines(canvas, [NOTICE], LEFT, 400)


def citing(canvas: Canvas) -> None:
    top = heading(canvas, "1 Introduction", LEFT, 60)
    lines(canvas, [*LOREM, TITLE, *LOREM], LEFT, top)


def test_the_title_behind_a_cover_is_that_of_the_paper(tmp_path: Path) -> None:
    for number, front in enumerate((cover, repeating)):
        document = layout(draw(tmp_path / f"{number}.pdf", front, titled))
        found = match(document, "download.pdf", RECORDS)
        assert (found.status, found.record_id) == ("matched", "own")
        assert front_matter(document).title == TITLE


def test_the_day_on_which_a_copy_was_made_is_no_year_of_the_paper(tmp_path: Path) -> None:
    def fetched(canvas: Canvas) -> None:
        lines(canvas, [*LOREM, "Downloaded from archive.invented.example on 3 May 2025."], LEFT, 60)

    assert front_matter(layout(draw(tmp_path / "a.pdf", fetched, titled))).year is None


def test_page_two_of_a_paper_that_begins_on_page_one_names_no_record(tmp_path: Path) -> None:
    def first(canvas: Canvas) -> None:
        top = heading(canvas, "A paper about something else", LEFT, 60, 16)
        lines(canvas, LOREM, LEFT, heading(canvas, "Abstract", LEFT, top))

    assert match(layout(draw(tmp_path / "a.pdf", first, titled)), "a.pdf", RECORDS).status == "unmatched"
    assert match(layout(draw(tmp_path / "b.pdf", cover, citing)), "b.pdf", RECORDS).status == "unmatched"


def container(folder: Path, page: str, key: str) -> Path:
    """A PDF of one page whose catalogue says that it is a portfolio or a dynamic form, with a file in it."""
    drawn = draw(folder / "drawn.pdf", lambda canvas: lines(canvas, [page], LEFT, 60) and None)
    writer = PdfWriter(clone_from=PdfReader(drawn))
    writer.add_attachment("paper\n one.pdf", b"%PDF-1.4 invented")
    inner = DictionaryObject({NameObject("/XFA"): TextStringObject("")} if key == "/AcroForm" else {})
    writer.root_object[NameObject(key)] = inner
    path = folder / "made.pdf"
    writer.write(path)
    return path


@pytest.mark.parametrize("baseline", [False, True])
@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("/Collection", "made.pdf is a PDF portfolio, and its page is a cover sheet: save the files in it (paper one.pdf)"),
        ("/AcroForm", "made.pdf is an XFA form, and its page only says so: open it in a program that shows such forms"),
    ],
)  # fmt: skip
def test_a_sheet_in_front_of_other_files_is_no_paper(tmp_path: Path, key: str, told: str, baseline: bool) -> None:
    path = container(tmp_path, "Please wait. Dieses Dokument ist eine Sammlung.", key)
    with pytest.raises(Unreadable) as raised:
        layout(path, baseline=baseline)
    assert str(raised.value).startswith(told)
    assert "\n" not in str(raised.value)


def test_a_paper_with_a_file_in_it_is_a_paper(tmp_path: Path) -> None:
    drawn = draw(tmp_path / "drawn.pdf", titled)
    writer = PdfWriter(clone_from=PdfReader(drawn))
    writer.add_attachment("data.csv", b"1,2")
    writer.write(tmp_path / "made.pdf")
    assert TITLE in layout(tmp_path / "made.pdf").text
