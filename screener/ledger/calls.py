"""Calls of models: what was asked, what came of it, what it took, and which answers stand.

Of a call's rows `ok`, `refused` or `failed` ends it; `unusable` is an answer that came and could not be read, `cached` an
answer from the ledger, and `rejected` takes back an answer that a reviewer could not use.
"""

import json
from collections.abc import Collection
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy import Connection, func, insert, select

from . import tables as t
from .store import now
from .texts import keep_text, unpack

Key = tuple[str, int]
"""The hash of a request, and the number of the repeat."""

_STANDING = ("ok", "rejected")
"""Of these rows the newest says whether a request has an answer."""


@dataclass(frozen=True)
class Call:
    """A row about a call. A `cost_usd` of None is unknown, or there was no answer; `latency_s` is None in a batch."""

    run_id: str
    record_id: str
    stage: str
    reviewer: str
    request: str
    repeat: int
    status: str
    attempts: int = 0
    model: str | None = None
    parameters: str | None = None
    """What was sent beside the prompt, as JSON."""
    input_tokens: int | None = None
    output_tokens: int | None = None
    cached_tokens: int | None = None
    cost_usd: float | None = None
    latency_s: float | None = None
    at: str = field(default_factory=now)


def add_call(connection: Connection, call: Call, text: str | None) -> None:
    """Add a row about a call, with the text that came back, if any did."""
    response = None if text is None else keep_text(connection, text)
    connection.execute(insert(t.calls), {**asdict(call), "response": response})


def has_call(connection: Connection, call: Call) -> bool:
    """Return whether the ledger has this very row."""
    c = t.calls.c
    same = (c.request == call.request, c.repeat == call.repeat, c.run_id == call.run_id, c.record_id == call.record_id,
            c.status == call.status, c.at == call.at)  # fmt: skip
    return connection.execute(select(c.id).where(*same)).first() is not None


def spent_usd(connection: Connection) -> float:
    """Return what all calls have cost together, as far as their cost is known."""
    return float(connection.execute(select(func.coalesce(func.sum(t.calls.c.cost_usd), 0.0))).scalar_one())


def answered(connection: Connection) -> set[Key]:
    """Return the requests, each with its repeat, that have an answer which no reviewer has rejected since."""
    keys: set[Key] = set()
    query = select(t.calls.c.request, t.calls.c.repeat, t.calls.c.status).where(t.calls.c.status.in_(_STANDING))
    for request, repeat, status in connection.execute(query.order_by(t.calls.c.id)):
        (keys.add if status == "ok" else keys.discard)((request, repeat))
    return keys


def answer_text(connection: Connection, key: Key, *, even_rejected: bool = False) -> str | None:
    """Return the newest answer to a request, or None where there is none or it was rejected, unless `even_rejected`."""
    c = t.calls.c
    query = (  # a `rejected` row has no text
        select(t.texts.c.body)
        .select_from(t.calls.outerjoin(t.texts, c.response == t.texts.c.hash))
        .where(c.request == key[0], c.repeat == key[1], c.status.in_(("ok",) if even_rejected else _STANDING))
        .order_by(c.id.desc())
        .limit(1)
    )
    body = connection.execute(query).scalar()
    return None if body is None else unpack(body)


def last_parameters(connection: Connection, reviewer: str) -> dict[str, Any]:
    """Return what was sent with the reviewer's last answered call beside the prompt; nothing where there is none."""
    c = t.calls.c
    query = select(c.parameters).where(c.reviewer == reviewer, c.status == "ok", c.parameters.is_not(None))
    last = connection.execute(query.order_by(c.id.desc()).limit(1)).scalar()
    return {} if last is None else dict(json.loads(last))


def settled_answers(connection: Connection) -> list[tuple[Key, str, str | None]]:
    """Return every answer or refusal that ever came: the request, `ok` or `refused`, and the hash of its text."""
    c = t.calls.c
    query = select(c.request, c.repeat, c.status, c.response).where(c.status.in_(("ok", "refused")))
    return [((request, repeat), status, response) for request, repeat, status, response in connection.execute(query)]


def refusals_in_batches(connection: Connection, keys: Collection[Key]) -> dict[Key, str]:
    """Return the refusals that batches brought to some requests, as they were stored.

    Refusals of a run, which have a latency or are an error's text, were settled there.
    """
    if not keys:
        return {}
    c = t.calls.c
    query = select(c.request, c.repeat, t.texts.c.body).join(t.texts, c.response == t.texts.c.hash)
    rows = connection.execute(query.where(c.status == "refused", c.latency_s.is_(None)))
    return {(request, repeat): unpack(body) for request, repeat, body in rows if (request, repeat) in keys}
