"""A JSON Schema in the few words that every server's grammar knows."""

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

_KEPT = ("description", "type", "const", "enum", "properties", "required", "additionalProperties", "items", "anyOf")
"""What stays: types, objects, lists, enumerations and choices. Servers differ in all else: llama.cpp's grammars break at
large `maxLength` and `maxItems`, xgrammar at `pattern` and `format`, OpenAI's strict schemas at bounds of numbers, and some know
no references."""
_NOT_MISSED = ("$defs", "definitions", "$ref", "title", "default", "$schema")
_DEEPEST = 40


@dataclass(frozen=True)
class SimpleSchema:
    """A schema as JSON text, and which words it is without. What they asked for is checked when the answer is read."""

    text: str
    without: tuple[str, ...]


@lru_cache(maxsize=256)
def simplified(schema: str) -> SimpleSchema:
    """Return a schema without references and without bounds, patterns and formats.

    `type: [a, b]` becomes a choice. A part that refers to itself admits anything where it does so.
    """
    root = json.loads(schema)
    definitions = {**(root.get("definitions") or {}), **(root.get("$defs") or {})}
    without: set[str] = set()

    def simple(node: Any, within: tuple[str, ...] = ()) -> Any:
        if not isinstance(node, dict):
            return node
        if "$ref" in node:
            name = str(node["$ref"]).rsplit("/", 1)[-1]
            if name in within or name not in definitions or len(within) > _DEEPEST:
                return {}
            beside = {key: value for key, value in node.items() if key != "$ref"}
            return simple({**definitions[name], **beside}, (*within, name))
        if isinstance(kinds := node.get("type"), list):
            rest = {key: value for key, value in node.items() if key != "type"}
            return {"anyOf": [simple({**rest, "type": kind}, within) for kind in kinds]}
        part: dict[str, Any] = {}
        for word, value in node.items():
            key = "anyOf" if word == "oneOf" else word
            if key == "properties":
                part[key] = {name: simple(inner, within) for name, inner in value.items()}
            elif key == "anyOf":
                part[key] = [simple(option, within) for option in value]
            elif key == "const":
                part["enum"] = [value]
            elif key in _KEPT:
                part[key] = simple(value, within)
            elif key not in _NOT_MISSED:
                without.add(key)
        return part

    return SimpleSchema(json.dumps(simple(root), ensure_ascii=False, separators=(",", ":")), tuple(sorted(without)))
