"""Which record a document belongs to: by what it says of itself on its first page, then by its file's name. Where page
one is a repository's cover, the title is looked for on page two as well.

A document names other works too: a DOI or a title counts only where a paper names itself. That is the front of its
first page (above the introduction), the margins, the stamp of a preprint server and the metadata, never the list of
references or running text. Rules that point at different records make the match ambiguous, whichever is trusted more.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote

from rapidfuzz import fuzz

from .model import Document, Kind
from .reference_headings import is_references

ALIKE = 93.0
"""The least similarity (0 to 100) of a title and the lines of the first page that are taken for it."""
_LONG = 25
"""Letters and digits from which a title says which work it is; shorter ones (`Editorial`) must be equal, and a heading."""
_FRONT = 4000
"""Characters of the first page within which a paper names itself, besides its margins."""


@dataclass(frozen=True)
class Candidate:
    """A record that a document may belong to. Identifiers are None where the record has none."""

    id: str
    title: str
    doi: str | None = None
    arxiv: str | None = None
    pmid: str | None = None
    year: int | None = None


@dataclass(frozen=True)
class Matched:
    """What came of it.

    `record_id` is set exactly when `status` is `matched`; `how` says for a person what it stands on; `candidates` are
    the ids of all records that anything points at, so of an `ambiguous` document those to choose from.
    """

    status: Literal["matched", "ambiguous", "unmatched"]
    record_id: str | None
    how: str
    candidates: tuple[str, ...] = ()


def match(document: Document, filename: str, candidates: Sequence[Candidate]) -> Matched:
    """Return the record that the document in file `filename` belongs to, among `candidates`."""
    front = Front(document)
    ids_by_rule: dict[str, set[str]] = {}
    dois = front.dois()
    titled = _by_title(front, candidates)
    inside = set[str]() if titled or not is_cover(document) else _by_title(behind_cover(document), candidates)
    for rule, ids in (
        (
            "DOI on page one",
            {candidate.id for candidate in candidates if candidate.doi and _same_doi(candidate.doi, dois)},
        ),
        ("arXiv id on page one", _by_arxiv(front.arxiv_ids(), candidates)),
        ("title on page one", titled),
        ("title on page two", inside),
        ("file name", _by_name(filename, candidates)),
    ):
        if ids:
            ids_by_rule[rule] = ids
    return _decided(ids_by_rule, front, dois, {candidate.id: candidate for candidate in candidates})


def _decided(
    ids_by_rule: dict[str, set[str]], front: "Front", dois: set[str], records: dict[str, Candidate]
) -> Matched:
    if not ids_by_rule:
        problem = "neither DOI, arXiv id, title nor file name is that of a record"
        return Matched(
            "unmatched", None, problem if front.text.strip() else f"no text outside tables on page one, and {problem}"
        )
    everyone = tuple(sorted(set().union(*ids_by_rule.values())))
    common = set.intersection(*ids_by_rule.values())
    if len(common) != 1:
        listed = "; ".join(f"{rule}: {', '.join(sorted(ids))}" for rule, ids in ids_by_rule.items())
        return Matched("ambiguous", None, f"points at {len(everyone)} records ({listed})", everyone)
    (record,) = common
    rules = " and ".join(ids_by_rule)
    title = records[record].title
    if front.notice and set(ids_by_rule) != {"file name"} and not _NOTICE.match(title.strip()):
        # `Correction to: …` bears the title and the DOI of what it corrects.
        return Matched("ambiguous", None, f"{rules}, but the document is headed as a notice or comment", (record,))
    doi = records[record].doi
    if doi and dois and "DOI on page one" not in ids_by_rule:
        return Matched("matched", record, f"{rules}; page one has another DOI ({sorted(dois)[0]})", everyone)
    return Matched("matched", record, rules, everyone)


_DOI = re.compile(r"10\.\d{4,9}/[^\s\"<>|]+")
_BROKEN_DOI = re.compile(r"10\.\d{4,9}/(?:[^\s\"<>|]|(?<=[/_.-])\n(?=\w))+")
_ARXIV = re.compile(
    r"arxiv(?: ?eprint)?\s*[:.]?\s*(?:org/(?:abs|pdf)/)?(\d{4}\.\d{4,5}|[a-z-]+(?:\.[a-z]{2})?/\d{7})", re.I
)
_ARXIV_NAME = re.compile(r"(?:arxiv[-_. ]?)?(\d{4}\.\d{4,5})(?:v\d+)?", re.IGNORECASE)
_NOTICE = re.compile(
    r"(?:\W*)(?:(?:author |publisher )?correction|corrigendum|erratum|errata|retraction|expression of concern"
    r"|comments? on|commentary on|repl(?:y|ies) to|response to|letter to|editorial)\b",
    re.IGNORECASE,
)
_OPENS_BODY = re.compile(
    r"(?:\d|[ivx]+\.)?[\d.\s]*(?:introduction|background|main|methods?)\b|1\.?\s|i\.\s", re.IGNORECASE
)
_OWN_LINE = re.compile(r"\s*(?:doi|digital object identifier|available online|https?://|10\.)", re.IGNORECASE)


def is_cover(document: Document) -> bool:
    """Return whether page one may be the cover of a repository: a short page before the first section of a paper."""
    if len(document.pages) < 2 or len(document.page_text(1)) > _FRONT:
        return False
    return not any(block.section and block.kind is not Kind.HEADING for block in document.blocks_on(1))


def behind_cover(document: Document) -> "Front":
    """Return what stands on page two as a heading, and what both pages repeat in their margins: a title may, if it is on
    the cover too.
    """
    front, cover = Front(document, 2), Front(document)
    front.text = "\n".join([*front.headings, *cover.margins])
    return front


class Front:
    """What a document says about itself on its first page, or the one behind a cover."""

    def __init__(self, document: Document, number: int = 1) -> None:
        self.metadata = document.metadata
        self.text = ""
        self.margins: list[str] = []
        self.headings: list[str] = []
        if not document.pages:
            return
        first = document.page_span(number)[0]
        flow: list[str] = []
        for block in document.blocks_on(number):
            text = document.text[block.start : block.end]
            if is_references(block.section):
                continue
            if block.kind is Kind.RUNNING_HEAD or (block.kind is Kind.FOOTNOTE and _OWN_LINE.match(text)):
                self.margins.append(text)
            elif block.kind is Kind.LINK and not _OPENS_BODY.match(block.section):
                self.margins.append(unquote(text))
            elif block.kind in (Kind.HEADING, Kind.TEXT) and not _OPENS_BODY.match(block.section):
                if block.start - first < _FRONT:
                    flow.append(text)
                    if block.kind is Kind.HEADING:
                        self.headings.append(text)
                elif _OWN_LINE.match(text):
                    self.margins.append(text)
        self.text = "\n".join(flow)
        self.notice = bool(_NOTICE.match(self.text) or any(_NOTICE.match(heading) for heading in self.headings[:2]))

    notice = False

    def dois(self) -> set[str]:
        """Return the DOIs that the document may bear, in lower case."""
        text = "\n".join([self.text, *self.margins, self.metadata.get("doi", ""), self.metadata.get("subject", "")])
        matches = {doi for pattern in (_DOI, _BROKEN_DOI) for doi in pattern.findall(text)}
        return {_trimmed(doi) for doi in matches}

    def arxiv_ids(self) -> set[str]:
        """Return the arXiv ids that the document may bear, without version."""
        return {written.lower() for written in _ARXIV.findall("\n".join([self.text, *self.margins]))}

    def titles(self) -> Iterator[str]:
        """Yield what may be the title: one to four lines of the front that follow each other, and the metadata's."""
        lines = [line for line in self.text.split("\n") if line.strip()][:40]
        for start in range(len(lines)):
            for end in range(start + 1, min(start + 5, len(lines) + 1)):
                yield squeezed(" ".join(lines[start:end]))
        if "title" in self.metadata:
            yield squeezed(self.metadata["title"])


def _trimmed(doi: str) -> str:
    doi = re.split(r"[?&#]|%26", doi.replace("\n", ""))[0].lower()
    return doi.rstrip(".,;:)]}'”’*") if doi.count("(") < doi.count(")") else doi.rstrip(".,;:]}'”’*")


def _same_doi(doi: str, written: Iterable[str]) -> bool:
    """Return whether a DOI is among those found, where a version or the ending of an address may be stuck to them."""
    doi = _DOI.search(doi.lower())[0] if _DOI.search(doi.lower()) else doi.lower()  # type: ignore[index]
    return any(
        other == doi
        or (
            other.startswith(doi)
            and re.fullmatch(r"v\d+|(?:v\d+)?[./](?:full|pdf|abstract|full\.pdf)", other[len(doi) :])
        )
        for other in written
    )


def _arxiv_of(candidate: Candidate) -> str | None:
    """Return a record's arXiv id without version, also where only its DOI tells."""
    if candidate.arxiv:
        match = re.search(r"\d{4}\.\d{4,5}|[a-z-]+(?:\.[a-z]{2})?/\d{7}", candidate.arxiv.lower())
        return match[0] if match else None
    match = re.match(r"10\.48550/arxiv\.(.+?)(?:v\d+)?$", (candidate.doi or "").lower())
    return match[1] if match else None


def _by_arxiv(ids: set[str], candidates: Sequence[Candidate]) -> set[str]:
    return (
        {candidate.id for candidate in candidates if (number := _arxiv_of(candidate)) and number in ids}
        if ids
        else set()
    )


def squeezed(text: str) -> str:
    """Return the letters and digits in lower case, words separated by one space, accents and line-end hyphens left out."""
    plain = unicodedata.normalize("NFKD", re.sub(r"(?<=\w)-\s+", "", text)).casefold()
    plain = "".join(
        character if character.isalnum() else " " for character in plain if not unicodedata.combining(character)
    )
    return " ".join(plain.split())


def _by_title(front: Front, candidates: Sequence[Candidate]) -> set[str]:
    titles = list(dict.fromkeys(front.titles()))
    headings = {squeezed(heading) for heading in front.headings} | {squeezed(front.metadata.get("title", ""))}
    words = set(" ".join(titles).split())
    scores: dict[str, float] = {}
    for candidate in candidates:
        title = squeezed(candidate.title)
        title_words = title.split()
        if not title_words or sum(word in words for word in title_words) < 0.7 * len(title_words):
            continue
        # Hyphens at line ends are ambiguous (`pre-⏎training`), so spaces do not count.
        bare = title.replace(" ", "")
        if len(bare) < _LONG:
            if title in headings and len(title_words) > 1:
                scores[candidate.id] = 100.0
            continue
        best = max((fuzz.ratio(bare, other.replace(" ", ""), score_cutoff=ALIKE) for other in titles), default=0.0)
        if best:
            scores[candidate.id] = best
    # Of two titles that differ in a word, the one that is on the page to the letter.
    top = max(scores.values(), default=0.0)
    return {record for record, score in scores.items() if score == 100.0 or top < 100.0}


def _by_name(filename: str, candidates: Sequence[Candidate]) -> set[str]:
    stem = re.sub(
        r"\.(?:pdf|txt|md|markdown|x?html?|n?xml|json)$", "", filename.replace("\\", "/").rsplit("/", 1)[-1], flags=re.I
    )
    bare = squeezed(unquote(stem)).replace(" ", "")
    if not bare:
        return set()
    number = _ARXIV_NAME.fullmatch(stem)
    matches = set()
    for candidate in candidates:
        names = [candidate.id, f"pmid{candidate.pmid}" if candidate.pmid else "", candidate.pmid or ""]
        doi = squeezed(candidate.doi or "").replace(" ", "")
        title = squeezed(candidate.title).replace(" ", "")
        if (
            any(squeezed(name).replace(" ", "") == bare for name in names if name)
            or (doi and bare in (doi, f"doi{doi}"))
            or (number and _arxiv_of(candidate) == number[1])
            or (len(bare) >= _LONG and (title.startswith(bare) or fuzz.ratio(bare, title) >= ALIKE))
        ):
            matches.add(candidate.id)
    return matches
