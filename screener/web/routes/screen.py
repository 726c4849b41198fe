"""Screening: a record, the questions of the stage, the decision that follows, and on to the next record."""

import time
from contextlib import suppress
from dataclasses import dataclass, field

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from ...adjudication import (
    BACK,
    Seat,
    Taken,
    crowded,
    drafts,
    lease,
    machine_row,
    newest,
    queue,
    release,
    undo_bulk,
)
from ...core.errors import BadInput
from ...core.judgement import Judgement, Stage
from ...documents import Report
from ...ledger import StoredJudgement, current_id, newest_blind, own_judgement, undo_tag
from ...protocol import decide
from ...records import Record
from ...stages import lacks_reason
from ..concurrent_edits import Form
from ..desk import NOT_SAVED, Desk, Refusal, holder, window, with_origin
from ..fields import Fields
from ..own_quotes import with_quotes
from ..reader import first_page
from ..skipped_records import Skipped, SkippedRecord
from ..text_changes import changes_for, judged_without, marks_of
from ..views import FormAnswers, screen_view, with_rules
from .tags import tags_on

STAGES = (Stage.ABSTRACT, Stage.FULLTEXT)


def router(desk: Desk) -> APIRouter:
    """Return the routes of the screening stages."""
    routes, screening = APIRouter(prefix="/screen"), Screening(desk)

    @routes.get("/{stage}")
    def shell(request: Request, stage: str, record: str = "") -> HTMLResponse:
        screening_stage = desk.stage(stage, *STAGES)
        return desk.page(
            request,
            "shell.html",
            screen=screening_stage.value,
            heading=screening_stage.label,
            card=f"/screen/{screening_stage}/card",
            record=record,
        )

    @routes.get("/{stage}/card")
    def card(request: Request, stage: str, record: str = "") -> HTMLResponse:
        screening_stage = desk.stage(stage, *STAGES)
        with desk.ledger.read_together():
            return (
                screening.named(request, screening_stage, record)
                if record
                else screening.next(request, screening_stage)
            )

    @routes.post("/{stage}/draft")
    def draft(request: Request, stage: str, fields: Fields) -> HTMLResponse:
        screening_stage = desk.stage(stage, *STAGES)
        record, form_answers = screening.form_answers(screening_stage, fields)
        body = form_answers.body()
        form = Form.of(request, fields, desk.left_pages)
        why = form.keep_draft(desk.ledger, desk.review, screening_stage, record.id, desk.reviewer, body)
        answer = desk.part(
            "_verdict.html",
            **screening.verdict(screening_stage, form_answers),
            saved=f"not saved: {why}" if why else "draft saved",
        )
        answer.headers.update(NOT_SAVED if why else {})
        return answer

    @routes.post("/{stage}/decide")
    def decide_(request: Request, stage: str, fields: Fields) -> HTMLResponse:
        screening_stage = desk.stage(stage, *STAGES)
        with desk.ledger.read_together():
            return screening.decided(request, screening_stage, fields)

    _add_steps(routes, desk, screening)
    _add_undo(routes, desk, screening)
    return routes


def _add_steps(routes: APIRouter, desk: Desk, screening: "Screening") -> None:
    """Add the routes that lead to another record: skip, and go back."""

    @routes.post("/{stage}/skip")
    def skip(request: Request, stage: str, fields: Fields) -> HTMLResponse:
        screening_stage = desk.stage(stage, *STAGES)
        record, _ = screening.form_answers(screening_stage, fields)
        queue.skip(desk.ledger, screening_stage, record.id, desk.reviewer)
        screening.skipped.add(screening_stage, window(request), record.id)
        return screening.next(request, screening_stage, "Skipped; it comes back at the end")

    @routes.post("/{stage}/back")
    def previous(request: Request, stage: str, fields: Fields) -> HTMLResponse:
        screening_stage = desk.stage(stage, *STAGES)
        open_id = fields.get("record") or None
        with desk.ledger.read() as connection:
            previous_id = drafts.previous_record(connection, screening_stage, desk.reviewer, open_id)
        if previous_id is None:
            return screening.stay(request, screening_stage, open_id, "No earlier record" if open_id else "")
        if open_id:
            release(desk.ledger, screening_stage, open_id, desk.reviewer, holder=holder(request))
        return screening.named(request, screening_stage, previous_id)


def _add_undo(routes: APIRouter, desk: Desk, screening: "Screening") -> None:
    """Add the route that takes back what was done last: a tag, a skip, a bulk decision or a judgement."""

    @routes.post("/{stage}/undo")
    def undo(request: Request, stage: str, fields: Fields) -> HTMLResponse:
        screening_stage = desk.stage(stage, *STAGES)
        open_id = fields.get("record") or None
        with desk.ledger.read() as connection:
            last_bulk = newest(connection, screening_stage, desk.reviewer)
            last = (
                last_bulk.at
                if last_bulk and last_bulk.choice == BACK
                else drafts.last_judged(connection, screening_stage, desk.reviewer)
            )
        skipped = screening.skipped.last(screening_stage, window(request), since=last)
        if (untagged := screening.undo_tag(screening_stage, skipped.at if skipped else last)) is not None:
            name, message = untagged
            if open_id and open_id != name:
                release(desk.ledger, screening_stage, open_id, desk.reviewer, holder=holder(request))
            return screening.named(request, screening_stage, name, message=message)
        if skipped is not None:
            return screening.not_skipped(request, screening_stage, skipped, open_id)
        if last_bulk is not None:
            message = undo_bulk(desk.ledger, desk.review, screening_stage, desk.reviewer, last_bulk.id)
            return screening.stay(request, screening_stage, open_id, message)
        undone = queue.undo(desk.ledger, desk.review, screening_stage, desk.reviewer, reason="undone in the app")
        if undone is None:
            return screening.stay(request, screening_stage, open_id, "Nothing to undo")
        if open_id and open_id != undone.record_id:
            release(desk.ledger, screening_stage, open_id, desk.reviewer, holder=holder(request))
        form_answers = FormAnswers.from_judgement(undone.judgement)
        body = form_answers.body()
        drafts.keep_draft(desk.ledger, screening_stage, undone.record_id, desk.reviewer, body)
        return screening.named(
            request, screening_stage, undone.record_id, message=f"Undone: {undone.judgement.decision}"
        )


CHANGED = "Not saved: this record has changed since you opened it. Your answers are kept; please check again"
ONE_MORE = "Your answers are kept. Save again to add a judgement beside theirs, or skip"


@dataclass
class Screening:
    """What the routes of a screening stage have in common."""

    desk: Desk
    opened: dict[tuple[str, str, str], float] = field(default_factory=dict)
    """When a window was first shown a record, on the clock of this process."""
    skipped: Skipped = field(default_factory=Skipped)

    def next(self, request: Request, stage: Stage, message: str = "") -> HTMLResponse:
        """Return the next record of the reviewer's queue."""
        desk = self.desk
        record, origin = desk.next_record(request, stage)
        if record is None:
            return desk.done(request, stage, message, undo=f"/screen/{stage}/undo")
        return self._page(request, stage, record, with_origin(message, origin), given=True)

    def decided(self, request: Request, stage: Stage, fields: dict[str, str]) -> HTMLResponse:
        """Enter what a form holds and return the next record; the same form, and why, where it is not entered."""
        if (overtaken := self.overtaken(request, stage, fields)) is not None:
            return overtaken
        if (refused := self.crowded(request, stage, fields)) is not None:
            return refused
        if (changed := self.changed(stage, fields)) is not None:
            return self.named(request, stage, changed, Refusal.of(CHANGED, self.desk.record(stage, changed)))
        message, entered = self.enter(request, stage, fields)
        machine_shown = self.show_machine(stage, entered) if entered else False
        answer = self.named(request, stage, entered, message) if machine_shown else self.next(request, stage, message)
        answer.headers["HX-Replace-Url"] = f"{self.desk.base}/screen/{stage}"
        return answer

    def stay(self, request: Request, stage: Stage, open_id: str | None, message: str) -> HTMLResponse:
        """Return the page of the record that is open, else of the next one, with a message."""
        if open_id:
            return self.named(request, stage, open_id, message=message)
        return self.next(request, stage, message)

    def named(
        self, request: Request, stage: Stage, name: str, message: str = "", form_answers: FormAnswers | None = None,
        *, warned: bool = False,
    ) -> HTMLResponse:  # fmt: skip
        """Return the card of a record that the reviewer reopens or has searched for; `form_answers` fills the form.

        `warned` says that saving it again enters a judgement beside those of others.
        """
        desk = self.desk
        record = desk.record(stage, name)
        with suppress(Taken):  # the page says so, and asks before a judgement is entered beside those of others
            lease(desk.ledger, desk.review, stage, record.id, Seat(desk.reviewer, holder(request)), over=True)
        return self._page(request, stage, record, message, form_answers, warned=warned)

    def form_answers(self, stage: Stage, fields: dict[str, str]) -> tuple[Record, FormAnswers]:
        """Return the record that a form is about, and what it says of it."""
        record, protocol = self.desk.record(stage, fields.get("record", "")), self.desk.review.stage(stage)
        return record, with_rules(protocol, FormAnswers.of(fields, protocol), self.desk.rule_answers(stage, record))

    def verdict(self, stage: Stage, form_answers: FormAnswers) -> dict[str, str]:
        """Return the decision that follows from what is answered, for the eye."""
        protocol = self.desk.review.stage(stage)
        follows = form_answers.follows(protocol)
        return {"decision": follows.value if follows else "", "because": form_answers.because(protocol)}

    def overtaken(self, request: Request, stage: Stage, fields: dict[str, str]) -> HTMLResponse | None:
        """Return the form again, and why it was not saved, where another window of the reviewer's is ahead of it."""
        record, form_answers = self.form_answers(stage, fields)
        with self.desk.ledger.read() as connection:
            why = Form.of(request, fields).overtaken(connection, stage, record.id, self.desk.reviewer)
            own_row = own_judgement(connection, stage, record.id, self.desk.reviewer)
        if not why:
            return None
        if own_row and self._says(stage, form_answers, own_row.judgement):
            # Sent again, since the answer to the first time was lost on its way.
            return self.next(request, stage, f"Saved already: {own_row.judgement.decision}")
        message = Refusal.of(f"Not saved: {why}. Your answers are still in this form; save again to enter them", record)
        return self.named(request, stage, record.id, message, form_answers)

    def _says(self, stage: Stage, form_answers: FormAnswers, judgement: Judgement) -> bool:
        """Return whether a form holds what a judgement says."""
        protocol = self.desk.review.stage(stage)
        if form_answers.follows(protocol) is None:
            return False
        same_note = form_answers.note.strip() == judgement.reason
        return same_note and form_answers.as_answers(protocol) == judgement.answers

    def crowded(self, request: Request, stage: Stage, fields: dict[str, str]) -> HTMLResponse | None:
        """Return the form again, and a warning, where others have judged or hold the record and nobody was told so yet."""
        if fields.get("beyond") == "1":
            return None
        record, form_answers = self.form_answers(stage, fields)
        with self.desk.ledger.read() as connection:
            why = crowded(connection, self.desk.review, stage, record.id, self.desk.reviewer)
        if not why:
            return None
        self._keep(stage, record, form_answers)
        message = Refusal.of(f"Not saved: {why[0].lower()}{why[1:]}. {ONE_MORE}", record)
        return self.named(request, stage, record.id, message, form_answers, warned=True)

    def changed(self, stage: Stage, fields: dict[str, str]) -> str | None:
        """Return the record of a form if its text changed since it was opened: nobody judges a text that they did not see.

        A later import may have filled in an abstract, or somebody has merged or split it. The answers are kept as a draft.
        """
        record, form_answers = self.form_answers(stage, fields)
        if fields.get("text", record.text_hash) == record.text_hash:
            return None
        self._keep(stage, record, form_answers)
        return record.id

    def _keep(self, stage: Stage, record: Record, form_answers: FormAnswers) -> None:
        """Keep what a form holds that was not entered."""
        body = form_answers.body()
        drafts.keep_draft(self.desk.ledger, stage, record.id, self.desk.reviewer, body)

    def enter(self, request: Request, stage: Stage, fields: dict[str, str]) -> tuple[str, str]:
        """Enter the judgement that a form holds; what to say of it, and the record, or nothing where it was not entered."""
        desk = self.desk
        protocol = desk.review.stage(stage)
        record, form_answers = self.form_answers(stage, fields)
        if form_answers.follows(protocol) is None:
            raise BadInput("No question answered yet.")
        answers = with_quotes(form_answers.as_answers(protocol), form_answers.quotes, record)
        judgement = Judgement(decision=decide(protocol, answers), answers=answers, reason=form_answers.note.strip())
        with desk.ledger.read() as connection:
            shown_before = drafts.shown_reviewers(connection, stage, record.id, desk.reviewer)
            own_row = own_judgement(connection, stage, record.id, desk.reviewer)
            blind_judgement = newest_blind(connection, stage, record.id, desk.reviewer) if shown_before else None
        began = self.opened.pop((stage.value, record.id, window(request)), None)
        context = queue.JudgementContext(
            blinded="open" if shown_before else "blind", seen=shown_before, before=blind_judgement,
            seconds=round(time.monotonic() - began, 1) if began is not None else None, beyond=fields.get("beyond") == "1",
        )  # fmt: skip
        try:
            queue.enter(desk.ledger, desk.review, stage, record.id, desk.reviewer, judgement, judgement_context=context)
        except Taken:
            self._keep(stage, record, form_answers)
            why = "Not saved: others have judged this record meanwhile. Your answers are kept as a draft"
            return Refusal.of(why, record), ""
        if shown_before and own_row:
            unchanged = own_row.judgement.answers == answers
            return f"{'Unchanged' if unchanged else 'Changed'}: {judgement.decision}", record.id
        return f"Saved: {judgement.decision}", record.id

    def machine_says(self, stage: Stage, record: Record) -> StoredJudgement | None:
        """Return what the protocol's machine says of the record's present text, where people are shown that after their own."""
        if self.desk.review.stage(stage).shows_machine != "after":
            return None
        with self.desk.ledger.read() as connection:
            row = machine_row(connection, self.desk.review, stage, record.id)
        return row if row is not None and row.text_hash == record.text_hash else None

    def show_machine(self, stage: Stage, name: str) -> bool:
        """Return whether the machine's answers are now to be shown, for the first time; from then on no judgement is blind."""
        desk, row = self.desk, self.machine_says(stage, self.desk.record(stage, name))
        if row is None:
            return False
        with desk.ledger.read() as connection:
            if row.reviewer in drafts.shown_reviewers(connection, stage, name, desk.reviewer):
                return False
        drafts.note_shown(desk.ledger, stage, name, desk.reviewer, [row.reviewer])
        return True

    def not_skipped(self, request: Request, stage: Stage, skipped: SkippedRecord, open_id: str | None) -> HTMLResponse:
        """Go back to a record that was skipped, and leave the one that came instead."""
        desk = self.desk
        self.skipped.forget(stage, window(request), skipped)
        queue.unskip(desk.ledger, stage, skipped.record_id, desk.reviewer)
        if open_id and open_id != skipped.record_id:
            release(desk.ledger, stage, open_id, desk.reviewer, holder=holder(request))
        return self.named(request, stage, skipped.record_id, message="Skip undone")

    def undo_tag(self, stage: Stage, last_at: str) -> tuple[str, str] | None:
        """Undo the reviewer's newest tagging if they did nothing else `last_at`: the record, and what to say of it."""
        desk = self.desk
        with desk.ledger.write() as connection:
            undone = undo_tag(connection, stage, desk.reviewer, last_at)
            if undone is None:
                return None
            name, word, on = undone
            name = current_id(connection, name)
        desk.tags_changed()
        return name, f"{'Tag restored' if on else 'Tag removed'}: {word}"

    def _page(
        self, request: Request, stage: Stage, record: Record, message: str, form_answers: FormAnswers | None = None,
        *, warned: bool = False, given: bool = False,
    ) -> HTMLResponse:  # fmt: skip
        """Return a record's card. One that was just `given` from the queue comes with a slot, and from a queue that is up to date."""
        desk, protocol = self.desk, self.desk.review.stage(stage)
        if not given:
            desk.renew_queue(stage)
        with desk.ledger.read() as connection:
            own_row = own_judgement(connection, stage, record.id, desk.reviewer)
            draft = drafts.draft(connection, stage, record.id, desk.reviewer)
            pace = desk.so_far(connection, stage)
            why_crowded = "" if given else crowded(connection, desk.review, stage, record.id, desk.reviewer)
            tags = tags_on(connection, desk, stage, record.id)
            shown_before = drafts.shown_reviewers(connection, stage, record.id, desk.reviewer)
            changes, gone = changes_for(connection, stage, record, own_row), marks_of(connection, record.id)
        without = judged_without(stage, record, own_row)
        saved_answers = FormAnswers.from_judgement(own_row.judgement) if own_row else FormAnswers({})
        current_answers = form_answers or (FormAnswers.of_draft(draft, protocol) if draft else saved_answers)
        if stage is not Stage.ABSTRACT:
            record = desk.record(stage, record.id)
        rule_answers = desk.rule_answers(stage, record)
        machine = self.machine_says(stage, record) if own_row else None
        if machine is not None and machine.reviewer not in shown_before:
            machine = None
        view = screen_view(
            protocol, record, current_answers, rule_answers, own_judgement=own_row.judgement if own_row else None, own_at=own_row.at if own_row else "",
            machine=machine.judgement if machine else None,
        )  # fmt: skip
        self.opened.setdefault((stage.value, record.id, window(request)), time.monotonic())
        verdict = self.verdict(stage, with_rules(protocol, current_answers, rule_answers))
        template, extra = "screen.html", {}
        if isinstance(record, Report):
            template, extra = "fulltext.html", {"reader": first_page(desk, record)}
        return desk.page(
            request, template, screen=stage.value, heading=stage.label, stage=stage.value, view=view, message=message,
            progress=pace, tags=tags, lacking=own_row is not None and lacks_reason(own_row.judgement, stage), oob=False, machine=machine,
            crowded=why_crowded, beyond=warned and bool(why_crowded), changes=changes, without=without, gone=gone,
            saved="draft saved" if draft and not form_answers else "", stood=str(own_row.id) if own_row else "0", **verdict, **extra,
        )  # fmt: skip
