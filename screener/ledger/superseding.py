"""Records that were merged: what is said of the whole replaces what the same reviewer had said of its parts."""

from collections.abc import Sequence

from sqlalchemy import Connection, insert, select

from ..core.judgement import Stage
from . import tables as t
from .store import now

_CHUNK = 400


def supersede_parts(connection: Connection, stage: Stage, reviewer: str, role: str, names: Sequence[str]) -> None:
    """Withdraw a reviewer's judgements of what was merged into these records.

    To be called when the records themselves are judged. A judgement under a record's own id is superseded anyway.
    """
    a, j = t.aliases.c, t.judgements.c
    said = {"who": reviewer, "reason": "judged again as one record, after a merge", "at": now()}
    for start in range(0, len(names), _CHUNK):
        query = select(j.id).join(t.aliases, a.alias == j.record_id).where(
            a.record_id.in_(names[start : start + _CHUNK]), j.record_id != a.record_id,
            j.stage == stage.value, j.reviewer == reviewer, j.role == role,
            j.id.not_in(select(t.withdrawals.c.judgement_id)),
        )  # fmt: skip
        rows = [{**said, "judgement_id": number} for number in connection.execute(query).scalars()]
        if rows:
            connection.execute(insert(t.withdrawals), rows)
