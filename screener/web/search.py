"""Finding records: by words and tags, and by what the reviewer has made of them. Nobody else's opinion can be asked for."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import JSON, ColumnElement, Select, and_, cast, exists, func, or_, select, type_coerce

from ..adjudication import drafts
from ..core.judgement import Stage
from ..ledger import tables as t
from ..ledger.judgements import not_withdrawn
from ..ledger.tags import Tag, live, open_to, seen_tags
from ..records import Record
from .desk import Desk

PAGE = 40
_WORD = re.compile(r'"([^"]+)"|([^\s"]+)')
_FIELDS = ("title", "abstract", "authors", "venue", "doi", "pmid", "year")
SHOW = ("all", "mine", "include", "exclude", "unclear", "open", "draft")
"""What can be asked for: everything, judged by me (all, or by decision), not judged by me, begun and not saved."""


@dataclass(frozen=True)
class Wanted:
    """What is looked for: all of these words (together where they stand in quotes), a tag, and one of `SHOW`."""

    stage: Stage
    words: str = ""
    show: str = "all"
    tag: str = ""

    @classmethod
    def of(cls, stage: Stage, fields: dict[str, str]) -> "Wanted":
        """From the fields of the form."""
        show = fields.get("show", "all")
        return cls(stage, fields.get("q", "")[:500], show if show in SHOW else "all", fields.get("tag", "")[:100])


@dataclass(frozen=True)
class Found:
    """A record in the list, with the reviewer's own decision if there is one, and the tags that they may see."""

    record: Record
    own: str
    at: str
    tags: Sequence[Tag]


def ids(desk: Desk, wanted: Wanted) -> list[str]:
    """All records that are meant, in the order of import."""
    with desk.ledger.read() as connection:
        return list(connection.execute(_matching(desk, wanted, t.records.c.id)).scalars())


def page_of(desk: Desk, wanted: Wanted, page: int) -> tuple[list[Found], bool]:
    """A page of the records that are meant, and whether there are more."""
    query = _matching(desk, wanted, t.records.c.id, t.records.c.body)
    with desk.ledger.read() as connection:
        rows = connection.execute(query.limit(PAGE + 1).offset(page * PAGE)).all()
        tags = seen_tags(connection, desk.reviewer, [row.id for row in rows[:PAGE]])
        found = []
        for row in rows[:PAGE]:
            own = drafts.own_judgement(connection, wanted.stage, row.id, desk.reviewer)
            said = own.judgement.decision.value if own else ""
            at, record = own.at[:10] if own else "", Record.model_validate_json(row.body)
            found.append(Found(record, said, at, tags.get(row.id, ())))
    return found, len(rows) > PAGE


def _matching(desk: Desk, wanted: Wanted, *columns: Any) -> Select[Any]:
    r, tagged = t.records.c, live()
    query = select(*columns).order_by(r.position)
    for phrase, single in _WORD.findall(wanted.words)[:8]:
        word = phrase or single
        escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        with_tag = select(tagged.c.record_id).where(
            tagged.c.word.like(f"%{escaped.lower()}%", escape="\\"), open_to(tagged, desk.reviewer)
        )
        query = query.where(or_(_holds(desk, word, f"%{escaped}%"), r.id.in_(with_tag)))
    if wanted.tag:
        bearing = select(tagged.c.record_id).where(tagged.c.word == wanted.tag, open_to(tagged, desk.reviewer))
        query = query.where(r.id.in_(bearing))
    if wanted.show == "open":
        query = query.where(~_own(desk, wanted.stage))
    elif wanted.show == "draft":
        d = t.drafts.c
        query = query.where(
            exists().where(d.stage == wanted.stage.value, d.record_id.in_(_names()), d.reviewer == desk.reviewer)
        )
    elif wanted.show != "all":
        query = query.where(_own(desk, wanted.stage, "" if wanted.show == "mine" else wanted.show))
    return query


def _holds(desk: Desk, word: str, pattern: str) -> ColumnElement[bool]:
    """Whether a record's words match. What is stored beside them is looked past where it could match too: that is slow."""
    body, sqlite = t.records.c.body, desk.ledger.engine.dialect.name == "sqlite"
    quick = _alike(body, pattern, sqlite=sqlite)
    if word.lower() not in desk.stored_words:
        return quick
    parsed = type_coerce(body, JSON) if sqlite else cast(body, JSON)
    words: ColumnElement[Any] = t.records.c.id
    for field in _FIELDS:
        words = words + " " + func.coalesce(parsed[field].as_string(), "")
    return and_(quick, _alike(words, pattern, sqlite=sqlite))


def _alike(text: ColumnElement[Any], pattern: str, *, sqlite: bool) -> ColumnElement[bool]:
    """Whether a text holds a pattern, in whatever case both are written."""
    if not sqlite:
        return text.ilike(pattern, escape="\\")
    # SQLite's LIKE looks past case by itself in ASCII, and is many times as quick as a function of our own.
    if pattern.isascii():
        return text.like(pattern, escape="\\")
    return func.casefold(text).like(pattern.casefold(), escape="\\")


def _names() -> Select[Any]:
    """All ids under which something may stand of the record that is looked at."""
    a = t.aliases.c
    return select(a.alias).where(a.record_id == t.records.c.id).correlate(t.records)


def _own(desk: Desk, stage: Stage, decision: str = "") -> ColumnElement[bool]:
    """Whether the reviewer has judged a record, and if `decision` is given, with that decision the last time."""
    j = t.judgements.c
    mine = and_(
        j.record_id.in_(_names()), j.stage == stage.value, j.reviewer == desk.reviewer, j.role == "human",
        not_withdrawn(),
    )  # fmt: skip
    newest = select(j.decision).where(mine).order_by(j.id.desc()).limit(1).correlate(t.records).scalar_subquery()
    return newest == decision if decision else newest.is_not(None)
