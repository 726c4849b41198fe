"""`screener export`: standing decisions with their reasons, for other tools."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from .common import ReviewOption, emit, review_at, warn


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
    """
    from ..core.errors import BadInput
    from ..review.exporting import exporter_named

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
