"""`screener run`: have a machine reviewer judge what is missing."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .common import (
    ExecutorOption,
    JoinOption,
    JsonOption,
    ReviewOption,
    StageOption,
    console,
    emit,
    review_at,
    say_first_records,
    stage_named,
)
from .on_server import review_on_server
from .showing import left_line, progress_bar, show_plan, show_summary

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rich.console import Console

    from ..review import OpenReview
    from ..review.running import FitResult, RunListener, RunOptions, RunPlan, RunResult
    from ..running import Task


RepeatsOption = Annotated[int, typer.Option(min=1, max=20, help="Ask each record so many times, to measure stability.")]
ConfigOption = Annotated[
    Path | None,
    typer.Option(help="server.yaml, for a review of a server: its models, keys, limits and database count."),
]
FitOption = Annotated[bool, typer.Option("--fit", help="First fit or calibrate it to human judgements.")]


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
    repeats: RepeatsOption = 1,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print the number of calls and the cost; send nothing.")
    ] = False,
    retry_errors: Annotated[bool, typer.Option("--retry-errors", help="Retry records with errors.")] = False,
    everything: Annotated[
        bool, typer.Option("--all", help="Also judge records excluded at the previous stage.")
    ] = False,
    again: Annotated[
        bool, typer.Option("--again", help="Also ask requests that are in a running batch (paid twice).")
    ] = False,
    fit: FitOption = False,
    executor: ExecutorOption = None,
    join: JoinOption = False,
    review: ReviewOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """Have a machine reviewer judge all records without a current judgement."""
    options: RunOptions = {
        "limit": limit, "budget": budget, "concurrency": concurrency, "repeats": repeats, "retry_errors": retry_errors,
        "everything": everything, "again": again, "fit": fit, "executor": executor,
    }  # fmt: skip
    if config is None:
        _run(review_at(review, join=join), stage, reviewer, options, dry_run=dry_run, json=json)
        return
    from ..review.run_job import within_limit

    with review_on_server(config, review) as (current, limit_usd):
        options["budget"] = within_limit(current.ledger, budget, limit_usd)
        _run(current, stage, reviewer, options, dry_run=dry_run, json=json)


def _run(
    current: "OpenReview", stage: str, reviewer: str | None, options: "RunOptions", *, dry_run: bool, json: bool
) -> None:
    from ..running import RunStopped

    progress = console(stderr=True)
    listener = _listener(progress)
    if dry_run:
        _show_plan(current, stage, current.plan(stage, reviewer, listener=listener, **options), json)
        return
    stop: Callable[[], None] | None = None
    if not json:
        listener.started = lambda tasks: _say_tasks(progress, current.title, tasks)
        listener.progress, stop = progress_bar(progress)
    try:
        result = current.run(stage, reviewer, listener=listener, **options)
    except RunStopped as error:
        if json:
            emit(error.summary.as_json())
        raise
    finally:
        if stop is not None:
            stop()
    if json:
        emit(result.as_json())
    else:
        _show(current, result)
    if result.errors or result.summary.unstored:
        raise typer.Exit(3)


def _show(current: "OpenReview", result: "RunResult") -> None:
    show_summary(current.ledger, current.review, result.summary)
    if result.fit_changes is not None:
        print(result.fit_changes.sentence)


def _listener(progress: "Console") -> "RunListener":
    from ..review.running import RunListener

    return RunListener(
        first_records=lambda imported: say_first_records(progress, imported),
        fitted=lambda fitted: _say_fit(progress, fitted),
    )


def _show_plan(current: "OpenReview", stage: str, plan: "RunPlan", json: bool) -> None:
    from ..review.next_steps import nothing_to_judge

    if json:
        emit(plan.as_json())
        return
    if not any(planned.records for planned in plan.plans.values()):
        print(nothing_to_judge(current.ledger, current.review, stage_named(stage)))
        for line in filter(None, (left_line(planned.left_to_people) for planned in plan.plans.values())):
            print(f"  {line}")
        return
    for name, planned in plan.plans.items():
        show_plan(planned, name)
    if plan.cascade:
        print("In a cascade later members are asked only about undecided records: this is the maximum.")


def _say_fit(progress: "Console", fitted: "FitResult") -> None:
    labels = f"{fitted.kept + fitted.excluded:,} human judgements ({fitted.kept:,} kept, {fitted.excluded:,} excluded)"
    progress.print(f"Fitted {fitted.reviewer} to {labels}: fit {fitted.id}. {fitted.threshold}")
    if fitted.ranked:
        progress.print(
            f"{fitted.ranked:,} of them were screened in ranked order and are no random sample: the fitted probabilities are descriptive only."
        )


def _say_tasks(progress: "Console", title: str, tasks: "Sequence[Task]") -> None:
    progress.print(title)
    for task in tasks:
        task_list = f"{len(task.records):,} records, {task.stage.label.lower()}"
        progress.print(f"{task.name}: {_described(task.specification)}; {task_list}")
        if line := left_line(task.left_to_people):
            progress.print(f"{task.name}: {line}", highlight=False)


def _described(specification: dict[str, Any]) -> str:
    fit = specification.get("fit")
    return f"{specification.get('embedder') or specification['model']}{f', fit {fit}' if fit else ''}"
