"""What a form on the screen knows of a YAML file: its fields, and what they show of it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any, Literal

from ..core.errors import BadInput
from ..core.yaml_text import YamlText
from ..core.yamlfile import Path_

Kind = Literal["line", "text", "choice", "number", "numbers", "words", "lines", "tick", "pairs", "codes"]
Value = str | list[str]
MOST_ROWS = 400
"""So many entries of a list can be in a form."""


@dataclass(frozen=True)
class YamlField:
    """A field of the form. `key` is its place within its group, its parts joined by dots."""

    key: str
    label: str
    kind: Kind = "line"
    help: str = ""
    choices: Sequence[tuple[str, str]] = ()
    """Of a choice: what is written, and what people read."""
    default: str = ""
    """What it means that the file has no such key."""
    fixed: bool = False
    """Whether it can be written once and not changed."""
    more: bool = False
    """Whether it is folded away, since few need it."""

    @property
    def is_list(self) -> bool:
        """Return whether it has several values."""
        return self.kind in ("words", "lines", "numbers")

    def shown(self, value: Any) -> Value:
        """Return how a value of the file is shown."""
        if self.is_list:
            values = value if isinstance(value, list) else [] if value in (None, "") else [value]
            return [plain_text(item) for item in values]
        if self.kind in ("pairs", "codes"):
            return self.of_pairs(value)
        if self.kind == "tick":
            return "yes" if value is True else ""
        return self.default if value is None else plain_text(value)

    def written(self, value: Value) -> Any:
        """Return what of a value is written; None for what is left out. What is no number stays as it is, for the check to tell."""
        if isinstance(value, list):
            return [_number(item) for item in value] if self.kind == "numbers" else list(value)
        if self.kind == "tick":
            return True if value else None
        if self.kind in ("pairs", "codes"):
            return self._pairs(value)
        if not value:
            return None
        return _number(value) if self.kind == "number" else value

    def of_pairs(self, value: Any) -> str:
        """Return a mapping as lines: what stands left and right of `=`. A text or list is itself."""
        if isinstance(value, list):
            return "\n".join(map(plain_text, value))
        if not isinstance(value, dict):
            return plain_text(value)
        right = {
            plain_text(key): ", ".join(map(plain_text, item)) if isinstance(item, list) else plain_text(item)
            for key, item in value.items()
        }
        return "\n".join(f"{left} = {words}".strip() if words else left for left, words in right.items())

    def _pairs(self, value: str) -> Any:
        lines = [line.strip() for line in value.splitlines() if line.strip()]
        pairs = [line.rpartition("=") if self.kind == "pairs" else line.partition("=") for line in lines]
        if self.kind == "pairs":
            return {
                left.strip() if mark else right: _number(right) if mark else 1 for left, mark, right in pairs
            } or None
        if not any(mark for _, mark, _ in pairs):
            return lines[0] if len(lines) == 1 else lines or None
        return {
            left.strip(): [word.strip() for word in right.split(",") if word.strip()] or None
            for left, _, right in pairs
        }


@dataclass(frozen=True)
class YamlRows:
    """A list or mapping of groups that can be added, removed and put in order."""

    key: str
    label: str
    noun: str
    fields: "Sequence[YamlField | YamlRows] | Callable[[], Sequence[YamlField | YamlRows]]"
    help: str = ""
    keyed: bool = False
    """Whether it is a mapping: then the field `.key` of each entry is its key."""
    name_first: bool = False
    """Whether people name an entry by its key, so that it stands above the other fields."""
    new: Sequence[tuple[str, Mapping[str, Any]]] = ()
    """The kinds of entries that can be added: what the button says, and what the entry begins with."""
    title: Sequence[str] = ()
    """The fields of which the first that is filled names an entry."""
    subtitle: str = ""
    """The field that tells more of an entry."""
    shows: Callable[[Mapping[str, Any]], Sequence[str]] | None = None
    """Which fields an entry of the file has a use for, by what it says; all where it is None."""
    key_from: str = ""
    """The field that a new entry's `id` is made from where it is left empty."""

    @property
    def parts(self) -> "Sequence[YamlField | YamlRows]":
        """Return the fields of each entry."""
        return self.fields() if callable(self.fields) else self.fields


Part = YamlField | YamlRows


@dataclass
class Entry:
    """An entry of a list as the form has it. `was` is its number or key in the file; empty for a new one."""

    was: str
    key: str
    values: "Values"
    start: Mapping[str, Any]
    """What the file says of it, or what a new one begins with."""
    kind: int = 0
    """Of a new one: which of those that can be added."""

    def title(self, rows: YamlRows) -> str:
        """Return what names it."""
        names = (self.values.get(name) for name in rows.title)
        return next((name for name in names if isinstance(name, str) and name), "") or self.key

    def subtitle(self, rows: YamlRows) -> str:
        """Return what is told of it beside what names it."""
        told = self.values.get(rows.subtitle, "")
        return told if isinstance(told, str) and told != self.title(rows) else ""


Values = dict[str, "Value | list[Entry]"]


def used(rows: YamlRows, entry: Entry) -> list[Part]:
    """Return the fields that an entry has a use for."""
    wanted = rows.shows(entry.start) if rows.shows else None
    return [part for part in rows.parts if wanted is None or part.key in wanted]


def filled(parts: Sequence[Part], values: Values) -> bool:
    """Return whether one of some fields has a value that somebody gave."""
    return any(values[part.key] not in ("", []) for part in parts if not (isinstance(part, YamlField) and part.fixed))


def read_file(parts: Sequence[Part], text: YamlText, base: Path_) -> Values:
    """Return what the fields show of a file."""
    return _of_data(parts, text.get(base))


def _of_data(parts: Sequence[Part], data: Any) -> Values:
    values: Values = {}
    for part in parts:
        value = data
        for key in part.key.split("."):
            value = value.get(key) if isinstance(value, dict) else None
        values[part.key] = part.shown(value) if isinstance(part, YamlField) else _entries(part, value)
    return values


def _entries(rows: YamlRows, value: Any) -> list[Entry]:
    if isinstance(value, dict) and rows.keyed:
        pairs = [(str(key), str(key), item) for key, item in value.items()]
    elif isinstance(value, list) and not rows.keyed:
        pairs = [(str(at), "", item) for at, item in enumerate(value)]
    else:
        pairs = []
    return [
        Entry(was, key, _of_data(rows.parts, item), item if isinstance(item, dict) else {}) for was, key, item in pairs
    ]


def new_entry(rows: YamlRows, which: int) -> Entry:
    """Return a new entry of a kind that can be added."""
    start = rows.new[which][1] if which < len(rows.new) else {}
    return Entry("", "", _of_data(rows.parts, start), start, which)


def read_sent(parts: Sequence[Part], sent: Mapping[str, list[str]], text: YamlText, base: Path_) -> Values:
    """Return what the fields of a form that was sent say. `BadInput` where it speaks of entries that the file does not have."""
    return _sent(parts, sent, ".".join(map(str, base)), text.get(base))


def _sent(parts: Sequence[Part], sent: Mapping[str, list[str]], name: str, data: Any) -> Values:
    values: Values = {}
    for part in parts:
        place = f"{name}.{part.key}" if name else part.key
        inner = data
        for key in part.key.split("."):
            inner = inner.get(key) if isinstance(inner, dict) else None
        if isinstance(part, YamlRows):
            values[part.key] = _sent_entries(part, sent, place, inner)
        elif part.kind == "words" or part.kind == "numbers":
            words = [*sent.get(place, ()), *_typed(sent.get(f"{place}.+", ()))]
            values[part.key] = [plain for word in words if (plain := _normal(word))]
        elif part.kind == "lines":
            values[part.key] = [
                line.strip() for line in _normal("\n".join(sent.get(place, ()))).splitlines() if line.strip()
            ]
        elif part.kind == "tick":
            values[part.key] = "yes" if sent.get(place) else ""
        else:
            plain = _normal((sent.get(place) or [""])[-1])
            values[part.key] = " ".join(plain.split()) if part.kind in ("line", "number") and "\n" in plain else plain
    return values


def _sent_entries(rows: YamlRows, sent: Mapping[str, list[str]], place: str, data: Any) -> list[Entry]:
    entries: list[Entry] = []
    numbers = sent.get(f"{place}.rows", [])
    if len(numbers) > MOST_ROWS:
        raise BadInput(f"{place}: more than {MOST_ROWS} entries are not changed here; change them in the file")
    for number in numbers:
        at = f"{place}.{number}"
        was, which = (sent.get(f"{at}.was") or [""])[-1], (sent.get(f"{at}.new") or ["0"])[-1]
        start: Any = {}
        kind = 0
        if was:
            found = data.get(was) if isinstance(data, dict) else _numbered(data, was)
            if found is None or was in [entry.was for entry in entries]:
                raise BadInput(f"{place}: the form does not fit to the file any more; open Setup again")
            start = found
        elif which.isdecimal() and int(which) < len(rows.new):
            start, kind = rows.new[int(which)][1], int(which)
        start = start if isinstance(start, dict) else {}
        key = _normal((sent.get(f"{at}..key") or [""])[-1])
        entries.append(Entry(was, key, _sent(rows.parts, sent, at, start), start, kind))
    return entries


def _numbered(data: Any, was: str) -> Any:
    return data[int(was)] if isinstance(data, list) and was.isdecimal() and int(was) < len(data) else None


def rows_named(parts: Sequence[Part], values: Values, name: str) -> tuple[YamlRows, list[Entry]]:
    """Return the list of a form that has a name, and its entries; `BadInput` where there is none."""
    for part in parts:
        value = values[part.key]
        if not isinstance(part, YamlRows) or not isinstance(value, list) or not (name + ".").startswith(part.key + "."):
            continue
        rest = name[len(part.key) + 1 :]
        entries = rows_of(value)
        if not rest:
            values[part.key] = list(entries)
            return part, values[part.key]  # type: ignore[return-value]
        at, _, inner = rest.partition(".")
        if at.isdecimal() and int(at) < len(entries) and inner:
            return rows_named(part.parts, entries[int(at)].values, inner)
    raise BadInput(f"{name[:80]}: the form has no such list")


def shown_name(parts: Sequence[Part], values: Values, where: Path_) -> str:
    """Return the name that a value of the file has in the form: entries of mappings have numbers there."""
    for part in parts:
        keys = tuple(part.key.split("."))
        if where[: len(keys)] != keys:
            continue
        rest = where[len(keys) :]
        if isinstance(part, YamlRows) and rest:
            entries = rows_of(values[part.key])
            at = next((n for n, entry in enumerate(entries) if entry.key == rest[0]), None) if part.keyed else rest[0]
            if isinstance(at, int) and at < len(entries):
                inner = shown_name(part.parts, entries[at].values, rest[1:])
                return f"{part.key}.{at}{'.' + inner if inner else ''}"
        return ".".join([part.key, *map(str, rest)])
    return ".".join(map(str, where))


def rows_of(value: "Value | list[Entry]") -> list[Entry]:
    """Return the entries that a list of the form has."""
    return [entry for entry in value if isinstance(entry, Entry)] if isinstance(value, list) else []


def value_of(value: "Value | list[Entry]") -> Value:
    """Return the value that a field of the form has."""
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else value


def _typed(texts: Sequence[str]) -> Iterator[str]:
    for text in texts:
        yield from text.replace("\r", "").split("\n")


def _normal(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def plain_text(value: Any) -> str:
    """Return a value of a file as text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return _normal(value) if isinstance(value, str) else "" if value is None else str(value)


def _number(text: str) -> Any:
    text = text.strip()
    for kind in (int, float):
        try:
            number = kind(text)
        except ValueError:
            continue
        if isfinite(number):
            return number
    return text
