"""The own ids of entries: what tells the rows of one record apart, also where several have the record's id."""

import re
from collections.abc import Collection

from sqlalchemy import Connection, func, select

from . import tables as t
from .parts import in_parts

_NUMBERED = re.compile(r"(.+)~(\d+)~*")


def entry_ids(connection: Connection, hits: Collection[int]) -> dict[int, str]:
    """Return the own id of each entry, by the number of its hit; it is the same for good.

    It is the id that the entry came with. Of several rows with one id the first has it alone, and the others have the
    number of their hit behind it: `12`, `12~407`.
    """
    h = t.hits.c
    names: dict[int, str] = {}
    for some in in_parts(sorted(hits)):
        names |= dict(connection.execute(select(h.id, h.name).where(h.id.in_(some))).all())
    first: dict[str, int] = {}
    for part in in_parts(sorted(set(names.values()))):
        query = select(h.name, func.min(h.id)).where(h.name.in_(part)).group_by(h.name)
        first |= dict(connection.execute(query).all())
    ids = {hit: name if first[name] == hit else f"{name}~{hit}" for hit, name in names.items()}
    later = sorted({ids[hit] for hit, name in names.items() if ids[hit] != name})
    taken: set[str] = set()
    for part in in_parts(later):
        taken.update(connection.execute(select(h.name).where(h.name.in_(part))).scalars())
    return {hit: f"{name}~" if name in taken and name != names[hit] else name for hit, name in ids.items()}


def find_hit(connection: Connection, name: str) -> int | None:
    """Return the number of the hit that an entry's own id, or the id of a record, stands for; None for neither."""
    h = t.hits.c
    hit = connection.execute(select(func.min(h.id)).where(h.name == name)).scalar()
    if hit is not None:
        return int(hit)
    if numbered := _NUMBERED.fullmatch(name):
        number = int(numbered[2])
        if number < 2**63 and entry_ids(connection, [number]).get(number) == name:
            return number
    first = (
        select(func.min(t.members.c.hit_id))
        .join(t.aliases, t.aliases.c.record_id == t.members.c.record_id)
        .where(t.aliases.c.alias == name)
    )
    hit = connection.execute(first).scalar()
    return None if hit is None else int(hit)
