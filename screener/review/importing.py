"""Exports and full texts into the ledger, and the records that come with a gold set."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ..core.errors import BadInput
from ..documents.spread_parsing import check_readers, readers
from ..exchange import FullText, LeftOut, count_by_status, files_in, import_folder, left_out
from ..exchange.pdf_records import PdfRecords, add_pdf_records
from ..ledger import (
    Imported,
    Ledger,
    add_files,
    gone_ids,
    judgements_under,
    marked_records,
    notices_set_aside,
    reads,
    rows_received,
)
from ..protocol import Review, gold_spec, records_file
from ..records import FileRead, read_file
from ..running.executors import workers_at
from .changes import after_change
from .own_ledger import ledger_to_read


@dataclass(frozen=True)
class FailedFile:
    """A file that could not be used at all, and why."""

    path: Path
    reason: str

    def as_json(self) -> dict[str, Any]:
        """Return what `import --json` lists."""
        rejected = [{"row": 0, "reason": self.reason}]
        return {"path": str(self.path), "format": None, "read": 0, "new": 0, "duplicate": 0, "rejected": rejected}


@dataclass(frozen=True)
class ImportResult:
    """What an import brought: the files that were read, those that failed, and how many records there are now."""

    files: tuple[Imported, ...]
    failed: tuple[FailedFile, ...]
    records: int
    received: Mapping[tuple[str, str], int]
    """All rows received so far, by source and the name of the search."""
    notices: int = 0
    """Records of the review that are notices of others, and are not screened alone."""
    marked: Mapping[str, int] = field(default_factory=dict)
    """How many records of the review are marked as retracted, withdrawn, …"""
    judgements_back: int = 0
    """Judgements that count again, since an import that was taken back has brought their records back."""

    @property
    def new(self) -> int:
        """Return how many records are new."""
        return sum(file.new for file in self.files)

    def as_json(self) -> dict[str, Any]:
        """Return what `import --json` prints."""
        files = [file.as_json() for file in self.files] + [file.as_json() for file in self.failed]
        return {
            "files": files,
            "records": self.records,
            "notices": self.notices,
            "marked": dict(self.marked),
            "judgements_back": self.judgements_back,
        }


@dataclass(frozen=True)
class FirstRecords:
    """The records that came with the gold set and were imported into an empty ledger."""

    new: int
    path: Path
    note: str
    """What gold.yaml says of their abstracts."""


@dataclass(frozen=True)
class PdfImportResult:
    """What became of each file of a folder of full texts."""

    files: tuple[FullText, ...]
    first_records: FirstRecords | None = None
    """The records that were imported first, where the ledger was empty."""
    made: PdfRecords | None = None
    """The records that were made from the files, where these were asked for."""
    left_out: tuple[LeftOut, ...] = ()
    """The files that are no documents."""

    @property
    def counts(self) -> dict[str, int]:
        """Return the number of files by status: matched, ambiguous, unmatched, unreadable."""
        return count_by_status(self.files)

    def as_json(self) -> dict[str, Any]:
        """Return what `import --pdfs --json` prints."""
        table = str(self.made.table) if self.made and self.made.table else None
        made = {"records_made": self.made.new, "table": table} if self.made else {}
        others = [{"path": str(file.path), "reason": file.reason} for file in self.left_out]
        return {"pdfs": [file.as_json() for file in self.files], "left_out": others, **made}


class NothingImported(BadInput):
    """None of the files could be read; `result` lists them."""

    def __init__(self, result: ImportResult) -> None:
        """Say why of every file in one line."""
        super().__init__("; ".join(file.reason for file in result.failed))
        self.result = result


@dataclass(frozen=True)
class ImportOptions:
    """How exports are read and entered."""

    source: str | None = None
    """The database's name, whatever the files say."""
    again: bool = False
    """Whether a file that was imported under another source is counted a second time."""
    encoding: str = ""
    """Names that of the texts, where their bytes do not tell."""
    names: Mapping[Path, str] = field(default_factory=dict)
    """What a file is called that lies elsewhere than its user has it."""
    executor: str | None = None
    """Where new rows are prepared for the comparison: see `running.executors`."""


def import_exports(
    review: Review, open_ledger: Callable[[], Ledger], files: Sequence[Path], options: ImportOptions
) -> ImportResult:
    """Read exports into the ledger, all that can be read or none.

    A file that cannot be used is listed in `failed` and stops no other one; so is one that was imported before under
    another source, unless `again`. `NothingImported`, a `BadInput`, is raised where none can be used; where none can be
    read, no ledger is made.
    """
    source, again = options.source, options.again
    read: list[FileRead] = []
    failed: list[FailedFile] = []
    for path in files:
        name = options.names.get(path, str(path))
        try:
            read.append(replace(read_file(path, source=source, encoding=options.encoding), path=name))
        except BadInput as error:
            failed.append(FailedFile(Path(name), str(error).replace(str(path), name)))
    if failed and not read:
        raise NothingImported(ImportResult((), tuple(failed), _records_so_far(review), {}))
    ledger = open_ledger()
    with ledger.read() as connection:
        gone = gone_ids(connection)
    with workers_at(options.executor) as workforce:
        computing = None if workforce is None else workforce.computing
        taken = add_files(ledger, read, again=again, source_given=source is not None, executor=computing)
    imported = tuple(file for file in taken if not file.refused)
    failed += [FailedFile(Path(file.file.path), file.refused) for file in taken if file.refused]
    if not imported:
        raise NothingImported(ImportResult((), tuple(failed), _records_so_far(review), {}))
    after_change(ledger, review)
    with ledger.read() as connection:
        received = rows_received(connection)
    state = records_after(ledger, gone)
    return ImportResult(imported, tuple(failed), state.records, received, state.notices, state.marked, state.back)


@dataclass(frozen=True)
class RecordsAfter:
    """The records of the review after rows came: how many, how many of them notices, their marks, and judgements that count again."""

    records: int
    notices: int
    marked: Mapping[str, int]
    back: int


def records_after(ledger: Ledger, gone: Collection[str]) -> RecordsAfter:
    """Return what the review's records are now; `gone` are the ids of which no row counted before."""
    with ledger.read() as connection:
        marks = Counter(mark.integrity.value for mark in marked_records(connection).values())
        back = judgements_under(connection, set(gone) - gone_ids(connection)) if gone else []
        return RecordsAfter(reads.count_records(connection), len(notices_set_aside(connection)), marks, len(back))


def _records_so_far(review: Review) -> int:
    if not Ledger.exists(review.hidden):
        return 0
    with ledger_to_read(review).read() as connection:
        return reads.count_records(connection)


def import_full_texts(
    ledger: Ledger,
    review: Review,
    folder: Path,
    progress: Callable[[FullText], None] = lambda _: None,
    *,
    as_records: bool = False,
    name_of: Callable[[Path], str] = str,
    executor: str | None = None,
) -> PdfImportResult:
    """Match every document of a folder to its record and attach it; `progress` is called after each file.

    With `as_records` a document that belongs to none becomes a record, with what its first page says. `name_of` gives the
    name under which a file is entered, `executor` says where files are parsed.

    An empty ledger is first filled with the records of the gold set. No file stops the others. Raises `BadInput` where
    there is no such folder, no document in it, or no record.
    """
    files_in(folder)
    imported, made = None if as_records else first_records(ledger, review), None
    with workers_at(executor) as workforce:
        computing = None if workforce is None else workforce.computing
        if workforce is not None:
            workforce.want(check_readers, readers())
        if as_records:
            with ledger.read() as connection:
                begun = reads.count_records(connection) > 0
            # What belongs to a record is no new one.
            belonging = import_folder(ledger, review, folder, executor=computing) if begun else []
            matched = {file.path: file for file in belonging}
            made = add_pdf_records(ledger, review, folder, executor=computing)
        files = import_folder(ledger, review, folder, progress, name_of=name_of, executor=computing)
    if made is not None:
        files = [_of_this_call(file, matched.get(file.path), made) for file in files]
    after_change(ledger, review)
    return PdfImportResult(tuple(files), imported, made, tuple(left_out(folder)))


def _of_this_call(file: FullText, before: FullText | None, made: PdfRecords) -> FullText:
    """Return what became of a file in a call that went through the folder twice: not that its first pass was before."""
    if before is not None and before.status == "matched":
        return before
    if file.path in made.attached:
        reason = "; ".join(["its record was made from it", *file.remarks])
        return replace(file, reason=reason, attached_before=False)
    return file


def first_records(ledger: Ledger, review: Review) -> FirstRecords | None:
    """Fill an empty ledger with the records that come with the gold set; None where there are records already.

    Raises `BadInput` where there are neither.
    """
    with ledger.read() as connection:
        if reads.count_records(connection):
            return None
    path, spec = records_file(review), gold_spec(review)
    if path is None or spec is None:
        raise BadInput(f"{review.root}: there are no records yet; read some with `screener import FILE…`")
    imported = add_files(ledger, [read_file(path, source=f"gold {spec.name}")])[0]
    return FirstRecords(imported.new, path, spec.abstracts)
