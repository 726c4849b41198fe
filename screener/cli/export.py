"""`screener export`: standing decisions with their reasons, for other tools."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .common import ReviewOption, counted, emit, review_at, warn

if TYPE_CHECKING:
    from ..review import OpenReview

BINARY = ("xlsx", "docx")
"""The formats of tables that are not printed."""


def export(
    format: Annotated[
        str,
        typer.Option(
            "--format",
            help="csv, jsonl, xlsx; ris (Rayyan, Covidence, ASReview), asreview (its table), bibtex, nbib, eppi; or "
            "judgements (everybody's). `screener label` reads decisions from all of them.",
        ),
    ] = "csv",
    stage: Annotated[
        str | None, typer.Option("--stage", help="Default: the protocol's first stage; of judgements, all.")
    ] = None,
    table: Annotated[
        str | None,
        typer.Option(
            "--table",
            help="A table of what was extracted: studies (a row a study); a list of the form (a row an entry), by its path or "
            "last word; or what `tables` in review.yaml maps: characteristics, risk_of_bias, effects, revman.",
        ),
    ] = None,
    only: Annotated[
        str | None,
        typer.Option("--only", help="For ris and asreview: kept (not excluded), excluded or open (not final yet)."),
    ] = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="A file (default: standard output).")] = None,
    review: ReviewOption = None,
    json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document: all rows; for ris and asreview the text.")
    ] = False,
) -> None:
    """Write one row per record: its decision, status, the criterion that is not met, and the evidence.

    At full text also its retrieval status; at extraction one row per item of each study. As RIS, each record has all
    people's decisions in one note (as Rayyan reads it) and the final decision in another (as ASReview reads it).
    With --table a table for a synthesis: csv, jsonl, xlsx, html, docx, or of the risk of bias svg.
    """
    from ..core.errors import BadInput
    from ..review.exporting import exporter_named

    if table is not None:
        if stage not in (None, "extraction") or only is not None:
            raise BadInput("--table: holds what was extracted from all included studies; leave out --stage and --only")
        _write_table(review_at(review), table, format, output, json=json)
        return
    exporter = exporter_named(format)
    if output is None and json and exporter.holds == "rows":
        format = "jsonl"
    elif output is None and exporter.binary:
        raise BadInput(f"--format {format}: is no text; name a file with -o")
    result = review_at(review).export(stage, format=format, only=only, output=output)
    if json:
        emit(result.as_json())
    elif output is None:
        sys.stdout.write(result.content.decode())
    if output is not None:
        typer.echo(f"{result.count:,} {result.what} in {output}", err=True)
    warn(result.remarks)


def _write_table(review: "OpenReview", name: str, format: str, output: Path | None, *, json: bool) -> None:
    """Write a table, or print it."""
    from ..core.errors import BadInput

    if output is None and format in BINARY and not json:
        raise BadInput(f"--format {format}: is no text; name a file with -o")
    result = review.table(name, format=format, output=output)
    if json:
        emit(result.as_json())
    elif output is None:
        sys.stdout.write(result.content.decode())
    if output is not None:
        typer.echo(f"{counted(len(result.table.rows), 'row')} in {output}", err=True)
    warn(result.remarks)
