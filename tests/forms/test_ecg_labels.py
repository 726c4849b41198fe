"""The labels of the ECG form: items of today's form in its codes; and the program that brought them from the form before."""

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from support import ROOT

from screener.forms import FormSpec, bare
from screener.forms.load import load_form

PAPERS = ROOT / "tests" / "reviews" / "ecg-papers"
LABELS = [ROOT / "gold" / "extraction.jsonl", PAPERS / "gopal21a.jsonl", PAPERS / "qiu23a.jsonl"]
Line = dict[str, Any]


def lines_of(path: Path) -> list[Line]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def form() -> FormSpec:
    return load_form(ROOT / "prompts" / "form.py")


@pytest.fixture(scope="module")
def migrate() -> ModuleType:
    spec = importlib.util.spec_from_file_location("migrate_labels", PAPERS / "migrate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("path", LABELS, ids=lambda path: path.stem)
def test_every_label_is_an_item_of_the_form_in_its_codes(path: Path, form: FormSpec) -> None:
    seen = set()
    for line in lines_of(path):
        item = form.item(line["path"])
        assert item is not None, line
        assert (line["id"], line["path"]) not in seen
        seen.add((line["id"], line["path"]))
        assert (line["value"] is None) == (line["status"] != "reported"), line
        values = line["value"] if isinstance(line["value"], list) else [line["value"]]
        if line["status"] == "reported" and item.vocabulary:
            assert set(values) <= {str(code) for code in item.vocabulary}, line
            assert isinstance(line["value"], list) == (item.kind == "codes"), line
            assert ("other" in values) == (line["other"] is not None), line
        assert line["quote"] is None
        assert "note" not in line


def test_what_was_left_open_was_read_in_the_papers_by_the_words_of_the_form(form: FormSpec) -> None:
    labels = {(line["id"], line["path"]): line for path in LABELS[1:] for line in lines_of(path)}
    assert not [line for line in labels.values() if line["status"] == "unclear"]
    for asked in lines_of(PAPERS / "read-in-the-papers.jsonl"):
        item = form.item(asked["path"])
        if item is None:
            assert asked["path"] == "models[0].evaluation.results"
        else:
            assert (asked["id"], asked["path"]) in labels
            assert asked["asks"] == item.description


def test_the_labels_of_the_two_papers_answer_every_item(form: FormSpec) -> None:
    for path in LABELS[1:]:
        assert {bare(line["path"]) for line in lines_of(path)} == set(form.by_path)


def label(path: str, value: Any = None, status: str = "reported", **more: Any) -> Line:
    empty = dict.fromkeys(("other", "document", "page", "quote"))
    return {"id": "a", "path": path, "status": status if value is None else "reported", "value": value, **empty, **more}


MODEL = "models[0]."
MIGRATED = [
    ("a name", [label(MODEL + "identity.leads", "one_lead")], {MODEL + "identity.encoder_leads": "one_lead"}),
    ("words of other", [label(MODEL + "reproducibility.code.availability", "other", other="promised"),
                        label(MODEL + "reproducibility.code.url", status="not_reported")],
     {MODEL + "reproducibility.code.availability": "promised", MODEL + "reproducibility.code.url": "not_applicable"}),
    ("merged codes", [label(MODEL + "adaptation.ways", ["zero_shot", "prompting", "linear_probe"])],
     {MODEL + "adaptation.ways": ["used_as_is", "linear_probe"]}),
    ("hardware without a time", [label(MODEL + "pretraining.compute", "4 GPUs")],
     {MODEL + "pretraining.hardware": "4 GPUs", MODEL + "pretraining.training_time": "not_reported"}),
    ("hardware with a time", [label(MODEL + "pretraining.compute", "4 GPUs for 9 days")],
     {MODEL + "pretraining.hardware": "unclear", MODEL + "pretraining.training_time": "unclear"}),
    ("a size", [label(MODEL + "identity.parameters_millions", 7.5)], {MODEL + "identity.encoder_parameters_millions": 7.5}),
    ("a size of a language model", [label(MODEL + "identity.architecture_family", "language_model"),
                                    label(MODEL + "identity.parameters_millions", 7000)],
     {MODEL + "identity.architecture_family": "language_model", MODEL + "identity.model_parameters_millions": 7000}),
    ("seeds", [label(MODEL + "reproducibility.seeds", 5)],
     {MODEL + "reproducibility.repeated_runs": 5, MODEL + "reproducibility.runs_differ_by": ["seed"]}),
    ("a test on the data of the training", [label(MODEL + "pretraining.datasets[0].name", "D"),
                                            label(MODEL + "evaluation.results[0].dataset", "D"),
                                            label(MODEL + "evaluation.external_validation", status="not_reported")],
     {MODEL + "pretraining.datasets[0].name": "D", MODEL + "evaluation.results[0].dataset": "D",
      MODEL + "evaluation.external_validation": "not_externally_tested"}),
    ("a test on other data", [label(MODEL + "pretraining.datasets[0].name", "D"),
                              label(MODEL + "evaluation.results[0].dataset", "E"),
                              label(MODEL + "evaluation.external_validation", status="not_reported")],
     {MODEL + "pretraining.datasets[0].name": "D", MODEL + "evaluation.results[0].dataset": "E",
      MODEL + "evaluation.external_validation": "unclear"}),
    ("names of comparators", [label(MODEL + "evaluation.baselines", ["X", "Random initialization"])],
     {MODEL + "evaluation.comparators": ["X"]}),
    ("who can have the data", [label(MODEL + "pretraining.datasets[0].access", "open_access")], {}),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new"), [row[1:] for row in MIGRATED], ids=[row[0] for row in MIGRATED])
def test_an_old_label_becomes_todays_or_is_left_to_a_reader(migrate: ModuleType, old: list[Line], new: Line) -> None:
    lines, readers, _ = migrate.migrate(old)
    told = {line["path"]: line["status"] if line["value"] is None else line["value"] for line in lines}
    assert told == new
    assert {path for _, path in readers} == {path for path, value in told.items() if value == "unclear"}
