"""What became of the items of each part of the form: the groups, and the lists inside them."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass

from ..forms import FormSpec
from ..metrics import Outcome, ScoredItem
from .other_words import Offer

Study = tuple[Sequence[ScoredItem], Mapping[int, Offer], Collection[int]]
"""The scored items of a study; of these, by number, those that were offered, and those not in the text as it was read."""


@dataclass(frozen=True)
class FormPartCounts:
    """Counts of the scored items of a part. `right` are those that say what gold says, a value or that there is none."""

    items: int
    right: int
    confirmed: int
    wrong: int
    missed: int
    fabricated: int
    unclear: int
    offered: int
    not_in_text: int

    @classmethod
    def of(cls, parts: "Iterable[FormPartCounts]") -> "FormPartCounts":
        """Return the counts of several parts together."""
        rows = [astuple(part) for part in parts]
        return cls(*(sum(column) for column in zip(*rows, strict=True))) if rows else cls(*[0] * 9)

    @property
    def strict(self) -> float:
        """Return the share that is right by the strict rule; 0 without items."""
        return self.right / self.items if self.items else 0.0

    @property
    def with_confirmed(self) -> float:
        """Return the share that is right with what people confirmed; 0 without items."""
        return (self.right + self.confirmed) / self.items if self.items else 0.0

    def as_json(self) -> dict[str, int]:
        """Return it as `evaluate --stage extraction --json` prints it."""
        return {"items": self.items, "right": self.right, "confirmed": self.confirmed, "wrong": self.wrong,
                "missed": self.missed, "fabricated": self.fabricated, "unclear": self.unclear,
                "offered": self.offered, "not_in_text": self.not_in_text}  # fmt: skip


def part_counts(form: FormSpec, studies: Iterable[Study]) -> dict[str, FormPartCounts]:
    """Return the counts of each part of the form that has scored items, in the form's order."""
    counts: dict[str, Counter[str]] = {path: Counter() for path in _parts(form)}
    for scored, offers, absent in studies:
        for number, item in enumerate(scored):
            if item.outcome is not Outcome.UNSCORED:
                part = _part_of(item.name, counts)
                state = offers[number].state if number in offers else ""
                counts[part].update(
                    {"items": 1, item.outcome.value: 1, "confirmed": state == "confirmed", "offered": bool(state),
                     "not_in_text": number in absent}
                )  # fmt: skip
    return {path: _counted(count) for path, count in counts.items() if count["items"]}


def _parts(form: FormSpec) -> list[str]:
    """Return the paths of units, groups and lists in the form's order."""
    groups = [("", group) for group in form.groups]
    groups += [(f"{unit.path}.", group) for unit in form.units for group in unit.groups]
    inner = [[f"{prefix}{g.path}", *(f"{prefix}{g.path}.{row.path}" for row in g.rows)] for prefix, g in groups]
    return [*(unit.path for unit in form.units), *(path for paths in inner for path in paths)]


def _part_of(name: str, parts: Iterable[str]) -> str:
    return max((part for part in parts if name == part or name.startswith(f"{part}.")), key=len)


def _counted(count: Counter[str]) -> FormPartCounts:
    return FormPartCounts(
        count["items"],
        count["correct"] + count["not_reported"],
        count["confirmed"],
        *(count[name] for name in ("wrong", "missed", "fabricated", "unclear", "offered", "not_in_text")),
    )
