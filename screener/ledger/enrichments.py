"""What other services know of records: rows that fill in what the records' own sources leave out.

Such a row is a hit of its own, in an import of the format `enrichment`, linked to a hit that it fills in. It is no member of
a record, so that it counts in no source, no flow and no merge; the record takes from it what none of its own rows has. With
its import it can be taken back, and what a source gives later comes before it.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, func, insert, select

from ..core.errors import BadInput
from ..records import Entry, Record
from . import reads
from . import tables as t
from . import update_tables as ut
from .clusters import links_at
from .filling import ENRICHES, ENRICHMENT, enrichment_imports
from .hit_keys import keys_are_made, note_made
from .links import MACHINE, add_link, link_row
from .parts import in_parts
from .rebuild import rebuild
from .store import Ledger, now
from .superseded import text_hashes_of
from .undone import absent_among, forget_kept

ENRICHMENT_SUFFIX = " (enrichment)"
"""What the name of such a row's source ends with, behind the service's: no search has this source."""
BY_HAND = "by hand"
"""The service of a row that a person typed in."""


@dataclass(frozen=True)
class Enrichment:
    """What a service knows of a record. `rule` says by what it was found: `doi`, `pmid`, `page`, `title`.

    One that is not `sure` is a candidate: it fills in nothing until a person accepts it. `score` is how alike the titles
    are, 0 to 1.
    """

    record: str
    service: str
    entry: Entry
    rule: str
    score: float = 1.0
    sure: bool = True
    test_server: str = ""
    """The host of what stood for the service; empty for the service itself."""


@dataclass(frozen=True)
class EnteredEnrichments:
    """What was entered: the number of the update and its imports, and how many rows of each service; 0 for nothing new."""

    id: int = 0
    imports: tuple[int, ...] = ()
    rows: Mapping[str, int] = field(default_factory=dict)
    text_changed: int = 0
    """Records that have another title or abstract now."""


def add_enrichments(ledger: Ledger, found: Sequence[Enrichment], who: str) -> EnteredEnrichments:
    """Enter what services know of records, all or nothing; what is there already adds nothing."""
    with ledger.write() as connection:
        return _enter(connection, found, who)


def add_abstract(ledger: Ledger, record_id: str, abstract: str, who: str) -> EnteredEnrichments:
    """Enter the abstract of a record that has none, as a person knows it; `BadInput` where it has one, or is none."""
    with ledger.write() as connection:
        record = reads.find_record(connection, record_id)
        if record is None:
            raise BadInput(f"{record_id}: no record has this id")
        if record.abstract:
            raise BadInput(
                f"{record.id} has an abstract, from {record.abstract_source or 'a source'}; nothing was changed."
            )
        return _enter(connection, [Enrichment(record.id, BY_HAND, Entry(abstract=abstract), "person")], who)


def abstract_by_hand(connection: Connection, record_id: str) -> int | None:
    """Return the number of the import by which a person gave a record the abstract that it has; None where nobody did."""
    record = reads.find_record(connection, record_id)
    if record is None or record.abstract_source != BY_HAND + ENRICHMENT_SUFFIX:
        return None
    h, li, m, r = t.hits.c, t.links.c, t.members.c, t.repeated_hits.c
    of_record = select(li.a).join(t.members, m.hit_id == li.b).where(li.kind == ENRICHES, m.record_id == record.id)
    of_hits = h.source == record.abstract_source, h.id.in_(of_record)
    undone = select(t.undone_imports.c.import_id)
    first = select(h.import_id).where(*of_hits, h.import_id.not_in(undone))
    again = select(r.import_id).join(t.hits, h.id == r.hit_id).where(*of_hits, r.import_id.not_in(undone))
    numbers = [number for query in (first, again) for number in connection.execute(query).scalars()]
    return min(numbers, default=None)


def _enter(connection: Connection, found: Sequence[Enrichment], who: str) -> EnteredEnrichments:
    heads = _heads(connection, {item.record for item in found})
    keyed = {_key(heads[item.record], item): item for item in found if item.record in heads}
    known = _known(connection, keyed)
    absent = absent_among(connection, known.values())
    fresh = {key: item for key, item in keyed.items() if key not in known or known[key] in absent}
    if not fresh:
        return EnteredEnrichments()
    texts = text_hashes_of(connection, {item.record for item in fresh.values()})
    had_keys, newest = keys_are_made(connection), select(func.coalesce(func.max(t.hits.c.id), 0))
    names = _names(connection, heads.values())
    hit, rows = int(connection.execute(newest).scalar_one()), list[dict[str, Any]]()
    imports, again, at = _imports(connection, fresh.values()), list[dict[str, Any]](), now()
    for row, (key, item) in enumerate(fresh.items(), start=1):
        number = known.get(key, 0)
        if number:
            again.append({"import_id": imports[item.service, item.test_server], "hit_id": number})
        else:
            number = hit = hit + 1
            body = item.entry.model_dump_json(exclude_defaults=True)
            rows.append({"id": hit, "key": key, "import_id": imports[item.service, item.test_server],
                         "name": names[heads[item.record]], "source": item.service + ENRICHMENT_SUFFIX, "row": row, "entry": body})  # fmt: skip
        if not _settled(connection, number, heads[item.record]):
            link = link_row(ENRICHES, number, heads[item.record], item.rule, item.score, MACHINE, active=item.sure)
            add_link(connection, link)
    for table, values in ((t.hits, rows), (t.repeated_hits, again)):
        if values:
            connection.execute(insert(table), values)
    if had_keys:  # these rows are compared with none
        note_made(connection, hit)
    rebuild(connection, {heads[item.record] for item in fresh.values()})
    filled = {item.record for item in fresh.values() if item.sure}
    update, changed = _note_update(connection, at, who, imports.values(), filled, texts)
    forget_kept(connection)
    counts = Counter(item.service for item in fresh.values())
    return EnteredEnrichments(update, tuple(imports.values()), dict(counts), changed)


def _heads(connection: Connection, records: Collection[str]) -> dict[str, int]:
    """Return the first hit of each record that counts."""
    m, heads = t.members.c, dict[str, int]()
    for some in in_parts(sorted(records)):
        query = select(m.record_id, func.min(m.hit_id)).where(m.record_id.in_(some)).group_by(m.record_id)
        heads |= dict(connection.execute(query).all())
    return heads


def _key(head: int, item: Enrichment) -> str:
    body = item.entry.model_dump_json(exclude_defaults=True)
    return hashlib.sha256(f"{ENRICHMENT}\x00{head}\x00{item.service}\x00{body}".encode()).hexdigest()


def _known(connection: Connection, keys: Iterable[str]) -> dict[str, int]:
    h, known = t.hits.c, dict[str, int]()
    for some in in_parts(list(keys)):
        known |= dict(connection.execute(select(h.key, h.id).where(h.key.in_(some))).all())
    return known


def _names(connection: Connection, hits: Iterable[int]) -> dict[int, str]:
    h, names = t.hits.c, dict[int, str]()
    for some in in_parts(sorted(set(hits))):
        names |= dict(connection.execute(select(h.id, h.name).where(h.id.in_(some))).all())
    return names


def _settled(connection: Connection, hit: int, head: int) -> bool:
    """Return whether a person has said of a row whether it fills in a hit."""
    links = links_at(connection, [hit], ENRICHES)
    return any(link.b == head and link.who != MACHINE for link in links)


def _imports(connection: Connection, found: Iterable[Enrichment]) -> dict[tuple[str, str], int]:
    """Write an import for each service and what stood for it; return their numbers."""
    number = int(connection.execute(select(func.coalesce(func.max(t.imports.c.id), 0))).scalar_one())
    rows, imports, at = list[dict[str, Any]](), dict[tuple[str, str], int](), now()
    for (service, test_server), count in Counter((item.service, item.test_server) for item in found).items():
        number += 1
        imports[service, test_server] = number
        digest = hashlib.sha256(f"{ENRICHMENT} {service} {at} {number}".encode()).hexdigest()
        report: dict[str, Any] = {
            "read": count,
            "new": 0,
            "duplicate": 0,
            "repeated": 0,
            "restored": 0,
            "rejected": [],
            "notes": [],
        }
        report |= {"test_server": test_server} if test_server else {}
        rows.append({"id": number, "at": at, "file": f"{service}{ENRICHMENT_SUFFIX}", "sha256": digest, "format": ENRICHMENT,
                     "source": service + ENRICHMENT_SUFFIX, "report": json.dumps(report)})  # fmt: skip
    connection.execute(insert(t.imports), rows)
    return imports


def _note_update(
    connection: Connection,
    at: str,
    who: str,
    imports: Iterable[int],
    filled: Collection[str],
    before: Mapping[str, str],
) -> tuple[int, int]:
    """Write that records were filled in, so that all of it is taken back together, and which have another text than before.

    `before` are the hashes of their texts. Returns the number of the update, and how many texts have changed.
    """
    after = text_hashes_of(connection, before.keys())
    changed = {name: text for name, text in before.items() if name in after and after[name] != text}
    counts = dict.fromkeys(("new", "same", "gone", "newly_gone", "back"), 0)
    counts |= {"changed": len(filled), "text_changed": len(changed)}
    row = {"at": at, "source": ENRICHMENT, "who": who, "body": json.dumps(counts)}
    number = int(connection.execute(insert(ut.updates).returning(ut.updates.c.id), row).scalar_one())
    files = [{"update_id": number, "import_id": import_id} for import_id in imports]
    texts = [
        {"update_id": number, "record_id": name, "before": text, "after": after[name]} for name, text in changed.items()
    ]
    for table, rows in ((ut.update_imports, files), (ut.changed_texts, texts)):
        if rows:
            connection.execute(insert(table), rows)
    return number, len(changed)


@dataclass(frozen=True)
class EnrichmentCandidate:
    """A work that may be a record's, on which a person has to decide; `number` names it."""

    number: int
    record: str
    service: str
    rule: str
    entry: Entry
    known: Record
    """The record as it is now."""


def enrichment_candidates(connection: Connection) -> list[EnrichmentCandidate]:
    """Return the works found by their titles on which nobody has decided, in the order in which they were found."""
    h, m = t.hits.c, t.members.c
    query = select(h.id, h.source, h.entry).where(h.import_id.in_(enrichment_imports())).order_by(h.id)
    rows = {row.id: row for row in connection.execute(query)}
    absent = absent_among(connection, rows)
    links = [
        link
        for link in links_at(connection, sorted(rows), ENRICHES)
        if link.a not in absent and not link.active and link.who == MACHINE
    ]
    record_of = dict[int, str]()
    for some in in_parts(sorted({link.b for link in links})):
        record_of |= dict(connection.execute(select(m.hit_id, m.record_id).where(m.hit_id.in_(some))).all())
    known = {record.id: record for record in reads.records(connection, set(record_of.values()))}
    return [
        EnrichmentCandidate(
            link.a, record_of[link.b], rows[link.a].source.removesuffix(ENRICHMENT_SUFFIX), link.rule,
            Entry.model_validate_json(rows[link.a].entry), known[record_of[link.b]],
        )
        for link in sorted(links, key=lambda link: int(link.a))
        if link.b in record_of
    ]  # fmt: skip


def settle_enrichment(ledger: Ledger, number: int, who: str, *, accept: bool) -> str:
    """Have a row fill in its record, or not, by a person's decision; return the record's id.

    Raises `BadInput` for a number that is none of such a row.
    """
    with ledger.write() as connection:
        links = [link for link in links_at(connection, [number], ENRICHES) if link.a == number]
        records = _records(connection, [link.b for link in links])
        if not links or not records or absent_among(connection, [number]):
            raise BadInput(
                f"{number} is no work that was found for a record; `screener retrieve --candidates` lists them"
            )
        texts = text_hashes_of(connection, records)
        for link in links:
            add_link(connection, link_row(ENRICHES, link.a, link.b, link.rule, link.score, who, active=accept))
        rebuild(connection, {link.b for link in links})
        _note_update(connection, now(), who, (), records, texts)
        forget_kept(connection)
        return records[0]


def _records(connection: Connection, hits: Collection[int]) -> list[str]:
    m, names = t.members.c, dict[str, None]()
    for some in in_parts(sorted(hits)):
        names |= dict.fromkeys(connection.execute(select(m.record_id).where(m.hit_id.in_(some))).scalars())
    return list(names)
