"""The team's tables, as SQLAlchemy Core sees them. `migrations.py` makes them; a test holds the two together.

Rows of `accounts` stay when an account is removed, so that nobody is given a name that stands in a ledger already. `acts`
and `unblindings` are append-only; the database itself refuses to change a row of `acts`. Times are ISO 8601 in UTC.
"""

from sqlalchemy import BigInteger, Column, Integer, MetaData, Table, Text

metadata = MetaData()


def _number() -> Column[int]:
    return Column("id", BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=True)


accounts = Table(
    "accounts",
    metadata,
    _number(),
    Column("login", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False, unique=True),
    Column("password", Text, nullable=False),
    Column("administrator", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("made", Text, nullable=False),
)
"""`state`: `active`, `disabled` or `removed`. `password` is a hash; empty where there is none."""

entry_links = Table(
    "entry_links",
    metadata,
    _number(),
    Column("kind", Text, nullable=False),
    Column("token_hash", Text, nullable=False, unique=True),
    Column("account_id", BigInteger),
    Column("administrator", Integer, nullable=False),
    Column("grants", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("made_by", BigInteger),
    Column("made", Text, nullable=False),
    Column("expires", Text, nullable=False),
    Column("used", Text),
    Column("used_by", BigInteger),
    Column("withdrawn", Text),
)
"""Links that let somebody in once: an `invitation`, or the `reset` of the password of the account `account_id`."""

sessions = Table(
    "sessions",
    metadata,
    _number(),
    Column("token_hash", Text, nullable=False, unique=True),
    Column("account_id", BigInteger, nullable=False, index=True),
    Column("made", Text, nullable=False),
    Column("seen", Text, nullable=False),
    Column("ends", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("browser", Text, nullable=False),
    Column("ended", Text),
)

attempts = Table(
    "attempts",
    metadata,
    Column("key", Text, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("last", Text, nullable=False),
)
"""How often logging in failed, by a hash of the log-in name or of the address."""

reviews = Table(
    "reviews",
    metadata,
    _number(),
    Column("slug", Text, nullable=False, unique=True),
    Column("title", Text, nullable=False),
    Column("folder", Text, nullable=False, unique=True),
    Column("schema_name", Text, nullable=False),
    Column("made", Text, nullable=False),
    Column("archived", Text),
)
"""`schema_name` is that of the ledger in the site's PostgreSQL database; empty where the ledger is a file in the folder."""

memberships = Table(
    "memberships",
    metadata,
    Column("review_id", BigInteger, primary_key=True, autoincrement=False),
    Column("account_id", BigInteger, primary_key=True, autoincrement=False),
    Column("role", Text, primary_key=True),
    Column("given", Text, nullable=False),
    Column("given_by", BigInteger),
)

unblindings = Table(
    "unblindings",
    metadata,
    _number(),
    Column("review_id", BigInteger, nullable=False),
    Column("account_id", BigInteger, nullable=False),
    Column("stage", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("given_by", BigInteger),
)
"""Who was shown others' judgements of a stage, and judges there no more."""

acts = Table(
    "acts",
    metadata,
    _number(),
    Column("at", Text, nullable=False),
    Column("account_id", BigInteger),
    Column("who", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("act", Text, nullable=False),
    Column("review", Text, nullable=False),
    Column("object", Text, nullable=False),
    Column("details", Text, nullable=False),
)
"""Who did what, on what, when and from where. `who` is the name as it was then."""

jobs = Table(
    "jobs",
    metadata,
    _number(),
    Column("kind", Text, nullable=False),
    Column("review", Text, nullable=False),
    Column("args", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("progress", Text, nullable=False),
    Column("result", Text),
    Column("problem", Text, nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("asked", Text, nullable=False),
    Column("began", Text),
    Column("ended", Text),
    Column("holder", Text, nullable=False),
    Column("until", Text, nullable=False),
    Column("stop", Integer, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("fruitless", Integer, nullable=False),
)
"""What takes longer than a request. A worker holds the one that it runs (`holder`), until its lease ends (`until`)."""
