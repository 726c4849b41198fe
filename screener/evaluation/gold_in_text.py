"""Whether gold's value stands in the documents as they were read: where it does not, no reviewer could have found it.

Told of numbers, texts and addresses only. A code is a reader's word, and a labeller may put a text in words of their own:
of a text that gold's own quote does not hold, nothing is told.
"""

import math
import re
import unicodedata
from collections.abc import Mapping
from functools import cached_property

from ..documents import Document
from ..forms import ItemField
from ..gold import GoldItem
from ..text import decimal_mark, numbers_in


class TextAsRead:
    """The documents of a study, to look values up in."""

    def __init__(self, documents: Mapping[str, Document]) -> None:
        """Read nothing yet."""
        self._documents = documents

    @cached_property
    def _numbers(self) -> frozenset[float]:
        return _numbers_of("\n\n".join(document.text for document in self._documents.values()))

    @cached_property
    def _letters(self) -> str:
        return "\n".join(_letters(document.text) for document in self._documents.values())

    def lacks(self, gold: GoldItem, item: ItemField) -> bool:
        """Return whether the value that gold reports is nowhere in the text, in any writing; false where that cannot be told.

        A number may be written in words, as a percentage, or in another unit of the item; letter case, accents, blanks, hyphens
        and the ends of lines do not matter to a text.
        """
        if not self._documents or gold.value is None:
            return False
        if item.kind == "number" and isinstance(gold.value, int | float):
            values = _writings(float(gold.value), item)
            counted = gold.quote is not None and not _holds(_numbers_of(gold.quote), values)
            return not counted and not _holds(self._numbers, values)
        if item.kind in ("text", "texts", "url"):
            parts = gold.value if isinstance(gold.value, list) else [gold.value]
            return any(self._lacks_words(str(part), gold, item) for part in parts)
        return False

    def _lacks_words(self, text: str, gold: GoldItem, item: ItemField) -> bool:
        letters = _letters(re.sub(r"^\w+://(?:www\.)?", "", text) if item.kind == "url" else text)
        # Of a link behind words, the quote is the words; its address is in the text all the same.
        written = item.kind == "url" or letters in _letters(gold.quote or "")
        return bool(letters) and written and letters not in self._letters


def _writings(value: float, item: ItemField) -> tuple[float, ...]:
    """Return a number as it may be printed: as it is, as a percentage or a share, and in the units of the item."""
    factors = {1.0, 100.0, 0.01}
    if item.quantity is not None:
        factors |= {1 / factor for factor in item.quantity.units.values()}
    return tuple(value * factor for factor in sorted(factors))


def _holds(numbers: frozenset[float], values: tuple[float, ...]) -> bool:
    return any(math.isclose(number, value, rel_tol=1e-9, abs_tol=1e-12) for number in numbers for value in values)


def _numbers_of(text: str) -> frozenset[float]:
    numbers = numbers_in(text, decimal_mark(text) or ".")
    return frozenset(value for number in numbers for value in (number.value, number.scaled))


def _letters(text: str) -> str:
    """Return the letters and digits alone: line ends, hyphens, blanks and ligatures are the page's."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(character for character in plain if character.isalnum())
