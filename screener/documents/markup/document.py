"""Parts of a marked-up document written down as a `Document`: its text, sections, references, tables and pages."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ..abstracts import PARTS, abstract_rank
from ..cleaning import clean
from ..headings import is_section, opens_after_references, run_in_section
from ..model import LAYOUT_VERSION, PAGE_BREAK, Block, Document, FailureKind, Kind, Unreadable
from ..reference_headings import is_references
from ..tables import Cell, Table
from .parts import BOLD, Part

_TABLE_CAPTION = re.compile(
    r"(?P<name>(?i:(?:supplementary|supplemental|extended data|online|appendix|additional) )?"
    r"(?i:table|tab\.|tabelle|tableau|tabla|tabela|tabella|tabel|tabell|tabulka|таблица|表)\s*"
    r"(?:[A-Z]{0,2}[-.]?\d{1,3}(?:\.\d{1,2})*[a-z]?|[IVX]{1,5}|[A-H])(?![^\W_]))\s*(?P<mark>[.:|)–—-])?\s*(?P<next>\S)?"
)
_NUMBER_ALONE = re.compile(
    r"(?i:(?:supplementary|supplemental|extended data|online|appendix|additional) )?"
    r"(?i:table|tab\.|figure|fig\.|box|scheme|chart|plate|tabelle|abbildung|abb\.|tableau|tabla|figura|tabela)\s*"
    r"(?:[A-Z]{0,2}[-.]?\d{1,3}(?:\.\d{1,2})*[a-z]?|[IVX]{1,5})\s*[.:|]?"
)
"""The number of a figure or table without its title."""
_ENTRY_NUMBER = re.compile(r"\[?\(?\w{1,6}\+?[\]).]{0,2}")
_PANDOC = re.compile(r"(?:Table)?: \S")
"""How Pandoc has a caption behind a table."""
_LONGEST_CAPTION = 1_500
_SECOND = 2
_TO_REFERENCE = (Kind.TEXT, Kind.FOOTNOTE)


@dataclass
class Sheet:
    """What is known of a document besides its parts."""

    reader: str
    metadata: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    pages: int = 1
    unread: tuple[int, ...] = ()


def document_of(parts: Sequence[Part], sheet: Sheet) -> Document:
    """Return the document that parts make, in the order of their pages. Raises `Unreadable` where they hold no text."""
    parts = [part for part in parts if part.text or (part.grid is not None and part.grid.cells)]
    if not parts:
        raise Unreadable(FailureKind.EMPTY, "the file holds no text; attach another one")
    _set_pages(parts)
    parts.sort(key=lambda part: part.page)
    _name_captions(parts)
    _set_sections(parts)
    return _Writer(sheet).written(parts)


def is_table_caption(text: str) -> bool:
    """Return whether a text is the caption of a table, by its beginning."""
    match = _TABLE_CAPTION.match(text) if len(text) <= _LONGEST_CAPTION else None
    return match is not None and bool(match["mark"] or not (match["next"] or "").islower())


def pictured_table(caption: str) -> str:
    """Return what is to be said of a table that is a picture, by its caption."""
    match = _TABLE_CAPTION.match(caption)
    name = match["name"].strip() if match else f"the table “{caption[:60]}”" if caption else "a table"
    return f"{name} is a picture, of which only the caption is read"


def _set_pages(parts: Iterable[Part]) -> None:
    page = 1
    for part in parts:
        page = part.page = part.page or page


def _name_captions(parts: list[Part]) -> None:
    """Find the captions of tables that the file does not name as such: what stands before one, or else behind it."""
    for part in parts:
        if part.kind is Kind.HEADING and (_NUMBER_ALONE.fullmatch(part.text) or is_table_caption(part.text)):
            part.kind = Kind.CAPTION
    flow = [part for part in parts if part.kind not in (Kind.RUNNING_HEAD, Kind.HIDDEN, Kind.FOOTNOTE)]
    for place, part in enumerate(flow):
        if part.grid is None or part.caption is not None:
            continue
        near = [flow[place + step] if 0 <= place + step < len(flow) else None for step in (-2, -1, 1, 2)]
        above, before, after, beyond = near
        chosen = None
        if before is not None and _like_caption(before):
            chosen = before
        elif before is not None and above is not None and _are_caption(above, before):
            above.text, chosen = f"{above.text} {before.text}", above
            before.text = ""
        elif after is not None and (
            _PANDOC.match(after.text) or (_like_caption(after) and (beyond is None or beyond.grid is None))
        ):
            chosen = after
        if chosen is not None:
            chosen.kind, part.caption = Kind.CAPTION, chosen
    parts[:] = [part for part in parts if part.text or part.grid is not None]


def _like_caption(part: Part) -> bool:
    return part.kind in (Kind.TEXT, Kind.CAPTION) and is_table_caption(part.text)


def _are_caption(above: Part, before: Part) -> bool:
    """Return whether two parts are the number of a table and its title."""
    number = _NUMBER_ALONE.fullmatch(above.text) and is_table_caption(above.text)
    return bool(number) and before.kind in (Kind.TEXT, Kind.CAPTION) and len(before.text) <= _LONGEST_CAPTION


def _set_sections(parts: list[Part]) -> None:
    """Set the section of every part that has none yet, and what is a reference."""
    section, references, abstract, fronts = "", 0, 0, False
    title = _title(parts)
    for part in parts:
        if part.section is not None:
            if part.kind is Kind.TEXT and is_references(part.section):
                part.kind = Kind.REFERENCE
            continue
        if part.kind is Kind.HEADING and part is not title:
            below_abstract = abstract and part.level > abstract and PARTS.fullmatch(part.text)
            within = references and part.level > references and not opens_after_references(part.text)
            if not below_abstract and not within:
                section, fronts = part.text, False
                references = part.level or BOLD if is_references(section) else 0
                abstract = part.level or BOLD if abstract_rank(section) is not None else 0
        elif part.kind is Kind.TEXT and (not section or fronts) and (run_in := run_in_section(part.text)):
            section, fronts = run_in, True
        part.section = section
        if references and part.kind in _TO_REFERENCE:
            part.kind = Kind.REFERENCE
        elif references and part.kind in (Kind.CAPTION, Kind.TABLE_ROW):
            # A table that was put behind the references is the paper's own, unless it only numbers them.
            part.section = section if _lists_references(part) else ""
    parts[:] = [entry for part in parts for entry in _entries(part)]


def _lists_references(part: Part) -> bool:
    rows = part.grid.rows() if part.grid is not None and part.caption is None else []
    return bool(rows) and all(len(row) == 2 and _ENTRY_NUMBER.fullmatch(row[0].text) for row in rows)


def _entries(part: Part) -> list[Part]:
    """Return the references that a table sets beside their numbers; any other part as it is."""
    if part.grid is None or not part.section or not is_references(part.section) or not _lists_references(part):
        return [part]
    entries = [" ".join(cell.text for cell in row) for row in part.grid.rows()]
    return [Part(Kind.REFERENCE, entry, page=part.page, section=part.section) for entry in entries]


def _title(parts: Sequence[Part]) -> Part | None:
    """Return the heading that is the document's title: the first one, unless it is named or numbered as a section is."""
    headings = [part for part in parts if part.kind is Kind.HEADING]
    if not headings or headings[0].page != 1 or is_section(headings[0].text):
        return None
    # Some programs give all headings one level, or give the title a lower one.
    alike = headings[0] is parts[0] and len({part.level for part in headings}) == 1 and headings[0].level == _SECOND
    below = any(part.level < headings[0].level for part in headings)
    return headings[0] if headings[0].level == 1 or alike or below else None


class _Writer:
    """Writes parts down, and keeps where each stands."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.chunks: list[str] = []
        self.length = 0
        self.pages = [0]
        self.blocks: list[Block] = []
        self.places: dict[int, tuple[int, int]] = {}

    def written(self, parts: Sequence[Part]) -> Document:
        before: Part | None = None
        for part in parts:
            while len(self.pages) < part.page:
                self.append(PAGE_BREAK)
                self.pages.append(self.length)
                before = None
            if before is not None:
                self.append("\n" if part.tight and part.kind is before.kind else "\n\n")
            self.part(part)
            before = part
        while len(self.pages) < self.sheet.pages:
            self.append(PAGE_BREAK)
            self.pages.append(self.length)
        return Document(
            text="".join(self.chunks),
            pages=tuple(self.pages),
            blocks=tuple(self.blocks),
            tables=tuple(self.table(part) for part in parts if part.grid is not None),
            metadata={name: clean(value) for name, value in self.sheet.metadata.items()},
            reader=f"{clean(self.sheet.reader)}, layout {LAYOUT_VERSION}",
            unread=self.sheet.unread,
            warnings=tuple(self.sheet.warnings),
        )

    def append(self, text: str) -> None:
        self.chunks.append(text)
        self.length += len(text)

    def part(self, part: Part) -> None:
        start = self.length
        if part.grid is None:
            self.append(part.text)
            self.block(start, part)
            self.places[id(part)] = (start, self.length)
            return
        for number, row in enumerate(part.grid.rows()):
            self.append("\n" if number else "")
            self.append("\t" * row[0].column)
            start, column = self.length, row[0].column
            for cell in row:
                self.append("\t" * (cell.column - column))
                column = cell.column
                self.places[id(cell)] = (self.length, self.length + len(cell.text))
                self.append(cell.text)
            self.block(start, part)

    def block(self, start: int, part: Part) -> None:
        self.blocks.append(Block(start=start, end=self.length, kind=part.kind, section=part.section or ""))

    def table(self, part: Part) -> Table:
        """Return a table whose rows, and its caption, are written; where a cell reaches over more places, these are empty."""
        cells = [
            Cell(
                start=self.places[id(cell)][0], end=self.places[id(cell)][1], row=cell.row, column=cell.column,
                row_span=cell.row_span, column_span=cell.column_span, head=cell.head,
            )
            for cell in (part.grid.cells if part.grid is not None else ())
        ]  # fmt: skip
        return Table(cells=tuple(cells), caption=self.places.get(id(part.caption)))
