"""The recorded document beside the one that is made anew: every number must be there, and be the same."""

import math
from collections.abc import Iterator
from fnmatch import fnmatch
from typing import Any

Path = tuple[str | int, ...]


def numeric_leaves(document: Any, path: Path = ()) -> Iterator[tuple[Path, float]]:
    """Every number of a document with the way to it; true and false are none."""
    if isinstance(document, dict):
        for key, value in document.items():
            yield from numeric_leaves(value, (*path, key))
    elif isinstance(document, list):
        for at, value in enumerate(document):
            yield from numeric_leaves(value, (*path, at))
    elif isinstance(document, int | float) and not isinstance(document, bool):
        yield path, document


def compared(recorded: Any, made: Any, allowed: dict[str, str]) -> tuple[int, list[str], list[str]]:
    """How many numbers are the same; those that differ; those that nobody has made anew and no pattern of `allowed` names.

    A number that was made anew and is not in the recorded document differs too.
    """
    there, anew = dict(numeric_leaves(recorded)), dict(numeric_leaves(made))
    different, strange, same = [], [], 0
    for path, value in there.items():
        name = ".".join(map(str, path))
        if path not in anew:
            if not any(fnmatch(name, pattern) for pattern in allowed):
                strange.append(f"{name} = {value}")
        elif math.isclose(value, anew[path], rel_tol=1e-9, abs_tol=1e-9):
            same += 1
        else:
            different.append(f"{name}: {value} recorded, {anew[path]} made anew")
    different += [f"{'.'.join(map(str, path))}: {anew[path]} made anew, not recorded" for path in anew.keys() - there]
    return same, different, strange
