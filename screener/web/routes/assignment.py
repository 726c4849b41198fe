"""Assignment: who judges which records and resolves which conflicts, how far each person is, and how fast."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from ...adjudication import conflicts, sample_conflicts
from ...adjudication.assigning import (
    ADJUDICATOR,
    HUMAN,
    AssigningRequest,
    carry_out_assignment,
    hand_over,
    left_of,
    plan_assignment,
    take_back_act,
    totals_of,
)
from ...adjudication.pace import Pace, pace_of
from ...adjudication.previews import keep_assigning, take_assigning
from ...core.errors import BadInput
from ...core.judgement import Stage
from ...ledger import built, hits_by_source, who_judged
from ...ledger.assignments import assigned, assigning_acts
from ...ledger.pace import moments_of_judging
from ...ledger.queue import count_queued
from ...stages import person_name, stages_of
from ...team.roles import May
from ..desk import Desk
from ..fields import Fields

_LATEST = 8


@dataclass(frozen=True)
class PersonAtStage:
    """How far a person is at a stage. `assigned` are their records, `to_resolve` the conflicts that they are assigned to."""

    name: str
    assigned: int
    pace: Pace
    to_resolve: int


@dataclass(frozen=True)
class AssignedStage:
    """A stage as the page shows it: of others only what tells no decision to who is still to judge before it."""

    stage: Stage
    people: Sequence[PersonAtStage]
    """Those who judge or have judged, or are assigned to something."""
    hidden: bool
    """Whether others are left out, since the person is still to judge at a stage before it."""
    can_resolve: bool
    """Whether conflicts can be assigned: the person is through with all that they are to judge."""

    @property
    def begun(self) -> bool:
        """Return whether anybody has judged or is assigned to anything."""
        return any(person.assigned or person.pace.judged or person.to_resolve for person in self.people)


def router(desk: Desk) -> APIRouter:
    """Return the routes of the assignment."""
    routes, board = APIRouter(prefix="/assignment"), AssignmentBoard(desk)

    @routes.get("")
    def show(request: Request) -> HTMLResponse:
        return board.page(request)

    @routes.post("/plan")
    def preview(request: Request, fields: Fields) -> HTMLResponse:
        try:
            return board.preview(request, fields)
        except BadInput as error:
            return board.page(request, trouble=str(error))

    @routes.post("/carry-out")
    def carry_out(request: Request, fields: Fields) -> HTMLResponse:
        try:
            return board.page(request, board.carry_out(fields.get("plan", "")))
        except BadInput as error:
            return board.page(request, trouble=str(error))

    @routes.post("/hand-over")
    def give(request: Request, fields: Fields) -> HTMLResponse:
        try:
            return board.page(request, board.hand_over(fields))
        except BadInput as error:
            return board.page(request, trouble=str(error))

    @routes.post("/undo")
    def undo(request: Request, fields: Fields) -> HTMLResponse:
        count = take_back_act(desk.ledger, fields.get("act", ""), desk.reviewer)
        return board.page(request, f"Taken back: {count:,} {'assignment' if count == 1 else 'assignments'}")

    return routes


class AssignmentBoard:
    """What the routes have in common."""

    def __init__(self, desk: Desk) -> None:
        """For one person, who assigns."""
        self.desk = desk

    def page(self, request: Request, message: str = "", trouble: str = "") -> HTMLResponse:
        """Return the page."""
        desk = self.desk
        stages = [self._stage(stage) for stage in desk.review.protocol.stages]
        with desk.ledger.read() as connection:
            acts = assigning_acts(connection, _LATEST)
            sources, words = list(hits_by_source(connection)), desk.tag_words(connection)
        return desk.page(
            request, "assignment.html", screen="assignment", heading="Assignment", message=message, trouble=trouble,
            stages=stages, acts=acts, sources=sources, words=words, judges=self._people(Stage.ABSTRACT, May.JUDGE),
            resolvers=self._people(Stage.ABSTRACT, May.RESOLVE), named=desk.has_roles,
        )  # fmt: skip

    def preview(self, request: Request, fields: Mapping[str, str]) -> HTMLResponse:
        """Return the page that says what an assignment would do."""
        asked = self._request(fields)
        planned = plan_assignment(self.desk.ledger, self.desk.review, asked, self._conflicts(asked))
        if not planned.rows:
            raise BadInput(_NOTHING[asked.role])
        token = keep_assigning(self.desk.ledger, self.desk.reviewer, planned)
        return self.desk.page(
            request, "assigning.html", screen="assignment", heading="Assignment", plan=planned, token=token,
        )  # fmt: skip

    def carry_out(self, token: str) -> str:
        """Enter what was looked at; what to say of it."""
        planned = take_assigning(self.desk.ledger, self.desk.reviewer, token)
        carry_out_assignment(self.desk.ledger, planned, self.desk.reviewer)
        what = "record" if planned.request.role == HUMAN else "conflict"
        return f"Assigned: {planned.records:,} {what if planned.records == 1 else f'{what}s'}"

    def hand_over(self, fields: Mapping[str, str]) -> str:
        """Give one person's records to another; what to say of it."""
        stage, role = self.desk.stage(fields.get("stage", "")), _role(fields)
        giver, taker = fields.get("from", ""), fields.get("to", "")
        allowed = self._people(stage, May.JUDGE if role == HUMAN else May.RESOLVE)
        if not giver or (taker and taker not in allowed):
            raise BadInput("Choose who hands over, and to whom.")
        count = hand_over(self.desk.ledger, stage, role, giver, taker, self.desk.reviewer)
        what = "record" if role == HUMAN else "conflict"
        return f"Handed over to {taker or 'everybody'}: {count:,} {what if count == 1 else f'{what}s'}"

    def _request(self, fields: Mapping[str, str]) -> AssigningRequest:
        stage, role = self.desk.stage(fields.get("stage", "")), _role(fields)
        if not self._sees_numbers(stage):
            raise BadInput(f"{stage.label}: to be assigned once you are done with the stages before it.")
        allowed = self._people(stage, May.JUDGE if role == HUMAN else May.RESOLVE)
        shares: dict[str, int] = {}
        for key in fields:
            kind, _, number = key.partition(".")
            name, text = fields[key].strip(), fields.get(f"share.{number}", "").strip()
            if kind != "person":
                continue
            if not name or text in ("", "0"):
                continue
            if not text.isdecimal() or len(text) > 6:
                raise BadInput(f"{name}: a share is a whole number, such as 1.")
            if self.desk.has_roles and name not in allowed:
                raise BadInput(f"{name}: not among those who {'judge' if role == HUMAN else 'resolve'} at this stage.")
            shares[name if name in allowed else person_name(name)] = int(text)
        return AssigningRequest(
            stage, role, shares, fields.get("source", ""), fields.get("tag", ""),
            exclusive=fields.get("exclusive") == "1", again=fields.get("again") == "1",
        )  # fmt: skip

    def _conflicts(self, asked: AssigningRequest) -> Mapping[str, Collection[str]]:
        """Return the conflicts of a stage with who has judged each; `BadInput` for who must not know them yet."""
        desk, stage = self.desk, asked.stage
        if asked.role != ADJUDICATOR:
            return {}
        if not desk.sees_figures(stage):
            raise BadInput(f"{stage.label}: conflicts can be assigned by who has nothing left to judge there.")
        judges = dict(conflicts(desk.ledger, stage, desk.review))
        for name, rows in sample_conflicts(desk.ledger, desk.review, stage).items():
            judges.setdefault(name, frozenset(row.reviewer for row in rows))
        return judges

    def _people(self, stage: Stage, act: May) -> list[str]:
        """Return who can be assigned: by their roles, or where there are none everybody who has judged anything."""
        roles = self.desk.who_may(act, stage)
        if roles is not None:
            return sorted(roles)
        known = {self.desk.reviewer}
        with self.desk.ledger.read() as connection:
            for listed in self.desk.review.protocol.stages:
                known |= set(moments_of_judging(connection, listed))
                known |= totals_of(assigned(connection, listed)).keys()
        return sorted(known)

    def _sees_numbers(self, stage: Stage) -> bool:
        order = stages_of(self.desk.review)
        place = order.index(stage)
        return not place or self.desk.sees_figures(order[place - 1])

    def _stage(self, stage: Stage) -> AssignedStage:
        """Return how far each person is at a stage."""
        desk, shown = self.desk, self._sees_numbers(stage)
        can_resolve = shown and desk.sees_figures(stage)
        only = None if shown else desk.reviewer
        with desk.ledger.read() as connection:
            present = assigned(connection, stage)
            moments = moments_of_judging(connection, stage, only)
            judged, adjudicated = who_judged(connection, stage)
            waiting = {name for name in self._people(stage, May.JUDGE) if built(connection, stage, name)}
            queues = {name: count_queued(connection, stage, name) for name in waiting}
            resolving = left_of(assigned(connection, stage, ADJUDICATOR), {}, adjudicated) if can_resolve else Counter()
        counts = Counter(who for people in judged.values() for who in people)
        totals, left = totals_of(present), left_of(present, judged, adjudicated)
        names = {*self._people(stage, May.JUDGE), *counts, *totals, *resolving}
        people = [
            PersonAtStage(
                name, totals[name],
                pace_of(moments.get(name, ()), counts[name], left[name] if totals[name] else queues.get(name)), resolving[name],
            )
            for name in sorted(names)
            if only in (None, name)
        ]  # fmt: skip
        return AssignedStage(stage, people, not shown, can_resolve)


_NOTHING = {
    HUMAN: "Nothing to assign: every record that is meant has its people already.",
    ADJUDICATOR: "Nothing to assign: no conflict that is meant lacks somebody to resolve it.",
}


def _role(fields: Mapping[str, str]) -> str:
    return ADJUDICATOR if fields.get("role") == ADJUDICATOR else HUMAN
