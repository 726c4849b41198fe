"""The reviews of a site: which folder each is in, and where its ledger is."""

import re
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Row, select, update

from ..core.errors import BadInput
from . import tables as t
from .audit import TERMINAL, Actor, add_act
from .database import Team, add_row, in_schema, make_schema
from .roles import May, ReviewRole, give, require, slug_of

_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")


@dataclass(frozen=True)
class SiteReview:
    """A review of the site. `schema` names its ledger's in the site's PostgreSQL database; empty: a file in the folder."""

    id: int
    slug: str
    title: str
    folder: Path
    schema: str
    archived: bool

    def ledger_url(self, database: str) -> str | None:
        """Return the address of its ledger, given that of the site's database; None where it is a file in the folder."""
        return in_schema(database, self.schema) if self.schema else None


def add_review(
    team: Team,
    slug: str,
    title: str,
    folder: Path,
    *,
    database: str = "",
    owner: int | None = None,
    by: Actor = TERMINAL,
) -> SiteReview:
    """Put a folder on the list of reviews, with who owns it.

    With `database`, the address of a PostgreSQL database, the ledger gets a schema of its own there.

    Raises `BadInput` for a slug that is none or taken, and for a folder that is on the list.
    """
    if not _SLUG.fullmatch(slug):
        raise BadInput(
            f"`{slug[:50]}` cannot be part of an address; take lower-case letters, digits and hyphens, at most 40"
        )
    schema = schema_of(slug) if database else ""
    values = {"slug": slug, "title": title, "folder": str(folder), "schema_name": schema}
    with team.write() as connection:
        r = t.reviews.c
        taken = connection.execute(
            select(r.slug).where(
                (r.slug == slug) | (r.folder == str(folder)) | ((r.schema_name == schema) & (schema != ""))
            )
        ).scalar()
        if taken is not None:
            raise BadInput(f"there is a review `{taken}` with this address or folder already; take another one")
        number = add_row(connection, t.reviews, {**values, "made": team.now(connection)})
        if owner is not None:
            give(team, connection, by, number, owner, [ReviewRole.OWNER])
        add_act(team, connection, by, "add review", review=slug, object=title)
        if database:
            make_schema(database, schema)
    return SiteReview(number, slug, title, folder, schema, archived=False)


def schema_of(slug: str) -> str:
    """Return the name of a review's schema in a PostgreSQL database."""
    return f"review_{slug.replace('-', '_')}"


def site_reviews(team: Team, *, archived: bool = False) -> list[SiteReview]:
    """Return the reviews in the order of their titles; those that were archived only if asked for."""
    query = select(t.reviews).order_by(t.reviews.c.title, t.reviews.c.id)
    if not archived:
        query = query.where(t.reviews.c.archived.is_(None))
    with team.read() as connection:
        return [_review(row) for row in connection.execute(query)]


def site_review(team: Team, slug: str) -> SiteReview | None:
    """Return the review of that slug."""
    with team.read() as connection:
        row = connection.execute(select(t.reviews).where(t.reviews.c.slug == slug)).first()
    return None if row is None else _review(row)


def keep_title(team: Team, review: SiteReview, title: str) -> None:
    """Have the list of reviews show the title that the protocol has now."""
    if title != review.title:
        with team.write() as connection:
            connection.execute(update(t.reviews).where(t.reviews.c.id == review.id).values(title=title))


def archive_review(team: Team, by: Actor, review: int, *, back: bool = False) -> None:
    """Take a review off the list, or put it back; nothing of it is removed."""
    with team.write() as connection:
        require(connection, review, by.account, May.INVITE)
        at = None if back else team.now(connection)
        connection.execute(update(t.reviews).where(t.reviews.c.id == review).values(archived=at))
        act = "bring review back" if back else "archive review"
        add_act(team, connection, by, act, review=slug_of(connection, review))


def _review(row: Row) -> SiteReview:  # type: ignore[type-arg]
    return SiteReview(row.id, row.slug, row.title, Path(row.folder), row.schema_name, row.archived is not None)
