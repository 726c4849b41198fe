"""What is known against a record, and which notices are about it, as its page and the list of records show it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from ..ledger import Ledger, linked_notices, marked_records, reads
from ..ledger.store import Connection
from ..records import Integrity, Record

NAMES = {
    Integrity.CORRECTED: "Corrected", Integrity.CONCERN: "Expression of concern", Integrity.WITHDRAWN: "Withdrawn",
    Integrity.RETRACTED: "Retracted",
}  # fmt: skip
NOTICE = "Notice of another record"


@dataclass(frozen=True)
class LinkedRecord:
    """A notice of the record, or the paper that the record is a notice of. `href` is empty where it has no address."""

    id: str
    kind: str
    title: str
    href: str


@dataclass(frozen=True)
class ShownMark:
    """What stands at a record. `name` is empty where nothing but replies and comments are about it.

    `why` says who gives the mark, `linked` are its notices. Of a record that is not screened alone, since it is a notice
    itself, they are its papers.
    """

    name: str = ""
    grave: bool = False
    why: tuple[str, ...] = ()
    linked: tuple[LinkedRecord, ...] = ()


def shown_marks(ledger: Ledger) -> dict[str, ShownMark]:
    """Return what is shown of each record that is marked, has notices or is one, by its id."""
    with ledger.read() as connection:
        marks = {
            name: ShownMark(NAMES[marked.integrity], marked.integrity is not Integrity.CORRECTED, marked.why)
            for name, marked in marked_records(connection).items()
        }
        notices = linked_notices(connection)
        titles = _records(connection, {name for item in notices for name in (item.notice, item.paper)})
    for item in notices:
        kind = str(item.kind or "notice")
        of_paper = marks.get(item.paper, ShownMark())
        marks[item.paper] = replace(of_paper, linked=(*of_paper.linked, _linked(titles[item.notice], kind)))
        if item.set_aside:
            of_notice = marks.get(item.notice, ShownMark(NOTICE))
            marks[item.notice] = replace(
                of_notice, linked=(*of_notice.linked, _linked(titles[item.paper], f"{kind} of"))
            )
    return marks


def _records(connection: Connection, names: Iterable[str]) -> dict[str, Record]:
    return {record.id: record for record in reads.records(connection, set(names))}


def _linked(record: Record, kind: str) -> LinkedRecord:
    address = f"https://doi.org/{record.doi}" if record.doi else ""
    if not address and record.pmid:
        address = f"https://pubmed.ncbi.nlm.nih.gov/{record.pmid}/"
    return LinkedRecord(record.id, kind, record.shown_title, address)
