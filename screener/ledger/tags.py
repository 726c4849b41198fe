"""Tags: short words that people put on records, each person their own.

They stand in `ui_events`, where nothing is changed: taking a tag off is another event, and undoing one a third.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Subquery, exists, func, or_, select

from ..core.errors import BadInput
from ..core.judgement import Stage
from . import tables as t
from .judgements import PEOPLE, not_withdrawn
from .record_ids import all_ids, all_ids_of
from .ui_events import add_event, events, undo_event, undone

TAG = "tag"
MaySee = Callable[[Stage, Iterable[str]], set[str]]
"""Says of which records a person may see what others did with them at a stage."""
LONGEST = 40


@dataclass(frozen=True)
class Tag:
    """A word on a record, and who put it there."""

    record_id: str
    word: str
    reviewer: str


def tidy(text: str) -> list[str]:
    """Return the tags in what somebody typed: divided by commas, in lower case, without blanks around; each once.

    Raises `BadInput` for one that is too long to be a tag.
    """
    words = [" ".join(part.split()).lstrip("#").lower() for part in text.replace(";", ",").split(",")]
    for word in words:
        if len(word) > LONGEST:
            raise BadInput(f"“{word[:20]}…” is too long for a tag; {LONGEST} characters at most, the rest is a note")
    return list(dict.fromkeys(word for word in words if word))


def live(names: Sequence[str] | None = None) -> Subquery:
    """Return the tags that are on records now: `id`, `record_id` (the present one), `stage`, `reviewer`, `word`.

    `names` are all ids of the records to search, where not all are wanted.
    """
    m, later, a = t.ui_events.c, t.ui_events.alias("later"), t.aliases.c
    superseded = exists().where(
        later.c.kind == TAG, later.c.record_id == m.record_id, later.c.reviewer == m.reviewer, later.c.body == m.body,
        later.c.id > m.id, later.c.id.not_in(undone()),
    )  # fmt: skip
    name = func.coalesce(a.record_id, m.record_id).label("record_id")
    query = (
        select(m.id, name, m.stage, m.reviewer, m.body.label("word"))
        .select_from(t.ui_events.outerjoin(t.aliases, a.alias == m.record_id))
        .where(m.kind == TAG, m.active == 1, m.id.not_in(undone()), ~superseded)
    )
    return (query if names is None else query.where(m.record_id.in_(names))).subquery("tagged")


def open_to(tagged: Subquery, reviewer: str) -> ColumnElement[bool]:
    """Return which of the tags a reviewer may see: their own, and those of a stage at which they have judged the record."""
    c, a, j = tagged.c, t.aliases.c, t.judgements.c
    names = select(a.alias).where(a.record_id == c.record_id).correlate(tagged)
    judged = exists().where(
        or_(j.record_id == c.record_id, j.record_id.in_(names)), j.stage == c.stage, j.reviewer == reviewer,
        j.role.in_(PEOPLE), not_withdrawn(),
    )  # fmt: skip
    return or_(c.reviewer == reviewer, judged)


def seen_tags(connection: Connection, reviewer: str, records: Sequence[str], may_see: MaySee) -> dict[str, list[Tag]]:
    """Return the tags of some records that a reviewer may see, their own first; a page of records at most."""
    tagged = live(all_ids_of(connection, records))
    tags_of: dict[str, list[Tag]] = defaultdict(list)
    for tag in _visible(connection, tagged, reviewer, may_see):
        tags_of[tag.record_id].append(tag)
    return {
        name: sorted(dict.fromkeys(tags), key=lambda tag: tag.reviewer != reviewer) for name, tags in tags_of.items()
    }


def words_of(connection: Connection, reviewer: str, may_see: MaySee) -> list[str]:
    """Return the words that a reviewer may see on any record, the most used first."""
    counts = Counter(tag.word for tag in _visible(connection, live(), reviewer, may_see))
    return sorted(counts, key=lambda word: (-counts[word], word))


def _visible(connection: Connection, tagged: Subquery, reviewer: str, may_see: MaySee) -> list[Tag]:
    """Return the tags that a reviewer put there, and those of others at a stage at which they may see the record."""
    rows = connection.execute(select(tagged).order_by(tagged.c.id)).all()
    asked: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        if row.reviewer != reviewer:
            asked[row.stage].add(row.record_id)
    seen = {stage: may_see(Stage(stage), names) for stage, names in asked.items()}
    return [
        Tag(row.record_id, row.word, row.reviewer)
        for row in rows
        if row.reviewer == reviewer or row.record_id in seen[row.stage]
    ]


def all_tags(connection: Connection) -> Mapping[str, Mapping[str, Sequence[str]]]:
    """Return every tag with who put it there, by record."""
    tagged = live()
    tags: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for row in connection.execute(select(tagged).order_by(tagged.c.id)):
        if row.reviewer not in tags[row.record_id][row.word]:
            tags[row.record_id][row.word].append(row.reviewer)
    return tags


def tags_at(connection: Connection, stage: Stage) -> list[Tag]:
    """Return the tags that were put on records at a stage, oldest first."""
    tagged = live()
    query = select(tagged.c.record_id, tagged.c.word, tagged.c.reviewer).where(tagged.c.stage == stage.value)
    return [Tag(*row) for row in dict.fromkeys(map(tuple, connection.execute(query.order_by(tagged.c.id))))]


def set_tag(connection: Connection, stage: Stage, record_id: str, reviewer: str, word: str, *, on: bool = True) -> bool:
    """Put a tag on a record, or take one's own off; whether that changes anything."""
    tagged = live(all_ids(connection, record_id))
    ids = select(tagged.c.id).where(tagged.c.reviewer == reviewer, tagged.c.word == word)
    mine = select(t.ui_events.c.record_id).where(t.ui_events.c.id.in_(ids))
    tagged_ids = list(connection.execute(mine).scalars())
    if bool(tagged_ids) is on:
        return False
    # Off a record that others were merged into, it goes under each of the names that it was put on.
    for name in tagged_ids or [record_id]:
        add_event(connection, TAG, stage, reviewer, word, record_id=name, active=on)
    return True


def undo_tag(connection: Connection, stage: Stage, reviewer: str, since: str) -> tuple[str, str, bool] | None:
    """Undo the reviewer's newest tagging at a stage that is later than `since`: record, word, and whether it is on now.

    None where there is none.
    """
    last = next(iter(events(connection, TAG, stage, reviewer, since=since)), None)
    if last is None:
        return None
    undo_event(connection, stage, reviewer, last.id, record_id=last.record_id)
    return last.record_id, last.body, not last.active
