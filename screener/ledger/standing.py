"""What counts for a record at a stage: one pure function of the protocol's decision rule and the judgements.

Next stage, flow and export read only this.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection

from ..judgement import Decision, Judgement, Stage
from ..protocol import DecidedBy
from ..records import Record
from . import reads
from .reads import Row


class Status(StrEnum):
    """How firm a standing is."""

    FINAL = "final"
    """Decided: by adjudication, by agreeing humans, or by a machine whose gate is open."""
    SUGGESTED = "suggested"
    """A machine's decision that waits for humans; what it would exclude is not excluded."""
    CONFLICT = "conflict"
    """Independent human judgements differ."""
    PENDING = "pending"
    """Nobody has judged it yet, or not enough humans."""
    ERROR = "error"
    """The machine failed on it, and nobody else has decided."""


@dataclass(frozen=True)
class Standing:
    """A record's standing. `by` names who decided; `judgement` is the one whose reasons are shown."""

    status: Status
    decision: Decision | None = None
    by: str = ""
    judgement: Judgement | None = None

    @property
    def goes_on(self) -> bool:
        """Whether the record goes to the next stage: finally kept, or kept by a machine's suggestion."""
        return self.status in (Status.FINAL, Status.SUGGESTED) and self.decision is not None and self.decision.kept


def stand(rule: DecidedBy, judgements: Sequence[Row], *, error: bool = False, gate_open: bool = False) -> Standing:
    """The standing of one record at one stage.

    `judgements` are those of the record, oldest first; of each reviewer the newest counts. Order of authority: an
    adjudication; the required number of human judgements, if they agree on keeping or excluding; the machine that the
    protocol names, final only with an open gate. Gold labels and other machines never count.
    """
    # Records that were merged bring the judgements of each: a reviewer who judged both has one of each here.
    newest: dict[tuple[str, str, str], Row] = {}
    for row in judgements:
        if row.repeat == 0:
            newest[row.role, row.reviewer, row.record_id] = row
    rulings = [row for (role, _, _), row in newest.items() if role == "adjudicator"]
    if rulings:
        last = max(rulings, key=lambda row: row.id)
        return _by(Status.FINAL, last)
    humans = [row for (role, _, _), row in newest.items() if role == "human"]
    if len({row.judgement.decision.kept for row in humans}) > 1:
        return Standing(Status.CONFLICT, by=_names(humans))
    if rule.humans and len({row.reviewer for row in humans}) >= rule.humans:
        # All keep or all exclude; an include beside an unclear is unclear until somebody decides.
        unsure = next((row for row in humans if row.judgement.decision is Decision.UNCLEAR), humans[0])
        return _by(Status.FINAL, unsure, by=_names(humans))
    machines = [row for (role, name, _), row in newest.items() if role == "machine" and name == rule.machine]
    if machines:
        return _by(Status.FINAL if gate_open else Status.SUGGESTED, max(machines, key=lambda row: row.id))
    return Standing(Status.ERROR if error else Status.PENDING)


def standings(
    connection: Connection, stage: Stage, rule: DecidedBy, records: Iterable[Record], *, protocol: str | None = None
) -> dict[str, Standing]:
    """The standing of every record, by id.

    A machine's judgement does not count when the text has changed since, or the protocol (`protocol` is the hash of
    what it says now, see `Review.fingerprint`; None does not ask).
    """
    by_record: dict[str, list[Row]] = {record.id: [] for record in records}
    texts: Mapping[str, str] = {record.id: record.text_hash for record in records}
    moved = reads.aliases(connection)
    under = reads.protocols(connection)
    for row in reads.judgements(connection, stage):
        record_id = moved.get(row.record_id, row.record_id)
        stale = row.role == "machine" and (
            row.text_hash != texts.get(record_id)
            or (protocol is not None and row.reviewer == rule.machine and under.get(row.run_id) != protocol)
        )
        if record_id in by_record and not stale:
            by_record[record_id].append(row)
    failed = {record_id for record_id, who in reads.errors(connection, stage) if who == rule.machine}
    return {name: stand(rule, rows, error=name in failed) for name, rows in by_record.items()}


def _names(rows: Sequence[Row]) -> str:
    return ", ".join(dict.fromkeys(row.reviewer for row in rows))


def _by(status: Status, row: Row, by: str = "") -> Standing:
    return Standing(status, row.judgement.decision, by or row.reviewer, row.judgement)
