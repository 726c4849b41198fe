"""A table of extracted data as somebody looks at it: sorted by a column, and the rows that fit words and a value."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..core.errors import BadInput
from .tables import SynthesisTable

MOST_VALUES = 60
"""With more different values than this a column has no list to choose from."""
EMPTY = "(empty)"
"""What is chosen for cells without anything."""


@dataclass(frozen=True)
class TableView:
    """How a table is looked at. `words` must all stand in a row, whatever their case; `value` is what `column` shows."""

    words: str = ""
    column: str = ""
    value: str = ""
    sort: str = ""
    descending: bool = False

    @property
    def filters(self) -> bool:
        """Return whether rows are left out."""
        return bool(self.words.split() or (self.column and self.value))

    def of(self, table: SynthesisTable) -> SynthesisTable:
        """Return the table with the rows that fit, in order, and a note on how many these are.

        Raises `BadInput` for a column that the table does not have.
        """
        for name in (self.column, self.sort):
            if name and name not in table.columns:
                raise BadInput(f"`{name[:80]}`: the table {table.name} has no such column.")
        words = self.words.casefold().split()
        rows = [row for row in table.rows if self._fits(row, words)]
        if self.sort:
            rows = self._sorted(rows)
        if not self.filters:
            return replace(table, rows=rows)
        note = f"{len(rows):,} of {len(table.rows):,} rows, those that were filtered for; counts of answers are of the whole table."
        return replace(table, rows=rows, notes=(*table.notes, note), drawing=None)

    def values(self, table: SynthesisTable) -> list[str]:
        """Return what the chosen column shows, each once, in order; nothing where that is too much to choose from."""
        if self.column not in table.columns:
            return []
        shown = {_shown(row, self.column) or EMPTY for row in table.rows}
        return sorted(shown, key=str.casefold) if len(shown) <= MOST_VALUES else []

    def query(self) -> dict[str, str]:
        """Return it as fields of an address; those that say nothing are left out."""
        fields = {
            "q": self.words,
            "column": self.column,
            "value": self.value,
            "sort": self.sort,
            "down": "1" * self.descending,
        }
        return {name: value for name, value in fields.items() if value}

    def by(self, column: str) -> "TableView":
        """Return the view after a click on the heading of a column: up, then down, then in the order of the table."""
        if self.sort != column:
            return replace(self, sort=column, descending=False)
        return replace(self, descending=True) if not self.descending else replace(self, sort="", descending=False)

    def _fits(self, row: Mapping[str, Any], words: Sequence[str]) -> bool:
        if self.column and self.value:
            shown = _shown(row, self.column)
            if shown.casefold() != ("" if self.value == EMPTY else self.value.casefold()):
                return False
        text = " ".join(_shown(row, name) for name in row).casefold() if words else ""
        return all(word in text for word in words)

    def _sorted(self, rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        """Return rows by the column: numbers before texts, and what is empty at the end either way."""
        filled = [row for row in rows if _shown(row, self.sort)]
        ordered = sorted(
            filled, key=lambda row: _key(row[self.sort].value, _shown(row, self.sort)), reverse=self.descending
        )
        return [*ordered, *(row for row in rows if not _shown(row, self.sort))]


def _shown(row: Mapping[str, Any], column: str) -> str:
    return str(row[column].shown) if column in row else ""


def _key(value: Any, shown: str) -> tuple[int, float, str]:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return (0, float(value), "") if is_number else (1, 0.0, shown.casefold())
