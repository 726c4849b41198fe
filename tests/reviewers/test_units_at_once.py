"""What is asked of all units at once comes out for each of them, driven without a server."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from support import ROOT
from support.reports import report_of

from screener.core.judgement import ItemStatus, Judgement, Stage
from screener.core.messages import AnswerPending, ChatRequest, ChatResponse, UnusableReplyError
from screener.documents import Report
from screener.forms.load import load_form
from screener.protocol import Prompt, Review
from screener.reviewers import ChatExtractor

FORM = """\
form:
  trial:
    help: The trial.
    items:
      weeks: {help: "For how many weeks?", type: count}
  arms:
    help: The groups.
    each:
      care:
        help: What was given.
        items:
          drug: {help: "Which drug?", type: text}
          dose_mg: {help: "How much?", type: number, units: {mg: 1}}
          harms:
            help: The harms, one entry each.
            each:
              harm: {help: "Which?", type: text}
              people: {help: "How many people?", type: count}
"""
TEXT = (
    "People were followed for 12 weeks. There were three groups: High Dose, Low Dose and Sham. The drug was lorazol, "
    "40 mg a day in High Dose and 20 mg a day in Low Dose. The Sham group had no drug. Headache occurred in 7 people "
    "with High Dose, 3 with Low Dose. Rash was seen in 2 people of every group."
)
NAMES = [{"evidence": "three groups: High Dose, Low Dose and Sham", "name": name} for name in ("High Dose", "Low Dose")]
NAMES += [{"evidence": "High Dose, Low Dose and Sham", "name": name} for name in ("Sham", "low  dose")]


def told(value: Any, *quotes: str) -> dict[str, Any]:
    status = "not_reported" if value is None else "reported"
    return {"evidence": list(quotes), "status": status, "value": value}


def harm(names: list[str], what: str, people: int, quote: str) -> dict[str, Any]:
    return {"for": names, "harm": told(what, quote), "people": told(people, quote)}


CARE = {
    "items": {"drug": told("lorazol", "The drug was lorazol"), "dose_mg": told(40, "40 mg a day in High Dose")},
    "differs": [
        {"for": ["LOW DOSE"], "item": "dose_mg", **told(20.0, "20 mg a day in Low Dose")},
        {"for": ["Sham"], "item": "dose_mg", **told(None), "status": "not_applicable"},
        {"for": ["Sham"], "item": "drug", **told(None), "status": "not_applicable"},
    ],
    "lists": {
        "harms": [
            harm(["High Dose"], "Headache", 7, "Headache occurred in 7 people with High Dose"),
            harm(["Low Dose"], "Headache", 3, "Headache occurred in 7 people with High Dose, 3 with Low Dose"),
            harm([], "Rash", 2, "Rash was seen in 2 people of every group"),
        ]
    },
}
FIRST = {"arms": NAMES, "trial": {"items": {"weeks": told(None)}}}
AGAIN = {
    "open-items": [{"for": [], "item": "trial.weeks", **told(12.0, "followed for 12 weeks")}],
    "arms.care": {"items": None, "lists": {"harms": []}},
}


@pytest.fixture
def report() -> Report:
    return report_of(("Methods", TEXT), title="A trial")


@pytest.fixture
def extractor(tmp_path: Path) -> ChatExtractor:
    path = tmp_path / "form.yaml"
    path.write_text(FORM, encoding="utf-8")
    stage = Review(ROOT).stage(Stage.EXTRACTION)
    prompt = Prompt.read(ROOT / "prompts" / "extraction.md")
    return ChatExtractor(stage, load_form(path), prompt, "A review", {"model": "any"}, full_text=60_000)


def driven(extractor: ChatExtractor, report: Report, answers: Mapping[str, Any]) -> tuple[Judgement, list[str]]:
    """The judgement, and the questions that were asked. Answers by a part of the question; None is one still awaited."""
    asking, asked = extractor.judge(report), []
    try:
        request = next(asking)
        while True:
            assert isinstance(request, ChatRequest)
            asked.append(request.messages[-1].content.rpartition("</record-")[2])
            answer = next(answer for part, answer in answers.items() if part in asked[-1])
            request = asking.throw(AnswerPending()) if answer is None else asking.send(ChatResponse(json.dumps(answer)))
    except StopIteration as stop:
        return stop.value, asked


def test_what_holds_for_all_is_written_out_for_each_and_what_differs_is_told(
    extractor: ChatExtractor, report: Report
) -> None:
    answers = {"others: arms, trial": FIRST, "others: arms.care": {"arms.care": CARE}, "left the items open": AGAIN}
    judgement, asked = driven(extractor, report, answers)
    assert len(asked) == 3
    assert "The arms to answer for, by name: High Dose; Low Dose; Sham." in asked[1], "one of them was named twice"
    values = {path: item.value for path, item in judgement.items.items() if item.status is ItemStatus.REPORTED}
    assert values == {
        "trial.weeks": 12,
        "arms[0].care.drug": "lorazol",
        "arms[0].care.dose_mg": 40,
        "arms[0].care.harms[0].harm": "Headache",
        "arms[0].care.harms[0].people": 7,
        "arms[0].care.harms[1].harm": "Rash",
        "arms[0].care.harms[1].people": 2,
        "arms[1].care.drug": "lorazol",
        "arms[1].care.dose_mg": 20,
        "arms[1].care.harms[0].harm": "Headache",
        "arms[1].care.harms[0].people": 3,
        "arms[1].care.harms[1].harm": "Rash",
        "arms[1].care.harms[1].people": 2,
        "arms[2].care.harms[0].harm": "Rash",
        "arms[2].care.harms[0].people": 2,
    }
    assert {path for path, item in judgement.items.items() if item.status is not ItemStatus.REPORTED} == {
        "arms[2].care.drug", "arms[2].care.dose_mg",
    }  # fmt: skip
    assert judgement.flags == ()


def test_a_question_that_rests_on_an_answer_waits_for_it(extractor: ChatExtractor, report: Report) -> None:
    with pytest.raises(AnswerPending):
        driven(extractor, report, {"others: arms, trial": None})
    with pytest.raises(AnswerPending):
        driven(extractor, report, {"others: arms, trial": FIRST, "others: arms.care": None})


def test_a_second_reading_may_add_an_entry_to_the_list_of_one_unit(extractor: ChatExtractor, report: Report) -> None:
    fewer = {**CARE, "lists": {"harms": CARE["lists"]["harms"][:2]}}
    more = {**AGAIN, "arms.care": {"items": None, "lists": {"harms": CARE["lists"]["harms"][2:]}}}
    answers = {"others: arms, trial": FIRST, "others: arms.care": {"arms.care": fewer}, "left the items open": more}
    judgement, asked = driven(extractor, report, answers)
    assert "arms.care.harms | Sham | none was found" in asked[-1]
    assert "arms.care.harms | High Dose; Low Dose | perhaps incomplete" in asked[-1]
    for number, place in ((0, 1), (1, 1), (2, 0)):
        assert judgement.items[f"arms[{number}].care.harms[{place}].harm"].value == "Rash"
    assert "arms[2].care.harms" not in judgement.items


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"for": [], "item": "dose_mg", **told(20.0, "20 mg a day in Low Dose")}, "`for` names none of the arms"),
        ({"for": ["low dose"], "item": "dose_mg", **told(40.0, "40 mg a day")}, "answered twice for low dose"),
    ],
)
def test_what_differs_says_for_whom_and_says_it_once(
    extractor: ChatExtractor, report: Report, more: dict[str, Any], said: str
) -> None:
    care = {**CARE, "differs": [*CARE["differs"], more]}  # type: ignore[misc]
    with pytest.raises(UnusableReplyError, match=said):
        driven(
            extractor,
            report,
            {"others: arms, trial": FIRST, "arms.care": {"arms.care": care}, said: {"arms.care": care}},
        )
