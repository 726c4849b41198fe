"""Reports that people can neither include nor exclude yet, and contact with their authors: events, the newest counts."""

import json
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, Select, select

from ..core.judgement import Stage
from . import tables as t
from .queue import void_queues
from .record_ids import with_current_ids
from .standings import CLASSIFIED, forget_made
from .ui_events import add_event

CONTACT, ANSWER = "contact", "contact_answer"


@dataclass(frozen=True)
class Classified:
    """What a person found of a report: `kind` is a standing's status, `reason` says why, `at` when it was said."""

    kind: str
    reason: str
    who: str
    at: str


@dataclass(frozen=True)
class Contact:
    """A question to authors. `on` and `answered` are days, ISO 8601; without an answer the last two are empty."""

    id: int
    record_id: str
    who: str
    to: str
    asked: str
    on: str
    answer: str = ""
    answered: str = ""


def classify(connection: Connection, record_id: str, kind: str, reason: str, who: str) -> None:
    """Note what a person found of a report; an empty `kind` takes back what was said before."""
    body = json.dumps({"kind": kind, "reason": reason})
    add_event(connection, CLASSIFIED, Stage.FULLTEXT, who, body, record_id=record_id)
    forget_made(connection, Stage.FULLTEXT, Stage.EXTRACTION)
    for stage in (Stage.FULLTEXT, Stage.EXTRACTION):
        void_queues(connection, stage)


def classified(connection: Connection, stage: Stage, named: Collection[str] | None = None) -> dict[str, Classified]:
    """Return what people found last of each report, by its present id; of all, or of those with some hundreds of ids."""
    newest: dict[str, Classified] = {}
    c = t.ui_events.c
    query = _events(CLASSIFIED).where(c.stage == stage.value)
    if named is not None:
        query = query.where(c.record_id.in_(named))
    for row in connection.execute(query):
        content = json.loads(row.body)
        newest[row.record] = Classified(content["kind"], content["reason"], row.reviewer, row.at)
    return {name: found for name, found in newest.items() if found.kind}


def add_contact(connection: Connection, contact: Contact) -> None:
    """Log a question to authors; `id` and the answer are not read."""
    body = json.dumps({"to": contact.to, "asked": contact.asked, "on": contact.on})
    add_event(connection, CONTACT, Stage.FULLTEXT, contact.who, body, record_id=contact.record_id)


def add_answer(connection: Connection, contact: Contact, who: str) -> None:
    """Log the answer to a question, with its day in `answered`."""
    body = json.dumps({"contact": contact.id, "answer": contact.answer, "on": contact.answered})
    add_event(connection, ANSWER, Stage.FULLTEXT, who, body, record_id=contact.record_id)


def contacts(connection: Connection) -> list[Contact]:
    """Return all questions to authors in the order in which they were logged, each with its last answer."""
    answers = {}
    for row in connection.execute(_events(ANSWER)):
        content = json.loads(row.body)
        answers[content["contact"]] = (content["answer"], content["on"])
    logged = []
    for row in connection.execute(_events(CONTACT)):
        content = json.loads(row.body)
        answer, answered = answers.get(row.id, ("", ""))
        logged.append(
            Contact(row.id, row.record, row.reviewer, content["to"], content["asked"], content["on"], answer, answered)
        )
    return logged


def _events(kind: str) -> Select[tuple[int, str, str, str, str]]:
    c = t.ui_events.c
    rows, record_id = with_current_ids(t.ui_events)
    query = select(c.id, record_id.label("record"), c.reviewer, c.body, c.at).select_from(rows)
    return query.where(c.kind == kind).order_by(c.id)
