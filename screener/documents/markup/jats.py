"""An article in JATS as its reader sees it, in the order of the text.

Source: https://jats.nlm.nih.gov/publishing/tag-library/1.3/ (`article`; PubMed Central wraps it in `pmc-articleset`).
"""

import codecs
import html
import re
from pathlib import Path
from xml.etree.ElementTree import Element

from ...core.errors import BadInput
from ...records.readers.xml_documents import BrokenFileError, elements, root_name
from ..abstracts import abstract_rank
from ..model import Document, FailureKind, Kind, Unreadable
from ..reference_headings import is_references
from .document import Sheet, document_of, pictured_table
from .formulas import is_apart, plain_formula, sign_before
from .jats_tables import read_table
from .marked_digits import CITE, END, LOWER, MARKS, RAISE
from .parts import Flow, Part, tidied

ROOTS = ("article", "pmc-articleset")
_WRAPPERS = ("OAI-PMH", "response", "records")
"""The first elements of answers of services that may hold an article."""
_OTHERS = {
    "TEI": "it is TEI, as GROBID writes it; attach the PDF",
    "PubmedArticleSet": "it holds records of PubMed, not their text; `screener import FILE` reads it",
    "xml": "it holds records of EndNote, not their text; `screener import FILE` reads it",
    "full-text-retrieval-response": "it is in Elsevier's own format; attach the PDF",
    "collection": "it is BioC or MARC; attach the PDF",
    "html": "it is a web page; name it .html",
}
_BLOCKS = frozenset({
    "p", "list", "def-list", "disp-quote", "disp-formula", "disp-formula-group", "speech", "statement", "verse-group",
    "verse-line", "attrib", "subtitle", "def-item", "list-item", "preformat", "code", "media",
})  # fmt: skip
_SECTIONS = frozenset({"sec", "app", "ack", "glossary", "notes", "fn-group", "bio", "abstract", "trans-abstract"})
_FLOATS = frozenset({"table-wrap", "fig", "table-wrap-group", "fig-group", "supplementary-material", "boxed-text"})
_FLOAT_NAMES = {"table-wrap": "Table", "fig": "Figure"}
_BARE = re.compile(r"[A-Z]?\d{1,3}[a-z]?\.?")
_KINDS = {"caption": Kind.CAPTION, "table-wrap-foot": Kind.FOOTNOTE}
_ITEMS = frozenset({"list-item", "def-item", "verse-line"})
_OPENED = frozenset({"list-item", "fn", "td", "th", "entry", "note"})
_TITLED = _SECTIONS | {"boxed-text", "body", "back", "app-group", "ref-list"}
_CITED = frozenset({"element-citation", "nlm-citation", "person-group", "name", "date"})
"""Elements whose parts have nothing between them."""
_PICTURES = frozenset({"graphic", "inline-graphic", "media"})
_UNREAD = frozenset({
    "object-id", "graphic", "inline-graphic", "annotation", "annotation-xml", "permissions", "processing-meta",
    "sub-article", "response", "alt-text", "long-desc", "strike",
})  # fmt: skip
_SPACED = frozenset({
    "label", "name", "surname", "year", "source", "article-title", "term", "chapter-title", "collab", "p", "title",
    "string-name", "given-names", "volume", "fpage", "lpage", "mtr", "mtd", "tr", "td", "th",
})  # fmt: skip
_RAISED = {"sup": RAISE, "sub": LOWER}
_CITING = frozenset({"bibr", "fn", "table-fn", "corresp", "aff"})
_ENTITY = re.compile(r"&([A-Za-z][A-Za-z0-9]{1,31});")
_KEPT = frozenset({"amp", "lt", "gt", "quot", "apos"})
_TEX = re.compile(r"\\begin\{document\}(.*?)\\end\{document\}", re.DOTALL)


_WITHOUT = "save it without them, or attach the PDF"


def is_jats(path: Path) -> bool:
    """Return whether the XML in a file is an article in JATS, by its beginning."""
    root, start = _root(path)
    return root in ROOTS or (root in _WRAPPERS and re.search(r"<(?:\w+:)?article[\s>]", start) is not None)


def not_jats(path: Path) -> str:
    """Return what the XML in a file is instead of an article in JATS."""
    root, start = _root(path)
    if not root and "<!ENTITY" in start:
        return f"it declares entities, which are not read; {_WITHOUT}"
    return _OTHERS.get(
        root, f"its first element is `{root[:40]}`; attach the PDF" if root else "it is no XML; attach the PDF"
    )


def _root(path: Path) -> tuple[str, str]:
    """Return the name of the first element of a file, and how the file begins."""
    try:
        with path.open("rb") as file:
            start = file.read(20_000)
        wide = start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        text = start.decode("utf-16" if wide else "utf-8", "replace").removeprefix("\ufeff")
    except OSError:
        return "", ""
    return root_name(text), text


def jats_document(source: str, path: Path) -> Document:
    """Return the document that the first article of a text in JATS is. Raises `Unreadable` where there is none."""
    others = 0
    parts: list[Part] = []
    sheet = Sheet("JATS")
    problem = ""
    try:
        for number, article in enumerate(elements(_named(MARKS.sub("", source)), {"article"})):
            if number:
                others += 1
            elif any(article.find(name) is not None for name in ("front", "body")):
                reader = _Article(sheet)
                reader.read(article)
                parts = reader.flow.parts
    except BrokenFileError as error:
        problem = str(error)
    except BadInput as error:
        problem = str(error).partition(";")[0]
    if not parts:
        remedy = _WITHOUT if "entities" in problem else "fetch it again, or attach the PDF"
        reason = f"{problem}; {remedy}" if problem and is_jats(path) else not_jats(path)
        raise Unreadable(FailureKind.MALFORMED, f"{path.name} is no article in JATS: {reason}")
    if others or problem:
        sheet.warnings.append(
            f"the file holds {others} more articles, which are not read; save each in a file of its own"
            if others
            else problem
        )
    return document_of(parts, sheet)


def _named(source: str) -> str:
    """Return a text with the characters that names stand for: JATS takes these from a file that is not there."""

    def written(match: re.Match[str]) -> str:
        letters = html.entities.html5.get(f"{match[1]};") if match[1] not in _KEPT else None
        return html.escape(letters) if letters else match[0]

    # A text that declares names of its own is left as it is, and refused.
    return source if re.search(r"<!ENTITY", source[:100_000]) else _ENTITY.sub(written, source)


class _Article:
    """Reads an article into a flow."""

    def __init__(self, sheet: Sheet) -> None:
        self.flow = Flow()
        self.flow.section = ""
        self.sheet = sheet
        self.level = 1
        self.in_abstract = False
        self.abstracts = 0
        self.cited = 0

    def read(self, article: Element) -> None:
        meta = article.find("front/article-meta")
        if meta is not None:
            self.front(meta, _plain(article.find("front/journal-meta//journal-title")))
        body, back = article.find("body"), article.find("back")
        for part in (body, article.find("floats-group"), back):
            if part is not None:
                self.flow.section = ""
                self.inside(part)
                self.flow.divide()
        if meta is not None:
            self.statements(meta)
        left = [name for name in ("sub-article", "response") for _ in article.iterfind(name)]
        if left:
            one = "1 article within the article, such as a report of a reviewer, is not read"
            several = f"{len(left)} articles within the article, such as reports of reviewers, are not read"
            self.sheet.warnings.append(one if len(left) == 1 else several)

    def front(self, meta: Element, journal: str) -> None:
        title = meta.find("title-group/article-title")
        if title is not None:
            self.heading(title, 1)
            for subtitle in meta.iterfind("title-group/subtitle"):
                self.block(subtitle)
            words = self.flow.parts[0].text if self.flow.parts else ""
            self.sheet.metadata |= {"title": words} if words else {}
        names = [
            " ".join(filter(None, (_plain(name.find("given-names")), _plain(name.find("surname")))))
            for contributor in meta.iterfind("contrib-group/contrib")
            for name in [*contributor.iter("name")][:1]
        ]
        self.line(", ".join(names))
        for place in dict.fromkeys(_spelt(place) for place in meta.iter("aff")):
            self.line(place)
        year = next(filter(None, map(_plain, meta.iterfind("pub-date/year"))), "")
        self.line(", ".join(filter(None, (journal, year))))
        doi = next((each for each in meta.iterfind("article-id") if each.get("pub-id-type") == "doi"), None)
        if doi is not None and (doi.text or "").strip():
            written = (doi.text or "").strip()
            self.sheet.metadata["doi"] = written
            self.line(f"https://doi.org/{written}")
        for abstract in [*meta.iterfind("abstract"), *meta.iterfind("trans-abstract")]:
            self.abstract(abstract)
        self.flow.section = ""
        for group in meta.iterfind("kwd-group"):
            words = "; ".join(filter(None, (_plain(keyword) for keyword in group.iterfind("kwd"))))
            self.line(f"{_plain(group.find('title')) or 'Keywords'}: {words}" if words else "")

    def line(self, text: str) -> None:
        self.flow.divide()
        self.flow.text(text)
        self.flow.divide()

    def block(self, element: Element) -> None:
        self.flow.divide()
        self.inside(element)
        self.flow.divide()

    def heading(self, element: Element, level: int) -> None:
        self.flow.open(Kind.HEADING, level)
        self.inside(element)
        self.flow.close()

    def abstract(self, element: Element) -> None:
        title = element.find("title")
        kind = element.get("abstract-type", "")
        heading = _plain(title) or (f"Abstract ({kind})" if kind else "Abstract")
        self.flow.section = self.abstract_section(element, heading)
        if title is None:
            self.headed(heading)
        self.in_abstract = True
        self.block(element)
        self.in_abstract = False

    def abstract_section(self, element: Element, heading: str) -> str:
        """Return the section of an abstract; only the first that is of no kind and no translation has an abstract's name."""
        kind = element.get("abstract-type") or ("translation" if _tag(element) == "trans-abstract" else "")
        named = abstract_rank(heading) is not None
        if not kind:
            self.abstracts += 1
            if self.abstracts == 1:
                return heading if named else "Abstract"
        return f"{heading} ({kind or self.abstracts})" if named else heading

    def statements(self, meta: Element) -> None:
        """Read what some journals have before the text that others have behind it: funding, where the data are."""
        found = [("Funding", statement) for statement in meta.iterfind("funding-group/funding-statement")]
        for each in meta.iterfind("custom-meta-group/custom-meta"):
            name, value = each.find("meta-name"), each.find("meta-value")
            if value is not None and "availability" in _plain(name).lower():
                found.append((_plain(name), value))
        for title, statement in found:
            self.flow.section = title
            self.headed(title)
            self.block(statement)
        self.flow.section = ""

    def headed(self, title: str) -> None:
        self.flow.open(Kind.HEADING, 2)
        self.flow.text(title)
        self.flow.close()

    def references(self, element: Element) -> None:
        self.flow.divide()
        above, title = self.flow.section, _plain(element.find("title"))
        inner = is_references(above or "")
        self.flow.section = above if inner else title or "References"
        if title or not inner:
            self.headed(title or "References")
        for part in element:
            tag = _tag(part)
            self.cited += tag == "ref"
            if tag == "ref-list":
                self.references(part)
            elif tag not in ("title", "label"):
                self.flow.open(Kind.REFERENCE)
                self.flow.text(f"[{self.cited}] " if tag == "ref" else "")
                self.reference(part)
                self.flow.close()
        self.flow.section = above

    def reference(self, element: Element) -> None:
        for place, inner in enumerate(element, 1):
            if _tag(inner) != "label":
                self.piece(inner, element, place)
                self.flow.text(" ")
        if not len(element):
            self.inside(element)

    def inside(self, element: Element) -> None:
        self.flow.text(_squeezed(element.text))
        for number, inner in enumerate(element, 1):
            self.piece(inner, element, number)
            self.flow.text(_squeezed(inner.tail))

    def piece(self, element: Element, parent: Element, number: int = 0) -> None:
        """Read an element, without what stands behind it."""
        tag = _tag(element)
        if tag in _UNREAD:
            if tag in _PICTURES or tag == "strike":
                self.flow.apart()
            return
        if tag in _FLOATS and _tag(parent) == "p":  # it stands behind the paragraph that it is in
            self.flow.begin_note(Kind.TEXT)
            self.floating(element)
            self.flow.end_note()
        elif tag in _FLOATS:
            self.floating(element)
        elif tag in ("table", "array"):
            read_table(self.flow, element, self.inside)
        elif tag == "ref-list":
            self.references(element)
        elif tag == "citation-alternatives":
            written = element.find("mixed-citation")
            for inner in [*element][:1] if written is None else [written]:
                self.piece(inner, element)
        elif tag in _SECTIONS:
            self.section(element)
        elif tag == "title" and _tag(parent) in _TITLED:
            self.title(element, parent)
        elif tag == "label" and _tag(parent) in _SECTIONS and parent.find("title") is not None:
            return  # read with the title
        elif tag in ("fn", "author-notes"):
            self.flow.begin_note()
            self.inside(element)
            self.flow.end_note()
        elif tag in _KINDS:
            self.flow.open(_KINDS[tag])
            self.inside(element)
            self.flow.close()
        elif tag in _BLOCKS and not (tag == "p" and _opens(parent, number)):
            self.flow.divide(tight=tag in _ITEMS and number > 1)
            self.inside(element)
            self.flow.divide()
        else:
            self.in_line(element, parent, number)

    def section(self, element: Element) -> None:
        above, title = self.flow.section, element.find("title")
        self.level += 1
        self.flow.divide()
        if title is not None and not self.in_abstract:
            self.flow.section = _titled(element) or above
        self.inside(element)
        self.flow.divide()
        self.level -= 1
        self.flow.section = above

    def title(self, element: Element, parent: Element) -> None:
        """Read the title of a section with its number."""
        self.flow.open(Kind.HEADING, max(self.level, 2))
        label = _plain(parent.find("label")) if _tag(parent) in _SECTIONS else ""
        self.flow.text(f"{label} " if label else "")
        self.inside(element)
        self.flow.close()

    def floating(self, element: Element) -> None:
        """Read a figure or table: number and caption in one paragraph, then what stands under them."""
        self.flow.begin_float()
        self.flow.open(Kind.CAPTION)
        for name in ("label", "caption"):
            for part in element.findall(name)[:1]:
                bare = name == "label" and _BARE.fullmatch(_plain(part))  # some journals write the word themselves
                self.flow.text(f"{_FLOAT_NAMES[_tag(element)]} " if bare and _tag(element) in _FLOAT_NAMES else "")
                self.inside(part)
                self.flow.text(" ")
        self.flow.close()
        for inner in element:
            if _tag(inner) not in ("label", "caption") or inner is not element.find(_tag(inner)):
                self.piece(inner, element)
        caption, table = self.flow.end_float()
        if _tag(element) == "table-wrap" and not table and any(_tag(inner) in _PICTURES for inner in element.iter()):
            self.sheet.warnings.append(pictured_table(caption))

    def in_line(self, element: Element, parent: Element, number: int) -> None:
        tag, flow = _tag(element), self.flow
        if tag == "break":
            flow.line()
            return
        if tag == "tex-math":
            if _tag(parent) != "alternatives" or not any(_tag(each) == "math" for each in parent):
                match = _TEX.search(element.text or "")
                tex = _squeezed(match[1] if match else element.text).strip("$ ")
                flow.text(plain_formula(tex) or tex)
            return
        apart = is_apart(tag, _tag(parent), number)
        if apart:
            flow.apart()
        citing = tag == "xref" and element.get("ref-type", "") in _CITING
        mark = CITE if citing else _RAISED.get(tag) or sign_before(tag, _tag(parent), number)
        flow.text(mark)
        self.inside(element)
        flow.text(END if MARKS.fullmatch(mark) else "")
        if apart:
            flow.apart()
        if tag in _SPACED or _tag(parent) in _CITED:
            flow.text(" ")
        if tag in ("ext-link", "uri"):
            self.address(element)

    def address(self, element: Element) -> None:
        """Write the address of a link behind its words, where these are another text."""
        address = next((value for name, value in element.items() if name.endswith("href")), "")
        if address.startswith(("http://", "https://")) and address not in _plain(element):
            self.flow.text(f" ({address})")


def _opens(parent: Element, number: int) -> bool:
    """Return whether a paragraph begins an item or note, behind its number."""
    return _tag(parent) in _OPENED and all(_tag(each) == "label" for each in parent[: number - 1])


def _plain(element: Element | None) -> str:
    return "" if element is None else " ".join("".join(element.itertext()).split())


def _titled(section: Element) -> str:
    """Return the title of a section with its number."""
    label, title = _plain(section.find("label")), section.find("title")
    words = tidied("".join(title.itertext()).replace("\n", " ")) if title is not None else ""
    return f"{label} {words}" if label and words else words


def _spelt(element: Element) -> str:
    """Return the text of an element whose parts have nothing between them."""
    return re.sub(r"\s+([,;.])", r"\1", " ".join(" ".join(element.itertext()).split()))


def _squeezed(text: str | None) -> str:
    return re.sub(r"\s+", " ", text or "")


def _tag(element: Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
