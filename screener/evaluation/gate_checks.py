"""The gate: what a machine reviewer must reach on locked, human, random `test` gold before its exclusions are final."""

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from typing import Any

from sqlalchemy import Connection, func, insert, select

from ..core.errors import BadInput
from ..core.judgement import Stage
from ..gold.labels import GoldSet, load_gold
from ..ledger import reads
from ..ledger import tables as t
from ..ledger.snapshot import Snapshot
from ..ledger.store import Ledger, now
from ..metrics import wilson
from ..protocol.instructions_hash import guide_hash
from ..protocol.model import CombineSpec, Gate, Review
from .evaluate import evaluate

_RULE = "2"
"""The version of what `read_gate` asks for: where it changes, what an earlier look found is read anew."""


@dataclass(frozen=True)
class Reading:
    """One look at a gate. `why` says in one clause what it stands on, or what it lacks.

    `positives` are the test labels that gold keeps, `kept` those of them that the reviewer keeps too, `low` the lower
    bound of that share; `needed` is how many positives would do at the present number of misses. `outside` are the
    records judged by the reviewer that came after gold was drawn, `looks` how often the gate was looked at, this time
    among them.
    """

    open: bool
    why: str
    positives: int = 0
    kept: int = 0
    low: float | None = None
    needed: int | None = None
    gold: str = ""
    outside: int = 0
    looks: int = 0

    @property
    def missing(self) -> int | None:
        """How many positives are missing for the gate to open without another miss."""
        return None if self.needed is None else max(0, self.needed - self.positives)


def positives_needed(gate: Gate, misses: int = 0) -> int:
    """The fewest positives with which the lower bound reaches the gate, `misses` of them lost (Wilson)."""
    n = misses + 1
    while (wilson(n - misses, n, level=gate.confidence).low or 0) < gate.recall_low:
        n += 1
    return n


def unfit(review: Review, gold: GoldSet | None) -> str:
    """Why a gold set can open no gate; empty if it can."""
    if gold is None:
        return "there is no gold set"
    if gold.spec.status != "human":
        return f"gold {gold.spec.name} is {gold.spec.status}: only labels of humans open a gate"
    if gold.lock is None:
        return f"gold {gold.spec.name} is not locked (`screener gold lock`)"
    if gold.lock.drawn != "random":
        return f"gold {gold.spec.name} was not drawn at random ({gold.lock.drawn})"
    if gold.lock.guide != guide_hash(review, gold.stage):
        return (
            f"criteria or guide have changed since gold {gold.spec.name} was locked; see whether its labels still hold, "
            f"then `screener gold lock --stage {gold.stage}` again"
        )
    return ""


def test_positives(gold: GoldSet) -> int:
    """How many labels of the test half gold keeps."""
    return sum(label.decision.kept for label in gold.labels if gold.split[label.id] == "test")


def read_gate(source: Ledger | Snapshot, review: Review, stage: Stage, reviewer: str | None) -> Reading:
    """Compare a reviewer with the gate of a stage; nothing is logged."""
    seen = Snapshot.of(source)
    gate = review.stage(stage).gate
    if gate is None or reviewer is None:
        return Reading(False, "the protocol has no gate for this stage")
    gold = load_gold(review, stage)
    taken = _looks_taken(seen.ledger, review, stage, reviewer, gold)
    if gold is None or unfit(review, gold):
        return Reading(False, unfit(review, gold), needed=positives_needed(gate), looks=taken)
    assert gold.lock is not None
    with seen.ledger.read() as connection:
        late = reads.imported_after(connection, stage, gold.lock.drawn_at)
    outside = len(late & seen.latest(stage, reviewer).keys())
    closed = Reading(
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
    return Reading(passed, why, len(relevant), kept, low, needed, gold.version, outside, taken)


def _confidence(gate: Gate, taken: int) -> str:
    """The one-sided confidence of the bound, at each look and of all looks together (Bonferroni)."""
    error = (1 - gate.confidence) / 2
    each = f"Wilson, {100 * (1 - error):g} % one-sided confidence at each look"
    if taken == 1:
        return f"{each}, this being the first"
    together = 100 * (1 - taken * error)
    said = f"at least {together:g} %" if together > 1e-9 else "no confidence left"
    return f"{each}, {said} for all {taken:,} looks together by Bonferroni"


def open_up_to(ledger: Ledger, review: Review, stage: Stage, reviewer: str | None) -> str | None:
    """When the gold was drawn that opens a reviewer's gate at a stage; None while the gate is closed.

    What the reviewer says of records that had come by then is final. Every look at other labels or judgements is
    logged. Cheap where nothing has changed since the last look. Call it before a connection is opened: it may write.
    """
    if review.stage(stage).gate is None or reviewer is None:
        return None
    gold = load_gold(review, stage)
    if gold is None or gold.lock is None or unfit(review, gold):
        return None
    with ledger.read() as connection:
        signature = _signature(connection, review, stage, reviewer, gold.version)
        last = _last_look(connection, stage, reviewer)
    if last is not None and last.signature == signature:
        return gold.lock.drawn_at if last.passed else None
    reading = read_gate(ledger, review, stage, reviewer)
    row = {"at": now(), "stage": stage.value, "reviewer": reviewer, "gold": reading.gold, "signature": signature,
           "passed": int(reading.open), "body": json.dumps(asdict(reading))}  # fmt: skip
    with ledger.write() as connection:
        connection.execute(insert(t.looks).values(row))
    return gold.lock.drawn_at if reading.open else None


def looks(ledger: Ledger, stage: Stage, reviewer: str) -> list[dict[str, Any]]:
    """The looks that were taken at a gate, oldest first: `at`, `open`, and what was read."""
    c = t.looks.c
    query = select(t.looks).where(c.stage == stage.value, c.reviewer == reviewer).order_by(c.id)
    with ledger.read() as connection:
        return [{"at": row.at, **json.loads(row.body)} for row in connection.execute(query)]


def _looks_taken(ledger: Ledger, review: Review, stage: Stage, reviewer: str, gold: GoldSet | None) -> int:
    """How often the gate was looked at, with the present look, which may not be logged yet; none at unfit gold."""
    c = t.looks.c
    with ledger.read() as connection:
        query = select(func.count()).where(c.stage == stage.value, c.reviewer == reviewer)
        logged = connection.execute(query).scalar_one()
        if gold is None or unfit(review, gold):
            return logged
        last = _last_look(connection, stage, reviewer)
        signature = _signature(connection, review, stage, reviewer, gold.version)
    return logged + (last is None or last.signature != signature)


def _last_look(connection: Connection, stage: Stage, reviewer: str) -> Any:
    c = t.looks.c
    query = select(c.signature, c.passed).where(c.stage == stage.value, c.reviewer == reviewer)
    return connection.execute(query.order_by(c.id.desc()).limit(1)).first()


def _signature(connection: Connection, review: Review, stage: Stage, reviewer: str, gold: str) -> str:
    """What a look depends on: the gate, the gold set, the protocol, and what has been judged, fitted and merged."""
    c = t.judgements.c
    newest = [
        select(func.max(c.id)).where(c.stage == stage.value, c.reviewer == reviewer),
        select(func.max(t.links.c.id)),
        select(func.max(t.hits.c.id)),
        select(func.max(t.fits.c.at)).where(t.fits.c.stage == stage.value),
    ]
    gate = review.stage(stage).gate
    parts = [
        _RULE,
        gate.model_dump_json() if gate else "",
        gold,
        review.fingerprint(stage, reviewer),
        *(str(connection.execute(query).scalar()) for query in newest),
    ]
    return hashlib.sha256("\x00".join(parts).encode()).hexdigest()[:32]


def _fitted_before(ledger: Ledger, review: Review, stage: Stage, reviewer: str, drawn_at: str) -> str | None:
    """The reviewer, or the member of it, whose newest fit is older than the sample that gold was made from."""
    spec = review.reviewer(reviewer)
    names = [reviewer, *(spec.members if isinstance(spec, CombineSpec) else ())]
    c = t.fits.c
    query = select(c.reviewer, func.max(c.at)).where(c.stage == stage.value, c.reviewer.in_(names)).group_by(c.reviewer)
    with ledger.read() as connection:
        fitted = {row[0]: row[1] for row in connection.execute(query)}
    return next((name for name, at in fitted.items() if at < drawn_at), None)
