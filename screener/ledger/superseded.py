"""What updates of a source changed, as it holds now: newer versions of hits, and hits that their source has no more.

An update that was taken back changes nothing any more, whatever is written of it.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, exists, select

from . import tables as t
from . import update_tables as ut
from .parts import in_parts
from .sources import source_of_hit, source_of_import


def undone_updates() -> Select[tuple[int]]:
    """Return a query of the numbers of the updates that were taken back."""
    u, undone = ut.update_imports.c, t.undone_imports.c
    return select(u.update_id).where(exists().where(undone.import_id == u.import_id)).distinct()


def superseded_by(connection: Connection, hits: Collection[int] | None = None) -> dict[int, int]:
    """Return the newer version of each hit that an update superseded, by the older one's number; of some hits or of all."""
    s, newer = ut.superseded_hits.c, dict[int, int]()
    query = select(s.old, s.new).where(s.update_id.not_in(undone_updates()))
    if hits is None:
        return {row.old: row.new for row in connection.execute(query)}
    for some in in_parts(hits):
        newer |= {row.old: row.new for row in connection.execute(query.where(s.old.in_(some)))}
    return newer


def first_versions(connection: Connection) -> dict[int, int]:
    """Return the hit that each newer version goes back to, by the newer one's number: it stands in its place."""
    before = {new: old for old, new in sorted(superseded_by(connection).items(), reverse=True)}
    first: dict[int, int] = {}
    for new in before:
        hit, seen = new, set[int]()
        while hit in before and hit not in seen:
            seen.add(hit)
            hit = before[hit]
        first[new] = hit
    return first


@dataclass(frozen=True)
class StandingUpdate:
    """An update that holds: its number, when it was made, and the name that its source was given."""

    id: int
    at: str
    source: str


def standing_updates(connection: Connection) -> list[StandingUpdate]:
    """Return the updates that were not taken back, oldest first."""
    u = ut.updates.c
    query = select(u.id, u.at, u.source).where(u.id.not_in(undone_updates())).order_by(u.id)
    return [StandingUpdate(row.id, row.at, row.source) for row in connection.execute(query)]


def missing_hits(connection: Connection) -> dict[int, str]:
    """Return the hits that the newest update of their source does not have, each with since when, oldest first.

    Since when is the time of the first of the updates, without one between that has it again. A newer version of a hit
    is another hit, and a hit that was taken back or superseded is in no list.
    """
    source_of = _sources_of_missing(connection)
    if not source_of:
        return {}
    newest: dict[str, int] = {}
    updates = standing_updates(connection)
    lists: dict[int, set[int]] = defaultdict(set)
    for row in connection.execute(select(ut.missing_hits)):
        lists[row.update_id].add(row.hit_id)
    current = _current_sources(connection, updates)
    runs: dict[str, list[StandingUpdate]] = defaultdict(list)
    for update in updates:
        runs[current[update.id]].append(update)
        newest[current[update.id]] = update.id
    missing: dict[int, str] = {}
    for source, last in newest.items():
        for hit in sorted(lists[last]):
            if source_of.get(hit) != source:
                continue
            for update in reversed(runs[source]):
                if hit not in lists[update.id]:
                    break
                missing[hit] = update.at
    return missing


def _sources_of_missing(connection: Connection) -> dict[int, str]:
    """Return the present name of the source of each hit that counts and that any update did not have."""
    ids = list(connection.execute(select(ut.missing_hits.c.hit_id).distinct()).scalars())
    sources: dict[int, str] = {}
    name = source_of_hit(connection).label("source")
    query = select(t.hits.c.id, name).join(t.members, t.members.c.hit_id == t.hits.c.id)
    for some in in_parts(ids):
        sources |= {row.id: row.source for row in connection.execute(query.where(t.hits.c.id.in_(some)))}
    return sources


def _current_sources(connection: Connection, updates: Iterable[StandingUpdate]) -> dict[int, str]:
    """Return the present name of each update's source, by the update's number."""
    u, names = ut.update_imports.c, {update.id: update.source for update in updates}
    query = select(u.update_id, source_of_import(connection).label("source")).join(
        t.imports, t.imports.c.id == u.import_id
    )
    return names | {row.update_id: row.source for row in connection.execute(query)}


@dataclass(frozen=True)
class NoLongerIn:
    """A record that a source has no more: none of its rows there is in the newest export. `since` is when that was."""

    record: str
    source: str
    since: str

    @property
    def sentence(self) -> str:
        """Return it as people read it."""
        return f"no longer in {self.source} as of {self.since[:10]}"


def no_longer_in(connection: Connection) -> list[NoLongerIn]:
    """Return the records of which a source has no row any more, in the order of their rows."""
    missing = missing_hits(connection)
    if not missing:
        return []
    m, h = t.members.c, t.hits.c
    name = source_of_hit(connection).label("source")
    records: set[str] = set()
    for some in in_parts(missing):
        records |= set(connection.execute(select(m.record_id).where(m.hit_id.in_(some))).scalars())
    rows: dict[tuple[str, str], list[int]] = defaultdict(list)
    query = select(m.record_id, name, h.id).join(t.hits, h.id == m.hit_id).order_by(h.id)
    for names in in_parts(sorted(records)):
        for row in connection.execute(query.where(m.record_id.in_(names))):
            rows[row.record_id, row.source].append(row.id)
    gone = [
        NoLongerIn(record, source, min(missing[hit] for hit in hits))
        for (record, source), hits in rows.items()
        if all(hit in missing for hit in hits)
    ]
    return sorted(gone, key=lambda row: rows[row.record, row.source])


@dataclass(frozen=True)
class TextChange:
    """How an update changed what reviewers read of a row: when, in which source, and the title and abstract of both versions."""

    at: str
    source: str
    old_title: str
    new_title: str
    old_abstract: str
    new_abstract: str


def text_history(connection: Connection, record_id: str) -> list[TextChange]:
    """Return the changes of title or abstract that updates made to the rows of a record, oldest first."""
    s, m, h, u = ut.superseded_hits.c, t.members.c, t.hits.c, ut.updates.c
    before = {
        row.new: row
        for row in connection.execute(select(ut.superseded_hits).where(s.update_id.not_in(undone_updates())))
    }
    todo = list(connection.execute(select(m.hit_id).where(m.record_id == record_id)).scalars())
    changes = []
    while todo:
        row = before.pop(todo.pop(), None)
        if row is not None:
            todo.append(row.old)
            changes += [row] if row.text else []
    entries: dict[int, Any] = {}
    for some in in_parts({hit for row in changes for hit in (row.old, row.new)}):
        query = select(h.id, h.entry, source_of_hit(connection).label("source")).where(h.id.in_(some))
        entries |= {row.id: (row.source, json.loads(row.entry)) for row in connection.execute(query)}
    times = dict(connection.execute(select(u.id, u.at)).all())
    return [
        TextChange(
            times[row.update_id], entries[row.new][0],
            *(entries[hit][1].get(name, "") for name in ("title", "abstract") for hit in (row.old, row.new)),
        )
        for row in sorted(changes, key=lambda row: row.update_id)
    ]  # fmt: skip


def text_hashes_of(connection: Connection, names: Collection[str]) -> dict[str, str]:
    """Return the hash of the present title and abstract of some records, by id."""
    r, hashes = t.records.c, dict[str, str]()
    for some in in_parts(names):
        hashes |= {row.id: row.text_hash for row in connection.execute(select(r.id, r.text_hash).where(r.id.in_(some)))}
    return hashes


def text_changes(connection: Connection) -> tuple[dict[str, str], dict[str, set[str]]]:
    """Return when an update last changed the text of each record, by its present id, and texts that are no more.

    The latter are those that an update brought which was taken back.
    """
    c, u, a = ut.changed_texts.c, ut.updates.c, t.aliases.c
    undone = set(connection.execute(undone_updates()).scalars())
    query = select(c.update_id, c.record_id, a.record_id.label("current"), c.after, u.at).join(
        ut.updates, u.id == c.update_id
    )
    changed: dict[str, str] = {}
    withdrawn: dict[str, set[str]] = defaultdict(set)
    for row in connection.execute(query.outerjoin(t.aliases, a.alias == c.record_id).order_by(c.update_id)):
        name = row.current or row.record_id
        if row.update_id in undone:
            withdrawn[name].add(row.after)
        else:
            changed[name] = row.at
    return changed, dict(withdrawn)
