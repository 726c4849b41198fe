"""What is written for formulas, in web pages, in JATS and in Markdown: for the elements of MathML, and for TeX.

Source: https://www.w3.org/TR/mathml-core/ (`mfrac`, `msqrt`, `msubsup`, `munderover`).
"""

import re
from functools import cache

from pylatexenc.latex2text import LatexNodes2Text, MacroTextSpec, get_default_latex_context_db
from pylatexenc.latexwalker import LatexWalkerError

from .marked_digits import END, LOWER, RAISE

_SIGNS = {
    ("msup", 2): RAISE, ("msub", 2): LOWER, ("msubsup", 2): LOWER, ("msubsup", 3): RAISE, ("mfrac", 2): "/",
    ("mroot", 1): "√",
}  # fmt: skip
"""What is raised or lowered, below a line or under a root, by the element it is in and its place there."""
_APART = frozenset({"mfrac", "mspace", "mtable"})
_SHIFTED = frozenset({"mover", "munder", "munderover", "mroot"})
"""Elements whose parts stand above each other."""
_LONGEST = 5_000
"""Characters of a formula in TeX at most; a longer one is left as it is written."""
_DEEPEST = 50
_MEANT = re.compile(r"[\\^_{=<>]|\A[^A-Za-z]*(?:[A-Za-z][^A-Za-z]*)?\Z")
"""What looks like mathematics: `$50 (then 40$` is money."""
_BLANK = re.compile(r"(?<=[\d.^_({])\s+(?=[\d.^_){}-])|(?<=-)\s+(?=[\d.])|(?<=\d)\s+(?=\\?%|,)|(?<=\d ,)\s+(?=\d)")
"""Blanks between signs, which mean nothing in a formula: `9 1 . 3` is 91.3."""
_RAISED = re.compile(r"\^\s*(?:\{\s*([-−+]?\d{1,4}|[*†‡§¶#]{1,3}|\d{1,3}(?:,\d{1,3})*)\s*\}|([\d*]))")
_BESIDE = re.compile(r"(?<=[\d%)])_(?=\W)")
"""What is set low behind a number, as in `0.91_{\\pm 0.02}`, is beside it."""
_INDEX = re.compile(r"(?<=[^\W\d_])_(?=\d)")
_DEGREES = re.compile(r"\^\s*(?:\\circ\b|\{\s*\\circ\s*\})")
_WRITTEN = {
    **dict.fromkeys(("frac", "dfrac", "tfrac", "nicefrac"), "%s/%s "), **dict.fromkeys(("mbox", "hbox"), "%s"),
    "checkmark": "✓",
}  # fmt: skip
"""What commands stand for that the library writes otherwise, or leaves out: `½ 10` is not `1/210`."""


def sign_before(tag: str, parent: str, place: int) -> str:
    """Return the sign or mark with which an element begins, the n-th in its parent; empty for most."""
    return "√" if tag == "msqrt" else _SIGNS.get((parent, place), "")


def is_apart(tag: str, parent: str, place: int) -> bool:
    """Return whether an element has room around it: `½ 10` is not `1/210`."""
    return tag in _APART or (parent in _SHIFTED and place > 1)


def plain_formula(written: str) -> str | None:
    r"""Return a formula in TeX, without the signs around it, in words and signs, its powers with marks; None for no formula.

    `0.91 \pm 0.02` is `0.91 ±0.02`, and `18{,}885` is `18,885`.
    """
    if len(written) > _LONGEST or written.count("{") > _DEEPEST or not _MEANT.search(written):
        return None
    prepared = _BLANK.sub("", re.sub(r"(?<!\\)%", r"\\%", written.replace("{,}", ",")))
    prepared = _DEGREES.sub("°", prepared)
    prepared = _RAISED.sub(lambda raised: f"{RAISE}{raised[1] or raised[2]}{END}", prepared)
    try:
        text = str(_decoder().latex_to_text(prepared))
    except (LatexWalkerError, RecursionError, ValueError, IndexError, AttributeError, TypeError):
        return None
    return " ".join(_INDEX.sub("", _BESIDE.sub(" ", text)).split()) or None


@cache
def _decoder() -> LatexNodes2Text:
    context = get_default_latex_context_db()
    macros = [MacroTextSpec(name, simplify_repl=text) for name, text in _WRITTEN.items()]
    context.add_context_category("written", prepend=True, macros=macros)
    return LatexNodes2Text(latex_context=context, math_mode="text", keep_comments=True)
