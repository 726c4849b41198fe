"""`screener export`: standing decisions with their reasons, for other tools."""

from pathlib import Path
from typing import Annotated

import typer

from .common import ReviewOption, open_ledger, open_review, stage_named


def export(
    format: Annotated[
        str,
        typer.Option("--format", help="csv, jsonl, xlsx; ris (Rayyan, Covidence, ASReview) or asreview (its table)."),
    ] = "csv",
    stage: Annotated[str | None, typer.Option("--stage", help="Default: the protocol's first stage.")] = None,
    only: Annotated[
        str | None, typer.Option("--only", help="Of ris and asreview: kept, excluded or open (nothing final yet).")
    ] = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="A file (default: standard output).")] = None,
    review: ReviewOption = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document: all rows.")] = False,
) -> None:
    """Write one row a record: its standing decision, the criterion it failed, and the evidence.

    At full text also what became of the search for it; at extraction one row an item of each study. As RIS, each
    record has the decisions of all people in a note, as Rayyan reads it, and what is final in another, as ASReview does.
    """
    from ..core.errors import BadInput
    from ..core.judgement import Stage
    from ..exchange.export import FORMATS, columns_of, rows, write, write_text
    from ..exchange.other_tools import as_asreview, as_ris, handed_over

    tools = {"ris": as_ris, "asreview": as_asreview}
    if format not in (*FORMATS, *tools):
        raise BadInput(f"--format: `{format}` is none of {', '.join((*FORMATS, *tools))}")
    here = open_review(review)
    which = stage_named(stage) if stage else next(iter(here.protocol.stages))
    if format in tools:
        if which is Stage.EXTRACTION:
            raise BadInput(f"--format {format}: holds decisions on records; extracted items go to csv, jsonl or xlsx")
        if only not in (None, "kept", "excluded", "open"):
            raise BadInput(f"--only: `{only}` is none of kept, excluded, open")
        handed = handed_over(open_ledger(here), here, which, only)  # type: ignore[arg-type]
        write_text(tools[format](handed), output)
        if output is not None:
            typer.echo(f"{len(handed):,} records in {output}", err=True)
        return
    if only is not None:
        raise BadInput("--only: goes with --format ris or asreview; a table has the column `status`")
    found = rows(open_ledger(here), here, which)
    if json:
        from .common import emit

        emit(found)
        return
    write(found, columns_of(which, here.stage(which)), format, output)
    if output is not None:
        what = "items" if which is Stage.EXTRACTION else "records"
        typer.echo(f"{len(found):,} {what} in {output}", err=True)
