"""The table of previews, a part of those in `tables.py`."""

from sqlalchemy import Column, Table, Text

from .undo_tables import metadata, number

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
