"""Values as YAML that people like to read: plain words where they can stand so, folded lines for long texts, quotes else."""

import json
import re
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

_WIDTH, _INLINE = 112, 96
_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


def inline(value: Any, *, quoted: bool = False) -> str:
    """Return a value as it can stand in one line, also within brackets. `quoted` puts texts in quotes that need none."""
    if isinstance(value, str):
        return in_quotes(value) if quoted or not _stands(f"[{value}]", [value]) else value
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{inline(key)}: {inline(item)}" for key, item in value.items()) + "}"
    if isinstance(value, Sequence):
        return "[" + ", ".join(map(inline, value)) + "]"
    return json.dumps(value)


def in_quotes(text: str) -> str:
    """Return a text in double quotes, whatever stands in it."""
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(text, ensure_ascii=False))


def behind(value: Any, indent: int, *, style: str = "") -> str:
    """Return what stands behind the colon of a key or the dash of an item that is `indent` columns in.

    It begins with a blank or a line end. `style` is the one that a text had before: a quotation mark, `>`, `|` or none.
    """
    if isinstance(value, str):
        return _text(value, indent, style)
    if isinstance(value, Mapping) and value:
        return "\n" + entries(value, indent + 2)
    if isinstance(value, Sequence) and any(isinstance(item, Mapping | list) for item in value):
        return "\n" + "\n".join(item_line(item, indent + 2) for item in value)
    line = f" {inline(value)}"
    if isinstance(value, Sequence) and len(line) + indent > _INLINE:
        return "\n" + "\n".join(item_line(item, indent + 2) for item in value)
    return line


def entries(value: Mapping[str, Any], indent: int) -> str:
    """Return a mapping in lines that begin `indent` columns in."""
    return "\n".join(f"{' ' * indent}{inline(key)}:{behind(item, indent)}" for key, item in value.items())


def item_line(value: Any, indent: int) -> str:
    """Return an item of a list in lines, its dash `indent` columns in."""
    if isinstance(value, Mapping) and value:
        return f"{' ' * indent}- {entries(value, indent + 2).lstrip()}"
    return f"{' ' * indent}-{behind(value, indent)}"


def _text(value: str, indent: int, style: str) -> str:
    one_line = "\n" not in value
    if one_line and style in ("'", '"'):
        return f" {in_quotes(value)}"
    plain = f" {value}" if _stands(f"k: {value}", {"k": value}) else f" {in_quotes(value)}"
    if one_line and len(plain) + indent <= _INLINE and style not in (">", "|"):
        return plain
    pad = " " * (indent + 2)
    if one_line:
        lines = textwrap.wrap(
            value, max(40, _WIDTH - indent), break_long_words=False, break_on_hyphens=False, replace_whitespace=False
        )
        block = " >-\n" + "\n".join(pad + line for line in lines)
    else:
        block = (" |\n" if value.endswith("\n") else " |-\n") + "\n".join(
            pad + line if line else "" for line in value.removesuffix("\n").split("\n")
        )
    return block if _stands(f"{' ' * indent}k:{block}\n", {"k": value}) else f" {in_quotes(value)}"


def _stands(text: str, value: Any) -> bool:
    """Return whether YAML reads a value from a text."""
    try:
        return bool(yaml.safe_load(text) == value)
    except (yaml.YAMLError, ValueError):
        return False
