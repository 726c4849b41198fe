"""What Docling has read of a file: a `DoclingDocument` in JSON, of any version from 1.0 on.

Source: docling-core, `docling_core/types/doc/document.py` and the schemas in its `docs` (version 1.11): items in `texts`,
`tables`, `pictures`, `groups` point at each other by `$ref`; `body` has the order, `furniture` what repeats on pages.
"""

import json
import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ..model import Document, FailureKind, Kind, Unreadable, ranges
from .document import Sheet, document_of, is_table_caption, pictured_table
from .formulas import plain_formula
from .marked_digits import END, LOWER, MARKS, RAISE
from .parts import Part, tidied
from .tables import Grid, RawCell, RawRow, placed

_NAME = "DoclingDocument"
_KINDS = {
    "caption": Kind.CAPTION, "footnote": Kind.FOOTNOTE, "page_header": Kind.RUNNING_HEAD, "page_footer": Kind.RUNNING_HEAD,
    "reference": Kind.REFERENCE, "section_header": Kind.HEADING, "title": Kind.HEADING, "field_heading": Kind.HEADING,
}  # fmt: skip
_LAYERS = {
    "furniture": Kind.RUNNING_HEAD, "background": Kind.RUNNING_HEAD, "invisible": Kind.HIDDEN, "notes": Kind.FOOTNOTE,
}  # fmt: skip
_REFERENCE = re.compile(r"#/([a-z_]{1,30})/(\d{1,9})")
_MOST_PAGES = 20_000
_MOST_NUMBER = 1_000_000_000
_Item = Mapping[str, Any]


def is_docling(path: Path) -> bool:
    """Return whether the JSON in a file is what Docling has read of one, by a name that stands in it."""
    try:
        return path.stat().st_size > 0 and f'"{_NAME}"'.encode() in path.read_bytes()
    except OSError:
        return False


def docling_document(source: str, path: Path) -> Document:
    """Return the document that a text in JSON is. Raises `Unreadable` where it is another one's."""
    found = _opened(source, path)
    version = str(found.get("version", ""))[:20]
    reader = _Reader(found)
    parts = list(reader.read())
    sheet = Sheet(f"{_NAME} {version}".strip(), warnings=reader.warnings)
    _number_pages(parts, found, sheet)
    return document_of(parts, sheet)


def _opened(source: str, path: Path) -> _Item:
    try:
        found = json.loads(source)
    except RecursionError:
        raise Unreadable(FailureKind.MALFORMED, f"{path.name} is nested too deeply; convert the paper again") from None
    except ValueError as error:
        where = f" in line {error.lineno:,}" if isinstance(error, json.JSONDecodeError) else ""
        raise Unreadable(
            FailureKind.MALFORMED, f"{path.name} is no JSON, or breaks off{where}; convert the paper again"
        ) from None
    for _ in range(2):  # docling-serve wraps it
        if isinstance(found, dict) and found.get("schema_name") != _NAME:
            inner = found.get("json_content") or found.get("document")
            found = inner if isinstance(inner, dict) else found
    if isinstance(found, dict) and found.get("schema_name") == _NAME:
        return found
    problem = "is JSON, but not that of Docling (`DoclingDocument`); attach the paper as PDF, XML or HTML"
    if isinstance(found, dict) and ("main-text" in found or "main_text" in found):
        problem = "is of Docling 1; convert the paper again with Docling 2"
    raise Unreadable(FailureKind.MALFORMED, f"{path.name} {problem}")


def _number_pages(parts: list[Part], found: _Item, sheet: Sheet) -> None:
    """Count pages from 1, and find those of which no text was read though there are pictures on them."""
    pages = {part.page for part in parts if part.page >= 0}
    first = 1 if 0 in pages else 0
    known = found.get("pages")
    stated = [int(page) for page in known if page.isdigit() and len(page) < 10] if isinstance(known, dict) else []
    last = max([*pages, *stated, 1 - first]) + first
    if last > _MOST_PAGES:
        sheet.warnings.append("its numbers of pages cannot be true, and are not read")
        last, first = 1, 0
        for part in parts:
            part.page = 1
    for part in parts:
        part.page = part.page + first if part.page >= 0 else 0
    sheet.pages = last
    with_text = {part.page for part in parts}
    pictured = {_page(item) + first for item in _items(found.get("pictures")) if _page(item) >= 0}
    sheet.unread = tuple(sorted(page for page in pictured - with_text if 1 <= page <= last))
    if sheet.unread:
        sheet.warnings.append(f"pages without text: {ranges(sheet.unread)}")


class _Reader:
    def __init__(self, found: _Item) -> None:
        self.found = found
        self.seen: set[str] = set()
        self.lacking = 0
        self.pictured: set[str] = set()
        self.warnings: list[str] = []

    def read(self) -> Iterator[Part]:
        """Yield the parts in the order of the body, then of what repeats on pages, then what neither names."""
        for tree in ("body", "furniture"):
            root = self.found.get(tree)
            if isinstance(root, dict):
                yield from self.tree(_names(root.get("children")), "" if tree == "body" else tree)
        for kind in ("texts", "tables"):
            yield from self.tree([f"#/{kind}/{n}" for n in range(len(_items(self.found.get(kind))))], "")
        if self.lacking:
            what = (
                "1 part that the file names is"
                if self.lacking == 1
                else f"{self.lacking} parts that the file names are"
            )
            self.warnings.append(f"{what} not in it; convert the paper again")

    def tree(self, names: list[str], layer: str) -> Iterator[Part]:
        """Yield the parts of items and of all below them."""
        waiting = list(reversed(names))
        while waiting:
            name = waiting.pop()
            item = self.item(name)
            if item is None:
                continue
            if name in self.pictured or name.startswith("#/pictures/"):
                self.pictured.update(_names(item.get("children")))
                item = {**item, "label": "text"} if name in self.pictured else item  # a word in a figure is no heading
            label, children = str(item.get("label", "")), _names(item.get("children"))
            if label == "inline" or (children and not _text(item) and name.startswith("#/texts/")):
                yield from self.inline(item, children, layer)
            elif name.startswith("#/tables/"):
                yield from self.table(item, layer)
                waiting += reversed(children)
            else:
                waiting += reversed(children)
                captions = self.beside(item, "captions", layer)
                yield from captions
                if name.startswith("#/pictures/") and captions and is_table_caption(captions[0].text):
                    self.warnings.append(pictured_table(captions[0].text))
                yield from self.part(item, _text(item), layer)
                yield from self.beside(item, "footnotes", layer)

    def item(self, name: str) -> _Item | None:
        """Return the item of a name, the first time that it is asked for."""
        match = _REFERENCE.fullmatch(name)
        if match is None or name in self.seen:
            return None
        self.seen.add(name)
        items = self.found.get(match[1])
        number = int(match[2])
        item = items[number] if isinstance(items, list) and number < len(items) else None
        self.lacking += item is None and match[1] != "pictures"  # which a file may be written without
        return item if isinstance(item, dict) else None

    def part(self, item: _Item, text: str, layer: str, kind: Kind | None = None) -> Iterator[Part]:
        label = str(item.get("label", ""))
        written = tidied(text)
        graph = item.get("graph")
        if isinstance(graph, dict):
            written = "\n".join(filter(None, (_text(cell) for cell in _items(graph.get("cells")))))
        if written:
            kind = _LAYERS.get(layer or str(item.get("content_layer", ""))) or kind or _KINDS.get(label, Kind.TEXT)
            level = _count(item.get("level"), 1) if label != "title" else 1
            for page, words in _by_pages(item, written):
                yield Part(kind, words, level, page=page, tight=label == "list_item")

    def beside(self, item: _Item, name: str, layer: str) -> list[Part]:
        """Return the captions or footnotes of an item."""
        kind = Kind.CAPTION if name == "captions" else Kind.FOOTNOTE
        found = [each for each in map(self.item, _names(item.get(name))) if each is not None]
        return [part for each in found for part in self.part(each, self.words(each), layer, kind)]

    def words(self, item: _Item) -> str:
        return _text(item) or " ".join(text for _, text in self.pieces(_names(item.get("children"))))

    def inline(self, item: _Item, children: list[str], layer: str) -> Iterator[Part]:
        """Yield the one block that pieces of text in a line make, with those below them."""
        line, page = "", _page(item)
        for piece, text in self.pieces(children):
            script = str((piece.get("formatting") or {}).get("script", ""))
            page = page if page >= 0 else _page(piece)
            if script in ("super", "sub"):
                line += f"{RAISE if script == 'super' else LOWER}{text}{END}"
            else:
                close = not line or line.endswith(("(", "[", "“", "/")) or text[:1] in ".,;:!?)]%”/"
                line += text if close else f" {text}"
        yield from self.part({**item, "prov": [{"page_no": page}] if page >= 0 else []}, line, layer)

    def pieces(self, names: list[str]) -> Iterator[tuple[_Item, str]]:
        waiting = list(reversed(names))
        while waiting:
            item = self.item(waiting.pop())
            if item is not None:
                waiting += reversed(_names(item.get("children")))
                if text := _text(item):
                    yield item, text

    def table(self, item: _Item, layer: str) -> Iterator[Part]:
        captions = self.beside(item, "captions", layer)
        yield from captions
        data = item.get("data")
        cells = _cells(data) if isinstance(data, dict) else []
        for cell in cells:  # what stands in a cell is its text already
            self.pass_over(cell.get("ref"))
        grid = _grid(cells)
        caption = captions[0] if captions else None
        if grid.cells:
            yield Part(Kind.TABLE_ROW, page=_page(item), grid=grid, caption=caption)
        else:
            self.warnings.append(pictured_table(caption.text if caption else ""))
        yield from self.beside(item, "footnotes", layer)

    def pass_over(self, reference: object) -> None:
        waiting = _names([reference])
        while waiting:
            item = self.item(waiting.pop())
            if item is not None:
                waiting += _names(item.get("children"))


def _items(value: object) -> list[_Item]:
    return [item if isinstance(item, dict) else {} for item in value] if isinstance(value, list) else []


def _names(value: object) -> list[str]:
    """Return the names that a list of references has."""
    names = (item.get("$ref", item.get("cref")) for item in _items(value))
    return [name for name in names if isinstance(name, str)]


def _text(item: _Item) -> str:
    """Return the text of an item, with its number in a list and the address that it leads to."""
    found = item.get("text") or item.get("orig")
    text = MARKS.sub("", found).strip() if isinstance(found, str) else ""
    marker, address = item.get("marker"), item.get("hyperlink")
    if item.get("label") == "formula":
        text = plain_formula(text.strip("$ ")) or text
    if text and item.get("enumerated") and isinstance(marker, str) and re.search(r"\w", marker):
        text = text if text.startswith(marker) else f"{marker} {text}"
    if text and isinstance(address, str) and address.startswith(("http://", "https://")) and address not in text:
        text = f"{text} ({address})"
    return text


def _page(item: _Item) -> int:
    """Return the page that an item begins on, as the file counts them; -1 where it does not say."""
    places = _items(item.get("prov"))
    return _count(places[0].get("page_no"), -1) if places else -1


def _by_pages(item: _Item, text: str) -> list[tuple[int, str]]:
    """Return a text in parts, where it goes on over pages and the file says how."""
    places = _items(item.get("prov"))
    whole = [(_page(item), text)]
    if len(places) < 2 or text != item.get("orig"):
        return whole
    parts, begin = list[tuple[int, str]](), 0
    for place in places:
        span, page = place.get("charspan"), _count(place.get("page_no"), -1)
        end = _count(span[1], -1) if isinstance(span, list) and len(span) == 2 else -1
        if not begin < end <= len(text) or page < (parts[-1][0] if parts else 0):
            return whole
        parts.append((page, text[begin:end].strip()))
        begin = end
    return parts if begin == len(text) and all(words for _, words in parts) else whole


def _count(value: object, missing: int = 0) -> int:
    return value if type(value) is int and 0 <= value <= _MOST_NUMBER else missing


def _cells(data: _Item) -> list[_Item]:
    """Return the cells of a table; those of its grid, where it has no list of them."""
    if cells := _items(data.get("table_cells")):
        return cells
    grid = data.get("grid")
    return [cell for row in grid for cell in _items(row)] if isinstance(grid, list) else []


def _grid(cells: list[_Item]) -> Grid:
    """Return the grid of cells that say in which rows and columns they stand."""
    found: dict[tuple[int, int], tuple[_Item, int, int]] = {}
    last: dict[int, int] = {}
    for cell in cells:
        row, column = (_count(cell.get(f"start_{name}_offset_idx")) for name in ("row", "col"))
        down, across = (
            max(_count(cell.get(f"end_{name}_offset_idx")) - start, _count(cell.get(f"{name}_span"), 1), 1)
            for name, start in (("row", row), ("col", column))
        )
        if (row, column) in found and found[row, column][0] != cell:
            column = last[row] + 1  # two in one place: none is lost
        last[row] = max(last.get(row, 0), column)
        found[row, column] = cell, down, across
    lines, columns = sorted({row for row, _ in found}), sorted({column for _, column in found})
    rows = {row: RawRow() for row in lines}
    for (row, column), (cell, down, across) in sorted(found.items(), key=lambda each: each[0]):
        text = cell.get("text")
        rows[row].cells.append(
            RawCell(
                head=any(cell.get(name) is True for name in ("column_header", "row_header", "row_section")),
                columns=bisect_left(columns, column + across) - bisect_left(columns, column),
                rows=bisect_left(lines, row + down) - bisect_left(lines, row),
                text=tidied(MARKS.sub("", text)) if isinstance(text, str) else "",
                column=bisect_left(columns, column),
            )
        )
    return placed([rows[row] for row in lines])
