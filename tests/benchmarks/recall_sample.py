"""Recall by the recall sample of a learned queue, beside the recall that the ranking really has.

    python recall_sample.py [--data FOLDER] [--sets NAME ...] [--seeds 10] [--sample 200]

A labelled set is screened in the learned order, with a random sample spread over it as the queue does. When the sample is all
judged, and again after half as many records more, recall is estimated as `screener status` does it, and compared with the share
of all other kept records that the ranking has come to. Words and style alone: sentence vectors change the ranking, not what is
tested. The mean difference must lie within 0.03, and the 95 % intervals must hold the truth in 90 % of the replays.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from screener.adjudication.recall_mixed import mixed_in
from screener.exchange.labelled_sets import read_labelled_set
from screener.gold.recall import ONE_IN
from screener.metrics import clopper_pearson
from screener.ranking import UNLABELLED, Features, Ranker, Text, features_of
from screener.running.recall_reach import Ranked, by_rank, reached

STEP = 10
DATA = Path(__file__).parents[3] / "shared" / "data" / "screening"
MOST_OFF, LEAST_HELD = 0.03, 0.9


def screened(features: Features, kept: NDArray[np.bool_], seed: int, size: int) -> Iterator[tuple[float, int, int]]:
    """Yield the true recall of the ranking, and what the sample says: kept records reached, and kept ones in all."""
    shuffled = np.random.default_rng(seed).permutation(features.n)
    sample = np.random.default_rng([seed, 1]).permutation(features.n)[:size].tolist()
    inside = np.isin(np.arange(features.n), sample)
    labels = np.full(features.n, UNLABELLED, dtype=np.int8)
    come_to: set[int] = set()
    looks = [ONE_IN * size, int(1.5 * ONE_IN * size)]
    while looks:
        judged = int((labels != UNLABELLED).sum())
        ranked = [row for row in shuffled.tolist() if labels[row] == UNLABELLED]
        if {0, 1} <= set(labels.tolist()):
            ranker = Ranker().fit(features, labels)
            ranked = ranker.next(features.n).tolist()
            members = [row for row in sample if row not in come_to and labels[row] != 0]
            soon = by_rank(judged, STEP, bool((labels[sample] == UNLABELLED).any()))
            come_to |= reached(Ranked(features, labels, ranked), members, soon)
        waiting = [row for row in sample if labels[row] == UNLABELLED]
        offered = mixed_in([str(row) for row in ranked], [str(row) for row in waiting], str(seed), judged)[:STEP]
        rows = np.array([int(name) for name in offered])
        labels[rows] = kept[rows]
        if judged + STEP >= looks[0] and (labels[sample] != UNLABELLED).all():
            looks = looks[1:]
            truth = float((labels[kept & ~inside] != UNLABELLED).mean())
            yield truth, sum(bool(kept[row]) for row in come_to), int(kept[inside].sum())
        if len(rows) < STEP:
            return


def main() -> int:
    """Print a line a set and look."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--sets", nargs="*", default=["Kitchenham_2010", "Nagtegaal_2019", "Wallace_COPD"])
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--sample", type=int, default=200)
    options = parser.parse_args()
    differences, held = [], []
    for name in options.sets:
        records = read_labelled_set(options.data / f"{name}.csv").records
        features = features_of(
            [Text(record.title, record.abstract, record.year) for record in records],
            [f"{record.title}\x00{record.row}" for record in records],
        )
        kept = np.array([record.kept for record in records])
        for look, row in enumerate(zip(*(list(screened(features, kept, seed, options.sample)) for seed in range(options.seeds)), strict=True)):  # fmt: skip
            pairs = [(truth, clopper_pearson(found, total)) for truth, found, total in row if total]
            off = [made.value - truth for truth, made in pairs if made.value is not None]
            inside = [(made.low or 0.0) - 1e-9 <= truth <= (made.high or 1.0) + 1e-9 for truth, made in pairs]
            truth = float(np.mean([truth for truth, _ in pairs]))
            print(
                f"{name}, look {look + 1}: {len(records):,} records, {int(kept.sum())} kept, true recall {truth:.3f}, "
                f"estimate off by {np.mean(off):+.3f} (sd {np.std(off):.3f}), intervals hold it in {sum(inside)} of {len(inside)}",
                flush=True,
            )
            differences += off
            held += inside
    print(f"all: off by {np.mean(differences):+.3f}, held in {np.mean(held):.2f} of {len(held)}")
    return int(abs(np.mean(differences)) > MOST_OFF or np.mean(held) < LEAST_HELD)


if __name__ == "__main__":
    sys.exit(main())
