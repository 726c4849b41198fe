"""Hub entries: the models and data sets among the records. None is screened; the publications that they name are.

A person judges an entry's topic on its card. Only what an entry on topic names is a publication of this review: a record that
was there, or one of its own that came `via model`. All follows from the records, the links `describes` and people's events.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from sqlalchemy import Connection, select, text

from ..core.judgement import Stage
from ..records import Record, RecordType
from . import tables as t
from .clusters import clusters_of, joined_hits
from .links import records_of
from .parts import in_parts
from .record_ids import with_current_ids
from .ui_events import undone

VIA_MODEL = "via model"
"""The source, and the format of the import, of publications that came by a model or data set alone."""
TOPIC = "topic"
"""The kind of the event by which a person says what an entry is."""
# Letter by letter as in the index of migration 17. Inside a text the quotes would have backslashes before them.
_NO_PUBLICATION = text("""body NOT LIKE '%"type":"publication"%'""")


class Topic(StrEnum):
    """What a person says of a hub entry."""

    ON = "on"
    OFF = "off"
    PUBLICATION = "publication"
    """It is no model or data set after all: it is screened like other records."""
    OPEN = ""
    """Nobody has said anything, or it was taken back."""


class HubClass(StrEnum):
    """Where a hub entry stands. Every one has one class."""

    OPEN = "open"
    OFF_TOPIC = "off_topic"
    WITH_PUBLICATION = "with_publication"
    DOCUMENTED = "documented"
    """On topic, with a card, and no publication: the protocol decides what becomes of it."""
    UNDOCUMENTED = "undocumented"
    """On topic, without card and publication."""


@dataclass(frozen=True)
class HubEntry:
    """A model or data set. `publications` are the records that it names, of those links that hold; `who` judged its topic."""

    record: Record
    hits: tuple[int, ...]
    topic: Topic = Topic.OPEN
    who: str = ""
    at: str = ""
    publications: tuple[str, ...] = ()

    @property
    def hub_class(self) -> HubClass:
        """Return where it stands."""
        if self.topic is not Topic.ON:
            return HubClass.OFF_TOPIC if self.topic is Topic.OFF else HubClass.OPEN
        if self.publications:
            return HubClass.WITH_PUBLICATION
        return HubClass.DOCUMENTED if self.record.abstract else HubClass.UNDOCUMENTED


@dataclass(frozen=True)
class Hub:
    """All hub entries. `via_model` are the records of which no row came from anywhere else; `via_hits` the rows."""

    entries: tuple[HubEntry, ...] = ()
    via_model: frozenset[str] = frozenset()
    via_hits: frozenset[int] = frozenset()

    @cached_property
    def publications(self) -> frozenset[str]:
        """Return the records that entries on topic name."""
        return frozenset(name for entry in self.entries if entry.topic is Topic.ON for name in entry.publications)

    @cached_property
    def screened_via_model(self) -> frozenset[str]:
        """Return the publications that are screened because a model or data set on topic names them, and only so."""
        return self.via_model & self.publications

    @cached_property
    def not_screened(self) -> frozenset[str]:
        """Return the entries, and the publications of which no entry on topic is left."""
        return frozenset(entry.record.id for entry in self.entries) | (self.via_model - self.publications)


@dataclass(frozen=True)
class TopicJudgement:
    """What a person said of an entry last."""

    topic: Topic
    who: str
    at: str


def read_hub(connection: Connection) -> Hub:
    """Return the hub entries in the order in which they came, and what came by them."""
    r = t.records.c
    # Most reviews have none: then nothing is read but the index, which PostgreSQL takes for its order only.
    first = connection.execute(select(r.id).where(_NO_PUBLICATION).order_by(r.position).limit(1)).first()
    via_hits = _via_hits(connection)
    if first is None and not via_hits:
        return Hub()
    rows = connection.execute(select(r.id, r.body).where(_NO_PUBLICATION).order_by(r.position)).all()
    said = topics(connection)
    records = [Record.model_validate_json(row.body) for row in rows]
    records = [
        record
        for record in records
        if record.type is not RecordType.PUBLICATION
        and (record.id not in said or said[record.id].topic is not Topic.PUBLICATION)
    ]
    ids = {record.id for record in records}
    hits, described = _hits_by_record(connection, ids), _described(connection, ids)
    none = TopicJudgement(Topic.OPEN, "", "")
    entries = [
        HubEntry(
            record, tuple(hits.get(record.id, ())), **vars(said.get(record.id, none)),
            publications=tuple(name for name, active in described.get(record.id, {}).items() if active),
        )
        for record in records
    ]  # fmt: skip
    return Hub(tuple(entries), _only_via(connection, via_hits), frozenset(via_hits))


def described_by(connection: Connection, entries: Collection[str]) -> Mapping[str, Mapping[str, bool]]:
    """Return, by entry, the records that were ever linked to it as its publication, each with whether the link holds."""
    return _described(connection, entries)


def _described(connection: Connection, entries: Collection[str]) -> dict[str, dict[str, bool]]:
    links = t.links.c
    rows = connection.execute(
        select(links.a, links.b, links.active).where(links.kind == "describes").order_by(links.id)
    ).all()
    record_of = present_records(connection, {hit for row in rows for hit in (row.a, row.b)})
    described: dict[str, dict[str, bool]] = {}
    for row in rows:  # what was said last counts
        ends = [record_of.get(row.a, ""), record_of.get(row.b, "")]
        entry = next((name for name in ends if name in entries), None)
        other = next((name for name in ends if name and name not in entries), None)
        if entry and other:
            described.setdefault(entry, {})[other] = bool(row.active)
    return described


def present_records(connection: Connection, hits: Collection[int]) -> dict[int, str]:
    """Return the record of each hit; of one that counts no more, such as an earlier version, that of its newer version."""
    record_of = records_of(connection, hits)
    absent = sorted(set(hits) - record_of.keys())
    joined = joined_hits(connection, absent) if absent else {}
    others = records_of(connection, list(joined))
    for cluster in clusters_of(absent, joined):
        name = next((others[hit] for hit in cluster if hit in others), None)
        if name:
            record_of |= {hit: name for hit in cluster if hit not in record_of}
    return record_of


def topics(connection: Connection) -> dict[str, TopicJudgement]:
    """Return what people said last of each entry and have not undone, by its present id."""
    c = t.ui_events.c
    rows, record_id = with_current_ids(t.ui_events)
    query = select(record_id.label("record"), c.reviewer, c.body, c.at).select_from(rows)
    said = dict[str, TopicJudgement]()
    for row in connection.execute(query.where(c.kind == TOPIC, c.id.not_in(undone())).order_by(c.id)):
        said[row.record] = TopicJudgement(Topic(json.loads(row.body)["topic"]), row.reviewer, row.at)
    return said


def topic_stage() -> Stage:
    """Return the stage under which such events are written: they are of none, but every event has one."""
    return Stage.ABSTRACT


def _hits_by_record(connection: Connection, records: Iterable[str]) -> dict[str, list[int]]:
    m, hits = t.members.c, dict[str, list[int]]()
    for some in in_parts(sorted(records)):
        query = select(m.record_id, m.hit_id).where(m.record_id.in_(some)).order_by(m.hit_id)
        for name, hit in connection.execute(query):
            hits.setdefault(name, []).append(hit)
    return hits


def _via_hits(connection: Connection) -> dict[int, str]:
    """Return the rows that came by a model or data set and count, each with its record."""
    imports = list(connection.execute(select(t.imports.c.id).where(t.imports.c.format == VIA_MODEL)).scalars())
    via, h, m = dict[int, str](), t.hits.c, t.members.c
    for some in in_parts(imports):
        query = select(h.id, m.record_id).join(t.members, m.hit_id == h.id).where(h.import_id.in_(some))
        via |= dict(connection.execute(query).all())
    return via


def _only_via(connection: Connection, via_hits: Mapping[int, str]) -> frozenset[str]:
    """Return the records that consist of such rows alone."""
    of_record = _hits_by_record(connection, set(via_hits.values()))
    return frozenset(name for name, hits in of_record.items() if all(hit in via_hits for hit in hits))
