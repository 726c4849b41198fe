"""Tables of JATS, of its two models: that of HTML, and that of OASIS (CALS), whose spans go by names of columns.

Sources: https://jats.nlm.nih.gov/publishing/tag-library/1.3/element/table.html,
https://www.oasis-open.org/specs/tm9901.htm (`tgroup`, `colspec`, `spanspec`, `entry`).
"""

import re
from collections.abc import Callable
from xml.etree.ElementTree import Element

from .parts import Flow
from .tables import RawCell

Inside = Callable[[Element], None]
"""Reads what is in an element into the flow."""
_GROUPS = ("thead", "tbody", "tfoot")


def read_table(flow: Flow, element: Element, inside: Inside) -> None:
    """Read a `table` into a flow; one in the OASIS model may be several, one for each `tgroup`."""
    groups = element.findall("tgroup")
    for group in groups or [element]:
        flow.begin_table()
        columns = _Columns(group)
        for part in group:
            if part.tag in _GROUPS:
                flow.begin_group(part.tag)
                for row in part:
                    _row(flow, row, inside, columns)
                flow.end_group()
            elif part.tag in ("tr", "row"):
                _row(flow, part, inside, columns)
            elif part.tag == "caption":
                flow.begin_caption()
                inside(part)
                flow.end_caption()
        flow.end_table()


def _row(flow: Flow, row: Element, inside: Inside, columns: "_Columns") -> None:
    if row.tag not in ("tr", "row"):
        return
    flow.begin_row()
    for cell in row:
        if cell.tag in ("td", "th"):
            head = cell.tag == "th" or cell.get("scope") is not None
            raw = RawCell(head=head, columns=_count(cell, "colspan"), rows=_count(cell, "rowspan"))
            raw.name, raw.heads = cell.get("id", ""), cell.get("headers", "")
            flow.begin_cell(raw)
        elif cell.tag == "entry":
            column, span = columns.reach(cell)
            flow.begin_cell(RawCell(columns=span, rows=1 + _count(cell, "morerows", 0), column=column))
        else:
            continue
        inside(cell)
        flow.end_cell()


class _Columns:
    """The columns of a `tgroup` by name, and the spans that it names."""

    def __init__(self, group: Element) -> None:
        self.places: dict[str, int] = {}
        number = 0
        for column in group.iterfind("colspec"):
            number = _count(column, "colnum", number + 1)
            self.places[column.get("colname") or f"col{number}"] = number - 1
        self.spans = {span.get("spanname", ""): span for span in group.iterfind("spanspec")}

    def reach(self, entry: Element) -> tuple[int | None, int]:
        """Return the first column of an entry, where it says so, and how many it reaches over."""
        named = self.spans.get(entry.get("spanname", ""), entry)
        first = self.place(named.get("namest") or named.get("colname") or "")
        last = self.place(named.get("nameend") or "")
        return first, last - first + 1 if first is not None and last is not None and last > first else 1

    def place(self, name: str) -> int | None:
        """Return where a column stands, by its name; one that is not declared is numbered (`col2`)."""
        number = re.search(r"[1-9]\d{0,3}\Z", name) if not self.places else None
        return int(number[0]) - 1 if number else self.places.get(name)


def _count(element: Element, name: str, missing: int = 1) -> int:
    written = element.get(name, "").strip()
    return int(written) if written.isascii() and written.isdigit() and len(written) < 10 else missing
