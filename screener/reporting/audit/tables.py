"""The ledger as JSON Lines: which tables an audit has, a row as a line, and a line as a row again."""

import json
import re
from collections.abc import Iterator

from ...ledger import TABLES as ALL_TABLES
from ...ledger import Row, bulk_in, check_row, table_rows
from ...ledger.store import Connection

FORMAT = 2
"""The version of the archive's shape."""
LEFT_OUT = {
    "agreements": "what people's judgements of each record amount to, made from them",
    "agreements_made": "up to which judgement that was made",
    "outcome_counts": "how many records have each outcome",
    "drafts": "forms that somebody has begun to fill",
    "leases": "who holds which record just now",
    "run_leases": "which questions a run is asking just now",
    "document_files": "the files of documents, which are members of their own",
    "hit_keys": "the keys by which rows of imports are compared, made from them",
    "hit_keys_made": "up to which row those were made",
    "previews": "what somebody looks at before they have it done",
    "queue": "an order made from the judgements",
    "queue_built": "when that order was made",
    "ranked_places": "the order that the newest ranking of a learned queue gives",
    "standings": "how each record stands, made from the judgements",
    "standings_made": "up to which judgement that was made",
    "reviews": "the id and the title of the review, which stand in its protocol",
}
"""The tables that are no part of an audit, and what they hold: what comes and goes as people work, or stands elsewhere."""
TABLES: tuple[str, ...] = tuple(table for table in ALL_TABLES if table not in LEFT_OUT)
LATER = frozenset(
    {"undone_imports", "repeated_hits", "gone_ids", "source_names", "label_files", "undone_labels", "updates",
     "update_imports", "superseded_hits", "missing_hits", "changed_texts", "versions", "searches", "full_text_searches",
     "rankings", "offered_scores", "assignments"}
)  # fmt: skip
"""Tables that archives of earlier programs do not have: nothing was in them."""
PATHS = {("imports", "file"), ("documents", "file"), ("batches", "file"), ("label_files", "file")}
"""Columns with a path, of which the audit keeps the file's name: folders say nothing of the review."""
_NAME = re.compile(
    r"(?:README\.txt|environment\.json|figures\.json|report\.html|manifest\.json"
    r"|(?:prompts|gold|ledger|documents)(?:/[^/\\:*?\"<>|\x00-\x1f\ud800-\udfff]{1,120}){1,8})"
)


def is_name(name: str) -> bool:
    """Return whether a member may be called so: a file in one of the archive's folders, on any system, and nowhere else."""
    return bool(_NAME.fullmatch(name)) and not any(
        part.strip(". ") == "" or part[-1] in ". " for part in name.split("/")
    )


def member(table: str) -> str:
    """Return the name of a table's member in the archive."""
    return f"ledger/{table}.jsonl"


def rows(connection: Connection, table: str) -> Iterator[Row]:
    """Yield the rows of a table as they are written, sorted by key and read a few at a time."""
    for row in table_rows(connection, table):
        for name in row:
            if (table, name) in PATHS:
                row[name] = re.split(r"[\\/]", row[name])[-1]
        yield row


def as_line(row: Row) -> bytes:
    """Return a row as a line of UTF-8; half of a surrogate pair, which UTF-8 cannot hold, makes it plain ASCII."""
    try:
        return (json.dumps(row, ensure_ascii=False, allow_nan=False) + "\n").encode()
    except UnicodeEncodeError:
        return (json.dumps(row, allow_nan=False) + "\n").encode()


def as_row(table: str, line: bytes) -> Row:
    """Return a line as the row that it stands for; ValueError with what is wrong with it."""
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        raise ValueError("is no JSON") from None
    if not isinstance(row, dict):
        raise ValueError("is no row")
    if table == "circumstances" and isinstance(row.get("body"), str):
        row.setdefault("bulk", bulk_in(row["body"]))  # an audit of format 1 has it in the body alone
    check_row(table, row)
    return row
