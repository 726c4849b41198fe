"""What another answer rules out is `not_applicable` by code, and what somebody gave a value for is left alone."""

from pathlib import Path

import pytest

from screener.core.errors import BadInput
from screener.core.judgement import ItemAnswer, ItemStatus
from screener.forms import FormSpec, settle_what_follows
from screener.forms.load import load_form

FORM = """\
form:
  units:
    help: The tools.
    each:
      release:
        help: Who can obtain it.
        items:
          code:
            help: The program.
            items:
              state: {help: "Can others have it?", type: code, codes: [open, closed, other]}
              url: {help: "Where is it?", type: url, applies_if: {state: [open, other]}}
              host: {help: "On which server?", type: text, applies_if: {code.state: [open]}}
"""
REPORTED, SILENT = ItemStatus.REPORTED, ItemStatus.NOT_REPORTED


@pytest.fixture
def form(tmp_path: Path) -> FormSpec:
    path = tmp_path / "form.yaml"
    path.write_text(FORM, encoding="utf-8")
    return load_form(path)


def settled(form: FormSpec, state: ItemAnswer, url: ItemAnswer) -> ItemAnswer:
    start = "units[1].release.code."
    items = {f"{start}state": state, f"{start}url": url, "units[0].release.code.state": ItemAnswer(status=SILENT)}
    return settle_what_follows(form, items)[f"{start}url"]


def test_an_item_is_not_applicable_where_the_one_that_decides_has_another_code(form: FormSpec) -> None:
    closed, silent = ItemAnswer(status=REPORTED, value="closed"), ItemAnswer(status=SILENT)
    told = settled(form, closed, silent)
    assert (told.status, told.reason) == (ItemStatus.NOT_APPLICABLE, "code.state is closed")
    assert settled(form, closed, ItemAnswer(status=ItemStatus.UNCLEAR)).status is ItemStatus.NOT_APPLICABLE
    assert settled(form, ItemAnswer(status=ItemStatus.NOT_APPLICABLE), silent).status is ItemStatus.NOT_APPLICABLE


def test_what_was_answered_stands_where_nothing_rules_it_out_or_a_value_was_given(form: FormSpec) -> None:
    closed, silent = ItemAnswer(status=REPORTED, value="closed"), ItemAnswer(status=SILENT)
    for state in ("open", "other"):
        assert settled(form, ItemAnswer(status=REPORTED, value=state), silent) == silent
    assert settled(form, silent, silent) == silent
    for given in (REPORTED, ItemStatus.UNCLEAR):
        contradicting = ItemAnswer(status=given, value="https://example.org/x")
        assert settled(form, closed, contradicting) == contradicting


@pytest.mark.parametrize(
    ("applies", "said"),
    [
        ("{nowhere: [open]}", "code.url: applies by `nowhere`, which is no other item of codes"),
        ("{host: [open]}", "code.url: applies by `host`, which is no other item of codes"),
        ("{url: [open]}", "code.url: applies by `url`, which is no other item of codes"),
        ("{state: [opened]}", "code.url: applies where `code.state` is opened, which is none of its codes"),
    ],
)
def test_a_mark_that_could_not_work_is_refused(tmp_path: Path, applies: str, said: str) -> None:
    path = tmp_path / "form.yaml"
    path.write_text(FORM.replace("{state: [open, other]}", applies), encoding="utf-8")
    with pytest.raises(BadInput) as error:
        load_form(path)
    assert said in str(error.value)


CHAIN = """\
form:
  code:
    help: The program.
    items:
      link: {help: "Where is it?", type: url, applies_if: {license: [free]}}
      license: {help: "Under which terms?", type: code, codes: [free, paid], applies_if: {state: [open]}}
      state: {help: "Can others have it?", type: code, codes: [open, closed]}
"""


def test_what_hangs_on_an_item_that_does_not_apply_does_not_apply_either(tmp_path: Path) -> None:
    path = tmp_path / "form.yaml"
    path.write_text(CHAIN, encoding="utf-8")
    silent = ItemAnswer(status=SILENT)
    items = {"code.link": silent, "code.license": silent, "code.state": ItemAnswer(status=REPORTED, value="closed")}
    told = settle_what_follows(load_form(path), items)
    assert list(told) == list(items)
    assert (told["code.link"].status, told["code.link"].reason) == (ItemStatus.NOT_APPLICABLE, "as license")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            "state: {help: h, type: code, codes: [open, closed], derived: [open if kind is a, closed otherwise]}",
            "that is asked for",
        ),
        (
            "state: {help: h, type: code, codes: [open], derived: [open otherwise], applies_if: {kind: [a]}}",
            "no other item decides whether it applies",
        ),
    ],
)
def test_a_derived_item_decides_nothing_and_always_applies(tmp_path: Path, line: str, said: str) -> None:
    path = tmp_path / "form.yaml"
    old = 'state: {help: "Can others have it?", type: code, codes: [open, closed]}'
    path.write_text(CHAIN.replace(old, line) + "      kind: {help: h, type: code, codes: [a, b]}\n", encoding="utf-8")
    with pytest.raises(BadInput, match=said):
        load_form(path)


def test_items_that_decide_each_other_in_a_circle_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "form.yaml"
    path.write_text(CHAIN.replace("codes: [open, closed]", "codes: [open, closed], applies_if: {license: [free]}"))
    with pytest.raises(
        BadInput, match=r"form.yaml:2: code: (license|state): whether it applies hangs on itself, by way of"
    ):
        load_form(path)
