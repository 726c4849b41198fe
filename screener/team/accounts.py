"""Accounts: who can log in. An account that is removed keeps its row, so that its names are never given to another person."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection, Row, select, update

from ..core.errors import BadInput
from ..core.names import LONGEST_NAME, tidy_name
from . import tables as t
from .audit import TERMINAL, Actor, add_act
from .database import Team, add_row
from .roles import NotAllowed, ReviewRole, give, owners
from .sessions import end_sessions

State = Literal["active", "disabled", "removed"]
_RESERVED = {"gold", "machine", "embedded", "administrator", TERMINAL.name}
_LOGIN = re.compile(r"\S{2,100}")


@dataclass(frozen=True)
class Account:
    """An account. `login` is what one logs in with, `name` what others see and what stands beside judgements."""

    id: int
    login: str
    name: str
    administrator: bool
    state: State

    def actor(self, address: str = "") -> Actor:
        """Return who it is for the audit."""
        return Actor(self.id, self.name, address)


def tidy_login(written: str) -> str:
    """Return a log-in name as it is compared: capitals make no difference, nor does what cannot be seen."""
    return tidy_name(unicodedata.normalize("NFKC", written)).casefold()


def add_account(
    team: Team, connection: Connection, login: str, name: str, password: str, *, administrator: bool = False
) -> Account:
    """Add an account; `password` is a hash. Raises `BadInput` for names that are none or that somebody has or had."""
    login, name = tidy_login(login), tidy_name(name)
    if not _LOGIN.fullmatch(login):
        raise BadInput("a log-in name has 2 to 100 characters and no blanks; an e-mail address will do")
    if not name or len(name) > LONGEST_NAME or ":" in name:
        raise BadInput(f"a name has at most {LONGEST_NAME} characters and no colon")
    a, key = t.accounts.c, name.casefold()
    if key in _RESERVED or connection.execute(select(a.id).where(a.name_key == key)).first():
        raise BadInput(f"somebody has or had the name “{name}” here; add a second name or an initial")
    if connection.execute(select(a.id).where(a.login == login)).first():
        raise BadInput(f"the log-in name `{login}` is taken; choose another one")
    values = {
        "login": login,
        "name": name,
        "name_key": key,
        "password": password,
        "administrator": int(administrator),
        "state": "active",
        "made": team.now(connection),
    }
    number = add_row(connection, t.accounts, values)
    return Account(number, login, name, administrator, "active")


def account(team: Team, number: int) -> Account | None:
    """Return an account by its number, whatever its state."""
    with team.read() as connection:
        row = connection.execute(select(t.accounts).where(t.accounts.c.id == number)).first()
    return None if row is None else as_account(row)


def accounts(team: Team, *, removed: bool = False) -> list[Account]:
    """Return the accounts by name; those that were removed only if asked for."""
    query = select(t.accounts).order_by(t.accounts.c.name_key)
    if not removed:
        query = query.where(t.accounts.c.state != "removed")
    with team.read() as connection:
        return [as_account(row) for row in connection.execute(query)]


def set_state(team: Team, by: Actor, number: int, state: State) -> None:
    """Disable an account, open it again, or remove it for good; its sessions and the links that it made end.

    Only an administrator may. Raises `BadInput` where a review would have no owner or the site no administrator.
    """
    a = t.accounts.c
    with team.write() as connection:
        require_administrator(connection, by)
        row = connection.execute(select(t.accounts).where(a.id == number)).first()
        if row is None or row.state == "removed":
            raise BadInput("there is no such account")
        values = {"state": state} if state != "removed" else {"state": state, "password": "", "administrator": 0}
        connection.execute(update(t.accounts).where(a.id == number).values(values))
        if state != "active":
            _check_not_the_last(connection, row)
            end_sessions(team, connection, number)
            e = t.entry_links.c
            open_links = update(t.entry_links).where((e.made_by == number) | (e.account_id == number), e.used.is_(None))
            connection.execute(open_links.values(withdrawn=team.now(connection)))
        if state == "removed":
            for review in _reviews(connection, number):
                give(team, connection, by, review, number, ())
        words = {"active": "open account", "disabled": "disable account", "removed": "remove account"}
        add_act(team, connection, by, words[state], object=row.name)


def require_administrator(connection: Connection, by: Actor) -> None:
    """Raise `NotAllowed` unless somebody is an administrator of the site, or at the terminal."""
    a = t.accounts.c
    query = select(a.id).where(a.id == by.account, a.administrator == 1, a.state == "active")
    if by.account is not None and connection.execute(query).first() is None:
        raise NotAllowed("only an administrator of the site may do this")


def as_account(row: Row) -> Account:  # type: ignore[type-arg]
    """Return the account of a row."""
    return Account(row.id, row.login, row.name, bool(row.administrator), row.state)


def _reviews(connection: Connection, number: int) -> list[int]:
    m = t.memberships.c
    return list(connection.execute(select(m.review_id).where(m.account_id == number).distinct()).scalars())


def _check_not_the_last(connection: Connection, row: Row) -> None:  # type: ignore[type-arg]
    """Raise `BadInput` where the account that has just been closed was the last owner of a review or administrator."""
    m, a = t.memberships.c, t.accounts.c
    owned = select(m.review_id).where(m.account_id == row.id, m.role == ReviewRole.OWNER.value)
    for review in connection.execute(owned).scalars().all():
        if not owners(connection, review):
            title = connection.execute(select(t.reviews.c.title).where(t.reviews.c.id == review)).scalar_one()
            raise BadInput(f"{row.name} is the last owner of “{title}”; give somebody else the role `owner` first")
    others = select(a.id).where(a.administrator == 1, a.state == "active")
    if row.administrator and connection.execute(others).first() is None:
        raise BadInput(f"{row.name} is the last administrator; make another one first")
