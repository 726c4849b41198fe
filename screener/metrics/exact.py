"""Exact tail probabilities of counts, which tests and bounds are made of; and the search that turns them into bounds."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from .intervals import FloatArray


def binomial_cdf(x: int, n: int, p: float) -> float:
    """P(X ≤ x) for X ~ Binomial(n, p); 0 for x < 0, 1 for x ≥ n."""
    if x < 0:
        return 0.0
    from scipy.special import bdtr  # slow to import: not before it is needed

    return 1.0 if x >= n else float(bdtr(x, n, p))


def hypergeometric_cdf(x: int, population: int, marked: int, drawn: int) -> float:
    """P(X ≤ x), X the number of marked units among `drawn` ones drawn without replacement from the population.

    Σᵢ C(marked, i)·C(population − marked, drawn − i) / C(population, drawn), i from the least possible number to x.
    Raises ValueError unless 0 ≤ marked ≤ population and 0 ≤ drawn ≤ population.
    """
    if not (0 <= marked <= population and 0 <= drawn <= population):
        raise ValueError(f"cannot draw {drawn} of {population} units, {marked} of them marked")
    least, most = max(0, drawn + marked - population), min(drawn, marked)
    if x < least:
        return 0.0
    if x >= most:
        return 1.0
    # The shorter tail: fewer terms, and no small number as the difference of two large ones.
    lower = x - least <= most - x
    i = np.arange(least, x + 1) if lower else np.arange(x + 1, most + 1)
    logs = _log_choose(marked, i) + _log_choose(population - marked, drawn - i)
    logs -= _log_choose(population, np.array([drawn]))
    tail = float(np.exp(logs).sum())
    return min(1.0, tail) if lower else max(0.0, 1.0 - tail)


def fisher_exact(a: int, b: int, c: int, d: int) -> float:
    """Return the two-sided p of Fisher's exact test of the table [[a, b], [c, d]]: the chance of a table no likelier.

    Source: Fisher 1935, J R Stat Soc 98:39. 1 where a row or a column is empty.
    """
    drawn, marked, population = a + b, a + c, a + b + c + d
    i = np.arange(max(0, drawn + marked - population), min(drawn, marked) + 1)
    logs = _log_choose(marked, i) + _log_choose(population - marked, drawn - i)
    logs -= _log_choose(population, np.array([drawn]))
    # Tables that are as likely as this one must not be lost to rounding.
    return min(1.0, float(np.exp(logs[logs <= logs[a - i[0]] + 1e-7]).sum()))


def largest(holds: Callable[[int], bool], low: int, high: int) -> int:
    """Return the largest whole number from `low` to `high` for which `holds`, true up to a point and false from it on.

    `low − 1` where it holds for none.
    """
    best = low - 1
    while low <= high:
        middle = (low + high) // 2
        if holds(middle):
            best, low = middle, middle + 1
        else:
            high = middle - 1
    return best


def _log_choose(n: int, k: NDArray[np.intp]) -> FloatArray:
    from scipy.special import gammaln  # slow to import: not before it is needed

    return np.asarray(gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1))
