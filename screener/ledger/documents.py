"""Documents in the ledger: attached to records, superseded by newer rows, and the retrieval status that follows."""

from collections import defaultdict
from collections.abc import Callable, Collection, Container, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from pathlib import Path

from sqlalchemy import ColumnElement, Connection, RowMapping, insert, select

from ..core.files import whole_file
from ..core.judgement import Stage
from ..documents import Attached, Document, Report, Retrieval, Role, borrowed
from ..records import Record
from . import reads
from . import tables as t
from .notices import notices_to_show
from .parts import FEW, in_parts
from .store import Ledger, now
from .texts import keep_text, text_of

RETRIEVED_FROM = "retrieved from "
"""How the text begins that says how a document was attached that the program fetched itself."""
_ORDER = {role: position for position, role in enumerate(Role)}


@dataclass(frozen=True)
class AttachedFile:
    """Hold the file of a document: its name and hash, what it is to the record, and how and by whom it was attached."""

    name: str
    sha256: str
    role: Role
    how: str
    who: str


def attach(
    connection: Connection,
    record_id: str,
    document: Document,
    file: AttachedFile,
) -> tuple[Attached, tuple[Attached, ...]] | None:
    """Attach a read document to a record; None if the same file is attached there already, in the same role, unless
    text recognition (OCR) has now read of its pages what was not read before.

    Returned with the documents that it replaces: a report has one main document, and a file one role. What is replaced
    stays in the ledger. Documents of other roles are numbered.
    """
    present = _present(connection, [record_id])[record_id]
    content = keep_text(connection, document.model_dump_json())
    if any(
        attachment.sha256 == file.sha256
        and attachment.role is file.role
        and (attachment.content == content or not document.recognised_pages)
        for attachment, _ in present
    ):
        return None
    replaced = [
        attachment
        for attachment, _ in present
        if attachment.sha256 == file.sha256 or (file.role is Role.MAIN and attachment.role is Role.MAIN)
    ]
    for attachment in replaced:
        _retire(connection, record_id, attachment.sha256, file.who)
    taken_names = {attachment.name for attachment, _ in present if attachment not in replaced}
    row: dict[str, object] = {
        "record_id": record_id, "name": _free(file.role.value, taken_names), "role": file.role.value, "active": 1,
        "file": file.name,
        "sha256": file.sha256, "content": content, "pages": len(document.pages), "characters": len(document.text),
        "scan": int(document.scan), "how": file.how, "who": file.who, "at": now(),
    }  # fmt: skip
    connection.execute(insert(t.documents).values(row))
    return _attached(row), tuple(replaced)


def _free(name: str, taken_names: Container[str]) -> str:
    """Return the name, numbered from 2 where it is taken."""
    return next(
        candidate for number in count(1) if (candidate := f"{name}_{number}" if number > 1 else name) not in taken_names
    )


def detach(connection: Connection, record_id: str, name: str, who: str) -> bool:
    """Take a document off a record by a row that supersedes it; False if there is none of that name."""
    match = next(
        (attachment for attachment, _ in _present(connection, [record_id])[record_id] if attachment.name == name), None
    )
    if match is not None:
        _retire(connection, record_id, match.sha256, who)
    return match is not None


def _retire(connection: Connection, record_id: str, sha256: str, who: str) -> None:
    """End a file's being a document of the record; records that were merged may each have brought it."""
    while row := next(
        (row for attachment, row in _present(connection, [record_id])[record_id] if attachment.sha256 == sha256), None
    ):
        values = {key: row[key] for key in row if key != "id"} | {"active": 0, "who": who, "at": now()}
        connection.execute(insert(t.documents).values(values))


def detached_by(connection: Connection, record_id: str, sha256: str) -> str | None:
    """Return who detached this file from the record, if nobody has attached it since."""
    names = _names(connection, [record_id])
    rows = [row for row in _rows(connection, list(names)) if row["sha256"] == sha256]
    return str(rows[-1]["who"]) if rows and not rows[-1]["active"] else None


def note_retrieval(connection: Connection, record_id: str, status: Retrieval, reason: str, who: str) -> None:
    """Add a note on the search for a full text, of a person or of the program."""
    row = {"record_id": record_id, "status": status.value, "reason": reason, "who": who, "at": now()}
    connection.execute(insert(t.retrievals).values(row))


def records_with_file(connection: Connection, sha256: str) -> list[str]:
    """Return the ids under which a file was attached, sorted, also where it was taken off since.

    Those of records that are gone, since their import was taken back, are left out.
    """
    d = t.documents.c
    query = select(d.record_id).where(d.sha256 == sha256, _of_a_record())
    return sorted(connection.execute(query.distinct()).scalars())


def _of_a_record() -> ColumnElement[bool]:
    """Return the condition on `documents` that their record is not gone."""
    return t.documents.c.record_id.not_in(select(t.gone_ids.c.record_id))


def copy_of(folder: Path, sha256: str, name: str) -> Path:
    """Return where a review keeps its copy of a file; `folder` is its `.screener/`."""
    return folder / "documents" / f"{sha256}{Path(name).suffix.lower()}"


def share_file(ledger: Ledger, sha256: str, copy: Path) -> None:
    """Put a file into a ledger on a server, unless it is there, so that every machine has it."""
    if ledger.is_file:
        return
    with ledger.read() as connection:
        if _has_file(connection, sha256):
            return
    content = copy.read_bytes()
    with ledger.write() as connection:
        if not _has_file(connection, sha256):
            connection.execute(insert(t.document_files).values(sha256=sha256, body=content))


def _has_file(connection: Connection, sha256: str) -> bool:
    f = t.document_files.c
    return connection.execute(select(f.sha256).where(f.sha256 == sha256)).first() is not None


def shared_file(connection: Connection, sha256: str) -> tuple[str, bytes] | None:
    """Return a file that a ledger on a server holds, with the ending of its name, or None."""
    f, d = t.document_files.c, t.documents.c
    body = connection.execute(select(f.body).where(f.sha256 == sha256)).scalar()
    name = connection.execute(select(d.file).where(d.sha256 == sha256).limit(1)).scalar()
    return None if body is None or name is None else (Path(name).suffix.lower(), bytes(body))


def kept_file(ledger: Ledger, folder: Path, document: Attached) -> Path | None:
    """Return the review's copy of a document, fetched from the ledger where this machine has none; None where it is nowhere."""
    return kept_copy(ledger, folder, document.sha256, document.file)


def kept_copy(ledger: Ledger, folder: Path, sha256: str, name: str) -> Path | None:
    """Return the same of a file by its hash and name."""
    copy = copy_of(folder, sha256, name)
    if copy.is_file():
        return copy
    with ledger.read() as connection:
        shared = shared_file(connection, sha256)
    if shared is None:
        return None
    copy.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(copy) as partial:
        partial.write_bytes(shared[1])
    return copy


def attached(connection: Connection, record_ids: Sequence[str] | None = None) -> dict[str, list[Attached]]:
    """Return the documents that are attached now, by record id, the main one first.

    A merge brings those of both records.
    """
    return {
        name: [attachment for attachment, _ in attachments]
        for name, attachments in _present(connection, record_ids).items()
    }


def _present(
    connection: Connection, record_ids: Sequence[str] | None = None
) -> dict[str, list[tuple[Attached, dict[str, object]]]]:
    """Return what `attached` does, each with its row: after a merge the row's record and name may be other ones."""
    newest: dict[tuple[str, str], dict[str, object]] = {}
    if record_ids is None:
        rows = _rows(connection, None)
        names = reads.current_ids(connection) if rows else {}
    else:
        names = _names(connection, record_ids)
        rows = _rows(connection, list(names))
    for row in rows:
        newest[str(row["record_id"]), str(row["name"])] = row
    documents_of: dict[str, list[tuple[Attached, dict[str, object]]]] = defaultdict(list)
    documents_of.update({name: [] for name in record_ids or ()})
    for row in newest.values():
        if row["active"]:
            record_id = names.get(str(row["record_id"]), str(row["record_id"]))
            present = documents_of[record_id]
            if all(earlier.sha256 != row["sha256"] for earlier, _ in present):
                name = _free(str(row["name"]), {earlier.name for earlier, _ in present})
                present.append((_attached({**row, "record_id": record_id, "name": name}), row))
    for documents in documents_of.values():
        documents.sort(key=lambda pair: (_ORDER[pair[0].role], pair[0].name))
    return documents_of


def _names(connection: Connection, record_ids: Sequence[str]) -> dict[str, str]:
    """Return the record of each id that was ever given to an entry of these records."""
    query = select(t.aliases).where(t.aliases.c.record_id.in_(record_ids))
    return {name: name for name in record_ids} | {row.alias: row.record_id for row in connection.execute(query)}


def _rows(connection: Connection, record_ids: Sequence[str] | None) -> list[dict[str, object]]:
    query = select(t.documents).where(_of_a_record()).order_by(t.documents.c.id)
    if record_ids is not None:
        query = query.where(t.documents.c.record_id.in_(record_ids))
    return [dict(row) for row in connection.execute(query).mappings()]


def _attached(row: Mapping[str, object]) -> Attached:
    return Attached.model_validate({name: row[name] for name in Attached.model_fields})


def reports(ledger: Ledger, records: Sequence[Record]) -> list[Report]:
    """Return the records as reports, with their documents and retrieval status.

    Texts are read when they are asked for.
    """
    load = loader(ledger)
    few = [record.id for record in records] if len(records) <= FEW else None
    with ledger.read() as connection:
        documents_of = attached(connection, few)
        notes_of: dict[str, list[RowMapping]] = defaultdict(list)
        query, current_ids = select(t.retrievals).order_by(t.retrievals.c.id), dict[str, str]()
        if few is not None:
            current_ids = _names(connection, few)
            query = query.where(t.retrievals.c.record_id.in_(current_ids))
        rows = connection.execute(query).mappings().all()
        if few is None and rows:
            current_ids = reads.current_ids(connection)
        for row in rows:
            notes_of[current_ids.get(row["record_id"], row["record_id"])].append(row)
    built = []
    for record in records:
        documents, notes = tuple(documents_of.get(record.id, ())), notes_of.get(record.id, [])
        retrieval: dict[str, object] = {}
        main = next((document for document in documents if document.role is Role.MAIN), None)
        if main is not None:
            retrieval = {"retrieval": Retrieval.RETRIEVED}
            if main.how.startswith(RETRIEVED_FROM):
                retrieval |= {"retrieval_reason": main.how, "retrieval_at": main.at}
        elif notes:
            last = notes[-1]
            retrieval = {"retrieval": Retrieval(last["status"]), "retrieval_reason": last["reason"],
                     "retrieval_at": last["at"], "retrieval_by": last["who"]}  # fmt: skip
        fields = {name: getattr(record, name) for name in Record.model_fields}
        attempts = sum(note["status"] == Retrieval.NOT_RETRIEVED for note in notes)
        built.append(Report(**fields, **retrieval, attached=documents, attempts=attempts, load=load))
    return built


def as_studies(ledger: Ledger, reports: Sequence[Report]) -> list[Report]:
    """Return reports that are linked as the same study as one: the latest, with the documents of the others behind its own.

    The documents of an earlier report are named by its id and their name, as in `10.1/x main`. What was corrected, put in
    doubt or retracted of any of them comes with it.
    """
    by_id = {report.id: report for report in reports}
    with ledger.read() as connection:
        pairs, notices_of = reads.same_study(connection), notices_to_show(connection)
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
    place = {report.id: number for number, report in enumerate(reports)}
    studies = []
    for members in together.values():
        # Of several reports the one with a text, then the latest, then the one that came last speaks for the study.
        head = max(members, key=lambda report: (report.complete, report.year or 0, place[report.id]))
        other_reports = [report for report in members if report is not head]
        # One file may be attached to several reports of the study; it is read once.
        by_hash = {document.sha256: document for document in head.attached}
        for report in other_reports:
            for document in report.attached:
                by_hash.setdefault(
                    document.sha256, document.model_copy(update={"name": borrowed(report.id, document.name)})
                )
        notices = dict.fromkeys(notice for report in members for notice in notices_of.get(report.id, ()))
        changes = {
            "attached": tuple(by_hash.values()),
            "notices": tuple(notices),
            "study": (head.id, *(report.id for report in other_reports)),
        }
        alone = {"notices": tuple(notices)} if notices else {}
        studies.append(head.model_copy(update=changes if other_reports else alone))
    return studies


def loader(ledger: Ledger) -> Callable[[str], Document]:
    """Return a function that reads a document's text by its hash; the last few are kept."""

    @lru_cache(maxsize=16)
    def load(content: str) -> Document:
        with ledger.read() as connection:
            body = text_of(connection, content)
        if body is None:
            raise LookupError(f"the ledger has lost the text {content}")
        return Document.model_validate_json(body)

    return load


def text_hashes(ledger: Ledger, stage: Stage, records: Collection[str]) -> dict[str, str]:
    """Return the hash of the present text of each of these records, at full text that of its documents."""
    r, hashes, bodies = t.records.c, dict[str, str](), list[Record]()
    with ledger.read() as connection:
        for part in in_parts(records):
            if stage is Stage.ABSTRACT:
                query = select(r.id, r.text_hash).where(r.id.in_(part))
                hashes |= {row.id: row.text_hash for row in connection.execute(query)}
            else:
                query = select(r.body).where(r.id.in_(part))
                bodies += [Record.model_validate_json(body) for body in connection.execute(query).scalars()]
    return hashes | {report.id: report.text_hash for report in reports(ledger, bodies)} if bodies else hashes
