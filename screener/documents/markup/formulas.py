"""What is written for the elements of a formula, in web pages and in JATS.

Source: https://www.w3.org/TR/mathml-core/ (`mfrac`, `msqrt`, `msubsup`, `munderover`).
"""

from .marked_digits import LOWER, RAISE

_SIGNS = {
    ("msup", 2): RAISE, ("msub", 2): LOWER, ("msubsup", 2): LOWER, ("msubsup", 3): RAISE, ("mfrac", 2): "/",
    ("mroot", 1): "√",
}  # fmt: skip
"""What is raised or lowered, below a line or under a root, by the element it is in and its place there."""
_APART = frozenset({"mfrac", "mspace", "mtable"})
_SHIFTED = frozenset({"mover", "munder", "munderover", "mroot"})
"""Elements whose parts stand above each other."""


def sign_before(tag: str, parent: str, place: int) -> str:
    """Return the sign or mark with which an element begins, the n-th in its parent; empty for most."""
    return "√" if tag == "msqrt" else _SIGNS.get((parent, place), "")


def is_apart(tag: str, parent: str, place: int) -> bool:
    """Return whether an element has room around it: `½ 10` is not `1/210`."""
    return tag in _APART or (parent in _SHIFTED and place > 1)
