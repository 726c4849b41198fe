"""`screener ledger`: copy a ledger between SQLite and PostgreSQL, back a review or a server up, and restore it."""

from pathlib import Path
from typing import Annotated

import typer

from .common import JsonOption, ReviewOption, console, emit, review_at, table

app = typer.Typer(help="Copy the ledger, back it up, restore it.", no_args_is_help=True, rich_markup_mode=None)
ConfigOption = Annotated[
    Path | None, typer.Option(help="server.yaml, for a whole server: accounts and all its reviews.")
]


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


@app.command("backup")
def backup(
    target: Annotated[Path, typer.Argument(metavar="FILE", help="The ZIP to make; there must be none yet.")],
    config: ConfigOption = None,
    review: ReviewOption = None,
    json: JsonOption = False,
) -> None:
    """Back up a review, its folder and its ledger, or with --config a whole server, which may be running.

    Every file in the ZIP has its SHA-256 there, and each ledger is compared row by row. Caches, sessions, links and `.git` are
    left out.
    """
    from ..team.backup import backup_server
    from ..team.settings import read_settings

    if config is not None:
        reviews = backup_server(read_settings(config), target, console(stderr=True).print)
        _told(
            {"file": str(target), "reviews": reviews},
            f"Backed up {reviews:,} reviews and all accounts in {target}.",
            json,
        )
        return
    files = review_at(review).backup(target)
    _told({"file": str(target), "files": files}, f"Backed up the review in {target}: {files:,} files.", json)


@app.command("restore")
def restore(
    source: Annotated[Path, typer.Argument(metavar="FILE", help="A ZIP that `ledger backup` made.")],
    config: ConfigOption = None,
    review: Annotated[Path, typer.Option(help="The new folder of the review.")] = Path("review"),
    json: JsonOption = False,
) -> None:
    """Restore a review into a new folder, or with --config a whole server into what its server.yaml names; all or nothing.

    The ledgers become files or PostgreSQL schemas, whatever they were.
    """
    from ..review.own_ledger import restore_review
    from ..team.backup import restore_server
    from ..team.settings import read_settings

    if config is not None:
        reviews = restore_server(read_settings(config), source, console(stderr=True).print)
        done = f"Restored {reviews:,} reviews and all accounts; everybody logs in anew."
        _told({"file": str(source), "reviews": reviews}, done, json)
        return
    files = restore_review(source, review)
    _told({"file": str(source), "files": files}, f"Restored the review in {review}: {files:,} files.", json)


def _told(result: dict[str, object], sentence: str, json: bool) -> None:
    if json:
        emit(result)
    else:
        console().print(sentence)
