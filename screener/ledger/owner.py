"""Which review a ledger belongs to. Rows are only added: a new one where the title has changed, with the same id."""

from dataclasses import dataclass

from sqlalchemy import Connection, exists, insert, or_, select

from . import tables as t
from .store import now


@dataclass(frozen=True)
class Owner:
    """The review that a ledger belongs to; its title as it was when somebody last wrote."""

    id: str
    title: str


def owner_of(connection: Connection) -> Owner | None:
    """Return the review that the ledger belongs to; None for one that is new or older than this question."""
    newest = select(t.reviews.c.review, t.reviews.c.title).order_by(t.reviews.c.id.desc()).limit(1)
    row = connection.execute(newest).first()
    return None if row is None else Owner(row.review, row.title)


def record_owner(connection: Connection, owner: Owner) -> None:
    """Write down whose ledger it is, unless the newest row says so."""
    if owner_of(connection) != owner:
        connection.execute(insert(t.reviews).values(review=owner.id, title=owner.title, at=now()))


def has_content(connection: Connection) -> bool:
    """Return whether anything was imported, run or judged."""
    some = or_(*(exists(select(table)) for table in (t.imports, t.runs, t.judgements)))
    return bool(connection.execute(select(some)).scalar())
