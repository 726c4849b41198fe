"""`screener import`: read exports into the ledger."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .common import JsonOption, ReviewOption, console, emit, first_records, open_ledger, open_review, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..protocol.searches import Source


def import_(
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="FILE…", help="Exports of databases or reference managers.")
    ] = None,
    pdfs: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Full texts: match every PDF of a folder to its record.")
    ] = None,
    source: Annotated[str | None, typer.Option(help="The database's name, where the file does not say it.")] = None,
    review: ReviewOption = None,
    json: JsonOption = False,
) -> None:
    """Read exports, or with --pdfs full texts; say for each file what came of it, and why.

    A file that cannot be used stops nothing: the others are imported. The exit code is 2, for a PDF 3.
    """
    from ..core.errors import BadInput

    if bool(files) == (pdfs is not None):
        raise BadInput("import: give the files of exports, or --pdfs FOLDER")
    if pdfs is not None:
        _import_pdfs(review, pdfs, json)
    else:
        _import_exports(review, files or [], source, json)


def _import_exports(review: Path | None, files: list[Path], source: str | None, json: bool) -> None:
    from ..core.errors import BadInput
    from ..ledger import reads
    from ..ledger.intake import add_files
    from ..records import FileRead, read_file

    here = open_review(review)
    good: list[FileRead] = []
    bad: list[tuple[Path, str]] = []
    for path in files:
        try:
            good.append(read_file(path, source=source))
        except BadInput as error:
            bad.append((path, str(error)))
    if bad and not good and not json:
        raise BadInput("; ".join(message for _, message in bad))
    ledger = open_ledger(here)
    done = add_files(ledger, good)
    with ledger.read() as connection:
        total = reads.count_records(connection)
        received = reads.rows_received(connection)
    if json:
        failed = [
            {"path": str(path), "format": None, "read": 0, "new": 0, "duplicate": 0, "rejected": [{"row": 0, "reason": message}]}
            for path, message in bad
        ]  # fmt: skip
        emit({"files": [one.as_json() for one in done] + failed, "records": total})
    else:
        out = console()
        shown = table("", "file", "format", "source", "read", "new", "duplicate", "rejected", right=(3, 4, 5, 6))
        for one in done:
            counts = (one.read, one.new, one.duplicate, len(one.file.rejected))
            shown.add_row(Path(one.file.path).name, one.file.format, one.file.source, *(f"{n:,}" for n in counts))
        out.print(shown)
        for one in done:
            name = Path(one.file.path).name
            if one.repeated:
                out.print(f"{name}: {one.repeated:,} rows were imported before and add nothing")
            for note in one.file.notes:
                out.print(f"{name}: {note}")
            for row in one.file.rejected:
                out.print(f"{name}: row {row.row} rejected: {row.reason}")
            for conflict in one.conflicts:
                out.print(f"{name}: {conflict}")
        compared = compare_with_searches(here.sources, received)
        if compared is not None:
            out.print(compared)
        out.print(
            f"{total:,} records in the review. Look at merges with `screener dedup list`; next: `screener run --stage abstract`."
        )
    for _, message in bad:
        typer.echo(f"screener: {message}", err=True)
    if bad:
        raise typer.Exit(2)


def _import_pdfs(review: Path | None, folder: Path, json: bool) -> None:
    from ..exchange.attach_full_texts import counted, files_in, import_folder, without_pdfium

    here = open_review(review)
    total, say = len(files_in(folder)), console(stderr=True)
    ledger = open_ledger(here)
    first_records(ledger, here, say)
    seen = 0

    def tell(_: object) -> None:
        nonlocal seen
        seen += 1
        if say.is_terminal:
            say.print(f"read {seen:,} of {total:,} files", end="\r")

    done = import_folder(ledger, here, folder, tell)
    counts = counted(done)
    if said := without_pdfium(done):
        typer.echo(f"screener: {said}", err=True)
    if json:
        emit({"pdfs": [one.as_json() for one in done]})
    else:
        out = console()
        shown = table("", "file", "status", "record", "pages", "why", right=(3,))
        for one in done:
            name = f"{one.record} ({one.document})" if one.document and one.document != "main" else one.record or ""
            shown.add_row(str(one.path.relative_to(folder)), one.status, name, str(one.pages or ""), one.reason)
        out.print(shown)
        out.print(
            ", ".join(f"{count:,} {status}" for status, count in counts.items() if count) + f" of {total:,} files."
        )
        if counts["ambiguous"] or counts["unmatched"]:
            out.print("Attach what was not matched by hand: `screener attach RECORD FILE`.")
        if counts["unreadable"]:
            out.print("`screener attach RECORD FILE --password …` opens an encrypted file.")
        out.print("Next: `screener run --stage fulltext`.")
    if counts["unreadable"]:
        raise typer.Exit(3)


def compare_with_searches(sources: "Sequence[Source]", received: dict[tuple[str, str], int]) -> Any:
    """A table of what each search reported against the rows that came, or None where nothing of it was imported."""
    shown = table("Searches: reported and received", "source", "search", "reported", "received", right=(2, 3))
    known = {source for source, _ in received}
    for source in sources:
        if source.name not in known:
            continue
        by_query = {query.name: query for query in source.queries}
        for name, query in by_query.items():
            count = received.get((source.name, name))
            if count is None and query.reported == 0:
                count = 0
            if count is not None or query.reported is not None:
                shown.add_row(
                    source.name, name, _number(query.reported), _number(count, missing="no file of this name")
                )
        total = sum(count for (name, _), count in received.items() if name == source.name)
        shown.add_row(source.name, "all", _number(source.total_reported), f"{total:,}")
    return shown if shown.row_count else None


def _number(count: int | None, missing: str = "not stated") -> str:
    return missing if count is None else f"{count:,}"
