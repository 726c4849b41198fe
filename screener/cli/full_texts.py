"""What `screener retrieve --pdfs` prints: the full texts that were found, and why the others were not."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Unpack

import typer

from .common import console, counted, emit, end_with, progress_line, table, warn

if TYPE_CHECKING:
    from ..review import OpenReview
    from ..review.getting_full_texts import FullTextKeywords, FullTextsResult, Progress

SHOWN = 25
"""So many reports are listed."""


PdfsOption = Annotated[
    bool, typer.Option("--pdfs", help="Look for the full texts of reports that are sought, instead of searching.")
]
PdfsFromOption = Annotated[
    Path | None,
    typer.Option("--pdfs-from", metavar="FOLDER", help="As --pdfs, first from a folder that Zotero exported."),
]
SupplementsOption = Annotated[bool, typer.Option("--supplements", help="As --pdfs, with supplements.")]


def retrieve_full_texts(
    review: "OpenReview", sources: Sequence[str], json: bool, **options: "Unpack[FullTextKeywords]"
) -> None:
    """Look for full texts and print what came of it; exit code 3 where something could not be asked to the end."""
    result = review.retrieve_full_texts(*sources, progress=_progress(), **options)
    if json:
        emit(result.as_json())
    elif result.dry_run:
        _show_plan(result)
    else:
        _show(result)
    end_with(result.errors)


def _progress() -> "Progress":
    show = progress_line()
    return lambda place, of, _: show(f"{place:,} of {of:,} reports", place == of)


def _show_plan(result: "FullTextsResult") -> None:
    out, counts = console(), result.counts
    places = Counter(place for report in result.reports for place in report.asked)
    plan = table("", "asked", "reports that can be asked for there", right=(1,))
    for place, count in places.items():
        plan.add_row(place, f"{count:,}")
    if places:
        out.print(plan)
    sought = [report for report in result.reports if report.status.value == "sought"]
    lost = sum(not report.asked for report in sought)
    out.print(
        f"{counted(len(sought), 'report')} of {counts['reports']:,} sought, {counts['retrieved']:,} retrieved; {lost:,} of those "
        "sought have nothing to look for them by. Nothing was asked."
    )
    _say(result)


def _show(result: "FullTextsResult") -> None:
    out, counts = console(), result.counts
    new = [report for report in result.reports if report.new]
    found = table("Found", "report", "from", "to look at")
    for report in new[:SHOWN]:
        found.add_row(report.record, report.source, report.why)
    missing = [report for report in result.reports if report.status.value == "sought"]
    wanted = table("Missing", "report", "why", "title")
    for report in missing[:SHOWN]:
        wanted.add_row(report.record, report.why, report.title[:60])
    for shown, rows in ((found, new), (wanted, missing)):
        if rows:
            out.print(shown)
        if len(rows) > SHOWN:
            out.print(f"… and {len(rows) - SHOWN:,} more (--json lists all).")
    ended = counts["not_retrieved"] + counts["no_full_text_exists"]
    ends = f", the search for {ended:,} was ended by people" if ended else ""
    out.print(
        f"{counted(len(new), 'full text')} found; {counts['retrieved']:,} of {counted(counts['reports'], 'report')} have one, "
        f"{counted(len(missing), 'is', 'are')} still sought{ends}."
    )
    known = [report for report in result.reports if (report.supplements or {}).get("status") == "known"]
    if known:
        attached = sum(bool(file["document"]) for report in known for file in (report.supplements or {})["files"])
        out.print(
            f"{counted(len(known), 'report has', 'reports have')} supplements, {counted(attached, 'file')} of them attached."
        )
    if missing:
        out.print(
            "`screener import --pdfs FOLDER` or `screener attach RECORD FILE` adds others; `screener attach RECORD "
            "--not-retrieved REASON` ends the search for one."
        )
    _say(result)


def _say(result: "FullTextsResult") -> None:
    warn(result.remarks)
