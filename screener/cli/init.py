"""`screener init`: a new review folder."""

from pathlib import Path
from typing import Annotated

import typer

from .common import JsonOption, emit, say_path


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder to make.")],
    example: Annotated[
        str | None,
        typer.Option(
            help="Start from a packaged review: ecg, reminders, nagtegaal-2019, kitchenham-2010, invented-trials or documents."
        ),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Make a review folder: a commented protocol to fill in, or a packaged example."""
    from ..core.errors import BadInput
    from ..examples import copy_example, new_review, packaged_reviews

    if (folder / "prompts").exists():
        raise BadInput(f"{folder}: contains a review already; choose another folder")
    if folder.exists() and not folder.is_dir():
        raise BadInput(f"{folder}: is a file; choose a folder")
    created = new_review(folder) if example is None else copy_example(example, folder)
    if json:
        emit({"review": str(folder), "example": example, "files": [str(path) for path in created]})
        return
    print(f"Made {say_path(folder)} with {len(created)} files.")
    if example is None:
        print(f"Next: write your question and criteria in {say_path(folder / 'prompts' / 'review.yaml')},")
        print(
            f"      then `cd {say_path(folder)}`, `screener check`, `screener retrieve` (the searches of prompts/sources.yaml)"
        )
        print("      or `screener import FILE…`, and `screener run --stage abstract`.")
    else:
        first = "screener import exports/*" if (folder / "exports").is_dir() else "screener run --stage abstract"
        print(f"Next: `cd {say_path(folder)}` and `{first}`.")
        papers = next(known.papers for known in packaged_reviews() if known.name == example)
        if papers:
            print(
                f"      Its papers: `screener import --pdfs {papers}`, `screener run --stage fulltext`, `--stage extraction`."
            )
