"""A span of the text is marked on the page where it stands, in the frame in which the page is drawn."""

import struct
import zlib
from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas
from support.documents import HEIGHT, LEFT, LOREM, SECOND, WIDTH, draw, lines

from screener.core.errors import BadInput
from screener.documents import layout, rectangles, render

pypdfium2 = pytest.importorskip("pypdfium2", reason="showing pages needs pypdfium2: install screener[pdf]")


def page(canvas: Canvas) -> None:
    for number, line in enumerate(LOREM):
        lines(canvas, [line], LEFT, 80 + 12 * number)
        lines(canvas, [line.upper()[:40]], SECOND, 80 + 12 * number)


def dark(png: bytes) -> tuple[int, int, set[tuple[int, int]]]:
    """Width, height and the dark pixels of a PNG that `render` wrote (no filter, three bytes a pixel)."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", png[16:24])
    start = png.index(b"IDAT") + 4
    length = struct.unpack(">I", png[start - 8 : start - 4])[0]
    rows = zlib.decompress(png[start : start + length])
    stride = 1 + 3 * width
    return (
        width,
        height,
        {
            (x, y)
            for y in range(height)
            for x in range(width)
            if rows[y * stride] == 0 and rows[y * stride + 1 + 3 * x] < 100
        },
    )


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize("cropped", [False, True])
def test_the_marks_cover_the_words_and_nothing_else(tmp_path: Path, rotation: int, cropped: bool) -> None:
    def alone(canvas: Canvas) -> None:
        canvas.setPageRotation(rotation)
        if cropped:
            canvas.setCropBox((20, 40, WIDTH - 10, HEIGHT - 30))
        if rotation in (90, 270):  # so that the words are upright where the page is shown
            canvas.translate(300, 300)
            canvas.rotate(rotation)
            canvas.drawString(0, 0, "Marked words of the test")
        else:
            canvas.translate(300, 300)
            canvas.rotate(rotation)
            canvas.drawString(0, 0, "Marked words of the test")

    path = draw(tmp_path / "a.pdf", alone)
    document = layout(path)
    assert document.text == "Marked words of the test"
    (marked,) = rectangles(path, document, 0, len(document.text))
    ((left, top, right, bottom),) = marked.boxes
    width, height, pixels = dark(render(path, 1, scale=1.0))
    assert (width, height) == (pytest.approx(marked.width, abs=1.5), pytest.approx(marked.height, abs=1.5))
    assert pixels
    assert min(x for x, _ in pixels) == pytest.approx(left, abs=2)
    assert max(x for x, _ in pixels) == pytest.approx(right, abs=2)
    assert min(y for _, y in pixels) == pytest.approx(top, abs=2)
    assert max(y for _, y in pixels) == pytest.approx(bottom, abs=2)


def test_a_quote_over_two_lines_has_two_boxes_that_hold_its_words(tmp_path: Path) -> None:
    path = draw(tmp_path / "a.pdf", page)
    document = layout(path)
    start = document.text.index("many recordings")
    end = document.text.index("hospitals in") + len("hospitals")
    (marked,) = rectangles(path, document, start, end)
    assert len(marked.boxes) == 2
    file = pypdfium2.PdfDocument(path)
    textpage = file[0].get_textpage()
    words = [
        textpage.get_text_bounded(left - 1, marked.height - bottom - 1, right + 1, marked.height - top + 1).strip()
        for left, top, right, bottom in marked.boxes
    ]
    assert " ".join(words) == document.text[start:end].replace("\n", " ")
    file.close()


def test_a_span_over_a_page_break_is_marked_on_both_pages(tmp_path: Path) -> None:
    path = draw(tmp_path / "a.pdf", page, page)
    document = layout(path)
    assert [marked.page for marked in rectangles(path, document, document.pages[1] - 20, document.pages[1] + 20)] == [
        1,
        2,
    ]


def test_a_link_is_marked_where_its_annotation_is(tmp_path: Path) -> None:
    def linked(canvas: Canvas) -> None:
        page(canvas)
        canvas.linkURL("https://example.org/code", (100, 700, 200, 720))

    path = draw(tmp_path / "a.pdf", linked)
    document = layout(path)
    start = document.text.index("https://")
    (marked,) = rectangles(path, document, start, start + 10)
    assert marked.boxes == (pytest.approx((100, HEIGHT - 720, 200, HEIGHT - 700), abs=1),)


def test_a_document_that_was_read_otherwise_is_marked_by_its_words(tmp_path: Path) -> None:
    path = draw(tmp_path / "a.pdf", page)
    document = layout(path, baseline=True)
    start = document.text.index("four hospitals in the north")
    (marked,) = rectangles(path, document, start, start + 27)
    assert marked.boxes[0][1] == pytest.approx(80 + 12 - 7, abs=3)


def test_a_page_that_is_not_there_and_a_text_file_are_bad_input(tmp_path: Path) -> None:
    path = draw(tmp_path / "a.pdf", page)
    with pytest.raises(BadInput, match="from 1 to 1"):
        render(path, 2)
    (tmp_path / "b.txt").write_text("words", encoding="utf-8")
    with pytest.raises(BadInput, match="text"):
        render(tmp_path / "b.txt", 1)
