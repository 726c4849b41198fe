"""How many of the next 50 records the ranking expects to be kept, and how many are, in replays of nine labelled sets.

    python ranking_yield.py [--data FOLDER] [--sets NAME ...] [--seeds 1] [--vectors FILE]

From one relevant and one irrelevant record, with criteria and without, looked at after 20, 40, 60 … labels until shortly after
the last relevant record. Without `--vectors` by words and style alone. Mark: over all looks between 0.8 and 1.25 times as many
are expected as are found. Exit code 1 if it is missed. The weight of records without a label was chosen on these sets.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import yaml
from plain_criteria import CRITERIA, DATA

from screener.exchange.labelled_sets import read_labelled_set
from screener.models import KeptVectors
from screener.ranking import UNLABELLED, Features, Ranker, Text, draw_priors, features_of, replay
from screener.reviewers.wording import Wording, whole_text, wording_scores
from screener.text import load_embedder

LOOKS = (20, 40, 60, 100, 160, 240, 360, 500, 700, 1000, 1400)
BATCH, NEXT = 20, 50


def known(name: str, folder: Path, vectors: Path | None) -> tuple[np.ndarray, list[Features]]:
    """Return a set's labels, and its features with criteria and without."""
    records = read_labelled_set(folder / f"{name}.csv").records
    texts = [Text(record.title, record.abstract, record.year) for record in records]
    pairs = [(text.title, text.abstract) for text in texts]
    asked = yaml.safe_load(CRITERIA.read_text("utf-8"))[name]
    each = tuple(asked["criteria"].values())
    made = None
    if vectors is not None:
        made = KeptVectors(load_embedder(), vectors).embed([whole_text(*pair) for pair in pairs])
    prior = wording_scores(Wording(" ".join((asked["question"], *each)), each), pairs)
    ids = [record.id for record in records]
    ways = [features_of(texts, ids, vectors=made, prior=prior), features_of(texts, ids, vectors=made)]
    return np.array([record.kept for record in records]), ways


def looks(features: Features, kept: np.ndarray, seed: int) -> Iterator[tuple[float, int]]:
    """Yield what is expected of the next records and what is found, at each look of a replay."""
    done = replay(features, kept, priors=draw_priors(kept, seed), batch=BATCH, seed=seed)
    last = int(np.flatnonzero(kept[list(done.order)])[-1]) + 1
    for seen in sorted({*LOOKS, last // BATCH * BATCH + BATCH}):
        if seen >= min(len(kept) - 12, last + 100):
            continue
        labels = np.full(len(kept), UNLABELLED)
        read = [*done.priors, *done.order[:seen]]
        labels[read] = kept[read]
        ranker = Ranker().fit(features, labels)
        if min((labels == 1).sum(), (labels == 0).sum()) >= 2:
            yield ranker.expected_yield(NEXT), int(kept[ranker.next(NEXT)].sum())


def show(name: str, pairs: np.ndarray) -> float:
    """Print and return how many times as many are expected as are found."""
    expected, found = pairs.mean(axis=0)
    none_left = pairs[pairs[:, 1] == 0, 0]
    print(
        f"{name:32} looks {len(pairs):4}, expected {expected:5.1f}, found {found:5.1f}, ratio {expected / found:.2f}, apart"
        f" {np.abs(pairs[:, 0] - pairs[:, 1]).mean():.1f}; where none is found {none_left.mean() if len(none_left) else 0:.1f}",
        flush=True,
    )
    return float(expected / found)


def main() -> int:
    """Print the figures; return 1 if the mark is missed."""
    names = [*yaml.safe_load(CRITERIA.read_text("utf-8"))]
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--sets", nargs="*", default=names, choices=names)
    parser.add_argument("--seeds", nargs="*", type=int, default=[1])
    parser.add_argument("--vectors", type=Path, help="sentence vectors too, kept in this file")
    options = parser.parse_args()
    every = []
    for name in options.sets:
        kept, ways = known(name, options.data, options.vectors)
        every.append(
            np.array([pair for features in ways for seed in options.seeds for pair in looks(features, kept, seed)])
        )
        show(name, every[-1])
    ratio = show("all", np.concatenate(every))
    return 0 if 0.8 <= ratio <= 1.25 else 1


if __name__ == "__main__":
    sys.exit(main())
