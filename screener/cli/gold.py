"""`screener gold`: samples to be labelled, locked versions, the gate, and elusion."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from .common import (
    JoinOption,
    JsonOption,
    ReviewOption,
    StageOption,
    emit,
    first_records,
    open_ledger,
    open_review,
    stage_named,
    writing_ledger,
)

if TYPE_CHECKING:
    from ..stages.gates import GateCheck

app = typer.Typer(help="Sample and lock gold labels; check a machine's gate; estimate elusion.", no_args_is_help=True)
SeedOption = Annotated[
    str | None, typer.Option(help="Draw as before with the same seed (default: a new one, recorded).")
]
LISTED = 20
"""How many records are named before the rest is only counted."""


@app.command("sample")
def sample(
    stage: StageOption,
    n: Annotated[int | None, typer.Option("--n", min=1, help="How many records.")] = None,
    pilot: Annotated[
        int | None, typer.Option(min=1, help="Instead: a pilot of so many records that everybody labels.")
    ] = None,
    by: Annotated[str | None, typer.Option(help="`probability`: stratified, with recorded weights.")] = None,
    seed: SeedOption = None,
    join: JoinOption = False,
    review: ReviewOption = None,
    json: JsonOption = False,
) -> None:
    """Draw records for people to label; they come first in every queue, mixed with others and unmarked."""
    from ..core.errors import BadInput
    from ..gold import draw_gold, draw_pilot
    from .common import console

    here, which = open_review(review), stage_named(stage)
    if (n is None) == (pilot is None):
        raise BadInput("give either --n N or --pilot N")
    if by not in (None, "probability"):
        raise BadInput(f"--by: `{by}` is not `probability`, the one way to stratify")
    if pilot is not None and by is not None:
        raise BadInput("--by: a pilot is drawn at random")
    ledger = writing_ledger(here, join)
    first_records(ledger, here, console(stderr=True))
    if pilot is not None:
        drawn = draw_pilot(ledger, here, which, pilot, seed=seed)
    else:
        drawn = draw_gold(ledger, here, which, n or 0, by_probability=by is not None, seed=seed)
    if json:
        emit(_sample(drawn))
        return
    print(
        f"Sample {drawn.id} ({drawn.kind}): {drawn.n:,} of {drawn.frame:,} records, {which.label.lower()}, {drawn.drawn}, seed {drawn.seed}."
    )
    for name, size in drawn.about.get("strata", {}).items():
        got = sum(member.stratum == name for member in drawn.counted)
        print(f"  probability {name}: {got:,} of {size:,}")
    print("They come first in every queue: `screener adjudicate --reviewer NAME`, or `screener label FILE`.")


def _sample(drawn: Any) -> dict[str, Any]:
    return {
        "sample": drawn.id, "kind": drawn.kind, "stage": drawn.stage.value, "n": drawn.n, "frame": drawn.frame,
        "drawn": drawn.drawn, "seed": drawn.seed, "at": drawn.at,
        "records": [
            {"id": one.record_id, "weight": one.weight, "stratum": one.stratum} for one in drawn.counted
        ],
    }  # fmt: skip


@app.command("pilot")
def pilot(stage: StageOption, review: ReviewOption = None, json: JsonOption = False) -> None:
    """Inter-rater agreement by criterion, for each pilot."""
    from ..evaluation.pilots import read_pilots
    from .evaluate_pages import humans_table
    from .page import TextPage

    here, which = open_review(review), stage_named(stage)
    found = read_pilots(open_ledger(here), here, which)
    if json:
        emit({"stage": which.value, "pilots": [one.as_json() for one in found]})
        return
    for one in found:
        drawn = one.sample
        page = TextPage(
            f"Pilot {drawn.id} of {drawn.at[:10]}: {drawn.n:,} of {drawn.frame:,} records, {which.label.lower()}"
        )
        judged = ", ".join(f"{who} {count:,}" for who, count in one.by.items()) or "nobody yet"
        page.line(f"Judged by {judged}; {one.together:,} by all of them.")
        if one.agreement:
            humans_table(page, one.agreement)
            apart = one.agreement.records - one.agreement.counts.same
            page.line(f"{apart:,} of {one.agreement.records:,} are in conflict: see "
                      f"`screener adjudicate --reviewer NAME`, conflicts.")  # fmt: skip
        else:
            page.line("Agreement needs two people who judged the same record independently.")
        if one.revised:
            page.line("Criteria, form or guidance have changed since it was drawn.")
        page.show()


@app.command("lock")
def lock(
    stage: StageOption,
    test_share: Annotated[float, typer.Option(help="The share of the labels that goes to `test`.")] = 0.5,
    join: JoinOption = False,
    review: ReviewOption = None,
    json: JsonOption = False,
) -> None:
    """Lock a version of the gold labels: labelled twice, conflicts adjudicated. It cannot be changed afterwards."""
    from ..gold import LockObstacles, lock_gold
    from ..review.changes import after_change

    here, which = open_review(review), stage_named(stage)
    ledger = writing_ledger(here, join)
    done = lock_gold(ledger, here, which, test_share=test_share)
    if isinstance(done, LockObstacles):
        if json:
            emit(
                {
                    "locked": False,
                    "lacking": dict(done.lacking),
                    "conflicts": list(done.conflicts),
                    "needed": done.needed,
                }
            )
        else:
            _say_open(done, which.value)
        raise typer.Exit(2)
    after_change(ledger, here)
    told = done.lock.model_dump(mode="json")
    if json:
        emit(
            {
                "locked": True,
                "fresh": done.fresh,
                "labels": done.labels,
                "kept": done.kept,
                "split": dict(done.split),
                **told,
            }
        )
        return
    if not done.fresh:
        print(
            f"Nothing has changed: version {done.lock.version} of {done.lock.at} is current (hash {done.lock.sha256[:16]})."
        )
        return
    path = here.gold / f"{which}.csv"
    print(f"{path}: locked as version {done.lock.version}, hash {done.lock.sha256[:16]}, drawn {done.lock.drawn}.")
    print(
        f"  {done.labels:,} labels by {', '.join(done.lock.reviewers)}, {done.kept:,} not excluded; "
        f"{done.split.get('dev', 0):,} dev and {done.split.get('test', 0):,} test, no study split"
    )
    if done.lock.earlier_wording:
        print(f"  {done.lock.earlier_wording:,} of the labels and adjudications were given under earlier criteria or guidance; "
              "to confirm one, save it again")  # fmt: skip
    if done.saved is not None:
        print(f"  the labels that were there before are in {done.saved}")
    print("To correct a label, adjudicate the record; then `screener gold lock` creates a new version.")


def _say_open(done: Any, stage: str) -> None:
    for name, count in list(done.lacking.items())[:LISTED]:
        print(f"{name}: {count} of {done.needed} judgements")
    if len(done.lacking) > LISTED:
        print(f"… and {len(done.lacking) - LISTED:,} more with too few judgements")
    for name in done.conflicts[:LISTED]:
        print(f"{name}: conflict, not adjudicated")
    if len(done.conflicts) > LISTED:
        print(f"… and {len(done.conflicts) - LISTED:,} more conflicts")
    print(
        f"Not locked ({stage}): {len(done.lacking):,} records have too few judgements, {len(done.conflicts):,} are in conflict."
    )


@app.command("gate")
def gate(
    stage: StageOption,
    reviewer: Annotated[str | None, typer.Option(help="Whose gate (default: the machine that decides).")] = None,
    join: JoinOption = False,
    review: ReviewOption = None,
    json: JsonOption = False,
) -> None:
    """Check whether a machine's exclusions are final, and what that stands on; the check is recorded.

    The same decisions on the same labels are not checked twice. Each further check of a test sample is stricter.
    """
    from ..evaluation.gate_checks import check_gate
    from ..stages.gates import gate_checks

    here, which = open_review(review), stage_named(stage)
    name = reviewer or here.stage(which).decided_by.machine
    if name is not None:
        here.reviewer(name)
    ledger = writing_ledger(here, join)
    found = check_gate(ledger, here, which, name)
    recorded = gate_checks(ledger, which, name) if name else []
    if json:
        emit({"stage": which.value, "reviewer": name, "open": found.open, "why": found.why,
              "positives": found.positives, "kept": found.kept, "low": found.low, "needed": found.needed,
              "missing": found.missing, "outside": found.outside, "checked_at": found.at or None,
              "check": found.look or None, "checks_of_sample": found.looks, "fresh_sample_needed": found.exhausted,
              "looks": recorded})  # fmt: skip
        return
    print(f"Gate of {name or 'nobody'}, {which.label.lower()}: {'open' if found.open else 'closed'}: {found.why}.")
    if found.missing:
        print(f"  {found.needed} eligible records are needed in gold's test split, {found.missing} are missing.")
    if found.exhausted:
        print(f"  {fresh_sample_line(found, which.value)}")
    for one in recorded:
        if one["low"] is not None:
            state = "open" if one["open"] else "closed"
            print(f"  check of {one['at']}: {state}, {one['kept']} of {one['positives']} kept, bound {one['low']:.3f}")


def fresh_sample_line(check: "GateCheck", stage: str) -> str:
    """What to do where the next check of a test sample cannot pass, in one line."""
    times = "once" if check.looks == 1 else f"{check.looks:,} times"
    return (
        f"The test sample was checked {times}: with its {check.positives} positives the next check could not pass even "
        f"without a miss. Draw a fresh sample (`screener gold sample --stage {stage} --n N`), label it and lock gold again."
    )


@app.command("elusion")
def elusion(
    stage: StageOption,
    n: Annotated[
        int | None,
        typer.Option("--n", min=1, help="Draw a sample of so many records, once; without it, compute the bound."),
    ] = None,
    confidence: Annotated[float, typer.Option(help="One-sided confidence of the bounds.")] = 0.95,
    recall: Annotated[float, typer.Option(help="Target recall of the buscar stopping test.")] = 0.95,
    seed: SeedOption = None,
    join: JoinOption = False,
    review: ReviewOption = None,
    json: JsonOption = False,
) -> None:
    """How many eligible records may be among those excluded without a human, rules included (elusion)."""
    from ..core.errors import BadInput
    from ..gold import draw_elusion, read_elusion

    here, which = open_review(review), stage_named(stage)
    if not 0.5 <= confidence < 1:
        raise BadInput(f"--confidence: {confidence:g} is not from 0.5 to below 1")
    if not 0 < recall <= 1:
        raise BadInput(f"--recall: {recall:g} does not lie above 0 and up to 1")
    ledger = writing_ledger(here, join)
    if n is not None:
        _say_drawn(draw_elusion(ledger, here, which, n, seed=seed), json)
        return
    found = read_elusion(ledger, here, which, confidence=confidence, target=recall)
    bound, test = found.guarantee, found.test
    if json:
        emit(
            {
                "sample": found.sample.id, "stage": which.value, "n": found.sample.n, "frame": found.sample.frame,
                "seed": found.sample.seed, "labelled": found.labelled, "hits": list(found.hits),
                "eligible_at_most": bound.missed_at_most if bound else None,
                "share_at_most": bound.share_at_most if bound else None,
                "recall_at_least": bound.recall_at_least if bound else None, "confidence": confidence,
                "buscar": {"recall": recall, "p": test.p, "stop": test.stop} if test else None,
                "strata": dict(found.strata), "review": list(found.review),
            }
        )  # fmt: skip
        return
    print(
        f"Elusion sample {found.sample.id}: {found.labelled:,} of {found.sample.n:,} labelled, {len(found.hits)} of them eligible."
    )
    for name in found.hits:
        print(f"  {name} was excluded but people keep it")
    print(bound.sentence if bound else "No bound until all of them are labelled.")
    if test:
        print(test.sentence)
    for name, size in found.strata.items():
        print(
            f"Stratum {name}: an eligible record was found, so all its {size:,} records go to people ({len(found.review):,} in the queue)."
        )


def _say_drawn(drawn: Any, json: bool) -> None:
    """Say what was drawn for an elusion sample, without naming its records."""
    if json:
        emit({key: value for key, value in _sample(drawn).items() if key != "records"})
        return
    print(f"Sample {drawn.id}: {drawn.n:,} of {drawn.frame:,} records excluded without a human, seed {drawn.seed}.")
    print(
        "They are in every queue, mixed with records that were not excluded. Once labelled: the same command without --n."
    )
