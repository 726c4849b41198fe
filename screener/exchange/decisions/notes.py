"""Decisions in the notes of a record, where Rayyan and ASReview keep them."""

import json
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from ...core.errors import BadInput
from ...ledger import PEOPLE
from .decision_file import Opinion, decision_of

_INCLUSION = re.compile(r"RAYYAN-INCLUSION: *\{(.*?)\}", re.DOTALL)
_PERSON = re.compile(r'"((?:[^"\\]|\\.)*)" *=> *"(Included|Excluded|Maybe)"')
_REASONS = re.compile(r"RAYYAN-EXCLUSION-REASONS: *([^|]*)")
_OWN = "SCREENER-JUDGEMENTS: "
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
            with suppress(ValueError, RecursionError):
                value = json.loads(match.group(2))
            fields[match.group(1)] = _sound(str(value)) if value else ""
    decision = decision_of(word)
    assert decision is not None
    return (Opinion(decision, fields["user_name"] or None, reason=fields["note"]),)


def own_note(stage: str, record: str, judgements: Sequence[Mapping[str, Any]]) -> str:
    """Return everybody's judgements of a record as one note, which other tools keep as it is.

    It has no character that a tool could take for markup.
    """
    content = {"stage": stage, "record": record, "judgements": list(judgements)}
    text = json.dumps(content, separators=(",", ":"))
    return _OWN + "".join(f"\\u{ord(mark):04x}" if mark in "<>&|" else mark for mark in text)


def read_own_note(notes: Sequence[str], stage: str) -> tuple[str, tuple[Opinion, ...]]:
    """Return the record and the opinions of the note that `own_note` wrote at a stage; nothing where there is none."""
    for note in notes:
        _, mark, text = note.partition(_OWN.strip())
        if not mark:
            continue
        try:
            content, _ = json.JSONDecoder().raw_decode(text.strip())
            if content["stage"] == stage:
                return str(content["record"]), tuple(_own_opinion(judgement) for judgement in content["judgements"])
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise BadInput("the note of screener in this record is damaged; export the file again") from None
    return "", ()


def _own_opinion(judgement: Mapping[str, Any]) -> Opinion:
    decision = decision_of(judgement["decision"])
    if decision is None or judgement["role"] not in PEOPLE:
        raise ValueError
    answers = {str(name): str(word) for name, word in judgement.get("answers", {}).items()}
    reviewer, reason = _sound(str(judgement["reviewer"])), _sound(str(judgement.get("reason", "")))
    return Opinion(decision, reviewer, judgement["role"], reason, answers)


def _sound(text: str) -> str:
    """Return a text that came out of JSON without halves of surrogate pairs, which no file can hold."""
    return text.encode("utf-8", "replace").decode()


def together(own: Sequence[Opinion], rayyan_opinions: Sequence[Opinion]) -> tuple[Opinion, ...]:
    """Return our own opinions, but of a person who decides otherwise in Rayyan's note what stands there: it is newer."""
    newer = {opinion.reviewer: opinion for opinion in rayyan_opinions}
    present = {quotable(opinion.reviewer or ""): opinion for opinion in own if opinion.role == "human"}
    changed = [
        opinion for name, opinion in newer.items()
        if name not in present or present[name].decision is not opinion.decision
    ]  # fmt: skip
    replaced = {opinion.reviewer for opinion in changed}
    kept = [o for o in own if o.role != "human" or quotable(o.reviewer or "") not in replaced]
    return (*kept, *changed)


def quotable(name: str) -> str:
    """Return a name as it stands in Rayyan's note, without what would end the list of names."""
    return name.replace("\\", "").replace("}", ")")


def is_asreview(notes: Sequence[str]) -> bool:
    """Return whether notes were written by ASReview."""
    return any(_ASREVIEW.search(note) for note in notes)
