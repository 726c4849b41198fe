"""Journals by their quartile, from files of the Journal Citation Reports (JCR) that whoever reviews has exported.

A file has a line that names categories and year, an empty line, a line of column names, the journals, and Clarivate's
terms of use: what lacks a quartile's columns is no journal. JCR's table is Clarivate's and is nowhere in this program.
"""

import csv
import io
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ...core.errors import BadInput
from ...core.files import reason_of
from .. import normalise as n
from ..readers import decode
from .names import same_venue
from .verdicts import NO_VENUE, Place, VenueVerdict, Verdict, forms, plain

_COLUMNS = ("Journal name", "JCR Abbreviation", "ISSN", "eISSN", "Category", "JIF Quartile")
_EXCERPT = "The journals of this review’s records in:"
_SHOWN = 3
_LONGER = 4
"""Letters by which JCR's abbreviation of a word is longer than one of another word."""


@dataclass(frozen=True)
class JcrRow:
    """A journal in a category. `quartile` is `Q1` to `Q4`, or empty where JCR has none (`N/A`)."""

    name: str
    abbreviation: str
    issn: tuple[str, ...]
    category: str
    year: int
    quartile: str


@dataclass(frozen=True)
class JcrFile:
    """An export: its year, the categories that it says it is of or that its journals have, and its journals."""

    year: int
    categories: frozenset[str]
    rows: tuple[JcrRow, ...]
    about: str
    """Its first line."""


def read_jcr(path: Path) -> JcrFile:
    """Return an export of JCR. Raises `BadInput` for a file that is none."""
    lines = _lines(path)
    header = next((at for at, cells in enumerate(lines) if set(_COLUMNS) <= set(map(_column, cells))), None)
    if header is None:
        raise BadInput(
            f"{path}: no export of the Journal Citation Reports: no line has the columns {', '.join(_COLUMNS)}"
        )
    names = list(map(_column, lines[header]))
    said = " ".join(cell for cells in lines[: header + 1] for cell in cells)
    years = {year for cells in lines for cell in cells[:1] for year in re.findall(r"JCR Year: *(\d{4})", cell)}
    if len(years) > 1:
        raise BadInput(
            f"{path}: is of several JCR years ({', '.join(sorted(years))}); export each into a file of its own"
        )
    year = re.search(r"JCR Year: *(\d{4})", said) or re.search(r"\b(\d{4}) JIF\b", said)
    if year is None:
        raise BadInput(f"{path}: says nowhere of which JCR year it is; export it again with its first line")
    rows = []
    for cells in lines[header + 1 :]:
        cell = dict(zip(names, map(str.strip, cells), strict=False))
        quartile = cell.get("JIF Quartile", "").upper()
        if cell.get("Category", "") not in ("", "Category") and cell["Journal name"]:
            issn = n.issn(f"{cell['ISSN']} {cell['eISSN']}")
            known = quartile if re.fullmatch(r"Q[1-4]", quartile) else ""
            rows.append(
                JcrRow(cell["Journal name"], cell["JCR Abbreviation"], issn, cell["Category"], int(year[1]), known)
            )
    about = lines[0][0] if lines[0] else ""
    if not rows and not about.startswith(_EXCERPT):
        raise BadInput(f"{path}: has no journals; export the category again")
    stated = re.search(r"Selected Categories: *(.+?) *Selected Editions", said)
    categories = {row.category for row in rows} | ({stated[1]} if stated else set())
    return JcrFile(int(year[1]), frozenset(categories), tuple(rows), about)


def _lines(path: Path) -> list[list[str]]:
    """Return the cells of each line; a comma is between them, or what Excel puts there when it saves the file again."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise BadInput(f"{path}: cannot be read: {reason_of(error)}") from None
    if raw.startswith(b"PK\x03\x04"):
        raise BadInput(f"{path}: is an Excel file; save it as CSV")
    text = re.sub(r"\r\n?", "\n", decode(path, raw, []))
    between = next((sign for sign in ",;\t" if re.search(f'(?i)journal name *"? *{sign}', text)), ",")
    try:
        return list(csv.reader(io.StringIO(text), delimiter=between))
    except csv.Error as error:
        raise BadInput(f"{path}: cannot be read as a table ({error}); export it again") from None


def _column(name: str) -> str:
    """Return a column's name as JCR writes it."""
    plainly = re.sub(r"^\d{4} ", "", name.strip()).casefold()
    return next((known for known in _COLUMNS if plainly == known.casefold()), name)


def excerpt_of(file: JcrFile, rows: Sequence[JcrRow]) -> str:
    """Return some journals of an export as a file that `read_jcr` reads: those by which a review was decided, no table."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([f"{_EXCERPT} {file.about.removeprefix(_EXCERPT).strip()} Selected JCR Year: {file.year}"])
    writer.writerow([])
    writer.writerow(_COLUMNS)
    for row in rows:
        issn = (*row.issn, "N/A", "N/A")[:2]
        writer.writerow([row.name, row.abbreviation, *issn, row.category, row.quartile or "N/A"])
    return out.getvalue()


@dataclass
class _Journal:
    name: str
    rows: list[JcrRow] = field(default_factory=list)


class JournalList:
    """Journals that pass in at least one of the `categories`, in the JCR `year`, by their quartile."""

    def __init__(
        self, rows: Iterable[JcrRow], year: int, categories: Collection[str], quartiles: Collection[str]
    ) -> None:
        """Take the rows of all files; those of other years don't count, those of other categories let nothing pass."""
        self._categories, self._quartiles, self._year = set(map(plain, categories)), set(quartiles), year
        self._by_issn: dict[str, _Journal] = {}
        self._by_name = defaultdict[str, list[_Journal]](list)
        self._by_abbreviation = defaultdict[str, list[_Journal]](list)
        self._by_letter = defaultdict[str, list[_Journal]](list)
        for row in rows:
            if row.year == year:
                self._add(row)

    def _add(self, row: JcrRow) -> None:
        known = [self._by_issn[number] for number in row.issn if number in self._by_issn]
        known += [other for other in self._by_name[plain(row.name)] if not row.issn or not other.rows[0].issn]
        journal = known[0] if known else _Journal(row.name)
        journal.rows.append(row)
        for number in row.issn:
            self._by_issn[number] = journal
        places = ((self._by_name, plain(row.name)), (self._by_abbreviation, plain(row.abbreviation)))
        for index, name in (*places, (self._by_letter, plain(row.name)[:1])):
            if name and journal not in index[name]:
                index[name].append(journal)

    def matches(self, place: Place) -> tuple[list[_Journal], str]:
        """Return the journals that a place may be and by what: ISSN, then title, then abbreviation; the first that has any."""
        by_issn = [self._by_issn[number] for number in place.issn if number in self._by_issn]
        if by_issn:
            return _each_once(by_issn), "ISSN"
        for form in forms(place.venue):
            if self._by_name.get(form):
                return self._by_name[form], "title"
        for form in forms(place.venue):
            if self._by_abbreviation.get(form):
                return self._by_abbreviation[form], "abbreviation"
        alike = [
            journal
            for letter in dict.fromkeys(form[:1] for form in forms(place.venue))
            for journal in self._by_letter.get(letter, ())
            if same_venue(place.venue, journal.name) and _cut_alike(place.venue, journal.rows[0])
        ]
        return _each_once(alike), "abbreviation"

    def rows_of(self, place: Place) -> list[JcrRow]:
        """Return the rows from which the verdict on a place is made."""
        return [row for journal in self.matches(place)[0] for row in journal.rows]

    def verdict(self, place: Place) -> VenueVerdict:
        """Return what the list says of a place."""
        journals, by = self.matches(place)
        if not journals:
            return VenueVerdict(Verdict.UNMATCHED, f"{place.told} is in no JCR file" if place.told else NO_VENUE)
        found = [self._unless_another(place, journal, self._of(journal, by)) for journal in journals]
        if len({verdict.verdict for verdict in found}) == 1:
            return found[0]
        names = ", ".join(journal.name for journal in journals[:_SHOWN])
        return VenueVerdict(Verdict.AMBIGUOUS, f"{place.venue} may be {names}, of which not all pass")

    def _unless_another(self, place: Place, journal: _Journal, found: VenueVerdict) -> VenueVerdict:
        """Return what is said of a journal; nothing removes a place that has its name and other ISSNs.

        One number of each may be that of print and that of the electronic edition.
        """
        numbers = {number for row in journal.rows for number in row.issn}
        another = place.issn and numbers and not numbers & {*place.issn} and len(numbers) + len(place.issn) > 2
        if found.verdict is not Verdict.FAILS or not another:
            return found
        return VenueVerdict(Verdict.AMBIGUOUS, f"{place.told} has other ISSNs than {journal.name} in the JCR files")

    def _of(self, journal: _Journal, by: str) -> VenueVerdict:
        rows = [row for row in journal.rows if plain(row.category) in self._categories]
        passing = next((row for row in rows if row.quartile in self._quartiles), None)
        if passing:
            return VenueVerdict(Verdict.PASSES, f"{passing.quartile} in {passing.category} (JCR {self._year}, by {by})")
        if not rows:
            return VenueVerdict(
                Verdict.FAILS, f"{journal.name} is in none of the named categories (JCR {self._year}, by {by})"
            )
        if not any(row.quartile for row in rows):
            return VenueVerdict(Verdict.AMBIGUOUS, f"{journal.name} has no quartile (JCR {self._year}, by {by})")
        told = ", ".join(f"{row.quartile or 'no quartile'} in {row.category}" for row in rows)
        return VenueVerdict(Verdict.FAILS, f"{journal.name}: {told} (JCR {self._year}, by {by})")


def _cut_alike(venue: str, row: JcrRow) -> bool:
    """Return whether no word of an abbreviation ends long before JCR's does: `J Card Surg` is not `J CARDIOTHORAC SURG`.

    Words that JCR leaves whole say nothing: `Neural Netw` is `NEURAL NETWORKS`.
    """
    short, listed, whole = plain(venue).split(), plain(row.abbreviation).split(), set(plain(row.name).split())
    if len(short) != len(listed):
        return True
    return not any(
        long.startswith(word) and len(long) - len(word) >= _LONGER and long not in whole
        for word, long in zip(short, listed, strict=True)
    )


def _each_once(journals: Sequence[_Journal]) -> list[_Journal]:
    return list({id(journal): journal for journal in journals}.values())
