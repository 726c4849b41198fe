"""Conflicts of extraction, item by item: what each side gives with its quotes, the page beside it, and an adjudication."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from ...adjudication import (
    Conflict,
    Taken,
    beside_people,
    conflict,
    consensus_of,
    drafts,
    in_an_order_that_tells_nothing,
    queue,
)
from ...core.errors import BadInput
from ...core.judgement import Evidence, ItemAnswer, ItemStatus, Judgement, Stage
from ...documents import Report
from ...forms import AlignedItem, align, bare, conclude, derive, overridden, resolve
from ...ledger import StoredJudgement, newest_id, now
from ..desk import Desk, Refusal
from ..fields import Fields, Lists
from ..form_slots import Slot, as_text, as_typed, counts_of, own_answer, slots
from ..reader import view

STAGE = Stage.EXTRACTION
RESOLVED = "Not saved: the conflict is already resolved"
_STEPS = 200
"""So many steps can be taken back."""


@dataclass(frozen=True)
class SideAnswer:
    """What one side gives for an item, as a column shows it. `name` is a letter where names are hidden."""

    name: str
    machine: bool
    answer: ItemAnswer | None
    text: str
    evidence: Sequence[Evidence]
    chosen: bool


class Dispute:
    """One study that people extracted differently, and how far this person is with their adjudication."""

    def __init__(
        self, desk: Desk, differing: Conflict, report: Report, machine: StoredJudgement | None, draft: Mapping[str, Any]
    ) -> None:
        """`draft` is the draft of the adjudication."""
        assert desk.form is not None
        self.report, self.record_id = report, differing.record.id
        self.people = in_an_order_that_tells_nothing(differing.record.id, differing.rows)
        self.sides = [*self.people, *([machine] if machine else [])]
        self.form = desk.form
        # What is derived follows from the answers that are chosen; only a person's override is a side of its own.
        self.lines: dict[str, AlignedItem] = {
            line.path: line
            for line in align([row.judgement.items for row in self.people])
            if bare(line.path) not in self.form.derived or any(map(overridden, line.answers))
        }
        with_machine = align([row.judgement.items for row in self.sides]) if machine else ()
        self.proposed = {line.path: line.answers[-1] for line in with_machine}
        self.slots = {line.path: line for line in slots(desk.form, counts_of(self.lines))}
        # Items that the form had once and has no longer need no adjudication.
        self.open_lines = [self.lines[path] for path in self.slots if path in self.lines and self.lines[path].differs]
        self.agreed = [self.lines[path] for path in self.slots if path in self.lines and not self.lines[path].differs]
        self.note = str(draft.get("note", ""))
        self.typed: dict[str, dict[str, Any]] = dict(draft.get("typed", {}))
        self.steps: list[dict[str, Any]] = list(draft.get("steps", []))
        # A choice is the number of a judgement: a merged study may have two of one person's, and one that was made anew
        # has another number, so that nobody takes what they did not see.
        self.choices: dict[str, int | ItemAnswer] = {}
        for path, line in dict(draft.get("choices", {})).items():
            self._restore_choice(path, line)

    @property
    def open(self) -> int:
        """Return how many items still need a choice."""
        return sum(self._choice(line) is None for line in self.open_lines)

    def line(self, path: str) -> AlignedItem:
        """Return the disputed item at a path; `BadInput` where there is none."""
        match = next((candidate for candidate in self.open_lines if candidate.path == path), None)
        if match is None:
            raise BadInput(f"{path}: no conflict on this item")
        return match

    def take(self, line: AlignedItem, side: str) -> None:
        """Choose what the side of that number gives."""
        if not side.isdecimal() or int(side) >= len(self.sides):
            raise BadInput("no such side")
        row = self.sides[int(side)]
        proposed = self.proposed.get(line.path)
        if row.role == "machine" and (proposed is None or proposed.status is ItemStatus.UNCLEAR):
            raise BadInput("the machine has no answer for this item")
        self.choose(line, row.id)

    def choose(self, line: AlignedItem, choice: int | ItemAnswer) -> None:
        """Choose a judgement by its number, or an answer of one's own."""
        self.steps.append({"at": now(), "path": line.path, "before": _as_stored(self.choices.get(line.path))})
        self.choices[line.path] = choice

    @property
    def last_step(self) -> str:
        """Return when something was chosen last; empty where nothing was."""
        return str(self.steps[-1]["at"]) if self.steps else ""

    def step_back(self) -> str:
        """Take back what was chosen last; the path of that item."""
        step = self.steps.pop()
        self.choices.pop(step["path"], None)
        self._restore_choice(step["path"], step["before"])
        return str(step["path"])

    def _restore_choice(self, path: str, choice: Any) -> None:
        if path in self.lines and isinstance(choice, dict):
            self.choices[path] = ItemAnswer.model_validate(choice)
        elif path in self.lines and choice in {row.id for row in self.sides}:
            self.choices[path] = choice

    def _choice(self, line: AlignedItem) -> int | ItemAnswer | None:
        choice = self.choices.get(line.path)
        if choice is None or isinstance(choice, ItemAnswer):
            return choice
        place = next((number for number, row in enumerate(self.people) if row.id == choice), None)
        return self.proposed.get(line.path) if place is None else place

    def adjudication(self) -> Judgement:
        """Return the extraction that follows from the choices; `BadInput` where one is missing."""
        choices = {line.path: self._choice(line) for line in self.open_lines}
        missing = sum(choice is None for choice in choices.values())
        if missing:
            raise BadInput(f"{missing} {'item' if missing == 1 else 'items'} unresolved.")
        lines = [*self.open_lines, *self.agreed]
        items = resolve(lines, {path: choice for path, choice in choices.items() if choice is not None})
        return conclude(items, form=self.form).model_copy(update={"reason": self.note.strip()})

    def derived(self) -> list[tuple[Slot, str]]:
        """Return what rules of the form give for what is chosen so far: its place, and its value or status."""
        chosen = {line.path: self._choice(line) for line in self.open_lines}
        unknown = ItemAnswer(status=ItemStatus.UNCLEAR)
        choices = {path: unknown if choice is None else choice for path, choice in chosen.items()}
        items = derive(self.form, resolve([*self.open_lines, *self.agreed], choices))
        lines = {line.path for line in self.open_lines}
        places = [
            slot for slot in self.slots.values() if slot.derived and slot.path in items and slot.path not in lines
        ]
        return [(slot, _shown(items[slot.path], slot)) for slot in places]

    def reopen(self, adjudication: Judgement) -> None:
        """Choose what an adjudication had: the answer of a person where it is just that, else an answer of one's own."""
        self.note, self.choices = adjudication.reason, {}
        for line in self.open_lines:
            answer = adjudication.items.get(line.path)
            matching = [
                row.id for row, side_answer in zip(self.people, line.answers, strict=True) if side_answer == answer
            ]
            chosen = matching[0] if matching else answer
            if chosen is not None:
                self.choices[line.path] = chosen
        if self.open or self.adjudication().items != adjudication.items:
            # A row that was left out has moved those behind it: which choice was which cannot be told there.
            self.choices = {path: side_answer for path, side_answer in self.choices.items() if "[" not in path}

    def body(self) -> dict[str, Any]:
        """Return the draft."""
        choices = {path: _as_stored(choice) for path, choice in self.choices.items()}
        return {"choices": choices, "note": self.note, "typed": self.typed, "steps": self.steps[-_STEPS:]}

    def item_view(self, line: AlignedItem, *, named: bool, trouble: str = "") -> dict[str, Any]:
        """Return an item as the page shows it."""
        choice, sides, item = self.choices.get(line.path), [], self.slots[line.path].item
        for place, row in enumerate(self.sides):
            answer = self.proposed.get(line.path) if row.role == "machine" else line.answers[place]
            if row.role == "machine" and (answer is None or answer.status is ItemStatus.UNCLEAR):
                continue  # it has nothing to say that anybody could take
            sides.append(
                SideAnswer(
                    row.reviewer if named else chr(ord("A") + place),
                    named and row.role == "machine",
                    answer,
                    as_text(answer.value, item) if answer else "",
                    [side for side in answer.evidence if side.start is not None][:2] if answer else [],
                    choice == row.id,
                )
            )
        free_answer = choice if isinstance(choice, ItemAnswer) else None
        typed = free_answer or next((side.answer for side in sides if side.answer), None)
        return {"slot": self.slots[line.path], "sides": sides, "own": free_answer, "own_text": as_text(free_answer.value, item) if free_answer else "",
                "done": self._choice(line) is not None, "typed": typed, "trouble": trouble, "raw": self.typed.get(line.path)}  # fmt: skip

    def settled(self, line: AlignedItem) -> tuple[Slot, str]:
        """Return an item that nobody differs on: its place in the form, and what all say."""
        answer = next(given for given in line.answers if given is not None)
        return self.slots[line.path], _shown(answer, self.slots[line.path])


def _shown(answer: ItemAnswer, slot: Slot) -> str:
    return as_text(answer.value, slot.item) or answer.status.value.replace("_", " ")


def _as_stored(choice: int | ItemAnswer | None) -> Any:
    return choice.model_dump(mode="json") if isinstance(choice, ItemAnswer) else choice


class Disputes:
    """Pages and routes of the conflicts of extraction, for one reviewer.

    `sorted_out` gives those that are theirs to resolve, and their own that wait for a third person.
    """

    def __init__(
        self, desk: Desk, sorted_out: Callable[[], tuple[list[str], list[str]]], may_resolve: Callable[[], bool]
    ) -> None:
        """For one reviewer."""
        self.desk, self.sorted_out, self.may_resolve = desk, sorted_out, may_resolve

    def visible(self) -> Sequence[str]:
        """Return all those that they may see."""
        theirs, waiting = self.sorted_out()
        return [*theirs, *waiting]

    def routes(self) -> APIRouter:
        """Return what belongs to items alone; the rest is shared with the other stages."""
        routes = APIRouter(prefix="/items")

        @routes.post("/choose")
        def choose(fields: Fields, lists: Lists) -> HTMLResponse:
            dispute = self.named(fields)
            line = dispute.line(fields.get("path", ""))
            trouble = ""
            try:
                if fields.get("action") == "take":
                    dispute.take(line, fields.get("side", ""))
                else:
                    slot = dispute.slots[line.path]
                    dispute.choose(line, own_answer(dispute.report, slot, fields, lists))
                dispute.typed.pop(line.path, None)
                self._keep_draft(dispute)
            except BadInput as error:
                trouble = str(error)
                if fields.get("action") == "correct":
                    dispute.typed[line.path] = as_typed(fields, lists)
            item = dispute.item_view(line, named=fields.get("names") == "shown", trouble=trouble)
            return self.desk.part(
                "_dispute.html", item=item, record=dispute.record_id, names=fields.get("names", ""),
                may=True, count=dispute.open, oob=True, derived=dispute.derived(),
            )  # fmt: skip

        @routes.post("/typing")
        def typing(fields: Fields, lists: Lists) -> HTMLResponse:
            dispute = self.named(fields)
            dispute.typed[dispute.line(fields.get("path", "")).path] = as_typed(fields, lists)
            self._keep_draft(dispute)
            return HTMLResponse("")

        @routes.post("/note")
        def note(fields: Fields) -> HTMLResponse:
            if fields.get("record", "") not in self.visible():
                return HTMLResponse("")  # it was resolved while what was typed last was on its way
            dispute = self.named(fields)
            dispute.note = fields.get("note", "")
            self._keep_draft(dispute)
            return HTMLResponse("draft saved")

        @routes.post("/resolve")
        def resolve(request: Request, fields: Fields) -> HTMLResponse:
            return self._resolve(request, fields)

        return routes

    def named(self, fields: Mapping[str, str]) -> Dispute:
        """Return the dispute that a form is about; `BadInput` where it is none, or this person may not rule on it."""
        name = fields.get("record", "")
        if name not in self.visible():
            raise BadInput("The conflict is already resolved; reload the page.")
        if not self.may_resolve():
            raise BadInput("The protocol names the adjudicators of this stage; you are not one of them.")
        return self._dispute(name)

    def _dispute(self, name: str) -> Dispute:
        desk, differing = self.desk, conflict(self.desk.ledger, STAGE, name)
        with desk.ledger.read() as connection:
            machine = beside_people(connection, desk.review, STAGE, name)
            draft = drafts.draft(connection, STAGE, name, desk.reviewer, adjudication=True)
        report = desk.record(STAGE, name)
        assert isinstance(report, Report)
        return Dispute(desk, differing, report, machine, draft or {})

    def _keep_draft(self, dispute: Dispute) -> None:
        drafts.keep_adjudication(self.desk.ledger, STAGE, dispute.record_id, self.desk.reviewer, dispute.body())

    def reopen(self, name: str, earlier: Judgement) -> None:
        """Keep what an adjudication that was taken back held as the draft of the next."""
        dispute = self._dispute(name)
        dispute.reopen(earlier)
        self._keep_draft(dispute)

    def step_back(self, name: str, last_at: str) -> str | None:
        """Take back what was chosen last in a conflict, if that was after `last_at`; what to say of it."""
        if not name or name not in self.visible() or not self.may_resolve():
            return None
        dispute = self._dispute(name)
        if dispute.last_step <= last_at:
            return None
        path = dispute.step_back()
        self._keep_draft(dispute)
        return f"Undone: your choice for {dispute.slots[path].name}"

    def _resolve(self, request: Request, fields: Mapping[str, str]) -> HTMLResponse:
        named, record_id, own = fields.get("names") == "shown", fields.get("record", ""), fields.get("own") == "1"
        with self.desk.ledger.read() as connection:
            since = newest_id(connection, "judgements")
        if record_id not in self.visible():
            return self.page(request, "", named=named, message=Refusal(RESOLVED))
        dispute = self.named(fields)
        dispute.note = fields.get("note", dispute.note)
        self._keep_draft(dispute)
        try:
            self._enter(dispute, since, agreed=fields.get("consensus") == "1")
        except Taken:
            return self.page(request, "", named=named, message=Refusal(RESOLVED))
        except BadInput as error:
            return self.page(request, record_id, named=named, warn=str(error))
        return self.page(request, "", named=named, own=own, message=f"Resolved: {len(dispute.open_lines)} items")

    def _enter(self, dispute: Dispute, since: int, *, agreed: bool) -> None:
        desk, judgement = self.desk, dispute.adjudication()
        if not judgement.reason:
            raise BadInput("Give the reason for your adjudication.")
        people = [row.reviewer for row in dispute.people]
        consensus = consensus_of(people, desk.reviewer, desk.who_resolves(STAGE), agreed=agreed)
        seen = tuple(dict.fromkeys(row.reviewer for row in dispute.sides))
        context = queue.JudgementContext(blinded="open", seen=seen, consensus=consensus, since=since)
        queue.adjudicate(
            desk.ledger, desk.review, STAGE, dispute.record_id, desk.reviewer, judgement, judgement_context=context
        )

    def page(
        self, request: Request, record: str, *, named: bool, own: bool = False, message: str = "", warn: str = ""
    ) -> HTMLResponse:
        """Return the page of a conflict: the named one, else the first; with `own` of those that wait for a third person."""
        desk = self.desk
        theirs, waiting = self.sorted_out()
        own = record in waiting or (own and record not in theirs)
        names = waiting if own else theirs
        common: dict[str, Any] = {"message": message, "stage": STAGE.value, "names": "shown" if named else "",
                                  "stages": [listed.value for listed in desk.review.protocol.stages],
                                  "own": "1" if own else "", "waiting": len(waiting), "theirs": len(theirs)}  # fmt: skip
        if not names:
            may_undo = desk.has_judged(STAGE, "adjudicator")
            return desk.page(
                request, "no_conflicts.html", screen="conflicts", heading="Conflicts", may_undo=may_undo, **common
            )
        place = names.index(record) if record in names else 0
        dispute = self._dispute(names[place])
        # To see what others say ends one's own blindness: a later judgement of one's own says so.
        drafts.note_shown(desk.ledger, STAGE, dispute.record_id, desk.reviewer, [row.reviewer for row in dispute.sides])
        return desk.page(
            request, "disputes.html", screen="conflicts", heading="Conflicts", **common, record=dispute.report,
            record_id=dispute.record_id, items=[dispute.item_view(line, named=named) for line in dispute.open_lines],
            agreed=[dispute.settled(line) for line in dispute.agreed], derived=dispute.derived(), count=dispute.open, place=place + 1,
            of=len(names), before=names[place - 1] if place else "", warn=warn, note=dispute.note,
            behind=names[place + 1] if place + 1 < len(names) else "", may=self.may_resolve(),
            reader=view(desk, dispute.report), among=desk.reviewer in {row.reviewer for row in dispute.people},
            must_agree=desk.who_resolves(STAGE) is not None,
        )  # fmt: skip
