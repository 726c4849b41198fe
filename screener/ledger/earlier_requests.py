"""Which requests stored judgements rest on.

A prompt shows more of a record than what tells judgements apart: a year or keywords that came later make another request of
it. What is made anew of the same question about the same text is made of the answers that it got then.
"""

from sqlalchemy import Connection, func, select

from ..core.judgement import Stage
from . import tables as t
from .calls import Key
from .parts import in_parts
from .reads import current_ids


def requests_behind(connection: Connection, stage: Stage, asked: str) -> dict[tuple[str, str, int], list[str]]:
    """Return the hashes of the requests that judgements rest on, in their order, by record, its text's hash and repeat.

    Of several judgements of what is `asked` those of the newest count whose run asked anything, or found it in the ledger.
    """
    j, c, current = t.judgements.c, t.calls.c, current_ids(connection)
    query = select(j.record_id, j.text_hash, j.repeat, j.run_id).where(
        j.stage == stage.value, j.asked == asked, j.role == "machine"
    )
    judged = [(current.get(row[0], row[0]), *row[1:]) for row in connection.execute(query.order_by(j.id))]
    of_run: dict[tuple[str, str, int], list[str]] = {}
    for some in in_parts(sorted({run for *_, run in judged})):
        calls = select(c.run_id, c.record_id, c.repeat, c.request).where(
            c.run_id.in_(some), c.stage == stage.value, c.status.in_(("ok", "cached"))
        )
        for run, name, repeat, request in connection.execute(calls.order_by(c.id)):
            of_run.setdefault((run, current.get(name, name), repeat), []).append(request)
    return {
        (name, text, repeat): of_run[run, name, repeat]
        for name, text, repeat, run in judged
        if (run, name, repeat) in of_run
    }


def answered_at(connection: Connection, key: Key) -> str:
    """Return when a request was answered last (UTC, ISO 8601); the empty string where it never was."""
    c = t.calls.c
    query = select(func.max(c.at)).where(c.request == key[0], c.repeat == key[1], c.status == "ok")
    return connection.execute(query).scalar() or ""
