"""Rows that hold how each record stands at a stage, by which rule and up to which rows of the ledger they are made."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, fields

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select

from ..core.judgement import Stage
from . import tables as t
from .judgements import PEOPLE

CLASSIFIED = "classified"
"""The kind of the event by which people say that a report awaits classification, or that its study is ongoing."""


@dataclass(frozen=True)
class Watermarks:
    """The newest row, by number, of each table from which standings are made."""

    hits: int
    links: int
    documents: int
    judgements: int
    withdrawals: int
    errors: int
    looks: int
    amendments: int

    @classmethod
    def nothing(cls) -> "Watermarks":
        """Return those of an empty ledger."""
        return cls(*(0 for _ in fields(cls)))

    def follows(self, earlier: "Watermarks") -> bool:
        """Return whether only rows were added since an earlier time."""
        before = asdict(earlier)
        return all(number >= before[table] for table, number in asdict(self).items())


@dataclass(frozen=True)
class StandingRow:
    """How a record stands: its status, its decision or an empty text, and all else as text."""

    status: str
    decision: str
    body: str


def present(connection: Connection) -> Watermarks:
    """Return up to where the rows would have to be made."""
    tables = (t.metadata.tables[field.name] for field in fields(Watermarks))
    newest = [select(func.coalesce(func.max(table.c.id), 0)).scalar_subquery() for table in tables]
    return Watermarks(*connection.execute(select(*newest)).one())


def made_from(connection: Connection) -> dict[Stage, tuple[str, Watermarks]]:
    """Return by which rule, a hash, and up to where the rows of each stage are made, of those that have any."""
    names = [field.name for field in fields(Watermarks)]
    rows = connection.execute(select(t.standings_made)).mappings()
    return {Stage(row["stage"]): (row["rule"], Watermarks(**{name: row[name] for name in names})) for row in rows}


def note_made(connection: Connection, stage: Stage, rule: str, marks: Watermarks) -> None:
    """Note by which rule and up to where the rows of a stage are made now."""
    connection.execute(delete(t.standings_made).where(t.standings_made.c.stage == stage.value))
    connection.execute(insert(t.standings_made).values(stage=stage.value, rule=rule, **asdict(marks)))


def forget_made(connection: Connection, *stages: Stage) -> None:
    """Have the rows of some stages made anew: something has changed of which no watermark tells."""
    names = [stage.value for stage in stages]
    connection.execute(delete(t.standings_made).where(t.standings_made.c.stage.in_(names)))


def touched(
    connection: Connection, stage: Stage, machine: str | None, since: Watermarks, until: Watermarks
) -> set[str]:
    """Return the ids under which a record may stand of which something has changed that counts at a stage.

    `since` is when the rows were made, `until` the present: what has not grown between is not asked. `machine` is the reviewer whose judgements and errors count beside those of people.
    """
    j, w, e, h, li, m, d = (
        table.c for table in (t.judgements, t.withdrawals, t.errors, t.hits, t.links, t.members, t.documents)
    )
    judged = select(j.record_id, j.stage, j.role, j.reviewer).distinct()
    grown = {table for table, number in asdict(until).items() if number > asdict(since)[table]}
    withdrawn = j.id.in_(select(w.judgement_id).where(w.id > since.withdrawals))
    newer = [("judgements", j.id > since.judgements), ("withdrawals", withdrawn)]
    rows = [row for table, which in newer if table in grown for row in connection.execute(judged.where(which))]
    names = {row.record_id for row in rows if row.stage == stage and (row.role in PEOPLE or row.reviewer == machine)}
    linked = [select(m.record_id).join(t.links, end == m.hit_id).where(li.id > since.links) for end in (li.a, li.b)]
    for table, queries in {
        "errors": [select(e.record_id).where(e.id > since.errors, e.stage == stage.value, e.reviewer == machine)],
        "hits": [select(m.record_id).join(t.hits, h.id == m.hit_id).where(h.id > since.hits)],
        "links": linked,
        "documents": [select(d.record_id).where(d.id > since.documents)],
    }.items():
        for query in queries if table in grown else ():
            names.update(connection.execute(query.distinct()).scalars())
    return names


def ever_judged(connection: Connection, stage: Stage, ids: Collection[str] | None = None) -> bool:
    """Return whether anything was said at a stage, of any record or of those with some hundreds of ids, or is kept."""
    for table in (t.judgements, t.errors, t.standings, t.ui_events):
        query = select(table.c.stage).where(table.c.stage == stage.value)
        if table is t.ui_events:
            query = query.where(t.ui_events.c.kind == CLASSIFIED)
        if ids is not None:
            query = query.where(table.c.record_id.in_(ids))
        if connection.execute(query.limit(1)).first() is not None:
            return True
    return False


def replace_standings(
    connection: Connection, stage: Stage, ids: Collection[str] | None, rows: Mapping[str, StandingRow]
) -> None:
    """Put rows, by the record's id, in the place of those that stand under some ids; None stands for all ids."""
    c = t.standings.c
    matching: ColumnElement[bool] = c.stage == stage.value
    if ids is not None:
        matching &= c.record_id.in_(ids)
    connection.execute(delete(t.standings).where(matching))
    if rows:
        values = [{"stage": stage.value, "record_id": name, **vars(row)} for name, row in rows.items()]
        connection.execute(insert(t.standings), values)


def standing_rows(connection: Connection, stage: Stage, ids: Collection[str] | None = None) -> dict[str, StandingRow]:
    """Return the rows of a stage, by the record's id, or those of some hundreds of ids."""
    c = t.standings.c
    query = select(c.record_id, c.status, c.decision, c.body).where(c.stage == stage.value)
    if ids is not None:
        query = query.where(c.record_id.in_(ids))
    return {name: StandingRow(*row) for name, *row in connection.execute(query)}
