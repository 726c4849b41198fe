"""A box of the flow: what it counts, what enters it and what leaves it."""

from dataclasses import dataclass, replace
from typing import Any

PHASES = ("Identification", "Screening", "Full text", "Included")


@dataclass(frozen=True)
class Box:
    """One box. `parts` add up to `count`; `enters` and `leaves` name other boxes; `problems` is empty if all add up."""

    id: str
    phase: str
    title: str
    unit: str
    count: int
    parts: tuple[tuple[str, int], ...] = ()
    notes: tuple[str, ...] = ()
    enters: tuple[tuple[str, int], ...] = ()
    leaves: tuple[tuple[str, int], ...] = ()
    side: bool = False
    problems: tuple[str, ...] = ()
    column: str = ""
    """`models` or `others` for the columns of models and data sets and of other methods, empty for that of databases."""

    def as_json(self) -> dict[str, Any]:
        """Return it as it stands in the figures."""
        return {
            "id": self.id,
            "phase": self.phase,
            "title": self.title,
            "unit": self.unit,
            "count": self.count,
            "parts": [{"label": label, "count": count} for label, count in self.parts],
            "notes": list(self.notes),
            "enters": [{"from": name, "count": count} for name, count in self.enters],
            "leaves": [{"to": name, "count": count} for name, count in self.leaves],
            "side": self.side,
            "problems": list(self.problems),
            **({"column": self.column} if self.column else {}),
        }


def checked(box: Box) -> Box:
    """Return a box with its problems: sums that are not its count."""
    problems = list(box.problems)
    for sums, verb in ((box.enters, "enter"), (box.leaves, "leave"), (box.parts, "are in its lines")):
        total = sum(n for _, n in sums)
        if sums and total != box.count:
            problems.append(f"does not add up: {box.count:,} counted, but {total:,} {verb}")
    return replace(box, problems=tuple(problems))


def in_column(box: Box, column: str, prefix: str, lead: str, first: str) -> Box:
    """Return a box of the first column as it is in another one, of which `first` is the box that leads to it.

    Its title begins with `lead`.
    """

    def named(ends: tuple[tuple[str, int], ...]) -> tuple[tuple[str, int], ...]:
        names = {"identified": first, "included": "included"}
        return tuple((names.get(name, f"{prefix}{name}"), n) for name, n in ends)

    title = f"{lead}: {box.title[:1].lower()}{box.title[1:]}"
    return replace(
        box, id=f"{prefix}{box.id}", title=title, enters=named(box.enters), leaves=named(box.leaves), column=column
    )
