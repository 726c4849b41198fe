"""What every command shares: the options `--review` and `--json`, and ways to print. Cheap to import."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..core.words import counted as counted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from rich.console import Console

    from ..core.judgement import Stage
    from ..ledger import Ledger
    from ..protocol import Review
    from ..review import OpenReview
    from ..review.importing import FirstRecords

ReviewOption = Annotated[
    Path | None,
    typer.Option("--review", metavar="DIR", help="The review's folder (default: here or the nearest one above)."),
]
JoinOption = Annotated[
    bool, typer.Option("--join", help="Once, for a folder without an id: work on the ledger that is there.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
ExecutorOption = Annotated[
    str | None,
    typer.Option(
        "--executor",
        metavar="WHERE",
        envvar="SCREENER_EXECUTOR",
        help="Where it is done: local, dask or dask:N (worker processes here), tcp://HOST:PORT (a Dask scheduler).",
    ),
]
StageOption = Annotated[str, typer.Option("--stage", help="abstract, fulltext or extraction.")]


def review_at(folder: Path | None, *, join: bool = False) -> "OpenReview":
    """Return the review that the user stands in or names, with its methods; `join` as in `screener.open`."""
    from ..review import OpenReview, read_review

    return OpenReview(read_review(folder), join=join, notify=_notify)


def open_review(folder: Path | None) -> "Review":
    """Return the protocol of the review that the user stands in or names."""
    from ..review import read_review

    return read_review(folder)


def open_ledger(review: "Review") -> "Ledger":
    """Return the review's ledger, made if missing, to read; `BadInput` for that of another review."""
    from ..review.own_ledger import ledger_to_read

    return ledger_to_read(review)


def writing_ledger(review: "Review", join: bool) -> "Ledger":
    """Return the review's ledger to write into; with `join` it may be one that this folder was not used with before."""
    from ..review.own_ledger import ledger_to_write

    return ledger_to_write(review, join=join, notify=_notify)


def _notify(line: str) -> None:
    console(stderr=True).print(line)


def first_records(ledger: "Ledger", review: "Review", progress: Any) -> None:
    """Fill an empty ledger with the records of the gold set, and say so."""
    from ..review.importing import first_records

    if (imported := first_records(ledger, review)) is not None:
        say_first_records(progress, imported)


def say_first_records(progress: Any, imported: "FirstRecords") -> None:
    """Say which records an empty ledger was filled with."""
    path = say_path(imported.path)
    progress.print(f"The ledger was empty: imported {imported.new:,} records from {path}. {imported.note}".rstrip())


def stage_named(name: str) -> "Stage":
    """Return the stage of that name; `BadInput` with the ones that there are."""
    from ..review import stage_named

    return stage_named(name)


def emit(document: Any) -> None:
    """Print the one JSON document of a command."""
    # At once: what is printed line by line takes a call of the system for each.
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False) + "\n")


def warn(lines: "Iterable[object]") -> None:
    """Print what went wrong, or is to be known beside the result, where errors are printed: a line each."""
    for line in lines:
        typer.echo(f"screener: {line}", err=True)


def end_with(errors: "Sequence[object]", *, rejected: bool = False) -> None:
    """Print what went wrong, and end with exit code 3 where anything did, or rows were rejected."""
    warn(errors)
    if errors or rejected:
        raise typer.Exit(3)


def progress_line() -> "Callable[[str, bool], None]":
    """Return what prints how far a command has come, each text in the place of the last; the second argument says it ends.

    Nothing is printed where errors go into a file.
    """
    err = console(stderr=True)
    if not err.is_terminal:
        return lambda *_: None
    return lambda text, ends: err.print(text, end="\n" if ends else "\r", markup=False)


def console(*, stderr: bool = False) -> "Console":
    """Return where people read: no guessing of markup in titles, no colour codes in files."""
    from rich.console import Console

    plain = not (sys.stderr if stderr else sys.stdout).isatty()
    return Console(stderr=stderr, markup=False, highlight=False, emoji=False, width=120 if plain else None)


def table(title: str, *columns: str, right: tuple[int, ...] = ()) -> Any:
    """Return an empty table in the one look that all commands share; `right` are the columns of numbers."""
    from rich import box
    from rich.table import Table

    built = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False,
                 min_width=min(len(title), 118))  # fmt: skip
    for position, column in enumerate(columns):
        built.add_column(column, justify="right" if position in right else "left", overflow="fold")
    return built


def say_path(path: Path) -> str:
    """Return a path as short as it can be said from where the user stands."""
    try:
        return str(path.resolve().relative_to(Path.cwd().resolve())) or "."
    except ValueError:
        return str(path)
