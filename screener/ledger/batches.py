"""The batches that were handed to a provider's Batch API, each change of state a row.

`prepared`     its requests are set aside; a file may be uploaded, nothing was started
`submitting`   the provider is being asked to start it: after a crash here it may or may not run
`submitted`    it runs at the provider, under the provider's id
`collected`    it is over and what it answered is in the ledger
`not_started`  for certain: its requests are open
`forgotten`    the user said that it does not count
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from sqlalchemy import Connection, insert, select

from ..core.errors import BadInput
from . import tables as t
from .store import Ledger, now

SENT = ("submitting", "submitted")
"""The states in which a batch's requests may be answered, and paid for, without our doing."""


@dataclass(frozen=True)
class Batch:
    """A batch as it stands now. `remote` is the provider's id."""

    batch: str
    state: str
    remote: str | None
    stage: str
    reviewer: str
    file: str
    requests: int
    note: str
    at: str

    @property
    def name(self) -> str:
        """Return the id to show and to type."""
        return self.remote or self.batch

    def as_json(self) -> dict[str, Any]:
        """Return it as `batch submit --json` lists it."""
        return {"id": self.name, "batch": self.batch, "state": self.state, "requests": self.requests, "file": self.file}


@dataclass(frozen=True)
class ExportedRequest:
    """What the id of a request in a batch file stands for."""

    custom_id: str
    stage: str
    reviewer: str
    record_id: str
    request: str
    repeat: int
    at: str = field(default_factory=now)


def exported_requests(connection: Connection, batch: str | None = None) -> dict[str, ExportedRequest]:
    """Return the requests that were ever written to a batch file, or those of one batch, by custom id."""
    query = select(t.exported)
    if batch is not None:
        query = query.join(t.batch_requests, t.batch_requests.c.custom_id == t.exported.c.custom_id)
        query = query.where(t.batch_requests.c.batch == batch)
    return {row["custom_id"]: ExportedRequest(**row) for row in connection.execute(query).mappings()}


def remember_requests(connection: Connection, requests: Iterable[ExportedRequest]) -> None:
    """Keep what the ids of a batch file stand for, so that answers can be told from strangers."""
    known_ids = set(connection.execute(select(t.exported.c.custom_id)).scalars())
    if rows := [asdict(request) for request in requests if request.custom_id not in known_ids]:
        connection.execute(insert(t.exported), rows)


def batches(connection: Connection) -> list[Batch]:
    """Return all batches as they stand now, oldest first."""
    columns = [column for column in t.batches.c if column.name != "id"]
    rows = connection.execute(select(*columns).order_by(t.batches.c.id)).mappings()
    return list({row["batch"]: Batch(**row) for row in rows}.values())


def requests_under_way(connection: Connection) -> dict[str, str]:
    """Return the requests that are in batches under way, by custom id, with the name of the batch."""
    names = {batch.batch: batch.name for batch in batches(connection) if batch.state in SENT}
    rows = connection.execute(select(t.batch_requests).where(t.batch_requests.c.batch.in_(names)))
    return {row.custom_id: names[row.batch] for row in rows}


def named(listed: Sequence[Batch], name: str) -> Batch:
    """Return the batch with the id, ours or the provider's; `BadInput` if there is none or it was never started."""
    for batch in listed:
        if name in (batch.batch, batch.remote):
            if batch.state in ("prepared", "not_started"):
                raise BadInput(f"{name}: this batch was never started{f': {batch.note}' if batch.note else ''}")
            return batch
    names = ", ".join(batch.name for batch in listed if batch.state in (*SENT, "collected")) or "none"
    raise BadInput(f"{name}: no batch of this review is called so; there are: {names}")


def ids(connection: Connection, batch: Batch) -> set[str]:
    """Return the custom ids of a batch's requests."""
    query = select(t.batch_requests.c.custom_id).where(t.batch_requests.c.batch == batch.batch)
    return set(connection.execute(query).scalars())


def enter(connection: Connection, batch: Batch) -> None:
    """Keep a batch's state, as of now."""
    connection.execute(insert(t.batches).values(**{**vars(batch), "at": now()}))


def add_batch(connection: Connection, batch: Batch, custom_ids: Collection[str]) -> None:
    """Add a batch in its first state, with the requests that are in it."""
    enter(connection, batch)
    connection.execute(insert(t.batch_requests), [{"batch": batch.batch, "custom_id": name} for name in custom_ids])


def move(ledger: Ledger, batch: Batch, expected: str, **changes: Any) -> Batch | None:
    """Enter a new state if the batch is still in the one expected; None if another process was first."""
    with ledger.write() as connection:
        current = next(latest for latest in batches(connection) if latest.batch == batch.batch)
        if current.state != expected:
            return None
        moved = replace(current, **changes)
        if moved != current:
            enter(connection, moved)
    return moved


def latest_state(ledger: Ledger, batch: Batch) -> Batch:
    """Return the batch after what other processes have made of it."""
    with ledger.read() as connection:
        return next(latest for latest in batches(connection) if latest.batch == batch.batch)
