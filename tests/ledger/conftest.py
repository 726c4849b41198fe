from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import insert

from screener.ledger import tables as t
from screener.ledger.store import Ledger
from screener.records import Record

AddRecords = Callable[..., None]


@pytest.fixture
def ledger(database: str, tmp_path: Path) -> Ledger:
    return Ledger.of(tmp_path / ".screener")


@pytest.fixture
def add_records(ledger: Ledger) -> AddRecords:
    """Adds records with these ids, or whole ones, in order; `merged` are the ids of parts with the id of their record."""

    def add(*records: str | Record, merged: dict[str, str] | None = None) -> None:
        whole = [
            record if isinstance(record, Record) else Record(id=record, title=f"On {record}") for record in records
        ]
        rows = [
            {"id": record.id, "position": place, "text_hash": record.text_hash, "body": record.model_dump_json()}
            for place, record in enumerate(whole)
        ]
        names = {record.id: record.id for record in whole} | (merged or {})
        with ledger.write() as connection:
            connection.execute(insert(t.records), rows)
            connection.execute(insert(t.aliases), [{"alias": a, "record_id": name} for a, name in names.items()])

    return add
