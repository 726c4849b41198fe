"""A form taken apart: its items, groups and lists, in order, with what leads to their answers."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal

from .base import Applies, Link, Quantity, Vocabulary
from .rules import Rule

Kind = Literal["code", "codes", "number", "text", "texts", "url", "boolean"]


@dataclass(frozen=True)
class ItemField:
    """An item of a form. `path` is its place in the asked group or row; `kind` says how its values compare."""

    path: str
    description: str
    kind: Kind
    whole: bool = False
    """Whether a number is a count."""
    vocabulary: type[Vocabulary] | None = field(default=None, compare=False)
    coded: bool = False
    """Whether its codes name what a text speaks of (`Coded`), and not a reader's opinion of it."""
    quantity: Quantity | None = None
    link: Link | None = None
    near: tuple[str, ...] = ()
    label: str = ""
    """What people read: the field's `title=`, or made from its name and unit."""
    codes: tuple[tuple[str, ...], ...] = ()
    """The codes of its vocabulary, each with the words for it: two forms are equal if these are, whatever their classes."""
    rules: tuple[Rule, ...] = ()
    """Of a derived item, the rules that it is computed by."""
    applies: Applies | None = None
    """Where the item applies; its path is that of an item of the same asked group or row."""
    key: bool = False
    """Whether it tells the entries of its list apart (`Key`)."""

    @property
    def cues(self) -> tuple[str, ...]:
        """Return the words that lead to the passages in which its value is found."""
        synonyms = [word for member in self.vocabulary or () for word in member.synonyms] if self.coded else []
        marks = (self.quantity.near if self.quantity else ()) + (self.link.near if self.link else ())
        return tuple(dict.fromkeys((*self.near, *marks, *synonyms)))

    @property
    def words(self) -> str:
        """Return what a search for it is made of: its name in words, and the question that its description begins with.

        The rules behind the question lead a search to other passages.
        """
        return f"{re.sub('[._]', ' ', self.path)}. {first_sentence(self.description)}"


@dataclass(frozen=True)
class RowField:
    """A list of objects inside a group: `items` are those of one row, with paths inside the row."""

    path: str
    description: str
    items: tuple[ItemField, ...]
    label: str = ""
    derived: tuple[ItemField, ...] = ()
    """What is computed from the answers and asked of nobody."""


@dataclass(frozen=True)
class GroupField:
    """What is asked for at once. Paths of items and rows are inside the group."""

    path: str
    description: str
    items: tuple[ItemField, ...]
    rows: tuple[RowField, ...]
    guide: str = ""
    """The docstring of the form that it is part of: rules that hold for all of that form."""
    label: str = ""
    derived: tuple[ItemField, ...] = ()
    """What is computed from the answers and asked of nobody."""


@dataclass(frozen=True)
class UnitField:
    """A list of what the study develops (its models, its arms): each entry has all of `groups`."""

    path: str
    description: str
    groups: tuple[GroupField, ...]
    guide: str = ""
    """As of a group."""
    label: str = ""


@dataclass(frozen=True)
class FormSpec:
    """A form: the groups that are asked once a study, and the units whose groups are asked for each."""

    groups: tuple[GroupField, ...]
    units: tuple[UnitField, ...]

    def item(self, path: str) -> ItemField | None:
        """Return the item at a path with or without indices; None for a list's own path or an unknown one."""
        return self.by_path.get(bare(path))

    @cached_property
    def by_path(self) -> dict[str, ItemField]:
        """Return every item by its whole path without indices."""
        return dict(self._items())

    @cached_property
    def derived(self) -> dict[str, ItemField]:
        """Return the items that are computed from others, by their whole path without indices, in the form's order."""
        return {path: item for path, item in self._items() if item.rules}

    @property
    def rules(self) -> list[tuple[str, ...]]:
        """Return the rules of what is derived, each item's path and its lines."""
        return [(path, *(rule.text for rule in item.rules)) for path, item in self.derived.items()]

    @property
    def asked(self) -> "FormSpec":
        """Return the form without what is derived: what a reviewer is asked."""

        def bare_groups(groups: Iterable[GroupField]) -> tuple[GroupField, ...]:
            kept = (group for group in groups if group.items or group.rows)
            return tuple(
                replace(group, derived=(), rows=tuple(replace(row, derived=()) for row in group.rows)) for group in kept
            )

        return FormSpec(
            bare_groups(self.groups), tuple(replace(unit, groups=bare_groups(unit.groups)) for unit in self.units)
        )

    @cached_property
    def lists(self) -> tuple[str, ...]:
        """Return the paths of all lists, without indices."""
        inner = [f"{prefix}{group.path}.{row.path}" for prefix, group in self._groups() for row in group.rows]
        return (*(unit.path for unit in self.units), *inner)

    @cached_property
    def keys(self) -> dict[str, tuple[str, ...]]:
        """Return of each list that has keys the paths of these, all without indices."""
        found: dict[str, list[str]] = {}
        for path, item in self._items():
            if item.key:
                found.setdefault(max((one for one in self.lists if path.startswith(f"{one}.")), key=len), []).append(
                    path
                )
        return {path: tuple(names) for path, names in found.items()}

    @property
    def labels(self) -> dict[str, str]:
        """Return what people read for every list and item, by its path without indices.

        An example is "Models › Identity › Window (s)".
        """
        label_of = {unit.path: unit.label for unit in self.units}
        labels_above = {f"{unit.path}.": (unit.label,) for unit in self.units}
        for prefix, group in self._groups():
            group_path, names = f"{prefix}{group.path}", (*labels_above.get(prefix, ()), group.label)
            label_of |= {
                f"{group_path}.{item.path}": " › ".join((*names, item.label)) for item in (*group.items, *group.derived)
            }
            for row in group.rows:
                label_of[f"{group_path}.{row.path}"] = " › ".join((*names, row.label))
                label_of |= {
                    f"{group_path}.{row.path}.{item.path}": " › ".join((*names, row.label, item.label))
                    for item in (*row.items, *row.derived)
                }
        return label_of

    def _groups(self) -> Iterator[tuple[str, GroupField]]:
        yield from (("", group) for group in self.groups)
        yield from ((f"{unit.path}.", group) for unit in self.units for group in unit.groups)

    def _items(self) -> Iterator[tuple[str, ItemField]]:
        for prefix, group in self._groups():
            group_path = f"{prefix}{group.path}"
            yield from ((f"{group_path}.{item.path}", item) for item in (*group.items, *group.derived))
            for row in group.rows:
                yield from ((f"{group_path}.{row.path}.{item.path}", item) for item in (*row.items, *row.derived))


def bare(path: str) -> str:
    """Return a path without its indices: `models[0].name` → `models.name`."""
    return re.sub(r"\[\d+\]", "", path)


def first_sentence(text: str) -> str:
    """Return the question of a description, without the rules behind it."""
    return re.split(r"(?<=[.?:])\s", text, maxsplit=1)[0]
