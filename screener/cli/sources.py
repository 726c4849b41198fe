"""`screener sources`: list where records came from, and correct the name of a source."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from .common import JoinOption, JsonOption, ReviewOption, console, counted, emit, review_at, table

if TYPE_CHECKING:
    from rich.console import Console

    from ..ledger import NoLongerIn
    from ..review.venues import RecordVenue
    from ..stages import VenueStandings

SHOWN = 20
"""So many records are printed unless all are asked for."""

app = typer.Typer(help="List the sources and imports; correct the name of a source.", rich_markup_mode=None)


@app.callback(invoke_without_command=True)
def list_(context: typer.Context, review: ReviewOption = None, json: JsonOption = False) -> None:
    """List the rows of each source beside what its searches reported, and every import with its number."""
    if context.invoked_subcommand is not None:
        return
    listed = review_at(review).sources()
    if json:
        emit(listed.as_json())
        return
    out = console()
    source_table = table("Sources", "source", "rows", "reported", right=(1, 2))
    for source in listed.as_json()["sources"]:
        reported = "not stated" if source["reported"] is None else f"{source['reported']:,}"
        source_table.add_row(source["name"], f"{source['rows']:,}", reported)
    out.print(source_table)
    import_table = table("Imports", "import", "file", "source", "rows", "new records", "on", "", right=(0, 3, 4))
    for file in listed.imports:
        undone = f"taken back on {file.undone[:10]}" if file.undone else ""
        counts = (f"{file.report.get(name, 0):,}" for name in ("read", "new"))
        import_table.add_row(str(file.id), file.file, file.source, *counts, file.at[:10], undone)
    out.print(import_table)
    if listed.updates:
        update_table = table("Updates", "source", "on", "imports", "new rows", "changed", "gone", "", right=(3, 4, 5))
        for update in listed.updates:
            counts = (f"{update.counts[name]:,}" for name in ("new", "changed", "gone"))
            numbers = ", ".join(map(str, update.imports))
            update_table.add_row(update.source, update.at[:10], numbers, *counts, "taken back" if update.undone else "")
        out.print(update_table)
    if listed.missing:
        out.print(missing_line(listed.missing))
    out.print("Take one back: `screener import --undo ID`. Correct a name: `screener sources rename OLD NEW`.")


def missing_line(missing: "Sequence[NoLongerIn]") -> str:
    """Return how many records their sources have no more, by source and day, in one line."""
    counts = Counter((row.source, row.since[:10]) for row in missing)
    parts = [f"{n:,} no longer in {source} as of {day}" for (source, day), n in counts.items()]
    return f"Records whose source has them no more: {'; '.join(parts)}. They stay records and are counted."


def venue_lines(standings: "VenueStandings") -> "Iterator[str]":
    """Yield what the venue rules do with the records, in a line each."""
    counts = standings.as_json()
    if counts["removed"]:
        yield f"{counted(counts['removed'], 'record is', 'records are')} removed before screening by venue: `screener sources venues`."
    if counts["queued"]:
        yield (
            f"{counted(counts['queued'], 'record has', 'records have')} a venue that no list settles, and stay: `screener sources venues`."
        )
    for line in standings.missing_lines:
        yield f"Venue rule not applied: {line}."


@app.command("venues")
def venues(
    everything: Annotated[bool, typer.Option("--all", help="Print every record, kept ones too.")] = False,
    review: ReviewOption = None,
    json: JsonOption = False,
) -> None:
    """List what the venue rules of the sources remove, and the venues that no list settles, with the reasons.

    Settle one by naming it under `eligible` or `ineligible` of its source, in the sources file. Nothing is deleted: what is
    removed follows from rules and lists, and comes back when they change.
    """
    from ..review.retrieve_results import NO_SOURCE

    current = review_at(review)
    listed = current.venues()
    if json:
        emit(listed.as_json())
        return
    out = console()
    if not listed.rules:
        lacking = "no source has a rule on venues; write `venues:` under a source of the sources file"
        told = lacking if current.review.sources else NO_SOURCE
        out.print(f"{told[0].upper()}{told[1:]}.")
        return
    for source, words in listed.rules.items():
        out.print(f"{source}: {words}")
    for line in listed.missing:
        out.print(f"Not applied: {line}.")
    out.print(
        f"{len(listed.removed):,} removed, {len(listed.queued):,} to settle, {len(listed.kept):,} kept; the other records have a row "
        "of a source without a rule."
    )
    _show_venues(out, "Removed before screening", listed.removed, everything)
    if listed.queued:
        open_table = table("Venues that no list settles: these records stay", "venue", "records", "why", right=(1,))
        for venue, records, why in listed.open_venues[: None if everything else SHOWN]:
            open_table.add_row(venue or "none", f"{records:,}", why)
        out.print(open_table)
        out.print("Name each under `eligible` or `ineligible` of its source's `venues:`.")
    if everything:
        _show_venues(out, "Kept", listed.kept, everything)
    elif max(len(listed.removed), len(listed.open_venues)) > SHOWN:
        out.print("All of them: `screener sources venues --all`.")


def _show_venues(out: "Console", heading: str, records: "Sequence[RecordVenue]", everything: bool) -> None:
    if records:
        record_table = table(heading, "record", "title", "venue", "why")
        for record in records[: None if everything else SHOWN]:
            record_table.add_row(record.id, record.title, record.venue, record.why)
        out.print(record_table)


@app.command("rename")
def rename(
    old: Annotated[str, typer.Argument(metavar="OLD")],
    new: Annotated[str, typer.Argument(metavar="NEW")],
    who: Annotated[str, typer.Option("--who", help="Your name, kept with the change.")] = "reviewer",
    join: JoinOption = False,
    review: ReviewOption = None,
    json: JsonOption = False,
) -> None:
    """Give a source another name, on everything that was imported under the old one."""
    current = review_at(review, join=join)
    renamed = current.rename_source(old, new, who=who)
    if json:
        emit(renamed.as_json())
        return
    print(
        f"{renamed.rows:,} rows of {old} are now of {renamed.new}; undo with `screener sources rename` the other way."
    )
    if renamed.joined:
        print(f"{renamed.new} had {renamed.joined:,} rows already: they are counted together now.")
    listed = {source.name for source in current.review.sources}
    if listed and renamed.new not in listed:
        print(f"The protocol's sources do not list {renamed.new}; correct the name there too.")
