"""A form taken apart: its items, groups and lists, in order, with what leads to their answers."""

import inspect
import math
import re
import types
import typing
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeVar

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from ..core.errors import BadInput
from .base import Coded, Group, Item, Link, Near, Quantity, Vocabulary
from .labels import item_label, joined

Kind = Literal["code", "codes", "number", "text", "texts", "url", "boolean"]
M = TypeVar("M")


@dataclass(frozen=True)
class ItemField:
    """An item of a form. `path` is its place in the asked group or row; `kind` says how its values compare."""

    path: str
    description: str
    kind: Kind
    whole: bool = False
    """Whether a number is a count."""
    vocabulary: type[Vocabulary] | None = None
    coded: bool = False
    """Whether its codes name what a text speaks of (`Coded`), and not a reader's opinion of it."""
    quantity: Quantity | None = None
    link: Link | None = None
    near: tuple[str, ...] = ()
    label: str = ""
    """What people read: the field's `title=`, or made from its name and unit."""

    @property
    def cues(self) -> tuple[str, ...]:
        """Return the words that lead to the passages in which its value is found."""
        synonyms = [word for member in self.vocabulary or () for word in member.synonyms] if self.coded else []
        marks = (self.quantity.near if self.quantity else ()) + (self.link.near if self.link else ())
        return tuple(dict.fromkeys((*self.near, *marks, *synonyms)))

    @property
    def words(self) -> str:
        """Return what a search for it is made of: its name in words, and its description."""
        return f"{re.sub('[._]', ' ', self.path)}. {self.description}"


@dataclass(frozen=True)
class RowField:
    """A list of objects inside a group: `items` are those of one row, with paths inside the row."""

    path: str
    description: str
    items: tuple[ItemField, ...]
    label: str = ""


@dataclass(frozen=True)
class GroupField:
    """What is asked for at once. Paths of items and rows are inside the group; `model` is its Pydantic class."""

    path: str
    description: str
    model: type[Group]
    items: tuple[ItemField, ...]
    rows: tuple[RowField, ...]
    guide: str = ""
    """The docstring of the form that it is part of: rules that hold for all of that form."""
    label: str = ""


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

    @property
    def by_path(self) -> dict[str, ItemField]:
        """Return every item by its whole path without indices."""
        return dict(self._items())

    @property
    def lists(self) -> tuple[str, ...]:
        """Return the paths of all lists, without indices."""
        inner = [f"{prefix}{group.path}.{row.path}" for prefix, group in self._groups() for row in group.rows]
        return (*(unit.path for unit in self.units), *inner)

    @property
    def labels(self) -> dict[str, str]:
        """Return what people read for every list and item, by its path without indices.

        An example is "Models › Identity › Window (s)".
        """
        label_of = {unit.path: unit.label for unit in self.units}
        labels_above = {f"{unit.path}.": (unit.label,) for unit in self.units}
        for prefix, group in self._groups():
            group_path, names = f"{prefix}{group.path}", (*labels_above.get(prefix, ()), group.label)
            label_of |= {f"{group_path}.{item.path}": " › ".join((*names, item.label)) for item in group.items}
            for row in group.rows:
                label_of[f"{group_path}.{row.path}"] = " › ".join((*names, row.label))
                label_of |= {
                    f"{group_path}.{row.path}.{field.path}": " › ".join((*names, row.label, field.label))
                    for field in row.items
                }
        return label_of

    def _groups(self) -> Iterator[tuple[str, GroupField]]:
        yield from (("", group) for group in self.groups)
        yield from ((f"{unit.path}.", group) for unit in self.units for group in unit.groups)

    def _items(self) -> Iterator[tuple[str, ItemField]]:
        for prefix, group in self._groups():
            group_path = f"{prefix}{group.path}"
            yield from ((f"{group_path}.{item.path}", item) for item in group.items)
            yield from ((f"{group_path}.{row.path}.{item.path}", item) for row in group.rows for item in row.items)


def bare(path: str) -> str:
    """Return a path without its indices: `models[0].name` → `models.name`."""
    return re.sub(r"\[\d+\]", "", path)


def take_apart(form: type[BaseModel], where: str = "form") -> FormSpec:
    """Return the parts of a form.

    Raises `BadInput`, with `where` and line, for a class that is not made of groups, items and lists.
    """
    groups: list[GroupField] = []
    units: list[UnitField] = []
    for name, info in form.model_fields.items():
        field = _Field(form, name, info, where)
        inner = _listed(info.annotation)
        if inner is not None and any(_is_group(sub.annotation) for sub in inner.model_fields.values()):
            field.check()
            parts = tuple(_group(field.inside(inner, *sub)) for sub in inner.model_fields.items())
            units.append(UnitField(name, info.description or "", parts, label=field.label))
        elif _is_group(info.annotation):
            groups.append(_group(field))
        else:
            raise field.wrong("a form is made of groups, and of lists of groups that are made of groups")
    if not groups and not units:
        raise BadInput(f"{where}: {form.__name__} has no fields")
    guide = " ".join((form.__doc__ or "").split())

    def guided(parts: Iterable[GroupField]) -> tuple[GroupField, ...]:
        return tuple(replace(group, guide=guide) for group in parts)

    return FormSpec(guided(groups), tuple(replace(unit, guide=guide, groups=guided(unit.groups)) for unit in units))


@dataclass(frozen=True)
class _Field:
    """A field of a class of the form, on the way through it. `above` are the fields that it is inside of."""

    owner: type[BaseModel]
    name: str
    info: FieldInfo
    file: str
    above: tuple["_Field", ...] = ()

    def inside(self, owner: type[BaseModel], name: str, info: FieldInfo) -> "_Field":
        """Return a field of the class that this field holds."""
        if any(field.owner is owner for field in (*self.above, self)):
            raise self.wrong(f"{owner.__name__} is inside itself")
        return _Field(owner, name, info, self.file, (*self.above, self))

    @property
    def label(self) -> str:
        """Return what people read."""
        return item_label(self.name, self.info.title)

    def wrong(self, problem: str) -> BadInput:
        """Return what is wrong with it, with its place."""
        path = ".".join(field.name for field in (*self.above, self))
        return BadInput(f"{self.file}{self._line()}: {path}: {problem}")

    def check(self) -> None:
        """Raise for what holds of every field: it is described, and has no default."""
        if not self.info.is_required():
            raise self.wrong("has a default; a form has none, so that what was not looked for is not taken for absent")
        if not self.info.description:
            raise self.wrong("has no description; it is what a reviewer is told")

    def _line(self) -> str:
        """Return its line in the file as `:12`, or nothing where the file cannot say."""
        for owner in self.owner.__mro__:
            if self.name in inspect.get_annotations(owner):
                try:
                    lines, first = inspect.getsourcelines(owner)
                except (OSError, TypeError):
                    return ""
                numbers = (n for n, line in enumerate(lines, first) if re.match(rf"\s+{self.name}\s*:", line))
                return f":{next(numbers, first)}"
        return ""


def _group(field: _Field) -> GroupField:
    if not _is_group(field.info.annotation):
        raise field.wrong("is asked for with others, so it must be a group of items")
    field.check()
    model = typing.cast(type[Group], field.info.annotation)
    items: list[ItemField] = []
    rows: list[RowField] = []
    _collect(field, model, "", items, rows)
    if not items and not rows:
        raise field.wrong("is a group without items")
    return GroupField(field.name, field.info.description or "", model, tuple(items), tuple(rows), label=field.label)


def _collect(above: _Field, model: type[BaseModel], prefix: str, items: list[ItemField], rows: list[RowField]) -> None:
    for name, info in model.model_fields.items():
        field, path = above.inside(model, name, info), f"{prefix}{name}"
        inner = _listed(info.annotation)
        if _is_item(info.annotation):
            items.append(_item(path, field))
        elif inner is not None:
            field.check()
            inside: list[ItemField] = []
            deeper: list[RowField] = []
            _collect(field, inner, "", inside, deeper)
            if deeper:
                raise field.wrong("is a list whose entries hold a list; make that a list of the group instead")
            rows.append(RowField(path, info.description or "", tuple(inside), field.label))
        elif _is_group(info.annotation):
            field.check()
            _collect(field, typing.cast(type[BaseModel], info.annotation), f"{path}.", items, rows)
        else:
            raise field.wrong("is neither Item[…], Coded[…], a group nor a list of groups")


def _item(path: str, field: _Field) -> ItemField:
    field.check()
    info, model = field.info, typing.cast(type[Item[Any]], field.info.annotation)
    value = _without_none(model.model_fields["value"].annotation)
    several = typing.get_origin(value) is list
    inner = typing.get_args(value)[0] if several else value
    quantity, link, near = _mark(info, Quantity), _mark(info, Link), _mark(info, Near)
    vocabulary = inner if isinstance(inner, type) and issubclass(inner, Vocabulary) else None
    _check_marks(field, quantity, link, near)
    if vocabulary is not None:
        _check_vocabulary(field, vocabulary)
        if issubclass(model, Coded) != ("other" in list(vocabulary)):
            raise field.wrong("Coded[…] and a vocabulary with a member `other` go together; else use Item[…]")
        kind: Kind = "codes" if several else "code"
    elif inner is bool and not several:
        kind = "boolean"
    elif inner in (int, float) and not several:
        kind = "number"
    elif inner is str:
        kind = "texts" if several else "url" if link else "text"
    else:
        raise field.wrong("a value is a number, a text, a boolean, a vocabulary, or a list of texts or of a vocabulary")
    words = near.words if near else ()
    groups = field.above[len(field.above) - path.count(".") :]
    label = joined([*(outer.label for outer in groups), item_label(field.name, info.title, quantity)])
    coded = issubclass(model, Coded)
    return ItemField(path, info.description or "", kind, inner is int, vocabulary, coded, quantity, link, words, label)


def _check_marks(field: _Field, quantity: Quantity | None, link: Link | None, near: Near | None) -> None:
    """Raise for marks that would mislead: `("lead")` is no tuple but a text, of which every letter would be a word."""
    word_lists = [near.words if near else (), quantity.near if quantity else ()]
    word_lists += [link.near if link else (), link.hosts if link else ()]
    for words in word_lists:
        if not isinstance(words, tuple) or not all(isinstance(word, str) and word.strip() for word in words):
            raise field.wrong('words are given as a tuple of texts; of one word it is `("word",)`, with the comma')
    for unit, factor in (quantity.units if quantity else {}).items():
        number = isinstance(factor, int | float) and not isinstance(factor, bool)
        if not isinstance(unit, str) or not number or not 0 < factor < math.inf:
            raise field.wrong(
                f"the unit {unit!r} needs a factor above 0 to the unit in the field's name, not {factor!r}"
            )


def _check_vocabulary(field: _Field, vocabulary: type[Vocabulary]) -> None:
    """Raise for codes that are one by mistake, and for words that are none."""
    for name, member in vocabulary.__members__.items():
        if name != member.name:
            raise field.wrong(f"{vocabulary.__name__}: {member.name} and {name} have the same code `{member.value}`")
        if not all(isinstance(word, str) and word.strip(" *") for word in (member.value, *member.synonyms)):
            raise field.wrong(f"{vocabulary.__name__}.{name}: a code and its words are texts, none of them empty")
    if not vocabulary.__members__:
        raise field.wrong(f"{vocabulary.__name__} has no members")


def _mark(info: FieldInfo, kind: type[M]) -> M | None:
    return next((mark for mark in info.metadata if isinstance(mark, kind)), None)


def _without_none(annotation: Any) -> Any:
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        parts = [part for part in typing.get_args(annotation) if part is not type(None)]
        return parts[0] if len(parts) == 1 else annotation
    return annotation


def _is_group(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, Group) and not issubclass(annotation, Item)


def _is_item(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, Item)


def _listed(annotation: Any) -> type[BaseModel] | None:
    """Return the group in a list of groups; None for anything else."""
    if typing.get_origin(annotation) is list and _is_group(typing.get_args(annotation)[0]):
        return typing.cast(type[BaseModel], typing.get_args(annotation)[0])
    return None
