"""By what the rows of a file are known again, so that no row is entered twice."""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import Connection, or_, select

from ..records import Entry, FileRead, Hit, normalise_title
from . import tables as t
from .imports import ImportedFile

KNOWN_BY = ("title", "abstract", "authors", "year", "dates", "venue", "type", "publication_types", "language",
             "keywords", "url", "given_id", "doi", "pmid", "pmcid", "arxiv", "wos")  # fmt: skip
"""What a row is known again by, in this order: what the first version read of it. Fields that came later are left out."""


def _known_by(entry: Entry) -> str:
    values = entry.model_dump(mode="json", exclude_defaults=True, include=set(KNOWN_BY))
    return json.dumps(
        {name: values[name] for name in KNOWN_BY if name in values}, ensure_ascii=False, separators=(",", ":")
    )


def keys_of(file: FileRead, file_name: str, known_sources: Sequence[str]) -> list[tuple[str, ...]]:
    """Return, for each row, by what it is known again: under its own source, and under others that it may have come by."""
    copies, keys = Counter[str](), list[tuple[str, ...]]()
    for hit in file.hits:
        # A row is known again by what earlier programs read of it, too.
        known_by = _known_by(hit.entry)
        # Of rows that are equal in all of this, each is a row of its own.
        copy_of = hashlib.sha256(f"{hit.source}\x00{known_by}".encode()).hexdigest()
        copies[copy_of] += 1
        keys.append(
            tuple(
                hashlib.sha256(f"{file_name}\x00{source}\x00{known_by}\x00{copies[copy_of]}".encode()).hexdigest()
                for source in (hit.source, *known_sources)
            )
        )
    return keys


def rows_read_before(
    connection: Connection, imports: Sequence[ImportedFile], file: FileRead, rows: Iterable[Hit], taken: Collection[int]
) -> dict[int, int]:
    """Return which hits some rows of a file are that an earlier program read otherwise, by the row's number.

    `imports` are earlier ones of the same file, `rows` those that are not known by their keys, `taken` the hits of the others.
    Where the earlier program read as many rows, a row is the hit of its number; else the number may be another's, and title or
    an identifier must agree. Rows that came with another file before are known by these alone.
    """
    h, r = t.hits.c, t.repeated_hits.c
    ids = [item.id for item in imports]
    aligned = {item.id for item in imports if item.report.get("read") == len(file.hits) + len(file.rejected)}
    repeated = select(r.hit_id).where(r.import_id.in_(ids))
    query = select(h.id, h.import_id, h.row, h.entry).where(or_(h.import_id.in_(ids), h.id.in_(repeated)))
    at_row, with_mark = dict[int, int](), defaultdict[str, list[int]](list)
    for hit, import_id, row, entry in connection.execute(query.order_by(h.id)):
        if hit in taken:
            continue
        if import_id in aligned:
            at_row.setdefault(row, hit)
        for mark in _marks(Entry.model_validate_json(entry)):
            with_mark[mark].append(hit)
    same, used = dict[int, int](), set[int]()
    left = list[Hit]()
    for row in rows:
        if (found := at_row.get(row.row)) is None:
            left.append(row)
        else:
            same[row.row] = found
            used.add(found)
    for row in left:
        hits = (hit for mark in _marks(row.entry) for hit in with_mark.get(mark, ()))
        if (found := next((hit for hit in hits if hit not in used), None)) is not None:
            same[row.row] = found
            used.add(found)
    return same


def _marks(entry: Entry) -> list[str]:
    """Return what tells the row of an entry within its file, best first."""
    names = ("wos", "pmid", "doi", "arxiv", "pmcid")
    numbers = [f"{name}:{value}" for name in names if (value := getattr(entry, name))]
    return [*numbers, *filter(None, [normalise_title(entry.title)])]
