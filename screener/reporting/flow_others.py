"""The flow's column of other methods: what was found by citations, on web sites, at organisations, in repositories.

In PRISMA 2020 these are a column beside that of databases and registers. A record that a database or register has too is
counted there only. Models and data sets have a column of their own (`flow_models`).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from ..ledger import hits_by_source
from ..ledger.hub import Hub
from ..ledger.imports import rows_by_source
from ..ledger.store import Connection
from .flow_box import PHASES, Box

COLUMN = "others"
PREFIX = "other_"
LEAD = "Other methods"
"""What the title of each of its boxes begins with."""
HEADINGS = {
    "citation_searching": "Citation searching",
    "website": "Web sites",
    "organisation": "Organisations",
    "repository": "Model and data repositories",
}
"""The heading of each kind of source whose records are identified by other methods, in the order of the diagram."""


@dataclass(frozen=True)
class OtherCounts:
    """Hold what the column is counted from.

    `hits` are the rows of these sources, by source. Of them `known` are of records that other sources have, and `merged`
    are duplicates of one another. `records` are those that these sources alone have; `notices` of them are not screened
    alone, and `venues` are removed by a rule on venues.
    """

    hits: Mapping[str, int]
    known: int
    merged: int
    records: frozenset[str]
    notices: int = 0
    venues: int = 0


def read_other_counts(
    connection: Connection,
    kinds: Mapping[str, str],
    hub: Hub,
    among: Collection[str] | None = None,
    rows: Collection[int] | None = None,
) -> OtherCounts | None:
    """Return what the column is counted from, of all or of some records and rows; None where no source is of its kinds.

    Notices and venues are not counted yet.
    """
    sources = [name for name, kind in kinds.items() if kind in HEADINGS]
    counts = hits_by_source(connection) if sources else {}
    if not any(counts.get(name) for name in sources):
        return None
    apart = {hit for entry in hub.entries for hit in entry.hits} | hub.via_hits
    record_of, elsewhere = dict[int, str](), set[str]()
    for hit, record, is_other in rows_by_source(connection, sources):
        if hit in apart:
            continue
        if is_other:
            record_of[hit] = record
        else:
            elsewhere.add(record)
    alone = {record for record in record_of.values() if record not in elsewhere}
    chosen = {hit: record for hit, record in record_of.items() if rows is None or hit in rows}
    records = frozenset(alone if among is None else alone & set(among))
    known = sum(record in elsewhere for record in chosen.values())
    return (
        OtherCounts(hits_by_source(connection, chosen.keys()), known, len(chosen) - known - len(records), records)
        if chosen or records
        else None
    )


def identified(counts: OtherCounts, kinds: Mapping[str, str], removed: Mapping[str, int], following: str) -> list[Box]:
    """Return the boxes from the records identified to those that go on to the box `following`.

    `removed` are the lines of what is removed beside duplicates: by rule, as notices, by venue.
    """
    total = sum(counts.hits.values())
    parts = tuple(
        (f"{heading}: {name}", n)
        for kind, heading in HEADINGS.items()
        for name, n in counts.hits.items()
        if kinds.get(name) == kind
    )
    lines = [
        ("Among the records of other sources, counted there only", counts.known),
        ("Duplicates, merged", counts.merged),
        *removed.items(),
    ]
    aside = sum(n for _, n in lines)
    remaining = len(counts.records) - sum(removed.values())
    leaves = ((f"{PREFIX}removed", aside), (following, remaining))
    return [
        Box(f"{PREFIX}identified", PHASES[0], f"{LEAD}: records identified", "records", total, parts,
            leaves=leaves, column=COLUMN),
        Box(f"{PREFIX}removed", PHASES[0], f"{LEAD}: records removed before screening", "records", aside,
            tuple(lines), enters=((f"{PREFIX}identified", aside),), side=True, column=COLUMN),
    ]  # fmt: skip
