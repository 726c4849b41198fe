"""A linear learner: a support vector machine with the weights of classes that ASReview's ELAS u4 has."""

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

PENALTY = 0.11
"""scikit-learn's C."""
RATIO = 9.8
"""All excluded records together weigh as much as the kept ones divided by this, before all weights are made 1 on average."""


def linear_scores(rows: Any, labelled: NDArray[np.intp], kept: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the score of all n rows by a machine that was fitted to some of them.

    Args:
        rows: a matrix of n rows, dense or sparse.
        labelled: numbers of the rows that have a label.
        kept: their labels; both kinds must be among them.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.svm import LinearSVC

    machine = LinearSVC(C=PENALTY, loss="squared_hinge", dual=len(labelled) < rows.shape[1], random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # a thousandth of a margin changes no order that matters
        machine.fit(rows[labelled], kept, sample_weight=class_weights(kept))
    return np.asarray(rows @ machine.coef_[0].astype(rows.dtype), dtype=np.float64) + float(machine.intercept_[0])


def class_weights(kept: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return a weight a label, 1 on average."""
    positives = int(kept.sum())
    weights = np.where(kept, 1.0, positives / (RATIO * max(1, len(kept) - positives)))
    return np.asarray(weights * (len(weights) / weights.sum()))
