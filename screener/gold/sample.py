"""Draw the records that people are to label: at random, or stratified by a machine's probability."""

import hashlib
import secrets
from collections import defaultdict
from collections.abc import Iterable, Sequence

from ..core.errors import BadInput
from ..core.judgement import Stage
from ..ledger import Draw, Kind, Ledger, Sample, SampleMember, add_sample, now
from ..ledger.judged import probabilities
from ..ledger.reviewers import reviewers
from ..ledger.samples import samples
from ..protocol import Review
from ..protocol.instructions_hash import instructions_hash
from ..stages import gate_lock, ids_for, ready, records_for
from ..stages.update_gates import Batch, batches_of, records_of_batch
from .alone import alone

STRATA = (0.02, 0.1, 0.3, 0.7)
"""Where strata of probability are divided; each holds from its lower to below its upper bound."""
NO_PROBABILITY = "none"
MIXED_IN = 4
"""One other record is mixed in for so many of a sample, so that nobody can tell which is which."""


@alone
def draw_gold(
    ledger: Ledger,
    review: Review,
    stage: Stage,
    n: int,
    *,
    by_probability: bool = False,
    machine: str | None = None,
    seed: str | None = None,
) -> Sample:
    """Draw `n` records to be labelled for gold, and keep them as a sample of the ledger.

    The frame is every record of the stage that is in no gold sample yet, nor in a pilot (there the guide was tried, and
    perhaps changed since), judged or not. Drawn at random each has the same
    chance; stratified, each stratum of a machine's probability gets the same number, and the weight is 1/chance. It is
    the `machine` named, else that of the stage if it has given any, else the one that has given most.
    Raises `BadInput` where there are too few records, or, for strata, no probabilities.
    """
    frame = not_sampled(ledger, review, stage)
    _enough(n, len(frame))
    seed = seed or secrets.token_hex(8)
    about: dict[str, object] = {"guide": instructions_hash(review, stage), "earlier": len(_sampled(ledger, stage))}
    drawn: list[SampleMember] = []
    if not by_probability:
        drawn = [SampleMember(name, len(frame) / n) for name in shuffled(frame, seed)[:n]]
        return _keep(ledger, stage, "gold", mixed(drawn, frame, seed), Draw(seed, "random", len(frame), about))
    machine, strata = _strata(ledger, review, stage, frame, machine)
    about["machine"] = machine
    about["strata"] = {name: len(ids) for name, ids in strata.items()}
    for name, size in shares({name: len(ids) for name, ids in strata.items()}, n).items():
        weight = len(strata[name]) / size if size else 0.0
        drawn += [
            SampleMember(record_id, weight, name) for record_id in shuffled(strata[name], f"{seed}:{name}")[:size]
        ]
    return _keep(ledger, stage, "gold", mixed(drawn, frame, seed), Draw(seed, "stratified", len(frame), about))


@alone
def draw_update(ledger: Ledger, review: Review, stage: Stage, n: int, *, seed: str | None = None) -> Sample:
    """Draw `n` of the records that came, or whose text changed, after gold or the last such sample was drawn.

    People label them; the gate is open for these records once the machine has passed on the sample. Where nothing came since,
    it is more of the last sample's records, so that this is checked on all of them. Raises `BadInput` where the stage has
    no gold that its gate could stand on, or too few records came.
    """
    lock = gate_lock(review, stage) if review.stage(stage).gate is not None else None
    if lock is None:
        raise BadInput(
            f"--update: no gate of stage {stage} stands on locked random gold yet; draw gold from all records "
            f"(`screener gold sample --stage {stage} --n N`) and lock it"
        )
    until = now()
    present = frame_of(ledger, review, stage)
    with ledger.read() as connection:
        drawn = batches_of(connection, stage, lock.drawn_at)
        batch = Batch(drawn[-1].until if drawn else lock.drawn_at, until)
        came = records_of_batch(connection, stage, Batch(batch.after, ""))
        if drawn and came.isdisjoint(present):
            batch = drawn[-1]
            came = records_of_batch(connection, stage, batch)
        used = {member.record_id for sample in samples(connection, stage, "gold", "pilot") for member in sample.counted}
    used |= set(batch.members)
    frame = [name for name in present if name in came and name not in used]
    _enough(n, len(frame))
    seed = seed or secrets.token_hex(8)
    about = {"guide": instructions_hash(review, stage), "after": batch.after, "until": batch.until}
    members = [SampleMember(name, len(frame) / n) for name in shuffled(frame, seed)[:n]]
    return _keep(ledger, stage, "update", mixed(members, frame, seed), Draw(seed, "random", len(frame), about))


@alone
def draw_pilot(ledger: Ledger, review: Review, stage: Stage, n: int, *, seed: str | None = None) -> Sample:
    """Draw `n` records that everybody labels, to try the guide; none of a gold sample, so that these stay unseen."""
    frame = not_sampled(ledger, review, stage)
    _enough(n, len(frame))
    seed = seed or secrets.token_hex(8)
    members = [SampleMember(name, len(frame) / n) for name in shuffled(frame, seed)[:n]]
    about = {"guide": instructions_hash(review, stage)}
    return _keep(ledger, stage, "pilot", members, Draw(seed, "random", len(frame), about))


def frame_of(ledger: Ledger, review: Review, stage: Stage) -> list[str]:
    """Return the ids of the records of a stage that can be judged; `BadInput` for one where nothing is screened."""
    if stage is Stage.EXTRACTION:
        raise BadInput(
            "--stage: gold is sampled at the screening stages; the extraction's gold is `gold/extraction.jsonl`"
        )
    review.stage(stage)
    if stage is Stage.ABSTRACT:
        return ids_for(ledger, review, stage)
    return [record.id for record in ready(records_for(ledger, review, stage))[0]]


def not_sampled(ledger: Ledger, review: Review, stage: Stage) -> list[str]:
    """Return the records of a stage that are in no gold sample and no pilot yet, from which the next is drawn."""
    used = _sampled(ledger, stage)
    return [name for name in frame_of(ledger, review, stage) if name not in used]


def _sampled(ledger: Ledger, stage: Stage) -> set[str]:
    with ledger.read() as connection:
        earlier = samples(connection, stage, "gold", "pilot")
    return {member.record_id for sample in earlier for member in sample.counted}


def shuffled(ids: Iterable[str], seed: str) -> list[str]:
    """Return the ids in the order of their salted hashes: the same on every machine, and independent of what they say."""
    return sorted(ids, key=lambda name: hashlib.sha256(f"{seed}:{name}".encode()).hexdigest())


def mixed(drawn: Sequence[SampleMember], candidates: Iterable[str], seed: str) -> list[SampleMember]:
    """Return the drawn records with some others among them, in random order; the others do not count."""
    drawn_ids = {member.record_id for member in drawn}
    fillers = shuffled((name for name in candidates if name not in drawn_ids), f"{seed}:mixed")[
        : -(-len(drawn) // MIXED_IN)
    ]
    members = [*drawn, *(SampleMember(name, counts=False) for name in fillers)]
    order = {
        name: place for place, name in enumerate(shuffled([member.record_id for member in members], f"{seed}:order"))
    }
    return sorted(members, key=lambda member: order[member.record_id])


def shares(sizes: dict[str, int], n: int) -> dict[str, int]:
    """Divide `n` over strata as equally as their sizes allow, at least one each where there is enough."""
    sizes_drawn = dict.fromkeys(sizes, 0)
    remaining = n
    while remaining and (open_ := [name for name in sizes if sizes_drawn[name] < sizes[name]]):
        for name in open_[:remaining]:
            sizes_drawn[name] += 1
        remaining -= min(remaining, len(open_))
    return sizes_drawn


def _strata(
    ledger: Ledger, review: Review, stage: Stage, frame: Sequence[str], machine: str | None
) -> tuple[str, dict[str, list[str]]]:
    """Return the machine by whose probabilities the frame is divided, and the records of each stratum."""
    with ledger.read() as connection:
        machines = [name for name, role in reviewers(connection, stage) if role == "machine"]
        given = {name: probabilities(connection, stage, name) for name in machines}
    given = {name: {record: p for record, p in of.items() if record in set(frame)} for name, of in given.items()}
    able = sorted((name for name in given if given[name]), key=lambda name: (-len(given[name]), name))
    usual = review.stage(stage).decided_by.machine
    if not able or (machine is not None and machine not in able):
        named = f"; {', '.join(able)} {'has' if len(able) == 1 else 'have'}" if able else ""
        raise BadInput(
            f"--by probability: {machine or usual or 'no machine'} has given none of these records{named}; run `screener run "
            f"--stage {stage} --reviewer NAME` with a reviewer that gives one"
        )
    chosen = machine or (usual if usual in able else able[0])
    strata: dict[str, list[str]] = defaultdict(list)
    for name in frame:
        p = given[chosen].get(name)
        strata[NO_PROBABILITY if p is None else _stratum(p)].append(name)
    return chosen, dict(sorted(strata.items()))


def _stratum(p: float) -> str:
    low = max((bound for bound in (0.0, *STRATA) if bound <= p), default=0.0)
    high = min((bound for bound in (*STRATA, 1.0) if bound > p), default=1.0)
    return f"{low:g}–{high:g}"


def _enough(n: int, frame: int) -> None:
    if n < 1:
        raise BadInput(f"--n: {n} is no number of records")
    if n > frame:
        raise BadInput(f"--n: {n:,} records are asked for, and {frame:,} can be drawn")


def _keep(ledger: Ledger, stage: Stage, kind: Kind, members: Sequence[SampleMember], draw: Draw) -> Sample:
    number = add_sample(ledger, kind, stage, members, draw)
    with ledger.read() as connection:
        return next(sample for sample in samples(connection, stage) if sample.id == number)
