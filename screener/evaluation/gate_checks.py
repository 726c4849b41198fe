"""Checks of gates: whether a machine reviewer reaches what locked, human, random `test` gold must show, and its record.

The checks of one test sample share one error, α = 1 − the gate's confidence: the k-th must pass at α/(k(k + 1)), which
adds up to α over however many checks there will be. The first is read at α/2, the lower end of the two-sided interval.
So a reviewer that fell short can be bettered and checked again, at the price of a stricter bound, and what an open gate
says holds with the gate's confidence whatever was tried before it opened.

A check is also the first printing of test results. Figures of a machine reviewer on the test half of gold that a gate
stands on are shown where a check of the same judgements is recorded; until then `dev` is shown (`shown_split`).
"""

from dataclasses import asdict, replace

from ..core.errors import BadInput
from ..core.judgement import Stage
from ..gold import GoldSet, Split, load_gold, placed_labels
from ..ledger import CheckRow, Ledger, Snapshot, add_check, check_rows, is_machine, reads
from ..protocol import Gate, Lock, Review
from ..stages import GateCheck, GateData, basis, check_of, count_checks, gate_data, gate_lock, stands_on_test, unfit
from .gate_bounds import error_of_check, lower_bound, positives_needed
from .update_gates import check_update_gates, update_gates


def test_positives(gold: GoldSet) -> int:
    """Return how many labels of the test half gold keeps."""
    return sum(label.decision.kept for label in gold.labels if gold.split[label.id] == "test")


def read_gate(source: Ledger | Snapshot, review: Review, stage: Stage, reviewer: str | None) -> GateCheck:
    """Return what a reviewer's gate stands on now: the recorded check of the present data, or why there is none.

    Nothing is written.
    """
    gate = review.stage(stage).gate
    if gate is None or reviewer is None:
        return GateCheck(False, "the protocol has no gate for this stage")
    snapshot, gold, reason = Snapshot.of(source), load_gold(review, stage), unfit(review, stage)
    with snapshot.ledger.read() as connection:
        rows = check_rows(connection, stage)
    last_at = max((row.at for row in rows if row.reviewer == reviewer), default="")
    if gold is None or gold.lock is None or reason:
        checks = count_checks(rows, gold.lock) if gold is not None and gold.lock is not None else 0
        return GateCheck(
            False, reason, reviewer, needed=positives_needed(gate, number=checks + 1), last_at=last_at, looks=checks
        )
    data = gate_data(snapshot.ledger, review, stage, reviewer, gold.lock, placed_labels(snapshot.ledger, gold))
    checks = count_checks(rows, gold.lock)
    with snapshot.ledger.read() as connection:
        imported_later = reads.imported_after(connection, stage, gold.lock.drawn_at)
    updates = update_gates(snapshot.ledger, review, stage, reviewer) if imported_later else ()
    state = GateCheck(
        False, data.lacks, reviewer, test_positives(gold), gold=gold.version, last_at=last_at, looks=checks,
        needed=positives_needed(gate, number=checks + 1), outside=len(imported_later & snapshot.latest(stage, reviewer).keys()),
        updates=tuple(update.sentence for update in updates),
    )  # fmt: skip
    state = replace(state, exhausted=checks > 0 and (state.needed or 0) > state.positives)
    check = check_of(rows, data)
    if check is not None:
        return _checked(state, check)
    earlier = [row for row in rows if row.reviewer == reviewer][-1:]
    return _unchecked(state, stage, by_earlier_program=any("labels" not in row.body for row in earlier))


def check_gate(ledger: Ledger, review: Review, stage: Stage, reviewer: str | None) -> GateCheck:
    """Check a reviewer's gate and the samples of updates, record the checks, and return what the gate stands on then."""
    record_check(ledger, review, stage, reviewer)
    check_update_gates(ledger, review, stage, reviewer)
    return read_gate(ledger, review, stage, reviewer)


def record_check(ledger: Ledger, review: Review, stage: Stage, reviewer: str | None) -> None:
    """Check a machine reviewer's gate and record the check, unless one of the same data is recorded.

    Data without a bound are not recorded either and count as no check. Cheap where nothing is to be checked.
    """
    gate, lock = review.stage(stage).gate, gate_lock(review, stage)
    if gate is None or lock is None or reviewer is None or unfit(review, stage):
        return
    gold = load_gold(review, stage)
    assert gold is not None  # or it could not be locked
    labels = placed_labels(ledger, gold)
    data = gate_data(ledger, review, stage, reviewer, lock, labels)
    with ledger.read() as connection:
        recorded = check_of(check_rows(connection, stage), data)
        machine = is_machine(connection, stage, reviewer)
    if recorded is not None or data.lacks or not machine:
        return
    with ledger.write() as connection:
        rows = check_rows(connection, stage)
        if check_of(rows, data) is None:  # another process may have been quicker
            check = _computed(gate, lock, gold, reviewer, data, count_checks(rows, lock) + 1)
            body = asdict(check) | basis(lock, labels)
            add_check(connection, stage, reviewer, gold.version, data.hash, check.open, body)


def _computed(gate: Gate, lock: Lock, gold: GoldSet, reviewer: str, data: GateData, number: int) -> GateCheck:
    """Return the check of these data as the k-th of its sample."""
    low, one_sided = lower_bound(gate, data.kept, data.positives, number), 1 - error_of_check(gate, number)
    ordinal = "the first check" if number == 1 else f"check {number:,}"
    explanation = (
        f"{reviewer} keeps {data.kept} of {data.positives} positives of gold {gold.spec.name} version {lock.version}, "
        f"drawn at random from {lock.frame:,} records: lower bound {low:.3f} (Wilson, {100 * one_sided:.4g} % one-sided "
        f"confidence, {ordinal} of this test sample), {gate.recall_low:g} asked for"
    )
    needed = positives_needed(gate, data.positives - data.kept, number)
    return GateCheck(
        low >= gate.recall_low,
        explanation,
        reviewer,
        data.positives,
        data.kept,
        low,
        one_sided,
        needed,
        gold.version,
        look=number,
        looks=number,
    )


def _checked(state: GateCheck, check: CheckRow) -> GateCheck:
    """Return what a recorded check says, beside what has come since."""
    body = check.body
    explanation = body["why"]
    if state.outside:
        subject, verb = ("record it judged", "lies") if state.outside == 1 else ("records it judged", "lie")
        explanation += (
            f"; {state.outside:,} {subject} came after the draw and so {verb} outside its frame: there it only suggests"
        )
    return replace(
        state, open=check.passed, why=explanation, positives=body["positives"], kept=body["kept"], low=body["low"],
        one_sided=body["one_sided"], needed=body["needed"], at=check.at, look=body["look"],
    )  # fmt: skip


def _unchecked(state: GateCheck, stage: Stage, *, by_earlier_program: bool) -> GateCheck:
    """Return why no check of the present data is recorded. Earlier programs did not record what a check stood on."""
    if state.why:
        return state
    if by_earlier_program:
        state_of_data = f"were checked last at {state.last_at} by an earlier program, which did not record on what data"
    elif state.last_at:
        state_of_data = f"have changed since the last check, of {state.last_at}"
    else:
        state_of_data = "were not checked yet"
    return replace(
        state,
        why=f"the decisions of {state.reviewer} on the test records, or the gate, {state_of_data}; "
        f"`screener gold gate --stage {stage} --reviewer {state.reviewer}` checks them",
    )


def why_withheld(source: Ledger | Snapshot, review: Review, stage: Stage, reviewer: str) -> str:
    """Return why the figures of a reviewer on gold `test` are not to be shown yet; empty where they are.

    They are withheld from gold that a gate stands on (locked, random, of a stage with a gate) and of a machine, while no
    check of the same decisions is recorded. Other gold opens no gate, and nobody tunes a person on figures.
    """
    lock, ledger = gate_lock(review, stage), Snapshot.of(source).ledger
    if not stands_on_test(review, stage) or lock is None:
        return ""
    with ledger.read() as connection:
        if not is_machine(connection, stage, reviewer):
            return ""
        rows = check_rows(connection, stage)
    gold = load_gold(review, stage)
    data = gate_data(ledger, review, stage, reviewer, lock, placed_labels(ledger, gold) if gold is not None else ())
    if check_of(rows, data) is not None:
        return ""
    return (
        data.lacks
        or unfit(review, stage)
        or (
            f"no check of what {reviewer} decided on the test records is recorded; `screener gold gate --stage {stage} "
            f"--reviewer {reviewer}` records one"
        )
    )


def shown_split(
    source: Ledger | Snapshot, review: Review, stage: Stage, reviewers: tuple[str, ...], split: Split | None
) -> tuple[Split, str]:
    """Return the half of gold on which figures of these reviewers are shown, and a remark where that is not `test`.

    Without a `split` it is `test`, or `dev` while `test` is withheld. Raises `BadInput` where `test` is asked for and
    withheld.
    """
    if split == "dev":
        return "dev", ""
    withheld = next((reason for name in reviewers if (reason := why_withheld(source, review, stage, name))), "")
    if withheld and split == "test":
        raise BadInput(f"--split test: {withheld}")
    return ("dev", f"figures of gold dev, not test: {withheld}") if withheld else ("test", "")
