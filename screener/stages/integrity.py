"""Marked records that the review includes: a person must decide about each."""

from collections.abc import Mapping
from dataclasses import dataclass

from ..core.judgement import Decision, Stage
from ..ledger import Ledger, integrity_checks, integrity_decisions, marked_records, reads
from ..records import Integrity
from .standing import Status
from .state import StageState

GRAVE = (Integrity.CONCERN, Integrity.WITHDRAWN, Integrity.RETRACTED)
"""Marks about which a person must decide where the record is included."""


@dataclass(frozen=True)
class MarkedRecord:
    """A marked record. `decision` is what a person noted about this mark, with name and day; empty for nothing."""

    id: str
    title: str
    integrity: str
    why: tuple[str, ...]
    included: bool
    decision: str

    @property
    def must_decide(self) -> bool:
        """Return whether it is included, gravely marked, and nobody has decided about that."""
        return self.included and self.integrity in GRAVE and not self.decision


@dataclass(frozen=True)
class IntegrityState:
    """The marked records, and when their status was checked last: `checked` is empty where it never was."""

    marked: tuple[MarkedRecord, ...]
    checked: str
    source: str
    who: str

    @property
    def undecided(self) -> tuple[MarkedRecord, ...]:
        """Return those about which a person must decide."""
        return tuple(record for record in self.marked if record.must_decide)


def integrity_state(ledger: Ledger, stages: Mapping[Stage, StageState]) -> IntegrityState:
    """Return what is known against the review's records, the gravest first."""
    included = _included(stages)
    with ledger.read() as connection:
        marked, decisions, checks = (
            marked_records(connection),
            integrity_decisions(connection),
            integrity_checks(connection),
        )
        titles = {record.id: record.shown_title for record in reads.records(connection, set(marked))}
    rows = []
    for name, mark in marked.items():
        decided = decisions.get(name)
        told = (
            f"{decided.note} ({decided.who}, {decided.at[:10]})" if decided and decided.mark == mark.integrity else ""
        )
        rows.append(MarkedRecord(name, titles[name], mark.integrity.value, mark.why, name in included, told))
    order = list(Integrity)
    rows.sort(key=lambda row: (not row.included, -order.index(Integrity(row.integrity))))
    last = checks[-1] if checks else None
    return IntegrityState(tuple(rows), last.at if last else "", last.source if last else "", last.who if last else "")


def _included(stages: Mapping[Stage, StageState]) -> set[str]:
    """Return the records that are finally included at the last stage of screening, or go on to extraction."""
    last = next((stages[stage] for stage in (Stage.FULLTEXT, Stage.ABSTRACT) if stage in stages), None)
    if last is None:
        return set()
    return {
        name
        for name, standing in last.standings.items()
        if standing.status is Status.FINAL and standing.decision is Decision.INCLUDE
    }
