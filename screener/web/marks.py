"""What is known against a record, and which notices are about it, as its page and the list of records show it."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ..adjudication import RECOUNT_SECONDS
from ..ledger import Ledger, checked_after, linked_notices, marked_records, newest_id, reads
from ..ledger.store import Connection
from ..protocol import Review
from ..records import Integrity, Record
from ..stages import VenueStatus, venue_standings

NAMES = {
    Integrity.CORRECTED: "Corrected", Integrity.CONCERN: "Expression of concern", Integrity.WITHDRAWN: "Withdrawn",
    Integrity.RETRACTED: "Retracted",
}  # fmt: skip
_GRAVITY = {name: list(Integrity).index(mark) for mark, name in NAMES.items()}
NOTICE = "Notice of another record"
REMOVED, QUEUED = "Removed before screening: venue", "Venue not settled"


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
    venue: str = ""
    """What a rule on venues does with the record, in words, where it does not let it pass."""
    removed: str = ""
    """Why it is not screened, where a rule on venues removes it."""


def shown_marks(ledger: Ledger, review: Review) -> dict[str, ShownMark]:
    """Return what is shown of each record that is marked, has notices or is one, or has a venue in question, by its id."""
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
    for name, standing in venue_standings(ledger, review).records.items():
        if standing.status is not VenueStatus.KEPT:
            removed = standing.status is VenueStatus.REMOVED
            marks[name] = replace(
                marks.get(name, ShownMark()),
                venue=REMOVED if removed else QUEUED,
                removed=standing.why if removed else "",
            )
    return marks


class KnownMarks:
    """What is known against the records of a ledger: looked up anew after an import, a link or a check, else now and then."""

    def __init__(self, ledger: Ledger, review: Review, behind: Callable[[Callable[[], None]], None]) -> None:
        """Look nothing up yet; `behind` does later what nobody should wait for."""
        self._ledger, self._review, self._behind = ledger, review, behind
        self._marks: Mapping[str, ShownMark] = {}
        self._at = 0.0
        self._brought = (0, 0)
        self._event = 0
        """The newest event of the ledger when it was looked up."""

    def of(self, names: Sequence[str]) -> ShownMark | None:
        """Return what is shown of a record, or of the reports of a study: the gravest mark of any, and what stands at each."""
        marks = self._all()
        known = {name: marks[name] for name in dict.fromkeys(names) if name in marks}
        if len(known) < 2 and (not known or names[0] in known):
            return next(iter(known.values()), None)
        gravest = max(known.values(), key=lambda mark: _GRAVITY.get(mark.name, 0))
        return ShownMark(
            gravest.name,
            gravest.grave,
            tuple(f"{name}: {why}" for name, mark in known.items() for why in mark.why),
            tuple(dict.fromkeys(linked for mark in known.values() for linked in mark.linked)),
            next((mark.venue for mark in known.values() if mark.venue), ""),
            next((mark.removed for mark in known.values() if mark.removed), ""),
        )

    def by_name(self) -> Mapping[str, Sequence[str]]:
        """Return the records that are marked, and those whose venue a rule does not let pass, by what is shown of them."""
        names: dict[str, list[str]] = {}
        for record, mark in self._all().items():
            for name in filter(None, (mark.name, mark.venue)):
                names.setdefault(name, []).append(record)
        return names

    def _all(self) -> Mapping[str, ShownMark]:
        with self._ledger.read() as connection:
            brought = (newest_id(connection, "hits"), newest_id(connection, "links"))
            checked = checked_after(connection, self._event)
        if not self._at or brought != self._brought or checked:
            self._look_up(brought)
        elif time.monotonic() - self._at > RECOUNT_SECONDS:
            self._at = time.monotonic()
            self._behind(lambda: self._look_up(brought))
        return self._marks

    def _look_up(self, brought: tuple[int, int]) -> None:
        with self._ledger.read() as connection:
            event = newest_id(connection, "marks")
        marks = shown_marks(self._ledger, self._review)
        self._marks, self._at, self._brought, self._event = marks, time.monotonic(), brought, event


def _records(connection: Connection, names: Iterable[str]) -> dict[str, Record]:
    return {record.id: record for record in reads.records(connection, set(names))}


def _linked(record: Record, kind: str) -> LinkedRecord:
    address = f"https://doi.org/{record.doi}" if record.doi else ""
    if not address and record.pmid:
        address = f"https://pubmed.ncbi.nlm.nih.gov/{record.pmid}/"
    return LinkedRecord(record.id, kind, record.shown_title, address)
