"""Tables of PDFs, which have no structure but where their pieces stand: which rows, columns and heads are read."""

import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas
from support import ROOT, SHARED
from support.documents import HEIGHT, LEFT, LOREM, SECOND, draw, lines, row

from screener.documents import Cell, Document, Kind, Table, layout, plain
from screener.text.quotes import locate

pytest.importorskip("pypdfium2", reason="layout needs pypdfium2: install screener[pdf]")

Page = Callable[[Canvas], None]
XS = (LEFT, LEFT + 150, LEFT + 210, LEFT + 270, LEFT + 330)


def rule(canvas: Canvas, x0: float, x1: float, top: float) -> None:
    """Draw a rule across."""
    canvas.setLineWidth(0.5)
    canvas.line(x0, HEIGHT - top, x1, HEIGHT - top)


def placed(canvas: Canvas, cells: dict[int, str], top: float, xs: Sequence[float] = XS) -> None:
    """Draw some cells of a row, by the number of their column."""
    for column, text in cells.items():
        lines(canvas, [text], xs[column], top)


def only_table(document: Document) -> Table:
    (table,) = document.tables
    return table


def shown(path: Path) -> list[str]:
    """Return the only table of a file in Markdown, without the line below its head."""
    document = layout(path)
    return [line for line in only_table(document).markdown(document.text).splitlines() if not line.startswith("| ---")]


def heads_of(document: Document, value: str) -> tuple[list[str], list[str]]:
    """Return the heads of the row and of the column of a value that stands once in the tables."""
    ((table, cell),) = [
        (table, cell) for table in document.tables for cell in table.cells if words(document, [cell]) == [value]
    ]
    return words(document, table.row_heads(cell)), words(document, table.column_heads(cell))


def words(document: Document, cells: Sequence[Cell]) -> list[str]:
    return [" ".join(document.text[cell.start : cell.end].split()) for cell in cells]


def results(canvas: Canvas, *, ruled: bool) -> None:
    top = lines(canvas, LOREM, LEFT, 60)
    lines(canvas, ["Table 1. Area by ward and share of labels."], LEFT, top + 10)
    top += 26
    lines(canvas, ["First ward"], XS[1] + 20, top)
    lines(canvas, ["Second ward"], XS[3] + 20, top)
    placed(canvas, {0: "Method", 1: "10%", 2: "100%", 3: "10%", 4: "100%"}, top + 12)
    placed(canvas, {0: "Without labels"}, top + 26)
    placed(canvas, {0: "Masked", 1: "0.694", 3: "0.170", 4: "0.349"}, top + 38)
    placed(canvas, {0: "Contrastive multi-", 1: "0.728", 2: "0.782", 3: "0.210", 4: "0.277"}, top + 50)
    placed(canvas, {0: "segment coding"}, top + 62)
    placed(canvas, {0: "Ours"}, top + 76)
    placed(canvas, {0: "Proposed", 1: "0.913", 2: "0.921", 3: "0.5", 4: "0.6"}, top + 88)
    if ruled:
        for y in (-10, 16, 66, 92):
            rule(canvas, LEFT, XS[4] + 40, top + y)
        rule(canvas, XS[1], XS[2] + 30, top + 3)
        rule(canvas, XS[3], XS[4] + 30, top + 3)
    lines(canvas, LOREM, LEFT, top + 120)


@pytest.mark.parametrize("ruled", [True, False])
def test_heads_over_columns_lines_across_empty_and_wrapped_cells(tmp_path: Path, ruled: bool) -> None:
    path = draw(tmp_path / "a.pdf", lambda canvas: results(canvas, ruled=ruled))
    assert shown(path) == [
        "| Method | First ward / 10% | First ward / 100% | Second ward / 10% | Second ward / 100% |",
        "| Without labels |  |  |  |  |",
        "| Masked | 0.694 |  | 0.170 | 0.349 |",
        "| Contrastive multi-segment coding | 0.728 | 0.782 | 0.210 | 0.277 |",
        "| Ours |  |  |  |  |",
        "| Proposed | 0.913 | 0.921 | 0.5 | 0.6 |",
    ]
    document = layout(path)
    assert heads_of(document, "0.349") == (["Without labels", "Masked"], ["Second ward", "100%"])
    assert heads_of(document, "0.921") == (["Ours", "Proposed"], ["First ward", "100%"])
    assert "Masked\t0.694\t\t0.170\t0.349" in document.text
    caption = only_table(document).caption
    assert caption is not None
    assert document.text[slice(*caption)] == "Table 1. Area by ward and share of labels."


def test_an_interval_below_a_figure_is_in_its_cell_and_found_with_it(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        lines(canvas, ["Table 1. Area under the curve (95% CI below)."], LEFT, 80)
        placed(canvas, {0: "Model", 1: "First", 2: "Second"}, 96)
        placed(canvas, {0: "Proposed network", 1: "0.913", 2: "0.887"}, 108)
        placed(canvas, {0: "with masks", 1: "(0.902–0.921)", 2: "(0.871–"}, 120)
        placed(canvas, {2: "0.902)"}, 132)
        placed(canvas, {0: "Baseline", 1: "0.874", 2: "—"}, 144)

    path = draw(tmp_path / "a.pdf", page)
    assert shown(path)[1:] == [
        "| Proposed network with masks | 0.913 (0.902–0.921) | 0.887 (0.871– 0.902) |",
        "| Baseline | 0.874 | — |",
    ]
    text = layout(path).text
    for quote in ("0.913 (0.902–0.921)", "0.887 (0.871–0.902)", "Proposed network with masks | 0.913 (0.902–0.921)"):
        assert locate(quote, text).status in ("exact", "normalized")


def test_cells_of_words_that_wrap_are_rows_where_rows_are_set_apart(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        lines(canvas, ["Table 5. Data sets."], LEFT, 80)
        xs = (LEFT, LEFT + 100, LEFT + 200)
        placed(canvas, {0: "Data set", 1: "Population", 2: "Use"}, 100, xs)
        placed(canvas, {0: "Archive of", 1: "Adults of two", 2: "Training"}, 118, xs)
        placed(canvas, {0: "the first ward", 1: "wards and three", 2: "without labels"}, 130, xs)
        placed(canvas, {1: "clinics"}, 142, xs)
        placed(canvas, {0: "Set of spring", 1: "Children under", 2: "Testing"}, 160, xs)
        placed(canvas, {1: "ten years"}, 172, xs)
        lines(canvas, LOREM, LEFT, 200)

    assert shown(draw(tmp_path / "a.pdf", page)) == [
        "| Data set | Population | Use |",
        "| Archive of the first ward | Adults of two wards and three clinics | Training without labels |",
        "| Set of spring | Children under ten years | Testing |",
    ]


def test_cells_of_words_that_stand_in_the_middle_of_their_rows(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        lines(canvas, ["Table 5. Data sets."], LEFT, 80)
        xs = (LEFT, LEFT + 110, LEFT + 280)
        placed(canvas, {0: "Study", 1: "Population", 2: "Finding"}, 100, xs)
        placed(canvas, {1: "Adults of two wards and three", 2: "Better than a network"}, 116, xs)
        placed(canvas, {0: "Birch 2019"}, 122, xs)
        placed(canvas, {1: "clinics in the north", 2: "from random weights"}, 128, xs)
        placed(canvas, {0: "Cedar and Elm", 1: "Children", 2: "No difference"}, 146, xs)
        placed(canvas, {1: "Athletes of both sexes, at rest and", 2: "A small loss on the set that was"}, 162, xs)
        placed(canvas, {0: "Fir 2021"}, 168, xs)
        placed(canvas, {1: "after exercise", 2: "collected later"}, 174, xs)
        lines(canvas, [f"{line} {line}" for line in LOREM], LEFT, 204)

    assert shown(draw(tmp_path / "a.pdf", page)) == [
        "| Study | Population | Finding |",
        "| Birch 2019 | Adults of two wards and three clinics in the north | Better than a network from random weights |",
        "| Cedar and Elm | Children | No difference |",
        "| Fir 2021 | Athletes of both sexes, at rest and after exercise "
        "| A small loss on the set that was collected later |",
    ]


def test_a_table_as_wide_as_two_columns_of_text_needs_no_rules(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        xs = [70, 150, 230, 330, 410, 490]
        lines(canvas, ["Table 1. Area by ward."], LEFT, 70)
        lines(canvas, ["First ward"], 180, 86)
        lines(canvas, ["Second ward"], 400, 86)
        placed(canvas, {0: "Model", 1: "a", 2: "b", 3: "c", 4: "d", 5: "e"}, 98, xs)
        placed(canvas, {0: "With labels"}, 110, xs)
        for number, name in enumerate(("Alpha", "Beta")):
            row(canvas, [name, *(f"0.{number}{column}" for column in range(1, 6))], xs, 122 + 12 * number)
        lines(canvas, LOREM * 2, LEFT, 170)
        lines(canvas, [line.upper()[:40] for line in LOREM * 2], SECOND, 170)

    path = draw(tmp_path / "a.pdf", page)
    assert shown(path) == [
        "| Model | First ward / a | First ward / b | Second ward / c | Second ward / d | Second ward / e |",
        "| With labels |  |  |  |  |  |",
        "| Alpha | 0.01 | 0.02 | 0.03 | 0.04 | 0.05 |",
        "| Beta | 0.11 | 0.12 | 0.13 | 0.14 | 0.15 |",
    ]
    assert only_table(layout(path)).caption is not None


@pytest.mark.parametrize("between", [True, False])
def test_a_name_in_the_middle_of_its_rows_is_the_name_of_each(tmp_path: Path, between: bool) -> None:
    def page(canvas: Canvas) -> None:
        lines(canvas, ["Table 2. Area and error."], LEFT, 80)
        placed(canvas, {0: "Model", 1: "Set", 2: "Area"}, 100)
        for number, name in enumerate(("Alpha", "Beta")):
            top = 114 + 24 * number
            placed(canvas, {0: name}, top + 6)
            placed(canvas, {1: "ward", 2: f"0.9{number}"}, top)
            placed(canvas, {1: "home", 2: f"0.8{number}"}, top + 12)
        for top in (90, 104, 130) if between else (90, 104):
            rule(canvas, LEFT, XS[2] + 40, top - 1)
        rule(canvas, LEFT, XS[2] + 40, 154)

    assert shown(draw(tmp_path / "a.pdf", page))[1:] == [
        "| Alpha | ward | 0.90 |",
        "| Alpha | home | 0.80 |",
        "| Beta | ward | 0.91 |",
        "| Beta | home | 0.81 |",
    ]


@pytest.mark.parametrize("again", [True, False])
@pytest.mark.parametrize(
    "words",
    ["", "Table 4 (continued).", "Table 4 – continued from previous page", "Table 4 (continued from previous page)"],
)
def test_a_table_goes_on_over_pages_under_its_heads(tmp_path: Path, words: str, again: bool) -> None:
    def rows(canvas: Canvas, first: int, top: float, *, head: bool) -> float:
        if head:
            top = row(canvas, ["Ward", "Patients", "Area"], list(XS[:3]), top)
        for number in range(first, first + 10):
            top = row(canvas, [f"ward {number}", str(100 + number), f"0.9{number:02}"], list(XS[:3]), top)
        return top

    def one(canvas: Canvas) -> None:
        lines(canvas, LOREM, LEFT, 80)
        lines(canvas, ["Table 4. Wards."], LEFT, 640)
        top = rows(canvas, 1, 660, head=True)
        if "from" in words:
            lines(canvas, ["Continued on next page"], LEFT + 100, top)

    def two(canvas: Canvas) -> None:
        lines(canvas, [words], LEFT, 80)
        top = rows(canvas, 11, 100, head=again)
        lines(canvas, LOREM, LEFT, top + 20)

    document = layout(draw(tmp_path / "a.pdf", one, two))
    assert only_table(document).markdown(document.text).splitlines()[-1] == "| ward 20 | 120 | 0.920 |"
    assert len(only_table(document).markdown(document.text).splitlines()) == 22
    assert heads_of(document, "0.920") == (["ward 20"], ["Area", "Area"] if again else ["Area"])


@pytest.mark.parametrize("x", [LEFT, LEFT + 70])
def test_the_words_of_a_line_across_a_table_stay_together(tmp_path: Path, x: float) -> None:
    def page(canvas: Canvas) -> None:
        xs = (LEFT, LEFT + 30, LEFT + 143, LEFT + 164)
        lines(canvas, ["Table 1. Area by ward."], LEFT, 80)
        placed(canvas, {0: "Set", 1: "Area", 2: "Err", 3: "Leads"}, 96, xs)
        for number, ward in enumerate(("Second ward", "Fourth ward")):
            lines(canvas, [ward], x, 110 + 36 * number)
            placed(canvas, {0: "a", 1: "0.91", 2: "0.7", 3: "12"}, 122 + 36 * number, xs)
            placed(canvas, {0: "b", 1: "0.88", 2: "0.9", 3: "1"}, 134 + 36 * number, xs)
        for top in (86, 100, 172):
            rule(canvas, LEFT, LEFT + 200, top)

    assert shown(draw(tmp_path / "a.pdf", page))[1::3] == ["| Second ward |  |  |  |", "| Fourth ward |  |  |  |"]


def test_lines_beside_a_caption_are_no_part_of_it(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        lines(canvas, LOREM, LEFT, 80)
        lines(canvas, ["Table 1. Beside the text"], LEFT + 280, 86)
        for number, cells in enumerate((["Ward", "N", "Area"], ["one", "11", "0.91"], ["two", "22", "0.82"])):
            row(canvas, cells, [LEFT + 280, LEFT + 320, LEFT + 360], 102 + 12 * number)
        for top in (92, 106, 130):
            rule(canvas, LEFT + 280, LEFT + 400, top)

    document = layout(draw(tmp_path / "a.pdf", page))
    (caption,) = [document.text[block.start : block.end] for block in document.blocks if block.kind is Kind.CAPTION]
    assert caption == "Table 1. Beside the text"
    place = only_table(document).caption
    assert place is not None
    assert document.text[slice(*place)] == caption


def test_names_that_are_shorter_than_their_head_are_in_its_column(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        lines(canvas, ["Table 1. Area."], LEFT, 80)
        placed(canvas, {1: "Method", 2: "AUROC"}, 96, (0, LEFT + 50, LEFT + 150))
        for number, name in enumerate(("Logistic regression of all", "Ours", "Ours w/o masks and so on")):
            row(canvas, [name, f"0.7{number}"], [LEFT, LEFT + 155], 110 + 12 * number)

    assert shown(draw(tmp_path / "a.pdf", page)) == [
        "| Method | AUROC |",
        "| Logistic regression of all | 0.70 |",
        "| Ours | 0.71 |",
        "| Ours w/o masks and so on | 0.72 |",
    ]


def test_a_table_in_one_column_beside_the_text_of_the_other(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        lines(canvas, ["Table 6. Small table in a column."], LEFT, 80)
        for number, cells in enumerate((["Method", "A", "B"], ["Alpha", "0.1", "0.2"], ["Beta", "0.4", "0.5"])):
            row(canvas, cells, [LEFT, LEFT + 120, LEFT + 180], 96 + 12 * number)
        lines(canvas, LOREM, LEFT, 150)
        lines(canvas, [line.upper()[:42] for line in LOREM], SECOND, 80)
        lines(canvas, [line.upper()[:42] for line in LOREM], SECOND, 170)

    path = draw(tmp_path / "a.pdf", page)
    assert shown(path) == ["| Method | A | B |", "| Alpha | 0.1 | 0.2 |", "| Beta | 0.4 | 0.5 |"]
    assert "\n".join(LOREM) in layout(path).text


def test_figures_set_close_are_cells_of_their_own(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        lines(canvas, ["Table 3. Narrow."], LEFT, 80)
        xs = [LEFT, LEFT + 120, LEFT + 147, LEFT + 174]
        for number, cells in enumerate((["Run", "first", "last", "both"], ["amc", "0.761", "0.129", "0.454"],
                                        ["auth", "0.928", "0.297", "0.512"])):  # fmt: skip
            row(canvas, cells, xs, 96 + 12 * number)
        for top in (86, 100, 124):
            rule(canvas, LEFT, LEFT + 200, top)

    assert shown(draw(tmp_path / "a.pdf", page)) == [
        "| Run | first | last | both |",
        "| amc | 0.761 | 0.129 | 0.454 |",
        "| auth | 0.928 | 0.297 | 0.512 |",
    ]


def test_boxes_are_cells_whatever_stands_in_them(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        xs = [LEFT, LEFT + 130, LEFT + 200, LEFT + 270]
        for x in xs:
            canvas.line(x, HEIGHT - 80, x, HEIGHT - 164)
        for top in (80, 100, 140, 164):
            rule(canvas, xs[0], xs[-1], top)
        rule(canvas, xs[1], xs[-1], 120)
        placed(canvas, {0: "Model", 1: "Area", 2: "Error"}, 94, [x + 5 for x in xs])
        placed(canvas, {1: "0.913", 2: "0.07"}, 114, [x + 5 for x in xs])
        placed(canvas, {0: "Proposed"}, 124, [x + 5 for x in xs])
        placed(canvas, {1: "0.914", 2: "0.06"}, 134, [x + 5 for x in xs])
        placed(canvas, {0: "Baseline of a long"}, 149, [x + 5 for x in xs])
        placed(canvas, {1: "0.874", 2: "0.10"}, 155, [x + 5 for x in xs])
        placed(canvas, {0: "name that wraps"}, 160, [x + 5 for x in xs])

    assert shown(draw(tmp_path / "a.pdf", page)) == [
        "| Model | Area | Error |",
        "| Proposed | 0.913 | 0.07 |",
        "| Proposed | 0.914 | 0.06 |",
        "| Baseline of a long name that wraps | 0.874 | 0.10 |",
    ]


def test_prose_with_wide_gaps_between_its_words_is_no_table(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        for number, line in enumerate(LOREM):
            parts = line.split()
            x = LEFT + 0.0
            for part in (" ".join(parts[:3]), " ".join(parts[3:7]), " ".join(parts[7:])):
                lines(canvas, [part], x, 80 + 12 * number)
                x += canvas.stringWidth(part, "Helvetica", 9) + 12 + number % 3
        lines(canvas, ["as the", "end."], LEFT, 170)

    document = layout(draw(tmp_path / "a.pdf", page))
    assert document.tables == ()
    assert not [block for block in document.blocks if block.kind is Kind.TABLE_ROW]


def test_two_tables_side_by_side_are_two(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        lines(canvas, LOREM, LEFT, 60)
        lines(canvas, ["Table 1. Left one."], LEFT, 160)
        lines(canvas, ["Table 2. Right one."], SECOND, 160)
        for number, cells in enumerate(
            (["Ward", "N", "Lead", "Hz"], ["one", "11", "I", "250"], ["two", "22", "V1", "500"])
        ):
            row(canvas, cells, [LEFT, LEFT + 80, SECOND, SECOND + 80], 176 + 12 * number)

    document = layout(draw(tmp_path / "a.pdf", page))
    assert [table.markdown(document.text).splitlines()[2:] for table in document.tables] == [
        ["| one | 11 |", "| two | 22 |"],
        ["| I | 250 |", "| V1 | 500 |"],
    ]
    captions = [document.text[slice(*table.caption)] for table in document.tables if table.caption]
    assert captions == ["Table 1. Left one.", "Table 2. Right one."]


def test_a_head_above_the_first_rule_is_the_head(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        lines(canvas, LOREM, LEFT, 60)
        placed(canvas, {0: "Run", 1: "Docs", 2: "Area"}, 160)
        placed(canvas, {1: "shown"}, 172)
        placed(canvas, {0: "alpha", 1: "30000", 2: "0.64"}, 186)
        placed(canvas, {0: "beta", 1: "51640", 2: "0.81"}, 198)
        for top in (176, 202):
            rule(canvas, LEFT, XS[2] + 40, top)
        lines(canvas, ["Table 4. Evaluation results."], LEFT, 214)

    path = draw(tmp_path / "a.pdf", page)
    assert shown(path) == ["| Run | Docs shown | Area |", "| alpha | 30000 | 0.64 |", "| beta | 51640 | 0.81 |"]
    document = layout(path)
    assert only_table(document).caption is not None


@pytest.mark.parametrize("middle", [False, True])
def test_a_head_that_wraps_over_one_column_reaches_over_no_other(tmp_path: Path, middle: bool) -> None:
    def page(canvas: Canvas) -> None:
        lines(canvas, ["Table 1. Results of all models."], LEFT, 60)
        shift = 5 if middle else 0
        placed(canvas, {3: "Mean"}, 76)
        placed(canvas, {1: "Area under"}, 86 - shift)
        placed(canvas, {3: "absolute"}, 86)
        placed(canvas, {0: "Model", 2: "F1", 4: "n"}, 96 - 2 * shift)
        placed(canvas, {1: "the curve"}, 96 - shift)
        placed(canvas, {3: "error, ms"}, 96)
        for n, name in enumerate(["Birch", "Elm", "Fir"]):
            placed(canvas, {0: name, 1: f"0.{n}11", 2: f"0.{n}12", 3: f"1{n}.1", 4: f"12{n}"}, 112 + 12 * n)
        lines(canvas, LOREM, LEFT, 160)

    path = draw(tmp_path / "a.pdf", page)
    assert shown(path)[0].replace(" / ", " ") == "| Model | Area under the curve | F1 | Mean absolute error, ms | n |"


def test_a_head_of_two_rows_may_have_a_rule_below_each(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        lines(canvas, ["Table 1. Results of all models."], LEFT, 60)
        placed(canvas, {0: "Model"}, 76)
        lines(canvas, ["First ward"], XS[1] + 20, 76)
        lines(canvas, ["Second ward"], XS[3] + 20, 76)
        placed(canvas, {1: "AUC", 2: "F1", 3: "AUC", 4: "F1"}, 90)
        for n, name in enumerate(["Birch", "Elm", "Fir"]):
            placed(canvas, {0: name, **{k: f"0.{n}1{k}" for k in range(1, 5)}}, 104 + 14 * n)
        for n in range(6):
            rule(canvas, LEFT, XS[4] + 40, 72 + 14 * n)
        lines(canvas, LOREM, LEFT, 180)

    path = draw(tmp_path / "a.pdf", page)
    assert shown(path)[:2] == [
        "| Model | First ward / AUC | First ward / F1 | Second ward / AUC | Second ward / F1 |",
        "| Birch | 0.011 | 0.012 | 0.013 | 0.014 |",
    ]


@pytest.mark.parametrize(("labels", "read"), [("1% 5% 10% 100%", True), ("1 2 5 10", True), ("0.5 0.6 0.7 0.8", False)])
def test_rising_figures_unlike_those_below_are_heads(tmp_path: Path, labels: str, read: bool) -> None:
    def page(canvas: Canvas) -> None:
        lines(canvas, ["Table 1. Results by share of labels."], LEFT, 60)
        placed(canvas, dict(enumerate(["Labels", *labels.split()])), 76)
        for n, name in enumerate(["Birch", "Elm", "Fir"]):
            placed(canvas, {0: name, **{k: f"0.{n}1{k}" for k in range(1, 5)}}, 90 + 14 * n)
        lines(canvas, LOREM, LEFT, 180)

    document = layout(draw(tmp_path / "a.pdf", page))
    assert heads_of(document, "0.112") == (["Elm"], [labels.split()[1]] if read else [])


@pytest.mark.parametrize("columns", [3, 5])
@pytest.mark.parametrize("ruled", [True, False])
def test_a_line_in_the_middle_between_rows_is_over_the_rows_below_it(tmp_path: Path, columns: int, ruled: bool) -> None:
    xs = XS if columns == 5 else (LEFT, LEFT + 120, LEFT + 230)

    def page(canvas: Canvas) -> None:
        lines(canvas, ["Table 1. Patients of both wards."], LEFT, 60)
        placed(canvas, dict(enumerate(["Name", "First", "Second", "Third", "Fourth"][:columns])), 76, xs)
        middle = (LEFT + xs[-1] + 22) / 2
        for n, name in enumerate(["Age", "Weight", "Statin", "Aspirin"]):
            top = 104 + 14 * (n + n // 2)
            if n % 2 == 0:
                canvas.drawCentredString(middle, HEIGHT - top + 14, ["Demography", "Treatment"][n // 2])
            placed(canvas, {0: name, **{k: f"{n}1.{k}" for k in range(1, columns)}}, top, xs)
        if ruled:
            for y in (64, 80, 178):
                rule(canvas, LEFT, xs[-1] + 30, y)
        lines(canvas, LOREM, LEFT, 200)

    document = layout(draw(tmp_path / "a.pdf", page))
    assert heads_of(document, "01.1") == (["Demography", "Age"], ["First"])
    assert heads_of(document, "31.2") == (["Treatment", "Aspirin"], ["Second"])


def test_rows_of_a_table_set_sideways_stay_apart(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        canvas.translate(250, 700)
        canvas.rotate(270)
        canvas.drawString(0, 14, "Table 1. Results of all models.")
        for n, name in enumerate(["", "Model", "ResNet", "Transformer", "Mamba", "State-space"]):
            canvas.setFont("Times-Roman" if n > 1 else "Times-Bold", 8)
            canvas.drawString(2, -13.6 * n, name)
            for k in range(8):
                canvas.drawCentredString(
                    100 + 50 * k, -13.6 * n, f"0.{n}1{k}" if n > 1 else f"Ward {k}" if n == 0 else ["AUC", "F1"][k % 2]
                )

    document = layout(draw(tmp_path / "a.pdf", page))
    assert heads_of(document, "0.217") == (["ResNet"], ["Ward 7 F1"])
    assert heads_of(document, "0.310") == (["Transformer"], ["Ward 0 AUC"])


def test_a_sign_alone_belongs_to_the_head_after_it(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        lines(canvas, ["Table 1. What was found."], LEFT, 60)
        placed(canvas, {0: "Topic", 1: "# all # abs # doc % abs % doc"}, 76)
        ends = [XS[1]]
        for word in ("# all ", "# abs ", "# doc ", "% abs ", "% doc "):
            ends.append(ends[-1] + canvas.stringWidth(word))
        for n in range(4):
            placed(canvas, {0: f"CD{n}"}, 90 + 14 * n)
            for k in range(5):
                canvas.drawCentredString((ends[k] + ends[k + 1]) / 2 - 1, HEIGHT - 90 - 14 * n, f"{n}{k}")
        lines(canvas, LOREM, LEFT, 180)

    path = draw(tmp_path / "a.pdf", page)
    assert shown(path)[0] == "| Topic | # all | # abs | # doc | % abs | % doc |"


def test_the_last_name_may_go_on_below_its_figures(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        lines(canvas, ["Table 1. Results of all models."], LEFT, 60)
        placed(canvas, {0: "Model", 1: "AUC", 2: "F1", 3: "n"}, 76)
        top = 92.0
        for n, name in enumerate(["Learning of", "Coding of", "Labels of"]):
            placed(canvas, {0: name}, top)
            placed(canvas, {1: f"0.{n}1", 2: f"0.{n}2", 3: f"1{n}3"}, top + 5)
            placed(canvas, {0: "both wards"}, top + 10)
            top += 28
        lines(canvas, LOREM, LEFT, top + 10)

    document = layout(draw(tmp_path / "a.pdf", page))
    assert heads_of(document, "0.21") == (["Labels of both wards"], ["AUC"])


def test_a_caption_over_two_columns_is_read_to_its_short_last_line(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        wide = [
            "Table 1: What the model reached with each of the ways to change a recording, of which the",
            "last was best by",
        ]
        lines(canvas, [wide[0] + " share of labels that were looked at in the", wide[1]], LEFT, 80)
        lines(canvas, LOREM * 2, LEFT, 130)
        lines(canvas, [line.upper()[:40] for line in LOREM * 2], SECOND, 130)

    document = layout(draw(tmp_path / "a.pdf", page))
    (caption,) = [document.text[block.start : block.end] for block in document.blocks if block.kind is Kind.CAPTION]
    assert caption.endswith("last was best by")


def test_words_in_a_figure_are_no_headings(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        top = lines(canvas, ["3 Results"], LEFT, 70, 11, "Helvetica-Bold")
        lines(canvas, ["Encoder"], LEFT + 40, top + 20, 12, "Helvetica-Bold")
        lines(canvas, ["Decoder"], LEFT + 90, top + 60, 12, "Helvetica-Bold")
        lines(canvas, ["Matrix A", "Matrix B"], LEFT + 40, top + 80, 9, "Helvetica-Bold")
        top = lines(canvas, ["Figure 1. The parts of the model."], LEFT, top + 120)
        lines(canvas, LOREM, LEFT, top + 20)

    document = layout(draw(tmp_path / "a.pdf", page))
    headings = [document.text[block.start : block.end] for block in document.blocks if block.kind is Kind.HEADING]
    assert headings == ["3 Results"]
    assert document.blocks[-1].section == "3 Results"


@pytest.mark.parametrize("drawn", [True, False])
def test_labels_beside_the_axis_of_a_figure_are_no_table(tmp_path: Path, drawn: bool) -> None:
    def page(canvas: Canvas) -> None:
        lines(canvas, LOREM, LEFT, 60)
        for n, name in enumerate(["First", "Second", "Third"]):
            placed(canvas, {1: name, 2: f"0.7{n}"}, 200 + 12 * n)
        for n in range(6 if drawn else 0):
            canvas.drawRightString(LEFT + 20, HEIGHT - 212 - 30 * (n - 1), f"0.{5 - n}")
        lines(canvas, ["Figure 1. The area over the epochs."], LEFT, 212 + 30 * 4 + 20 if drawn else 260)
        lines(canvas, LOREM, LEFT, 400)

    document = layout(draw(tmp_path / "a.pdf", page))
    rows = [block for block in document.blocks if block.kind is Kind.TABLE_ROW]
    assert (len(document.tables), len(rows)) == ((0, 0) if drawn else (1, 3))


def test_a_narrow_head_in_the_middle_over_two_columns_stays_whole(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        lines(canvas, ["Table 1. Two cohorts."], LEFT, 60)
        for x, name in ((193, "Internal cohort"), (285, "External cohort")):
            canvas.drawCentredString(x, HEIGHT - 76, name)
        rows = [
            ["Model", "AUC", "F1", "AUC", "F1"],
            *([f"M{n}", *(f"0.{n}1{k}" for k in range(4))] for n in range(1, 5)),
        ]
        for n, cells in enumerate(rows):
            lines(canvas, cells[:1], LEFT, 88 + 14 * n)
            for k, text in enumerate(cells[1:]):
                canvas.drawCentredString(170 + 46 * k, HEIGHT - 88 - 14 * n, text)
        for y in (64, 92, 150):
            rule(canvas, LEFT, 330, y)
        lines(canvas, LOREM, LEFT, 200)

    document = layout(draw(tmp_path / "a.pdf", page))
    assert heads_of(document, "0.213") == (["M2"], ["External cohort", "F1"])


def test_the_only_row_of_figures_has_no_name(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        lines(canvas, ["Table 1. The test set."], LEFT, 60)
        placed(canvas, {0: "AUC", 1: "F1", 2: "Patients"}, 76)
        placed(canvas, {0: "0.71", 1: "0.41", 2: "12"}, 90)
        for y in (64, 80, 94):
            rule(canvas, LEFT, XS[2] + 40, y)
        lines(canvas, LOREM, LEFT, 120)

    assert heads_of(layout(draw(tmp_path / "a.pdf", page)), "0.41") == ([], ["F1"])


def test_a_figure_between_two_rows_holds_for_both(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        lines(canvas, ["Table 1. Both arms."], LEFT, 60)
        placed(canvas, {0: "Outcome", 1: "Group", 2: "Mean", 3: "P"}, 76)
        for n, name in enumerate(["Pain", "Sleep", "Mood"]):
            top = 92 + 26 * n
            placed(canvas, {1: "Drug", 2: f"{n}.1"}, top)
            placed(canvas, {0: name, 3: f"0.{n}4"}, top + 6.5)
            placed(canvas, {1: "Placebo", 2: f"{n}.2"}, top + 13)
        for y in (64, 80, 168):
            rule(canvas, LEFT, XS[3] + 30, y)
        lines(canvas, LOREM, LEFT, 190)

    path = draw(tmp_path / "a.pdf", page)
    assert shown(path)[3:5] == ["| Sleep | Drug | 1.1 | 0.14 |", "| Sleep | Placebo | 1.2 | 0.14 |"]


def test_groups_of_rows_are_one_table(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        lines(canvas, ["Table 1. Energy of each state."], LEFT, 60)
        placed(canvas, {0: "State", 1: "First", 2: "Second", 3: "Third", 4: "Fourth"}, 76)
        for n in range(6):
            placed(canvas, {0: f"S{n}", **{k: f"{n}.{k}3" for k in range(1, 5)}}, 90 + 12 * n + 30 * (n // 3))
        lines(canvas, LOREM, LEFT, 230)

    document = layout(draw(tmp_path / "a.pdf", page))
    assert only_table(document).row_count == 7
    assert heads_of(document, "5.43") == (["S5"], ["Fourth"])


def test_figures_here_and_there_are_no_rows_of_a_table(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        lines(canvas, LOREM, LEFT, 60)
        for n, columns in enumerate([(1,), (2, 3), (0, 2, 4), (1, 3), (0, 1, 2, 4), (3,), (2, 4)]):
            placed(canvas, {column: f"3.{n}{column}" for column in columns}, 200 + 12 * n)

    document = layout(draw(tmp_path / "a.pdf", page))
    assert not [block for block in document.blocks if block.kind is Kind.TABLE_ROW]


@pytest.mark.parametrize(
    ("name", "value", "row", "columns"),
    [
        ("tidewire_main", "0.741", "Shockable rhythm", ["Tidewire"]),  # the head of four tells the columns of the row
        ("afmc-263", "0.799", "Hyperkalaemia", ["CLEFT"]),  # and the rows those of the head
        ("download (4)", "144,870", "TESSERA-8", ["Patients"]),
        ("10.5555_syn.2022.0417", "97.1 to 98.4", "Atrial fibrillation", ["CI"]),
    ],
)
def test_cells_set_close_are_told_by_the_other_lines(name: str, value: str, row: str, columns: list[str]) -> None:
    document = layout(ROOT / "tests" / "reviews" / "documents" / "pdfs" / f"{name}.pdf")
    heads = heads_of(document, value)
    assert heads[0][0] == row
    assert heads[1] == columns


GOPAL, QIU = SHARED / "ecg-papers" / "gopal21a.pdf", SHARED / "ecg-papers" / "qiu23a.pdf"
CLEF = SHARED / "pdfs" / "clef2017_tar_overview.pdf"
TABLES = {
    GOPAL: [("Table 1:", 17, 7), ("Table 2:", 17, 7), ("", 8, 2), ("", 24, 4)],
    QIU: [("Table 1:", 12, 8), ("Table 2:", 5, 8), ("Table 3:", 6, 8), ("Table 4:", 5, 2), ("", 5, 2), ("", 5, 2)],
}
"""Of each table in the papers, as it is printed: how its caption begins, its rows and columns."""
CELLS = [
    (GOPAL, 0, "0.854", ["Maximum Rotation (degrees)", "25"], ["AUROC", "10%"]),
    (GOPAL, 0, "0.286", ["Maximum Rotation (degrees)", "5"], ["F1", "1%"]),
    (GOPAL, 0, "0.866", ["Maximum Scale Factor", "2"], ["AUROC", "100%"]),
    (GOPAL, 1, "0.711", ["Self-Supervised Baselines", "Contrastive Multi-Segment/Lead Coding (Kiyasseh et al., 2020)"],
     ["AUROC", "1%"]),
    (GOPAL, 1, "0.444", ["Supervised Baseline", "Random Initialization"], ["F1", "100%"]),
    (GOPAL, 1, "0.876", ["Our Methods", "3KG (SimCG-L + VCG + Time Mask)"], ["AUROC", "10%"]),
    (GOPAL, 2, "Conv: K = 5, C = 64, S = 2 Activation BatchNorm", ["3"],
     ["Layer Info (K: Kernel Size, C: Output Channels, S: Stride)"]),
    (GOPAL, 3, "0.3432", ["Sinus rhythm"], ["Val"]),
    (QIU, 0, "133.57", ["All-Grid (fine-tune)"], ["RSUM"]),
    (QIU, 0, "6.93", ["GAF+RP"], ["Image Retrieval", "R@1"]),
    (QIU, 1, "32.47", ["Training 32 + Testing 32"], ["Image Retrieval", "R@10"]),
    (QIU, 2, "8.91", ["All-concat (ViT-base)"], ["Report Retrieval", "R@5"]),
    (QIU, 3, "57600", ["queue size"], ["Value"]),
    (QIU, 4, "1e-5", ["init lr"], ["Value"]),
    (CLEF, 0, "8.09", ["Development Set", "11"], ["% abs rel"]),
    (CLEF, 0, "215", ["Development Set", "23"], ["# abs rel"]),
    (CLEF, 3, "2306", ["eth.m1"], ["Cost w/ Uniform Penalty"]),
]  # fmt: skip


@cache
def paper(path: Path) -> Document:
    if not path.is_file():
        pytest.skip(f"the papers are not here ({path})")
    return layout(path)


@pytest.mark.slow
@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.stem)
def test_every_table_of_a_paper_has_its_caption_rows_and_columns(path: Path) -> None:
    document = paper(path)
    read = []
    for table in document.tables:
        caption = document.text[slice(*table.caption)] if table.caption else ""
        read.append((caption[:8], table.row_count, table.column_count))
    assert read == TABLES[path]
    rows = [block for block in document.blocks if block.kind is Kind.TABLE_ROW]
    assert all(any(table.cell_at(block.start) for table in document.tables) for block in rows)


@pytest.mark.slow
@pytest.mark.parametrize(("path", "number", "value", "rows", "columns"), CELLS)
def test_a_value_of_a_paper_stands_under_its_heads(
    path: Path, number: int, value: str, rows: list[str], columns: list[str]
) -> None:
    document = paper(path)
    table = document.tables[number]
    (cell,) = (cell for cell in table.cells if words(document, [cell]) == [value])
    assert words(document, table.row_heads(cell)) == rows
    assert words(document, table.column_heads(cell)) == columns


@pytest.mark.slow
@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.stem)
def test_no_character_of_a_page_is_lost_or_doubled_by_its_tables(path: Path) -> None:
    document = paper(path)
    own = "".join(document.text[block.start : block.end] for block in document.blocks if block.kind is not Kind.LINK)
    assert characters(own) == characters("".join(plain(path)))


def characters(text: str) -> Counter[str]:
    """Return how often each letter and digit stands in a text; a raised digit is a digit, an accent nothing."""
    text = text.replace("ı", "i")  # as it stands below an accent
    return Counter(filter(str.isalnum, unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()))
