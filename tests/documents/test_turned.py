"""Text that runs up or down a page: a table set sideways is a table, heads of columns stand over their columns."""

from collections.abc import Callable
from pathlib import Path

import pypdf
import pytest
from reportlab.pdfgen.canvas import Canvas
from support.documents import HEIGHT, LEFT, LOREM, draw, lines, row

from screener.documents import Document, Kind, layout, rectangles

pytest.importorskip("pypdfium2", reason="layout needs pypdfium2: install screener[pdf]")

ROWS = (
    ("Model", "Area", "Patients"),
    ("Proposed", "0.913", "1,204"),
    ("Baseline", "0.874", "988"),
)


def of(document: Document, kind: Kind) -> list[str]:
    return [document.text[block.start : block.end] for block in document.blocks if block.kind is kind]


def sideways(angle: int) -> Callable[[Canvas], None]:
    def page(canvas: Canvas) -> None:
        canvas.translate(*((200, 100) if angle == 90 else (400, 700)))
        canvas.rotate(angle)
        canvas.setFont("Helvetica", 9)
        canvas.drawString(0, 0, "Table 2. Results on the ward that was held out.")
        for number, cells in enumerate(ROWS, 1):
            for column, cell in enumerate(cells):
                canvas.drawString(120 * column, -15 * number, cell)

    return page


@pytest.mark.parametrize("angle", [90, 270])
def test_a_table_set_sideways_is_a_table(tmp_path: Path, angle: int) -> None:
    path = draw(tmp_path / "a.pdf", lambda canvas: lines(canvas, list(LOREM), LEFT, 80), sideways(angle))
    document = layout(path)
    assert of(document, Kind.CAPTION) == ["Table 2. Results on the ward that was held out."]
    assert of(document, Kind.TABLE_ROW) == ["\t".join(cells) for cells in ROWS]
    start = document.text.index("0.874")
    (marked,) = rectangles(path, document, start, start + 5)
    ((left, top, right, bottom),) = marked.boxes
    assert bottom - top > 2 * (right - left)


@pytest.mark.parametrize("angle", [90, 270])
def test_a_table_set_sideways_on_a_page_that_is_turned_is_read_as_it_is_seen(tmp_path: Path, angle: int) -> None:
    writer = pypdf.PdfWriter(clone_from=draw(tmp_path / "a.pdf", sideways(angle)))
    writer.pages[0].rotate(angle)
    writer.write(tmp_path / "b.pdf")
    assert of(layout(tmp_path / "b.pdf"), Kind.TABLE_ROW) == ["\t".join(cells) for cells in ROWS]


def test_turned_heads_stand_over_their_columns(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        lines(canvas, [*LOREM, "Table 3. Area by ward."], LEFT, 60)
        for number, name in enumerate(("First ward", "Second ward", "Third ward")):
            canvas.saveState()
            canvas.translate(190 + 60 * number, HEIGHT - 240)
            canvas.rotate(90)
            canvas.setFont("Helvetica", 9)
            canvas.drawString(0, 0, name)
            canvas.restoreState()
        top = 255.0
        for cells in (["Proposed", "0.913", "0.887", "0.790"], ["Baseline", "0.874", "0.851", "0.733"]):
            top = row(canvas, cells, [LEFT, 180, 240, 300], top)
        lines(canvas, list(LOREM), LEFT, top + 20)

    assert of(layout(draw(tmp_path / "a.pdf", page)), Kind.TABLE_ROW) == [
        "First ward\tSecond ward\tThird ward",
        "Proposed\t0.913\t0.887\t0.790",
        "Baseline\t0.874\t0.851\t0.733",
    ]


def test_a_stamp_in_the_margin_and_the_label_of_an_axis_are_no_text(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        lines(canvas, list(LOREM), LEFT, 80)
        for x, text in ((30, "arXiv:2201.00001v1 [cs.LG] 3 Jan 2022"), (300, "Area under the curve")):
            canvas.saveState()
            canvas.translate(x, 300)
            canvas.rotate(90)
            canvas.drawString(0, 0, text)
            canvas.restoreState()

    document = layout(draw(tmp_path / "a.pdf", page))
    assert " ".join(of(document, Kind.TEXT)).split() == " ".join(LOREM).split()
