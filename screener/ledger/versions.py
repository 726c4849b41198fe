"""Frozen versions of the review: rows that are written once and never changed."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, insert, select

from ..core.errors import BadInput
from . import tables as t
from . import update_tables as ut
from .store import now
from .superseded import first_versions
from .texts import keep_text, text_hash, text_of

_GROWING = ("imports", "hits", "links", "judgements", "withdrawals", "errors", "documents", "retrievals", "samples", "looks",
            "amendments", "updates", "undone_imports", "full_text_searches")  # fmt: skip
"""The tables whose newest rows say how far the ledger had grown."""


@dataclass(frozen=True)
class FrozenVersion:
    """A frozen version. `position` is the number of the newest row of each table, `body` what was included and open.

    `protocol` and `figures` are the SHA-256 of the texts that the ledger keeps of them.
    """

    id: int
    name: str
    at: str
    who: str
    position: Mapping[str, int]
    protocol: str
    figures: str
    body: Mapping[str, Any]

    @property
    def reports(self) -> tuple[str, ...]:
        """Return the reports that were included, by their ids of that time."""
        return tuple(name for study in self.body["studies"] for name in study)

    @property
    def studies(self) -> tuple[tuple[str, ...], ...]:
        """Return the studies that were included, each as the ids of its reports."""
        return tuple(tuple(study) for study in self.body["studies"])

    def as_json(self) -> dict[str, Any]:
        """Return it as `version list --json` lists it."""
        return {
            "name": self.name,
            "at": self.at,
            "who": self.who,
            "records": self.body["records"],
            "studies": len(self.studies),
            "reports": len(self.reports),
            "open": {stage: {status: len(names) for status, names in of.items()} for stage, of in self.body["open"].items()},
            "position": dict(self.position),
            "protocol_sha256": self.protocol,
            "figures_sha256": self.figures,
        }  # fmt: skip


def versions(connection: Connection) -> list[FrozenVersion]:
    """Return all frozen versions, oldest first."""
    return [
        FrozenVersion(row.id, row.name, row.at, row.who, json.loads(row.position), row.protocol, row.figures, json.loads(row.body))
        for row in connection.execute(select(ut.versions).order_by(ut.versions.c.id))
    ]  # fmt: skip


def ledger_position(connection: Connection) -> dict[str, int]:
    """Return the number of the newest row of each table that grows, 0 without one."""
    return {
        table: int(connection.execute(select(func.coalesce(func.max(t.metadata.tables[table].c.id), 0))).scalar_one())
        for table in _GROWING
    }


@dataclass(frozen=True)
class NewVersion:
    """What is frozen under a name: figures and protocol as texts, what was included and open, and the position of all that."""

    position: Mapping[str, int]
    protocol: str
    figures: str
    body: Mapping[str, Any]


def add_version(connection: Connection, name: str, who: str, new: NewVersion) -> FrozenVersion:
    """Freeze a version inside the caller's transaction and return it; `BadInput` where there is one of that name."""
    for earlier in versions(connection):
        if earlier.name == name:
            raise BadInput(
                f"version freeze: there is a version {name} already, of {earlier.at[:10]}; a frozen version is never changed"
            )
    hashes = {"protocol": keep_text(connection, new.protocol), "figures": keep_text(connection, new.figures)}
    told = {"position": json.dumps(new.position), "body": json.dumps(new.body)}
    row = {"name": name, "at": now(), "who": who, **told, **hashes}
    connection.execute(insert(ut.versions), row)
    return versions(connection)[-1]


def frozen_text(connection: Connection, digest: str) -> str:
    """Return what a version holds of protocol or figures; `BadInput` where the ledger has another text, or none."""
    text = text_of(connection, digest)
    if text is None or text_hash(text) != digest:
        raise BadInput(
            f"version show: the frozen text {digest[:16]}… is not in the ledger as it was; the ledger is damaged"
        )
    return text


def new_hits(connection: Connection, after: int) -> set[int]:
    """Return the hits that count and came after a position; a newer version of an earlier hit is none."""
    first = first_versions(connection)
    hits = connection.execute(select(t.members.c.hit_id).where(t.members.c.hit_id > after)).scalars()
    return {hit for hit in hits if first.get(hit, hit) > after}


def new_records(connection: Connection, after: int) -> tuple[set[str], set[int]]:
    """Return the records of which every hit came after a position, and all hits that did."""
    fresh = new_hits(connection, after)
    old: set[str] = set()
    records: dict[int, str] = {}
    for row in connection.execute(select(t.members)):
        records[row.hit_id] = row.record_id
        if row.hit_id not in fresh:
            old.add(row.record_id)
    return {records[hit] for hit in fresh} - old, fresh


def previous_version(connection: Connection) -> FrozenVersion | None:
    """Return the newest version after which records were imported that stand; None without one."""
    for version in reversed(versions(connection)):
        if new_hits(connection, version.position["hits"]):
            return version
    return None
