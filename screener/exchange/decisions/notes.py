"""Decisions in the notes of a record, where Rayyan and ASReview keep them."""

import json
import re
from collections.abc import Sequence
from contextlib import suppress

from .decision_file import Opinion, decision_of

_INCLUSION = re.compile(r"RAYYAN-INCLUSION: *\{(.*?)\}", re.DOTALL)
_PERSON = re.compile(r'"((?:[^"\\]|\\.)*)" *=> *"(Included|Excluded|Maybe)"')
_REASONS = re.compile(r"RAYYAN-EXCLUSION-REASONS: *([^|]*)")
_ASREVIEW = re.compile(r"\bASReview_(relevant|irrelevant|not_seen)\b")
_ASREVIEW_FIELD = re.compile(r"^asreview_(user_name|note): *(.+)$", re.DOTALL)


def rayyan(note: str) -> tuple[Opinion, ...]:
    """Everybody's decision in a Rayyan note. The reasons are not divided by person there: excluders share them."""
    found = _INCLUSION.search(note)
    if found is None:
        return ()
    told = _REASONS.search(note)
    reason = ", ".join(part.strip() for part in told.group(1).split(",") if part.strip()) if told else ""
    made = []
    for name, word in _PERSON.findall(found.group(1)):
        decision = decision_of(word)
        if decision is not None:
            made.append(
                Opinion(decision, name.replace('\\"', '"').strip(), reason=reason if word == "Excluded" else "")
            )
    return tuple(made)


def is_rayyan(note: str) -> bool:
    """Whether a note was written by Rayyan."""
    return "RAYYAN-INCLUSION" in note


def asreview(notes: Sequence[str]) -> tuple[Opinion, ...]:
    """The decision in the notes of an ASReview RIS export; none for a record that was not seen."""
    word = next((found.group(1) for note in notes if (found := _ASREVIEW.search(note))), None)
    if word is None or word == "not_seen":
        return ()
    said = {"user_name": "", "note": ""}
    for note in notes:
        if (found := _ASREVIEW_FIELD.match(note.strip())) is not None:
            value: object = found.group(2)
            with suppress(ValueError):
                value = json.loads(found.group(2))
            said[found.group(1)] = str(value) if value else ""
    decision = decision_of(word)
    assert decision is not None
    return (Opinion(decision, said["user_name"] or None, reason=said["note"]),)


def is_asreview(notes: Sequence[str]) -> bool:
    """Whether notes were written by ASReview."""
    return any(_ASREVIEW.search(note) for note in notes)
