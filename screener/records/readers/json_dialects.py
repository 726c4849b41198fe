"""What a dialect of JSON is: how one service's documents are recognised, where their items are, and what an item says."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from .. import normalise as n
from ..model import Entry, KnownDate
from . import values as v

Item = dict[str, Any]


@dataclass(frozen=True)
class Dialect:
    """The JSON of one service.

    `lists` are paths under which a document has its items, `wraps` those under which it has a single one; a document may
    also be an item or a list of items itself. `total` is the path of the number of results that the whole search has.
    """

    format: str
    source: str
    is_item: Callable[[Item], bool]
    entry_of: Callable[[Item], Entry]
    lists: Sequence[tuple[str, ...]] = ()
    wraps: Sequence[tuple[str, ...]] = ()
    total: tuple[str, ...] = ()

    def items(self, document: Any) -> list[Any] | None:
        """Return the items of a document's list, or None where it has no list of this dialect."""
        if isinstance(document, list):
            return document if self._first_is_item(document) else None
        for path in self.lists:
            listed = v.at(document, *path)
            # One hit alone is an object where services turn XML into JSON.
            items = [listed] if isinstance(listed, dict) and self.is_item(listed) else listed
            if isinstance(items, list) and (not items or self._first_is_item(items)):
                return items
        return None

    def single(self, document: Any) -> Item | None:
        """Return the one item that a document is or has, or None."""
        for path in ((), *self.wraps):
            item = v.at(document, *path)
            if isinstance(item, dict) and self.is_item(item):
                return item
        return None

    def _first_is_item(self, items: list[Any]) -> bool:
        first = next((item for item in items if isinstance(item, dict)), None)
        return first is not None and self.is_item(first)


def date_parts(kind: str, value: Any) -> KnownDate | None:
    """Return a date of CSL's and Crossref's form: `{"date-parts": [[2018, 3, 7]]}`, else `raw` or `literal` text.

    Of kind `published` or, where no more is known than a year, `year`; other kinds as they are named.
    """
    parts = [part for part in map(v.text, v.as_list(v.at(value, "date-parts", 0))) if part]
    written = (
        "-".join(part.zfill(2) for part in parts[:3]) if parts else v.text(v.at(value, "raw") or v.at(value, "literal"))
    )
    return n.published(written, None) if kind == "published" else n.date(kind, written)


def year_of(*dates: KnownDate | None) -> int | None:
    """Return the year of the first date that is known."""
    return next((int(date.value[:4]) for date in dates if date is not None), None)


def names(persons: Any, *keys: str) -> tuple[str, ...]:
    """Return names of persons: `family, given`, else the first of the keys that has one."""
    found = []
    for person in v.as_list(persons):
        if not isinstance(person, dict):
            found.append(v.text(person))
            continue
        family = " ".join(filter(None, map(v.text, (person.get("non-dropping-particle"), person.get("family")))))
        given = " ".join(filter(None, map(v.text, (person.get("given"), person.get("dropping-particle")))))
        name = ", ".join(filter(None, (family, given, v.text(person.get("suffix"))))) if family else ""
        found.append(name or next(filter(None, (v.text(person.get(key)) for key in keys)), given))
    return v.unique(found)
