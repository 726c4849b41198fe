"""A web page as its reader sees it: what a browser does not show is not read.

Text that is there and cannot be seen is a known way to tell machines what to answer.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from html.parser import HTMLParser

from ..model import Document, Kind
from .document import Sheet, document_of
from .elements import BLOCKS, CELLS, PageElements
from .formulas import plain_formula
from .marked_digits import MARKS
from .parts import Part, tidied
from .styles import Look, PageStyles, takes_no_place

_UNSEEN = frozenset({
    "script", "style", "noscript", "template", "svg", "datalist", "annotation", "annotation-xml",
})  # fmt: skip
_VOID = frozenset({
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr",
})  # fmt: skip
_STRUCK = frozenset({"del", "s", "strike"})
"""What is struck out: its reader sees that it does not hold."""
_UNREAD = _UNSEEN | _STRUCK
_OF_BLOCKS = BLOCKS | CELLS
_TOGETHER = frozenset({"", "inline", "contents", "none", "initial", "inherit", "unset", "revert", "ruby"})
"""Values of `display` with which an element stands in a line without room around it."""
_ROWS = frozenset({"tr", "thead", "tbody", "tfoot"})
_STAYS_OPEN, _ENDS_CELL = CELLS | {"caption"}, CELLS | _ROWS | {"table"}
_Ending = tuple[frozenset[str], frozenset[str]]
_PARAGRAPH: _Ending = (frozenset({"p"}), frozenset({"table", *CELLS, "caption", "button"}))
_ITEM: _Ending = (frozenset({"li"}), frozenset({"ul", "ol", "table"}))
_TERM: _Ending = (frozenset({"dd", "dt"}), frozenset({"dl", "table"}))
_CELL: _Ending = (CELLS, frozenset({"tr", "table"}))
_ENDED: dict[str, tuple[_Ending, ...]] = {
    **dict.fromkeys(BLOCKS - {"body", "br", "caption", "title"}, (_PARAGRAPH,)),
    "li": (_PARAGRAPH, _ITEM),
    **dict.fromkeys(("dd", "dt"), (_PARAGRAPH, _TERM)),
    **dict.fromkeys(CELLS, (_CELL,)),
    "tr": ((frozenset({"tr"}), frozenset({"table"})),),
    **dict.fromkeys(("thead", "tbody", "tfoot"), ((_ROWS, frozenset({"table"})),)),
    "option": ((frozenset({"option"}), frozenset({"select", "datalist"})),),
}
"""What the beginning of an element ends, without an end tag: those elements, and the ones that keep them from it."""
_DRAWN = "katex-html"
"""The class of a formula that KaTeX draws beside its MathML; MathJax has it in `nobr`."""
_TEX = re.compile(r"\\\(((?:[^\\]|\\[^()]){0,2000})\\\)|\\\[((?:[^\\]|\\[^\[\]]){0,2000})\\\]")
"""A formula in TeX, as pages hold it that leave its drawing to a script."""
_DEEP = 400
"""Elements, from the innermost, among which the one that ends is looked for: browsers nest about as deep."""
_MAIN = re.compile(r"<(?:main|article)\b", re.IGNORECASE)
_TAG = re.compile(r"<[A-Za-z!?/]")
_NAMED = {
    "citation_title": "title", "dc.title": "title", "citation_doi": "doi", "dc.identifier": "doi", "prism.doi": "doi",
}  # fmt: skip
"""What pages of publishers say in `<meta name=…>`."""


def html_document(source: str, reader: str = "HTML", *, markdown: bool = False) -> Document:
    """Return the document that a web page is as its reader sees it. Raises `Unreadable` where there is nothing to see.

    The address of a link follows its words in brackets, since it is often what a reader looks for. Not seen is what has
    the attribute `hidden`, or what its own style or one within the page hides; a style sheet elsewhere is not looked
    at. With `markdown` the numbers of lists and the addresses of pictures are read too.
    """
    source = MARKS.sub("", source)
    page = _Page(PageElements(markdown=markdown), PageStyles(source), has_main=_MAIN.search(source) is not None)
    page.feed(_without_unfinished(source))
    page.close()
    parts = page.elements.flow.parts
    title = tidied(page.title)
    metadata = ({"title": title} if title else {}) | page.metadata
    if title and not any(part.kind is Kind.HEADING and part.level == 1 for part in parts):
        parts.insert(0, Part(Kind.HEADING, title, 1))
    return document_of(parts, Sheet(reader, metadata, page.elements.warnings))


def _without_unfinished(source: str) -> str:
    """Return a page without the tag that is not ended at its end, as browsers read it: the parser tries each `<` anew."""
    end = source.rfind(">") + 1
    unfinished = _TAG.search(source, end)
    return source if unfinished is None else source[: unfinished.start()]


@dataclass(slots=True)
class _Open:
    """An element that has begun and not ended: whether it is hidden with all in it, and how else its text looks."""

    tag: str
    hidden: bool
    look: Look
    apart: bool = False
    """Whether its style sets it apart from what stands beside it."""
    parts_apart: bool = False
    """Whether its style sets what is in it apart from each other."""
    children: int = 0
    drawn: bool = False
    """Whether the last element in it is a formula that MathJax drew."""
    tex: bool = False
    """Whether it is a script that is a formula in TeX, and nothing else shows that."""
    formulas: int | None = None
    """Of a formula by KaTeX: the formulas of the page that had ended where it began."""
    end: Callable[[], None] | None = None
    """What is to be done where it ends."""

    @property
    def visible(self) -> bool:
        return not self.hidden and self.look.seen


class _Page(HTMLParser):
    def __init__(self, elements: PageElements, styles: PageStyles, *, has_main: bool) -> None:
        super().__init__(convert_charrefs=True)
        self.elements = elements
        self._styles = styles
        self.title = ""
        self.metadata: dict[str, str] = {}
        self._open: list[_Open] = [_Open("", hidden=False, look=Look())]
        self._known: defaultdict[str, int] = defaultdict(int)
        self._formulas = 0
        self._has_main = has_main

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        tag = tag.rpartition(":")[2]
        self._end_before(tag)
        parent = self._open[-1]
        parent.children += 1
        attributes = {name: value or "" for name, value in reversed(attrs)}
        element = self._element(tag, parent, attributes)
        if tag == "aside" and self._has_main and not (self._known["main"] or self._known["article"]):
            attributes.setdefault("role", "navigation")  # beside the paper, and not a box in it
        classes = attributes.get("class", "").lower().split()
        element.formulas = self._formulas if "katex" in classes else None
        # A formula that is there twice, for eyes and for machines, is read once: as that of which the powers are known.
        twice = _DRAWN in classes and parent.formulas is not None and self._formulas > parent.formulas
        element.tex = tag == "script" and attributes.get("type", "").startswith("math/tex") and not parent.drawn
        parent.drawn = any(name.startswith(("mathjax", "mjx")) and name != "mathjax_preview" for name in classes)
        element.hidden |= twice or (tag == "nobr" and attributes.get("aria-hidden") == "true")
        if tag == "meta" and (name := _NAMED.get(attributes.get("name", "").lower())):
            self.metadata.setdefault(name, " ".join(attributes.get("content", "").split())[:1000])
        if parent.visible and (element.apart or tag in _STRUCK or tag == "svg"):
            self.elements.flow.apart()
        if not element.hidden:
            element.end = self.elements.begin(tag, attributes, (parent.tag, parent.children), visible=element.visible)
        if tag not in _VOID:
            self._open.append(element)
            self._known[tag] += 1

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        # `<p/>` begins an element in a page, and ends one in a file of XML: what hides, hides on.
        if self._open[-1].visible or self._known["math"] or self._open[-1].tag in _UNSEEN or not self._open[-2].visible:
            self.handle_endtag(tag)

    def parse_comment(self, i: int, report: bool = True) -> int:
        """Read a remark; one that does not end reaches to the end of the page, as in browsers."""
        end = super().parse_comment(i, report)
        return end if end >= 0 else len(self.rawdata)

    def parse_marked_section(self, i: int, report: bool = True) -> int:
        """Read `<![…`; what is none of the sections that the parser knows is a remark, as in browsers."""
        try:
            return super().parse_marked_section(i, report)
        except AssertionError:
            return self.parse_bogus_comment(i, report)

    def handle_endtag(self, tag: str) -> None:
        tag = tag.rpartition(":")[2]
        place = self._place_of(tag)
        if place is not None:
            self._close(place)

    def handle_data(self, data: str) -> None:
        if self._open[-1].tex and self._open[-2].visible:
            self.elements.text(plain_formula(data.strip()) or data, kept=False, bold=False)
        if not self._open[-1].visible or (self._known["math"] and not data.strip()):
            return
        if "\\" in data and not (self._known["pre"] or self._known["code"]):
            data = _TEX.sub(lambda tex: plain_formula(tex[1] or tex[2] or "") or tex[0], data)
        if self._known["title"]:
            self.title += data
        else:
            bold = bool(self._known["b"] or self._known["strong"])
            self.elements.text(data, kept=bool(self._known["pre"]), bold=bold)

    def _element(self, tag: str, parent: _Open, attributes: Mapping[str, str]) -> _Open:
        style = self._styles.of(tag, attributes)
        classes = attributes.get("class", "")
        if tag in ("html", "body"):  # a page that is hidden as a whole is shown by a script once it is there
            kept = {name: value for name, value in style.items() if name.startswith(("background", "color"))}
            look = parent.look.of(kept)
            # Text that is white on all of a page stands on a colour that is said elsewhere.
            return _Open(tag, parent.hidden, look if look.seen else replace(look, background=None, clear=False))
        hidden = tag in _UNREAD or (tag == "dialog" and "open" not in attributes)
        hidden |= "hidden" in attributes and "display" not in style
        of_formula = tag == "math" or "katex-mathml" in classes or "assistive-mml" in tag
        hidden |= takes_no_place(style, classes) and not of_formula
        element = _Open(tag, parent.hidden or hidden, parent.look.of({} if of_formula else style))
        display = style.get("display", "").partition(" ")[0]
        element.apart = parent.parts_apart or display not in _TOGETHER or style.get("float", "none") != "none"
        element.parts_apart = display.endswith(("flex", "grid"))
        return element

    def _end_before(self, tag: str) -> None:
        """End the elements that end where another one begins."""
        for ended, keeping in _ENDED.get(tag, ()):
            if not any(map(self._known.get, ended)):
                continue
            outermost = None
            for place in self._inwards():
                if self._open[place].tag in keeping:
                    break
                if self._open[place].tag in ended:
                    outermost = place
                    if ended is not _ROWS:
                        break
            if outermost is not None:
                self._close(outermost)

    def _inwards(self) -> range:
        """Return the places of the open elements, from the innermost."""
        return range(len(self._open) - 1, max(len(self._open) - _DEEP, 0), -1)

    def _place_of(self, tag: str) -> int | None:
        """Return the open element that an end tag ends; an inline one ends nothing beyond the block it is in."""
        block = tag in _OF_BLOCKS or tag in _UNSEEN
        for place in self._inwards() if self._known[tag] else ():
            other = self._open[place].tag
            if other == tag:
                return place
            stays_open = other in _STAYS_OPEN and tag not in _ENDS_CELL
            if other == "table" or stays_open or (not block and other in _OF_BLOCKS):
                return None
        return None

    def _close(self, place: int) -> None:
        """End an open element and all in it."""
        for element in reversed(self._open[place:]):
            self._known[element.tag] -= 1
            self._formulas += element.tag == "math"
            if element.end is not None:
                element.end()
            if element.apart:
                self.elements.flow.apart()
        del self._open[place:]
