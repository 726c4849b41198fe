"""Full texts: files matched to records and attached, and what became of the search for those that are missing."""

import hashlib
import re
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from .documents import Candidate, Document, Failure, Workers, match
from .errors import BadInput
from .ledger import documents as attachments
from .ledger import reads
from .ledger.store import Ledger
from .protocol import Review
from .records import Record
from .reports import Retrieval, Role

SUFFIXES = (".pdf", ".txt", ".md", ".html", ".htm")
MACHINE = "screener"
_SUPPLEMENT = re.compile(
    r"\b(?:supplement(?:ary|al)?|supporting information|appendix|additional file|online resource)\b|^mmc\d|[-_]esm\b|\bs\d+[-_ ]file",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class FullText:
    """What became of one file. `status` is as `import --pdfs` prints it; `scan` is a file without text."""

    path: Path
    status: Literal["matched", "ambiguous", "unmatched", "unreadable"]
    record: str | None
    pages: int
    reason: str
    document: str = ""
    scan: bool = False
    known: bool = False
    """Whether the same file was attached before, so that nothing was added."""

    def as_json(self) -> dict[str, Any]:
        """As `import --pdfs --json` lists it."""
        return {"path": str(self.path), "status": self.status, "record": self.record, "pages": self.pages,
                "reason": self.reason, "document": self.document or None, "scan": self.scan, "known": self.known}  # fmt: skip


def files_in(folder: Path) -> list[Path]:
    """The documents of a folder and of those in it, in order of their names. `BadInput` if there are none."""
    if not folder.is_dir():
        raise BadInput(f"--pdfs: {folder} is no folder; give the one that holds the PDFs")
    found = sorted(p for p in folder.rglob("*") if p.is_file() and p.suffix.lower() in SUFFIXES)
    if not found:
        raise BadInput(f"--pdfs: {folder} holds no {', '.join(SUFFIXES)}")
    return found


def import_folder(
    ledger: Ledger, review: Review, folder: Path, progress: Callable[[FullText], None] = lambda _: None
) -> list[FullText]:
    """Match every document of a folder to a record and attach it. No file stops the others; each has one entry.

    A file that could belong to several records, or that would be the second main document of one, is not attached.
    """
    paths = files_in(folder)
    with ledger.read() as connection:
        records = reads.records(connection)
    if not records:
        raise BadInput(f"{review.root}: there are no records to match; `screener import FILE…` comes first")
    candidates = [_candidate(record) for record in records]
    done: list[FullText] = []
    # Main documents first: what is left over for a record that has one is looked at as a supplement.
    with Workers() as workers:
        for path, parsed in workers.parse_all(paths):
            done.append(_place(ledger, review, path, parsed, candidates))
            progress(done[-1])
    return sorted(done, key=lambda one: str(one.path))


def _candidate(record: Record) -> Candidate:
    return Candidate(record.id, record.title, record.doi, record.arxiv, record.pmid, record.year)


def _place(
    ledger: Ledger, review: Review, path: Path, parsed: Document | Failure, candidates: Sequence[Candidate]
) -> FullText:
    if isinstance(parsed, Failure):
        return FullText(path, "unreadable", None, 0, parsed.reason)
    pages = len(parsed.pages)
    found = match(parsed, path.name, candidates)
    if found.status != "matched" or found.record_id is None:
        return FullText(path, found.status, None, pages, found.how, scan=parsed.scan)
    role = Role.SUPPLEMENT if _is_supplement(path, parsed) else Role.MAIN
    with ledger.read() as connection:
        there = attachments.attached(connection, [found.record_id])[found.record_id]
    digest = _sha256(path)
    main = next((one for one in there if one.role is Role.MAIN and one.sha256 != digest), None)
    if role is Role.MAIN and main is not None:
        why = f"{found.record_id} has a main document already ({Path(main.file).name}); use `screener attach --role`"
        return FullText(path, "ambiguous", None, pages, why, scan=parsed.scan)
    name, known = _attach(ledger, review, found.record_id, path, digest, parsed, role, found.how, MACHINE)
    reason = f"{found.how}; no text on its pages: a scan, run OCR first" if parsed.scan else found.how
    return FullText(path, "matched", found.record_id, pages, reason, name, parsed.scan, known)


def _is_supplement(path: Path, document: Document) -> bool:
    head = document.page_text(1)[:300] if document.pages else ""
    return bool(_SUPPLEMENT.search(path.stem) or _SUPPLEMENT.search(head))


def attach_file(
    ledger: Ledger, review: Review, name: str, path: Path, role: Role, who: str, passwords: Sequence[str] = ()
) -> FullText:
    """Attach a file to a record by a person's decision. `BadInput` for an unknown record or a file without text."""
    record = _record(ledger, name)
    with Workers(1) as workers:
        [(_, parsed)] = list(workers.parse_all([path], passwords))
    if isinstance(parsed, Failure):
        raise BadInput(parsed.reason)
    given, known = _attach(ledger, review, record.id, path, _sha256(path), parsed, role, "by hand", who)
    reason = "no text on its pages: a scan, run OCR first" if parsed.scan else "by hand"
    return FullText(path, "matched", record.id, len(parsed.pages), reason, given, parsed.scan, known)


def _attach(
    ledger: Ledger, review: Review, record_id: str, path: Path, digest: str, document: Document, role: Role, how: str,
    who: str,
) -> tuple[str, bool]:  # fmt: skip
    """Keep a copy of the file, then enter it: the name it has in the report, and whether it was there before."""
    folder = review.hidden / "documents"
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / f"{digest}{path.suffix.lower()}"
    if not kept.exists():
        partial = kept.with_suffix(".partial")
        shutil.copyfile(path, partial)
        partial.replace(kept)
    with ledger.write() as connection:
        made = attachments.attach(
            connection, record_id, document, file=str(path), sha256=digest, role=role, how=how, who=who
        )
        if made is not None:
            return made.name, False
        there = attachments.attached(connection, [record_id])[record_id]
    return next(one.name for one in there if one.sha256 == digest), True


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def note(ledger: Ledger, name: str, status: Retrieval, reason: str, who: str) -> str:
    """Enter what a person found of a record's full text; the record's id. `BadInput` for an unknown record."""
    record = _record(ledger, name)
    if not reason.strip():
        raise BadInput("say why: the reason goes into the report's flow diagram")
    with ledger.write() as connection:
        attachments.note_retrieval(connection, record.id, status, reason.strip(), who)
    return record.id


def detach(ledger: Ledger, name: str, document: str, who: str) -> str:
    """Take a document off a record; the record's id. `BadInput` if it has none of that name."""
    record = _record(ledger, name)
    with ledger.write() as connection:
        if not attachments.detach(connection, record.id, document, who):
            raise BadInput(f"{record.id} has no document `{document}`")
    return record.id


def _record(ledger: Ledger, name: str) -> Record:
    with ledger.read() as connection:
        record = reads.find_record(connection, name)
    if record is None:
        raise BadInput(f"{name}: no record has this id; `screener export` lists them")
    return record


def counted(results: Iterable[FullText]) -> dict[str, int]:
    """How many files came to each status."""
    found = dict.fromkeys(("matched", "ambiguous", "unmatched", "unreadable"), 0)
    for one in results:
        found[one.status] += 1
    return found
