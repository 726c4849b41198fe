"""Embase's CSV: its citations, and the layout with one field a line."""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from typing import Any

from .columns import Row

# Names that a line of the second layout begins with; the first of them tells where a record begins.
_BEGINS = "TITLE"
_NAMES = frozenset(
    {"TITLE", "AUTHOR NAMES", "SOURCE", "ABSTRACT", "PUI", "DOI", "EMBASE ACCESSION ID", "PUBLICATION TYPE"}
)
_LISTS = re.compile(
    r"AUTHOR NAMES|EDITORS|KEYWORDS|TERMS|ISSN|ISBN|TRIAL NUMBERS|LANGUAGE|TRADENAME|MANUFACTURER|CAS REGISTRY"
)
_COUNTER = re.compile(r"RECORD \d+", re.IGNORECASE)
# "Endoscopic Ultrasound (2014) 3:3 (152-160). Date of Publication: 2014"
_CITATION = re.compile(
    r"(?P<venue>.+?) \((?P<year>\d{4})\)(?: (?P<volume>[\w.-]+(?: [A-Z]\w*)?))?(?::(?P<issue>[^ ()]+(?: \w+)*))?"
    r"(?: \((?P<pages>[^()]*)\))?(?: (?:Article Number|Art\. No\.):? ?(?P<article>[\w.-]+))?\.?(?: Date of Publication: (?P<date>[^.]+))?"
)


def in_citation(citation: str, known: Mapping[str, Any]) -> dict[str, Any]:
    """Return venue, year, volume, issue, pages and date of Embase's `Source`, but for what a column of its own has."""
    match = _CITATION.match(citation)
    if match is None:
        return {}
    parts = {name: value for name, value in match.groupdict().items() if value}
    if "pages" in parts and known.get("first_page"):
        del parts["pages"]
    return {name: value for name, value in parts.items() if name == "venue" or not known.get(name)}


def is_field_by_line(text: str) -> bool:
    """Return whether a text is Embase's CSV with one field a line: `"TITLE","…"`, `"AUTHOR NAMES","…","…"`."""
    head = [line.split(",")[0].strip('" \ufeff\r\n') for line in text[:20_000].splitlines()[:60]]
    return _BEGINS in head and len(_NAMES.intersection(head)) >= 2 and not any(line.count(",") > 1 and line.upper().startswith(
        ("TITLE,", '"TITLE","ORIGINAL TITLE"', '"TITLE","AUTHOR NAMES"')) for line in text[:20_000].splitlines()[:60])  # fmt: skip


def field_by_line(text: str, remarks: list[str]) -> tuple[list[str], Sequence[Row]]:
    """Return such a file as a table. A record begins with its title, after an empty line, or where a field comes again."""
    records: list[dict[str, list[str]]] = [{}]
    between: list[str] = []
    last = ""
    for cells in csv.reader(io.StringIO(text.replace("\x00", "").removeprefix("\ufeff"), newline="")):
        name = cells[0].strip().upper() if cells else ""
        values = [cell.strip() for cell in cells[1:] if cell.strip()]
        if not name or _COUNTER.fullmatch(name):
            if records[-1]:
                records.append({})
            continue
        if not records[-1] and name not in _NAMES and len(records) == 1:
            between.append(" ".join(cells))
            continue
        if (name == _BEGINS or name in records[-1]) and records[-1] and name != last:
            records.append({})
        records[-1].setdefault(name, []).extend(values)
        last = name
    if between:
        remarks.append(f"{len(between)} lines above the first record: not read (“{' '.join(between)[:80]}”)")
    rows = [{name: _cell(name, values) for name, values in record.items()} for record in records if record]
    return list(dict.fromkeys(name for row in rows for name in row)), rows


def _cell(name: str, values: Sequence[str]) -> str:
    if _LISTS.search(name):
        return "; ".join(values)
    return " ".join(values) if name in ("TITLE", "ABSTRACT") else next(iter(values), "")
