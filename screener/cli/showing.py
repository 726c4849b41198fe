"""What commands show alike: a run's plan, progress and outcome; what searches reported against what came."""

import os
from typing import TYPE_CHECKING, Any

from .common import console, counted, say_path, table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..ledger import Ledger
    from ..ledger.searches import Stated
    from ..protocol import Review, Source
    from ..running import CallPlan, Submission, Summary


_MARKED = {"expression of concern": "with an expression of concern"}


def show_plan(planned: "CallPlan", name: str) -> None:
    """Print what a run would ask and cost."""
    from ..running import LEAST_CACHED, STEP, TOKENS_PER_CRITERION, TOKENS_PER_ITEM

    cost = "unknown (state `price:` in the protocol)" if planned.cost_usd is None else f"{planned.cost_usd:,.4f} USD"
    records = counted(planned.records, "record")
    if planned.judged == planned.records:
        print(f"{name}: {records}, all judged already: nothing to ask. Next: `screener status` says what waits.")
        return
    print(f"{name}: {records}, {planned.judged:,} already judged; nothing was sent.")
    if line := left_line(planned.left_to_people):
        print(f"  {line}")
    if planned.answered_from_ledger and not planned.calls:
        print(f"  The answers to all {planned.answered_from_ledger:,} calls are stored: nothing to pay for.")
        return
    caveat = "at least: one entry per list; " if planned.at_least else ""
    left_out = "a second reading, " if planned.at_least else ""
    assumed = f"{TOKENS_PER_ITEM} an item" if planned.at_least else f"{TOKENS_PER_CRITERION} a criterion"
    print(f"  calls          {planned.calls:>14,}   ({caveat}without {left_out}repairs and retries)")
    if planned.answered_from_ledger:
        print(f"  answered       {planned.answered_from_ledger:>14,}   (calls more whose answers are stored: free)")
    print(f"  input tokens   {planned.input_tokens:>14,}   (about: a quarter of the bytes)")
    print(f"  output tokens  {planned.output_tokens:>14,}   (assumed, {assumed})")
    if planned.page_images:
        print(f"  page images    {planned.page_images:>14,}   ({image_words(planned)})")
    print(f"  price          {cost:>14}")
    if planned.cost_cached_usd is not None:
        share = planned.cached_tokens / (planned.input_tokens or 1)
        print(f"  with a cache   {f'{planned.cost_cached_usd:,.4f} USD':>14}   (if the provider caches what each request has in "
              f"common with\n  {'':29}  the one before it, {share:.0%} of the input: at least {LEAST_CACHED:,} tokens, in steps "
              f"of {STEP})")  # fmt: skip


def left_line(left: "Mapping[str, str]") -> str:
    """Return what a reviewer of a form does not attempt, in one line; nothing where it attempts all."""
    if not left:
        return ""
    names = ", ".join(label.rpartition(" › ")[2] for label in left.values())
    return f"not attempted, left to people with the places to look: {names}"


def image_words(planned: "CallPlan | Submission") -> str:
    """Say what an estimate assumes of page images."""
    counted = planned.page_images - planned.images_not_priced
    words = [f"{counted:,} counted by the rule that the provider has published"] if counted else []
    if planned.images_not_priced:
        words.append(f"{planned.images_not_priced:,} not priced: how many tokens the model takes for one is not known")
    return "; ".join(words)


def progress_bar(screen: Any) -> Any:
    """Return a progress bar with live counts, throughput and time left, and how to end it; nothing where nobody watches."""
    if not screen.is_terminal:
        return None, None
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    from ..core.judgement import Decision

    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=20),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TextColumn("left"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[counts]}"),
    )
    bar = Progress(*columns, console=screen, transient=True)
    state: dict[str, Any] = {}

    def update(summary: "Summary", left: int) -> None:
        import time

        total = summary.total - summary.cached
        if not total:
            return
        if "id" not in state:
            bar.start()
            state["id"] = bar.add_task("judging", total=total, rate="", counts="")
            state["began"] = time.monotonic()
        completed = total - left
        counts = ", ".join(f"{summary.decisions[d]:,} {d}" for d in Decision if summary.decisions[d])
        seconds = max(time.monotonic() - state["began"], 1e-3)
        bar.update(state["id"], completed=completed, rate=f"{completed / seconds:,.0f}/s", counts=counts)

    return update, bar.stop


def show_summary(ledger: "Ledger", review: "Review", summary: "Summary") -> None:
    """Decisions by first failed criterion, what is final and what waits, where it lies, and what to do next."""
    from ..core.judgement import Stage
    from ..review.next_steps import nothing_to_judge

    out = console()
    if not summary.total and not summary.waiting:
        out.print(nothing_to_judge(ledger, review, summary.stage), markup=False)
        return
    out.print(_items(summary) if summary.stage is Stage.EXTRACTION else _decisions(review, summary))
    for words, counts in (("Not asked, since what it presupposes is no", summary.not_asked),
                          ("Answered by the text saying nothing of it", summary.silent)):  # fmt: skip
        if counts:
            out.print(f"{words}: {', '.join(f'{name} of {count:,} records' for name, count in counts.items())}.")
    if summary.cached:
        out.print(f"{summary.cached:,} judged before and not asked again; ", end="")
    repeats = f" and {summary.repeated:,} repeats" if summary.repeated else ""
    out.print(
        f"{summary.decided - summary.cached:,} judged now{repeats} in {summary.seconds:.1f} s (run {summary.run_id})."
    )
    if summary.failures:
        _failures(summary, out)
    if summary.repeat_errors:
        out.print(f"{summary.repeat_errors:,} repeats failed and are left out of the stability figures; "
                  "--retry-errors retries them.")  # fmt: skip
    if summary.calls or summary.answered_from_ledger:
        cost = "unknown" if summary.cost_usd is None else f"{summary.cost_usd:.4f} USD"
        out.print(
            f"{summary.calls:,} calls ({summary.answered_from_ledger:,} more answered from the cache), "
            f"{summary.input_tokens:,} input{_cached_share(summary)} and {summary.output_tokens:,} output tokens, cost {cost}."
        )
    if summary.lost:
        out.print(f"{counted(summary.lost, 'call')} {'was' if summary.lost == 1 else 'were'} under way when a worker ended; "
                  f"{'it is' if summary.lost == 1 else 'they are'} asked again.")  # fmt: skip
    for notice in summary.notices:
        out.print(f"Note: {notice}.", markup=False)
    if summary.taken_in:
        out.print(f"{summary.taken_in:,} answers that an earlier run had kept in a file are in the ledger now.")
    if summary.unstored:
        out.print(
            f"{len(summary.unstored):,} calls could not be stored and are missing in the cost: {summary.unstored[0]}"
        )
    if summary.members:
        _members(review, summary, out)
    if summary.suspicious:
        out.print(
            f"{summary.suspicious:,} records may contain instructions to a language model; check them yourself"
            " (`suspicious_…` in the column `flags` of the export)."
        )
    if summary.waiting:
        _waiting(summary, out)
    if summary.stopped:
        out.print(f"Stopped: {summary.stopped}; {summary.left:,} records left; run the same command to continue.")
    _say_standing(ledger, review, summary, out)
    _say_next(ledger, review, summary, out)


def _cached_share(summary: "Summary") -> str:
    if summary.cached_tokens is None or not summary.input_tokens:
        return ""
    share = summary.cached_tokens / summary.input_tokens
    return f" ({summary.cached_tokens:,} of them, {share:.0%}, from the provider's cache)"


def _say_standing(ledger: "Ledger", review: "Review", summary: "Summary", out: Any) -> None:
    """Say what the reviewer's decisions come to at the stage, and what to know of them."""
    from ..core.judgement import Stage
    from ..review.status import standing_counts
    from ..stages import StageState

    state = StageState.load(ledger, review, summary.stage, brief=True)
    counts, titles = standing_counts(state.records, state.standings)
    machine = review.stage(summary.stage).decided_by.machine
    if summary.reviewer != machine:
        out.print(
            f"By the protocol {machine or 'no machine'} decides at this stage, not {summary.reviewer}: "
            "compare the two, or name it in `decided_by`."
        )
    elif summary.stage is not Stage.EXTRACTION:
        out.print(f"Final: {counts['final']:,}. Suggested: {counts['suggested']:,} (nothing is excluded until humans decide"
                  " or the machine's gate is open).")  # fmt: skip
    if titles and summary.stage is Stage.ABSTRACT:
        rest = "" if getattr(review.reviewer(summary.reviewer), "rule", None) == "mean" else _ABOUT_TITLES
        out.print(f"{titles:,} records have no abstract: judged by title{rest}.")
    if review.reviewer(summary.reviewer).kind == "embedded":
        out.print(_ABOUT_EMBEDDED[summary.stage is Stage.EXTRACTION])


def _say_next(ledger: "Ledger", review: "Review", summary: "Summary", out: Any) -> None:
    """Say where the results are, and what to do now."""
    from ..core.judgement import Stage
    from ..review.gold_progress import can_evaluate

    machine = review.stage(summary.stage).decided_by.machine
    flags = "" if summary.stage is next(iter(review.protocol.stages)) else f" --stage {summary.stage}"
    table = "decisions.csv" if summary.stage is Stage.ABSTRACT else f"{summary.stage}.csv"
    shared = os.environ.get("SCREENER_LEDGER")
    place = "the ledger that SCREENER_LEDGER names" if shared else say_path(review.hidden / "ledger.db")
    out.print(f"Results: {place}; as a table: `screener export{flags} --format csv -o {table}`.")
    who = "" if summary.reviewer == machine else f" --reviewer {summary.reviewer}"
    if can_evaluate(ledger, review, summary.stage, summary.reviewer):
        follow = f"`screener evaluate --stage {summary.stage}{who}` checks it against gold"
    elif summary.stage is Stage.EXTRACTION:
        follow = "people extract in `screener adjudicate --reviewer NAME`"
    else:
        follow = (
            f"people judge in `screener adjudicate --reviewer NAME`; `screener label FILE --stage {summary.stage}` imports "
            "decisions that were made elsewhere"
        )
    out.print(f"Next: {follow}; `screener status` shows progress.")


_ABOUT_TITLES = ", never excluded for what it does not mention"
_ABOUT_EMBEDDED = (
    "The embedded reviewer is a baseline for ranking, not a substitute for a chat model or a human.",
    "The embedded extractor matches words, numbers and links by pattern, without understanding; unclear items come "
    "with the passages to start from.",
)


def _failures(summary: "Summary", out: Any) -> None:
    """Errors by reason, the most frequent first, with the first few records of each."""
    by_reason: dict[str, list[str]] = {}
    for name, why in summary.failures.items():
        by_reason.setdefault(why, []).append(name)
    out.print(f"{summary.errors:,} could not be judged; none is excluded (`status: error` in the export):")
    for why, names in sorted(by_reason.items(), key=lambda item: -len(item[1]))[:8]:
        further = f" … {len(names) - 5:,} more" if len(names) > 5 else ""
        out.print(f"  {len(names):,} × {why[:200]}: {', '.join(names[:5])}{further}")
    if len(by_reason) > 8:
        out.print(f"  … and {len(by_reason) - 8:,} other reasons (--json lists all)")
    out.print("The next run retries failed calls; `--retry-errors` also retries refused and unusable replies.")


def _decisions(review: "Review", summary: "Summary") -> Any:
    from ..core.judgement import Decision

    decision_table = table(
        f"Decisions of {summary.reviewer}: {summary.stage.label.lower()}", "decision", "records", "share", right=(1, 2)
    )

    def line(name: str, count: int) -> None:
        share = f"{count / summary.records:.1%}" if summary.records else ""
        decision_table.add_row(name, f"{count:,}", share)

    line("include", summary.decisions[Decision.INCLUDE])
    line("unclear (not excluded)", summary.decisions[Decision.UNCLEAR])
    line("exclude", summary.decisions[Decision.EXCLUDE])
    for criterion in review.stage(summary.stage).criteria:
        if count := summary.first_failed[criterion.id]:
            line(f"  not {criterion.label}", count)
    if count := summary.first_failed[""]:
        line("  by probability alone", count)
    if summary.errors:
        line("error", summary.errors)
    line("all", summary.records)
    if summary.left:
        decision_table.add_row("not judged yet", f"{summary.left:,}", "")
    return decision_table


def _items(summary: "Summary") -> Any:
    total = summary.items.total()
    item_table = table(
        f"Items of {summary.reviewer}, {summary.decided:,} studies", "status", "items", "share", right=(1, 2)
    )
    for status in ("reported", "not_reported", "not_applicable", "unclear"):
        name = "unclear (for humans)" if status == "unclear" else status.replace("_", " ")
        item_table.add_row(name, f"{summary.items[status]:,}", f"{summary.items[status] / total:.1%}" if total else "")
    item_table.add_row("all", f"{total:,}", "")
    if summary.errors:
        item_table.add_row("studies with an error", f"{summary.errors:,}", "")
    return item_table


def _members(review: "Review", summary: "Summary", out: Any) -> None:
    cascade = getattr(review.reviewer(summary.reviewer), "rule", "") is None
    columns = ("reviewer", "asked", "settled", "of these unclear", "calls", "cost in USD", "errors")
    members = table("Members", *columns, right=(1, 2, 3, 4, 5, 6))
    for member in summary.members:
        cost = "unknown" if member["cost_usd"] is None else f"{member['cost_usd']:.4f}"
        member_counts = [f"{member[key]:,}" for key in ("asked", "settled", "unclear", "calls")]
        members.add_row(member["reviewer"], *member_counts, cost, f"{member['errors']:,}")
    out.print(members)
    out.print(f"{summary.disagreements:,} records: excluded by one member, not by another.")
    if unclear := sum(member["unclear"] for member in summary.members):
        why = "no member was sure, or the one that was had no decision" if cascade else "by the rule"
        out.print(f"{unclear:,} records end as unclear ({why}): they are not settled, and people decide them.")


def _waiting(summary: "Summary", out: Any) -> None:
    """Reports without a readable full text: they stay in the flow until a person ends the search."""
    count = len(summary.waiting)
    waiting_table = table(f"Missing full texts: {count:,} report{'s' * (count != 1)}, not judged", "report", "status", "attempts", "why", "title",
                  right=(2,))  # fmt: skip
    for report in summary.waiting[:25]:
        status = "no text (scan)" if report.scan else report.wanting.replace("_", " ")
        waiting_table.add_row(report.id, status, str(report.attempts), report.retrieval_reason, report.shown_title[:60])
    out.print(waiting_table)
    if len(summary.waiting) > 25:
        out.print(f"… and {len(summary.waiting) - 25:,} more (`screener export --stage fulltext` has all).")
    out.print("`screener import --pdfs FOLDER` or `screener attach RECORD FILE` adds a full text; "
              "`screener attach RECORD --not-retrieved REASON` or `--no-full-text REASON` ends the search.")  # fmt: skip


def compare_with_searches(
    sources: "Sequence[Source]",
    received: "Mapping[tuple[str, str], int]",
    stated: "Mapping[tuple[str, str], Stated] | None" = None,
    *,
    everything: bool = False,
) -> Any:
    """Return a table of what each search reported against the rows that came; None where there is nothing to compare.

    Sources of which nothing was imported are left out, unless `everything`: then those are there that reported a number.
    Where the protocol says nothing, what the database itself `stated` stands with its day.
    """
    known = stated or {}
    source_table = table("Searches: reported and received", "source", "search", "reported", "received", right=(2, 3))
    named_sources = {source for source, _ in received}
    for source in sources:
        if source.name not in named_sources and not (everything and source.total_reported):
            continue
        by_query = {query.name: query for query in source.queries}
        for name, query in by_query.items():
            count = received.get((source.name, name))
            if count is None and query.reported == 0:
                count = 0
            if count is not None or query.reported is not None:
                said = _reported(query.reported, [known[source.name, name]] if (source.name, name) in known else [])
                source_table.add_row(source.name, name, said, _number(count, missing="no file of this name"))
        total = sum(count for (name, _), count in received.items() if name == source.name)
        came = f"{total:,}" if source.name in named_sources else "no file"
        of_source = [count for (name, _), count in known.items() if name == source.name]
        source_table.add_row(source.name, "all", _reported(source.total_reported, of_source), came)
    return source_table if source_table.row_count else None


def _reported(count: int | None, stated: "Sequence[Stated]") -> str:
    """Return what a search reported by the protocol, or else what the database stated and when."""
    if count is not None or not stated:
        return _number(count)
    return f"{sum(one.count for one in stated):,} on {max(one.on for one in stated)}"


def _number(count: int | None, missing: str = "not stated") -> str:
    return missing if count is None else f"{count:,}"


def show_state(marked: "Mapping[str, int]", notices: int, judgements_back: int) -> None:
    """Print which judgements count again, and how many records are marked, or notices of others."""
    out = console()
    if judgements_back:
        out.print(f"{counted(judgements_back, 'judgement counts', 'judgements count')} again.")
    for mark, count in marked.items():
        out.print(
            f"{counted(count, 'record is', 'records are')} marked {_MARKED.get(mark, mark)} (`screener integrity`)."
        )
    if notices:
        words = counted(notices, "record is a notice", "records are notices")
        out.print(f"{words} of others (errata, retractions, replies): not screened alone, but counted in the flow.")
