"""A form of Python classes written as YAML, so that whoever does not write Python can go on with it."""

import inspect
import typing
from typing import Any

import yaml
from pydantic import BaseModel

from ..core.errors import BadInput
from .base import Group, Vocabulary
from .spec import FormSpec, ItemField
from .walk import is_item, listed

_TYPES = {"texts": "text_list", "codes": "code_list"}


def as_yaml(form: type[Group], spec: FormSpec) -> str:
    """Return a form as the text of a `form.yaml` that gives the same form. `spec` is the form taken apart.

    Raises `BadInput` for what YAML has no words for.
    """
    vocabularies: dict[str, type[Vocabulary]] = {}
    parts = _fields(form, "", spec.by_path, vocabularies)
    content: dict[str, Any] = {
        "guide": " ".join((form.__doc__ or "").split()),
        "note": getattr(form, "note", ""),
        "vocabularies": {
            name: _filled({"about": inspect.cleandoc(vocabulary.__doc__ or ""), "codes": _codes(vocabulary)})
            for name, vocabulary in vocabularies.items()
        },
        "form": parts,
    }
    return yaml.dump(_filled(content), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)


def _fields(
    model: type[BaseModel], prefix: str, items: dict[str, ItemField], vocabularies: dict[str, type[Vocabulary]]
) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name, info in model.model_fields.items():
        path, inner = f"{prefix}{name}", listed(info.annotation)
        entry: dict[str, Any] = {"help": info.description, "label": info.title}
        if is_item(info.annotation):
            entry |= _item(items[path], path, vocabularies)
        else:
            group = typing.cast(type[BaseModel], inner or info.annotation)
            entry["about"] = inspect.cleandoc(group.__doc__ or "")
            entry["each" if inner else "items"] = _fields(group, f"{path}.", items, vocabularies)
        fields[name] = _filled(entry)
    return fields


def _item(item: ItemField, path: str, vocabularies: dict[str, type[Vocabulary]]) -> dict[str, Any]:
    number, url = item.kind == "number", item.kind == "url"
    if (item.quantity and not number) or (item.link and not url):
        raise BadInput(
            f"{path}: has a mark of another kind of value (Quantity, Link), for which form.yaml has no words"
        )
    entry: dict[str, Any] = {"type": "count" if item.whole else _TYPES.get(item.kind, item.kind)}
    if item.vocabulary is not None:
        name, number_of = item.vocabulary.__name__, 1
        while vocabularies.setdefault(name, item.vocabulary) is not item.vocabulary:
            number_of += 1
            name = f"{item.vocabulary.__name__}{number_of}"
        entry["codes"] = name
    if item.quantity:
        units = {unit: int(factor) if factor == int(factor) else factor for unit, factor in item.quantity.units.items()}
        entry |= {"units": _Flow(units), "beside": list(item.quantity.near)}
    if item.link:
        entry |= {"beside": list(item.link.near), "hosts": list(item.link.hosts)}
    applies = _Flow({item.applies.if_path: list(item.applies.codes)} if item.applies else {})
    return entry | {
        "near": list(item.near),
        "derived": _Block(rule.text for rule in item.rules),
        "applies_if": applies,
        "key": item.key or None,
    }


def _codes(vocabulary: type[Vocabulary]) -> dict[str, Any]:
    """Return each code with the words for it that its own do not say already."""
    return {member.value: list(member.synonyms[member.value != "other" :]) or None for member in vocabulary}


def _filled(entry: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if value not in ("", None) and (value or value == 0)}


class _Flow(dict[str, Any]):
    """A mapping that is written in one line."""


class _Block(list[str]):
    """A list that is written in a line for each of its texts."""


class _Dumper(yaml.SafeDumper):
    """Lists of words in one line, and nothing said by reference."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


_Dumper.add_representer(
    list, lambda dumper, data: dumper.represent_sequence("tag:yaml.org,2002:seq", data, flow_style=True)
)
_Dumper.add_representer(
    _Block, lambda dumper, data: dumper.represent_sequence("tag:yaml.org,2002:seq", data, flow_style=False)
)
_Dumper.add_representer(
    _Flow, lambda dumper, data: dumper.represent_mapping("tag:yaml.org,2002:map", data.items(), flow_style=True)
)
_Dumper.add_representer(type(None), lambda dumper, _: dumper.represent_scalar("tag:yaml.org,2002:null", ""))
