"""Columns of style: what kind of paper a record is, which tf-idf cannot see because it weighs each word alone.

They are the same for every review. Which columns help was tried on nine labelled reviews (docs/explanation/ranking.md).
"""

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from .features import Text

_KINDS = {
    "randomised": r"randomi[sz]|double.blind|placebo|\brct\b|allocat",
    "trial": r"\b(?:trials?|groups?|arms?|cohorts?)\b",
    "compared": r"\b(?:versus|vs)\b|compar|head.to.head|superior|inferior",
    "systematic": r"systematic|meta.?analy|mapping stud|literature search",
    "overview": r"\b(?:reviews?|letter)\b|overview|editorial|commentary|guideline|perspective",
    "case": r"case reports?|case series|we report a|\ba case of\b",
    "laboratory": r"\b(?:mice|mouse|rats?|animals?|cells?|dogs?)\b|in vitro",
    "statistics": r"\b(?:p ?[<=>]|ci\b|n ?=)|95 ?%|odds ratio|confidence interval|hazard ratio|significan",
    "harms": r"adverse|side effects?|safety|tolerab|toxic|harms?\b",
    "genetic": r"\b(?:gen(?:e|es|etic|etics|otypes?)|snps?)\b|polymorphism|allele|variants?\b",
    "follow-up": r"\b(?:controls?|weeks?|months?)\b|baseline|follow.?up",
    "empirical": r"empirical|experiment|evaluat|case stud|survey|\bresults? show",
}
# On text in lower case: a pattern that heeds no case takes twice as long.
_PATTERNS = tuple(re.compile(pattern) for pattern in _KINDS.values())
COLUMNS = (*_KINDS, "abstract_length", "no_abstract", "digits", "year", "title_length")


def style_columns(
    texts: "Sequence[Text]", kinds: "Callable[[Sequence[Text]], NDArray[np.float64]] | None" = None
) -> NDArray[np.float64]:
    """Return shape (n, len(COLUMNS)): log counts of words of each kind, lengths, share of digits, year's place among all.

    A year that is not known counts as the middle. `kinds` does the work of `kind_columns`, where it is given.
    """
    columns = (kinds or kind_columns)(texts)
    known = [at for at, text in enumerate(texts) if text.year is not None]
    if known:
        years = np.array([texts[at].year for at in known], dtype=np.float64)
        ordered = np.sort(years)
        first, last = np.searchsorted(ordered, years, "left"), np.searchsorted(ordered, years, "right")
        columns[known, COLUMNS.index("year")] = (first + last) / 2 / len(years)
    return columns


def kind_columns(texts: "Sequence[Text]") -> NDArray[np.float64]:
    """Return the columns of style that depend on each text alone; every year counts as the middle."""
    rows = []
    for text in texts:
        whole, body = text.whole.lower(), text.abstract.strip()
        counts = [len(pattern.findall(whole)) for pattern in _PATTERNS]
        digits = sum(map(str.isdigit, body)) / (len(body) + 50)
        rows.append(
            [*np.log1p(counts), np.log1p(len(body)), float(not body), digits, 0.5, np.log1p(len(text.title.strip()))]
        )
    return np.array(rows, dtype=np.float64).reshape(len(rows), len(COLUMNS))
