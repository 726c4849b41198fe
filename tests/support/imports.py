"""Files of entries as readers give them, and all that an import makes of them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from screener.ledger import reads
from screener.ledger import tables as t
from screener.ledger.key_tables import hit_keys
from screener.ledger.store import Ledger
from screener.records import Entry, FileRead, Hit


def a_file(entries: Sequence[Entry], name: str = "a", source: str = "Base") -> FileRead:
    """A file of that name and content with these rows."""
    hits = tuple(Hit(source=source, row=row, entry=entry) for row, entry in enumerate(entries, start=1))
    return FileRead(name, "table", source, name, hits, ())


def imported(ledger: Ledger) -> list[Any]:
    """Everything that rows came to: names, links, records, aliases, and last the keys by which they are looked up."""
    li = t.links.c
    with ledger.read() as connection:
        return [
            connection.execute(select(t.hits.c.id, t.hits.c.name).order_by(t.hits.c.id)).all(),
            connection.execute(select(li.kind, li.a, li.b, li.active, li.rule, li.score).order_by(li.id)).all(),
            [record.model_dump_json() for record in reads.records(connection)],
            sorted(connection.execute(select(t.aliases)).all()),
            sorted(connection.execute(select(hit_keys)).all()),
        ]
