"""Letters put together with the accents that old fonts draw as characters of their own (`Par´e`, `M¨uller`)."""

import unicodedata
from collections.abc import Callable, Sequence

from .sections import Box

SPACING = {
    "´": "\u0301",
    "`": "\u0300",
    "ˆ": "\u0302",
    "¨": "\u0308",
    "˜": "\u0303",
    "¸": "\u0327",
    "˚": "\u030a",
    "ˇ": "\u030c",
}
"""Accents as characters, and the combining characters that say the same."""
_DOTLESS = {"ı": "i", "ȷ": "j"}


def composed(line: str, places: Sequence[int], box_of: Callable[[int], Box | None]) -> tuple[str, list[int]]:
    """Return the line with each accent on the letter it stands over, and for each character its place in the page's
    text.

    `places` are those of the line's characters in the page's text, `box_of` the box of the character at a place. Spaces that were
    put around an accent since it is drawn out of turn go with it. An accent over no letter stays.
    """
    boxes = [box_of(place) for place in places]
    characters: list[str | None] = list(line)
    for offset, accent in enumerate(line):
        box = boxes[offset]
        if accent not in SPACING or box is None:
            continue
        middle = (box[0] + box[2]) / 2
        letters_below = [
            (abs((other[0] + other[2]) / 2 - middle), place)
            for place, other in enumerate(boxes)
            if other is not None
            and line[place].isalpha()
            and line[place] not in SPACING
            and other[0] - 1 < middle < other[2] + 1
        ]
        if not letters_below:
            continue
        place = min(letters_below)[1]
        letter = characters[place] or ""
        whole = unicodedata.normalize("NFC", _DOTLESS.get(letter, letter) + SPACING[accent])
        if len(whole) != 1:
            continue
        characters[place], characters[offset] = whole, None
        if offset and line[offset - 1] == " ":
            characters[offset - 1] = None
            if line[offset + 1 : offset + 2] == " ":
                characters[offset + 1] = None
    remaining = [pair for pair in zip(characters, places, strict=True) if pair[0] is not None]
    return "".join(character or "" for character, _ in remaining), [place for _, place in remaining]
