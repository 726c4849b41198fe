"""A report's documents before the reader: which one, the places that were asked for, and its pages one by one."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..core.errors import BadInput
from ..documents import Attached, Document, Marked, PlacedLine, RecognisedPage, Report
from ..ledger import kept_file
from ..text import cue_spans
from .desk import Desk
from .highlights import Highlighter, Segment
from .pictures import Loaded

HITS = 300
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
    """One document, to be read from `page` on. `sizes` are those of its pages, empty where there is no picture of them.

    `marked` are the rectangles of the place that was asked for, `start` to `end`.
    """

    record_id: str
    documents: Sequence[Attached] = ()
    document: Attached | None = None
    page: int = 0
    pages: int = 0
    sizes: Sequence[tuple[float, float]] = ()
    marked: Sequence[Marked] = ()
    start: int | None = None
    end: int | None = None
    trouble: str = ""
    hidden: Sequence[str] = ()
    """Words of the document that nobody sees on its pages, each with its page."""

    @property
    def sizes_as_json(self) -> str:
        """Return the sizes for the page's script."""
        return json.dumps([[round(width, 2), round(height, 2)] for width, height in self.sizes])

    @property
    def boxes_as_json(self) -> str:
        """Return the rectangles for the page's script, each behind its page."""
        return json.dumps([[marked.page, *map(_rounded, box)] for marked in self.marked for box in marked.boxes])


@dataclass(frozen=True)
class TextRun:
    """A stretch of a page's text that is seen, from an offset of the document on."""

    start: int
    segments: Sequence[Segment]


@dataclass(frozen=True)
class PageView:
    """One page: a picture with its `lines` over it, or `runs` of text."""

    sha256: str
    page: int
    pages: int
    picture: bool
    width: float = 0
    height: float = 0
    lines: Sequence[PlacedLine] = ()
    runs: Sequence[TextRun] = ()
    cues: str = "[]"
    """Where the cues of the protocol stand, for the page's script: start, end, strength and criteria of each."""
    recognised: RecognisedPage | None = None
    """What was recognised on this page, of which the file has no text."""


def first_page(desk: Desk, report: Report) -> View:
    """Return the report's first document from its first page on."""
    return view(desk, report)


def view(
    desk: Desk, report: Report, name: str = "", page: int = 1, *, start: int | None = None, end: int | None = None
) -> View:
    """Return the document called `name` from a page on; from the page that holds `start` where that is given."""
    chosen = _chosen(report, name)
    if chosen is None:
        return View(report.id, trouble="No document is attached.")
    document = desk.load(chosen.content)
    path, trouble = kept_file(desk.ledger, desk.review.hidden, chosen), ""
    sizes: Sequence[tuple[float, float]] = ()
    marked: Sequence[Marked] = ()
    if path is None:
        trouble = (
            f"The file of this document ({Path(chosen.file).name}) is not on this machine, only its text; it is back once "
            "the same file is added again under “Missing full texts”."
        )
    elif path.suffix == ".pdf":
        try:
            sizes = desk.pictures.sizes(path)
        except BadInput as error:
            trouble = str(error)
    if start is None or end is None or not 0 <= start < end <= len(document.text):
        start = end = None
    else:
        page = document.page_of(start)
        if sizes and path is not None:
            marked, trouble = _marked(desk, path, chosen, start, end)
    hidden = [f"p. {document.page_of(b.start)}: {document.text[b.start : b.end]}" for b in document.hidden]
    page = max(1, min(page, chosen.pages))
    return View(
        report.id, report.attached, chosen, page, chosen.pages, sizes, marked, start, end, trouble, hidden
    )  # fmt: skip


def page_view(desk: Desk, report: Report, name: str, page: int) -> PageView:
    """Return one page of the document called `name`."""
    chosen = _chosen(report, name)
    document = desk.load(chosen.content) if chosen is not None else None
    if chosen is None or document is None or not 1 <= page <= len(document.pages):
        raise BadInput("no such page")
    path = kept_file(desk.ledger, desk.review.hidden, chosen)
    find = Highlighter([question for spec in desk.review.protocol.stages.values() for question in spec.questions])
    recognised = next((found for found in document.recognised if found.page == page and found.lines), None)
    if path is None or path.suffix != ".pdf" or not _drawable(desk, path):
        runs = [TextRun(start, find.segments(document.text[start:end])) for start, end in _seen(document, page)]
        return PageView(chosen.sha256, page, chosen.pages, False, runs=runs, recognised=recognised)
    text = desk.pictures.text(path, Loaded(chosen.content, desk.load), page)
    offset, cues = document.page_span(page)[0], []
    for segment in find.segments(document.page_text(page)):
        if segment.strength:
            cues.append((offset, offset + len(segment.text), segment.strength, segment.criteria))
        offset += len(segment.text)
    return PageView(
        chosen.sha256, page, chosen.pages, True, text.width, text.height, text.lines, cues=json.dumps(cues),
        recognised=recognised,
    )  # fmt: skip


def _chosen(report: Report, name: str) -> Attached | None:
    return next((attached for attached in report.attached if attached.name == name), next(iter(report.attached), None))


def _drawable(desk: Desk, path: Path) -> bool:
    try:
        return bool(desk.pictures.sizes(path))
    except BadInput:
        return False


def _seen(document: Document, page: int) -> Iterator[tuple[int, int]]:
    """Yield the stretches of a page's text that are seen on it."""
    start, end = document.page_span(page)
    for block in document.hidden:
        if start <= block.start < end:
            yield start, block.start
            start = block.end
    yield start, end


def _rounded(place: float) -> float:
    return round(place, 1)


def _marked(desk: Desk, path: Path, chosen: Attached, start: int, end: int) -> tuple[Sequence[Marked], str]:
    try:
        marked = desk.pictures.marked(path, Loaded(chosen.content, desk.load), start, end)
    except BadInput as error:
        return (), str(error)
    return marked, "" if marked else "The passage could not be marked on its page."


def matches(desk: Desk, report: Report, name: str, words: str) -> list[TextMatch]:
    """Return where words stand in the document called `name`; one more than `HITS` where there are more."""
    chosen = _chosen(report, name)
    return search(desk.load(chosen.content), words) if chosen is not None and words.strip() else []


def search(document: Document, words: str) -> list[TextMatch]:
    """Return where the words stand, written as a cue: whole words, any case, `*` for any ending. Hidden text has none."""
    text, found = document.text, []
    for start, end, _ in sorted(cue_spans(text, [words])):
        if document.is_hidden(start, end):
            continue
        before, behind = text[max(0, start - AROUND) : start], text[end : end + AROUND]
        found.append(
            TextMatch(document.page_of(start), start, end, " ".join(before.split()), " ".join(text[start:end].split()),
                " ".join(behind.split()))
        )  # fmt: skip
        if len(found) > HITS:
            break
    return found
