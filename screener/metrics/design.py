"""How records were drawn, and how intervals are to be made of them."""

from collections.abc import Iterator
from dataclasses import dataclass

from numpy.typing import ArrayLike

from .bootstrap import RESAMPLES, SEED, IntArray, resampled_indices, resampled_sums
from .intervals import FloatArray


@dataclass(frozen=True, eq=False)
class Design:
    """What an estimate must respect: the sample's design, and the level and random numbers of its interval."""

    weights: ArrayLike | None = None
    """How many records each record stands for; None: each for itself."""
    clusters: ArrayLike | None = None
    """A label a record (say, its study): intervals draw whole clusters."""
    strata: ArrayLike | None = None
    """A label a record: intervals draw within each stratum."""
    level: float = 0.95
    """Confidence level of the intervals, in (0, 1)."""
    resamples: int | None = None
    """Bootstrap resamples; None: `RESAMPLES`, or what the figure's own documentation says."""
    seed: int = SEED
    """Seed of the bootstrap."""

    @property
    def simple(self) -> bool:
        """Return whether records are a plain sample: no weights, clusters or strata."""
        return self.weights is None and self.clusters is None and self.strata is None

    def sums(self, rows: ArrayLike) -> FloatArray:
        """Return the resampled sums of `rows` (n × d) as resamples × d; see `resampled_sums`."""
        return resampled_sums(
            rows,
            clusters=self.clusters,
            strata=self.strata,
            resamples=self.resamples or RESAMPLES,
            seed=self.seed,
        )

    def indices(self, n: int) -> Iterator[IntArray]:
        """Yield the indices of the records in each resample of n; see `resampled_indices`."""
        return resampled_indices(
            n,
            clusters=self.clusters,
            strata=self.strata,
            resamples=self.resamples or RESAMPLES,
            seed=self.seed,
        )


SIMPLE = Design()
"""A plain sample of records, with the intervals that figures have by default."""
