"""Is the promise of `evaluate --thresholds R --confidence C` kept? Over random splits of human-labelled reviews.

For each of four reviews and each of 200 seeds the records are divided at random into three equal parts. A text
classifier (tf-idf of title and abstract, words and pairs of words, logistic regression with balanced classes) is fitted
to the first part and scores the other two; none of the labels that choose or judge the threshold is seen by it. Learn-then-test
chooses the threshold on the second part (`dev`) for recall R with one-sided confidence C, as the command does: for the
records of the third part (`rest`), whose number is known and whose relevant records are not. The promise is missed where
fewer than R of the relevant records of `rest` score at least the threshold. Two columns say what else came of it: the
recall over dev and rest together (what labels drawn from a finite set are about), and the empirical threshold, chosen on
the same labels without a test. A split in which nothing can be promised counts as not missed, and is listed.

Run: python tests/benchmarks/guarantee.py [--splits 200] [--recall 0.9] [--confidence 0.9]
Exit code 1 if a review misses more often than 1 − C.
"""

import argparse
import csv
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from screener.metrics import Frame, clopper_pearson, learn_then_test  # noqa: E402

DATA = ROOT.parent / "shared" / "data" / "screening"
REVIEWS = {  # the decision with the most relevant records: learn-then-test needs a few dozen of them on dev
    "SLR_on_TCP": "label_included",
    "Wallace_COPD": "label_included",
    "Nagtegaal_2019": "label_abstract_screening",
    "Cohen_2006_ProtonPumpInhibitors": "label_abstract_screening",
}


@dataclass
class Split:
    """What became of one random split. Recalls are None where nothing could be promised."""

    positives: int
    rest: float | None
    whole: float | None
    excluded: float
    empirical: float


def read(name: str, label: str) -> tuple[list[str], np.ndarray]:
    csv.field_size_limit(1 << 30)
    with (DATA / f"{name}.csv").open(encoding="utf-8", errors="replace", newline="") as file:
        rows = list(csv.DictReader(file))
    return [f"{row['title']} {row['abstract']}" for row in rows], np.array(
        [row[label].strip()[:1] == "1" for row in rows]
    )


def one_split(texts: list[str], relevant: np.ndarray, seed: int, recall: float, confidence: float) -> Split:
    order = np.random.default_rng(seed).permutation(len(texts))
    train, dev, rest = np.array_split(order, 3)
    words = TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2), min_df=2, stop_words="english")
    model = LogisticRegression(C=10, class_weight="balanced", max_iter=1000)
    model.fit(words.fit_transform([texts[i] for i in train]), relevant[train])
    scores = np.full(len(texts), np.nan)
    for part in (dev, rest):
        scores[part] = model.predict_proba(words.transform([texts[i] for i in part]))[:, 1]
    positives = np.sort(scores[dev[relevant[dev]]])
    frame = Frame("the records of dev and rest", len(dev) + len(rest), "random")
    made = learn_then_test(frame, positives, recall, labelled=len(dev), confidence=confidence)
    of_rest = scores[rest[relevant[rest]]]
    both = np.concatenate([positives, of_rest])
    # The largest threshold at which the recall on dev itself is enough.
    naive = float((of_rest >= positives[int((1 - recall) * len(positives) + 1e-9)]).mean())
    if made is None:
        return Split(len(positives), None, None, 0.0, naive)
    kept = float((of_rest >= made.threshold).mean()), float((both >= made.threshold).mean())
    return Split(len(positives), *kept, float((scores[rest] < made.threshold).mean()), naive)


def _job(work: tuple[list[str], np.ndarray, int, float, float]) -> Split:
    return one_split(*work)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--splits", type=int, default=200)
    parser.add_argument("--recall", type=float, default=0.9)
    parser.add_argument("--confidence", type=float, default=0.9)
    chosen = parser.parse_args()
    if not DATA.is_dir():
        print(f"the labelled sets are not here ({DATA})")
        return 2
    may = 1 - chosen.confidence
    print(
        f"Promised: recall {chosen.recall:g} with confidence {chosen.confidence:g}; {chosen.splits} random splits a review.\n"
    )
    head = ("review", "records", "relevant", "on dev (mean)", "promised", "missed on rest", "share (95 % upper)",
            "missed on dev + rest", "rest's recall, mean", "worst", "excluded, mean", "missed by empirical threshold")  # fmt: skip
    print(f"| {' | '.join(head)} |\n|{' :--- |' + ' ---: |' * (len(head) - 1)}")
    missed_all, fails = 0, []
    with ProcessPoolExecutor(2) as pool:
        for name, label in REVIEWS.items():
            texts, relevant = read(name, label)
            work = [(texts, relevant, seed, chosen.recall, chosen.confidence) for seed in range(chosen.splits)]
            done = list(pool.map(_job, work, chunksize=10))
            promised = [one for one in done if one.rest is not None and one.whole is not None]
            missed = sum(one.rest < chosen.recall for one in promised)
            whole = sum(one.whole < chosen.recall for one in promised)
            naive = sum(one.empirical < chosen.recall for one in done)
            upper = clopper_pearson(missed, len(done), side="upper").high
            recalls = [one.rest for one in promised] or [1.0]
            cells = (name, f"{len(texts):,}", f"{relevant.sum():,}", f"{np.mean([one.positives for one in done]):.0f}",
                     f"{len(promised)} of {len(done)}", f"{missed}", f"{missed / len(done):.3f} (≤ {upper:.3f})", f"{whole}",
                     f"{np.mean(recalls):.3f}", f"{min(recalls):.3f}", f"{np.mean([one.excluded for one in promised or done]):.1%}",
                     f"{naive / len(done):.3f}")  # fmt: skip
            print(f"| {' | '.join(cells)} |", flush=True)
            missed_all += missed
            if missed > may * len(done) + 1e-9:
                fails.append(name)
    total = chosen.splits * len(REVIEWS)
    upper = clopper_pearson(missed_all, total, side="upper").high
    print(f"\nMissed in {missed_all} of {total} splits: {missed_all / total:.3f}, one-sided 95 % upper limit {upper:.3f};"
          f" promised: at most {may:.2f}. {'MISSED by ' + ', '.join(fails) if fails else 'Kept by every review.'}")  # fmt: skip
    return 1 if fails else 0


if __name__ == "__main__":
    sys.exit(main())
