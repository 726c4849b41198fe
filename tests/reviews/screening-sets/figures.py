"""Prints the figures of the reader on the four reviews, of one version or of two beside each other, as Markdown.

    python tests/reviews/screening-sets/figures.py BEFORE [AFTER] [--save FILE]

BEFORE and AFTER are folders that `make.py` wrote, after `screener batch import` of the answers in each review; all comes from
`screener evaluate --json`, `screener export` and the reviews' gold. Each may also be a file that an earlier run with `--save`
wrote of its first folder, since a later program may ask otherwise and count earlier answers no more. A record that is unclear
counts as kept. Ids of misses are printed for `dev` alone: who changes the wording must not look at those of `test`.
"""

import argparse
import csv
import json
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[3])]

from make import SETS, screener  # noqa: E402

from screener.metrics import Estimate, mcnemar, wilson  # noqa: E402

HALVES = ("dev", "test")


@dataclass(frozen=True)
class Judged:
    """What the reader made of one labelled record. `failed` is the criterion that excluded it."""

    id: str
    included: bool
    kept: bool
    failed: str


@dataclass(frozen=True)
class Part:
    """One half of one review. `specificity` has value, low and high, `missing` records were not judged."""

    specificity: Mapping[str, float | None]
    unclear: int
    missing: int
    judged: tuple[Judged, ...]

    @classmethod
    def of(cls, saved: Mapping[str, Any]) -> Self:
        """Return a part that was saved."""
        return cls(**{**saved, "judged": tuple(Judged(**each) for each in saved["judged"])})

    @cached_property
    def missed(self) -> dict[str, str]:
        """The final inclusions that the reader excluded, with the criterion that did."""
        return {each.id: each.failed for each in self.judged if each.included and not each.kept}

    @property
    def excluded(self) -> Estimate:
        """The share excluded of the finally excluded records: these are a simple random sample of their kind."""
        others = [each for each in self.judged if not each.included]
        return wilson(sum(not each.kept for each in others), len(others))


def pooled(parts: Sequence[Part]) -> Estimate:
    """Return the recall of the final inclusions of several parts together."""
    inclusions = [each.kept for part in parts for each in part.judged if each.included]
    return wilson(sum(inclusions), len(inclusions))


def read(review: Path) -> dict[str, Part]:
    """Return the halves of a review: what `evaluate` says of each, and of each record what `export` says."""
    exported = review / "decisions.csv"
    screener("export", "--stage", "abstract", "--format", "csv", "-o", exported, review=review)
    decided = {row["id"]: row for row in _rows(exported)}
    exported.unlink()
    labels = _rows(review / "gold" / "abstract.csv")
    halves = {}
    for half in HALVES:
        arguments = ("evaluate", "--stage", "abstract", "--reviewer", "reader", "--split", half, "--json")
        found = json.loads(screener(*arguments, review=review))
        judged = []
        for row in (row for row in labels if row["split"] == half and row["id"] not in found["missing"]):
            mine = decided[row["id"]]
            kept = mine["decision"] in ("include", "unclear")
            judged.append(Judged(row["id"], row["final_decision"] == "include", kept, mine["failed_criterion"]))
        cells = Counter((each.included, each.kept) for each in judged)
        final = found["against_final"]
        told = {(True, True): "tp", (True, False): "fn", (False, True): "fp", (False, False): "tn"}
        if any(cells[key] != final[name] for key, name in told.items()):
            raise SystemExit(f"{review}: {half}: `export` and `evaluate` do not say the same of final inclusions")
        halves[half] = Part(found["specificity"], found["unclear"], len(found["missing"]), tuple(judged))
    return halves


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def shown(estimate: Estimate | Mapping[str, Any], share: str = "") -> str:
    """Return a figure with its interval, `share` (say 23/24) before it."""
    values = estimate if isinstance(estimate, Mapping) else asdict(estimate)
    if values["value"] is None:
        return "–"
    value, low, high = (f"{values[key]:.2f}" for key in ("value", "low", "high"))
    return f"{share} {value} ({low}–{high})".strip()


def of_all(estimate: Estimate) -> str:
    """Return a share with its counts."""
    n = int(estimate.n or 0)
    return shown(estimate, f"{round((estimate.value or 0) * n)}/{n}")


def table(versions: Mapping[str, Mapping[tuple[str, str], Part]]) -> None:
    """Print a row for each review, half and version, and the recall of all reviews together."""
    heads = ("review", "half", "wording", "recall of final inclusions", "specificity (title/abstract labels)",
             "excluded of finally excluded", "unclear", "not judged")  # fmt: skip
    print(f"| {' | '.join(heads)} |\n|{' --- |' * len(heads)}")
    for half in HALVES:
        for one in SETS:
            for version, parts in versions.items():
                part = parts[one.name, half]
                cells = (one.name, half, version, of_all(pooled([part])), shown(part.specificity),
                         of_all(part.excluded), f"{part.unclear}/{len(part.judged)}", str(part.missing))  # fmt: skip
                print(f"| {' | '.join(cells)} |")
        for version, parts in versions.items():
            together = pooled([parts[one.name, half] for one in SETS])
            print(f"| all four | {half} | {version} | {of_all(together)} | | | | |")
    for one in SETS:
        for version, parts in versions.items():
            together = pooled([parts[one.name, half] for half in HALVES])
            print(f"| {one.name} | both | {version} | {of_all(together)} | | | | |")


def misses(versions: Mapping[str, Mapping[tuple[str, str], Part]]) -> None:
    """Print which criteria excluded final inclusions."""
    print("\n| review | half | wording | misses by criterion |\n| --- | --- | --- | --- |")
    for half in HALVES:
        for one in SETS:
            for version, parts in versions.items():
                missed = parts[one.name, half].missed
                said = [
                    f"{criterion}: {n}" + (f" ({', '.join(_ids(missed, criterion))})" if half == "dev" else "")
                    for criterion, n in Counter(missed.values()).most_common()
                ]
                print(f"| {one.name} | {half} | {version} | {'; '.join(said) or 'none'} |")


def _ids(missed: Mapping[str, str], criterion: str) -> list[str]:
    return sorted(name for name, failed in missed.items() if failed == criterion)


def changes(before: Mapping[tuple[str, str], Part], after: Mapping[tuple[str, str], Part]) -> None:
    """Print what the second wording changed, record by record (exact McNemar test over what both have judged)."""
    print("\n| half | records | right now | wrong now | p |\n| --- | --- | --- | --- | --- |")
    for half in HALVES:
        for kind, included in (("finally included", True), ("finally excluded", False)):
            gained = lost = 0
            for one in SETS:
                earlier = {each.id: each for each in before[one.name, half].judged}
                both = [(earlier[e.id], e) for e in after[one.name, half].judged if e.id in earlier]
                both = [(old, new) for old, new in both if new.included == included and old.kept != new.kept]
                gained += sum(new.kept == included for _, new in both)
                lost += sum(new.kept != included for _, new in both)
            print(f"| {half} | {kind} | {gained} | {lost} | {mcnemar(gained, lost).p:.2g} |")


def load(path: Path) -> dict[tuple[str, str], Part]:
    """Return the parts in a folder of reviews, or in a file that was saved."""
    if path.suffix == ".json":
        saved = json.loads(path.read_text(encoding="utf-8"))
        return {(name, half): Part.of(part) for name, halves in saved.items() for half, part in halves.items()}
    return {(one.name, half): part for one in SETS for half, part in read(path.resolve() / one.name).items()}


def save(parts: Mapping[tuple[str, str], Part], path: Path) -> None:
    """Write parts to a file: ids, decisions and figures, no text of a record."""
    saved = {one.name: {half: asdict(parts[one.name, half]) for half in HALVES} for one in SETS}
    path.write_text(json.dumps(saved, indent=1) + "\n", encoding="utf-8")


def main() -> None:
    """Run the program."""
    parser = argparse.ArgumentParser(description="Print the figures of the experiment as Markdown.")
    parser.add_argument("before", type=Path)
    parser.add_argument("after", type=Path, nargs="?")
    parser.add_argument("--save", type=Path)
    options = parser.parse_args()
    versions = {"before": load(options.before)} | ({"after": load(options.after)} if options.after else {})
    if options.save:
        save(versions["before"], options.save)
    table(versions)
    misses(versions)
    if options.after:
        changes(versions["before"], versions["after"])
    print("\nFour fixed public reviews: these figures say nothing of reviews that nobody has seen.")


if __name__ == "__main__":
    main()
