"""What a paper says on its first page of what it is: title, authors, DOI, arXiv id, year. A guess, for a person to look at."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .matching import Front, is_cover, squeezed
from .model import Block, Document, Kind

_NO_TITLE = re.compile(
    r"untitled|microsoft word|\.(?:docx?|pdf|tex|dvi|indd)\b|^(?:doi|pii|arxiv)\b|^\S+$|^(?:research|original|review) (?:article|paper)$",
    re.IGNORECASE,
)
_SECTION = re.compile(
    r"(?:[\divx]+[.\s]+)?(?:abstract|summary|keywords|introduction|background|contents)\b", re.IGNORECASE
)
_PLACE = re.compile(
    r"universi|institut|department|hospital|school|college|laborator|centre|center|network|faculty|academy|facility|society|association|avenue|street|\bgroup\b|series\b|inc\b|@|https?:|doi|arxiv|journal"
    r"|proceedings|volume|article|received|accepted|published|correspond|copyright|licen[cs]e|editor|supplement",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"\d{1,2}(?:\.\d{1,2})*\.?\s+[^\W\d_]|[ivx]+\.\s", re.IGNORECASE)
"""How a section's heading begins; "3KG: …" and "12-lead …" are titles."""
_HOUSE = re.compile(
    r"\b(?:archives?|repository|library|university|institute|facility|department|society|series|proceedings|transactions)\W*$",
    re.IGNORECASE,
)
_MOST_WORDS_OF_A_HOUSE = 8
_RUNNING = re.compile(rf"{_HOUSE.pattern}|journal|https?:|\bdoi\b|\bvol|proceedings|downloaded|\d{{4}}", re.IGNORECASE)
"""What a running head has that is no title."""
_RUNNING_TEXT = re.compile(r"[.,;:]$|[a-z)]\. +[A-Z]|^(?i:downloaded|this is an?|for the best experience)\b")
"""What no title is that is not set as one: a sentence, or more than one."""
_NAME = re.compile(r"(?:[^\W\d_][\w'’.-]*\s+){1,4}[^\W\d_][\w'’-]+")
_MARKS = re.compile(r"[\d¹²³⁰-⁹ᵃᵇᶜᵈᵉ*†‡§¶∗⋆\ue000-\uf8ff]+|(?<=\w)[,\s](?=[a-z]\b)")
_CAPITALS = re.compile(r"\b[A-Z]{3,}\b")
_FETCHED = re.compile(r"\b(?:downloaded|accessed|retrieved|printed|generated)\b.*", re.IGNORECASE)
"""The rest of a line that says when a copy was made, which is no date of the paper."""
_IMPRINT = re.compile(
    r"proceedings|journal|conference|\bvol(?:ume)?\b|copyright|©|\(c\)|published|\d+:\d+[-–]\d+", re.IGNORECASE
)
"""A line that says where and when the paper came out: its year goes before those of cited works."""
_YEAR = re.compile(r"\b(?:19[5-9]\d|20[0-4]\d)\b")
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
    front = Front(document)
    number, (title, behind) = 1, _title(document, 1)
    if not title and len(document.pages) > 1 and (inside := _title(document, 2, set_as_one=True))[0]:
        number, (title, behind) = 2, inside  # page one is a repository's
    if not title and is_cover(document):
        title = _repeated_title(document)
    page = document.page_text(1)
    dois = sorted(front.dois(), key=lambda doi: (page.lower().find(doi) < 0, page.lower().find(doi), len(doi)))
    arxiv = sorted(front.arxiv_ids())
    dated = _FETCHED.sub(" ", "\n".join([*front.margins, front.text[:1_500]]))
    imprint = "\n".join(line for line in dated.split("\n") if _IMPRINT.search(line))
    years = set(_YEAR.findall(imprint)) or set(_YEAR.findall(dated))
    return FrontMatter(
        title, _authors(document.page_text(number)[behind:]) if title else (), dois[0] if dois else "", arxiv[0] if len(arxiv) == 1 else "",
        int(years.pop()) if len(years) == 1 else None,
    )  # fmt: skip


def _title(document: Document, number: int, *, set_as_one: bool = False) -> tuple[str, int]:
    """Return the title on a page and the offset behind it: the metadata's where it is there, else what is set as a heading.

    Without a heading the first line that may be one is taken, unless a title must be `set_as_one`.
    """
    page = document.page_text(number)
    named = document.metadata.get("title", "")
    if named and not _NO_TITLE.search(named):
        bare = squeezed(named).replace(" ", "")
        end = 0
        for match in re.finditer(r"\n|$", page[:4_000]):
            end = match.end()
            if bare in squeezed(page[:end]).replace(" ", ""):
                return named, end
    blocks = list(_before_sections(document, number))
    chosen = list[str]()
    for kind, text in blocks[:12]:
        if chosen and kind is Kind.HEADING and text[:1].islower():
            chosen.append(text)
        elif chosen:
            break
        elif kind is Kind.HEADING and len(text) >= 10 and not _NO_TITLE.search(text) and not _is_house(text):
            chosen.append(text)
    if not chosen and not set_as_one:
        lines = (text[:300] for _, text in blocks[:6] if len(text) >= 25 and not _is_no_title(text))
        chosen = [next(lines, "")]
    last = chosen[-1].split()[-1:] if chosen else []
    return (" ".join(chosen), max(page.find(last[0]), 0) + len(last[0])) if last else ("", 0)


def _repeated_title(document: Document) -> str:
    """Return the title of a paper that stands on the cover and on page two, above the first section, and so was taken
    for what all pages repeat.
    """
    if not any(block.kind is Kind.HEADING and _opens(document, block) for block in document.blocks_on(2)):
        return ""
    heads = [
        " ".join(document.text[block.start : block.end].split())
        for block in document.blocks_on(1)
        if block.kind is Kind.RUNNING_HEAD
    ]
    return next(
        (head for head in heads if len(head) >= 25 and not (_NO_TITLE.search(head) or _RUNNING.search(head))), ""
    )


def _opens(document: Document, block: Block) -> bool:
    return bool(_SECTION.match(document.text[block.start : block.end]))


def _before_sections(document: Document, number: int) -> Iterator[tuple[Kind, str]]:
    """Yield headings and text of a page up to its first section."""
    for block in document.blocks_on(number):
        if block.kind in (Kind.HEADING, Kind.TEXT):
            text = " ".join(document.text[block.start : block.end].split())
            if _SECTION.match(text) or (block.kind is Kind.HEADING and _NUMBERED.match(text)):
                return
            yield block.kind, text


def _is_house(text: str) -> bool:
    """Return whether a heading is the name of who publishes the paper or keeps it."""
    return bool(_HOUSE.search(text)) and len(text.split()) <= _MOST_WORDS_OF_A_HOUSE


def _is_no_title(text: str) -> bool:
    return bool(_NO_TITLE.search(text) or _PLACE.search(text) or _RUNNING_TEXT.search(text))


def _authors(behind: str) -> tuple[str, ...]:
    """Return the names between the title and the first section of the text behind the title."""
    page = behind[:3_000]
    section = re.search(rf"(?m)^\s*{_SECTION.pattern}", page, re.IGNORECASE)
    names = list[str]()
    for line in page[: section.start() if section else 600].split("\n"):
        if _PLACE.search(line):
            continue
        parts = [" ".join(part.split()) for part in re.split(r"[,;·•|&]|\band\b", _MARKS.sub(" ", line))]
        for name in parts:
            # Twice in a line is where two authors work.
            if (
                parts.count(name) == 1
                and name[:1].isupper()
                and _NAME.fullmatch(name)
                and all(word[:1].isupper() or len(word) <= 3 for word in name.split())
            ):
                names.append(name)
    plain = [name for name in names if not _CAPITALS.search(name)]
    if len(plain) > len(names) / 2:  # `MIT CSAIL` among names in small letters
        names = plain
    return tuple(dict.fromkeys(names))[:_MOST_AUTHORS]
