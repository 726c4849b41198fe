"""The recall sample: drawn at random from all records of a stage before anybody is given them in a ranked order."""

import secrets
from dataclasses import dataclass
from typing import Any

from ..core.judgement import Stage
from ..ledger import Draw, Ledger, Sample, SampleMember, add_amendment
from ..ledger.amendments import amendments
from ..ledger.samples import add_first_sample, samples
from ..ledger.store import Connection
from ..protocol import Review
from ..stages import people_counts
from .sample import frame_of, shuffled

ONE_IN = 4
"""One of so many places of a ranked queue is the sample's until it is judged. The order then loses little, and after four times
as many records as the sample has it is done, mostly long before a rule says stop."""


@dataclass(frozen=True)
class NamedRule:
    """A rule for stopping as the protocol named it at a time: None from when on it named none."""

    at: str
    rule: str | None
    target: float | None

    @property
    def words(self) -> str:
        """Return the rule in words."""
        return "no rule" if self.rule is None else f"{self.rule}, recall {self.target:g}"


def draw_recall(
    ledger: Ledger, review: Review, stage: Stage, reviewer: str, *, seed: str | None = None
) -> Sample | None:
    """Draw the recall sample of a stage that names a rule for stopping, unless it is there already; return it.

    The frame is every record of the stage, judged or not; what is imported later is outside of it. None where the protocol
    names no rule, or there are no records yet. The rule is kept with the sample, so that it is known what was named beforehand; if
    it is another one now, that is recorded as an amendment, by the `reviewer` who is about to be given records.
    """
    stopping = review.stage(stage).stopping
    with ledger.read() as connection:
        drawn = recall_sample(connection, stage)
        judged = sum(people_counts(connection, stage).outcomes.values()) if drawn is None and stopping else 0
    if drawn is not None:
        _note_change(ledger, review, stage, reviewer)
        return drawn if stopping is not None else None
    if stopping is None:
        return None
    frame = frame_of(ledger, review, stage)
    if not frame:
        return None
    seed, n = seed or secrets.token_hex(8), stopping.sample_size(len(frame))
    members = [SampleMember(name, len(frame) / n) for name in shuffled(frame, seed)[:n]]
    about = {"rule": stopping.rule, "target": stopping.target, "judged": judged}
    add_first_sample(ledger, "recall", stage, members, Draw(seed, "random", len(frame), about))
    with ledger.read() as connection:
        return recall_sample(connection, stage)


def recall_sample(connection: Connection, stage: Stage) -> Sample | None:
    """Return the recall sample of a stage; None where none was drawn."""
    return next(iter(samples(connection, stage, "recall")), None)


def named_rules(connection: Connection, stage: Stage) -> list[NamedRule]:
    """Return the rules for stopping that a stage has named, each from when on, the first that of the recall sample."""
    sample = recall_sample(connection, stage)
    if sample is None:
        return []
    later = [(row.at, row.stale["stopping"]) for row in amendments(connection, stage) if "stopping" in row.stale]
    return [NamedRule(at, about["rule"], about["target"]) for at, about in ((sample.at, sample.about), *later)]


def _note_change(ledger: Ledger, review: Review, stage: Stage, reviewer: str) -> None:
    """Record that the protocol names another rule for stopping than it did last, if it does."""
    stopping = review.stage(stage).stopping
    now = NamedRule("", stopping.rule, stopping.target) if stopping else NamedRule("", None, None)

    def differs(connection: Connection) -> NamedRule | None:
        last = named_rules(connection, stage)[-1]
        return last if (last.rule, last.target) != (now.rule, now.target) else None

    with ledger.read() as connection:
        if differs(connection) is None:
            return
    with ledger.write() as connection:
        last, recorded = differs(connection), amendments(connection, stage)
        if last is not None:
            note = f"rule for stopping: {last.words}, is now {now.words}; seen in the protocol when {reviewer} was next given records"
            # What reviewers are told is not changed by it: whatever was recorded of that stays the last word.
            told = recorded[-1].protocol if recorded else ""
            effect: dict[str, Any] = {"people": {}, "records": [], "machine": 0, "gold": "", "from_files": 0}
            effect["stopping"] = {"rule": now.rule, "target": now.target}
            add_amendment(connection, stage, reviewer, note, told, effect)
