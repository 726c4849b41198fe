"""A record's page: what is known of it and of its rows, its notes, and what happened to it, as one person may see it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ..core.judgement import Decision, Stage
from ..documents import Attached
from ..ledger import LinkedEntry, Tag, attached, hits_of, linked_entries, own_judgement, seen_tags
from ..ledger.enrichments import ENRICHMENT_SUFFIX, abstract_by_hand
from ..ledger.notes import Note, notes_of
from ..ledger.record_history import HistoryEvent, amendments_since, history_of
from ..ledger.store import Connection
from ..records import Record
from ..review.retractions import undecided_mark
from ..stages import StageState, Standing, Status, as_judged
from .desk import Desk

MACHINE_ROLES = ("machine", "gold")


@dataclass(frozen=True)
class ShownNote:
    """A note in its thread: `depth` is 1 for a reply, `own` says that the reader wrote it."""

    note: Note
    own: bool
    depth: int


@dataclass(frozen=True)
class OwnWork:
    """What the reader has made of a record at a stage, and how it stands where they may see that."""

    stage: Stage
    decision: str
    at: str
    other_text: bool
    """Whether the record had another title or abstract when they judged it."""
    standing: Standing | None


@dataclass(frozen=True)
class RecordPage:
    """All that the page of a record shows."""

    record: Record
    facts: Sequence[tuple[str, str]]
    entries: Sequence[LinkedEntry]
    documents: Sequence[Attached]
    tags: Sequence[Tag]
    work: Sequence[OwnWork]
    notes: Sequence[ShownNote]
    history: Sequence[HistoryEvent]
    filled_by: str
    """Who gave the abstract where none of the record's own sources did."""
    by_hand: bool
    to_decide: str
    """How it is marked, where it is included, as the reader may know, and nobody has noted why it stays."""


def record_page(desk: Desk, name: str) -> RecordPage:
    """Return what the page of a record shows to the desk's reviewer; `BadInput` where no record has the id."""
    record = desk.record(Stage.ABSTRACT, name)
    stages = list(desk.review.protocol.stages)
    seen = {stage for stage in Stage if stage in stages and desk.may_see(stage, [record.id])}
    machine = {stage for stage in seen if desk.blinding.may_see_machine(stage, [record.id])}
    documents = bool(desk.blinding.may_see_documents([record.id]))
    standings = dict[Stage, Standing | None]()
    for stage in seen - {Stage.EXTRACTION}:
        standings[stage] = _standing(desk, stage, record)
    with desk.ledger.read() as connection:
        events = history_of(connection, record.id)
        events += amendments_since(connection, events[0].at) if events else []
        filled = record.abstract_source.endswith(ENRICHMENT_SUFFIX)
        return RecordPage(
            record, facts_of(record), list(linked_entries(connection, hits_of(connection, record.id)).values()), attached(connection, [record.id])[record.id] if documents else (),
            seen_tags(connection, desk.reviewer, [record.id], desk.may_see).get(record.id, ()),
            [_work(connection, desk, stage, record, standings.get(stage)) for stage in stages],
            _thread(desk, notes_of(connection, [record.id]), seen),
            sorted((event for event in events if _shown(event, desk.reviewer, seen, machine, documents=documents)), key=lambda event: event.at, reverse=True),
            record.abstract_source.removesuffix(ENRICHMENT_SUFFIX) if filled else "",
            abstract_by_hand(connection, record.id) is not None,
            undecided_mark(connection, record.id) if _is_included(standings) else "",
        )  # fmt: skip


def _shown(event: HistoryEvent, reviewer: str, seen: set[Stage], machine: set[Stage], *, documents: bool) -> bool:
    """Return whether somebody may be shown what happened: of judgements their own, and others' where they may see these."""
    if event.of_document and event.who != reviewer:
        return documents
    if event.stage is None or (event.by == reviewer and event.role not in MACHINE_ROLES):
        return True
    return event.stage in (machine if event.role in MACHINE_ROLES else seen)


def _standing(desk: Desk, stage: Stage, record: Record) -> Standing | None:
    """Return how a record stands at a screening stage; None where nobody has said anything of it."""
    records = as_judged(desk.ledger, stage, [record])
    standing = StageState.of(desk.ledger, desk.review, stage, records, brief=True).standings[record.id]
    return None if standing == Standing(Status.PENDING) else standing


def _is_included(standings: Mapping[Stage, Standing | None]) -> bool:
    """Return whether a record is included at the last screening stage of which the reader may know how it stands."""
    last = next((standings[stage] for stage in (Stage.FULLTEXT, Stage.ABSTRACT) if stage in standings), None)
    return last is not None and last.status is Status.FINAL and last.decision is Decision.INCLUDE


def _work(connection: Connection, desk: Desk, stage: Stage, record: Record, standing: Standing | None) -> OwnWork:
    row = own_judgement(connection, stage, record.id, desk.reviewer)
    if row is None:
        return OwnWork(stage, "", "", False, standing)
    changed = stage is Stage.ABSTRACT and row.text_hash != record.text_hash
    decision = "extracted" if stage is Stage.EXTRACTION else row.judgement.decision.value
    return OwnWork(stage, decision, row.at[:10], changed, standing)


def _thread(desk: Desk, notes: Sequence[Note], seen: set[Stage]) -> list[ShownNote]:
    """Return the notes that may be seen, each reply below what it answers."""
    visible = [note for note in notes if note.reviewer == desk.reviewer or note.stage in seen]
    ids = {note.id for note in visible}
    # What answers a note that may not be seen stands by itself.
    visible = [note if note.reply_to in ids else replace(note, reply_to=0) for note in visible]
    by_id = {note.id: note for note in visible}

    def root(note: Note) -> int:
        while note.reply_to:
            note = by_id[note.reply_to]
        return note.id

    ordered = sorted(visible, key=lambda note: (root(note), note.id))
    return [ShownNote(note, note.reviewer == desk.reviewer, int(bool(note.reply_to))) for note in ordered]


def facts_of(record: Record) -> list[tuple[str, str]]:
    """Return what is known of a record beside title, authors and abstract, in words."""
    dates = "; ".join(f"{date.kind.replace('_', ' ')} {date.value}" for date in record.dates)
    relations = "; ".join(f"{relation.kind.value.replace('_', ' ')} {relation.identifier}" for relation in record.relations)  # fmt: skip
    facts = [
        ("Year", str(record.year or "")), ("Venue", record.venue), ("Volume, issue, pages", record.locator),
        ("Publisher", record.publisher), ("Type", "; ".join(record.publication_types) or record.reference_type),
        ("Language", record.language), ("Keywords", "; ".join(record.keywords)), ("Dates", dates),
        ("DOI", record.doi or ""), ("PMID", record.pmid or ""), ("PMCID", record.pmcid or ""),
        ("arXiv", record.arxiv or ""), ("Web of Science", record.wos or ""),
        ("Other numbers", "; ".join((*record.accession, *record.registry))), ("ISSN", "; ".join(record.issn)),
        ("ISBN", "; ".join(record.isbn)), ("Address", record.url), ("Related works", relations),
        ("Kind", "" if record.type.value == "publication" else record.type.value),
    ]  # fmt: skip
    return [(name, value) for name, value in facts if value]


def decided(standing: Standing | None) -> str:
    """Return the decision that stands, for the eye; empty where there is none."""
    return standing.decision.value if standing and isinstance(standing.decision, Decision) else ""
