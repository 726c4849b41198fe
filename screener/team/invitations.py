"""Links that let somebody in once: invitations, which carry roles, and resets of a password.

The person who makes a link hands it over by whatever way they trust; the program sends no mail.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from sqlalchemy import Connection, Row, insert, select, update
from sqlalchemy.exc import NoResultFound

from ..core.errors import BadInput
from . import tables as t
from .accounts import require_administrator
from .audit import Actor, add_act
from .database import Team
from .roles import May, NotAllowed, ReviewRole, give, owners, require, rights_of, slug_of
from .tokens import new_token, token_hash

INVITATION_LASTS, RESET_LASTS = timedelta(days=7), timedelta(hours=24)
Grants = Mapping[int, Sequence[ReviewRole]]
"""Roles by the number of a review."""
_GONE = "this link has been used, withdrawn or has run out; ask the person who sent it for a new one"


@dataclass(frozen=True)
class EntryLink:
    """A link as the people who may withdraw it see it; its token is shown once, to who made it."""

    id: int
    kind: Literal["invitation", "reset"]
    account: int | None
    administrator: bool
    grants: Grants
    note: str
    made_by: int | None
    made: str
    expires: str


def invite(team: Team, by: Actor, grants: Grants, *, note: str = "", administrator: bool = False) -> str:
    """Return the token of a new invitation to these roles, or to administer the site.

    Only who may invite to each of the reviews may; only an administrator makes another, or one that carries no role.
    """
    with team.write() as connection:
        _require_to_invite(connection, by, grants, administrator=administrator)
        if not all(grants.values()):
            raise BadInput("an invitation to a review needs a role in it")
        slugs = {slug_of(connection, review): sorted(roles) for review, roles in grants.items()}
        token = _add(team, connection, by, "invitation", grants=grants, note=note, administrator=administrator)
        for slug in slugs or {"": []}:
            add_act(
                team,
                connection,
                by,
                "invite",
                review=slug,
                object=note,
                roles=slugs.get(slug, []),
                administrator=administrator,
            )
    return token


def reset_link(team: Team, by: Actor, account: int) -> str:
    """Return the token of a link by which a person sets a new password.

    An administrator may make one for anybody. An owner may for people all of whose roles are in reviews that the owner owns,
    and who own none and administer nothing: by such a link one could become that person.
    """
    with team.write() as connection:
        row = connection.execute(select(t.accounts).where(t.accounts.c.id == account)).first()
        if row is None or row.state != "active":
            raise BadInput("there is no such account, or it is disabled")
        _require_to_reset(connection, by, row)
        e = t.entry_links.c
        earlier = update(t.entry_links).where(e.kind == "reset", e.account_id == account, e.used.is_(None))
        connection.execute(earlier.values(withdrawn=team.now(connection)))
        token = _add(team, connection, by, "reset", account=account)
        add_act(team, connection, by, "make reset link", object=row.name)
    return token


def open_links(team: Team, review: int | None = None) -> list[EntryLink]:
    """Return the links that can still be used, the newest first; of a review its invitations only."""
    e = t.entry_links.c
    with team.read() as connection:
        query = select(t.entry_links).where(e.used.is_(None), e.withdrawn.is_(None), e.expires > team.now(connection))
        links = [_link(row) for row in connection.execute(query.order_by(e.id.desc()))]
    return [link for link in links if review is None or review in link.grants]


def look_up(team: Team, token: str) -> EntryLink:
    """Return the link of a token; `BadInput` where it can be used no more."""
    with team.read() as connection:
        return _valid(team, connection, token)


def withdraw(team: Team, by: Actor, link: int) -> None:
    """Take a link back. Who made it may, who may invite to one of its reviews, and an administrator."""
    e = t.entry_links.c
    with team.write() as connection:
        row = connection.execute(select(t.entry_links).where(e.id == link, e.used.is_(None))).first()
        if row is None:
            raise BadInput(_GONE)
        found = _link(row)
        reviews = [review for review in found.grants if by.account is not None]
        invites = any(rights_of(connection, review, by.account or 0).may(May.INVITE) for review in reviews)
        if found.made_by != by.account and not invites:
            require_administrator(connection, by)
        connection.execute(update(t.entry_links).where(e.id == link).values(withdrawn=team.now(connection)))
        add_act(team, connection, by, "withdraw link", object=found.note or found.kind)


def use(team: Team, connection: Connection, token: str, account: int, name: str, address: str) -> EntryLink:
    """Use a link for an account, within a transaction: it gets the roles beside those that it has. It works once.

    Raises `BadInput` where it can be used no more, where who made it could not make it now, or where it is another account's
    reset.
    """
    link = _valid(team, connection, token)
    if link.account is not None and link.account != account:
        raise BadInput(_GONE)
    e = t.entry_links.c
    used = update(t.entry_links).where(e.id == link.id, e.used.is_(None), e.withdrawn.is_(None))
    if not connection.execute(used.values(used=team.now(connection), used_by=account)).rowcount:
        raise BadInput(_GONE)
    by = Actor(account, name, address)
    if link.administrator:
        connection.execute(update(t.accounts).where(t.accounts.c.id == account).values(administrator=1))
    for review, roles in link.grants.items():
        give(team, connection, by, review, account, {*rights_of(connection, review, account).roles, *roles})
        slug = slug_of(connection, review)
        add_act(team, connection, by, "take up invitation", review=slug, object=name, roles=sorted(roles))
    return link


def _valid(team: Team, connection: Connection, token: str) -> EntryLink:
    e = t.entry_links.c
    row = connection.execute(select(t.entry_links).where(e.token_hash == token_hash(token))).first()
    if row is None or row.used is not None or row.withdrawn is not None or row.expires <= team.now(connection):
        raise BadInput(_GONE)
    link = _link(row)
    # Whoever made it may have lost what it gives, and whom it is for may have got what it would take.
    by = Actor(link.made_by, "")
    try:
        if link.kind == "invitation":
            _require_to_invite(connection, by, link.grants, administrator=link.administrator)
        else:
            found = select(t.accounts).where(t.accounts.c.id == link.account, t.accounts.c.state == "active")
            _require_to_reset(connection, by, connection.execute(found).one())
    except (NotAllowed, NoResultFound):
        raise BadInput(_GONE) from None
    return link


def _require_to_invite(connection: Connection, by: Actor, grants: Grants, *, administrator: bool) -> None:
    if administrator or not grants:
        require_administrator(connection, by)
    for review in grants:
        require(connection, review, by.account, May.INVITE)


def _require_to_reset(connection: Connection, by: Actor, row: Row) -> None:  # type: ignore[type-arg]
    if not _owns_all_of(connection, by, row):
        require_administrator(connection, by)


def _add(
    team: Team,
    connection: Connection,
    by: Actor,
    kind: Literal["invitation", "reset"],
    *,
    account: int | None = None,
    **more: object,
) -> str:
    token, grants = new_token(), more.get("grants", {})
    assert isinstance(grants, Mapping)
    values = {
        "kind": kind,
        "token_hash": token_hash(token),
        "account_id": account,
        "administrator": int(bool(more.get("administrator"))),
        "grants": json.dumps({str(review): sorted(set(roles)) for review, roles in grants.items()}),
        "note": str(more.get("note", ""))[:200],
        "made_by": by.account,
        "made": team.now(connection),
        "expires": team.now(connection, plus=RESET_LASTS if kind == "reset" else INVITATION_LASTS),
    }
    connection.execute(insert(t.entry_links).values(values))
    return token


def _owns_all_of(connection: Connection, by: Actor, row: Row) -> bool:  # type: ignore[type-arg]
    m = t.memberships.c
    roles = connection.execute(select(m.review_id, m.role).where(m.account_id == row.id)).all()
    if by.account is None or row.administrator or not roles:
        return False
    return all(role != ReviewRole.OWNER and by.account in owners(connection, review) for review, role in roles)


def _link(row: Row) -> EntryLink:  # type: ignore[type-arg]
    grants = {int(review): [ReviewRole(role) for role in roles] for review, roles in json.loads(row.grants).items()}
    return EntryLink(
        row.id, row.kind, row.account_id, bool(row.administrator), grants, row.note, row.made_by, row.made, row.expires
    )
