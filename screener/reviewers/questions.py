"""What is asked about a study, request by request: parts of the form, each once, whatever the number of its units."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ..documents import PassageQuery
from ..forms import FormSpec, GroupField, ItemField, RowField, UnitField

MOST_ITEMS = 30
"""Items that one request asks for, where a part alone has not more; an item of a list counts as three."""


@dataclass(frozen=True)
class FormPart:
    """A group of the form, asked for once a study. `unit` is the list of which it holds for every entry, if any."""

    group: GroupField
    unit: UnitField | None = None

    @property
    def path(self) -> str:
        """Return its path without indices: `study`, `models.identity`."""
        return f"{self.unit.path}.{self.group.path}" if self.unit else self.group.path

    @property
    def description(self) -> str:
        """Return what it is, in the form's words."""
        return self.group.description

    @property
    def items(self) -> tuple[ItemField, ...]:
        """Return the items outside its lists, with paths inside the part."""
        return self.group.items

    @property
    def rows(self) -> tuple[RowField, ...]:
        """Return its lists, with paths inside the part."""
        return self.group.rows

    @property
    def weight(self) -> int:
        """Return how many items it counts as."""
        return len(self.items) + 3 * sum(len(row.items) for row in self.rows)

    def item(self, path: str) -> ItemField | None:
        """Return an item by its path inside the part, without indices; also one of an entry of a list."""
        known = {item.path: item for item in self.items}
        known |= {f"{row.path}.{item.path}": item for row in self.rows for item in row.items}
        return known.get(path)


def parts_of(form: FormSpec) -> tuple[FormPart, ...]:
    """Return the parts of a form in its order: those of the study, then those of each list of units."""
    own = [FormPart(group) for group in form.groups]
    return (*own, *(FormPart(group, unit) for unit in form.units for group in unit.groups))


@dataclass(frozen=True)
class OpenItem:
    """An item that is asked for once more: its path without the unit's index, the units concerned, and the reason."""

    path: str
    names: tuple[str, ...]
    reason: str

    @property
    def line(self) -> str:
        """Return it as a prompt lists it."""
        return " | ".join(filter(None, (self.path, "; ".join(self.names), self.reason)))


@dataclass(frozen=True)
class Question:
    """What one request asks for.

    `units` are lists of which the entries are to be named. `names` has by list of units the entries that are answered
    for, with their numbers. `open_items` and `found` (entries of lists, a line each, by path) are those of a second reading.
    """

    units: tuple[UnitField, ...] = ()
    parts: tuple[FormPart, ...] = ()
    names: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    open_items: tuple[OpenItem, ...] = ()
    found: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def paths(self) -> tuple[str, ...]:
        """Return the parts of the answer that it wants."""
        return (*(unit.path for unit in self.units), *(part.path for part in self.parts))

    @property
    def mark(self) -> str:
        """Return the delimiter around what a first reading found: a word that cannot be in it."""
        lines = [item.line for item in self.open_items] + [line for lines in self.found.values() for line in lines]
        return hashlib.sha256("\x00".join(lines).encode("utf-8", "surrogatepass")).hexdigest()[:12]

    def halves(self) -> tuple["Question", ...]:
        """Return two questions that together ask the same, for an answer that was cut off; none where it is the least.

        Open items are shared out; else the lists of units go alone first, then parts are, then the units of one part.
        """
        if self.open_items:
            half = len(self.open_items) // 2
            shares = (self.open_items[:half], self.open_items[half:]) if half else ()
            return tuple(replace(self, open_items=share) for share in shares)
        if self.units and self.parts:
            return replace(self, parts=()), replace(self, units=())
        if len(self.parts) > 1:
            half = len(self.parts) // 2
            return replace(self, parts=self.parts[:half]), replace(self, parts=self.parts[half:])
        for path, names in self.names.items():
            if len(names) > 1:
                half, known = len(names) // 2, [*names.items()]
                return tuple(
                    replace(self, names={**self.names, path: dict(share)}) for share in (known[:half], known[half:])
                )
        return ()


def first_questions(form: FormSpec) -> list[Question]:
    """Return what can be asked before the units are known: their names, and the parts of the study."""
    parts = [part for part in parts_of(form) if part.unit is None]
    bundles = list(_bundles(parts)) or [()]
    return [Question(form.units if number == 0 else (), bundle) for number, bundle in enumerate(bundles)]


def unit_questions(form: FormSpec, names: Mapping[str, Mapping[str, int]]) -> list[Question]:
    """Return what is asked once the entries of the lists of units are known; of a list without any, nothing."""
    return [
        Question((), bundle, {unit.path: names[unit.path]})
        for unit in form.units
        if names.get(unit.path)
        for bundle in _bundles([FormPart(group, unit) for group in unit.groups])
    ]


def _bundles(parts: Sequence[FormPart]) -> Iterator[tuple[FormPart, ...]]:
    """Share parts out over requests, in order: a request takes the next part unless it would ask for too many items."""
    bundle: list[FormPart] = []
    for part in parts:
        if bundle and sum(each.weight for each in (*bundle, part)) > MOST_ITEMS:
            yield tuple(bundle)
            bundle = []
        bundle.append(part)
    if bundle:
        yield tuple(bundle)


def queries(form: FormSpec) -> dict[str, PassageQuery]:
    """Return what passages are looked for, by the path of each list of units, list and item without indices."""
    found = {unit.path: PassageQuery(unit.description) for unit in form.units}
    for part in parts_of(form):
        for item in part.items:
            found[f"{part.path}.{item.path}"] = PassageQuery(item.words, item.cues)
        for row in part.rows:
            path, cues = f"{part.path}.{row.path}", (cue for item in row.items for cue in item.cues)
            found[path] = PassageQuery(f"{row.path} {row.description}", tuple(dict.fromkeys(cues)))
            found |= {f"{path}.{item.path}": PassageQuery(item.words, item.cues) for item in row.items}
    return found
