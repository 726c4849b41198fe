"""The rules of derived items: one line each, the first that holds gives the value. A small language, and no program.

`high if any of a, b is no`, `high if 2 or more of a, b, c are no or probably_no`, `low if all of a, b are yes and c is
yes`, `low otherwise`, and alone `worst of a, b`. Pure: what the words name in a form is checked in `walk`, and looked up
in `deriving`.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

Words = frozenset[str]
"""What is known of an item: its codes and `reported`, or its status alone."""
Lookup = Callable[[str], Words | None]
"""Gives the words of an item by its name in a rule; None where they are not known yet."""

STATUSES = frozenset({"reported", "not_reported", "not_applicable", "unclear"})
_HELP = "write it like `high if any of a, b is no or probably_no`, `low otherwise` or `worst of a, b`"
_NAME = r"[A-Za-z_][\w.]*"
_NAMES = rf"{_NAME}(?:\s*,\s*{_NAME})*"
_WORDS = r"[^\s,]+(?:(?:\s+or\s+|\s*,\s*(?:or\s+)?)[^\s,]+)*"
_CONDITION = re.compile(
    rf"(?:(?P<how>any|all|none|(?P<number>[1-9]\d*)\s+or\s+more)\s+of\s+)?(?P<names>{_NAMES})\s+(?:is|are)\s+(?P<words>{_WORDS})"
)
_RULE = re.compile(r"(?P<value>\S+)\s+(?:if\s+(?P<conditions>.+)|otherwise)")
_WORST = re.compile(rf"worst\s+of\s+(?P<names>{_NAMES})")


@dataclass(frozen=True)
class Condition:
    """How many of some items have one of some words: from `least` to `most`."""

    items: tuple[str, ...]
    words: Words
    least: int
    most: int

    def holds(self, look_up: Lookup) -> bool | None:
        """Return whether it holds; None where that depends on what is not known."""
        known = [look_up(item) for item in self.items]
        certain = sum(words is not None and bool(words & self.words) for words in known)
        possible = certain + known.count(None)
        if certain > self.most or possible < self.least:
            return False
        return True if certain >= self.least and possible <= self.most else None


@dataclass(frozen=True)
class Rule:
    """One line. It gives `value` where all conditions hold; `worst` are the items of a line `worst of`."""

    text: str
    value: str = ""
    conditions: tuple[Condition, ...] = ()
    worst: tuple[str, ...] = ()

    @property
    def items(self) -> tuple[str, ...]:
        """Return the names of the items that it reads."""
        return tuple(dict.fromkeys([*self.worst, *(item for part in self.conditions for item in part.items)]))

    def holds(self, look_up: Lookup) -> bool | None:
        """Return whether all conditions hold; None where that depends on what is not known."""
        parts = [part.holds(look_up) for part in self.conditions]
        return False if False in parts else None if None in parts else True


def read_rule(text: str) -> Rule:
    """Return a line as a rule. `ValueError` says what is wrong with it, and how one is written."""
    line = " ".join(text.split())
    if match := _WORST.fullmatch(line):
        return Rule(line, worst=_names(match["names"]))
    match = _RULE.fullmatch(line)
    if match is None:
        raise ValueError(f"“{line}” is no rule; {_HELP}")
    parts = re.split(r"\s+and\s+", match["conditions"]) if match["conditions"] else []
    return Rule(line, match["value"], tuple(_condition(part, line) for part in parts))


def _condition(part: str, line: str) -> Condition:
    match = _CONDITION.fullmatch(part)
    if match is None:
        raise ValueError(f"“{part}” in “{line}” is no condition; {_HELP}")
    items, how = _names(match["names"]), match["how"]
    if how is None and len(items) > 1:
        raise ValueError(f"“{part}” in “{line}” names several items; begin it with `any of`, `all of` or `none of`")
    words = frozenset(re.split(r"\s+or\s+|\s*,\s*(?:or\s+)?", match["words"]))
    number = int(match["number"] or 1)
    if number > len(items):
        raise ValueError(f"“{part}” in “{line}” names {len(items)} items, of which {number} can never hold")
    least = {"all": len(items), "none": 0}.get(how or "", number)
    return Condition(items, words, least, 0 if how == "none" else len(items))


def _names(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(re.split(r"\s*,\s*", text)))


@dataclass(frozen=True)
class Derivation:
    """What rules give: a code or a status, by which line, and of what it waits for an answer where it is `unclear`."""

    word: str
    rule: str = ""
    waits_for: tuple[str, ...] = ()


def derivation(rules: Sequence[Rule], order: Sequence[str], look_up: Lookup) -> Derivation:
    """Return what rules give. `order` are the codes of the derived item from the best to the worst.

    The first rule that holds counts, but only if no rule above it, of which that cannot be told yet, would give another
    value. Without a rule that holds it is `unclear`.
    """
    undecided: list[Rule] = []
    for rule in rules:
        if rule.worst:
            return _worst(rule, order, look_up)
        holds = rule.holds(look_up)
        if holds is None:
            undecided.append(rule)
        elif holds:
            if all(above.value == rule.value for above in undecided):
                return Derivation(rule.value, rule.text)
            break
    return Derivation("unclear", "", _unknown((item for rule in undecided for item in rule.items), look_up))


def _worst(rule: Rule, order: Sequence[str], look_up: Lookup) -> Derivation:
    """Return the worst code. One that is the worst of all counts whatever is unknown; what is not applicable is left out."""
    known = {item: look_up(item) for item in rule.items}
    codes = [code for words in known.values() if words for code in order if code in words]
    worst = max(codes, key=list(order).index, default=None)
    missing = tuple(item for item, words in known.items() if not words or not words & {*order, "not_applicable"})
    if worst is not None and (not missing or worst == order[-1]):
        return Derivation(worst, rule.text)
    return Derivation("unclear", "", missing) if missing else Derivation("not_applicable", rule.text)


def _unknown(items: Iterable[str], look_up: Lookup) -> tuple[str, ...]:
    return tuple(dict.fromkeys(item for item in items if look_up(item) is None))
