"""A line of “Can I trust it?”: a verdict, the figure with its denominator, and what to do next."""

from dataclasses import dataclass
from typing import Literal

Sign = Literal["holds", "missing", "fails", "hidden"]
HIDDEN = "Shown once you have finished judging here, to keep you blind."
GOOD = 0.6
"""The least κ or α that is called good: 0.40 to 0.59 is fair (Cochrane Handbook 5.1, 7.2.6, after Orwin 1994)."""


@dataclass(frozen=True)
class TrustLine:
    """Something that decisions stand on. `says` is a sentence with its figure; `do` what comes next.

    `screen` is the screen of the app that does it, with `query` after its address; what only the terminal does is `command`.
    `weight` says how much is missing where it does not hold, to 100. `tells`: whether it would colour the judgement of
    somebody who still judges at the stage.
    """

    topic: str
    sign: Sign
    says: str
    do: str = ""
    screen: str = ""
    query: str = ""
    command: str = ""
    weight: float = 0
    tells: bool = False
