"""JSON objects that name a key twice. RFC 8259 leaves open what that means; Python's json keeps the last in silence."""

import json
from typing import Any


class ContradictionError(Exception):
    """An object names a key twice, with different values."""

    def __init__(self, key: str, values: tuple[Any, Any]) -> None:
        """`values` are the two that differ."""
        shown = (json.dumps(value, ensure_ascii=False)[:60] for value in values)
        super().__init__(f"it gives {json.dumps(key, ensure_ascii=False)[:60]} twice, as {' and '.join(shown)}")


def same_json(one: Any, other: Any) -> bool:
    """Return whether two parsed values are the same JSON: 1 is neither `true` nor 1.0, the order of keys does not count."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def unambiguous(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object for its pairs, for `object_pairs_hook`; `ContradictionError` where a key has two values."""
    found = dict(pairs)
    if len(found) < len(pairs):
        for key, value in pairs:
            if not same_json(value, found[key]):
                raise ContradictionError(key, (value, found[key]))
    return found
