"""An article in JATS as a web page, so that it is read as one: what a reader of the article sees, in the order of the text.

Source: https://jats.nlm.nih.gov/publishing/tag-library/1.3/ (`article`; PubMed Central wraps it in `pmc-articleset`).
"""

import html
from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

from ..core.errors import BadInput
from ..records.readers.xml_documents import BrokenFileError, elements, root_name

ROOTS = ("article", "pmc-articleset")
_WRITTEN = {
    "p": "p", "title": "h2", "article-title": "h1", "caption": "p", "label": "span", "list": "ul", "list-item": "li",
    "def-item": "p", "disp-quote": "p", "disp-formula": "p", "preformat": "pre", "code": "pre", "verse-line": "p",
    "table": "table", "thead": "thead", "tbody": "tbody", "tr": "tr", "th": "th", "td": "td", "sup": "sup", "sub": "sub",
    "table-wrap-foot": "div", "boxed-text": "div", "sec": "div", "abstract": "div",
    "fn": "p", "ack": "div", "app": "div", "supplementary-material": "div", "math": "math", "msup": "msup",
    "msub": "msub", "msubsup": "msubsup", "mi": "mi", "mn": "mn", "mo": "mo", "mrow": "mrow",
}  # fmt: skip
"""The element of a web page for one of JATS; of others the text alone is taken."""
_UNREAD = frozenset(
    {"object-id", "graphic", "inline-graphic", "tex-math", "annotation", "permissions", "processing-meta"}
)
_SPACED = frozenset(
    {"label", "name", "surname", "year", "source", "article-title", "term", "chapter-title", "collab", "p", "title"}
)


def is_jats(path: Path) -> bool:
    """Return whether the XML in a file is an article in JATS, by its beginning."""
    try:
        with path.open("rb") as file:
            return root_name(file.read(20_000).decode("utf-8", "replace")) in ROOTS
    except OSError:
        return False


def jats_page(source: str) -> str:
    """Return the first article of a text in JATS as HTML; empty where there is none."""
    try:
        article = next(iter(elements(source, {"article"})), None)
    except (BrokenFileError, BadInput):
        return ""
    return "" if article is None else "".join(_article(article))


def _article(article: Element) -> Iterator[str]:
    meta = article.find("front/article-meta")
    if meta is not None:
        yield _one("h1", meta.find("title-group/article-title"))
        names = [
            " ".join(filter(None, (_plain(name.find("given-names")), _plain(name.find("surname")))))
            for contributor in meta.iterfind("contrib-group/contrib")
            for name in contributor.iterfind("name")
        ]
        yield f"<p>{html.escape(', '.join(names))}</p>"
        doi = meta.find("article-id[@pub-id-type='doi']")
        yield f"<p>https://doi.org/{html.escape((doi.text or '').strip())}</p>" if doi is not None else ""
        for abstract in meta.iterfind("abstract"):
            if not abstract.get("abstract-type") and abstract.find("title") is None:
                yield "<h2>Abstract</h2>"
            yield from _pieces(abstract)
    for part in ("body", "back", "floats-group"):
        element = article.find(part)
        yield from _pieces(element) if element is not None else ()


def _one(tag: str, element: Element | None) -> str:
    return "" if element is None else f"<{tag}>{''.join(_inside(element))}</{tag}>"


def _inside(element: Element) -> Iterator[str]:
    yield html.escape(element.text or "")
    for inner in element:
        yield from _pieces(inner)
        yield html.escape(inner.tail or "")


def _pieces(element: Element) -> Iterator[str]:
    """Yield an element as HTML, without what stands behind it."""
    tag = _tag(element)
    if tag in _UNREAD:
        return
    if tag == "ref-list":
        yield _one("h2", element.find("title")) or "<h2>References</h2>"
        for number, reference in enumerate(element.iter("ref"), 1):
            label = reference.find("label")
            if label is not None:
                reference.remove(label)
            yield f"<p>[{number}] {''.join(_text(reference))}</p>"
        return
    if tag in ("fig", "table-wrap"):
        yield from _captioned(element)
        return
    written = _WRITTEN.get(tag)
    yield f"<{written}>" if written else ""
    yield from _inside(element)
    yield f"</{written}>" if written else ""
    yield " " if tag in _SPACED and not written else ""


def _captioned(element: Element) -> Iterator[str]:
    """Yield a figure or table: number and caption in one paragraph, then what stands under them."""
    caption = (part for name in ("label", "caption") if (part := element.find(name)) is not None)
    yield f"<p>{' '.join(' '.join(''.join(_text(part)).split()) for part in caption)}</p>"
    for inner in element:
        if _tag(inner) not in ("label", "caption"):
            yield from _pieces(inner)


def _plain(element: Element | None) -> str:
    return "" if element is None else " ".join("".join(element.itertext()).split())


def _text(element: Element) -> Iterator[str]:
    """Yield the words of a reference or caption, its parts by blanks."""
    yield html.escape(element.text or "")
    for inner in element:
        yield from _text(inner)
        yield " " if _tag(inner) in _SPACED else ""
        yield html.escape(inner.tail or "")


def _tag(element: Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
