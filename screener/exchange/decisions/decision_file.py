"""What a file of decisions says: who decided what of which row. All readers return this."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ...core.errors import BadInput
from ...core.judgement import Decision
from ...ledger import PEOPLE
from ...records import Export

_DECISIONS = {
    "include": Decision.INCLUDE, "included": Decision.INCLUDE, "1": Decision.INCLUDE, "yes": Decision.INCLUDE,
    "relevant": Decision.INCLUDE, "exclude": Decision.EXCLUDE, "excluded": Decision.EXCLUDE, "0": Decision.EXCLUDE,
    "no": Decision.EXCLUDE, "irrelevant": Decision.EXCLUDE, "unclear": Decision.UNCLEAR, "maybe": Decision.UNCLEAR,
}  # fmt: skip


def decision_of(cell: object) -> Decision | None:
    """Return the decision that a cell states, None for an empty one, R's NA and ASReview's −1; `BadInput` for another word."""
    word = str(cell if cell is not None else "").strip().lower()
    word = re.sub(r"\.0+$", "", word)
    if not word or word in ("nan", "none", "na", "n/a", "<na>", "null", "-1"):
        return None
    if word not in _DECISIONS:
        raise BadInput(f"decision: `{word}` is none of include, exclude, unclear")
    return _DECISIONS[word]


def person_of(text: str, option: str) -> tuple[str, str]:
    """Return name and role of `NAME`, `NAME:human` or `NAME:adjudicator`; `BadInput` for any other role."""
    name, colon, role = text.rpartition(":")
    if not colon:
        return text.strip(), "human"
    if role.strip().lower() not in PEOPLE:
        raise BadInput(f"{option}: `{role.strip()}` is neither human nor adjudicator; say NAME or NAME:adjudicator")
    return name.strip(), role.strip().lower()


@dataclass(frozen=True)
class Opinion:
    """One person's decision on one row. `reviewer` is None where the file does not name them.

    `answers` are their words on criteria, by the criterion's id, `failed` the criteria that they name as not met.
    """

    decision: Decision
    reviewer: str | None = None
    role: str = "human"
    reason: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    failed: tuple[str, ...] = ()


@dataclass(frozen=True)
class DecisionRow:
    """One row. `record` are its identifying fields, as `plain_entry` takes them.

    `answers` are words on criteria that hold for all of its opinions, by the criterion's id. `fault` says why it cannot be used; a row without opinions and without fault was not judged.
    """

    number: int
    record: Mapping[str, Any]
    opinions: tuple[Opinion, ...] = ()
    answers: Mapping[str, Any] = field(default_factory=dict)
    fault: str = ""


@dataclass(frozen=True)
class DecisionFile:
    """A file of decisions as read. `foreign_ids`: its ids are the tool's own numbers, which say nothing here.

    `unused` are columns of which nothing was read, `remarks` what else is to be said of the file to the user.
    """

    format: str
    rows: tuple[DecisionRow, ...]
    foreign_ids: bool = False
    unused: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def reviewers(self) -> dict[str | None, str]:
        """Everybody who decided anything, with their role, in the order in which they first appear."""
        return {opinion.reviewer: opinion.role for row in self.rows for opinion in row.opinions}


@dataclass(frozen=True)
class DecisionFileRequest:
    """A file to read decisions from, and what the user said of it.

    `columns` maps columns to `reviewer` or `reviewer:adjudicator`; `decision` is that of every row, for a list of what
    was decided alike. `criteria` are the ids of the criteria of the `stage`, which may be columns.
    """

    export: Export
    columns: Mapping[str, str] = field(default_factory=dict)
    decision: Decision | None = None
    criteria: tuple[str, ...] = ()
    stage: str = "abstract"


@dataclass(frozen=True)
class DecisionReader:
    """A format of decision files: `readable` is how messages list it, empty for one that needs no mention.

    `recognises` says by its content whether a file is of this format; `read` returns its rows, each with its fault where
    it has one, or raises `BadInput` for a file that cannot be used.
    """

    readable: str
    recognises: Callable[[DecisionFileRequest], bool]
    read: Callable[[DecisionFileRequest], DecisionFile]
