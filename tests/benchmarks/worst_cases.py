"""The time of the worst cases that we could think of: duplicates among equal titles, phrases that almost stand in a text.

    python tests/benchmarks/worst_cases.py [--entries 8000]

Half of the entries have words drawn at random as their titles, the other half one and the same title; the phrases and
texts are long and repeat themselves. Exit code 1 if the entries take 12 s or more, or the phrases 10 s or more.
"""

import argparse
import random
import sys
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[2])]

from screener.records import Entry, Index  # noqa: E402
from screener.text.phrases import stands_in  # noqa: E402

INDEX_S, PHRASES_S = 12.0, 10.0


def index_seconds(entries: int) -> float:
    """Return how long it takes to look for the duplicates of each entry among those before it."""
    draw = random.Random(1)
    words = [f"word{chr(97 + i % 26)}{i}" for i in range(5_000)]
    index, started = Index(), time.perf_counter()
    for key in range(entries):
        title = " ".join(draw.choices(words, k=9)) if key % 2 else "The annual report of heart failure in the world"
        index.add(key, Entry(title=title, year=draw.randint(2000, 2024), doi=f"10.1000/{key}"))
    return time.perf_counter() - started


def _stands(phrase: str, text: str) -> bool:
    parts = stands_in(phrase, [text])
    return bool(parts) and all(parts)


def phrases_seconds() -> float:
    """Return how long it takes to see that two long phrases do not stand in long texts."""
    started = time.perf_counter()
    assert not _stands("x y " * 3000, "y x " * 3000 + "z")
    assert not _stands("x y x x x x x " * 20, "x " * 1000)
    return time.perf_counter() - started


def main() -> int:
    """Print both times; return 1 if one is missed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--entries", type=int, default=8_000)
    entries = parser.parse_args().entries
    index, phrases = index_seconds(entries), phrases_seconds()
    print(f"duplicates of {entries:,} entries: {index:.2f} s; phrases: {phrases:.2f} s")
    missed = index >= INDEX_S or phrases >= PHRASES_S
    print("missed" if missed else f"within {INDEX_S:g} s and {PHRASES_S:g} s")
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
