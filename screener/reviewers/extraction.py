"""From proposed items to extracted ones: a value is only as good as the words it stands on.

Pure, and the same for every machine that extracts. A value whose quote is not in the documents, stands in their
references, or does not hold the number or name that it is to prove, is `unclear`: never reported.
"""

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ..core.judgement import Evidence, ItemAnswer, ItemStatus, Match
from ..core.messages import Readable
from ..documents import EvidenceTexts, Kind, Quote
from ..forms import ItemField, Vocabulary
from ..text import (
    SMALL,
    SUSPICIOUS,
    Mark,
    cue_spans,
    decimal_mark,
    denied,
    hostile_flags,
    in_unit,
    numbers_in,
    stands_in,
    tokens,
)
from .page_images import of_images

EXTRACTION_VERSION = "8"
"""Version of the rules below; part of the hash of everything that is derived by them."""


@dataclass(frozen=True)
class ProposedItem:
    """What a machine proposes for one item. `page` and the like are found by code, not proposed."""

    status: ItemStatus
    value: Any = None
    other: str | None = None
    quotes: tuple[Quote, ...] = ()
    reason: str = ""


def settle_item(item: ItemField, proposed: ProposedItem, sources: EvidenceTexts) -> ItemAnswer:
    """Return one proposal as an answer, with its quotes looked up and its value held against them."""
    evidence = tuple(sources.find(quote) for quote in proposed.quotes)
    problem = _fault_of_proposal(item, proposed, evidence, sources)
    if problem:
        reason = f"{proposed.reason}; {problem}" if proposed.reason else problem
        # What was proposed is kept for the human who decides; `unclear` says that it does not count.
        return ItemAnswer(
            status=ItemStatus.UNCLEAR, value=proposed.value, other=proposed.other, reason=reason, evidence=evidence
        )
    reported = proposed.status is ItemStatus.REPORTED
    return ItemAnswer(
        status=proposed.status,
        value=proposed.value if reported else None,
        other=proposed.other if reported else None,
        reason=proposed.reason,
        evidence=evidence,
    )


def _fault_of_proposal(
    item: ItemField, proposed: ProposedItem, evidence: Sequence[Evidence], sources: EvidenceTexts
) -> str:
    """Return why the proposal cannot stand, or the empty string."""
    if proposed.status is not ItemStatus.REPORTED:
        return "" if proposed.value in (None, [], "") else f"a value was given although it is {proposed.status}"
    if proposed.value in (None, [], ""):
        return "it is said to be reported, but no value was given"
    codes = proposed.value if isinstance(proposed.value, list) else [proposed.value]
    if item.coded and "other" in codes and not (proposed.other or "").strip():
        return "the value is `other`, and nothing says what that is"
    problem = ungrounded(evidence, sources) or _fault_of_value(item, proposed.value, evidence, sources)
    if (
        not problem
        and item.coded
        and "other" in codes
        and _numbers_beyond(proposed.other or "", quoted_text(evidence, sources))
    ):
        return f"the quote does not hold the number in “{proposed.other}”"
    return problem


def ungrounded(evidence: Sequence[Evidence], sources: EvidenceTexts) -> str:
    """Return why nothing can stand on these quotes, whatever it is, or the empty string."""
    if not evidence:
        return f"there is no quote{of_images(sources)}"
    for quote in evidence:
        if quote.status is Match.MISSING:
            return f"the quote {quote.named} is not in the documents{of_images(sources)}"
    for quote in evidence:
        if sources.of_others(quote):
            return f"the quote {quote.named} is from the references, about the work of others"
        if sources.is_hidden(quote):
            return f"the quote {quote.named} is text that cannot be seen on the page"
        if any(_for_machines(words) for words in quoted_text([quote], sources)):
            return f"the quote {quote.named} seems to be written for a machine, not for a reader"
    return ""


_PARTED = "\n|\n"
"""Between two quotes in which a number is looked for: `18,` and `885` of two places are no 18,885, nor is a unit theirs."""
_TELLING = tuple(f"{SUSPICIOUS}{mark}" for mark in ("instructions", "roles", "answers"))
"""The marks that count in a document: odd characters and markup come from the way its text was got."""


def _for_machines(words: str) -> tuple[str, ...]:
    return tuple(flag for flag in hostile_flags(words) if flag in _TELLING)


def suspicious(record: Readable, sources: EvidenceTexts) -> list[str]:
    """Return the flags where the record or its documents may hold text that is written for a machine."""
    flags = [*hostile_flags(record.title, record.abstract)]
    flags += [flag for document in sources.documents.values() for flag in _for_machines(document.text)]
    flags += [f"{SUSPICIOUS}hidden"][: sources.hidden]
    return list(dict.fromkeys(flags))


def quoted_text(evidence: Iterable[Evidence], sources: EvidenceTexts) -> list[str]:
    """Return the words at the places of the quotes: the source's own are asked, not the quoter's."""
    return [sources.texts[quote.document][quote.start : quote.end] for quote in evidence if quote.start is not None]


def _fault_of_value(item: ItemField, value: Any, evidence: Sequence[Evidence], sources: EvidenceTexts) -> str:
    """Return why the quotes do not hold the value, or the empty string."""
    words, mark = "\n".join(quoted_text(evidence, sources)), _decimal_mark(evidence, sources)
    if item.kind == "number":
        try:
            claimed = float(value)
        except OverflowError:  # a count of hundreds of digits, which no document holds
            return "the quote does not hold a number of that size"
        parted = _PARTED.join(quoted_text(evidence, sources))
        return "" if holds_number(parted, claimed, item, mark) else f"the quote does not hold the number {claimed:g}"
    if item.kind == "url":
        return "" if _holds_url(words, value, evidence, sources) else "the quote does not hold the URL"
    if item.coded:
        return _other_code(item, value if isinstance(value, list) else [value], words)
    if item.kind in ("text", "texts"):
        for part in value if isinstance(value, list) else [value]:
            if problem := _fault_of_text(str(part), quoted_text(evidence, sources), mark):
                return problem
    return ""


def _decimal_mark(evidence: Iterable[Evidence], sources: EvidenceTexts) -> Mark:
    """Return what the documents of the quotes put before decimals; nothing where they differ."""
    marks = {decimal_mark(sources.texts[quote.document]) for quote in evidence if quote.start is not None}
    return marks.pop() if len(marks) == 1 else ""


def _fault_of_text(text: str, quotes: Sequence[str], mark: Mark) -> str:
    """Return why the quotes do not say a text, or the empty string."""
    parts = stands_in(text, quotes, mark)
    if not parts or not all(parts):
        return f"the quote does not hold “{text}”"
    if any(all(_denied_here(quotes[number], start) for number, start in places) for places in parts):
        return f"the quote denies “{text}”"
    return ""


def holds_number(words: str, value: float, item: ItemField, mark: Mark = ".") -> bool:
    """Return whether a number in `words`, in one of the item's units, is `value`: as it is printed, neither rounded nor
    computed.

    Of an item without units the number itself suffices, whatever it is the number of.
    """
    return any(
        math.isclose(candidate, value, rel_tol=1e-9, abs_tol=1e-12)
        for line in words.split("\n\n")
        for number in numbers_in(line, mark)
        for candidate in (in_unit(number, item.quantity.units, line) if item.quantity else [number.scaled])
    )


def _holds_url(words: str, url: str, evidence: Sequence[Evidence], sources: EvidenceTexts) -> bool:
    plain = plain_url(url)
    # Lines break inside addresses. What goes on behind it is another address: `…/pulse` is not `…/pulseweave`.
    pattern = r"\s*".join(map(re.escape, plain))
    if re.search(rf"(?<![\w.-]){pattern}(?=/?[.,;:]*[)\]}}>\"'”’]*[.,;:]*(?:\s|$))", words, re.IGNORECASE):
        return True
    # A link may be behind words: then its address is an annotation of the page that the quote is on.
    return any(
        plain_url(document.text[block.start : block.end]) == plain
        for quote in evidence
        if (document := sources.documents.get(quote.document)) is not None and quote.page is not None
        for block in document.blocks_on(quote.page)
        if block.kind is Kind.LINK and not document.in_references(block.start)
    )


def plain_url(url: str) -> str:
    """Return a URL for comparing: without scheme, `www.`, a slash or full stop at the end, in lower case."""
    return re.sub(r"^(?:https?://)?(?:www\.)?|[/.,;)\s]+$", "", url.strip().casefold())


def _other_code(item: ItemField, codes: Iterable[Any], words: str) -> str:
    """Return why the quote says something else than the codes, or the empty string.

    A text need not use the words of a code, so that a quote without any of them proves nothing against it. But where
    the words of the code stand there only denied (`external validation was not done`), or the quote denies something
    and the vocabulary has a code for just that (`not released`), the code is not proved. Of a list, members for which
    there are no words beside members for which there are some are invented.
    """
    words = f"{words}\n\n{_HYPHENATED.sub('', words)}"  # words that a line end parts, and those that have a hyphen
    mentions = {member: list(_mentions(item, member, words)) for member in item.vocabulary or ()}
    negative = [
        m for m in mentions if 2 * sum(_DENIES.search(word) is not None for word in m.synonyms) > len(m.synonyms)
    ]
    claimed = [member for member in mentions if member in list(codes)]
    for member in claimed:
        if any(mentions[member]):
            continue
        if mentions[member]:
            return f"the quote denies “{member}”"
        if negative and member not in negative and member != "other" and _DENIES.search(words):
            return f"the quote denies something, which “{member}” does not"
        if (
            member in negative
            and not _DENIES.search(words)
            and any(any(mentions[m]) for m in mentions if m not in negative)
        ):
            return f"the quote does not deny anything, which “{member}” does"
        if (
            len(claimed) > 1
            and member != "other"
            and any(any(mentions[m]) for m in claimed)
            and not _hints(member, words)
        ):
            return f"the quote says nothing of “{member}”"
    return ""


def _hints(member: Vocabulary, words: str) -> bool:
    """Return whether at least one word of a code or of its synonyms stands there."""
    parts = {part for synonym in member.synonyms for part in re.split(r"[^\w*]+", synonym) if len(part) > 2}
    return any(True for _ in cue_spans(words, sorted(parts - SMALL)))


def _mentions(item: ItemField, member: Vocabulary, words: str) -> Iterator[bool]:
    """Of every place where the words of a code stand: whether they are affirmed.

    Words inside longer ones of another code (`transformer` in `convolutional transformer`) are none of its own.
    """
    others = [
        (start, end)
        for other in item.vocabulary or ()
        if other != member
        for start, end, _ in cue_spans(words, other.synonyms)
    ]
    for start, end, _ in cue_spans(words, member.synonyms):
        if not any(s <= start and end <= e and e - s > end - start for s, e in others):
            yield not _denied_here(words, start)


_DENIES = re.compile(r"\b(?:no|not(?!\s+only)|nor|none|never|neither|cannot|without)\b|n['’]t\b", re.IGNORECASE)
_BUT = re.compile(r"^\s*(?:stated|reported|given|known|specified)\b|\b(?:than|but|except)\b", re.IGNORECASE)
"""What, behind a negation, keeps it from what follows: it stands in a table's cell of its own, or exempts."""
_HYPHENATED = re.compile(r"(?<=[^\W\d_])[-\u00ad\ufffe]\n(?=[a-z])")


def _denied_here(words: str, start: int) -> bool:
    """Return whether a cue is denied in its own cell of a table.

    `no other drug than aspirin` does not deny the aspirin.
    """
    cell = max(words.rfind("\t", 0, start), words.rfind("\n\n", 0, start)) + 1
    if not denied(words[cell:], start - cell):
        return False
    negations = list(_DENIES.finditer(words, cell, start))
    return not negations or _BUT.search(words[negations[-1].end() : start]) is None


def holds_name(quotes: Sequence[str], name: str) -> bool:
    """Return whether a name is in the quotes."""
    parts = stands_in(name, quotes)
    return bool(parts) and all(parts)


def _numbers_beyond(text: str, quotes: Iterable[str]) -> bool:
    """Return whether `text` has a number that the quotes do not; what else it says is a reader's own wording."""
    quoted = [token for quote in quotes for token in tokens(quote)]
    return any(token.number and not any(token.same(other) for other in quoted) for token in tokens(text))
