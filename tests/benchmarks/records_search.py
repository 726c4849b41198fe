"""Finding records in a large review: how long a page of the list takes, for a search, for a facet, for the next page.

Made-up records as of `import_scale.py`; two people have judged a third of them each, half of these the same ones, and a machine all.
Each request goes through the app: search, facets with counts, tags, a page of hits, HTML.

Run: python tests/benchmarks/records_search.py [--records 100000] [--ledger postgresql://…]
Prints milliseconds at the median and the 95th percentile, and peak memory. Exit code 1 if the 95th percentile of a facet
takes more than a second.
"""

import argparse
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from import_scale import make_pair, words
from setting import ROOT

from screener.core.judgement import Answer, Decision, Judgement, Stage, Value
from screener.ledger import Ledger, NewJudgement, add_files, add_judgements, reads
from screener.protocol import Review
from screener.records import read_file
from screener.review.own_ledger import ledger_to_write
from screener.web.desk import Desk
from screener.web.search import SearchQuery, ids, page_of

MOST_MS, TIMES = 1_000.0, 20
STAGE = Stage.ABSTRACT


def judge(ledger: Ledger, rng: random.Random) -> None:
    """Enter the judgements of two people and a machine."""
    with ledger.read() as connection:
        records = [(record.id, record.text_hash) for record in reads.brief_records(connection)]
    third, rows = len(records) // 3, list[NewJudgement]()
    for who, some in (("ada", records[:third]), ("ben", records[third // 2 : third // 2 + third])):
        for name, text in some:
            out = rng.random() < 0.9
            answers = {"human_ecg": Answer(value=Value.NO)} if out else {}
            decision = Decision.EXCLUDE if out else Decision.INCLUDE
            rows.append(NewJudgement(name, text, STAGE, who, "human", Judgement(decision=decision, answers=answers)))
    for name, text in records:
        said = Judgement(decision=Decision.INCLUDE, probability=rng.random())
        rows.append(NewJudgement(name, text, STAGE, "embedded", "machine", said))
    with ledger.write() as connection:
        add_judgements(connection, rows)


def measured(name: str, work: Sequence[Callable[[], object]]) -> float:
    """Print how long each of some requests takes; return the 95th percentile in milliseconds."""
    took = []
    for request in work:
        begin = time.perf_counter()
        request()
        took.append((time.perf_counter() - begin) * 1000)
    took.sort()
    median, high = took[len(took) // 2], took[min(len(took) - 1, int(len(took) * 0.95))]
    print(f"{name:42} {median:8.0f} ms median {high:8.0f} ms p95 {took[-1]:8.0f} ms longest")
    return high


def main() -> int:
    """Make the review unless it is given, and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--ledger", default="")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        (folder / "prompts").symlink_to(ROOT / "prompts")
        review = Review(folder)
        ledger = ledger_to_write(review, url=options.ledger or None)
        add_files(ledger, [read_file(path) for path in make_pair(folder, 0, int(options.records * 1.17))])
        judge(ledger, random.Random(1))
        return measure(Desk(review, ledger, "ada"))


def measure(desk: Desk) -> int:
    """Measure what somebody at a desk asks for."""
    vocabulary, rng = words(random.Random(0)), random.Random(2)

    def ask(page: int = 0, order: str = "", words: str = "", **facets: Sequence[str]) -> Callable[[], object]:
        return lambda: page_of(desk, SearchQuery(STAGE, words, facets, order), page)

    measured("the first page after a start", [ask()])
    measured("a word that nobody searched yet", [ask(words=rng.choice(vocabulary)) for _ in range(TIMES)])
    measured("two of them", [ask(words=" ".join(rng.choices(vocabulary, k=2))) for _ in range(TIMES)])
    word = rng.choice(vocabulary)
    years = [str(year) for year in range(1990, 2025)]
    worst = measured(
        "a facet, with a word", [ask(words=word, year=rng.sample(years, 3), show=["open"]) for _ in range(TIMES)]
    )
    worst = max(
        worst, measured("a facet, without", [ask(year=[rng.choice(years)], decision=["exclude"]) for _ in range(TIMES)])
    )
    measured("another page", [ask(page=rng.randrange(1_000)) for _ in range(TIMES)])
    measured("by title", [ask(order="title", page=rng.randrange(1_000)) for _ in range(TIMES)])
    measured("all ids of a search, for a decision on many", [lambda: ids(desk, SearchQuery(STAGE, word))])
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")
    return int(worst > MOST_MS)


if __name__ == "__main__":
    sys.exit(main())
