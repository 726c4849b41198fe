"""Letters set as one picture (ﬀ, ﬁ, ﬂ, ﬃ, ﬄ) that a file has no name for: put back where that is certain, else told."""

import re

_IN_WORD = re.compile(r"(?<=[a-z])[\x00-\x09\x0b-\x0c\x0e-\x1f\x7f](?=[a-z])")
_TEX = dict(zip("\x0b\x0c\r\x0e\x0f", "ﬀﬁﬂﬃﬄ", strict=True))
"""Where TeX's text fonts have them: D. E. Knuth, The TeXbook, appendix F."""
_OTHERS = 2
"""Other control characters inside words that a page of TeX's may have: a bar over a letter, a dash in a formula."""
_PLACE = re.compile(
    r"(?<![^\s(\"“-])\x0c(?=(?:g|ll|lm|nd|ne|re|t|ts|ve|x)(?![^\s.,;:)-]))|(?<=(?<!\w)[Oo])\x0b(?!\w)"
    r"|(?<=[A-Za-z])[\x0b\x0c\x0e\x0f](?=[a-z])|(?<![^\s(\"“-])\x0c(?=[a-z]{3})"
    r"|(?<=[a-z]{3})[\x0b\x0c\x0e\x0f](?=[\s.,;:)]|\Z)|(?<=[a-z])\r(?=[a-z]{2})|(?<=[\n ])\r(?=[a-z]{3})"
)
"""Where one stands in a word (the shortest, such as find, fit and off, are named), which a symbol of a formula at the
same place in its font does not."""


def with_tex_ligatures(text: str) -> str:
    """Return the text of a page, one character for one, with ligatures where a font names none and has TeX's places.

    A font whose places mean other things has control characters of all kinds inside its words.
    """
    inside = _IN_WORD.findall(text)
    if sum(sign not in _TEX for sign in inside) > max(_OTHERS, 0.1 * len(inside)):
        return text
    return _PLACE.sub(lambda match: _TEX[match[0]], text)


_STRANGE = re.compile(r"(?<![^\s(\"“-])[A-Za-z]*[a-z][!\"#$%][a-z]+(?![^\s.,;:)\"”-])")
"""A word with a sign inside, where no word has one: another letter was drawn there."""
_LEAST_STRANGE = 4
_PAIRS = re.compile("f[fil]|[ﬀ-ﬄ]")
_WORD = re.compile("[A-Za-zﬀ-ﬄ]{2,}")
_ENGLISH = frozenset({"the", "of", "and", "in", "to", "is", "we", "for", "that", "with"})
_MANY, _FEW = 600, 0.002
"""Words of a text from which some have these letters, and the share of them below which none has: one in sixty is usual."""
_LOST = "ligatures are lost, since the file does not name them"
_ADVICE = "words that hold ff, fi or fl are not found; attach another copy of the paper"
GUESSED = (
    "ligatures that the file does not name are read as TeX's (ﬀ, ﬁ, ﬂ), and so are point, comma and slash in formulas; "
    "compare words and numbers that hold them with the page"
)
"""What people are told where they were put back."""


def ligatures_remark(text: str) -> str:
    """Return what people are told of a text that has lost ligatures; nothing where it has not.

    There are two signs: words with a sign inside, and an English text that is long and hardly ever has ff, fi or fl.
    """
    strange = list(dict.fromkeys(match[0] for match in _STRANGE.finditer(text)))
    if len(strange) >= _LEAST_STRANGE:
        examples = ", ".join(f"“{word}”" for word in strange[:3])
        return f"{_LOST} (such as {examples}): {_ADVICE}"
    words = _WORD.findall(text)
    english = sum(word.lower() in _ENGLISH for word in words) > 0.15 * len(words)
    if len(words) >= _MANY and english and sum(bool(_PAIRS.search(word)) for word in words) < _FEW * len(words):
        return f"{_LOST} (hardly a word has ff, fi or fl): {_ADVICE}"
    return ""
