"""Two filled forms beside each other: which object of a list is which, and when two values are one."""

import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import maximum_bipartite_matching

Item = dict[str, Any]
"""`status`, `value`, `other`; as gold and judgements have them."""
SILENT = ("not_reported", "not_applicable")


# -- values -----------------------------------------------------------------------------------------------------------


def same_value(kind: str, x: Item, g: Item, *, strict: bool = False) -> bool:
    """By the kind of the item; `codes` and `texts` are sets. `strict`: texts in the same words."""
    if kind in ("codes", "texts"):
        shared, found, wanted = sets(kind, x, g, strict=strict)
        return shared == found == wanted
    return _same(kind, x["value"], g["value"], x.get("other"), g.get("other"), strict)


def sets(kind: str, x: Item | None, g: Item | None, *, strict: bool = True) -> tuple[int, int, int]:
    """How many members are shared, one with one; how many there are on each side."""
    one = "code" if kind == "codes" else "text"
    found, wanted = _members(one, x), _members(one, g)
    if x is None or g is None or not found or not wanted:
        return 0, len(found), len(wanted)
    alike = [[_same(one, a, b, x.get("other"), g.get("other"), strict) for b in wanted] for a in found]
    matched = maximum_bipartite_matching(csr_matrix(np.array(alike, dtype=int)), perm_type="column")
    return int((matched >= 0).sum()), len(found), len(wanted)


def _members(kind: str, side: Item | None) -> list[Any]:
    if side is None or side["status"] != "reported" or side["value"] is None:
        return []
    values = side["value"] if isinstance(side["value"], list) else [side["value"]]
    return list({(value if kind == "code" else _words(value)): value for value in values}.values())


def _same(kind: str, x: Any, g: Any, x_other: str | None, g_other: str | None, strict: bool) -> bool:
    if kind == "number":
        return _same_number(x, g)
    if kind == "text":
        return isinstance(x, str) and isinstance(g, str) and _same_text(x, g, strict)
    if kind == "url":
        return isinstance(x, str) and isinstance(g, str) and _address(x) == _address(g)
    if kind == "code" and x == g == "other" and g_other is not None:
        return x_other is not None and _same_text(x_other, g_other, strict)
    return type(x) is type(g) and x == g


def _same_number(x: Any, g: Any) -> bool:
    if any(isinstance(one, bool) or not isinstance(one, int | float) for one in (x, g)):
        return False
    a, b = Decimal(repr(x)), Decimal(repr(g))
    coarse = max((_last_digit(one) for one in (a, b)), default=0) if a and b else 0
    return abs(a - b) <= min(abs(b) / 100, Decimal(10) ** coarse / 2)


def _last_digit(number: Decimal) -> int:
    digits = format(abs(number), "f")
    if "." in digits and (rest := digits.split(".")[1].rstrip("0")):
        return -len(rest)
    whole = digits.split(".")[0]
    return len(whole) - len(whole.rstrip("0"))


def _address(url: str) -> str:
    rest = re.sub(r"^\w[\w+.-]*://", "", url.strip())
    rest = rest.rstrip("/").removesuffix(".git")
    host, slash, path = rest.partition("/")
    return host.lower().removeprefix("www.") + slash + path


def _words(text: Any) -> tuple[str, ...]:
    plain = "".join(c for c in unicodedata.normalize("NFKD", str(text).casefold()) if not unicodedata.combining(c))
    plain = re.sub(r"(\d),(?=\d{3}(?!\d))", r"\1", plain).replace("−", "-")
    return tuple(re.findall(r"(?<![a-z0-9])-\d+(?:\.\d+)*|\d+(?:\.\d+)*|[^\W\d_]+", plain)) or (plain.strip(),)


def _one(word: str) -> str:
    """Without the s of a plural."""
    return word[:-1] if len(word) > 3 and word.isalpha() and word[-1] == "s" and word[-2] not in "siu" else word


def plain(text: str) -> str:
    return "".join(map(_one, _words(text)))


def _same_text(x: str, g: str, strict: bool) -> bool:
    one, two = _words(x), _words(g)
    a, b = set(one), set(two)
    if {w for w in a if w[-1].isdigit()} != {w for w in b if w[-1].isdigit()}:
        return False
    if plain(x) == plain(g):
        return True
    if strict:
        return False
    differ = a ^ b
    if differ & {"no", "not", "non", "none", "never", "neither", "nor", "without", "cannot"}:
        return False
    if any(prefix + word in differ for word in differ for prefix in ("un", "non", "in", "im", "dis")):
        return False
    return len(a & b) / len(a) * 2 * (len(a & b) / len(b)) >= 0.8 * (len(a & b) / len(a) + len(a & b) / len(b)) > 0


# -- forms ------------------------------------------------------------------------------------------------------------


@dataclass
class Side:
    path: str
    item: Item


@dataclass
class Beside:
    """One item of the two forms. `extra`: it is in an object that gold's list, which has others, has not; `lost`: in one
    that the other list has not."""

    name: str
    gold: Side | None
    found: Side | None
    extra: bool
    agree: bool
    lost: bool = False


@dataclass
class Node:
    path: str
    item: Item | None = None
    parts: dict[str, "Node"] = field(default_factory=dict)
    entries: dict[int, "Node"] = field(default_factory=dict)

    @property
    def leaf(self) -> bool:
        return not self.parts and not self.entries

    def content(self) -> str:
        said = None if self.item is None else [self.item["status"], _plain(self.item["value"]), self.item.get("other")]
        parts = sorted((name, part.content()) for name, part in self.parts.items())
        return json.dumps([said, parts, sorted(entry.content() for entry in self.entries.values())])


def _plain(value: Any) -> Any:
    return sorted(json.dumps(one) for one in value) if isinstance(value, list) else value


def tree(items: dict[str, Item]) -> Node:
    root = Node("")
    for path, item in items.items():
        node = root
        for step in re.finditer(r"\[(\d+)\]|[^.\[\]]+", path):
            upto = path[: step.end()]
            node = (
                node.entries.setdefault(int(step[1]), Node(upto))
                if step[1]
                else node.parts.setdefault(step[0], Node(upto))
            )
        node.item = item
    return root


@dataclass
class Form:
    """The kind of each item, and the keys of each list that has some."""

    kinds: dict[str, str]
    keys: dict[str, tuple[str, ...]]


def beside(gold: dict[str, Item], found: dict[str, Item], form: Form) -> list[Beside]:
    return list(_walk(tree(gold), tree(found), "", None, None, False, form))


def _whole(node: Node | None, above: Side | None) -> Side | None:
    """What stands for all below a node that has nothing below: a list that is said to have no entries, or to be unclear."""
    if node is None:
        return above
    if node.item is None or not node.leaf:
        return None
    return Side(node.path, {"status": "unclear", "value": None} if node.item["status"] == "reported" else node.item)


def _walk(
    gold: Node | None,
    found: Node | None,
    name: str,
    over: Side | None,
    under: Side | None,
    extra: bool,
    kinds: Form,
    lost: bool = False,
) -> Iterator[Beside]:
    if (gold is None or gold.leaf) and (found is None or found.leaf):
        own = Side(gold.path, gold.item) if gold and gold.item else None
        other = Side(found.path, found.item) if found and found.item else None
        if own or other:
            one, two = own or over, other or under
            yield Beside(
                name, one, two, extra, bool(one and two and _agree(kinds.kinds, name, two.item, one.item)), lost
            )
        return
    over, under = _whole(gold, over), _whole(found, under)
    names = dict.fromkeys([*(gold.parts if gold else ()), *(found.parts if found else ())])
    for part in names:
        inner = f"{name}.{part}" if name else part
        yield from _walk(
            gold and gold.parts.get(part), found and found.parts.get(part), inner, over, under, extra, kinds, lost
        )
    mine = sorted(gold.entries.values(), key=Node.content) if gold else []
    theirs = sorted(found.entries.values(), key=Node.content) if found else []
    tried = [[list(_walk(a, b, name, over, under, extra, kinds, lost)) for b in theirs] for a in mine]
    alike = np.array([[_alike(one) for one in row] for row in tried]).reshape(len(mine), len(theirs))
    pairs = _by_key(tried, alike, kinds.keys.get(name, ()), kinds.kinds) if mine and theirs else []
    if pairs is None:
        pairs = list(zip(*linear_sum_assignment(alike, maximize=True), strict=True))
    for row, column in pairs:
        yield from tried[row][column]
    for row in set(range(len(mine))) - {row for row, _ in pairs}:
        yield from _walk(mine[row], None, name, over, under, extra, kinds, True)
    for column in set(range(len(theirs))) - {column for _, column in pairs}:
        yield from _walk(None, theirs[column], name, over, under, extra or bool(mine), kinds)


def _by_key(
    tried: list[list[list[Beside]]], alike: Any, keys: tuple[str, ...], kinds: dict[str, str]
) -> list[tuple[int, int]] | None:
    """The entries that are one: with the same keys, with keys that agree in part, and under another name."""
    told = [[[one for one in entry if one.name in keys and _judged(one)] for entry in row] for row in tried]
    flat = [one for row in told for entry in row for one in entry]
    if not any(_reported(one.gold) for one in flat) or not any(_reported(one.found) for one in flat):
        return None
    left, pairs = np.ones(alike.shape, dtype=bool), []
    for step in range(3):
        weights = np.zeros(alike.shape)
        for row, column in np.argwhere(left):
            weights[row, column] = _weight(step, told[row][column], tried[row][column], alike[row, column], keys, kinds)
        for row, column in zip(*linear_sum_assignment(weights, maximize=True), strict=True):
            if weights[row, column] > 0:
                pairs.append((int(row), int(column)))
                left[row], left[:, column] = False, False
    return pairs


def _weight(
    step: int, keys: list[Beside], entry: list[Beside], alike: float, names: tuple[str, ...], kinds: dict[str, str]
) -> float:
    both = [one for one in keys if _reported(one.gold) and _reported(one.found)]
    close = [_close(kinds[one.name], one.found.item, one.gold.item) for one in both if one.found and one.gold]
    either = sum(_reported(one.gold) or _reported(one.found) for one in keys)
    share = sum(close) / either if both else 0.0
    if step == 0:
        return 1 + alike if share == 1 else 0
    if any(value == 0 and not _in_words(one, kinds) for one, value in zip(both, close, strict=True)):
        return 0
    if step == 1:
        return share + alike / 1000 if share > 0.5 else 0
    rest = [o.agree for o in entry if o.name not in names and _judged(o) and (_reported(o.gold) or _reported(o.found))]
    return sum(rest) / len(rest) + alike / 1000 if sum(rest) > max(1, len(rest) / 2) else 0


def _in_words(one: Beside, kinds: dict[str, str]) -> bool:
    sides = [side.item for side in (one.gold, one.found) if side]
    if kinds[one.name] == "code" and [side["value"] for side in sides] == ["other", "other"]:
        texts = [side.get("other") or "" for side in sides]
    elif kinds[one.name] in ("text", "texts"):
        texts = [" ".join(v) if isinstance(v, list) else v for v in (side["value"] for side in sides)]
    else:
        return False
    numbers = [{word for word in _words(text) if word[-1].isdigit()} for text in texts]
    return not all(numbers) or numbers[0] == numbers[-1]


def _close(kind: str, x: Item, g: Item) -> float:
    if kind in ("codes", "texts"):
        shared, found, wanted = sets(kind, x, g)
        return 2 * shared / (found + wanted)
    if same_value(kind, x, g, strict=True):
        return 1
    if kind == "code" and x["value"] == g["value"] == "other":
        kind, x, g = "text", {"value": x.get("other")}, {"value": g.get("other")}
    if kind != "text" or not isinstance(x["value"], str) or not isinstance(g["value"], str):
        return 0
    a, b = set(_words(x["value"])), set(_words(g["value"]))
    numbers = [{word for word in words if word[-1].isdigit()} for words in (a, b)]
    return 0 if all(numbers) and numbers[0] != numbers[1] else 2 * len(a & b) / (len(a) + len(b))


def _reported(side: Side | None) -> bool:
    return side is not None and side.item["status"] == "reported"


def _judged(one: Beside) -> bool:
    return one.extra if one.gold is None else one.gold.item["status"] != "unclear"


def _agree(kinds: dict[str, str], name: str, x: Item, g: Item) -> bool:
    if x["status"] == g["status"] == "reported":
        return same_value(kinds[name], x, g)
    return x["status"] == g["status"] or (x["status"] in SILENT and g["status"] in SILENT)


def _alike(items: list[Beside]) -> float:
    """The share of values that agree; what neither reports tells nothing; equal shares are decided by equal status."""
    judged = [one for one in items if _judged(one)]
    values = [one.agree for one in judged if any(s and s.item["status"] == "reported" for s in (one.gold, one.found))]
    return (sum(values) / len(values) if values else 0) + 1e-6 * (
        sum(o.agree for o in judged) / len(judged) if judged else 0
    )


def entry_of(one: Beside) -> tuple[str, str] | None:
    """Which entry of which list an item is in, and what became of it; None for one in no list."""
    mine, theirs = (side.path if side else "" for side in (one.gold, one.found))
    whole = [bool(path) and re.sub(r"\[\d+\]", "", path) != one.name for path in (mine, theirs)]
    if "[" not in mine + theirs:
        return None
    if whole[1] and one.found and one.found.item["status"] == "unclear":
        return mine.rpartition("]")[0], "open"
    if one.lost or whole[1]:
        return mine.rpartition("]")[0], "missing"
    if one.extra or not mine or whole[0]:
        return theirs.rpartition("]")[0], "extra"
    return mine.rpartition("]")[0], "matched"


def outcome(one: Beside, labelled: set[str], kinds: dict[str, str]) -> str:
    gold = one.gold.item["status"] if one.gold else None
    found = one.found.item["status"] if one.found else None
    if gold is None:
        steps = one.name.split(".")
        within = any(".".join(steps[: n + 1]) in labelled for n in range(len(steps)))
        return "fabricated" if one.extra and found == "reported" and within else "unscored"
    if gold == "unclear" or (found is None and gold != "reported"):
        return "unscored"
    if found == "unclear":
        return "unclear"
    if gold == "reported":
        return "missed" if found != "reported" else "correct" if one.agree and _strictly(one, kinds) else "wrong"
    return "fabricated" if found == "reported" else "not_reported"


def _strictly(one: Beside, kinds: dict[str, str]) -> bool:
    return bool(one.gold and one.found and same_value(kinds[one.name], one.found.item, one.gold.item, strict=True))
