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

PASSAGES_VERSION = "2"
"""Changes whenever the same documents and questions would give other passages."""
PASSAGE = 900
"""Characters of a passage, about: three to six sentences."""
_FUSION = 60
"""The constant of reciprocal rank fusion (Cormack, Clarke & Büttcher 2009)."""


@dataclass(frozen=True)
class PassageQuery:
    """What passages are looked for: a question in words, and words or phrases (cues) that lead to its answer."""

    text: str
    cues: tuple[str, ...] = ()


def passages_of(documents: Mapping[str, Document]) -> list[Passage]:
    """Return the passages of a report's documents, in order. Running heads, the references and hidden text are left out.

    A passage never crosses a page or a section; rows of a table stay together under their caption; a paragraph without
    end is divided between sentences or, where it has none, between words.
    """
    return [passage for name, document in documents.items() for passage in _passages_of_document(name, document)]


_LEFT_OUT = (Kind.RUNNING_HEAD, Kind.REFERENCE, Kind.HIDDEN)
_TABLE = (Kind.CAPTION, Kind.TABLE_ROW)


def _passages_of_document(name: str, document: Document) -> Iterator[Passage]:
    start = end = -1
    page, section, table = 0, "", False
    for block in document.blocks:
        # What is left out ends a passage too: its words must not come back between two that are kept.
        left_out = block.kind in _LEFT_OUT or document.in_references(block.start)
        block_page = document.page_of(block.start)
        row = block.kind in _TABLE
        together = (block_page, block.section, row) == (page, section, table)
        room = 3 * PASSAGE if row else PASSAGE
        if start >= 0 and (left_out or not together or block.kind is Kind.CAPTION or block.end - start > room):
            yield _passage(name, document, page, section, start, end)
            start = -1
        if left_out:
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
    return Passage(name, page, section, document.text[start:end], start)


@dataclass(frozen=True)
class Chosen:
    """Passages that were chosen, in the documents' order, and how many were not."""

    passages: tuple[Passage, ...]
    left_out: int


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

    def choose(self, rankings: Sequence[Sequence[int]], limit: int) -> Chosen:
        """Return the best of every ranking in turn, until `limit` characters are used up.

        Where there is room, return all of them.
        """
        if sum(len(passage.text) for passage in self.passages) <= limit:
            return Chosen(tuple(self.passages), 0)
        chosen: set[int] = set()
        room = limit
        for depth in range(len(self.passages)):
            for ranking in rankings:
                index = ranking[depth]
                if index not in chosen and len(self.passages[index].text) <= room:
                    chosen.add(index)
                    room -= len(self.passages[index].text)
        passages = tuple(self.passages[index] for index in sorted(chosen))
        return Chosen(passages, len(self.passages) - len(passages))
