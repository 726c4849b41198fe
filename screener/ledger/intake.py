"""Enter files into the ledger: hits are appended, links are drawn, and the records they touch are made anew."""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select

from ..core.errors import BadInput
from ..records import DuplicateMatch, Entry, FileRead, Index, merge, name_of
from . import reads
from . import tables as t
from .links import MACHINE, add_link, current_links, hits_of, link_row, take_back_links
from .parts import in_parts
from .store import Ledger, now


@dataclass(frozen=True)
class Imported:
    """Count what one file brought. `read = new + duplicate + len(rejected)`.

    `conflicts` are shared ids with other titles.
    """

    file: FileRead
    new: int
    duplicate: int
    repeated: int
    conflicts: tuple[str, ...]

    @property
    def read(self) -> int:
        """Return how many rows the file has."""
        return len(self.file.hits) + len(self.file.rejected)

    def as_json(self) -> dict[str, Any]:
        """Return it as `import --json` lists it."""
        return {
            "path": self.file.path,
            "format": self.file.format,
            "source": self.file.source,
            "read": self.read,
            "new": self.new,
            "duplicate": self.duplicate,
            "repeated": self.repeated,
            "rejected": [{"row": bad.row, "reason": bad.reason} for bad in self.file.rejected],
            "conflicts": list(self.conflicts),
            "notes": list(self.file.notes),
        }


class _Graph:
    """Hits and the active duplicate links between them, as they stand inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.entries: dict[int, Entry] = {}
        self.sources: dict[int, str] = {}
        self.names: dict[int, str] = {}
        self.index = Index()
        record_of = _records_of_hits(connection)
        first: dict[str, int] = {}
        for row in connection.execute(select(t.hits).order_by(t.hits.c.id)):
            self.entries[row.id], self.sources[row.id] = Entry.model_validate_json(row.entry), row.source
            self.names[row.id] = row.name
            record = record_of[row.id]
            self.index.add(row.id, self.entries[row.id], merged_with=first.get(record))
            first.setdefault(record, row.id)
        self.owner: dict[str, int] = {}
        for hit, name in self.names.items():
            self.owner.setdefault(name, first[record_of[hit]])
        self.first_name = dict(
            reversed(
                [(r.sha256, Path(r.file).name) for r in connection.execute(select(t.imports).order_by(t.imports.c.id))]
            )
        )
        self.keys = set(connection.execute(select(t.hits.c.key)).scalars())
        self.next_id = max(self.entries, default=0) + 1
        self.next_number: dict[str, int] = {}
        """By name, the first number that may be free to tell other entries of that name from it."""


def add_files(ledger: Ledger, files: Sequence[FileRead]) -> list[Imported]:
    """Take the hits of some files into the ledger, all or none. A row that is there already adds nothing."""
    with ledger.write() as connection:
        graph = _Graph(connection)
        imported, touched = [], set[int]()
        for file in files:
            imported.append(_add_file(graph, file, touched))
        rebuild(connection, touched)
    return imported


def _add_file(graph: _Graph, file: FileRead, touched: set[int]) -> Imported:
    connection, copies = graph.connection, Counter[str]()
    # Identity columns differ between databases; the one writer may count by itself.
    import_id = connection.execute(select(func.coalesce(func.max(t.imports.c.id), 0))).scalar_one() + 1
    # The same file under another name is the same search, not a second one.
    named = graph.first_name.get(file.sha256, Path(file.path).name)
    hits: list[dict[str, Any]] = []
    links: list[dict[str, Any]] = []
    new = duplicate = repeated = 0
    conflicts: list[str] = []
    for hit in file.hits:
        body = hit.entry.model_dump_json(exclude_defaults=True)
        content = f"{named}\x00{hit.source}\x00{body}"
        copies[content] += 1
        key = hashlib.sha256(f"{content}\x00{copies[content]}".encode()).hexdigest()
        if key in graph.keys:
            repeated, duplicate = repeated + 1, duplicate + 1
            continue
        hit_id, graph.next_id = graph.next_id, graph.next_id + 1
        matches = graph.index.add(hit_id, hit.entry)
        merged = next((match for match in matches if match.kind == "duplicate"), None)
        name = _name(graph, hit.entry, merged)
        graph.entries[hit_id], graph.sources[hit_id], graph.names[hit_id] = hit.entry, hit.source, name
        graph.keys.add(key)
        hits.append(
            {"id": hit_id, "key": key, "import_id": import_id, "name": name, "source": hit.source, "row": hit.row,
             "entry": body}
        )  # fmt: skip
        for match in matches:
            links.append(link_row(match.kind, hit_id, match.other, match.rule, match.score, MACHINE))
            if match.kind == "conflict":
                other_name = graph.names[match.other]
                conflicts.append(f"row {hit.row} has the {match.rule} of {other_name} but another title; both are kept")
        new, duplicate = new + (merged is None), duplicate + (merged is not None)
        touched.add(hit_id)
    imported = Imported(file, new, duplicate, repeated, tuple(conflicts))
    report = {k: v for k, v in imported.as_json().items() if k not in ("path", "format", "source")}
    row = {"id": import_id, "at": now(), "file": file.path, "sha256": file.sha256, "format": file.format,
           "source": file.source, "report": json.dumps(report)}  # fmt: skip
    connection.execute(insert(t.imports), row)
    for table, rows in ((t.hits, hits), (t.links, links)):
        if rows:
            connection.execute(insert(table), rows)
    return imported


def _name(graph: _Graph, entry: Entry, merged: DuplicateMatch | None) -> str:
    """Return the id for an entry: the best of its names that is free, or that belongs to the record it is merged with."""
    names = name_of(entry)
    last, root = names[-1], merged.other if merged else None

    def numbered() -> Iterator[str]:
        # The numbers below are taken for good: to try them again for each of many equal titles would take for ever.
        for number in count(graph.next_number.get(last, len(names) + 2)):
            graph.next_number[last] = number
            yield f"{last}~{number}"

    name = next(
        name
        for name in chain(names, numbered())
        if name not in graph.owner or (root is not None and graph.owner[name] == root)
    )
    graph.owner[name] = graph.next_id - 1 if root is None else root
    return name


def _records_of_hits(connection: Connection) -> dict[int, str]:
    return {row.hit_id: row.record_id for row in connection.execute(select(t.members))}


def rebuild(connection: Connection, hits: Iterable[int]) -> None:
    """Make the records of some hits anew, and of all hits that are or were merged with them."""
    joined: dict[int, set[int]] = defaultdict(set)
    for link in current_links(connection, "duplicate"):
        if link.active:
            joined[link.a].add(link.b)
            joined[link.b].add(link.a)
    record_of = _records_of_hits(connection)
    hits_of_record: dict[str, set[int]] = defaultdict(set)
    for hit, record in record_of.items():
        hits_of_record[record].add(hit)
    todo, reached = list(hits), set[int]()
    while todo:
        hit = todo.pop()
        if hit in reached:
            continue
        reached.add(hit)
        todo += joined[hit] | hits_of_record.get(record_of.get(hit, ""), set())
    if not reached:
        return
    rows = {row.id: row for row in _chunked(connection, reached)}
    for record in {record_of[hit] for hit in reached if hit in record_of}:
        connection.execute(delete(t.records).where(t.records.c.id == record))
        connection.execute(delete(t.aliases).where(t.aliases.c.record_id == record))
        connection.execute(delete(t.members).where(t.members.c.record_id == record))
    records, aliases, members = [], [], []
    clusters = _clusters(sorted(reached), joined)
    taken_names = {rows[cluster[0]].name for cluster in clusters} | set(
        connection.execute(select(t.aliases.c.alias)).scalars()
    )
    for cluster in clusters:
        names = [rows[hit].name for hit in cluster]
        record_id = names[0]
        merged = merge(
            [(rows[hit].source, Entry.model_validate_json(rows[hit].entry)) for hit in cluster], record_id, names
        )
        records.append(
            {"id": record_id, "position": cluster[0], "text_hash": merged.text_hash, "body": merged.model_dump_json()}
        )
        fresh = [record_id, *(name for name in dict.fromkeys(names) if name not in taken_names)]
        taken_names.update(fresh)
        aliases += [{"alias": name, "record_id": record_id} for name in fresh]
        members += [{"hit_id": hit, "record_id": record_id} for hit in cluster]
    for table, built in ((t.records, records), (t.aliases, aliases), (t.members, members)):
        connection.execute(insert(table), built)


def _chunked(connection: Connection, ids: set[int]) -> Iterable[Any]:
    for some in in_parts(sorted(ids)):
        yield from connection.execute(select(t.hits).where(t.hits.c.id.in_(some)))


def _clusters(hits: Sequence[int], joined: dict[int, set[int]]) -> list[list[int]]:
    clusters, placed = [], set[int]()
    for hit in hits:
        if hit in placed:
            continue
        cluster, todo = set[int](), [hit]
        while todo:
            member = todo.pop()
            if member not in cluster:
                cluster.add(member)
                todo += joined[member]
        placed |= cluster
        clusters.append(sorted(cluster))
    return clusters


def merge_records(ledger: Ledger, first: str, second: str, who: str) -> str:
    """Merge two records by a person's decision; return the id of the record that they make."""
    with ledger.write() as connection:
        a, b = _hits_of(connection, first), _hits_of(connection, second)
        if a == b:
            raise BadInput(f"{first} and {second} are one record already")
        add_link(connection, link_row("duplicate", b[0], a[0], "by hand", 1.0, who))
        rebuild(connection, [a[0], b[0]])
        record = connection.execute(select(t.members.c.record_id).where(t.members.c.hit_id == min(a[0], b[0])))
        return str(record.scalar_one())


def split_record(ledger: Ledger, name: str, who: str) -> list[str]:
    """Undo all merges of a record by rows that supersede them; return the ids of the records that come apart.

    Rows of one database with the same accession number stay together: they are one entry seen twice.
    """
    with ledger.write() as connection:
        hits = set(_hits_of(connection, name))
        links = [
            link
            for link in current_links(connection, "duplicate")
            if link.active and {link.a, link.b} <= hits and not _same_entry(connection, link.a, link.b)
        ]
        if not links:
            raise BadInput(f"{name}: nothing is merged into this record")
        for link in links:
            add_link(connection, link_row("duplicate", link.a, link.b, link.rule, link.score, who, active=False))
        _rename(connection, hits, links)
        rebuild(connection, hits)
        rows = connection.execute(select(t.members).where(t.members.c.hit_id.in_(sorted(hits))))
        return list(dict.fromkeys(row.record_id for row in sorted(rows, key=lambda row: row.hit_id)))


def undo_links(ledger: Ledger, numbers: Collection[int], who: str) -> bool:
    """Make links and records as they were before some rows of links; whether that could be done.

    It cannot where somebody has said something else of one of the links since.
    """
    with ledger.write() as connection:
        taken = take_back_links(connection, numbers, who)
        if taken is None:
            return False
        merges = [row for row in taken if row.kind == "duplicate"]
        hits = {hit for row in merges for record in (row.a, row.b) for hit in _hits_with(connection, record)}
        if hits:
            _rename(connection, hits, [])
            rebuild(connection, hits)
        return True


def link_study(ledger: Ledger, first: str, second: str, who: str) -> None:
    """Link two records as reports of one study, by a person's decision: they stay two records."""
    with ledger.write() as connection:
        a, b = _hits_of(connection, first), _hits_of(connection, second)
        if a == b:
            raise BadInput(f"{first} and {second} are one record, so they are one study already")
        add_link(connection, link_row("same_study", max(a[0], b[0]), min(a[0], b[0]), "by hand", 1.0, who))


def unlink_study(ledger: Ledger, name: str, who: str) -> int:
    """Undo all links of a record to other reports of its study, by rows that supersede them; how many there were."""
    with ledger.write() as connection:
        hits = set(_hits_of(connection, name))
        links = [link for link in current_links(connection, "same_study") if link.active and hits & {link.a, link.b}]
        if not links:
            raise BadInput(f"{name}: it is linked to no other record as one study")
        for link in links:
            add_link(connection, link_row("same_study", link.a, link.b, link.rule, link.score, who, active=False))
    return len(links)


def listed_links(ledger: Ledger, kind: str | None = None) -> list[dict[str, Any]]:
    """Return the links that a person may want to check, as plain rows; repeats inside one database are left out."""
    with ledger.read() as connection:
        hits = {
            row.id: row
            for row in connection.execute(select(t.hits.c.id, t.hits.c.name, t.hits.c.source, t.hits.c.entry))
        }
        links = current_links(connection, kind)
    return [
        {"kind": link.kind, "active": bool(link.active), "rule": link.rule, "score": round(link.score, 3),
         "who": link.who, "a": hits[link.a].name, "b": hits[link.b].name, "source_a": hits[link.a].source,
         "source_b": hits[link.b].source, "title": Entry.model_validate_json(hits[link.a].entry).title}
        for link in links
        if not (link.kind == "duplicate" and hits[link.a].name == hits[link.b].name
                and hits[link.a].source == hits[link.b].source)
    ]  # fmt: skip


def _same_entry(connection: Connection, a: int, b: int) -> bool:
    rows = connection.execute(select(t.hits.c.source, t.hits.c.name).where(t.hits.c.id.in_([a, b]))).all()
    return rows[0] == rows[1]


def _rename(connection: Connection, hits: set[int], links: Sequence[Any]) -> None:
    """Rename hits that come apart, where they shared an id (a merged hit keeps its own name otherwise)."""
    elsewhere = select(t.hits.c.name).where(t.hits.c.id.not_in(sorted(hits)))
    taken_names = set(connection.execute(elsewhere).scalars())
    joined: dict[int, set[int]] = defaultdict(set)
    cut = {(link.a, link.b) for link in links}
    for link in current_links(connection, "duplicate"):
        if link.active and (link.a, link.b) not in cut:
            joined[link.a].add(link.b)
            joined[link.b].add(link.a)
    rows = {row.id: row for row in _chunked(connection, hits)}
    for cluster in _clusters(sorted(hits), joined):
        head = rows[cluster[0]]
        names = [name for name in name_of(Entry.model_validate_json(head.entry)) if name not in taken_names]
        name = head.name if head.name not in taken_names else (names or [f"{head.name}~{head.id}"])[0]
        taken_names.add(name)
        if name != head.name:
            connection.execute(t.hits.update().where(t.hits.c.id == head.id).values(name=name))


def _hits_with(connection: Connection, hit: int) -> list[int]:
    """Return the hits of the record that a hit is part of."""
    record = connection.execute(select(t.members.c.record_id).where(t.members.c.hit_id == hit)).scalar_one()
    return hits_of(connection, record)


def _hits_of(connection: Connection, name: str) -> list[int]:
    record = reads.find_record(connection, name)
    if record is None:
        raise BadInput(f"{name}: no record has this id; `screener export` lists them")
    return hits_of(connection, record.id)
