"""What learners know of each record: its words, its style, its sentence vector, the criteria's score, and votes.

Everything is worked out once for a review, from all of its records; labels play no part.
"""

import hashlib
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .spread_features import MOST_COMMON, spread_kinds, spread_words
from .style import style_columns

Floats = NDArray[np.float64]

STYLE_DIMENSIONS = 200
STYLE_WIDTH = 0.25
"""The style's kernel is exp(−width · |a − b|² / columns)."""
CLIP = 3.0
"""Standard deviations beyond which a column of style says no more."""
_SEED = 17


@dataclass(frozen=True)
class Text:
    """Title and abstract of a record; either may be empty. `year` is None where it is not known."""

    title: str
    abstract: str
    year: int | None = None

    @property
    def whole(self) -> str:
        """Return both, as learners read them."""
        return f"{self.title} {self.abstract}"


@dataclass(frozen=True, eq=False)
class Features:
    """What is known of n records, a row each. Parts that are not there yet, or not at all, are None or left out."""

    words: Any
    """tf-idf of words and pairs of words: a sparse matrix of n rows of length 1."""
    style: NDArray[np.float32]
    """Shape (n, `STYLE_DIMENSIONS`): random Fourier features of the columns of `style`."""
    ties: NDArray[np.intp]
    """A number a record; of records with the same score the one with the least comes first."""
    vectors: NDArray[np.float32] | None = None
    """Sentence vectors, centred on the review's mean and of length 1: shape (n, dimensions)."""
    prior: Floats | None = None
    """What the criteria say, standardised over the review: shape (n,)."""
    votes: Mapping[str, Floats] = field(default_factory=dict)
    """By reviewer: the probability of being kept, shape (n,); NaN where it has not judged."""

    @property
    def n(self) -> int:
        """Return the number of records."""
        return len(self.ties)


def features_of(
    texts: Sequence[Text],
    keys: Sequence[str],
    *,
    vectors: ArrayLike | None = None,
    prior: ArrayLike | None = None,
    votes: Mapping[str, ArrayLike] | None = None,
    executor: Executor | None = None,
) -> Features:
    """Return the features of a review's records.

    Args:
        texts: of all its records, in any order.
        keys: what tells each record from the others (an id): records with the same score come in the order of its hash,
            so the order of the file can neither help nor harm.
        vectors: sentence vectors of `Text.whole`, shape (n, dimensions).
        prior: what the criteria say of each record, on any scale, shape (n,).
        votes: by reviewer, the probability of being kept, shape (n,): 1 for yes, 0 for no, 0.5 for unclear, NaN for none.
        executor: counts words and style, where it is given; the features are the same.

    Raises ValueError for other shapes, votes that are no probabilities, and vectors or priors that are no numbers.
    """
    _checked("keys", keys, (len(texts),))
    if vectors is not None and not np.isfinite(_checked("vectors", vectors, (len(texts), -1))).all():
        raise ValueError("vectors must be finite")
    if prior is not None and not np.isfinite(_checked("prior", prior, (len(texts),))).all():
        raise ValueError("prior must be finite: leave it out where it is not known")
    for name, vote in (votes or {}).items():
        given = _checked(f"votes of {name}", vote, (len(texts),))
        if not (np.isnan(given) | ((given >= 0) & (given <= 1))).all():
            raise ValueError(f"votes of {name} must be from 0 to 1, or NaN for none")
    return Features(
        words=word_features(texts) if executor is None else spread_words(texts, executor),
        style=style_features(texts, executor),
        ties=tie_numbers(keys),
        vectors=None if vectors is None else centred(vectors),
        prior=None if prior is None else standardised(prior),
        votes={name: np.asarray(vote, dtype=np.float64) for name, vote in (votes or {}).items()},
    )


def _checked(name: str, values: ArrayLike | Sequence[str], shape: tuple[int, ...]) -> NDArray[Any]:
    """Return values as an array of that shape; −1 stands for any number."""
    rows = np.asarray(values)
    if rows.ndim != len(shape) or any(wanted not in (-1, size) for wanted, size in zip(shape, rows.shape, strict=True)):
        raise ValueError(f"{name} must have shape {shape}, not {rows.shape}".replace("-1", "d"))
    return rows


def word_features(texts: Sequence[Text]) -> Any:
    """Return tf-idf of words and pairs of words, 1 + log of counts, but for those in more than 95 % of the records.

    As ASReview's ELAS u4 has them. Without any word a single column of zeros.
    """
    from scipy.sparse import csr_matrix
    from sklearn.feature_extraction.text import TfidfVectorizer

    most = MOST_COMMON if len(texts) > 1 else 1.0
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, max_df=most, dtype=np.float32)
    try:
        return vectorizer.fit_transform([text.whole for text in texts])
    except ValueError:  # no word at all, or none that is not in nearly every record
        return csr_matrix((len(texts), 1), dtype=np.float32)


def style_features(texts: Sequence[Text], executor: Executor | None = None) -> NDArray[np.float32]:
    """Return random Fourier features (Rahimi & Recht 2007) of the columns of style: shape (n, `STYLE_DIMENSIONS`)."""
    kinds = None if executor is None else partial(spread_kinds, executor=executor)
    columns = np.clip(standardised(style_columns(texts, kinds)), -CLIP, CLIP)
    width = columns.shape[1]
    rng = np.random.default_rng(_SEED)
    directions = rng.normal(0.0, np.sqrt(2 * STYLE_WIDTH / width), (width, STYLE_DIMENSIONS))
    phases = rng.uniform(0.0, 2 * np.pi, STYLE_DIMENSIONS)
    waves = np.cos(columns @ directions + phases)
    return np.asarray(np.sqrt(2 / STYLE_DIMENSIONS) * waves, dtype=np.float32)


def centred(vectors: ArrayLike) -> NDArray[np.float32]:
    """Return vectors less their mean, at length 1."""
    rows = np.asarray(vectors, dtype=np.float32)
    moved = rows - rows.mean(axis=0, keepdims=True) if len(rows) else rows
    return np.asarray(moved / np.maximum(1e-9, np.linalg.norm(moved, axis=1, keepdims=True)), dtype=np.float32)


def standardised(values: ArrayLike) -> Floats:
    """Return columns with mean 0 and standard deviation 1; a column of equal values becomes 0."""
    rows = np.asarray(values, dtype=np.float64)
    if not len(rows):
        return rows
    spread = rows.std(axis=0)
    return np.asarray(np.where(spread > 1e-9, (rows - rows.mean(axis=0)) / np.maximum(1e-9, spread), 0.0))


def tie_numbers(keys: Sequence[str]) -> NDArray[np.intp]:
    """Return the place of each key in the order of their hashes."""
    hashes = [hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest() for key in keys]
    numbers = np.empty(len(keys), dtype=np.intp)
    numbers[sorted(range(len(keys)), key=hashes.__getitem__)] = np.arange(len(keys))
    return numbers
