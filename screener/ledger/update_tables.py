"""The tables of searches, living updates and frozen versions, a part of those in `tables.py`."""

from sqlalchemy import BigInteger, Column, Integer, Table, Text

from .undo_tables import metadata, number

updates = Table(
    "updates",
    metadata,
    number(),
    Column("at", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("body", Text, nullable=False),
)
"""Exports that replaced an earlier export of the same search; `body` has the counts. One is taken back with its imports."""

update_imports = Table(
    "update_imports",
    metadata,
    Column("update_id", BigInteger, primary_key=True, autoincrement=False),
    Column("import_id", BigInteger, primary_key=True, autoincrement=False),
)
"""The files of each update."""

superseded_hits = Table(
    "superseded_hits",
    metadata,
    Column("update_id", BigInteger, primary_key=True, autoincrement=False),
    Column("old", BigInteger, primary_key=True, autoincrement=False),
    Column("new", BigInteger, nullable=False),
    Column("first_import", BigInteger, nullable=False),
    Column("text", Integer, nullable=False),
)
"""Which hit an update put in the place of which, the import that brought the first version, and whether title or abstract
changed."""

missing_hits = Table(
    "missing_hits",
    metadata,
    Column("update_id", BigInteger, primary_key=True, autoincrement=False),
    Column("hit_id", BigInteger, primary_key=True, autoincrement=False),
)
"""The hits of its source that an update's export does not have; those of the newest update of a source are missing now."""

changed_texts = Table(
    "changed_texts",
    metadata,
    Column("update_id", BigInteger, primary_key=True, autoincrement=False),
    Column("record_id", Text, primary_key=True),
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
)
"""The records whose title or abstract an update changed, with the hashes of both texts."""

searches = Table(
    "searches",
    metadata,
    number(),
    Column("at", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("query", Text, nullable=False),
    Column("since", Text, nullable=False),
    Column("stated", BigInteger),
    Column("received", BigInteger, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("body", Text, nullable=False),
)
"""Searches of databases over the network, once their records were entered: `at` is when the search began, `name` and
`query` are the protocol's, `since` the day from which records were asked for, `sha256` that of all pages. `body` has the
imports that hold its rows, and what the database said of the query."""

full_text_searches = Table(
    "full_text_searches",
    metadata,
    number(),
    Column("record_id", Text, nullable=False),
    Column("round", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("body", Text, nullable=False),
)
"""Searches for the full text of a report over the network: `round` is when the search for all of them began, `body` has what
was asked, what came of it, and what is known of supplements."""

versions = Table(
    "versions",
    metadata,
    number(),
    Column("name", Text, nullable=False, unique=True),
    Column("at", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("position", Text, nullable=False),
    Column("protocol", Text, nullable=False),
    Column("figures", Text, nullable=False),
    Column("body", Text, nullable=False),
)
"""Frozen versions of the review: how far each table had grown, the hashes of the texts that hold protocol and figures,
and what was included and open. A row is never changed."""
