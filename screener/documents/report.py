"""Reports: the publication behind a record, with its documents and what became of the search for them."""

import hashlib
from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import cached_property

from pydantic import BaseModel, ConfigDict

from ..core.frozen import Frozen
from ..records import Record
from .model import Document


def borrowed(report: str, document: str) -> str:
    """Return how a document is named in the study that another report speaks for: `10.1/x main`."""
    return f"{report} {document}"


class Role(StrEnum):
    """What a document is to its report."""

    MAIN = "main"
    SUPPLEMENT = "supplement"
    README = "readme"
    MODEL_CARD = "model_card"


class Retrieval(StrEnum):
    """What became of the search for a full text."""

    SOUGHT = "sought"
    RETRIEVED = "retrieved"
    NOT_RETRIEVED = "not_retrieved"
    NO_FULL_TEXT = "no_full_text_exists"


class Attached(BaseModel):
    """A document of a report. `name` is unique within the report; `content` is the hash of its text in the ledger."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    record_id: str
    name: str
    role: Role
    file: str
    sha256: str
    content: str
    pages: int
    characters: int
    scan: bool
    how: str
    at: str


class ReportNotice(Frozen):
    """An erratum, an expression of concern or a retraction of a report, as its own record has it; no text of the report."""

    id: str
    kind: str
    title: str
    year: int | None = None
    text: str = ""


class Report(Record):
    """A record with its documents.

    `retrieval` says what became of the search for them; `retrieval_reason`, `retrieval_at` and `retrieval_by` are those
    of the person who said it last, `attempts` is how often it was said that nothing was got.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", arbitrary_types_allowed=True, ignored_types=(cached_property,)
    )

    attached: tuple[Attached, ...] = ()
    retrieval: Retrieval = Retrieval.SOUGHT
    retrieval_reason: str = ""
    retrieval_at: str = ""
    retrieval_by: str = ""
    attempts: int = 0
    study: tuple[str, ...] = ()
    """The ids of all reports of the study that this one speaks for, its own first; empty where it is the only one."""
    notices: tuple[ReportNotice, ...] = ()
    """What was corrected, put in doubt or retracted, for those who extract."""
    load: Callable[[str], Document]
    """Reads a document's text from the ledger, by its hash."""

    @property
    def readable(self) -> tuple[Attached, ...]:
        """Return the documents that have text; a scan has none."""
        return tuple(document for document in self.attached if not document.scan)

    @property
    def complete(self) -> bool:
        """Return whether there is a main document that can be read."""
        return any(document.role is Role.MAIN for document in self.readable)

    @property
    def scan(self) -> bool:
        """Return whether there is a main document, but none that has text."""
        return not self.complete and any(document.role is Role.MAIN for document in self.attached)

    @property
    def wanting(self) -> str:
        """Return why the report cannot be judged yet: `no_text` for a scan, else its retrieval status.

        It is empty if the report can be judged.
        """
        if self.complete:
            return ""
        return "no_text" if self.scan else self.retrieval.value

    @property
    def documents(self) -> Mapping[str, Document]:
        """Return the documents that have text, by name, the main one first; read anew each time."""
        return {document.name: self.load(document.content) for document in self.readable}

    @property
    def unreadable(self) -> tuple[str, ...]:
        """Return the pages of which no text could be read, as `document:page`; those of a scan among them."""
        documents = self.documents
        return tuple(
            f"{document.name}:{page}"
            for document in self.attached
            for page in (
                documents[document.name].unread if document.name in documents else range(1, document.pages + 1)
            )
        )

    @property
    def text_hash(self) -> str:
        """Identifies all that reviewers read of the report: title, abstract, documents and notices. 32 hex digits."""
        parts = [super().text_hash, *(f"{document.name}:{document.content}" for document in self.readable)]
        parts += [f"{notice.title}:{notice.text}" for notice in self.notices]
        return hashlib.sha256("\x00".join(parts).encode()).hexdigest()[:32]
