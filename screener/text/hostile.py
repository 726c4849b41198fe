"""Marks of text that speaks to a machine instead of a reader. They are flags for people, never reasons to decide."""

import re

SUSPICIOUS = "suspicious_"
"""How the flags begin."""

# Each pattern with words of which one must be there: looking for those first is ten times as quick as the pattern.
_SPEAKS_TO_MACHINE: tuple[tuple[tuple[str, ...], re.Pattern[str]], ...] = tuple(
    (words, re.compile(pattern, re.IGNORECASE | re.DOTALL))
    for words, pattern in (
        (
            ("ignore", "disregard", "forget", "override"),
            r"\b(?:ignore|disregard|forget|override)\b.{0,40}\b(?:instruction|prompt|criteri|previous|above|rule)",
        ),
        (
            ("answer", "respond", "reply", "output"),
            r"\b(?:answer|respond|reply|output)\b.{0,30}\b(?:yes|include|eligible)\b.{0,40}"
            r"\b(?:criteri|every|all|each|question)",
        ),
        (
            ("you are",),
            r"\byou are (?:now |an? )?(?:an? )?(?:ai|assistant|language model|chatbot|screener|reviewer)\b",
        ),
        (("system", "developer"), r"\b(?:system|developer) (?:prompt|message|override)\b"),
        (
            ("note", "message", "instruction", "attention"),
            r"\b(?:note|message|instructions?|attention) (?:to|for) (?:the |any |all )?"
            r"(?:ai|llm|language model|model|machine|screener|automated)",
        ),
        (("instruction",), r"\b(?:reviewer|screener|new|updated|hidden) instructions?\b"),
        (("answer",), r"\bset (?:every|all|each) answers?\b"),
        (("from now on",), r"\bfrom now on,? you\b"),
        (("excluding this",), r"\bexcluding this (?:record|paper|study|article) (?:will|would|is|may)\b"),
        (("end of",), r"\bend of (?:the )?(?:record|data|abstract|input|prompt)\b"),
        (("decode",), r"\bdecode (?:and|then) (?:obey|follow|execute|run)\b"),
        (("忽略", "無視して", "무시하", "تجاهل", "игнорируй"), "忽略|無視して|무시하|تجاهل|игнорируй"),
        (("ignor",), r"ignor(?:iere|ez|a|e) (?:alle|toutes|todas|le|las|les|tutte)"),
    )
)
_ROLE = re.compile(
    r"<\|?(?:im_start|im_end|system|user|assistant|endoftext)\|?>|\[/?INST\]|<</?SYS>>"
    r"|^\s*(?:system|assistant|user|human|tool|function_call)\s*:|</?(?:record|title|abstract|instructions?)(?:-\w+)?>"
    r"|</?(?:tool_call|function_call|tool_use|invoke)\b",
    re.IGNORECASE | re.MULTILINE,
)
_ANSWER = re.compile(
    r"\"(?:answer|decision|quote|verdict|include)\"\s*:\s*\"|\{[^{}]{0,200}\"signal\"\s*:", re.IGNORECASE
)
_HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|[\u0300-\u036f]{3}|[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\U000e0000-\U000e007f]"
)
_MARKUP = re.compile(
    r"<\s*(?:script|iframe|img|svg|object|style)\b|javascript:|^```|\{\{.*?\}\}|\{%.*?%\}|^[=+@]\w*\(|\+cmd\||\bcmd\|",
    re.IGNORECASE | re.MULTILINE,
)
_MIXED = re.compile(r"\b(?=\w*[a-z])(?=\w*[\u0400-\u04ff])\w+\b", re.IGNORECASE)


def hostile_flags(*texts: str) -> tuple[str, ...]:
    """Return the flags for texts that may be written for a machine: `instructions`, `roles`, `answers`, `hidden`,
    `markup`, `letters` (words of two alphabets).

    A harmless text may be flagged (a paper about prompts); nothing follows from a flag but that a person looks.
    """
    marks = {
        "roles": _ROLE,
        "answers": _ANSWER,
        "hidden": _HIDDEN,
        "markup": _MARKUP,
        "letters": _MIXED,
    }
    names = ["instructions"] if any(map(_speaks_to_machine, texts)) else []
    names += [name for name, mark in marks.items() if any(mark.search(text) for text in texts)]
    return tuple(f"{SUSPICIOUS}{name}" for name in names)


def _speaks_to_machine(text: str) -> bool:
    plain = text.lower()
    return any(pattern.search(text) for words, pattern in _SPEAKS_TO_MACHINE if any(word in plain for word in words))
