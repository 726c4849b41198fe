"""Layout: from a file to a `Document`, its text in reading order and in parts. The second, slower step."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..files import has_pdfium, library, malformed, no_pdfium, pdfium_file, pypdf_file, too_large
from ..grids.ruled import read_in_order
from ..model import LAYOUT_VERSION, Document, FailureKind, Kind, Unreadable, ranges
from ..ocr.pieces import match_sizes, with_recognised
from ..ocr.recognised import RecognisedPage
from ..ocr.recognition import recogniser
from ..ocr.remarks import recognition_remarks, table_remarks
from ..textfiles import is_text, marked_up, read_text
from .block_classes import label
from .containers import refuse_container
from .ligatures import GUESSED, ligatures_remark
from .line_numbers import leave_out_line_numbers
from .order import fold
from .readers import clean, raised_text
from .running import mark_running
from .sections import Box, LineRow, PagePieces, PageRows, Piece
from .stamps import mark_stamps
from .turned import column_heads, turned_rows
from .writing import WrittenText, write

MAX_CHARACTERS = 30_000_000
"""Text beyond which a file is not a paper."""
HIDDEN_TEXT = "text that cannot be seen"
"""How the warning of a document with hidden text begins."""
BASELINE = "read by pypdf without layout"
"""What the warning of a document says that pypdf has read."""
_TEXT = re.compile(r"(?:[^\W_][\W_]*){25}")
"""The letters and digits without which a page counts as one without text."""
_METADATA = {"/Title": "title", "/doi": "doi", "/DOI": "doi", "/Subject": "subject", "/WPS-ARTICLEDOI": "doi"}
_TALL = 12.0


def layout(
    path: Path,
    passwords: Sequence[str] = (),
    *,
    baseline: bool = False,
    recognised: Sequence[RecognisedPage] | None = None,
) -> Document:
    """Return the document in a file: PDF, or text by its name (`.txt`, `.md`, `.html`, `.xml`, `.json`).

    The empty password is tried first, then `passwords`. With `baseline` pypdf reads a PDF even where pypdfium2 is
    installed: slower, without places, but in Python. `recognised` is what was read in the pictures of pages, None
    where that was not tried; here nothing is recognised. Raises `Unreadable`.
    """
    if is_text(path):
        if (document := marked_up(path)) is not None:
            if len(document.text) > MAX_CHARACTERS:
                raise too_large(path, f"has more than {MAX_CHARACTERS // 10**6} million characters of text")
            remarks = [_hidden_remark(document)] if document.hidden else []
            return document.model_copy(update={"warnings": (*document.warnings, *remarks)})
        rows = _lines(read_text(path))
        return _document([PageRows(rows, 0, len(rows) * _TALL)], {}, "text", [])
    if not baseline and has_pdfium():
        try:
            pages, metadata, unread = pdfium_pages(path, passwords, recognised or ())
        except Unreadable as error:
            # What PDFium calls damaged, pypdf may mend: it looks for the objects of a file without a table of them.
            if error.failure.kind is FailureKind.MALFORMED and (mended := _mended(path, passwords)):
                return mended
            raise
        warnings = [f"pages that cannot be read: {ranges(unread)}"] if unread else []
        document = _document(pages, metadata, library("pypdfium2"), warnings, recognised)
        refuse_container(path, passwords, document)
        return document
    # Not asked where pypdf is wanted: a library that ends the process when it is loaded has done so already.
    missing = "" if baseline else no_pdfium()
    return _baseline(path, passwords, f"{missing}; " if missing else "")


def _mended(path: Path, passwords: Sequence[str]) -> Document | None:
    try:
        document = _baseline(path, passwords, "the file is damaged; ")
    except Unreadable:
        return None
    return None if document.scan else document


def _baseline(path: Path, passwords: Sequence[str], remark: str) -> Document:
    pages, metadata, unread = _pypdf_pages(path, passwords)
    warnings = [
        f"{remark}{BASELINE}: columns and tables are as the file orders them, and hidden text is not looked for"
    ]
    if unread:
        warnings.append(f"pages that cannot be read: {ranges(unread)}")
    document = _document(pages, metadata, library("pypdf"), warnings)
    refuse_container(path, passwords, document)
    return document


def write_rows(pages: Sequence[PageRows]) -> WrittenText:
    """Label the rows of all pages and write them down. Hidden text is neither looked at nor a neighbour of what is."""
    hidden = [[row for row in page.rows if row.kind is Kind.HIDDEN] for page in pages]
    for page in pages:
        page.rows = [row for row in page.rows if row.kind is not Kind.HIDDEN]
    mark_running(pages)
    label(pages)
    for page, rows in zip(pages, hidden, strict=True):
        page.rows += rows
    return write(pages)


def pdfium_pages(
    path: Path,
    passwords: Sequence[str] = (),
    recognised: Sequence[RecognisedPage] = (),
    only: int | None = None,
) -> tuple[list[PageRows], dict[str, str], list[int]]:
    """Return the pages by pypdfium2, rows in reading order; the file's metadata; the pages that cannot be read.

    With `only` just that page (1-based) is laid out.
    """
    from pypdfium2 import PdfiumError

    from .layout_blocks import page_pieces

    contents: list[PagePieces | None] = []
    total, recognised_by_page = 0, {page.page: page for page in recognised}
    with pdfium_file(path, passwords) as file:
        metadata = _metadata({f"/{key}": value for key, value in file.get_metadata_dict(skip_empty=True).items()})
        for index in range(len(file)) if only is None else [only - 1]:
            try:
                page = file[index]
                content = page_pieces(page)
                page.close()
                if (found := recognised_by_page.get(index + 1)) is not None:
                    content = with_recognised(content, found)
            except PdfiumError:
                contents.append(None)
                continue
            total += sum(len(piece.text) for piece in content.pieces)
            if total > MAX_CHARACTERS:
                raise too_large(path, f"has more than {MAX_CHARACTERS // 10**6} million characters of text")
            contents.append(content)
    read = [content for content in contents if content is not None]
    if not contents:
        raise malformed(path, "it has no pages")
    if not read:
        raise malformed(path, "none of its pages can be read")
    if recognised:
        match_sizes(read)
    mark_stamps(read)
    leave_out_line_numbers(read)
    unread = [number for number, content in enumerate(contents, 1) if content is None]
    middle = fold(read)
    return [_page_rows(content, middle) for content in contents], metadata, unread


def _page_rows(content: PagePieces | None, middle: float | None) -> PageRows:
    """Return a page's rows: those of its text in reading order, then what stands aside."""
    if content is None:
        return PageRows([], 0, 0, pictured=True)
    flow = [piece for piece in content.pieces if piece.upright and not piece.hidden and not piece.stamp]
    heads = column_heads(content)
    middle = middle if content.width > content.height else None
    rows, tables = read_in_order([*flow, *heads], content.rules, content.width, middle)
    turned = turned_rows(content, [piece.index for piece in heads], max((row.column for row in rows), default=-1) + 1)
    rows += turned[0]
    read = {piece.index for row in rows for piece in row.pieces}
    rows += [_aside(piece) for piece in content.pieces if piece.index not in read]
    links = _usable(content.links)
    return PageRows(
        rows,
        content.width,
        content.height,
        links,
        content.rules,
        content.pictured,
        content.guessed,
        content.numbered,
        [*tables, *turned[1]],
    )


def _aside(piece: Piece) -> LineRow:
    """Return the row of a stamp in the margin, or of hidden text: no part of the reading order."""
    kind = Kind.HIDDEN if piece.hidden else Kind.RUNNING_HEAD
    box = (piece.x0, piece.top, piece.x1, piece.bottom)
    return LineRow([piece], -1, *box, piece.size, text=piece.text, kind=kind)


def _pypdf_pages(path: Path, passwords: Sequence[str]) -> tuple[list[PageRows], dict[str, str], list[int]]:
    """Return the same by pypdf, rows in the order of the file."""
    from pypdf.errors import LimitReachedError

    pages: list[PageRows] = []
    unread: list[int] = []
    total = 0
    with pypdf_file(path, passwords) as file:
        metadata = _metadata({str(key): str(value) for key, value in (file.metadata or {}).items()})
        for number, page in enumerate(file.pages, 1):
            try:
                text = clean(raised_text(page))
                links, pictured = list(_pypdf_links(page)), _has_objects(page)
            except (LimitReachedError, MemoryError, RecursionError):
                raise
            except Exception:  # one damaged page is no reason to lose the others
                unread.append(number)
                text, links, pictured = "", [], True
            total += len(text)
            if total > MAX_CHARACTERS:
                raise too_large(path, f"has more than {MAX_CHARACTERS // 10**6} million characters of text")
            rows = _lines(text)
            pages.append(PageRows(rows, 0, max(len(rows), 1) * _TALL, _usable(links), pictured=pictured))
        if not pages:
            raise malformed(path, "it has no pages")
        if len(unread) == len(pages):
            raise malformed(path, "none of its pages can be read")
    return pages, metadata, unread


def _pypdf_links(page: object) -> Iterator[tuple[str, Box]]:
    for reference in page.get("/Annots") or ():  # type: ignore[attr-defined]
        action = reference.get_object().get("/A")
        address = action.get_object().get("/URI") if action is not None else None
        if address is not None:
            yield str(address), (0.0, 0.0, 0.0, 0.0)


def _has_objects(page: object) -> bool:
    """Return whether a page uses objects such as pictures; which of them are seen, pypdf does not tell."""
    resources = page.get("/Resources")  # type: ignore[attr-defined]
    objects = resources.get_object().get("/XObject") if resources is not None else None
    return bool(objects is not None and objects.get_object())


def _usable(links: list[tuple[str, Box]]) -> list[tuple[str, Box]]:
    cleaned = ((" ".join(clean(address).split()), box) for address, box in links)
    return [
        (address, box) for address, box in cleaned if address and not address.startswith(("mailto:", "javascript:"))
    ]


def _lines(text: str) -> list[LineRow]:
    """Return the lines of a plain text as rows one below the other: empty lines leave a gap, tabs separate cells."""
    rows = []
    for number, line in enumerate(text.split("\n")):
        if not line.strip():
            continue
        top = number * _TALL
        parts = [part.strip() for part in line.split("\t") if part.strip()]
        pieces = [Piece(part, -1, 0, top, 0, top + 10, 10) for part in parts]
        rows.append(LineRow(pieces, 0, 0, top, 0, top + 10, 10, text=" ".join(parts)))
    return rows


def _metadata(raw: dict[str, str]) -> dict[str, str]:
    known_fields: dict[str, str] = {}
    for key, value in raw.items():
        name = _METADATA.get(key)
        text = " ".join(clean(value).split())[:1000]
        if name and text:
            known_fields.setdefault(name, text)
    return known_fields


def _document(
    pages: Sequence[PageRows],
    metadata: dict[str, str],
    reader: str,
    warnings: list[str],
    recognised: Sequence[RecognisedPage] | None = None,
) -> Document:
    written = write_rows(pages)
    # Who read the pictures of pages is part of who read the document: without, the same file gives another text.
    recognised_by = [] if recognised is None else [next((page.by for page in recognised), recogniser())]
    document = Document(
        text=written.text,
        pages=written.pages,
        blocks=written.blocks,
        tables=written.tables,
        links=written.links,
        metadata=metadata,
        reader=", ".join([reader, f"layout {LAYOUT_VERSION}", *recognised_by]),
        recognised=tuple(recognised or ()),
        warnings=tuple(warnings),
    )
    if reader == "text":
        if not written.text:
            raise Unreadable(FailureKind.EMPTY, "the file holds no text; attach another one")
        return document
    bare = [number for number in range(1, len(pages) + 1) if not _TEXT.search(_flow(document, number))]
    # A picture on which nothing that may be text was seen holds none.
    seen = {page.page for page in recognised or () if not page.left_out}
    unread = [number for number in bare if pages[number - 1].pictured and number not in seen]
    scan = len(bare) >= 0.8 * len(pages)
    problems = [*recognition_remarks(recognised or ()), *table_remarks(document)]
    without_text = [number for number in unread if pages[number - 1].height]
    found_none = ["text recognition (OCR) found none there"][: recognised is not None]
    if scan:
        problem = "there is practically no text on any page"
        problem = problem if len(bare) == len(pages) else f"pages without text: {ranges(bare)}"
        todo = found_none or ["run text recognition (OCR) on the file and attach the result"]
        problems.append("; ".join([problem, *todo]))
    elif without_text:
        problems.append("; ".join([f"pages without text: {ranges(without_text)}", *found_none]))
    if numbered := [number for number, page in enumerate(pages, 1) if page.numbered]:
        problems.append(f"numbers of lines in the margin of page {ranges(numbered)} are left out")
    if document.hidden:
        problems.append(_hidden_remark(document))
    if remark := GUESSED if any(page.guessed for page in pages) else ligatures_remark(document.text):
        problems.append(remark)
    return document.model_copy(update={"scan": scan, "unread": tuple(unread), "warnings": (*warnings, *problems)})


def _hidden_remark(document: Document) -> str:
    """Return what people are told of text that they cannot see, with the beginning of it."""
    pages = sorted({document.page_of(block.start) for block in document.hidden})
    words = " ".join(document.text[block.start : block.end] for block in document.hidden).split()
    beginning = " ".join(words)[:80]
    return f"{HIDDEN_TEXT} on page {ranges(pages)} ({len(words)} words: “{beginning}”): no reviewer is shown it"


def _flow(document: Document, number: int) -> str:
    """Return the text of a page without what stands on all of them: heads, stamps in the margin."""
    return "\n".join(
        document.text[block.start : block.end]
        for block in document.blocks_on(number)
        if block.kind not in (Kind.RUNNING_HEAD, Kind.LINK, Kind.HIDDEN)
    )
