"""What all formats of lines with tags have in common: their lines, a record of tags, and what stands between records."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from .. import normalise as n
from ..model import Relation, RelationKind

# What programs write above each record, and what says nothing of any work.
_FURNITURE = re.compile(
    r"<?\d+\s*[.>]|Record #?\d+ of \d+\W*|(?:Provider|Database|Content|Source|Search)\s*:.*|[\W_]*|\d+\. ?(?:of \d+)?"
    r"|EF\b.*|(?:FN|VR)\s.*|Created by .*|Exported? (?:date|on|from).*",
    re.IGNORECASE,
)
_RELATED = {
    "comment in": RelationKind.COMMENT_IN,
    "comment on": RelationKind.COMMENT_ON,
    "erratum in": RelationKind.ERRATUM_IN,
    "erratum for": RelationKind.ERRATUM_FOR,
    "retraction in": RelationKind.RETRACTED_IN,
    "retraction of": RelationKind.RETRACTION_OF,
    "partial retraction in": RelationKind.RETRACTED_IN,
    "partial retraction of": RelationKind.RETRACTION_OF,
    "retracted and republished in": RelationKind.RETRACTED_IN,
    "expression of concern in": RelationKind.CONCERN_IN,
    "expression of concern for": RelationKind.CONCERN_FOR,
    "update in": RelationKind.UPDATE_IN,
    "update of": RelationKind.UPDATE_OF,
}
_RELATED_NOTE = re.compile(rf"\W*({'|'.join(_RELATED)})\s*:?\s*(.+)", re.IGNORECASE | re.DOTALL)


@dataclass
class TaggedRecord:
    """A record as its lines have it: the values of each tag in their order, and the number of its first line (from 1).

    A value of several lines has line ends in it.
    """

    line: int
    fields: dict[str, list[str]] = field(default_factory=dict)

    def add(self, tag: str, value: str) -> None:
        """Add a value of a tag."""
        self.fields.setdefault(tag, []).append(value)

    def extend(self, tag: str, line: str) -> None:
        """Add a line to the last value of a tag."""
        values = self.fields[tag]
        values[-1] = f"{values[-1]}\n{line}" if values[-1] else line

    def all(self, *tags: str) -> list[str]:
        """Return the clean values of some tags that are not empty, tag by tag."""
        if len(tags) > 1:
            tags = tuple(tag for tag in tags if tag in self.fields)
        return [text for tag in tags for value in self.fields.get(tag, ()) if (text := n.clean(value))]

    def first(self, *tags: str) -> str:
        """Return the first value of the first of these tags that has one; empty for none."""
        for tag in tags:
            for value in self.fields.get(tag, ()):
                if text := n.clean(value):
                    return text
        return ""

    def lines(self, *tags: str) -> list[str]:
        """Return every line of the values of some tags that is not empty, clean."""
        values = [value for tag in tags if tag in self.fields for value in self.fields[tag]]
        written = [line for value in values for line in value.split("\n")] if values else ()
        return [text for line in written if (text := n.clean(line))]

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


def relation(kind: RelationKind, citation: str) -> Relation:
    """Return a relation to the work of a citation: by its PMID or DOI where it has one."""
    if pmid := re.search(r"\bPMID:?\s*(\d{1,8})\b", citation):
        return Relation(kind=kind, identifier=f"pmid:{pmid[1].lstrip('0')}")
    if doi := n.doi(citation):
        return Relation(kind=kind, identifier=f"doi:{doi}")
    return Relation(kind=kind, identifier=n.clean(citation))


def noted_relations(notes: Iterable[str]) -> tuple[Relation, ...]:
    """Return the relations that notes such as `Comment in: Heart. 2014;3:4. PMID: 123` name."""
    matches = filter(None, map(_RELATED_NOTE.fullmatch, notes))
    return tuple(dict.fromkeys(relation(_RELATED[match[1].lower()], match[2]) for match in matches))
