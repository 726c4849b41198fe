"""Pairs of entries that are linked: what a person confirms, takes apart, or decides in the first place."""

from collections.abc import Sequence
from dataclasses import dataclass

from ..core.errors import BadInput
from ..ledger import (
    MACHINE,
    Confirmed,
    Ledger,
    LinkedEntry,
    ListedLink,
    Verdict,
    linked_entries,
    listed_links,
    settle_hits,
    undo_link_act,
)

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
    """The pairs of one kind: those that are `open`, nobody has looked at them, or those that people have decided on.

    `counts` is how many are open by kind. `repeats` are merges of identical rows, which are not among the pairs.
    """

    kind: str
    pairs: Sequence[ListedLink]
    counts: dict[str, int]
    repeats: int


def pair_list(ledger: Ledger, kind: str = "", *, decided: bool = False) -> PairList:
    """Return the pairs of a kind, by default the first of which some are open.

    Candidates come with the most similar first, which take the least time; merges with the least similar first, which
    are the ones to check; what people have decided with the newest first.
    """
    links = listed_links(ledger)
    open_pairs = {name: _open(links, name) for name in KINDS}
    counts = {name: len(pairs) for name, pairs in open_pairs.items()}
    kind = kind if kind in KINDS else next((name for name in KINDS if counts[name]), "candidate")
    repeats = sum(link.repeat and link.active and link.who == MACHINE for link in links)
    pairs = open_pairs[kind]
    if decided:
        by_people = [link for link in links if link.kind == kind and link.who != MACHINE and not link.repeat]
        pairs = sorted(by_people, key=lambda link: -link.number)
    return PairList(kind, pairs, counts, repeats)


def _open(links: Sequence[ListedLink], kind: str) -> list[ListedLink]:
    pairs = [link for link in links if link.kind == kind and link.active and link.who == MACHINE and not link.repeat]
    if kind == "duplicate":
        return sorted(pairs, key=lambda link: link.score)
    by_records: dict[frozenset[str], ListedLink] = {}
    for link in sorted(pairs, key=lambda link: (-link.score, link.number)):
        by_records.setdefault(frozenset({link.record_a, link.record_b}), link)
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
    links = {link.number: link for link in listed_links(ledger)}
    pairs = [links[number] for number in numbers if number in links]
    if not pairs:
        raise BadInput("This pair was decided already; this is the next one.")
    confirmed = settle_hits(ledger, [(pair.hit_a, pair.hit_b) for pair in pairs], VERDICTS[verdict], who)
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
