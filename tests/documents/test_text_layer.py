"""The text over the picture of a page is the document's own, at the places where it is printed."""

from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas
from support.documents import LEFT, LOREM, SECOND, draw, lines
from support.scans import write_partly_scanned

from screener.core.errors import BadInput
from screener.documents import layout, page_sizes, page_text, rectangles
from screener.documents.ocr.recognised import RecognisedLine, RecognisedPage

pytest.importorskip("pypdfium2", reason="showing pages needs pypdfium2: install screener[pdf]")


def columns(canvas: Canvas) -> None:
    for number, line in enumerate(LOREM):
        lines(canvas, [line], LEFT, 80 + 12 * number)
        lines(canvas, [line.upper()[:40]], SECOND, 80 + 12 * number)


def test_each_line_is_the_documents_text_in_the_order_in_which_it_is_read(tmp_path: Path) -> None:
    path = draw(tmp_path / "a.pdf", columns, columns)
    document = layout(path)
    for page in (1, 2):
        placed = page_text(path, document, page).lines
        assert [document.text[line.start : line.start + len(line.text)] for line in placed] == [
            line.text for line in placed
        ]
        assert [line.start for line in placed] == sorted(line.start for line in placed)
        assert {document.page_of(line.start) for line in placed} == {page}
        assert "".join("".join(line.text for line in placed).split()) == "".join(document.page_text(page).split())


def test_a_word_of_a_line_stands_where_it_is_marked(tmp_path: Path) -> None:
    def narrow(canvas: Canvas) -> None:
        canvas.setFont("Times-Roman", 10)
        for number, line in enumerate(LOREM):
            canvas.drawString(60, 700 - 14 * number, line)

    path = draw(tmp_path / "a.pdf", narrow)
    document = layout(path)
    placed = page_text(path, document, 1).lines
    assert [len(line.blanks) for line in placed] == [line.text.count(" ") for line in placed]
    line = placed[0]
    offset, left, right = line.blanks[1]
    end = line.text.index(" ", offset)
    ((box,),) = (marked.boxes for marked in rectangles(path, document, line.start + offset, line.start + end))
    assert line.text[offset - 1] == " "
    assert left < right
    assert box[0] == pytest.approx(right, abs=0.5)


def test_words_that_repeat_on_a_page_are_each_tied_to_their_own_place(tmp_path: Path) -> None:
    path = draw(tmp_path / "a.pdf", lambda canvas: lines(canvas, ["The same line of words."] * 4, LEFT, 80))
    document = layout(path)
    placed = page_text(path, document, 1).lines
    assert len({line.start for line in placed}) == 4
    assert [line.box[1] for line in placed] == sorted(line.box[1] for line in placed)
    start = document.text.rindex("The same line of words.")
    shorter = document.model_copy(update={"text": document.text[:start] + "#" * (len(document.text) - start)})
    assert len(page_text(path, shorter, 1).lines) == 3, "no place is given twice"


def test_a_document_that_was_read_otherwise_keeps_the_lines_that_it_has(tmp_path: Path) -> None:
    path = draw(tmp_path / "a.pdf", columns)
    document = layout(path)
    other = document.model_copy(update={"text": document.text.replace(LOREM[1], "#" * len(LOREM[1]))})
    placed = page_text(path, other, 1).lines
    assert LOREM[1] not in [line.text for line in placed]
    assert len(placed) == len(page_text(path, document, 1).lines) - 1
    assert all(other.text.startswith(line.text, line.start) for line in placed)


def test_what_was_recognised_lies_over_the_picture_too(tmp_path: Path) -> None:
    words = RecognisedLine(
        text="accuracy of O.9I3", words=((80, 140), (145, 158), (163, 200)), top=100, bottom=112, confidence=0.61
    )
    page = RecognisedPage(page=2, width=595, height=842, angle=0, lines=(words,), by="rapidocr 3")
    path = write_partly_scanned(tmp_path / "scan.pdf", "We trained an encoder")
    document = layout(path, recognised=[page])
    (line,) = page_text(path, document, 2).lines
    assert (line.text, line.start) == (words.text, document.text.index(words.text))
    assert [blank[1:] for blank in line.blanks] == [(140, 145), (158, 163)]


def test_a_page_or_file_that_is_not_there_is_one_clear_line(tmp_path: Path) -> None:
    path = draw(tmp_path / "a.pdf", columns)
    assert [len(size) for size in page_sizes(path)] == [2]
    text = tmp_path / "a.txt"
    text.write_text("words")
    with pytest.raises(BadInput, match="has no pages to show"):
        page_sizes(text)
