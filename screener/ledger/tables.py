"""The ledger's tables, as SQLAlchemy Core sees them. `migrations.py` makes them; a test holds the two together.

Append-only: imports, hits, links, calls, judgements, errors, exported, batches, batch_requests, documents, document_files,
retrievals, fits, texts, samples, sample_members, withdrawals, judgement_context, looks, amendments, ui_events,
undone_imports, repeated_hits, source_names, label_files, undone_labels, updates, update_imports, superseded_hits,
missing_hits, changed_texts, versions, rankings, offered_scores, assignments. Rebuildable from hits, links, undone imports: records, aliases, members, gone_ids; from the judgements: queue, ranked_places, agreements, standings. Mutable: leases, run_leases,
drafts, previews. `runs` gets its end written once. Times are ISO 8601 in UTC. Where a table has a better name here than in SQL (`judgement_context` is called
`circumstances` there, `ui_events` is `marks`), the old one stays in SQL, so that older ledgers and audits open.
"""

from sqlalchemy import BigInteger, Column, Float, Index, Integer, LargeBinary, Table, Text, UniqueConstraint

from . import assignment_tables as assignment_tables
from . import ranking_tables as ranking_tables
from . import update_tables as update_tables
from .undo_tables import gone_ids as gone_ids
from .undo_tables import label_files as label_files
from .undo_tables import metadata as metadata
from .undo_tables import number
from .undo_tables import repeated_hits as repeated_hits
from .undo_tables import source_names as source_names
from .undo_tables import undone_imports as undone_imports
from .undo_tables import undone_labels as undone_labels

imports = Table(
    "imports",
    metadata,
    number(),
    Column("at", Text, nullable=False),
    Column("file", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("format", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("report", Text, nullable=False),
)

hits = Table(
    "hits",
    metadata,
    number(),
    Column("key", Text, nullable=False, unique=True),
    Column("import_id", BigInteger, nullable=False),
    Column("name", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("row", Integer, nullable=False),
    Column("entry", Text, nullable=False),
)

links = Table(
    "links",
    metadata,
    number(),
    Column("kind", Text, nullable=False),
    Column("a", BigInteger, nullable=False),
    Column("b", BigInteger, nullable=False),
    Column("active", Integer, nullable=False),
    Column("rule", Text, nullable=False),
    Column("score", Float, nullable=False),
    Column("who", Text, nullable=False),
    Column("at", Text, nullable=False),
)

records = Table(
    "records",
    metadata,
    Column("id", Text, primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("text_hash", Text, nullable=False),
    Column("body", Text, nullable=False),
)

aliases = Table(
    "aliases",
    metadata,
    Column("alias", Text, primary_key=True),
    Column("record_id", Text, nullable=False, index=True),
)

members = Table(
    "members",
    metadata,
    Column("hit_id", BigInteger, primary_key=True, autoincrement=False),
    Column("record_id", Text, nullable=False, index=True),
)

runs = Table(
    "runs",
    metadata,
    Column("id", Text, primary_key=True),
    Column("at", Text, nullable=False),
    Column("stage", Text, nullable=False),
    Column("reviewer", Text, nullable=False),
    Column("specification", Text, nullable=False),
    Column("ended", Text),
    Column("summary", Text),
)

judgements = Table(
    "judgements",
    metadata,
    number(),
    Column("run_id", Text, nullable=False),
    Column("record_id", Text, nullable=False),
    Column("text_hash", Text, nullable=False),
    Column("stage", Text, nullable=False),
    Column("reviewer", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("asked", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("repeat", Integer, nullable=False),
    Column("at", Text, nullable=False),
    Column("decision", Text, nullable=False),
    Column("probability", Float),
    Column("body", Text, nullable=False),
    Index("judgements_by_reviewer", "stage", "reviewer"),
    Index("judgements_by_key", "stage", "asked", "rule", "repeat"),
    Index("judgements_by_record", "record_id", "stage"),
)

errors = Table(
    "errors",
    metadata,
    number(),
    Column("run_id", Text, nullable=False),
    Column("record_id", Text, nullable=False),
    Column("text_hash", Text, nullable=False),
    Column("stage", Text, nullable=False),
    Column("reviewer", Text, nullable=False),
    Column("asked", Text, nullable=False),
    Column("repeat", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("at", Text, nullable=False),
    Index("errors_by_reviewer", "stage", "reviewer"),
)

calls = Table(
    "calls",
    metadata,
    number(),
    Column("run_id", Text, nullable=False),
    Column("record_id", Text, nullable=False),
    Column("stage", Text, nullable=False),
    Column("reviewer", Text, nullable=False),
    Column("request", Text, nullable=False),
    Column("repeat", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("response", Text),
    Column("model", Text),
    Column("parameters", Text),
    Column("input_tokens", Integer),
    Column("output_tokens", Integer),
    Column("cached_tokens", Integer),
    Column("cost_usd", Float),
    Column("latency_s", Float),
    Column("attempts", Integer, nullable=False),
    Column("at", Text, nullable=False),
    Index("calls_by_request", "request", "repeat"),
)

texts = Table(
    "texts",
    metadata,
    Column("hash", Text, primary_key=True),
    Column("body", LargeBinary, nullable=False),
)

exported = Table(
    "exported",
    metadata,
    Column("custom_id", Text, primary_key=True),
    Column("stage", Text, nullable=False),
    Column("reviewer", Text, nullable=False),
    Column("record_id", Text, nullable=False),
    Column("request", Text, nullable=False),
    Column("repeat", Integer, nullable=False),
    Column("at", Text, nullable=False),
)

batches = Table(
    "batches",
    metadata,
    number(),
    Column("batch", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("remote", Text),
    Column("stage", Text, nullable=False),
    Column("reviewer", Text, nullable=False),
    Column("file", Text, nullable=False),
    Column("requests", Integer, nullable=False),
    Column("note", Text, nullable=False),
    Column("at", Text, nullable=False),
)

batch_requests = Table(
    "batch_requests",
    metadata,
    Column("batch", Text, primary_key=True),
    Column("custom_id", Text, primary_key=True),
)

documents = Table(
    "documents",
    metadata,
    number(),
    Column("record_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("active", Integer, nullable=False),
    Column("file", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("content", Text, nullable=False),
    Column("pages", Integer, nullable=False),
    Column("characters", Integer, nullable=False),
    Column("scan", Integer, nullable=False),
    Column("how", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("at", Text, nullable=False),
)

document_files = Table(
    "document_files",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("body", LargeBinary, nullable=False),
)
"""The files of documents, where the ledger is on a server; beside a ledger that is a file they lie in a folder."""

retrievals = Table(
    "retrievals",
    metadata,
    number(),
    Column("record_id", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("at", Text, nullable=False),
)

fits = Table(
    "fits",
    metadata,
    Column("id", Text, primary_key=True),
    Column("at", Text, nullable=False),
    Column("stage", Text, nullable=False),
    Column("reviewer", Text, nullable=False),
    Column("body", Text, nullable=False),
)

# Who judges what next, and how it came about that they did.

samples = Table(
    "samples",
    metadata,
    number(),
    Column("kind", Text, nullable=False),
    Column("stage", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("seed", Text, nullable=False),
    Column("n", Integer, nullable=False),
    Column("drawn", Text, nullable=False),
    Column("frame", Integer, nullable=False),
    Column("body", Text, nullable=False),
)

sample_members = Table(
    "sample_members",
    metadata,
    Column("sample_id", BigInteger, primary_key=True, autoincrement=False),
    Column("record_id", Text, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("counts", Integer, nullable=False),
    Column("weight", Float, nullable=False),
    Column("stratum", Text, nullable=False),
    Index("sample_members_by_record", "record_id"),
)

leases = Table(
    "leases",
    metadata,
    Column("stage", Text, primary_key=True),
    Column("record_id", Text, primary_key=True),
    Column("slot", Integer, primary_key=True, autoincrement=False),
    Column("reviewer", Text, nullable=False),
    Column("holder", Text, nullable=False),
    Column("until", Text, nullable=False),
    UniqueConstraint("stage", "record_id", "reviewer"),
)

run_leases = Table(
    "run_leases",
    metadata,
    Column("name", Text, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("beat", BigInteger, nullable=False),
)
"""Which questions are being asked by a run just now (`name`), by which run, and how often it has given a sign of life."""

drafts = Table(
    "drafts",
    metadata,
    Column("stage", Text, primary_key=True),
    Column("record_id", Text, primary_key=True),
    Column("reviewer", Text, primary_key=True),
    Column("body", Text, nullable=False),
    Column("at", Text, nullable=False),
)

queue = Table(
    "queue",
    metadata,
    Column("stage", Text, primary_key=True),
    Column("reviewer", Text, primary_key=True),
    Column("record_id", Text, primary_key=True),
    Column("position", BigInteger, nullable=False),
    Index("queue_by_position", "stage", "reviewer", "position"),
)

queue_built = Table(
    "queue_built",
    metadata,
    Column("stage", Text, primary_key=True),
    Column("reviewer", Text, primary_key=True),
    Column("signature", Text, nullable=False),
    Column("at", Text, nullable=False),
)

judgement_context = Table(
    "circumstances",
    metadata,
    Column("judgement_id", BigInteger, primary_key=True, autoincrement=False),
    Column("protocol", Text, nullable=False),
    Column("ordered", Text, nullable=False),
    Column("blinded", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("bulk", Text, nullable=False),
)

withdrawals = Table(
    "withdrawals",
    metadata,
    number(),
    Column("judgement_id", BigInteger, nullable=False, unique=True),
    Column("who", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", Text, nullable=False),
)

ui_events = Table(
    "marks",
    metadata,
    number(),
    Column("stage", Text, nullable=False),
    Column("record_id", Text, nullable=False, index=True),
    Column("reviewer", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("active", Integer, nullable=False),
    Column("at", Text, nullable=False),
)

agreements = Table(
    "agreements",
    metadata,
    Column("stage", Text, primary_key=True),
    Column("record_id", Text, primary_key=True),
    Column("outcome", Text, nullable=False),
    Index("agreements_by_outcome", "stage", "outcome"),
)
"""What people's judgements of each record amount to; made from them in the transaction that changes them."""

outcome_counts = Table(
    "outcome_counts",
    metadata,
    Column("stage", Text, primary_key=True),
    Column("outcome", Text, primary_key=True),
    Column("n", BigInteger, nullable=False),
)
"""How many rows of `agreements` have each outcome."""

agreements_made = Table(
    "agreements_made",
    metadata,
    Column("version", Integer, primary_key=True),
    Column("judgement", BigInteger, nullable=False),
    Column("withdrawal", BigInteger, nullable=False),
    Column("link", BigInteger, nullable=False),
)
"""Up to which rows of the ledger `agreements` is made, and by which version of the rule: one row, or none."""

standings = Table(
    "standings",
    metadata,
    Column("stage", Text, primary_key=True),
    Column("record_id", Text, primary_key=True),
    Column("status", Text, nullable=False),
    Column("decision", Text, nullable=False),
    Column("body", Text, nullable=False),
)
"""How each record stands; where there is no row, nobody has said anything of it. Made as `agreements` is."""

standings_made = Table(
    "standings_made",
    metadata,
    Column("stage", Text, primary_key=True),
    Column("rule", Text, nullable=False),
    Column("hits", BigInteger, nullable=False),
    Column("links", BigInteger, nullable=False),
    Column("documents", BigInteger, nullable=False),
    Column("judgements", BigInteger, nullable=False),
    Column("withdrawals", BigInteger, nullable=False),
    Column("errors", BigInteger, nullable=False),
    Column("looks", BigInteger, nullable=False),
    Column("amendments", BigInteger, nullable=False),
)
"""By which rule, and up to which row of each table, the `standings` of a stage are made."""

looks = Table(
    "looks",
    metadata,
    number(),
    Column("at", Text, nullable=False),
    Column("stage", Text, nullable=False),
    Column("reviewer", Text, nullable=False),
    Column("gold", Text, nullable=False),
    Column("signature", Text, nullable=False),
    Column("passed", Integer, nullable=False),
    Column("body", Text, nullable=False),
)

amendments = Table(
    "amendments",
    metadata,
    number(),
    Column("at", Text, nullable=False),
    Column("stage", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("protocol", Text, nullable=False),
    Column("body", Text, nullable=False),
)

reviews = Table(
    "reviews",
    metadata,
    number(),
    Column("review", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("at", Text, nullable=False),
)
