"""The protocol's own words in a text. They are all that a reviewer is shown before judging: nobody's opinion is in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ..protocol import QuestionCriterion
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


@dataclass(frozen=True)
class Highlighter:
    """Finds the cues of some criteria."""

    criteria: Sequence[QuestionCriterion]

    def segments(self, text: str) -> list[Segment]:
        """`text`, cut at every cue. Where cues overlap, the longest one is shown, with the criteria of all like it."""
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
        return made + ([Segment(text[here:])] if here < len(text) else [])
