"""`screener links`: the addresses that included studies give for code, weights and data, looked at."""

from typing import TYPE_CHECKING, Annotated

import typer

from .attach import user_name
from .common import JoinOption, JsonOption, ReviewOption, console, counted, emit, end_with, progress_line, review_at

if TYPE_CHECKING:
    from ..review.link_checks import LinkKeywords, LinksResult


def links(
    again: Annotated[
        bool, typer.Option("--again", help="Look at all addresses, also those that have answered before.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only list what would be looked at; nothing is sent.")
    ] = False,
    most_requests: Annotated[
        int | None, typer.Option("--most-requests", min=1, help="Send so many requests at most; the rest is for later.")
    ] = None,
    who: Annotated[
        str | None, typer.Option("--who", help="Your name, kept with it (default: the user's name).")
    ] = None,
    join: JoinOption = False,
    review: ReviewOption = None,
    json: JsonOption = False,
) -> None:
    """Look at the addresses that were extracted: do they answer, which licence is there, are there weights?

    GitHub, the Hugging Face Hub and Zenodo are asked by their interfaces, other hosts for the page. What is seen is kept with
    its date beside what the report says, and changes nothing of it: `screener export --table links` has both.
    """
    options: LinkKeywords = {"again": again, "dry_run": dry_run, "most_requests": most_requests}
    result = review_at(review, join=join).check_links(who=who or user_name(), progress=progress_line(), **options)
    if json:
        emit(result.as_json())
    else:
        _show(result, dry_run=dry_run)
    unanswered = [] if dry_run else [f"{check.address}: {check.problem}" for check in result.unanswered]
    end_with([*unanswered, *([result.stopped] if result.stopped else [])])


def _show(result: "LinksResult", *, dry_run: bool) -> None:
    out = console()
    if not result.checks and not result.open:
        out.print("No included study gives an address.")
        return
    for check in result.checks:
        out.print(f"{check.address}\n    {check.words}")
    if dry_run:
        out.print(f"{counted(len(result.open), 'address', 'addresses')} would be looked at:")
    elif result.open:
        out.print(f"{counted(len(result.open), 'address', 'addresses')} not looked at yet:")
    for address in result.open:
        out.print(f"  {address}")
    if not dry_run:
        out.print(f"{result.looked:,} looked at now. With what the reports say: `screener export --table links`.")
