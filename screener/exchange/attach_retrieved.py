"""Full texts that the program fetched: looked at before they are taken, and attached with where they are from."""

import hashlib
import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..documents import Attached, Document, Failure, FailureKind, Report, Retrieval, Role, Workers, match
from ..ledger import Ledger
from ..ledger import documents as attachments
from ..ledger.documents import RETRIEVED_FROM
from ..protocol import Review
from ..records import first_author, normalise_title
from .attach_full_texts import MACHINE, FullText, attach_document, candidate_of

NOT_ITS_OWN = "look whether it is the paper: neither its title nor its DOI is on page one"
OF_OTHERS = "neither its title, nor its DOI, nor one of its authors is on the first pages; if it is the paper, attach it yourself"
_FIRST_PAGES, _LEAST_LETTERS = 2, 2


@dataclass
class RetrievedFiles:
    """Takes files for reports of a review. `reports` are those that a file may belong to."""

    ledger: Ledger
    review: Review
    reports: Sequence[Report]
    workers: Workers
    _parsed: dict[str, Document] = field(default_factory=dict)
    _remarks: dict[str, str] = field(default_factory=dict)

    def refused(self, report: Report, body: bytes, suffix: str) -> str:
        """Return why a file is not taken for the full text of a report; empty where it is."""
        digest = hashlib.sha256(body).hexdigest()
        with self.ledger.read() as connection:
            detached_by = attachments.detached_by(connection, report.id, digest)
        if detached_by is not None:
            return f"{detached_by} took this file off the report"
        parsed = self._read(body, suffix, digest)
        if isinstance(parsed, Failure):
            return parsed.reason
        matched = match(parsed, "", [candidate_of(other) for other in self.reports])
        self._remarks[digest] = "" if matched.record_id == report.id or parsed.scan else NOT_ITS_OWN
        if matched.status == "matched" and matched.record_id != report.id:
            return f"it is the text of {matched.record_id} ({matched.how})"
        if matched.status == "ambiguous" and matched.candidates == (report.id,):
            return matched.how
        if matched.status == "ambiguous" and report.id not in matched.candidates:
            return f"it {matched.how}"
        if matched.status == "ambiguous":
            self._remarks[digest] = matched.how
        if matched.status == "unmatched" and not parsed.scan and _by_others(report, parsed):
            return OF_OTHERS
        return ""

    def _read(self, body: bytes, suffix: str, digest: str) -> Document | Failure:
        if digest in self._parsed:
            return self._parsed[digest]
        with tempfile.TemporaryDirectory(prefix="screener-") as folder:
            path = Path(folder) / f"file{suffix}"
            path.write_bytes(body)
            parsed = self.workers.parse(path)
        if isinstance(parsed, Document):
            self._parsed = {digest: parsed}
        return parsed

    def attach(self, report: Report, body: bytes, name: str, role: Role, where: str) -> FullText | Failure:
        """Attach a file to a report as a document of a role; `where` says what it is from. Why not, where it cannot be read.

        Nothing takes the place of a main document that somebody attached meanwhile.
        """
        digest, suffix = hashlib.sha256(body).hexdigest(), Path(name).suffix.lower()
        parsed = self._read(body, suffix, digest)
        if isinstance(parsed, Failure):
            return parsed
        if role is Role.MAIN and (main := self._main(report)) is not None:
            return Failure(kind=FailureKind.EMPTY, reason=f"{Path(main.file).name} was attached meanwhile")
        if role is not Role.MAIN and self._has(report, digest):
            return Failure(kind=FailureKind.EMPTY, reason="the same file is attached already")
        file = attachments.AttachedFile(_plain(name), digest, role, f"{RETRIEVED_FROM}{where}", MACHINE)
        with tempfile.TemporaryDirectory(prefix="screener-") as folder:
            path = Path(folder) / f"file{suffix}"
            path.write_bytes(body)
            attached = attach_document(self.ledger, self.review, report.id, path, parsed, file)
        return attached.of(parsed)

    def remark(self, body: bytes) -> str:
        """Return what is to be looked at in a file that was taken; empty for nothing."""
        return self._remarks.get(hashlib.sha256(body).hexdigest(), "")

    def _main(self, report: Report) -> Attached | None:
        return next((document for document in self._attached(report) if document.role is Role.MAIN), None)

    def _has(self, report: Report, digest: str) -> bool:
        return any(document.sha256 == digest for document in self._attached(report))

    def _attached(self, report: Report) -> list[Attached]:
        with self.ledger.read() as connection:
            return attachments.attached(connection, [report.id])[report.id]


def note_still_sought(ledger: Ledger, report: Report, reason: str) -> None:
    """Note why the program found no full text; the report stays sought, since only people end the search."""
    with ledger.write() as connection:
        attachments.note_retrieval(connection, report.id, Retrieval.SOUGHT, reason, MACHINE)


def _by_others(report: Report, document: Document) -> bool:
    """Return whether the first pages of a document name none of a report's authors, who are known."""
    families = {family for name in report.authors if len(family := first_author((name,))) >= _LEAST_LETTERS}
    last = min(_FIRST_PAGES, len(document.pages))
    text = normalise_title(document.text[: document.page_span(last)[1]]) if last else ""
    return bool(text and families) and not any(family in text.replace(" ", "") for family in families)


def _plain(name: str) -> str:
    """Return a name that is one on every system."""
    return re.sub(r"[^\w.+-]+", "_", name).strip("._") or "file"
