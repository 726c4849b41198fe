"""Decide whether people agree on a record: in decision, in reason, and whether each judgement is complete.

The one place that decides so. Standings, conflicts, the counts of the app, `label`, `evaluate` and the report ask here.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ..core.judgement import Decision, Judgement, Stage
from ..forms import align, same_items
from ..ledger import StoredJudgement
from ..metrics import Estimate, wilson


@dataclass(frozen=True)
class RecordAgreement:
    """Hold how far the judgements of one record agree. One judgement alone agrees with itself."""

    decision: bool
    """Whether all decide alike: keep or exclude; at full text the same decision.

    At extraction the same of every item.
    """
    reason: bool | None = None
    """At full text, whether the exclusions that name a criterion name the same; None where fewer than two name any."""
    incomplete: tuple[str, ...] = ()
    """Whose judgements lack a reason, oldest first."""
    with_themselves: tuple[str, ...] = ()
    """Who has judged two entries that were merged later, and not alike: somebody has to say what holds."""
    same_items: int = 0
    """At extraction, on how many of its `items` all say the same: as the page of conflicts lays them beside each other."""
    items: int = 0

    @property
    def conflict(self) -> bool:
        """Return whether somebody has to resolve: decisions differ, or reasons do.

        A reason that is missing is no conflict.
        """
        return not self.decision or self.reason is False or bool(self.with_themselves)


def agreement_of(rows: Sequence[StoredJudgement], stage: Stage) -> RecordAgreement:
    """Return how far people's judgements of one record agree; of each person the newest counts.

    Whoever judged several entries that were merged into the record later has several; where these differ it is a
    conflict, however the others judge.
    """
    by_person: dict[str, list[StoredJudgement]] = defaultdict(list)
    for row in rows:
        by_person[row.reviewer].append(row)
    if len(by_person) == len(rows):
        return _of_people(rows, stage)
    with_themselves = [name for name, own in by_person.items() if len(own) > 1 and _of_people(own, stage).conflict]
    newest = [max(own, key=lambda row: row.id) for own in by_person.values()]
    return replace(_of_people(newest, stage), with_themselves=tuple(with_themselves))


def _of_people(rows: Sequence[StoredJudgement], stage: Stage) -> RecordAgreement:
    judgements = [row.judgement for row in rows]
    if stage is Stage.ABSTRACT:
        return RecordAgreement(len({judgement.decision.kept for judgement in judgements}) < 2)
    if stage is Stage.EXTRACTION:
        alike = all(same_items(judgements[0].items, other.items) for other in judgements[1:])
        lines = align([judgement.items for judgement in judgements]) if len(judgements) > 1 else ()
        return RecordAgreement(alike, same_items=sum(not line.differs for line in lines), items=len(lines))
    named = [judgement.failed() for judgement in judgements if judgement.decision is Decision.EXCLUDE]
    reasons = [reason for reason in named if reason is not None]
    return RecordAgreement(
        len({judgement.decision for judgement in judgements}) < 2,
        len(set(reasons)) < 2 if len(reasons) > 1 else None,
        tuple(dict.fromkeys(row.reviewer for row in rows if lacks_reason(row.judgement, stage))),
    )


def lacks_reason(judgement: Judgement, stage: Stage) -> bool:
    """Return whether a judgement is incomplete: it excludes a report and says neither by a criterion nor in words why."""
    return (
        stage is Stage.FULLTEXT
        and judgement.decision is Decision.EXCLUDE
        and judgement.failed() is None
        and not judgement.reason.strip()
    )


def missing_reason(names: Sequence[str]) -> str:
    """Return what is missing where some judgements are incomplete, in words."""
    verb = "excludes" if len(names) == 1 else "exclude"
    return f"{' and '.join(names)} {verb} without a reason: say which criterion is not met"


def by_record(rows: Iterable[StoredJudgement], current_ids: Mapping[str, str]) -> dict[str, list[StoredJudgement]]:
    """Return by record the judgements of people that count, oldest first, adjudications left out.

    Of each person the newest counts. Of a record that others were merged into, it is the newest of each part.
    """
    newest: dict[str, dict[tuple[str, str], StoredJudgement]] = defaultdict(dict)
    for row in rows:
        if row.role == "human" and row.repeat == 0:
            newest[current_ids.get(row.record_id, row.record_id)][row.reviewer, row.record_id] = row
    return {name: sorted(rows_of_record.values(), key=lambda row: row.id) for name, rows_of_record in newest.items()}


@dataclass(frozen=True)
class AgreementCounts:
    """Count how far people agree over the records that two or more of them judged.

    Of `records` `same` are decided alike by all. `reasons` are those on which two or more exclusions name a criterion,
    `same_reasons` those of them that name the same. `incomplete` are all records with an exclusion that lacks a reason.
    At extraction `items` are those of all these records, and of `same_items` all say the same.
    """

    records: int = 0
    same: int = 0
    reasons: int = 0
    same_reasons: int = 0
    incomplete: int = 0
    items: int = 0
    same_items: int = 0

    @property
    def share(self) -> Estimate:
        """Return the share that is decided alike (Wilson)."""
        return wilson(self.same, self.records)

    def as_json(self) -> dict[str, object]:
        """Return the counts with the shares, which are None of no records; those of `items` only at extraction."""
        of_items = {
            "items": self.items,
            "same": self.same_items,
            "share": self.same_items / self.items if self.items else None,
        }
        return {
            "records": self.records, "same": self.same, "share": self.same / self.records if self.records else None,
            "reasons": {"records": self.reasons, "same": self.same_reasons,
                        "share": self.same_reasons / self.reasons if self.reasons else None},
            "incomplete": self.incomplete, **({"items": of_items} if self.items else {}),
        }  # fmt: skip


def count_agreement(judged: Iterable[Sequence[StoredJudgement]], stage: Stage) -> AgreementCounts:
    """Return how far people agree over records, each given with the judgements of people that count."""
    return add_up((len({row.reviewer for row in rows}), agreement_of(rows, stage), 1) for rows in judged)


def add_up(agreements: Iterable[tuple[int, RecordAgreement, int]]) -> AgreementCounts:
    """Return the counts of (number of people, how far they agree, number of such records)."""
    records = same = reasons = same_reasons = incomplete = items = same_items = 0
    for people, agreement, n in agreements:
        incomplete += n * bool(agreement.incomplete)
        if people > 1:
            records += n
            same += n * agreement.decision
            reasons += n * (agreement.reason is not None)
            same_reasons += n * (agreement.reason is True)
            items += n * agreement.items
            same_items += n * agreement.same_items
    return AgreementCounts(records, same, reasons, same_reasons, incomplete, items, same_items)
