"""Conflicts: judgements that differ, side by side, and a ruling with its reason. Those of extraction: `routes_disputes`."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from ...adjudication import drafts, queue
from ...adjudication.progress_counts import Conflict, conflict, conflicts, sample_conflicts
from ...adjudication.side_by_side import SideBySide, beside_people, compare, quoted_in
from ...adjudication.slots import EVERYBODY, needed_in_samples
from ...adjudication.worklist import only_resolves
from ...core.errors import BadInput
from ...core.judgement import Judgement, Stage
from ...documents.report import Report
from ...ledger.judged import newest_judgement
from ...reviewers.screening import decide
from ..desk import Desk
from ..fields import Fields
from ..highlights import Highlighter
from ..reader import first_page
from ..views import AskedCriterion, Given, question
from .disputes import Disputes

STAGES = (Stage.ABSTRACT, Stage.FULLTEXT, Stage.EXTRACTION)


def router(desk: Desk) -> APIRouter:
    """The routes of the conflicts."""
    routes, resolving = APIRouter(prefix="/conflicts"), Resolving(desk)

    @routes.get("")
    def show(request: Request, stage: str = "", record: str = "", names: str = "") -> HTMLResponse:
        return resolving.show(request, resolving.stage(stage), record, named=names == "shown")

    @routes.post("/draft")
    def draft(fields: Fields) -> HTMLResponse:
        stage = resolving.stage(fields.get("stage", ""))
        record_id, given = resolving.given(stage, fields)
        keep = {"answers": given.answers, "note": given.note}
        kept = drafts.keep_ruling(desk.ledger, stage, record_id, desk.reviewer, keep)
        saved = "draft saved" if kept else "not saved: the conflict is already resolved"
        return desk.part("_verdict.html", **resolving.verdict(stage, given), saved=saved)

    @routes.post("/resolve")
    def resolve(request: Request, fields: Fields) -> HTMLResponse:
        stage = resolving.stage(fields.get("stage", ""))
        _, said = resolving.enter(stage, fields)
        named = fields.get("names") == "shown"
        return resolving.show(request, stage, "", named=named, said=said)

    @routes.post("/undo")
    def undo(request: Request, fields: Fields) -> HTMLResponse:
        stage = resolving.stage(fields.get("stage", ""))
        name, since = resolving.last_ruling(stage)
        named, here = fields.get("names") == "shown", fields.get("record", "")
        if stage is Stage.EXTRACTION and (said := resolving.disputes.step_back(here, since)) is not None:
            return resolving.show(request, stage, here, named=named, said=said)
        taken = None
        if name:
            taken = queue.undo(
                desk.ledger, desk.review, stage, desk.reviewer, name, role="adjudicator", reason="undone in the app"
            )
        # What was said stays in the form, so that nothing has to be thought of twice.
        if taken is not None and stage is Stage.EXTRACTION:
            resolving.disputes.reopen(taken.record_id, taken.judgement)
        elif taken is not None:
            given = Given.from_judgement(taken.judgement)
            keep = {"answers": given.answers, "note": given.note}
            drafts.keep_ruling(desk.ledger, stage, taken.record_id, desk.reviewer, keep)
        said = f"Adjudication undone: {taken.judgement.decision}" if taken else "No adjudication to undo"
        return resolving.show(request, stage, taken.record_id if taken else "", named=named, said=said)

    routes.include_router(resolving.disputes.routes())
    return routes


class Resolving:
    """What the routes have in common."""

    def __init__(self, desk: Desk) -> None:
        """For one reviewer."""
        self.desk = desk
        self.stages = list(desk.review.protocol.stages)
        self.disputes = Disputes(
            desk, lambda: self.seen(Stage.EXTRACTION), lambda: self.may_resolve(Stage.EXTRACTION)
        )  # fmt: skip

    def stage(self, name: str) -> Stage:
        """The named stage, or the first one that has conflicts to see."""
        if name:
            return self.desk.stage(name, *STAGES)
        return next((stage for stage in self.stages if self.seen(stage)), self.stages[0])

    def seen(self, stage: Stage) -> list[str]:
        """The records in conflict that this reviewer may see: none on which they are still to judge themselves.

        Everybody is to judge those of a pilot, but for whoever only resolves.
        """
        desk, me = self.desk, self.desk.reviewer
        found = {**conflicts(desk.ledger, stage)}
        for name, rows in sample_conflicts(desk.ledger, desk.review, stage).items():
            found.setdefault(name, frozenset(row.reviewer for row in rows))
        if not found:
            return []
        with desk.ledger.read() as connection:
            needed = needed_in_samples(connection, desk.review, stage)
        least, only = (
            max(1, desk.review.stage(stage).decided_by.humans),
            only_resolves(desk.ledger, desk.review, stage, me),
        )

        def may_see(name: str, judged: Collection[str]) -> bool:
            asked = needed.get(name, least)
            return me in judged or len(judged) >= asked or (asked >= EVERYBODY and only and len(judged) > 1)

        return [name for name, judged in found.items() if may_see(name, judged)]

    def conflict(self, stage: Stage, name: str) -> Conflict:
        """A conflict with the judgements that count in it: of a record in a sample those that were made blind."""
        found = conflict(self.desk.ledger, stage, name)
        rows = sample_conflicts(self.desk.ledger, self.desk.review, stage).get(name)
        return found if rows is None else replace(found, rows=tuple(rows))

    def may_resolve(self, stage: Stage) -> bool:
        """Whether the protocol lets this reviewer resolve."""
        resolvers = self.desk.review.stage(stage).decided_by.resolvers
        return not resolvers or self.desk.reviewer in resolvers

    def given(self, stage: Stage, fields: dict[str, str]) -> tuple[str, Given]:
        """The record that a form is about, and the ruling so far."""
        return fields.get("record", ""), Given.of(fields, self.desk.review.stage(stage))

    def verdict(self, stage: Stage, given: Given) -> dict[str, str]:
        """The decision that follows."""
        protocol = self.desk.review.stage(stage)
        follows = given.follows(protocol)
        return {"decision": follows.value if follows else "", "because": given.because(protocol)}

    def enter(self, stage: Stage, fields: dict[str, str]) -> tuple[str, str]:
        """Enter the ruling that a form holds; the record and what to say of it."""
        desk, protocol = self.desk, self.desk.review.stage(stage)
        record_id, given = self.given(stage, fields)
        if record_id not in self.seen(stage):
            return record_id, "Not saved: the conflict is already resolved"
        if given.follows(protocol) is None:
            raise BadInput("No question answered yet.")
        if not given.note.strip():
            raise BadInput("Give the reason for your adjudication.")
        answers = given.as_answers
        judgement = Judgement(decision=decide(protocol, answers), answers=answers, reason=given.note.strip())
        with desk.ledger.read() as connection:
            machine = beside_people(connection, desk.review, stage, record_id)
        sides = [*self.conflict(stage, record_id).rows, *([machine] if machine else [])]
        around = queue.JudgementContext(blinded="open", seen=tuple(dict.fromkeys(row.reviewer for row in sides)))
        queue.adjudicate(desk.ledger, desk.review, stage, record_id, desk.reviewer, judgement, judgement_context=around)
        return record_id, f"Resolved: {judgement.decision}"

    def last_ruling(self, stage: Stage) -> tuple[str, str]:
        """The record of this reviewer's newest ruling, and when that was; both empty where there is none."""
        with self.desk.ledger.read() as connection:
            last = newest_judgement(connection, stage, self.desk.reviewer, "adjudicator")
        return (last.record_id, last.at) if last else ("", "")

    def show(self, request: Request, stage: Stage, record: str, *, named: bool, said: str = "") -> HTMLResponse:
        """One conflict: the one that is named, else the first one."""
        if stage is Stage.EXTRACTION:
            return self.disputes.show(request, record, named=named, said=said)
        desk, protocol = self.desk, self.desk.review.stage(stage)
        found = self.seen(stage)
        common: dict[str, Any] = {"said": said, "stage": stage.value, "names": "shown" if named else ""}
        common["stages"] = [one.value for one in self.stages]
        if not found:
            return desk.page(request, "no_conflicts.html", here="conflicts", heading="Conflicts", **common)
        place = found.index(record) if record in found else 0
        shown = self.conflict(stage, found[place])
        with desk.ledger.read() as connection:
            machine = beside_people(connection, desk.review, stage, shown.record.id)
            kept = drafts.draft(connection, stage, shown.record.id, desk.reviewer, ruling=True)
        rows = [*shown.rows, *([machine] if machine else [])]
        # To see what others say ends one's own blindness: a later judgement of one's own says so.
        drafts.note_shown(desk.ledger, stage, shown.record.id, desk.reviewer, [row.reviewer for row in rows])
        compared = compare(protocol, shown.record.id, shown.rows, machine, named=named)
        given = Given.of_draft(kept, protocol) if kept else Given(
            Given.of({f"answer.{line.id}": line.agreed for line in compared.lines}, protocol).answers
        )  # fmt: skip
        find, spans = Highlighter(protocol.questions), quoted_in(shown.record, rows)
        report = desk.record(stage, shown.record.id)
        reader = first_page(desk, report) if isinstance(report, Report) and report.attached else None
        return desk.page(
            request, "conflict.html", here="conflicts", heading="Conflicts", **common, record=shown.record, title=find.segments(shown.record.title, spans["title"]),
            abstract=find.segments(shown.record.abstract, spans["abstract"]), quoted=any(spans.values()), compared=compared, place=place + 1, count=len(found),
            before=_id(found, place - 1), behind=_id(found, place + 1), may=self.may_resolve(stage),
            questions=self._questions(stage, shown, given, compared), note=given.note, reader=reader,
            saved="draft saved" if kept else "", **self.verdict(stage, given),
        )  # fmt: skip

    def _questions(self, stage: Stage, shown: Conflict, given: Given, compared: SideBySide) -> list[AskedCriterion]:
        ruled = self.desk.ruled(stage, shown.record)
        asked = [question(one, given, ruled.get(one.id)) for one in self.desk.review.stage(stage).criteria]
        names = [side.name for side in compared.sides]
        return [
            replace(one, said=[(name, answer.value if answer else "–") for name, answer in zip(names, line.answers, strict=True)])
            if line.differs else one
            for one, line in zip(asked, compared.lines, strict=True)
        ]  # fmt: skip


def _id(found: Sequence[str], place: int) -> str:
    return found[place] if 0 <= place < len(found) else ""
