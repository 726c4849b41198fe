"""Coming in: by a password, by an invitation, by a link that resets a password."""

from dataclasses import dataclass
from datetime import timedelta
from math import ceil

from sqlalchemy import Connection, select, update

from ..core.errors import BadInput
from . import limits
from . import tables as t
from .accounts import Account, add_account, as_account, tidy_login
from .audit import Actor, add_act
from .database import Team, written
from .invitations import look_up, use
from .passwords import Passwords, check_password
from .sessions import end_sessions, start_session

WRONG = "The log-in name or the password is wrong."
"""Said whether there is such an account or not, and also where it is disabled."""
_KNOWN_FOR = timedelta(days=90)
"""For so long an address counts as one that an account was logged in to from."""


class NotIn(BadInput):
    """Somebody was not let in. `wait` says how long to wait, where that is the reason."""

    def __init__(self, message: str, wait: timedelta = timedelta(0)) -> None:
        """`wait` is nothing where trying again may help at once."""
        super().__init__(message)
        self.wait = wait


@dataclass(frozen=True)
class Visitor:
    """Where somebody comes from: an address, and what their browser calls itself."""

    address: str
    browser: str = ""


@dataclass(frozen=True)
class LoggedIn:
    """Somebody is in. `token` is that of a new session, for the cookie."""

    account: Account
    token: str


def log_in(team: Team, passwords: Passwords, login: str, password: str, visitor: Visitor) -> LoggedIn:
    """Log in. Raises `NotIn`, with the same words and after the same work whether there is such an account or not."""
    name = tidy_login(login)[:100]
    a = t.accounts.c
    with team.write() as connection:
        row = connection.execute(select(t.accounts).where(a.login == name)).first()
        known = row is not None and _is_known(team, connection, row.id, visitor.address)
        attempt = limits.begin(team, connection, name, visitor.address, known=known)
    if attempt.wait:
        raise NotIn(f"Too many attempts. Wait {_in_words(attempt.wait)}, then try again.", attempt.wait)
    stored = row.password if row is not None and row.state == "active" else ""
    matches = passwords.matches(stored, password)
    with team.write() as connection:
        now = connection.execute(select(t.accounts).where(a.login == name)).first()
        # It may have been disabled, or its password changed, while the hash was made.
        if not matches or now is None or now.state != "active" or now.password != stored:
            # What was typed is not kept: it may be a password in the wrong field.
            who = Actor(None, "nobody", visitor.address)
            add_act(team, connection, who, "fail to log in", object=row.name if row is not None else "")
            refused = True
        else:
            refused = False
            limits.succeeded(connection, attempt)
            limits.tidy(team, connection)
            entered = _entered(team, connection, as_account(now), visitor, "log in")
    if refused:
        raise NotIn(WRONG)
    if passwords.is_outdated(stored):
        renewed = passwords.hash(password)
        with team.write() as connection:
            same = update(t.accounts).where(a.id == entered.account.id, a.password == stored)
            connection.execute(same.values(password=renewed))
    return entered


def take_up(
    team: Team, passwords: Passwords, token: str, names: tuple[str, str], password: str, visitor: Visitor
) -> LoggedIn:
    """Make an account by an invitation. `names` are the log-in name and the name that others see.

    Raises `BadInput` for an invitation that can be used no more, and for names or a password that will not do.
    """
    if look_up(team, token).kind != "invitation":
        raise BadInput("this link sets a new password; it makes no account")
    check_password(password, *names)
    stored = passwords.hash(password)
    with team.write() as connection:
        account = add_account(team, connection, *names, stored)
        link = use(team, connection, token, account.id, account.name, visitor.address)
        account = Account(account.id, account.login, account.name, link.administrator, "active")
        return _entered(team, connection, account, visitor, "make account")


def take_up_as(team: Team, token: str, account: Account, visitor: Visitor) -> None:
    """Take up an invitation with the account that one has."""
    if look_up(team, token).kind != "invitation":
        raise BadInput("this link sets a new password; log out and open it again")
    with team.write() as connection:
        use(team, connection, token, account.id, account.name, visitor.address)


def reset_password(team: Team, passwords: Passwords, token: str, password: str, visitor: Visitor) -> LoggedIn:
    """Set a new password by a reset link; all sessions of the account end."""
    number = look_up(team, token).account
    with team.read() as connection:
        row = connection.execute(select(t.accounts).where(t.accounts.c.id == number)).first()
    if row is None:
        raise BadInput("this link is an invitation; it sets no password")
    check_password(password, row.login, row.name)
    stored = passwords.hash(password)
    with team.write() as connection:
        account = as_account(row)
        use(team, connection, token, account.id, account.name, visitor.address)
        _set_password(team, connection, account, stored)
        return _entered(team, connection, account, visitor, "reset password")


def change_password(
    team: Team, passwords: Passwords, account: Account, old: str, new: str, *, session: int, visitor: Visitor
) -> None:
    """Set another password; all sessions end but the one in which it was set. The old one is asked for and limited, too."""
    a = t.accounts.c
    with team.write() as connection:
        stored = connection.execute(select(a.password).where(a.id == account.id)).scalar_one()
        attempt = limits.begin(team, connection, account.login, visitor.address, known=True)
    if attempt.wait:
        raise NotIn(f"Too many attempts. Wait {_in_words(attempt.wait)}, then try again.", attempt.wait)
    if not passwords.matches(stored, old):
        with team.write() as connection:
            add_act(team, connection, account.actor(visitor.address), "fail to change password", object=account.name)
        raise NotIn("The old password is wrong.")
    check_password(new, account.login, account.name)
    renewed = passwords.hash(new)
    with team.write() as connection:
        limits.succeeded(connection, attempt)
        _set_password(team, connection, account, renewed, but=session)
        add_act(team, connection, account.actor(visitor.address), "change password", object=account.name)


def log_out(team: Team, account: Account, session: int, visitor: Visitor) -> None:
    """End the session that one is in."""
    s = t.sessions.c
    with team.write() as connection:
        mine = update(t.sessions).where(s.id == session, s.account_id == account.id, s.ended.is_(None))
        connection.execute(mine.values(ended=team.now(connection)))
        add_act(team, connection, account.actor(visitor.address), "log out", object=account.name)


def _set_password(team: Team, connection: Connection, account: Account, stored: str, *, but: int | None = None) -> None:
    a = t.accounts.c
    if not connection.execute(
        update(t.accounts).where(a.id == account.id, a.state == "active").values(password=stored)
    ).rowcount:
        raise BadInput("this account is disabled; ask an administrator")
    end_sessions(team, connection, account.id, but=but)
    limits.forget(connection, account.login)


def _entered(team: Team, connection: Connection, account: Account, visitor: Visitor, act: str) -> LoggedIn:
    token = start_session(team, connection, account.id, visitor.address, visitor.browser)
    add_act(team, connection, account.actor(visitor.address), act, object=account.name)
    return LoggedIn(account, token)


def _is_known(team: Team, connection: Connection, account: int, address: str) -> bool:
    s = t.sessions.c
    since = written(team.time(connection) - _KNOWN_FOR)
    query = select(s.id).where(s.account_id == account, s.address == address, s.made > since).limit(1)
    return connection.execute(query).first() is not None


def _in_words(wait: timedelta) -> str:
    seconds = ceil(wait.total_seconds())
    return f"{seconds} seconds" if seconds < 120 else f"{ceil(seconds / 60)} minutes"
