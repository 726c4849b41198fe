"""Elusion: how many eligible records may be among those that were removed without a human, by a random sample of them."""

import secrets
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from ..core.errors import BadInput
from ..core.judgement import Decision, Stage
from ..ledger import PEOPLE, Draw, Ledger, Sample, SampleMember, add_sample, newest_id, newest_judgement_id, reads
from ..ledger.samples import samples
from ..ledger.store import Connection
from ..metrics import BuscarTest, Frame, SampleGuarantee, buscar_test, random_sample_guarantee
from ..protocol import DecidedBy, Review
from ..stages import StageState, Standing, Status, blind_judgements, protocol_fingerprint, records_for, stand
from .closed_pile import closed_pile, found_before, stops
from .sample import frame_of, mixed, shuffled
from .second_reading import (
    SecondReading,
    excluded_by_one,
    excluded_since,
    second_decisions,
)


@dataclass(frozen=True)
class Elusion:
    """Hold an elusion sample and what follows from it. `guarantee` and `test` are None until all of it is labelled.

    `guarantee` bounds what was lost among the records that were removed when the sample was drawn; `test` is buscar's, of
    whether recall has reached a target. Of a sample that is no longer `current` there is no recall and no test: records
    came or were judged since, of which it says nothing.
    """

    sample: Sample
    labelled: int
    hits: tuple[str, ...]
    """Records of the sample that people keep."""
    guarantee: SampleGuarantee | None
    test: BuscarTest | None
    strata: Mapping[str, int]
    """The size of each stratum with a hit: all of it goes to people."""
    review: tuple[str, ...]
    """The records of these strata that nobody has judged yet."""
    current: bool = True
    """Whether the records, their merges and what the machine says of them are those of the draw."""
    outside: int = 0
    """How many of the records that are removed without a human now were not when the sample was drawn."""

    @property
    def sentence(self) -> str:
        """Return what is known in plain words, with the date and the frame where it is not of the present records."""
        if self.guarantee is None:
            return "No bound until all of them are labelled."
        if self.current:
            return self.guarantee.sentence
        unknown = "Nothing is known of"
        if self.outside == 1:
            unknown = "1 record that is removed now was not then: nothing is known of it, nor of"
        elif self.outside:
            unknown = f"{self.outside:,} records that are removed now were not then: nothing is known of them, nor of"
        return (
            f"{self.guarantee.sentence} These are the {self.sample.frame:,} records that were removed when the sample was "
            f"drawn, on {self.sample.at[:10]}. {unknown} the recall of the present review."
        )


def draw_elusion(ledger: Ledger, review: Review, stage: Stage, n: int, *, seed: str | None = None) -> Sample:
    """Draw `n` of the records that were removed without a human, once, and mix some kept ones in.

    Raises `BadInput` where a sample is there that still holds, or too few records were removed.
    """
    with ledger.read() as connection:
        judged = newest_id(connection, "judgements")
    frame, standings = removed(ledger, review, stage)
    with ledger.read() as connection:
        last = _newest(connection, stage)
        basis = _basis(connection, review, stage)
        second = _second(review, stage)
        since = excluded_since(connection, stage, second, last, frame) if last is not None and second else 0
    if last is not None and last.about["basis"] == basis and not since:
        raise BadInput(
            f"--n: sample {last.id} of {last.n} was drawn at {last.at} and still holds; its size is set once, before "
            f"anybody looks. Read it with `screener gold elusion --stage {stage}`"
        )
    if not 0 < n <= len(frame):
        raise BadInput(f"--n: {n:,} records are asked for, and {len(frame):,} were {excluded_words(review, stage)}")
    seed = seed or secrets.token_hex(8)
    drawn = [SampleMember(name, len(frame) / n, frame[name]) for name in shuffled(frame, seed)[:n]]
    not_excluded = [
        name for name, standing in standings.items() if standing.decision is not None and standing.decision.kept
    ]
    not_excluded = [name for name in not_excluded if standings[name].status is Status.SUGGESTED] or not_excluded
    about: dict[str, Any] = {"basis": basis, "strata": dict(Counter(frame.values()))}
    if stops(review, stage):
        about |= {"judged": judged}
    if _second(review, stage):
        about |= {"judged": judged, "screened_by": {name: standings[name].by for name in (m.record_id for m in drawn)}}
    # After the queue is closed everybody knows what comes first: there is nothing to mix it with.
    members = drawn if stops(review, stage) else mixed(drawn, not_excluded, seed)
    number = add_sample(ledger, "elusion", stage, members, Draw(seed, "random", len(frame), about))
    with ledger.read() as connection:
        return next(sample for sample in samples(connection, stage) if sample.id == number)


def read_elusion(
    ledger: Ledger, review: Review, stage: Stage, *, confidence: float = 0.95, target: float = 0.95, send: bool = True
) -> Elusion:
    """Return what the newest elusion sample says.

    A hit sends its stratum into everybody's queue, once, unless not `send`. A sample that is all labelled keeps its bound
    for the records it was drawn from, whatever is imported, merged or judged later. Raises `BadInput` where there is no
    sample, or where it is void: the protocol has changed since, or what is removed has, before all was labelled.
    """
    frame, standings = removed(ledger, review, stage)
    with ledger.read() as connection:
        sample = _newest(connection, stage)
        if sample is None:
            raise BadInput(
                f"no elusion sample at stage {stage}; draw one with `screener gold elusion --stage {stage} --n 200`"
            )
        decided, basis = _decided(connection, review, stage, sample), _basis(connection, review, stage)
        current, finished = sample.about["basis"] == basis, len(decided) == len(sample.counted)
        if not current and (not finished or sample.about["basis"][0] != basis[0]):
            changed = "the protocol has changed" if finished else "the machine has judged anew or records have come"
            raise BadInput(
                f"elusion sample {sample.id} is void: {changed} since it was drawn at {sample.at}; draw another with "
                f"`screener gold elusion --stage {stage} --n {sample.n}`"
            )
        outside = _outside(connection, review, stage, sample, frame) if _second(review, stage) or not current else 0
        current = current and not outside
        checks = _checks(connection, review, stage, sample)
        found_outside = _found_outside(connection, review, stage, sample, standings)
        reviewed = [drawn for drawn in samples(connection, stage, "review") if drawn.about.get("elusion") == sample.id]
    hits = tuple(name for name, decision in decided.items() if decision.kept)
    guarantee = test = None
    if finished:
        # Of members that were merged one label is left; fewer labels of the same frame make the bound larger.
        n, name = len(sample.counted), f"the records {excluded_words(review, stage)}"
        removed_frame = Frame(name if current else f"{name} by {sample.at[:10]}", sample.frame, "random")
        guarantee = random_sample_guarantee(
            removed_frame,
            n,
            len(hits),
            found_outside=found_outside if current else None,
            confidence=confidence,
            looks=checks,
        )
        if current:
            test = buscar_test(
                removed_frame, n, len(hits), before=found_outside, target=target, confidence=confidence, looks=checks
            )
    # The rest of a closed pile is in the queue as it was: a hit says to go on with that.
    strata = {} if stops(review, stage) else _strata_with_hits(sample, hits)
    todo = tuple(name for name, stratum in frame.items() if stratum in strata and name not in decided)
    if send and todo and {s for drawn in reviewed for s in drawn.about["strata"]} != set(strata):
        add_sample(
            ledger,
            "review",
            stage,
            [SampleMember(name, stratum=frame[name]) for name in shuffled(todo, sample.seed)],
            Draw(sample.seed, "chosen", len(todo), {"elusion": sample.id, "strata": sorted(strata)}),
        )
    return Elusion(sample, len(decided), hits, guarantee, test, strata, todo, current, outside)


def _strata_with_hits(sample: Sample, hits: Collection[str]) -> dict[str, int]:
    """Return the size of each stratum of which a record was found eligible."""
    sizes = sample.about["strata"]
    return {m.stratum: int(sizes.get(m.stratum, 0)) for m in sample.counted if m.record_id in hits}


def second_reading(ledger: Ledger, review: Review, stage: Stage) -> SecondReading | None:
    """Return how far a second person has read what one person and a machine exclude; None where no machine is second reviewer.

    Nothing is written.
    """
    if stage is Stage.EXTRACTION or (machine := _second(review, stage)) is None:
        return None
    alone = len(excluded_by_one(StageState.load(ledger, review, stage, brief=True).standings))
    with ledger.read() as connection:
        if _newest(connection, stage) is None:
            return SecondReading(machine, alone)
    try:
        audit = read_elusion(ledger, review, stage, send=False)
    except BadInput:  # the sample is void
        return SecondReading(machine, alone)
    drawn = len(audit.sample.counted)
    return SecondReading(machine, alone, drawn, audit.labelled, len(audit.hits), audit.outside, len(audit.review))


def removed(ledger: Ledger, review: Review, stage: Stage) -> tuple[dict[str, str], dict[str, Standing]]:
    """Return the records that a machine alone excludes now, finally or as a suggestion, rules included, each with its stratum
    (the criterion it fails); and the standing of every record of the stage.

    Where the machine is one person's second reviewer they are those that the two exclude and nobody else has judged. Where the
    stage names a rule for stopping they are what people have not judged, whoever has excluded it or not, in one stratum.
    """
    names = set(frame_of(ledger, review, stage))
    records = [record for record in records_for(ledger, review, stage, texts=False) if record.id in names]
    machine = review.stage(stage).decided_by.machine
    if stops(review, stage):
        standings = dict(StageState.of(ledger, review, stage, records).standings)
        return dict.fromkeys(closed_pile(ledger, stage, standings), ""), standings
    if machine is None:
        raise BadInput(f"{stage.label}: no machine decides here, so nothing is excluded without a human")
    standings = dict(StageState.of(ledger, review, stage, records).standings)
    if _second(review, stage):
        return {name: _stratum(standings[name]) for name in excluded_by_one(standings)}, standings
    with ledger.read() as connection:
        current_ids = reads.current_ids(connection)
        people = {
            current_ids.get(row.record_id, row.record_id) for row in reads.judgements(connection, stage, roles=PEOPLE)
        }
    stratum_of = {}
    for name, standing in standings.items():
        if (
            name not in people
            and standing.by == machine
            and standing.decision is Decision.EXCLUDE
            and standing.judgement is not None
        ):
            stratum_of[name] = _stratum(standing)
    return stratum_of, standings


def _stratum(standing: Standing) -> str:
    return (standing.judgement and standing.judgement.failed()) or "no criterion named"


def _second(review: Review, stage: Stage) -> str | None:
    """Return the machine that is one person's second reviewer at a stage."""
    return review.stage(stage).decided_by.second_reviewer


def excluded_words(review: Review, stage: Stage) -> str:
    """Return of what an elusion sample is drawn: of what was `removed without a human`, or excluded by one person and a machine."""
    if stops(review, stage):
        return "not screened by anybody"
    machine = _second(review, stage)
    return f"excluded by one person and {machine}" if machine else "removed without a human"


def _decided(connection: Connection, review: Review, stage: Stage, sample: Sample) -> dict[str, Decision]:
    """Return what people have decided on the records of the sample, blind and each by itself, or by adjudication."""
    if _second(review, stage):
        return second_decisions(connection, stage, sample)
    rows, _ = blind_judgements(connection, stage, [member.record_id for member in sample.counted])
    rule = DecidedBy(humans=max(1, review.stage(stage).decided_by.humans))
    standings = {name: stand(rule, record_rows, stage=stage, decision_alone=True) for name, record_rows in rows.items()}
    return {
        name: standing.decision
        for name, standing in standings.items()
        if standing.status is Status.FINAL and standing.decision is not None
    }


def _checks(connection: Connection, review: Review, stage: Stage, sample: Sample) -> int:
    """Return how many samples were looked at, this one among them.

    Drawing again until an answer pleases is more than one check; a sample that was never finished counts for nothing.
    """
    earlier = [other for other in samples(connection, stage, "elusion") if other.id < sample.id]
    return 1 + sum(len(_decided(connection, review, stage, other)) == len(other.counted) for other in earlier)


def _found_outside(
    connection: Connection, review: Review, stage: Stage, sample: Sample, standings: Mapping[str, Standing]
) -> int:
    """Return how many eligible records people have found outside the frame: what the machine excludes is not counted."""
    if stops(review, stage):
        return found_before(connection, stage, standings, int(sample.about.get("judged", 0)))
    decider, second = review.stage(stage).decided_by.machine, _second(review, stage)
    excluded = _who_excluded(connection, stage) if second else {}
    machine = reads.latest(connection, stage, decider or "")
    return sum(
        standing.status is Status.FINAL and standing.decision is not None and standing.decision.kept
        and standing.by != decider and (
            name not in machine or machine[name].judgement.decision.kept or bool(second and name not in excluded)
        )
        for name, standing in standings.items()
    )  # fmt: skip


def _who_excluded(connection: Connection, stage: Stage) -> dict[str, str]:
    """Return the records that a person excludes, each with one who does."""
    current_ids = reads.current_ids(connection)
    return {
        current_ids.get(row.record_id, row.record_id): row.reviewer
        for row in reads.judgements(connection, stage, roles=("human",), bare=True)
        if row.judgement.decision is Decision.EXCLUDE
    }


def _outside(connection: Connection, review: Review, stage: Stage, sample: Sample, frame: Mapping[str, str]) -> int:
    """Return how many of the records that are removed now came, or were removed, after the sample was drawn."""
    if stops(review, stage):
        # What people have judged since left the pile; nothing comes into it but records that are imported.
        return len(reads.imported_after(connection, stage, sample.at).intersection(frame))
    if second := _second(review, stage):
        return excluded_since(connection, stage, second, sample, frame)
    machine, judged = review.stage(stage).decided_by.machine, int(sample.about["basis"][1])
    current_ids = reads.current_ids(connection)
    earlier = {
        current_ids.get(row.record_id, row.record_id): row.judgement.decision
        for row in reads.judgements(connection, stage, reviewer=machine, bare=True)
        if row.role == "machine" and row.repeat == 0 and row.id <= judged
    }
    return sum(earlier.get(name) is not Decision.EXCLUDE for name in frame)


def _newest(connection: Connection, stage: Stage) -> Sample | None:
    return next(reversed(samples(connection, stage, "elusion")), None)


def _basis(connection: Connection, review: Review, stage: Stage) -> list[Any]:
    """Return what a sample holds for: the protocol, the records, and what the stage's machine has said of them."""
    machine = review.stage(stage).decided_by.machine or ""
    judged = 0 if stops(review, stage) else newest_judgement_id(connection, stage, machine, "machine")
    return [protocol_fingerprint(review, stage), judged, newest_id(connection, "hits"), newest_id(connection, "links")]
