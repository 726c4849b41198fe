"""What every command shares: the options `--review` and `--json`, and ways to print. Cheap to import."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from ..ledger.store import Ledger
    from ..protocol.model import Review

ReviewOption = Annotated[
    Path | None,
    typer.Option("--review", metavar="DIR", help="The review's folder (default: here or the nearest one above)."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
StageOption = Annotated[str, typer.Option("--stage", help="abstract, fulltext or extraction.")]


def open_review(folder: Path | None) -> "Review":
    """The review that the user stands in or names."""
    from ..protocol.model import find_review

    if folder is not None and not folder.is_dir():
        from ..core.errors import BadInput

        raise BadInput(f"{folder}: no such folder; make a review with `screener init {folder}`")
    return find_review(folder or Path.cwd(), explicit=folder is not None)


def open_ledger(review: "Review") -> "Ledger":
    """The review's ledger, made if missing."""
    from ..ledger.store import Ledger

    return Ledger.of(review.hidden)


def first_records(ledger: "Ledger", review: "Review", say: Any) -> None:
    """An empty ledger starts with the records that come with the gold set; `BadInput` where there are none."""
    from ..core.errors import BadInput
    from ..ledger import reads
    from ..ledger.intake import add_files
    from ..protocol.gold import gold_spec, records_file
    from ..records import read_file

    with ledger.read() as connection:
        if reads.count_records(connection):
            return
    path, spec = records_file(review), gold_spec(review)
    if path is None or spec is None:
        raise BadInput(f"{review.root}: there are no records yet; read some with `screener import FILE…`")
    done = add_files(ledger, [read_file(path, source=f"gold {spec.name}")])[0]
    say.print(f"The ledger was empty: imported {done.new:,} records from {say_path(path)}. {spec.abstracts}".rstrip())


def stage_named(name: str) -> Any:
    """The stage of that name; `BadInput` with the known ones."""
    from ..core.errors import BadInput
    from ..core.judgement import Stage

    try:
        return Stage(name)
    except ValueError:
        raise BadInput(f"--stage: `{name}` is none of {', '.join(Stage)}") from None


def emit(document: Any) -> None:
    """Print the one JSON document of a command."""
    json.dump(document, sys.stdout, ensure_ascii=False, indent=2, allow_nan=False)
    sys.stdout.write("\n")


def console(*, stderr: bool = False) -> "Console":
    """Where people read: no guessing of markup in titles, no colour codes in files."""
    from rich.console import Console

    plain = not (sys.stderr if stderr else sys.stdout).isatty()
    return Console(stderr=stderr, markup=False, highlight=False, emoji=False, width=120 if plain else None)


def table(title: str, *columns: str, right: tuple[int, ...] = ()) -> Any:
    """An empty table in the one look that all commands share; `right` are the columns of numbers."""
    from rich import box
    from rich.table import Table

    made = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False,
                 min_width=min(len(title), 118))  # fmt: skip
    for position, column in enumerate(columns):
        made.add_column(column, justify="right" if position in right else "left", overflow="fold")
    return made


def say_path(path: Path) -> str:
    """A path as short as it can be said from where the user stands."""
    try:
        return str(path.resolve().relative_to(Path.cwd().resolve())) or "."
    except ValueError:
        return str(path)
