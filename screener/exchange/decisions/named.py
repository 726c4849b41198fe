"""Who decided in a file: everybody is named, as the file or the user says."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from ...core.errors import BadInput
from .decision_file import DecisionFile, Opinion, person_of


def with_names(path: Path, file: DecisionFile, reviewer: str | None) -> DecisionFile:
    """Return the same with everybody named, and only the reviewer asked for where the file names several.

    `reviewer` is a name, or with its role `NAME:adjudicator`. A role that is given holds for what the file says of that
    person, unless it says itself which of it are adjudications. Raises `BadInput` where nobody is named, or nobody of
    that name.
    """
    if reviewer is None:
        if any(opinion.reviewer is None for opinion in _opinions(file)):
            raise BadInput(f"{path}: does not name who decided; name them with --reviewer NAME")
        return file
    name, role = person_of(reviewer, "--reviewer")
    given = ":" in reviewer
    names = list(dict.fromkeys(opinion.reviewer for opinion in _opinions(file)))
    named = [other for other in names if other is not None]
    if len(named) > 1 and name not in named:
        raise BadInput(f"--reviewer: {path} names {', '.join(named)}; take one of them, or all without --reviewer")
    meant = {name} if len(named) > 1 else {None, *(named if len(names) == 1 else ())}
    roles = {opinion.role for opinion in _opinions(file) if opinion.reviewer in meant}

    def renamed(opinion: Opinion) -> tuple[Opinion, ...]:
        if opinion.reviewer not in meant:
            return () if len(named) > 1 else (opinion,)
        if given and "adjudicator" in roles:
            return (replace(opinion, reviewer=name),) if opinion.role == role else ()
        return (replace(opinion, reviewer=name, role=role if given else opinion.role),)

    return _each(file, renamed)


def _opinions(file: DecisionFile) -> list[Opinion]:
    return [opinion for row in file.rows for opinion in row.opinions]


def _each(file: DecisionFile, change: Callable[[Opinion], tuple[Opinion, ...]]) -> DecisionFile:
    rows = tuple(
        replace(row, opinions=tuple(new for opinion in row.opinions for new in change(opinion))) for row in file.rows
    )
    return replace(file, rows=rows)
