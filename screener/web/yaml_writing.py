"""What of a YAML file a form on the screen changes: only what its fields have otherwise."""

from collections.abc import Mapping, Sequence
from typing import Any

from ..core.errors import BadInput
from ..core.yaml_text import Row, YamlText
from ..core.yamlfile import Path_
from .yaml_fields import Entry, Part, Value, Values, YamlField, YamlRows, plain_text, rows_of, used, value_of


def write(parts: Sequence[Part], values: Values, text: YamlText, base: Path_) -> None:
    """Change in a file what the values of a form have otherwise; what no field knows stays untouched."""
    for part in parts:
        outer = part.key.rpartition(".")[0]
        order = [other.key.split(".")[-1 if outer else 0] for other in parts if other.key.startswith(outer)]
        where: Path_ = (*base, *part.key.split("."))
        value = values[part.key]
        if isinstance(part, YamlRows):
            _write_rows(part, rows_of(value), text, where, order)
        else:
            _write_field(part, value_of(value), text, where, order)


def _write_field(part: YamlField, value: Value, text: YamlText, where: Path_, order: Sequence[str]) -> None:
    old = text.get(where)
    if part.shown(old) == value:
        return
    written = part.written(value)
    if isinstance(written, list) and isinstance(old, list) and old and written and part.kind != "numbers":
        text.arrange(where, _matched(old, written))
    elif isinstance(written, dict) and isinstance(old, dict) and old:
        text.arrange(where, [Row(key if key in old else None, key, item) for key, item in written.items()])
        for key, item in written.items():
            if part.of_pairs({key: old.get(key)}) != part.of_pairs({key: item}):
                text.set((*where, key), item)
    elif written is None or (written == [] and old is None):
        text.remove(where)
        if "." in part.key and text.get(where[:-1]) == {}:
            text.remove(where[:-1])
    else:
        text.set(where, written, order)


def _write_rows(rows: YamlRows, entries: list[Entry], text: YamlText, where: Path_, order: Sequence[str]) -> None:
    old = text.get(where)
    if old is not None and not isinstance(old, dict if rows.keyed else list):
        return  # of a form that is not known here
    arranged = []
    for entry in _named(rows, entries):
        if entry.was:
            place: str | int = entry.was if rows.keyed else int(entry.was)
            write(used(rows, entry), entry.values, text, (*where, place))
            arranged.append(Row(place, entry.key))
        else:
            arranged.append(Row(None, entry.key, fresh(rows, entry)))
    keys = [row.key for row in arranged]
    if rows.keyed and len(set(keys)) < len(keys):
        twice = next(key for key in keys if keys.count(key) > 1)
        raise BadInput(f"{rows.label}: `{twice}` is there twice; give each {rows.noun} a name of its own")
    if old:
        text.arrange(where, arranged)
    elif arranged:
        text.set(
            where, {row.key: row.value for row in arranged} if rows.keyed else [row.value for row in arranged], order
        )


def _named(rows: YamlRows, entries: list[Entry]) -> list[Entry]:
    """Return entries of which each has a name, made of its words where nobody gave one."""
    taken = {entry.key for entry in entries} | {str(entry.values.get("id", "")) for entry in entries}
    for entry in entries:
        words = str(entry.values.get(rows.key_from) or rows.noun)
        if rows.keyed and not entry.key:
            entry.key = _free_name(words, taken)
            taken.add(entry.key)
        elif not rows.keyed and entry.values.get("id") == "":
            entry.values["id"] = name = _free_name(words, taken)
            taken.add(name)
    return entries


def fresh(rows: YamlRows, entry: Entry) -> dict[str, Any]:
    """Return what is written of a new entry."""
    return _built(used(rows, entry), entry.values, entry.start)


def _built(parts: Sequence[Part], values: Values, start: Mapping[str, Any]) -> dict[str, Any]:
    keys = {part.key.split(".")[0] for part in parts}
    built: dict[str, Any] = {key: value for key, value in start.items() if key not in keys}
    for part in parts:
        value = values[part.key]
        if isinstance(part, YamlRows):
            inner = _named(part, rows_of(value))
            made = [fresh(part, entry) for entry in inner]
            written: Any = {entry.key: item for entry, item in zip(inner, made, strict=True)} if part.keyed else made
            written = written or ({} if part.key in start else None)
        else:
            plain = value_of(value)
            written = None if plain == part.default and part.key not in start else part.written(plain)
        if written is None or written == []:
            continue
        target = built
        *outer, last = part.key.split(".")
        for key in outer:
            target = target.setdefault(key, {})
        target[last] = written
    return built


def _matched(old: list[Any], new: Sequence[Any]) -> list[Row]:
    free = {at: plain_text(item) for at, item in enumerate(old)}
    rows = []
    for item in new:
        at = next((at for at, plain in free.items() if plain == item), None)
        if at is not None:
            del free[at]
        rows.append(Row(at, value=item))
    return rows


def _free_name(text: str, taken: set[str]) -> str:
    """Return a name of lower-case letters, digits and `_` that is not taken, made of the first words of a text."""
    words = "".join(c if c.isascii() and c.isalnum() else " " for c in text.lower()).split()
    while words and not words[0][0].isalpha():
        words.pop(0)
    name, number = "_".join(words[:4])[:40] or "new", 2
    free = name
    while free in taken:
        free, number = f"{name}_{number}", number + 1
    return free
