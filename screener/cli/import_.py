"""`screener import`: read exports into the ledger."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .common import (
    ExecutorOption,
    JoinOption,
    JsonOption,
    ReviewOption,
    console,
    counted,
    emit,
    review_at,
    say_first_records,
    table,
    warn,
)
from .showing import compare_with_searches, show_state

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..ledger import SourceUpdate
    from ..protocol import Review
    from ..review import OpenReview
    from ..review.importing import ImportResult, PdfImportResult
    from ..review.undoing import UndoneImport
    from ..review.updating import UpdateResult


UpdateOption = Annotated[
    str | None,
    typer.Option(
        metavar="SOURCE",
        help="All files of this call are the new export of the source's search, in the place of the earlier one.",
    ),
]
UndoOption = Annotated[
    str | None,
    typer.Option(
        metavar="FILE|ID",
        help="Take an import back: by its file, or its number in `screener sources`; test-servers for all that these sent.",
    ),
]
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="With --update: print what would change, and write nothing.")
]
YesOption = Annotated[
    bool, typer.Option("--yes", help="With --update: also where more than half of the earlier rows are gone.")
]


PdfsOption = Annotated[
    Path | None, typer.Option(metavar="FOLDER", help="Full texts: match every PDF of a folder to its record.")
]
AgainOption = Annotated[
    bool, typer.Option("--again", help="Count the rows of a file a second time, under another source.")
]
AsRecordsOption = Annotated[
    bool, typer.Option("--as-records", help="With --pdfs: make a record of each file that belongs to none.")
]


def import_(
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="FILE…", help="Exports of databases or reference managers.")
    ] = None,
    pdfs: PdfsOption = None,
    as_records: AsRecordsOption = False,
    source: Annotated[str | None, typer.Option(help="The database's name, whatever the file says.")] = None,
    encoding: Annotated[
        str, typer.Option(metavar="NAME", help="The encoding of the texts, such as gb18030, where it cannot be told.")
    ] = "",
    again: AgainOption = False,
    update: UpdateOption = None,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    undo: UndoOption = None,
    with_judgements: Annotated[
        bool, typer.Option("--with-judgements", help="With --undo: also where people have judged its records.")
    ] = False,
    who: Annotated[str, typer.Option("--who", help="Your name, kept with an undo or update.")] = "reviewer",
    executor: ExecutorOption = None,
    join: JoinOption = False,
    review: ReviewOption = None,
    json: JsonOption = False,
) -> None:
    """Import database exports, or with --pdfs full texts, and report the outcome of each file.

    A file that cannot be used does not stop the others. The exit code is then 2, for a PDF 3; it is 3 also where rows were
    rejected, which are listed with the reason. With --undo an import is taken back: its rows count no more. Nothing is
    deleted, and an import of the same file brings all of it back.

    With --update SOURCE the files replace an earlier export of the same search. New rows are added. Rows that changed get
    a newer version: the record keeps its id and its judgements, and a changed title or abstract makes those of machines
    stale and lists those of people. Rows that are in none of the files are marked ("no longer in SOURCE as of DATE") and
    stay counted. An export in several files is given in one call.
    """
    from ..core.errors import BadInput

    if bool(files) + (pdfs is not None) + (undo is not None) != 1:
        raise BadInput("import: give the files of exports, or --pdfs FOLDER, or --undo FILE")
    if as_records and pdfs is None:
        raise BadInput("--as-records goes with --pdfs FOLDER")
    if with_judgements and undo is None:
        raise BadInput("--with-judgements goes with --undo")
    if encoding and not files:
        raise BadInput("--encoding goes with the files of exports")
    _refuse_beside_update(update, dry_run or yes, source is not None or again or not files)
    current = review_at(review, join=join)
    if update is not None:
        options = {"who": who, "dry_run": dry_run, "many_missing": yes, "encoding": encoding}
        _update(current, update, files or [], json, options)
    elif undo is not None:
        undone = current.undo_import(undo, with_judgements=with_judgements, who=who)
        emit(undone.as_json()) if json else _show_undone(undone)
    elif pdfs is not None:
        _import_pdfs(current, pdfs, json, as_records=as_records, executor=executor)
    else:
        _import_exports(current, files or [], source, json, again=again, encoding=encoding, executor=executor)


def _refuse_beside_update(update: str | None, own: bool, other: bool) -> None:
    """Refuse options of an update without one, and those that an update has no use for."""
    from ..core.errors import BadInput

    if update is None and own:
        raise BadInput("--dry-run and --yes go with --update")
    if update is not None and other:
        raise BadInput("import --update: give the source's name once and the files of its new export, nothing else")


_LINES = 200
"""Lines printed a file and kind of remark: more are a mistake in the file."""
_NAMED = 5
"""Files that are named before a remark on several."""


def _show_undone(result: "UndoneImport") -> None:
    """Print what was taken back, every judgement of a person that counts no more, and the way back."""
    out, undone = console(), result.undone
    for file in undone.imports:
        out.print(f"Taken back: {file.file} (import {file.id}, {file.source}).")
    if undone.updates:
        out.print(
            f"The whole update is taken back: {undone.earlier:,} rows stand as they did before, and its marks are gone."
        )
    stay = f"; {undone.kept:,} stay, from other imports" if undone.kept else ""
    rows, gone = (
        counted(undone.rows, "row counts", "rows count"),
        counted(len(undone.records), "record is", "records are"),
    )
    out.print(f"{rows} no more. {gone} gone{stay}.")
    if result.by_people:
        judgement_table = table("Judgements that count no more", "record", "stage", "by", "decision")
        for judgement in result.by_people:
            role = "" if judgement.role == "human" else f" ({judgement.role})"
            judgement_table.add_row(
                judgement.record, judgement.stage, f"{judgement.reviewer}{role}", judgement.decision
            )
        out.print(judgement_table)
    if result.by_machines:
        out.print(
            f"{counted(result.by_machines, 'judgement of machines counts', 'judgements of machines count')} no more."
        )
    again = "The same update" if undone.updates else "An import of the same file"
    out.print(f"{counted(result.records, 'record')} in the review. {again} brings all of it back.")


def _update(current: "OpenReview", source: str, files: list[Path], json: bool, options: "dict[str, Any]") -> None:
    result = current.update_source(source, files, **options)
    if json:
        emit(result.as_json())
    else:
        _show_update(result)
    if result.rejected:
        raise typer.Exit(3)


def _show_update(result: "UpdateResult") -> None:
    """Print the counts of an update, its changed and its missing rows, and what to do next."""
    from ..review.import_remarks import rejected_rows

    out, update = console(), result.update
    would = "would be " if result.dry_run else ""
    for file in result.files:
        out.print(f"{Path(file.path).name}: {len(file.hits):,} rows read, {file.format}")
    for line in by_file([(Path(file.path).name, [*file.notes, *rejected_rows(file)]) for file in result.files]):
        out.print(line, markup=False, highlight=False)
    out.print(
        f"{update.source}: {update.new:,} new{_of_others(update)}, {len(update.changed):,} changed ({update.text_changed:,} in title or abstract), "
        f"{update.same:,} the same, {update.newly_missing:,} gone, {update.back:,} back."
    )
    for changed in update.changed[:_LINES]:
        out.print(f"  {changed.record}: {would}changed in {', '.join(changed.fields)}: {changed.title}")
    for missing in update.missing[:_LINES]:
        out.print(f"  {missing.record}: {would}marked as no longer in {update.source}: {missing.title}")
    if result.rejected and update.missing:
        out.print(
            f"{counted(result.rejected, 'row')} of the new export could not be read: rows marked as gone may be among them. "
            "Mend the file and repeat the update; they are back then."
        )
    if max(len(update.changed), len(update.missing)) > _LINES:
        out.print(f"  … only {_LINES:,} of each are shown; `--json` lists all")
    if result.dry_run:
        out.print("Nothing was written. Without --dry-run the update is made.")
        return
    for line in result.conflicts[:_LINES]:
        out.print(f"  {line}", markup=False, highlight=False)
    number, after = update.files[0].id if update.files else 0, result.after
    show_state(after.marked, after.notices, after.back)
    out.print(
        f"{after.records:,} records in the review. Take the update back: `screener import --undo {number}`. Next: "
        "`screener status` names judgements on a text that has changed since; `screener run` judges it anew."
    )


def _of_others(update: "SourceUpdate") -> str:
    """Return how many of the new rows are of records that were there by other sources, where there are any."""
    known = update.new - update.new_records
    return f" ({known:,} of them there by other rows)" if update.files and known else ""


def _import_exports(
    current: "OpenReview",
    files: list[Path],
    source: str | None,
    json: bool,
    *,
    again: bool = False,
    encoding: str = "",
    executor: str | None = None,
) -> None:
    from ..review.importing import NothingImported

    try:
        result = current.import_files(files, source=source, again=again, encoding=encoding, executor=executor)
    except NothingImported as error:
        if not json:
            raise
        result = error.result
    if json:
        emit(result.as_json())
    else:
        _show_imports(current, result)
    warn(file.reason for file in result.failed)
    if result.failed:
        raise typer.Exit(2)
    if any(file.file.rejected for file in result.files):
        raise typer.Exit(3)


def _show_imports(current: "OpenReview", result: "ImportResult") -> None:
    """Print what came of each file, what is to be known of its rows, and how they compare with the searches."""
    from ..review.import_remarks import remarks_on
    from ..review.next_steps import judge_command
    from .sources import venue_lines

    out = console()
    file_table = table("", "file", "format", "source", "read", "new", "duplicate", "rejected", right=(3, 4, 5, 6))
    for file in result.files:
        counts = (file.read, file.new, file.duplicate, len(file.file.rejected))
        file_table.add_row(Path(file.file.path).name, file.file.format, file.file.source, *(f"{n:,}" for n in counts))
    out.print(file_table)
    for line in by_file([(Path(file.file.path).name, list(remarks_on(file))) for file in result.files]):
        out.print(line, markup=False, highlight=False)
    step = judge_command(current.review, next(iter(current.review.protocol.stages)))
    compared = compare_with_searches(current.review.sources, result.received)
    if compared is not None:
        out.print(compared)
    show_state(result.marked, result.notices, result.judgements_back)
    for venue_line in venue_lines(current.venue_standings()):
        out.print(venue_line)
    merged = " Merged duplicates: `screener dedup list`." if any(file.duplicate for file in result.files) else ""
    out.print(f"{counted(result.records, 'record')} in the review.{merged} Next: {step}.")


def by_file(remarks: "Sequence[tuple[str, Sequence[str]]]") -> "Iterator[str]":
    """Yield the remarks on files, each with its file; what is to be said of several files in one line with their names."""
    files: dict[str, list[str]] = {}
    for name, lines in remarks:
        for line in lines:
            files.setdefault(line, []).append(name)
    for line, names in files.items():
        more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
        yield f"{'; '.join(names[:_NAMED])}{more}: {line}"


def _import_pdfs(current: "OpenReview", folder: Path, json: bool, *, as_records: bool, executor: str | None) -> None:
    from ..exchange import files_in, without_pdfium
    from ..exchange.pdf_records import SOURCE

    total, progress, count = len(files_in(folder)), console(stderr=True), 0

    def show_progress(_: object) -> None:
        nonlocal count
        count += 1
        if progress.is_terminal:
            progress.print(f"read {count:,} of {total:,} files", end="\r")

    result = current.import_pdfs(folder, as_records=as_records, progress=show_progress, executor=executor)
    if result.first_records:
        say_first_records(progress, result.first_records)
    if remark := without_pdfium(result.files):
        warn([remark])
    if json:
        emit(result.as_json())
    else:
        _show_pdfs(current.review, result, folder)
        if result.made is not None and result.made.table is not None:
            print(
                f"{counted(result.made.new, 'new record')}: titles, authors and DOIs are read from page one. Look at them in "
                f'{result.made.table.name}; `screener import --update "{SOURCE}" {result.made.table.name}` takes corrections.'
            )
    if result.counts["unreadable"]:
        raise typer.Exit(3)


def _show_pdfs(review: "Review", result: "PdfImportResult", folder: Path) -> None:
    """Print what became of each file, the counts, and what to do with those that were not matched."""
    from ..core.judgement import Stage
    from ..exchange import left_out_lines
    from ..review.next_steps import judge_command

    out, counts = console(), result.counts
    pdf_table = table("", "file", "status", "record", "pages", "why", right=(3,))
    for file in result.files:
        name = f"{file.record} ({file.document})" if file.document and file.document != "main" else file.record or ""
        pdf_table.add_row(str(file.path.relative_to(folder)), file.status, name, str(file.pages or ""), file.reason)
    out.print(pdf_table)
    parts = (f"{count:,} {status}" for status, count in counts.items() if count)
    out.print(f"{', '.join(parts)} of {len(result.files):,} files.")
    for line in left_out_lines(result.left_out, folder):
        print(f"Not read: {line}")
    if counts["ambiguous"] or counts["unmatched"]:
        out.print("Attach the others by hand: `screener attach RECORD FILE`.")
    if any("encrypted" in file.reason for file in result.files if file.status == "unreadable"):
        out.print("`screener attach RECORD FILE --password …` opens an encrypted file.")
    made = result.made is not None and result.made.new > 0
    stages = (Stage.ABSTRACT, Stage.FULLTEXT) if made else (Stage.FULLTEXT,)
    for stage in [stage for stage in stages if stage in review.protocol.stages][:1]:
        out.print(f"Next: {judge_command(review, stage)}.")
