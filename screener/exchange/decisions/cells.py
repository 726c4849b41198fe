"""The columns of a decision table beside the decisions: reasons and criteria, whose they are, and which say nothing here."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ...core.errors import BadInput
from ...core.judgement import Decision, Value
from ...records import COLUMNS
from .decision_file import Opinion

Row = Mapping[str, Any]
_REASON = ("reason", "exclusion reason", "reason for exclusion", "exclude reason", "reasons", "exclusion reasons")
_CRITERION = ("criterion", "failed criterion", "exclusion criterion", "criterion not met")


def plain(name: str) -> str:
    """Return the name of a column for comparing: small letters, words divided by single blanks."""
    return " ".join(re.sub(r"[\s_:.\-#]+", " ", name).lower().split())


# What exports of other tools say of a record besides what identifies it; nobody misses it here.
_OF_RECORDS = frozenset(
    [plain(name) for names in COLUMNS.values() for name in names]
    + ["volume", "issue", "pages", "start page", "end page", "issn", "isbn", "publisher", "location", "pubmed central id",
       "published year", "published month", "study", "ref", "tags", "covidence number", "asreview tags", "asreview time",
       "asreview prior", "exported relevant", "asreview ranking", "date modified", "record type", "day", "month"]
)  # fmt: skip


@dataclass(frozen=True)
class Cells:
    """The reason and the criteria in the cells of a row: `failed` are those that a column `criterion` names."""

    reason: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    failed: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Return whether any cell says anything."""
        return bool(self.reason or self.answers or self.failed)

    def added_to(self, opinion: Opinion) -> Opinion:
        """Return an opinion with what these cells say, where it says nothing of the kind itself."""
        return replace(
            opinion,
            reason=opinion.reason or self.reason,
            answers=opinion.answers or dict(self.answers),
            failed=opinion.failed or self.failed,
        )


class CellColumns:
    """Which columns hold reasons and criteria: of the row as a whole, and of the person of a column.

    What is of the whole row belongs to its adjudicator, or else to the only person who decides in it.
    """

    def __init__(self, columns: Sequence[str], criteria: Sequence[str]) -> None:
        """Take the table's columns and the stage's criteria, by id."""
        self._columns = {plain(column): column for column in reversed(columns)}
        self._criteria = tuple(criteria)
        self._used: set[str] = set()
        self._whole = self._of((lambda name: name,))
        self.unattributed = 0
        """Rows whose reason or criteria are nobody's: several people decide in them."""

    def of_person(self, *names: str) -> "_Places":
        """Return the columns of a person, named by column or person: `anna reason`, `reason_anna`, `anna: method`."""
        forms = [
            form
            for name in dict.fromkeys(map(plain, names))
            for form in (lambda x, n=name: f"{n} {x}", lambda x, n=name: f"{x} {n}")
        ]
        return self._of(forms)

    def read(self, row: Row, places: "_Places") -> Cells:
        """Return what the cells of these columns say; `BadInput` for a word that is no answer or no criterion."""
        answers = {}
        for criterion, column in places.criteria.items():
            word = _text(row, column).lower()
            if word and word not in {value.value for value in Value}:
                raise BadInput(f"{criterion}: `{word}` is none of {', '.join(Value)}")
            if word:
                answers[criterion] = word
        named = [part.strip() for part in re.split(r"[;,|]", _text(row, places.criterion)) if part.strip()]
        by_name = {plain(criterion): criterion for criterion in self._criteria}
        for part in named:
            if plain(part) not in by_name:
                raise BadInput(f"{places.criterion}: `{part}` is none of the criteria {', '.join(self._criteria)}")
        return Cells(_text(row, places.reason), answers, tuple(by_name[plain(part)] for part in named))

    def attribute(self, row: Row, opinions: tuple[Opinion, ...]) -> tuple[Opinion, ...]:
        """Return the opinions of a row, with the row's own reason and criteria given to whom they belong."""
        cells = self.read(row, self._whole) if opinions else Cells()
        if not cells:
            return opinions
        adjudicators = [opinion for opinion in opinions if opinion.role == "adjudicator"]
        excluders = [opinion for opinion in opinions if opinion.decision is Decision.EXCLUDE]
        owner = next((few[0] for few in (adjudicators, opinions, excluders) if len(few) == 1), None)
        if owner is None:
            self.unattributed += 1
            return opinions
        return tuple(cells.added_to(opinion) if opinion is owner else opinion for opinion in opinions)

    def unused(self, columns: Iterable[str], used: Iterable[str]) -> tuple[str, ...]:
        """Return the columns of which nothing is read, those that describe the record left out."""
        known = self._used | set(used)
        return tuple(
            column for column in columns if column and column not in known and plain(column) not in _OF_RECORDS
        )

    def remarks(self) -> tuple[str, ...]:
        """Return what is to be said of how these columns were read."""
        remarks = []
        if self._whole.criterion:
            remarks.append(f"column `{self._whole.criterion}` is read as the criterion that is not met")
        if self.unattributed:
            remarks.append(
                f"the reason or criteria of {self.unattributed:,} rows in which several people decide are nobody's and were "
                "left out: name their columns `NAME reason` and `NAME CRITERION`"
            )
        return tuple(remarks)

    def _of(self, forms: Iterable[Callable[[str], str]]) -> "_Places":
        def first(names: Sequence[str]) -> str:
            column = next((self._columns[name] for name in _spelled(forms, names) if name in self._columns), "")
            self._used.add(column)
            return column

        criteria = {criterion: column for criterion in self._criteria if (column := first([plain(criterion)]))}
        return _Places(first(_REASON), first(_CRITERION), criteria)


@dataclass(frozen=True)
class _Places:
    """The columns that hold a reason, criteria that are not met, and answers by criterion; empty where there is none."""

    reason: str
    criterion: str
    criteria: Mapping[str, str]

    @property
    def columns(self) -> tuple[str, ...]:
        """Return all of them."""
        return tuple(filter(None, (self.reason, self.criterion, *self.criteria.values())))


def _spelled(forms: Iterable[Callable[[str], str]], names: Sequence[str]) -> Iterator[str]:
    for form in forms:
        for name in names:
            yield form(name)


def _text(row: Row, column: str) -> str:
    cell = row.get(column) if column else None
    text = "" if cell is None else str(cell).strip()
    return "" if text.lower() in ("nan", "none") else text
