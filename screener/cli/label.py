"""`screener label`: a human reviewer's decisions from a file."""

from pathlib import Path
from typing import Annotated

import typer

from .common import JsonOption, ReviewOption, StageOption, emit, open_ledger, open_review, stage_named


def label(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV with id (or doi, pmid, title) and decision.")],
    reviewer: Annotated[str, typer.Option(help="Whose decisions these are.")],
    stage: StageOption,
    review: ReviewOption = None,
    json: JsonOption = False,
) -> None:
    """Enter a human's decisions: include, exclude or unclear; 1 or 0; yes or no. Optional: reason, criteria columns."""
    from ..labels import enter_labels

    here, which = open_review(review), stage_named(stage)
    done = enter_labels(open_ledger(here), here, which, file, reviewer)
    nothing = done.rejected and not done.entered and not done.unchanged
    if json:
        emit(done.as_json())
        if nothing:
            raise typer.Exit(2)
        return
    print(f"{reviewer}: {done.entered:,} decisions entered at stage {which}, {done.unchanged:,} were there already.")
    for row, why in done.rejected:
        print(f"{file.name}: row {row} not entered: {why}")
    if nothing:
        raise typer.Exit(2)
