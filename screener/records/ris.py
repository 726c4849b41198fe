"""RIS, as reference managers and databases write it."""

import re
from collections.abc import Iterator
from typing import Any

import rispy

from . import normalise as n
from .model import Entry
from .reading import Rows

_START = re.compile(r"^TY  ?- ", re.MULTILINE)


def looks_like_ris(text: str) -> bool:
    """Whether a text has at least one RIS record."""
    return _START.search(text) is not None


def read_ris(text: str, into: Rows) -> None:
    """RIS. Each record is parsed by itself, so that a broken one loses only itself."""
    for number, chunk in enumerate(_records(text), start=1):
        try:
            parsed = rispy.loads(chunk, skip_unknown_tags=True)
        except Exception as error:
            into.reject(number, f"not a readable RIS record: {' '.join(str(error).split())[:120]}")
            continue
        if not parsed:
            into.reject(number, "an empty RIS record")
            continue
        row = parsed[0]
        into.add(number, _entry(row), _database(row) or None)


def _records(text: str) -> Iterator[str]:
    """Each record with its end. Export programs differ in line ends, blanks after tags and missing `ER` lines."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    starts = [found.start() for found in _START.finditer(text)]
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        lines = [_tidy(line) for line in text[start:end].split("\n")]
        body = [line for line in lines if line.strip() and not line.startswith("ER  -")]
        yield "\n".join([*body, "ER  - ", ""])


def _tidy(line: str) -> str:
    """A line with its tag as the standard has it: two letters, two blanks, hyphen, blank."""
    found = re.match(r"^([A-Z][A-Z0-9]) {1,2}-\s?(.*)$", line)
    return f"{found.group(1)}  - {found.group(2)}" if found else line


def _first(row: dict[str, Any], *names: str) -> Any:
    return next((row[name] for name in names if row.get(name)), None)


def _database(row: dict[str, Any]) -> str:
    return n.clean(_first(row, "name_of_database", "database_provider"))


def _entry(row: dict[str, Any]) -> Entry:
    accession = n.clean(_first(row, "accession_number", "unknown_an"))
    urls = row.get("urls") or ([row["url"]] if row.get("url") else [])
    dated = _first(row, "publication_year", "year", "date")
    given = n.clean(row.get("id"))
    dates = [n.date("published", _first(row, "date") or dated), n.date("published", dated)]
    published = next((date for date in dates if date), None)
    database = _database(row).casefold()
    return Entry(
        title=n.clean(_first(row, "title", "primary_title", "translated_title", "short_title")),
        abstract=n.clean(_first(row, "abstract", "notes_abstract")),
        authors=tuple(n.clean(name) for name in _first(row, "authors", "first_authors") or ()),
        year=n.year(dated),
        dates=(published,) if published else (),
        venue=n.clean(
            _first(row, "secondary_title", "journal_name", "alternate_title3", "alternate_title1", "alternate_title2")
        ),
        publication_types=tuple(filter(None, [n.clean(row.get("type_of_work"))])),
        language=n.clean(row.get("language")),
        keywords=tuple(n.clean(word) for word in row.get("keywords") or ()),
        url=n.clean(urls[0]) if urls else "",
        given_id=given or None,
        doi=n.doi(row.get("doi")) or next((found for url in urls if (found := n.doi(url))), None),
        pmid=n.pmid(accession) if "pubmed" in database or "medline" in database else None,
        wos=n.wos(accession) or n.wos(given),
    )
