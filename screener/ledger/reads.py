"""Queries of the ledger. All take a connection from `Ledger.read()` and change nothing."""

from collections.abc import Collection, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from types import MappingProxyType
from typing import Any, ClassVar

from pydantic_core import from_json
from sqlalchemy import Connection, Select, String, bindparam, func, select

from ..core.judgement import Answer, Basis, Decision, Judgement, Stage, Value
from ..records import Record
from . import tables as t
from . import update_tables as ut
from .brief import BareJudgement, BriefReader
from .judgements import PEOPLE, not_withdrawn
from .links import MACHINE, shown_links
from .parts import FEW, in_parts
from .record_ids import current_ids_of
from .remembered import remembered
from .superseded import text_changes

_NAME = bindparam("name", type_=String)
_FOUND = select(t.records.c.body).where(
    t.records.c.id
    == func.coalesce(select(t.aliases.c.record_id).where(t.aliases.c.alias == _NAME).scalar_subquery(), _NAME)
)
"""The record with an id or alias; made once, since to make it takes longer than to answer it."""


@dataclass(frozen=True, slots=True)
class StoredJudgement:
    """A judgement with its place in the ledger. `role` is machine, human, adjudicator or gold."""

    id: int
    run_id: str
    record_id: str
    text_hash: str
    reviewer: str
    role: str
    asked: str
    rule: str
    repeat: int
    at: str
    judgement: Judgement


def count_records(connection: Connection) -> int:
    """Return how many records there are after merging."""
    return connection.execute(select(func.count()).select_from(t.records)).scalar_one()


def records(connection: Connection, ids: Container[str] | None = None) -> list[Record]:
    """Return all records, or those with the given ids, in the order in which they came."""
    r = t.records.c
    query = select(r.id, r.body).order_by(r.position)
    if isinstance(ids, Collection) and len(ids) <= _SOUGHT:
        return [record for _, record in sorted(_sought(connection, ids), key=itemgetter(0))]
    rows = _many(connection, query)
    return [Record.model_validate_json(body) for name, body in rows if ids is None or name in ids]


_SOUGHT = 20_000
"""Of so many records the rows are looked for by id, some at a time; of more, all are read."""


def _sought(connection: Connection, ids: Collection[str]) -> Iterator[tuple[int, Record]]:
    """Yield the records with these ids, each with its place."""
    r = t.records.c
    for some in in_parts(ids):
        for place, body in connection.execute(select(r.position, r.body).where(r.id.in_(some))):
            yield place, Record.model_validate_json(body)


def brief_records(connection: Connection, ids: Container[str] | None = None) -> list[Record]:
    """Return records as `records` does, for who only counts or lists them: as `BriefReader` reads them, so that many fit
    into memory.
    """
    r, reader = t.records.c, BriefReader()
    query = select(r.id, r.text_hash, r.body).order_by(r.position)
    if isinstance(ids, Collection) and len(ids) <= FEW:
        query = query.where(r.id.in_(ids))
    rows = _many(connection, query)
    return [reader.read(body, text_hash) for name, text_hash, body in rows if ids is None or name in ids]


def current_ids(connection: Connection, known: Mapping[str, Record] = MappingProxyType({})) -> dict[str, str]:
    """Return every id that was ever given to an entry, with the id of its record; those of `known` records as these hold them."""
    current = dict[str, str]()
    for alias, name in _many(connection, select(t.aliases.c.alias, t.aliases.c.record_id)):
        record = known.get(name)
        own = name if record is None else record.id
        current[own if alias == own else alias] = own  # most are the same text, held once
    return current


def places(connection: Connection, ids: Sequence[str] | None = None) -> dict[str, int]:
    """Return the places of all records, or of those with the given ids, in the order in which they came."""
    r, positions = t.records.c, dict[str, int]()
    query = select(r.id, r.position).order_by(r.position)
    if ids is None:
        return dict(_many(connection, query))
    for some in in_parts(ids):
        positions |= dict(_many(connection, query.where(r.id.in_(some))))
    return dict(sorted(positions.items(), key=itemgetter(1)))


def titles(connection: Connection, ids: Collection[str]) -> dict[str, str]:
    """Return the titles of some records by id, as people are shown them, in the order in which they came."""
    r = t.records.c
    rows = connection.execute(select(r.id, r.body).where(r.id.in_(ids)).order_by(r.position))
    return {name: Record.model_validate_json(body).shown_title for name, body in rows}


@remembered
def find_record(connection: Connection, name: str) -> Record | None:
    """Return the record with an id or alias."""
    body = connection.execute(_FOUND, {"name": name}).scalar()
    return None if body is None else Record.model_validate_json(body)


def judgements(
    connection: Connection,
    stage: Stage,
    *,
    reviewer: str | None = None,
    roles: Collection[str] = (),
    repeat: int | None = None,
    named: Collection[str] | None = None,
    bare: bool = False,
) -> Iterator[StoredJudgement]:
    """Return the judgements of a stage that nobody has withdrawn, oldest first; in some `roles`, or in all.

    `named` are the record ids to look for, some hundreds at most. `bare` leaves out reasons and evidence, which are most
    of a judgement: its answers have a value and nothing else.
    """
    c, query = t.judgements.c, _standing_rows(stage)
    if reviewer is not None:
        query = query.where(c.reviewer == reviewer)
    if roles:
        query = query.where(c.role.in_(roles))
    if repeat is not None:
        query = query.where(c.repeat == repeat)
    if named is not None:
        query = query.where(c.record_id.in_(named))
    return map(_Bare() if bare else as_row, _many(connection, query))


def bare_judgements(
    connection: Connection, stage: Stage, reviewer: str, known: Mapping[str, Record]
) -> Iterator[StoredJudgement]:
    """Return what `judgements` does of one reviewer, bare; ids and hashes that `known` records have are not held again."""
    query = _standing_rows(stage).where(t.judgements.c.reviewer == reviewer)
    return map(_Bare(known), _many(connection, query))


def deciding(
    connection: Connection, stage: Stage, machine: str, *, named: Collection[str] | None = None, bare: bool = False
) -> Iterator[StoredJudgement]:
    """Return the judgements by which records may stand: all but those of other machines than the one that the protocol names.

    Of that one the first answers; where no machine is named, none. `named` and `bare` as in `judgements`.
    """
    c = t.judgements.c
    query = _standing_rows(stage).where((c.role != "machine") | ((c.reviewer == machine) & (c.repeat == 0)))
    if named is not None:
        query = query.where(c.record_id.in_(named))
    return map(_Bare() if bare else as_row, _many(connection, query))


def rows_query() -> Select[Any]:
    """Return a query of judgements whose rows `as_row` reads."""
    return select(*_PLACE, t.judgements.c.body)


def _standing_rows(stage: Stage) -> Select[Any]:
    return rows_query().where(t.judgements.c.stage == stage.value, not_withdrawn()).order_by(t.judgements.c.id)


def judgements_of(
    connection: Connection,
    stage: Stage,
    records: Collection[str],
    *,
    roles: Collection[str] = (),
    repeat: int | None = None,
    bare: bool = False,
) -> dict[str, list[StoredJudgement]]:
    """Return the judgements of each of these records, oldest first, those of what was merged into it among them.

    `roles` and `bare` as in `judgements`.
    """
    current, rows = current_ids(connection), {name: list[StoredJudgement]() for name in records}
    names = list(dict.fromkeys([*rows, *(alias for alias, name in current.items() if name in rows)]))
    for some in in_parts(names):
        for row in judgements(connection, stage, roles=roles, repeat=repeat, named=some, bare=bare):
            rows[current.get(row.record_id, row.record_id)].append(row)
    return {name: sorted(rows_of_record, key=lambda row: row.id) for name, rows_of_record in rows.items()}


def by_people(connection: Connection, stage: Stage, named: Collection[str] | None = None) -> Iterator[StoredJudgement]:
    """Yield the standing judgements and adjudications of people at a stage, oldest first in each of the two roles.

    As much of each as others must say the same to agree: at the first stage the decision, at full text the answers too,
    at extraction everything. `named` as in `judgements`.
    """
    if stage is not Stage.ABSTRACT:
        for role in PEOPLE:
            yield from judgements(connection, stage, roles=(role,), repeat=0, named=named, bare=stage is Stage.FULLTEXT)
        return
    c, decided = t.judgements.c, {decision.value: Judgement(decision=decision) for decision in Decision}
    query = select(*_PLACE, c.decision).where(
        c.stage == stage.value, c.repeat == 0, c.role.in_(PEOPLE), not_withdrawn()
    )
    if named is not None:
        query = query.where(c.record_id.in_(named))
    for row in _many(connection, query.order_by(c.id)):
        *place, decision = row
        yield StoredJudgement(**dict(zip(_PLACE_NAMES, place, strict=True)), judgement=decided[decision])


def latest(
    connection: Connection,
    stage: Stage,
    reviewer: str,
    *,
    repeat: int = 0,
    ids: Container[str] | None = None,
    bare: bool = False,
) -> dict[str, StoredJudgement]:
    """Return the present judgement of each record, or of those with the given ids, by one reviewer, by record id.

    `bare` as in `judgements`. What is said of other records is not even read through.
    """
    current, rows, read_row = current_ids(connection), dict[str, StoredJudgement](), _Bare() if bare else as_row
    c = t.judgements.c
    for row in _many(connection, _standing_rows(stage).where(c.reviewer == reviewer, c.repeat == repeat)):
        name = current.get(row.record_id, row.record_id)
        if ids is None or name in ids:
            rows[name] = read_row(row)
    return rows


def judgements_with(connection: Connection, ids: Sequence[int]) -> dict[int, Judgement]:
    """Return the judgements in the given rows, by the row's id."""
    c, judgements_by_id = t.judgements.c, dict[int, Judgement]()
    for some in in_parts(ids):
        query = select(c.id, c.body).where(c.id.in_(some))
        judgements_by_id |= {row: Judgement.model_validate_json(body) for row, body in connection.execute(query)}
    return judgements_by_id


def judged_ids(connection: Connection, stage: Stage, reviewer: str) -> set[str]:
    """Return the ids of all records that one reviewer has judged at a stage, under whatever protocol."""
    current = current_ids(connection)
    c = t.judgements.c
    query = select(c.record_id).where(c.stage == stage.value, c.reviewer == reviewer).distinct()
    query = query.where(not_withdrawn())
    return {current.get(name, name) for name in connection.execute(query).scalars()}


def with_key(
    connection: Connection, stage: Stage, asked: str, repeat: int
) -> dict[tuple[str, str, str], StoredJudgement]:
    """Return machine judgements that answer exactly what is asked now, by (record, text hash, rule), under any name.

    By record, since one of the same title and abstract may have been shown with another year or venue.
    """
    c, current = t.judgements.c, current_ids(connection)
    query = rows_query().where(c.stage == stage.value, c.asked == asked, c.repeat == repeat, c.role == "machine")
    return {
        (current.get(row.record_id, row.record_id), row.text_hash, row.rule): as_row(row)
        for row in connection.execute(query.order_by(c.id))
    }


def imported_after(
    connection: Connection, stage: Stage, at: str, *, named: Collection[str] | None = None
) -> frozenset[str]:
    """Return the records that could not be drawn at a time as they are: each of their rows was imported later, or an update
    has changed their title or abstract since. A newer version of a row whose text is the same came with the first one.

    At full text also those whose every document was attached later: only what can be read is drawn. `named` are all ids
    of the records to look for, some hundreds at most.
    """
    first_import, s = t.imports.alias(), ut.superseded_hits.c
    came = func.min(func.coalesce(first_import.c.at, t.imports.c.at))
    rows = (
        select(t.members.c.record_id, came.label("first"))
        .join(t.hits, t.hits.c.id == t.members.c.hit_id)
        .join(t.imports, t.imports.c.id == t.hits.c.import_id)
        .outerjoin(ut.superseded_hits, s.new == t.hits.c.id)
        .outerjoin(first_import, first_import.c.id == s.first_import)
        .group_by(t.members.c.record_id)
        .having(came > at)
    )
    attached = select(t.documents.c.record_id, func.min(t.documents.c.at).label("first"))
    if named is not None:
        rows, attached = (
            rows.where(t.members.c.record_id.in_(named)),
            attached.where(t.documents.c.record_id.in_(named)),
        )
    imported_later = {row.record_id for row in connection.execute(rows)}
    if stage is Stage.ABSTRACT:
        changed = {name for name, changed_at in text_changes(connection)[0].items() if changed_at > at}
        imported_later |= changed if named is None else changed & set(named)
    else:
        current = current_ids(connection) if named is None else current_ids_of(connection, named)
        first: dict[str, str] = {}
        for row in connection.execute(attached.group_by(t.documents.c.record_id)):
            name = current.get(row.record_id, row.record_id)
            first[name] = min(row.first, first.get(name, row.first))
        imported_later |= {name for name, attached_at in first.items() if attached_at > at}
    return frozenset(imported_later)


def same_study(connection: Connection) -> list[tuple[str, str]]:
    """Return pairs of records that people have linked or confirmed as the same study, by their ids.

    A link that only the program drew changes nothing: each of its records is judged alone.
    """
    links = shown_links(connection, "same_study")
    linked = [(link.a, link.b) for link in links if link.active and link.who != MACHINE]
    if not linked:
        return []
    record_of = dict(_many(connection, select(t.members.c.hit_id, t.members.c.record_id)))
    pairs = [(record_of[a], record_of[b]) for a, b in linked]
    return [(a, b) for a, b in pairs if a != b]


def with_their_studies(connection: Connection, names: Collection[str]) -> set[str]:
    """Return these records and all that are linked with one of them, near or far, as the same study."""
    ids, links = set(names), same_study(connection)
    while linked := {name for pair in links if not ids.isdisjoint(pair) for name in pair} - ids:
        ids |= linked
    return ids


_PLACE = tuple(t.judgements.c[name] for name in StoredJudgement.__dataclass_fields__ if name != "judgement")
"""The columns that say where a judgement stands, in the order of `StoredJudgement`; its body comes after them."""
_PLACE_NAMES = tuple(column.name for column in _PLACE)
_AT_ONCE = 2_000


def _many(connection: Connection, query: Any) -> Iterator[Any]:
    """Yield the rows of a query that may be long: fetched many at a time, which takes half of the time."""
    for part in connection.execute(query).partitions(_AT_ONCE):
        yield from part


def as_row(row: Any) -> StoredJudgement:
    """Return a row of `rows_query` as a judgement with its place."""
    number, run_id, record_id, text_hash, reviewer, role, asked, rule, repeat, at, body = row
    judgement = Judgement.model_validate_json(body)
    return StoredJudgement(number, run_id, record_id, text_hash, reviewer, role, asked, rule, repeat, at, judgement)


class _Bare:
    """Read rows without reasons and evidence; what is the same in many of them is kept once."""

    _ANSWERS: ClassVar[dict[tuple[str, str | None], Answer]] = {
        (value.value, basis): Answer(value=value, basis=basis) for value in Value for basis in (None, *Basis)
    }
    _DECISIONS: ClassVar[dict[str, Decision]] = {decision.value: decision for decision in Decision}

    def __init__(self, known: Mapping[str, Record] = MappingProxyType({})) -> None:
        self._known = known
        self._words: dict[str, str] = {}
        self._answers: dict[tuple[tuple[str, str, str | None], ...], dict[str, Answer]] = {}

    def __call__(self, row: Any) -> StoredJudgement:
        number, run_id, record_id, text_hash, reviewer, role, asked, rule, repeat, at, body = row
        shared, fields = self._words.setdefault, from_json(body)
        said = fields.get("answers", {})
        values = tuple([(name, answer["value"], answer.get("basis")) for name, answer in said.items()])
        # Whether an exclusion that names no criterion says why in words decides if it is complete.
        unnamed = fields["decision"] == "exclude" and all(value != "no" for _, value, _ in values)
        answers = self._answers.get(values)
        if answers is None:
            answers = self._answers[values] = {name: self._ANSWERS[value, basis] for name, value, basis in values}
        held: dict[str, Any] = {"decision": self._DECISIONS[fields["decision"]], "answers": answers}
        if unnamed and (reason := fields.get("reason")):
            held["reason"] = reason
        if (probability := fields.get("probability")) is not None:  # 0.0 is one
            held["probability"] = probability
        if fields.get("stated"):
            held["stated"] = True
        if flags := fields.get("flags"):
            held["flags"] = tuple(flags)
        judgement = BareJudgement.of(held)
        if (record := self._known.get(record_id)) is not None:
            record_id = record.id
            text_hash = record.sealed if record.sealed == text_hash else text_hash
        return StoredJudgement(number, shared(run_id, run_id), record_id, text_hash, shared(reviewer, reviewer), shared(role, role),
                   shared(asked, asked), shared(rule, rule), repeat, shared(at, at), judgement)  # fmt: skip
