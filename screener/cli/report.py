"""`screener report`: one HTML page with every figure of the review, or the ZIP that recomputes it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .common import JsonOption, ReviewOption, console, emit, review_at, say_path

if TYPE_CHECKING:
    from ..reporting.audit import WrittenAudit


def report(
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="The page (default: report.html); with --audit the ZIP (audit.zip)."),
    ] = None,
    figures: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Also write every figure here, as SVG and PNG.")
    ] = None,
    audit: Annotated[
        bool,
        typer.Option(
            "--audit", help="Write a ZIP with the report and everything it was made from, for `check --audit`."
        ),
    ] = False,
    without_texts: Annotated[
        bool, typer.Option("--without-texts", help="With --audit: leave out abstracts, documents and models' answers.")
    ] = False,
    short: Annotated[
        bool, typer.Option("--short", help="Only summary, flow, accuracy and agreement, without lists.")
    ] = False,
    with_synthetic: Annotated[
        bool, typer.Option("--with-synthetic", help="Also of what came from test servers, and say so on every page.")
    ] = False,
    review: ReviewOption = None,
    json: JsonOption = False,
) -> None:
    """Flow diagram, reasons, accuracy, agreement, extracted data, searches, methods text and checklist on one page.

    The page needs no network. With --json all its figures are printed instead; a page is then written only with --output.
    With --audit the one output is a ZIP, the page in it; --json then tells what was written. A review with rows of test
    servers has no report unless --with-synthetic makes one for trial.
    """
    from ..core.errors import BadInput

    if without_texts and not audit:
        raise BadInput("--without-texts: goes with --audit; the page itself holds no abstracts and documents")
    if short and audit:
        raise BadInput("--short: goes with the page; the audit ZIP holds the whole report")
    default = "audit.zip" if audit else None if json else "report.html"
    result = review_at(review).report(
        output or default,
        drawings=figures,
        audit=audit,
        texts=not without_texts,
        short=short,
        with_synthetic=with_synthetic,
    )
    if json:
        emit(result.as_json())
        return
    assert result.path is not None
    out = console()
    if result.audit is not None:
        _show_audit(result.audit)
    else:
        size = result.path.stat().st_size
        out.print(f"{say_path(result.path)}: {size / 1e6:.2f} MB, opens in any browser without a network.")
    if figures is not None:
        out.print(f"{say_path(figures)}: {result.drawings:,} figures as SVG and PNG.")
    _warn(result.figures)


def _show_audit(written: "WrittenAudit") -> None:
    """Print how large the ZIP is, what it lacks, and how it is verified."""
    out, path = console(), say_path(written.path)
    out.print(
        f"{path}: {written.size / 1e6:.2f} MB, {written.members:,} files with {written.rows:,} rows of the ledger."
    )
    for what in written.left_out:
        out.print(f"  left out: {what}")
    if written.missing:
        out.print(
            f"  {len(written.missing):,} files of documents are not in the review's folder any more; their texts are there"
        )
    out.print(f"SHA-256 of its manifest: {written.manifest}")
    out.print(f"`screener check --audit {path}` verifies it and recomputes its figures, on any machine.")


def _warn(document: dict[str, Any]) -> None:
    """Print what nobody should overlook."""
    out = console()
    if rows := sum(document.get("synthetic", {}).get("rows", {}).values()):
        out.print(
            f"SYNTHETIC: {rows:,} rows came from test servers. The report says so on every page; do not publish it."
        )
    if not document["flow"]["adds_up"]:
        out.print("THE FLOW DOES NOT ADD UP: the boxes concerned are red. Do not publish it as it is.")
    for box in document["flow"]["boxes"]:
        for problem in box["problems"]:
            out.print(f"  {box['title']}: {problem}")
    if document["gold"] and document["gold"]["provisional"]:
        out.print("PROVISIONAL GOLD: no human has confirmed the labels; the report marks every figure.")
