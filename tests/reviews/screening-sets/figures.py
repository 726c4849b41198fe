"""Prints the figures of the reader on the four reviews, of one version or of two beside each other, as Markdown.

    python tests/reviews/screening-sets/figures.py BEFORE [AFTER] [--save FILE] [--graded FOLDER]

BEFORE and AFTER are folders that `make.py` wrote, after `screener batch import` of the answers in each review; all comes from
`screener evaluate --json`, `screener export` and the reviews' gold. Each may also be a file that an earlier run with `--save`
wrote of its first folder, since a later program may ask otherwise and count earlier answers no more. A record that is unclear
counts as kept. Ids of misses are printed for `dev` alone: who changes the wording must not look at those of `test`.

`--graded` names a folder that `make.py --graded` wrote, with the answers of all its requests. It is a third version, decided by
the grades alone, and then decides by its probabilities, at operating points that `screener run --fit` and `screener evaluate
--thresholds` make from the labels of `dev`: of the title/abstract decision, which the program is given, and, on a copy, of the
final one. `test` is read when all have been chosen.
"""

import argparse
import csv
import json
import shutil
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[3])]

from make import SETS, screener  # noqa: E402

from screener.metrics import Estimate, mcnemar, wilson  # noqa: E402

HALVES = ("dev", "test")
TARGETS = (0.95, 0.98)
LABELS = {"title/abstract": "decision", "final": "final_decision"}
"""What may calibrate and choose on `dev`, with its column in `gold/abstract.csv`."""


@dataclass(frozen=True)
class Judged:
    """What the reader made of one labelled record. `failed` is the criterion that excluded it."""

    id: str
    included: bool
    kept: bool
    failed: str


@dataclass(frozen=True)
class Part:
    """One half of one review. `specificity` has value, low and high, `missing` records were not judged.

    `auroc` has the same of the reader's probabilities, against each of `LABELS`; None where it gives none.
    """

    specificity: Mapping[str, float | None]
    unclear: int
    missing: int
    judged: tuple[Judged, ...]
    auroc: Mapping[str, Mapping[str, float | None] | None] = field(default_factory=dict)

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


def read(review: Path, halves: Sequence[str] = HALVES) -> dict[str, Part]:
    """Return halves of a review: what `evaluate` says of each, and of each record what `export` says."""
    exported = review / "decisions.csv"
    screener("export", "--stage", "abstract", "--format", "csv", "-o", exported, review=review)
    decided = {row["id"]: row for row in _rows(exported)}
    exported.unlink()
    labels = _rows(review / "gold" / "abstract.csv")
    parts = {}
    for half in halves:
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
        auroc = {"title/abstract": (found["ranking"] or {}).get("auroc"), "final": final["auroc"]}
        parts[half] = Part(found["specificity"], found["unclear"], len(found["missing"]), tuple(judged), auroc)
    return parts


@dataclass(frozen=True)
class Point:
    """An operating point of a reader with graded answers: what `dev` chose, and what it does on `test`.

    `labels` is a key of `LABELS`; `chosen` is what `evaluate --thresholds --json` says.
    """

    labels: str
    target: float
    calibrated: bool
    chosen: Mapping[str, Any]
    test: Part


def points(review: Path) -> list[Point]:
    """Return the operating points that `dev` chooses. They are made on copies: the review stays as it is."""
    found = []
    for labels, column in LABELS.items():
        with TemporaryDirectory() as place:
            copy = Path(place) / review.name
            shutil.copytree(review, copy)
            gold = copy / "gold" / "abstract.csv"
            given, protocol = gold.read_bytes(), (copy / "prompts" / "review.yaml")
            _decide_by(gold, column)
            calibrated, asked = _calibrated(copy), protocol.read_text(encoding="utf-8")
            choices = {target: _chosen(copy, target) for target in TARGETS}
            gold.write_bytes(given)
            for target, chosen in choices.items():
                until = chosen["yaml"] or "until: {abstract: {exclude_below: 0, include_above: 1}}"
                protocol.write_text(asked.replace("answers: graded", f"answers: graded, {until}"), encoding="utf-8")
                screener("run", "--stage", "abstract", "--reviewer", "reader", review=copy)
                found.append(Point(labels, target, calibrated, chosen, read(copy, ("test",))["test"]))
    return found


def _decide_by(gold: Path, column: str) -> None:
    rows = _rows(gold)
    with gold.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(row | {"decision": row[column]} for row in rows)


def _calibrated(review: Path) -> bool:
    """Calibrate the reader on the part `tune` of `dev`, and return whether its labels are enough."""
    try:
        screener("run", "--stage", "abstract", "--reviewer", "reader", "--fit", review=review)
    except SystemExit as stopped:
        if "a calibration needs at least" not in str(stopped):
            raise
        return False
    return True


def _chosen(review: Path, target: float) -> dict[str, Any]:
    arguments = ("evaluate", "--stage", "abstract", "--reviewer", "reader", "--thresholds", target, "--json")
    return dict(json.loads(screener(*arguments, review=review)))


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


def changes(
    before: Mapping[tuple[str, str], Part], after: Mapping[tuple[str, str], Part], halves: Sequence[str] = HALVES
) -> None:
    """Print what the second wording changed, record by record (exact McNemar test over what both have judged)."""
    print("\n| half | records | right now | wrong now | p |\n| --- | --- | --- | --- | --- |")
    for half in halves:
        for kind, included in (("finally included", True), ("finally excluded", False)):
            gained = lost = 0
            for one in SETS:
                earlier = {each.id: each for each in before[one.name, half].judged}
                both = [(earlier[e.id], e) for e in after[one.name, half].judged if e.id in earlier]
                both = [(old, new) for old, new in both if new.included == included and old.kept != new.kept]
                gained += sum(new.kept == included for _, new in both)
                lost += sum(new.kept != included for _, new in both)
            print(f"| {half} | {kind} | {gained} | {lost} | {mcnemar(gained, lost).p:.2g} |")


def graded(before: Mapping[tuple[str, str], Part], after: Mapping[tuple[str, str], Part], folder: Path) -> None:
    """Print how the graded answers rank, what they do at operating points chosen on `dev`, and what that changes."""
    print("\n| review | half | AUROC, title/abstract labels | AUROC, final labels |\n| --- | --- | --- | --- |")
    for half in HALVES:
        for one in SETS:
            cells = [shown(after[one.name, half].auroc[labels] or {"value": None}) for labels in LABELS]
            print(f"| {one.name} | {half} | {' | '.join(cells)} |")
    names = [one.name for one in SETS]
    with ThreadPoolExecutor(len(SETS)) as threads:  # all time goes into the programs they start
        found = dict(zip(names, threads.map(points, [folder.resolve() / name for name in names]), strict=True))
    heads = ("review", "labels of dev", "target", "calibrated", "exclude_below", "dev: not excluded of kept",
             "dev: recall, by weight", "test: recall of final inclusions", "specificity (title/abstract labels)",
             "excluded of finally excluded", "AUROC, title/abstract labels", "AUROC, final labels")  # fmt: skip
    print(f"\n| {' | '.join(heads)} |\n|{' --- |' * len(heads)}")
    together: dict[tuple[str, float], dict[tuple[str, str], Part]] = {}
    for name, some in found.items():
        for point in some:
            together.setdefault((point.labels, point.target), {})[name, "test"] = point.test
            chosen, until = point.chosen, point.chosen["until"]
            cells = (name, point.labels, f"{point.target:g}", "yes" if point.calibrated else "too few labels",
                     f"{until['exclude_below']:g}" if until else "none", f"{chosen['kept'] - chosen['missed']}/{chosen['kept']}",
                     shown(chosen["recall"]), of_all(pooled([point.test])), shown(point.test.specificity),
                     of_all(point.test.excluded),
                     *(shown(point.test.auroc[labels] or {"value": None}) for labels in LABELS))  # fmt: skip
            print(f"| {' | '.join(cells)} |")
    for (labels, target), parts in together.items():
        print(f"| all four | {labels} | {target:g} | | | | | {of_all(pooled(list(parts.values())))} | | | | |")
    for heading, parts in (
        ("by the grades alone", after),
        *((f"{a}, {b:g}", parts) for (a, b), parts in together.items()),
    ):
        print(f"\nGraded answers, {heading}, against the first version:")
        changes(before, parts, ("test",))


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
    parser.add_argument("--graded", type=Path)
    options = parser.parse_args()
    versions = {"before": load(options.before)} | ({"after": load(options.after)} if options.after else {})
    if options.save:
        save(versions["before"], options.save)
    if options.graded:
        versions["graded"] = load(options.graded)
        if any(part.missing for part in versions["graded"].values()):
            parser.error("--graded: not all requests are answered, and `test` is measured once")
    table(versions)
    misses(versions)
    if options.after:
        changes(versions["before"], versions["after"])
    if options.graded:
        graded(versions["before"], versions["graded"], options.graded)
    print("\nFour fixed public reviews: these figures say nothing of reviews that nobody has seen.")


if __name__ == "__main__":
    main()
