"""Whether what an extraction stands on is there, and whether it leads to the place that gold names."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from .bootstrap import RESAMPLES, SEED
from .clustered import ratio_by_study
from .intervals import Estimate, wilson
from .items import ScoredItem

Place = tuple[str, int | None, int | None, int | None]
"""Document, page, start and end of a quote: 1-based page, character offsets into the document's text."""

_FOUND = ("exact", "normalized", "fuzzy")


def quote_validity(statuses: Iterable[str], *, level: float = 0.95) -> Estimate:
    """Return the share of the given quotes that were found in their source, with Wilson's interval.

    `statuses` has one a quote: `exact`, `normalized` and `fuzzy` are found, `missing` is not; others raise ValueError.
    Not defined without quotes.
    """
    counts = Counter(str(status) for status in statuses)
    if unknown := set(counts).difference(_FOUND, ["missing"]):
        raise ValueError(f"no match status of a quote: {', '.join(sorted(unknown))}")
    return wilson(sum(counts[status] for status in _FOUND), counts.total(), level=level)


def same_place(extracted: Place, gold: Place) -> bool:
    """Return whether two places are one: same document, and half of the shorter span or more lies in the other.

    Offsets count through the whole document, so pages decide only where a span is not known: they must then be equal.
    A place without span and page is nowhere.
    """
    (document, page, start, end), (gold_document, gold_page, gold_start, gold_end) = extracted, gold
    if document != gold_document:
        return False
    if start is None or end is None or gold_start is None or gold_end is None:
        return page is not None and page == gold_page
    shorter = min(end - start, gold_end - gold_start)
    return shorter > 0 and 2 * (min(end, gold_end) - max(start, gold_start)) >= shorter


def evidence_hits(
    scored: Iterable[ScoredItem],
    extracted: Mapping[str, Sequence[Place]],
    gold: Mapping[str, Sequence[Place]],
    *,
    first: int = 3,
) -> list[bool]:
    """Return whether one of the `first` places of an extracted item is one of gold's, for each item of a study.

    Places are by path. Counted are the items that gold reports and gives a place for; whatever the extraction says of
    them (a right place helps a human where the item is unclear), and a miss where it has no such item.
    """
    return [
        any(
            same_place(place, gold_place)
            for place in extracted.get(item.extracted or "", ())[:first]
            for gold_place in places
        )
        for item in scored
        if item.expected and (places := gold.get(item.gold or "", ()))
    ]


def evidence_at_3(
    hits: Iterable[Sequence[bool]], *, level: float = 0.95, resamples: int = RESAMPLES, seed: int = SEED
) -> Estimate:
    """Return the share of the items that gold reports whose first three places hold gold's, with an interval by study.

    `hits` has a study's `evidence_hits` each. Not defined without such items.
    """
    studies = [list(study) for study in hits]
    return ratio_by_study(
        [sum(study) for study in studies],
        [len(study) for study in studies],
        level=level,
        resamples=resamples,
        seed=seed,
    )
