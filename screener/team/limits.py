"""How often somebody may try to log in.

NIST SP 800-63B-4, 3.2.2 allows at most 100 failed attempts in a row on an account, and names two ways to keep an attacker from
locking a person out by them: a wait that grows from 30 seconds to an hour, and addresses from which the person has logged in
before. Both are used: attempts from such an address are counted apart, so that whoever guesses elsewhere does not stop the
person at their own desk. After 100 failures an account opens only from such an address, or by a link that an owner or
administrator makes. An account that does not exist is counted in the same way, and nothing says that it does not.

An address has a counter too, against one password tried on many names (OWASP's Authentication Cheat Sheet, password spraying).
How many failures are free (5 for an account, 30 for an address, behind which a whole office may be) is this program's choice.
"""

import hashlib
import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select, update

from . import tables as t
from .database import Team, written

FREE, FREE_OF_ADDRESS = 5, 30
"""Failures without a wait."""
MOST = 100
"""Failures in a row after which an account does not open by its password from an address that it does not know."""
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(hours=1)
LONGEST_WAIT_OF_ADDRESS = timedelta(minutes=15)
FORGET = timedelta(hours=24)
"""After so long without a failure those of an address, and those of an account below `MOST`, are forgotten."""


@dataclass(frozen=True)
class LogInAttempt:
    """An attempt that was counted as failed before it was made: however many come at once, none is free."""

    keys: tuple[str, str]
    wait: timedelta
    """How long to wait until one may be made; nothing, if this one may."""


def begin(team: Team, connection: Connection, login: str, address: str, *, known: bool) -> LogInAttempt:
    """Count an attempt, or return how long to wait; `known`: the account was logged in to from that address before."""
    account = f"account {login}" + (f" from {_place(address)}" if known else "")
    keys = (_hashed(account), _hashed(f"address {_place(address)}"))
    now = team.time(connection)
    waits = (
        _wait(connection, keys[0], now, FREE, LONGEST_WAIT, None if known else MOST),
        _wait(connection, keys[1], now, FREE_OF_ADDRESS, LONGEST_WAIT_OF_ADDRESS, None),
    )
    if not any(waits):
        for key in keys:
            _count(connection, key, now)
    return LogInAttempt(keys, max(waits))


def succeeded(connection: Connection, attempt: LogInAttempt) -> None:
    """Forget the failures of the account, and that this attempt counted as one of the address."""
    c = t.attempts.c
    connection.execute(delete(t.attempts).where(c.key == attempt.keys[0]))
    connection.execute(
        update(t.attempts).where(c.key == attempt.keys[1], c.failures > 0).values(failures=c.failures - 1)
    )


def forget(connection: Connection, login: str) -> None:
    """Forget the failures of an account from addresses that it does not know: its password is a new one."""
    connection.execute(delete(t.attempts).where(t.attempts.c.key == _hashed(f"account {login}")))


def tidy(team: Team, connection: Connection) -> None:
    """Remove what is forgotten."""
    c = t.attempts.c
    old = written(team.time(connection) - FORGET)
    connection.execute(delete(t.attempts).where(c.last < old, c.failures < MOST))


def _wait(
    connection: Connection, key: str, now: datetime, free: int, longest: timedelta, most: int | None
) -> timedelta:
    row = connection.execute(select(t.attempts).where(t.attempts.c.key == key)).first()
    if row is None or row.failures < free:
        return timedelta(0)
    since = now - datetime.fromisoformat(row.last)
    if most is not None and row.failures >= most:
        return longest
    if since >= FORGET:
        return timedelta(0)
    doubled: int = 2 ** min(row.failures - free, 20)
    return max(min(FIRST_WAIT * doubled, longest) - since, timedelta(0))


def _count(connection: Connection, key: str, now: datetime) -> None:
    c = t.attempts.c
    row = connection.execute(select(t.attempts).where(c.key == key)).first()
    if row is None:
        connection.execute(insert(t.attempts).values(key=key, failures=1, last=written(now)))
        return
    fresh = row.failures < MOST and now - datetime.fromisoformat(row.last) >= FORGET
    connection.execute(
        update(t.attempts).where(c.key == key).values(failures=1 if fresh else row.failures + 1, last=written(now))
    )


def _place(address: str) -> str:
    """Return what of an address is one person's or office's: of IPv6 the first 64 bits."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if found.version == 6 and found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, 64), strict=False)) if found.version == 6 else str(found)


def _hashed(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
