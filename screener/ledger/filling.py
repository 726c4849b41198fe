"""Rows that fill in what a record's own rows leave out, as records are made: which they are, and what they fill in."""

from collections import defaultdict
from collections.abc import Collection, Iterable

from sqlalchemy import Connection, Select, select

from ..records import Entry
from . import tables as t
from .clusters import links_at
from .parts import in_parts
from .undone import absent_among

ENRICHMENT = "enrichment"
"""The format of an import of such rows."""
ENRICHES = "enriches"
"""The kind of a link from such a row to the hit that it fills in; one that is not active is a candidate, or was refused."""


def enrichment_imports() -> Select[tuple[int]]:
    """Return a query of the numbers of the imports of such rows."""
    return select(t.imports.c.id).where(t.imports.c.format == ENRICHMENT)


def has_enrichments(connection: Connection) -> bool:
    """Return whether there is any such row, counting or not."""
    return connection.execute(enrichment_imports().limit(1)).first() is not None


def enriched_instead(connection: Connection, hits: Iterable[int]) -> set[int]:
    """Return some hits with those that they fill in, in the place of the rows that fill in."""
    hits = set(hits)
    if not has_enrichments(connection):
        return hits
    h, filling = t.hits.c, set[int]()
    for some in in_parts(sorted(hits)):
        query = select(h.id).where(h.id.in_(some), h.import_id.in_(enrichment_imports()))
        filling |= set(connection.execute(query).scalars())
    targets = {link.b for link in links_at(connection, sorted(filling), ENRICHES) if link.a in filling}
    return (hits - filling) | targets


def fillings_of(connection: Connection, hits: Collection[int]) -> dict[int, list[tuple[str, Entry]]]:
    """Return the sources and entries that fill in each of some hits, the oldest first."""
    if not has_enrichments(connection):
        return {}
    links = [link for link in links_at(connection, sorted(hits), ENRICHES) if link.active and link.b in hits]
    absent = absent_among(connection, {link.a for link in links})
    h, rows, fillings = t.hits.c, dict[int, tuple[str, Entry]](), defaultdict[int, list[tuple[str, Entry]]](list)
    for some in in_parts(sorted({link.a for link in links} - absent)):
        for row in connection.execute(select(h.id, h.source, h.entry).where(h.id.in_(some))):
            rows[row.id] = (row.source, Entry.model_validate_json(row.entry))
    for link in sorted(links, key=lambda link: int(link.a)):
        if link.a in rows:
            fillings[link.b].append(rows[link.a])
    return dict(fillings)
