"""The form of one report as one person fills it: what is proposed, what they say, rows they add, and each step back."""

from collections.abc import Sequence
from typing import Any

from ..core.errors import BadInput
from ..core.judgement import ItemAnswer, ItemStatus
from ..documents.report import Report
from ..forms.extraction_alignment import AlignedItem, align, rows_of
from ..ledger.reads import StoredJudgement
from ..ledger.store import now
from .desk import Desk
from .form_slots import Slot, as_text, counts_of, row_name, slots

_STEPS = 200
"""So many steps can be taken back."""


class Sheet:
    """The form of one report, as one person has filled it so far, with what the machine proposes."""

    def __init__(
        self, desk: Desk, report: Report, kept: dict[str, Any] | None, proposals: Sequence[StoredJudgement]
    ) -> None:
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
        self.steps: list[dict[str, Any]] = list(body.get("steps", []))
        self.counts = counts_of(self.proposed)
        for name, count in {**counts_of(self.answers), **body.get("lists", {})}.items():
            self.counts[name] = max(self.counts.get(name, 0), int(count))
        self.slots = slots(desk.form, self.counts)
        self.units = {unit.path: unit.description for unit in desk.form.units}
        self.lists = {*self.units, *self.counts, *(slot.adds for slot in self.slots if slot.adds)}

    def _beside(self, lines: Sequence[AlignedItem]) -> None:
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
        return {"items": items, "lists": self.counts, "typed": self.typed, "steps": self.steps[-_STEPS:]}

    def say(self, path: str, answer: ItemAnswer) -> None:
        """Answer a place."""
        before = self.answers.get(path)
        self._step({"said": path, "before": before.model_dump(mode="json") if before else None})
        self.answers[path] = answer
        self.typed.pop(path, None)

    def add(self, name: str) -> str:
        """Add a row to a list, or a unit; its path. `BadInput` where there is no such list."""
        if name not in self.lists:
            raise BadInput("the form has no such list")
        before = self.answers.pop(name, None)
        self._step({"added": name, "before": before.model_dump(mode="json") if before else None})
        self.counts[name] = self._count(name) + 1
        return f"{name}[{self.counts[name] - 1}]"

    def remove(self, row: str) -> str:
        """Remove a row or unit with all that was said of it; its name. `BadInput` where it has to stay."""
        if not self.removable(row):
            raise BadInput("This row cannot be removed: it holds a suggestion, or is the only one.")
        name = row_name(row)
        inside = f"{row[: row.rindex('[')]}["
        self._step({
            "removed": row, "lists": {path: n for path, n in self.counts.items() if path.startswith(inside)},
            "items": {p: a.model_dump(mode="json") for p, a in self.answers.items() if p.startswith(inside)},
            "typed": {path: one for path, one in self.typed.items() if path.startswith(inside)},
        })  # fmt: skip
        self._drop(row)
        return name

    def removable(self, row: str) -> bool:
        """Whether a row was added by people alone, and is not the one entry that a unit must have."""
        name, _, number = row.removesuffix("]").rpartition("[")
        if name not in self.lists or not number.isdecimal() or int(number) >= self._count(name):
            return False
        return (name not in self.units or self._count(name) > 1) and not any(
            path.startswith(f"{row}.") for path in self.proposed
        )

    def removables(self) -> dict[str, list[tuple[str, str]]]:
        """The rows that can be removed with their names, by the place that each begins with."""
        begin = {row: slot.path for slot in reversed(self.slots) for row in rows_of(slot.path)}
        found: dict[str, list[tuple[str, str]]] = {}
        for row, path in begin.items():
            if self.removable(row):
                found.setdefault(path, []).append((row, row_name(row)))
        return found

    @property
    def last_step(self) -> str:
        """When something was done last in this form since it was opened or taken back; empty where nothing was."""
        return str(self.steps[-1]["at"]) if self.steps else ""

    def step_back(self) -> tuple[str, str]:
        """Take back what was done last; what to say of it, and the place where it was."""
        step = self.steps.pop()
        if "added" in step:
            name = step["added"]
            row = f"{name}[{self._count(name) - 1}]"
            said = row_name(row)
            self._drop(row)
            self._put(name, step["before"])
            return f"Undone: {said} added", name
        if "removed" in step:
            row = step["removed"]
            name = row[: row.rindex("[")]
            items = {path: ItemAnswer.model_validate(one) for path, one in step["items"].items()}
            lists = {name: self._count(name) + 1, **step["lists"]}
            self.answers = {p: one for p, one in self.answers.items() if not p.startswith(f"{name}[")} | items
            self.typed = {p: one for p, one in self.typed.items() if not p.startswith(f"{name}[")} | step["typed"]
            self.counts = {p: n for p, n in self.counts.items() if not p.startswith(f"{name}[")} | lists
            return f"Restored: {row_name(row)}", row
        self._put(step["said"], step["before"])
        return f"Undone: {self._name(step['said'])}", step["said"]

    def _name(self, path: str) -> str:
        """What people read for a place."""
        return next((slot.name for slot in self.slots if slot.path == path), row_name(path))

    def _step(self, step: dict[str, Any]) -> None:
        self.steps.append({"at": now(), **step})

    def _put(self, path: str, before: dict[str, Any] | None) -> None:
        if before is None:
            self.answers.pop(path, None)
        else:
            self.answers[path] = ItemAnswer.model_validate(before)

    def _count(self, name: str) -> int:
        return max(self.counts.get(name, 0), 1 if name in self.units else 0)

    def _drop(self, row: str) -> None:
        """Take a row out; those behind it move up."""
        name, _, number = row.removesuffix("]").rpartition("[")
        gone, prefix = int(number), f"{name}["

        def moved(path: str) -> str | None:
            if not path.startswith(prefix):
                return path
            place, _, rest = path.removeprefix(prefix).partition("]")
            return None if int(place) == gone else f"{prefix}{int(place) - (int(place) > gone)}]{rest}"

        self.answers = {there: one for path, one in self.answers.items() if (there := moved(path)) is not None}
        self.typed = {there: one for path, one in self.typed.items() if (there := moved(path)) is not None}
        left = self._count(name) - 1
        self.counts = {there: n for path, n in self.counts.items() if (there := moved(path)) is not None}
        self.counts[name] = left

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
            "disputed": slot.path in self.other, "other": other, "other_text": as_text(other.value, slot.item) if other else "",
            "other_evidence": [one for one in other.evidence if one.start is not None] if other else [],
        }  # fmt: skip
        return {**beside, "slot": slot, "differs": differs, "answer": answer, "proposal": proposal, "evidence": evidence, "trouble": trouble, "raw": self.typed.get(slot.path),
                "text": as_text(answer.value, slot.item) if answer else "", "proposed": as_text(proposal.value, slot.item) if proposal else "",
                "typed": (answer or proposal or _NOTHING)}  # fmt: skip


def _said(answer: ItemAnswer | None) -> tuple[str, str]:
    return (answer.status.value, as_text(answer.value)) if answer else ("", "")


_NOTHING = ItemAnswer(status=ItemStatus.UNCLEAR)
