"""Who did what, on what, when and from where: acts, which are only added."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, insert, select

from . import tables as t
from .database import Team


@dataclass(frozen=True)
class Actor:
    """Who does something, and the address that they do it from. Without an account: the administrator at the terminal."""

    account: int | None
    name: str
    address: str = ""


TERMINAL = Actor(None, "administrator at the terminal")


@dataclass(frozen=True)
class Act:
    """One row of the audit. `who` is the name as it was then, `review` a slug or empty, `object` what it was done to."""

    id: int
    at: str
    account: int | None
    who: str
    address: str
    act: str
    review: str = ""
    object: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


def add_act(
    team: Team, connection: Connection, by: Actor, act: str, *, review: str = "", object: str = "", **details: Any
) -> None:
    """Note an act, within the transaction that does it. `act` is a verb with its noun, like `log in`."""
    values = {
        "at": team.now(connection),
        "account_id": by.account,
        "who": by.name,
        "address": by.address,
        "act": act,
        "review": review,
        "object": object,
        "details": json.dumps(details, ensure_ascii=False),
    }
    connection.execute(insert(t.acts).values(values))


def acts(team: Team, *, review: str | None = None, before: int | None = None, most: int = 100) -> list[Act]:
    """Return the newest acts, newest first: those of a review only, and those before an id for the next page."""
    query = select(t.acts).order_by(t.acts.c.id.desc()).limit(most)
    if review is not None:
        query = query.where(t.acts.c.review == review)
    if before is not None:
        query = query.where(t.acts.c.id < before)
    with team.read() as connection:
        rows = connection.execute(query).all()
    return [
        Act(
            row.id,
            row.at,
            row.account_id,
            row.who,
            row.address,
            row.act,
            row.review,
            row.object,
            json.loads(row.details),
        )
        for row in rows
    ]
