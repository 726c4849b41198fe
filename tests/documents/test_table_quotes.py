"""A quote from a table is of whole cells of one row, under the heads and the line across the table that it names."""

from pathlib import Path

import pytest

from screener.documents import Cell, Document, EvidenceTexts, Quote, Table, layout

RESULTS = """
<table><caption>Table 1. Results</caption>
<thead><tr><th>Model</th><th>AUC</th><th>F1</th><th>n</th></tr></thead>
<tbody>
<tr><th colspan="4">Internal validation</th></tr>
<tr><td>Elm</td><td>0.812</td><td>0.655</td><td>1200</td></tr>
<tr><td>Ours without pretraining</td><td>0.843</td><td>0.671</td><td>1200</td></tr>
<tr><td>Ours</td><td>0.913</td><td>0.720</td><td>1200</td></tr>
<tr><th colspan="4">External validation</th></tr>
<tr><td>Elm</td><td>0.701</td><td>0.455</td><td>300</td></tr>
<tr><td>Ours</td><td>0.813</td><td>-0.620</td><td>300</td></tr>
</tbody></table>
<table><caption>Table 2. Differences</caption>
<tr><th rowspan="2">Model</th><th colspan="2">Internal</th><th colspan="2">External</th></tr>
<tr><th>AUC</th><th>F1</th><th>AUC</th><th>F1</th></tr>
<tr><td>A + B</td><td>0.11 ± 0.02</td><td>-0.22</td><td></td><td>0.44</td></tr>
<tr><td>A</td><td>0.51 (0.4-0.6)</td><td>&lt; 0.001</td><td>12 %</td><td>18 885</td></tr>
<tr><td>No ash</td><td>0.61</td><td>0.5</td><td>–</td><td>0.77</td></tr>
</table>
<table><caption>Table 3. Counts</caption>
<tr><th>Site</th><th>In</th><th>Out</th><th>P</th></tr>
<tr><td>North</td><td>5</td><td>–</td><td>3</td></tr>
<tr><td>South</td><td>12</td><td>345</td><td>&lt;0.001</td></tr>
<tr><td>East</td><td>−</td><td>7.1</td><td></td></tr>
<tr><td>West*</td><td>1.5*</td><td>7.1†</td><td>+0.2</td></tr>
<tr><td>Far</td><td>2.5ᵃ</td><td>8.1ᵃ,ᵇ</td><td>0.3</td></tr>
<tr><td>Middle [3]</td><td>0.5</td><td>-0.3</td><td>0.7 [0.6, 0.8]</td></tr>
</table>
<table><caption>Table 4. Rates</caption>
<tr><th>Set</th><th>Area</th><th>Mean</th></tr>
<tr><td>ward</td><td>0.11</td><td>0.12</td></tr>
<tr><th>Set</th><th>Gain</th><th>Loss</th></tr>
<tr><td>ward</td><td>0.31</td><td>0.32</td></tr>
</table>"""


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Document:
    path: Path = tmp_path_factory.mktemp("tables") / "tables.html"
    path.write_text(f"<html><body><h1>Tables of a trial</h1><p>Sets of P(a | b) grew.</p>{RESULTS}</body></html>")
    return layout(path)


def is_found(quote: str, document: Document) -> bool:
    """Return whether a quote is found in the document, as a reviewer's is looked up."""
    return EvidenceTexts({"main": document.text}, {"main": document}).find(Quote(quote)).start is not None


HEADS = "| Model | Internal / AUC | Internal / F1 | External / AUC | External / F1 |\n|---|---|---|---|---|\n"


@pytest.mark.parametrize(
    "quote",
    [
        # the name of another row
        "| Ours | … | 0.671 |",
        "| Ours | … | 0.671 | 1200 |",
        "| ash | 0.61 | 0.5 |",
        "ash 0.61",
        "ash\t0.61",
        "| B | 0.11 ± 0.02 |",
        "| A | … | 0.44 |",
        # the head of another column
        "| Model | … | F1 |\n|---|---|---|\n| Ours | 0.913 | … |",
        "| Model | AUC | … |\n|---|---|---|\n| Ours | … | 0.720 |",
        "| Model | F1 |\n|---|---|\n| Ours | 0.913 |",
        "| n |\n| Ours | 0.913 |",
        "| Model | … | External / AUC |\n| A | 0.51 (0.4-0.6) |",
        "Model … F1\nOurs … 1200",
        "| Set | Area | Mean |\n|---|---|---|\n| ward | 0.31 | 0.32 |",
        "| Set | Gain | Loss |\n|---|---|---|\n| ward | 0.11 | 0.12 |",
        # the caption of another table
        "Table 2. Differences\n\n| Model | AUC |\n|---|---|\n| Ours | 0.913 |",
        # a line across the table that is not the row's
        "| Internal validation |\n| Ours | 0.813 | … |",
        "| Internal validation | | | |\n| Elm | 0.701 | 0.455 | 300 |",
        "Internal validation\nElm 0.701 0.455 300",
        # empty cells are cells
        "| A + B | 0.11 ± 0.02 | -0.22 | 0.44 | |",
        "| A + B | 0.11 ± 0.02 | -0.22 | 0.44 |",
        HEADS + "| A + B | 0.11 ± 0.02 | -0.22 | 0.44 | |",
        "| North | 5 | 3 |",
        "| ward | 0.11 | 0.12 | |",
        # a part of a cell
        "| A | … | 885 |",
        "| A | … | 18 |",
        "A … 885",
        "| A | 0.51 (0.4 |",
        "Middle … 0.6",
        "| Middle | 0.5 | -0.3 | 0.6 |",
        "| Ours | … | 0.620 |",
        # a number of several cells
        "5–3",
        "North 5-3",
        "North 5 – 3",
        "South 12 345",
        "| South | 12 345 |",
        "| South | 12345 |",
        "East −7.1",
        "East − 7.1",
    ],
)
def test_what_no_row_says_is_not_found(quote: str, document: Document) -> None:
    assert not is_found(quote, document)


@pytest.mark.parametrize(
    "quote",
    [
        "| Ours | 0.913 | 0.720 | 1200 |",
        "Table 1. Results\n\n| Model | AUC |\n|---|---|\n| Ours | 0.913 |",
        "Ours | 0.913 | 0.720",
        "Ours\t0.913\t0.720",
        "Ours 0.913 0.720",
        "| **Ours** | **0.913** | *0.720* |",
        "| __Ours__ | `0.913` | _0.720_ |",
        "| **External validation** |\n| Elm | **0.701** | … |",
        "**Ours** **0.913** 0.720",
        "**Ours without pretraining** 0.843",
        "| Ours | … | 0.720 |",
        "| Model | … | F1 | … |\n|---|---|---|---|\n| Ours | … | 0.720 | … |",
        "| External validation |\n| Elm | 0.701 | … |",
        "| External validation |  |  |  |\n| Elm | 0.701 | 0.455 | 300 |",
        "| Ours | 0.913 | 0.720 | 1200 |\n| External validation |\n| Elm | 0.701 | 0.455 | 300 |",
        "| A + B | 0.11 ± 0.02 | -0.22 |  | 0.44 |",
        HEADS + "| A | 0.51 (0.4-0.6) | < 0.001 | 12 % | 18 885 |",
        "| Model | Internal | | External | |\n| | AUC | F1 | AUC | F1 |\n| A | 0.51 (0.4-0.6) | <0.001 |",
        "| North | 5 | – | 3 |",
        "| South | 12 | 345 | < 0.001 |",
        "| East | − | 7.1 | |",
        "| East | − | 7.1 |",
        "| West | 1.5 | 7.1 |",
        "| West* | 1.5* | 7.1† | +0.2 |",
        "West 1.5 7.1 +0.2",
        "| Middle | 0.5 | -0.3 | 0.7 [0.6, 0.8] |",
        "Middle … 0.7",
        "| Far | 2.5 | 8.1 | 0.3 |",
        "Far … 8.1",
        "Ours … 0.913",
        "P(a | b) grew",
        "| Set | Area | Mean |\n|---|---|---|\n| ward | 0.11 | 0.12 |",
        "| Set | Gain | Loss |\n|---|---|---|\n| ward | 0.31 | 0.32 |",
    ],
)
def test_what_a_row_says_is_found(quote: str, document: Document) -> None:
    assert is_found(quote, document)


def test_all_rows_as_they_are_shown_are_found_with_and_without_their_heads(document: Document) -> None:
    # Below a head within the table the one at its top is not that of a row.
    for table in document.tables:
        head, line, *rows = table.markdown(document.text).splitlines()
        again = next((n for n, row in enumerate(rows) if row == "| Set | Gain | Loss |"), len(rows))
        for n, row in enumerate(rows):
            assert is_found(row, document), row
            assert n > again or is_found(f"{head}\n{line}\n{row}", document), row


def test_without_tables_a_quote_with_bars_begins_and_ends_where_a_line_or_cell_does() -> None:
    texts = EvidenceTexts({"main": "Model\tArea\nNo ash\t0.61\t0.5\nelm 0.71 0.4\n"})
    for quote, found in (
        ("| No ash | 0.61 | 0.5 |", True), ("| 0.61 | 0.5 |", True), ("| elm | 0.71 | 0.4 |", True),
        ("| ash | 0.61 |", False), ("ash\t0.61", False), ("| elm | 0.71 |", False), ("| No ash | … | 0.5 |", False),
    ):  # fmt: skip
        assert (texts.find(Quote(quote)).start is not None) is found, quote


@pytest.mark.parametrize(
    "quote",
    [
        "| " + "… | b | " * 8 + "z |",
        "b " + "… b " * 8 + "z",
        "\n".join(["| b | a | … | b |"] * 12 + ["| b | z |"]),
    ],
)
def test_a_quote_that_fits_in_many_ways_but_for_its_end_takes_no_longer(quote: str) -> None:
    # Tried one after the other the ways would take hours.
    width, height = 20, 40
    text = "\n".join("\t".join("ba"[column % 2] for column in range(width)) for _ in range(height))
    cells = [
        Cell(start=2 * n, end=2 * n + 1, row=n // width, column=n % width, head=n < width)
        for n in range(width * height)
    ]
    table = Table(cells=tuple(cells))
    assert not is_found(quote, Document(text=text, pages=(0,), blocks=(), tables=(table,), reader=""))
