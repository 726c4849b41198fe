"""Compute what counts for a record at a stage: a pure function of the protocol's decision rule and the judgements.

Next stage, flow and export read only this.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from ..core.judgement import Decision, Judgement, Stage
from ..documents import Report, Retrieval
from ..ledger import PEOPLE, ErrorRow, JudgedTexts, Snapshot, StoredJudgement, of_member, protocols, reads
from ..ledger.classified import Classified, classified
from ..ledger.errors import errors
from ..ledger.parts import FEW
from ..ledger.record_ids import all_ids_of, current_ids_of
from ..ledger.store import Connection
from ..protocol import DecidedBy
from ..records import Record
from .agreement import agreement_of, missing_reason
from .present import Present


class Status(StrEnum):
    """How firm a standing is."""

    FINAL = "final"
    """Decided: by adjudication, by agreeing humans, or by a machine whose gate is open."""
    SUGGESTED = "suggested"
    """A machine's decision that waits for humans; what it would exclude is not excluded."""
    CONFLICT = "conflict"
    """Independent human judgements differ."""
    PENDING = "pending"
    """Nobody has judged it yet, or not enough humans, or one of them excludes without a reason."""
    ERROR = "error"
    """The machine failed on it, and nobody else has decided."""
    AWAITING = "awaiting_classification"
    """A person says that it can be neither included nor excluded before something is known, such as authors' answers."""
    ONGOING = "ongoing"
    """A person says that it is of a study that is not finished, such as a registry record."""


CLASSIFIED = (Status.AWAITING, Status.ONGOING)
"""What a person says of a report that can be neither included nor excluded yet."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Hold a record's standing. `by` names who decided; `judgement` is the one whose reasons are shown."""

    status: Status
    decision: Decision | None = None
    by: str = ""
    judgement: Judgement | None = None
    message: str = ""
    """Of an error what went wrong, of incomplete judgements what is missing."""
    other_text: tuple[str, ...] = ()
    """The people whose judgements count here, and who gave them on another text than the record has now: before an update
    changed title or abstract, or from full text on on other documents."""
    people: tuple[str, ...] = ()
    """Everybody who has judged the record, adjudications aside."""
    failed: str | None = None
    """The criterion that the judgement names first as its reason to exclude."""
    incomplete: tuple[str, ...] = ()
    """Where enough people have judged and agree, those of them who exclude without a reason: it waits for them."""

    @property
    def proceeds(self) -> bool:
        """Return whether the record goes to the next stage: finally kept, or kept by a machine's suggestion."""
        return self.status in (Status.FINAL, Status.SUGGESTED) and self.decision is not None and self.decision.kept


class FlowPlace(StrEnum):
    """Where a report stands in the flow from full text on. Every report that reached the stage has one place."""

    SOUGHT = "sought"
    NOT_RETRIEVED = "not_retrieved"
    NO_FULL_TEXT = "no_full_text_exists"
    UNDECIDED = "awaiting_decision"
    """There is a document, and nobody who may has decided on it yet, or they could not."""
    AWAITING = "awaiting_classification"
    """People say that it cannot be decided before something is known."""
    ONGOING = "ongoing"
    """People say that its study is not finished."""
    EXCLUDED = "excluded"
    INCLUDED = "included"


def place(report: Report, standing: Standing) -> FlowPlace:
    """Return where a report stands: what people decided counts whatever became of the search, a machine's suggestion never."""
    if standing.status in CLASSIFIED:
        return FlowPlace(standing.status.value)
    if standing.status is Status.FINAL and standing.decision is Decision.INCLUDE:
        return FlowPlace.INCLUDED
    if standing.status is Status.FINAL and standing.decision is Decision.EXCLUDE:
        return FlowPlace.EXCLUDED
    return FlowPlace.UNDECIDED if report.retrieval is Retrieval.RETRIEVED else FlowPlace(report.retrieval.value)


@dataclass(frozen=True)
class OpenGate:
    """For which records a gate is open: those that had come `since` when gold was drawn, and batches that came later.

    `passed` are these batches, each as the times after which and by which its records came.
    """

    since: str
    passed: tuple[tuple[str, str], ...] = ()


def stand(
    rule: DecidedBy,
    judgements: Sequence[StoredJudgement],
    *,
    error: str | None = None,
    gate_open: bool = False,
    stage: Stage = Stage.ABSTRACT,
    decision_alone: bool = False,
) -> Standing:
    """Return the standing of one record at one stage.

    `judgements` are those of the record, oldest first; of each reviewer the newest counts. Order of authority: an
    adjudication; the required number of human judgements, if they agree; the machine that the protocol names, final only
    with an open gate (of one that judges first only what it excludes). Gold labels and other machines never count. Whether humans agree says `agreement_of`; an exclusion
    that lacks its reason leaves the record pending, unless the `decision_alone` is asked for, as of a gold label. Beside a
    machine as second reviewer a person decides alone what both decide alike; where they differ it is a conflict.
    """
    newest = _newest(judgements)
    humans = _counted(newest)
    if humans and humans[0].role == "adjudicator":
        return _standing_from(Status.FINAL, humans[0])
    agreement = agreement_of(humans, stage)
    if agreement.conflict:
        return Standing(Status.CONFLICT, by=_names(humans))
    machines = [row for row in newest if row.role == "machine" and row.reviewer == rule.machine]
    people = {row.reviewer for row in humans}
    if rule.humans and len(people) >= rule.humans:
        if agreement.incomplete and not decision_alone:
            lacking = agreement.incomplete
            return Standing(Status.PENDING, message=missing_reason(lacking), incomplete=lacking)
        # Two people are enough without the machine that is one person's second reviewer.
        if rule.second_reviewer is not None and len(people) == rule.humans:
            unsettled = _with_second_reviewer(rule, humans, machines, error=error, stage=stage)
            if unsettled is not None:
                return unsettled
        # All keep or all exclude; an include beside an unclear is unclear until somebody decides.
        unsure = next((row for row in humans if row.judgement.decision is Decision.UNCLEAR), None)
        reasoned = next((row for row in humans if row.judgement.failed()), humans[0])
        return _standing_from(Status.FINAL, unsure or reasoned, deciders=_names(humans))
    if machines:
        newest_row = max(machines, key=lambda row: row.id)
        # A gate bounds what is lost, and says nothing of what the machine keeps.
        final = gate_open and not (rule.machine_as == "first" and newest_row.judgement.decision.kept)
        return _standing_from(Status.FINAL if final else Status.SUGGESTED, newest_row)
    return Standing(Status.PENDING) if error is None else Standing(Status.ERROR, message=error)


def _with_second_reviewer(
    rule: DecidedBy,
    humans: Sequence[StoredJudgement],
    machines: Sequence[StoredJudgement],
    *,
    error: str | None,
    stage: Stage,
) -> Standing | None:
    """Return how a record stands on which the second reviewer, a machine, has not said the same as the person; else None."""
    if not machines:
        if error is not None:
            return Standing(Status.ERROR, message=error)
        return Standing(Status.PENDING, message=f"waits for the second reviewer, {rule.second_reviewer}")
    both = [*humans, max(machines, key=lambda row: row.id)]
    return Standing(Status.CONFLICT, by=_names(both)) if agreement_of(both, stage).conflict else None


def _newest(judgements: Sequence[StoredJudgement]) -> list[StoredJudgement]:
    """Return the newest of each reviewer.

    Records that were merged bring the judgements of each, so one of each counts.
    """
    newest: dict[tuple[str, str, str], StoredJudgement] = {}
    for row in judgements:
        if row.repeat == 0:
            newest[row.role, row.reviewer, row.record_id] = row
    return list(newest.values())


def _counted(newest: Iterable[StoredJudgement]) -> list[StoredJudgement]:
    """Return the newest judgements of people that count: the last adjudication, or else those of independent people."""
    people = [row for row in newest if row.role in ("human", "adjudicator")]
    adjudications = [row for row in people if row.role == "adjudicator"]
    return [max(adjudications, key=lambda row: row.id)] if adjudications else people


def standings(
    connection: Connection,
    stage: Stage,
    rule: DecidedBy,
    records: Iterable[Record],
    *,
    protocol: str | None = None,
    gate: OpenGate | None = None,
    bare: bool = False,
) -> dict[str, Standing]:
    """Return the standing of every record, by id.

    `gate` is that of the stage's machine, None while it is closed. A machine's judgement does not count when
    the text has changed since, or the protocol (`protocol` is the hash of what it says now, see `Review.fingerprint`;
    None does not ask). `bare` leaves out reasons and quotes.
    """
    records = list(records)
    record_ids = list(dict.fromkeys(name for record in records for name in members(record)))
    names = all_ids_of(connection, record_ids) if len(record_ids) <= FEW else None
    material = _Material(
        reads.deciding(connection, stage, rule.machine or "", named=names, bare=bare),
        reads.current_ids(connection) if names is None else current_ids_of(connection, names),
        protocols(connection),
        errors(connection, stage, named=names),
        JudgedTexts(connection, stage),
        classified(connection, stage, names),
    )
    return _standings(_Terms(stage, rule, protocol, gate_open_for(connection, stage, gate, names)), material, records)


def standings_in(
    snapshot: Snapshot,
    stage: Stage,
    rule: DecidedBy,
    records: Iterable[Record],
    *,
    protocol: str | None = None,
    gate: OpenGate | None = None,
) -> dict[str, Standing]:
    """Return what `standings` does, from a shared snapshot; at the screening stages without reasons and quotes."""
    reviewers = [(name, role) for name, role in snapshot.reviewers(stage) if role != "machine" or name == rule.machine]
    rows = snapshot.rows_of(stage, reviewers)
    protocol_of_run = {
        run: str(specification.get("protocol", "")) for run, specification in snapshot.specifications.items()
    }
    with snapshot.ledger.read() as connection:
        failures, texts, reports = (
            errors(connection, stage),
            JudgedTexts(connection, stage),
            classified(connection, stage),
        )
        material = _Material(rows, snapshot.current_ids, protocol_of_run, failures, texts, reports)
        terms = _Terms(stage, rule, protocol, gate_open_for(connection, stage, gate))
        return _standings(terms, material, records)


@dataclass(frozen=True)
class _Terms:
    """Hold by what standings are decided: the stage's rule, what the protocol says of its machine now, and its gate."""

    stage: Stage
    rule: DecidedBy
    protocol: str | None
    is_open: Callable[[str], bool]


@dataclass(frozen=True)
class _Material:
    """Hold what standings are read from. `protocol_of_run` is the hash of the instructions of each run."""

    judgements: Iterable[StoredJudgement]
    current_ids: Mapping[str, str]
    protocol_of_run: Mapping[str, str]
    errors: Mapping[tuple[str, str, int], ErrorRow]
    texts: JudgedTexts
    classified: Mapping[str, Classified]


def _standings(terms: _Terms, material: _Material, records: Iterable[Record]) -> dict[str, Standing]:
    stage, rule, current_ids = terms.stage, terms.rule, material.current_ids
    by_id = {record.id: record for record in records}
    named = Present(terms.protocol, material.protocol_of_run)
    others = replace(named, protocol=None)

    def holds(row: StoredJudgement, record: Record | None) -> bool:
        present = named if row.reviewer == rule.machine else others
        return record is not None and present.holds(row, record.text_hash)

    by_record: dict[str, list[StoredJudgement]] = {name: [] for record in by_id.values() for name in members(record)}
    for row in material.judgements:
        record_id = current_ids.get(row.record_id, row.record_id)
        if record_id in by_record and (row.role != "machine" or holds(row, by_id.get(record_id))):
            by_record[record_id].append(row)
    failures = {
        current_ids.get(record_id, record_id): error.message
        for (record_id, reviewer, repeat), error in material.errors.items()
        if reviewer == rule.machine and repeat == 0
    }

    def standing_of(record: Record) -> Standing:
        own_rows = counted_rows = by_record[record.id]
        standing = stand(rule, own_rows, error=failures.get(record.id), gate_open=terms.is_open(record.id), stage=stage)
        people = tuple(dict.fromkeys(row.reviewer for row in own_rows if row.role == "human"))
        other_reports = members(record)[1:]
        if other_reports and _settled_by_people(rule, own_rows, stage) is None:
            for name in other_reports:
                if (earlier := _settled_by_people(rule, by_record[name], stage)) is not None:
                    standing, counted_rows = earlier, by_record[name]
                    if earlier.judgement is not None:
                        standing = replace(earlier, judgement=of_member(earlier.judgement, name))
                    break
        texts = material.texts
        people_rows = [row for row in counted_rows if row.role in PEOPLE]
        if people_rows and (isinstance(record, Report) or stage is Stage.ABSTRACT):
            on_other_text = (
                row.reviewer for row in _counted(_newest(people_rows)) if _on_other_text(texts, record, row)
            )
            standing = replace(standing, other_text=tuple(dict.fromkeys(on_other_text)))
        return replace(standing, people=people) if people else standing

    return {
        name: _unless_classified(standing_of(record), material.classified.get(name), by_record[name])
        for name, record in by_id.items()
    }


def _on_other_text(texts: JudgedTexts, record: Record, row: StoredJudgement) -> bool:
    return texts.on_other_text(record, row) if isinstance(record, Report) else texts.on_changed_text(record, row)


def _unless_classified(
    standing: Standing, classification: Classified | None, rows: Iterable[StoredJudgement]
) -> Standing:
    """Return the standing, or what a person says of the report instead, unless people have decided on it since."""
    if classification is None:
        return standing
    since = any(row.role in PEOPLE and row.at > classification.at for row in rows)
    if since and standing.status is Status.FINAL:
        return standing
    status = Status(classification.kind)
    return Standing(status, by=classification.who, message=classification.reason, people=standing.people)


def members(record: Record) -> tuple[str, ...]:
    """Return the reports of the study that a report speaks for, its own id first; of any other record its id alone."""
    return (isinstance(record, Report) and record.study) or (record.id,)


def _settled_by_people(rule: DecidedBy, rows: Sequence[StoredJudgement], stage: Stage) -> Standing | None:
    """Return what people alone have decided, or that they differ; None where they have done neither.

    People who judged one report of a study before it was linked with others have judged the study, as far as they could.
    """
    # Beside a machine as second reviewer one person has decided only what both decide alike.
    counted = [row for row in rows if row.role != "machine" or row.reviewer == rule.second_reviewer]
    standing = stand(rule, counted, stage=stage)
    return standing if standing.status in (Status.FINAL, Status.CONFLICT) else None


def gate_open_for(
    connection: Connection, stage: Stage, gate: OpenGate | None, named: Collection[str] | None = None
) -> Callable[[str], bool]:
    """Return whether the gate lets what the machine says of a record be final, by the record's id.

    That is so for what had come when gold was drawn, and for later batches of which a sample has passed. This alone says
    whether a gate is open for a record.
    """
    if gate is None:
        return lambda name: False

    def after(at: str) -> frozenset[str]:
        return reads.imported_after(connection, stage, at, named=named)

    closed = after(gate.since)
    for first, last in gate.passed if closed else ():
        closed -= after(first) - after(last)
    return lambda name: name not in closed


def _names(rows: Sequence[StoredJudgement]) -> str:
    return ", ".join(dict.fromkeys(row.reviewer for row in rows))


def _standing_from(status: Status, row: StoredJudgement, deciders: str = "") -> Standing:
    judgement = row.judgement
    return Standing(status, judgement.decision, deciders or row.reviewer, judgement, failed=judgement.failed())
