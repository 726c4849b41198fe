"""The forms that come with the program: each can be used, alone and with the others, and its algorithm does what it says."""

import itertools
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from support import ROOT, Cli

from screener.core.errors import BadInput
from screener.core.judgement import ItemAnswer, ItemStatus
from screener.examples import form_templates
from screener.forms import FormSpec, derive, load_forms
from screener.review.form_files import form_to_yaml, new_form, refuse_other_version

TEMPLATES = form_templates()


def test_all_templates_say_what_they_are_for() -> None:
    assert list(TEMPLATES) == [
        "appraisal", "continuous_outcomes", "diagnostic_accuracy", "dichotomous_outcomes", "study_characteristics",
    ]  # fmt: skip
    assert all(template.about.endswith(".") for template in TEMPLATES.values())


def test_all_templates_can_be_one_form() -> None:
    form = load_forms([template.path for template in TEMPLATES.values()])
    assert [unit.path for unit in form.units] == ["appraised", "continuous", "accuracy", "dichotomous", "arms"]
    assert {"accuracy.two_by_two.true_positives", "dichotomous.control.events"} <= set(form.by_path)
    for path, item in form.by_path.items():
        assert item.description[-1] in ".?)", path


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_is_yaml_to_every_reader_of_it(name: str) -> None:
    # libyaml, which most installations have, reads what YAML in plain Python refuses.
    assert yaml.load(TEMPLATES[name].path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)["form"]


@pytest.fixture(scope="module")
def appraisal() -> FormSpec:
    return load_forms([TEMPLATES["appraisal"].path])


def concern(form: FormSpec, domain: str, answers: dict[str, str]) -> str | None:
    """What the rules of a domain give for its answers; `?` is unclear."""
    items: dict[str, ItemAnswer] = {}
    for name, word in answers.items():
        status = {
            "?": ItemStatus.UNCLEAR,
            "not_reported": ItemStatus.NOT_REPORTED,
            "not_applicable": ItemStatus.NOT_APPLICABLE,
        }
        answer = (
            ItemAnswer(status=status[word]) if word in status else ItemAnswer(status=ItemStatus.REPORTED, value=word)
        )
        items[f"appraised[0].{domain}.{name}"] = answer
    return derive(form, items)[f"appraised[0].{domain}.concern"].derived


ROWS: dict[str, list[tuple[tuple[str, ...], str]]] = {
    "comparison": [
        (("yes", "yes", "no"), "low"),
        (("yes", "probably_yes", "not_reported"), "low"),
        (("probably_yes", "not_applicable", "?"), "low"),
        (("yes", "no", "yes"), "some"),
        (("yes", "not_reported", "yes"), "some"),
        (("probably_no", "yes", "no"), "some"),
        (("no", "yes", "yes"), "some"),
        (("no", "no", "probably_yes"), "some"),
        (("no", "no", "no"), "high"),
        (("no", "yes", "probably_no"), "high"),
        (("no", "?", "not_reported"), "high"),
        (("no", "yes", "?"), "unclear"),
        (("?", "yes", "yes"), "unclear"),
        (("yes", "?", "yes"), "unclear"),
    ],
    "measurement": [
        (("yes", "yes"), "low"),
        (("probably_yes", "not_applicable"), "low"),
        (("probably_no", "yes"), "some"),
        (("yes", "not_reported"), "some"),
        (("no", "yes"), "high"),
        (("not_reported", "no"), "high"),
        (("?", "no"), "high"),
        (("?", "yes"), "unclear"),
        (("?", "probably_no"), "unclear"),
    ],
    "completeness": [
        (("yes", "not_reported"), "low"),
        (("probably_yes", "?"), "low"),
        (("no", "yes"), "low"),
        (("not_reported", "yes"), "low"),
        (("no", "probably_yes"), "some"),
        (("no", "no"), "high"),
        (("no", "not_reported"), "high"),
        (("probably_no", "no"), "some"),
        (("not_reported", "not_reported"), "some"),
        (("no", "?"), "unclear"),
        (("?", "yes"), "low"),
        (("?", "no"), "unclear"),
    ],
    "selection": [
        (("yes",), "low"),
        (("probably_yes",), "low"),
        (("no",), "high"),
        (("probably_no",), "some"),
        (("not_reported",), "some"),
        (("not_applicable",), "some"),
        (("?",), "unclear"),
    ],
}
NAMES = {"comparison": ("alike", "unforeseen", "adjusted"), "measurement": ("defined", "unaware"),
         "completeness": ("counted", "harmless"), "selection": ("planned",)}  # fmt: skip


@pytest.mark.parametrize(("domain", "words", "expected"), [(d, *row) for d, rows in ROWS.items() for row in rows])
def test_each_row_of_the_appraisals_algorithm(
    appraisal: FormSpec, domain: str, words: tuple[str, ...], expected: str
) -> None:
    assert concern(appraisal, domain, dict(zip(NAMES[domain], words, strict=True))) == expected


@pytest.mark.parametrize("domain", NAMES)
def test_every_combination_of_answers_has_a_verdict_and_a_better_answer_none_that_is_worse(
    appraisal: FormSpec, domain: str
) -> None:
    order = ["no", "probably_no", "probably_yes", "yes"]
    given = {words: concern(appraisal, domain, dict(zip(NAMES[domain], words, strict=True)))
             for words in itertools.product(order, repeat=len(NAMES[domain]))}  # fmt: skip
    assert set(given.values()) <= {"low", "some", "high"}
    rank = {"low": 0, "some": 1, "high": 2}
    for words, verdict in given.items():
        for place, word in enumerate(words):
            if word != "yes":
                better = (*words[:place], order[order.index(word) + 1], *words[place + 1 :])
                assert rank[given[better] or ""] <= rank[verdict or ""], (words, better)


def test_the_result_as_a_whole_is_as_its_worst_domain(appraisal: FormSpec) -> None:
    best = {f"{domain}.{name}": "yes" for domain, names in NAMES.items() for name in names}
    for changed, expected in (
        ({}, "low"),
        ({"selection.planned": "no"}, "high"),
        ({"measurement.unaware": "probably_no"}, "some"),
    ):
        items = {
            f"appraised[0].{name}": ItemAnswer(status=ItemStatus.REPORTED, value=word)
            for name, word in {**best, **changed}.items()
        }
        assert derive(appraisal, items)["appraised[0].overall.concern"].derived == expected


def test_the_own_appraisal_is_called_unvalidated_wherever_it_is_shown(appraisal: FormSpec) -> None:
    assert all("(own, unvalidated)" in label for label in appraisal.labels.values())


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_can_be_asked_of_the_small_engine(name: str, blank: Path, cli: Cli) -> None:
    assert cli("form", "new", name).code == 0
    protocol = blank / "prompts" / "review.yaml"
    protocol.write_text(protocol.read_text().replace("form: form.yaml", f"form: {name}.yaml"))
    assert "machine: embedded" in protocol.read_text()
    checked = cli("check")
    assert checked.code == 0, checked.err


def test_a_template_is_copied_once(tmp_path: Path) -> None:
    made = new_form("appraisal", tmp_path)
    assert (made.path.name, made.asked, made.derived) == ("appraisal.yaml", 8, 5)
    with pytest.raises(BadInput, match="is there already"):
        new_form("appraisal", tmp_path)
    with pytest.raises(BadInput, match="known: appraisal, continuous_outcomes"):
        new_form("rob", tmp_path)


def test_a_form_in_python_is_written_as_yaml_and_is_refused_once_it_differs(tmp_path: Path) -> None:
    path = tmp_path / "form.py"
    shutil.copyfile(ROOT / "prompts" / "form.py", path)
    made = form_to_yaml(path)
    assert made.path.name == "form.yaml"
    refuse_other_version(path, [path])
    made.path.write_text(made.path.read_text().replace("help: ", "help: Tell me. ", 1))
    refuse_other_version(path, [path, made.path])
    with pytest.raises(BadInput, match=r"form\.yaml: differs from form\.py, which review\.yaml names"):
        refuse_other_version(path, [path])
    with pytest.raises(BadInput, match="is no Python file"):
        form_to_yaml(made.path)


def test_the_commands_tell_what_to_do_next(blank: Path, cli: Cli) -> None:
    assert [each["name"] for each in cli("form", "list", "--json").json["templates"]] == list(TEMPLATES)
    made: Any = cli("form", "new", "diagnostic_accuracy")
    assert "as `form: diagnostic_accuracy.yaml`" in made.out
    protocol = blank / "prompts" / "review.yaml"
    protocol.write_text(protocol.read_text().replace("form: form.yaml", "form: [form.yaml, diagnostic_accuracy.yaml]"))
    checked = cli("check")
    assert checked.code == 0, checked.err
    assert "form.yaml, diagnostic_accuracy.yaml" in checked.out
    assert cli("form", "new", "nothing").code == 2
