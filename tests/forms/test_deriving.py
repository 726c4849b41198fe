"""What the rules of a form give, row by row: first match, what is unknown, lists, overrides, and rules that cannot work."""

import json
from pathlib import Path

import pytest

from screener.core.errors import BadInput
from screener.core.judgement import Decision, ItemAnswer, ItemStatus
from screener.forms import FormSpec, conclude, derive, overridden, override
from screener.forms.load import load_form
from screener.reviewers.answer_form import AnswerForm
from screener.reviewers.extracting import form_requests

SIGNAL = '["yes", probably_yes, probably_no, "no"]'
FORM = f"""\
vocabularies:
  Signal: {{codes: {SIGNAL}}}
  Risk: {{codes: [low, some, high]}}
form:
  split:
    help: Who was tested.
    items:
      persons: {{help: No person twice?, type: code, codes: Signal}}
      blind: {{help: Labelled blind?, type: code, codes: Signal}}
      public: {{help: Can others get it?, type: boolean}}
      url: {{help: Where is it?, type: url}}
      risk:
        help: The risk of this domain.
        type: code
        codes: Risk
        derived:
          - high if any of persons, blind is no
          - some if persons is probably_no and blind is yes or probably_yes
          - some if 2 or more of persons, blind are not_reported or probably_no
          - low if all of persons, blind are yes or probably_yes or not_applicable
  overall:
    help: The study as a whole.
    items:
      risk: {{help: The worst., type: code, codes: Risk, derived: ["worst of split.risk, spread.risk"]}}
  spread:
    help: More.
    items:
      seeds: {{help: Seeds?, type: code, codes: Signal}}
      ways: {{help: Ways?, type: code_list, codes: [one, two]}}
      risk:
        help: The risk of this domain.
        type: code
        codes: Risk
        derived:
          - high if none of seeds, split.persons is yes
          - some if ways is two and split.public is yes
          - low otherwise
  results:
    help: The results.
    each:
      rating:
        help: Of one result.
        items:
          precise: {{help: Precise?, type: code, codes: Signal}}
          steps:
            help: Steps.
            each:
              sound: {{help: Sound?, type: code, codes: Signal}}
              verdict: {{help: Its verdict., type: code, codes: Risk, derived: ["high if any of sound, rating.precise is no", low otherwise]}}
          sure: {{help: Its verdict., type: code, codes: Risk, derived: [low if precise is yes and split.persons is yes, high otherwise]}}
"""


@pytest.fixture(scope="module")
def form(tmp_path_factory: pytest.TempPathFactory) -> FormSpec:
    path = tmp_path_factory.mktemp("form") / "form.yaml"
    path.write_text(FORM, encoding="utf-8")
    return load_form(path)


def said(**values: object) -> dict[str, ItemAnswer]:
    """Answers of the group `split` by name: a status by its name, `?` for unclear, else a value."""
    return {f"split.{name}": answer(value) for name, value in values.items()}


def answer(value: object) -> ItemAnswer:
    if value == "?":
        return ItemAnswer(status=ItemStatus.UNCLEAR, value="no")
    if value in ("not_reported", "not_applicable"):
        return ItemAnswer(status=ItemStatus(value))
    return ItemAnswer(status=ItemStatus.REPORTED, value=value)


ROWS = [
    ("no", "yes", "high"),
    ("yes", "no", "high"),
    ("no", "?", "high"),  # whatever the other is, one `no` is enough
    ("yes", "?", "unclear"),
    ("?", "?", "unclear"),
    ("probably_no", "yes", "some"),
    ("probably_no", "probably_yes", "some"),
    ("probably_no", "probably_no", "some"),
    ("not_reported", "probably_no", "some"),
    ("probably_no", "?", "unclear"),  # a `no` would make it high
    ("yes", "yes", "low"),
    ("probably_yes", "not_applicable", "low"),
    ("not_reported", "yes", "unclear"),  # no rule holds
]


@pytest.mark.parametrize(("persons", "blind", "expected"), ROWS)
def test_the_first_rule_that_holds_gives_the_value(form: FormSpec, persons: str, blind: str, expected: str) -> None:
    risk = derive(form, said(persons=persons, blind=blind))["split.risk"]
    assert risk.derived == expected
    assert (risk.status is ItemStatus.UNCLEAR) == (expected == "unclear")
    assert risk.value == (None if expected == "unclear" else expected)


def test_it_is_told_which_rule_held_or_which_answer_is_missing(form: FormSpec) -> None:
    assert (
        derive(form, said(persons="no", blind="yes"))["split.risk"].reason
        == "rule: high if any of persons, blind is no"
    )
    assert derive(form, said(persons="yes", blind="?"))["split.risk"].reason == "rule: not known yet: blind"
    assert derive(form, said(persons="yes"))["split.risk"].reason == "rule: not known yet: blind"
    assert derive(form, said(persons="not_reported", blind="yes"))["split.risk"].reason == "no rule holds"


@pytest.mark.parametrize(
    ("split", "seeds", "expected"),
    [
        ("no", "yes", "high"),
        ("?", "no", "unclear"),  # neither domain is known
        ("no", "?", "high"),  # the worst there is; nothing unknown can change it
        ("yes", "yes", "low"),
        ("probably_no", "yes", "some"),
        ("probably_no", "?", "unclear"),
    ],
)
def test_the_worst_of_what_is_derived_is_derived_in_turn(form: FormSpec, split: str, seeds: str, expected: str) -> None:
    items = said(persons=split, blind="yes", public=False) | {
        "spread.seeds": answer(seeds),
        "spread.ways": answer(["one"]),
    }
    assert derive(form, items)["overall.risk"].derived == expected


def test_codes_of_a_list_and_yes_or_no_can_be_asked_for(form: FormSpec) -> None:
    items = said(persons="yes", public=True) | {"spread.seeds": answer("yes"), "spread.ways": answer(["one", "two"])}
    assert derive(form, items)["spread.risk"].derived == "some"
    assert derive(form, items | said(public=False))["spread.risk"].derived == "low"


def test_each_entry_of_a_list_has_its_own(form: FormSpec) -> None:
    items = said(persons="yes") | {
        "results[0].rating.precise": answer("yes"),
        "results[1].rating.precise": answer("no"),
        "results[0].rating.steps[0].sound": answer("yes"),
        "results[0].rating.steps[1].sound": answer("no"),
        "results[1].rating.steps": answer("not_reported"),
    }
    derived = {path: a.derived for path, a in derive(form, items).items() if path.startswith("results") and a.derived}
    assert derived == {
        "results[0].rating.sure": "low",
        "results[1].rating.sure": "high",
        "results[0].rating.steps[0].verdict": "low",
        "results[0].rating.steps[1].verdict": "high",
    }


def test_what_is_derived_follows_corrections(form: FormSpec) -> None:
    first = derive(form, said(persons="yes", blind="yes"))
    assert first["split.risk"].value == "low"
    assert derive(form, first | said(blind="no"))["split.risk"].value == "high"


def test_an_override_keeps_its_reason_and_the_rules_own_word_beside_it(form: FormSpec) -> None:
    first = derive(form, said(persons="yes", blind="no"))
    with pytest.raises(BadInput, match="Say why"):
        override(ItemAnswer(status=ItemStatus.REPORTED, value="low"))
    mine = override(ItemAnswer(status=ItemStatus.REPORTED, value="low", reason="by machine"))
    kept = derive(form, first | {"split.risk": mine})["split.risk"]
    assert (kept.value, kept.reason, kept.derived) == ("low", "by machine", "high")
    assert overridden(kept)
    # The rules' word follows a correction. The override stays, and is none any more once both say the same.
    later = derive(form, first | {"split.risk": mine} | said(blind="?"))["split.risk"]
    assert (later.value, later.derived) == ("low", "unclear")
    same = derive(form, first | {"split.risk": mine} | said(blind="yes"))["split.risk"]
    assert not overridden(same)


def test_a_judgement_is_concluded_with_what_is_derived(form: FormSpec) -> None:
    judgement = conclude(said(persons="no", blind="yes"), form=form)
    assert judgement.items["split.risk"].value == "high"
    assert judgement.model_dump(exclude_defaults=True)["items"]["split.risk"]["derived"] == "high"


def test_what_is_derived_leaves_nothing_open_that_a_person_could_settle(form: FormSpec) -> None:
    settled = conclude(said(persons="not_reported", blind="yes"), form=form)
    assert settled.items["split.risk"].derived == "unclear"
    assert (settled.decision, settled.reason) == (Decision.INCLUDE, "")
    open_ = conclude(said(persons="?", blind="yes"), form=form)
    assert (open_.decision, open_.reason) == (Decision.UNCLEAR, "1 of 2 items need a look")


def test_what_is_derived_is_asked_of_nobody(form: FormSpec) -> None:
    asked = form.asked
    assert not any("risk" in path or "verdict" in path for path in asked.by_path)
    assert [group.path for group in form.groups] == ["split", "overall", "spread"]
    assert [group.path for group in asked.groups] == ["split", "spread"]
    schema = AnswerForm(asked).schema
    assert '"persons"' in schema
    assert '"risk"' not in schema
    assert "verdict" not in schema
    told = [item.path for request in form_requests(form) for part in request["parts"] for item in part.items]
    assert "persons" in told
    assert "risk" not in told
    assert {"split.risk", "overall.risk", "results.rating.steps.verdict"} <= set(form.labels)


HEAD = f"""\
vocabularies:
  Signal: {{codes: {SIGNAL}}}
  Risk: {{codes: [low, high]}}
form:
  g:
    help: x
    items:
      a: {{help: x, type: code, codes: Signal}}
      rows: {{help: x, each: {{b: {{help: x, type: code, codes: Signal}}}}}}
      d: {{help: x, type: code, codes: Risk, derived: %s}}
      e: {{help: x, type: code, codes: Risk, derived: [low if d is low]}}
"""
WRONG = {
    "no such item": (["high if c is no"], "names `c`, which is no item"),
    "an item of a list": (["high if rows.b is no"], "for each entry of `g.rows`"),
    "no such answer": (["high if a is never"], "`never` is none of the answers of `a`: yes, probably_yes"),
    "no such value": (["hi if a is no"], "gives `hi`, which is none of low, high"),
    "a circle": (["high if e is low"], "is derived from itself, by way of"),
    "more than there are": (["high if 3 or more of a, e are no"], "of which 3 can never hold"),
    "several without any or all": (["high if a, e is no"], "begin it with `any of`"),
    "no condition": (["high if a"], "is no condition"),
    "the worst of other codes": (["worst of a"], "has other codes than low, high"),
    "the worst and more": (["worst of e", "high otherwise"], "is the only rule"),
    "unclear": (["high if a is unclear"], "leave that out"),
}


@pytest.mark.parametrize(("rules", "told"), WRONG.values(), ids=WRONG)
def test_rules_that_cannot_work_are_told_at_their_line(tmp_path: Path, rules: list[str], told: str) -> None:
    path = tmp_path / "form.yaml"
    path.write_text(HEAD % json.dumps(rules), encoding="utf-8")
    with pytest.raises(BadInput) as raised:
        load_form(path)
    assert told in str(raised.value)
    assert str(raised.value).startswith((f"{path}:10: g.d: ", f"{path}:11: g.e: "))
