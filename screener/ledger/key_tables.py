"""The tables by which an import finds what its rows may be; made from the hits, so neither copied nor part of an audit."""

from sqlalchemy import BigInteger, Column, MetaData, Table, Text

metadata = MetaData()

hit_keys = Table(
    "hit_keys",
    metadata,
    Column("key", BigInteger, primary_key=True, autoincrement=False),
    Column("hit_id", BigInteger, primary_key=True, autoincrement=False),
)
"""The keys of each entry: two entries that may be the same work share one."""

hit_keys_made = Table(
    "hit_keys_made",
    metadata,
    Column("version", Text, primary_key=True),
    Column("hit", BigInteger, nullable=False),
)
"""By which version of the rule, and up to which hit, the keys are made: one row, or none."""
