"""What people say of links that the program drew: that they hold, that they do not, or that they are something else."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection, insert, select

from ..core.errors import BadInput
from ..records import certainly_same, contradict
from . import tables as t
from .clusters import clusters_of, links_at
from .entry_ids import entry_ids
from .link_act import link_act
from .link_list import open_candidates
from .links import MACHINE, Link, LinkedEntry, add_link, link_row, linked_entries, links_of_record, shown_links
from .merges import draw_study, hit_named, join, merged_hits, record_with, regroup
from .parts import in_parts
from .rebuild import rebuild
from .store import Ledger

Verdict = Literal["same", "same_study", "notice_of", "apart", "as listed"]
"""What a person says of two entries: one work, reports of one study, neither, or what the listed link says."""


@dataclass(frozen=True)
class Confirmed:
    """What became of a pair: `merged`, `same_study`, `notice_of`, `apart`, and the records that its entries are in now."""

    verdict: str
    records: tuple[str, ...]


def confirm_pair(ledger: Ledger, first: str, second: str, verdict: Verdict, who: str) -> Confirmed:
    """Enter what a person says of two entries, each given by its own id or that of its record.

    `BadInput` where nothing links the two and the verdict is what is listed.
    """
    with link_act(ledger, who) as act:
        a, b = hit_named(act.connection, first), hit_named(act.connection, second)
        if a == b:
            raise BadInput(f"{first} and {second} are one entry")
        confirmed = _settle(act.connection, (a, b), verdict, who)
        act.message = f"{first} and {second}: {WORDS[confirmed.verdict]}"
    return confirmed


WORDS = {
    "merged": "one record",
    "same_study": "reports of one study",
    "notice_of": "a notice and its paper",
    "apart": "different works",
}
"""What became of a pair, in words."""


def settle_hits(ledger: Ledger, pairs: Sequence[tuple[int, int]], verdict: Verdict, who: str) -> list[Confirmed]:
    """Enter what a person says of pairs of hits, all alike, in one act."""
    confirmed = []
    with link_act(ledger, who) as act:
        for pair in pairs:
            confirmed.append(_settle(act.connection, pair, verdict, who))
        counts = Counter(WORDS[item.verdict] for item in confirmed)
        act.message = ", ".join(f"{n} {'pair' if n == 1 else 'pairs'}: {words}" for words, n in counts.items())
    return confirmed


def _settle(connection: Connection, pair: tuple[int, int], verdict: Verdict, who: str) -> Confirmed:
    """Enter what a person says of two hits."""
    first, second = (record_with(connection, hit) for hit in pair)
    if verdict == "as listed":
        verdict = _as_listed(connection, pair)
    if verdict == "apart":
        records = _part(connection, pair, who) if first == second else _keep_apart(connection, pair, who)
        return Confirmed("apart", records)
    if verdict == "same":
        if first != second:
            return Confirmed("merged", (join(connection, *pair, who),))
        _confirm_merge(connection, pair, who)
        return Confirmed("merged", (first,))
    if first == second:
        raise BadInput(f"{first}: both entries are merged into this record; take one out first: `screener dedup split`")
    links = _between(connection, first, second)
    if verdict == "same_study":
        draw_study(connection, *pair, who)
        return Confirmed("same_study", (first, second))
    for link in links:
        if link.kind == verdict:
            add_link(connection, link_row(link.kind, link.a, link.b, link.rule, link.score, who))
    return Confirmed(verdict, (first, second))


def _as_listed(connection: Connection, pair: tuple[int, int]) -> Verdict:
    """Return what the program says of two hits; `BadInput` where it says nothing, or only that they are in conflict."""
    first, second = (record_with(connection, hit) for hit in pair)
    if first == second:
        return "same"
    kinds = {link.kind for link in _between(connection, first, second) if link.active}
    listed: tuple[Verdict, ...] = ("same_study", "notice_of")
    if "candidate" in kinds:
        return "same"
    for kind in listed:
        if kind in kinds:
            return kind
    what = "share an identifier but not the title" if "conflict" in kinds else "are not linked"
    raise BadInput(
        f"{first} and {second} {what}: say what they are with `screener dedup merge`, or with --same-study or --apart"
    )


def _between(connection: Connection, first: str, second: str) -> list[Link]:
    """Return the links between the hits of two records, other than merges, as they hold now."""
    a, b = merged_hits(connection, first), merged_hits(connection, second)
    return [
        link
        for link in links_of_record(connection, a | b)
        if link.kind != "duplicate" and ((link.a in a and link.b in b) or (link.a in b and link.b in a))
    ]


def _keep_apart(connection: Connection, pair: tuple[int, int], who: str) -> tuple[str, ...]:
    first, second = (record_with(connection, hit) for hit in pair)
    links = _between(connection, first, second)
    for link in links:
        add_link(
            connection,
            link_row(link.kind, link.a, link.b, link.rule, link.score, who, active=link.kind == "conflict"),
        )
    if not any(link.kind == "candidate" for link in links):
        a, b = max(pair), min(pair)
        add_link(connection, link_row("candidate", a, b, "by hand", 1.0, who, active=False))
    return first, second


def _part(connection: Connection, pair: tuple[int, int], who: str) -> tuple[str, ...]:
    """Undo the merge of two hits of one record; what else is merged with each of them stays with it."""
    hits = sorted(merged_hits(connection, record_with(connection, pair[0])))
    joined: dict[int, set[int]] = {hit: set() for hit in hits}
    for link in links_at(connection, hits, "duplicate"):
        if link.active and {link.a, link.b} != set(pair):
            joined[link.a].add(link.b)
            joined[link.b].add(link.a)
    parts = clusters_of(hits, joined)
    later = max(pair)
    out = next(set(part) for part in parts if later in part)
    if min(pair) in out:  # other links hold the two together as well
        out = {later}
    return tuple(regroup(connection, [set(hits) - out, out], who))


def _confirm_merge(connection: Connection, pair: tuple[int, int], who: str) -> None:
    links = [link for link in links_at(connection, pair, "duplicate") if link.active and {link.a, link.b} == set(pair)]
    rule, score = (links[0].rule, links[0].score) if links else ("by hand", 1.0)
    add_link(connection, link_row("duplicate", max(pair), min(pair), rule, score, who))


@dataclass(frozen=True)
class ExactPair:
    """A merge or candidate that is beyond doubt, and `evidence`, what agrees beside title, first author and year."""

    kind: str
    a: str
    b: str
    title: str
    evidence: str


def confirm_exact(ledger: Ledger, who: str, *, dry_run: bool = False) -> list[ExactPair]:
    """Confirm the merges and merge the candidates that are beyond doubt (`certainly_same`); return them.

    Of candidates no entry of one record may contradict one of the other: no chain joins two that differ.
    """
    if dry_run:
        with ledger.read() as connection:
            return _confirm_exact(connection, who, dry_run=True)
    with link_act(ledger, who) as act:
        exact = _confirm_exact(act.connection, who, dry_run=False)
        act.message = f"Confirmed {len(exact)} exact {'pair' if len(exact) == 1 else 'pairs'}"
    return exact


def _confirm_exact(connection: Connection, who: str, *, dry_run: bool) -> list[ExactPair]:
    merges = [link for link in shown_links(connection, "duplicate") if link.active and link.who == MACHINE]
    candidates = open_candidates(connection)
    entries = linked_entries(connection, {hit for link in (*merges, *candidates) for hit in (link.a, link.b)})
    exact = [(link, evidence) for link in merges if (evidence := _evidence(entries, link))]
    members = _members(connection, {entries[hit].record for link in candidates for hit in (link.a, link.b)})
    for link in candidates:
        first, second = members[entries[link.a].record], members[entries[link.b].record]
        if first is not second and (evidence := _evidence(entries, link)) and _none_differ(first, second):
            exact.append((link, evidence))
            first += second
            for side in second:
                members[side.record] = first
    if exact and not dry_run:
        rows = [link_row("duplicate", link.a, link.b, *_drawn(link), who) for link, _ in exact]
        connection.execute(insert(t.links), rows)
        rebuild(connection, [link.a for link, _ in exact if link.kind == "candidate"])
    names = entry_ids(connection, {hit for link, _ in exact for hit in (link.a, link.b)})
    return [
        ExactPair(link.kind, names[link.a], names[link.b], entries[link.b].entry.title, evidence)
        for link, evidence in exact
    ]


def _drawn(link: Link) -> tuple[str, float]:
    return (link.rule, link.score) if link.kind == "duplicate" else ("confirmed as exact", 1.0)


def _evidence(entries: dict[int, LinkedEntry], link: Link) -> str:
    return certainly_same(entries[link.a].entry, entries[link.b].entry)


def _none_differ(first: Sequence[LinkedEntry], second: Sequence[LinkedEntry]) -> bool:
    return not any(contradict(a.entry, b.entry) for a in first for b in second)


def _members(connection: Connection, records: Iterable[str]) -> dict[str, list[LinkedEntry]]:
    """Return all entries of some records, by record."""
    m, hits = t.members.c, list[int]()
    for some in in_parts(sorted(records)):
        hits += connection.execute(select(m.hit_id).where(m.record_id.in_(some))).scalars()
    members: dict[str, list[LinkedEntry]] = {}
    for entry in linked_entries(connection, hits).values():
        members.setdefault(entry.record, []).append(entry)
    return members
