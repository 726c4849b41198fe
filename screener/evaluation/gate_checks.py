"""The gate: what a machine reviewer must reach on locked, human, random `test` gold before its exclusions are final."""

import json
from dataclasses import asdict, replace

from sqlalchemy import func, insert, select

from ..core.errors import BadInput
from ..core.judgement import Stage
from ..gold.labels import GoldSet, load_gold
from ..ledger import reads
from ..ledger import tables as t
from ..ledger.snapshot import Snapshot
from ..ledger.store import Ledger, now
from ..metrics import wilson
from ..protocol.model import CombineSpec, Gate, Review
from ..stages.gates import GateCheck, gate_lock, last_check, signature, unfit
from .evaluate import evaluate


def positives_needed(gate: Gate, misses: int = 0) -> int:
    """The fewest positives with which the lower bound reaches the gate, `misses` of them lost (Wilson)."""
    n = misses + 1
    while (wilson(n - misses, n, level=gate.confidence).low or 0) < gate.recall_low:
        n += 1
    return n


def test_positives(gold: GoldSet) -> int:
    """How many labels of the test half gold keeps."""
    return sum(label.decision.kept for label in gold.labels if gold.split[label.id] == "test")


def read_gate(source: Ledger | Snapshot, review: Review, stage: Stage, reviewer: str | None) -> GateCheck:
    """Compare a reviewer with the gate of a stage; nothing is logged."""
    seen = Snapshot.of(source)
    gate = review.stage(stage).gate
    if gate is None or reviewer is None:
        return GateCheck(False, "the protocol has no gate for this stage")
    gold = load_gold(review, stage)
    taken = _looks_taken(seen.ledger, review, stage, reviewer)
    if gold is None or unfit(review, stage):
        return GateCheck(False, unfit(review, stage), needed=positives_needed(gate), looks=taken)
    assert gold.lock is not None
    with seen.ledger.read() as connection:
        late = reads.imported_after(connection, stage, gold.lock.drawn_at)
    outside = len(late & seen.latest(stage, reviewer).keys())
    closed = GateCheck(
        False, "", test_positives(gold), needed=positives_needed(gate), gold=gold.version, outside=outside, looks=taken
    )
    if (fitted := _fitted_before(seen.ledger, review, stage, reviewer, gold.lock.drawn_at)) is not None:
        why = f"{fitted} was fitted before the gold sample was drawn and may have learned from it; `screener run --fit`"
        return replace(closed, why=why)
    try:
        found = evaluate(seen, review, stage, reviewer, split="test", shown=0)
    except BadInput as error:
        return replace(closed, why=str(error))
    if lacking := len(found.missing) + len(found.unplaced):
        return replace(closed, why=f"{reviewer} has not judged {lacking} of the test records")
    if found.contradictory:
        why = (
            f"{len(found.contradictory)} of the test labels are left out because their records were merged with others "
            f"that have another label ({', '.join(found.contradictory)}); undo the merge (`screener dedup split`) or "
            "settle the label and lock gold again"
        )
        return replace(closed, why=why)
    relevant = [pair for pair in found.pairs if pair.reference.decision.kept]
    kept = sum(pair.judged.decision.kept for pair in relevant)
    low = wilson(kept, len(relevant), level=gate.confidence).low if relevant else None
    passed = low is not None and low >= gate.recall_low
    why = (
        f"{reviewer} keeps {kept} of {len(relevant)} positives of gold {gold.spec.name} version {gold.lock.version}, "
        f"drawn at random from {gold.lock.frame:,} records: "
        f"lower bound {'none' if low is None else f'{low:.3f}'} "
        f"({_confidence(gate, taken)}), {gate.recall_low:g} asked for"
    )
    if outside:
        came, lie = ("record it judged", "lies") if outside == 1 else ("records it judged", "lie")
        why += f"; {outside:,} {came} came after the draw and so {lie} outside its frame: there it only suggests"
    needed = positives_needed(gate, len(relevant) - kept)
    return GateCheck(passed, why, len(relevant), kept, low, needed, gold.version, outside, taken)


def _confidence(gate: Gate, taken: int) -> str:
    """The one-sided confidence of the bound, at each look and of all looks together (Bonferroni)."""
    error = (1 - gate.confidence) / 2
    each = f"Wilson, {100 * (1 - error):g} % one-sided confidence at each look"
    if taken == 1:
        return f"{each}, this being the first"
    together = 100 * (1 - taken * error)
    said = f"at least {together:g} %" if together > 1e-9 else "no confidence left"
    return f"{each}, {said} for all {taken:,} looks together by Bonferroni"


def check_gate(ledger: Ledger, review: Review, stage: Stage, reviewer: str | None) -> GateCheck:
    """Check a reviewer's gate, and record the check unless one of the same data is recorded last."""
    lock = gate_lock(review, stage)
    if review.stage(stage).gate is None or reviewer is None or lock is None:
        return read_gate(ledger, review, stage, reviewer)
    with ledger.read() as connection:
        signed = signature(connection, review, stage, reviewer, lock)
        last = last_check(connection, stage, reviewer)
    check = read_gate(ledger, review, stage, reviewer)
    if last is None or last.signature != signed:
        row = {"at": now(), "stage": stage.value, "reviewer": reviewer, "gold": check.gold, "signature": signed,
               "passed": int(check.open), "body": json.dumps(asdict(check))}  # fmt: skip
        with ledger.write() as connection:
            connection.execute(insert(t.looks).values(row))
    return check


def _looks_taken(ledger: Ledger, review: Review, stage: Stage, reviewer: str) -> int:
    """How often the gate was looked at, with the present look, which may not be recorded yet; none at unfit gold."""
    c = t.looks.c
    lock = gate_lock(review, stage)
    with ledger.read() as connection:
        query = select(func.count()).where(c.stage == stage.value, c.reviewer == reviewer)
        recorded = connection.execute(query).scalar_one()
        if lock is None:
            return recorded
        last = last_check(connection, stage, reviewer)
        return recorded + (last is None or last.signature != signature(connection, review, stage, reviewer, lock))


def _fitted_before(ledger: Ledger, review: Review, stage: Stage, reviewer: str, drawn_at: str) -> str | None:
    """The reviewer, or the member of it, whose newest fit is older than the sample that gold was made from."""
    spec = review.reviewer(reviewer)
    names = [reviewer, *(spec.members if isinstance(spec, CombineSpec) else ())]
    c = t.fits.c
    query = select(c.reviewer, func.max(c.at)).where(c.stage == stage.value, c.reviewer.in_(names)).group_by(c.reviewer)
    with ledger.read() as connection:
        fitted = {row[0]: row[1] for row in connection.execute(query)}
    return next((name for name, at in fitted.items() if at < drawn_at), None)
