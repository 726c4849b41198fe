"""The tables of what was taken back and renamed, a part of those in `tables.py`."""

from sqlalchemy import BigInteger, Column, Integer, MetaData, Table, Text

metadata = MetaData()


def number() -> Column[int]:
    """Return the column `id`, which counts a table's rows."""
    return Column("id", BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=True)


undone_imports = Table(
    "undone_imports",
    metadata,
    number(),
    Column("import_id", BigInteger, nullable=False, unique=True),
    Column("who", Text, nullable=False),
    Column("at", Text, nullable=False),
)
"""Imports that were taken back. Their hits count no more, unless an import that stands brought them too."""

repeated_hits = Table(
    "repeated_hits",
    metadata,
    Column("import_id", BigInteger, primary_key=True, autoincrement=False),
    Column("hit_id", BigInteger, primary_key=True, autoincrement=False),
)
"""Which imports brought a hit beside the one that brought it first."""

gone_ids = Table("gone_ids", metadata, Column("record_id", Text, primary_key=True))
"""The ids of records of which no hit counts any more; what was judged under them counts as withdrawn."""

source_names = Table(
    "source_names",
    metadata,
    number(),
    Column("old", Text, nullable=False),
    Column("new", Text, nullable=False),
    Column("hits", BigInteger, nullable=False),
    Column("imports", BigInteger, nullable=False),
    Column("who", Text, nullable=False),
    Column("at", Text, nullable=False),
)
"""Corrected names of sources, for the hits and imports up to these numbers."""

label_files = Table(
    "label_files",
    metadata,
    number(),
    Column("at", Text, nullable=False),
    Column("stage", Text, nullable=False),
    Column("file", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("format", Text, nullable=False),
    Column("body", Text, nullable=False),
)
"""Files of people's decisions that were entered, with the numbers of the judgements that each made and superseded."""

undone_labels = Table(
    "undone_labels",
    metadata,
    number(),
    Column("label_id", BigInteger, nullable=False, unique=True),
    Column("who", Text, nullable=False),
    Column("at", Text, nullable=False),
)
"""Label files that were taken back."""
