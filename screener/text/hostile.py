"""Marks of text that speaks to a machine instead of a reader. They are flags for people, never reasons to decide."""

import re
from functools import lru_cache

from .injections import orders

SUSPICIOUS = "suspicious_"
"""How the flags begin."""

# Beside the orders of `injections`: words that come up with them. Each pattern with words of which one must be there.
_SPEAKS_TO_MACHINE: tuple[tuple[tuple[str, ...], re.Pattern[str]], ...] = tuple(
    (words, re.compile(pattern, re.IGNORECASE | re.DOTALL | re.MULTILINE))
    for words, pattern in (
        (("you are",), r"\byou are (?:now |an? )?(?:an? )?(?:ai|assistant|language model|chatbot|screener|reviewer)\b"),
        (("system", "developer"), r"\b(?:system|developer) (?:(?:prompt|message)\s*:|override\b)"),
        (("answer",), r"\bset (?:every|all|each) answers?\b"),
        (("from now on",), r"\bfrom now on,? you\b"),
        (("excluding this",), r"\bexcluding this (?:record|paper|study|article) (?:will|would|is|may)\b"),
        (
            ("end of", "end_of", "begin"),
            r"(?:^|[-#*=<\[.]\s*)(?:end|begin(?:ning)?)[ _]of[ _](?:the )?(?:record|data|abstract|input|prompt|instructions?|document|system)\s*(?:$|[-#*=>\].:])",
        ),
        (("decode",), r"\bdecode (?:and|then) (?:obey|follow|execute|run)\b"),
    )
)
_ROLE = re.compile(
    r"<\|?(?:im_start|im_end|system|user|assistant|endoftext)\|?>|\[/?INST\]|<</?SYS>>"
    r"|^\s*(?:system|assistant|user|human|tool|function_call)\s*:"
    r"|(?-i:(?:[.!?\]\)\"'”]\s+|[-#*=>]\s*)(?:SYSTEM|ASSISTANT|USER|HUMAN|DEVELOPER|ADMIN)\s*:)"
    r"|(?-i:(?:^|[.!?。！？]\s*)(?:SYSTÈME|SISTEMA|СИСТЕМА|系统|系統|システム|시스템)\s*[:：])"
    r"|[<＜〈‹《⟨]\s*[/／]?\s*(?:record|title|abstract|instructions?|criteri(?:a|on)|passages?|example|document|prompt|answer)"
    r"(?:[-_ ‐-―]?[\w.]{1,40})?\s*[/／]?\s*[>＞〉›》⟩]|&lt;/?\s*(?:record|abstract|instructions?)\b"
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


@lru_cache(maxsize=2048)  # an ensemble's members read the same record one after the other
def _speaks_to_machine(text: str) -> bool:
    plain = text.lower()
    if any(pattern.search(text) for words, pattern in _SPEAKS_TO_MACHINE if any(word in plain for word in words)):
        return True
    return next(orders(text), None) is not None
