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
    emit,
    first_records,
    open_review,
    say_path,
    stage_named,
    writing_ledger,
)

if TYPE_CHECKING:
    from ..running.batch_collect import BatchCheck, CollectedBatches
    from ..running.batch_files import BatchImported
    from ..running.batch_submit import Submission
    from ..running.run_task import Summary

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
    from ..ledger.batches import requests_under_way
    from ..running.batch_files import custom_id, export_batch
    from ..running.run_task import Options

    here = open_review(review)
    options = Options(repeats=repeats, retry_errors=retry_errors)
    ledger = writing_ledger(here, join)
    first_records(ledger, here, console(stderr=True))
    count, summary = export_batch(ledger, here, stage_named(stage), reviewer, output, options)
    with ledger.read() as connection:
        under_way = requests_under_way(connection).keys() & {custom_id(one) for one in summary.unanswered}
    if json:
        emit({"path": str(output), "requests": count, "in_batches": len(under_way), "run": summary.as_json()})
        return
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
    from ..running.batch_files import import_batch

    here = open_review(review)
    ledger = writing_ledger(here, join)
    found = import_batch(ledger, here, file)
    after_change(ledger, here)
    if json:
        emit(found.as_json())
    else:
        _show_found(found)
        _show_runs(found.runs)
        for name in found.gone:
            print(f"{name}: the protocol no longer names this reviewer; its answers are stored but not used.")
        # Answers that led only to further questions, as in the first rounds of an extraction, are of use.
        if found.stored and not found.gone and not any(one.decided or one.answered_from_ledger for one in found.runs):
            print("They answer an earlier prompt or model; the current requests have no answer yet.")
        if any(one.unanswered for one in found.runs):
            print("Next: `screener batch export` again writes the open requests.")
    if found.failed or any(one.errors for one in found.runs):
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
    join: JoinOption = False,
    review: ReviewOption = None,
    json: JsonOption = False,
) -> None:
    """Submit every request without an answer to the provider's Batch API; `batch collect` fetches the answers."""
    from ..running.batch_submit import BatchContent
    from ..running.batch_submit import submit as submit_batches

    here = open_review(review)
    which = stage_named(stage) if stage is not None else None
    wanted = BatchContent(which, reviewer, file, limit, budget, repeats, again, dry_run)
    say = console(stderr=True)
    ledger = writing_ledger(here, join)
    first_records(ledger, here, say)
    done = submit_batches(ledger, here, wanted, (lambda _: None) if json else say.print)
    if json:
        emit({"dry_run": dry_run, **done.as_json()})
    else:
        _show_submission(done, dry_run=dry_run)
    if done.problem:
        print(f"screener: {done.problem}", file=sys.stderr)
        raise typer.Exit(2 if done.refused else 1)


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

    here = open_review(review)
    ledger = writing_ledger(here, join)
    if forget:
        if batch is None:
            raise BadInput("--forget: say which batch, by the id that `screener batch submit` printed")
        gone = batch_collect.forget(ledger, batch)
        if json:
            emit(gone.as_json())
        else:
            print(
                f"{gone.name} no longer holds back its {gone.requests:,} requests; if it does run, it is paid all the same."
            )
        return
    if wait:
        say = console(stderr=True)
        done = batch_collect.collect_all(ledger, here, batch, lambda seen: _show_waiting(seen, say))
    else:
        done = batch_collect.collect(ledger, here, batch)
    after_change(ledger, here)
    if json:
        emit(done.as_json())
    else:
        _show_outcome(done)
    if done.failed:
        raise typer.Exit(3)


def _show_submission(done: "Submission", *, dry_run: bool) -> None:
    from ..running.batch_collect import unsure

    for one in done.found:
        print(
            f"{one.name}: a batch of {one.requests:,} requests that was submitted before this program was interrupted."
        )
    for one in done.uncertain:
        print(f"{one.name}: {unsure(one)}.")
    if done.not_open:
        print(f"{done.not_open:,} requests of the file are already answered or obsolete, and were left out.")
    if done.held_back:
        print(
            f"{done.held_back:,} requests are in a batch under way ({', '.join(done.held_by)}) and are not sent a second time."
        )
    if not done.requests:
        print(
            f"Nothing to submit; {done.decided:,} of {done.records:,} records are judged, {done.errors:,} are errors."
        )
    else:
        cost = "unknown (state `price:` in the protocol)" if done.cost_usd is None else f"about {_usd(done.cost_usd)}"
        what = "would be sent; nothing was" if dry_run else f"of {done.reviewer}, stage {done.stage}"
        print(f"{done.requests:,} requests {what}; price {cost}, at the price of single calls and without repairs.")
    for one in done.batches:
        print(f"{one.name}: {one.requests:,} requests submitted ({say_path(Path(one.file))}).")
    if done.batches or done.found or (done.held_back and not done.uncertain):
        print("Next: `screener batch collect` fetches the answers, within 24 hours; `--wait` waits for them.")


def _usd(amount: float) -> str:
    return f"{amount:,.2f} USD" if amount >= 1 else f"{amount:.4f} USD"


def _show_waiting(seen: "CollectedBatches", say: Any) -> None:
    told = (f"{look.batch.name} {look.problem or look.status}{_progress(look)}" for look in seen.under_way)
    say.print(f"{'; '.join(told)}. Ctrl-C stops the waiting, not the batch.")


def _progress(look: "BatchCheck") -> str:
    return "" if look.finished is None else f", {look.finished:,} of {look.batch.requests:,} requests done"


def _show_outcome(done: "CollectedBatches") -> None:
    if not done.checks:
        print("No batch is running; `screener batch submit --stage STAGE --reviewer NAME` starts one.")
        return
    for look in done.all:
        place = f"{look.batch.name} ({look.batch.reviewer}, stage {look.batch.stage}, {look.batch.requests:,} requests)"
        status = "" if look.status == "unknown" else look.status + (_progress(look) if look.under_way else "")
        print(f"{place}: {': '.join(part for part in (status, look.problem) if part)}.")
        if look.imported is not None:
            _show_found(look.imported)
            if look.imported.stored and look.imported.cost_usd is not None:
                print(f"They cost {_usd(look.imported.cost_usd)} at the price of single calls.")
    _show_runs(done.runs)
    for one in done.runs:
        if one.errors:
            print(f"`screener run --stage {one.stage} --reviewer {one.reviewer} --retry-errors` retries errors.")
    if done.open_in_batches:
        print(f"{done.open_in_batches:,} of the open requests are in a running batch.")
    if done.open > done.open_in_batches:
        for one in done.runs:
            repeats = 1 + max((open_.repeat for open_ in one.unanswered), default=-1)
            if repeats:
                more = f" --repeats {repeats}" if repeats > 1 else ""
                print(
                    f"Next: `screener batch submit --stage {one.stage} --reviewer {one.reviewer}{more}` sends the open requests."
                )
    elif done.under_way:
        print("Next: `screener batch collect` later, or `screener batch collect --wait`.")
    elif done.runs:
        print(f"Next: `screener evaluate --stage {done.runs[0].stage} --reviewer {done.runs[0].reviewer}`.")


def _show_found(found: "BatchImported") -> None:
    models = f" by {', '.join(found.models)}" if found.models else ""
    print(f"{found.stored:,} answers stored{models}; {found.present:,} already present.")
    for name, ids in (
        ("failed", found.failed),
        ("missing", found.missing),
        ("repeated", found.repeated),
        ("unknown", found.unknown),
    ):
        if ids:
            print(f"{len(ids):,} {name}: {', '.join(list(ids)[:5])}{' …' if len(ids) > 5 else ''}")
        if name == "failed":
            for why, count in Counter(found.failed.values()).most_common(3):
                print(f"  {count:,} of these: {why}")
    for line, why in found.unreadable.items():
        print(f"line {line} not read: {why}")


def _show_runs(runs: "list[Summary]") -> None:
    for one in runs:
        print(
            f"{one.reviewer}, stage {one.stage}: {one.decided:,} of {one.total:,} judged, {one.errors:,} errors, {len(one.unanswered):,} requests open."
        )
