"""The tables of learned queues, a part of those in `tables.py`."""

from sqlalchemy import BigInteger, Column, Float, Integer, Table, Text

from .undo_tables import metadata, number

rankings = Table(
    "rankings",
    metadata,
    number(),
    Column("at", Text, nullable=False),
    Column("stage", Text, nullable=False),
    Column("body", Text, nullable=False),
)
"""The models that were fitted for a learned queue, and fits that failed; `body` says what each was made from and with."""

ranked_places = Table(
    "ranked_places",
    metadata,
    Column("stage", Text, primary_key=True),
    Column("record_id", Text, primary_key=True),
    Column("ranking_id", BigInteger, nullable=False),
    Column("place", Integer, nullable=False),
    Column("score", Float, nullable=False),
)
"""The first places of the newest ranking of each stage; the ranking after it replaces them."""

offered_scores = Table(
    "offered_scores",
    metadata,
    Column("ranking_id", BigInteger, primary_key=True, autoincrement=False),
    Column("record_id", Text, primary_key=True),
    Column("reviewer", Text, primary_key=True),
    Column("score", Float, nullable=False),
    Column("at", Text, nullable=False),
)
"""Which records were offered to whom by which ranking, with the score that they had."""
