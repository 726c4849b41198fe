"""A form in YAML is the same form as one in Python; what is wrong with it is told by file, line and remedy."""

import sys
from pathlib import Path

import pytest
from support import ROOT

from screener.core.errors import BadInput
from screener.core.judgement import Stage
from screener.forms import forms_not_run, load_forms
from screener.forms.load import load_form, written_as_yaml
from screener.forms.spec import FormSpec
from screener.protocol import Prompt, Review
from screener.reviewers.answer_form import AnswerForm
from screener.reviewers.extracting import ChatExtractor
from screener.reviewers.pattern_extractor import EmbeddedExtractor

FORM = """\
guide: Everything is answered from the report.
note: own, unvalidated
vocabularies:
  Design:
    about: How the study was made.
    codes:
      trial: [randomised, at random]
      cohort: followed up
      other:
form:
  study:
    help: The study as a whole.
    about: Asked once.
    items:
      design: {help: Which design has it?, type: code, codes: Design, near: [design, study]}
      weeks: {help: For how many weeks were people followed?, type: number, units: {weeks: 1, days: 0.142857}, beside: [follow*]}
      protocol: {help: Where is the protocol?, type: url, beside: [registered], hosts: [clinicaltrials.gov], label: Protocol}
      drop_out:
        help: Who left.
        items:
          people: {help: How many people left the study?, type: count, units: {"": 1}}
          reasons: {help: Why did they leave?, type: text_list}
  arms:
    help: The groups that were compared.
    each:
      care:
        help: What they were given.
        items:
          name: {help: What is it called?, type: text}
          blind: {help: Were people blind to it?, type: boolean}
          sides: {help: Which sides were treated?, type: code_list, codes: [left, right]}
          doses:
            help: The doses, one entry each.
            about: One dose.
            each:
              amount_mg: {help: How much?, type: number}
"""

PYTHON = '''\
"""The same in Python."""
from typing import Annotated, ClassVar
from pydantic import Field
from screener.forms import Coded, Group, Item, Link, Near, Quantity, Vocabulary

class Design(Vocabulary):
    """How the study was made."""
    T = "trial", "randomised", "at random"
    C = "cohort", "followed up"
    O = "other"

class Sides(Vocabulary):
    L = "left"
    R = "right"

class DropOut(Group):
    people: Annotated[Item[int], Quantity({"": 1})] = Field(description="How many people left the study?")
    reasons: Item[list[str]] = Field(description="Why did they leave?")

class Study(Group):
    """Asked once."""
    design: Annotated[Coded[Design], Near(("design", "study"))] = Field(description="Which design has it?")
    weeks: Annotated[Item[float], Quantity({"weeks": 1, "days": 0.142857}, near=("follow*",))] = Field(description="For how many weeks were people followed?")
    protocol: Annotated[Item[str], Link(near=("registered",), hosts=("clinicaltrials.gov",))] = Field(title="Protocol", description="Where is the protocol?")
    drop_out: DropOut = Field(description="Who left.")

class Dose(Group):
    """One dose."""
    amount_mg: Item[float] = Field(description="How much?")

class Care(Group):
    name: Item[str] = Field(description="What is it called?")
    blind: Item[bool] = Field(description="Were people blind to it?")
    sides: Item[list[Sides]] = Field(description="Which sides were treated?")
    doses: list[Dose] = Field(description="The doses, one entry each.")

class Arm(Group):
    care: Care = Field(description="What they were given.")

class Form(Group):
    """Everything is answered
    from the report."""
    note: ClassVar[str] = "own, unvalidated"
    study: Study = Field(description="The study as a whole.")
    arms: list[Arm] = Field(description="The groups that were compared.")
'''


def written(folder: Path, text: str, name: str = "form.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def hashes(form: FormSpec) -> list[str]:
    """What two reviewers make of the form: their hashes of what is asked, and of their rules."""
    review = Review(ROOT)
    stage = review.stage(Stage.EXTRACTION)
    prompt = Prompt.read(review.prompts / stage.template)
    chat = ChatExtractor(stage, form, prompt, "A review", {"model": "any"}, full_text=10_000)
    embedded = EmbeddedExtractor(form, "embedder")
    return [chat.asked, chat.rule, embedded.asked, embedded.rule]


def same(one: FormSpec, two: FormSpec) -> None:
    assert one == two
    assert one.labels == two.labels
    assert AnswerForm(one.asked).schema == AnswerForm(two.asked).schema
    assert hashes(one) == hashes(two)


def test_a_form_in_yaml_is_the_form_in_python(tmp_path: Path) -> None:
    yaml, python = load_form(written(tmp_path, FORM)), load_form(written(tmp_path, PYTHON, "form.py"))
    same(yaml, python)
    assert yaml.item("arms[0].care.doses[1].amount_mg") is not None
    assert yaml.labels["study.design"] == "Study (own, unvalidated) › Design"


@pytest.mark.parametrize(
    ("old", "new"), [("at random", "random*"), ("Which design", "What design"), ("[follow*]", "[week*]")]
)
def test_forms_that_ask_otherwise_are_not_equal(tmp_path: Path, old: str, new: str) -> None:
    one, two = load_form(written(tmp_path, FORM)), load_form(written(tmp_path, FORM.replace(old, new), "two.yaml"))
    assert one != two
    assert hashes(one) != hashes(two)


@pytest.mark.parametrize("name", ["form", "appraisal"])
def test_a_form_of_the_packaged_review_is_the_same_when_it_is_written_as_yaml(tmp_path: Path, name: str) -> None:
    path = ROOT / "prompts" / f"{name}.py"
    same(load_form(written(tmp_path, written_as_yaml(path), f"{name}.yaml")), load_form(path))


def test_nothing_of_a_form_in_yaml_is_run(tmp_path: Path) -> None:
    path = written(tmp_path, FORM)
    with forms_not_run() as refused:
        assert load_forms([path]).by_path
    assert refused == []


ITEM = "form:\n  study:\n    help: x\n    items:\n      a: "
WRONG = {
    "no YAML": ("form: [", 1, "not valid YAML"),
    "no form": ("guide: x\n", 1, "form: is missing"),
    "an unknown key": ("form:\n  study:\n    help: x\n    itmes: {}\n", 4, "did you mean `items`?"),
    "no help": ("form:\n  study:\n    items: {a: {type: text}}\n", 2, "help: is missing"),
    "a name with a capital": ("form:\n  Study: {help: x, items: {a: {help: x, type: text}}}\n", 2, "lower-case"),
    "neither group, list nor item": ("form:\n  study: {help: x}\n", 2, "exactly one of"),
    "group and item": ("form:\n  study: {help: x, type: text, items: {a: {help: x, type: text}}}\n", 2, "exactly one of"),
    "an item in the form itself": ("form:\n  a: {help: x, type: text}\n", 2, "a form is made of groups"),
    "an empty group": ("form:\n  study: {help: x, items: {}}\n", 2, "is empty"),
    "a type that is none": (f"{ITEM}{{help: x, type: string}}\n", 5, "`string` is none of"),
    "a code without codes": (f"{ITEM}{{help: x, type: code}}\n", 5, "needs `codes`"),
    "codes of a text": (f"{ITEM}{{help: x, type: text, codes: [a, b]}}\n", 5, "goes with `type: code`"),
    "a vocabulary that is not there": (f"{ITEM}{{help: x, type: code, codes: Rsk}}\nvocabularies: {{Risk: {{codes: [low]}}}}\n", 5, "did you mean `Risk`?"),
    "bare yes and no": (f"{ITEM}{{help: x, type: code, codes: [yes, no]}}\n", 5, 'bare `yes` is a boolean in YAML; write it in quotes: "yes"'),
    "bare no as a key": ("vocabularies:\n  Answer:\n    codes:\n      no: [never]\nform: {s: {help: x, items: {a: {help: x, type: code, codes: Answer}}}}\n", 4, "bare `no` is a boolean"),
    "a number as a code": (f"{ITEM}{{help: x, type: code, codes: [1, 2]}}\n", 5, "codes are a list like"),
    "a number as a word": (f"{ITEM}{{help: x, type: code, codes: {{a: [1]}}}}\n", 5, "write numbers in quotes"),
    "units of a text": (f'{ITEM}{{help: x, type: text, units: {{"": 1}}}}\n', 5, "goes with `type: number`"),
    "a unit without a factor": (f"{ITEM}{{help: x, type: number, units: {{kg: 0}}}}\n", 5, "needs a factor above 0"),
    "a unit that is no number": (f"{ITEM}{{help: x, type: number, units: {{kg: many}}}}\n", 5, "must be a number"),
    "words beside a bare number": (f"{ITEM}{{help: x, type: number, beside: [kg]}}\n", 5, "else write `near`"),
    "hosts of a text": (f"{ITEM}{{help: x, type: text, hosts: [a.org]}}\n", 5, "goes with `type: url`"),
    "words that are no list": (f"{ITEM}{{help: x, type: text, near: design}}\n", 5, "must be a list"),
    "marks on a group": ("form:\n  study: {help: x, near: [a], items: {a: {help: x, type: text}}}\n", 2, "belongs to an item"),
    "a name the program needs": (f"{ITEM}{{help: x, type: text}}\n      copy: {{help: x, type: text}}\n", 6, "choose another"),
    "a key twice": (f"{ITEM}{{help: x, type: text}}\n      a: {{help: x, type: text}}\n", 6, "appears twice"),
    "a list in a list": ("form:\n  study:\n    help: x\n    items:\n      rows:\n        help: x\n        each:\n          more: {help: x, each: {a: {help: x, type: text}}}\n", 5, "make that a list of the group"),
    "a rule that is none": (f"{ITEM}{{help: x, type: code, codes: [low, high], derived: [high when b is no]}}\n", 5, "is no rule; write it like"),
    "a derived text": (f"{ITEM}{{help: x, type: text, derived: [high otherwise]}}\n", 5, "goes with `type: code`"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "line", "told"), WRONG.values(), ids=WRONG)
def test_a_mistake_is_told_with_file_line_and_remedy(tmp_path: Path, text: str, line: int, told: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(BadInput) as raised:
        load_form(path)
    first = str(raised.value).splitlines()[0]
    assert first.startswith(f"{path}:{line}: ")
    assert told in str(raised.value)


def test_all_mistakes_are_told_at_once_in_the_order_of_their_lines(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        f"{ITEM}{{help: x, type: code}}\n      b: {{help: x}}\n      c: {{help: x, type: url, units: {{m: 1}}}}\n",
    )
    with pytest.raises(BadInput) as raised:
        load_form(path)
    lines = [line.removeprefix(f"{path}:").partition(":")[0] for line in str(raised.value).splitlines()]
    assert lines == ["5", "6", "7"]


def test_the_form_of_a_new_review_is_that_of_the_documentation_in_python(tmp_path: Path) -> None:
    sys.path.insert(0, str(ROOT / "docs"))
    from _scripts.reference_files import EXAMPLE

    blank = ROOT / "screener" / "examples" / "blank" / "prompts" / "form.yaml"
    same(load_form(blank), load_form(written(tmp_path, EXAMPLE, "form.py")))


DERIVED = """\
form:
  g:
    help: x
    items:
      a: {help: x, type: code, codes: [low, high]}
      d: {help: x, type: code, codes: [low, high], derived: [high if a is high]}
"""


def test_a_changed_rule_is_computed_anew_and_asked_again_of_nobody(tmp_path: Path) -> None:
    one = load_form(written(tmp_path, DERIVED))
    two = load_form(written(tmp_path, DERIVED.replace("if a is high", "otherwise"), "two.yaml"))
    (chat, rule, embedded, rule_of_patterns), (chat2, rule2, embedded2, rule_of_patterns2) = hashes(one), hashes(two)
    assert (chat, embedded) == (chat2, embedded2)
    assert rule != rule2
    assert rule_of_patterns != rule_of_patterns2
