"""Notes that people write on records and reply to: a thread for each record.

They stand in `ui_events`, where nothing is changed: another wording of a note is another event that names it, and so is
taking a note back.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection, insert, select

from ..core.errors import BadInput
from ..core.judgement import Stage
from . import tables as t
from .record_ids import all_ids_of, current_ids_of
from .store import now
from .ui_events import undo_event, undone

NOTE, REWORDED = "note", "note_reworded"
LONGEST = 4_000
"""So many characters a note may have."""


@dataclass(frozen=True)
class Note:
    """A note on a record, by its present id, as it reads now.

    `reply_to` is the number of the note that it answers, 0 for none; `edited` is when it was last reworded. One that was
    `withdrawn` has no text: it is there for its replies.
    """

    id: int
    record_id: str
    stage: Stage
    reviewer: str
    text: str
    at: str
    reply_to: int = 0
    edited: str = ""
    withdrawn: bool = False


def notes_of(connection: Connection, records: Collection[str] | None = None) -> list[Note]:
    """Return the notes of some records, or of all, oldest first; what was withdrawn is left out unless it has replies."""
    c = t.ui_events.c
    query = select(c.id, c.record_id, c.stage, c.reviewer, c.kind, c.body, c.at, c.id.in_(undone()).label("undone"))
    query = query.where(c.kind.in_((NOTE, REWORDED))).order_by(c.id)
    if records is not None:
        query = query.where(c.record_id.in_(all_ids_of(connection, records)))
    rows, notes = connection.execute(query).all(), dict[int, Note]()
    current = current_ids_of(connection, {row.record_id for row in rows})
    for row in rows:
        body = json.loads(row.body)
        if row.kind == NOTE:
            notes[row.id] = Note(
                row.id, current.get(row.record_id, row.record_id), Stage(row.stage), row.reviewer,
                "" if row.undone else body["text"], row.at, int(body.get("reply_to", 0)), withdrawn=bool(row.undone),
            )  # fmt: skip
        elif (earlier := notes.get(int(body["note"]))) and earlier.reviewer == row.reviewer and not earlier.withdrawn:
            notes[earlier.id] = replace(earlier, text=body["text"], edited=row.at)
    answered = {note.reply_to for note in notes.values() if not note.withdrawn}
    return [note for note in notes.values() if not note.withdrawn or note.id in answered]


def add_note(
    connection: Connection, stage: Stage, record_id: str, reviewer: str, text: str, *, reply_to: int = 0
) -> int:
    """Write a note on a record, or a reply to another note of it; return its number. Raises `BadInput` for no text."""
    body: dict[str, str | int] = {"text": _tidy(text)}
    if reply_to:
        body["reply_to"] = _note(connection, record_id, reply_to).id
    return _add(connection, NOTE, stage, record_id, reviewer, body)


def reword_note(connection: Connection, record_id: str, reviewer: str, number: int, text: str) -> None:
    """Give a note of one's own another wording. The earlier one stays in the ledger."""
    note, wording = _own(connection, record_id, reviewer, number), _tidy(text)
    if wording != note.text:
        _add(connection, REWORDED, note.stage, record_id, reviewer, {"note": number, "text": wording})


def withdraw_note(connection: Connection, record_id: str, reviewer: str, number: int) -> None:
    """Take a note of one's own back: it is shown no more, and stays in the ledger."""
    note = _own(connection, record_id, reviewer, number)
    undo_event(connection, note.stage, reviewer, number, record_id=record_id)


def _add(
    connection: Connection, kind: str, stage: Stage, record_id: str, reviewer: str, body: dict[str, str | int]
) -> int:
    row = {"kind": kind, "stage": stage.value, "record_id": record_id, "reviewer": reviewer, "active": 1, "at": now(),
           "body": json.dumps(body, ensure_ascii=False)}  # fmt: skip
    return int(connection.execute(insert(t.ui_events).returning(t.ui_events.c.id), row).scalar_one())


def _note(connection: Connection, record_id: str, number: int) -> Note:
    notes: Sequence[Note] = notes_of(connection, [record_id])
    note = next((note for note in notes if note.id == number and not note.withdrawn), None)
    if note is None:
        raise BadInput("This note is no longer there; reload the page.")
    return note


def _own(connection: Connection, record_id: str, reviewer: str, number: int) -> Note:
    note = _note(connection, record_id, number)
    if note.reviewer != reviewer:
        raise BadInput("This note is somebody else's; only who wrote it can change it.")
    return note


def _tidy(text: str) -> str:
    tidy = text.replace("\r\n", "\n").replace("\x00", "").strip()
    if not tidy:
        raise BadInput("The note is empty; write something first.")
    if len(tidy) > LONGEST:
        raise BadInput(f"The note has {len(tidy):,} characters; {LONGEST:,} at most. Shorten it.")
    return tidy
