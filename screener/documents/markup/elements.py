"""What the elements of a web page are in its text: headings, captions, items, cells, raised characters, links."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ..model import Kind
from .document import is_table_caption, pictured_table
from .formulas import is_apart, sign_before
from .marked_digits import CITE, END, LOWER, RAISE
from .parts import Flow
from .tables import RawCell

BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "body", "br", "caption", "center", "dd", "details", "dir", "div", "dl", "dt",
    "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hgroup", "hr", "legend", "li",
    "listing", "main", "menu", "nav", "ol", "p", "pre", "search", "section", "summary", "table", "tbody", "tfoot", "thead", "title", "tr", "ul",
})  # fmt: skip
CELLS = frozenset({"td", "th"})
_APART = frozenset({
    "audio", "button", "canvas", "embed", "iframe", "img", "input", "meter", "object", "optgroup", "option", "progress",
    "rt", "select", "textarea", "video",
})  # fmt: skip
"""Elements in a line with room around them, or something that is seen and is no text."""
_ROLES_OF_TABLES = frozenset({"table", "grid", "treegrid"})
_ROLES_OF_CELLS = frozenset({"cell", "gridcell", "columnheader", "rowheader"})
_OF_TABLES = frozenset({"table", "tr", "thead", "tbody", "tfoot", "caption", *CELLS})
_ROLES_WITHIN_TABLES = _ROLES_OF_TABLES | _ROLES_OF_CELLS | {"row", "rowgroup"}
_ITEMS = frozenset({"li", "dt", "dd"})
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_SET = {"sup": RAISE, "sub": LOWER}
_REFERENCES = frozenset({"ref-list", "references", "bibliography", "ltx_bibliography", "citation-list"})
"""Classes of the lists of references of publishers."""
_NOTES = frozenset({"ltx_note_outer"})
_LABELS = frozenset({"label", "ltx_tag"})
_EQUATIONS = frozenset({"ltx_equation", "ltx_equationgroup", "ltx_eqn_table"})
"""Classes of notes within a line, of numbers before a title or an entry, and of formulas that are set as tables."""
_ROLES = {
    "doc-bibliography": Kind.REFERENCE, "doc-biblioentry": Kind.REFERENCE, "doc-footnote": Kind.FOOTNOTE,
    "doc-endnotes": Kind.FOOTNOTE,
    **dict.fromkeys(("navigation", "dialog", "alertdialog", "banner", "contentinfo"), Kind.RUNNING_HEAD),
}  # fmt: skip
_ASKING = re.compile(
    r"(?<![\w-])(?:onetrust|cookie[-_]?(?:consent|banner|notice|policy|bar|popup|law|message|disclaimer))"
    r"(?![\w-]*(?:open|shown|visible|active))",
    re.IGNORECASE,
)
"""What the element is called in which a site asks for leave to use cookies; `has-cookie-banner` is one around all."""
_RAISED = re.compile(r"vertical-align\s*:\s*(super|sub)\b")
_NUMBER = re.compile(r"\d{1,9}")

End = Callable[[], None]


@dataclass(slots=True)
class _List:
    """A list that has begun: the number of its next item, where it has numbers, and how many there were."""

    number: int | None
    items: int = 0


class PageElements:
    """Hands the elements of a web page, and what they stand for, on to a flow."""

    def __init__(self, *, markdown: bool = False) -> None:
        """With `markdown` the numbers of lists and the addresses of pictures are read."""
        self.flow = Flow()
        self._markdown = markdown
        self._lists: list[_List] = []
        self._pictures: list[int] = []
        self._by_role: list[bool] = []
        self._in_cell = False
        self.warnings: list[str] = []

    def text(self, data: str, *, kept: bool, bold: bool) -> None:
        """Add text; line breaks and blanks are `kept` in one that is set as it is written."""
        self.flow.text(data if kept else re.sub(r"\s+", " ", data), bold=bold)

    def begin(
        self, tag: str, attributes: Mapping[str, str], place: tuple[str, int], *, visible: bool = True
    ) -> End | None:
        """Begin an element, the n-th in its parent; return what is to be done at its end."""
        classes = set(attributes.get("class", "").lower().split())
        if classes & _NOTES and tag not in BLOCKS:
            self.flow.begin_note()
            return self.flow.end_note
        if classes & _LABELS and tag not in BLOCKS:
            return self.flow.apart
        kind = self._kind(tag, attributes, classes, place[0])
        if kind is not None:
            self.flow.open(kind, _level(tag, attributes))
            return self.flow.close
        if tag in _OF_TABLES:
            return self._part_of_table(tag, attributes)
        if (role := attributes.get("role", "").lower()) in _ROLES_WITHIN_TABLES:
            return self._part_by_role(role, attributes)
        if tag in ("ol", "ul", "dl"):
            return self._list(tag, attributes)
        if tag in _ITEMS:
            return self._item(attributes)
        if tag == "figure":
            self.flow.begin_float()
            self._pictures.append(0)
            return self._end_figure
        if tag == "br":
            self.flow.line()
        elif tag in BLOCKS:
            self.flow.divide()
            return self.flow.divide
        return self._in_line(tag, attributes, place) if visible else None

    def _kind(self, tag: str, attributes: Mapping[str, str], classes: set[str], parent: str) -> Kind | None:
        role = attributes.get("role", "").lower()
        if tag in _HEADINGS or role == "heading":
            return Kind.HEADING
        if tag == "figcaption":
            return Kind.CAPTION
        if tag == "nav" or role in _ROLES or (tag == "footer" and parent in ("body", "div")):
            return _ROLES.get(role, Kind.RUNNING_HEAD)
        named = f"{attributes.get('id', '')} {attributes.get('class', '')}"
        if tag in ("div", "section", "aside", "form") and _ASKING.search(named):
            return Kind.RUNNING_HEAD
        if tag in ("section", "ol", "ul", "dl") and _REFERENCES & classes:
            return Kind.REFERENCE
        return None

    def _part_of_table(self, tag: str, attributes: Mapping[str, str]) -> End | None:
        flow = self.flow
        if tag == "table":
            equation = _EQUATIONS & set(attributes.get("class", "").lower().split())
            layout = bool(equation) or attributes.get("role", "").lower() in ("presentation", "none")
            return self._table(by_role=False, layout=layout)
        if not flow.in_table:
            flow.divide()
            return flow.divide
        if tag in CELLS:
            columns, rows = (_span(attributes.get(name, "")) for name in ("colspan", "rowspan"))
            head = tag == "th" or attributes.get("role", "").lower() in ("columnheader", "rowheader")
            cell = RawCell(head=head or "scope" in attributes, columns=columns or 1, rows=rows)
            cell.name, cell.heads = attributes.get("id", ""), attributes.get("headers", "")
            flow.begin_cell(cell)
            return flow.end_cell
        if tag == "caption":
            flow.begin_caption()
            return flow.end_caption
        if tag == "tr":
            flow.begin_row()
            return None
        flow.begin_group(tag)
        return flow.end_group

    def _table(self, *, by_role: bool, layout: bool = False) -> End:
        self.flow.begin_table(layout=layout)
        self._by_role.append(by_role)
        around, self._in_cell = self._in_cell, False

        def end() -> None:
            self.flow.end_table()
            self._by_role.pop()
            self._in_cell = around

        return end

    def _part_by_role(self, role: str, attributes: Mapping[str, str]) -> End:
        """Begin a part of a table that is none by its elements, and is said to be one."""
        if role in _ROLES_OF_TABLES:
            return self._table(by_role=True)
        if self._in_cell or not (self._by_role and self._by_role[-1]):
            self.flow.apart()
            return self.flow.apart
        if role in _ROLES_OF_CELLS:
            columns, rows = (_span(attributes.get(name, "")) for name in ("aria-colspan", "aria-rowspan"))
            self.flow.begin_cell(RawCell(head=role.endswith("header"), columns=columns or 1, rows=rows))
            self._in_cell = True
            return self._end_cell_by_role
        if role == "row":
            self.flow.begin_row()
        return lambda: None

    def _end_cell_by_role(self) -> None:
        self._in_cell = False
        self.flow.end_cell()

    def _list(self, tag: str, attributes: Mapping[str, str]) -> End:
        start = _NUMBER.fullmatch(attributes.get("start", "1"))
        numbered = tag == "ol" and self._markdown and start is not None
        self._lists.append(_List(int(start[0]) if numbered and start else None))
        self.flow.divide()
        return self._end_list

    def _end_list(self) -> None:
        if self._lists:
            self._lists.pop()
        self.flow.divide()

    def _item(self, attributes: Mapping[str, str]) -> End:
        listed = self._lists[-1] if self._lists else _List(None)
        self.flow.divide(tight=listed.items > 0)
        listed.items += 1
        if listed.number is not None:
            value = _NUMBER.fullmatch(attributes.get("value", ""))
            listed.number = int(value[0]) if value else listed.number
            self.flow.text(f"{listed.number}. ")
            listed.number += 1
        return self.flow.divide

    def _end_figure(self) -> None:
        caption, table = self.flow.end_float()
        if self._pictures.pop() and not table and is_table_caption(caption):
            self.warnings.append(pictured_table(caption))

    def _in_line(self, tag: str, attributes: Mapping[str, str], place: tuple[str, int]) -> End | None:
        if tag == "img" and self._pictures:
            self._pictures[-1] += 1
        if tag == "img" and self._markdown:
            address = attributes.get("src", "")
            shown = "" if address.startswith("data:") or not address else f" ({address})"
            self.flow.apart()
            self.flow.text(f"{attributes.get('alt', '')}{shown}")
            return None
        if tag in ("mtr", "mtd"):
            self.flow.text(" ")
        apart = tag in _APART or is_apart(tag, *place)
        if apart:
            self.flow.apart()
        if tag == "a":
            return self._link(attributes.get("href", ""))
        styled = _RAISED.search(attributes.get("style", "").lower())
        mark = _SET.get(tag) or sign_before(tag, *place) or (_SET[styled[1].replace("super", "sup")] if styled else "")
        self.flow.text(mark)
        if mark in (RAISE, LOWER):
            return lambda: self.flow.text(END)
        return self.flow.apart if apart else None

    def _link(self, address: str) -> End | None:
        if address.startswith("#"):
            self.flow.text(CITE)
            return lambda: self.flow.text(END)
        if address.startswith(("http://", "https://")):
            return lambda: self.flow.text(f" ({address})")
        return None


def _level(tag: str, attributes: Mapping[str, str]) -> int:
    if tag in _HEADINGS:
        return int(tag[1])
    level = attributes.get("aria-level", "")
    return int(level) if level in ("1", "2", "3", "4", "5", "6") else 2


def _span(written: str) -> int:
    """Return a number of rows or columns: 1 where it is none."""
    match = _NUMBER.match(written.strip())
    return int(match[0]) if match else 1
