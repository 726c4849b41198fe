"""Sessions: who is logged in, with which browser, and until when.

A session ends 12 hours after its last request, and a week after it began: NIST SP 800-63B-4, 2.1.3 asks for an end after at
most 30 days where a password is all there is, and leaves the other to the site.
"""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, Row, insert, select, update

from ..core.errors import BadInput
from . import tables as t
from .database import Team, written
from .tokens import derived, new_token, token_hash

IDLE, LONGEST_SESSION = timedelta(hours=12), timedelta(days=7)
SEEN_EVERY = timedelta(minutes=1)
"""How exactly the last request is remembered: more often would be a write at every request."""


@dataclass(frozen=True)
class AccountSession:
    """A session, as its owner sees it in a list."""

    id: int
    account: int
    made: str
    seen: str
    address: str
    browser: str


def start_session(team: Team, connection: Connection, account: int, address: str, browser: str) -> str:
    """Return the token of a new session, for the cookie. What the browser had before is none: there is no fixation."""
    token, now = new_token(), team.time(connection)
    values = {
        "token_hash": token_hash(token),
        "account_id": account,
        "made": written(now),
        "seen": written(now),
        "ends": written(now + LONGEST_SESSION),
        "address": address,
        "browser": browser[:200],
    }
    connection.execute(insert(t.sessions).values(values))
    return token


def find_session(team: Team, token: str) -> AccountSession | None:
    """Return the session of a token, of an active account, and remember that it was used; None where it has ended."""
    s, a = t.sessions.c, t.accounts.c
    query = select(t.sessions).join(t.accounts, a.id == s.account_id)
    query = query.where(s.token_hash == token_hash(token), s.ended.is_(None), a.state == "active")
    with team.read() as connection:
        row, now = connection.execute(query).first(), team.time(connection)
    if row is None or row.ends <= written(now) or row.seen <= written(now - IDLE):
        return None
    if row.seen <= written(now - SEEN_EVERY):
        with team.rows() as connection:
            connection.execute(update(t.sessions).where(s.id == row.id, s.seen == row.seen).values(seen=written(now)))
    return _session(row)


def sessions_of(team: Team, account: int) -> list[AccountSession]:
    """Return an account's open sessions, the last used first."""
    s = t.sessions.c
    with team.read() as connection:
        now = team.time(connection)
        query = select(t.sessions).where(s.account_id == account, s.ended.is_(None))
        query = query.where(s.ends > written(now), s.seen > written(now - IDLE))
        return [_session(row) for row in connection.execute(query.order_by(s.seen.desc(), s.id.desc()))]


def end_session(team: Team, account: int, session: int) -> None:
    """End one of an account's own sessions; `BadInput` for one that is not."""
    s = t.sessions.c
    with team.write() as connection:
        ended = update(t.sessions).where(s.id == session, s.account_id == account, s.ended.is_(None))
        if not connection.execute(ended.values(ended=team.now(connection))).rowcount:
            raise BadInput("this session has ended already")


def end_sessions(team: Team, connection: Connection, account: int, *, but: int | None = None) -> int:
    """End all sessions of an account, or all but one; their number."""
    s = t.sessions.c
    ended = update(t.sessions).where(s.account_id == account, s.ended.is_(None))
    if but is not None:
        ended = ended.where(s.id != but)
    return connection.execute(ended.values(ended=team.now(connection))).rowcount


def csrf_token(token: str) -> str:
    """Return what a change made in a session carries beside its cookie; it is worth nothing in another session."""
    return derived(token, "csrf")


def _session(row: Row) -> AccountSession:  # type: ignore[type-arg]
    return AccountSession(row.id, row.account_id, row.made, row.seen, row.address, row.browser)
