"""A column of keywords beside an abstract is mixed with none of its lines."""

from collections.abc import Callable
from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas
from support.documents import HEIGHT, LEADING, LEFT, LOREM, WIDTH, draw, heading, lines

from screener.documents import Kind, layout

pytest.importorskip("pypdfium2", reason="layout needs pypdfium2: install screener[pdf]")

WORDS = ("Keywords:", "Invented ward", "Resting strip", "Masked learning", "Encoder")


@pytest.mark.parametrize("right", [False, True], ids=["left", "right"])
@pytest.mark.parametrize("heads", [False, True], ids=["bare", "with heads"])
@pytest.mark.parametrize("shift", [0, 4])
def test_keywords_beside_an_abstract_are_a_column(tmp_path: Path, right: bool, heads: bool, shift: int) -> None:
    words, abstract = (400, LEFT) if right else (LEFT, 230)

    def page(canvas: Canvas) -> None:
        heading(canvas, "Tracing networks for resting recordings", LEFT, 60, 14)
        if heads:
            lines(canvas, ["a r t i c l e   i n f o"], words, 110)
            lines(canvas, ["a b s t r a c t"], abstract, 110)
        lines(canvas, list(WORDS), words, 126 + shift)
        lines(canvas, list(LOREM), abstract, 126)
        top = heading(canvas, "1. Introduction", LEFT, 126 + 10 * LEADING)
        lines(canvas, [f"{line} {line}" for line in reversed(LOREM)], LEFT, top)

    document = layout(draw(tmp_path / "a.pdf", page))
    text = " ".join(document.text.split())
    assert " ".join(LOREM) in text
    assert " ".join(WORDS) in text
    assert not [block for block in document.blocks if block.kind is Kind.TABLE_ROW]
    places = [text.index(words) for words in (LOREM[0], WORDS[1], "1. Introduction", f"{LOREM[-1]} {LOREM[-1]}")]
    assert places == sorted(places)


def test_rows_of_a_table_that_begins_with_keywords_stay_rows(tmp_path: Path) -> None:
    rows = [("Keywords", "resting, ward, strip"), ("History", "begun in spring"), ("Index terms", "none were given")]

    def page(canvas: Canvas) -> None:
        top = lines(canvas, [*LOREM, "Table 1. What was asked for."], LEFT, 60)
        for name, value in rows:
            lines(canvas, [name], LEFT, top)
            top = lines(canvas, [value], 200, top)
        lines(canvas, list(LOREM), LEFT, top + 20)

    document = layout(draw(tmp_path / "a.pdf", page))
    table = [document.text[block.start : block.end] for block in document.blocks if block.kind is Kind.TABLE_ROW]
    assert table == ["\t".join(row) for row in rows]


def test_two_pages_on_a_sheet_are_read_one_after_the_other(tmp_path: Path) -> None:
    def sheet(formulas: bool) -> Callable[[Canvas], None]:
        def page(canvas: Canvas) -> None:
            canvas.setPageSize((HEIGHT, WIDTH))
            canvas.translate(0, WIDTH - HEIGHT)
            for x, name in ((60, "alpha"), (HEIGHT / 2 + 40, "omega")):
                texts = [f"{name} {n} = {n + 1}" for n in range(12)] if formulas else [f"{name} {t}" for t in LOREM]
                lines(canvas, texts, x, 110)
                lines(canvas, [f"{name} end"], x + 200, 270)

        return page

    path = draw(tmp_path / "a.pdf", *[sheet(number == 3) for number in range(5)])
    document = layout(path)
    for number in range(1, 6):
        words = [word for word in document.page_text(number).split() if word in ("alpha", "omega")]
        assert words == sorted(words)
