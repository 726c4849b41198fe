"""What was done in a review, as its rows tell: imports, runs, decisions, samples and the rest, in the order of time."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, func, select

from . import tables as t
from . import update_tables as ut
from .classified import ANSWER, CONTACT
from .documents import RETRIEVED_FROM
from .filling import ENRICHMENT
from .imports import all_imports
from .judgements import PEOPLE
from .label_files import label_files
from .links import MACHINE
from .standings import CLASSIFIED
from .updates import listed_updates


@dataclass
class StepTaken:
    """A step: when it was taken first, what kind it is, its details, and how often the same was done."""

    at: str
    kind: str
    details: dict[str, Any] = field(default_factory=dict)
    times: int = 1


def steps_taken(connection: Connection) -> list[StepTaken]:
    """Return every step that the ledger has, oldest first; what differs only in its record is one step, taken several times."""
    parts = (_imports, _label_files, _judged, _documents, _searches, _runs, _batches, _samples, _checks, _links, _said)
    steps: dict[str, StepTaken] = {}
    for part in parts:
        for step in part(connection):
            key = json.dumps([step.kind, step.details], sort_keys=True)
            if step.kind in _SINGLE or key not in steps:
                steps[f"{key} {len(steps)}" if step.kind in _SINGLE else key] = step
            else:
                steps[key].at = min(steps[key].at, step.at)
                steps[key].times += step.times
    return sorted(steps.values(), key=lambda step: step.at)


_SINGLE = ("import", "update", "label", "run", "sample")
"""Steps that are listed one by one, however alike they are."""


def _imports(connection: Connection) -> Iterator[StepTaken]:
    h = t.hits.c
    given = {
        row.import_id: row.source if row.n == 1 else ""
        for row in connection.execute(
            select(
                h.import_id, func.count(h.source.distinct()).label("n"), func.min(h.source).label("source")
            ).group_by(h.import_id)
        )
    }
    updated = _updated(connection)
    for entry in all_imports(connection):
        source = given.get(entry.id, entry.given_source)
        encoding = entry.report.get("encoding", "")
        if entry.id in updated:
            source, files = updated[entry.id]
            if files and entry.format == ENRICHMENT:
                yield StepTaken(entry.at, "enrich")
                if entry.undone:
                    yield StepTaken(entry.undone, "undo import", {"file": entry.file})
            elif files:  # of an update all files are one step, and so is its undo
                yield StepTaken(entry.at, "update", {"files": files, "source": source, "encoding": encoding})
                if entry.undone:
                    yield StepTaken(entry.undone, "undo import", {"file": entry.file})
            continue
        details = {"file": entry.file, "source": source, "encoding": encoding}
        yield StepTaken(entry.at, "import", details)
        if entry.undone:
            yield StepTaken(entry.undone, "undo import", {"file": entry.file})
    for renamed in connection.execute(select(t.source_names).order_by(t.source_names.c.id)).mappings():
        yield StepTaken(renamed["at"], "rename source", {"old": renamed["old"], "new": renamed["new"]})


def _updated(connection: Connection) -> dict[int, tuple[str, list[str]]]:
    """Return the source and the files of the update that each import belongs to; the files with the first import alone."""
    files = {entry.id: entry.file for entry in all_imports(connection)}
    updated: dict[int, tuple[str, list[str]]] = {}
    for update in listed_updates(connection):
        for place, number in enumerate(update.imports):
            updated[number] = update.source, [] if place else [files[of] for of in update.imports]
    return updated


def _label_files(connection: Connection) -> Iterator[StepTaken]:
    j = t.judgements.c
    for file in label_files(connection):
        people: list[tuple[str, str]] = []
        if file.entered:
            named = select(j.reviewer, j.role).where(
                j.id.between(min(file.entered), max(file.entered)), j.role.in_(PEOPLE)
            )
            people = [(row.reviewer, row.role) for row in connection.execute(named.distinct().order_by(j.reviewer))]
        details = {"file": file.file, "stage": file.stage.value, "people": people, "decisions": len(file.entered),
                   "options": file.options}  # fmt: skip
        yield StepTaken(file.at, "label", details)
        if file.undone:
            yield StepTaken(file.undone, "undo label", {"file": file.file, "stage": file.stage.value})


def _judged(connection: Connection) -> Iterator[StepTaken]:
    """Yield what people judged in the app, and from files of which an earlier program kept no name."""
    entered = {number for file in label_files(connection) for number in file.entered}
    j, c = t.judgements.c, t.judgement_context.c
    query = select(j.id, j.at, j.stage, j.reviewer, c.judgement_id).select_from(
        t.judgements.outerjoin(t.judgement_context, c.judgement_id == j.id)
    )
    for number, at, stage, who, context in connection.execute(query.where(j.role.in_(PEOPLE)).order_by(j.id)):
        if number not in entered:
            kind = "label unnamed" if context is None else "judge"
            yield StepTaken(at, kind, {"stage": stage, "who": who})


def _documents(connection: Connection) -> Iterator[StepTaken]:
    for row in connection.execute(select(t.documents).order_by(t.documents.c.id)).mappings():
        if row["active"] and row["how"].startswith(RETRIEVED_FROM):
            continue  # the search for it is a step of its own
        if not row["active"]:
            yield StepTaken(row["at"], "detach", {"who": row["who"]})
        elif row["who"] == MACHINE:
            yield StepTaken(row["at"], "import pdfs")
        else:
            yield StepTaken(row["at"], "attach", {"who": row["who"], "role": row["role"]})


def _searches(connection: Connection) -> Iterator[StepTaken]:
    for row in connection.execute(select(t.retrievals).order_by(t.retrievals.c.id)).mappings():
        if row["who"] != MACHINE:
            yield StepTaken(row["at"], "retrieval", {"status": row["status"], "who": row["who"]})
    for at in connection.execute(select(ut.full_text_searches.c.at).order_by(ut.full_text_searches.c.id)).scalars():
        yield StepTaken(at, "retrieve pdfs")


def _runs(connection: Connection) -> Iterator[StepTaken]:
    j = t.judgements.c
    repeated = select(j.run_id, func.max(j.repeat).label("most")).where(j.role == "machine").group_by(j.run_id)
    repeats: dict[str, int] = {row.run_id: row.most for row in connection.execute(repeated)}
    fitted: set[str] = set()
    for row in connection.execute(select(t.runs).order_by(t.runs.c.at)).mappings():
        specification = json.loads(row["specification"])
        if (tuning := specification.get("tuning")) is not None:
            yield StepTaken(row["at"], f"tune {tuning['kind']}", tuning)
            continue
        fit = specification.get("fit")
        details = {"stage": row["stage"], "reviewer": row["reviewer"], "repeats": repeats.get(row["id"], 0) + 1}
        yield StepTaken(row["at"], "run", {**details, "fit": fit is not None and fit not in fitted})
        fitted.add(fit or "")


def _batches(connection: Connection) -> Iterator[StepTaken]:
    b, e = t.batches.c, t.exported.c
    for row in connection.execute(select(t.batches).order_by(b.id)).mappings():
        details = {"stage": row["stage"], "reviewer": row["reviewer"]}
        if row["state"] == "submitted":
            yield StepTaken(row["at"], "batch submit", details)
        elif row["state"] == "collected":
            yield StepTaken(row["at"], "batch collect")
    submitted = select(t.batch_requests.c.custom_id)
    exported = select(e.stage, e.reviewer, func.min(e.at).label("at")).where(e.custom_id.not_in(submitted))
    for row in connection.execute(exported.group_by(e.stage, e.reviewer)).mappings():
        yield StepTaken(row["at"], "batch export", {"stage": row["stage"], "reviewer": row["reviewer"]})


def _samples(connection: Connection) -> Iterator[StepTaken]:
    for row in connection.execute(select(t.samples).order_by(t.samples.c.id)).mappings():
        details = {name: row[name] for name in ("kind", "stage", "n", "seed", "drawn")}
        yield StepTaken(row["at"], "sample", details)


def _checks(connection: Connection) -> Iterator[StepTaken]:
    for row in connection.execute(select(t.looks).order_by(t.looks.c.id)).mappings():
        yield StepTaken(row["at"], "gate", {"stage": row["stage"], "reviewer": row["reviewer"]})
    for row in connection.execute(select(t.amendments).order_by(t.amendments.c.id)).mappings():
        yield StepTaken(row["at"], "amend", {"stage": row["stage"], "who": row["who"]})


def _links(connection: Connection) -> Iterator[StepTaken]:
    li = t.links.c
    for row in connection.execute(select(t.links).where(li.who != MACHINE).order_by(li.id)).mappings():
        yield StepTaken(row["at"], "link", {"kind": row["kind"], "active": bool(row["active"]), "who": row["who"]})


def _said(connection: Connection) -> Iterator[StepTaken]:
    m = t.ui_events.c
    said = select(t.ui_events).where(m.kind.in_((CLASSIFIED, CONTACT, ANSWER))).order_by(m.id)
    for row in connection.execute(said).mappings():
        kind = json.loads(row["body"])["kind"] if row["kind"] == CLASSIFIED else ""
        yield StepTaken(row["at"], row["kind"], {"who": row["reviewer"], "kind": kind})
