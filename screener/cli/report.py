"""`screener report`: one HTML page with every figure of the review."""

from pathlib import Path
from typing import Annotated

import typer

from .common import JsonOption, ReviewOption, console, emit, open_ledger, open_review, say_path


def report(
    output: Annotated[Path | None, typer.Option("--output", "-o", help="The page (default: report.html).")] = None,
    figures: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write every drawing here too, as SVG and as PNG.")
    ] = None,
    review: ReviewOption = None,
    json: JsonOption = False,
) -> None:
    """Flow diagram, reasons, accuracy, agreement, extracted data, searches, methods text and checklist on one page.

    The page needs no network. With --json all its figures are printed instead; a page is then written only with --output.
    """
    from ..reporting.figures import figures as collect
    from ..reporting.page import page

    here = open_review(review)
    ledger = open_ledger(here)
    document = collect(ledger, here)
    target = output or (None if json else Path("report.html"))
    out = console()
    if target is not None:
        write_whole(target, page(document))
    if figures is not None:
        drawn = _draw(document, figures)
    if json:
        emit(document)
        return
    assert target is not None
    size = target.stat().st_size
    out.print(f"{say_path(target)}: {size / 1e6:.2f} MB, opens in any browser without a network.")
    if figures is not None:
        out.print(f"{say_path(figures)}: {drawn:,} drawings as SVG and PNG.")
    if not document["flow"]["adds_up"]:
        out.print("THE FLOW DOES NOT ADD UP: the boxes concerned are red. Nothing of it should be published as it is.")
    for box in document["flow"]["boxes"]:
        for problem in box["problems"]:
            out.print(f"  {box['title']}: {problem}")
    if document["gold"] and document["gold"]["provisional"]:
        out.print("PROVISIONAL GOLD: no human has confirmed the labels; the page says so beside every figure.")


def _draw(document: dict[str, object], folder: Path) -> int:
    from ..errors import BadInput
    from ..reporting.pictures import write_pictures

    try:
        return len(write_pictures(document, folder)) // 2
    except OSError as error:
        raise BadInput(f"--figures: {folder} cannot be written: {error.strerror}") from None


def write_whole(path: Path, text: str) -> None:
    """Write a file whole or not at all; `BadInput` where that cannot be."""
    from ..errors import BadInput

    partial = path.with_name(path.name + ".partial")
    try:
        partial.write_text(text, encoding="utf-8")
        partial.replace(path)
    except OSError as error:
        raise BadInput(f"{path}: cannot be written: {error.strerror}") from None
