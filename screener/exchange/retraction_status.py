"""Whether records were retracted, corrected or put in doubt, from a file: a list of retractions, or an export of their sources.

A source of retraction status is whatever yields `StatusRow`s; files are one.
"""

import csv
import hashlib
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..core.errors import BadInput
from ..ledger import (
    FoundMark,
    IntegrityCheck,
    Ledger,
    add_integrity_check,
    decide_integrity,
    marked_records,
    now,
    reads,
)
from ..records import MARKS, Integrity, Record, integrity_of, notice, notice_kind, read_file
from ..records import doi as canonical_doi
from ..records import pmid as canonical_pmid

_COLUMNS = {
    "doi": ("originalpaperdoi", "paperdoi", "doi", "articledoi"),
    "pmid": ("originalpaperpubmedid", "originalpaperpmid", "pmid", "pubmedid"),
    "nature": ("retractionnature", "nature", "status", "integrity", "updatetype", "noticetype"),
    "on": ("retractiondate", "noticedate", "date"),
    "reason": ("reason", "reasons"),
    "notice": ("retractiondoi", "noticedoi"),
}
"""The columns of the Retraction Watch database, as https://gitlab.com/crossref/retraction-watch-data has them, and like ones."""


@dataclass(frozen=True)
class StatusRow:
    """What a source says of one paper, named by DOI or PMID. A reinstated paper has no mark."""

    doi: str | None
    pmid: str | None
    mark: Integrity
    on: str = ""
    reason: str = ""
    notice: str = ""


def check_integrity(ledger: Ledger, file: Path, who: str) -> IntegrityCheck:
    """Compare all records with a file, and note what it says of them, with the day. `BadInput` for a file that cannot be read."""
    rows = status_rows(file)
    with ledger.read() as connection:
        # A notice often bears its paper's DOI.
        records = [record for record in reads.records(connection) if notice_kind(record) is None]
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    named = [record for record in records if record.doi or record.pmid]
    found = tuple(_found(named, rows))
    check = IntegrityCheck(now(), who, file.name, digest, len(named), len(records) - len(named), found)
    with ledger.write() as connection:
        add_integrity_check(connection, check)
    return check


def keep_marked(ledger: Ledger, record: str, note: str, who: str) -> None:
    """Note why a marked record stays included; `BadInput` where it has no mark, or the note says nothing."""
    if not note.strip():
        raise BadInput("--note: say why the record stays")
    with ledger.write() as connection:
        found = reads.find_record(connection, record)
        if found is None:
            raise BadInput(f"{record}: no record has this id; `screener export` lists them")
        mark = marked_records(connection).get(found.id)
        if mark is None:
            raise BadInput(
                f"{found.id}: nothing is known against this record; `screener integrity` lists those that are marked"
            )
        decide_integrity(connection, found.id, mark.integrity.value, note.strip(), who)


def status_rows(file: Path) -> list[StatusRow]:
    """Return what a file says of papers: a CSV with a column for the nature of each notice, or any export that can be read."""
    if not file.is_file():
        raise BadInput(f"{file}: no such file")
    text = file.read_bytes().decode("utf-8-sig", errors="replace")
    header = next(csv.reader(io.StringIO(text)), [])
    columns = _columns(header)
    if "nature" in columns and ("doi" in columns or "pmid" in columns):
        return [row for line in csv.DictReader(io.StringIO(text)) if (row := _row(line, columns)) is not None]
    return list(_in_export(file))


def _columns(header: Sequence[str]) -> dict[str, str]:
    plain = {"".join(filter(str.isalnum, name.casefold())): name for name in header}
    return {
        field: next(plain[n] for n in names if n in plain)
        for field, names in _COLUMNS.items()
        if set(names) & set(plain)
    }


def _row(line: Mapping[str, str], columns: Mapping[str, str]) -> StatusRow | None:
    cell = {field: (line.get(name) or "").strip() for field, name in columns.items()}
    mark = _mark(cell["nature"])
    doi, pmid = canonical_doi(cell.get("doi")), canonical_pmid(cell.get("pmid"))
    if mark is None or not (doi or pmid):
        return None
    return StatusRow(
        doi, pmid, mark, cell.get("on", "").split(" ")[0], cell.get("reason", "").strip(";+ "), cell.get("notice", "")
    )


def _mark(nature: str) -> Integrity | None:
    small = nature.casefold()
    words = {"reinstat": Integrity.UNMARKED, "retract": Integrity.RETRACTED, "withdraw": Integrity.WITHDRAWN,
             "removal": Integrity.WITHDRAWN, "concern": Integrity.CONCERN, "correct": Integrity.CORRECTED,
             "erratum": Integrity.CORRECTED, "corrig": Integrity.CORRECTED}  # fmt: skip
    return next((mark for word, mark in words.items() if word in small), None)


def _in_export(file: Path) -> Iterable[StatusRow]:
    for hit in read_file(file).hits:
        entry = hit.entry
        about = notice(entry)
        if about is not None and about.certain and about.kind in MARKS:
            for name in about.identifiers:
                kind, _, value = name.partition(":")
                yield StatusRow(value if kind == "doi" else None, value if kind == "pmid" else None, MARKS[about.kind],
                                str(entry.year or ""), notice=entry.doi or "")  # fmt: skip
        elif (mark := integrity_of(entry)) and (entry.doi or entry.pmid):
            yield StatusRow(entry.doi, entry.pmid, mark)


def _found(records: Iterable[Record], rows: Sequence[StatusRow]) -> Iterable[FoundMark]:
    """Yield the gravest mark of each record that the rows name; a later reinstatement takes back what was before."""
    by_id: dict[str, list[StatusRow]] = {}
    for row in rows:
        for name in {f"doi:{row.doi}" if row.doi else "", f"pmid:{row.pmid}" if row.pmid else ""} - {""}:
            by_id.setdefault(name, []).append(row)
    order = list(Integrity)
    for record in records:
        about = [*by_id.get(f"doi:{record.doi}", ()), *by_id.get(f"pmid:{record.pmid}", ())]
        if any(row.mark is Integrity.UNMARKED for row in about):
            about = []
        if about:
            row = max(about, key=lambda row: order.index(row.mark))
            yield FoundMark(record.id, row.mark.value, row.on, row.reason, row.notice)
