"""Taking a form apart: from its classes to its items, groups and lists, with every mistake at its place."""

import inspect
import math
import re
import types
import typing
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from graphlib import CycleError, TopologicalSorter
from typing import Any, TypeVar

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from ..core.errors import BadInput
from .base import Applies, Coded, Derived, Group, Item, Key, Link, Near, Quantity, Vocabulary
from .deriving import check_rules
from .labels import item_label, joined
from .rules import Rule, read_rule
from .spec import FormSpec, GroupField, ItemField, Kind, RowField, UnitField

M = TypeVar("M")


def take_apart(form: type[BaseModel], where: str = "form", lines: Mapping[str, int] | None = None) -> FormSpec:
    """Return the parts of a form. `lines` says where each path stands, for a class that no Python file has.

    Raises `BadInput`, with `where` and line, for a class that is not made of groups, items and lists.
    """
    groups: list[GroupField] = []
    units: list[UnitField] = []
    for name, info in form.model_fields.items():
        field = _Field(form, name, info, where, lines=lines)
        inner = listed(info.annotation)
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
    guide, note = " ".join((form.__doc__ or "").split()), getattr(form, "note", "")

    def guided(parts: Iterable[GroupField], note: str = "") -> tuple[GroupField, ...]:
        return tuple(replace(group, guide=guide, label=_noted(group.label, note)) for group in parts)

    spec = FormSpec(
        guided(groups, note),
        tuple(replace(unit, guide=guide, groups=guided(unit.groups), label=_noted(unit.label, note)) for unit in units),
    )
    check_rules(spec, lambda path, problem: _field_at(form, path, where, lines).wrong(problem))
    for group in spec.groups:
        if item := next((item for item in group.items if item.key), None):
            raise _field_at(form, f"{group.path}.{item.path}", where, lines).wrong(
                "tells entries of a list apart, and is in no list; remove its mark as a key"
            )
    return spec


def _noted(label: str, note: str) -> str:
    """Return a heading with what a form says of itself (`own, unvalidated`), so that it stands wherever the form is shown."""
    return f"{label} ({note})" if note else label


def _field_at(form: type[BaseModel], path: str, where: str, lines: Mapping[str, int] | None) -> "_Field":
    """Return the field of a form at a path."""
    first, *rest = path.split(".")
    field = _Field(form, first, form.model_fields[first], where, lines=lines)
    for name in rest:
        owner = listed(field.info.annotation) or typing.cast(type[BaseModel], field.info.annotation)
        field = field.inside(owner, name, owner.model_fields[name])
    return field


@dataclass(frozen=True)
class _Field:
    """A field of a class of the form, on the way through it. `above` are the fields that it is inside of."""

    owner: type[BaseModel]
    name: str
    info: FieldInfo
    file: str
    above: tuple["_Field", ...] = ()
    lines: Mapping[str, int] | None = None

    def inside(self, owner: type[BaseModel], name: str, info: FieldInfo) -> "_Field":
        """Return a field of the class that this field holds."""
        if any(field.owner is owner for field in (*self.above, self)):
            raise self.wrong(f"{owner.__name__} is inside itself")
        return _Field(owner, name, info, self.file, (*self.above, self), self.lines)

    @property
    def label(self) -> str:
        """Return what people read."""
        return item_label(self.name, self.info.title)

    def wrong(self, problem: str) -> BadInput:
        """Return what is wrong with it, with its place."""
        return BadInput(f"{self.file}{self._line()}: {self.path}: {problem}")

    @property
    def path(self) -> str:
        """Return its path in the form."""
        return ".".join(field.name for field in (*self.above, self))

    def check(self) -> None:
        """Raise for what holds of every field: it is described, and has no default."""
        if not self.info.is_required():
            raise self.wrong("has a default; a form has none, so that what was not looked for is not taken for absent")
        if not self.info.description:
            raise self.wrong("has no description; it is what a reviewer is told")

    def _line(self) -> str:
        """Return its line in the file as `:12`, or nothing where the file cannot say."""
        if self.lines is not None:
            return f":{self.lines[self.path]}" if self.path in self.lines else ""
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
    asked, derived = _apart(_applying(field, items))
    return GroupField(
        field.name,
        field.info.description or "",
        asked,
        tuple(rows),
        label=field.label,
        derived=derived,
    )


def _apart(items: Sequence[ItemField]) -> tuple[tuple[ItemField, ...], tuple[ItemField, ...]]:
    """Return what is asked, and what is derived."""
    return tuple(item for item in items if not item.rules), tuple(item for item in items if item.rules)


def _collect(above: _Field, model: type[BaseModel], prefix: str, items: list[ItemField], rows: list[RowField]) -> None:
    for name, info in model.model_fields.items():
        field, path = above.inside(model, name, info), f"{prefix}{name}"
        inner = listed(info.annotation)
        if is_item(info.annotation):
            items.append(_item(path, field))
        elif inner is not None:
            field.check()
            inside: list[ItemField] = []
            deeper: list[RowField] = []
            _collect(field, inner, "", inside, deeper)
            if deeper:
                raise field.wrong("is a list whose entries hold a list; make that a list of the group instead")
            asked, derived = _apart(_applying(field, inside))
            if not asked:
                raise field.wrong("is a list of which nothing is asked; derive such an item outside of it")
            rows.append(RowField(path, info.description or "", asked, field.label, derived))
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
    if quantity is not None:  # `1` and `1.0` are one factor, and one hash of what is asked
        quantity = replace(quantity, units={unit: float(factor) for unit, factor in quantity.units.items()})
    words = near.words if near else ()
    rules = _rules(field, kind, coded=issubclass(model, Coded))
    groups = field.above[len(field.above) - path.count(".") :]
    label = joined([*(outer.label for outer in groups), item_label(field.name, info.title, quantity)])
    codes = tuple((str(member), *member.synonyms) for member in vocabulary or ())
    return ItemField(
        path, info.description or "", kind, inner is int, vocabulary, issubclass(model, Coded), quantity, link, words,
        label, codes, rules, _mark(info, Applies), _is_key(info),
    )  # fmt: skip


def _applying(field: _Field, items: Sequence[ItemField]) -> list[ItemField]:
    """Return the items of a group or row, each with the place of the one that decides whether it applies."""
    known = {item.path: [code for code, *_ in item.codes] for item in items if not item.rules}
    placed = []
    for item in items:
        if (mark := item.applies) is not None:
            inner = f"{item.path.rpartition('.')[0]}.{mark.if_path}".removeprefix(".")
            path = next((path for path in (inner, mark.if_path) if known.get(path) and path != item.path), None)
            if path is None:
                raise field.wrong(
                    f"{item.path}: applies by `{mark.if_path}`, which is no other item of codes in this group that is asked for"
                )
            if unknown := [code for code in mark.codes if code not in known[path]]:
                raise field.wrong(f"{item.path}: applies where `{path}` is {unknown[0]}, which is none of its codes")
            item = replace(item, applies=Applies(path, tuple(mark.codes)))
        placed.append(item)
    try:
        TopologicalSorter({item.path: {item.applies.if_path} for item in placed if item.applies}).prepare()
    except CycleError as error:
        first, *others = error.args[1]
        raise field.wrong(
            f"{first}: whether it applies hangs on itself, by way of {', '.join(others[:-1])}; take one of these marks away"
        ) from None
    return placed


def _rules(field: _Field, kind: Kind, *, coded: bool) -> tuple[Rule, ...]:
    """Return the rules of a derived item; none of an item that is asked."""
    mark = _mark(field.info, Derived)
    if mark is None:
        return ()
    if kind != "code" or coded:
        raise field.wrong("is derived, so its value is one code of a list without `other`")
    if not isinstance(mark.rules, tuple) or not mark.rules or not all(isinstance(rule, str) for rule in mark.rules):
        raise field.wrong('rules are given as a tuple of texts; of one rule it is `("rule",)`, with the comma')
    if _mark(field.info, Applies):
        raise field.wrong("is derived, so no other item decides whether it applies; let a rule give `not_applicable`")
    if _is_key(field.info):
        raise field.wrong("is derived, so it tells no entries apart; mark what it is derived from as the key")
    if any(_mark(field.info, other) for other in (Near, Quantity, Link)):
        raise field.wrong("is derived and looked for nowhere; remove the words that lead to it")
    try:
        return tuple(read_rule(rule) for rule in mark.rules)
    except ValueError as error:
        raise field.wrong(str(error)) from None


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


def _is_key(info: FieldInfo) -> bool:
    """Return whether a field is marked by `Key()`, or by the class itself."""
    return Key in info.metadata or _mark(info, Key) is not None


def _without_none(annotation: Any) -> Any:
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        parts = [part for part in typing.get_args(annotation) if part is not type(None)]
        return parts[0] if len(parts) == 1 else annotation
    return annotation


def _is_group(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, Group) and not issubclass(annotation, Item)


def is_item(annotation: Any) -> bool:
    """Return whether a field is an item."""
    return isinstance(annotation, type) and issubclass(annotation, Item)


def listed(annotation: Any) -> type[BaseModel] | None:
    """Return the group in a list of groups; None for anything else."""
    if typing.get_origin(annotation) is list and _is_group(typing.get_args(annotation)[0]):
        return typing.cast(type[BaseModel], typing.get_args(annotation)[0])
    return None
