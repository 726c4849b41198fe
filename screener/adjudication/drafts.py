"""What a reviewer has put into a form and not yet saved, so that nothing is lost; what they said and were shown before."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ..core.judgement import Stage
from ..ledger import (
    Ledger,
    add_event,
    all_ids,
    current_id,
    events,
    judged_by,
    newest_draft,
    newest_judgement,
    put_draft,
)
from ..ledger.store import Connection

RECOUNT_SECONDS = 60.0
SHOWN = "shown"
"""The kind of UI event that says that a reviewer has seen the judgements of others on a record."""


def keep_draft(ledger: Ledger, stage: Stage, record_id: str, reviewer: str, body: Mapping[str, Any]) -> None:
    """Keep what the form holds now, instead of what it held before."""
    with ledger.write(settles=False) as connection:
        put_draft(connection, stage, record_id, reviewer, body)


def keep_adjudication(ledger: Ledger, stage: Stage, record_id: str, reviewer: str, body: Mapping[str, Any]) -> bool:
    """Keep the draft of an adjudication; not where the record has one: what was sent before that may come after it."""
    with ledger.write(settles=False) as connection:
        adjudicated = bool(judged_by(connection, stage, all_ids(connection, record_id), "adjudicator"))
        if not adjudicated:
            put_draft(connection, stage, record_id, reviewer, {**body, "ruling": True})
    return not adjudicated


def draft(
    connection: Connection, stage: Stage, record_id: str, reviewer: str, *, adjudication: bool = False
) -> dict[str, Any] | None:
    """Return what the form held when it was left, also if the record was merged since; None where nothing is kept.

    A person's own judgement and their `adjudication` of others' are two forms: neither is shown what the other held.
    """
    stored = newest_draft(connection, stage, record_id, reviewer)
    return stored if stored is not None and bool(stored.get("ruling")) == adjudication else None


def previous_record(connection: Connection, stage: Stage, reviewer: str, record_id: str | None) -> str | None:
    """Return the record that the reviewer judged before the given one, or last of all; None where there is none."""
    names = [] if record_id is None else all_ids(connection, record_id)
    own_judgement = newest_judgement(connection, stage, reviewer, names=names) if names else None
    last = newest_judgement(connection, stage, reviewer, skip=names, before=own_judgement.id if own_judgement else None)
    return None if last is None else current_id(connection, last.record_id)


def last_judged(connection: Connection, stage: Stage, reviewer: str) -> str:
    """Return when the reviewer gave the newest judgement that they have not taken back; empty where there is none."""
    last = newest_judgement(connection, stage, reviewer)
    return last.at if last else ""


def note_shown(ledger: Ledger, stage: Stage, record_id: str, reviewer: str, reviewers: Sequence[str]) -> None:
    """Remember that the reviewer has been shown what others say of a record: a later judgement is not blind."""
    with ledger.write() as connection:
        already_shown = shown_reviewers(connection, stage, record_id, reviewer)
        fresh = [name for name in reviewers if name not in already_shown and name != reviewer]
        if fresh:
            add_event(connection, SHOWN, stage, reviewer, json.dumps(fresh), record_id=record_id)


def shown_reviewers(connection: Connection, stage: Stage, record_id: str, reviewer: str) -> tuple[str, ...]:
    """Return whose judgements of a record the reviewer has been shown."""
    names = all_ids(connection, record_id)
    oldest_first = reversed(events(connection, SHOWN, stage, reviewer, names=names))
    return tuple(dict.fromkeys(name for event in oldest_first for name in json.loads(event.body)))
