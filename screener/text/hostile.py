"""Marks of text that speaks to a machine instead of a reader. They are flags for people, never reasons to decide."""

import re

_SPEAKS_TO_MACHINE = re.compile(
    r"\b(?:ignore|disregard|forget|override)\b.{0,40}\b(?:instruction|prompt|criteri|previous|above|rule)"
    r"|\b(?:answer|respond|reply|output)\b.{0,30}\b(?:yes|include|eligible)\b.{0,40}\b(?:criteri|every|all|each|question)"
    r"|\byou are (?:now |an? )?(?:an? )?(?:ai|assistant|language model|chatbot|screener|reviewer)\b"
    r"|\b(?:system|developer) (?:prompt|message|override)\b"
    r"|ignor(?:iere|ez|a|e) (?:alle|toutes|todas|le|las|les|tutte)",
    re.IGNORECASE | re.DOTALL,
)
_ROLE = re.compile(
    r"<\|?(?:im_start|im_end|system|user|assistant|endoftext)\|?>|\[/?INST\]|<</?SYS>>"
    r"|^\s*(?:system|assistant|user|human)\s*:|</?(?:record|title|abstract|instructions?)(?:-\w+)?>"
    r"|</?(?:tool_call|function_call|tool_use|invoke)\b",
    re.IGNORECASE | re.MULTILINE,
)
_ANSWER = re.compile(r"\{[^{}]{0,200}\"(?:answer|decision|quote|verdict|signal|include)\"\s*:", re.IGNORECASE)
_HIDDEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\U000e0000-\U000e007f]")
_MARKUP = re.compile(r"<\s*(?:script|iframe|img|svg|object|style)\b|javascript:|^```", re.IGNORECASE | re.MULTILINE)


def hostile_flags(*texts: str) -> tuple[str, ...]:
    """Flags for texts that may be written for a machine: `instructions`, `roles`, `answers`, `hidden`, `markup`.

    A harmless text may be flagged (a paper about prompts); nothing follows from a flag but that a person looks.
    """
    marks = {
        "instructions": _SPEAKS_TO_MACHINE,
        "roles": _ROLE,
        "answers": _ANSWER,
        "hidden": _HIDDEN,
        "markup": _MARKUP,
    }
    return tuple(f"suspicious_{name}" for name, mark in marks.items() if any(mark.search(text) for text in texts))
