"""What was seen at the addresses that papers give: each look is an event, and none changes what was extracted."""

import json
from dataclasses import asdict, dataclass

from sqlalchemy import Connection, select

from ..core.judgement import Stage
from . import tables as t
from .ui_events import add_event

LINK_CHECK = "link_check"
"""The kind of the event."""


@dataclass(frozen=True)
class LinkCheck:
    """A look at an address. Its fields are those of `sources.SeenAddress`; `at` and `who` are those of the event."""

    address: str
    kind: str
    status: int | None
    final: str
    redirects: tuple[str, ...]
    licence: str
    licence_from: str
    weights: tuple[str, ...] | None
    problem: str
    at: str = ""
    who: str = ""

    @property
    def answers(self) -> bool | None:
        """Return whether something is there; None where nobody can tell: no answer, or one for people alone (401, 403)."""
        if self.status is None or self.status in (401, 403):
            return None
        return self.status < 400

    @property
    def words(self) -> str:
        """Return what was seen, in words, with the day."""
        day = self.at[:10]
        if self.status is None:
            return f"no answer on {day}: {self.problem}"
        said = {404: "nothing there", 410: "gone", 401: "refuses programs", 403: "refuses programs"}
        parts = [f"{said.get(self.status, 'there' if self.answers else 'an error')} ({self.status}) on {day}"]
        if self.redirects:
            parts.append(f"moved to {self.final}")
        if self.answers and self.kind != "page":
            parts.append(f"licence {self.licence}" if self.licence else "no licence seen")
        if self.answers and self.weights is not None:
            more = f" and {len(self.weights) - 1} more" if len(self.weights) > 1 else ""
            parts.append(f"weights: {self.weights[0]}{more}" if self.weights else "no weights seen")
        return "; ".join(parts)


def add_link_check(connection: Connection, check: LinkCheck) -> None:
    """Note a look at an address; its time is that of the event."""
    body = {name: value for name, value in asdict(check).items() if name not in ("at", "who")}
    add_event(connection, LINK_CHECK, Stage.EXTRACTION, check.who, json.dumps(body))


def link_checks(connection: Connection) -> list[LinkCheck]:
    """Return all looks, oldest first."""
    c = t.ui_events.c
    checks = []
    for row in connection.execute(select(t.ui_events).where(c.kind == LINK_CHECK).order_by(c.id)):
        body = json.loads(row.body)
        weights = body["weights"]
        body |= {"redirects": tuple(body["redirects"]), "weights": None if weights is None else tuple(weights)}
        checks.append(LinkCheck(**body, at=row.at, who=row.reviewer))
    return checks


def last_link_checks(connection: Connection) -> dict[str, LinkCheck]:
    """Return the last look at each address, by the address."""
    return {check.address: check for check in link_checks(connection)}
