"""Elusion: how many eligible records may be among those that were removed without a human, by a random sample of them."""

import secrets
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..core.errors import BadInput
from ..core.judgement import Decision, Stage
from ..ledger import reads
from ..ledger.judgements import PEOPLE
from ..ledger.newest import newest_id, newest_judgement_id
from ..ledger.samples import Draw, Sample, SampleMember, add_sample, samples
from ..ledger.store import Connection, Ledger
from ..metrics import BuscarTest, Frame, SampleGuarantee, buscar_test, random_sample_guarantee
from ..protocol.model import DecidedBy, Review
from ..stages.standing import Standing, Status, stand
from ..stages.state import StageState, protocol_fingerprint
from .blind import blind_judgements
from .sample import frame_of, mixed, shuffled


@dataclass(frozen=True)
class Elusion:
    """An elusion sample and what is known from it. `guarantee` and `test` are None until all of it is labelled.

    `guarantee` bounds what was lost; `test` is buscar's, of whether recall has reached a target.
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


def draw_elusion(ledger: Ledger, review: Review, stage: Stage, n: int, *, seed: str | None = None) -> Sample:
    """Draw `n` of the records that were removed without a human, once, and mix some kept ones in.

    Raises `BadInput` where a sample is there that still holds, or too few records were removed.
    """
    frame, standing = removed(ledger, review, stage)
    with ledger.read() as connection:
        last = _newest(connection, stage)
        basis = _basis(connection, review, stage)
    if last is not None and last.about["basis"] == basis:
        raise BadInput(
            f"--n: sample {last.id} of {last.n} was drawn at {last.at} and still holds; its size is set once, before "
            f"anybody looks. Read it with `screener gold elusion --stage {stage}`"
        )
    if not 0 < n <= len(frame):
        raise BadInput(f"--n: {n:,} records are asked for, and {len(frame):,} were removed without a human")
    seed = seed or secrets.token_hex(8)
    drawn = [SampleMember(name, len(frame) / n, frame[name]) for name in shuffled(frame, seed)[:n]]
    kept = [name for name, one in standing.items() if one.decision is not None and one.decision.kept]
    kept = [name for name in kept if standing[name].status is Status.SUGGESTED] or kept
    about = {"basis": basis, "strata": dict(Counter(frame.values()))}
    number = add_sample(ledger, "elusion", stage, mixed(drawn, kept, seed), Draw(seed, "random", len(frame), about))
    with ledger.read() as connection:
        return next(sample for sample in samples(connection, stage) if sample.id == number)


def read_elusion(
    ledger: Ledger, review: Review, stage: Stage, *, confidence: float = 0.95, target: float = 0.95, send: bool = True
) -> Elusion:
    """What the newest elusion sample says. A hit sends its stratum into everybody's queue, once, unless not `send`.

    Raises `BadInput` where there is none, or where it is void since records were judged anew or removed since.
    """
    frame, standing = removed(ledger, review, stage)
    with ledger.read() as connection:
        sample = _newest(connection, stage)
        if sample is None:
            raise BadInput(
                f"no elusion sample at stage {stage}; draw one with `screener gold elusion --stage {stage} --n 200`"
            )
        if sample.about["basis"] != _basis(connection, review, stage):
            raise BadInput(
                f"elusion sample {sample.id} is void: the machine has judged anew or records have come since it was "
                f"drawn at {sample.at}; draw another with `screener gold elusion --stage {stage} --n {sample.n}`"
            )
        decided = _decided(connection, review, stage, sample)
        # Whoever draws again until an answer pleases has looked more than once; a sample that was never finished told nothing.
        earlier = [one for one in samples(connection, stage, "elusion") if one.id < sample.id]
        looks = 1 + sum(len(_decided(connection, review, stage, one)) == len(one.counted) for one in earlier)
        machine = reads.latest(connection, stage, review.stage(stage).decided_by.machine or "")
        # Eligible records that people have found outside the frame: what the machine excludes is not counted.
        found = sum(
            one.status is Status.FINAL and one.decision is not None and one.decision.kept
            and one.by != review.stage(stage).decided_by.machine
            and (name not in machine or machine[name].judgement.decision.kept)
            for name, one in standing.items()
        )  # fmt: skip
        reviewed = [one for one in samples(connection, stage, "review") if one.about.get("elusion") == sample.id]
    hits = tuple(name for name, decision in decided.items() if decision.kept)
    guarantee = test = None
    if len(decided) == sample.n:
        what = Frame("the records removed without a human", sample.frame, "random")
        guarantee = random_sample_guarantee(
            what, sample.n, len(hits), found_outside=found, confidence=confidence, looks=looks
        )
        test = buscar_test(what, sample.n, len(hits), before=found, target=target, confidence=confidence, looks=looks)
    of = {member.record_id: member.stratum for member in sample.counted}
    strata = {of[name]: int(sample.about["strata"].get(of[name], 0)) for name in hits}
    todo = tuple(name for name, stratum in frame.items() if stratum in strata and name not in decided)
    if send and todo and {s for one in reviewed for s in one.about["strata"]} != set(strata):
        add_sample(
            ledger,
            "review",
            stage,
            [SampleMember(name, stratum=frame[name]) for name in shuffled(todo, sample.seed)],
            Draw(sample.seed, "chosen", len(todo), {"elusion": sample.id, "strata": sorted(strata)}),
        )
    return Elusion(sample, len(decided), hits, guarantee, test, strata, todo)


def removed(ledger: Ledger, review: Review, stage: Stage) -> tuple[dict[str, str], dict[str, Standing]]:
    """The records that a machine alone excludes now, finally or as a suggestion, rules included, each with its stratum
    (the criterion it fails); and the standing of every record of the stage.
    """
    records = frame_of(ledger, review, stage)
    machine = review.stage(stage).decided_by.machine
    if machine is None:
        raise BadInput(f"stage {stage}: no machine decides anything here, so nothing is removed without a human")
    all_ = dict(StageState.of(ledger, review, stage, records).standings)
    with ledger.read() as connection:
        current_ids = reads.current_ids(connection)
        people = {
            current_ids.get(row.record_id, row.record_id) for row in reads.judgements(connection, stage, roles=PEOPLE)
        }
    found = {}
    for name, one in all_.items():
        if name not in people and one.by == machine and one.decision is Decision.EXCLUDE and one.judgement is not None:
            found[name] = one.judgement.failed() or "no criterion named"
    return found, all_


def _decided(connection: Connection, review: Review, stage: Stage, sample: Sample) -> dict[str, Decision]:
    """What people have decided on the records of the sample, blind and each by itself, or by a ruling."""
    rows, _ = blind_judgements(connection, stage, [member.record_id for member in sample.counted])
    rule = DecidedBy(humans=max(1, review.stage(stage).decided_by.humans))
    found = {name: stand(rule, by, stage=stage, decision_alone=True) for name, by in rows.items()}
    return {
        name: one.decision for name, one in found.items() if one.status is Status.FINAL and one.decision is not None
    }


def _newest(connection: Connection, stage: Stage) -> Sample | None:
    return next(reversed(samples(connection, stage, "elusion")), None)


def _basis(connection: Connection, review: Review, stage: Stage) -> list[Any]:
    """What a sample holds for: the protocol, the records, and what the stage's machine has said of them."""
    machine = review.stage(stage).decided_by.machine or ""
    judged = newest_judgement_id(connection, stage, machine, "machine")
    return [protocol_fingerprint(review, stage), judged, newest_id(connection, "hits"), newest_id(connection, "links")]
