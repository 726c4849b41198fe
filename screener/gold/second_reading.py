"""Exclusions of one person and a machine as second reviewer: which they are, and what a second person says of a sample of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..core.judgement import Decision, Stage
from ..ledger import Sample, StoredJudgement, reads
from ..ledger.store import Connection
from ..protocol import DecidedBy
from ..stages import Standing, Status, blind_judgements, stand


def excluded_by_one(standings: Mapping[str, Standing]) -> dict[str, str]:
    """Return the records that one person excludes, and the second reviewer with them, each with that person."""
    return {
        name: standing.by
        for name, standing in standings.items()
        if standing.status is Status.FINAL
        and standing.decision is Decision.EXCLUDE
        and standing.people == (standing.by,)
    }


def screeners_of(connection: Connection, sample: Sample) -> dict[str, str]:
    """Return who had screened each record of a sample when it was drawn."""
    current_ids = reads.current_ids(connection)
    return {current_ids.get(name, name): who for name, who in sample.about.get("screened_by", {}).items()}


def second_decisions(connection: Connection, stage: Stage, sample: Sample) -> dict[str, Decision]:
    """Return what is decided on the records of a sample by others than who screened them, blind and each by itself.

    Who excludes it too settles it; where they keep it the two differ, and an adjudication says which holds.
    """
    rows, _ = blind_judgements(connection, stage, [member.record_id for member in sample.counted])
    screeners = screeners_of(connection, sample)
    decided = {name: _second_decision(own, screeners.get(name, ""), stage) for name, own in rows.items()}
    return {name: decision for name, decision in decided.items() if decision is not None}


def _second_decision(rows: Sequence[StoredJudgement], screener: str, stage: Stage) -> Decision | None:
    others = [row for row in rows if row.reviewer != screener]
    standing = stand(DecidedBy(humans=1), others, stage=stage, decision_alone=True)
    adjudicated = any(row.role == "adjudicator" for row in others)
    settled = standing.status is Status.FINAL and (standing.decision is Decision.EXCLUDE or adjudicated)
    return standing.decision if settled else None


def excluded_since(connection: Connection, stage: Stage, machine: str, sample: Sample, frame: Mapping[str, str]) -> int:
    """Return how many records one person and the machine came to exclude after the sample was drawn: it says nothing of them.

    That is so for what either of the two has judged since.
    """
    people = reads.judgements_of(connection, stage, list(frame), roles=("human",))
    machines = reads.latest(connection, stage, machine, bare=True)
    drawn_at = int(sample.about.get("judged", 0))
    newest = {name: [row.id for row in people.get(name, ())] for name in frame}
    for name in newest.keys() & machines.keys():
        newest[name].append(machines[name].id)
    return sum(max(numbers, default=0) > drawn_at for numbers in newest.values())


@dataclass(frozen=True)
class SecondReading:
    """How far a second person has read what one person and a machine exclude.

    `alone` records are excluded by the two and read by no second person. `drawn` of them (and of what has been read since)
    are in the newest sample, 0 without one that holds; `read` of it are decided, `eligible` of these are kept after all.
    `since` were excluded after the draw, and `open` have to be read because an eligible record was found among their like.
    """

    machine: str
    alone: int
    drawn: int = 0
    read: int = 0
    eligible: int = 0
    since: int = 0
    open: int = 0

    @property
    def done(self) -> bool:
        """Return whether a second person has read all that they have to, or there is nothing to read."""
        finished = self.drawn > 0 and self.read == self.drawn and not self.since and not self.open
        return finished or not (self.alone or self.drawn)

    @property
    def sentence(self) -> str:
        """Return in one sentence, without its stop, who has read the exclusions."""
        both = f"one person and {self.machine} exclude"
        if self.done:
            if not self.drawn:
                return "Nothing is excluded by one person and a machine alone"
            kept = f"{self.eligible:,} of them {'was' if self.eligible == 1 else 'were'} eligible"
            return f"Of what {both}, a second person read a random sample of {self.drawn:,}, and {kept}"
        if not self.drawn:
            return (
                f"Screened by one person: no second person has read a sample of the {self.alone:,} records that {both}"
            )
        if self.read < self.drawn:
            return f"Screened by one person: of the sample of {self.drawn:,} records that {both}, a second person has read {self.read:,}"
        if self.since:
            return (
                f"Screened by one person: {self.since:,} of the records that {both} were excluded after the sample was drawn, "
                "and no second person has read any of them"
            )
        return (
            f"Screened by one person: a second person found {self.eligible:,} eligible in the sample, and has yet to read "
            f"the {self.open:,} other records that {both} for the same reasons"
        )

    def next_step(self, stage: Stage) -> str:
        """Return the command that comes next, in backticks, with who takes it; empty where nothing is left to do."""
        if self.done:
            return ""
        if self.drawn and (self.read < self.drawn or self.open) and not (self.read == self.drawn and self.since):
            return "`screener adjudicate --reviewer NAME`, by somebody who has not screened these records"
        n = min(SAMPLE, self.alone)
        return f"`screener gold elusion --stage {stage} --n {n}` draws one for somebody else to read"

    def as_json(self) -> dict[str, Any]:
        """Return what `status --json` and the figures of the report list."""
        return {**vars(self), "done": self.done, "sentence": self.sentence}


SAMPLE = 200
"""Records that a sample of exclusions is suggested to have, where there are as many."""
