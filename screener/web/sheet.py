"""The form of one report as one person fills it: what is proposed, what they say, rows they add, and each step back."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from ..core.errors import BadInput
from ..core.judgement import ItemAnswer, ItemStatus
from ..documents import Report
from ..forms import AlignedItem, align, bare, derive, overridden, rows_of
from ..ledger import StoredJudgement, now
from .desk import Desk
from .form_slots import Slot, as_text, counts_of, row_name, slots

_STEPS = 200
"""So many steps can be taken back."""


class Sheet:
    """The form of one report, as one person has filled it so far, with what the machine proposes."""

    def __init__(
        self, desk: Desk, report: Report, stored: dict[str, Any] | None, proposals: Sequence[StoredJudgement]
    ) -> None:
        """`stored` is the draft or the person's own earlier judgement; `proposals` are those of up to two machines."""
        assert desk.form is not None
        self.report, self.form = report, desk.form
        # What is derived follows from the person's own answers, and is no suggestion of a machine's.
        proposed = [self._asked(row.judgement.items) for row in proposals]
        self.proposed: dict[str, ItemAnswer] = proposed[0] if proposed else {}
        self.other: dict[str, ItemAnswer | None] = {}
        if len(proposed) > 1:
            self._combine_proposals(align(proposed))
        body = stored or {}
        answers = {name: ItemAnswer.model_validate(answer) for name, answer in body.get("items", {}).items()}
        self.answers = self._asked(answers) | {name: answer for name, answer in answers.items() if overridden(answer)}
        self.typed: dict[str, dict[str, Any]] = dict(body.get("typed", {}))
        self.steps: list[dict[str, Any]] = list(body.get("steps", []))
        self.counts = counts_of(self.proposed)
        for name, count in {**counts_of(self.answers), **body.get("lists", {})}.items():
            self.counts[name] = max(self.counts.get(name, 0), int(count))
        self.slots = slots(desk.form, self.counts)
        self.units = {unit.path: unit.description for unit in desk.form.units}
        self.lists = {*self.units, *self.counts, *(slot.adds for slot in self.slots if slot.adds)}

    def _asked(self, items: Mapping[str, ItemAnswer]) -> dict[str, ItemAnswer]:
        """Return items without those that are derived."""
        return {path: answer for path, answer in items.items() if bare(path) not in self.form.derived}

    @cached_property
    def derived(self) -> dict[str, ItemAnswer]:
        """Return what rules of the form give for the answers so far, or a person's override."""
        derived = self.form.derived
        # A list that has no answer yet has entries all the same, and what is derived in them waits for answers.
        items = {slot.path: _NOTHING for slot in self.slots if slot.item and not slot.derived} | self.answers
        return {path: answer for path, answer in derive(self.form, items).items() if bare(path) in derived}

    def _combine_proposals(self, lines: Sequence[AlignedItem]) -> None:
        """Take the other machine's proposal where one cannot tell; where both can and differ, `other` has the second's."""
        self.proposed = {}
        for line in lines:
            first, second = (
                None if answer is None or answer.status is ItemStatus.UNCLEAR else answer for answer in line.answers
            )
            proposed = first or second or next(answer for answer in line.answers if answer is not None)
            self.proposed[line.path] = proposed
            if line.differs and ((first and second) or None in line.answers):
                self.other[line.path] = second if proposed is first else None

    def slot(self, path: str) -> Slot:
        """Return the place at a path; `BadInput` where the form has none."""
        match = next((candidate for candidate in self.slots if candidate.path == path), None)
        if match is None:
            raise BadInput(f"{path}: the form has no such item")
        return match

    @property
    def open(self) -> int:
        """Return how many places have no answer yet."""
        return sum(slot.path not in self.answers and not slot.derived for slot in self.slots)

    def body(self) -> dict[str, Any]:
        """Return the draft."""
        items = {name: answer.model_dump(mode="json") for name, answer in self.answers.items()}
        return {"items": items, "lists": self.counts, "typed": self.typed, "steps": self.steps[-_STEPS:]}

    def set_answer(self, path: str, answer: ItemAnswer) -> None:
        """Answer a place."""
        earlier = self.answers.get(path)
        self._step({"said": path, "before": earlier.model_dump(mode="json") if earlier else None})
        self.answers[path] = answer
        self.typed.pop(path, None)

    def follow(self, path: str) -> None:
        """Take an override back: what the rules give counts again."""
        earlier = self.answers.pop(path, None)
        self._step({"said": path, "before": earlier.model_dump(mode="json") if earlier else None})
        self.typed.pop(path, None)

    def add(self, name: str) -> str:
        """Add a row to a list, or a unit; its path. `BadInput` where there is no such list."""
        if name not in self.lists:
            raise BadInput("the form has no such list")
        earlier = self.answers.pop(name, None)
        self._step({"added": name, "before": earlier.model_dump(mode="json") if earlier else None})
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
            "typed": {path: typed for path, typed in self.typed.items() if path.startswith(inside)},
        })  # fmt: skip
        self._remove_row(row)
        return name

    def removable(self, row: str) -> bool:
        """Return whether a row was added by people alone, and is not the one entry that a unit must have."""
        name, _, number = row.removesuffix("]").rpartition("[")
        if name not in self.lists or not number.isdecimal() or int(number) >= self._count(name):
            return False
        return (name not in self.units or self._count(name) > 1) and not any(
            path.startswith(f"{row}.") for path in self.proposed
        )

    def removables(self) -> dict[str, list[tuple[str, str]]]:
        """Return the rows that can be removed with their names, by the place that each begins with."""
        begin = {row: slot.path for slot in reversed(self.slots) for row in rows_of(slot.path)}
        removables: dict[str, list[tuple[str, str]]] = {}
        for row, path in begin.items():
            if self.removable(row):
                removables.setdefault(path, []).append((row, row_name(row)))
        return removables

    @property
    def last_step(self) -> str:
        """Return when something was done last in this form since it was opened or taken back; empty where nothing was."""
        return str(self.steps[-1]["at"]) if self.steps else ""

    def step_back(self) -> tuple[str, str]:
        """Take back what was done last; what to say of it, and the place where it was."""
        step = self.steps.pop()
        self.__dict__.pop("derived", None)
        if "added" in step:
            name = step["added"]
            row = f"{name}[{self._count(name) - 1}]"
            label = row_name(row)
            self._remove_row(row)
            self._restore(name, step["before"])
            return f"Undone: {label} added", name
        if "removed" in step:
            row = step["removed"]
            name = row[: row.rindex("[")]
            items = {path: ItemAnswer.model_validate(answer) for path, answer in step["items"].items()}
            lists = {name: self._count(name) + 1, **step["lists"]}
            self.answers = {p: value for p, value in self.answers.items() if not p.startswith(f"{name}[")} | items
            self.typed = {p: value for p, value in self.typed.items() if not p.startswith(f"{name}[")} | step["typed"]
            self.counts = {p: n for p, n in self.counts.items() if not p.startswith(f"{name}[")} | lists
            return f"Restored: {row_name(row)}", row
        self._restore(step["said"], step["before"])
        return f"Undone: {self._name(step['said'])}", step["said"]

    def _name(self, path: str) -> str:
        """Return what people read for a place."""
        return next((slot.name for slot in self.slots if slot.path == path), row_name(path))

    def _step(self, step: dict[str, Any]) -> None:
        self.__dict__.pop("derived", None)
        self.steps.append({"at": now(), **step})

    def _restore(self, path: str, earlier: dict[str, Any] | None) -> None:
        if earlier is None:
            self.answers.pop(path, None)
        else:
            self.answers[path] = ItemAnswer.model_validate(earlier)

    def _count(self, name: str) -> int:
        return max(self.counts.get(name, 0), 1 if name in self.units else 0)

    def _remove_row(self, row: str) -> None:
        """Take a row out; those behind it move up."""
        name, _, number = row.removesuffix("]").rpartition("[")
        removed, prefix = int(number), f"{name}["

        def moved(path: str) -> str | None:
            if not path.startswith(prefix):
                return path
            place, _, suffix = path.removeprefix(prefix).partition("]")
            return None if int(place) == removed else f"{prefix}{int(place) - (int(place) > removed)}]{suffix}"

        self.answers = {
            new_path: value for path, value in self.answers.items() if (new_path := moved(path)) is not None
        }
        self.typed = {new_path: value for path, value in self.typed.items() if (new_path := moved(path)) is not None}
        count = self._count(name) - 1
        self.counts = {new_path: n for path, n in self.counts.items() if (new_path := moved(path)) is not None}
        self.counts[name] = count

    def derived_view(self, slot: Slot, trouble: str = "") -> dict[str, Any]:
        """Return a place for what is derived as the page shows it."""
        answer = self.derived[slot.path]
        return {"slot": slot, "answer": answer, "text": as_text(answer.value, slot.item), "overridden": overridden(answer),
                "rule": as_text(answer.derived, slot.item), "typed": answer, "trouble": trouble, "raw": self.typed.get(slot.path)}  # fmt: skip

    def item_view(self, slot: Slot, trouble: str = "") -> dict[str, Any]:
        """Return a place as the page shows it."""
        answer, proposal = self.answers.get(slot.path), self.proposed.get(slot.path)
        quoted = answer if answer is not None and answer.evidence else proposal or answer or _NOTHING
        evidence = [place for place in quoted.evidence if place.start is not None]
        # What a machine cannot tell is no other opinion.
        machine_answered = proposal is not None and proposal.status is not ItemStatus.UNCLEAR
        differs = machine_answered and answer is not None and _comparable(answer) != _comparable(proposal)
        other_answer = self.other.get(slot.path)
        other_machine = {
            "disputed": slot.path in self.other, "other": other_answer, "other_text": as_text(other_answer.value, slot.item) if other_answer else "",
            "other_evidence": [place for place in other_answer.evidence if place.start is not None] if other_answer else [],
        }  # fmt: skip
        return {**other_machine, "slot": slot, "differs": differs, "answer": answer, "proposal": proposal, "evidence": evidence, "trouble": trouble, "raw": self.typed.get(slot.path),
                "text": as_text(answer.value, slot.item) if answer else "", "proposed": as_text(proposal.value, slot.item) if proposal else "",
                "typed": (answer or proposal or _NOTHING)}  # fmt: skip


def _comparable(answer: ItemAnswer | None) -> tuple[str, str]:
    return (answer.status.value, as_text(answer.value)) if answer else ("", "")


_NOTHING = ItemAnswer(status=ItemStatus.UNCLEAR)
