"""What happened to one record: imported, merged, judged, adjudicated, taken back, and who did it when."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, or_, select

from ..core.judgement import Judgement, Stage
from . import tables as t
from . import update_tables as ut
from .enrichments import BY_HAND, ENRICHMENT_SUFFIX
from .filling import ENRICHES, ENRICHMENT
from .links import MACHINE
from .record_ids import all_ids
from .sources import source_of_hit
from .tags import TAG
from .ui_events import undone

ROLES = {"human": "judged", "adjudicator": "adjudicated", "machine": "judged by a machine", "gold": "gold label"}
_LINKS = {
    ("duplicate", True): "merged", ("duplicate", False): "split", ("candidate", True): "likely duplicate found",
    ("candidate", False): "not a duplicate", ("same_study", True): "linked as one study",
    ("same_study", False): "no longer linked as one study", ("notice_of", True): "linked with its notice",
    ("notice_of", False): "no longer linked with its notice", ("describes", True): "linked with its publication",
    ("describes", False): "no longer linked with its publication", ("conflict", True): "one identifier, two titles",
    ("conflict", False): "identifier settled",
}  # fmt: skip


@dataclass(frozen=True)
class HistoryEvent:
    """One thing that happened: when, what, and by whom (empty: the program).

    `stage` is that of a judgement or of what belongs to one: whether somebody may see it goes by that. A judgement has its
    `decision`, the `criterion` that it names first as not met, and its `number`; `detail` is told beside.
    """

    at: str
    act: str
    who: str = ""
    stage: Stage | None = None
    detail: str = ""
    decision: str = ""
    criterion: str = ""
    role: str = ""
    number: int = 0
    of: str = ""
    """Whose judgement it is about, where that is not `who`."""
    of_document: bool = False
    """Whether it is about the full text, so that it tells how the record was judged before."""

    @property
    def by(self) -> str:
        """Return whose work it tells of."""
        return self.of or self.who


def history_of(connection: Connection, record_id: str) -> list[HistoryEvent]:
    """Return all that happened to a record, oldest first: to it and to what was merged into it."""
    names = all_ids(connection, record_id)
    hits = _hits(connection, record_id, names)
    found = [
        *_imports(connection, hits), *_links(connection, hits), *_fillings(connection, hits),
        *_updates(connection, names), *_documents(connection, names), *_judgements(connection, names),
        *_withdrawals(connection, names), *_tags(connection, names), *_errors(connection, names),
    ]  # fmt: skip
    return sorted(found, key=lambda event: event.at)


def amendments_since(connection: Connection, at: str) -> list[HistoryEvent]:
    """Return the changes of what reviewers are told since a time, as events of every record that was there."""
    a = t.amendments.c
    rows = connection.execute(select(a.at, a.who, a.stage, a.note).where(a.at >= at).order_by(a.id))
    return [
        HistoryEvent(row.at, "criteria amended", row.who, detail=f"{Stage(row.stage).label}: {row.note}")
        for row in rows
    ]


def _hits(connection: Connection, record_id: str, names: Collection[str]) -> dict[int, str]:
    """Return the rows of a record by their numbers, each with its own id: those that count, and those that did."""
    h, members = t.hits.c, select(t.members.c.hit_id).where(t.members.c.record_id == record_id)
    imported = select(t.imports.c.id).where(t.imports.c.format == ENRICHMENT)
    query = select(h.id, h.name).where(or_(h.id.in_(members), h.name.in_(names)), h.import_id.not_in(imported))
    return dict(connection.execute(query.order_by(h.id)).all())


def _imports(connection: Connection, hits: Mapping[int, str]) -> Iterator[HistoryEvent]:
    h, i, u = t.hits.c, t.imports.c, t.undone_imports.c
    query = (
        select(i.at, i.file, h.row, source_of_hit(connection).label("source"), u.at.label("undone"), u.who)
        .select_from(t.hits.join(t.imports, i.id == h.import_id).outerjoin(t.undone_imports, u.import_id == i.id))
        .where(h.id.in_(list(hits)))
    )
    for row in connection.execute(query.order_by(h.id)):
        where = f"{row.source}: row {row.row} of {Path(row.file).name}"
        yield HistoryEvent(row.at, "imported", detail=where)
        if row.undone:
            yield HistoryEvent(row.undone, "import taken back", row.who, detail=where)


def _links(connection: Connection, hits: Mapping[int, str]) -> Iterator[HistoryEvent]:
    c, numbers = t.links.c, list(hits)
    query = select(t.links).where(or_(c.a.in_(numbers), c.b.in_(numbers)), c.kind != ENRICHES).order_by(c.id)
    rows = connection.execute(query).all()
    ends = {row.a for row in rows} | {row.b for row in rows}
    names = dict(connection.execute(select(t.hits.c.id, t.hits.c.name).where(t.hits.c.id.in_(ends))).all())
    for row in rows:
        act = _LINKS.get((row.kind, bool(row.active)))
        if act is not None and row.rule != "update":
            alike = f", {row.score:.0%} alike" if 0 < row.score < 1 else ""
            detail = f"{names.get(row.a, row.a)} and {names.get(row.b, row.b)} ({row.rule}{alike})"
            yield HistoryEvent(row.at, act, "" if row.who == MACHINE else row.who, detail=detail)


def _fillings(connection: Connection, hits: Mapping[int, str]) -> Iterator[HistoryEvent]:
    """Yield what was filled in that the record's own rows leave out, and what of it was taken back."""
    li, h, i, u = t.links.c, t.hits.c, t.imports.c, t.undone_imports.c
    by = select(ut.updates.c.who).join(ut.update_imports, ut.update_imports.c.update_id == ut.updates.c.id)
    by = by.where(ut.update_imports.c.import_id == i.id).limit(1)
    query = (
        select(i.at, h.source, h.entry, by.scalar_subquery().label("who"), u.at.label("undone"), u.who.label("undone_by"))
        .select_from(
            t.links.join(t.hits, h.id == li.a).join(t.imports, i.id == h.import_id)
            .outerjoin(t.undone_imports, u.import_id == i.id)
        )
        .where(li.kind == ENRICHES, li.active == 1, li.b.in_(list(hits)))
    )  # fmt: skip
    for row in connection.execute(query.order_by(h.id)):
        given = json.loads(row.entry)
        fields = ", ".join(name for name in given if name not in ("title", "authors", "year", "relations"))
        service = row.source.removesuffix(ENRICHMENT_SUFFIX)
        detail = f"{fields or 'nothing'}{', by hand' if service == BY_HAND else f' from {service}'}"
        yield HistoryEvent(row.at, "filled in", row.who or "", detail=detail)
        if row.undone:
            yield HistoryEvent(row.undone, "taken back", row.undone_by, detail=detail)


def _updates(connection: Connection, names: Sequence[str]) -> Iterator[HistoryEvent]:
    c, u = ut.changed_texts.c, ut.updates.c
    query = select(u.at, u.who, u.source).join(ut.changed_texts, c.update_id == u.id).where(c.record_id.in_(names))
    for row in connection.execute(query.where(u.source != ENRICHMENT)):
        yield HistoryEvent(row.at, "text changed", row.who, detail=f"by an update of {row.source}")


def _documents(connection: Connection, names: Sequence[str]) -> Iterator[HistoryEvent]:
    d, r = t.documents.c, t.retrievals.c
    query = select(d.at, d.who, d.active, d.role, d.file).where(d.record_id.in_(names)).order_by(d.id)
    for row in connection.execute(query):
        act = "document attached" if row.active else "document taken off"
        yield HistoryEvent(row.at, act, _person(row.who), detail=f"{row.role}: {Path(row.file).name}", of_document=True)
    sought = select(r.at, r.who, r.status, r.reason).where(r.record_id.in_(names)).order_by(r.id)
    for at, who, status, reason in connection.execute(sought):
        told = f"{status.replace('_', ' ')}{f': {reason}' if reason else ''}"
        yield HistoryEvent(at, "full text sought", _person(who), detail=told, of_document=True)


def _judgements(connection: Connection, names: Sequence[str]) -> Iterator[HistoryEvent]:
    j, c = t.judgements.c, t.judgement_context.c
    query = (
        select(j.id, j.at, j.reviewer, j.role, j.stage, j.decision, j.body, c.blinded, c.bulk)
        .select_from(t.judgements.outerjoin(t.judgement_context, c.judgement_id == j.id))
        .where(j.record_id.in_(names), j.repeat == 0)
    )
    for row in connection.execute(query.order_by(j.id)):
        judgement, stage = Judgement.model_validate_json(row.body), Stage(row.stage)
        how = ["one of many"] if row.bulk else []
        how += ["after others' answers were shown"] if row.blinded == "open" else []
        note = judgement.reason if row.role in ("human", "adjudicator") else ""
        detail = "; ".join(filter(None, (note, *how)))
        decision = "" if stage is Stage.EXTRACTION else row.decision
        yield HistoryEvent(
            row.at, ROLES.get(row.role, row.role), row.reviewer, stage, detail, decision, judgement.failed() or "",
            row.role, row.id,
        )  # fmt: skip


def _withdrawals(connection: Connection, names: Sequence[str]) -> Iterator[HistoryEvent]:
    j, w = t.judgements.c, t.withdrawals.c
    query = select(w.at, w.who, w.reason, j.stage, j.decision, j.reviewer, j.role).join(
        t.judgements, j.id == w.judgement_id
    )
    for row in connection.execute(query.where(j.record_id.in_(names)).order_by(w.id)):
        stage = Stage(row.stage)
        told = f"{row.decision if stage is not Stage.EXTRACTION else 'extraction'} of {row.reviewer}: {row.reason}"
        yield HistoryEvent(row.at, "judgement withdrawn", row.who, stage, told, role=row.role, of=row.reviewer)


def _tags(connection: Connection, names: Sequence[str]) -> Iterator[HistoryEvent]:
    c = t.ui_events.c
    query = select(c.at, c.reviewer, c.stage, c.body, c.active).where(
        c.kind == TAG, c.record_id.in_(names), c.id.not_in(undone())
    )
    for row in connection.execute(query.order_by(c.id)):
        yield HistoryEvent(row.at, "tagged" if row.active else "tag removed", row.reviewer, Stage(row.stage), row.body)


def _errors(connection: Connection, names: Sequence[str]) -> Iterator[HistoryEvent]:
    e = t.errors.c
    query = select(e.at, e.reviewer, e.stage, e.message).where(e.record_id.in_(names), e.repeat == 0).order_by(e.id)
    for row in connection.execute(query):
        yield HistoryEvent(row.at, "machine failed", row.reviewer, Stage(row.stage), row.message, role="machine")


def _person(who: str) -> str:
    return "" if who == MACHINE else who
