"""`screener report`: one HTML page with every figure of the review, or the ZIP that recomputes it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .common import JsonOption, ReviewOption, console, emit, open_ledger, open_review, say_path

if TYPE_CHECKING:
    from ..ledger.store import Ledger
    from ..protocol.model import Review


def report(
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="The page (default: report.html); with --audit the ZIP (audit.zip)."),
    ] = None,
    figures: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write every drawing here too, as SVG and as PNG.")
    ] = None,
    audit: Annotated[
        bool,
        typer.Option("--audit", help="Write a ZIP with the page and all that it was made from, for `check --audit`."),
    ] = False,
    without_texts: Annotated[
        bool, typer.Option("--without-texts", help="With --audit: leave out abstracts, documents and models' answers.")
    ] = False,
    review: ReviewOption = None,
    json: JsonOption = False,
) -> None:
    """Flow diagram, reasons, accuracy, agreement, extracted data, searches, methods text and checklist on one page.

    The page needs no network. With --json all its figures are printed instead; a page is then written only with --output.
    With --audit the one output is a ZIP, the page in it; --json then tells what was written.
    """
    from ..core.errors import BadInput
    from ..reporting.figures import figures as collect
    from ..reporting.page import page

    if without_texts and not audit:
        raise BadInput("--without-texts: goes with --audit; the page itself holds no abstracts and documents")
    here = open_review(review)
    ledger = open_ledger(here)
    if audit:
        _audit(ledger, here, output or Path("audit.zip"), figures, with_texts=not without_texts, json=json)
        return
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
    _warn(document)


def _audit(
    ledger: "Ledger", review: "Review", target: Path, figures: Path | None, *, with_texts: bool, json: bool
) -> None:
    from ..reporting.audit import write_audit

    done = write_audit(ledger, review, target, with_texts=with_texts)
    drawn = _draw(done.document, figures) if figures is not None else 0
    if json:
        emit(done.as_json())
        return
    out = console()
    out.print(
        f"{say_path(target)}: {done.size / 1e6:.2f} MB, {done.members:,} files with {done.rows:,} rows of the ledger."
    )
    for what in done.left_out:
        out.print(f"  left out: {what}")
    if done.missing:
        out.print(
            f"  {len(done.missing):,} files of documents are not in the review's folder any more; their texts are there"
        )
    out.print(f"SHA-256 of its manifest: {done.manifest}")
    out.print(f"`screener check --audit {say_path(target)}` verifies it and recomputes its figures, on any machine.")
    if figures is not None:
        out.print(f"{say_path(figures)}: {drawn:,} drawings as SVG and PNG.")
    _warn(done.document)


def _warn(document: dict[str, Any]) -> None:
    """What nobody should overlook."""
    out = console()
    if not document["flow"]["adds_up"]:
        out.print("THE FLOW DOES NOT ADD UP: the boxes concerned are red. Nothing of it should be published as it is.")
    for box in document["flow"]["boxes"]:
        for problem in box["problems"]:
            out.print(f"  {box['title']}: {problem}")
    if document["gold"] and document["gold"]["provisional"]:
        out.print("PROVISIONAL GOLD: no human has confirmed the labels; the page says so beside every figure.")


def _draw(document: dict[str, object], folder: Path) -> int:
    from ..core.errors import BadInput
    from ..reporting.pictures import write_pictures

    try:
        return len(write_pictures(document, folder)) // 2
    except OSError as error:
        raise BadInput(f"--figures: {folder} cannot be written: {error.strerror}") from None


def write_whole(path: Path, text: str) -> None:
    """Write a file whole or not at all; `BadInput` where that cannot be."""
    from ..core.errors import BadInput

    partial = path.with_name(path.name + ".partial")
    try:
        partial.write_text(text, encoding="utf-8")
        partial.replace(path)
    except OSError as error:
        raise BadInput(f"{path}: cannot be written: {error.strerror}") from None
