"""What all formats of lines with tags have in common: their lines, a record of tags, and what stands between records."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from .. import normalise as n
from ..model import Relation, RelationKind
from . import values as v

# What programs write above each record, and what says nothing of any work.
_FURNITURE = re.compile(
    r"<?\d+\s*[.>]|Record #?\d+ of \d+\W*|(?:Provider|Database|Content|Source|Search)\s*:.*|[\W_]*|\d+\. ?(?:of \d+)?"
    r"|EF\b.*|(?:FN|VR)\s.*|Created by .*|Link to the Ovid .*|https?://\S*\bovid\S*|Exported? (?:date|on|from).*",
    re.IGNORECASE,
)
_HEAD = re.compile(r"\s*Record #?\d+ of \d+\W*", re.IGNORECASE)
_RELATED_NOTE = re.compile(r"\W*([A-Za-z ]{5,40}? (?:in|on|of|for|from))\s*:?\s*(.+)", re.IGNORECASE | re.DOTALL)


@dataclass(slots=True)
class TaggedRecord:
    """A record as its lines have it: the values of each tag in their order, and the number of its first line (from 1).

    A value of several lines has line ends in it.
    """

    line: int
    fields: dict[str, list[str]] = field(default_factory=dict)
    _clean: dict[str, list[str]] | None = field(default=None, repr=False, compare=False)
    """Made when a value is first asked for: by then all lines have been read."""

    def add(self, tag: str, value: str) -> None:
        """Add a value of a tag."""
        self.fields.setdefault(tag, []).append(value)

    def extend(self, tag: str, line: str) -> None:
        """Add a line to the last value of a tag."""
        values = self.fields[tag]
        values[-1] = f"{values[-1]}\n{line}" if values[-1] else line

    @property
    def values(self) -> dict[str, list[str]]:
        """Return the clean values of each tag that are not empty."""
        if self._clean is None:
            self._clean = {tag: n.clean_texts(values) for tag, values in self.fields.items()}
        return self._clean

    def all(self, *tags: str) -> list[str]:
        """Return the clean values of some tags that are not empty, tag by tag."""
        values = self._clean or self.values
        if values.keys().isdisjoint(tags):
            return []
        return [value for tag in tags if tag in values for value in values[tag]]

    def first(self, *tags: str) -> str:
        """Return the first value of the first of these tags that has one; empty for none."""
        values = self._clean or self.values
        for tag in tags:
            if values.get(tag):
                return values[tag][0]
        return ""

    def lines(self, *tags: str) -> list[str]:
        """Return every line of the values of some tags that is not empty, clean."""
        fields, values, lines = self.fields, self._clean or self.values, list[str]()
        for tag in tags:
            if tag not in fields:
                continue
            if any("\n" in value for value in fields[tag]):
                lines += n.clean_texts([line for value in fields[tag] for line in value.split("\n")])
            else:
                lines += values[tag]
        return lines

    def joined(self, *tags: str) -> str:
        """Return all values of some tags as one text, in the order of the file; what another value has already is left out."""
        values: list[str] = []
        for tag in [tag for tag in self.fields if tag in tags]:
            for value in self.all(tag):
                if not values:
                    values = [value]
                if not any(value in other for other in values):
                    values = [*(other for other in values if other not in value), value]
        return " ".join(values)


@dataclass
class Tagged:
    """The records of a file, the lines that are in none as (number, text), and remarks of the parser."""

    records: list[TaggedRecord] = field(default_factory=list)
    strays: list[tuple[int, str]] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def stray(self, number: int, text: str) -> None:
        """Note a line that belongs to no record, unless programs write it everywhere."""
        if not _FURNITURE.fullmatch(text.strip()):
            self.strays.append((number, text.strip()))

    def notes(self) -> list[str]:
        """Return what is to be said to the user: remarks, and which lines are in no record."""
        blocks: list[list[tuple[int, str]]] = []
        for number, text in self.strays:
            if blocks and number <= blocks[-1][-1][0] + 1:
                blocks[-1].append((number, text))
            else:
                blocks.append([(number, text)])
        shown = "; ".join(map(_block, blocks[:5]))
        more = f"; and {len(blocks) - 5:,} more places" if len(blocks) > 5 else ""
        told = [f"text that belongs to no record, not read: {shown}{more}"] if blocks else []
        return [*self.remarks, *told]


def _block(lines: Sequence[tuple[int, str]]) -> str:
    first, last = lines[0][0], lines[-1][0]
    where = f"line {first:,}" if first == last else f"lines {first:,} to {last:,}"
    text = lines[0][1]
    return f"{where} `{text[:60]}{'…' if len(text) > 60 else ''}`"


def lines_of(text: str) -> list[str]:
    """Return the lines of a text, whatever ends them (CR, LF, both, CR CR LF), without what cannot be seen."""
    for old, new in (("\r\r\n", "\n"), ("\r\n", "\n"), ("\r", "\n"), ("\x00", ""), ("\ufeff", ""), ("\x1a", "")):
        if old in text:
            text = text.replace(old, new)
    return text.split("\n")


def cited(kind: RelationKind, citation: str) -> Relation | None:
    """Return a relation to the work of a citation: by its PMID or DOI where it has one; None for an empty one."""
    pmid = re.search(r"\bPMID:?\s*(\d{1,8})\b", citation)
    return v.relation(kind, pmid=pmid[1] if pmid else None, doi=None if pmid else citation, citation=citation)


def noted_relations(notes: Iterable[str]) -> tuple[Relation, ...]:
    """Return the relations that notes such as `Comment in: Heart. 2014;3:4. PMID: 123` name."""
    found = (
        cited(kind, match[2])
        for match in map(_RELATED_NOTE.fullmatch, notes)
        if match and (kind := v.LINKS.get(match[1].replace(" ", "").casefold()))
    )
    return v.relations(found)


@dataclass(frozen=True)
class Grammar:
    """How a format writes records as lines with tags.

    `tag` matches a line with a tag: its groups are the tag and the value. `known` are the tags there are: another one is a
    line of text. A record begins with a tag of `begins` and ends with one of `ends`, or where the next begins; `skipped`
    tags belong to the file. `title` is the tag that each record has once: behind an empty line a second one begins a record
    whose first line is missing. The text of `prose` tags may go on for lines; `named` tags have values that begin with a
    capital letter or a digit, so that a line of such a text may be told from one of theirs (see `goes_on`).
    """

    tag: re.Pattern[str]
    known: frozenset[str]
    begins: frozenset[str]
    title: str
    ends: frozenset[str] = frozenset()
    skipped: frozenset[str] = frozenset()
    prose: frozenset[str] = frozenset()
    named: frozenset[str] = frozenset()


_FINISHED = re.compile(r"[.!?。)\]\"”’»>©]\s*$|\A\s*$")
_NO_VALUE = re.compile(r"[-–=<>≤≥±+,;:/%&)\]}]")
_OWN_SPELLING = re.compile(r"[a-z]+[A-Z-]|(?:npj|npg|van|von|de|der|den|da|di|du|del|la|le|el|al|ter|ten|e?\d)\b")
"""Journals such as `eLife` and `npj Digital Medicine`, and names with particles, begin with a small letter."""


def goes_on(value: str, above: str) -> bool:
    """Return whether the value of what looks like a tag goes on with the text `above` it, a line of prose.

    It does where no value begins so: with a sign (`%B - text`), or with a small letter behind a sentence without an end.
    """
    if _NO_VALUE.match(value):
        return True
    return value[:1].islower() and not _FINISHED.search(above) and not _OWN_SPELLING.match(value)


def parse_tagged(text: str, grammar: Grammar) -> Tagged:
    """Return the records of a text; lines without a tag continue the value above, or are in no record."""
    parsed = Tagged()
    record: TaggedRecord | None = None
    current = ""
    block: list[tuple[str, str, int]] = []
    """The tags since the last empty line of the record."""
    for number, line in enumerate(lines_of(text), start=1):
        match = grammar.tag.match(line)
        tag = next((group for group in match.groups()[:-1] if group), "") if match else ""
        if match and record and current in grammar.prose and tag in grammar.named:
            match = None if goes_on((match.groups()[-1] or "").strip(), record.fields[current][-1]) else match
        if match is None or tag not in grammar.known | grammar.ends | grammar.skipped:
            if not line.strip():
                block = []
            elif _HEAD.fullmatch(line):
                record, current = None, ""
            elif record is None or not current:
                parsed.stray(number, line)
            else:
                record.extend(current, line.strip())
            continue
        value = (match.groups()[-1] or "").strip()
        if tag in grammar.ends or tag in grammar.skipped:
            record, current = (None, "") if tag in grammar.ends else (record, current)
            continue
        if record is None or (tag in grammar.begins and record.fields):
            record = TaggedRecord(number)
            parsed.records.append(record)
            block = []
        elif tag == grammar.title and grammar.title in record.fields and not any(t == tag for t, _, _ in block):
            record = _moved(record, block, number)
            parsed.records.append(record)
        record.add(tag, value)
        block.append((tag, value, number))
        current = tag
    _note_doubled(parsed, grammar)
    return parsed


def _moved(record: TaggedRecord, block: Sequence[tuple[str, str, int]], number: int) -> TaggedRecord:
    """Return a new record with the tags of a block, which are taken from the record before."""
    other = TaggedRecord(block[0][2] if block else number)
    for tag, _, _ in reversed(block):
        other.fields.setdefault(tag, []).insert(0, record.fields[tag].pop())
        if not record.fields[tag]:
            del record.fields[tag]
    return other


def _note_doubled(parsed: Tagged, grammar: Grammar) -> None:
    doubled = [
        str(number)
        for number, record in enumerate(parsed.records, start=1)
        if len(set(map(n.normalise_title, record.all(grammar.title)))) > 1
    ]
    if doubled:
        parsed.remarks.append(
            f"records with two titles, of which the first is read: {', '.join(doubled[:20])}{' …' * (len(doubled) > 20)}"
        )
