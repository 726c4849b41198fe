"""Conflicts of extraction, item by item: what each side gives with its quotes, the page beside it, and a ruling."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from ...adjudication import drafts, queue
from ...adjudication.progress_counts import Conflict, conflict
from ...adjudication.side_by_side import beside_people, in_an_order_that_tells_nothing
from ...core.errors import BadInput
from ...core.judgement import Evidence, ItemAnswer, ItemStatus, Judgement, Stage
from ...documents.report import Report
from ...forms.extraction_alignment import AlignedItem, align, resolve
from ...ledger.reads import StoredJudgement
from ...ledger.store import now
from ...reviewers.extraction import conclude
from ..desk import Desk
from ..fields import Fields, Lists
from ..form_slots import Slot, as_text, as_typed, counts_of, own_answer, slots
from ..reader import view

STAGE = Stage.EXTRACTION
_STEPS = 200
"""So many steps can be taken back."""


@dataclass(frozen=True)
class Told:
    """What one side gives for an item, as a column shows it. `name` is a letter where names are hidden."""

    name: str
    machine: bool
    answer: ItemAnswer | None
    text: str
    evidence: Sequence[Evidence]
    chosen: bool


class Dispute:
    """One study that people extracted differently, and how far this person is with their ruling."""

    def __init__(
        self, desk: Desk, differing: Conflict, report: Report, machine: StoredJudgement | None, kept: Mapping[str, Any]
    ) -> None:
        """`kept` is the draft of the ruling."""
        assert desk.form is not None
        self.report, self.record_id = report, differing.record.id
        self.people = in_an_order_that_tells_nothing(differing.record.id, differing.rows)
        self.sides = [*self.people, *([machine] if machine else [])]
        self.lines: dict[str, AlignedItem] = {
            one.path: one for one in align([row.judgement.items for row in self.people])
        }
        beside = align([row.judgement.items for row in self.sides]) if machine else ()
        self.proposed = {one.path: one.answers[-1] for one in beside}
        self.slots = {one.path: one for one in slots(desk.form, counts_of(self.lines))}
        # Items that the form had once and has no longer need no ruling.
        self.open_lines = [self.lines[path] for path in self.slots if path in self.lines and self.lines[path].differs]
        self.agreed = [self.lines[path] for path in self.slots if path in self.lines and not self.lines[path].differs]
        self.note = str(kept.get("note", ""))
        self.typed: dict[str, dict[str, Any]] = dict(kept.get("typed", {}))
        self.steps: list[dict[str, Any]] = list(kept.get("steps", []))
        # A choice is the number of a judgement: a merged study may have two of one person's, and one that was made anew
        # has another number, so that nobody takes what they did not see.
        self.choices: dict[str, int | ItemAnswer] = {}
        for path, one in dict(kept.get("choices", {})).items():
            self._put(path, one)

    @property
    def open(self) -> int:
        """How many items still need a choice."""
        return sum(self._choice(line) is None for line in self.open_lines)

    def line(self, path: str) -> AlignedItem:
        """The disputed item at a path; `BadInput` where there is none."""
        found = next((one for one in self.open_lines if one.path == path), None)
        if found is None:
            raise BadInput(f"{path}: no conflict on this item")
        return found

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
        self.steps.append({"at": now(), "path": line.path, "before": _kept(self.choices.get(line.path))})
        self.choices[line.path] = choice

    @property
    def last_step(self) -> str:
        """When something was chosen last; empty where nothing was."""
        return str(self.steps[-1]["at"]) if self.steps else ""

    def step_back(self) -> str:
        """Take back what was chosen last; the path of that item."""
        step = self.steps.pop()
        self.choices.pop(step["path"], None)
        self._put(step["path"], step["before"])
        return str(step["path"])

    def _put(self, path: str, one: Any) -> None:
        if path in self.lines and isinstance(one, dict):
            self.choices[path] = ItemAnswer.model_validate(one)
        elif path in self.lines and one in {row.id for row in self.sides}:
            self.choices[path] = one

    def _choice(self, line: AlignedItem) -> int | ItemAnswer | None:
        said = self.choices.get(line.path)
        if said is None or isinstance(said, ItemAnswer):
            return said
        place = next((number for number, row in enumerate(self.people) if row.id == said), None)
        return self.proposed.get(line.path) if place is None else place

    def ruling(self) -> Judgement:
        """The extraction that follows from the choices; `BadInput` where one is missing."""
        made = {line.path: self._choice(line) for line in self.open_lines}
        missing = sum(one is None for one in made.values())
        if missing:
            raise BadInput(f"{missing} {'item' if missing == 1 else 'items'} unresolved.")
        lines = [*self.open_lines, *self.agreed]
        items = resolve(lines, {path: one for path, one in made.items() if one is not None})
        return conclude(items).model_copy(update={"reason": self.note.strip()})

    def reopen(self, ruling: Judgement) -> None:
        """Choose what a ruling had said: what a person gives where it is just that, else an answer of one's own."""
        self.note, self.choices = ruling.reason, {}
        for line in self.open_lines:
            said = ruling.items.get(line.path)
            like = [row.id for row, one in zip(self.people, line.answers, strict=True) if one == said]
            choice = like[0] if like else said
            if choice is not None:
                self.choices[line.path] = choice
        if self.open or self.ruling().items != ruling.items:
            # A row that was left out has moved those behind it: which choice was which cannot be told there.
            self.choices = {path: one for path, one in self.choices.items() if "[" not in path}

    def body(self) -> dict[str, Any]:
        """The draft."""
        said = {path: _kept(one) for path, one in self.choices.items()}
        return {"choices": said, "note": self.note, "typed": self.typed, "steps": self.steps[-_STEPS:]}

    def shown(self, line: AlignedItem, *, named: bool, trouble: str = "") -> dict[str, Any]:
        """An item as the page shows it."""
        choice, told, item = self.choices.get(line.path), [], self.slots[line.path].item
        for place, row in enumerate(self.sides):
            answer = self.proposed.get(line.path) if row.role == "machine" else line.answers[place]
            if row.role == "machine" and (answer is None or answer.status is ItemStatus.UNCLEAR):
                continue  # it has nothing to say that anybody could take
            told.append(
                Told(
                    row.reviewer if named else chr(ord("A") + place),
                    named and row.role == "machine",
                    answer,
                    as_text(answer.value, item) if answer else "",
                    [one for one in answer.evidence if one.start is not None][:2] if answer else [],
                    choice == row.id,
                )
            )
        own = choice if isinstance(choice, ItemAnswer) else None
        typed = own or next((one.answer for one in told if one.answer), None)
        return {"slot": self.slots[line.path], "told": told, "own": own, "own_text": as_text(own.value, item) if own else "",
                "done": self._choice(line) is not None, "typed": typed, "trouble": trouble, "raw": self.typed.get(line.path)}  # fmt: skip

    def settled(self, line: AlignedItem) -> tuple[Slot, str]:
        """An item that nobody differs on: its place in the form, and what all say."""
        answer = next(one for one in line.answers if one is not None)
        return self.slots[line.path], as_text(answer.value, self.slots[line.path].item) or answer.status.value.replace(
            "_", " "
        )


def _kept(choice: int | ItemAnswer | None) -> Any:
    return choice.model_dump(mode="json") if isinstance(choice, ItemAnswer) else choice


class Disputes:
    """Showing and ruling on conflicts of extraction, for one reviewer. `seen` gives those that they may see."""

    def __init__(self, desk: Desk, seen: Callable[[], Sequence[str]], may_resolve: Callable[[], bool]) -> None:
        """For one reviewer."""
        self.desk, self.seen, self.may_resolve = desk, seen, may_resolve

    def routes(self) -> APIRouter:
        """What belongs to items alone; the rest is shared with the other stages."""
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
                self._keep(dispute)
            except BadInput as error:
                trouble = str(error)
                if fields.get("action") == "correct":
                    dispute.typed[line.path] = as_typed(fields, lists)
            shown = dispute.shown(line, named=fields.get("names") == "shown", trouble=trouble)
            return self.desk.part(
                "_dispute.html", one=shown, record=dispute.record_id, names=fields.get("names", ""),
                may=True, count=dispute.open, oob=True,
            )  # fmt: skip

        @routes.post("/typing")
        def typing(fields: Fields, lists: Lists) -> HTMLResponse:
            dispute = self.named(fields)
            dispute.typed[dispute.line(fields.get("path", "")).path] = as_typed(fields, lists)
            self._keep(dispute)
            return HTMLResponse("")

        @routes.post("/note")
        def note(fields: Fields) -> HTMLResponse:
            dispute = self.named(fields)
            dispute.note = fields.get("note", "")
            self._keep(dispute)
            return HTMLResponse("draft saved")

        @routes.post("/resolve")
        def resolve(request: Request, fields: Fields) -> HTMLResponse:
            named, record_id = fields.get("names") == "shown", fields.get("record", "")
            if record_id not in self.seen():
                return self.show(request, "", named=named, said="Not saved: the conflict is already resolved")
            dispute = self.named(fields)
            dispute.note = fields.get("note", dispute.note)
            self._keep(dispute)
            try:
                self._enter(dispute)
            except BadInput as error:
                return self.show(request, record_id, named=named, warn=str(error))
            return self.show(request, "", named=named, said=f"Resolved: {len(dispute.open_lines)} items")

        return routes

    def named(self, fields: Mapping[str, str]) -> Dispute:
        """The dispute that a form is about; `BadInput` where it is none, or this person may not rule on it."""
        name = fields.get("record", "")
        if name not in self.seen():
            raise BadInput("The conflict is already resolved; reload the page.")
        if not self.may_resolve():
            raise BadInput("The protocol names the adjudicators of this stage; you are not one of them.")
        return self._dispute(name)

    def _dispute(self, name: str) -> Dispute:
        desk, differing = self.desk, conflict(self.desk.ledger, STAGE, name)
        with desk.ledger.read() as connection:
            machine = beside_people(connection, desk.review, STAGE, name)
            kept = drafts.draft(connection, STAGE, name, desk.reviewer, ruling=True)
        report = desk.record(STAGE, name)
        assert isinstance(report, Report)
        return Dispute(desk, differing, report, machine, kept or {})

    def _keep(self, dispute: Dispute) -> None:
        drafts.keep_ruling(self.desk.ledger, STAGE, dispute.record_id, self.desk.reviewer, dispute.body())

    def reopen(self, name: str, ruling: Judgement) -> None:
        """Keep what a ruling that was taken back had said as the draft of the next."""
        dispute = self._dispute(name)
        dispute.reopen(ruling)
        self._keep(dispute)

    def step_back(self, name: str, since: str) -> str | None:
        """Take back what was chosen last in a conflict, if that was after `since`; what to say of it."""
        if not name or name not in self.seen() or not self.may_resolve():
            return None
        dispute = self._dispute(name)
        if dispute.last_step <= since:
            return None
        path = dispute.step_back()
        self._keep(dispute)
        return f"Undone: your choice for {dispute.slots[path].name}"

    def _enter(self, dispute: Dispute) -> None:
        desk, judgement = self.desk, dispute.ruling()
        if not judgement.reason:
            raise BadInput("Give the reason for your adjudication.")
        around = queue.JudgementContext(
            blinded="open", seen=tuple(dict.fromkeys(row.reviewer for row in dispute.sides))
        )
        queue.adjudicate(
            desk.ledger, desk.review, STAGE, dispute.record_id, desk.reviewer, judgement, judgement_context=around
        )

    def show(self, request: Request, record: str, *, named: bool, said: str = "", warn: str = "") -> HTMLResponse:
        """One conflict: the one that is named, else the first one."""
        desk, found = self.desk, self.seen()
        common: dict[str, Any] = {"said": said, "stage": STAGE.value, "names": "shown" if named else "",
                                  "stages": [one.value for one in desk.review.protocol.stages]}  # fmt: skip
        if not found:
            return desk.page(request, "no_conflicts.html", here="conflicts", heading="Conflicts", **common)
        place = found.index(record) if record in found else 0
        dispute = self._dispute(found[place])
        # To see what others say ends one's own blindness: a later judgement of one's own says so.
        drafts.note_shown(desk.ledger, STAGE, dispute.record_id, desk.reviewer, [row.reviewer for row in dispute.sides])
        return desk.page(
            request, "disputes.html", here="conflicts", heading="Conflicts", **common, record=dispute.report,
            record_id=dispute.record_id, items=[dispute.shown(line, named=named) for line in dispute.open_lines],
            agreed=[dispute.settled(line) for line in dispute.agreed], count=dispute.open, place=place + 1,
            of=len(found), before=found[place - 1] if place else "", warn=warn, note=dispute.note,
            behind=found[place + 1] if place + 1 < len(found) else "", may=self.may_resolve(),
            reader=view(desk, dispute.report),
        )  # fmt: skip
