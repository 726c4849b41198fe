"""`screener label`: people's decisions from a file."""

from pathlib import Path
from typing import Annotated

import typer

from .common import JsonOption, ReviewOption, StageOption, emit, open_ledger, open_review, stage_named


def label(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="CSV or Excel with id (or doi, pmid, title) and decision; or from Rayyan, Covidence, ASReview.",
        ),
    ],
    stage: StageOption,
    reviewer: Annotated[
        str | None,
        typer.Option(help="Who decided, where the file does not say; of several whom it names, the one to take."),
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(
            metavar="COLUMN=NAME", help="A column with the decisions of NAME, or of NAME:adjudicator; may be repeated."
        ),
    ] = None,
    decision: Annotated[
        str | None, typer.Option(help="include or exclude: the file is a list of what was decided so.")
    ] = None,
    review: ReviewOption = None,
    json: JsonOption = False,
) -> None:
    """Enter people's decisions: include, exclude or unclear; 1 or 0; yes or no. Optional: reason, criteria columns."""
    from ..core.errors import BadInput
    from ..core.judgement import Decision
    from ..exchange.decisions import enter_labels
    from ..review.changes import after_change

    here, which = open_review(review), stage_named(stage)
    columns = dict(_pair(one) for one in column or ())
    if decision is not None and decision not in set(Decision):
        raise BadInput(f"--decision: `{decision}` is none of {', '.join(Decision)}")
    listed = Decision(decision) if decision else None
    ledger = open_ledger(here)
    done = enter_labels(ledger, here, which, file, reviewer, columns=columns, decision=listed)
    after_change(ledger, here)
    nothing = bool(done.rejected) and not done.entered and not done.unchanged
    if json:
        emit(done.as_json())
        if nothing:
            raise typer.Exit(2)
        return
    for name, counts in done.reviewers.items():
        role = " (adjudicator)" if counts["role"] == "adjudicator" else ""
        print(
            f"{name}{role}: {counts['entered']:,} decisions entered at stage {which}, {counts['unchanged']:,} were there already."
        )
    if done.unjudged:
        print(f"{done.unjudged:,} rows hold no decision.")
    for row, why in done.rejected:
        print(f"{file.name}: row {row} not entered: {why}")
    if done.agreement:
        found = done.agreement
        print(
            f"Agreement at stage {which}: {found['same']:,} of {found['records']:,} records with two or more judgements "
            f"are judged alike ({found['share']:.1%})."
        )
    for remark in done.remarks:
        print(f"Note: {remark}")
    if nothing:
        raise typer.Exit(2)


def _pair(text: str) -> tuple[str, str]:
    from ..core.errors import BadInput

    column, sign, name = text.rpartition("=")
    if not sign or not column.strip() or not name.strip():
        raise BadInput(f"--column: `{text}` is not of the form COLUMN=REVIEWER")
    return column.strip(), name.strip()
