"""The text of a web page as its reader sees it: what a browser does not show is not read.

Text that is there and cannot be seen is a known way to tell machines what to answer.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from html.parser import HTMLParser

from .superscripts import with_marked_digits

_BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "body", "br", "caption", "dd", "details", "div", "dl", "dt",
    "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li",
    "main", "nav", "ol", "p", "pre", "section", "summary", "table", "tbody", "tfoot", "thead", "title", "tr", "ul",
})  # fmt: skip
_LINES = frozenset({"br", "tr", "li", "dt", "dd"})
_CELLS = frozenset({"td", "th"})
_UNSEEN = frozenset({
    "script", "style", "noscript", "template", "svg", "datalist", "annotation", "annotation-xml",
})  # fmt: skip
_VOID = frozenset({
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr",
})  # fmt: skip
_ROWS = frozenset({"tr", "thead", "tbody", "tfoot"})
_Ending = tuple[frozenset[str], frozenset[str]]
_PARAGRAPH: _Ending = (frozenset({"p"}), frozenset({"table", *_CELLS, "caption", "button"}))
_ITEM: _Ending = (frozenset({"li"}), frozenset({"ul", "ol", "table"}))
_TERM: _Ending = (frozenset({"dd", "dt"}), frozenset({"dl", "table"}))
_CELL: _Ending = (_CELLS, frozenset({"tr", "table"}))
_ENDED: dict[str, tuple[_Ending, ...]] = {
    **dict.fromkeys(_BLOCKS - {"body", "br", "caption", "title"}, (_PARAGRAPH,)),
    "li": (_PARAGRAPH, _ITEM),
    **dict.fromkeys(("dd", "dt"), (_PARAGRAPH, _TERM)),
    **dict.fromkeys(_CELLS, (_CELL,)),
    "tr": ((frozenset({"tr"}), frozenset({"table"})),),
    **dict.fromkeys(("thead", "tbody", "tfoot"), ((_ROWS, frozenset({"table"})),)),
    "option": ((frozenset({"option"}), frozenset({"select", "datalist"})),),
}
"""What the beginning of an element ends, without an end tag: those elements, and the ones that keep them from it."""
_DEEP = 400
"""Elements, from the innermost, among which the one that ends is looked for: browsers nest about as deep."""
_SET = {"sup": "\ufdd0", "sub": "\ufdd1"}
_END = "\ufdd2"
"""Marks, which no text holds, of where raised or lowered characters begin and end."""
_OF_FORMULA = {("msup", 2): "sup", ("msub", 2): "sub", ("msubsup", 2): "sub", ("msubsup", 3): "sup"}
"""What is raised or lowered in a formula, by the element it is in and its place there."""
_MARKS = re.compile("[\ufdd0-\ufdd2]")
_MARKED = re.compile("([\ufdd0\ufdd1])([^\ufdd0-\ufdd2]*)\ufdd2?")


def html_text(source: str) -> str:
    """Return what a reader of the page sees: block elements on lines of their own, table cells separated by a tab.

    The address of a link follows its words in brackets, since it is often what a reader looks for. Not seen is what has
    the attribute `hidden` or a style of its own that hides it; style sheets are not looked at.
    """
    page = _Page()
    page.feed(_MARKS.sub("", source))
    page.close()
    lines = (re.sub(r" ?\t ?", "\t", line).strip() for line in _unmarked("".join(page.parts)).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _unmarked(text: str) -> str:
    """Return the text without marks, digits that were raised or lowered beside a number written as such."""
    pieces: list[str] = []
    last = 0
    for match in _MARKED.finditer(text):
        pieces.append(text[last : match.start()])
        before, after = _MARKS.sub("", "".join(pieces[-4:]))[-3:], _MARKS.sub("", text[match.end() : match.end() + 8])
        pieces.append(with_marked_digits(before, match[2], after, lowered=match[1] == _SET["sub"]))
        last = match.end()
    return _MARKS.sub("", "".join([*pieces, text[last:]]))


@dataclass(slots=True)
class _Open:
    """An element that has begun and not ended: whether it takes no place, or takes place and is not seen."""

    tag: str
    hidden: bool
    invisible: bool
    href: str = ""
    mark: str = ""
    children: int = 0

    @property
    def visible(self) -> bool:
        return not self.hidden and not self.invisible


def _style(style: str) -> dict[str, str]:
    """Return the declarations of an element's own style; of several of one property the last counts."""
    parts = (part.partition(":") for part in re.sub(r"/\*.*?\*/", "", style, flags=re.DOTALL).lower().split(";"))
    return {name.strip(): value.replace("!important", "").strip() for name, _, value in parts}


_NOTHING = re.compile(r"[0.]+(?:px|pt|em|rem|%)?")


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._open: list[_Open] = [_Open("", hidden=False, invisible=False)]
        self._known: Counter[str] = Counter()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        tag = tag.rpartition(":")[2]
        self._end_before(tag)
        parent = self._open[-1]
        parent.children += 1
        element = self._element(tag, parent, {name: value or "" for name, value in reversed(attrs)})
        if element.visible:
            if tag in _BLOCKS:
                self.parts.append("\n" if tag in _LINES else "\n\n")
            elif tag in _CELLS:
                self.parts.append("\t")
            if element.mark:
                self.parts.append(element.mark)
        if tag not in _VOID:
            self._open.append(element)
            self._known[tag] += 1

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        # `<p/>` begins an element in a page, and ends one in a file of XML: what hides, hides on.
        if self._open[-1].visible or self._known["math"] or self._open[-1].tag in _UNSEEN or not self._open[-2].visible:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        tag = tag.rpartition(":")[2]
        place = self._place_of(tag)
        if place is None:
            return
        element = self._open[place]
        if tag == "a" and element.visible and element.href.startswith(("http://", "https://")):
            self.parts.append(f" ({element.href})")
        self._close(place)
        if tag in _BLOCKS and tag not in _LINES and element.visible:
            self.parts.append("\n\n")

    def handle_data(self, data: str) -> None:
        if self._open[-1].visible and not (self._known["math"] and not data.strip()):
            self.parts.append(data if self._known["pre"] else re.sub(r"\s+", " ", data))

    def _element(self, tag: str, parent: _Open, attributes: Mapping[str, str]) -> _Open:
        style = _style(attributes.get("style", ""))
        always_shown = tag in ("html", "body")  # a page that is hidden as a whole is shown by a script once it is there
        hidden = tag in _UNSEEN or (tag == "dialog" and "open" not in attributes)
        hidden |= "hidden" in attributes and "display" not in style
        hidden |= style.get("display") == "none"
        hidden |= any(_NOTHING.fullmatch(style.get(name, "")) is not None for name in ("opacity", "font-size"))
        invisible = parent.invisible if "visibility" not in style else style["visibility"] in ("hidden", "collapse")
        kind = tag if tag in _SET else _OF_FORMULA.get((parent.tag, parent.children), "")
        return _Open(
            tag, parent.hidden or (hidden and not always_shown), invisible and not always_shown, attributes.get("href", ""),
            _SET.get(kind, ""),
        )  # fmt: skip

    def _end_before(self, tag: str) -> None:
        """End the elements that end where another one begins."""
        for ended, keeping in _ENDED.get(tag, ()):
            if not any(self._known[tag_ended] for tag_ended in ended):
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
        block = tag in _BLOCKS | _CELLS | _UNSEEN
        for place in self._inwards() if self._known[tag] else ():
            other = self._open[place].tag
            if other == tag:
                return place
            stays_open = other in _CELLS | {"caption"} and tag not in _CELLS | _ROWS | {"table"}
            if other == "table" or stays_open or (not block and other in _BLOCKS | _CELLS):
                return None
        return None

    def _close(self, place: int) -> None:
        """End an open element and all in it."""
        for element in reversed(self._open[place:]):
            self._known[element.tag] -= 1
            if element.mark and element.visible:
                self.parts.append(_END)
        del self._open[place:]
