"""Finding records by their words, by tags, and by what one reviewer has made of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import JSON, ColumnElement, Connection, Select, and_, cast, exists, func, or_, select, type_coerce

from ..core.judgement import Stage
from ..records import Record
from . import tables as t
from .judgements import not_withdrawn
from .tags import live, open_to

SHOW = ("all", "mine", "include", "exclude", "unclear", "open", "draft", "without_abstract")
"""What can be asked for: everything; what the reviewer has judged, all of it or with that decision; what they have not
judged; what they have begun and not saved; what they have judged before its abstract was looked up."""
_FIELDS = ("title", "abstract", "authors", "venue", "doi", "pmid", "year")


@dataclass(frozen=True)
class RecordQuery:
    """Say what one reviewer searches: records that hold all `words` in their text or tags, and bear a `tag`, if any.

    `stored_words` are the words, in lower case, that stand in a stored record beside its own text: where one of them is
    looked for, each field is searched by itself, which takes longer.
    """

    stage: Stage
    reviewer: str
    words: Sequence[str] = ()
    tag: str = ""
    show: str = "all"
    stored_words: str = ""


def matching_ids(connection: Connection, query: RecordQuery) -> list[str]:
    """Return the ids of all records that match, in the order of import."""
    return list(connection.execute(_matching(connection, query, t.records.c.id)).scalars())


def matching_records(connection: Connection, search: RecordQuery, *, limit: int, offset: int) -> list[Record]:
    """Return some of the records that match, in the order of import."""
    records = _matching(connection, search, t.records.c.body).limit(limit).offset(offset)
    return [Record.model_validate_json(body) for body in connection.execute(records).scalars()]


def _matching(connection: Connection, search: RecordQuery, column: ColumnElement[Any]) -> Select[Any]:
    r, tagged, sqlite = t.records.c, live(), connection.dialect.name == "sqlite"
    visible = open_to(tagged, search.reviewer)
    query = select(column).order_by(r.position)
    for search_word in search.words:
        escaped = search_word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        with_tag = select(tagged.c.record_id).where(tagged.c.word.like(f"%{escaped.lower()}%", escape="\\"), visible)
        in_text = _text_like(f"%{escaped}%", by_field=search_word.lower() in search.stored_words, sqlite=sqlite)
        query = query.where(or_(in_text, r.id.in_(with_tag)))
    if search.tag:
        query = query.where(r.id.in_(select(tagged.c.record_id).where(tagged.c.word == search.tag, visible)))
    if search.show == "open":
        query = query.where(~_judged(search))
    elif search.show == "draft":
        d = t.drafts.c
        query = query.where(
            exists().where(d.stage == search.stage.value, d.record_id.in_(_names()), d.reviewer == search.reviewer)
        )
    elif search.show == "without_abstract":
        parsed = type_coerce(r.body, JSON) if sqlite else cast(r.body, JSON)
        before = parsed["own_text"].as_string()
        query = query.where(before != "", _newest(search, t.judgements.c.text_hash) == before)
    elif search.show != "all":
        query = query.where(_judged(search, "" if search.show == "mine" else search.show))
    return query


def _text_like(pattern: str, *, by_field: bool, sqlite: bool) -> ColumnElement[bool]:
    """Return the condition that a record's own words match.

    `by_field` looks past what is stored beside them: that is slow.
    """
    body = t.records.c.body
    quick = _like(body, pattern, sqlite=sqlite)
    if not by_field:
        return quick
    parsed = type_coerce(body, JSON) if sqlite else cast(body, JSON)
    text: ColumnElement[Any] = t.records.c.id
    for field in _FIELDS:
        text = text + " " + func.coalesce(parsed[field].as_string(), "")
    return and_(quick, _like(text, pattern, sqlite=sqlite))


def _like(text: ColumnElement[Any], pattern: str, *, sqlite: bool) -> ColumnElement[bool]:
    """Return the condition that a text holds a pattern, in whatever case both are written."""
    if not sqlite:
        return text.ilike(pattern, escape="\\")
    # SQLite's LIKE looks past case by itself in ASCII, and is many times as quick as a function of our own.
    if pattern.isascii():
        return text.like(pattern, escape="\\")
    return func.casefold(text).like(pattern.casefold(), escape="\\")


def _names() -> Select[Any]:
    """Return all ids under which something may stand of the record that is looked at."""
    a = t.aliases.c
    return select(a.alias).where(a.record_id == t.records.c.id).correlate(t.records)


def _judged(search: RecordQuery, decision: str = "") -> ColumnElement[bool]:
    """Return the condition that the reviewer has judged a record, if `decision` is given with that one the last time."""
    newest = _newest(search, t.judgements.c.decision)
    return newest == decision if decision else newest.is_not(None)


def _newest(search: RecordQuery, column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return a column of the reviewer's newest judgement of a record."""
    j = t.judgements.c
    mine = and_(
        j.record_id.in_(_names()), j.stage == search.stage.value, j.reviewer == search.reviewer, j.role == "human",
        not_withdrawn(),
    )  # fmt: skip
    return select(column).where(mine).order_by(j.id.desc()).limit(1).correlate(t.records).scalar_subquery()
