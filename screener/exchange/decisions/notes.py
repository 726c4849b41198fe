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
    """Return everybody's decision in a Rayyan note. The reasons are not divided by person there: excluders share them."""
    match = _INCLUSION.search(note)
    if match is None:
        return ()
    reasons = _REASONS.search(note)
    reason = ", ".join(part.strip() for part in reasons.group(1).split(",") if part.strip()) if reasons else ""
    opinions = []
    for name, word in _PERSON.findall(match.group(1)):
        decision = decision_of(word)
        if decision is not None:
            opinions.append(
                Opinion(decision, name.replace('\\"', '"').strip(), reason=reason if word == "Excluded" else "")
            )
    return tuple(opinions)


def is_rayyan(note: str) -> bool:
    """Return whether a note was written by Rayyan."""
    return "RAYYAN-INCLUSION" in note


def asreview(notes: Sequence[str]) -> tuple[Opinion, ...]:
    """Return the decision in the notes of an ASReview RIS export; none for a record that was not seen."""
    word = next((match.group(1) for note in notes if (match := _ASREVIEW.search(note))), None)
    if word is None or word == "not_seen":
        return ()
    fields = {"user_name": "", "note": ""}
    for note in notes:
        if (match := _ASREVIEW_FIELD.match(note.strip())) is not None:
            value: object = match.group(2)
            with suppress(ValueError):
                value = json.loads(match.group(2))
            fields[match.group(1)] = str(value) if value else ""
    decision = decision_of(word)
    assert decision is not None
    return (Opinion(decision, fields["user_name"] or None, reason=fields["note"]),)


def is_asreview(notes: Sequence[str]) -> bool:
    """Return whether notes were written by ASReview."""
    return any(_ASREVIEW.search(note) for note in notes)
