"""From proposed items to extracted ones: a value is only as good as the words it stands on.

Pure, and the same for every machine that extracts. A value whose quote is not in the documents, stands in their
references, or does not hold the number or name that it is to prove, is `unclear`: never reported.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .evidence import Quote, Sources
from .forms.walk import ItemField
from .judgement import Decision, Evidence, ItemAnswer, ItemStatus, Judgement, Match
from .text.cues import cue_spans, denied
from .text.normalise import normalise
from .text.numbers import Number, numbers_in

EXTRACTION_VERSION = "1"
"""Version of the rules below; part of the hash of everything that is derived by them."""
TOLERANCE = 0.005
"""How far, as a share, a value may be from the number in its quote: rounding, not another number."""


@dataclass(frozen=True)
class ProposedItem:
    """What a machine proposes for one item. `page` and the like are found by code, not proposed."""

    status: ItemStatus
    value: Any = None
    other: str | None = None
    quotes: tuple[Quote, ...] = ()
    reason: str = ""


def settle_item(item: ItemField, proposed: ProposedItem, sources: Sources) -> ItemAnswer:
    """One proposal as an answer, with its quotes looked up and its value held against them."""
    evidence = tuple(sources.find(quote) for quote in proposed.quotes)
    why = _against(item, proposed, evidence, sources)
    if why:
        reason = f"{proposed.reason}; {why}" if proposed.reason else why
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


def _against(item: ItemField, proposed: ProposedItem, evidence: Sequence[Evidence], sources: Sources) -> str:
    """Why the proposal cannot stand, or the empty string."""
    if proposed.status is not ItemStatus.REPORTED:
        return "" if proposed.value in (None, [], "") else f"a value was given although it is {proposed.status}"
    if proposed.value in (None, [], ""):
        return "it is said to be reported, but no value was given"
    if not evidence:
        return "there is no quote"
    if any(one.status is Match.MISSING for one in evidence):
        return "a quote is not in the documents"
    if any(sources.of_others(one) for one in evidence):
        return "a quote is from the references, about the work of others"
    return _unproved(item, proposed.value, evidence, sources)


def _unproved(item: ItemField, value: Any, evidence: Sequence[Evidence], sources: Sources) -> str:
    """Why the quotes do not hold the value, or the empty string. The source's own words are asked, not the quoter's."""
    words = "\n".join(sources.texts[one.document][one.start : one.end] for one in evidence)
    if item.kind == "number":
        return "" if holds_number(words, value, item) else f"the quote does not hold the number {value:g}"
    if item.kind == "url":
        return "" if _holds_url(words, value, evidence, sources) else "the quote does not hold the URL"
    if item.kind in ("code", "codes"):
        return _denied(item, value if isinstance(value, list) else [value], words)
    if item.kind in ("text", "texts"):
        for part in value if isinstance(value, list) else [value]:
            if not _holds_name(words, str(part)):
                return f"the quote does not hold “{part}”"
    return ""


def holds_number(words: str, value: float, item: ItemField) -> bool:
    """Whether a number in `words`, in one of the item's units, is `value`."""
    units = item.quantity.units if item.quantity else {"": 1.0}
    return any(_close(candidate, value) for number in numbers_in(words) for candidate in in_unit(number, units))


def in_unit(number: Number, units: Mapping[str, float]) -> list[float]:
    """What a number may mean in the item's own unit: with the unit that follows it, or bare where that is allowed.

    A unit in words goes before a bare number: `40 million` is not 40.
    """
    named = [factor for unit, factor in units.items() if unit and number.followed_by(unit)]
    if named:
        return [number.value * factor for factor in named]
    return [number.value * units[""]] if "" in units else [number.value]


def _close(candidate: float, value: float) -> bool:
    return abs(candidate - value) <= TOLERANCE * max(abs(value), abs(candidate)) or candidate == value


def _holds_url(words: str, url: str, evidence: Sequence[Evidence], sources: Sources) -> bool:
    wanted = plain_url(url)
    if wanted in re.sub(r"\s+", "", words).casefold():
        return True
    # A link may be behind words: then its address is an annotation of the page that the quote is on.
    return any(
        plain_url(link.uri) == wanted
        for one in evidence
        if (document := sources.documents.get(one.document)) is not None
        for link in document.links
        if link.page == one.page
    )


def plain_url(url: str) -> str:
    """A URL for comparing: without scheme, `www.`, a slash or full stop at the end, in lower case."""
    return re.sub(r"^(?:https?://)?(?:www\.)?|[/.,;)\s]+$", "", url.strip().casefold())


def _denied(item: ItemField, codes: Iterable[Any], words: str) -> str:
    """A code whose every mention in the quote is denied (`weights are not released`) is not proved by it."""
    for code in codes:
        member = next((m for m in item.vocabulary or () if m == code), None)
        spans = list(cue_spans(words, member.synonyms)) if member is not None else []
        if spans and all(denied(words, start) for start, _, _ in spans):
            return f"the quote denies “{code}”"
    return ""


def _holds_name(words: str, value: str) -> bool:
    """Whether the words of a name or phrase are in the quote: every number, and nearly every word that carries it."""
    said = set(_tokens(words))
    wanted = _tokens(value)
    if not wanted:
        return False
    missing = [token for token in wanted if token not in said]
    return not any(any(c.isdigit() for c in token) for token in missing) and len(missing) <= len(wanted) // 5


def _tokens(text: str) -> list[str]:
    return [token for token in re.findall(r"\w+", normalise(text).text) if token not in _SMALL]


_SMALL = frozenset({"a", "an", "the", "of", "and", "or", "in", "on", "for", "with", "to", "by", "from", "at"})


def conclude(items: Mapping[str, ItemAnswer], flags: Iterable[str] = (), unread: Iterable[str] = ()) -> Judgement:
    """The judgement of an extraction: `include` where every item is settled, `unclear` where one needs a human."""
    unclear = [path for path, item in items.items() if item.status is ItemStatus.UNCLEAR]
    return Judgement(
        decision=Decision.UNCLEAR if unclear else Decision.INCLUDE,
        items=dict(items),
        reason=f"{len(unclear)} of {len(items)} items need a look" if unclear else "",
        flags=tuple(flags),
        unread=tuple(unread),
    )
