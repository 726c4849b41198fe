"""What a paper says on its first page of what it is: title, authors, DOI, arXiv id, year. A guess, for a person to look at."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from .matching import Front, squeezed
from .model import Document, Kind

_NO_TITLE = re.compile(
    r"untitled|microsoft word|\.(?:docx?|pdf|tex|dvi|indd)\b|^(?:doi|pii|arxiv)\b|^\S+$|^(?:research|original|review) (?:article|paper)$",
    re.IGNORECASE,
)
_SECTION = re.compile(
    r"(?:[\divx]+[.\s]+)?(?:abstract|summary|keywords|introduction|background|contents)\b", re.IGNORECASE
)
_PLACE = re.compile(
    r"universi|institut|department|hospital|school|college|laborator|centre|center|network|faculty|academy|inc\b|@|https?:|doi|arxiv|journal"
    r"|proceedings|volume|article|received|accepted|published|correspond|copyright|licen[cs]e|editor|supplement",
    re.IGNORECASE,
)
_NAME = re.compile(r"(?:[^\W\d_][\w'’.-]*\s+){1,4}[^\W\d_][\w'’-]+")
_MARKS = re.compile(r"[\d*†‡§¶∗⋆\ue000-\uf8ff]+|(?<=\w)[,\s](?=[a-z]\b)")
_MOST_AUTHORS = 60


@dataclass(frozen=True)
class FrontMatter:
    """What was read from page one; empty or None where nothing was found."""

    title: str = ""
    authors: tuple[str, ...] = ()
    doi: str = ""
    arxiv: str = ""
    year: int | None = None


def front_matter(document: Document) -> FrontMatter:
    """Return what a document says of itself on its first page and in its metadata."""
    if not document.pages:
        return FrontMatter()
    blocks = [
        (block.kind, " ".join(document.text[block.start : block.end].split()))
        for block in document.blocks_on(1)
        if block.kind in (Kind.HEADING, Kind.TEXT)
    ]
    front = Front(document)
    title, behind = _title(document, blocks)
    page = document.page_text(1)
    dois = sorted(front.dois(), key=lambda doi: (page.lower().find(doi) < 0, page.lower().find(doi), len(doi)))
    arxiv = sorted(front.arxiv_ids())
    years = {
        int(year)
        for year in re.findall(r"\b(?:19[5-9]\d|20[0-4]\d)\b", "\n".join([*front.margins, front.text[:1_500]]))
    }
    return FrontMatter(
        title, _authors(document, behind), dois[0] if dois else "", arxiv[0] if len(arxiv) == 1 else "",
        years.pop() if len(years) == 1 else None,
    )  # fmt: skip


def _title(document: Document, blocks: Sequence[tuple[Kind, str]]) -> tuple[str, int]:
    """Return the title and the offset behind it: the metadata's where it is on the page, else what is set as a heading."""
    page = document.page_text(1)
    named = document.metadata.get("title", "")
    if named and not _NO_TITLE.search(named):
        bare = squeezed(named).replace(" ", "")
        end = 0
        for match in re.finditer(r"\n|$", page[:4_000]):
            end = match.end()
            if bare in squeezed(page[:end]).replace(" ", ""):
                return named, end
    chosen = list[str]()
    for kind, text in blocks[:12]:
        if _SECTION.match(text):
            break
        if chosen and kind is Kind.HEADING and text[:1].islower():
            chosen.append(text)
        elif chosen:
            break
        elif kind is Kind.HEADING and not _NO_TITLE.search(text) and len(text) >= 10:
            chosen.append(text)
    if not chosen:
        lines = (text for _, text in blocks[:6] if not _NO_TITLE.search(text) and not _PLACE.search(text))
        chosen = [next((text[:300] for text in lines if len(text) >= 25 and not _SECTION.match(text)), "")]
    last = chosen[-1].split()[-1:] or [""]
    return " ".join(chosen), max(page.find(last[0]), 0) + len(last[0])


def _authors(document: Document, start: int) -> tuple[str, ...]:
    """Return the names between the title and the first section."""
    page = document.page_text(1)[start : start + 3_000]
    section = re.search(rf"(?m)^\s*{_SECTION.pattern}", page, re.IGNORECASE)
    names = list[str]()
    for line in page[: section.start() if section else 600].split("\n"):
        if _PLACE.search(line):
            continue
        for part in re.split(r"[,;·•|&]|\band\b", _MARKS.sub(" ", line)):
            name = " ".join(part.split())
            if _NAME.fullmatch(name) and all(word[:1].isupper() or len(word) <= 3 for word in name.split()):
                names.append(name)
    return tuple(dict.fromkeys(names))[:_MOST_AUTHORS]
