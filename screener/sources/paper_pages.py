"""What the web page of a paper says of it: the meta tags for search engines, and the abstract that readers see.

Sources: https://scholar.google.com/intl/en/scholar/inclusion.html (`citation_title`, `citation_author`, …),
https://www.dublincore.org/specifications/dublin-core/dcq-html/ (`DC.Title`, `DC.Description`).
"""

import re
from collections import defaultdict
from html.parser import HTMLParser

from ..records import Entry, doi

_TITLE = ("citation_title", "dc.title", "og:title")
_ABSTRACT = ("citation_abstract", "dcterms.abstract", "dc.description.abstract")
_AUTHORS = ("citation_author", "dc.creator", "dc.creator.personalname")
_DATES = ("citation_publication_date", "citation_date", "citation_year", "dc.date.issued", "dc.date")
_ELEMENTS = frozenset({"div", "section", "p", "article"})
_CLASSES = frozenset({"abstract", "acl-abstract", "paper-abstract"})
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_BLOCKS = _ELEMENTS | _HEADINGS | {"br", "li", "tr", "td"}
_UNSEEN = frozenset({"script", "style", "noscript", "template"})
_ENDS = frozenset({"hr", "footer", "nav", "form"})
"""What ends a text behind a heading, as the next heading does."""
_LEAST = 40
"""Letters of an abstract; what is shorter says that there is none."""


def paper_of(page: str) -> Entry | None:
    """Return what a paper's page says of it; None for a page without the title of one."""
    read = _PaperPage()
    read.feed(page)
    read.close()
    title = read.first(_TITLE)
    if not title:
        return None
    texts = (read.first(_ABSTRACT), read.marked, read.behind_heading)
    year = re.search(r"\b(?:19|20)\d\d\b", read.first(_DATES))
    return Entry(
        title=title,
        abstract=next((text for text in texts if len(text) >= _LEAST), ""),
        authors=tuple(dict.fromkeys(next((read.meta[name] for name in _AUTHORS if read.meta[name]), ()))),
        year=int(year[0]) if year else None,
        doi=doi(read.first(("citation_doi", "dc.identifier.doi"))),
        open_access=tuple(filter(None, [read.first(("citation_pdf_url",))])),
    )


class _PaperPage(HTMLParser):
    """Reads meta tags, the element that is marked as the abstract, and the text behind the heading `Abstract`."""

    def __init__(self) -> None:
        super().__init__()
        self.meta = defaultdict[str, list[str]](list)
        self._marked, self._behind, self._heading = list[str](), list[str](), list[str]()
        self._inside: tuple[str, int] | None = None
        """The tag of the marked element that is open, and how many of its name are open in it."""
        self._done = self._after = self._in_heading = False
        self._depth = self._unseen = 0

    @property
    def marked(self) -> str:
        """The text of the marked element, without the word `Abstract` before it."""
        return _plain(self._marked)

    @property
    def behind_heading(self) -> str:
        """The text behind the heading."""
        return _plain(self._behind)

    def first(self, names: tuple[str, ...]) -> str:
        """Return what the first of some meta tags says that is there."""
        return next((" ".join(self.meta[name][0].split()) for name in names if self.meta[name]), "")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take meta tags, and see whether an abstract begins or ends."""
        given = {name: value or "" for name, value in attrs}
        if tag == "meta" and (name := (given.get("name") or given.get("property", "")).lower()):
            if given.get("content", "").strip():
                self.meta[name].append(given["content"].strip())
            return
        self._unseen += tag in _UNSEEN
        if self._inside is not None:
            name, depth = self._inside
            # Where the end of the element was left out, what follows the abstract ends it.
            follows = tag in _HEADINGS or tag in _ENDS or tag == name == "p"
            ended = follows and len(_plain(self._marked)) >= _LEAST
            self._inside, self._done = (None, True) if ended else ((name, depth + (tag == name)), False)
        elif not self._done and tag in _ELEMENTS and _is_abstract(given):
            self._inside = (tag, 1)
        if tag in _HEADINGS:
            self._heading, self._in_heading, self._after = [], True, False
        elif tag in _ENDS:
            self._after = False
        elif self._after and tag in _ELEMENTS:
            self._depth += 1
        self._blank(tag)

    def handle_endtag(self, tag: str) -> None:
        """See whether an abstract ends, or begins behind its heading."""
        self._blank(tag)
        self._unseen = max(self._unseen - (tag in _UNSEEN), 0)
        if self._inside is not None and tag == self._inside[0]:
            depth = self._inside[1] - 1
            self._inside, self._done = ((tag, depth), False) if depth else (None, bool(_plain(self._marked)))
        if self._in_heading and tag in _HEADINGS:
            self._in_heading = False
            if "".join(self._heading).strip(" :\n\t").lower() == "abstract" and not _plain(self._behind):
                self._after, self._depth = True, 0
        elif self._after and tag in _ELEMENTS:
            self._depth -= 1
            self._after = self._depth >= 0

    def _blank(self, tag: str) -> None:
        """Part the words before and behind a block."""
        if tag in _BLOCKS:
            self._marked.append(" ")
            self._behind.append(" ")

    def handle_data(self, data: str) -> None:
        """Take the text of what is open."""
        if self._unseen:
            return
        if self._in_heading:
            self._heading.append(data)
        if self._inside is not None:
            self._marked.append(data)
        if self._after:
            self._behind.append(data)


def _is_abstract(given: dict[str, str]) -> bool:
    return given.get("id", "").lower() == "abstract" or not _CLASSES.isdisjoint(given.get("class", "").lower().split())


def _plain(texts: list[str]) -> str:
    return re.sub(r"^abstract\b[\s:.]*", "", " ".join("".join(texts).split()), flags=re.IGNORECASE)
