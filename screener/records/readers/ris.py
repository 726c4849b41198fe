"""RIS, as reference managers and databases write it: the records of a file and the values of their tags.

The standard writes a tag as two signs, two blanks, a hyphen and a blank. Programs differ in the blanks, and people who
write by hand in all of it; but a record keeps to one style. A line in another style, behind a text, is a line of that text
(`ER - positive tumours`).
"""

import gc
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise

from .. import normalise as n
from ..reference_types import CODES, ris_type
from .columns import names_columns
from .delimited import MOST_HEADINGS
from .ris_fields import database_of, entry_of
from .rows import RowCollector
from .tagged import Tagged, TaggedRecord, goes_on, lines_of

# The RIS specification (2001, 2011) and what vendors add: Embase's LK and U1 to U5, Web of Science's, EBSCO's, Cochrane's.
_TAGS_WRITTEN = """
    TY ER A1 A2 A3 A4 A5 AB AD AN AU AV BT C1 C2 C3 C4 C5 C6 C7 C8 CA CN CP CT CY DA DB DO DP ED EP ET ID IS J1
    J2 JA JF JO KW L1 L2 L3 L4 LA LB LK M1 M2 M3 N1 N2 NV OP PB PP PY RI RN RP SE SN SP ST T1 T2 T3 TA TI TT U1
    U2 U3 U4 U5 UR VL VO Y1 Y2 AF BN BP CC CL CR DE DI DT EI EM FU FX GR J9 JI NR NS OI PA PI PM PT PU SI SO TC
    UT WC WE XR Z9 AR CO LL H1 H2 FA LG
"""
_TAGS = frozenset(_TAGS_WRITTEN.split())
_TAG = re.compile(r"[ \t\xa0]*([A-Za-z][A-Za-z0-9])([ \t\xa0]*)[-–](?:[ \t\xa0]+(.*)|(\S.*))?$")
_START = re.compile(r"^[ \t\xa0\ufeff]*TY([ \t\xa0]*)[-–][ \t\xa0]*(.*?)[ \t\xa0]*$", re.IGNORECASE | re.MULTILINE)
_STANDARD = "  "
"""The blanks between tag and hyphen that the specification asks for."""
_PROSE = frozenset({"AB", "N2", "N1", "TI", "T1"})
"""Tags whose text may go on for lines, so that a line of it may look like a tag."""
_ABSTRACTS = frozenset({"AB", "N2", "N1"})
_ONE_LINE = frozenset(
    {"PY", "Y1", "DA", "DO", "VL", "IS", "SP", "EP", "UR", "L1", "L2", "L3", "LK", "AN", "DB", "DP", "LA", "TY"}
)
_IN_TEXT_WRITTEN = """
    ER TY CT ET AD FA LG ED RP CA CP AV SE RN NV CC DE DT CL CO PT PI PA PM SI GR AR BP FU TC LL PP
"""
_IN_TEXT = frozenset(_IN_TEXT_WRITTEN.split())
"""Tags that are also abbreviations in texts; databases begin their values with a capital letter or a digit."""
_PLAIN = _TAGS - _IN_TEXT
_NAMED_WRITTEN = "A1 A2 A3 AU BT CY ED J1 J2 JA JF JO PB PP PY SN ST T1 T2 T3 TI TT Y1 Y2 BN EI"
_NAMED = frozenset(_NAMED_WRITTEN.split())
"""Tags whose values begin with a capital letter or a digit."""
_TELLING = frozenset({"TI", "T1", "CT", "BT", "AB", "N2", "DO", "AU", "A1"})
"""Tags of which a record has one. Without any, lines with tags behind a record are no other record."""
_TITLES = ("TI", "T1")


@dataclass(slots=True)
class _Field:
    """A tag with its value as it stands in a file; `after_blank`: the line above is empty."""

    tag: str
    value: str
    line: int
    after_blank: bool


def looks_like_ris(text: str) -> bool:
    """Return whether a text has at least one RIS record, and is no table with such a line in a cell."""
    if "\n" not in text:
        text = text.replace("\r", "\n")
    start = next((match for match in _START.finditer(text) if _is_start(match, sure=True)), None)
    if start is None:
        return False
    above = text[: start.start()].strip().split("\n")[:MOST_HEADINGS]
    # One name alone may be a word in what a database writes above its records.
    return not any(names_columns(line) > (1 if number else 0) for number, line in enumerate(above) if line.strip())


def read_ris(text: str, into: RowCollector) -> list[str]:
    """RIS: add its records; return notes.

    `ID` gives the record's own id only where every record has one of its own: reference managers also number their
    library with it, and a number that comes twice identifies nothing.
    """
    with _no_collection():
        return _read(parse_ris(text), into)


@contextmanager
def _no_collection() -> Iterator[None]:
    """Keep Python from looking for cycles among the many small objects that are made and have none: a fifth of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _read(parsed: Tagged, into: RowCollector) -> list[str]:
    ids = [record.first("ID") for record in parsed.records]
    ids_usable = bool(ids) and all(ids) and len(set(ids)) == len(ids)
    source = into.source if into.given else ""
    for number, record in enumerate(parsed.records, start=1):
        if len(record.fields) == 1 and "TY" in record.fields:
            into.reject(number, f"the record in line {record.line:,} is empty")
        else:
            into.add(number, entry_of(record, own_id=ids_usable, source=source), database_of(record) or None)
    remarks = parsed.notes()
    if any(ids) and not ids_usable:
        remarks.insert(0, "`ID` is missing in some records or repeated, so it is not used as their id")
    return remarks


def parse_ris(text: str) -> Tagged:
    """Return the records of an RIS file; first and last lines (`TY`, `ER`) may be missing.

    Notes tell of lines that are in no record, of records with two titles, and where more lines look like the first of a
    record than there are records.
    """
    lines, parsed = lines_of(text), Tagged()
    starts, looking = _starts(lines)
    unknown = Counter[str]()
    for begin, end in zip([0, *starts], [*starts, len(lines)], strict=True):
        _Chunk(lines, begin, end, parsed, unknown).parse()
    doubled = [number for number, record in enumerate(parsed.records, start=1) if _has_two_titles(record)]
    if doubled:
        parsed.remarks.append(
            f"records with two titles, of which the first is read: {', '.join(map(str, doubled[:20]))}"
            f"{' …' * (len(doubled) > 20)}; if a line `TY` or `ER` is missing there, add it and import again"
        )
    if looking > len(parsed.records):
        parsed.remarks.append(
            f"{looking:,} lines look like the first of a record (`TY`), and {len(parsed.records):,} records were read"
        )
    if unknown:
        tags = ", ".join(f"{tag} ({count:,})" for tag, count in unknown.most_common(8))
        parsed.remarks.append(f"tags that are not known, not read: {tags}")
    return parsed


def _is_start(match: re.Match[str], *, sure: bool) -> bool:
    """Return whether a line with `TY` begins a record: in the standard's style, or with a known type.

    `sure`: nothing stands above that the line could be the text of.
    """
    written = match[2]
    known = written.upper() in CODES or bool(ris_type([written], "endnote"))
    if match[1] == _STANDARD and match[0].lstrip()[:2] == "TY":
        return sure or known or not written or bool(re.fullmatch(r"[A-Z]{3,8}", written))
    return known


def _starts(lines: Sequence[str]) -> tuple[list[int], int]:
    """Return the places of the lines that begin a record, and how many look as if they did."""
    starts, looking = list[int](), 0
    for number, line in enumerate(lines):
        if (first := line[:1]) not in "Tt" and not first.isspace():
            continue  # most lines
        if line[:6] == "TY  - " and line[6:].strip() in CODES:
            starts.append(number)
            looking += 1
        elif line[:8].lstrip()[:2].upper() == "TY" and (match := _START.match(line)):
            looking += 1
            above = lines[number - 1].strip() if number else ""
            if _is_start(match, sure=not above or bool(re.fullmatch(r"ER\W*", above, re.IGNORECASE))):
                starts.append(number)
    return starts, looking


def _style(lines: Sequence[str], begin: int, end: int) -> str:
    """Return the blanks between tag and hyphen that most tags of a record have."""
    if lines[begin][2:5] == "  -" and [line[2:6] for line in lines[begin:end]].count("  - ") > 2:
        return _STANDARD
    matches = (_TAG.match(lines[number]) for number in range(begin, end))
    styles = Counter(match[2] for match in matches if match and match[1].upper() in _TAGS)
    return max(styles, key=lambda style: (styles[style], style == _STANDARD)) if styles else _STANDARD


class _Chunk:
    """The lines from one `TY` to the next."""

    def __init__(self, lines: Sequence[str], begin: int, end: int, parsed: Tagged, unknown: Counter[str]) -> None:
        self._lines, self._begin, self._end = lines, begin, end
        self._parsed, self._unknown = parsed, unknown

    def parse(self) -> None:
        """Add the records of the lines, and the lines that are in none."""
        if (record := self._as_programs_write_it()) is not None:
            self._parsed.records.append(record)
        else:
            self._parse_lines(_style(self._lines, self._begin, self._end))

    def _parse_lines(self, style: str) -> None:
        number = self._begin
        small = self._begin < self._end and self._lines[number].lstrip()[:2] == "ty"
        while number < self._end:
            fields: list[_Field] = []
            tail: list[tuple[int, str]] = []
            after_blank = False
            while number < self._end:
                line = self._lines[number]
                number += 1
                if not line or line.isspace():
                    after_blank = True
                    continue
                current = fields[-1].tag if fields else ""
                text_above = fields[-1].value if current in _ABSTRACTS and line[:2] in _NAMED else None
                if line[2:6] == "  - " and style == _STANDARD and line[:2] in _PLAIN and text_above is None:
                    fields.append(_Field(line[:2], line[6:].strip(), number, after_blank))
                    after_blank = False
                    continue
                tag, value = self._tag(line, style, current, small=small)
                if tag in _NAMED and text_above is not None and goes_on(value, text_above):
                    tag = ""
                if tag == "ER" and (not value or not self._lines_follow(number)):
                    break
                if tag and tag != "ER":
                    fields.append(_Field(tag, value, number, after_blank))
                elif not fields or current in _ONE_LINE or (after_blank and _heads_next(line)):
                    tail.append((number, line))
                else:
                    fields[-1].value += f"\n{line.strip()}"
                after_blank = False
            self._add(fields, tail)

    def _as_programs_write_it(self) -> TaggedRecord | None:
        """Return the record of lines that are a tag each, from `TY` to `ER`; None where anything is not so plain."""
        lines, end = self._lines, self._end
        while end > self._begin and (not lines[end - 1] or lines[end - 1].isspace()):
            end -= 1
        if end - self._begin < 2 or lines[self._begin][:6] != "TY  - " or lines[end - 1].rstrip() != "ER  -":
            return None
        record = TaggedRecord(self._begin + 1)
        values = record.fields
        values["TY"] = [lines[self._begin][6:].strip()]
        above = "TY"
        for line in lines[self._begin + 1 : end - 1]:
            tag = line[:2]
            if tag not in _PLAIN or line[2:6] != "  - ":
                return None
            if above in _ABSTRACTS and tag in _NAMED and goes_on(line[6:].strip(), values[above][-1]):
                return None
            above = tag
            if tag in values:
                values[tag].append(line[6:].strip())
            else:
                values[tag] = [line[6:].strip()]
        return record

    def _lines_follow(self, number: int) -> bool:
        return any(line and not line.isspace() for line in self._lines[number : self._end])

    def _tag(self, line: str, style: str, current: str, *, small: bool) -> tuple[str, str]:
        """Return the tag of a line and its value; an empty tag for a line of text."""
        match = _TAG.match(line)
        if match is None or (match[1] != match[1].upper() and not small):
            return "", ""
        tag, value, in_prose = match[1].upper(), (match[3] or match[4] or "").strip(), current in _PROSE
        if tag == "ER":
            return (tag, value) if not value or match[2] == style else ("", "")
        glued = match[4] is not None and match[2] != style
        if tag == "TY" and current:
            return "", ""
        if tag not in _TAGS:
            if in_prose or match[2] != style or glued:
                return "", ""
            self._unknown[tag] += 1
            return tag, value
        if in_prose and (match[2] != style or (tag in _IN_TEXT and value[:1].islower())):
            return "", ""
        return ("", "") if glued else (tag, value)

    def _add(self, fields: list[_Field], tail: list[tuple[int, str]]) -> None:
        """Add the record that these fields are, or the two that have run into each other."""
        if fields and fields[0].tag != "TY" and not any(each.tag in _TELLING for each in fields):
            tail += [(each.line, f"{each.tag}  - {each.value}") for each in fields]
            fields = []
        for number, text in sorted(tail):
            self._parsed.stray(number, text)
        if not fields:
            return
        split = _second_record(fields)
        record = TaggedRecord(fields[0].line)
        values = record.fields
        for each in fields[:split]:
            if each.tag in values:
                values[each.tag].append(each.value)
            else:
                values[each.tag] = [each.value]
        self._parsed.records.append(record)
        if split < len(fields):
            self._add(fields[split:], [])


def _heads_next(line: str) -> bool:
    """Return whether a line behind an empty one is what programs write above the next record."""
    return bool(re.match(r"\s*(?:<?\d+\s*[.>]|Record #?\d+ of \d+|(?:Provider|Content|Database): .*)\s*$", line))


def _second_record(fields: Sequence[_Field]) -> int:
    """Return where, behind an empty line, another record begins whose `TY` is missing: it has a title of its own.

    Return the number of fields where there is none. Where empty lines stand between all tags they tell nothing.
    """
    blanks = [place for place in range(1, len(fields)) if fields[place].after_blank]
    if not blanks or 2 * len(blanks) > len(fields):
        return len(fields)
    titles = [place for place, each in enumerate(fields) if each.tag in _TITLES]
    for first, second in pairwise(titles):
        other = fields[first].tag == fields[second].tag or (
            n.normalise_title(fields[first].value) != n.normalise_title(fields[second].value)
        )
        between = [place for place in blanks if first < place <= second]
        if other and between:
            return between[-1]
    return len(fields)


def _has_two_titles(record: TaggedRecord) -> bool:
    return any(
        len(set(map(n.normalise_title, record.all(tag)))) > 1 for tag in _TITLES if len(record.fields.get(tag, ())) > 1
    )
