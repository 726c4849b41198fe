"""`screener export`: standing decisions with their reasons, for other tools."""

from pathlib import Path
from typing import Annotated

import typer

from .common import ReviewOption, open_ledger, open_review, stage_named


def export(
    format: Annotated[str, typer.Option("--format", help="csv or jsonl.")] = "csv",
    stage: Annotated[str | None, typer.Option("--stage", help="Default: the protocol's first stage.")] = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="A file (default: standard output).")] = None,
    review: ReviewOption = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document: all rows.")] = False,
) -> None:
    """Write one row a record: its standing decision, the criterion it failed, and the evidence.

    At full text also what became of the search for it; at extraction one row an item of each study.
    """
    from ..errors import BadInput
    from ..export import FORMATS, columns_of, rows, write
    from ..judgement import Stage

    if format not in FORMATS:
        raise BadInput(f"--format: `{format}` is none of {', '.join(FORMATS)}")
    here = open_review(review)
    which = stage_named(stage) if stage else next(iter(here.protocol.stages))
    found = rows(open_ledger(here), here, which)
    if json:
        from .common import emit

        emit(found)
        return
    write(found, columns_of(which, here.stage(which)), format, output)
    if output is not None:
        what = "items" if which is Stage.EXTRACTION else "records"
        typer.echo(f"{len(found):,} {what} in {output}", err=True)
