"""When something last came to a record: a row of an import or of an enrichment, or a link of one of its rows."""

from sqlalchemy import Connection, func, or_, select

from . import tables as t


def last_change(connection: Connection, record_id: str) -> str:
    """Return when a row or a link was last added to a record (UTC, ISO 8601); the empty string for a record without rows.

    Until then its year, venue, type and keywords may have been others, though its text is the same.
    """
    own = select(t.members.c.hit_id).where(t.members.c.record_id == record_id)
    imported = (
        select(func.max(t.imports.c.at)).join(t.hits, t.hits.c.import_id == t.imports.c.id).where(t.hits.c.id.in_(own))
    )
    linked = select(func.max(t.links.c.at)).where(or_(t.links.c.a.in_(own), t.links.c.b.in_(own)))
    times = (connection.execute(query).scalar() for query in (imported, linked))
    return max((at for at in times if at), default="")
