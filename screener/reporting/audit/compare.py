"""Two figures documents side by side, leaf by leaf."""

import math
from dataclasses import dataclass, field
from typing import Any

from .earlier import came_later

TOLERANCE = 1e-9
"""How far a number may be off: absolutely up to 1, beyond it in proportion."""
MOST = 1_000
"""How many differences are kept one by one."""

Path = tuple[str, ...]


@dataclass(frozen=True)
class Difference:
    """A leaf that is not the same. `path` leads to it, such as `stages.abstract.accuracy.0.estimates.recall.low`."""

    path: str
    recorded: Any
    recomputed: Any

    def as_json(self) -> dict[str, Any]:
        """Return it as `check --audit --json` lists it."""
        return {"path": self.path, "recorded": self.recorded, "recomputed": self.recomputed}


@dataclass
class LeafComparison:
    """How many leaves were compared, numbers and others, and those that differ."""

    numbers: int = 0
    words: int = 0
    different: list[Difference] = field(default_factory=list)


ABSENT = "(absent)"


def compare(
    recorded: Any, recomputed: Any, *, left_out: tuple[Path, ...] = (), additions: bool = False
) -> LeafComparison:
    """Compare two JSON documents but for what stands under a path of `left_out`.

    With `additions` keys that only the recomputed one has are no difference: a later version may say more.
    """
    if additions:
        recomputed = _without_additions(recorded, recomputed)
    comparison = LeafComparison()
    _walk(comparison, recorded, recomputed, (), frozenset(left_out))
    return comparison


def _without_additions(recorded: Any, recomputed: Any) -> Any:
    if isinstance(recorded, dict) and isinstance(recomputed, dict):
        return {key: _without_additions(recorded[key], value) for key, value in recomputed.items() if key in recorded}
    if isinstance(recorded, list) and isinstance(recomputed, list):
        paired = [_without_additions(*pair) for pair in zip(recorded, recomputed, strict=False)]
        return paired + recomputed[len(paired) :]
    return recomputed


def _walk(comparison: LeafComparison, recorded: Any, recomputed: Any, path: Path, left_out: frozenset[Path]) -> None:
    if path in left_out:
        return
    if isinstance(recorded, dict) and isinstance(recomputed, dict):
        for key in dict.fromkeys([*recorded, *recomputed]):
            if key not in recorded and came_later((*path, str(key))):
                continue
            _walk(comparison, recorded.get(key, ABSENT), recomputed.get(key, ABSENT), (*path, str(key)), left_out)
        return
    if isinstance(recorded, list) and isinstance(recomputed, list):
        for index in range(max(len(recorded), len(recomputed))):
            first = recorded[index] if index < len(recorded) else ABSENT
            second = recomputed[index] if index < len(recomputed) else ABSENT
            _walk(comparison, first, second, (*path, str(index)), left_out)
        return
    if is_number(recorded):
        comparison.numbers += 1
        equal = is_number(recomputed) and math.isclose(recorded, recomputed, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    else:
        comparison.words += 1
        equal = type(recorded) is type(recomputed) and recorded == recomputed
    if not equal and len(comparison.different) < MOST:
        comparison.different.append(Difference(".".join(path), _short(recorded), _short(recomputed)))


def is_number(value: Any) -> bool:
    """Return whether a leaf is a number; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def numbers(document: Any) -> int:
    """Return how many numbers a document has."""
    if isinstance(document, dict | list):
        return sum(map(numbers, document.values() if isinstance(document, dict) else document))
    return int(is_number(document))


def graft(source: Any, target: Any, path: Path) -> Any:
    """Put what stands at a path of `source` into `target`, and return it; nothing where either has no such place."""
    for key in path[:-1]:
        source, target = (node.get(key) if isinstance(node, dict) else None for node in (source, target))
    if isinstance(source, dict) and isinstance(target, dict) and path[-1] in source:
        target[path[-1]] = source[path[-1]]
        return source[path[-1]]
    return None


def _short(value: Any) -> Any:
    """Return a leaf as it is, anything larger as the beginning of its text."""
    if isinstance(value, dict | list | str):
        text = str(value)
        return text if len(text) <= 200 else f"{text[:200]}…"
    return value
