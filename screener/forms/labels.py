"""What people read instead of the names in a form: "Window (s)" for `window_s`, "CC BY-NC" for `cc_by_nc`."""

import re
from collections.abc import Sequence

from .base import Quantity, Vocabulary

_CAPITALS = {"url": "URL", "doi": "DOI", "id": "ID", "pmid": "PMID"}
_SIGNS = {"percent": "%"}


def readable(name: str) -> str:
    """Return a field's name as a heading: `training_details` is "Training details"."""
    words = [_CAPITALS.get(word, word) for word in name.split("_") if word]
    text = " ".join(words) or name
    return text[0].upper() + text[1:]


def item_label(name: str, title: str | None = None, quantity: Quantity | None = None) -> str:
    """Return an item's label: its `title=`, or made from its name, with the unit that the name ends in in brackets."""
    if title:
        return title
    stem, _, suffix = name.rpartition("_")
    unit = _unit(suffix, quantity) if stem and quantity else ""
    return f"{readable(stem)} ({unit})" if unit else readable(name)


def _unit(suffix: str, quantity: Quantity) -> str:
    """Return the unit that a name ends in as texts write it; empty where the last word of the name is none."""
    for unit, factor in quantity.units.items():
        if factor == 1 and unit and unit.lower() == suffix:
            return _SIGNS.get(suffix, unit)
    units = {unit.lower() for unit in quantity.units}
    return _SIGNS.get(suffix, suffix) if suffix in units or suffix.removesuffix("s") in units else ""


def joined(labels: Sequence[str]) -> str:
    """Return the label of an item in groups of a group: "Code: availability"."""
    first, *rest = labels
    return ": ".join([first, *(text if text[:2].isupper() else text[0].lower() + text[1:] for text in rest)])


def described(text: str, vocabulary: type[Vocabulary] | None = None) -> str:
    """Return a description for people: its codes in words, without the marks around them."""
    for member in sorted(vocabulary or (), key=len, reverse=True):
        text = re.sub(rf"\b{re.escape(member.value)}\b", code_label(member.value, vocabulary), text)
    return text.replace("`", "")


def code_label(code: str, vocabulary: type[Vocabulary] | None = None) -> str:
    """Return a code as words, in the capitals that the vocabulary's own words have: `cc_by_nc` is "CC BY-NC"."""
    words = code.replace("_", " ")
    member = next((entry for entry in vocabulary or () if entry.value == code), None)
    pattern = re.compile(rf"{re.escape(words).replace(chr(92) + ' ', '[ -]')}(?![^\W_])", re.IGNORECASE)
    for synonym in member.synonyms if member else ():
        match = pattern.match(synonym)
        if match and match[0] != words:
            return match[0]
    return words
