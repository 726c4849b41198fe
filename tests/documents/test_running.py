"""What stands on the pages rather than in the text, and what only looks as if it did."""

from collections.abc import Callable
from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas
from support.documents import HEIGHT, LEFT, LOREM, WIDTH, draw, heading, lines, row

from screener.documents import Document, Kind, layout

pytest.importorskip("pypdfium2", reason="layout needs pypdfium2: install screener[pdf]")

PROSE = tuple(reversed(LOREM))
CELLS = [LEFT, 160, 260]


def of(document: Document, kind: Kind) -> list[str]:
    return [document.text[block.start : block.end] for block in document.blocks if block.kind is kind]


def test_rows_of_a_table_at_the_edge_of_a_page_are_no_running_heads(tmp_path: Path) -> None:
    def page(first: int) -> Callable[[Canvas], None]:
        def inner(canvas: Canvas) -> None:
            top = row(canvas, ["Ward", "Patients", "Area"], CELLS, 60)
            for n in range(first, first + 6):
                top = row(canvas, [f"ward {n}", str(100 + n), f"0.9{n:02}"], CELLS, top)
            lines(canvas, list(LOREM) * 4, LEFT, top + 20)
            for n in range(first + 40, first + 45):
                row(canvas, [f"ward {n}", str(100 + n), f"0.9{n:02}"], CELLS, 740 + 12 * (n - first - 40))

        return inner

    document = layout(draw(tmp_path / "a.pdf", *[page(1 + 6 * number) for number in range(4)]))
    assert not of(document, Kind.RUNNING_HEAD)
    rows = of(document, Kind.TABLE_ROW)
    assert "Ward\tPatients\tArea" in rows
    for first in (1, 7, 13, 19):
        assert {f"ward {n}\t{100 + n}\t0.9{n:02}" for n in range(first, first + 6)} <= set(rows)
        assert {f"ward {n}\t{100 + n}\t0.9{n:02}" for n in range(first + 40, first + 45)} <= set(rows)


def test_a_head_with_the_number_of_its_page_and_the_number_alone_are_running_heads(tmp_path: Path) -> None:
    def page(number: int) -> Callable[[Canvas], None]:
        def inner(canvas: Canvas) -> None:
            lines(canvas, [f"Invented Journal 4 (2021) 117: {number} of 24"], LEFT, 40)
            lines(canvas, list(LOREM[number % 3 :]) + list(PROSE), LEFT, 80)
            lines(canvas, [str(number)], WIDTH / 2, HEIGHT - 30)

        return inner

    document = layout(draw(tmp_path / "a.pdf", *[page(number) for number in range(7, 13)]))
    heads = " ".join(of(document, Kind.RUNNING_HEAD)).split()
    assert heads.count("Journal") == 6
    assert {str(number) for number in range(7, 13)} <= set(heads)
    assert not any("Journal" in text for text in of(document, Kind.TEXT))


def test_a_title_on_a_cover_and_on_the_paper_is_a_title_twice(tmp_path: Path) -> None:
    def cover(canvas: Canvas) -> None:
        heading(canvas, "Tracing networks for resting recordings", LEFT, 60, 14)
        lines(canvas, list(LOREM), LEFT, 120)

    def paper(canvas: Canvas) -> None:
        heading(canvas, "Tracing networks for resting recordings", LEFT, 60, 14)
        lines(canvas, list(PROSE) * 3, LEFT, 120)

    document = layout(draw(tmp_path / "a.pdf", cover, paper))
    assert of(document, Kind.HEADING) == ["Tracing networks for resting recordings"] * 2


@pytest.mark.parametrize("angle", [0, 45, 60])
@pytest.mark.parametrize("pages", [1, 3])
def test_a_watermark_is_neither_a_heading_nor_part_of_a_sentence(tmp_path: Path, angle: int, pages: int) -> None:
    def page(canvas: Canvas) -> None:
        canvas.saveState()
        canvas.setFillGray(0.85)
        canvas.translate(150, 500)
        canvas.rotate(angle)
        canvas.setFont("Helvetica-Bold", 50)
        canvas.drawString(0, 0, "PREPRINT")
        canvas.restoreState()
        top = heading(canvas, "2 Methods", LEFT, 80 + canvas.getPageNumber() * 30)
        lines(canvas, list(LOREM) * 5, LEFT, top)

    document = layout(draw(tmp_path / "a.pdf", *[page] * pages))
    assert of(document, Kind.HEADING) == ["2 Methods"] * pages
    assert of(document, Kind.RUNNING_HEAD) == ["PREPRINT"] * pages
    assert {block.section for block in document.blocks if block.kind is Kind.TEXT} == {"2 Methods"}
