"""Pages with tables and figures as pictures beside the text that a chat model is shown."""

from collections.abc import Generator, Iterable, Sequence
from copy import copy
from dataclasses import dataclass, replace
from typing import Self

from ..core.messages import Message, PagePicture, PagePlace, Passage, PictureRequest, PictureResponse, Request, Response
from ..documents import Document, EvidenceTexts, Kind, Report, has_pdfium, library

PAGE_IMAGES_VERSION = "1"
"""Changes whenever the same passages would come with other pictures."""
MOST_PAGES = 8
"""Pages of a report that are shown as pictures; more are named."""
PIXELS_A_POINT, MOST_PIXELS = 1.6, 1_150_000
"""Size of a picture: a page of A4 is as large as Anthropic's guide to vision has it before pictures are made smaller."""
NO_EVIDENCE = "what only a page image shows is no evidence"
"""Why an answer without words of the text cannot stand."""
_ABOUT = (
    "Pictures of {shown} of these pages follow, for their tables and figures. They help to read the text above. Evidence is words "
    "of that text alone: what only a picture shows is unclear."
)
_MORE = " Further pages with tables or figures are not shown as pictures: {places}."


@dataclass(frozen=True)
class PageImages:
    """The pictures that are shown, the places of further pages with tables or figures, and how many cannot be drawn."""

    pictures: tuple[PagePicture, ...] = ()
    further: tuple[str, ...] = ()
    missing: int = 0

    @property
    def flags(self) -> list[str]:
        """Return what people are told of pages that were not shown as pictures."""
        shown = len(self.pictures)
        flags = [f"page_images_{shown}_of_{shown + self.missing + len(self.further)}"] if self.further else []
        return [*flags, *[f"page_images_not_drawn_{self.missing}"][: self.missing]]


NO_IMAGES = PageImages()


class ShowsPages:
    """A reviewer that may show pages with tables and figures as pictures."""

    page_images = "none"
    """`tables`, or `none`."""

    def showing(self, page_images: str) -> Self:
        """Return the reviewer with another choice."""
        other = copy(self)
        other.page_images = page_images
        vars(other).pop("asked", None)
        return other


def images_asked(option: str) -> list[str]:
    """Return what a reviewer's answers depend on by this option, for the hash of what is asked; nothing where it is off.

    The pictures themselves are told apart by the hash of the request, and follow from the documents' files.
    """
    if option == "none":
        return []
    drawn = library("pypdfium2") if has_pdfium() else ""
    return [
        f"page images {option} {PAGE_IMAGES_VERSION} {MOST_PAGES} {PIXELS_A_POINT} {MOST_PIXELS} {NO_EVIDENCE} {drawn}"
    ]


def page_images(report: Report, passages: Sequence[Passage]) -> Generator[Request, Response, PageImages]:
    """Return the pages with tables or figures among the passages that are shown, as pictures; asks for them."""
    pages = list(dict.fromkeys(_pages(report, passages)))
    if not pages:
        return NO_IMAGES
    response = yield PictureRequest(tuple(pages[:MOST_PAGES]))
    if not isinstance(response, PictureResponse):
        raise TypeError(f"a picture request was answered by {type(response).__name__}")
    further = tuple(f"{place.document}, page {place.page}" for place in pages[MOST_PAGES:])
    return PageImages(response.pictures, further, response.missing)


def _pages(report: Report, passages: Iterable[Passage]) -> Iterable[PagePlace]:
    attached = {document.name: document for document in report.attached if document.file.lower().endswith(".pdf")}
    documents = {name: document for name, document in report.documents.items() if name in attached}
    for passage in passages:
        if passage.document in documents and _is_drawn(documents[passage.document], passage.page):
            file = attached[passage.document]
            yield PagePlace(passage.document, passage.page, file.sha256, file.file)


def _is_drawn(document: Document, page: int) -> bool:
    """Return whether a page holds a table or figure: rows of one, or a caption."""
    return any(block.kind in (Kind.TABLE_ROW, Kind.CAPTION) for block in document.blocks_on(page))


def of_images(sources: EvidenceTexts) -> str:
    """Return what is added to the reason why an answer does not stand, where page images were shown."""
    return f"; {NO_EVIDENCE}" if sources.pictured else ""


def with_page_images(messages: Sequence[Message], mark: str, images: PageImages) -> tuple[Message, ...]:
    """Return messages with the pictures behind the documents, before the question: `mark` is that of the documents' end.

    Requests about one study still begin alike. Without pictures the messages stay as they are.
    """
    if not images.pictures:
        return tuple(messages)
    *before, last = messages
    end = f"</record-{mark}>"
    found = last.content.rfind(end)
    at = found + len(end) if found >= 0 else len(last.content)
    more = _MORE.format(places="; ".join(images.further)) if images.further else ""
    about = f"\n\n{_ABOUT.format(shown=len(images.pictures))}{more}\n"
    content = last.content[:at] + about + last.content[at:]
    return (*before, replace(last, content=content, pictures=images.pictures, pictures_at=at + len(about)))
