"""The lines of a report: its sentences and tables, with what tells whose work a line speaks of."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from ..core.messages import Passage
from ..documents import Document, Kind, Quote, Table, background_of
from ..text.sentences import sentences
from .table_names import heads_saying, is_across

LINES_VERSION = "1"
"""Changes whenever the same documents would give other lines."""
LONGEST_TABLE = 1_600
"""Characters of a table's part: one place that a person can look over."""
_LONGEST_ROW = 400
_BETWEEN, _GAP = 260, 4
"""Characters of a text between two parts of one table at most (a row or caption that was not seen as one), and of what
stands between two passages that follow each other."""
_HYPHENATED, _BREAK = re.compile(r"(?<=[^\W\d_])[-\u00ad\ufffe]\n(?=[a-z])"), re.compile(r"\s+")
OWN_WORK = re.compile(
    r"\b(?:we|our|ours|us|the authors?|this (?:study|work|paper|article)|the (?:present|proposed))\b", re.IGNORECASE
)
"""Words by which a sentence is about the authors' own work."""
_COMPARATORS = re.compile(
    r"\b(?:baselines?|comparators?|competing|compared (?:methods|models)|comparison (?:methods|models)"
    r"|comparison (?:to|with)|(?:previous|existing|other) (?:methods|models|approaches))\b",
    re.IGNORECASE,
)
_LATE = re.compile(r"\b(?:discussion|limitations?|conclusions?|future work|acknowledge?ments?)\b", re.IGNORECASE)
_CITED = re.compile(
    r"^\W*(?:while |in contrast,? )?[A-Z][\w’'-]+(?: (?:and|&) [A-Z][\w’'-]+| et al\.?)? ?[(\[](?:19|20)?\d"
)
_ENTRY = re.compile(r"^\[\d{1,3}\]\s+[^\W\d_]", re.MULTILINE)
"""How an entry of the references begins, wherever the columns of a page have carried it."""
_CITATION = re.compile(r"\[\d{1,3}(?:\s?[,–-]\s?\d{1,3})*\]|\bet al\b|\([A-Z][^()]{2,60} (?:19|20)\d\d[a-z]?\)")
_GIVEN_UP = re.compile(
    r"\b(?:(?:dropped|abandoned) (?:this|that|the|it)|gave (?:this|that|it) up|without success|did not help)\b",
    re.IGNORECASE,
)
_TABLE_CAPTION = re.compile(r"\W*(?:supplementary |supplemental |extended data )?tab", re.IGNORECASE)
_FIGURE = re.compile(r"(?<![\w.])[-−]?\d+(?:[.,]\d+)*(?![\w.])")


@dataclass(frozen=True)
class Line:
    """A sentence or a table, and its place. `passage` is the number of the passage that it stands in."""

    text: str
    document: str
    start: int
    passage: int
    section: str = ""
    kind: Kind = Kind.TEXT
    """`TABLE_ROW` for a table, whole or in parts, with its caption; `CAPTION` for that of a figure."""
    background: bool = False
    """Whether it stands in an introduction or where the work of others is told."""
    names: frozenset[str] = field(default=frozenset(), repr=False)
    """The words, in small letters, by which the study calls its subject."""
    told: str = ""
    """What it says of what the study made, where that is a part of it only: a table's row without the columns of others."""
    grid: tuple["Line", ...] = field(default=(), repr=False)
    """A table's rows, where its cells are known; those that are about others are left out."""

    @property
    def end(self) -> int:
        """Return where it ends in its document."""
        return self.start + len(self.text)

    @property
    def quote(self) -> Quote:
        """Return it as a quote with its place."""
        return Quote(self.text, self.document, self.start)

    @cached_property
    def plain(self) -> str:
        """Return the words without line breaks and the hyphens that they brought."""
        return _BREAK.sub(" ", _HYPHENATED.sub("", self.told or self.text))

    @property
    def table(self) -> bool:
        """Return whether it is a table."""
        return self.kind is Kind.TABLE_ROW

    @cached_property
    def figures(self) -> int:
        """Return how many numbers a table has; 0 for a sentence."""
        return len(_FIGURE.findall(self.text)) if self.table else 0

    @cached_property
    def own(self) -> bool:
        """Return whether it speaks of the authors' own work."""
        words = set(re.findall(r"[\w-]+", self.plain.casefold()))
        return bool(words & self.names) or OWN_WORK.search(self.plain) is not None

    @cached_property
    def comparators(self) -> bool:
        """Return whether it stands where those are described, and nothing else, with which the study compares."""
        return _COMPARATORS.search(self.section) is not None and " and " not in self.section

    @cached_property
    def cited(self) -> bool:
        """Return whether its subject is a publication that it cites: `Miller et al. (2020) pre-train …`."""
        return _CITED.search(self.plain) is not None

    @cached_property
    def borrowed(self) -> bool:
        """Return whether it cites a publication and speaks of no work of the authors' own."""
        return not self.own and _CITATION.search(self.plain) is not None

    @cached_property
    def late(self) -> bool:
        """Return whether it stands where a paper repeats what it did, or speaks of what it did not do."""
        return _LATE.search(self.section) is not None

    @property
    def of_others(self) -> bool:
        """Return whether what it says is probably not said of what the study made, or of what it gave up."""
        told = (self.background and not self.own) or self.comparators or self.cited or self.kind is Kind.CAPTION
        return told or _GIVEN_UP.search(self.plain) is not None

    def rows(self) -> Iterator["Line"]:
        """Yield a table's rows, each as a line; a sentence as it is."""
        if self.grid or not self.table:
            yield from self.grid or (self,)
            return
        for match in re.finditer(r"[^\n]+", self.text):
            yield Line(match[0], self.document, self.start + match.start(), self.passage, self.section, self.kind,
                       self.background, self.names)  # fmt: skip


def lines_of(
    passages: Sequence[Passage], documents: Mapping[str, Document], names: frozenset[str] = frozenset()
) -> list[Line]:
    """Return the lines of passages, in order. A table with what stands between its rows is one line; headings are none."""
    background = background_of(passages)
    lines: list[Line] = []
    number = 0
    while number < len(passages):
        passage = passages[number]
        document = documents[passage.document]
        last = number
        if _tabular(passage, document):
            last = _table_end(passages, number, document)
            end = passages[last].start + len(passages[last].text)
            for start, stop in _parts(document.text, passage.start, end):
                whole = Line(
                    document.text[start:stop], passage.document, start, number, passage.section, Kind.TABLE_ROW,
                    background[number], names,
                )  # fmt: skip
                lines.append(replace(whole, grid=tuple(_rows(whole, document))))
        else:
            lines += _sentences(passage, number, document, background[number], names)
        number = last + 1
    return lines


def _kinds(passage: Passage, document: Document) -> set[Kind]:
    end = passage.start + len(passage.text)
    return {block.kind for block in document.blocks if passage.start <= block.start < end}


def _tabular(passage: Passage, document: Document) -> bool:
    kinds = _kinds(passage, document)
    return Kind.TABLE_ROW in kinds or (Kind.CAPTION in kinds and _TABLE_CAPTION.match(passage.text) is not None)


def _table_end(passages: Sequence[Passage], first: int, document: Document) -> int:
    """Return the last passage of the table that begins with one: on its page, with one caption, and nothing left out."""
    last, captions, end = first, 0, passages[first].start
    for number in range(first, len(passages)):
        passage = passages[number]
        if (passage.document, passage.page) != (passages[first].document, passages[first].page):
            break
        if passage.start - end > _GAP or passage.start + len(passage.text) - passages[first].start > LONGEST_TABLE:
            break
        end = passage.start + len(passage.text)
        kinds = _kinds(passage, document)
        if _tabular(passage, document):
            captions += Kind.CAPTION in kinds
            if captions > 1:
                break
            last = number
        elif len(passage.text) > _BETWEEN or Kind.HEADING in kinds:
            break
    return last


def _rows(whole: Line, document: Document) -> Iterator[Line]:
    """Yield the rows of the tables in a part of a text, by their cells.

    Where a column or a row bears the study's own name, the other columns and rows are those of comparators.
    """
    for table in document.tables:
        own_rows, own_columns = _own(table, document.text, whole.names)
        for row in range(table.row_count):
            cells = [cell for cell in table.row(row) if whole.start <= cell.start and cell.end <= whole.end]
            if not cells or (own_rows and row not in own_rows):
                continue
            start, end = min(cell.start for cell in cells), max(cell.end for cell in cells)
            kept = [cell for cell in cells if cell.head or not own_columns or own_columns.intersection(cell.columns)]
            shown = [part for cell in kept for part in (*(() if cell.head else table.column_heads(cell)), cell)]
            told = " ".join(document.text[cell.start : cell.end] for cell in shown)
            if end - start <= _LONGEST_ROW:
                yield replace(whole, text=document.text[start:end], start=start, told=told)


def _own(table: Table, text: str, names: frozenset[str]) -> tuple[set[int], set[int]]:
    """Return the rows and the columns of a table whose heads have one of the names, but for those that all have it."""

    def says(head: str) -> bool:
        return not names.isdisjoint(re.findall(r"[\w-]+", head.casefold()))

    of_rows, of_columns = heads_saying(table, text, says)
    rows = {row for head in of_rows if not is_across(table, head) for row in head.rows}
    columns = {column for head in of_columns for column in head.columns}
    return (rows if len(rows) < table.row_count - len(table.head_rows) else set()), columns


def _parts(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield a table in parts that are not too long, divided between its rows."""
    while end - start > LONGEST_TABLE:
        cut = text.rfind("\n", start, start + LONGEST_TABLE)
        cut = cut if cut > start else start + LONGEST_TABLE
        yield start, cut
        start = cut + len(text[cut:end]) - len(text[cut:end].lstrip())
    if start < end:
        yield start, end


def _sentences(
    passage: Passage, number: int, document: Document, background: bool, names: frozenset[str]
) -> Iterator[Line]:
    entry = _ENTRY.search(passage.text)
    for sentence in sentences(passage.text[: entry.start()] if entry else passage.text):
        start = passage.start + sentence.start
        block = document.block_at(start)
        if block is not None and block.kind is Kind.HEADING and passage.start + sentence.end <= block.end:
            continue
        kind = Kind.CAPTION if block is not None and block.kind is Kind.CAPTION else Kind.TEXT
        yield Line(sentence.text, passage.document, start, number, passage.section, kind, background, names)
