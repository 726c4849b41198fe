"""Keep people's judgement of each record as rows of the ledger: made anew in the transaction that changes it.

Rows hold what `agreement_of` says, and are made from the judgements alone. Whoever reads compares up to which judgement
they are made; where that is not the newest, what they say is computed from the judgements and nothing is written.
"""

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from ..core.judgement import Stage
from ..ledger import StoredJudgement, agreements, queued_among, reads
from ..ledger.store import Connection
from .agreement import AgreementCounts, RecordAgreement, add_up, agreement_of, by_record

VERSION = 3
"""To be raised where `agreement_of` says something else of the same judgements."""


@dataclass(frozen=True)
class RecordPeople:
    """Hold people's judgement of a record. `people` have judged it; `adjudicated`, whether there is an adjudication."""

    people: tuple[str, ...]
    adjudicated: bool
    agreement: RecordAgreement

    @property
    def differ(self) -> bool:
        """Return whether the record is a conflict that nobody has resolved."""
        return self.agreement.conflict and not self.adjudicated

    def as_text(self) -> str:
        """Return it as a row of the ledger holds it."""
        agreement = self.agreement
        items = (agreement.same_items, agreement.items)
        return json.dumps(
            [
                self.people,
                self.adjudicated,
                agreement.decision,
                agreement.reason,
                agreement.incomplete,
                items,
                agreement.with_themselves,
            ]
        )

    @classmethod
    def of_text(cls, text: str) -> "RecordPeople":
        """Return what a row of the ledger holds."""
        people, adjudicated, decision, reason, incomplete, items, with_themselves = json.loads(text)
        agreement = RecordAgreement(decision, reason, tuple(incomplete), tuple(with_themselves), *items)
        return cls(tuple(people), adjudicated, agreement)


@dataclass(frozen=True)
class PeopleCounts:
    """Count the records of each outcome."""

    outcomes: Mapping[RecordPeople, int]

    @property
    def judged(self) -> dict[str, int]:
        """Return how many records each person has judged."""
        judged = Counter[str]()
        for outcome, n in self.outcomes.items():
            judged.update(dict.fromkeys(outcome.people, n))
        return dict(sorted(judged.items()))

    def enough(self, slots: int) -> int:
        """Return how many records as many people as are asked for have judged, or somebody has adjudicated."""
        return sum(n for outcome, n in self.outcomes.items() if len(outcome.people) >= slots or outcome.adjudicated)

    def wait_for_others(self, reviewer: str, slots: int) -> int:
        """Return how many of the records that the reviewer has finished still need a judgement of somebody else."""
        return sum(
            n
            for outcome, n in self.outcomes.items()
            if reviewer in outcome.people
            and reviewer not in outcome.agreement.incomplete
            and len(outcome.people) < slots
            and not outcome.adjudicated
        )

    @property
    def conflicts(self) -> int:
        """Return how many records are conflicts that nobody has resolved."""
        return sum(n for outcome, n in self.outcomes.items() if outcome.differ)

    @property
    def resolved(self) -> int:
        """Return how many records have an adjudication."""
        return sum(n for outcome, n in self.outcomes.items() if outcome.adjudicated)

    @property
    def agreement(self) -> AgreementCounts:
        """Return how far people agree."""
        return add_up((len(outcome.people), outcome.agreement, n) for outcome, n in self.outcomes.items())


def people_counts(connection: Connection, stage: Stage) -> PeopleCounts:
    """Return how many records of a stage people judged, and with what outcome."""
    if _current(connection):
        rows = agreements.outcome_counts(connection, stage)
        return PeopleCounts({RecordPeople.of_text(text): n for text, n in rows.items()})
    return PeopleCounts(Counter(computed(connection, stage).values()))


def people_where(
    connection: Connection, stage: Stage, condition: Callable[[RecordPeople], bool], *, queue_of: str | None = None
) -> dict[str, RecordPeople]:
    """Return what people say of those records of a stage for which a condition holds, by the record's id.

    With `queue_of` only of the records that are in that reviewer's queue.
    """
    if not _current(connection):
        records = {name: record for name, record in computed(connection, stage).items() if condition(record)}
        names = records if queue_of is None else queued_among(connection, stage, queue_of, list(records))
        return {name: records[name] for name in names}
    kinds = {text: RecordPeople.of_text(text) for text in agreements.outcome_counts(connection, stage)}
    matching = [text for text, record in kinds.items() if condition(record)]
    return {
        name: kinds[text] for name, text in agreements.outcomes(connection, stage, matching, queue_of=queue_of).items()
    }


def people_of(connection: Connection, stage: Stage, names: Collection[str]) -> dict[str, RecordPeople]:
    """Return what people say of those of some records that anybody has judged, by the record's id."""
    if not _current(connection):
        return {name: record for name, record in computed(connection, stage).items() if name in names}
    texts = agreements.outcomes_among(connection, stage, names)
    return {name: RecordPeople.of_text(text) for name, text in texts.items()}


def without_reason(connection: Connection, stage: Stage, reviewer: str) -> frozenset[str]:
    """Return the reports that the reviewer excludes without a reason, and that nobody has adjudicated."""
    if stage is not Stage.FULLTEXT:
        return frozenset()
    return frozenset(
        people_where(
            connection, stage, lambda record: reviewer in record.agreement.incomplete and not record.adjudicated
        )
    )


def lacking_reason(connection: Connection, stage: Stage, ids: Collection[str]) -> tuple[str, ...]:
    """Return whose judgements of one report, given by all its ids, exclude it without a reason."""
    if stage is not Stage.FULLTEXT:
        return ()
    rows = [row for row in reads.by_people(connection, stage, ids) if row.role == "human"]
    newest = by_record(rows, dict.fromkeys(ids, ""))
    return agreement_of(newest[""], stage).incomplete if rows else ()


def computed(connection: Connection, stage: Stage) -> dict[str, RecordPeople]:
    """Return what the judgements of a stage say of each record, by id, whatever the rows hold."""
    rows = list(reads.by_people(connection, stage))
    return _from_judgements(rows, reads.current_ids(connection), stage) if rows else {}


def differing(connection: Connection) -> dict[Stage, list[str]]:
    """Return the records of which rows that claim to be up to date hold something else than the judgements say.

    Counts that do not add up to the rows are named by `counts`.
    """
    if not _current(connection):
        return {}
    differing_records: dict[Stage, list[str]] = {}
    for stage in Stage:
        computed_texts = {name: record.as_text() for name, record in computed(connection, stage).items()}
        rows = agreements.outcomes(connection, stage)
        names = sorted(
            name for name in rows.keys() | computed_texts.keys() if rows.get(name) != computed_texts.get(name)
        )
        if Counter(rows.values()) != Counter(agreements.outcome_counts(connection, stage)):
            names.append("counts")
        if names:
            differing_records[stage] = names
    return differing_records


def keep(connection: Connection) -> None:
    """Make the rows anew of all records that a transaction has changed; to be called at its end."""
    last, present = agreements.made_up_to(connection), agreements.present(connection, VERSION)
    if last == present:
        return
    if last is None or not present.follows(last):
        for stage in Stage:
            outcomes = {name: record.as_text() for name, record in computed(connection, stage).items()}
            agreements.replace(connection, stage, None, outcomes)
    else:
        for stage, names in agreements.touched(connection, last, present).items():
            for current, ids in agreements.parts_of(connection, names):
                people = _from_judgements(reads.by_people(connection, stage, ids), current, stage)
                outcomes = {name: record.as_text() for name, record in people.items()}
                agreements.replace(connection, stage, ids, outcomes)
    agreements.note_made(connection, present)


def _current(connection: Connection) -> bool:
    return agreements.made_up_to(connection) == agreements.present(connection, VERSION)


def _from_judgements(
    rows: Iterable[StoredJudgement], current_ids: Mapping[str, str], stage: Stage
) -> dict[str, RecordPeople]:
    all_rows = list(rows)
    adjudicated = {current_ids.get(row.record_id, row.record_id) for row in all_rows if row.role == "adjudicator"}
    judged = by_record(all_rows, current_ids)
    return {
        name: RecordPeople(
            tuple(sorted({row.reviewer for row in judged.get(name, ())})),
            name in adjudicated,
            agreement_of(judged[name], stage) if name in judged else RecordAgreement(True),
        )
        for name in dict.fromkeys([*judged, *adjudicated])
    }
