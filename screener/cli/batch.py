"""`screener batch`: the same requests as files in the OpenAI Batch format."""

from pathlib import Path
from typing import Annotated

import typer

from .common import JsonOption, ReviewOption, StageOption, emit, open_ledger, open_review, stage_named

app = typer.Typer(help="Requests and answers as files.", no_args_is_help=True, rich_markup_mode=None)


@app.command("export")
def export(
    stage: StageOption,
    reviewer: Annotated[str, typer.Option(help="A chat reviewer of the protocol.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The file to write.")],
    repeats: Annotated[int, typer.Option(min=1, max=20, help="Ask so many times.")] = 1,
    retry_errors: Annotated[bool, typer.Option("--retry-errors", help="Include what stayed unusable.")] = False,
    review: ReviewOption = None,
    json: JsonOption = False,
) -> None:
    """Write every request that has no answer yet; after an import, what is still open (repairs)."""
    from ..batches import export_batch
    from ..tasks import Options

    here = open_review(review)
    options = Options(repeats=repeats, retry_errors=retry_errors)
    count, summary = export_batch(open_ledger(here), here, stage_named(stage), reviewer, output, options)
    if json:
        emit({"path": str(output), "requests": count, "run": summary.as_json()})
        return
    print(f"{count:,} requests in {output}; {summary.decided:,} of {summary.records:,} records are judged already.")
    if count:
        print("Have them answered (Batch API, vLLM run-batch, …), then `screener batch import ANSWERS`.")


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Lines with custom_id and response.body.")],
    review: ReviewOption = None,
    json: JsonOption = False,
) -> None:
    """Store answers and judge by them; unknown, repeated, missing and failed ids are reported."""
    from ..batches import import_batch

    here = open_review(review)
    found = import_batch(open_ledger(here), here, file)
    if json:
        emit(found.as_json())
    else:
        models = f" by {', '.join(found.models)}" if found.models else ""
        print(f"{found.stored:,} answers stored{models}; {found.present:,} were there already.")
        for name, ids in (
            ("failed", found.failed),
            ("missing", found.missing),
            ("repeated", found.repeated),
            ("unknown", found.unknown),
        ):
            if ids:
                print(f"{len(ids):,} {name}: {', '.join(list(ids)[:5])}{' …' if len(ids) > 5 else ''}")
        for line, why in found.unreadable.items():
            print(f"line {line} not read: {why}")
        for one in found.runs:
            print(
                f"{one.reviewer}, stage {one.stage}: {one.decided:,} of {one.records:,} judged, {one.errors:,} errors, {len(one.unanswered):,} requests open."
            )
        if any(one.unanswered for one in found.runs):
            print("Next: `screener batch export` again writes what is open.")
    if any(one.errors for one in found.runs):
        raise typer.Exit(3)
