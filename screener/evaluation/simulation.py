"""Replay a labelled review with the ranking: how soon it would have found what is relevant, and when rules say stop."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..metrics import (
    FoundCount,
    Ranking,
    average_time_to_discovery,
    ranking_loss,
    wss,
)
from ..ranking import Features, Replay, draw_priors, replay
from .stopping_rules import ask, first_stop

MOST_POINTS = 200
"""Points of a curve."""
RANDOM_SHARE = 0.01
"""Of all records, drawn at random before: the start that SAFE asks for."""


@dataclass(frozen=True)
class Stop:
    """When a rule said stop for the first time: after so many labels, at that recall. None where it never did."""

    labels: int | None
    recall: float | None

    def as_json(self) -> dict[str, Any]:
        """Return it as `simulate --json` prints it."""
        return {"labels": self.labels, "recall": self.recall}


@dataclass(frozen=True, eq=False)
class SimulatedRun:
    """One replay and its figures, which count the records that were offered: priors are known, and no part of them."""

    replay: Replay
    figures: Mapping[str, float | None]
    """`ranking_loss`, `wss95`, `wss100` and `atd` (records); None where labels are all the same."""
    stopping: Mapping[str, Stop]
    labels: NDArray[np.bool_] = field(repr=False)
    """Of the records in the order in which they were offered."""

    @property
    def curve(self) -> dict[str, list[float]]:
        """Return records screened and recall, at most `MOST_POINTS` points, the first relevant and last among them."""
        total = max(1, int(self.labels.sum()))
        at = np.unique(np.linspace(0, len(self.labels), min(MOST_POINTS, len(self.labels) + 1)).astype(int))
        found = np.concatenate([[0], np.cumsum(self.labels)])
        return {"screened": at.tolist(), "recall": [round(float(x), 6) for x in found[at] / total]}


FIGURES = ("ranking_loss", "wss95", "wss100", "atd")


def simulate(
    features: Features,
    kept: NDArray[np.bool_],
    *,
    seed: int,
    priors: Sequence[int] | None = None,
    batch: int = 10,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> SimulatedRun:
    """Replay a review once.

    Args:
        features: of the n records.
        kept: their labels, shape (n,).
        seed: of what is drawn: priors, the random order without anything to rank by, the random start of SAFE.
        priors: rows known beforehand; None draws a kept and an excluded one, where there are both.
        batch: records labelled between two fits.
        progress: is told how many records were offered, and how many of them are kept.
    """
    if priors is None:
        priors = draw_priors(kept, seed) if kept.any() and not kept.all() else ()
    return measured(replay(features, kept, priors=priors, batch=batch, seed=seed, progress=progress), kept, batch)


def measured(done: Replay, kept: NDArray[np.bool_], batch: int) -> SimulatedRun:
    """Return a replay with its figures; `kept` are the labels of all records, shape (n,)."""
    labels = kept[list(done.order)]
    ranking = Ranking.of(labels)
    figures = {
        "ranking_loss": ranking_loss(ranking),
        "wss95": wss(ranking, 0.95),
        "wss100": wss(ranking, 1.0),
        "atd": average_time_to_discovery(ranking),
    }
    return SimulatedRun(done, figures, stops(labels, batch, done.seed), labels)


def stops(labels: NDArray[np.bool_], batch: int, seed: int) -> dict[str, Stop]:
    """Return when each stopping rule says stop for the first time, by its short name.

    `labels` are those of the records in the order in which they were offered. For SAFE a random start of 1 % of the records
    is drawn by seed, its labels counted as work beside the ranking's, and its steps S and A are taken.
    """
    total = len(labels)
    size = min(total, max(1, int(np.ceil(RANDOM_SHARE * total))))
    drawn = np.random.default_rng(seed).choice(total, size, replace=False) if total else np.zeros(0, dtype=int)
    start = FoundCount(size if total else 0, int(labels[drawn].sum()))
    rest = np.setdiff1d(np.arange(total), drawn)

    def buscar(screened: int) -> bool:
        return ask("buscar", labels[:screened], total).stop

    def safe(screened: int) -> bool:
        return ask("safe", labels[rest[rest < screened]], total, random_start=start).stop

    found: dict[str, Stop] = {}
    for name, says_stop in (("buscar", buscar), ("safe", safe)):
        at = first_stop(says_stop, total, total, batch)
        seen = labels[:at] if at is not None else labels
        more = 0 if name == "buscar" or at is None else int((drawn >= at).sum())
        late = 0 if name == "buscar" or at is None else int(labels[drawn[drawn >= at]].sum())
        relevant = int(labels.sum())
        recall = round((int(seen.sum()) + late) / relevant, 6) if relevant else None
        found[name] = Stop(None, None) if at is None else Stop(at + more, recall)
    return found


def summary(runs: Sequence[SimulatedRun]) -> dict[str, Any]:
    """Return means over runs: the figures, the curve, and labels and recall of each rule over the runs in which it fired."""
    document: dict[str, Any] = {name: _mean([run.figures[name] for run in runs]) for name in FIGURES}
    grid = np.array(runs[0].curve["screened"], dtype=float)
    curves = [np.interp(grid, run.curve["screened"], run.curve["recall"]) for run in runs]
    document["curve"] = {"screened": grid.astype(int).tolist(), "recall": np.mean(curves, axis=0).round(6).tolist()}
    document["stopping"] = {
        name: {
            "labels": _mean([run.stopping[name].labels for run in runs]),
            "recall": _mean([run.stopping[name].recall for run in runs]),
            "runs": sum(run.stopping[name].labels is not None for run in runs),
        }
        for name in runs[0].stopping
    }
    return document


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return round(float(np.mean(known)), 6) if known else None
