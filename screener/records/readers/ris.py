"""RIS, as reference managers and databases write it."""

import re
from collections.abc import Iterator
from typing import Any

import rispy

from .. import normalise as n
from ..model import Entry
from .columns import identifying
from .rows import RowCollector

_TAG = re.compile(r"^\s{0,3}([A-Z][A-Z0-9])(?: {1,2}-(?: |$)|  -(?=\S))(.*)$")
_START = re.compile(r"^\s{0,3}TY {1,2}-", re.MULTILINE)
# Without the blanks, or in small letters, no standard has it; by hand it is written so, and then throughout a record.
_LOOSE_START = re.compile(r"^\s*TY\s*-\s*([A-Z]{3,8})\s*$", re.IGNORECASE)
_LOOSE_TAG = re.compile(r"^\s*([A-Z][A-Z0-9])\s*-\s*(.*)$", re.IGNORECASE)
_TYPES = frozenset(rispy.config.TYPE_OF_REFERENCE_MAPPING)
_TITLES = ("TI", "T1")
_TITLE_LINES = ("TI  - ", "T1  - ")
_NAMES = {**rispy.config.TAG_KEY_MAPPING, "BT": "book_title", "CT": "caption_title"}
# Who provides a record is a database only where the two have one name.
_PROVIDERS = {"nlm": "PubMed", "pubmed": "PubMed"}
# Where reference managers put a PMID in RIS: `AN` in records from PubMed, `C2` in those from Scopus.
_PMID_IN = {"pubmed": "accession_number", "medline": "accession_number", "nlm": "accession_number", "scopus": "custom2"}


def looks_like_ris(text: str) -> bool:
    """Return whether a text has at least one RIS record, and is no table with such a line in a cell."""
    start = _START.search(text)
    if start is None:
        return False
    head = text[: start.start()].strip().split("\n")[0]
    return not any("title" in identifying(head.split(delimiter)) for delimiter in ",;\t|")


def parse_ris(text: str) -> list[dict[str, Any] | str]:
    """Return the records of an RIS file as rispy has them, or why one cannot be read. Each is parsed by itself."""
    parsed: list[dict[str, Any] | str] = []
    for chunk in _records(text):
        try:
            rows = rispy.loads(chunk, mapping=_NAMES, skip_unknown_tags=True)
        except Exception as error:
            parsed.append(f"not a readable RIS record: {' '.join(str(error).split())[:120]}")
        else:
            parsed.append(rows[0] if rows else "an empty RIS record")
    return parsed


def read_ris(text: str, into: RowCollector) -> list[str]:
    """RIS. Each record is parsed by itself, so that a broken one loses only itself. Returns notes.

    `ID` gives the record's own id only where every record has one of its own: reference managers also number their
    library with it, and a number that comes twice identifies nothing.
    """
    parsed = parse_ris(text)
    ids = [n.clean(row.get("id")) for row in parsed if not isinstance(row, str)]
    ids_usable = bool(ids) and all(ids) and len(set(ids)) == len(ids)
    for number, row in enumerate(parsed, start=1):
        if isinstance(row, str):
            into.reject(number, row)
        else:
            into.add(number, entry_of(row, own_id=ids_usable), _database(row) or None)
    remarks = []
    if any(ids) and not ids_usable:
        remarks.append("`ID` is missing in some records or repeated, so it is not used as their id")
    doubled = [str(number) for number, chunk in enumerate(_records(text), start=1) if _has_two_titles(chunk)]
    if doubled:
        remarks.append(
            f"records with two titles, of which one is read: {', '.join(doubled[:20])}{' …' * (len(doubled) > 20)};"
            " if a line `TY` or `ER` is missing there, add it and import again"
        )
    starts = len(re.findall(r"^\s*TY\s*-", text, re.IGNORECASE | re.MULTILINE))
    if starts > len(parsed):
        remarks.append(
            f"{starts:,} lines look like the first of a record (`TY`), and {len(parsed):,} records were read"
        )
    return remarks


def _records(text: str) -> Iterator[str]:
    """Yield each record from `TY` to `ER`, with both. Either may be missing; what stands between records is left out.

    Export programs differ in line ends, in blanks around tags, and in what they write above and below a record. A second
    title behind an empty line begins a record whose first line is missing.
    """
    body: list[str] = []
    loose = after_blank = False
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        match = _TAG.match(line)
        if match is None and ((start := _LOOSE_START.match(line)) and start[1].upper() in _TYPES):
            loose, match = True, _LOOSE_TAG.match(line)
        elif match is None and loose and (tag_line := _LOOSE_TAG.match(line)) and tag_line[1].upper() in _NAMES:
            match = tag_line
        tag = match.group(1).upper() if match else ""
        second = tag in _TITLES and after_blank and any(other.startswith(_TITLE_LINES) for other in body)
        after_blank = not line.strip()
        if tag in ("TY", "ER") or second:
            loose = loose and (tag != "TY" or _TAG.match(line) is None)
            if body:
                yield "\n".join([*body, "ER  - ", ""])
            body = ["TY  - "] if second else []
        elif tag and not body:
            body = ["TY  - "]  # a record that has lost its first line still has the others
        if match and tag != "ER":
            body.append(f"{tag}  - {match.group(2)}")
        elif body and line.strip():
            body.append(line)
    if body:
        yield "\n".join([*body, "ER  - ", ""])


def _has_two_titles(chunk: str) -> bool:
    titles = re.findall(r"^(TI|T1)  - (.*)$", chunk, re.MULTILINE)
    return any(len({n.normalise_title(text) for name, text in titles if name == tag}) > 1 for tag in _TITLES)


def _first(row: dict[str, Any], *names: str) -> Any:
    return next((row[name] for name in names if row.get(name)), None)


def _database(row: dict[str, Any]) -> str:
    """Return the database that the record names, as it writes it; or that which its identifiers give away."""
    if named := n.clean(row.get("name_of_database")):
        return named
    provider = n.clean(row.get("database_provider"))
    return _PROVIDERS.get(provider.casefold(), "Web of Science" if n.wos(row.get("accession_number")) else provider)


def entry_of(row: dict[str, Any], *, own_id: bool) -> Entry:
    """Return the entry of one parsed record; its `ID` is its own id only if told so."""
    accession, written_id = n.clean(row.get("accession_number")), n.clean(row.get("id"))
    urls = [n.clean(url) for url in row.get("urls") or ()]
    notes = " ".join(n.clean(note) for note in row.get("notes") or ())
    # "PY 2020" beside "Y1 4-8 Aug. 2020" or "DA 2020/08//": the most precise is the date.
    dates = [n.published(row.get("year"), row.get(name)) for name in ("date", "publication_year")]
    published = max(filter(None, dates), key=lambda date: len(date.value), default=None)
    pmid_field = next((place for name, place in _PMID_IN.items() if name in _database(row).casefold()), "")
    doi = n.doi(row.get("doi")) or next((in_url for url in urls if (in_url := n.doi(url))), None)
    noted = re.search(r"\bPMID:? *(\d{1,8})\b", notes)
    return Entry(
        title=n.clean(
            _first(row, "title", "primary_title", "caption_title", "translated_title", "short_title", "book_title")
        ),
        abstract=n.clean(_first(row, "abstract", "notes_abstract")),
        authors=tuple(filter(None, map(n.clean, _first(row, "authors", "first_authors") or ()))),
        year=n.year(row.get("year")) or n.year(row.get("publication_year")) or n.year(row.get("date")),
        dates=(published,) if published else (),
        venue=n.clean(
            _first(row, "secondary_title", "journal_name", "alternate_title3", "alternate_title1", "alternate_title2")
        ),
        volume=n.clean(row.get("volume")),
        issue=n.clean(row.get("number")),
        pages=n.pages(row.get("start_page"), row.get("end_page")),
        publication_types=tuple(filter(None, [n.clean(row.get("type_of_work"))])),
        language=n.clean(row.get("language")),
        keywords=tuple(filter(None, map(n.clean, row.get("keywords") or ()))),
        url=urls[0] if urls else "",
        given_id=written_id if own_id else None,
        doi=doi,
        pmid=n.pmid(row.get(pmid_field))
        or (noted and n.pmid(noted.group(1)))
        or next(filter(None, map(n.pmid, urls)), None),
        pmcid=n.pmcid(notes) if noted else None,
        arxiv=n.arxiv(doi) or next(filter(None, map(n.arxiv, urls)), None),
        wos=n.wos(accession) or n.wos(written_id),
    )
