"""JSON of services: recognising whose it is, and reading it, also where it breaks off.

A text may be one document, several behind one another, or JSON Lines; a document is an item, a list, or has a list in it.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...core.errors import BadInput
from ..model import Entry
from . import tables
from . import values as v
from .columns import Row
from .crossref import CROSSREF, CSL
from .delimited import FAULT
from .europepmc import EUROPE_PMC
from .json_dialects import Dialect
from .openalex import DBLP, OPENALEX, SEMANTIC_SCHOLAR
from .repositories import HUGGING_FACE, ZENODO
from .rows import RowCollector
from .trials import CLINICAL_TRIALS

DIALECTS = (
    CROSSREF, OPENALEX, DBLP, ZENODO, CLINICAL_TRIALS, EUROPE_PMC, SEMANTIC_SCHOLAR, HUGGING_FACE, CSL,
)  # fmt: skip
"""In the order in which they are tried; the last are recognised by the least."""

MOST_FAULTS = 100
"""How many lines of JSON Lines may be none before the rest of the file is given up."""

_SIGNS = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)|[\[\]{}]', re.DOTALL)
_BLANK = re.compile(r"[\s,]*")
_TITLES = frozenset({"title", "Title", "primary_title", "article_title", "dc:title"})


@dataclass
class Parsed:
    """The values of a text. `faults` are lines that are none, with the number of values before; `cut` says where it ends early.

    `partial` is whether the last value is only the beginning of one: a list without its last items.
    """

    values: list[Any] = field(default_factory=list)
    faults: list[tuple[int, str]] = field(default_factory=list)
    cut: str = ""
    partial: bool = False


def parse(text: str) -> Parsed:
    """Return the JSON values of a text. A text that breaks off gives the items before; `BadInput` where there is none."""
    parsed, place = Parsed(), 0
    decoder = json.JSONDecoder()
    while place < len(text):
        place = _BLANK.match(text, place).end() if parsed.values else len(text) - len(text[place:].lstrip())  # type: ignore[union-attr]
        if place >= len(text):
            break
        try:
            value, place = decoder.raw_decode(text, place)
            parsed.values.append(value)
        except (ValueError, RecursionError) as error:
            reason = problem(error)
            line = text.count("\n", 0, getattr(error, "pos", place)) + 1
            end = text.find("\n", place)
            if parsed.values and len(parsed.faults) < MOST_FAULTS and _next_line_is_value(text, place, end):
                parsed.faults.append((len(parsed.values), f"line {line:,} is not JSON: {reason}"))
                place = end + 1
                continue
            whole = _whole_items(text[place : getattr(error, "pos", place)])
            if whole is not None:
                parsed.values.append(whole)
                parsed.partial = True
            if not parsed.values:
                raise BadInput(
                    f"not JSON: {reason} (line {line:,}); no item before that is whole, fetch it again"
                ) from None
            parsed.cut = f"the file breaks off in line {line:,} ({reason})"
            break
    return parsed


def problem(error: ValueError | RecursionError) -> str:
    """Return in a few words why a text is not JSON."""
    if isinstance(error, json.JSONDecodeError):
        return error.msg
    return "nested too deeply" if isinstance(error, RecursionError) else "a number of thousands of digits"


def _next_line_is_value(text: str, place: int, end: int) -> bool:
    """Return whether a value that begins a line is followed by a line that begins one: JSON Lines."""
    return end > 0 and (place == 0 or text[place - 1] == "\n") and text.startswith("{", end + 1)


def _whole_items(text: str) -> Any:
    """Return the beginning of a JSON text with the items of its outermost open list that are whole; None for no such list."""
    frames: list[tuple[str, int]] = []
    for match in _SIGNS.finditer(text):
        sign = match.group()
        if sign in ("[", "{"):
            frames.append((sign, 0))
        elif sign in ("]", "}") and frames:
            frames.pop()
            if frames and frames[-1][0] == "[" and sign == "}":
                frames[-1] = ("[", match.end())
    listed = next((place for place, (sign, end) in enumerate(frames) if sign == "[" and end), None)
    if listed is None or any(sign == "[" for sign, _ in frames[:listed]):
        return None
    closing = "".join("]" if sign == "[" else "}" for sign, _ in reversed(frames[: listed + 1]))
    try:
        return json.loads(text[: frames[listed][1]] + closing)
    except (ValueError, RecursionError):
        return None


def dialect_of(value: Any) -> Dialect | None:
    """Return whose document a JSON value is, or None."""
    return next((d for d in DIALECTS if d.items(value) is not None or d.single(value) is not None), None)


def looks_like_json(text: str) -> bool:
    """Return whether a text is JSON of a service, or a list of objects; JSON Lines with plain rows are another format."""
    head = text.lstrip()
    if head[:1] == "[":
        return bool(re.match(r"\[\s*[\[{\]\"\d]", head))
    if head[:1] != "{":
        return False
    value = _first_value(head)
    if value is None or dialect_of(value) is not None or plain_items(value) is not None:
        return value is not None
    # A plain row that is written over several lines.
    return isinstance(value, dict) and not _TITLES.isdisjoint(value) and _first_value(head.split("\n")[0]) is None


def _first_value(text: str) -> Any:
    """Return the first JSON value of a text, or what is whole of it; None where there is nothing."""
    try:
        return json.JSONDecoder().raw_decode(text)[0]
    except (ValueError, RecursionError) as error:
        return _whole_items(text[: getattr(error, "pos", 0)])


def plain_items(value: Any) -> list[Any] | None:
    """Return the rows of a list of plain objects with titles, be it under a name; None where there is none."""
    if isinstance(value, list):
        return value if any(isinstance(item, dict) for item in value) else None
    if not isinstance(value, dict) or not _TITLES.isdisjoint(value):
        return None
    lists = [items for items in value.values() if isinstance(items, list) and items
             and isinstance(items[0], dict) and not _TITLES.isdisjoint(items[0])]  # fmt: skip
    return lists[0] if len(lists) == 1 else None


def entries_of(document: Any) -> list[Entry]:
    """Return the entries of one parsed document of a service. Raises `BadInput` for one that none of them writes."""
    dialect = dialect_of(document)
    if dialect is None:
        raise BadInput("a JSON document of none of the services that are known")
    items = dialect.items(document)
    return [dialect.entry_of(item) for item in (items if items is not None else [dialect.single(document)]) if item]


def read_json(path: Path, text: str, into: RowCollector) -> list[str]:
    """Read a file of a service, or of plain objects with the names of fields that tables have. Returns notes."""
    try:
        parsed = parse(text)
    except BadInput as fault:
        raise BadInput(f"{path}: {fault}") from None
    if any(dialect_of(value) is not None for value in parsed.values):
        return read_services(parsed, into)
    rows: list[Any] = []
    for value in parsed.values:
        items = plain_items(value)
        rows += [value] if items is None else items
    table = [row if isinstance(row, dict) else {FAULT: "not a JSON object"} for row in rows]
    columns = list(dict.fromkeys(name for row in table for name in row if name != FAULT))
    if not columns:
        raise BadInput(f"{path}: JSON without records; a list of objects with a `title` can be read")
    notes = tables.read_plain(path, columns, table, into)
    reasons = [*(reason for _, reason in parsed.faults), *filter(None, [parsed.cut])]
    for place, reason in enumerate(reasons, start=1):
        into.reject(len(table) + place, f"{reason}; fetch the file again")
    return list(notes)


def plain_table(text: str) -> tuple[list[str], list[Row]] | None:
    """Return JSON Lines, or a list of objects, as a table: names of columns and rows; None for any other text."""
    head = text.lstrip()
    if not head.startswith(("{", "[")):
        return None
    try:
        values = (
            [json.loads(line) for line in filter(str.strip, text.split("\n"))] if head[0] == "{" else json.loads(text)
        )
    except (ValueError, RecursionError):
        return None
    rows: list[Row] = [value if isinstance(value, dict) else {FAULT: "not a JSON object"} for value in values]
    return list(dict.fromkeys(name for row in rows for name in row if name != FAULT)), rows


def read_services(parsed: Parsed, into: RowCollector) -> list[str]:
    """Add the items of all values; each value may be another service's. Returns notes.

    What is broken is a rejected row: an item that is no object, a line that is no JSON, a file that breaks off.
    """
    notes: list[str] = []
    row = 0
    faults = list(parsed.faults)
    for place, value in enumerate(parsed.values):
        while faults and faults[0][0] <= place:
            row += 1
            into.reject(row, faults.pop(0)[1])
        dialect = dialect_of(value)
        if dialect is None:
            row += 1
            into.reject(row, "a JSON value of another shape than the first")
            continue
        items = dialect.items(value)
        if items is None and parsed.partial and place == len(parsed.values) - 1:
            continue  # of a single item that breaks off, no part is read
        for item in [dialect.single(value)] if items is None else items:
            row += 1
            _add(row, item, dialect, into)
        notes += _shortfall(dialect, value, len(items)) if items is not None else []
    for reason in [*(reason for _, reason in faults), *filter(None, [parsed.cut])]:
        row += 1
        into.reject(row, f"{reason}; what is whole before was read, fetch it again")
    return notes


def _add(row: int, item: Any, dialect: Dialect, into: RowCollector) -> None:
    if not isinstance(item, dict):
        into.reject(row, "not a JSON object")
        return
    try:
        entry = dialect.entry_of(item)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        into.reject(row, f"it is no item of {dialect.format.removesuffix(' JSON')} ({type(error).__name__})")
        return
    into.add(row, entry, dialect.source or None)


def _shortfall(dialect: Dialect, value: Any, count: int) -> Iterator[str]:
    total = v.text(v.at(value, *dialect.total)) if dialect.total else ""
    if total.isdigit() and int(total) > count:
        yield f"the search has {int(total):,} results, of which this page has {count:,}"
