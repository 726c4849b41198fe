"""Duplicates found in labelled sets of real searches (`shared/data/dedup`), beside bib-dedupe where it is there.

    python tests/benchmarks/dedup_sets.py [--bib-dedupe PYTHON] [--show]

PYTHON is an interpreter that has bib-dedupe (it is no dependency of ours). `--show` prints each wrong merge and each pair
that is neither merged nor listed. Exit code 1 if a set has more than one wrong merge, more than 2 % of its pairs unlisted, or
candidates for more than 5 % of its records.
"""

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1])]

from support.dedup_sets import FOLDER, NAMES, Found, labelled_set, match_all  # noqa: E402

_ORACLE = """
import json, sys, warnings
warnings.filterwarnings("ignore")
import pandas as pd
from bib_dedupe.bib_dedupe import block, cluster, match, prep
records = pd.read_csv(sys.argv[1], dtype=str, keep_default_na=False)
groups = cluster(match(block(prep(records, cpu=1), cpu=1), cpu=1))
print("GROUPS" + json.dumps(groups))
"""


def oracle(python: str, name: str) -> tuple[set[frozenset[str]], float]:
    """Return the pairs that bib-dedupe merges in a set, and its seconds."""
    started = time.perf_counter()
    path = FOLDER / name / "records_pre_merged.csv"
    done = subprocess.run([python, "-c", _ORACLE, str(path)], capture_output=True, text=True, check=False)
    line = next((line for line in done.stdout.splitlines() if line.startswith("GROUPS")), None)
    if line is None:
        raise SystemExit(done.stderr[-2000:])
    pairs = {frozenset((a, b)) for group in json.loads(line[6:]) for a in group for b in group if a != b}
    return pairs, time.perf_counter() - started


def main() -> int:
    """Print a row for each set and program; return 1 if a goal is missed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--bib-dedupe", default="")
    parser.add_argument("--show", action="store_true")
    options = parser.parse_args()
    print(f"{'set':13}{'program':12}{'records':>8}{'pairs':>7}{'right':>7}{'wrong':>7}{'missed':>8}{'listed':>8}{'unlisted':>10}"
          f"{'candidates':>12}{'precision':>11}{'seconds':>9}")  # fmt: skip
    missed_goal = False
    for name in NAMES:
        entries, pairs = labelled_set(name)
        started = time.perf_counter()
        found = match_all(entries)
        seconds = time.perf_counter() - started
        unlisted, candidates = found.unlisted(pairs), found.candidates
        right = sum(found.is_labelled(pair, pairs) for pair in candidates)
        share = f"{len(candidates)} ({len(candidates) / len(entries):.1%})"
        missed = pairs - found.merged
        print(f"{name:13}{'screener':12}{len(entries):8}{len(pairs):7}{len(found.merged & pairs):7}{len(found.merged - pairs):7}"
              f"{len(missed):8}{len(missed) - len(unlisted):8}{len(unlisted) / len(pairs):10.1%}{share:>12}"
              f"{right / max(len(candidates), 1):11.0%}{seconds:9.1f}")  # fmt: skip
        missed_goal |= len(found.merged - pairs) > 1 or len(unlisted) > 0.02 * len(pairs)
        missed_goal |= len(candidates) > 0.05 * len(entries)
        if options.bib_dedupe:
            merged, seconds = oracle(options.bib_dedupe, name)
            print(f"{name:13}{'bib-dedupe':12}{len(entries):8}{len(pairs):7}{len(merged & pairs):7}{len(merged - pairs):7}"
                  f"{len(pairs - merged):8}{'–':>8}{len(pairs - merged) / len(pairs):10.1%}{'–':>12}{'–':>11}{seconds:9.1f}")  # fmt: skip
        if options.show:
            show("merged wrongly", found, found.merged - pairs)
            show("neither merged nor listed", found, unlisted)
    print("missed" if missed_goal else "goals reached")
    return int(missed_goal)


def show(heading: str, found: Found, pairs: set[frozenset[str]]) -> None:
    """Print pairs of entries under a heading."""
    for pair in sorted(map(sorted, pairs)):
        print(f"  {heading}:")
        for name in pair:
            entry = found.entries[name]
            print(
                f"    {name} {entry.title[:120]} | {'; '.join(entry.authors[:2])} | {entry.venue[:40]} {entry.year} {entry.locator}"
            )


if __name__ == "__main__":
    sys.exit(main())
