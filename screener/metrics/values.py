"""When an extracted value agrees with gold's: one stated rule for each kind of value.

A value that is not of its kind (a text where a number is due, a boolean where a number is) agrees with nothing.
"""

import datetime
import decimal
import math
import re
import unicodedata
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import numpy as np

TOLERANCE = 0.01
"""The relative difference up to which two numbers may be one."""
TEXT_F1 = 0.8
"""The least F1 of the words of two free texts that agree."""
SAME_WORDS = 1.5
"""A bound that no F1 reaches: texts agree only where they are the same letter by letter."""
OTHER = "other"
"""The code of a closed vocabulary that says: something else, stated in words."""

_STATUSES = ("reported", "not_reported", "not_applicable", "unclear")


@dataclass(frozen=True, slots=True)
class ItemValue:
    """What one side, extraction or gold, says of one item. Raises ValueError for a status that is none."""

    status: str
    """`reported`, `not_reported`, `not_applicable` or `unclear`."""
    value: Any = None
    """What JSON can hold; of no meaning unless the status is `reported`."""
    other: str | None = None
    """What the code `other` stands for, in words."""

    def __post_init__(self) -> None:
        """Reject a status that is none."""
        if self.status not in _STATUSES:
            raise ValueError(f"status must be one of {', '.join(_STATUSES)}, not {self.status!r}")

    @property
    def reported(self) -> bool:
        """Return whether a value is given."""
        return self.status == "reported"

    @property
    def silent(self) -> bool:
        """Return whether it says that there is no value: `not_reported` and `not_applicable` are one in this."""
        return self.status in ("not_reported", "not_applicable")


@dataclass(frozen=True, slots=True)
class ItemKind:
    """By which rule the values of an item are compared (`values_agree`)."""

    of: Literal["code", "number", "boolean", "url", "text", "date"]
    many: bool = False
    """Whether the value is a set, written as a list: order and repeats mean nothing."""
    tolerance: float = TOLERANCE
    """For numbers: the largest |extracted − gold| / |gold|; 0 asks for equal numbers."""

    def __post_init__(self) -> None:
        """Reject a kind without a rule, and a tolerance that is negative or not finite."""
        if self.of not in _FORMS:
            raise ValueError(f"kind must be one of {', '.join(_FORMS)}, not {self.of!r}")
        if not (math.isfinite(self.tolerance) and self.tolerance >= 0):
            raise ValueError(f"tolerance must be finite and not negative, got {self.tolerance}")


@dataclass(frozen=True, slots=True)
class SetCounts:
    """How many different members two sets have, and how many of them agree, one with one."""

    shared: int
    extracted: int
    gold: int

    @property
    def equal(self) -> bool:
        """Return whether each member of one set has its match in the other."""
        return self.shared == self.extracted == self.gold


def values_agree(extracted: ItemValue, gold: ItemValue, kind: ItemKind, *, words: float = TEXT_F1) -> bool:
    """Return whether two reported values are the same, by the rule of their kind.

    code: equal; two `other` agree where gold does not say what it is, or both say the same by the rule of texts.
    number: one is the other rounded to fewer significant digits, and they differ by at most `tolerance` of gold:
        |x − g| ≤ min(tolerance·|g|, half a unit of the last digit, trailing zeros left out, of the coarser number).
        The first bound alone would take an AUROC of 0.991 for 0.999 or the year 2019 for 2024; the second alone would
        take 500 Hz for 512 Hz.
    boolean: equal.
    url: equal after dropping scheme, `www.`, a trailing slash, `.git`, and the case of the host.
    text: the same numbers, and equal letter by letter (without case, accents, spaces, hyphens, punctuation, and the s at
        the end of a word of four letters or more, but for -ss, -us and -is), or with an F1 of the sets of words of at least
        `words` while negations (`not`, `without`, `un-`, …) are the same. With `words` above 1 only the former.
    date: ISO year, month or day, equal as far as gold goes: `2024-05-13` agrees with gold's `2024`, not the reverse.
    A set agrees when each member has its match in the other, one with one, and nothing is left over.
    """
    if kind.many:
        return count_members(extracted, gold, kind, words=words).equal
    return _agree(_form(extracted.value, kind), _form(gold.value, kind), (extracted.other, gold.other), kind, words)


def closeness(extracted: ItemValue, gold: ItemValue, kind: ItemKind) -> float:
    """Return how far two reported values are the same, from 0 to 1; 1 for values that are the same by `values_same`.

    Of sets twice the members in common over the members of both. Of texts, and of what `other` stands for, the F1 of their
    words, and 0 where both have numbers and these differ. Of anything else 0 or 1.
    """
    if kind.many:
        counts = count_members(extracted, gold, kind, words=SAME_WORDS)
        return 2 * counts.shared / (counts.extracted + counts.gold) if counts.extracted + counts.gold else 1.0
    if values_same(extracted, gold, kind):
        return 1.0
    both_other = kind.of == "code" and extracted.value == gold.value == OTHER
    x, g = (extracted.other, gold.other) if both_other else (extracted.value, gold.value)
    if not (both_other or kind.of == "text") or not isinstance(x, str) or not isinstance(g, str):
        return 0.0
    a, b = frozenset(_tokens(x)), frozenset(_tokens(g))
    return 0.0 if numbers_differ(x, g) else 2 * len(a & b) / (len(a) + len(b))


def values_same(extracted: ItemValue, gold: ItemValue, kind: ItemKind) -> bool:
    """Return whether two reported values are the same by the strict rule: texts in the same words (`values_agree`)."""
    return values_agree(extracted, gold, kind, words=SAME_WORDS)


def normal_text(text: str) -> str:
    """Return a text without all that does not tell two apart by the strict rule: of two that are the same it is the same."""
    return "".join(map(_singular, _tokens(text)))


def numbers_differ(one: str, other: str) -> bool:
    """Return whether both texts have numbers, and these are not the same."""
    a, b = _numbers_of(frozenset(_tokens(one))), _numbers_of(frozenset(_tokens(other)))
    return bool(a and b) and a != b


def count_members(
    extracted: ItemValue | None, gold: ItemValue | None, kind: ItemKind, *, words: float = TEXT_F1
) -> SetCounts:
    """Count two sets; a side that reports nothing (or is None) is the empty set, a value that is no list is one member.

    The members in common are the largest one-to-one matching of members that agree.
    """
    extracted_members, gold_members = _members(extracted, kind), _members(gold, kind)
    shared = 0
    if extracted_members and gold_members and extracted is not None and gold is not None:
        agree = np.array(
            [
                [_agree(x, g, (extracted.other, gold.other), kind, words) for g in gold_members]
                for x in extracted_members
            ]
        )
        from scipy.optimize import linear_sum_assignment  # slow to import, and rarely needed

        rows, columns = linear_sum_assignment(agree, maximize=True)
        shared = int(agree[rows, columns].sum())
    return SetCounts(shared, len(extracted_members), len(gold_members))


def _members(side: ItemValue | None, kind: ItemKind) -> list[Hashable]:
    """Return the different members of a set in the form in which they are compared."""
    if side is None or not side.reported or side.value is None:
        return []
    members = side.value if isinstance(side.value, list | tuple | set | frozenset) else [side.value]
    forms = [_form(member, kind) for member in members]
    # What is not of its kind agrees with nothing: each of those is a member of its own.
    return [*dict.fromkeys(form for form in forms if form is not None), *(form for form in forms if form is None)]


def _form(value: object, kind: ItemKind) -> Hashable:
    """Return the value in the form in which it is compared, None if it is not of its kind."""
    return _FORMS[kind.of](value)


def _agree(x: Any, g: Any, others: tuple[str | None, str | None], kind: ItemKind, words: float) -> bool:
    """Return whether two forms agree; `others` is what `other` stands for on either side."""
    x_other, g_other = others
    if x is None or g is None:
        return False
    if kind.of == "number":
        return _numbers_agree(x, g, kind.tolerance)
    if kind.of == "text":
        return _texts_agree(x, g, words)
    if kind.of == "date":
        return bool(x[: len(g)] == g)
    if kind.of == "code" and x == g == OTHER and g_other is not None:
        return x_other is not None and _texts_agree(_tokens(x_other), _tokens(g_other), words)
    return bool(x == g)


def _string(value: object) -> str | None:
    return str(value) if isinstance(value, str) else None


def _boolean(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _number(value: object) -> decimal.Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return decimal.Decimal(repr(value)).normalize()


def _numbers_agree(x: decimal.Decimal, g: decimal.Decimal, tolerance: float) -> bool:
    last = max(int(n.as_tuple().exponent) for n in (x, g) if n) if x and g else 0
    half = decimal.Decimal(5).scaleb(last - 1)
    return abs(x - g) <= min(abs(g) * decimal.Decimal(repr(tolerance)), half)


def _url(value: object) -> str | None:
    if not isinstance(value, str):
        return None
    bare = re.sub(r"^[a-z][a-z0-9+.-]*://", "", value.strip(), flags=re.IGNORECASE)
    address, *tail = re.split(r"(?=[?#])", bare, maxsplit=1)
    host, *path = re.split(r"(?=/)", address.rstrip("/").removesuffix(".git"), maxsplit=1)
    return "".join([host.lower().removeprefix("www."), *path, *tail]) or None


def _date(value: object) -> tuple[int | str, ...] | None:
    """Return the year, month and day, as far as stated; a text that is no ISO date stands for itself."""
    if isinstance(value, bool) or not isinstance(value, str | int | datetime.date):
        return None
    text = str(value).strip()
    match = re.fullmatch(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2})(?:[T ].*)?)?)?", text)
    return tuple(int(part) for part in match.groups() if part) if match else (text.casefold(),)


# A number with its decimal point and its sign, or a run of letters: `ResNet-50`, `ResNet50` and `resnet 50` are the same.
_TOKEN = re.compile(r"(?<![^\W_])[-−]\d+(?:\.\d+)*|\d+(?:\.\d+)*|[^\W\d_]+")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_NEGATIONS = frozenset(("no", "not", "non", "none", "never", "neither", "nor", "without", "cannot"))
_PREFIXES = ("un", "non", "in", "im", "dis")


@lru_cache(maxsize=4096)
def _tokens(text: str) -> tuple[str, ...]:
    """Return the words and numbers in lower case without accents; the stripped text itself if it has none."""
    bare = "".join(c for c in unicodedata.normalize("NFD", text.casefold()) if not unicodedata.combining(c))
    tokens = _TOKEN.findall(_THOUSANDS.sub("", bare).replace("−", "-"))
    return tuple(tokens) or (bare.strip(),)


def _text(value: object) -> tuple[str, ...] | None:
    return _tokens(value) if isinstance(value, str) else None


def _texts_agree(x: tuple[str, ...], g: tuple[str, ...], words: float) -> bool:
    a, b = frozenset(x), frozenset(g)
    if _numbers_of(a) != _numbers_of(b):
        return False
    if "".join(map(_singular, x)) == "".join(map(_singular, g)):
        return True
    only_a, only_b = a - b, b - a
    if (only_a | only_b) & _NEGATIONS or _negates(only_a, only_b) or _negates(only_b, only_a):
        return False
    return 2 * len(a & b) >= words * (len(a) + len(b))


def _singular(word: str) -> str:
    """Return a word without the s of a plural; of both sides alike, so that only what differs by one is made equal."""
    return word[:-1] if re.fullmatch(r"[^\W\d_]{2,}[^\W\d_siu]s", word) else word


def _numbers_of(tokens: frozenset[str]) -> frozenset[str]:
    return frozenset(token for token in tokens if token[-1:].isdecimal())


def _negates(words: frozenset[str], others: frozenset[str]) -> bool:
    return any(prefix + word in others for word in words for prefix in _PREFIXES)


_FORMS: dict[str, Callable[[object], Hashable]] = {
    "code": _string,
    "number": _number,
    "boolean": _boolean,
    "url": _url,
    "text": _text,
    "date": _date,
}
