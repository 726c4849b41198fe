"""`screener label`: people's decisions from a file."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .common import JoinOption, JsonOption, ReviewOption, emit, review_at

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..review import OpenReview
    from ..review.labelling import LabelResult


def label(
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="FILE",
            help="CSV or Excel with id (or doi, pmid, title) and decision; from Rayyan, Covidence, ASReview; or from "
            "`export --format judgements`.",
        ),
    ] = None,
    stage: Annotated[
        str | None, typer.Option("--stage", help="abstract or fulltext; a file of judgements names its own.")
    ] = None,
    reviewer: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Who decided, if the file does not say, or NAME:adjudicator; if it names several, the one to import.",
        ),
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(
            metavar="COLUMN=NAME", help="A column with the decisions of NAME, or of NAME:adjudicator; may be repeated."
        ),
    ] = None,
    decision: Annotated[
        str | None, typer.Option(help="include or exclude: the decision for every record of the file.")
    ] = None,
    undo: Annotated[
        str | None,
        typer.Option(metavar="FILE|ID", help="Take the decisions of a file back: what stood before counts again."),
    ] = None,
    who: Annotated[str, typer.Option("--who", help="Your name, kept with an undo.")] = "reviewer",
    overrule: Annotated[
        bool, typer.Option("--overrule", help="Enter adjudications also against people who agree.")
    ] = False,
    join: JoinOption = False,
    review: ReviewOption = None,
    json: JsonOption = False,
) -> None:
    """Import people's decisions: include, exclude or unclear; 1 or 0; yes or no. Optional: reason, criteria columns.

    Rows that cannot be entered are listed; the exit code is then 3, or 2 where none could be.
    """
    from ..core.errors import BadInput

    if (file is None) == (undo is None):
        raise BadInput("label: give the FILE with the decisions, or --undo FILE")
    if undo is not None:
        _undo(review_at(review, join=join), undo, stage, who, json)
        return
    assert file is not None
    columns = dict(_pair(text) for text in column or ())
    opened = review_at(review, join=join)
    result = opened.label(file, stage, reviewer, columns=columns, decision=decision, overrule=overrule)
    emit(result.as_json()) if json else _show(result, file.name, stage)
    if result.rejected:
        raise typer.Exit(2 if result.nothing else 3)


def _undo(current: "OpenReview", what: str, stage: str | None, who: str, json: bool) -> None:
    """Take a file of decisions back, and say so."""
    undone = current.undo_labels(what, stage, who=who)
    if json:
        emit(undone.as_json())
        return
    print(
        f"Taken back: {undone.file.file} (label file {undone.file.id}, {undone.file.stage.label.lower()}): "
        f"{undone.withdrawn:,} decisions count no more; what stood before them counts again."
    )


def _show(result: "LabelResult", file: str, stage: str | None) -> None:
    """Decisions by person, every row that was not entered, and raw agreement."""
    from ..core.judgement import Stage

    stages = result.stages or ({stage: result.agreement} if stage else {})
    at = " and ".join(Stage(name).label.lower() for name in stages) or "no stage"
    for key, counts in result.reviewers.items():
        role = " (adjudicator)" if counts["role"] == "adjudicator" else ""
        name = key.removesuffix(":adjudicator")
        print(
            f"{name}{role}: {counts['entered']:,} decisions entered for {at}, {counts['unchanged']:,} already present."
        )
    if result.unjudged:
        print(f"{result.unjudged:,} rows without a decision.")
    for row, why in result.rejected:
        print(f"{file}: row {row} not entered: {why}")
    for name, agreement in stages.items():
        if agreement is not None:
            _show_agreement(Stage(name).label.lower(), agreement)
    if result.number is not None:
        print(f"To take these decisions back: `screener label --undo {result.number}`.")
    for remark in result.remarks:
        print(f"Note: {remark}")


def _show_agreement(stage: str, agreement: "Mapping[str, Any]") -> None:
    """How far people agree at a stage, by the stage's name for people."""
    if of_items := agreement.get("items"):
        print(
            f"Agreement, {stage}: {of_items['same']:,} of {of_items['items']:,} items of "
            f"{agreement['records']:,} forms by two or more people are the same ({of_items['share']:.1%})."
        )
    else:
        print(
            f"Agreement, {stage}: {agreement['same']:,} of {agreement['records']:,} records with two or more "
            f"judgements are decided alike ({agreement['share']:.1%})."
        )
    reasons = agreement["reasons"]
    if reasons["records"]:
        print(
            f"Of {reasons['records']:,} that several exclude for a criterion, {reasons['same']:,} are excluded for the "
            f"same ({reasons['share']:.1%})."
        )


def _pair(text: str) -> tuple[str, str]:
    from ..core.errors import BadInput

    column, sign, name = text.rpartition("=")
    if not sign or not column.strip() or not name.strip():
        raise BadInput(f"--column: `{text}` is not of the form COLUMN=REVIEWER")
    return column.strip(), name.strip()
