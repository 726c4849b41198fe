"""What lists and counts of records are made of: a few columns of each record, and its words as one text to search in."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from pydantic_core import from_json
from sqlalchemy import Connection, case, func, select

from ..core.judgement import Stage
from . import tables as t
from .judgements import not_withdrawn
from .record_ids import all_ids_of, with_current_ids

_AT_ONCE = 2_000
_SHOWN = 80
"""Letters of an abstract that tell a record without a title, see `Record.shown_title`."""


@dataclass(frozen=True, slots=True)
class RecordColumns:
    """What one record says of itself, for a list of all of them.

    `words` is all that is searched in, each field by itself: its title first, its abstract last.
    """

    id: str
    title: str
    year: int | None
    venue: str
    language: str
    kind: str
    """RIS's type of reference; of a model or data set that word."""
    sources: tuple[str, ...]
    has_abstract: bool
    own_text: str
    """The hash of its text without what another service filled in; empty where none did."""
    words: tuple[str, ...]


def record_columns(connection: Connection) -> Iterator[RecordColumns]:
    """Yield the columns of all records, in the order in which they came."""
    r = t.records.c
    for part in connection.execute(select(r.id, r.body).order_by(r.position)).partitions(_AT_ONCE):
        for name, body in part:
            yield _columns(name, from_json(body))


def _columns(name: str, fields: dict[str, object]) -> RecordColumns:
    def text(field: str) -> str:
        return str(fields.get(field) or "")

    def texts(field: str) -> tuple[str, ...]:
        values = fields.get(field)
        return tuple(map(str, values)) if isinstance(values, list) else ()

    kind, year = text("type"), fields.get("year")
    numbers = [text(field) for field in ("doi", "pmid", "pmcid", "arxiv", "wos")]
    numbers += [*texts("accession"), *texts("registry")]
    return RecordColumns(
        name, text("title") or next(filter(None, numbers), text("abstract")[:_SHOWN]),
        year if isinstance(year, int) else None, text("venue"), text("language"),
        text("reference_type") if kind == "publication" else kind, texts("sources"), bool(fields.get("abstract")),
        text("own_text"),
        (text("title"), "; ".join(texts("authors")), text("venue"), "; ".join(texts("keywords")), str(year or ""),
         " ".join([name, *texts("aliases"), *numbers]), text("abstract")),
    )  # fmt: skip


def records_made_from(connection: Connection) -> tuple[int, ...]:
    """Return what changes whenever a record does: how far rows, links, imports, renamings and updates have grown."""
    tables = (t.hits, t.links, t.imports, t.undone_imports, t.source_names, t.metadata.tables["updates"])
    newest = [select(func.coalesce(func.max(table.c.id), 0)).scalar_subquery() for table in tables]
    return tuple(connection.execute(select(*newest)).one())


@dataclass(frozen=True, slots=True)
class OwnDecision:
    """What a person decided last on a record, on which text and when, and the criterion that an exclusion names first."""

    decision: str
    text_hash: str
    at: str
    failed: str = ""


def own_decisions(
    connection: Connection, stage: Stage, reviewer: str, records: Collection[str] | None = None
) -> dict[str, OwnDecision]:
    """Return what a person decided last on each record at a stage, adjudications aside; by the records' present ids.

    On all that they have judged, or on some hundreds of records.
    """
    rows, record_id = with_current_ids(t.judgements)
    j = t.judgements.c
    # Only of an exclusion the body is wanted: it is most of a judgement.
    body = case((j.decision == "exclude", j.body), else_="")
    query = select(record_id, j.decision, j.text_hash, j.at, body).select_from(rows).order_by(j.id)
    query = query.where(
        j.stage == stage.value, j.reviewer == reviewer, j.role == "human", j.repeat == 0, not_withdrawn()
    )
    if records is not None:
        query = query.where(j.record_id.in_(all_ids_of(connection, records)))
    newest = {name: row for name, *row in connection.execute(query)}
    return {
        name: OwnDecision(decision, text_hash, at, _failed(body))
        for name, (decision, text_hash, at, body) in newest.items()
    }


def own_work_made_from(connection: Connection, reviewer: str) -> tuple[int, ...]:
    """Return what changes whenever what a person has judged does, at any stage, or what stands of it and for which records.

    Samples are among it: a record that is drawn may be wanted from them once more.
    """
    j = t.judgements.c
    newest = [select(j.id).where(j.stage == stage.value, j.reviewer == reviewer).order_by(j.id.desc()).limit(1) for stage in Stage]  # fmt: skip
    own = [func.coalesce(query.scalar_subquery(), 0) for query in newest]
    tables = (t.withdrawals, t.samples, t.links, t.hits, t.undone_imports)
    others = [select(func.coalesce(func.max(table.c.id), 0)).scalar_subquery() for table in tables]
    return tuple(connection.execute(select(*own, *others)).one())


def _failed(body: str) -> str:
    """Return the first criterion that a judgement answers with no, as `Judgement.failed` does; empty for none."""
    answers = from_json(body).get("answers", {}) if body else {}
    return next((name for name, answer in answers.items() if answer.get("value") == "no"), "")


def begun_ids(connection: Connection, stage: Stage, reviewer: str) -> set[str]:
    """Return the records on which a person has begun something at a stage that is not saved, by their present ids."""
    rows, record_id = with_current_ids(t.drafts)
    d = t.drafts.c
    query = select(record_id).select_from(rows).where(d.stage == stage.value, d.reviewer == reviewer)
    return set(connection.execute(query).scalars())
