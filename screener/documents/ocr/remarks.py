"""What people are told of pages whose text was recognised in their pictures (OCR), and of those where it was not."""

from collections.abc import Sequence

from ..model import Document, ranges
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
