"""What is known against records: their own marks, notices in the review, and dated checks; and what people decided about it."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, select, text

from ..core.judgement import Stage
from ..records import MARKS, Integrity
from . import tables as t
from .notices import linked_notices
from .record_ids import current_ids_of
from .ui_events import add_event

_CHECK, _DECISION = "integrity_check", "integrity_decision"
_GRAVITY = list(Integrity)
# Letter by letter as in the index of migration 21. An audit without texts had its rows written with a space behind the colon.
_MARKED = text("""(body LIKE '%"integrity":"_%' AND body NOT LIKE '%"integrity":""%')
            OR (body LIKE '%"integrity": "_%' AND body NOT LIKE '%"integrity": ""%')""")


@dataclass(frozen=True)
class FoundMark:
    """What a check found of a record: the mark, and as the source writes them the day, the reason and the notice."""

    record: str
    mark: str
    on: str = ""
    reason: str = ""
    notice: str = ""


@dataclass(frozen=True)
class IntegrityCheck:
    """A check of all records against a source: `compared` have an identifier to be looked up by, `without` have none."""

    at: str
    who: str
    source: str
    sha256: str
    compared: int
    without: int
    found: tuple[FoundMark, ...]


@dataclass(frozen=True)
class Marked:
    """A record with a mark, and who gives it: a source of the record, a notice in the review, a check."""

    record: str
    integrity: Integrity
    why: tuple[str, ...]


@dataclass(frozen=True)
class IntegrityDecision:
    """What a person decided about an included record that is marked so: why it stays."""

    record: str
    mark: str
    note: str
    who: str
    at: str


def add_integrity_check(connection: Connection, check: IntegrityCheck) -> None:
    """Note a check; `at` is the time of the event."""
    body = {name: value for name, value in asdict(check).items() if name not in ("at", "who")}
    add_event(connection, _CHECK, Stage.ABSTRACT, check.who, json.dumps(body))


def integrity_checks(connection: Connection) -> list[IntegrityCheck]:
    """Return all checks, oldest first."""
    checks = []
    for row in _events(connection, _CHECK):
        body = json.loads(row.body)
        found = tuple(FoundMark(**item) for item in body.pop("found"))
        checks.append(IntegrityCheck(row.at, row.reviewer, **body, found=found))
    return checks


def checked_after(connection: Connection, event: int) -> bool:
    """Return whether there is a check behind an event, by its number."""
    e = t.ui_events.c
    return connection.execute(select(e.id).where(e.id > event, e.kind == _CHECK).limit(1)).first() is not None


def decide_integrity(connection: Connection, record: str, mark: str, note: str, who: str) -> None:
    """Note that a person has looked at a marked record that is included, and why it stays."""
    add_event(connection, _DECISION, Stage.ABSTRACT, who, json.dumps({"mark": mark, "note": note}), record_id=record)


def integrity_decisions(connection: Connection) -> dict[str, IntegrityDecision]:
    """Return the newest decision on each record, by its present id."""
    rows = _events(connection, _DECISION)
    current = current_ids_of(connection, {row.record_id for row in rows})
    newest = {}
    for row in rows:
        record, body = current.get(row.record_id, row.record_id), json.loads(row.body)
        newest[record] = IntegrityDecision(record, body["mark"], body["note"], row.reviewer, row.at)
    return newest


def marked_records(connection: Connection) -> dict[str, Marked]:
    """Return the records with any mark, by id; of several marks the gravest counts."""
    marks: dict[str, list[tuple[Integrity, str]]] = {}
    r = t.records.c
    query = select(r.id, r.body).where(_MARKED).order_by(r.position)
    for name, body in connection.execute(query):
        marks.setdefault(name, []).append((Integrity(json.loads(body)["integrity"]), "a source of the record"))
    for item in linked_notices(connection):
        if item.kind in MARKS:
            marks.setdefault(item.paper, []).append((MARKS[item.kind], f"the notice {item.notice}"))
    for name, found in _found_last(connection).items():
        mark, told = found
        marks.setdefault(name, []).append((mark, told))
    return {name: _gravest(name, of_record) for name, of_record in marks.items()}


def _found_last(connection: Connection) -> Mapping[str, tuple[Integrity, str]]:
    """Return what the checks found of each record; of each source the last check counts."""
    last = {check.source: check for check in integrity_checks(connection)}
    current = current_ids_of(connection, {item.record for check in last.values() for item in check.found})
    found: dict[str, tuple[Integrity, str]] = {}
    for check in last.values():
        for item in check.found:
            record, mark = current.get(item.record), Integrity(item.mark)
            if record and mark and (record not in found or _GRAVITY.index(mark) > _GRAVITY.index(found[record][0])):
                told = ", ".join(filter(None, (f"{check.source}, checked on {check.at[:10]}", item.on, item.reason)))
                found[record] = (mark, told)
    return found


def _gravest(name: str, marks: Iterable[tuple[Integrity, str]]) -> Marked:
    ordered = sorted(marks, key=lambda pair: -_GRAVITY.index(pair[0]))
    return Marked(name, ordered[0][0], tuple(dict.fromkeys(f"{mark}: {why}" for mark, why in ordered)))


def _events(connection: Connection, kind: str) -> Sequence[Any]:
    e = t.ui_events.c
    return connection.execute(select(t.ui_events).where(e.kind == kind, e.active == 1).order_by(e.id)).all()
