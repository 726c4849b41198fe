"""The ranking with 100,000 made-up records: features, a refit, the next batch; and how fast sentence vectors are made.

    python ranking_scale.py [--records 100000] [--labelled 2000]

Marks: words, style and criteria in under 5 minutes, a refit in under 5 s, the next batch in under 0.1 s, and sentence vectors
at 0.9 at least of the speed of a bare loop of the ONNX runtime. Times are of the processor, which a busy machine does not
change; vectors against the loop are taken in turns. Exit code 1 if one is missed.
"""

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from setting import memory_mb

from screener.protocol import QuestionCriterion, StageProtocol
from screener.ranking import UNLABELLED, Ranker, Text, features_of
from screener.reviewers.wording import Wording, wording_scores
from screener.text import MiniLM, load_embedder
from screener.text.embeddings import THREADS

WORDS, VOCABULARY = 200, 60_000
EMBEDDED, ROUNDS = 60, 3


def made_up(count: int) -> tuple[list[Text], np.ndarray]:
    """Return records of words as frequent as in a language (Zipf), a fiftieth of them about one thing, and which these are."""
    rng = np.random.default_rng(5)
    letters = np.array(list("abcdefghilmnoprstuv"))
    words = np.array(["".join(rng.choice(letters, rng.integers(3, 11))) for _ in range(VOCABULARY)])
    shares = 1 / (np.arange(VOCABULARY) + 3.0)
    below = np.cumsum(shares / shares.sum())
    topic = words[2000:2040]
    texts, kept = [], rng.random(count) < 0.02
    for number in range(count):
        body = words[np.minimum(np.searchsorted(below, rng.random(WORDS)), VOCABULARY - 1)]
        if kept[number]:
            body[rng.integers(0, WORDS, 12)] = rng.choice(topic, 12)
        texts.append(Text(" ".join(body[:12]), " ".join(body[12:]) + f" n = {number}.", 1990 + number % 30))
    return texts, kept


def timed(name: str, limit: float, work: Callable[[], Any], missed: list[str]) -> Any:
    """Run, print and check seconds of the processor."""
    begun = time.process_time()
    result = work()
    spent = time.process_time() - begun
    print(f"{name:48} {spent:8.2f} s (at most {limit:g})", flush=True)
    if spent > limit:
        missed.append(name)
    return result


def throughput(texts: Sequence[str]) -> float:
    """Return how fast vectors are made, as a share of a bare loop of the runtime on as many threads; prints both."""
    from concurrent.futures import ThreadPoolExecutor

    embedder = load_embedder()
    if not isinstance(embedder, MiniLM):
        raise SystemExit("the sentence model is not installed")
    tokenizer, session = embedder._tokenizer, embedder._session

    def bare(text: str) -> Any:
        ids = np.asarray([tokenizer.encode(text).ids], dtype=np.int64)
        feed = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        return session.run(["last_hidden_state"], feed)[0]

    ours, loop = [], []
    with ThreadPoolExecutor(THREADS) as pool:
        for _ in range(ROUNDS):
            for times, work in (
                (loop, lambda: list(pool.map(bare, texts))),
                (ours, lambda: embedder.embed(texts)),
            ):
                begun = time.perf_counter()
                work()
                times.append(time.perf_counter() - begun)
    speeds = [len(texts) / min(times) for times in (ours, loop)]
    share = float(np.median(np.array(loop) / np.array(ours)))
    print(f"sentence vectors {speeds[0]:.1f} a second, bare loop {speeds[1]:.1f}: {share:.2f} of it (at least 0.9)")
    return share


def main() -> int:
    """Print the figures; return 1 if a mark is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--labelled", type=int, default=2_000)
    options = parser.parse_args()
    texts, kept = made_up(options.records)
    missed: list[str] = []
    criteria = tuple(
        QuestionCriterion(id=f"c{n}", question=" ".join(texts[n].title.split()[:10]) + "?") for n in range(4)
    )
    wording = Wording.of(StageProtocol(question="Is it eligible?", template="t.md", criteria=criteria))
    features = timed(
        f"words, style and criteria of {options.records:,} records",
        300,
        lambda: features_of(
            texts,
            [str(n) for n in range(len(texts))],
            prior=wording_scores(wording, [(text.title, text.abstract) for text in texts]),
        ),
        missed,
    )
    labels = np.full(len(texts), UNLABELLED)
    known = np.random.default_rng(1).choice(len(texts), options.labelled, replace=False)
    labels[known] = kept[known]
    vectors = np.random.default_rng(2).random((len(texts), 384), dtype=np.float32)
    with_vectors = replace(features, vectors=vectors)
    ranker = Ranker()
    timed(f"refit with {options.labelled:,} labels", 5, lambda: ranker.fit(with_vectors, labels), missed)
    rows = timed("next batch of 10", 0.1, lambda: ranker.next(10), missed)
    timed("expected yield of the next 50", 30, lambda: ranker.expected_yield(50), missed)
    print(f"{int(kept[rows].sum())} of the next 10 are relevant; memory {memory_mb('VmHWM'):,.0f} MB at most")
    if throughput([text.whole for text in texts[:EMBEDDED]]) < 0.9:
        missed.append("throughput")
    print("missed: " + ", ".join(missed) if missed else "every mark is reached")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
