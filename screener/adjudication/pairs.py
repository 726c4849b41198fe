"""Pairs of entries that are linked: what a person confirms, takes apart, or decides in the first place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..core.errors import BadInput
from ..ledger import (
    MACHINE,
    Confirmed,
    Ledger,
    Link,
    LinkedEntry,
    LinkOverview,
    ListedLink,
    Verdict,
    link_overview,
    linked_entries,
    newest_id,
    settle_hits,
    shown_links,
    undo_link_act,
    with_entries,
)
from ..ledger.store import Connection

KINDS = {
    "candidate": "Likely duplicates",
    "duplicate": "Merged as duplicates",
    "same_study": "Reports of the same study",
    "notice_of": "A notice and its paper",
    "conflict": "Same identifier, different titles",
}
"""The kinds of pairs in the order in which they are worked through, and what each link says."""
VERDICTS: dict[str, Verdict] = {
    "same": "same",
    "same_study": "same_study",
    "notice_of": "notice_of",
    "apart": "apart",
}


@dataclass(frozen=True)
class PairList:
    """A page of the pairs of one kind: those that are open, nobody has looked at them, or those that people have decided on.

    `pairs` begin at `place` of all `count`. `counts` is how many are open by kind. `repeats` are merges of identical rows,
    which are not among the pairs.
    """

    kind: str
    pairs: Sequence[ListedLink]
    place: int
    count: int
    counts: Mapping[str, int]
    repeats: int


@dataclass(frozen=True)
class _Order:
    """The links by kind in the order in which they are worked through, as of a state of the ledger."""

    state: tuple[int, ...]
    open: Mapping[str, Sequence[Link]]
    decided: Mapping[str, Sequence[Link]]
    repeats: int
    record_of: Mapping[int, str]


class Pairs:
    """The pairs of a ledger, a page at a time: the order is kept until links change, and only a page's entries are read."""

    def __init__(self, ledger: Ledger) -> None:
        """Read nothing yet."""
        self._ledger = ledger
        self._order: _Order | None = None

    def page(self, kind: str = "", place: int = 0, size: int = 1, *, decided: bool = False) -> PairList:
        """Return the page of pairs of a kind on which `place` is, by default of the first kind of which some are open.

        Candidates come with the most similar first, which take the least time; merges with the least similar first, which
        are the ones to check; what people have decided with the newest first.
        """
        with self._ledger.read() as connection:
            order = self._ordered(connection)
            counts = {name: len(order.open[name]) for name in KINDS}
            kind = kind if kind in KINDS else next((name for name in KINDS if counts[name]), "candidate")
            links = (order.decided if decided else order.open)[kind]
            first = max(0, min(place, len(links) - 1)) // size * size
            pairs = with_entries(connection, links[first : first + size])
        return PairList(kind, pairs, first, len(links), counts, order.repeats)

    def place_of(self, kind: str, record: str) -> int:
        """Return the place of the first open pair of a kind of which a record is one; 0 without one."""
        with self._ledger.read() as connection:
            order = self._ordered(connection)
        for place, link in enumerate(order.open.get(kind, ())):
            if record in (order.record_of.get(link.a), order.record_of.get(link.b)):
                return place
        return 0

    def _ordered(self, connection: Connection) -> _Order:
        state = tuple(newest_id(connection, table) for table in ("hits", "links", "imports", "undone_imports"))
        order = self._order
        if order is None or order.state != state:
            order = self._order = _order(state, link_overview(connection))
        return order


def _order(state: tuple[int, ...], overview: LinkOverview) -> _Order:
    links = [link for link in overview.links if link.kind in KINDS]
    repeats = sum(link.id in overview.repeats and link.active and link.who == MACHINE for link in links)
    links = [link for link in links if link.id not in overview.repeats]
    waiting = [link for link in links if link.active and link.who == MACHINE]
    by_people = sorted((link for link in links if link.who != MACHINE), key=lambda link: -link.id)
    return _Order(
        state,
        {kind: _open([link for link in waiting if link.kind == kind], kind, overview.record_of) for kind in KINDS},
        {kind: [link for link in by_people if link.kind == kind] for kind in KINDS},
        repeats,
        overview.record_of,
    )


def _open(links: Sequence[Link], kind: str, record_of: Mapping[int, str]) -> list[Link]:
    if kind == "duplicate":
        return sorted(links, key=lambda link: link.score)
    by_records: dict[frozenset[str], Link] = {}
    for link in sorted(links, key=lambda link: (-link.score, link.id)):
        by_records.setdefault(frozenset({record_of.get(link.a, ""), record_of.get(link.b, "")}), link)
    return list(by_records.values())


def entries_of(ledger: Ledger, pair: ListedLink) -> tuple[LinkedEntry, LinkedEntry]:
    """Return the two entries of a pair, the later one first."""
    with ledger.read() as connection:
        entries = linked_entries(connection, (pair.hit_a, pair.hit_b))
    return entries[pair.hit_a], entries[pair.hit_b]


def settle_pairs(ledger: Ledger, numbers: Sequence[int], verdict: str, who: str) -> str:
    """Enter what a person says of some pairs, all alike; return what to tell them.

    Raises `BadInput` where somebody was quicker with all of them.
    """
    if verdict not in VERDICTS:
        raise BadInput(f"No such decision on a pair: {verdict}")
    with ledger.read() as connection:
        links = {link.id: link for link in shown_links(connection)}
    pairs = [links[number] for number in numbers if number in links]
    if not pairs:
        raise BadInput("This pair was decided already; this is the next one.")
    confirmed = settle_hits(ledger, [(pair.a, pair.b) for pair in pairs], VERDICTS[verdict], who)
    missing = len(numbers) - len(pairs)
    return _told(confirmed) + (f"; {missing} were decided already" if missing else "")


def _told(confirmed: Sequence[Confirmed]) -> str:
    if len(confirmed) > 1:
        return f"{len(confirmed)} pairs decided"
    [one] = confirmed
    return {
        "merged": f"One record: {one.records[0]}",
        "same_study": "Reports of the same study",
        "notice_of": "A notice and its paper",
        "apart": "Different works",
    }[one.verdict]


def undo_pairs(ledger: Ledger, who: str) -> str:
    """Take back what a person said of pairs last; return what to tell them. Raises `BadInput` where that cannot be."""
    return f"Undone. {undo_link_act(ledger, who)}"
