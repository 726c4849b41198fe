"""The experiment on four labelled reviews: what is drawn, and which answers are refused."""

import importlib.util
import json
import sys
from collections import Counter
from pathlib import Path
from types import ModuleType

import pytest
from support import ROOT


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        f"screening_sets_{name}", ROOT / "tests" / "reviews" / "screening-sets" / f"{name}.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


make, collect = load("make"), load("collect")
ROWS = [
    {"record_id": f"r{n}", "label_included": "1" if n < 21 else "0", "label_abstract_screening": "1" if n < 60 else "0"}
    for n in range(400)
]


def test_all_inclusions_are_halved_and_exclusions_drawn_alike_whatever_the_order_of_the_rows() -> None:
    drawn = make.draw(ROWS, "a")
    counts = Counter((each.half, each.included) for each in drawn)
    assert counts == {("dev", True): 10, ("test", True): 11, ("dev", False): 50, ("test", False): 50}
    assert make.draw(ROWS[::-1], "a") == drawn
    assert make.draw(ROWS, "b") != drawn


def test_the_weights_of_a_half_add_up_to_the_whole_set() -> None:
    rows = make.labels(make.draw(ROWS, "a"), exclusions=379)
    for half in ("dev", "test"):
        weights = [float(row["weight"]) for row in rows if row["split"] == half]
        assert sum(weights) == pytest.approx(400, abs=0.01)


def test_graded_answers_are_asked_by_the_same_protocol() -> None:
    for path in sorted((make.HERE / "after2").glob("*.yaml")):
        text = path.read_text(encoding="utf-8")
        lines = zip(text.split("\n"), make.asks_for_grades(text).split("\n"), strict=True)
        assert [(old, new) for old, new in lines if old != new] == [
            (
                '  reader: {kind: chat, model: "openai:blind-reader"}',
                '  reader: {kind: chat, model: "openai:blind-reader", answers: graded}',
            )
        ]


def test_packs_are_no_larger_than_is_said_and_lose_nothing() -> None:
    parts = make.evenly(range(371), 80)
    assert [each for part in parts for each in part] == list(range(371))
    assert max(map(len, parts)) <= 80
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        ({"drug": {"reason": "r", "quote": None, "answer": "yes"}}, ""),
        ({}, "answer.drug: is missing"),
        ({"drug": {"reason": "r", "quote": 3, "answer": "yes"}}, "answer.drug.quote: 3 is neither string nor null"),
        ({"drug": {"reason": "r", "quote": None, "answer": "so"}}, 'answer.drug.answer: "so" is none of yes, no'),
        ({"drug": {"quote": "q", "answer": "no"}}, "answer.drug.reason: is missing"),
    ],
)
def test_an_answer_that_does_not_fit_the_form_is_no_answer(answer: object, fault: str, tmp_path: Path) -> None:
    parts = {
        "reason": {"type": "string"},
        "quote": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "answer": {"type": "string", "enum": ["yes", "no"]},
    }
    schema = {"type": "object", "properties": {"drug": {"type": "object", "properties": parts}}}
    path = tmp_path / "answers.jsonl"
    path.write_text(json.dumps({"custom_id": "x-0", "answer": answer}) + "\n", encoding="utf-8")
    good, told = collect.read(path, {"ids": ["x-0"], "schema": schema})
    assert good == ({} if fault else {"x-0": answer})
    assert told == ([f"{path}:1: {fault}"] if fault else [])
