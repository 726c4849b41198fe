"""A form that cannot be used is one line with its file and line; one that can is asked as a strict schema."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support import ROOT

from screener.core.errors import BadInput
from screener.forms.load import load_form, load_forms
from screener.reviewers.answer_form import AnswerForm

HEAD = """\
from typing import Annotated
from pydantic import Field
from screener.forms import Coded, Group, Item, Link, Near, Quantity, Vocabulary

class Colour(Vocabulary):
    RED = "red", "crimson"
    OTHER = "other"

class Grade(Vocabulary):
    LOW = "low"
    HIGH = "high"

"""
FIRST = HEAD.count("\n") + 1
"""The line on which the part of a test begins."""
GOOD = """\
class Inner(Group):
    size_cm: Annotated[Item[float], Quantity({"cm": 1.0, "m": 100.0})] = Field(description="How long is it?")

class Thing(Group):
    name: Item[str] = Field(description="What is it called?")
    colour: Coded[Colour] = Field(description="Which colour has it?")
    grade: Item[Grade] = Field(description="How good is it?")
    inner: Inner = Field(description="Its measures.")
    parts: list[Inner] = Field(description="Its parts.")

class Unit(Group):
    thing: Thing = Field(description="What it is.")

class Form(Group):
    '''Rules for all.'''
    study: Inner = Field(description="The study.")
    units: list[Unit] = Field(description="Its units.")
"""


def written(folder: Path, body: str, name: str = "form.py") -> Path:
    path = folder / name
    path.write_text(HEAD + body, encoding="utf-8")
    return path


def test_a_form_is_taken_apart_into_groups_units_rows_and_items(tmp_path: Path) -> None:
    form = load_form(written(tmp_path, GOOD))
    parts = [*form.groups, *form.units, *form.units[0].groups]
    assert [part.guide for part in parts] == ["Rules for all."] * 3
    assert {path: item.kind for path, item in form.by_path.items()} == {
        "study.size_cm": "number",
        "units.thing.name": "text",
        "units.thing.colour": "code",
        "units.thing.grade": "code",
        "units.thing.inner.size_cm": "number",
        "units.thing.parts.size_cm": "number",
    }
    assert form.lists == ("units", "units.thing.parts")
    assert [path for path, item in form.by_path.items() if item.coded] == ["units.thing.colour"]
    found = form.item("units[2].thing.parts[0].size_cm")
    assert found is not None
    assert found.quantity is not None


G = "\nclass Form(Group):\n    g: G = Field(description='A group.')\n"
WRONG = {
    "a syntax error": ("class Form(Group)\n    pass\n", 0, "SyntaxError"),
    "an error when it is run": ("x = 1\ny = x / 0\n", 1, "ZeroDivisionError: division by zero"),
    "a module that is not there": ("import no_such_module\n", 0, "No module named 'no_such_module'"),
    "an end of the program": ("raise SystemExit(0)\n", 0, "SystemExit"),
    "a name that is not there": ("class Form(Group):\n    g: Missing = Field(description='x')\n", 1, "Missing"),
    "no class Form": ("class Thing(Group):\n    pass\n", None, "has no class `Form(Group)`"),
    "a Form of another kind": ("class Form:\n    pass\n", None, "has no class `Form(Group)`"),
    "an empty Form": ("class Form(Group):\n    pass\n", None, "Form has no fields"),
    "an item in the form itself": ("class Form(Group):\n    a: Item[str] = Field(description='x')\n", 1, "a: a form is"),
    "a field without description": ("class G(Group):\n    ok: Item[str] = Field(description='x')\n    a: Item[str]\n" + G, 2, "g.a: has no description"),
    "a group without description": ("class G(Group):\n    a: Item[str] = Field(description='x')\nclass Form(Group):\n    g: G\n", 3, "g: has no description"),
    "a default": ("class G(Group):\n    a: Item[str] = Field(default=None, description='x')\n" + G, 1, "g.a: has a default"),
    "a default without Field": ("class G(Group):\n    a: Item[str] = None\n" + G, 1, "g.a: has a default"),
    "a list with a default": ("class R(Group):\n    a: Item[str] = Field(description='x')\nclass G(Group):\n    rows: list[R] = Field(default_factory=list, description='x')\n" + G, 3, "g.rows: has a default"),
    "a field without type": ("class G(Group):\n    a = 3\n" + G, 0, "non-annotated"),
    "a bare type": ("class G(Group):\n    a: str = Field(description='x')\n" + G, 1, "g.a: is neither Item"),
    "an optional item": ("class G(Group):\n    a: Item[str] | None = Field(description='x')\n" + G, 1, "g.a: is neither Item"),
    "a type of value that is none": ("class G(Group):\n    a: Item[dict] = Field(description='x')\n" + G, 1, "g.a: a value is"),
    "a list of numbers": ("class G(Group):\n    a: Item[list[float]] = Field(description='x')\n" + G, 1, "g.a: a value is"),
    "a vocabulary with other in a plain item": ("class G(Group):\n    a: Item[Colour] = Field(description='x')\n" + G, 1, "go together"),
    "a coded item without other": ("class G(Group):\n    a: Coded[Grade] = Field(description='x')\n" + G, 1, "go together"),
    "a list in a list": ("class D(Group):\n    a: Item[str] = Field(description='x')\nclass R(Group):\n    more: list[D] = Field(description='x')\nclass G(Group):\n    rows: list[R] = Field(description='x')\n" + G, 5, "g.rows: is a list whose entries hold a list"),
    "a group inside itself": ("class G(Group):\n    a: 'list[G]' = Field(description='x')\n" + G, 1, "G is inside itself"),
    "two types of value": ("class G(Group):\n    a: Item[str | int] = Field(description='x')\n" + G, 1, "g.a: a value is"),
    "two members with one code": ("class V(Vocabulary):\n    A = 'a', 'first'\n    B = 'a', 'second'\nclass G(Group):\n    a: Item[V] = Field(description='x')\n" + G, 4, "V: A and B have the same code `a`"),
    "a synonym that is no text": ("class V(Vocabulary):\n    A = 'a', 3\nclass G(Group):\n    a: Item[V] = Field(description='x')\n" + G, 3, "V.A: a code and its words are texts"),
    "an empty synonym": ("class V(Vocabulary):\n    A = 'a', ' '\nclass G(Group):\n    a: Item[V] = Field(description='x')\n" + G, 3, "V.A: a code and its words are texts"),
    "an empty vocabulary": ("class V(Vocabulary):\n    pass\nclass G(Group):\n    a: Item[V] = Field(description='x')\n" + G, 3, "V has no members"),
    "a word without its comma": ("class G(Group):\n    a: Annotated[Item[str], Near(('lead'))] = Field(description='x')\n" + G, 1, "g.a: words are given as a tuple"),
    "a link's word without its comma": ("class G(Group):\n    a: Annotated[Item[str], Link(hosts='github.com')] = Field(description='x')\n" + G, 1, "g.a: words are given as a tuple"),
    "a unit without a factor": ("class G(Group):\n    a: Annotated[Item[float], Quantity({'Hz': 'x'})] = Field(description='x')\n" + G, 1, "the unit 'Hz' needs a factor"),
    "a factor of nothing": ("class G(Group):\n    a: Annotated[Item[float], Quantity({'Hz': 0})] = Field(description='x')\n" + G, 1, "the unit 'Hz' needs a factor"),
    "an empty group": ("class G(Group):\n    pass\n" + G, 4, "g: is a group without items"),
}  # fmt: skip


@pytest.mark.parametrize(("body", "line", "said"), WRONG.values(), ids=WRONG)
def test_a_form_that_cannot_be_used_is_one_line_with_file_and_line(
    tmp_path: Path, body: str, line: int | None, said: str
) -> None:
    path = written(tmp_path, body)
    with pytest.raises(BadInput) as raised:
        load_form(path)
    told = str(raised.value)
    assert told.startswith(f"{path}: " if line is None else f"{path}:{FIRST + line}: "), told
    assert said in told
    assert "\n" not in told


def test_a_form_that_was_corrected_is_read_anew(tmp_path: Path) -> None:
    with pytest.raises(BadInput):
        load_form(written(tmp_path, "class G(Group):\n    a: Item[str]\n" + G))
    form = load_form(written(tmp_path, "class G(Group):\n    a: Item[str] = Field(description='now')\n" + G))
    assert form.by_path["g.a"].description == "now"


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"form\.py: cannot be read"):
        load_form(tmp_path / "form.py")


def test_two_forms_are_one_but_may_not_share_a_name(tmp_path: Path) -> None:
    one = written(tmp_path, GOOD)
    two = written(tmp_path, "class G(Group):\n    a: Item[str] = Field(description='x')\n" + G, "two.py")
    both = load_forms([one, two])
    assert {"study.size_cm", "g.a"} <= set(both.by_path)
    # The rules of one form are not told where the other one asks.
    assert [(group.path, group.guide) for group in both.groups] == [("study", "Rules for all."), ("g", "")]
    third = written(tmp_path, GOOD + "\nx = 1\n", "three.py")
    with pytest.raises(BadInput, match=r"three\.py: `study` is in form\.py already"):
        load_forms([one, third])


def test_what_a_form_prints_is_not_in_what_the_program_prints(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    load_form(written(tmp_path, GOOD + "\nprint('loaded')\n"))
    assert capsys.readouterr() == ("", "loaded\n")


def test_loading_leaves_nothing_behind_in_the_review(tmp_path: Path) -> None:
    load_form(written(tmp_path, GOOD))
    assert [path.name for path in tmp_path.iterdir()] == ["form.py"]


def objects(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        if "properties" in node:
            yield node
        for each in node.values():
            yield from objects(each)
    elif isinstance(node, list):
        for each in node:
            yield from objects(each)


@pytest.mark.parametrize("name", ["form", "appraisal"])
def test_what_is_asked_has_a_strict_schema(name: str) -> None:
    text = AnswerForm(load_form(ROOT / "prompts" / f"{name}.py").asked).schema
    for word in ("default", "title", "description"):
        assert f'"{word}":' not in text
    for node in objects(json.loads(text)):
        assert node["additionalProperties"] is False
        assert list(node["properties"]) == node["required"]
        if "evidence" in node["properties"] and "status" in node["properties"]:  # before the answer that stands on it
            order = [name for name in node["required"] if name in ("evidence", "status", "value")]
            assert order == ["evidence", "status", "value"]
