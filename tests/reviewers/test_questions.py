"""What is asked about a study: in how few requests, of which form, and what a second reading is asked for."""

import json

import pytest
from pydantic import ValidationError
from support import ROOT

from screener.core.judgement import Evidence, ItemAnswer, ItemStatus, Match
from screener.forms import FormSpec, load_forms
from screener.reviewers.answer_form import AnswerForm
from screener.reviewers.questions import MOST_ITEMS, OpenItem, Question, first_questions, parts_of, unit_questions
from screener.reviewers.second_reading import second_question

NAMES = {"models": {"Big": 0, "Small": 1}}


@pytest.fixture(scope="module")
def form() -> FormSpec:
    return load_forms([ROOT / "prompts" / "form.py", ROOT / "prompts" / "appraisal.py"])


def test_every_part_is_asked_for_once_whatever_the_number_of_units(form: FormSpec) -> None:
    many = {"models": {f"Model {number}": number for number in range(12)}}
    for names in (NAMES, many):
        questions = [*first_questions(form), *unit_questions(form, names)]
        assert [part.path for question in questions for part in question.parts] == [
            part.path for part in parts_of(form)
        ]
        assert len(questions) <= 6
    assert questions[0].paths[:2] == ("models", "study")
    assert unit_questions(form, {"models": {}}) == []


def test_no_request_asks_for_more_than_it_may_unless_a_part_alone_does(form: FormSpec) -> None:
    for question in [*first_questions(form), *unit_questions(form, NAMES)]:
        assert len(question.parts) == 1 or sum(part.weight for part in question.parts) <= MOST_ITEMS


def test_halves_ask_together_what_the_whole_asked_and_end(form: FormSpec) -> None:
    def leaves(question: Question) -> list[Question]:
        halves = question.halves()
        return [leaf for half in halves for leaf in leaves(half)] if halves else [question]

    for question in [*first_questions(form), *unit_questions(form, NAMES)]:
        least = leaves(question)
        asked = {
            (part.path, name) for leaf in least for part in leaf.parts for name in leaf.names.get("models", {"": 0})
        }
        names = question.names.get("models", {"": 0})
        assert asked == {(part.path, name) for part in question.parts for name in names}
        assert [unit for leaf in least for unit in leaf.units] == list(question.units)


def test_an_answer_has_a_place_for_every_part_and_may_leave_it_null(form: FormSpec) -> None:
    answers = AnswerForm(form)
    given = answers.model.model_validate_json("{}").model_dump(mode="json", by_alias=True)
    assert set(given) == {"models", "open-items", *(part.path for part in parts_of(form))}
    assert set(json.loads(answers.schema)["required"]) == set(given)
    (first, *_) = first_questions(form)
    assert answers.fault(first, given) == "models: it was asked for and is null"


@pytest.mark.parametrize(
    ("patch", "said"),
    [
        ({"for": ["Nobody"], "item": "window_s", "value": 10.0}, "models.identity: `Nobody` is none of the models, which are Big; Small"),
        ({"for": ["Big"], "item": "window", "value": 10.0}, "models.identity: `window` is no item of it"),
        ({"for": ["Big"], "item": "window_s", "value": "ten"}, "models.identity.window_s: Input should be a valid number"),
        ({"for": ["Big"], "item": "encoder_leads", "value": "twelve"}, "models.identity.encoder_leads: Input should be 'one_lead', 'two_leads'"),
        ({"for": ["Big"], "item": "window_s", "value": True}, "models.identity.window_s: Value error, true is no number"),
        ({"for": [" big "], "item": "window_s", "value": 10.0}, ""),
        ({"for": ["Big", "Small"], "item": "encoder_leads", "value": "twelve_leads"}, ""),
    ],
)  # fmt: skip
def test_what_is_said_to_differ_must_be_an_item_of_a_known_unit(
    form: FormSpec, patch: dict[str, object], said: str
) -> None:
    answers = AnswerForm(form)
    question = Question((), tuple(part for part in parts_of(form) if part.path == "models.identity"), NAMES)
    silent = {"evidence": [], "status": "not_reported", "value": None}
    items = {
        item.path: silent | ({"other": None} if item.coded else {}) for part in question.parts for item in part.items
    }
    differs = [{"evidence": [], "status": "unclear", "other": None} | patch]
    given = answers.model.model_validate({"models.identity": {"items": items, "differs": differs}})
    assert answers.fault(question, given.model_dump(mode="json", by_alias=True)).startswith(said)
    assert bool(answers.fault(question, given.model_dump(mode="json", by_alias=True))) == bool(said)


def test_true_is_no_number(form: FormSpec) -> None:
    """It was taken for 1."""
    answers = AnswerForm(form)
    item = next(item for part in parts_of(form) for item in part.items if item.kind == "number")
    patch = {"evidence": [], "status": "reported", "value": 1.0, "other": None}
    assert answers.typed(item, patch)["value"] == 1
    for value in (True, False):
        with pytest.raises(ValidationError, match="is no number"):
            answers.typed(item, patch | {"value": value})


def test_what_differs_is_no_entry_of_a_list(form: FormSpec) -> None:
    """Such a patch was dropped without a word: nothing can differ in an entry of a list that all have."""
    answers = AnswerForm(form)
    question = Question((), tuple(part for part in parts_of(form) if part.rows and part.unit), NAMES)
    (part, *_), patch = (
        question.parts,
        {"for": ["Big"], "evidence": [], "status": "unclear", "value": None, "other": None},
    )
    row = part.rows[0]
    path = f"{row.path}[0].{row.items[0].path}"
    lists: dict[str, list[object]] = {row.path: [] for row in part.rows}
    items = {
        item.path: {"evidence": [], "status": "not_reported", "value": None} | ({"other": None} if item.coded else {})
        for item in part.items
    }
    filled = {"items": items, "differs": [patch | {"item": path}], "lists": lists} if items else None
    assert filled is not None
    given = answers.model.model_validate({part.path: filled}).model_dump(mode="json", by_alias=True)
    question = Question((), (part,), NAMES)
    assert answers.fault(question, given).startswith(f"{part.path}: `{path}` is an entry of a list")


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("identity.name", "open-items: `identity.name` is no item of the form"),
        ("nowhere", "open-items: `nowhere` is no item of the form"),
        (
            "models.pretraining.datasets[7].name",
            "open-items: `models.pretraining.datasets[7].name` is of no entry that is open",
        ),
        (
            "models.pretraining.datasets.name",
            "open-items: `models.pretraining.datasets.name` is of no entry that is open",
        ),
        ("models.pretraining.datasets[0].name", ""),
    ],
)
def test_a_second_reading_answers_items_that_are_there(form: FormSpec, path: str, said: str) -> None:
    """A path that is none, or that of an entry which is not open, was passed over without a word."""
    answers = AnswerForm(form)
    open_item = OpenItem("models.pretraining.datasets[0].name", ("Big",), "not found")
    question = Question((), (), NAMES, (open_item,))
    patch = {"for": ["Big"], "item": path, "evidence": [], "status": "not_reported", "value": None, "other": None}
    given = answers.model.model_validate({"open-items": [patch]}).model_dump(mode="json", by_alias=True)
    found = answers.fault(question, given)
    assert found.startswith(said)
    assert bool(found) == bool(said)


def reported(value: object) -> ItemAnswer:
    return ItemAnswer(status=ItemStatus.REPORTED, value=value)


def items_of(form: FormSpec) -> dict[str, ItemAnswer]:
    """A study of two models with everything reported, and one entry in each list."""
    items = {}
    for part in parts_of(form):
        for number in range(2) if part.unit else [None]:
            start = f"models[{number}].{part.group.path}" if part.unit else part.path
            items |= {f"{start}.{item.path}": reported(1) for item in part.items}
            items |= {f"{start}.{row.path}[0].{item.path}": reported(1) for row in part.rows for item in row.items}
    return items


def test_nothing_open_is_not_asked_again_not_even_of_lists(form: FormSpec) -> None:
    items = items_of(form)
    silent = {path: ItemAnswer(status=ItemStatus.NOT_REPORTED) for path in items if path.endswith("[0].interval_low")}
    assert second_question(parts_of(form), NAMES, items) is None
    assert second_question(parts_of(form), NAMES, items | silent) is None
    away = {path: ItemAnswer(status=ItemStatus.NOT_APPLICABLE) for path in items}
    assert second_question(parts_of(form), NAMES, items | away) is None


def test_what_is_open_is_named_once_with_the_units_and_the_reason(form: FormSpec) -> None:
    silent, open_ = ItemAnswer(status=ItemStatus.NOT_REPORTED), ItemAnswer(status=ItemStatus.UNCLEAR)
    lost = ItemAnswer(
        status=ItemStatus.UNCLEAR,
        value=7,
        reason="a quote is not in the documents",
        evidence=(Evidence(quote="seven\nseeds", document="", status=Match.MISSING),),
    )
    items = items_of(form) | {
        "study.countries": open_,
        "models[0].identity.window_s": silent,
        "models[1].identity.window_s": silent,
        "models[1].reproducibility.repeated_runs": lost,
        "models[0].evaluation.results[0].value": lost,
    }
    items = {path: answer for path, answer in items.items() if not path.startswith("models[1].pretraining.datasets")}
    items["models[1].pretraining.datasets"] = silent
    asked = second_question(parts_of(form), NAMES, items)
    assert asked is not None
    told = "“seven seeds” is not in the documents; given was 7"
    assert [item.line for item in asked.open_items] == [
        "study.countries | left open",
        "models.identity.window_s | Big; Small | not found",
        "models.pretraining.datasets | Small | none was found",
        f"models.evaluation.results[0].value | Big | {told}",
        f"models.reproducibility.repeated_runs | Small | {told}",
        "models.pretraining.datasets | Big | perhaps incomplete",
        "models.evaluation.results | Big; Small | perhaps incomplete",
    ]
    assert set(asked.found) == {
        "models.pretraining.datasets | Big", "models.evaluation.results | Big", "models.evaluation.results | Small",
    }  # fmt: skip
