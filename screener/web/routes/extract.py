"""Extraction: the form beside the page. Accept what a machine proposes, correct it, or say that it is not reported."""

import time
from contextlib import suppress

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from ...adjudication import Seat, Taken, crowded, drafts, lease, machine_row, queue, release
from ...core.errors import BadInput
from ...core.judgement import ItemAnswer, ItemStatus, Stage
from ...documents import Report
from ...forms import conclude
from ...ledger import StoredJudgement, newest_blind, own_judgement
from ..concurrent_edits import OPENED, Form, opened_on
from ..desk import Desk, Refusal, holder, window, with_origin
from ..fields import Fields, Lists
from ..form_slots import Slot, as_typed, counts_of, own_answer, row_name
from ..reader import view
from ..sheet import Sheet
from ..skipped_records import Skipped

STAGE = Stage.EXTRACTION


def router(desk: Desk) -> APIRouter:
    """Return the routes of extraction."""
    routes, work = APIRouter(prefix="/extract"), Extracting(desk)

    @routes.get("")
    def shell(request: Request, record: str = "") -> HTMLResponse:
        return desk.page(
            request, "shell.html", screen="extraction", heading=STAGE.label, card="/extract/card", record=record
        )

    @routes.get("/card")
    def card(request: Request, record: str = "") -> HTMLResponse:
        return work.named(request, record) if record else work.next(request)

    @routes.post("/item")
    def item(request: Request, fields: Fields, lists: Lists) -> HTMLResponse:
        report = work.report(fields.get("record", ""))
        if (overtaken := work.overtaken(request, report, fields, lists)) is not None:
            return overtaken
        sheet = work.sheet(report)
        slot = sheet.slot(fields.get("path", ""))
        trouble = ""
        try:
            work.set_answer(sheet, slot, fields, lists)
            work.keep_draft(request, sheet, fields)
        except BadInput as error:
            trouble = str(error)
            if fields.get("action") == "correct":
                sheet.typed[slot.path] = as_typed(fields, lists)
        return work.item(sheet, slot, trouble)

    @routes.post("/typing")
    def typing(request: Request, fields: Fields, lists: Lists) -> Response:
        sheet = work.sheet(work.report(fields.get("record", "")))
        sheet.typed[sheet.slot(fields.get("path", "")).path] = as_typed(fields, lists)
        if work.keep_draft(request, sheet, fields) == OPENED:
            # What is being typed is no answer yet, and can stand beside what the other window says.
            drafts.keep_draft(desk.ledger, STAGE, sheet.report.id, desk.reviewer, sheet.body())
        # Without content: the page would take an empty answer for a new item, and go on to the next one.
        return Response(status_code=204)

    @routes.post("/row")
    def row(request: Request, fields: Fields) -> HTMLResponse:
        report = work.report(fields.get("record", ""))
        if (overtaken := work.overtaken(request, report, fields, {})) is not None:
            return overtaken
        sheet = work.sheet(report)
        name = fields.get("list", "")
        if fields.get("action") == "remove":
            message, start = f"Removed: {sheet.remove(name)}", name
        else:
            start = sheet.add(name)
            message = f"Added: {row_name(start)}"
        work.keep_draft(request, sheet, fields)
        return work.page(request, report, message, start=start)

    _add_ends(routes, desk, work)
    return routes


def _add_ends(routes: APIRouter, desk: Desk, work: "Extracting") -> None:
    """Add the routes that end the work on a report: save it, pass it over, take back what was done last."""

    @routes.post("/save")
    def save(request: Request, fields: Fields) -> HTMLResponse:
        report = work.report(fields.get("record", ""))
        if (overtaken := work.overtaken(request, report, fields, {})) is not None:
            return overtaken
        sheet = work.sheet(report)
        if fields.get("text", report.text_hash) != report.text_hash:
            return work.page(
                request,
                report,
                Refusal.of("Not saved: this report has changed since you opened it; please check again", report),
            )
        if sheet.open and fields.get("anyway") != "1":
            return work.page(request, report, "", warn=True, beyond=fields.get("beyond") == "1")
        if (refused := work.crowded(request, report, fields)) is not None:
            return refused
        message, entered = work.enter(request, report, sheet, beyond=fields.get("beyond") == "1")
        if entered and work.show_machine(report):
            return work.named(request, report.id, "Saved")
        return work.next(request, message)

    @routes.post("/skip")
    def skip(request: Request, fields: Fields) -> HTMLResponse:
        name = work.report(fields.get("record", "")).id
        queue.skip(desk.ledger, STAGE, name, desk.reviewer)
        work.skipped.add(STAGE, window(request), name)
        return work.next(request, "Skipped; it comes back at the end")

    @routes.post("/undo")
    def undo(request: Request, fields: Fields) -> HTMLResponse:
        open_id = fields.get("record", "")
        with desk.ledger.read() as connection:
            last = drafts.last_judged(connection, STAGE, desk.reviewer)
        skipped = work.skipped.last(STAGE, window(request), since=last)
        last_at = skipped.at if skipped else last
        if open_id and (step_back := work.step_back(request, work.report(open_id), fields, last_at)) is not None:
            return step_back
        if skipped is not None:
            work.skipped.forget(STAGE, window(request), skipped)
            queue.unskip(desk.ledger, STAGE, skipped.record_id, desk.reviewer)
            if open_id and open_id != skipped.record_id:
                release(desk.ledger, STAGE, open_id, desk.reviewer, holder=holder(request))
            return work.named(request, skipped.record_id, "Skip undone")
        undone = queue.undo(desk.ledger, desk.review, STAGE, desk.reviewer, reason="undone in the app")
        if undone is None:
            return work.named(request, open_id, "Nothing to undo") if open_id else work.next(request, "Nothing to undo")
        if open_id and open_id != undone.record_id:
            release(desk.ledger, STAGE, open_id, desk.reviewer, holder=holder(request))
        items = {name: answer.model_dump(mode="json") for name, answer in undone.judgement.items.items()}
        body = {"items": items, "lists": counts_of(items)}
        drafts.keep_draft(desk.ledger, STAGE, undone.record_id, desk.reviewer, body)
        return work.named(request, undone.record_id, "Undone")


class Extracting:
    """What the routes have in common."""

    def __init__(self, desk: Desk) -> None:
        """For one reviewer."""
        self.desk = desk
        self.opened: dict[tuple[str, str], float] = {}
        self.skipped = Skipped()

    def report(self, name: str) -> Report:
        """Return the report with an id."""
        record = self.desk.record(STAGE, name)
        assert isinstance(record, Report)
        return record

    def proposals(self, report: Report, *, ahead: bool = False) -> list[StoredJudgement]:
        """Return what the protocol's machines propose, if it lets this person see that now, or (`ahead`) soon."""
        desk, shows = self.desk, self.desk.review.stage(STAGE).shows_machine
        if shows == "never":
            return []
        with desk.ledger.read() as connection:
            machine_rows = (
                machine_row(connection, desk.review, STAGE, report.id, second=second) for second in (False, True)
            )
            rows = [row for row in machine_rows if row is not None]
            if shows == "after" and not ahead:
                own_row = own_judgement(connection, STAGE, report.id, desk.reviewer)
                shown_before = drafts.shown_reviewers(connection, STAGE, report.id, desk.reviewer)
                if own_row is None or not {row.reviewer for row in rows} <= set(shown_before):
                    return []
        return rows

    def show_machine(self, report: Report) -> bool:
        """Return whether the machine's answers are now to be shown, for the first time: only after the person's own."""
        desk = self.desk
        if desk.review.stage(STAGE).shows_machine != "after" or self.proposals(report):
            return False
        rows = self.proposals(report, ahead=True)
        if rows:
            drafts.note_shown(desk.ledger, STAGE, report.id, desk.reviewer, [row.reviewer for row in rows])
        return bool(rows)

    def sheet(self, report: Report) -> Sheet:
        """Return the form of a report as this reviewer has filled it so far."""
        desk = self.desk
        with desk.ledger.read() as connection:
            stored = drafts.draft(connection, STAGE, report.id, desk.reviewer)
            own_row = None if stored else own_judgement(connection, STAGE, report.id, desk.reviewer)
        if own_row is not None:
            stored = {
                "items": {name: answer.model_dump(mode="json") for name, answer in own_row.judgement.items.items()}
            }
        return Sheet(desk, report, stored, self.proposals(report))

    def overtaken(
        self, request: Request, report: Report, fields: dict[str, str], lists: dict[str, list[str]]
    ) -> HTMLResponse | None:
        """Return the whole form as it stands now, and why nothing was kept, where another window of the reviewer's is ahead.

        What was typed into an item stands in its fields. From then on this window is the one that saves.
        """
        desk = self.desk
        with desk.ledger.read() as connection:
            why = Form.of(request, fields).overtaken(connection, STAGE, report.id, desk.reviewer)
        if not why:
            return None
        message = Refusal.of(f"Not saved: {why}. This is the current form; you can go on in this window", report)
        answer = self.named(request, report.id, message)
        sheet, path = self.sheet(report), fields.get("path", "")
        if fields.get("action") == "correct" and any(slot.path == path for slot in sheet.slots):
            sheet.typed[path] = as_typed(fields, lists)
            self.keep_draft(request, sheet, {})
            answer = self.named(request, report.id, message)
        answer.headers.update({"HX-Retarget": "#main", "HX-Reswap": "innerHTML"})
        return answer

    def step_back(self, request: Request, report: Report, fields: dict[str, str], last_at: str) -> HTMLResponse | None:
        """Take back what was done last in the form that is open, if that was after `last_at`."""
        sheet = self.sheet(report)
        if sheet.last_step <= last_at:
            return None
        if (overtaken := self.overtaken(request, report, fields, {})) is not None:
            return overtaken
        message, start = sheet.step_back()
        self.keep_draft(request, sheet, fields)
        return self.page(request, report, message, start=start)

    def keep_draft(self, request: Request, sheet: Sheet, fields: dict[str, str]) -> str:
        """Keep what has been answered so far; why not, where another window is ahead of this form."""
        desk, form = self.desk, Form.of(request, fields, self.desk.left_pages)
        return form.keep_draft(desk.ledger, desk.review, STAGE, sheet.report.id, desk.reviewer, sheet.body())

    def item(self, sheet: Sheet, slot: Slot, trouble: str) -> HTMLResponse:
        """Return one place of the form anew, with what is derived elsewhere in it."""
        shown = sheet.derived_view(slot, trouble) if slot.derived else sheet.item_view(slot, trouble)
        others = [sheet.derived_view(other) for other in sheet.slots if other.derived and other != slot]
        return self.desk.part(
            "_derived.html" if slot.derived else "_item.html", item=shown, record=sheet.report.id, count=sheet.open,
            oob=True, derived=others,
        )  # fmt: skip

    def set_answer(self, sheet: Sheet, slot: Slot, fields: dict[str, str], lists: dict[str, list[str]]) -> None:
        """Keep what the reviewer says of one place; `BadInput` for what cannot stand."""
        if slot.derived and fields.get("action") == "follow":
            sheet.follow(slot.path)
        else:
            sheet.set_answer(slot.path, self.answer(sheet, slot, fields, lists))

    def answer(self, sheet: Sheet, slot: Slot, fields: dict[str, str], lists: dict[str, list[str]]) -> ItemAnswer:
        """Return what the reviewer says of one place."""
        if fields.get("action") == "accept":
            proposal = sheet.proposed.get(slot.path)
            if proposal is None or proposal.status is ItemStatus.UNCLEAR:
                raise BadInput("No suggestion to accept; fill in a value, or mark it not reported.")
            return proposal
        if fields.get("action") == "accept_other":
            other_answer = sheet.other.get(slot.path)
            if other_answer is None:
                raise BadInput("The other machine has no answer for this item.")
            return other_answer
        return own_answer(sheet.report, slot, fields, lists)

    def crowded(self, request: Request, report: Report, fields: dict[str, str]) -> HTMLResponse | None:
        """Return the form again, and a warning, where others have extracted or hold the report and nobody was told so yet."""
        if fields.get("beyond") == "1":
            return None
        with self.desk.ledger.read() as connection:
            why = crowded(connection, self.desk.review, STAGE, report.id, self.desk.reviewer)
        if not why:
            return None
        message = f"Not saved: {why[0].lower()}{why[1:]}. Your answers are kept. Save again to add yours beside theirs, or skip"
        return self.page(request, report, Refusal.of(message, report), warn=fields.get("anyway") == "1", beyond=True)

    def enter(self, request: Request, report: Report, sheet: Sheet, *, beyond: bool) -> tuple[str, bool]:
        """Enter the judgement; what to say of it, and whether it was entered."""
        desk = self.desk
        unseen = ItemAnswer(status=ItemStatus.UNCLEAR, reason="left open")
        answers = {s.path: sheet.answers.get(s.path, unseen) for s in sheet.slots if not s.derived} | sheet.answers
        judgement = conclude(answers, form=desk.form)
        machines = [row.reviewer for row in self.proposals(report)]
        with desk.ledger.read() as connection:
            shown_before = drafts.shown_reviewers(connection, STAGE, report.id, desk.reviewer)
            blind_judgement = newest_blind(connection, STAGE, report.id, desk.reviewer) if shown_before else None
        shown_before = tuple(dict.fromkeys([*shown_before, *machines]))
        began = self.opened.pop((report.id, window(request)), None)
        context = queue.JudgementContext(
            blinded="open" if shown_before else "blind", seen=shown_before, before=blind_judgement,
            seconds=round(time.monotonic() - began, 1) if began is not None else None, beyond=beyond,
        )  # fmt: skip
        try:
            queue.enter(desk.ledger, desk.review, STAGE, report.id, desk.reviewer, judgement, judgement_context=context)
        except Taken:
            why = "Not saved: others have extracted this report meanwhile. Your answers are kept"
            return Refusal.of(why, report), False
        return f"Saved: {len(judgement.items)} items", True

    def next(self, request: Request, message: str = "") -> HTMLResponse:
        """Return the next report of the reviewer's queue."""
        desk = self.desk
        record, origin = desk.next_record(request, STAGE)
        if record is None:
            return desk.done(request, STAGE, message, undo="/extract/undo")
        return self.page(request, self.report(record.id), with_origin(message, origin))

    def named(self, request: Request, name: str, message: str = "") -> HTMLResponse:
        """Return a report of the reviewer's choice."""
        desk, report = self.desk, self.report(name)
        with suppress(Taken):  # the page says so, and asks before a form is entered beside those of others
            lease(desk.ledger, desk.review, STAGE, report.id, Seat(desk.reviewer, holder(request)), over=True)
        return self.page(request, report, message)

    def page(
        self,
        request: Request,
        report: Report,
        message: str,
        *,
        warn: bool = False,
        start: str = "",
        beyond: bool = False,
    ) -> HTMLResponse:
        """Return the form beside the first page of the report.

        `warn` says that saving it again saves it with open items, `beyond` that it enters a form beside those of others.
        """
        desk, sheet = self.desk, self.sheet(report)
        self.opened.setdefault((report.id, window(request)), time.monotonic())
        desk.renew_queue(STAGE)
        with desk.ledger.read() as connection:
            pace = desk.so_far(connection, STAGE)
            why_crowded = crowded(connection, desk.review, STAGE, report.id, desk.reviewer)
            stood = opened_on(connection, STAGE, report.id, desk.reviewer)
        items = [sheet.derived_view(slot) if slot.derived else sheet.item_view(slot) for slot in sheet.slots]
        first = next((item["slot"].path for item in items if start and item["slot"].path.startswith(start)), "")
        compares = desk.review.stage(STAGE).shows_machine == "after" and bool(sheet.proposed)
        differing = [item["slot"].path for item in items if compares and item.get("differs")]
        return desk.page(
            request, "extract.html", screen="extraction", heading=STAGE.label, message=message, record=report, items=items,
            count=sheet.open, total=sum(not slot.derived for slot in sheet.slots), warn=warn, units=sheet.units, start=first or next(iter(differing), ""),
            reader=view(desk, report), compares=compares, apart=len(differing),
            progress=pace, stood=stood, crowded=why_crowded, beyond=beyond and bool(why_crowded),
            proposed=bool(sheet.proposed), removable=sheet.removables(), disputed=len(sheet.other),
        )  # fmt: skip
