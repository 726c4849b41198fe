"""Records merged, told apart, linked as reports of one study, and what the program linked confirmed."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ..ledger import (
    PEOPLE,
    Confirmed,
    ExactPair,
    HiddenJudgement,
    Ledger,
    Verdict,
    all_ids_of,
    confirm_exact,
    confirm_pair,
    extracted_already,
    judgements_under,
    link_study,
    merge_records,
    reads,
    split_record,
    undo_link_act,
    unlink_study,
)
from ..protocol import Review
from ..stages import StageState, Status, as_judged, stages_of
from .changes import after_change


@dataclass(frozen=True)
class StudyLink:
    """Two reports of one study.

    `speaks` is the report that stands for the study at extraction; `extracted` are the people who extracted any of its
    reports before, by report.
    """

    reports: tuple[str, str]
    speaks: str
    extracted: Mapping[str, list[str]]

    def as_json(self) -> dict[str, Any]:
        """Return what `dedup merge --same-study --json` prints."""
        return {"study": list(self.reports), "speaks": self.speaks, "extracted": self.extracted}


@dataclass(frozen=True)
class ConfirmedPair:
    """What a pair is now: `merged`, `same_study`, `notice_of` or `apart`; its records, and where people differ on them."""

    verdict: str
    records: Sequence[str]
    conflicts: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return what `dedup confirm --json` prints."""
        return {"verdict": self.verdict, "records": list(self.records), "conflicts": list(self.conflicts)}


@dataclass(frozen=True)
class ExactPairs:
    """The merges that were confirmed and the candidates that were merged because they are beyond doubt."""

    pairs: Sequence[ExactPair]
    dry_run: bool

    def as_json(self) -> dict[str, Any]:
        """Return what `dedup confirm --exact --json` prints."""
        return {"pairs": [asdict(pair) for pair in self.pairs], "dry_run": self.dry_run}


def merge(ledger: Ledger, review: Review, first: str, second: str, who: str) -> str:
    """Merge two records and return the id that both have now: that of the older one.

    Raises `BadInput` for an unknown id and for two that are one record already.
    """
    record = merge_records(ledger, first, second, who)
    after_change(ledger, review)
    return record


def split(ledger: Ledger, review: Review, record: str, others: Sequence[str], who: str) -> list[str]:
    """Undo all merges of a record, or take `others`, entries of it, out of it as one; return the ids of what it came apart into."""
    records = split_record(ledger, record, who, others)
    after_change(ledger, review)
    return records


def confirm(ledger: Ledger, review: Review, pair: tuple[str, str], verdict: Verdict, who: str) -> ConfirmedPair:
    """Enter what a person says of two entries that the program has linked."""
    confirmed: Confirmed = confirm_pair(ledger, *pair, verdict, who)
    after_change(ledger, review)
    conflicts = conflicts_of(ledger, review, confirmed.records[0]) if confirmed.verdict == "merged" else ()
    return ConfirmedPair(confirmed.verdict, confirmed.records, conflicts)


def confirm_all_exact(ledger: Ledger, review: Review, who: str, *, dry_run: bool) -> ExactPairs:
    """Confirm the merges and merge the candidates that are beyond doubt; with `dry_run` only say which."""
    pairs = confirm_exact(ledger, who, dry_run=dry_run)
    if not dry_run:
        after_change(ledger, review)
    return ExactPairs(pairs, dry_run)


def undo(ledger: Ledger, review: Review, who: str, *, act: int | None = None, record: str | None = None) -> str:
    """Take back what a person did to links last, in an act, or to a record last; return what that was."""
    message = undo_link_act(ledger, who, act=act, record=record)
    after_change(ledger, review)
    return message


def link_as_study(ledger: Ledger, review: Review, first: str, second: str, who: str) -> StudyLink:
    """Link two records as reports of one study; they stay apart."""
    link_study(ledger, first, second, who)
    after_change(ledger, review)
    study, people = extracted_already(ledger, first)
    return StudyLink((first, second), study.id, people)


def unlink_from_study(ledger: Ledger, review: Review, record: str, others: Sequence[str], who: str) -> int:
    """Undo links of a record to other reports of its study, all or those to `others`; return how many there were."""
    count = unlink_study(ledger, record, who, others)
    after_change(ledger, review)
    return count


def judged_of(ledger: Ledger, records: Sequence[str]) -> dict[str, list[HiddenJudgement]]:
    """Return by record what people have judged under any of its ids."""
    with ledger.read() as connection:
        rows = {name: judgements_under(connection, all_ids_of(connection, [name])) for name in records}
    return {name: [row for row in of_record if row.role in PEOPLE] for name, of_record in rows.items()}


def conflicts_of(ledger: Ledger, review: Review, record: str) -> tuple[str, ...]:
    """Return the stages at which people differ on a record."""
    with ledger.read() as connection:
        present = reads.find_record(connection, record)
    if present is None:
        return ()
    stages = []
    for stage in stages_of(review):
        state = StageState.of(ledger, review, stage, as_judged(ledger, stage, [present]), bare=True)
        stages += [stage.value] if state.with_status(Status.CONFLICT) else []
    return tuple(stages)
