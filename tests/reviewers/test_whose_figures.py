"""A figure of a table counts for the model in whose row it stands, and for the measure in whose column."""

from dataclasses import replace
from typing import Any

import pytest

from screener.core.judgement import Evidence, ItemAnswer, ItemStatus
from screener.documents import Block, Cell, Document, EvidenceTexts, Kind, Quote, Table
from screener.forms import GroupField, ItemField, Quantity, RowField, UnitField, Vocabulary
from screener.reviewers.questions import FormPart
from screener.reviewers.whose_figures import held_against_tables


class Measure(Vocabulary):
    AUROC = "auroc", "AUC"
    F1 = "f1", "F1 score"
    RECALL = "recall"
    RECALL_AT_1 = "recall_at_1", "recall@1"


VALUE = ItemField("value", "The figure.", "number", quantity=Quantity({"": 1.0, "%": 1.0}))
MEASURE = ItemField("measure", "Which?", "code", vocabulary=Measure, coded=True)
OTHER_NAMES = ItemField("other_names", "Other names.", "texts", near=("also called",))
GROUP = GroupField("outcome", "Results.", (OTHER_NAMES,), (RowField("results", "Figures.", (MEASURE, VALUE)),))
PARTS = (FormPart(GROUP, UnitField("models", "Models.", (GROUP,))),)
RESULT = "models[0].outcome.results[0]."

ROWS = (
    ("Method", "AUROC", "F1 score"),
    ("Theirs", "0.757", "0.259"),
    ("Loom-A", "0.812", "0.320"),
    ("Loom (large)", "0.826", "0.309"),
    ("Loom without mask", "0.801", "0.301"),
)
COLUMNS = (("Measure", "Theirs", "Loom"), ("AUROC", "0.757", "0.826"), ("F1 score", "0.259", "0.309"))


def document(*tables: tuple[tuple[str, ...], ...], before: str = "") -> Document:
    """Tables, one below the other; the first row and the first column of each are heads."""
    text, grids = before, []
    for rows in tables:
        cells = []
        for row, line in enumerate(rows):
            for column, words in enumerate(line):
                text += "\t" if column else "\n"
                if words:
                    end = len(text) + len(words)
                    cells.append(Cell(start=len(text), end=end, row=row, column=column, head=not (row and column)))
                    text += words
        grids.append(Table(cells=tuple(cells)))
    blocks = (
        Block(start=0, end=len(before), kind=Kind.TEXT),
        Block(start=len(before) + 1, end=len(text), kind=Kind.TABLE_ROW),
    )[not before :]
    return Document(text=text, pages=(0,), blocks=blocks, tables=tuple(grids), reader="test")


def held(
    told: Document, value: float, *quotes: str, measure: str = "auroc", names: tuple[str, ...] = ("Loom",), **other: Any
) -> ItemAnswer:
    """The answer that is left of a figure, given with its quotes for the first of the models."""
    sources = EvidenceTexts({"main": told.text}, {"main": told})
    evidence = tuple(sources.find(Quote(quote)) for quote in quotes)
    assert all(quote.start is not None for quote in evidence)
    reported = ItemStatus.REPORTED
    items = {
        f"{RESULT}value": ItemAnswer(status=reported, value=value, evidence=evidence),
        f"{RESULT}measure": ItemAnswer(status=reported, value=measure),
    }
    items |= {f"models[0].outcome.{path}": ItemAnswer(status=reported, value=answer) for path, answer in other.items()}
    known = {"models": {name: number for number, name in enumerate(names)}}
    return held_against_tables(PARTS, known, items, sources)[f"{RESULT}value"]


def test_a_figure_in_the_row_of_the_model_stands_also_of_a_variant_and_in_another_spelling() -> None:
    told = document(ROWS)
    assert held(told, 0.826, "Loom (large) 0.826").status is ItemStatus.REPORTED
    assert held(told, 0.826, "0.826 0.309").status is ItemStatus.REPORTED
    assert held(told, 0.812, "Loom-A 0.812").status is ItemStatus.REPORTED
    assert held(told, 0.812, "0.812", names=("LOOM – A",)).status is ItemStatus.REPORTED
    assert held(told, 0.801, "Loom without mask 0.801").status is ItemStatus.REPORTED


@pytest.mark.parametrize("quote", ["Theirs 0.757", "0.757", "| Theirs | 0.757 | 0.259 |"])
def test_a_figure_in_the_row_of_another_is_unclear(quote: str) -> None:
    answer = held(document(ROWS), 0.757, quote)
    assert answer.status is ItemStatus.UNCLEAR
    assert answer.value == 0.757
    assert answer.reason == "the figure stands in the row of “Theirs”, not of “Loom”"
    beyond = held(document(ROWS), 0.259, "Theirs … 0.259", measure="f1")
    assert beyond.reason == answer.reason


def test_a_figure_in_the_column_of_another_is_unclear() -> None:
    told = document(COLUMNS)
    assert held(told, 0.826, "AUROC 0.757 0.826").status is ItemStatus.REPORTED
    answer = held(told, 0.757, "AUROC 0.757 0.826")
    assert answer.reason == "the figure stands in the column of “Theirs”, not of “Loom”"


def test_a_row_of_another_model_of_the_study_is_not_ones_own() -> None:
    told = document(ROWS)
    answer = held(told, 0.812, "Loom-A 0.812", names=("Loom", "Loom-A"))
    assert answer.reason == "the figure stands in the row of “Loom-A”, not of “Loom”"
    assert held(told, 0.826, "Loom (large) 0.826", names=("Loom", "Loom-A")).status is ItemStatus.REPORTED


def test_other_names_of_the_model_count() -> None:
    told = document(ROWS)
    assert held(told, 0.757, "Theirs 0.757", other_names=["Theirs"]).status is ItemStatus.REPORTED
    assert held(told, 0.757, "Theirs 0.757", names=("Warp",), other_names=["Loom"]).status is ItemStatus.UNCLEAR


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ((("Method", "AUROC"), ("Theirs", "0.757"), ("Warp", "0.7")), "no row names the model"),
        ((("Method", "AUROC", "Gain over Loom"), ("Theirs", "0.757", "0.1")), "the model is what others are held against"),
        ((("Data", "AUROC"), ("Theirs", "0.757"), ("Loom-Bench", "0.7")), "the name goes on to another one"),
        ((("Method", "AUROC"), ("Loom", "0.8"), ("Ours", "0.757")), "the authors' may be this model"),
        ((("Method", "AUROC"), ("Loom", "0.8"), ("", "0.757")), "the row has no name"),
        ((("Method", "AUROC"), ("Loom", "0.8"), ("10", "0.757")), "a number names nobody"),
    ],
)  # fmt: skip
def test_where_a_table_does_not_tell_whose_a_row_is_nothing_is_said(
    rows: tuple[tuple[str, ...], ...], why: str
) -> None:
    assert held(document(rows), 0.757, "0.757").status is ItemStatus.REPORTED, why


def test_what_a_sentence_says_too_stands() -> None:
    told = document(ROWS, before="Loom reached 0.757 in the end.")
    assert held(told, 0.757, "Theirs 0.757", "Loom reached 0.757").status is ItemStatus.REPORTED


@pytest.mark.parametrize(
    ("sentence", "status"),
    [
        ("Loom reached 0.757.", ItemStatus.REPORTED),
        ("We reached 0.757.", ItemStatus.REPORTED),
        ("Theirs had 0.757.", ItemStatus.UNCLEAR),
        ("We reached 0.826. Theirs had 0.757.", ItemStatus.UNCLEAR),
    ],
)
def test_a_bare_figure_of_anothers_row_stands_if_a_sentence_says_it_of_the_model(
    sentence: str, status: ItemStatus
) -> None:
    told = document(ROWS)
    text = f"{told.text}\n\n{sentence}"
    block = Block(start=len(told.text) + 2, end=len(text), kind=Kind.TEXT)
    told = told.model_copy(update={"text": text, "blocks": (*told.blocks, block)})
    assert held(told, 0.757, "0.757").status is status


def test_a_bare_figure_is_taken_from_the_models_own_row_where_it_stands_there_too() -> None:
    first = (("Angle", "AUROC"), ("45", "0.826"))
    told = document(first, ROWS)
    answer = held(told, 0.826, "0.826")
    [place] = answer.evidence
    assert answer.status is ItemStatus.REPORTED
    assert isinstance(place, Evidence)
    assert place.start == told.text.index("0.826", told.text.index("Loom (large)"))
    told = document((("Angle", "AUROC"), ("45 + mask", "0.757")), ROWS)
    other = held(told, 0.757, "0.757")
    assert other.reason == "the figure stands in the row of “Theirs”, not of “Loom”"
    assert other.evidence[0].start == told.text.index("0.757", told.text.index("Theirs")), "where the reason says it is"


@pytest.mark.parametrize("quote", ["0.826", "0.826 ± 0.02", "0.826 ± 0.03"])
def test_a_figure_with_what_stands_behind_it_is_one_cell_among_those_that_are_alike(quote: str) -> None:
    told = document(
        (("Method", "AUROC"), ("Theirs", "0.826 ± 0.02"), ("Loom", "0.826 ± 0.02"), ("Loom-B", "0.826 ± 0.03"))
    )
    assert held(told, 0.826, quote).status is ItemStatus.REPORTED
    assert held(told, 0.826, quote, names=("Theirs",)).status is (
        ItemStatus.UNCLEAR if "3" in quote else ItemStatus.REPORTED
    )


def test_a_figure_under_the_head_of_another_measure_is_unclear() -> None:
    told = document(ROWS)
    answer = held(told, 0.826, "Loom (large) 0.826", measure="f1")
    assert answer.status is ItemStatus.UNCLEAR
    assert answer.reason == "the figure stands under “AUROC”, which says auroc, not f1"
    assert held(told, 0.309, "Loom (large) 0.826 0.309", measure="f1").status is ItemStatus.REPORTED
    turned = held(document(COLUMNS), 0.826, "AUROC 0.757 0.826", measure="f1")
    assert turned.reason == "the figure stands under “AUROC”, which says auroc, not f1"


def test_of_a_measure_nothing_is_said_where_the_table_leaves_it_open() -> None:
    twice = document((("Method", "AUROC", "F1 score"), ("Loom", "0.8", "0.8")))
    assert held(twice, 0.8, "Loom 0.8 0.8", measure="f1").status is ItemStatus.REPORTED
    told = document(ROWS)
    assert held(told, 0.826, "Loom (large) 0.826", measure="recall").status is ItemStatus.REPORTED, "no column says it"
    both = document((("Method", "F1 score at best AUC", "F1 score"), ("Loom", "0.8", "0.7")))
    assert held(both, 0.8, "Loom 0.8", measure="auroc").status is ItemStatus.REPORTED
    again = document(ROWS, (("Method", "F1 score"), ("Loom", "0.826")))
    assert held(again, 0.826, "0.826", measure="f1").status is ItemStatus.REPORTED, "a bare figure may be either"
    longer = document((("Method", "Recall@1", "Recall"), ("Loom", "0.8", "0.7")))
    assert held(longer, 0.8, "Loom 0.8", measure="recall_at_1").status is ItemStatus.REPORTED
    assert held(longer, 0.8, "Loom 0.8", measure="recall").status is ItemStatus.UNCLEAR


def test_a_line_across_the_table_is_the_name_of_the_rows_below_it() -> None:
    told = document((("Method", "AUROC"), ("Theirs", ""), ("Linear", "0.757"), ("Loom", ""), ("Linear ", "0.826")))
    [table] = told.tables
    cells = tuple(cell.model_copy(update={"column_span": 2}) if cell.row in (1, 3) else cell for cell in table.cells)
    told = told.model_copy(update={"tables": (Table(cells=cells),)})
    assert held(told, 0.826, "0.826").status is ItemStatus.REPORTED
    assert held(told, 0.757, "0.757").reason == "the figure stands in the row of “Theirs”, not of “Loom”"


def test_lists_of_the_study_itself_are_no_models() -> None:
    told = document(ROWS)
    sources = EvidenceTexts({"main": told.text}, {"main": told})
    answer = ItemAnswer(status=ItemStatus.REPORTED, value=0.757, evidence=(sources.find(Quote("Theirs 0.757")),))
    items = {"outcome.results[0].value": answer}
    assert held_against_tables((replace(PARTS[0], unit=None),), {}, items, sources) == items
