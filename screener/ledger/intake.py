"""Enter files into the ledger: hits are appended, links are drawn, and the records they touch are made anew."""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, count
from pathlib import Path
from shlex import quote
from typing import Any

from sqlalchemy import Connection, func, insert, select

from ..records import DuplicateMatch, Entry, FileRead, Hit, Index, name_of
from . import tables as t
from .imports import ImportedFile, all_imports
from .links import MACHINE, current_links, link_row
from .rebuild import rebuild, records_of_hits
from .store import Ledger, now
from .undone import absent_hits, cluster_roots, forget_kept


@dataclass(frozen=True)
class Imported:
    """Count what one file brought. `read = new + duplicate + len(rejected)`.

    `repeated` rows were there already. `restored` ones are back: the import that had brought them was taken back.
    `conflicts` are shared ids with other titles. `earlier` is the number of a standing import of the same file, 0 where
    there is none; `refused` says why nothing was taken from a file, and is empty otherwise.
    """

    file: FileRead
    new: int
    duplicate: int
    repeated: int
    conflicts: tuple[str, ...]
    restored: int = 0
    earlier: int = 0
    refused: str = ""

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
            "restored": self.restored,
            "rejected": [{"row": bad.row, "reason": bad.reason} for bad in self.file.rejected],
            "conflicts": list(self.conflicts),
            "notes": list(self.file.notes),
            **({"encoding": self.file.encoding} if self.file.encoding else {}),
        }


class _Graph:
    """Hits and the active duplicate links between them, as they stand inside one transaction.

    Hits that count no more are among them: what is merged with one gets its record's id.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.names: dict[int, str] = {}
        self.index = Index()
        rows = connection.execute(select(t.hits).order_by(t.hits.c.id)).all()
        self.absent = absent_hits(connection)
        self.root = _roots(connection, [row.id for row in rows], self.absent)
        for row in rows:
            self.names[row.id] = row.name
            root = self.root[row.id]
            self.index.add(row.id, Entry.model_validate_json(row.entry), merged_with=root if root != row.id else None)
        self.present = Counter(self.root[hit] for hit in self.names if hit not in self.absent)
        self.owner: dict[str, int] = {}
        for hit, name in self.names.items():
            self.owner.setdefault(name, self.root[hit])
        self.imports = all_imports(connection)
        self.hit_of_key = {row.key: row.id for row in rows}
        self.sources_of_import: dict[int, set[str]] = defaultdict(set)
        for row in rows:
            self.sources_of_import[row.import_id].add(row.source)
        self.next_id = max(self.names, default=0) + 1
        self.next_number: dict[str, int] = {}
        """By name, the first number that may be free to tell other entries of that name from it."""

    def earlier(self, file: FileRead) -> list[ImportedFile]:
        """Return the imports of the same file, by its hash, oldest first."""
        return [earlier for earlier in self.imports if earlier.sha256 == file.sha256]

    def take(self, hit: int) -> bool:
        """Have a hit count; return whether it makes a record of its own."""
        self.absent.discard(hit)
        self.present[self.root[hit]] += 1
        return self.present[self.root[hit]] == 1


def _roots(connection: Connection, hits: Sequence[int], absent: Container[int]) -> dict[int, int]:
    """Return the first hit of the cluster that each hit is in."""
    if absent:
        links = current_links(connection, "duplicate")
        return cluster_roots(((link.a, link.b) for link in links if link.active), hits)
    first: dict[str, int] = {}
    record_of = records_of_hits(connection)
    return {hit: first.setdefault(record_of[hit], hit) for hit in hits}


def add_files(
    ledger: Ledger, files: Sequence[FileRead], *, again: bool = False, source_given: bool = True
) -> list[Imported]:
    """Take the hits of some files into the ledger, all or none. A row that is there already adds nothing.

    A file that was imported before under another source is refused where the source was given, as its rows would be
    counted twice; with `again` they are. Rows whose import was taken back are back, with what was judged of them.
    """
    with ledger.write() as connection:
        graph = _Graph(connection)
        imported, touched, any_absent = [], set[int](), bool(graph.absent)
        for file in files:
            imported.append(_add_file(graph, file, touched, again=again, source_given=source_given))
        rebuild(connection, touched)
        if any_absent:  # rows, or records with what was judged of them, may be back
            forget_kept(connection)
    return imported


def _add_file(
    graph: _Graph, file: FileRead, touched: set[int], *, again: bool = False, source_given: bool = True
) -> Imported:
    connection = graph.connection
    # Identity columns differ between databases; the one writer may count by itself.
    import_id = connection.execute(select(func.coalesce(func.max(t.imports.c.id), 0))).scalar_one() + 1
    earlier = graph.earlier(file)
    standing = [item for item in earlier if not item.undone]
    same = [item for item in standing if file.source in (item.source, item.given_source)]
    if standing and not same and not again and source_given:
        return Imported(file, 0, 0, 0, (), refused=_same_file(file, standing[0]))
    if same or (standing and not again):  # under the name that it has now
        file = replace(file, source=(same or standing)[0].source)
    sources = (graph.sources_of_import[item.id] for item in earlier) if standing and (same or not again) else ()
    known_sources = set[str]().union(*sources)
    # The same file under another name is the same search, not a second one.
    rows = _Rows(graph, import_id, earlier[0].file if earlier else Path(file.path).name, known_sources)
    for hit in file.hits:
        touched.add(rows.add(hit))
    touched.discard(0)
    imported = Imported(
        file,
        rows.new,
        rows.duplicate,
        rows.repeated,
        tuple(rows.conflicts),
        rows.restored,
        standing[0].id if standing else 0,
    )
    report = {k: v for k, v in imported.as_json().items() if k not in ("path", "format", "source")}
    row = {"id": import_id, "at": now(), "file": file.path, "sha256": file.sha256, "format": file.format,
           "source": file.source, "report": json.dumps(report)}  # fmt: skip
    connection.execute(insert(t.imports), row)
    for table, values in ((t.hits, rows.hits), (t.links, rows.links), (t.repeated_hits, rows.repeats)):
        if values:
            connection.execute(insert(table), values)
    graph.imports.append(
        ImportedFile(
            import_id, row["at"], Path(file.path).name, file.sha256, file.format, file.source, file.source, report, ""
        )
    )
    return imported


def _same_file(file: FileRead, earlier: ImportedFile) -> str:
    """Return why a file is not imported again under another source, and what to do."""
    return (
        f"{file.path}: is the file that was imported as {earlier.source} on {earlier.at[:10]} (import {earlier.id}); nothing is "
        f"imported. To correct the name: `screener sources rename {quote(earlier.source)} {quote(file.source)}`; to count "
        "its rows a second time, under both names: --again"
    )


_KNOWN_BY = ("title", "abstract", "authors", "year", "dates", "venue", "type", "publication_types", "language",
             "keywords", "url", "given_id", "doi", "pmid", "pmcid", "arxiv", "wos")  # fmt: skip
"""What a row is known again by, in this order: what the first version read of it. Fields that came later are left out."""


def _known_by(entry: Entry) -> str:
    values = entry.model_dump(mode="json", exclude_defaults=True, include=set(_KNOWN_BY))
    return json.dumps(
        {name: values[name] for name in _KNOWN_BY if name in values}, ensure_ascii=False, separators=(",", ":")
    )


class _Rows:
    """The rows of one file as they are entered, and how many of each kind there are."""

    def __init__(self, graph: _Graph, import_id: int, file_name: str, known_sources: Iterable[str]) -> None:
        self._graph, self._import_id, self._file_name = graph, import_id, file_name
        self._known_sources = sorted(known_sources)
        self._copies = Counter[str]()
        self.hits: list[dict[str, Any]] = []
        self.links: list[dict[str, Any]] = []
        self.repeats: list[dict[str, int]] = []
        self.conflicts: list[str] = []
        self.new = self.duplicate = self.repeated = self.restored = 0

    def add(self, hit: Hit) -> int:
        """Enter a row; return the number of its hit where its record changes, else 0."""
        body = hit.entry.model_dump_json(exclude_defaults=True)
        # A row is known again by what earlier programs read of it, too.
        known_by = _known_by(hit.entry)
        self._copies[f"{hit.source}\x00{known_by}"] += 1
        copy = self._copies[f"{hit.source}\x00{known_by}"]
        keys = [
            hashlib.sha256(f"{self._file_name}\x00{source}\x00{known_by}\x00{copy}".encode()).hexdigest()
            for source in (hit.source, *self._known_sources)
        ]
        known = next((self._graph.hit_of_key[key] for key in keys if key in self._graph.hit_of_key), None)
        return self._enter(hit, keys[0], body) if known is None else self._repeat(known)

    def _repeat(self, known: int) -> int:
        self.repeats.append({"import_id": self._import_id, "hit_id": known})
        if known not in self._graph.absent:
            self.repeated, self.duplicate = self.repeated + 1, self.duplicate + 1
            return 0
        self.restored += 1
        self._count(known)
        return known

    def _count(self, hit: int) -> None:
        new = self._graph.take(hit)
        self.new, self.duplicate = self.new + new, self.duplicate + (not new)

    def _enter(self, hit: Hit, key: str, body: str) -> int:
        graph = self._graph
        hit_id, graph.next_id = graph.next_id, graph.next_id + 1
        matches = graph.index.add(hit_id, hit.entry)
        merged = next((match for match in matches if match.kind == "duplicate"), None)
        name = _name(graph, hit.entry, merged)
        graph.names[hit_id], graph.hit_of_key[key] = name, hit_id
        graph.root[hit_id] = graph.root[merged.other] if merged else hit_id
        self.hits.append(
            {"id": hit_id, "key": key, "import_id": self._import_id, "name": name, "source": hit.source, "row": hit.row,
             "entry": body}
        )  # fmt: skip
        for match in matches:
            self.links.append(link_row(match.kind, hit_id, match.other, match.rule, match.score, MACHINE))
            if match.kind == "conflict" and graph.present[graph.root[match.other]]:
                other_name = graph.names[match.other]
                self.conflicts.append(
                    f"row {hit.row} has the {match.rule} of {other_name} but another title; both are kept"
                )
        self._count(hit_id)
        return hit_id


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
