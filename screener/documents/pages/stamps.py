"""Watermarks: large words that lie across a page or stand in the same place of every page, found before reading order."""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence

from .sections import PagePieces, Piece

_WORDS = re.compile(
    r"(?:pre-?print|draft|confidential|proofs?|copy|sample|retracted|withdrawn|in press|not peer[- ]reviewed"
    r"|(?:accepted|author|unedited|corrected|original)?\s*(?:manuscript|article)(?: in press)?|uncorrected proofs?"
    r"|(?:for )?(?:peer )?review (?:only|copy))",
    re.IGNORECASE,
)
_LARGE, _HUGE = 1.3, 2.0
"""Height of a watermark's font, in heights of the text's: where it repeats, and where its words or slant tell."""
_SLANTED = 2.0
"""Height of a line's box, in heights of its font, that only a line across the page has."""
_PAGES = 0.6
"""Share of the pages on which a watermark stands."""


def mark_stamps(pages: Sequence[PagePieces]) -> None:
    """Mark the pieces that are watermarks."""
    sizes: Counter[float] = Counter()
    for page in pages:
        for piece in page.pieces:
            sizes[round(piece.size, 1)] += len(piece.text)
    if not sizes:
        return
    body = sizes.most_common(1)[0][0]
    repeated: defaultdict[tuple[str, int], list[tuple[Piece, PagePieces]]] = defaultdict(list)
    for page in pages:
        for piece in page.pieces:
            if not piece.upright or piece.hidden or piece.size < _LARGE * body or not _has_word(piece.text):
                continue
            tall, wide = piece.bottom - piece.top, piece.x1 - piece.x0
            slanted = min(tall, wide) > _SLANTED * piece.size
            if piece.size > _HUGE * body and (slanted or _WORDS.fullmatch(piece.text.strip())):
                piece.stamp = True
            repeated[piece.text, round(piece.size)].append((piece, page))
    for places in repeated.values():
        first = places[0][0]
        still = all(abs(piece.x0 - first.x0) < 2 and abs(piece.top - first.top) < 2 for piece, _ in places)
        often = len(places) >= max(2, _PAGES * len(pages))
        if often and still and any(_overlaps(piece, page) for piece, page in places):
            for piece, _ in places:
                piece.stamp = True


def _overlaps(stamp: Piece, page: PagePieces) -> bool:
    """Return whether other text of the page stands where a piece does, which no heading allows."""
    return any(
        piece.x0 < stamp.x1 and piece.x1 > stamp.x0 and piece.top < stamp.bottom - 1 and piece.bottom > stamp.top + 1
        for piece in page.pieces
        if piece is not stamp and not piece.hidden
    )


def _has_word(text: str) -> bool:
    return sum(character.isalpha() for character in text) > 3
