"""Full texts: files matched to records and attached, and what became of the search for those that are missing."""

import hashlib
import re
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from ..core.errors import BadInput
from ..core.files import whole_file
from ..documents import (
    BASELINE,
    UNLOADABLE,
    Attached,
    Candidate,
    Document,
    Failure,
    Retrieval,
    Role,
    Workers,
    can_recognise,
    match,
    remedy,
)
from ..ledger import Ledger, Lookup, reads
from ..ledger import documents as attachments
from ..protocol import Review
from ..records import Record, plain_entry
from .document_folders import files_in

MACHINE = "screener"
BY_HAND = "by hand"
"""How a file was attached to a record by a person's decision."""
_SCAN = "no text on its pages: a scan"
_PARTLY = "what is on them is not read"
# How files beside the paper are named, by publishers (`mmc1`, `MOESM2_ESM`, `22-s001`) and by people.
_BESIDE = re.compile(
    r"\b(?:suppl?\d*|supplements?|supplementary|supplemental|mmc\d+|(?:mo)?esm\d*|s\d{3}|appendix"
    r"|supporting information|additional file|online resource|s\d+ (?:file|text|table|data|appendix))\b"
)
# How they are headed; a journal's `Supplement 2` and a remark that there is supplementary material are no heads.
_HEADED = re.compile(
    r"(?:online |electronic |web )?(?:supplementary|supplemental|supporting) "
    r"(?:materials?|information|data|file|methods|appendix|text|tables?|results|online)\b(?!.{0,40}\b(?:available|found|at)\b)"
    r"|(?:online |web )?(?:supplement|appendix)(?: [a-z0-9]+)?(?: to\b.*)?[:.]?$|additional file \d",
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
    attached_before: bool = False
    """Whether the same file was attached before, so that nothing was added."""
    replaced: str = ""
    """The file of the document that this one replaces."""
    candidates: tuple[str, ...] = ()
    """Of an ambiguous file: the records it may belong to."""
    unread: tuple[int, ...] = ()
    """The pages of which no text could be read."""
    warnings: tuple[str, ...] = ()
    """What its reader remarked."""
    remarks: tuple[str, ...] = ()
    """What of that is told of this file, and what to do about pages without text: a part of `reason`."""

    def as_json(self) -> dict[str, Any]:
        """Return what `import --pdfs --json` lists."""
        return {"path": str(self.path), "status": self.status, "record": self.record, "pages": self.pages,
                "reason": self.reason, "document": self.document or None, "scan": self.scan, "known": self.attached_before,
                "replaced": self.replaced or None, "candidates": list(self.candidates),
                "unread": list(self.unread), "warnings": list(self.warnings)}  # fmt: skip

    def of(self, document: Document) -> "FullText":
        """Return this with what was remarked when the file was read, of pages without text in particular."""
        # That pypdf reads for want of pypdfium2 is no matter of the one file.
        remarks = [warning for warning in document.warnings if not warning.startswith((BASELINE, UNLOADABLE))]
        if document.unread and remarks:
            remarks[-1] += f": {_PARTLY}; {remedy(document)}"
        told = (remedy(document),) if document.scan else tuple(remarks)
        reason = "; ".join([self.reason, *told])
        return replace(self, reason=reason, unread=document.unread, warnings=document.warnings, remarks=told)


def without_pdfium(results: Iterable[FullText]) -> str:
    """Return what is to be said once of files that pypdf has read since pypdfium2 does not load; empty if there are none."""
    warning = next((text for result in results for text in result.warnings if text.startswith(UNLOADABLE)), "")
    return f"{warning}; install screener[pdf] anew" if warning else ""


def import_folder(
    ledger: Ledger,
    review: Review,
    folder: Path,
    progress: Callable[[FullText], None] = lambda _: None,
    *,
    name_of: Callable[[Path], str] = str,
    executor: Executor | None = None,
) -> list[FullText]:
    """Match every document of a folder to a record and attach it. No file stops the others; each has one entry.

    `name_of` gives the name under which a file is entered, where it lies elsewhere than its user has it. `executor` parses the
    files, where it is given.

    A file that is attached already stays where it is, whoever attached it. One that could belong to several records, or
    that would be the second main document of one, is not attached; a scan gives way to a file with text.
    """
    paths = files_in(folder)
    with ledger.read() as connection:
        records = reads.records(connection)
        holders: dict[str, list[Attached]] = defaultdict(list)
        for documents in attachments.attached(connection).values():
            for document in documents:
                holders[document.sha256].append(document)
    if not records:
        raise BadInput("there are no records yet to match documents with; read some with `screener import FILE…`")
    candidates = [candidate_of(record) for record in records]
    results: list[FullText] = []
    load = attachments.loader(ledger)

    def report(result: FullText) -> None:
        results.append(result)
        progress(result)

    digests = {path: digest for path in paths if (digest := hash_of(path))}
    fresh = [path for path in paths if digests.get(path) not in holders]
    again = []
    for path in paths:
        if path not in fresh:
            attached = holders[digests[path]][-1]
            _keep_copy(ledger, review, path, attached.sha256)  # this machine, or the ledger, may not have it yet
            read = load(attached.content)
            if can_recognise(read):
                again.append(path)
            else:
                report(_attached_before(path, attached).of(read))
    with Workers(executor=executor) as workers:
        for path, parsed in workers.parse_all(again):
            report(_read_again(ledger, review, path, parsed, holders[digests[path]]))
        for path, parsed in workers.parse_all(fresh):
            file = attachments.AttachedFile(_printable(name_of(path)), digests.get(path, ""), Role.MAIN, "", MACHINE)
            placed = _place(ledger, review, path, file, parsed, candidates)
            report(placed if isinstance(parsed, Failure) else placed.of(parsed))
    return sorted(results, key=lambda document: str(document.path))


def candidate_of(record: Record) -> Candidate:
    """Return a record as one that a document may belong to."""
    return Candidate(record.id, record.title, record.doi, record.arxiv, record.pmid, record.year)


def _read_again(
    ledger: Ledger, review: Review, path: Path, parsed: Document | Failure, holders: Sequence[Attached]
) -> FullText:
    """Enter what text recognition (OCR) has read of a file that was attached before it was there, wherever it is."""
    if isinstance(parsed, Failure):
        return _attached_before(path, holders[-1])
    if not parsed.recognised_pages:
        return _attached_before(path, holders[-1]).of(parsed)
    for held in holders:
        file = attachments.AttachedFile(held.file, held.sha256, held.role, held.how, MACHINE)
        entered = attach_document(ledger, review, held.record_id, path, parsed, file)
    return entered.of(parsed)


def _attached_before(path: Path, attached: Attached) -> FullText:
    reason = f"attached before ({attached.how})" + (f"; {_SCAN}" if attached.scan else "")
    return FullText(
        path, "matched", attached.record_id, attached.pages, reason, attached.name, attached.scan, attached_before=True
    )


def _place(
    ledger: Ledger,
    review: Review,
    path: Path,
    file: attachments.AttachedFile,
    parsed: Document | Failure,
    candidates: Sequence[Candidate],
) -> FullText:
    """Attach a file to the record that it belongs to, if that is certain; of `file` role and how it was matched are open."""
    if isinstance(parsed, Failure):
        return FullText(path, "unreadable", None, 0, parsed.reason)
    pages = len(parsed.pages)
    matched = match(parsed, path.name, candidates)
    if matched.status != "matched" or matched.record_id is None:
        problem = f"{matched.how}; {_SCAN}" if parsed.scan else matched.how
        return FullText(path, matched.status, None, pages, problem, scan=parsed.scan, candidates=matched.candidates)
    title = next(candidate.title for candidate in candidates if candidate.id == matched.record_id)
    role = role_of(path, parsed, title)
    with ledger.read() as connection:
        attached = attachments.attached(connection, [matched.record_id])[matched.record_id]
        detached_by = attachments.detached_by(connection, matched.record_id, file.sha256)
    main = next(
        (candidate for candidate in attached if candidate.role is Role.MAIN and candidate.sha256 != file.sha256), None
    )
    problem = ""
    if detached_by is not None:
        problem = f"{matched.how}: {matched.record_id}, but {detached_by} took this file off it; `screener attach` puts it back"
    elif role is Role.MAIN and main is not None and not (main.scan and not parsed.scan):
        problem = (
            f"{matched.how}: {matched.record_id}, which has a main document ({Path(main.file).name}); "
            "`screener attach` replaces it, or adds this one with --role"
        )
    if problem:
        return FullText(path, "ambiguous", None, pages, problem, scan=parsed.scan, candidates=(matched.record_id,))
    return attach_document(ledger, review, matched.record_id, path, parsed, replace(file, role=role, how=matched.how))


def role_of(path: Path, document: Document, title: str) -> Role:
    """Return what a file is to the paper, by its name and its first lines. A word of the paper's own title says nothing."""
    name = " ".join(re.findall(r"[a-z0-9]+", path.stem.lower()))
    if name == "readme":
        return Role.README
    if name in ("model card", "modelcard"):
        return Role.MODEL_CARD
    named = any(word not in title.lower() for word in _BESIDE.findall(name))
    head = document.page_text(1)[:600].splitlines()[:8] if document.pages else []
    # A line that begins small is the rest of a sentence ("… are in the / supplement.").
    headed = any(_HEADED.match(line.strip()) for line in head if not line.strip()[:1].islower())
    headed = headed and not _HEADED.match(title.strip())
    return Role.SUPPLEMENT if named or headed else Role.MAIN


def attach_file(
    ledger: Ledger, review: Review, name: str, path: Path, role: Role, who: str, passwords: Sequence[str] = ()
) -> FullText:
    """Attach a file to a record by a person's decision. `BadInput` for an unknown record or a file without text."""
    file = attachments.AttachedFile(_printable(str(path)), "", role, BY_HAND, who)
    return attach_as(ledger, review, name, path, file, passwords)


def attach_as(
    ledger: Ledger,
    review: Review,
    name: str,
    path: Path,
    file: attachments.AttachedFile,
    passwords: Sequence[str] = (),
) -> FullText:
    """Attach the file at `path` to a record, entered as `file` says, whose hash is still open.

    `BadInput` for an unknown record or a file without text.
    """
    record = named_record(ledger, name)
    with Workers(1) as workers:
        parsed = workers.parse(path, passwords)
    if isinstance(parsed, Failure):
        raise BadInput(parsed.reason)
    digest = hash_of(path)
    result = attach_document(ledger, review, record.id, path, parsed, replace(file, sha256=digest)).of(parsed)
    with ledger.read() as connection:
        others = [
            name
            for name, documents in attachments.attached(connection).items()
            if name != record.id and any(document.sha256 == digest for document in documents)
        ]
    # One file may hold several reports, as a supplement of meeting abstracts does; more often it is a slip.
    return replace(result, reason=f"{result.reason}; {', '.join(others)} has the same file") if others else result


def attach_document(
    ledger: Ledger, review: Review, record_id: str, path: Path, document: Document, file: attachments.AttachedFile
) -> FullText:
    """Keep a copy of the file, then enter it."""
    _keep_copy(ledger, review, path, file.sha256)
    with ledger.write() as connection:
        attached = attachments.attach(connection, record_id, document, file)
        documents = attachments.attached(connection, [record_id])[record_id]
    entered = next(document for document in documents if document.sha256 == file.sha256)
    if attached is None:
        return _attached_before(path, entered)
    replaced = ", ".join(Path(other.file).name for other in attached[1] if other.sha256 != file.sha256)
    reason = f"{file.how}; replaces {replaced}" if replaced else file.how
    return FullText(
        path, "matched", record_id, entered.pages, f"{reason}; {_SCAN}" if entered.scan else reason, entered.name,
        entered.scan, replaced=replaced,
    )  # fmt: skip


def _keep_copy(ledger: Ledger, review: Review, path: Path, digest: str) -> None:
    """Keep a copy of a file beside the ledger, and in a ledger on a server, for the other machines."""
    copy = attachments.copy_of(review.hidden, digest, path.name)
    if not copy.exists():
        copy.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(copy) as partial:
            shutil.copyfile(path, partial)
    attachments.share_file(ledger, digest, copy)


def _printable(path: str) -> str:
    """Return a path as text: a name may hold bytes that are none, and the ledger holds only text."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def hash_of(path: Path) -> str:
    """Return the hash of a file; empty where it cannot be read, which its reader will say."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


@dataclass(frozen=True)
class Noted:
    """What is known now of the search for a record's full text."""

    record: str
    status: Retrieval
    reason: str
    attempts: int

    def as_json(self) -> dict[str, Any]:
        """Return what `attach --json` prints."""
        return {"record": self.record, "status": self.status.value, "reason": self.reason, "attempts": self.attempts}


def note(ledger: Ledger, name: str, status: Retrieval, reason: str, who: str) -> Noted:
    """Enter what a person found of a record's full text.

    `BadInput` for an unknown record, without a reason, or where the record has a main document.
    """
    record = named_record(ledger, name)
    if not reason.strip():
        raise BadInput("say why: the reason is part of the report's way through the review")
    with ledger.write() as connection:
        attached = attachments.attached(connection, [record.id])[record.id]
        main = next((document for document in attached if document.role is Role.MAIN), None)
        if main is not None:
            raise BadInput(
                f"{record.id} has a main document ({Path(main.file).name}); take it off first: "
                f"`screener attach {record.id} --remove {main.name}`"
            )
        attachments.note_retrieval(connection, record.id, status, " ".join(reason.split()), who)
    [report] = attachments.reports(ledger, [record])
    return Noted(record.id, report.retrieval, report.retrieval_reason, report.attempts)


def detach(ledger: Ledger, name: str, document: str, who: str) -> str:
    """Take a document off a record; the record's id. `BadInput` if it has none of that name."""
    record = named_record(ledger, name)
    with ledger.write() as connection:
        if not attachments.detach(connection, record.id, document, who):
            names = ", ".join(attached.name for attached in attachments.attached(connection, [record.id])[record.id])
            raise BadInput(f"{record.id} has no document `{document}`; it has {names or 'none'}")
    return record.id


def named_record(ledger: Ledger, name: str) -> Record:
    """Return the record with an id, an alias, or a DOI or PMID that only it has."""
    with ledger.read() as connection:
        record = reads.find_record(connection, name)
        if record is None:
            name_found = Lookup(ledger).find(plain_entry({"doi": name, "pmid": name if name.isdigit() else None}))
            record = reads.find_record(connection, name_found) if name_found else None
    if record is None:
        raise BadInput(f"{name}: no record has this id or DOI; `screener export` lists them")
    return record


def count_by_status(results: Iterable[FullText]) -> dict[str, int]:
    """Return how many files came to each status."""
    counts = dict.fromkeys(("matched", "ambiguous", "unmatched", "unreadable"), 0)
    for result in results:
        counts[result.status] += 1
    return counts
