"""`screener sources`: list where records came from, and correct the name of a source."""

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from .common import JoinOption, JsonOption, ReviewOption, console, emit, review_at, table

if TYPE_CHECKING:
    from ..ledger import NoLongerIn

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
    import_table = table("Imports", "import", "file", "source", "rows", "new", "on", "", right=(0, 3, 4))
    for file in listed.imports:
        undone = f"taken back on {file.undone[:10]}" if file.undone else ""
        counts = (f"{file.report.get(name, 0):,}" for name in ("read", "new"))
        import_table.add_row(str(file.id), file.file, file.source, *counts, file.at[:10], undone)
    out.print(import_table)
    if listed.updates:
        update_table = table("Updates", "source", "on", "imports", "new", "changed", "gone", "", right=(3, 4, 5))
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
