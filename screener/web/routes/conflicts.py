"""Conflicts: judgements that differ, side by side, and an adjudication with its reason. Those of extraction: `disputes`."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from ...adjudication import (
    EVERYBODY,
    Conflict,
    SideBySide,
    Taken,
    beside_people,
    compare,
    conflict,
    conflicts,
    consensus_of,
    drafts,
    needed_in_samples,
    queue,
    quoted_in,
    sample_conflicts,
    split_by_third,
)
from ...adjudication.assigning import conflicts_by_assignment
from ...core.errors import BadInput
from ...core.judgement import Judgement, Stage
from ...documents import Report
from ...ledger import StoredJudgement, newest_id, newest_judgement
from ...ledger.store import Connection
from ...protocol import decide
from ..desk import NOT_SAVED, Desk, Refusal
from ..fields import Fields
from ..highlights import Highlighter
from ..own_quotes import with_quotes
from ..reader import first_page
from ..ready_reasons import ready_reasons
from ..views import AskedCriterion, FormAnswers, questions
from .disputes import RESOLVED, Disputes

STAGES = (Stage.ABSTRACT, Stage.FULLTEXT, Stage.EXTRACTION)


def router(desk: Desk) -> APIRouter:
    """Return the routes of the conflicts."""
    routes, resolving = APIRouter(prefix="/conflicts"), Resolving(desk)

    @routes.get("")
    def show(request: Request, stage: str = "", record: str = "", names: str = "", own: str = "") -> HTMLResponse:
        return resolving.page(request, resolving.stage(stage), record, named=names == "shown", own=own == "1")

    @routes.post("/draft")
    def draft(fields: Fields) -> HTMLResponse:
        stage = resolving.stage(fields.get("stage", ""))
        record_id, form_answers = resolving.form_answers(stage, fields)
        body = form_answers.body()
        adjudication_open = drafts.keep_adjudication(desk.ledger, stage, record_id, desk.reviewer, body)
        saved = "draft saved" if adjudication_open else "not saved: the conflict is already resolved"
        reasons = resolving.reasons(stage, record_id, form_answers, named=fields.get("names") == "shown")
        answer = desk.part("_adjudicated.html", **resolving.verdict(stage, form_answers), saved=saved, reasons=reasons)
        answer.headers.update({} if adjudication_open else NOT_SAVED)
        return answer

    @routes.post("/resolve")
    def resolve(request: Request, fields: Fields) -> HTMLResponse:
        stage = resolving.stage(fields.get("stage", ""))
        _, message = resolving.enter(stage, fields)
        named, own = fields.get("names") == "shown", fields.get("own") == "1"
        return resolving.page(request, stage, "", named=named, own=own, message=message)

    @routes.post("/undo")
    def undo(request: Request, fields: Fields) -> HTMLResponse:
        stage = resolving.stage(fields.get("stage", ""))
        name, last_at = resolving.last_adjudication(stage)
        named, open_id = fields.get("names") == "shown", fields.get("record", "")
        if stage is Stage.EXTRACTION and (message := resolving.disputes.step_back(open_id, last_at)) is not None:
            return resolving.page(request, stage, open_id, named=named, message=message)
        undone = None
        if name:
            undone = queue.undo(
                desk.ledger, desk.review, stage, desk.reviewer, name, role="adjudicator", reason="undone in the app"
            )
        # What was said stays in the form, so that nothing has to be thought of twice.
        if undone is not None and stage is Stage.EXTRACTION:
            resolving.disputes.reopen(undone.record_id, undone.judgement)
        elif undone is not None:
            form_answers = FormAnswers.from_judgement(undone.judgement)
            body = form_answers.body()
            drafts.keep_adjudication(desk.ledger, stage, undone.record_id, desk.reviewer, body)
        message = f"Adjudication undone: {undone.judgement.decision}" if undone else "No adjudication to undo"
        return resolving.page(request, stage, undone.record_id if undone else "", named=named, message=message)

    routes.include_router(resolving.disputes.routes())
    return routes


class Resolving:
    """What the routes have in common."""

    def __init__(self, desk: Desk) -> None:
        """For one reviewer."""
        self.desk = desk
        self.stages = list(desk.review.protocol.stages)
        self.disputes = Disputes(
            desk, lambda: self.sorted_out(Stage.EXTRACTION), lambda: self.may_resolve(Stage.EXTRACTION)
        )

    def stage(self, name: str) -> Stage:
        """Return the named stage, or the first one that has conflicts to see."""
        if name:
            return self.desk.stage(name, *STAGES)
        return next((stage for stage in self.stages if self.visible(stage)), self.stages[0])

    def visible(self, stage: Stage) -> list[str]:
        """Return the records in conflict that this reviewer may see: theirs to resolve, and their own that wait for a third."""
        theirs, waiting = self.sorted_out(stage)
        return [*theirs, *waiting]

    def sorted_out(self, stage: Stage) -> tuple[list[str], list[str]]:
        """Return the conflicts that are this reviewer's to resolve, and their own that wait for a third person.

        Of neither they have still to judge one. Everybody is to judge those of a pilot, but for whoever only resolves.
        """
        desk, me = self.desk, self.desk.reviewer
        judges = {**conflicts(desk.ledger, stage, desk.review)}
        for name, rows in sample_conflicts(desk.ledger, desk.review, stage).items():
            judges.setdefault(name, frozenset(row.reviewer for row in rows))
        if not judges:
            return [], []
        with desk.ledger.read() as connection:
            needed = needed_in_samples(connection, desk.review, stage)
        rule, blinding = desk.review.stage(stage).decided_by, desk.blinding
        usual, judges_nothing = max(1, rule.humans), not blinding.judges(stage)

        def is_ripe(name: str, judged: Collection[str]) -> bool:
            if (
                rule.second_reviewer and me in judged
            ):  # a third person resolves it, and who screens sees no machine's answer
                return False
            slots = needed.get(name, usual)
            return me in judged or len(judged) >= slots or (slots >= EVERYBODY and judges_nothing and len(judged) > 1)

        ripe = [name for name, judged in judges.items() if is_ripe(name, judged)]
        may_see = blinding.may_resolve(stage, ripe)
        seen = {name: judges[name] for name in ripe if name in may_see}
        theirs, waiting = split_by_third(seen, me, desk.who_resolves(stage))
        with desk.ledger.read() as connection:
            return conflicts_by_assignment(connection, stage, me, theirs), waiting

    def conflict(self, stage: Stage, name: str) -> Conflict:
        """Return a conflict with the judgements that count in it: of a record in a sample those that were made blind."""
        current = conflict(self.desk.ledger, stage, name)
        rows = sample_conflicts(self.desk.ledger, self.desk.review, stage).get(name)
        if rows is not None:
            return replace(current, rows=tuple(rows))
        if self.desk.review.stage(stage).decided_by.second_reviewer is None:
            return current
        with self.desk.ledger.read() as connection:
            machine = beside_people(connection, self.desk.review, stage, name)
        # The second reviewer is a side of the conflict.
        return replace(current, rows=(*current.rows, *([machine] if machine else [])))

    def beside(self, connection: Connection, stage: Stage, name: str) -> StoredJudgement | None:
        """Return the machine's judgement beside the sides of a conflict; None where it is one of them, or must not be seen."""
        if self.desk.review.stage(stage).decided_by.second_reviewer is not None:
            return None
        return beside_people(connection, self.desk.review, stage, name)

    def may_resolve(self, stage: Stage) -> bool:
        """Return whether the protocol lets this reviewer resolve."""
        resolvers = self.desk.review.stage(stage).decided_by.resolvers
        return not resolvers or self.desk.reviewer in resolvers

    def form_answers(self, stage: Stage, fields: dict[str, str]) -> tuple[str, FormAnswers]:
        """Return the record that a form is about, and the adjudication so far."""
        return fields.get("record", ""), FormAnswers.of(fields, self.desk.review.stage(stage))

    def verdict(self, stage: Stage, form_answers: FormAnswers) -> dict[str, str]:
        """Return the decision that follows."""
        protocol = self.desk.review.stage(stage)
        follows = form_answers.follows(protocol)
        return {"decision": follows.value if follows else "", "because": form_answers.because(protocol)}

    def reasons(self, stage: Stage, record: str, form_answers: FormAnswers, *, named: bool) -> list[str]:
        """Return reasons that are ready to be taken: what the adjudication says where the judgements differ."""
        if record not in self.visible(stage):
            return []
        protocol = self.desk.review.stage(stage)
        with self.desk.ledger.read() as connection:
            machine = self.beside(connection, stage, record)
        compared = compare(protocol, record, self.conflict(stage, record).rows, machine, named=named)
        return ready_reasons(protocol, compared, form_answers)

    def enter(self, stage: Stage, fields: dict[str, str]) -> tuple[str, str]:
        """Enter the adjudication that a form holds; the record and what to say of it."""
        desk, protocol = self.desk, self.desk.review.stage(stage)
        record_id, form_answers = self.form_answers(stage, fields)
        with desk.ledger.read() as connection:
            since = newest_id(connection, "judgements")
        if record_id not in self.visible(stage):
            return record_id, Refusal(RESOLVED)
        if form_answers.follows(protocol) is None:
            raise BadInput("No question answered yet.")
        if not form_answers.note.strip():
            raise BadInput("Give the reason for your adjudication.")
        record = desk.record(stage, record_id)
        answers = with_quotes(form_answers.as_answers(protocol), form_answers.quotes, record)
        judgement = Judgement(decision=decide(protocol, answers), answers=answers, reason=form_answers.note.strip())
        with desk.ledger.read() as connection:
            machine = self.beside(connection, stage, record_id)
        people = self.conflict(stage, record_id).rows
        sides = [*people, *([machine] if machine else [])]
        agreed = consensus_of(
            [row.reviewer for row in people if row.role == "human"], desk.reviewer, desk.who_resolves(stage),
            agreed=fields.get("consensus") == "1",
        )  # fmt: skip
        seen = tuple(dict.fromkeys(row.reviewer for row in sides))
        context = queue.JudgementContext(blinded="open", seen=seen, consensus=agreed, since=since)
        try:
            queue.adjudicate(
                desk.ledger, desk.review, stage, record_id, desk.reviewer, judgement, judgement_context=context
            )
        except Taken:
            return record_id, Refusal(RESOLVED)
        return record_id, f"Resolved{' by consensus' if agreed else ''}: {judgement.decision}"

    def last_adjudication(self, stage: Stage) -> tuple[str, str]:
        """Return the record of this reviewer's newest adjudication, and when that was; both empty where there is none."""
        with self.desk.ledger.read() as connection:
            last = newest_judgement(connection, stage, self.desk.reviewer, "adjudicator")
        return (last.record_id, last.at) if last else ("", "")

    def page(
        self, request: Request, stage: Stage, record: str, *, named: bool, own: bool = False, message: str = ""
    ) -> HTMLResponse:
        """Return the page of a conflict: the named one, else the first; with `own` of those that wait for a third person."""
        if stage is Stage.EXTRACTION:
            return self.disputes.page(request, record, named=named, own=own, message=message)
        desk, protocol = self.desk, self.desk.review.stage(stage)
        theirs, waiting = self.sorted_out(stage)
        own = record in waiting or (own and record not in theirs)
        names = waiting if own else theirs
        common: dict[str, Any] = {"message": message, "stage": stage.value, "names": "shown" if named else ""}
        common |= {"own": "1" if own else "", "waiting": len(waiting), "theirs": len(theirs)}
        common["stages"] = [listed.value for listed in self.stages]
        if not names:
            may_undo = desk.has_judged(stage, "adjudicator")
            return desk.page(
                request, "no_conflicts.html", screen="conflicts", heading="Conflicts", may_undo=may_undo, **common
            )
        place = names.index(record) if record in names else 0
        current = self.conflict(stage, names[place])
        with desk.ledger.read() as connection:
            machine = self.beside(connection, stage, current.record.id)
            draft = drafts.draft(connection, stage, current.record.id, desk.reviewer, adjudication=True)
        rows = [*current.rows, *([machine] if machine else [])]
        # To see what others say ends one's own blindness: a later judgement of one's own says so.
        drafts.note_shown(desk.ledger, stage, current.record.id, desk.reviewer, [row.reviewer for row in rows])
        compared = compare(protocol, current.record.id, current.rows, machine, named=named)
        form_answers = FormAnswers.of_draft(draft, protocol) if draft else FormAnswers(
            FormAnswers.of({f"answer.{line.id}": line.agreed for line in compared.lines if len(rows) > 1}, protocol).answers
        )  # fmt: skip
        find, spans = Highlighter(protocol.questions), quoted_in(current.record, rows)
        report = desk.record(stage, current.record.id)
        reader = first_page(desk, report) if isinstance(report, Report) and report.attached else None
        return desk.page(
            request, "conflict.html", screen="conflicts", heading="Conflicts", **common, record=current.record, title=find.segments(current.record.shown_title, spans["title"]),
            abstract=find.segments(current.record.abstract, spans["abstract"]), quoted=any(spans.values()), compared=compared, place=place + 1, count=len(names),
            before=_id(names, place - 1), behind=_id(names, place + 1), may=self.may_resolve(stage),
            questions=self._questions(stage, current, form_answers, compared), note=form_answers.note, reader=reader,
            saved="draft saved" if draft else "", among=desk.reviewer in {row.reviewer for row in current.rows},
            must_agree=desk.who_resolves(stage) is not None, **self.verdict(stage, form_answers),
            reasons=ready_reasons(protocol, compared, form_answers),
        )  # fmt: skip

    def _questions(
        self, stage: Stage, current: Conflict, form_answers: FormAnswers, compared: SideBySide
    ) -> list[AskedCriterion]:
        rule_answers = self.desk.rule_answers(stage, current.record)
        asked_criteria = questions(self.desk.review.stage(stage), form_answers, rule_answers)
        names = [side.name for side in compared.sides]
        return [
            replace(asked, other_answers=[(name, answer.value if answer else "–") for name, answer in zip(names, line.answers, strict=True)])
            if line.differs else asked
            for asked, line in zip(asked_criteria, compared.lines, strict=True)
        ]  # fmt: skip


def _id(names: Sequence[str], place: int) -> str:
    return names[place] if 0 <= place < len(names) else ""
