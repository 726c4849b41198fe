"""Atom as arXiv's API gives it: a feed of papers.

Source: https://info.arxiv.org/help/api/user-manual.html#52-details-of-atom-results-returned
"""

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from .. import normalise as n
from ..model import Entry, Integrity
from . import values as v
from .json_dialects import year_of
from .rows import RowCollector
from .xml_documents import BrokenFileError, elements, every, first, root_name

_WITHDRAWN = re.compile(
    r"(?:this|the) (?:\w+ )?(?:paper|article|manuscript|submission|work|preprint)"
    r"(?: \([^)]*\))? (?:has been|is being|was|is) (?:temporarily )?withdrawn|withdrawn\b",
    re.IGNORECASE,
)


def looks_like_atom(text: str) -> bool:
    """Return whether a text is a feed of arXiv's papers."""
    return root_name(text) == "feed" and "http://arxiv.org/schemas/atom" in text


def read_atom(text: str, into: RowCollector) -> list[str]:
    """Read a feed. Returns notes: how many of the results are in it."""
    row, total = 0, ""
    try:
        for element in elements(text, {"entry", "totalResults"}):
            if element.tag == "totalResults":
                total = n.clean(element.text)
                continue
            row += 1
            if problem := error_of(element):
                into.reject(row, f"an error of arXiv: {problem}; search again")
            else:
                into.add(row, entry_of(element))
    except BrokenFileError as problem:
        into.reject(row + 1, f"{problem}; fetch the feed again")
    if total.isdigit() and row < int(total):
        return [f"{row:,} of {int(total):,} results are in the file; fetch the others with `start`"]
    return []


def entries_of(document: str) -> Iterator[Entry]:
    """Yield the papers of a feed. Raises `BrokenFileError` where it breaks off."""
    return (entry_of(element) for element in elements(document, {"entry"}) if not error_of(element))


def error_of(element: Element) -> str:
    """Return the message of an entry that is an error; empty for a paper."""
    return first(element, "summary", "title") if "/api/errors" in first(element, "id") else ""


def entry_of(element: Element) -> Entry:
    """Return the entry of a paper. Its address names the version; its id does not."""
    address, reference = first(element, "id"), first(element, "journal_ref")
    published = n.published(first(element, "published"), None)
    comment, abstract = first(element, "comment"), first(element, "summary")
    primary = [item.get("term", "") for item in element.iterfind("primary_category")]
    others = [item.get("term", "") for item in element.iterfind("category")]
    return Entry(
        title=first(element, "title"),
        abstract=abstract,
        authors=v.unique(every(element, "author/name")),
        year=year_of(published),
        dates=v.known_dates(published, n.date("updated", first(element, "updated"))),
        venue=reference or "arXiv",
        publisher="arXiv",
        reference_type="UNPB",
        publication_types=("preprint",),
        keywords=v.unique((*primary, *others)),
        url=re.sub(r"^http:", "https:", address),
        doi=n.doi(first(element, "doi")),
        arxiv=n.arxiv(address),
        integrity=Integrity.WITHDRAWN if any(map(_WITHDRAWN.match, (comment, abstract))) else Integrity.UNMARKED,
    )
