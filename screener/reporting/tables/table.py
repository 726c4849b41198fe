"""A table of a synthesis: cells with the words that people read, and how many are whose."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...core.judgement import ItemAnswer, ItemStatus
from ...forms import ItemField
from ...forms.labels import code_label
from ..drawing import Drawing
from .studies import By, ExtractedStudy

OTHER = "other"
STATUS_WORDS = {
    ItemStatus.NOT_REPORTED: "not reported",
    ItemStatus.NOT_APPLICABLE: "not applicable",
    ItemStatus.UNCLEAR: "unclear",
}
"""What stands in a cell that has no value. One that nobody has answered is empty."""


@dataclass(frozen=True, slots=True)
class TableCell:
    """A cell: `value` is what files have (text, a number, or a list of texts), `text` what people read.

    `by` says whose answer it is; the empty string for what is no answer to an item, and for an answer that is missing.
    """

    value: Any
    text: str = ""
    by: By = ""

    @property
    def shown(self) -> str:
        """Return what people read."""
        return self.text or ("" if self.value is None else str(self.value))


@dataclass
class CellCounts:
    """How many answers a table shows: by a person, by a machine, unclear (whoever says so), and missing."""

    person: int = 0
    machine: int = 0
    unclear: int = 0
    missing: int = 0

    def count(self, study: ExtractedStudy, answer: ItemAnswer | None) -> None:
        """Count an answer that a study has, or lacks."""
        if answer is None:
            self.missing += 1
        elif answer.status is ItemStatus.UNCLEAR:
            self.unclear += 1
        elif study.by == "machine":
            self.machine += 1
        else:
            self.person += 1

    @property
    def sentence(self) -> str:
        """Return it in words."""
        return (
            f"Of {self.person + self.machine + self.unclear + self.missing:,} answers {self.person:,} are by people, "
            f"{self.machine:,} by a machine and checked by nobody, {self.unclear:,} unclear, {self.missing:,} missing."
        )


@dataclass(frozen=True)
class SynthesisTable:
    """A table: `columns` are the keys of the rows, in order, and `headings` what people read above them.

    `notes` are sentences that belong below it, `caption` stands above it.
    """

    name: str
    caption: str
    columns: tuple[str, ...]
    rows: Sequence[Mapping[str, TableCell]]
    counts: CellCounts
    headings: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    drawing: Drawing | None = None
    """The same as a drawing, of a table that has one."""

    @property
    def values(self) -> Iterable[dict[str, Any]]:
        """Yield the rows as files have them."""
        return ({name: cell.value for name, cell in row.items()} for row in self.rows)

    def heading(self, column: str) -> str:
        """Return what people read above a column."""
        return self.headings.get(column, column)

    @property
    def remarks(self) -> tuple[str, ...]:
        """Return whose the answers are, and the notes."""
        return (self.counts.sentence, *self.notes)


def answer_cell(study: ExtractedStudy, field: ItemField, answer: ItemAnswer | None) -> TableCell:
    """Return the answer to an item as a cell. What has no value says why: `not reported`, `unclear`."""
    if answer is None:
        return TableCell(None)
    if answer.status is not ItemStatus.REPORTED:
        return TableCell(STATUS_WORDS[answer.status], by=study.by)
    parts = answer.value if isinstance(answer.value, list) else [answer.value]
    raw = [_other(part, answer.other) for part in parts]
    shown = [_shown(field, part, answer.other) for part in parts]
    return TableCell(raw if isinstance(answer.value, list) else raw[0], "; ".join(shown), study.by)


def _other(part: Any, other: str | None) -> Any:
    return f"{OTHER}: {other}" if part == OTHER and other else part


def _shown(field: ItemField, part: Any, other: str | None) -> str:
    if isinstance(part, bool):
        return "yes" if part else "no"
    if part == OTHER and other:
        return other
    if field.vocabulary is not None:
        return code_label(str(part), field.vocabulary)
    if isinstance(part, int | float):
        return f"{part:,.10g}" if abs(part) >= 10_000 else f"{part:.10g}"
    return str(part)


def listed(names: Sequence[str], most: int = 10) -> str:
    """Return some names, the first ones where there are many."""
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def unanswered_note(studies: Sequence[ExtractedStudy]) -> tuple[str, ...]:
    """Return a sentence on the studies of which nobody's values count yet, or none."""
    waiting = [study.label for study in studies if not study.by]
    if not waiting:
        return ()
    return (f"{len(waiting):,} of {len(studies):,} studies have no values that count yet: {listed(waiting)}.",)
