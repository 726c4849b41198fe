"""The items that tell the entries of a list apart: marked in Python or YAML, found by list, refused where they cannot."""

from pathlib import Path

import pytest

from screener.core.errors import BadInput
from screener.forms import FormSpec
from screener.forms.load import load_form, written_as_yaml

FORM = """\
form:
  study:
    help: The study.
    items:
      design: {help: "Which design?", type: text}
      sites:
        help: Where it was.
        each:
          city: {help: "Which city?", type: text, key: true}
          beds: {help: "How many beds?", type: count}
  arms:
    help: What was compared.
    each:
      care:
        help: What was given.
        items:
          name: {help: "What is it called?", type: text, key: true}
          drugs:
            help: The drugs.
            each:
              drug: {help: "Which drug?", type: text, key: true}
              way: {help: "By which way?", type: code, codes: [mouth, vein], key: true}
              dose: {help: "How much?", type: number}
"""
PYTHON = """
from typing import Annotated
from pydantic import Field
from screener.forms import Group, Item, Key

class Arm(Group):
    name: Annotated[Item[str], Key()] = Field(description="What is it called?")
    size: Item[int] = Field(description="How many people?")

class Study(Group):
    arms: list[Arm] = Field(description="The arms.")

class Form(Group):
    study: Study = Field(description="The study.")
"""


def loaded(folder: Path, text: str, name: str = "form.yaml") -> FormSpec:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return load_form(path)


def test_keys_are_found_by_the_list_that_they_are_in(tmp_path: Path) -> None:
    assert loaded(tmp_path, FORM).keys == {
        "study.sites": ("study.sites.city",),
        "arms": ("arms.care.name",),
        "arms.care.drugs": ("arms.care.drugs.drug", "arms.care.drugs.way"),
    }


def test_a_key_in_python_is_written_as_yaml_and_read_again(tmp_path: Path) -> None:
    form = loaded(tmp_path, PYTHON, "form.py")
    assert form.keys == {"study.arms": ("study.arms.name",)}
    text = written_as_yaml(tmp_path / "form.py")
    assert text.count("key: true") == text.count("key:") == 1
    assert loaded(tmp_path, text) == form
    # The class stands for its mark.
    assert loaded(tmp_path, PYTHON.replace("Key()", "Key"), "form.py") == form


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            '"Which design?", type: text',
            '"Which design?", type: text, key: true',
            "form.yaml:5: study.design: tells entries",
        ),
        ("help: The drugs.", "key: true", "belongs to an item"),
    ],
)
def test_a_key_outside_of_a_list_is_refused(tmp_path: Path, old: str, new: str, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        loaded(tmp_path, FORM.replace(old, new + "\n            help: The drugs." * (old[0] == "h")))


def test_what_is_derived_is_no_key(tmp_path: Path) -> None:
    derived = '{help: "So?", type: code, codes: [low, high], derived: [low otherwise], key: true}'
    with pytest.raises(BadInput, match="is derived, so it tells no entries apart"):
        loaded(tmp_path, FORM.replace("          drugs:", f"          risk: {derived}\n          drugs:"))
