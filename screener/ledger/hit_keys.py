"""Keys of hits: two entries that may be the same work share one, so that only such entries need be compared."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select

from ..records import KEYS_VERSION, MOST_ALIKE, Entry, blocking_keys
from . import tables as t
from .filling import enrichment_imports
from .key_tables import hit_keys, hit_keys_made
from .parts import in_parts

_AT_ONCE = 2_000
"""Hits whose entries are held at a time."""
_INSERTED = 20_000
"""Hits whose keys are entered at a time."""
MOST = MOST_ALIKE
"""Entries of one key that are looked at, the first ones, as `Index` does."""


def keys_are_made(connection: Connection) -> bool:
    """Return whether every hit has its keys, by the present rule."""
    newest = connection.execute(select(func.max(t.hits.c.id))).scalar()
    row = connection.execute(select(hit_keys_made)).first()
    made = row.hit if row is not None and row.version == str(KEYS_VERSION) else None
    return newest is None or made == newest


def make_keys(connection: Connection) -> None:
    """Make the keys that are missing: those of hits that an earlier program entered, or all where the rule is another."""
    row = connection.execute(select(hit_keys_made)).first()
    newest = connection.execute(select(func.coalesce(func.max(t.hits.c.id), 0))).scalar_one()
    done = row.hit if row is not None and row.version == str(KEYS_VERSION) and row.hit <= newest else 0
    if not done:
        connection.execute(delete(hit_keys))
    insert_keys(connection, _keys_behind(connection, done))
    note_made(connection, newest)


def _keys_behind(connection: Connection, hit: int) -> Iterator[tuple[int, Sequence[int]]]:
    """Yield the hits behind one with their keys."""
    h = t.hits.c
    # What fills in a record is compared with none.
    query = select(h.id, h.entry).where(h.import_id.not_in(enrichment_imports())).order_by(h.id).limit(_AT_ONCE)
    while some := connection.execute(query.where(h.id > hit)).all():
        yield from ((number, blocking_keys(Entry.model_validate_json(body))) for number, body in some)
        hit = some[-1].id


def note_made(connection: Connection, hit: int) -> None:
    """Note that every hit up to a number has its keys."""
    connection.execute(delete(hit_keys_made))
    connection.execute(insert(hit_keys_made), {"version": str(KEYS_VERSION), "hit": hit})


def insert_keys(connection: Connection, keys_of: Iterable[tuple[int, Sequence[int]]]) -> None:
    """Enter the keys of hits that have none yet."""
    for some in in_parts(keys_of, _INSERTED):
        # Sorted, because a database adds to its index in order much faster.
        rows = sorted((key, hit) for hit, keys in some for key in keys)
        if rows:
            # A dozen rows for each entry: to name the columns of each takes longer than to enter it.
            marks = "?, ?" if connection.dialect.name == "sqlite" else "%s, %s"
            connection.exec_driver_sql(f"INSERT INTO hit_keys (key, hit_id) VALUES ({marks})", rows)


def hits_with(connection: Connection, keys: Iterable[int]) -> set[int]:
    """Return the hits that have one of some keys; of a key that too many have, the first ones."""
    k, hits = hit_keys.c, set[int]()
    for some in in_parts(keys):
        query = select(k.key, func.count().label("n"), func.min(k.hit_id).label("first"))
        counts: Sequence[Any] = connection.execute(query.where(k.key.in_(some)).group_by(k.key)).all()
        hits.update(row.first for row in counts)
        several = [row.key for row in counts if 1 < row.n <= MOST]
        if several:
            hits.update(connection.execute(select(k.hit_id).where(k.key.in_(several))).scalars())
        for row in counts:
            if row.n > MOST:
                first = select(k.hit_id).where(k.key == row.key).order_by(k.hit_id).limit(MOST)
                hits.update(connection.execute(first).scalars())
    return hits
