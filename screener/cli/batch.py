"""`screener batch`: the same requests as files in the OpenAI Batch format, or through the Batch API."""

import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .common import (
    JoinOption,
    JsonOption,
    ReviewOption,
    StageOption,
    console,
    counted,
    emit,
    first_records,
    open_review,
    say_path,
    stage_named,
    writing_ledger,
)
from .showing import image_words

if TYPE_CHECKING:
    from ..running import BatchCheck, BatchImported, CollectedBatches, Submission, Summary

app = typer.Typer(
    help="Requests and answers as files, or through the Batch API.", no_args_is_help=True, rich_markup_mode=None
)


@app.command("export")
def export(
    stage: StageOption,
    reviewer: Annotated[str, typer.Option(help="A chat reviewer of the protocol.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The file to write.")],
    repeats: Annotated[int, typer.Option(min=1, max=20, help="Ask so many times.")] = 1,
    retry_errors: Annotated[bool, typer.Option("--retry-errors", help="Include records with errors.")] = False,
    join: JoinOption = False,
    review: ReviewOption = None,
    json: JsonOption = False,
) -> None:
    """Write every request without an answer; after an import, those still open (repairs)."""
    from ..ledger import requests_under_way
    from ..review.next_steps import nothing_to_judge
    from ..running import Options, custom_id, export_batch

    opened_review = open_review(review)
    options = Options(repeats=repeats, retry_errors=retry_errors)
    ledger = writing_ledger(opened_review, join)
    first_records(ledger, opened_review, console(stderr=True))
    count, summary = export_batch(ledger, opened_review, stage_named(stage), reviewer, output, options)
    with ledger.read() as connection:
        under_way = requests_under_way(connection).keys() & {custom_id(request) for request in summary.unanswered}
    if json:
        emit({"path": str(output), "requests": count, "in_batches": len(under_way), "run": summary.as_json()})
        return
    if not summary.total:
        print(nothing_to_judge(ledger, opened_review, stage_named(stage)))
    print(f"{count:,} requests in {output}; {summary.decided:,} of {summary.total:,} records are already judged.")
    if under_way:
        print(f"{len(under_way):,} of them are in a running batch (`screener batch collect`): asked twice, paid twice.")
    if count:
        print("Have them answered (Batch API, vLLM run-batch, …), then `screener batch import ANSWERS`.")


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Lines with custom_id and response.body.")],
    join: JoinOption = False,
    review: ReviewOption = None,
    json: JsonOption = False,
) -> None:
    """Import answers and judge from them; unknown, repeated, missing and failed ids are reported."""
    from ..review.changes import after_change
    from ..running import import_batch

    opened_review = open_review(review)
    ledger = writing_ledger(opened_review, join)
    imported = import_batch(ledger, opened_review, file)
    after_change(ledger, opened_review)
    if json:
        emit(imported.as_json())
    else:
        _show_imported(imported)
        _show_runs(imported.runs)
        for name in imported.gone:
            print(f"{name}: the protocol no longer names this reviewer; its answers are stored but not used.")
        for name in imported.tuning:
            print(f"{name}: answers to `screener tune`; the same command again, without -o, goes on with them.")
        # Answers that led only to further questions, as in the first rounds of an extraction, are of use.
        if (
            imported.stored
            and not imported.gone
            and not imported.tuning
            and not any(summary.decided or summary.answered_from_ledger for summary in imported.runs)
        ):
            print("They answer an earlier prompt or model; the current requests have no answer yet.")
        if any(summary.unanswered for summary in imported.runs):
            print("Next: `screener batch export` again writes the open requests.")
    if imported.failed or any(summary.errors for summary in imported.runs):
        raise typer.Exit(3)


@app.command("submit")
def submit(
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="Of `batch export` (default: every open request).")
    ] = None,
    stage: Annotated[str | None, typer.Option("--stage", help="abstract, fulltext or extraction.")] = None,
    reviewer: Annotated[str | None, typer.Option(help="A chat reviewer of the protocol.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Only the first so many requests.")] = None,
    budget: Annotated[
        float | None, typer.Option(min=0, help="Send nothing if the estimate in US dollars is higher.")
    ] = None,
    repeats: Annotated[int, typer.Option(min=1, max=20, help="Ask so many times.")] = 1,
    again: Annotated[
        bool, typer.Option("--again", help="Also send requests that are in a running batch (paid twice).")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print the number of requests and the cost; send nothing.")
    ] = False,
    retry_errors: Annotated[bool, typer.Option("--retry-errors", help="Include records with errors.")] = False,
    join: JoinOption = False,
    review: ReviewOption = None,
    json: JsonOption = False,
) -> None:
    """Submit every request without an answer to the provider's Batch API; `batch collect` fetches the answers."""
    from ..running import BatchContent
    from ..running import submit as submit_batches

    opened_review = open_review(review)
    chosen_stage = stage_named(stage) if stage is not None else None
    content = BatchContent(chosen_stage, reviewer, file, limit, budget, repeats, again, dry_run, retry_errors)
    progress = console(stderr=True)
    ledger = writing_ledger(opened_review, join)
    first_records(ledger, opened_review, progress)
    submission = submit_batches(ledger, opened_review, content, (lambda _: None) if json else progress.print)
    if json:
        emit({"dry_run": dry_run, **submission.as_json()})
    else:
        _show_submission(submission, dry_run=dry_run)
    if submission.problem:
        print(f"screener: {submission.problem}", file=sys.stderr)
        raise typer.Exit(2 if submission.refused else 1)


@app.command("collect")
def collect(
    batch: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="One batch (default: all that are running).")
    ] = None,
    wait: Annotated[bool, typer.Option("--wait", help="Poll, at most a minute apart, until all have ended.")] = False,
    forget: Annotated[
        bool, typer.Option("--forget", help="Give up the batch ID: its requests are open again.")
    ] = False,
    join: JoinOption = False,
    review: ReviewOption = None,
    json: JsonOption = False,
) -> None:
    """Check the running batches; fetch the answers of those that have ended, and judge from them."""
    from ..core.errors import BadInput
    from ..review.changes import after_change
    from ..running import batch_collect

    opened_review = open_review(review)
    ledger = writing_ledger(opened_review, join)
    if forget:
        if batch is None:
            raise BadInput("--forget: say which batch, by the id that `screener batch submit` printed")
        forgotten = batch_collect.forget(ledger, batch)
        if json:
            emit(forgotten.as_json())
        else:
            print(
                f"{forgotten.name} no longer holds back its {forgotten.requests:,} requests; if it does run, it is paid all the same."
            )
        return
    if wait:
        progress = console(stderr=True)
        collected = batch_collect.collect_all(
            ledger, opened_review, batch, lambda so_far: _show_waiting(so_far, progress)
        )
    else:
        collected = batch_collect.collect(ledger, opened_review, batch)
    after_change(ledger, opened_review)
    if json:
        emit(collected.as_json())
    else:
        _show_collected(collected)
    if collected.failed:
        raise typer.Exit(3)


def _show_submission(submission: "Submission", *, dry_run: bool) -> None:
    from ..core.judgement import Stage
    from ..running import unsure

    for batch in submission.found:
        print(
            f"{batch.name}: a batch of {batch.requests:,} requests that was submitted before this program was interrupted."
        )
    for batch in submission.uncertain:
        print(f"{batch.name}: {unsure(batch)}.")
    if submission.not_open:
        print(f"{submission.not_open:,} requests of the file are already answered or obsolete, and were left out.")
    if submission.held_back:
        print(
            f"{submission.held_back:,} requests are in a batch under way ({', '.join(submission.held_by)}) and are not sent a second time."
        )
    if not submission.requests:
        print(
            f"Nothing to submit; {submission.decided:,} of {submission.records:,} records are judged, {submission.errors:,} are errors."
        )
    else:
        cost = (
            "unknown (state `price:` in the protocol)"
            if submission.cost_usd is None
            else f"about {_usd(submission.cost_usd)}"
        )
        outcome = (
            "would be sent; nothing was"
            if dry_run
            else f"of {submission.reviewer}, {Stage(submission.stage).label.lower()}"
        )
        print(
            f"{submission.requests:,} requests {outcome}; price {cost}, at the price of single calls and without repairs."
        )
        if submission.page_images:
            print(f"Estimate of {counted(submission.page_images, 'page image')}: {image_words(submission)}.")
    for batch in submission.batches:
        print(f"{batch.name}: {batch.requests:,} requests submitted ({say_path(Path(batch.file))}).")
    if submission.batches or submission.found or (submission.held_back and not submission.uncertain):
        print("Next: `screener batch collect` fetches the answers, within 24 hours; `--wait` waits for them.")


def _usd(amount: float) -> str:
    return f"{amount:,.2f} USD" if amount >= 1 else f"{amount:.4f} USD"


def _show_waiting(collected: "CollectedBatches", progress: Any) -> None:
    states = (f"{check.batch.name} {check.problem or check.status}{_progress(check)}" for check in collected.under_way)
    progress.print(f"{'; '.join(states)}. Ctrl-C stops the waiting, not the batch.")


def _progress(check: "BatchCheck") -> str:
    return "" if check.finished is None else f", {check.finished:,} of {check.batch.requests:,} requests done"


def _show_collected(collected: "CollectedBatches") -> None:
    from ..core.judgement import Stage

    if not collected.checks:
        print("No batch is running; `screener batch submit --stage STAGE --reviewer NAME` starts one.")
        return
    for check in collected.all:
        place = f"{check.batch.name} ({check.batch.reviewer}, {Stage(check.batch.stage).label.lower()}, {check.batch.requests:,} requests)"
        status = "" if check.status == "unknown" else check.status + (_progress(check) if check.under_way else "")
        print(f"{place}: {': '.join(part for part in (status, check.problem) if part)}.")
        if check.imported is not None:
            _show_imported(check.imported)
            if check.imported.stored and check.imported.cost_usd is not None:
                print(f"They cost {_usd(check.imported.cost_usd)} at the price of single calls.")
    _show_runs(collected.runs)
    for summary in collected.runs:
        if summary.errors:
            print(
                f"`screener run --stage {summary.stage} --reviewer {summary.reviewer} --retry-errors` retries errors."
            )
    if collected.open_in_batches:
        print(f"{collected.open_in_batches:,} of the open requests are in a running batch.")
    if collected.open > collected.open_in_batches:
        for summary in collected.runs:
            repeats = 1 + max((open_.repeat for open_ in summary.unanswered), default=-1)
            if repeats:
                option = f" --repeats {repeats}" if repeats > 1 else ""
                print(
                    f"Next: `screener batch submit --stage {summary.stage} --reviewer {summary.reviewer}{option}` sends the open requests."
                )
    elif collected.under_way:
        print("Next: `screener batch collect` later, or `screener batch collect --wait`.")
    elif collected.runs:
        print(f"Next: `screener evaluate --stage {collected.runs[0].stage} --reviewer {collected.runs[0].reviewer}`.")


def _show_imported(imported: "BatchImported") -> None:
    models = f" by {', '.join(imported.models)}" if imported.models else ""
    print(f"{imported.stored:,} answers stored{models}; {imported.present:,} already present.")
    for name, ids in (
        ("failed", imported.failed),
        ("missing", imported.missing),
        ("repeated", imported.repeated),
        ("unknown", imported.unknown),
    ):
        if ids:
            print(f"{len(ids):,} {name}: {', '.join(list(ids)[:5])}{' …' if len(ids) > 5 else ''}")
        if name == "failed":
            for why, count in Counter(imported.failed.values()).most_common(3):
                print(f"  {count:,} of these: {why}")
    for line, why in imported.unreadable.items():
        print(f"line {line} not read: {why}")


def _show_runs(runs: "list[Summary]") -> None:
    for summary in runs:
        print(
            f"{summary.reviewer}, {summary.stage.label.lower()}: {summary.decided:,} of {summary.total:,} judged, {summary.errors:,} errors, {len(summary.unanswered):,} requests open."
        )
