"""The protocol's own words in a text. They are all that a reviewer is shown before judging: nobody's opinion is in them.

To whoever resolves a conflict, what somebody quotes as evidence is marked besides.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from ..protocol import QuestionCriterion
from ..text import cue_spans

Strength = Literal["supports", "contradicts", "suggests"]
_ORDER: tuple[Strength, ...] = ("supports", "contradicts", "suggests")


@dataclass(frozen=True)
class Segment:
    """A stretch of text; with the criteria whose cues it is, or none where it is plain."""

    text: str
    criteria: str = ""
    """The criteria's ids, separated by spaces."""
    strength: Strength | None = None
    quoted: bool = False
    """Whether somebody quotes it as evidence."""


@dataclass(frozen=True)
class Highlighter:
    """Finds the cues of some criteria."""

    criteria: Sequence[QuestionCriterion]

    def segments(self, text: str, quoted: Collection[tuple[int, int]] = ()) -> list[Segment]:
        """`text`, cut at every cue and at the ends of what is `quoted`.

        Where cues overlap, the longest one is shown, with the criteria of all like it.
        """
        cues: dict[tuple[int, int], tuple[list[str], Strength]] = {}
        for criterion in self.criteria:
            for strength in _ORDER:
                for start, end, _ in cue_spans(text, getattr(criterion.cues, strength)):
                    owners, strongest = cues.setdefault((start, end), ([], strength))
                    if criterion.id not in owners:
                        owners.append(criterion.id)
                    if _ORDER.index(strength) < _ORDER.index(strongest):
                        cues[start, end] = (owners, strength)
        pieces, position = [], 0
        for start, end in sorted(cues, key=lambda span: (span[0], -span[1])):
            if start < position:
                continue
            owners, strength = cues[start, end]
            pieces += [Segment(text[position:start])] if start > position else []
            pieces.append(Segment(text[start:end], " ".join(owners), strength))
            position = end
        pieces += [Segment(text[position:])] if position < len(text) else []
        return _quoting(pieces, quoted) if quoted else pieces


def _quoting(segments: Sequence[Segment], quoted: Collection[tuple[int, int]]) -> list[Segment]:
    """Return the segments, cut further where a quote begins or ends."""
    ends = {place for span in quoted for place in span}
    pieces, position = [], 0
    for segment in segments:
        behind = position + len(segment.text)
        places = [position, *sorted(place for place in ends if position < place < behind), behind]
        for start, end in pairwise(places):
            inside = any(first <= start and end <= last for first, last in quoted)
            pieces.append(replace(segment, text=segment.text[start - position : end - position], quoted=inside))
        position = behind
    return pieces
