"""The two forms of the ECG review: strict, fully described, with closed vocabularies and units that can be told."""

import importlib.util
import re
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any, get_args, get_origin

import pytest
from pydantic import ValidationError
from pydantic.fields import FieldInfo
from support import ROOT

from screener.core.judgement import ItemAnswer, ItemStatus
from screener.forms import Applies, Coded, Derived, Group, Item, Key, Link, Near, Quantity, Vocabulary, derive
from screener.forms.load import load_form


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"review_{name}", ROOT / "prompts" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


FORMS = {name: load(name).Form for name in ("form", "appraisal")}


def fields(kind: type[Group], path: str = "") -> Iterator[tuple[str, FieldInfo]]:
    """Every field of a form by its path, groups and items alike."""
    for name, field in kind.model_fields.items():
        here = f"{path}.{name}".lstrip(".")
        yield here, field
        inner: Any = field.annotation
        if get_origin(inner) is list:
            (inner,) = get_args(inner)
            here += "[]"
        if isinstance(inner, type) and issubclass(inner, Group) and not issubclass(inner, Item):
            yield from fields(inner, here)


def items(kind: type[Group]) -> list[tuple[str, FieldInfo]]:
    return [(path, field) for path, field in fields(kind) if _is_item(field)]


def _is_item(field: FieldInfo) -> bool:
    return isinstance(field.annotation, type) and issubclass(field.annotation, Item)


def value(field: FieldInfo) -> Any:
    """What an item's value is, when there is one."""
    assert isinstance(field.annotation, type)
    assert issubclass(field.annotation, Item)
    inner = [kind for kind in get_args(field.annotation.model_fields["value"].annotation) if kind is not type(None)]
    return get_args(inner[0])[0] if get_origin(inner[0]) is list else inner[0]


def vocabularies(kind: type[Group]) -> dict[str, type[Vocabulary]]:
    found = {path: value(field) for path, field in items(kind)}
    return {path: v for path, v in found.items() if isinstance(v, type) and issubclass(v, Vocabulary)}


def nodes(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        yield schema
        for each in schema.values():
            yield from nodes(each)
    elif isinstance(schema, list):
        for each in schema:
            yield from nodes(each)


both = pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())


@both
def test_the_schema_is_strict(form: type[Group]) -> None:
    schema = form.model_json_schema()
    objects = [node for node in nodes(schema) if node.get("type") == "object"]
    assert len(objects) > 8
    for node in objects:
        assert node["additionalProperties"] is False
        assert sorted(node["required"]) == sorted(node["properties"])
    assert not any("default" in node for node in nodes(schema) if not isinstance(node.get("default"), dict))


@both
def test_every_field_has_a_description_that_says_something(form: type[Group]) -> None:
    for path, field in fields(form):
        assert field.description, path
        assert len(field.description) > 15, path
        assert field.description[-1] in ".?)", path
        assert "  " not in field.description, path
    assert form.__doc__


@both
def test_every_leaf_is_an_item_that_a_machine_is_led_to(form: type[Group]) -> None:
    for path, field in fields(form):
        inner = get_args(field.annotation)[0] if get_origin(field.annotation) is list else field.annotation
        assert isinstance(inner, type), path
        assert issubclass(inner, Group), path
        assert _is_item(field) == bool(field.metadata), path
        assert all(isinstance(mark, Near | Quantity | Link | Derived | Applies | Key) for mark in field.metadata), path


@both
def test_a_coded_item_has_other_and_a_judgement_has_not(form: type[Group]) -> None:
    coded = {path: issubclass(field.annotation or object, Coded) for path, field in items(form)}
    for path, vocabulary in vocabularies(form).items():
        assert ("other" in set(vocabulary)) == coded[path], path
    assert all(path in vocabularies(form) for path, is_coded in coded.items() if is_coded)


@both
def test_codes_and_synonyms_are_told_apart(form: type[Group]) -> None:
    for vocabulary in set(vocabularies(form).values()):
        assert vocabulary.__doc__, vocabulary
        said = [word.lower().replace("-", " ") for member in vocabulary for word in set(member.synonyms)]
        assert all(re.fullmatch(r"[a-z][a-z0-9_]*", member) for member in vocabulary), vocabulary
        assert len(said) == len(set(said)), f"{vocabulary.__name__}: a word stands for two codes, or twice for one"
        assert not any("*" in word[:-1] for word in said), f"{vocabulary.__name__}: `*` only at the end"


def test_units_stand_in_the_names() -> None:
    endings = {"Hz": "_hz", "second": "_s", "percent": "_percent"}
    quantities = {
        path: mark for path, field in items(FORMS["form"]) for mark in field.metadata if isinstance(mark, Quantity)
    }
    for path, quantity in quantities.items():
        for unit, ending in endings.items():
            assert (unit in quantity.units) == path.endswith(ending), path
    rate = quantities["models[].identity.sampling_rate_hz"]
    assert rate.units["kHz"] / rate.units["Hz"] == 1000
    parameters = quantities["models[].identity.encoder_parameters_millions"]
    assert parameters.units == quantities["models[].identity.model_parameters_millions"].units
    assert 0.112 * parameters.units["billion"] == pytest.approx(112)
    assert 89_400_000 * parameters.units[""] == pytest.approx(89.4)
    numbers = {path for path, field in items(FORMS["form"]) if value(field) in (int, float)}
    assert numbers == set(quantities), "every number, and nothing else, says how it is written"


def test_every_url_says_where_it_stands() -> None:
    links = {path for path, field in items(FORMS["form"]) if any(isinstance(mark, Link) for mark in field.metadata)}
    assert links == {f"models[].reproducibility.{what}.url" for what in ("code", "weights", "data")}


def test_the_form_asks_what_the_protocol_promises() -> None:
    asked = {path for path, _ in fields(FORMS["form"])}
    for path in (
        "study", "identity.name", "identity.also_called", "identity.architecture_family", "identity.backbone",
        "identity.encoder_parameters_millions", "identity.model_parameters_millions", "identity.encoder_leads",
        "identity.sampling_rate_hz", "identity.window_s", "identity.modalities", "pretraining.strategies",
        "pretraining.objectives", "pretraining.datasets[].name", "pretraining.datasets[].recordings",
        "pretraining.datasets[].recordings_are", "pretraining.datasets[].patients", "pretraining.recordings_total",
        "pretraining.hardware", "pretraining.training_time", "adaptation.ways", "evaluation.results[].task",
        "evaluation.results[].task_kind", "evaluation.results[].condition", "evaluation.results[].plus_minus",
        "evaluation.results[].plus_minus_is", "evaluation.results[].interval_high", "evaluation.external_validation",
        "evaluation.comparators", "evaluation.from_scratch", "evaluation.label_efficiency_smallest_percent",
        "reproducibility.code.availability", "reproducibility.weights.licence", "reproducibility.data.url",
        "reproducibility.training_details", "reproducibility.repeated_runs", "reproducibility.runs_differ_by",
    ):  # fmt: skip
        assert path == "study" or f"models[].{path}" in asked, path


def test_a_value_outside_its_vocabulary_and_a_missing_item_are_refused() -> None:
    risk = FORMS["appraisal"].model_fields["overall"].annotation
    told = {"evidence": [], "status": "reported", "value": "low"}
    assert risk.model_validate({"risk_of_bias": told})
    for wrong in ({"risk_of_bias": told | {"value": "moderate"}}, {}, {"risk_of_bias": told, "more": 1}):
        with pytest.raises(ValidationError):
            risk.model_validate(wrong)


@both
def test_people_read_a_label_that_was_written_for_every_field(form: type[Group]) -> None:
    for path, field in fields(form):
        assert field.title, path
        assert field.title[0].isupper() or field.title[0] == "±", path


def test_what_the_extraction_form_asks_is_not_asked_again_in_the_appraisal() -> None:
    names = {path.rpartition(".")[2] for path, _ in items(FORMS["appraisal"])}
    assert not names & {"external_source", "external_validation", "weights_released"}


def test_what_no_words_can_prove_is_a_status_and_no_value_of_the_appraisal() -> None:
    # A value needs a quote, and there is none for silence: such a value would be unclear whatever was answered.
    for path, vocabulary in vocabularies(FORMS["appraisal"]).items():
        assert not {"no_information", "unclear", "not_reported"} & set(vocabulary), path


def test_every_domain_of_the_appraisal_ends_in_a_judgement() -> None:
    for name, field in FORMS["appraisal"].model_fields.items():
        *questions, last = field.annotation.model_fields
        assert last.startswith("risk_of_"), name
        assert len(questions) >= 3 or name == "overall"
        assert any(isinstance(mark, Derived) for mark in field.annotation.model_fields[last].metadata), name
        assert not any(
            isinstance(mark, Derived) for each in questions for mark in field.annotation.model_fields[each].metadata
        )


def judged(**changed: str) -> dict[str, str | None]:
    """What the appraisal derives where all is answered yes but for `changed`: `domain__question` and its answer or status."""
    form = load_form(ROOT / "prompts" / "appraisal.py")
    items = {path: ItemAnswer(status=ItemStatus.REPORTED, value="yes") for path in form.asked.by_path}
    for name, word in changed.items():
        path = name.replace("__", ".")
        assert path in items
        statuses = {"?": ItemStatus.UNCLEAR, "not_reported": ItemStatus.NOT_REPORTED}
        items[path] = (
            ItemAnswer(status=statuses[word])
            if word in statuses
            else ItemAnswer(status=ItemStatus.REPORTED, value=word)
        )
    return {path: answer.derived for path, answer in derive(form, items).items() if path in form.derived}


APPRAISED = [
    ({}, {"participants": "low", "analysis": "low", "overall": "low"}),
    ({"participants__represents_use": "no"}, {"participants": "high", "overall": "high"}),
    ({"participants__represents_use": "probably_no"}, {"participants": "unclear", "overall": "unclear"}),
    # Silence speaks against a study only where the question is what the report says.
    ({"participants__source_described": "not_reported"}, {"participants": "high", "overall": "high"}),
    ({"participants__represents_use": "not_reported"}, {"participants": "unclear", "overall": "unclear"}),
    ({"inputs__processing_described": "not_reported"}, {"inputs": "high"}),
    ({"outcomes__definition_stated": "not_reported"}, {"outcomes": "high"}),
    ({"analysis__uncertainty_given": "not_reported"}, {"analysis": "high"}),
    ({"analysis__fair_comparison": "not_reported"}, {"analysis": "unclear"}),
    ({"inputs__known_in_time": "not_reported"}, {"inputs": "unclear", "overall": "unclear"}),
    ({"inputs__known_in_time": "?"}, {"inputs": "unclear", "overall": "unclear"}),
    (
        {"inputs__known_in_time": "?", "outcomes__labelled_blind": "no"},
        {"inputs": "unclear", "outcomes": "high", "overall": "high"},
    ),
    ({"analysis__split_by_person": "probably_no"}, {"analysis": "high", "overall": "high"}),
    ({"analysis__fair_comparison": "probably_no"}, {"analysis": "unclear", "overall": "unclear"}),
    ({"reporting__data_obtainable": "no"}, {"reporting": "high", "overall": "low"}),
    ({"reporting__code_runs_the_work": "no"}, {"reporting": "unclear", "overall": "low"}),
    ({"reporting__code_runs_the_work": "no", "reporting__training_described": "not_reported"}, {"reporting": "high"}),
    ({"reporting__training_described": "no"}, {"reporting": "unclear"}),
]


@pytest.mark.parametrize(("changed", "expected"), APPRAISED)
def test_each_row_of_the_appraisals_rules(changed: dict[str, str], expected: dict[str, str]) -> None:
    found = {path.split(".")[0]: word for path, word in judged(**changed).items()}
    assert {domain: found[domain] for domain in expected} == expected


def test_the_appraisal_is_called_own_and_unvalidated_where_it_is_shown() -> None:
    labels = load_form(ROOT / "prompts" / "appraisal.py").labels
    assert labels["overall.risk_of_bias"] == "Overall (own, unvalidated) › Risk of bias"
    assert all("(own, unvalidated)" in label for label in labels.values())
