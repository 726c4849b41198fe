"""Documents in the ledger: attached to records, superseded by newer rows, and the retrieval status that follows."""

import hashlib
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache

from sqlalchemy import Connection, insert, select

from ..documents import Document
from ..records import Record
from ..reports import Attached, Report, Retrieval, Role
from . import reads
from . import tables as t
from .store import Ledger, now

_ORDER = {role: position for position, role in enumerate(Role)}


def attach(
    connection: Connection,
    record_id: str,
    document: Document,
    *,
    file: str,
    sha256: str,
    role: Role,
    how: str,
    who: str,
) -> Attached | None:
    """Attach a read document to a record; None if the same file is attached there already.

    A second main document replaces the first (which stays in the ledger); other roles are numbered.
    """
    there = attached(connection, [record_id])[record_id]
    if any(one.sha256 == sha256 and one.role is role for one in there):
        return None
    body = document.model_dump_json()
    content = hashlib.sha256(body.encode("utf-8", "surrogatepass")).hexdigest()
    if connection.execute(select(t.texts.c.hash).where(t.texts.c.hash == content)).first() is None:
        packed = zlib.compress(body.encode("utf-8", "surrogatepass"), 6)
        connection.execute(insert(t.texts).values(hash=content, body=packed))
    taken = {one.name for one in there}
    name, number = role.value, 2
    while role is not Role.MAIN and name in taken:
        name, number = f"{role.value}_{number}", number + 1
    row: dict[str, object] = {
        "record_id": record_id, "name": name, "role": role.value, "active": 1, "file": file, "sha256": sha256,
        "content": content, "pages": len(document.pages), "characters": len(document.text),
        "scan": int(document.scan), "how": how, "who": who, "at": now(),
    }  # fmt: skip
    connection.execute(insert(t.documents).values(row))
    return _attached(row)


def detach(connection: Connection, record_id: str, name: str, who: str) -> bool:
    """Take a document off a record by a row that supersedes it; False if there is none of that name."""
    for row in reversed(_rows(connection, [record_id])):
        if row["name"] == name:
            if not row["active"]:
                return False
            values = {key: row[key] for key in row if key != "id"} | {"active": 0, "who": who, "at": now()}
            connection.execute(insert(t.documents).values(values))
            return True
    return False


def note_retrieval(connection: Connection, record_id: str, status: Retrieval, reason: str, who: str) -> None:
    """Add what a person says of the search for a full text."""
    row = {"record_id": record_id, "status": status.value, "reason": reason, "who": who, "at": now()}
    connection.execute(insert(t.retrievals).values(row))


def attached(connection: Connection, record_ids: Iterable[str] | None = None) -> dict[str, list[Attached]]:
    """The documents that are attached now, by record id, the main one first. A merge brings those of both records."""
    moved = reads.aliases(connection)
    wanted = None if record_ids is None else set(record_ids)
    newest: dict[tuple[str, str], dict[str, object]] = {}
    for row in _rows(connection, None):
        newest[str(row["record_id"]), str(row["name"])] = row
    found: dict[str, list[Attached]] = defaultdict(list)
    for row in newest.values():
        record_id = moved.get(str(row["record_id"]), str(row["record_id"]))
        if row["active"] and (wanted is None or record_id in wanted):
            one = _attached({**row, "record_id": record_id})
            if all(other.sha256 != one.sha256 for other in found[record_id]):
                names = {other.name for other in found[record_id]}
                if one.name in names:
                    one = one.model_copy(update={"name": f"{one.name}_{len(names) + 1}"})
                found[record_id].append(one)
    for documents in found.values():
        documents.sort(key=lambda one: (_ORDER[one.role], one.name))
    return found


def _rows(connection: Connection, record_ids: Sequence[str] | None) -> list[dict[str, object]]:
    query = select(t.documents).order_by(t.documents.c.id)
    if record_ids is not None:
        query = query.where(t.documents.c.record_id.in_(record_ids))
    return [dict(row) for row in connection.execute(query).mappings()]


def _attached(row: dict[str, object]) -> Attached:
    return Attached.model_validate({name: row[name] for name in Attached.model_fields})


def reports(ledger: Ledger, records: Sequence[Record]) -> list[Report]:
    """The records as reports, with their documents and retrieval status. Texts are read when they are asked for."""
    load = loader(ledger)
    with ledger.read() as connection:
        moved = reads.aliases(connection)
        there = attached(connection)
        said: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for row in connection.execute(select(t.retrievals).order_by(t.retrievals.c.id)):
            said[moved.get(row.record_id, row.record_id)].append((row.status, row.reason))
    made = []
    for record in records:
        documents, notes = tuple(there.get(record.id, ())), said.get(record.id, [])
        status, reason = (Retrieval(notes[-1][0]), notes[-1][1]) if notes else (Retrieval.SOUGHT, "")
        if any(one.role is Role.MAIN for one in documents):
            status, reason = Retrieval.RETRIEVED, ""
        made.append(
            Report(
                **{name: getattr(record, name) for name in Record.model_fields},
                attached=documents,
                retrieval=status,
                retrieval_reason=reason,
                attempts=sum(note[0] == Retrieval.NOT_RETRIEVED for note in notes),
                load=load,
            )
        )
    return made


def as_studies(ledger: Ledger, reports: Sequence[Report]) -> list[Report]:
    """Reports that are linked as the same study as one: the latest, with the documents of the others behind its own.

    The documents of an earlier report are named by its id and their name, as in `10.1/x main`.
    """
    by_id = {report.id: report for report in reports}
    with ledger.read() as connection:
        pairs = reads.same_study(connection)
    group = {name: name for name in by_id}

    def root(name: str) -> str:
        while group[name] != name:
            name = group[name]
        return name

    for a, b in pairs:
        if a in group and b in group:
            group[root(a)] = root(b)
    together: dict[str, list[Report]] = defaultdict(list)
    for report in reports:
        together[root(report.id)].append(report)
    made = []
    for members in together.values():
        # Of several reports the one with a text, then the latest, then the one that came last speaks for the study.
        head = max(members, key=lambda one: (one.complete, one.year or 0, reports.index(one)))
        others = [one for one in members if one is not head]
        borrowed = tuple(
            document.model_copy(update={"name": f"{one.id} {document.name}"})
            for one in others
            for document in one.attached
        )
        made.append(head.model_copy(update={"attached": (*head.attached, *borrowed)}) if borrowed else head)
    return made


def loader(ledger: Ledger) -> Callable[[str], Document]:
    """A function that reads a document's text by its hash; the last few are kept."""

    @lru_cache(maxsize=16)
    def load(content: str) -> Document:
        with ledger.read() as connection:
            body = reads.text_of(connection, content)
        if body is None:
            raise LookupError(f"the ledger has lost the text {content}")
        return Document.model_validate_json(body)

    return load
