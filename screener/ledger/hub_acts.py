"""What is done to hub entries: people judge their topics and link publications; those that cards name are entered."""

import hashlib
import json
from collections.abc import Collection, Iterable, Sequence
from uuid import uuid4

from sqlalchemy import Connection

from ..core.errors import BadInput
from ..core.judgement import Stage
from ..records import Entry, FileRead, Hit, Record, RecordType, RelationKind, arxiv, blocking_keys, doi, pmid
from . import reads
from .entry_ids import find_hit
from .hit_keys import hits_with, keys_are_made, make_keys
from .hub import TOPIC, VIA_MODEL, HubEntry, Topic, described_by, read_hub, topic_stage
from .intake import add_files
from .link_act import link_act
from .links import MACHINE, add_link, hits_of, link_row, linked_entries
from .merges import hit_named, record_with
from .queue import void_queues
from .standings import forget_made
from .store import Ledger
from .ui_events import add_event, events, undo_event

# Whose DOIs are of data sets, software and models: what they lead to is no publication. A person may link one all the same.
REPOSITORIES = (
    "10.5281/zenodo", "10.57967/", "10.13026/", "10.6084/m9.figshare", "10.5061/dryad", "10.17632/", "10.7910/dvn", "10.21227/",
    "10.24432/", "10.17605/osf", "10.24433/co",
)  # fmt: skip
"""Prefixes of Zenodo, the Hugging Face Hub, PhysioNet, figshare, Dryad, Mendeley Data, Dataverse, IEEE DataPort, the UCI
repository, OSF and Code Ocean, as https://www.re3data.org and DataCite list them."""


def set_topics(ledger: Ledger, names: Sequence[str], topic: Topic, who: str) -> int:
    """Note what a person says of some models or data sets; return of how many that is new.

    Raises `BadInput` for an unknown id, and for a record that is neither.
    """
    with ledger.write() as connection:
        ids = dict.fromkeys(_entry_named(connection, name).id for name in names)
        known = {entry.record.id: entry for entry in read_hub(connection).entries}
        new = [name for name in ids if name not in known or (known[name].topic, known[name].who) != (topic, who)]
        act = uuid4().hex
        for name in new:
            body = json.dumps({"topic": topic.value, "act": act})
            add_event(connection, TOPIC, topic_stage(), who, body, record_id=name)
        _screened_have_changed(connection)
    return len(new)


def undo_topics(ledger: Ledger, who: str) -> int:
    """Take back what a person said of topics last, of one entry or of many at once; return of how many.

    Raises `BadInput` where there is nothing.
    """
    with ledger.write() as connection:
        said = events(connection, TOPIC, topic_stage(), who)
        if not said:
            raise BadInput(f"Nothing to undo: {who} has judged the topic of no model or data set.")
        act = json.loads(said[0].body)["act"]
        last = [event for event in said if json.loads(event.body)["act"] == act]
        for event in last:
            undo_event(connection, topic_stage(), who, event.id, record_id=event.record_id)
        _screened_have_changed(connection)
    return len(last)


def named_identifiers(record: Record) -> tuple[str, ...]:
    """Return the publications that an entry names, as `arxiv:…`, `doi:…` or `pmid:…`; DOIs of repositories are left out."""
    named = [relation.identifier for relation in record.relations if relation.kind is RelationKind.LINKED]
    named = [name for name in named if name.startswith(("arxiv:", "doi:", "pmid:"))]
    return tuple(name for name in dict.fromkeys(named) if not name.removeprefix("doi:").startswith(REPOSITORIES))


def resolve_publications(ledger: Ledger) -> int:
    """Link entries on topic with the publications that they name, and enter those that are no record yet; return how many.

    A link that a person took back is not drawn again. What is done already is not done again.
    """
    _have_keys(ledger)
    with ledger.read() as connection:
        wanted = _unlinked(connection)
        known = _records_with(connection, {name for _, name in wanted})
    new = sorted({name for _, name in wanted} - known.keys())
    if new:
        _enter(ledger, new)
    if wanted:
        with ledger.write() as connection:
            known = _records_with(connection, {name for _, name in wanted})
            for entry, name in _unlinked(connection):
                if name in known:
                    _draw(connection, entry.record.id, known[name], f"names {name}", MACHINE)
            _screened_have_changed(connection)
    return len(new)


def link_publication(ledger: Ledger, name: str, publication: str, who: str) -> str:
    """Link a model or data set with a publication by a person's decision; return the publication's record.

    It is a record's id, an arXiv id, a DOI or a PMID; what is no record yet is entered. Raises `BadInput` for anything else.
    """
    _have_keys(ledger)
    with ledger.read() as connection:
        entry = _entry_named(connection, name)
        record, identifier = _publication_named(connection, publication)
        if record in {other.record.id for other in read_hub(connection).entries}:
            raise BadInput(f"{publication}: this is a model or data set; give its publication")
    if not record:
        _enter(ledger, [identifier])
    with link_act(ledger, who) as act:
        record = record or _records_with(act.connection, [identifier])[identifier]
        _draw(act.connection, entry.id, record, "by hand", who)
        act.message = f"Linked {entry.id} with its publication {record}"
        _screened_have_changed(act.connection)
    return record


def unlink_publication(ledger: Ledger, name: str, publication: str, who: str) -> str:
    """Undo the link of a model or data set with a publication; return the publication's record.

    Raises `BadInput` where they are not linked.
    """
    _have_keys(ledger)
    with link_act(ledger, who) as act:
        connection = act.connection
        entry = _entry_named(connection, name)
        record, _ = _publication_named(connection, publication)
        if not described_by(connection, [entry.id]).get(entry.id, {}).get(record):
            raise BadInput(f"{publication}: not linked with {entry.id} as its publication")
        _draw(connection, entry.id, record, "by hand", who, active=False)
        act.message = f"Unlinked {entry.id} from {record}"
        _screened_have_changed(connection)
    return record


def _draw(connection: Connection, entry: str, record: str, rule: str, who: str, *, active: bool = True) -> None:
    """Say of an entry and a record that this is its publication, or no more."""
    ends = hits_of(connection, entry)[0], hits_of(connection, record)[0]
    add_link(connection, link_row("describes", max(ends), min(ends), rule, 1.0, who, active=active))


def _entry_named(connection: Connection, name: str) -> Record:
    record = reads.find_record(connection, record_with(connection, hit_named(connection, name)))
    if record is None or record.type is RecordType.PUBLICATION:
        raise BadInput(f"{name}: this record is neither a model nor a data set; `screener models list` lists those")
    return record


def _unlinked(connection: Connection) -> list[tuple[HubEntry, str]]:
    """Return the publications that entries on topic name and that were never linked with them, each with its entry."""
    entries = [entry for entry in read_hub(connection).entries if entry.topic is Topic.ON]
    if not entries:
        return []
    named = [(entry, name) for entry in entries for name in named_identifiers(entry.record)]
    known = _records_with(connection, {name for _, name in named})
    described = described_by(connection, {entry.record.id for entry in entries})
    return [(entry, name) for entry, name in named if known.get(name) not in described.get(entry.record.id, {})]


def _publication_named(connection: Connection, written: str) -> tuple[str, str]:
    """Return the record that a person means, empty where there is none yet, and the identifier where it is none's id."""
    hit = find_hit(connection, written)
    if hit is not None and (record := record_with(connection, hit)):
        return record, ""
    identifier = _identifier(written)
    return _records_with(connection, [identifier]).get(identifier, ""), identifier


def _identifier(written: str) -> str:
    """Return what a person typed as `arxiv:…`, `doi:…` or `pmid:…`."""
    if found := arxiv(written):
        return f"arxiv:{found}"
    if found := doi(written):
        return f"doi:{found}"
    if found := pmid(written):
        return f"pmid:{found}"
    raise BadInput(f"{written}: neither a record's id nor an arXiv id (2401.01234), a DOI (10.1000/1) or a PMID")


def _entry(identifier: str) -> Entry:
    kind, _, value = identifier.partition(":")
    address = {"arxiv": "https://arxiv.org/abs/", "doi": "https://doi.org/", "pmid": "https://pubmed.ncbi.nlm.nih.gov/"}
    return Entry.model_validate({kind: value, "url": f"{address[kind]}{value}"})


def _enter(ledger: Ledger, identifiers: Iterable[str]) -> None:
    """Enter publications of which only the identifier is known: what they are is looked up later."""
    hits = tuple(Hit(source=VIA_MODEL, row=row, entry=_entry(name)) for row, name in enumerate(identifiers, start=1))
    digest = hashlib.sha256("\n".join(hit.entry.url for hit in hits).encode()).hexdigest()
    add_files(ledger, [FileRead("publications of models", VIA_MODEL, VIA_MODEL, digest, hits, ())], again=True)


def _records_with(connection: Connection, identifiers: Collection[str]) -> dict[str, str]:
    """Return the publication among the records that has each identifier; one that no record has is left out."""
    if not identifiers:
        return {}
    keys = {key for name in identifiers for key in blocking_keys(_entry(name))}
    entries = {entry.record.id for entry in read_hub(connection).entries}
    found = dict[str, str]()
    for _, linked in sorted(linked_entries(connection, hits_with(connection, keys)).items()):
        entry = linked.entry
        numbers = {"arxiv": entry.arxiv or arxiv(entry.doi or ""), "doi": entry.doi, "pmid": entry.pmid}
        for kind, value in numbers.items():
            if value and linked.record not in entries:
                found.setdefault(f"{kind}:{value}", linked.record)
    return {name: found[name] for name in identifiers if name in found}


def _have_keys(ledger: Ledger) -> None:
    """Make the keys of rows that an earlier program entered."""
    with ledger.read() as connection:
        ready = keys_are_made(connection)
    if not ready:
        with ledger.write() as connection:
            make_keys(connection)


def _screened_have_changed(connection: Connection) -> None:
    """Have queues and standings made anew: other publications may be screened now, and no watermark tells."""
    forget_made(connection, *Stage)
    for stage in Stage:
        void_queues(connection, stage)
