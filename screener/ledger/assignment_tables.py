"""The tables of assignments, and of what is looked at before it is done; a part of those in `tables.py`."""

from sqlalchemy import Column, Index, Integer, Table, Text

from .undo_tables import metadata, number

assignments = Table(
    "assignments",
    metadata,
    number(),
    Column("at", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("act", Text, nullable=False),
    Column("stage", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("record_id", Text, nullable=False),
    Column("reviewer", Text, nullable=False),
    Column("active", Integer, nullable=False),
    Column("exclusive", Integer, nullable=False),
    Index("assignments_by_record", "stage", "record_id"),
)
"""`role` is `human`, or `adjudicator` of a conflict. `act` groups what was done at once. Where `exclusive`, nobody else gets the
record."""

previews = Table(
    "previews",
    metadata,
    number(),
    Column("at", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("token", Text, nullable=False, unique=True),
    Column("body", Text, nullable=False),
)
"""What somebody has looked at before they have it done. Each is deleted as it is done, at the latest some days later."""
