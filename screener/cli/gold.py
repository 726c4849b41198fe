"""`screener gold`: samples to be labelled, locked versions, the gate, and elusion."""

from pathlib import Path
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
    review_at,
    stage_named,
    writing_ledger,
)

if TYPE_CHECKING:
    from ..stages import GateCheck

app = typer.Typer(help="Sample and lock gold labels; check a machine's gate; estimate elusion.", no_args_is_help=True)
SeedOption = Annotated[
    str | None, typer.Option(help="Draw as before with the same seed (default: a new one, recorded).")
]
UpdateOption = Annotated[
    bool,
    typer.Option("--update", help="Of the records that came after gold was drawn, for which the gate is not open."),
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
    reviewer: Annotated[
        str | None, typer.Option(help="Whose probability: any machine's that has judged. Default: the stage's machine.")
    ] = None,
    update: UpdateOption = False,
    prevalence: Annotated[
        float | None,
        typer.Option(
            help="Instead: as many as the gate takes, if this share of the records is eligible, such as 0.15."
        ),
    ] = None,
    test_share: Annotated[
        float, typer.Option(help="With --prevalence: the share of the labels that will go to `test`.")
    ] = 0.5,
    ready: Annotated[bool, typer.Option("--ready", help="Instead: the sample that comes with the review.")] = False,
    seed: SeedOption = None,
    join: JoinOption = False,
    review: ReviewOption = None,
    json: JsonOption = False,
) -> None:
    """Draw records for people to label; they come first in every queue, mixed with others and unmarked.

    With --update they are drawn from what came, or changed its text, after gold or the last such sample was drawn. Once they
    are labelled, `screener gold gate` checks the machine on them; until it passes, its exclusions there are suggestions.
    """
    from ..protocol import records_file
    from .common import console
    from .gold_sample import SampleAsked, as_json, draw_asked, show_sample

    opened_review, chosen_stage = open_review(review), stage_named(stage)
    asked = SampleAsked(n, pilot, prevalence, test_share, ready, by, reviewer, update, seed)
    asked.check()
    ledger = writing_ledger(opened_review, join)
    if not ready or records_file(opened_review) is not None:  # a sample that is ready brings its records
        first_records(ledger, opened_review, console(stderr=True))
    drawn, sentence = draw_asked(asked, ledger, opened_review, chosen_stage)
    if json:
        emit(as_json(drawn))
    else:
        show_sample(drawn, sentence)


@app.command("pilot")
def pilot(stage: StageOption, review: ReviewOption = None, json: JsonOption = False) -> None:
    """Inter-rater agreement by criterion, for each pilot."""
    from ..evaluation import read_pilots
    from .evaluate_pages import humans_table
    from .page import TextPage

    opened_review, chosen_stage = open_review(review), stage_named(stage)
    pilots = read_pilots(open_ledger(opened_review), opened_review, chosen_stage)
    if json:
        emit({"stage": chosen_stage.value, "pilots": [pilot_result.as_json() for pilot_result in pilots]})
        return
    for pilot_result in pilots:
        drawn = pilot_result.sample
        page = TextPage(
            f"Pilot {drawn.id} of {drawn.at[:10]}: {drawn.n:,} of {drawn.frame:,} records, {chosen_stage.label.lower()}"
        )
        judged = ", ".join(f"{who} {count:,}" for who, count in pilot_result.by.items()) or "nobody yet"
        page.line(f"Judged by {judged}; {pilot_result.together:,} by all of them.")
        if pilot_result.agreement:
            humans_table(page, pilot_result.agreement)
            apart = pilot_result.agreement.records - pilot_result.agreement.counts.same
            page.line(f"{apart:,} of {pilot_result.agreement.records:,} are in conflict: see "
                      f"`screener adjudicate --reviewer NAME`, conflicts.")  # fmt: skip
        else:
            page.line("Agreement needs two people who judged the same record independently.")
        if pilot_result.revised:
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

    opened_review, chosen_stage = open_review(review), stage_named(stage)
    ledger = writing_ledger(opened_review, join)
    outcome = lock_gold(ledger, opened_review, chosen_stage, test_share=test_share)
    if isinstance(outcome, LockObstacles):
        if json:
            emit(
                {
                    "locked": False,
                    "lacking": dict(outcome.lacking),
                    "conflicts": list(outcome.conflicts),
                    "needed": outcome.needed,
                }
            )
        else:
            _say_obstacles(outcome, chosen_stage.label.lower())
        raise typer.Exit(2)
    after_change(ledger, opened_review)
    lock_fields = outcome.lock.model_dump(mode="json")
    if json:
        emit(
            {
                "locked": True,
                "fresh": outcome.fresh,
                "labels": outcome.labels,
                "kept": outcome.kept,
                "split": dict(outcome.split),
                **lock_fields,
            }
        )
        return
    if not outcome.fresh:
        print(
            f"Nothing has changed: version {outcome.lock.version} of {outcome.lock.at} is current, hash {outcome.lock.sha256[:16]}."
        )
        return
    path = opened_review.gold / f"{chosen_stage}.csv"
    print(
        f"{path}: locked as version {outcome.lock.version}, hash {outcome.lock.sha256[:16]}, drawn {outcome.lock.drawn}."
    )
    print(
        f"  {outcome.labels:,} labels by {', '.join(outcome.lock.reviewers)}, {outcome.kept:,} not excluded; "
        f"{outcome.split.get('dev', 0):,} dev and {outcome.split.get('test', 0):,} test, no study split"
    )
    if outcome.lock.earlier_wording:
        print(f"  {outcome.lock.earlier_wording:,} of the labels and adjudications were given under earlier criteria or guidance; "
              "to confirm one, save it again")  # fmt: skip
    if outcome.saved is not None:
        print(f"  the earlier labels are kept in {outcome.saved}")
    print("To correct a label, adjudicate the record; then `screener gold lock` creates a new version.")


def _say_obstacles(obstacles: Any, stage: str) -> None:
    for name, count in list(obstacles.lacking.items())[:LISTED]:
        print(f"{name}: {count} of {obstacles.needed} judgements")
    if len(obstacles.lacking) > LISTED:
        print(f"… and {len(obstacles.lacking) - LISTED:,} more with too few judgements")
    for name in obstacles.conflicts[:LISTED]:
        print(f"{name}: conflict, not adjudicated")
    if len(obstacles.conflicts) > LISTED:
        print(f"… and {len(obstacles.conflicts) - LISTED:,} more conflicts")
    print(
        f"Not locked ({stage}): {len(obstacles.lacking):,} records have too few judgements, {len(obstacles.conflicts):,} are in conflict."
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
    from ..evaluation import check_gate
    from ..stages import gate_checks

    opened_review, chosen_stage = open_review(review), stage_named(stage)
    name = reviewer or opened_review.stage(chosen_stage).decided_by.machine
    if name is not None:
        opened_review.reviewer(name)
    ledger = writing_ledger(opened_review, join)
    check = check_gate(ledger, opened_review, chosen_stage, name)
    recorded = gate_checks(ledger, chosen_stage, name) if name else []
    if json:
        emit({"stage": chosen_stage.value, "reviewer": name, "open": check.open, "why": check.why,
              "positives": check.positives, "kept": check.kept, "low": check.low, "needed": check.needed,
              "missing": check.missing, "outside": check.outside, "checked_at": check.at or None,
              "check": check.look or None, "checks_of_sample": check.looks, "fresh_sample_needed": check.exhausted,
              "updates": list(check.updates), "looks": recorded})  # fmt: skip
        return
    print(
        f"Gate of {name or 'nobody'}, {chosen_stage.label.lower()}: {'open' if check.open else 'closed'}: {check.why}."
    )
    for sentence in check.updates:
        print(f"  {sentence}")
    if check.missing:
        print(f"  {check.needed} eligible records are needed in gold's test split, {check.missing} are missing.")
    if check.exhausted:
        print(f"  {fresh_sample_line(check, chosen_stage.value)}")
    for earlier in recorded:
        if earlier["low"] is not None:
            state = "open" if earlier["open"] else "closed"
            print(
                f"  check of {earlier['at']}: {state}, {earlier['kept']} of {earlier['positives']} not excluded, bound {earlier['low']:.3f}"
            )


def fresh_sample_line(check: "GateCheck", stage: str) -> str:
    """Return what to do where the next check of a test sample cannot pass, in one line."""
    times = "once" if check.looks == 1 else f"{check.looks:,} times"
    return (
        f"The test sample was checked {times}: with its {check.positives} positives the next check could not pass even "
        f"without a miss. Draw a fresh sample (`screener gold sample --stage {stage} --n N`), label it and lock gold again."
    )


@app.command("examples")
def examples(
    stage: StageOption,
    reviewer: Annotated[
        str | None, typer.Option(help="For whom they are to be hard: a machine that has judged. Default: the stage's.")
    ] = None,
    n: Annotated[int, typer.Option("-n", "--n", help="How many at most.")] = 6,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FILE", help="Where (default: prompts/STAGE_examples.yaml)."),
    ] = None,
    review: ReviewOption = None,
    json: JsonOption = False,
) -> None:
    """Draft worked examples for the prompt from gold dev, part tune: near misses of each criterion, on both its sides.

    Answers are gold's; what gold does not say is left blank for a person, and the file is refused until it is filled in. What a
    prompt shows counts in no figure of dev.
    """
    from .examples_page import show_drafted

    drafted = review_at(review).draft_examples(stage_named(stage), reviewer, n=n, path=output)
    if json:
        emit(drafted.as_json())
    else:
        show_drafted(drafted)


@app.command("elusion")
def elusion(
    stage: StageOption,
    n: Annotated[
        int | None,
        typer.Option("--n", min=1, help="Draw a sample of so many records, once; without it, compute the bound."),
    ] = None,
    confidence: Annotated[float, typer.Option(help="One-sided confidence of the bounds.")] = 0.95,
    recall: Annotated[
        float | None,
        typer.Option(
            help="Target recall of buscar's test (default: that of the protocol's rule for stopping, else 0.95)."
        ),
    ] = None,
    before_stop: Annotated[
        bool, typer.Option("--early", help="Draw although the rule that the protocol names does not say stop.")
    ] = False,
    seed: SeedOption = None,
    join: JoinOption = False,
    review: ReviewOption = None,
    json: JsonOption = False,
) -> None:
    """How many eligible records may be among those excluded without a human, rules included (elusion).

    Where a machine is one person's second reviewer: among those that the two exclude, read by a second person. Where the protocol
    names a rule for stopping a ranked queue: among those that nobody has screened, drawn once the rule says stop.
    """
    from ..core.errors import BadInput
    from ..evaluation import draw_elusion_after_stop
    from ..gold import read_elusion
    from .elusion_page import show_elusion

    opened_review, chosen_stage = open_review(review), stage_named(stage)
    if not 0.5 <= confidence < 1:
        raise BadInput(f"--confidence: {confidence:g} is not from 0.5 to below 1")
    stopping = opened_review.stage(chosen_stage).stopping
    if recall is None:
        recall = stopping.target if stopping else 0.95
    if not 0 < recall <= 1:
        raise BadInput(f"--recall: {recall:g} does not lie above 0 and up to 1")
    ledger = writing_ledger(opened_review, join)
    if n is not None:
        drawn = draw_elusion_after_stop(ledger, opened_review, chosen_stage, n, seed=seed, before_stop=before_stop)
        _say_drawn(drawn, json)
        return
    estimate = read_elusion(ledger, opened_review, chosen_stage, confidence=confidence, target=recall)
    show_elusion(estimate, confidence, recall, json=json, not_screened=stopping is not None)


def _say_drawn(drawn: Any, json: bool) -> None:
    """Say what was drawn for an elusion sample, without naming its records."""
    from .gold_sample import as_json

    if json:
        emit({key: value for key, value in as_json(drawn).items() if key != "records"})
        return
    if "judged" in drawn.about and "screened_by" not in drawn.about:
        print(f"Sample {drawn.id}: {drawn.n:,} of {drawn.frame:,} records that nobody had screened, seed {drawn.seed}.")
        print("They come first in every queue. Once labelled: the same command without --n.")
        return
    second = "screened_by" in drawn.about
    excluded = "by one person and the machine as second reviewer" if second else "without a human"
    print(f"Sample {drawn.id}: {drawn.n:,} of {drawn.frame:,} records excluded {excluded}, seed {drawn.seed}.")
    queues = "in the queue of everybody who has not screened them" if second else "in every queue"
    print(f"They are {queues}, mixed with records that were not excluded. Once labelled: the same command without --n.")
