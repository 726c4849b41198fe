"""`screener run`: have a machine reviewer judge what is missing."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from .common import (
    JsonOption,
    ReviewOption,
    StageOption,
    console,
    emit,
    open_ledger,
    open_review,
    say_path,
    stage_named,
    table,
)

if TYPE_CHECKING:
    from ..ledger.store import Ledger
    from ..planning import Plan
    from ..protocol import Review
    from ..tasks import Summary


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
    fit: Annotated[bool, typer.Option("--fit", help="First fit the embedded reviewer to human judgements.")] = False,
    review: ReviewOption = None,
    json: JsonOption = False,
) -> None:
    """Judge the records that lack a current judgement; what is judged already is not asked again."""
    from ..assemble import make_fit, task_for
    from ..combining import run_combined
    from ..ledger import reads
    from ..planning import check_budget, plan
    from ..protocol import CombineSpec
    from ..runner import machine_for, records_for
    from ..runner import run as run_task
    from ..tasks import Options

    here, which = open_review(review), stage_named(stage)
    name = machine_for(here, which, reviewer)
    ledger = open_ledger(here)
    say = console(stderr=True)
    with ledger.read() as connection:
        empty = reads.count_records(connection) == 0
    if empty:
        _first_records(ledger, here, say)
    if fit:
        made, kept, excluded = make_fit(ledger, here, which, name)
        say.print(
            f"Fitted {name} to {kept + excluded:,} human judgements ({kept:,} kept, {excluded:,} excluded): fit {made.id}."
        )
    records = records_for(ledger, here, which, everything=everything)[:limit]
    spec = here.reviewer(name)
    combined = spec.members if isinstance(spec, CombineSpec) else ()
    tasks = [task_for(ledger, here, which, one, records) for one in combined or (name,)]
    wanted = concurrency or min(task.endpoint.max_concurrency if task.endpoint else 32 for task in tasks)
    options = Options(wanted, budget, repeats, retry_errors)
    for task in tasks:
        check_budget(task, options)
    if dry_run:
        plans = [(task.name, plan(ledger, task, options)) for task in tasks]
        if json:
            emit(plans[0][1].as_json() if not combined else {one: planned.as_json() for one, planned in plans})
        else:
            for one, planned in plans:
                _show_plan(planned, one)
        return
    if not json:
        say.print(f"{here.protocol.title}")
        for task in tasks:
            say.print(f"{task.name}: {_described(task.specification)}; {len(records):,} records at stage {which}")
    tell, stop = (None, None) if json else _bar(say)
    try:
        if combined:
            summary = run_combined(ledger, here, which, name, records, options, tell)
        else:
            summary = run_task(ledger, tasks[0], options, tell)
    finally:
        if stop is not None:
            stop()
    if json:
        emit(summary.as_json())
    else:
        _report(ledger, here, summary)
    if summary.errors:
        raise typer.Exit(3)


def _first_records(ledger: "Ledger", review: "Review", say: Any) -> None:
    """An empty ledger starts with the records that come with the gold set."""
    from ..errors import BadInput
    from ..gold import gold_spec, records_file
    from ..ledger.intake import add_files
    from ..records import read_file

    path, spec = records_file(review), gold_spec(review)
    if path is None or spec is None:
        raise BadInput(f"{review.root}: there are no records yet; read some with `screener import FILE…`")
    done = add_files(ledger, [read_file(path, source=f"gold {spec.name}")])[0]
    say.print(f"The ledger was empty: imported {done.new:,} records from {say_path(path)}. {spec.abstracts}".rstrip())


def _described(specification: dict[str, Any]) -> str:
    fit = specification.get("fit")
    return f"{specification.get('embedder') or specification['model']}{f', fit {fit}' if fit else ''}"


def _show_plan(planned: "Plan", name: str) -> None:
    cost = "unknown (state `price:` in the protocol)" if planned.cost_usd is None else f"{planned.cost_usd:,.2f} USD"
    print(f"{name}: {planned.records:,} records, {planned.judged:,} judged already; nothing was sent.")
    print(f"  calls          {planned.calls:>14,}   (without repairs and retries)")
    print(f"  input tokens   {planned.input_tokens:>14,}   (about: a quarter of the bytes)")
    print(f"  output tokens  {planned.output_tokens:>14,}   (assumed, 80 a criterion)")
    print(f"  price          {cost:>14}")


def _bar(say: Any) -> Any:
    """A progress bar with live counts, throughput and time left, and how to end it; nothing where nobody watches."""
    if not say.is_terminal:
        return None, None
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    from ..judgement import Decision

    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=20),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TextColumn("left"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[counts]}"),
    )
    bar = Progress(*columns, console=say, transient=True)
    state: dict[str, Any] = {}

    def tell(summary: "Summary", left: int) -> None:
        import time

        total = summary.records - summary.cached
        if not total:
            return
        if "id" not in state:
            bar.start()
            state["id"] = bar.add_task("judging", total=total, rate="", counts="")
            state["began"] = time.monotonic()
        done = total - left
        counts = ", ".join(f"{summary.decisions[d]:,} {d}" for d in Decision if summary.decisions[d])
        seconds = max(time.monotonic() - state["began"], 1e-3)
        bar.update(state["id"], completed=done, rate=f"{done / seconds:,.0f}/s", counts=counts)

    return tell, bar.stop


def _report(ledger: "Ledger", review: "Review", summary: "Summary") -> None:
    """Decisions by first failed criterion, what is final and what waits, where it lies, and what to do next."""
    from ..judgement import Decision
    from .status import standing_counts

    out = console()
    shown = table(
        f"Decisions of {summary.reviewer}, stage {summary.stage}", "decision", "records", "share", right=(1, 2)
    )

    def line(name: str, count: int) -> None:
        share = f"{count / summary.records:.1%}" if summary.records else ""
        shown.add_row(name, f"{count:,}", share)

    line("include", summary.decisions[Decision.INCLUDE])
    line("unclear (kept)", summary.decisions[Decision.UNCLEAR])
    line("exclude", summary.decisions[Decision.EXCLUDE])
    for criterion in review.stage(summary.stage).criteria:
        if count := summary.first_failed[criterion.id]:
            line(f"  first failed: {criterion.id}", count)
    if summary.errors:
        line("error", summary.errors)
    line("all", summary.records)
    out.print(shown)
    if summary.cached:
        out.print(f"{summary.cached:,} were judged before and not asked again; ", end="")
    out.print(f"{summary.records - summary.cached:,} judged now in {summary.seconds:.1f} s (run {summary.run_id}).")
    if summary.calls or summary.answered_from_ledger:
        cost = "unknown" if summary.cost_usd is None else f"{summary.cost_usd:.4f} USD"
        out.print(
            f"{summary.calls:,} calls ({summary.answered_from_ledger:,} more answered from the ledger), "
            f"{summary.input_tokens:,} input and {summary.output_tokens:,} output tokens, cost {cost}."
        )
    if summary.members:
        members = table(
            "Members", "reviewer", "asked", "settled", "calls", "cost in USD", "errors", right=(1, 2, 3, 4, 5)
        )
        for one in summary.members:
            cost = "unknown" if one["cost_usd"] is None else f"{one['cost_usd']:.4f}"
            told = [f"{one[key]:,}" for key in ("asked", "settled", "calls")]
            members.add_row(one["reviewer"], *told, cost, f"{one['errors']:,}")
        out.print(members)
        out.print(f"{summary.disagreements:,} records are kept by one member and excluded by another.")
    if summary.suspicious:
        out.print(
            f"{summary.suspicious:,} records hold text that may be written for a machine; look at them yourself"
            " (`suspicious_…` in the column `flags` of the export)."
        )
    if summary.stopped:
        out.print(f"Stopped: {summary.stopped}; the same command goes on from here.")
    counts, titles = standing_counts(ledger, review, summary.stage)
    out.print(f"Final: {counts['final']:,}. Suggested: {counts['suggested']:,} (a machine's decision excludes nothing by itself;"
              " humans decide, or its gate must be open).")  # fmt: skip
    if titles:
        out.print(
            f"{titles:,} records have no abstract: they are judged on the title and never excluded for what it leaves out."
        )
    if review.reviewer(summary.reviewer).kind == "embedded":
        out.print(
            "The embedded reviewer is a baseline to start with and to rank by, not a substitute for a chat model or a human."
        )
    out.print(
        f"Results: {say_path(review.hidden / 'ledger.db')}; as a table: `screener export --format csv -o decisions.csv`."
    )
    has_gold = (review.gold / f"{summary.stage}.csv").is_file()
    follow = (
        f"`screener evaluate --stage {summary.stage}` checks it against gold"
        if has_gold
        else "`screener label FILE` adds human decisions"
    )
    out.print(f"Next: {follow}; `screener status` says where the review stands.")
