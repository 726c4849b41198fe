"""Search: any record by its words, one's own decisions among them, each to be opened or reopened."""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from sqlalchemy import ColumnElement, and_, exists, select
from starlette.responses import HTMLResponse

from ..judgement import Stage
from ..ledger import tables as t
from ..records import Record
from . import drafts
from .desk import Desk

PAGE = 40
SHOW = ("all", "mine", "include", "exclude", "unclear", "open", "draft")
"""What can be asked for: everything, judged by me (all, or by decision), not judged by me, begun and not saved."""


@dataclass(frozen=True)
class Found:
    """A record in the list, with the reviewer's own decision if there is one. Nobody else's is here."""

    record: Record
    own: str
    at: str


def router(desk: Desk) -> APIRouter:
    """The route of the list."""
    routes = APIRouter()
    stages = [screen.id for screen in desk.screens if screen.href.startswith("/screen/")]

    @routes.get("/records")
    def records(request: Request, stage: str = "", q: str = "", show: str = "all", page: int = 0) -> HTMLResponse:
        which = desk.stage(stage or stages[0], *(Stage(one) for one in stages))
        shown = show if show in SHOW else "all"
        page = max(0, min(page, 100_000))
        found, more = search(desk, which, q, shown, page)
        return desk.page(
            request, "records.html", here="records", heading="Records", stage=which.value, stages=stages, q=q, show=shown,
            shows=SHOW, found=found, more=more, page_number=page,
        )  # fmt: skip

    return routes


def search(desk: Desk, stage: Stage, words: str, show: str, page: int) -> tuple[list[Found], bool]:
    """A page of the records that hold all the words, and whether there are more."""
    r = t.records.c
    query = select(r.id, r.body).order_by(r.position)
    for word in words.split()[:8]:
        escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        # SQLite's LIKE looks past case by itself, and is five times as quick as comparing in lower case.
        like = r.body.like if desk.ledger.engine.dialect.name == "sqlite" else r.body.ilike
        query = query.where(like(f"%{escaped}%", escape="\\"))
    if show == "open":
        query = query.where(~_own(desk, stage))
    elif show == "draft":
        d = t.drafts.c
        query = query.where(exists().where(d.stage == stage.value, d.record_id == r.id, d.reviewer == desk.reviewer))
    elif show != "all":
        query = query.where(_own(desk, stage, "" if show == "mine" else show))
    with desk.ledger.read() as connection:
        rows = connection.execute(query.limit(PAGE + 1).offset(page * PAGE)).all()
        found = []
        for row in rows[:PAGE]:
            own = drafts.own_judgement(connection, stage, row.id, desk.reviewer)
            said = own.judgement.decision.value if own else ""
            found.append(Found(Record.model_validate_json(row.body), said, own.at[:10] if own else ""))
    return found, len(rows) > PAGE


def _own(desk: Desk, stage: Stage, decision: str = "") -> ColumnElement[bool]:
    """Whether the reviewer has judged a record, and if `decision` is given, with that decision the last time."""
    j, r, a = t.judgements.c, t.records.c, t.aliases.c
    names = select(a.alias).where(a.record_id == r.id).correlate(t.records)
    mine = and_(
        j.record_id.in_(names), j.stage == stage.value, j.reviewer == desk.reviewer, j.role == "human",
        j.id.not_in(select(t.withdrawals.c.judgement_id)),
    )  # fmt: skip
    newest = select(j.decision).where(mine).order_by(j.id.desc()).limit(1).correlate(t.records).scalar_subquery()
    return newest == decision if decision else newest.is_not(None)
