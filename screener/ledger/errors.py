"""Records that a machine reviewer could not judge, and whether it has since."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, field

from sqlalchemy import Connection, func, insert, select

from ..core.judgement import Stage
from . import tables as t
from .store import now


@dataclass(frozen=True)
class ErrorRow:
    """A record that a reviewer could not judge. `kind` is `call` (asked again next run) or `reply` (unusable)."""

    run_id: str
    record_id: str
    text_hash: str
    stage: Stage
    reviewer: str
    asked: str
    repeat: int
    kind: str
    message: str
    at: str = field(default_factory=now)


def add_errors(connection: Connection, rows: Sequence[ErrorRow]) -> None:
    """Add errors."""
    if rows:
        connection.execute(insert(t.errors), [{**asdict(row), "stage": row.stage.value} for row in rows])


def has_error(connection: Connection, row: ErrorRow) -> bool:
    """Return whether the ledger has this very row."""
    e = t.errors.c
    same = (e.stage == row.stage.value, e.reviewer == row.reviewer, e.run_id == row.run_id,
            e.record_id == row.record_id, e.repeat == row.repeat, e.at == row.at)  # fmt: skip
    return connection.execute(select(e.id).where(*same)).first() is not None


def errors(
    connection: Connection, stage: Stage, reviewer: str | None = None, *, named: Collection[str] | None = None
) -> dict[tuple[str, str, int], ErrorRow]:
    """Return the errors of a stage that no later judgement of the same reviewer and repeat has resolved.

    A judgement of the same text by the same instructions resolves an error whatever the clock said: it may have been set
    back in between. By record, reviewer and number of the repeat. `named` are the record ids to look for, some hundreds at most.
    """
    e, j = t.errors.c, t.judgements.c
    query = select(t.errors).where(e.stage == stage.value).order_by(e.id)
    keys = (j.record_id, j.reviewer, j.repeat, j.asked, j.text_hash)
    answered = select(*keys, func.max(j.at)).where(j.stage == stage.value)
    if reviewer is not None:
        query, answered = query.where(e.reviewer == reviewer), answered.where(j.reviewer == reviewer)
    if named is not None:
        query, answered = query.where(e.record_id.in_(named)), answered.where(j.record_id.in_(named))
    rows = connection.execute(query).mappings().all()
    if not rows:
        return {}
    answered_at: dict[tuple[str, str, int], str] = {}
    same_question = set[tuple[object, ...]]()
    for record, judge, repeat, asked, text_hash, at in connection.execute(answered.group_by(*keys)):
        answered_at[record, judge, repeat] = max(at, answered_at.get((record, judge, repeat), ""))
        same_question.add((record, judge, repeat, asked, text_hash))
    unresolved: dict[tuple[str, str, int], ErrorRow] = {}
    for row in rows:
        key = (row["record_id"], row["reviewer"], row["repeat"])
        if answered_at.get(key, "") <= row["at"] and (*key, row["asked"], row["text_hash"]) not in same_question:
            fields = {name: row[name] for name in ErrorRow.__dataclass_fields__}
            unresolved[key] = ErrorRow(**{**fields, "stage": stage})
    return unresolved
