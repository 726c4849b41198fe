"""Screening: a record, the questions of the stage, the decision that follows, and on to the next record."""

import time
from dataclasses import dataclass, field

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from ...adjudication import drafts, queue
from ...adjudication.bulk_undo import BACK, newest, undo_bulk
from ...adjudication.progress_counts import so_far
from ...adjudication.side_by_side import machine_row
from ...adjudication.slots import Seat, Taken, lease, release
from ...core.errors import BadInput
from ...core.judgement import Judgement, Stage
from ...documents.report import Report
from ...ledger.judged import newest_blind, own_judgement
from ...ledger.reads import StoredJudgement
from ...ledger.record_ids import current_id
from ...ledger.tags import undo_tag
from ...records import Record
from ...reviewers.screening import decide
from ...stages.agreement import lacks_reason
from ..concurrent_edits import Form
from ..desk import Desk, holder
from ..fields import Fields
from ..reader import first_page
from ..skipped_records import PassedOver, Skipped
from ..views import Given, screen_view, with_rules
from .tags import tags_on

STAGES = (Stage.ABSTRACT, Stage.FULLTEXT)


def router(desk: Desk) -> APIRouter:
    """The routes of the screening stages."""
    routes, screening = APIRouter(prefix="/screen"), Screening(desk)

    @routes.get("/{stage}")
    def shell(request: Request, stage: str, record: str = "") -> HTMLResponse:
        which = desk.stage(stage, *STAGES)
        return desk.page(
            request,
            "shell.html",
            here=which.value,
            heading=which.label,
            card=f"/screen/{which}/card",
            record=record,
        )

    @routes.get("/{stage}/card")
    def card(request: Request, stage: str, record: str = "") -> HTMLResponse:
        which = desk.stage(stage, *STAGES)
        return screening.named(request, which, record) if record else screening.next(request, which)

    @routes.post("/{stage}/draft")
    def draft(request: Request, stage: str, fields: Fields) -> HTMLResponse:
        which = desk.stage(stage, *STAGES)
        record, given = screening.given(which, fields)
        keep = {"answers": given.answers, "note": given.note}
        form = Form.of(request, fields)
        why = form.keep(desk.ledger, desk.review, which, record.id, desk.reviewer, keep)
        return desk.part(
            "_verdict.html", **screening.verdict(which, given), saved=f"not saved: {why}" if why else "draft saved"
        )

    @routes.post("/{stage}/decide")
    def decide_(request: Request, stage: str, fields: Fields) -> HTMLResponse:
        which = desk.stage(stage, *STAGES)
        if (overtaken := screening.overtaken(request, which, fields)) is not None:
            return overtaken
        if (changed := screening.changed(which, fields)) is not None:
            return screening.named(request, which, changed, CHANGED)
        said, entered = screening.enter(request, which, fields)
        shown = screening.show_machine(which, entered) if entered else False
        answer = screening.named(request, which, entered, said) if shown else screening.next(request, which, said)
        answer.headers["HX-Replace-Url"] = f"/screen/{which}"
        return answer

    _add_steps(routes, desk, screening)
    return routes


def _add_steps(routes: APIRouter, desk: Desk, screening: "Screening") -> None:
    """Add the routes that lead to another record: skip, go back, take back what was done last."""

    @routes.post("/{stage}/skip")
    def skip(request: Request, stage: str, fields: Fields) -> HTMLResponse:
        which = desk.stage(stage, *STAGES)
        record, _ = screening.given(which, fields)
        queue.skip(desk.ledger, which, record.id, desk.reviewer)
        screening.skipped.add(which, holder(request), record.id)
        return screening.next(request, which, "Skipped; it comes back at the end")

    @routes.post("/{stage}/back")
    def back(request: Request, stage: str, fields: Fields) -> HTMLResponse:
        which = desk.stage(stage, *STAGES)
        here = fields.get("record") or None
        with desk.ledger.read() as connection:
            found = drafts.before(connection, which, desk.reviewer, here)
        if found is None:
            return (
                screening.named(request, which, here, said="No earlier record")
                if here
                else screening.next(request, which)
            )
        if here:
            release(desk.ledger, which, here, desk.reviewer, holder=holder(request))
        return screening.named(request, which, found)

    @routes.post("/{stage}/undo")
    def undo(request: Request, stage: str, fields: Fields) -> HTMLResponse:
        which = desk.stage(stage, *STAGES)
        here = fields.get("record") or None
        with desk.ledger.read() as connection:
            many = newest(connection, which, desk.reviewer)
            last = many.at if many and many.choice == BACK else drafts.last_judged(connection, which, desk.reviewer)
        passed_over = screening.skipped.last(which, holder(request), since=last)
        if (untagged := screening.undo_tag(which, passed_over.at if passed_over else last)) is not None:
            name, said = untagged
            if here and here != name:
                release(desk.ledger, which, here, desk.reviewer, holder=holder(request))
            return screening.named(request, which, name, said=said)
        if passed_over is not None:
            return screening.not_skipped(request, which, passed_over, here)
        if many is not None:
            said = undo_bulk(desk.ledger, desk.review, which, desk.reviewer, many.id)
            return screening.named(request, which, here, said=said) if here else screening.next(request, which, said)
        taken = queue.undo(desk.ledger, desk.review, which, desk.reviewer, reason="undone in the app")
        if taken is None:
            said = "Nothing to undo"
            return screening.named(request, which, here, said=said) if here else screening.next(request, which, said)
        if here and here != taken.record_id:
            release(desk.ledger, which, here, desk.reviewer, holder=holder(request))
        given = Given.from_judgement(taken.judgement)
        keep = {"answers": given.answers, "note": given.note}
        drafts.keep_draft(desk.ledger, which, taken.record_id, desk.reviewer, keep)
        return screening.named(request, which, taken.record_id, said=f"Undone: {taken.judgement.decision}")


CHANGED = "Not saved: this record has changed since you opened it. Your answers are kept; please check again"


@dataclass
class Screening:
    """What the routes of a screening stage have in common."""

    desk: Desk
    opened: dict[tuple[str, str, str], float] = field(default_factory=dict)
    """When a window was first shown a record, on the clock of this process."""
    skipped: Skipped = field(default_factory=Skipped)

    def next(self, request: Request, stage: Stage, said: str = "") -> HTMLResponse:
        """The next record of the reviewer's queue."""
        desk = self.desk
        record = desk.next_record(request, stage)
        if record is None:
            return desk.page(
                request,
                "done.html",
                here=stage.value,
                heading=stage.label,
                stage=stage.value,
                said=said,
                waiting=desk.waiting(stage),
            )
        return self._show(request, stage, record, said)

    def named(
        self, request: Request, stage: Stage, name: str, said: str = "", given: Given | None = None
    ) -> HTMLResponse:
        """A record of the reviewer's choice: one to reopen, or one that was searched for; `given` fills the form."""
        desk = self.desk
        record = desk.record(stage, name)
        try:
            lease(desk.ledger, desk.review, stage, record.id, Seat(desk.reviewer, holder(request)), over=True)
        except Taken:
            why = "Others are judging that record; this is the next one"
            return self.next(request, stage, f"{said}. {why}" if said else why)
        return self._show(request, stage, record, said, given)

    def given(self, stage: Stage, fields: dict[str, str]) -> tuple[Record, Given]:
        """The record that a form is about, and what it says of it."""
        record, protocol = self.desk.record(stage, fields.get("record", "")), self.desk.review.stage(stage)
        return record, with_rules(protocol, Given.of(fields, protocol), self.desk.ruled(stage, record))

    def verdict(self, stage: Stage, given: Given) -> dict[str, str]:
        """The decision that follows from what is answered, for the eye."""
        protocol = self.desk.review.stage(stage)
        follows = given.follows(protocol)
        return {"decision": follows.value if follows else "", "because": given.because(protocol)}

    def overtaken(self, request: Request, stage: Stage, fields: dict[str, str]) -> HTMLResponse | None:
        """The form again with what it says, and why it was not saved, where another window of the reviewer's is ahead of it."""
        record, given = self.given(stage, fields)
        with self.desk.ledger.read() as connection:
            why = Form.of(request, fields).overtaken(connection, stage, record.id, self.desk.reviewer)
        if not why:
            return None
        said = f"Not saved: {why}. Your answers are still in this form; save again to enter them"
        return self.named(request, stage, record.id, said, given)

    def changed(self, stage: Stage, fields: dict[str, str]) -> str | None:
        """The record of a form if it reads otherwise than when it was opened: nobody judges a text that they did not see.

        A later import may have filled in an abstract, or somebody has merged or split it. The answers are kept as a draft.
        """
        record, given = self.given(stage, fields)
        if fields.get("text", record.text_hash) == record.text_hash:
            return None
        keep = {"answers": given.answers, "note": given.note}
        drafts.keep_draft(self.desk.ledger, stage, record.id, self.desk.reviewer, keep)
        return record.id

    def enter(self, request: Request, stage: Stage, fields: dict[str, str]) -> tuple[str, str]:
        """Enter the judgement that a form holds; what to say of it, and the record, or nothing where it was not entered."""
        desk = self.desk
        protocol = desk.review.stage(stage)
        record, given = self.given(stage, fields)
        if given.follows(protocol) is None:
            raise BadInput("No question answered yet.")
        answers = given.as_answers
        judgement = Judgement(decision=decide(protocol, answers), answers=answers, reason=given.note.strip())
        with desk.ledger.read() as connection:
            seen = drafts.shown(connection, stage, record.id, desk.reviewer)
            own = own_judgement(connection, stage, record.id, desk.reviewer)
            before = newest_blind(connection, stage, record.id, desk.reviewer) if seen else None
        began = self.opened.pop((stage.value, record.id, holder(request)), None)
        around = queue.JudgementContext(
            blinded="open" if seen else "blind", seen=seen, before=before,
            seconds=round(time.monotonic() - began, 1) if began is not None else None,
        )  # fmt: skip
        try:
            queue.enter(desk.ledger, desk.review, stage, record.id, desk.reviewer, judgement, judgement_context=around)
        except Taken:
            return "Not saved: others have judged that record already", ""
        if seen and own:
            same = own.judgement.answers == answers
            return f"{'Unchanged' if same else 'Changed'}: {judgement.decision}", record.id
        return f"Saved: {judgement.decision}", record.id

    def machine_says(self, stage: Stage, record: Record) -> StoredJudgement | None:
        """What the protocol's machine says of the record's present text, where people are shown that after their own."""
        if self.desk.review.stage(stage).shows_machine != "after":
            return None
        with self.desk.ledger.read() as connection:
            row = machine_row(connection, self.desk.review, stage, record.id)
        return row if row is not None and row.text_hash == record.text_hash else None

    def show_machine(self, stage: Stage, name: str) -> bool:
        """Whether the machine's answers are now to be shown, for the first time; from then on no judgement is blind."""
        desk, row = self.desk, self.machine_says(stage, self.desk.record(stage, name))
        if row is None:
            return False
        with desk.ledger.read() as connection:
            if row.reviewer in drafts.shown(connection, stage, name, desk.reviewer):
                return False
        drafts.note_shown(desk.ledger, stage, name, desk.reviewer, [row.reviewer])
        return True

    def not_skipped(self, request: Request, stage: Stage, passed_over: PassedOver, here: str | None) -> HTMLResponse:
        """Go back to a record that was skipped, and leave the one that came instead."""
        desk = self.desk
        self.skipped.forget(stage, holder(request), passed_over)
        queue.unskip(desk.ledger, stage, passed_over.record_id, desk.reviewer)
        if here and here != passed_over.record_id:
            release(desk.ledger, stage, here, desk.reviewer, holder=holder(request))
        return self.named(request, stage, passed_over.record_id, said="Skip undone")

    def undo_tag(self, stage: Stage, since: str) -> tuple[str, str] | None:
        """Undo the reviewer's newest tagging if they did nothing else `since`: the record, and what to say of it."""
        desk = self.desk
        with desk.ledger.write() as connection:
            undone = undo_tag(connection, stage, desk.reviewer, since)
            if undone is None:
                return None
            name, word, on = undone
            name = current_id(connection, name)
        desk.tags_changed()
        return name, f"{'Tag restored' if on else 'Tag removed'}: {word}"

    def _show(
        self, request: Request, stage: Stage, record: Record, said: str, given: Given | None = None
    ) -> HTMLResponse:
        desk, protocol = self.desk, self.desk.review.stage(stage)
        with desk.ledger.read() as connection:
            own = own_judgement(connection, stage, record.id, desk.reviewer)
            kept = drafts.draft(connection, stage, record.id, desk.reviewer)
            pace = so_far(connection, stage, desk.reviewer)
            tags = tags_on(connection, desk, stage, record.id)
            seen = drafts.shown(connection, stage, record.id, desk.reviewer)
        stands = Given.from_judgement(own.judgement) if own else Given({})
        shown = given or (Given.of_draft(kept, protocol) if kept else stands)
        if stage is not Stage.ABSTRACT:
            record = desk.record(stage, record.id)
        ruled = desk.ruled(stage, record)
        machine = self.machine_says(stage, record) if own else None
        if machine is not None and machine.reviewer not in seen:
            machine = None
        view = screen_view(
            protocol, record, shown, ruled, own=own.judgement if own else None, own_at=own.at if own else "",
            machine=machine.judgement if machine else None,
        )  # fmt: skip
        self.opened.setdefault((stage.value, record.id, holder(request)), time.monotonic())
        verdict = self.verdict(stage, with_rules(protocol, shown, ruled))
        template, more = "screen.html", {}
        if isinstance(record, Report):
            template, more = "fulltext.html", {"reader": first_page(desk, record)}
        return desk.page(
            request, template, here=stage.value, heading=stage.label, stage=stage.value, view=view, said=said,
            progress=pace, tags=tags, lacking=own is not None and lacks_reason(own.judgement, stage), oob=False, machine=machine,
            saved="draft saved" if kept and not given else "", stood=str(own.id) if own else "0", **verdict, **more,
        )  # fmt: skip
