"""Extraction: the form beside the page. Accept what a machine proposes, correct it, or say that it is not reported."""

import time
from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from ..disputes import Line, align
from ..errors import BadInput
from ..extraction import conclude
from ..judgement import ItemAnswer, ItemStatus, Stage
from ..ledger.reads import Row
from ..reports import Report
from . import drafts, queue
from .desk import Desk, holder
from .fields import Fields, Lists
from .form_slots import Slot, as_text, as_typed, counts_of, own_answer, slots
from .reader import view
from .sides import machine_row
from .skipping import Skipped
from .slots import Taken, lease, release
from .windows import OPENED, Form, standing

STAGE = Stage.EXTRACTION


def router(desk: Desk) -> APIRouter:
    """The routes of extraction."""
    routes, work = APIRouter(prefix="/extract"), Extracting(desk)

    @routes.get("")
    def shell(request: Request, record: str = "") -> HTMLResponse:
        return desk.page(
            request, "shell.html", here="extraction", heading="Extract", card="/extract/card", record=record
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
            sheet.answers[slot.path] = work.answer(report, sheet, slot, fields, lists)
            sheet.typed.pop(slot.path, None)
            work.keep(request, sheet, fields)
        except BadInput as error:
            trouble = str(error)
            if fields.get("action") == "correct":
                sheet.typed[slot.path] = as_typed(fields, lists)
        return desk.part("_item.html", one=sheet.shown(slot, trouble), record=report.id, count=sheet.open, oob=True)

    @routes.post("/typing")
    def typing(request: Request, fields: Fields, lists: Lists) -> HTMLResponse:
        sheet = work.sheet(work.report(fields.get("record", "")))
        sheet.typed[sheet.slot(fields.get("path", "")).path] = as_typed(fields, lists)
        if work.keep(request, sheet, fields) == OPENED:
            # What is being typed is no answer yet, and can stand beside what the other window says.
            drafts.keep_draft(desk.ledger, STAGE, sheet.report.id, desk.reviewer, sheet.body())
        return HTMLResponse("")

    @routes.post("/row")
    def row(request: Request, fields: Fields) -> HTMLResponse:
        report = work.report(fields.get("record", ""))
        if (overtaken := work.overtaken(request, report, fields, {})) is not None:
            return overtaken
        sheet = work.sheet(report)
        name = fields.get("list", "")
        if name not in sheet.lists:
            raise BadInput("the form has no such list")
        sheet.counts[name] = max(sheet.counts.get(name, 0), 1 if name in sheet.units else 0) + 1
        sheet.answers.pop(name, None)
        work.keep(request, sheet, fields)
        return work.show(
            request,
            report,
            f"Added: {name.rpartition('.')[2].replace('_', ' ')}",
            start=f"{name}[{sheet.counts[name] - 1}]",
        )

    @routes.post("/save")
    def save(request: Request, fields: Fields) -> HTMLResponse:
        report = work.report(fields.get("record", ""))
        if (overtaken := work.overtaken(request, report, fields, {})) is not None:
            return overtaken
        sheet = work.sheet(report)
        if fields.get("text", report.text_hash) != report.text_hash:
            return work.show(request, report, "Not saved: this report has changed since you opened it; look once more")
        if sheet.open and fields.get("anyway") != "1":
            return work.show(request, report, "", warn=True)
        said, entered = work.enter(request, report, sheet)
        if entered and work.show_machine(report):
            return work.named(request, report.id, "Saved; now what the machine says")
        return work.next(request, said)

    @routes.post("/skip")
    def skip(request: Request, fields: Fields) -> HTMLResponse:
        name = work.report(fields.get("record", "")).id
        queue.skip(desk.ledger, STAGE, name, desk.reviewer)
        work.skipped.add(STAGE, holder(request), name)
        return work.next(request, "Skipped: it comes again at the end")

    @routes.post("/undo")
    def undo(request: Request, fields: Fields) -> HTMLResponse:
        here = fields.get("record", "")
        with desk.ledger.read() as connection:
            last = drafts.last_judged(connection, STAGE, desk.reviewer)
        if (passed_over := work.skipped.last(STAGE, holder(request), since=last)) is not None:
            work.skipped.forget(STAGE, holder(request), passed_over)
            queue.unskip(desk.ledger, STAGE, passed_over.record_id, desk.reviewer)
            if here and here != passed_over.record_id:
                release(desk.ledger, STAGE, here, desk.reviewer, holder=holder(request))
            return work.named(request, passed_over.record_id, "Not skipped any more")
        taken = queue.undo(desk.ledger, STAGE, desk.reviewer, reason="undone in the app")
        if taken is None:
            return work.named(request, here, "Nothing to undo") if here else work.next(request, "Nothing to undo")
        if here and here != taken.record_id:
            release(desk.ledger, STAGE, here, desk.reviewer, holder=holder(request))
        desk.pace.step(STAGE, -1)
        items = {name: one.model_dump(mode="json") for name, one in taken.judgement.items.items()}
        keep = {"items": items, "lists": counts_of(items)}
        drafts.keep_draft(desk.ledger, STAGE, taken.record_id, desk.reviewer, keep)
        return work.named(request, taken.record_id, "Taken back")

    return routes


class Sheet:
    """The form of one report, as one person has filled it so far, with what the machine proposes."""

    def __init__(self, desk: Desk, report: Report, kept: dict[str, Any] | None, proposals: Sequence[Row]) -> None:
        """`kept` is the draft or the person's own earlier judgement; `proposals` are those of up to two machines."""
        assert desk.form is not None
        self.report = report
        self.proposed: dict[str, ItemAnswer] = dict(proposals[0].judgement.items) if proposals else {}
        self.other: dict[str, ItemAnswer | None] = {}
        if len(proposals) > 1:
            self._beside(align([row.judgement.items for row in proposals]))
        body = kept or {}
        self.answers = {name: ItemAnswer.model_validate(one) for name, one in body.get("items", {}).items()}
        self.typed: dict[str, dict[str, Any]] = dict(body.get("typed", {}))
        self.counts = counts_of(self.proposed)
        for name, count in {**counts_of(self.answers), **body.get("lists", {})}.items():
            self.counts[name] = max(self.counts.get(name, 0), int(count))
        self.slots = slots(desk.form, self.counts)
        self.units = {unit.path: unit.description for unit in desk.form.units}
        self.lists = {*self.units, *self.counts, *(slot.adds for slot in self.slots if slot.adds)}

    def _beside(self, lines: Sequence[Line]) -> None:
        """Where one machine cannot tell, the other proposes; where both can and differ, `other` has the second's answer."""
        self.proposed = {}
        for line in lines:
            one, two = (
                None if answer is None or answer.status is ItemStatus.UNCLEAR else answer for answer in line.answers
            )
            proposed = one or two or next(answer for answer in line.answers if answer is not None)
            self.proposed[line.path] = proposed
            if line.differs and ((one and two) or None in line.answers):
                self.other[line.path] = two if proposed is one else None

    def slot(self, path: str) -> Slot:
        """The place at a path; `BadInput` where the form has none."""
        found = next((one for one in self.slots if one.path == path), None)
        if found is None:
            raise BadInput(f"{path}: the form has no such item")
        return found

    @property
    def open(self) -> int:
        """How many places have no answer yet."""
        return sum(slot.path not in self.answers for slot in self.slots)

    def body(self) -> dict[str, Any]:
        """The draft."""
        items = {name: one.model_dump(mode="json") for name, one in self.answers.items()}
        return {"items": items, "lists": self.counts, "typed": self.typed}

    def shown(self, slot: Slot, trouble: str = "") -> dict[str, Any]:
        """A place as the page shows it."""
        answer, proposal = self.answers.get(slot.path), self.proposed.get(slot.path)
        said = answer if answer is not None and answer.evidence else proposal or answer or _NOTHING
        evidence = [one for one in said.evidence if one.start is not None]
        # What a machine cannot tell is no other opinion.
        told = proposal is not None and proposal.status is not ItemStatus.UNCLEAR
        differs = told and answer is not None and _said(answer) != _said(proposal)
        other = self.other.get(slot.path)
        beside = {
            "disputed": slot.path in self.other, "other": other, "other_text": as_text(other.value) if other else "",
            "other_evidence": [one for one in other.evidence if one.start is not None] if other else [],
        }  # fmt: skip
        return {**beside, "slot": slot, "differs": differs, "answer": answer, "proposal": proposal, "evidence": evidence, "trouble": trouble, "raw": self.typed.get(slot.path),
                "text": as_text(answer.value) if answer else "", "proposed": as_text(proposal.value) if proposal else "",
                "typed": (answer or proposal or _NOTHING)}  # fmt: skip


def _said(answer: ItemAnswer | None) -> tuple[str, str]:
    return (answer.status.value, as_text(answer.value)) if answer else ("", "")


_NOTHING = ItemAnswer(status=ItemStatus.UNCLEAR)


class Extracting:
    """What the routes have in common."""

    def __init__(self, desk: Desk) -> None:
        """For one reviewer."""
        self.desk = desk
        self.opened: dict[tuple[str, str], float] = {}
        self.skipped = Skipped()

    def report(self, name: str) -> Report:
        """The report with an id."""
        record = self.desk.record(STAGE, name)
        assert isinstance(record, Report)
        return record

    def proposals(self, report: Report, *, ahead: bool = False) -> list[Row]:
        """What the protocol's machines propose, if it lets this person see that now, or (`ahead`) soon."""
        desk, shows = self.desk, self.desk.review.stage(STAGE).shows_machine
        if shows == "never":
            return []
        with desk.ledger.read() as connection:
            both = (machine_row(connection, desk.review, STAGE, report.id, second=second) for second in (False, True))
            rows = [row for row in both if row is not None]
            if shows == "after" and not ahead:
                own = drafts.own_judgement(connection, STAGE, report.id, desk.reviewer)
                seen = drafts.shown(connection, STAGE, report.id, desk.reviewer)
                if own is None or not {row.reviewer for row in rows} <= set(seen):
                    return []
        return rows

    def show_machine(self, report: Report) -> bool:
        """Whether the machine's answers are now to be shown, for the first time: only after the person's own."""
        desk = self.desk
        if desk.review.stage(STAGE).shows_machine != "after" or self.proposals(report):
            return False
        rows = self.proposals(report, ahead=True)
        if rows:
            drafts.note_shown(desk.ledger, STAGE, report.id, desk.reviewer, [row.reviewer for row in rows])
        return bool(rows)

    def sheet(self, report: Report) -> Sheet:
        """The form of a report as this reviewer has filled it so far."""
        desk = self.desk
        with desk.ledger.read() as connection:
            kept = drafts.draft(connection, STAGE, report.id, desk.reviewer)
            own = None if kept else drafts.own_judgement(connection, STAGE, report.id, desk.reviewer)
        if own is not None:
            kept = {"items": {name: one.model_dump(mode="json") for name, one in own.judgement.items.items()}}
        return Sheet(desk, report, kept, self.proposals(report))

    def overtaken(
        self, request: Request, report: Report, fields: dict[str, str], lists: dict[str, list[str]]
    ) -> HTMLResponse | None:
        """The whole form as it stands now, and why nothing was kept, where another window of the reviewer's is ahead.

        What was typed into an item stands in its fields. From then on this window is the one that saves.
        """
        desk = self.desk
        with desk.ledger.read() as connection:
            why = Form.of(request, fields).overtaken(connection, STAGE, report.id, desk.reviewer)
        if not why:
            return None
        said = f"Not saved: {why}; this is the form as it stands now, and from here on it is saved in this window"
        answer = self.named(request, report.id, said)
        sheet, path = self.sheet(report), fields.get("path", "")
        if fields.get("action") == "correct" and any(slot.path == path for slot in sheet.slots):
            sheet.typed[path] = as_typed(fields, lists)
            self.keep(request, sheet, {})
            answer = self.named(request, report.id, said)
        answer.headers.update({"HX-Retarget": "#main", "HX-Reswap": "innerHTML"})
        return answer

    def keep(self, request: Request, sheet: Sheet, fields: dict[str, str]) -> str:
        """Keep what has been answered so far; why not, where another window is ahead of this form."""
        desk, form = self.desk, Form.of(request, fields)
        return form.keep(desk.ledger, desk.review, STAGE, sheet.report.id, desk.reviewer, sheet.body())

    def answer(
        self, report: Report, sheet: Sheet, slot: Slot, fields: dict[str, str], lists: dict[str, list[str]]
    ) -> ItemAnswer:
        """What the reviewer says of one place."""
        if fields.get("action") == "accept":
            proposal = sheet.proposed.get(slot.path)
            if proposal is None or proposal.status is ItemStatus.UNCLEAR:
                raise BadInput(
                    "Nothing is proposed that could be accepted; correct it, or say that it is not reported."
                )
            return proposal
        if fields.get("action") == "accept_other":
            other = sheet.other.get(slot.path)
            if other is None:
                raise BadInput("The other machine gives nothing for this item.")
            return other
        return own_answer(report, slot, fields, lists)

    def enter(self, request: Request, report: Report, sheet: Sheet) -> tuple[str, bool]:
        """Enter the judgement; what to say of it, and whether it was entered."""
        desk = self.desk
        unseen = ItemAnswer(status=ItemStatus.UNCLEAR, reason="left open")
        judgement = conclude({slot.path: sheet.answers.get(slot.path, unseen) for slot in sheet.slots})
        machines = [row.reviewer for row in self.proposals(report)]
        with desk.ledger.read() as connection:
            seen = drafts.shown(connection, STAGE, report.id, desk.reviewer)
            own = drafts.own_judgement(connection, STAGE, report.id, desk.reviewer)
            before = drafts.blind_judgement(connection, STAGE, report.id, desk.reviewer) if seen else None
        seen = tuple(dict.fromkeys([*seen, *machines]))
        began = self.opened.pop((report.id, holder(request)), None)
        around = queue.Circumstances(
            blinded="open" if seen else "blind", seen=seen, before=before,
            seconds=round(time.monotonic() - began, 1) if began is not None else None,
        )  # fmt: skip
        try:
            queue.enter(desk.ledger, desk.review, STAGE, report.id, desk.reviewer, judgement, circumstances=around)
        except Taken:
            return "Not saved: others have filled that report's places already", False
        desk.pace.step(STAGE, 0 if own else 1)
        return f"Saved: {len(judgement.items)} items", True

    def next(self, request: Request, said: str = "") -> HTMLResponse:
        """The next report of the reviewer's queue."""
        desk = self.desk
        record = desk.next_record(request, STAGE)
        if record is None:
            return desk.page(request, "done.html", here="extraction", heading="Extract", stage="", said=said)
        return self.show(request, self.report(record.id), said)

    def named(self, request: Request, name: str, said: str = "") -> HTMLResponse:
        """A report of the reviewer's choice."""
        report = self.report(name)
        try:
            lease(
                self.desk.ledger,
                self.desk.review,
                STAGE,
                report.id,
                self.desk.reviewer,
                holder=holder(request),
                over=True,
            )
        except Taken:
            why = "Others are at that report; here is the next one"
            return self.next(request, f"{said}. {why}" if said else why)
        return self.show(request, report, said)

    def show(self, request: Request, report: Report, said: str, *, warn: bool = False, start: str = "") -> HTMLResponse:
        """The form beside the first page of the report."""
        desk, sheet = self.desk, self.sheet(report)
        self.opened.setdefault((report.id, holder(request)), time.monotonic())
        with desk.ledger.read() as connection:
            so_far = desk.pace.text(connection, STAGE)
            stood = standing(connection, STAGE, report.id, desk.reviewer)
        items = [sheet.shown(slot) for slot in sheet.slots]
        first = next((one["slot"].path for one in items if start and one["slot"].path.startswith(start)), "")
        beside = desk.review.stage(STAGE).shows_machine == "after" and bool(sheet.proposed)
        apart = [one["slot"].path for one in items if beside and one["differs"]]
        return desk.page(
            request, "extract.html", here="extraction", heading="Extract", said=said, record=report, items=items,
            count=sheet.open, total=len(items), warn=warn, units=sheet.units, start=first or next(iter(apart), ""),
            reader=view(desk, report), beside=beside, apart=len(apart),
            progress=so_far, stood=stood,
            proposed=bool(sheet.proposed), disputed=len(sheet.other),
        )  # fmt: skip
