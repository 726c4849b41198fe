"""What people say of reports that cannot be decided yet, and the log of contact with authors."""

import datetime
from dataclasses import asdict, dataclass
from typing import Any

from ..core.errors import BadInput
from ..core.judgement import Stage
from ..ledger import Ledger, now
from ..ledger.classified import Contact, add_answer, add_contact, classified, contacts
from ..ledger.classified import classify as note_classification
from ..protocol import Review
from .attach_full_texts import named_record

KINDS = {"awaiting": "awaiting_classification", "ongoing": "ongoing", "settled": ""}
"""What may be said of a report; `settled` takes the others back."""


@dataclass(frozen=True)
class ClassifiedReport:
    """A report and what is said of it now; `kind` is empty where that was taken back."""

    record: str
    kind: str
    reason: str
    who: str

    def as_json(self) -> dict[str, Any]:
        """Return what `classify --json` prints."""
        return asdict(self)


def classify(ledger: Ledger, review: Review, name: str, kind: str, reason: str, who: str) -> ClassifiedReport:
    """Enter what a person says of a report, one of `KINDS`.

    `BadInput` for an unknown record, without a reason, where the protocol has no full texts, or where there is nothing to
    take back.
    """
    review.stage(Stage.FULLTEXT)
    record, reason = named_record(ledger, name), " ".join(reason.split())
    if not reason:
        raise BadInput("say why: the reason stands in the report")
    with ledger.write() as connection:
        if kind == "settled" and record.id not in classified(connection, Stage.FULLTEXT):
            raise BadInput(f"{record.id} neither awaits classification nor is ongoing; there is nothing to take back")
        note_classification(connection, record.id, KINDS[kind], reason, who)
    return ClassifiedReport(record.id, KINDS[kind], reason, who)


def ask_authors(ledger: Ledger, name: str, to: str, asked: str, who: str, on: str = "") -> Contact:
    """Log a question to the authors of a record; `on` is its day, by default today. `BadInput` where something is missing."""
    record, to, asked = named_record(ledger, name), " ".join(to.split()), " ".join(asked.split())
    if not to or not asked:
        raise BadInput("--asked: say whom you asked (--to) and what")
    contact = Contact(0, record.id, who, to, asked, _day(on))
    with ledger.write() as connection:
        add_contact(connection, contact)
        return contacts(connection)[-1]


def note_answer(ledger: Ledger, name: str, answer: str, who: str, on: str = "") -> Contact:
    """Log the answer to the last question about a record that has none; `BadInput` where there is no such question."""
    record, answer = named_record(ledger, name), " ".join(answer.split())
    if not answer:
        raise BadInput("--answer: say what the authors answered")
    with ledger.write() as connection:
        asked = [contact for contact in contacts(connection) if contact.record_id == record.id]
        waiting = [contact for contact in asked if not contact.answer]
        if not waiting:
            raise BadInput(f"{record.id} has no question without an answer; log one with --to and --asked")
        answered = Contact(**{**asdict(waiting[-1]), "answer": answer, "answered": _day(on)})
        add_answer(connection, answered, who)
    return answered


def logged_contacts(ledger: Ledger, name: str | None = None) -> list[Contact]:
    """Return all questions to authors, or those about a record, oldest first."""
    record = named_record(ledger, name).id if name is not None else None
    with ledger.read() as connection:
        return [contact for contact in contacts(connection) if record in (None, contact.record_id)]


def _day(on: str) -> str:
    try:
        return datetime.date.fromisoformat(on or now()[:10]).isoformat()
    except ValueError:
        raise BadInput(f"--on: `{on}` is no day, such as 2026-03-01") from None
