"""Records made from PDFs alone: what page one says of title, authors and DOI, marked by their source, for people to correct."""

import csv
import hashlib
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

from ..core.files import whole_file
from ..documents import Document, Failure, Role, Workers, front_matter
from ..ledger import Ledger, Lookup, add_files
from ..ledger import documents as attachments
from ..protocol import Review
from ..records import Entry, FileRead, RowCollector, family_first, plain_entry
from .attach_full_texts import MACHINE, FullText, attach_document, hash_of, role_of
from .document_folders import files_in

SOURCE = "PDFs (read from page one)"
"""The source of such records: it says what their titles and authors stand on."""
_COLUMNS = ("id", "title", "authors", "year", "doi", "arxiv", "file")


@dataclass(frozen=True)
class PdfRecords:
    """Records that were made from PDFs: how many are new, how many files there were, and the table for corrections."""

    new: int
    files: int
    table: Path | None
    attached: frozenset[Path] = frozenset()
    """The files that are the main document of a record made from them."""


def add_pdf_records(
    ledger: Ledger,
    review: Review,
    folder: Path,
    progress: Callable[[Path], None] = lambda _: None,
    *,
    executor: Executor | None = None,
) -> PdfRecords:
    """Make a record of each document of a folder that is attached to none, and attach it there.

    Supplements and files that cannot be read make none; `import_folder` tells of them. Files of one work, by DOI or title,
    make one record. `executor` parses the files, where it is given. Raises `BadInput` where there is no such folder or no document in it.
    """
    with ledger.read() as connection:
        known = {one.sha256 for documents in attachments.attached(connection).values() for one in documents}
    fresh = {path: digest for path in files_in(folder) if (digest := hash_of(path)) and digest not in known}
    rows, made = RowCollector(SOURCE, given=True), dict[Path, Entry]()
    with Workers(executor=executor) as workers:
        for path, parsed in workers.parse_all(fresh):
            progress(path)
            if isinstance(parsed, Document) and role_of(path, parsed, "") is Role.MAIN:
                made[path] = _entry(fresh[path], parsed)
        titled = {entry.doi for entry in made.values() if entry.title}
        for number, (path, entry) in enumerate(made.items(), start=1):
            if not entry.title and (entry.doi is None or entry.doi not in titled):
                made[path] = entry.model_copy(update={"title": path.stem.replace("_", " ")})
            rows.add(number, made[path])
        if not rows.hits:
            return PdfRecords(0, len(fresh), None)
        digest = hashlib.sha256("".join(sorted(fresh.values())).encode()).hexdigest()
        read = FileRead(f"{folder.name}.csv", "pdf", SOURCE, digest, tuple(rows.hits), tuple(rows.rejected))
        (imported,) = add_files(ledger, [read], again=True)
        lookup = Lookup(ledger)
        attached = set[Path]()
        for path, entry in made.items():
            record = lookup.find(plain_entry({"given_id": entry.given_id}))
            if record is not None and _attach(ledger, review, record, path, workers.parse(path)):
                attached.add(path)
    return PdfRecords(imported.new, len(fresh), _write(review, made), frozenset(attached))


def _entry(digest: str, parsed: Document) -> Entry:
    front = front_matter(parsed)
    return Entry(
        given_id=f"pdf-{digest[:12]}", title=front.title, authors=tuple(map(family_first, front.authors)), year=front.year, doi=front.doi or None,
        arxiv=front.arxiv or None,
    )  # fmt: skip


def _attach(ledger: Ledger, review: Review, record: str, path: Path, parsed: Document | Failure) -> FullText | None:
    with ledger.read() as connection:
        present = attachments.attached(connection, [record])[record]
    if isinstance(parsed, Failure) or any(document.role is Role.MAIN for document in present):
        return None
    file = attachments.AttachedFile(str(path), hash_of(path), Role.MAIN, "the record was made from it", MACHINE)
    return attach_document(ledger, review, record, path, parsed, file)


def _write(review: Review, made: dict[Path, Entry]) -> Path:
    """Write what was read as a table that people correct; one that is there is left as it is."""
    number, table = 1, review.root / "records-from-pdfs.csv"
    while table.exists():
        number += 1
        table = review.root / f"records-from-pdfs-{number}.csv"
    with whole_file(table) as partial, partial.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(_COLUMNS)
        for path, entry in made.items():
            authors = "; ".join(entry.authors)
            writer.writerow(
                [entry.given_id, entry.title, authors, entry.year or "", entry.doi or "", entry.arxiv or "", path.name]
            )
    return table
