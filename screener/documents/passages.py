"""The passages of a report, and the choice of those that bear on a question.

A long document is not shown whole. What is shown is chosen by words and by meaning, in the document's own order, and
how much was left out is always known.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..core.messages import Passage, Vectors
from ..text import BM25, cue_spans
from .model import Document, Kind
from .table_parts import parts_of_tables

PASSAGES_VERSION = "4"
"""Changes whenever the same documents and questions would give other passages."""
PASSAGE = 900
"""Characters of a passage, about: three to six sentences."""
TABLE = 3 * PASSAGE
"""Characters of a table in Markdown, without its caption, up to which it is one passage."""
_FUSION = 60
"""The constant of reciprocal rank fusion (Cormack, Clarke & Büttcher 2009)."""


@dataclass(frozen=True)
class PassageQuery:
    """What passages are looked for: a question in words, and words or phrases (cues) that lead to its answer."""

    text: str
    cues: tuple[str, ...] = ()


def passages_of(documents: Mapping[str, Document]) -> list[Passage]:
    """Return the passages of a report's documents, in order. Running heads, the references and hidden text are left out.

    A passage never crosses a page or a section; a paragraph without end is divided between sentences or, where it has
    none, between words. A table is one passage with its caption, shown in Markdown; one of more than `TABLE` characters
    is divided between rows, each part shown under the caption and the heads.
    """
    return [passage for name, document in documents.items() for passage in _passages_of_document(name, document)]


_LEFT_OUT = (Kind.RUNNING_HEAD, Kind.REFERENCE, Kind.HIDDEN)
_TABLE = (Kind.CAPTION, Kind.TABLE_ROW)


def _passages_of_document(name: str, document: Document) -> Iterator[Passage]:
    start = end = -1
    page, section, table = 0, "", False
    taken = -1
    tables = parts_of_tables(document, TABLE)
    for block in document.blocks:
        if block.start < taken:
            continue  # in a table that is a passage already
        # What is left out ends a passage too: its words must not come back between two that are kept.
        left_out = block.kind in _LEFT_OUT or document.in_references(block.start)
        block_page = document.page_of(block.start)
        row = block.kind in _TABLE
        parts = [] if left_out else tables.get(block.start, [])
        together = (block_page, block.section, row) == (page, section, table) and not parts
        room = TABLE if row else PASSAGE
        if start >= 0 and (left_out or not together or block.kind is Kind.CAPTION or block.end - start > room):
            yield _passage(name, document, page, section, start, end)
            start = -1
        for part in parts:
            text, ocr = document.text[part.start : part.end], block_page in document.recognised_pages
            yield Passage(name, block_page, block.section, text, part.start, ocr, part.shown)
            taken = part.end
        if left_out or parts:
            continue
        if start < 0:
            start, page, section, table = block.start, block_page, block.section, row
        end = block.end
        while end - start > 3 * PASSAGE:
            cut = _cut(document.text, start)
            yield _passage(name, document, page, section, start, cut)
            start = cut + len(document.text[cut:end]) - len(document.text[cut:end].lstrip())
    if start >= 0:
        yield _passage(name, document, page, section, start, end)


def _cut(text: str, start: int) -> int:
    """Return where to divide a text that goes on and on.

    That is behind the last sentence, or else word, that fits in a passage.
    """
    part = text[start : start + PASSAGE]
    ends = [match.end() for match in _SENTENCE_END.finditer(part)]
    spaces = [match.start() for match in _SPACE.finditer(part)]
    return start + next((places[-1] for places in (ends, spaces) if places and places[-1] > PASSAGE // 3), PASSAGE)


_SENTENCE_END, _SPACE = re.compile(r"[.!?](?=\s)"), re.compile(r"\s")


def _passage(name: str, document: Document, page: int, section: str, start: int, end: int) -> Passage:
    return Passage(name, page, section, document.text[start:end], start, page in document.recognised_pages)


class Finder:
    """Ranks the passages of one report for questions. `vectors` has a unit-length row for each passage."""

    def __init__(self, passages: Sequence[Passage], vectors: Vectors) -> None:
        """Index the passages."""
        self.passages = list(passages)
        self._vectors = vectors
        self._words = BM25([f"{passage.section} {passage.text}" for passage in self.passages])

    def ranked(self, question: PassageQuery, vector: Vectors) -> list[int]:
        """Return all passages, the most telling first: the ranks by words, by cues and by meaning, fused."""
        if not self.passages:
            return []
        cosine = self._vectors @ vector
        cues = [len({cue for _, _, cue in cue_spans(p.text, question.cues)}) for p in self.passages]
        fused = [0.0] * len(self.passages)
        for scores in (self._words.scores(question.text), cues, cosine.tolist()):
            order = sorted(range(len(scores)), key=lambda i: (-scores[i], i))
            for rank, index in enumerate(order):
                if scores[index] > 0:
                    fused[index] += 1 / (_FUSION + rank)
        return sorted(range(len(fused)), key=lambda i: (-fused[i], i))

    def choose(self, rankings: Sequence[Sequence[int]], limit: int) -> list[int]:
        """Return the best of every ranking in turn, until `limit` characters are used up, in the documents' order.

        Introductions and what is told of the work of others come in only where there is room behind all else.
        """
        chosen: set[int] = set()
        room = limit
        background = background_of(self.passages)
        for last in (False, True):
            for depth in range(len(self.passages)):
                for ranking in rankings:
                    index = ranking[depth]
                    if index in chosen or background[index] is not last:
                        continue
                    if len(self.passages[index].text) <= room:
                        chosen.add(index)
                        room -= len(self.passages[index].text)
        return sorted(chosen)

    def bearing(self, question: PassageQuery, ranking: Sequence[int], best: int) -> set[int]:
        """Return the passages that have to be read before one can say that nothing answers a question.

        They are the `best` first of its ranking, and all with one of its cues.
        """
        cued = {i for i, p in enumerate(self.passages) if any(True for _ in cue_spans(p.text, question.cues))}
        return cued | set(ranking[:best])


_BACKGROUND = re.compile(
    r"\b(?:introduction|background|state of the art|literature (?:review|survey|study)"
    r"|(?:related|previous|prior) (?:works?|studies|research|literature|area))\b",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"(\d+)\.?(\d)?")


def background_of(passages: Sequence[Passage]) -> list[bool]:
    """Return of each passage whether it stands in an introduction, or where the work of others is told.

    A numbered section (`2.1 …`) belongs to the one above it (`2 Related work`).
    """
    above: dict[tuple[str, str], bool] = {}
    told = []
    for passage in passages:
        background = _BACKGROUND.search(passage.section) is not None
        if number := _NUMBERED.match(passage.section):
            key = (passage.document, number[1])
            background = background or (number[2] is not None and above.get(key, False))
            if number[2] is None:
                above[key] = background
        told.append(background)
    return told
