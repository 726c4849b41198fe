"""The protocol's own words in a text. They are all that a reviewer is shown before judging: nobody's opinion is in them.

To whoever resolves a conflict, what somebody quotes as evidence is marked besides.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from ..protocol.model import QuestionCriterion
from ..text.cues import cue_spans

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
        found: dict[tuple[int, int], tuple[list[str], Strength]] = {}
        for criterion in self.criteria:
            for strength in _ORDER:
                for start, end, _ in cue_spans(text, getattr(criterion.cues, strength)):
                    owners, known = found.setdefault((start, end), ([], strength))
                    if criterion.id not in owners:
                        owners.append(criterion.id)
                    if _ORDER.index(strength) < _ORDER.index(known):
                        found[start, end] = (owners, strength)
        made, here = [], 0
        for start, end in sorted(found, key=lambda span: (span[0], -span[1])):
            if start < here:
                continue
            owners, strength = found[start, end]
            made += [Segment(text[here:start])] if start > here else []
            made.append(Segment(text[start:end], " ".join(owners), strength))
            here = end
        made += [Segment(text[here:])] if here < len(text) else []
        return _quoting(made, quoted) if quoted else made


def _quoting(segments: Sequence[Segment], quoted: Collection[tuple[int, int]]) -> list[Segment]:
    """The segments, cut further where a quote begins or ends."""
    ends = {place for span in quoted for place in span}
    made, here = [], 0
    for segment in segments:
        behind = here + len(segment.text)
        places = [here, *sorted(place for place in ends if here < place < behind), behind]
        for start, end in pairwise(places):
            inside = any(first <= start and end <= last for first, last in quoted)
            made.append(replace(segment, text=segment.text[start - here : end - here], quoted=inside))
        here = behind
    return made
