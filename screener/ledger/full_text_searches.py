"""Searches for full texts over the network: of each report what was asked and what came of it, newest last."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, insert, select

from . import update_tables as ut
from .reads import current_ids
from .store import now


@dataclass(frozen=True)
class FullTextSearch:
    """What came of one search. `said` has `finished`, `why`, `source`, `url`, `attempts` and `supplements`."""

    record: str
    round: str
    """When the search for the full texts of all reports began that it is a part of, ISO 8601."""
    at: str = ""
    who: str = ""
    said: Mapping[str, Any] = field(default_factory=dict)

    @property
    def finished(self) -> bool:
        """Return whether everything that could be asked has answered."""
        return bool(self.said.get("finished"))


def add_full_text_search(connection: Connection, search: FullTextSearch) -> None:
    """Note what came of the search for a report's full text."""
    body = json.dumps(dict(search.said), ensure_ascii=False)
    row = {"record_id": search.record, "round": search.round, "at": now(), "who": search.who, "body": body}
    connection.execute(insert(ut.full_text_searches), row)


def full_text_searches(connection: Connection, records: Collection[str] | None = None) -> dict[str, FullTextSearch]:
    """Return the newest search of each report, or of some, by the id that its record has now."""
    rows = connection.execute(select(ut.full_text_searches).order_by(ut.full_text_searches.c.id)).all()
    names = current_ids(connection) if rows else {}
    newest = dict[str, FullTextSearch]()
    for row in rows:
        record = names.get(row.record_id, row.record_id)
        if records is None or record in records:
            newest[record] = FullTextSearch(record, row.round, row.at, row.who, json.loads(row.body))
    return newest
