"""Which rows and columns of a table are whose: by the names in their heads."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from ..documents import Cell, Table

_WORD = re.compile(r"\w+")
_GAP = r"[\W_]*"
_BRACKETS = re.compile(r"\s*[(\[].*")
_BESIDE = re.compile(
    r"(?:\b(?:vs|versus|over|against|than|to|without|w/o|no|except|minus|like|from)\b\.?|[-−–Δ/])\s*(?:the\s+)?$"
)
"""What, before a name, makes a head one of something else: `gain over X`, `without X`."""
_VARIANT = r"(?!-(?!(?:\w{1,3}|base|large|small|tiny|huge|medium)(?!\w)))"
"""What goes on behind a name is a size or version of it (`X-B`), or else another name (`X-Bench`)."""
_OWN = re.compile(r"(?:ours?|proposed|this (?:work|study|paper)|the proposed)\b")


@dataclass(frozen=True)
class UnitNames:
    """The names of one entry of a list of units, and those of the others."""

    own: tuple[str, ...]
    others: tuple[str, ...] = ()

    @cached_property
    def _patterns(self) -> tuple[list[str], list[str]]:
        return list(_patterns(self.own)), list(_patterns(self.others))

    def may_be(self, head: str) -> bool:
        """Return whether a head has one of the names, which is not a part of another's: `X` is none in `X-C`, if that is
        another entry.
        """
        return any(True for _ in self._places(head))

    def said_in(self, head: str) -> bool:
        """Return whether a head has one of the names as that of its row or column, for all that can be seen."""
        words = _plain(head)
        return any(
            _BESIDE.search(words[:start]) is None and re.match(_VARIANT, words[end:]) is not None
            for start, end in self._places(head)
        )

    def _places(self, head: str) -> Iterator[tuple[int, int]]:
        words, (own, others) = _plain(head), self._patterns
        taken = [match.span() for pattern in others for match in re.finditer(pattern, words)]
        for pattern in own:
            for match in re.finditer(pattern, words):
                start, end = match.span()
                if not any(s <= start and end <= e and e - s > end - start for s, e in taken):
                    yield start, end


def is_authors(head: str) -> bool:
    """Return whether a head says only that its row is of the authors: `Ours` may be any of their models."""
    return _OWN.match(_plain(head)) is not None


def _plain(words: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", words).casefold().split())


def _patterns(names: Iterable[str]) -> Iterator[str]:
    """Yield patterns for names, whole and without what is in brackets behind them; blanks and hyphens do not matter."""
    for form in dict.fromkeys(form for name in names for form in (name, _BRACKETS.sub("", name))):
        if words := _WORD.findall(_plain(form)):
            yield rf"(?<!\w){_GAP.join(map(re.escape, words))}(?!\w)"


def is_across(table: Table, cell: Cell) -> bool:
    """Return whether a head is a line across the table, which is about the rows below it."""
    return table.column_count > 1 and cell.column_span == table.column_count


def heads_saying(table: Table, text: str, says: Callable[[str], bool]) -> tuple[list[Cell], list[Cell]]:
    """Return the heads of rows and those of columns, in a document's `text`, of which `says` is true."""
    rows: list[Cell] = []
    columns: list[Cell] = []
    for cell in table.cells:
        if cell.head and says(text[cell.start : cell.end]):
            is_column = cell.row in table.head_rows and not is_across(table, cell)
            (columns if is_column else rows).append(cell)
    return rows, columns
