"""What a read document is: its text in reading order, the parts it is made of, and the reasons why there is none."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from enum import StrEnum

from pydantic import Field, field_validator

from screener.core.errors import BadInput

from ..core.frozen import Frozen
from .ocr.recognised import RecognisedPage
from .reference_headings import is_references
from .tables import Table

LAYOUT_VERSION = 15
"""Raise it whenever the same file may give another text: places of quotes are offsets into that text."""
PAGE_BREAK = "\f"
"""What stands between two pages in `Document.text`, and nowhere else in it."""


class Kind(StrEnum):
    """What a block of a document is."""

    HEADING = "heading"
    TEXT = "text"
    CAPTION = "caption"
    TABLE_ROW = "table_row"
    """One row; its cells are separated by a tab. What stands in which row and column, `Document.tables` says."""
    RUNNING_HEAD = "running_head"
    """A line that repeats on the pages, a page number or a stamp in the margin."""
    REFERENCE = "reference"
    """Part of the list of references."""
    LINK = "link"
    """The address of a link annotation, which may be visible nowhere else on the page."""
    FOOTNOTE = "footnote"
    HIDDEN = "hidden"
    """Text that nobody sees on the page: white, covered, tiny, off the page, … No reviewer is shown it."""


class Block(Frozen):
    """A part of the text: `text[start:end]`. `section` is the heading it stands under, empty before the first one."""

    start: int
    end: int
    kind: Kind
    section: str = ""


class LinkAnnotation(Frozen):
    """The address a link annotation on a page (1-based) points at."""

    page: int
    uri: str


class Document(Frozen):
    """A document as text.

    `text` is in reading order, pages joined by a form feed. `pages` holds the offset at which each page starts;
    `blocks` cover the text but for white space, in its order. `tables` are the tables of which the grid is known, in the
    order of the text; their rows are blocks too. `metadata` is what the file says of itself (`title`,
    `doi`, ...). `scan` is true where there are pages but practically no text on them. `unread` are the pages (1-based)
    that hold something of which no text could be read: pictures of pages, and pages that are damaged; a blank page is
    none. `recognised` is what was read in the pictures of pages (OCR). `warnings` are for people.
    """

    text: str
    pages: tuple[int, ...]
    blocks: tuple[Block, ...]
    tables: tuple[Table, ...] = ()
    links: tuple[LinkAnnotation, ...] = ()
    metadata: dict[str, str] = Field(default_factory=dict)
    reader: str
    scan: bool = False
    unread: tuple[int, ...] = ()
    recognised: tuple[RecognisedPage, ...] = ()
    warnings: tuple[str, ...] = ()

    def page_of(self, offset: int) -> int:
        """Return the page (1-based) that holds the character at `offset`. Raises IndexError outside the text."""
        if not 0 <= offset <= len(self.text) or not self.pages:
            raise IndexError(f"offset {offset} is outside a text of {len(self.text)} characters")
        return bisect_right(self.pages, offset)

    def page_text(self, number: int) -> str:
        """Return the text of page `number` (1-based). Raises IndexError where there is no such page."""
        start, end = self.page_span(number)
        return self.text[start:end]

    def page_span(self, number: int) -> tuple[int, int]:
        """Return the start and end of page `number` (1-based) in `text`. Raises IndexError where there is no such page."""
        if not 1 <= number <= len(self.pages):
            raise IndexError(f"there is no page {number} in a document of {len(self.pages)}")
        last = number == len(self.pages)
        return self.pages[number - 1], len(self.text) if last else self.pages[number] - 1

    def blocks_on(self, number: int) -> Iterator[Block]:
        """Return the blocks of page `number` (1-based), in order."""
        start, end = self.page_span(number)
        return (block for block in self.blocks if start <= block.start < max(end, start + 1))

    def block_at(self, offset: int) -> Block | None:
        """Return the block that holds the character at `offset`; None between blocks."""
        index = bisect_right(self.blocks, offset, key=lambda block: block.start) - 1
        return self.blocks[index] if index >= 0 and offset < self.blocks[index].end else None

    def in_references(self, offset: int) -> bool:
        """Return whether the character at `offset` belongs to the list of references: a value there is somebody else's."""
        block = self.block_at(offset)
        return block is not None and (block.kind is Kind.REFERENCE or is_references(block.section))

    def is_hidden(self, start: int, end: int | None = None) -> bool:
        """Return whether any of `text[start:end]` (or the one character at `start`) is text that nobody sees."""
        stop = start + 1 if end is None else end
        return any(block.start < stop and start < block.end for block in self.hidden)

    def visible_text(self, number: int) -> str:
        """Return the text of page `number` (1-based) without what nobody sees on it."""
        start, end = self.page_span(number)
        parts = []
        for block in self.hidden:
            if start <= block.start < end:
                parts.append(self.text[start : block.start])
                start = block.end
        return "".join([*parts, self.text[start:end]])

    @property
    def recognised_pages(self) -> tuple[int, ...]:
        """Return the pages (1-based) of which text was read in their pictures: it may differ from what is printed."""
        return tuple(page.page for page in self.recognised if page.lines)

    @property
    def hidden(self) -> tuple[Block, ...]:
        """Return the blocks of text that nobody sees on the page."""
        return tuple(block for block in self.blocks if block.kind is Kind.HIDDEN)


def ranges(numbers: Sequence[int]) -> str:
    """Return rising numbers of pages in short: `3, 5-10`."""
    parts: list[list[int]] = []
    for number in numbers:
        if parts and parts[-1][-1] == number - 1:
            parts[-1] = [parts[-1][0], number]
        else:
            parts.append([number])
    written = ["-".join(map(str, part)) for part in parts]
    return ", ".join(written[:8]) + (", ..." if len(written) > 8 else "")


class FailureKind(StrEnum):
    """Why a file gives no document."""

    ENCRYPTED = "encrypted"
    MALFORMED = "malformed"
    EMPTY = "empty"
    TOO_SLOW = "too_slow"
    TOO_LARGE = "too_large"


class Failure(Frozen):
    """Why a file gives no document: one line for a person, what is wrong and what to do."""

    kind: FailureKind
    reason: str

    @field_validator("reason")
    @classmethod
    def _one_line(cls, reason: str) -> str:
        return " ".join(reason.split())  # the name of a file may hold anything


class Unreadable(BadInput):
    """Raised where a file gives no document."""

    def __init__(self, kind: FailureKind, reason: str) -> None:
        """`reason` is one line: what is wrong, and what to do."""
        self.failure = Failure(kind=kind, reason=reason)
        super().__init__(self.failure.reason)
