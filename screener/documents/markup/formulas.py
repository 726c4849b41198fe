"""What is written for formulas, in web pages, in JATS and in Markdown: for the elements of MathML, and for TeX.

Source: https://www.w3.org/TR/mathml-core/ (`mfrac`, `msqrt`, `msubsup`, `munderover`).
"""

import re
from functools import cache
from typing import Any

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
_SIMPLE = re.compile(r"[^\\{}~%&#`'$]*")
"""A formula that is written as it is read. Most are, and the library takes a hundred times as long."""


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
    text = prepared
    if not _SIMPLE.fullmatch(prepared):
        try:
            text = str(_decoder().latex_to_text(prepared))
        except (LatexWalkerError, RecursionError, ValueError, IndexError, AttributeError, TypeError):
            return None
    # Of some commands the library leaves out what belongs to them (`\sqrt[3]{x}`): rather no word than another number.
    if re.findall(r"\d", text) != re.findall(r"\d", written):
        return None
    return " ".join(_INDEX.sub("", _BESIDE.sub(" ", text)).split()) or None


@cache
def _decoder() -> LatexNodes2Text:
    context = get_default_latex_context_db()
    macros = [MacroTextSpec(name, simplify_repl=_fraction) for name in ("frac", "dfrac", "tfrac", "nicefrac")]
    macros += [MacroTextSpec(name, simplify_repl=_arguments) for name in ("mbox", "hbox")]
    macros.append(MacroTextSpec("checkmark", simplify_repl="✓"))
    context.add_context_category("written", prepend=True, macros=macros)
    return LatexNodes2Text(latex_context=context, math_mode="text", keep_comments=True)


def _fraction(node: Any, l2tobj: Any) -> str:
    """Return a fraction, with room behind it: `½ 10` is not `1/210`."""
    parts = [l2tobj.nodelist_to_text([part]) for part in (node.nodeargd.argnlist if node.nodeargd else ()) if part]
    return "/".join(parts if len(parts) > 1 else [*parts, ""]) + " "


def _arguments(node: Any, l2tobj: Any) -> str:
    return "".join(
        l2tobj.nodelist_to_text([part]) for part in (node.nodeargd.argnlist if node.nodeargd else ()) if part
    )
