"""Previews: what somebody looks at before they have it done, kept for whichever process is asked to do it."""

import json
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from .assignment_tables import previews
from .store import now

_MOST, _DAYS = 8, 2


def keep_preview(connection: Connection, who: str, kind: str, body: Mapping[str, Any]) -> str:
    """Keep what a person looks at; return the name under which it is taken. Their older ones, and what is days old, go."""
    p, token = previews.c, secrets.token_hex(8)
    values = {"at": now(), "who": who, "kind": kind, "token": token, "body": json.dumps(body)}
    connection.execute(insert(previews), values)
    newest = select(p.id).where(p.who == who).order_by(p.id.desc()).limit(_MOST)
    kept = [int(number) for number in connection.execute(newest).scalars()]
    last_day = (datetime.now(UTC) - timedelta(days=_DAYS)).date().isoformat()
    connection.execute(delete(previews).where(((p.who == who) & p.id.not_in(kept)) | (p.at < last_day)))
    return token


def take_preview(connection: Connection, who: str, kind: str, token: str) -> Any:
    """Return what a person looked at, and forget it: however often it is asked for, it is given once. Else None."""
    p = previews.c
    taken = delete(previews).where(p.token == token, p.who == who, p.kind == kind).returning(p.body)
    body = connection.execute(taken).scalar()
    return None if body is None else json.loads(body)
