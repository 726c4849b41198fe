"""Brings labels of the ECG form of 2026-11-28 to the form of today: `python migrate.py OLD.jsonl NEW.jsonl`.

What the old labels answer is carried over. An item that they cannot answer, because the question is new or has another
rule, is `unclear` in the new file, which no scoring counts, and stands in the file of `--readers` with what is asked: a
person reads it in the report. New items are asked only of studies whose old labels had the whole form. It prints how many
labels were kept, renamed, recoded, answered by a rule, dropped, and how many need a reader. Notes are dropped, since they
speak of the old questions, and with `--facts-only` quotes, too.
"""

import argparse
import json
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[3]))  # so that it runs in a folder with the source, not installed

from screener.forms import FormSpec, bare, load_forms

Line = dict[str, Any]

NO_MODELS = {
    ("gopal21a", 1): "an ablation: the old note calls it a step of one, without the loss per lead",
    ("gopal21a", 2): "an ablation: the old note calls it the method without two augmentations",
    ("qiu23a", 1): "a size whose figures stand only in what the report calls an ablation, says the old note",
}
"""Entries of the old labels that are no models by today's rule, as their own notes tell."""
TO_READ = {
    ("qiu23a", "models.identity.name"): "the text names no model, and its tables call it differently",
    ("qiu23a", "models.adaptation.ways"): "what the report calls fine-tuning is the pre-training by today's rule",
    (
        "qiu23a",
        "models.evaluation.comparators",
    ): "own variants are no comparators today, and the old note calls these so",
    ("gopal21a", "models.evaluation.results.task"): "was named by the abstract; today by the table or its caption",
}
"""Old labels that today's rules make doubtful, as their own notes tell."""
KNOWN = {("arXiv:2403.06659", "models.reproducibility.data.availability"): "after_registration"}
"""What `gold/extraction-facts.jsonl` says more exactly than the old code: `credentialed`."""

RENAMED = {
    "models.identity.leads": "encoder_leads",
    "models.evaluation.baselines": "comparators",
}
OTHERS = {
    "image-text matching": "pair_matching",
    "recall at 1 (R@1)": "recall_at_1",
    "recall at 5 (R@5)": "recall_at_5",
    "recall at 10 (R@10)": "recall_at_10",
    "RSUM, the sum of the recall metrics": "recall_sum",
    "promised": "promised",
    "partly": "partly",
}
"""Codes for what had been `other` with these words."""
CODES = {"models.adaptation.ways": {"zero_shot": "used_as_is", "prompting": "used_as_is"}}
DROPPED = {"models.pretraining.datasets.access": "one fact with data.availability, which stays"}
SILENT = ("on_request", "promised", "not_available")
"""Availability of which neither address nor licence is asked."""
SCRATCH = re.compile(r"random initiali[sz]|from scratch|without pre-?training", re.IGNORECASE)
TIME = re.compile(r"\b(?:hours?|days?|weeks?|minutes?|h)\b", re.IGNORECASE)
EMPTY: Line = {"value": None, "other": None, "document": None, "page": None, "quote": None}


@dataclass
class Labels:
    """The labels of one study on their way, by path, and what became of the old ones."""

    id: str
    lines: dict[str, Line]
    whole: bool
    """Whether the old labels had the whole form."""
    counts: Counter[str]
    readers: dict[str, str] = field(default_factory=dict)
    """Paths that a person must read, with the reason."""

    def put(self, path: str, like: Line | None = None, **changed: Any) -> None:
        """Set the label at a path: another one, changed, or from nothing."""
        self.lines[path] = {**EMPTY, "status": "not_reported", **(like or {}), **changed, "id": self.id, "path": path}

    def ask(self, path: str, why: str) -> None:
        """Leave the item at a path to a reader."""
        self.put(path, status="unclear")
        self.readers[path] = why

    def at(self, name: str) -> Iterator[tuple[str, Line]]:
        """Yield the labels with that path without indices."""
        yield from [(path, line) for path, line in self.lines.items() if bare(path) == name]


def migrate(lines: Iterable[Mapping[str, Any]]) -> tuple[list[Line], dict[tuple[str, str], str], Counter[str]]:
    """Return the labels of today, what a reader must answer (by study and path, with the reason), and the counts."""
    studies: dict[str, dict[str, Line]] = {}
    for line in lines:
        studies.setdefault(line["id"], {})[line["path"]] = {k: v for k, v in line.items() if k != "note"}
    counts: Counter[str] = Counter()
    new: list[Line] = []
    readers: dict[tuple[str, str], str] = {}
    for name, old in studies.items():
        labels = Labels(name, old, "study.design" in old, counts)
        before = {path: dict(line) for path, line in old.items()}
        for step in (
            _models,
            _renamed,
            _recoded,
            _parameters,
            _compute,
            _images,
            _external,
            _comparators,
            _release,
            _runs,
        ):
            step(labels)
        _left_to_readers(labels)
        if labels.whole:
            _new_items(labels)
        _count(labels, before)
        new += labels.lines.values()
        readers |= {(name, path): why for path, why in labels.readers.items()}
    return new, readers, counts


def _models(labels: Labels) -> None:
    for (name, number), why in NO_MODELS.items():
        gone = [path for path in labels.lines if name == labels.id and path.startswith(f"models[{number}].")]
        labels.counts[f"dropped: {why}"] += len(gone)
        for path in gone:
            del labels.lines[path]


def _renamed(labels: Labels) -> None:
    for path in list(labels.lines):
        if why := DROPPED.get(bare(path)):
            labels.counts[f"dropped: {why}"] += 1
            del labels.lines[path]
        elif last := RENAMED.get(bare(path)):
            labels.put(f"{path.rpartition('.')[0]}.{last}", labels.lines.pop(path))


def _recoded(labels: Labels) -> None:
    for path, line in labels.lines.items():
        if bare(path) == "study.design" and isinstance(line["value"], str):
            line["value"] = [line["value"]]
        value, codes = line["value"], CODES.get(bare(path), {})
        several = value if isinstance(value, list) else [value]
        changed = [
            OTHERS.get(line["other"] or "", code) if code == "other" else codes.get(code, code) for code in several
        ]
        if bare(path).endswith(".training_details"):
            changed = [code for code in changed if code != "other"]
        if changed != several:
            line["value"] = list(dict.fromkeys(changed)) if isinstance(value, list) else changed[0]
            line["other"] = line["other"] if "other" in changed else None
        if known := KNOWN.get((labels.id, bare(path))):
            line["value"] = known


def _parameters(labels: Labels) -> None:
    """A number without saying of which part is today the encoder's; a language model that reads the ECG has none."""
    for path, line in labels.at("models.identity.parameters_millions"):
        place = path.rpartition(".")[0]
        family = labels.lines.get(f"{place}.architecture_family", EMPTY)["value"]
        encoder, model = (f"{place}.{part}_parameters_millions" for part in ("encoder", "model"))
        del labels.lines[path]
        labels.put(model if family == "language_model" else encoder, line)
        if labels.whole and line["status"] == "reported":
            labels.ask(encoder if family == "language_model" else model, "is asked apart from the encoder today")
        elif labels.whole:
            labels.put(model)


def _compute(labels: Labels) -> None:
    for path, line in labels.at("models.pretraining.compute"):
        place = path.rpartition(".")[0]
        del labels.lines[path]
        if line["status"] == "reported" and TIME.search(str(line["value"])):
            for part in ("hardware", "training_time"):
                labels.ask(f"{place}.{part}", "stood in one text with the other")
        else:
            labels.put(f"{place}.hardware", line)
            labels.put(f"{place}.training_time")


def _images(labels: Labels) -> None:
    """What reads images has no sampling rate today."""
    for path, line in labels.at("models.identity.modalities"):
        rate = f"{path.rpartition('.')[0]}.sampling_rate_hz"
        kinds = line["value"] or []
        if "ecg_image" in kinds and "ecg_signal" not in kinds and rate in labels.lines:
            labels.put(rate, status="not_applicable")


def _external(labels: Labels) -> None:
    """Today this is judged by the data: the old `not_reported` meant only that the report did not say it in words."""
    for path, line in labels.at("models.evaluation.external_validation"):
        model = path.partition(".")[0]
        tested = [
            one["value"] for each, one in labels.at("models.evaluation.results.dataset") if each.startswith(model)
        ]
        trained = [
            one["value"] for each, one in labels.at("models.pretraining.datasets.name") if each.startswith(model)
        ]
        if line["status"] != "not_reported":
            continue
        if tested and set(tested) <= set(trained):
            labels.put(path, status="reported", value="not_externally_tested")
        else:
            labels.ask(path, "is judged by the origin of the data today")


def _comparators(labels: Labels) -> None:
    for path, line in labels.at("models.evaluation.comparators"):
        if line["status"] == "reported":
            line["value"] = [name for name in line["value"] if not SCRATCH.search(name)]
        if labels.whole:
            labels.ask(f"{path.rpartition('.')[0]}.from_scratch", "is asked apart from the comparators today")


def _release(labels: Labels) -> None:
    for path, line in list(labels.lines.items()):
        if path.endswith(".availability") and line["value"] in SILENT:
            for last in ("url", "licence"):
                if (hangs := path.replace("availability", last)) in labels.lines:
                    labels.put(hangs, status="not_applicable")


def _runs(labels: Labels) -> None:
    for path, line in labels.at("models.reproducibility.seeds"):
        place = path.rpartition(".")[0]
        del labels.lines[path]
        labels.put(f"{place}.repeated_runs", line)
        labels.put(f"{place}.runs_differ_by", line, value=["seed"] if line["status"] == "reported" else None)
        if labels.whole and line["status"] != "reported":
            for part in ("repeated_runs", "runs_differ_by"):
                labels.ask(f"{place}.{part}", "counts runs on other splits, too, today")


def _left_to_readers(labels: Labels) -> None:
    for (name, item), why in TO_READ.items():
        for path, _ in labels.at(item) if name == labels.id else ():
            labels.ask(path, why)


def _new_items(labels: Labels) -> None:
    """What no old label tells: asked of the models, data sets and results that the old labels have."""
    paths = list(labels.lines)
    for model in sorted({path.partition(".")[0] for path in paths if path.startswith("models[")}):
        labels.ask(f"{model}.identity.also_called", "is new")
    for path in paths:
        place = path.rpartition(".")[0]
        if bare(path) == "models.pretraining.datasets.recordings":
            if labels.lines[path]["status"] == "reported":
                labels.ask(f"{place}.recordings_are", "is new")
            else:
                labels.put(f"{place}.recordings_are")
        elif bare(path) == "models.evaluation.results.value":
            for part in ("task_kind", "condition", "plus_minus", "plus_minus_is"):
                labels.ask(f"{place}.{part}", "is new")
            labels.readers[place.rpartition("[")[0]] = (
                "figures of other conditions, such as another share of labels, are entries today: which more are there?"
            )


def _count(labels: Labels, before: Mapping[str, Line]) -> None:
    for path, line in labels.lines.items():
        old = before.get(path)
        if path in labels.readers:
            kind = "needs a reader"
        elif old is None:
            kind = "renamed or split"
        elif any(old.get(key) != line.get(key) for key in ("status", "value", "other")):
            kind = "recoded or answered by a rule"
        else:
            kind = "kept"
        labels.counts[kind] += 1
    labels.counts["needs a reader: a list, perhaps with more entries"] += sum(
        path not in labels.lines for path in labels.readers
    )


def described(form: FormSpec, path: str) -> str:
    """Return what the form asks at a path: of an item, or of a list."""
    if item := form.item(path):
        return item.description
    rows = (row for unit in form.units for part in unit.groups for row in part.rows if bare(path).endswith(row.path))
    return next(row.description for row in rows)


def _sorted(form: FormSpec, lines: Iterable[Line]) -> list[Line]:
    """Return the labels in the order of the form, study by study; raise `ValueError` for one that is no item of it."""
    order = {path: number for number, path in enumerate(form.by_path)}
    lines = list(lines)
    studies = list(dict.fromkeys(line["id"] for line in lines))
    if unknown := [line["path"] for line in lines if bare(line["path"]) not in order]:
        raise ValueError(f"{unknown[0]}: is no item of the form")

    def place(line: Line) -> tuple[Any, ...]:
        model, *inner = [int(number) for number in re.findall(r"\[(\d+)\]", line["path"])] or [-1]
        part = bare(line["path"]).split(".")[:3]
        first = min(number for path, number in order.items() if path.split(".")[: len(part[:-1])] == part[:-1])
        listed = inner[0] if inner else -1
        return (
            studies.index(line["id"]),
            model,
            first if inner else order[bare(line["path"])],
            listed,
            order[bare(line["path"])],
        )

    return sorted(lines, key=place)


def main() -> None:
    """Run the program."""
    parser = argparse.ArgumentParser(description="Bring labels of the ECG form of 2026-11-28 to the form of today.")
    parser.add_argument("old", type=Path)
    parser.add_argument("new", type=Path)
    parser.add_argument("--readers", type=Path, help="where to write what a person must read in the reports")
    parser.add_argument("--facts-only", action="store_true", help="leave quotes out")
    parser.add_argument("--form", type=Path, default=Path(__file__).parents[3] / "prompts" / "form.py")
    args = parser.parse_args()
    form = load_forms([args.form])
    lines, readers, counts = migrate(json.loads(line) for line in args.old.read_text(encoding="utf-8").splitlines())
    keys = ("id", "path", "status", "value", "other", "document", "page", "quote")
    shown = [{key: line[key] for key in keys} for line in _sorted(form, lines)]
    for line in shown:
        line["quote"] = None if args.facts_only else line["quote"]
    _write(args.new, shown)
    if args.readers:
        about = [
            {"id": name, "path": path, "asks": described(form, path), "why": why}
            for (name, path), why in readers.items()
        ]
        _write(args.readers, about)
    for kind, count in sorted(counts.items()):
        if count:
            print(f"{count:5}  {kind}")


def _write(path: Path, lines: Iterable[Line]) -> None:
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")


if __name__ == "__main__":
    main()
