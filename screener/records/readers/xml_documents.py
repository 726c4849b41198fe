"""XML of exports: its elements one by one, entities refused, several documents in one file."""

import io
import re
from collections.abc import Collection, Generator, Iterator
from itertools import pairwise
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser, fromstring, iterparse

from ...core.errors import BadInput
from .. import normalise as n

DEEPEST = 100
"""How deeply elements may stand in each other. No export has more than twenty."""

# Comments may contain anything; a DOCTYPE may have a subset in brackets.
_PROLOGUE = re.compile(r"\s*(?:<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^\[>]*(?:\[[^\]]*\][^\[>]*)?>)\s*", re.DOTALL)
_ROOT = re.compile(r"<((?:\w+:)?([\w.-]+))")
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_REFERENCE = re.compile(r"&#(?:x([0-9a-f]{1,6})|([0-9]{1,7}));", re.IGNORECASE)

_FROM_ENTREZ = "fetch the articles with EFetch (`retmode=xml`), or save them from PubMed in the format PubMed (.nbib)"
_OTHER_ROOTS = {
    "eSummaryResult": f"summaries (ESummary), which have no abstracts; {_FROM_ENTREZ}",
    "eSearchResult": f"a search result (ESearch), numbers without records; {_FROM_ENTREZ}",
    "eLinkResult": f"links between databases (ELink), not records; {_FROM_ENTREZ}",
    "eInfoResult": f"a description of databases (EInfo), not records; {_FROM_ENTREZ}",
    "eFetchResult": f"an error message of EFetch, not records; {_FROM_ENTREZ}",
    "ERROR": "an error message, not records; fetch the file again",
    "article": "the full text of an article (JATS); `import --pdfs` attaches documents, records come from a search",
    "pmc-articleset": f"full texts of PubMed Central (JATS); {_FROM_ENTREZ}",
    "feed": "a feed (Atom) of another service than arXiv; open it in Zotero and export RIS",
    "rss": "a feed (RSS); open it in Zotero and export RIS",
    "modsCollection": "MODS; open it in Zotero and export RIS",
    "mods": "MODS; open it in Zotero and export RIS",
    "collection": "MARCXML; open it in Zotero and export RIS",
    "RDF": "RDF; open it in Zotero and export RIS",
    "Sources": "Word's bibliography; export it again as BibTeX",
    "TEI": "TEI; open it in Zotero and export RIS",
}


class BrokenFileError(Exception):
    """An XML file that is no XML from here on. `str()` says where and why; what came before was read."""


def root_name(text: str) -> str:
    """Return the name of the first element of an XML text, without prefix; empty for what is no XML."""
    place = 0
    for _ in range(20):
        match = _PROLOGUE.match(text, place, place + 20_000)
        if match is None:
            break
        place = match.end()
    root = _ROOT.match(text, place)
    return root[2] if root else ""


def other_xml(text: str) -> str:
    """Return what an XML text is that no reader takes, and what to do instead; empty for what is no XML."""
    root = root_name(text)
    if not re.match(r"[^\W\d]", root) or root.casefold() == "html":
        return ""
    return f"XML: {_OTHER_ROOTS.get(root, f'its first element is `{root[:40]}`, which is not read; export RIS, or open it in Zotero')}"


def elements(text: str, names: Collection[str]) -> Iterator[Element]:
    """Yield every outermost element of these names, whatever document of the text it is in; each is then forgotten.

    Raises `BrokenFileError` where the text stops being XML, after all elements that are whole; `BadInput` for entities.
    """
    place = lines = 0
    for begin, document in _documents(text):
        lines, place = lines + text.count("\n", place, begin), begin
        yield from _elements_of(document, names, lines)


def content(element: Element | None) -> str:
    """Return the text in an element and all that is in it, clean; empty for no element."""
    return "" if element is None else n.clean("".join(element.itertext()))


def first(element: Element, *paths: str) -> str:
    """Return the clean text of the first of these paths that has any."""
    return next(filter(None, (content(element.find(path)) for path in paths)), "")


def every(element: Element, path: str) -> list[str]:
    """Return the clean texts under a path."""
    return [value for item in element.iterfind(path) if (value := content(item))]


def _documents(text: str) -> Iterator[tuple[int, str]]:
    """Yield place and text of each document: a file may have several, one behind the other."""
    root = root_name(text)
    ends = rf"|(?<=</{re.escape(root)}>)(?=\s*<)" if root else ""
    start = len(text) - len(text.lstrip())
    places = [0, *(place.start() for place in re.finditer(rf"<\?xml\s{ends}", text) if place.start() > start)]
    for begin, end in zip(places, [*places[1:], len(text)], strict=True):
        if (document := text[begin:end]).strip():
            yield begin, document


def _elements_of(document: str, names: Collection[str], lines_before: int) -> Iterator[Element]:
    """Yield the elements of one document; see `elements`."""
    stripped = document.lstrip()
    lines_before += document.count("\n", 0, len(document) - len(stripped))
    # The text is decoded already; signs that XML forbids come from PDFs and word processors.
    raw = _REFERENCE.sub(_allowed, _NOT_XML.sub(" ", stripped)).encode()
    open_elements: list[Element] = []
    read = 0
    try:
        for event, element in iterparse(io.BytesIO(raw), ("start", "end"), DefusedXMLParser(encoding="utf-8")):
            if event == "start":
                open_elements.append(element)
                if len(open_elements) > DEEPEST:
                    raise BadInput(f"elements stand more than {DEEPEST} deep in each other; no export is like that")
                continue
            open_elements.pop()
            # Not before its end: the parser compares both names, and may not have read the end yet.
            element.tag = _local(element.tag)
            if element.tag in names and not any(_local(outer.tag) in names for outer in open_elements):
                read += 1
                yield element
                element.clear()
                for outer in open_elements:  # also frees what stands beside it
                    outer.clear()
    except DefusedXmlException:
        raise BadInput("it declares entities, which are not read; export it again from its source") from None
    except ParseError as error:
        line, _ = error.position
        where = f"in line {line + lines_before:,} ({str(error).partition(':')[0]})"
        behind = yield from _whole_behind(raw.decode(), read, names)
        if not behind:
            raise BrokenFileError(f"the file breaks off {where}") from None
        raise BrokenFileError(f"the file is no XML {where}; of what follows {behind} could be read") from None


def _local(name: str) -> str:
    """Return a name without its namespace."""
    return name.rpartition("}")[2]


def _whole_behind(text: str, read: int, names: Collection[str]) -> Generator[Element, None, str]:
    """Yield what is whole behind the first `read` elements, each element parsed by itself; return how many were."""
    kinds = "|".join(map(re.escape, names))
    starts = [match.start() for match in re.finditer(rf"<(?:\w+:)?(?:{kinds})(?=[\s>])", text)][read:]
    close = re.compile(rf"</(?:\w+:)?(?:{kinds})\s*>")
    whole = 0
    for start, end in pairwise([*starts, len(text)]):
        ending = close.search(text, start, end)
        try:
            element = fromstring(text[start : ending.end()]) if ending else None
        except (ParseError, DefusedXmlException):
            element = None
        if element is not None:
            for each in element.iter():
                each.tag = _local(each.tag)
            whole += 1
            yield element
    return f"{whole:,} of {len(starts):,}" if whole or len(starts) > 1 else ""


def _allowed(match: re.Match[str]) -> str:
    number = int(match[1], 16) if match[1] else int(match[2])
    allowed = number in (9, 10, 13) or 0x20 <= number <= 0xD7FF or 0xE000 <= number <= 0xFFFD or number >= 0x10000
    return match[0] if allowed and number <= 0x10FFFF else " "
