"""`screener ledger`: copy a ledger between SQLite and PostgreSQL."""

from typing import Annotated

import typer

from .common import JsonOption, ReviewOption, console, emit, review_at, table

app = typer.Typer(help="Copy the ledger to another database.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def _group() -> None:
    """Keep `copy` a command of its own, though it is the only one."""


@app.command("copy")
def copy(
    target: Annotated[
        str, typer.Argument(metavar="TO", help="postgresql://user@host/name of an empty database, or a new file.")
    ],
    source: Annotated[
        str | None,
        typer.Option(
            "--from", metavar="FROM", help="The ledger to copy (default: the review's, or SCREENER_LEDGER's)."
        ),
    ] = None,
    review: ReviewOption = None,
    json: JsonOption = False,
) -> None:
    """Copy the ledger to an empty database, SQLite or PostgreSQL, and compare every table before the copy counts.

    The ledger itself is not changed. What others write into it meanwhile is not in the copy.
    """
    from ..ledger import copy_ledger, open_source

    result = review_at(review).copy_ledger(target) if source is None else copy_ledger(open_source(source), target)
    if json:
        emit(result.as_json())
        return
    out, copy_table = console(), table("", "table", "rows", "SHA-256", right=(1,))
    for name, copied in result.tables.items():
        copy_table.add_row(name, f"{copied.rows:,}", copied.sha256[:16])
    out.print(copy_table)
    if result.changed:
        out.print(f"{result.changed:,} rows hold characters that PostgreSQL cannot; they are U+FFFD there.")
    if result.documents:
        out.print(f"{result.documents:,} files of documents are in the copy, for every machine.")
    if result.missing:
        out.print(f"{result.missing:,} files of documents are nowhere on this machine: import them again.")
    out.print(
        f"Copied {result.source} to {result.target}: {result.rows:,} rows in {len(result.tables)} tables, each with the "
        "same number of rows and the same content."
    )
    out.print("A review works on the ledger that SCREENER_LEDGER names, and without it on .screener/ledger.db.")
