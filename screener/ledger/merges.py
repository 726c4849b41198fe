"""Records merged, split and linked as reports of one study by people; each act a link that supersedes what was said."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, select

from ..core.errors import BadInput
from . import tables as t
from .clusters import joined_hits, links_at
from .entry_ids import entry_ids, find_hit
from .link_act import link_act
from .links import add_link, hits_of, link_row
from .rebuild import rebuild
from .sources import source_of_hit
from .store import Ledger
from .undone import cluster_roots


def merge_records(ledger: Ledger, first: str, second: str, who: str) -> str:
    """Merge two records by a person's decision; return the id of the record that they make.

    Each is given by its id, or by the own id of one of its entries.
    """
    with link_act(ledger, who) as act:
        a, b = hit_named(act.connection, first), hit_named(act.connection, second)
        if record_with(act.connection, a) == record_with(act.connection, b):
            raise BadInput(f"{first} and {second} are one record already")
        act.message = f"Merged {first} and {second}"
        return join(act.connection, a, b, who)


def join(connection: Connection, a: int, b: int, who: str) -> str:
    """Merge the records of two hits by a person's decision; return the id of the record that they make."""
    add_link(connection, link_row("duplicate", max(a, b), min(a, b), "by hand", 1.0, who))
    rebuild(connection, [a, b])
    return record_with(connection, min(a, b))


def split_record(ledger: Ledger, name: str, who: str, others: Sequence[str] = ()) -> list[str]:
    """Take a record apart by rows that supersede its merges; return the ids of the records that come of it.

    Without `others` every entry becomes a record of its own; identical rows of one source stay together. With `others`,
    own ids of some of its entries, these become one record, with the rows that are identical to them, and the rest
    stays one.
    """
    with link_act(ledger, who) as act:
        connection = act.connection
        hits = merged_hits(connection, name)
        same_rows = _identical_rows(connection, hits)
        if others:
            out = _named_among(connection, hits, name, others)
            with_repeats = {hit for row in same_rows if out & set(row) for hit in row}
            out = with_repeats if hits - with_repeats else out
            if not hits - out:
                raise BadInput(f"{name}: these are all rows of the record; leave out those that are to stay")
            groups = [out, hits - out]
        else:
            groups = [set(row) for row in same_rows]
            _refuse_whole(connection, name, hits, groups)
        records = regroup(connection, groups, who)
        act.message = f"Split {name} into {len(records)} records"
        return records


def regroup(connection: Connection, groups: Sequence[Collection[int]], who: str) -> list[str]:
    """Have the hits of one record make a record a group; return the ids of those that have hits that count, oldest first."""
    group_of = {hit: number for number, group in enumerate(groups) for hit in group}
    links = [
        link
        for link in links_at(connection, sorted(group_of), "duplicate")
        if link.active and link.a in group_of and link.b in group_of
    ]
    crossing = [link for link in links if group_of[link.a] != group_of[link.b]]
    for link in crossing:
        add_link(connection, link_row("duplicate", link.a, link.b, link.rule, link.score, who, active=False))
    kept = [(link.a, link.b) for link in links if group_of[link.a] == group_of[link.b]]
    roots = cluster_roots(kept, group_of)
    for group in groups:
        # What was held together by a row that is gone stays together, by the evidence that had it there.
        first, *apart = sorted({roots[hit] for hit in group})
        for root in apart:
            by = next(link for link in crossing if root in (roots[link.a], roots[link.b]))
            add_link(connection, link_row("duplicate", root, first, by.rule, by.score, by.who))
    rename(connection, [sorted(group) for group in groups])
    rebuild(connection, group_of)
    rows = connection.execute(select(t.members).where(t.members.c.hit_id.in_(sorted(group_of))))
    return list(dict.fromkeys(row.record_id for row in sorted(rows, key=lambda row: row.hit_id)))


def link_study(ledger: Ledger, first: str, second: str, who: str) -> None:
    """Link two records as reports of one study, by a person's decision: they stay two records."""
    with link_act(ledger, who) as act:
        a, b = hit_named(act.connection, first), hit_named(act.connection, second)
        if record_with(act.connection, a) == record_with(act.connection, b):
            raise BadInput(f"{first} and {second} are one record, so they are one study already")
        draw_study(act.connection, a, b, who)
        act.message = f"Linked {first} and {second} as one study"


def draw_study(connection: Connection, a: int, b: int, who: str) -> None:
    """Link two hits as reports of one study by a person's decision: what the program drew, or a new link."""
    links = [link for link in links_at(connection, [a, b], "same_study") if {link.a, link.b} == {a, b}]
    rule, score = (links[0].rule, links[0].score) if links else ("by hand", 1.0)
    add_link(connection, link_row("same_study", max(a, b), min(a, b), rule, score, who))


def unlink_study(ledger: Ledger, name: str, who: str, others: Sequence[str] = ()) -> int:
    """Undo the links of a record to other reports of its study, all or those to `others`; how many there were."""
    with link_act(ledger, who) as act:
        connection = act.connection
        hits = merged_hits(connection, name)
        ends = {hit for other in others for hit in merged_hits(connection, other)}
        links = [
            link
            for link in links_at(connection, sorted(hits), "same_study")
            if link.active and hits & {link.a, link.b} and (not others or ends & {link.a, link.b})
        ]
        if not links:
            to_which = f"not linked to {' or '.join(others)}" if others else "linked to no other record"
            raise BadInput(f"{name}: it is {to_which} as one study")
        for link in links:
            add_link(connection, link_row("same_study", link.a, link.b, link.rule, link.score, who, active=False))
        act.message = f"Unlinked {name} from {len(links)} other reports"
    return len(links)


def hit_named(connection: Connection, name: str) -> int:
    """Return the number of the hit that an id stands for; `BadInput` where no record has it."""
    hit = find_hit(connection, name)
    if hit is None or not record_with(connection, hit):
        raise BadInput(f"{name}: no record has this id; `screener export` lists them")
    return hit


def record_with(connection: Connection, hit: int) -> str:
    """Return the id of the record that a hit is part of; none where its import was taken back."""
    record = connection.execute(select(t.members.c.record_id).where(t.members.c.hit_id == hit)).scalar()
    return "" if record is None else str(record)


def merged_hits(connection: Connection, name: str) -> set[int]:
    """Return the numbers of a record's hits and of those that count no more but were merged with them."""
    hits = set(hits_of(connection, record_with(connection, hit_named(connection, name))))
    return hits | set(joined_hits(connection, hits))


def _identical_rows(connection: Connection, hits: Collection[int]) -> list[list[int]]:
    """Return hits in groups of rows that one source gave more than once, letter by letter."""
    rows: dict[Any, list[int]] = {}
    query = select(t.hits.c.id, source_of_hit(connection), t.hits.c.entry).where(t.hits.c.id.in_(sorted(hits)))
    for hit, *row in sorted(connection.execute(query).all()):
        rows.setdefault(tuple(row), []).append(hit)
    return list(rows.values())


def _named_among(connection: Connection, hits: set[int], record: str, names: Sequence[str]) -> set[int]:
    """Return the hits of a record that some own ids name; `BadInput` with those that there are."""
    by_id = {name: hit for hit, name in entry_ids(connection, hits).items()}
    for name in names:
        if name not in by_id:
            raise BadInput(f"{name}: no entry of {record} has this id; it has {', '.join(by_id)}")
    return {by_id[name] for name in names}


def _refuse_whole(connection: Connection, name: str, hits: set[int], groups: Sequence[Collection[int]]) -> None:
    counting = set(connection.execute(select(t.members.c.hit_id).where(t.members.c.hit_id.in_(sorted(hits)))).scalars())
    if len(counting) == 1:
        raise BadInput(f"{name}: nothing is merged into this record")
    if len(groups) == 1:
        ids = entry_ids(connection, counting)
        last = ids[max(ids)]
        raise BadInput(
            f"{name}: its {len(counting)} rows are identical; to take one out: `screener dedup split {name} {last}`"
        )


def rename(connection: Connection, groups: Sequence[Sequence[int]]) -> None:
    """Rename hits that are in different groups now but share an id; each other one keeps its name."""
    h = t.hits.c
    for group in groups:
        own = entry_ids(connection, group)
        query = select(h.id, h.name).where(h.id.in_(sorted(group)))
        for hit, name in connection.execute(query).all():
            if name not in own.values():  # that of a hit of another record
                connection.execute(t.hits.update().where(h.id == hit).values(name=own[hit]))
