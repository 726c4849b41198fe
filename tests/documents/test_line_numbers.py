"""Numbers of lines in the margin of a manuscript are no part of its text; numbers of a table or list are."""

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas
from support.documents import HEIGHT, LEADING, LEFT, LOREM, draw, lines, row

from screener.documents import Document, Kind, layout

pytest.importorskip("pypdfium2", reason="layout needs pypdfium2: install screener[pdf]")

TEXT = (
    *LOREM,
    "In the second ward nurses of the night shift enrolled 41",
    "patients in spring and none of these was shown to it.",
    *LOREM,
)


def numbered(
    first: int = 1, every: int = 1, at: Iterable[str] = ("left",), text: tuple[str, ...] = TEXT, x: float = LEFT
) -> Callable[[Canvas], None]:
    """A page of text with the number of each line, or of each fifth, beside it."""

    def page(canvas: Canvas) -> None:
        for place, line in enumerate(text):
            top = 80 + LEADING * place
            lines(canvas, [line], x, top)
            if (first + place) % every == 0:
                canvas.setFont("Helvetica", 6)
                if "left" in at:
                    canvas.drawRightString(x - 14, HEIGHT - top, str(first + place))
                if "right" in at:
                    canvas.drawString(x + 260, HEIGHT - top, str(first + place))

    return page


def flow(document: Document) -> str:
    return "\n".join(document.text[block.start : block.end] for block in document.blocks if block.kind is Kind.TEXT)


@pytest.mark.parametrize("at", [("left",), ("right",), ("left", "right")])
@pytest.mark.parametrize("every", [1, 5])
@pytest.mark.parametrize("second", [1, 17], ids=["restarts", "goes on"])
def test_numbers_of_lines_are_no_part_of_the_text(tmp_path: Path, at: tuple[str, ...], every: int, second: int) -> None:
    path = draw(tmp_path / "a.pdf", numbered(1, every, at), numbered(second, every, at, tuple(reversed(TEXT))))
    document = layout(path)
    assert document.text.split() == [*" ".join(TEXT).split(), *" ".join(reversed(TEXT)).split()]
    assert "enrolled 41\npatients" in document.text
    assert document.warnings == ("numbers of lines in the margin of page 1-2 are left out",)


def test_numbers_between_two_columns_go_on_with_those_before_them(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        numbered(1)(canvas)
        numbered(len(TEXT) + 1, text=tuple(reversed(TEXT)), x=LEFT + 290)(canvas)

    document = layout(draw(tmp_path / "a.pdf", page))
    assert document.text.split() == [*" ".join(TEXT).split(), *" ".join(reversed(TEXT)).split()]


def test_the_numbers_of_a_table_of_a_list_and_of_references_stay(tmp_path: Path) -> None:
    def table(canvas: Canvas) -> None:
        top = lines(canvas, ["Table 1. Wards by number, as they were opened"], LEFT, 60)
        for number in range(1, 9):
            top = row(
                canvas, [str(number), f"ward {number}", f"{40 + number} patients of the ward"], [60, 90, 200], top
            )
        lines(canvas, list(LOREM), LEFT, top + 20)

    def references(canvas: Canvas) -> None:
        for number in range(1, 16):
            top = 60 + 2 * LEADING * number
            lines(canvas, [str(number)], LEFT, top)
            lines(canvas, ["Alder P. A network for recordings. J Invented 2019"], LEFT + 20, top)
            if number % 3:
                lines(canvas, ["with a second line of more than twenty letters"], LEFT + 20, top + LEADING)

    document = layout(draw(tmp_path / "a.pdf", table, references))
    assert [f"{number}\tward {number}\t" in document.text for number in range(1, 9)] == [True] * 8
    assert "15" in document.page_text(2).split()
    assert not document.warnings
