"""Marked-up documents (web pages, JATS, Markdown) as parts in the order of their text, and how they are gathered."""

import re
from dataclasses import dataclass, field

from ..cleaning import clean
from ..headings import is_section
from ..model import Kind
from .marked_digits import MARKS, unmarked
from .tables import Grid, RawCell, RawTable, is_data

BOLD = 7
"""The level of a heading that is only set in bold, below those of a web page."""
_LONGEST_BOLD = 90
_NOTE_MARK = re.compile(r"^(\d{1,2}|[a-z*†‡§¶])(?=[A-Z][\w ])")
"""The mark of a note without a blank behind it."""
_BEGINS = re.compile(r"[-−–+±<>≤≥~≈=]*\.?\d|[^\W_]|[(\[“√]")
"""A word or number; not a sign that ends what stands before it."""
_RUN_IN = (Kind.HEADING, Kind.CAPTION)
"""Kinds whose paragraphs are one."""


@dataclass(slots=True, eq=False)
class Part:
    """A block of a document on its way to text.

    `level` is that of a heading, 1 the highest. `page` is 0 for that of the part before; `section` None for the heading
    above. `tight` parts stand on the next line, without an empty one. A table has its `grid`, and no text.
    """

    kind: Kind
    text: str = ""
    level: int = 0
    page: int = 0
    section: str | None = None
    tight: bool = False
    grid: Grid | None = None
    caption: "Part | None" = None
    """Of a table: the part that is its caption."""


@dataclass(slots=True)
class _Frame:
    """What is being gathered: the flow of the page, a cell, or a note."""

    parts: list[Part] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    kinds: list[tuple[Kind, int]] = field(default_factory=lambda: [(Kind.TEXT, 0)])
    notes: list[Part] = field(default_factory=list)
    tight: bool = False
    bold: int = 0
    letters: int = 0
    apart: bool = False
    """Whether something has ended that a page sets apart from what comes."""

    def add(self, data: str) -> None:
        """Add characters, without a second blank."""
        if data.startswith(" ") and self.text and self.text[-1].endswith((" ", "\n")):
            data = data[1:]
        if data and self.apart and not MARKS.fullmatch(data):
            self.apart = False
            room = not self.text or self.text[-1].endswith((" ", "\n"))
            data = f" {data}" if not room and _BEGINS.match(data) else data
        if data:
            self.text.append(data)


class Flow:
    """Gathers what is read of a marked-up document into parts."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._frames = [_Frame()]
        self._tables: list[RawTable] = []
        self._depths: list[int] = []
        self._floats: list[tuple[list[Part], int]] = []
        self.section: str | None = None
        """The section of what comes; None where headings tell."""

    @property
    def parts(self) -> list[Part]:
        """Return the parts gathered so far."""
        while self._tables:
            self.end_table()
        while len(self._frames) > 1:
            self.end_note()
        self._end_block(self._frames[0], *self._frames[0].kinds[-1])
        return self._frames[0].parts

    def text(self, data: str, *, bold: bool = False) -> None:
        """Add characters to the block that is open."""
        frame = self._frames[-1]
        frame.add(data)
        letters = sum(map(str.isalnum, data))
        frame.letters += letters
        frame.bold += letters * bold

    def apart(self) -> None:
        """Set a word or number that comes apart from what stands before it, as behind the number of a title."""
        self._frames[-1].apart = True

    def line(self) -> None:
        """End a line within the block that is open."""
        frame = self._frames[-1]
        frame.add(" " if frame.kinds[-1][0] in _RUN_IN else "\n")

    def divide(self, *, tight: bool = False) -> None:
        """End the block that is open; what comes is another one, on the next line if `tight`."""
        frame = self._frames[-1]
        kind, level = frame.kinds[-1]
        if kind in _RUN_IN:
            frame.add(" ")
        else:
            self._end_block(frame, kind, level)
            frame.tight = tight

    def open(self, kind: Kind, level: int = 0) -> None:
        """What comes is of another kind, up to `close`."""
        frame = self._frames[-1]
        if frame.kinds[-1][0] in _RUN_IN:
            self.divide()
            frame.kinds.append(frame.kinds[-1])
            return
        self._end_block(frame, *frame.kinds[-1])
        if frame.kinds[-1][0] is Kind.RUNNING_HEAD:  # the title of a menu is no heading of the paper
            kind, level = frame.kinds[-1]
        frame.kinds.append((kind, level))

    def close(self) -> None:
        """End what was opened last."""
        frame = self._frames[-1]
        if len(frame.kinds) > 1:
            kind = frame.kinds.pop()
            if kind[0] in _RUN_IN and kind == frame.kinds[-1]:
                frame.add(" ")
            else:
                self._end_block(frame, *kind)

    def begin_float(self) -> None:
        """Begin a figure or table with its caption."""
        self.divide()
        parts = self._frames[-1].parts
        self._floats.append((parts, len(parts)))

    def end_float(self) -> tuple[str, bool]:
        """End it; return its caption, and whether there is a table in it, of which it is the caption."""
        self.divide()
        parts, begin = self._floats.pop()
        caption = next((part for part in parts[begin:] if part.kind is Kind.CAPTION), None)
        tables = [part for part in parts[begin:] if part.grid is not None]
        for table in tables:
            table.caption = table.caption or caption
        return caption.text if caption is not None else "", bool(tables)

    def begin_note(self, kind: Kind = Kind.FOOTNOTE) -> None:
        """Begin a note in the middle of a block, which it stands behind."""
        self._frames.append(_Frame(kinds=[(kind, 0)]))

    def end_note(self) -> None:
        """End it."""
        if len(self._frames) > 1:
            frame = self._end_frame()
            self._frames[-1].notes += frame.parts

    def _end_frame(self) -> _Frame:
        """End what is gathered apart, and return it."""
        frame = self._frames.pop()
        self._end_block(frame, *frame.kinds[-1])
        return frame

    def begin_table(self, *, layout: bool = False) -> None:
        """Begin a table; with `layout` one that only sets what is in it side by side."""
        self.divide()
        self._tables.append(RawTable(layout=layout))
        self._depths.append(len(self._frames))

    @property
    def in_table(self) -> bool:
        """Return whether a table is open."""
        return bool(self._tables)

    def begin_group(self, name: str) -> None:
        """Begin a group of rows of the table that is open: `thead`, `tbody` or `tfoot`."""
        if self._tables:
            self._tables[-1].begin_group(name)

    def end_group(self) -> None:
        """End it."""
        if self._tables:
            self._tables[-1].begin_group("")

    def begin_row(self) -> None:
        """Begin a row of the table that is open."""
        if self._tables:
            self._tables[-1].begin_row()

    def begin_cell(self, cell: RawCell) -> None:
        """Begin a cell of the table that is open."""
        if self._tables:
            self._tables[-1].row().append(cell)
            self._frames.append(_Frame())

    def end_cell(self) -> None:
        """End the cell that is open."""
        if self._tables and len(self._frames) > self._depths[-1]:
            frame = self._end_frame()
            self._tables[-1].row()[-1].parts = frame.parts

    def begin_caption(self) -> None:
        """Begin the caption of the table that is open."""
        self._frames.append(_Frame(kinds=[(Kind.CAPTION, 0)]))

    def end_caption(self) -> None:
        """End it."""
        if self._tables and len(self._frames) > self._depths[-1]:
            self._tables[-1].captions += self._end_frame().parts

    def end_table(self) -> None:
        """End the table that is open: its rows, or where it is none of data what stands in it, go to the text."""
        if not self._tables:
            return
        table, depth = self._tables.pop(), self._depths.pop()
        while len(self._frames) > depth:
            self._end_left_open(table)
        frame = self._frames[-1]
        self._end_block(frame, *frame.kinds[-1])
        frame.parts += table.captions
        if is_data(table):
            caption = table.captions[0] if table.captions else None
            frame.parts.append(Part(Kind.TABLE_ROW, section=self.section, grid=table.grid(), caption=caption))
        else:
            frame.parts += [part for cell in table.cells() for part in cell.parts]

    def _end_left_open(self, table: RawTable) -> None:
        """End a cell or caption that was left open in a table."""
        frame = self._end_frame()
        if table.rows and table.rows[-1].cells:
            table.row()[-1].parts += frame.parts
        else:
            table.captions += frame.parts

    def _end_block(self, frame: _Frame, kind: Kind, level: int) -> None:
        text = tidied("".join(frame.text)) if frame.text else ""
        bold = frame.letters > 0 and frame.bold == frame.letters and not self._tables
        if text:
            if kind is Kind.TEXT and bold and len(text) <= _LONGEST_BOLD and is_section(text):
                kind, level = Kind.HEADING, BOLD
            if kind is Kind.FOOTNOTE:
                text = _NOTE_MARK.sub(r"\1 ", text)
            frame.parts.append(Part(kind, text, level, section=self.section, tight=frame.tight))
        frame.parts += frame.notes
        frame.text, frame.notes, frame.bold, frame.letters, frame.apart = [], [], 0, 0, False
        if text:
            frame.tight = False


def tidied(text: str) -> str:
    """Return a text without marks, with blanks as a page shows them: one between words, lines without any at their ends."""
    text = unmarked(clean(text))
    if "\n" not in text and "\t" not in text:
        return text.strip()
    lines = (re.sub(r"[ \t\xa0]*\t[ \t\xa0]*", "\t", line).strip() for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
