"""Where the rows of a record say that it was published."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic_core import from_json
from sqlalchemy import Connection, func, select

from ..records import RecordType
from . import tables as t
from . import update_tables as ut
from .parts import in_parts
from .sources import source_of_hit


@dataclass(frozen=True)
class VenueHit:
    """A row that counts, by where it says that its record was published. `dblp` is DBLP's key, or empty."""

    source: str
    venue: str
    issn: tuple[str, ...]
    dblp: str


def venue_hits(
    connection: Connection, sources: Collection[str] | None = None, records: Collection[str] | None = None
) -> dict[str, list[VenueHit]]:
    """Return the rows of each record of which every row is from one of some sources, in the order in which they came.

    Without `sources`, of all; `records` are those to look for, None for all. Models and data sets are left out: they are not
    printed anywhere.
    """
    source, m = source_of_hit(connection), t.members.c
    rows = select(m.record_id, source, t.hits.c.entry).join(t.hits, t.hits.c.id == m.hit_id).order_by(t.hits.c.id)
    others = select(m.record_id).join(t.hits, t.hits.c.id == m.hit_id).distinct()
    hits, printed = defaultdict[str, list[VenueHit]](list), set[str]()
    for some in [None] if records is None else in_parts(sorted(records)):
        chosen = [] if some is None else [m.record_id.in_(some)]
        elsewhere = set[str]()
        if sources is not None:
            elsewhere.update(connection.execute(others.where(source.not_in(sources), *chosen)).scalars())
        within = rows.where(*chosen) if sources is None else rows.where(source.in_(sources), *chosen)
        result = connection.execute(within.execution_options(yield_per=1_000))
        for record, name, body in result:
            if record in elsewhere:
                continue
            entry = from_json(body)
            hits[record].append(_hit(name, entry))
            if entry.get("type", RecordType.PUBLICATION) == RecordType.PUBLICATION:
                printed.add(record)
    return {record: of_record for record, of_record in hits.items() if record in printed}


def _hit(source: str, entry: Mapping[str, Any]) -> VenueHit:
    keys = [number.removeprefix("dblp:") for number in entry.get("accession", ()) if number.startswith("dblp:")]
    return VenueHit(source, entry.get("venue", ""), tuple(entry.get("issn", ())), keys[0] if keys else "")


def rows_change(connection: Connection) -> tuple[int, ...]:
    """Return what changes whenever a record may have other rows, or a row another source."""
    tables = (
        t.hits, t.links, t.undone_imports, t.repeated_hits, t.source_names, ut.updates, ut.superseded_hits
    )  # fmt: skip
    counts = [select(func.count()).select_from(table).scalar_subquery() for table in tables]
    return tuple(connection.execute(select(*counts)).one())
