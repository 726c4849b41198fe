"""A report's documents before the reader: a page at a time, as a picture or as text, with the places that were asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..core.errors import BadInput
from ..documents import Attached, Document, Marked, RecognisedPage, Report
from ..ledger import kept_file
from ..text import cue_spans
from .desk import Desk
from .highlights import Highlighter, Segment
from .pictures import Loaded

HITS = 60
"""How many places a search lists."""
AROUND = 70


@dataclass(frozen=True)
class TextMatch:
    """A place in a document with the words around it."""

    page: int
    start: int
    end: int
    before: str
    words: str
    behind: str


@dataclass(frozen=True)
class View:
    """One page of one document. `marked` are the rectangles of the asked place, if it is on this page."""

    record_id: str
    documents: Sequence[Attached]
    document: Attached | None
    page: int
    pages: int
    picture: bool
    marked: Marked | None
    text: Sequence[Segment]
    query: str
    hits: Sequence[TextMatch]
    more: bool
    trouble: str
    hidden: Sequence[str] = ()
    """Words of the document that nobody sees on its pages, each with its page."""
    recognised: RecognisedPage | None = None
    """What was recognised on this page, of which the file has no text."""


def first_page(desk: Desk, report: Report) -> View:
    """Return the first page of the report's first document."""
    return view(desk, report)


def view(
    desk: Desk,
    report: Report,
    name: str = "",
    page: int = 1,
    *,
    query: str = "",
    start: int | None = None,
    end: int | None = None,
) -> View:
    """Return a page of the document called `name`; the page that holds `start` where that is given."""
    chosen = next(
        (attached for attached in report.attached if attached.name == name), next(iter(report.attached), None)
    )
    if chosen is None:
        return View(report.id, (), None, 0, 0, False, None, (), query, (), False, "No document is attached.")
    document = desk.load(chosen.content)
    marked, trouble = None, ""
    path = kept_file(desk.ledger, desk.review.hidden, chosen)
    picture = path is not None and path.suffix == ".pdf"
    if path is None:
        trouble = (
            f"The file of this document ({Path(chosen.file).name}) is not on this machine, only its text; "
            "`screener import --pdfs FOLDER` with the folder that holds it brings it back."
        )
    if start is not None and end is not None and 0 <= start < end <= len(document.text):
        page = document.page_of(start)
        if picture and path is not None:
            marked, trouble = _marked(desk, path, chosen, page, start, end)
    page = max(1, min(page, chosen.pages))
    find = Highlighter([question for spec in desk.review.protocol.stages.values() for question in spec.questions])
    text = find.segments(document.visible_text(page)) if document.pages else []
    hits = list(search(document, query)) if query.strip() else []
    hidden = [f"p. {document.page_of(b.start)}: {document.text[b.start : b.end]}" for b in document.hidden]
    return View(
        report.id, report.attached, chosen, page, chosen.pages, picture, marked, text, query, hits[:HITS],
        len(hits) > HITS, trouble, hidden, next((p for p in document.recognised if p.page == page and p.lines), None),
    )  # fmt: skip


def _marked(desk: Desk, path: Path, chosen: Attached, page: int, start: int, end: int) -> tuple[Marked | None, str]:
    try:
        pages = desk.pictures.marked(path, Loaded(chosen.content, desk.load), start, end)
    except BadInput as error:
        return None, str(error)
    marked = next((candidate for candidate in pages if candidate.page == page), None)
    return marked, "" if marked else "The passage could not be marked on the page image; see the text below."


def search(document: Document, words: str) -> list[TextMatch]:
    """Return where the words stand, written as a cue: whole words, any case, `*` for any ending."""
    text, matches = document.text, []
    for start, end, _ in sorted(cue_spans(text, [words])):
        before, behind = text[max(0, start - AROUND) : start], text[end : end + AROUND]
        matches.append(
            TextMatch(document.page_of(start), start, end, " ".join(before.split()), " ".join(text[start:end].split()),
                " ".join(behind.split()))
        )  # fmt: skip
        if len(matches) > HITS:
            break
    return matches
