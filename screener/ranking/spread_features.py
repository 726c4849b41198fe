"""Words and style of many records, counted by the workers of an executor: the same features, some records at a time."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .style import kind_columns

if TYPE_CHECKING:
    from .features import Text

MOST_COMMON = 0.95
"""A word that is in a larger share of the records says nothing."""
_PART = 500
"""Records of one task: some tenths of a second."""


def spread_words(texts: "Sequence[Text]", executor: Executor) -> Any:
    """Return what `features.word_features` does: a sparse matrix of n rows."""
    from scipy.sparse import csr_matrix, vstack
    from sklearn.feature_extraction.text import TfidfTransformer

    parts = list(executor.map(count_words, [[text.whole for text in part] for part in _parts(texts)]))
    terms = sorted(set(chain.from_iterable(names for names, _ in parts)))
    place = {term: column for column, term in enumerate(terms)}
    moved = []
    for names, counts in parts:
        columns = np.fromiter((place[name] for name in names), dtype=np.int32, count=len(names))
        shape = (counts.shape[0], len(terms))
        moved.append(csr_matrix((counts.data, columns[counts.indices], counts.indptr), shape=shape))
    counts = vstack(moved, format="csr")
    in_records = np.bincount(counts.indices, minlength=len(terms))
    counts = counts[:, np.flatnonzero(in_records <= (MOST_COMMON if len(texts) > 1 else 1.0) * len(texts))]
    if not counts.shape[1]:
        return csr_matrix((len(texts), 1), dtype=np.float32)
    counts.sort_indices()
    return TfidfTransformer(sublinear_tf=True).fit_transform(counts)


def count_words(wholes: list[str]) -> tuple[list[str], Any]:
    """Return, on a worker, the words and pairs of words of some texts, and a sparse matrix of how often each has them."""
    from scipy.sparse import csr_matrix
    from sklearn.feature_extraction.text import CountVectorizer

    vectorizer = CountVectorizer(ngram_range=(1, 2), dtype=np.float32)
    try:
        counts = vectorizer.fit_transform(wholes)
    except ValueError:  # no word at all
        return [], csr_matrix((len(wholes), 0), dtype=np.float32)
    return vectorizer.get_feature_names_out().tolist(), counts


def spread_kinds(texts: "Sequence[Text]", executor: Executor) -> NDArray[np.float64]:
    """Return what `style.kind_columns` does."""
    return np.concatenate(list(executor.map(kind_columns, list(_parts(texts)))))


def _parts(texts: "Sequence[Text]") -> "Iterator[Sequence[Text]]":
    return (texts[start : start + _PART] for start in range(0, max(1, len(texts)), _PART))
