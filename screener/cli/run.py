"""`screener run`: have a machine reviewer judge what is missing."""

from typing import Annotated, Any

import typer

from .common import (
    JsonOption,
    ReviewOption,
    StageOption,
    console,
    emit,
    first_records,
    open_ledger,
    open_review,
    stage_named,
)


def run(
    stage: StageOption,
    reviewer: Annotated[
        str | None, typer.Option(help="A reviewer of the protocol (default: the stage's machine).")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Only the first so many records.")] = None,
    budget: Annotated[float | None, typer.Option(min=0, help="Stop sending once so many US dollars are spent.")] = None,
    concurrency: Annotated[
        int | None,
        typer.Option(min=1, max=512, help="How many records are under way at once (default: the reviewer's)."),
    ] = None,
    repeats: Annotated[int, typer.Option(min=1, max=20, help="Ask so many times, to see what flips.")] = 1,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be asked and cost; send nothing.")] = False,
    retry_errors: Annotated[
        bool, typer.Option("--retry-errors", help="Ask again what was refused or stayed unusable.")
    ] = False,
    everything: Annotated[bool, typer.Option("--all", help="Take along what the stage before would exclude.")] = False,
    again: Annotated[
        bool, typer.Option("--again", help="Ask even what is in a batch under way, which pays for it twice.")
    ] = False,
    fit: Annotated[bool, typer.Option("--fit", help="First fit the embedded reviewer to human judgements.")] = False,
    review: ReviewOption = None,
    json: JsonOption = False,
) -> None:
    """Judge the records that lack a current judgement; what is judged already is not asked again."""
    from ..core.errors import BadInput
    from ..protocol.model import CombineSpec
    from ..review.changes import after_change
    from ..running.build_reviewers import make_fit, task_for
    from ..running.dry_run import check_budget, plan, refuse_twice
    from ..running.ensembles import run_combined
    from ..running.run_task import Options
    from ..running.runner import run as run_task
    from ..stages.eligible import machine_for, ready
    from ..stages.state import records_for
    from .showing import progress_bar, show_plan, show_summary

    here, which = open_review(review), stage_named(stage)
    name = machine_for(here, which, reviewer)
    ledger = open_ledger(here)
    say = console(stderr=True)
    first_records(ledger, here, say)
    if fit:
        made, kept, excluded, ranked = make_fit(ledger, here, which, name)
        say.print(
            f"Fitted {name} to {kept + excluded:,} human judgements ({kept:,} kept, {excluded:,} excluded): fit {made.id}."
        )
        if ranked:
            say.print(
                f"{ranked:,} of them were given in the order of a machine's probabilities: they are no random sample, so what "
                "the fit says of a probability is descriptive."
            )
    records, waiting = ready(records_for(ledger, here, which, everything=everything))
    records = records[:limit]
    spec = here.reviewer(name)
    combined = spec.members if isinstance(spec, CombineSpec) else ()
    if combined and repeats > 1:
        raise BadInput(f"--repeats: {name} combines others; repeat its members one by one: {', '.join(combined)}")
    tasks = [task_for(ledger, here, which, one, records, offline=dry_run) for one in combined or (name,)]
    wanted = concurrency or min(task.endpoint.max_concurrency if task.endpoint else 32 for task in tasks)
    options = Options(wanted, budget, repeats, retry_errors)
    for task in tasks:
        check_budget(task, options)
        if not again and not dry_run:
            refuse_twice(ledger, task)
    if dry_run:
        plans = [(task.name, plan(ledger, task, options)) for task in tasks]
        if json:
            emit(plans[0][1].as_json() if not combined else {one: planned.as_json() for one, planned in plans})
        else:
            for one, planned in plans:
                show_plan(planned, one)
            if isinstance(spec, CombineSpec) and spec.rule is None:
                print("A cascade asks a member only what those before it leave open: this is the most it can come to.")
        return
    if not json:
        say.print(f"{here.protocol.title}")
        for task in tasks:
            say.print(f"{task.name}: {_described(task.specification)}; {len(records):,} records at stage {which}")
    tell, stop = (None, None) if json else progress_bar(say)
    try:
        if combined:
            summary = run_combined(ledger, here, which, name, records, options, tell)
        else:
            summary = run_task(ledger, tasks[0], options, tell)
    finally:
        # A run that was cut off has stored judgements too.
        after_change(ledger, here)
        if stop is not None:
            stop()
    summary.waiting = waiting
    if json:
        emit(summary.as_json())
    else:
        show_summary(ledger, here, summary)
    if summary.errors:
        raise typer.Exit(3)


def _described(specification: dict[str, Any]) -> str:
    fit = specification.get("fit")
    return f"{specification.get('embedder') or specification['model']}{f', fit {fit}' if fit else ''}"
