"""Time and memory of looking for duplicates among many generated records, without a ledger.

    python tests/benchmarks/dedup_scale.py [--records 100000]

Titles are drawn from a vocabulary with the frequencies of real words, names from few families, as they are in real searches;
a fifth of the records are told a second time by another source, with other spelling, fewer fields or a misprint. Exit code 1 if
a record takes 0.5 ms or more, or 7 KB or more, its entry included.
"""

import argparse
import random
import resource
import sys
import time
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[2])]

from screener.records import Entry, Index  # noqa: E402

MS, KB = 0.5, 7.0
_SYLLABLES = [
    "ba",
    "ce",
    "di",
    "fo",
    "gu",
    "la",
    "me",
    "ni",
    "po",
    "ru",
    "sa",
    "te",
    "vi",
    "xo",
    "za",
    "cardi",
    "hem",
    "neur",
    "path",
    "trans",
    "ton",
    "ment",
    "ical",
    "osis",
    "ation",
]


def words(draw: random.Random, count: int) -> list[str]:
    """Return words of two to five syllables."""
    return ["".join(draw.choices(_SYLLABLES, k=draw.randint(2, 5))) for _ in range(count)]


def entries(count: int, seed: int = 1) -> Iterator[tuple[int, Entry]]:
    """Yield entries with the number of the work that each tells of."""
    draw = random.Random(seed)
    vocabulary, families, venues = (
        words(draw, 20_000),
        words(draw, 3_000),
        [" ".join(words(draw, 3)) for _ in range(500)],
    )
    weights = list(accumulate(1 / (rank + 2) for rank in range(len(vocabulary))))
    for number in range(count):
        title = " ".join(draw.choices(vocabulary, cum_weights=weights, k=draw.randint(6, 14)))
        first, year, page = draw.randint(0, 2_999), draw.randint(1990, 2025), draw.randint(1, 2_000)
        entry = Entry(
            title=title.capitalize(), abstract=" ".join(draw.choices(vocabulary, cum_weights=weights, k=150)),
            authors=(f"{families[first].capitalize()}, {draw.choice('ABCDEFG')}.", f"{draw.choice(families).capitalize()}, X."),
            year=year, venue=draw.choice(venues), volume=str(draw.randint(1, 120)), pages=f"{page}–{page + draw.randint(2, 12)}",
            doi=f"10.1000/{number}" if number % 5 else None,
        )  # fmt: skip
        yield number, entry
        if number % 5 == 0:
            changed = {"doi": None, "abstract": ""} if number % 2 else {"year": year + 1, "title": title.upper() + "."}
            yield number, entry.model_copy(update=changed)


def main() -> int:
    """Print time and memory; return 1 if a goal is missed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--records", type=int, default=100_000)
    count = parser.parse_args().records
    index, work_of, seconds, wrong, right = Index(), list[int](), 0.0, 0, 0
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for key, (work, entry) in enumerate(entries(count * 5 // 6)):
        started = time.process_time()
        matches = index.add(key, entry)
        seconds += time.process_time() - started
        work_of.append(work)
        for match in matches:
            if match.kind == "duplicate":
                right, wrong = right + (work_of[match.other] == work), wrong + (work_of[match.other] != work)
    told = len(work_of)
    memory = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / told
    print(f"{told:,} records: {seconds:.1f} s of CPU, {1000 * seconds / told:.3f} ms a record; {memory * told / 1e6:.2f} GB,"
          f" {memory:.1f} KB a record with its entry; merged {right:,} rightly, {wrong} wrongly")  # fmt: skip
    missed = 1000 * seconds / told >= MS or memory >= KB
    print("missed" if missed else f"within {MS} ms and {KB:g} KB")
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
