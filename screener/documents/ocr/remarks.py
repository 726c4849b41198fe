"""What people are told of pages whose text was recognised in their pictures (OCR), and of those where it was not."""

from collections.abc import Sequence

from ..model import Document, Kind, ranges
from ..pages.marks import names_table
from ..tables import Table
from .recognised import UNSURE, RecognisedPage
from .recognition import recogniser, switched_on

BY_OCR = "read by text recognition (OCR)"
"""What the warning of a document says that has such pages."""


def was_recognised(document: Document) -> bool:
    """Return whether somebody tried to recognise the text of a document's pages that have none."""
    return "rapidocr" in document.reader


def can_recognise(document: Document) -> bool:
    """Return whether pages of a document that were not read could be recognised now, and nobody has tried."""
    return bool(document.unread) and switched_on() and not was_recognised(document)


def remedy(document: Document) -> str:
    """Return what to do about pages of a document that hold something of which no text was read."""
    if was_recognised(document):
        return "look at them, or attach a copy with recognised text"
    if not recogniser():
        return (
            'pip install "screener[ocr]" and import the file again, so that they are read by text recognition (OCR), '
            "or attach a copy with recognised text"
        )
    if not switched_on():
        return "text recognition (OCR) is switched off by SCREENER_OCR=0"
    return "import the file again, so that they are read by text recognition (OCR)"


def table_remarks(document: Document) -> list[str]:
    """Return the warnings of tables on recognised pages whose rows and columns were not told with certainty.

    Those are captions of a table that was not found, tables without a head, rows without a name of their own among
    others with one, and cells that reach over several columns below the head.
    """
    recognised = set(document.recognised_pages)
    captions = {table.caption for table in document.tables}
    pages = {
        document.page_of(block.start)
        for block in document.blocks
        if block.kind is Kind.CAPTION
        and names_table(document.text[block.start : block.end])
        and not any(caption and block.start <= caption[0] < block.end for caption in captions)
    }
    pages |= {document.page_of(table.cells[0].start) for table in document.tables if _is_unsure(table)}
    if not pages & recognised:
        return []
    return [
        f"a table on page {ranges(sorted(pages & recognised))} could not be read into rows and columns with certainty: "
        "compare each figure with the picture before you use it"
    ]


def _is_unsure(table: Table) -> bool:
    body = [row for row in range(table.row_count) if row not in table.head_rows]
    nameless = [row for row in body if table.at(row, 0) is None]
    # A name over several rows may be one beside which others were not found, unless each has a further name.
    over = [cell for cell in table.cells if cell.column == 0 and cell.row_span > 1 and cell.row in body]
    further = [table.at(row, 1) for cell in over for row in range(cell.row, cell.row + cell.row_span)]
    spans = any(cell is None or not cell.head or cell.row_span > 1 for cell in further)
    wide = spans or any(cell.column_span > 1 and not cell.head for cell in table.cells)
    return not table.first_rows or 0 < len(nameless) < len(body) or wide


def recognition_remarks(pages: Sequence[RecognisedPage]) -> list[str]:
    """Return the warnings of a document some pages of which were recognised."""
    read = [page.page for page in pages if page.lines]
    if not read:
        return []
    remarks = [f"page {ranges(read)} {BY_OCR}, {pages[0].by}: compare figures with the picture before you rely on them"]
    if unsure := [page for page in pages if page.unsure]:
        lines = [line for page in unsure for line in page.unsure]
        first = min(lines, key=lambda line: line.confidence)
        remarks.append(
            f"lines read with little certainty (below {UNSURE:.0%}) on page {ranges([page.page for page in unsure])}: "
            f"{len(lines)}, least of all “{first.text[:40]}” ({first.confidence:.0%})"
        )
    if cut := [page for page in pages if page.left_out]:
        count = sum(page.left_out for page in cut)
        remarks.append(f"lines left out on page {ranges([page.page for page in cut])} that could not be read: {count}")
    return remarks
