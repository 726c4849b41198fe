"""Changing a YAML file in its text: nothing but what was changed is another, whatever the value."""

from pathlib import Path

import pytest
import yaml
from support import ROOT

from screener.core.errors import BadInput
from screener.core.yaml_text import Row, YamlText

FILES = [
    *sorted((ROOT / "prompts").glob("*.yaml")),
    *sorted((ROOT / "screener" / "examples").rglob("*.yaml")),
]
TEXT = """\
# The whole.
title: One        # its title
stages:
  first:
    # Why these.
    criteria:
      - id: a     # the first
        met_when: >-
          Some words that are
          folded.
        # About silence.
        silence: "no"

      # On the second.
      - id: b
        cues: {supports: [x, "y: z"], suggests: []}
    decided_by: {humans: 2, machine: embedded}
reviewers:
  embedded: {kind: embedded}   # no key
"""
HOSTILE = [
    "- a", "a: b", "x # y", "*a", "&a", "!t", "%d", "@x", "`x", "'q", '"q"', "no", "1.0", "2020-01-01", "~", "null", "", ": ",
    "\U0001f600 e", "two\nlines", "\n lead", "trail \n", "tab\tx", "\u2028u", "\x85", "a\\b", "{a}", "[a, b", "? x", "|", "> x",
    " lead", "trail ", "---", "...", "#c", "word " * 50 + "\n\nx", "\u00e9 " * 200, "<<", "=", "\x07", "x:", "\ufeff", "\u202e\u05d0",
]  # fmt: skip


def changed_lines(before: str, after: str) -> list[str]:
    """The lines of the new text that the old one has not."""
    old = before.splitlines()
    return [line for line in after.splitlines() if line not in old]


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_file_that_is_not_changed_stays_byte_for_byte(path: Path) -> None:
    before = path.read_bytes().decode()
    text = YamlText(before)
    assert text.result() == before
    for key, value in text.data.items():
        text.set((key,), value)
    assert text.result() == before
    assert YamlText(before.replace("\n", "\r\n")).result() == before.replace("\n", "\r\n")


def test_a_value_changes_its_own_lines_and_keeps_comments_and_style() -> None:
    text = YamlText(TEXT)
    text.set(("title",), "Two")
    text.set(("stages", "first", "criteria", 0, "met_when"), "other " * 30 + "words")
    text.set(("stages", "first", "criteria", 0, "silence"), "unclear")
    text.set(("stages", "first", "decided_by", "humans"), 3)
    after = text.result()
    assert "title: Two        # its title\n" in after
    assert '        # About silence.\n        silence: "unclear"\n' in after
    assert "{humans: 3, machine: embedded}" in after
    assert "met_when: >-\n          other other" in after
    assert len(changed_lines(TEXT, after)) == 5
    assert all(line in after for line in TEXT.splitlines() if "#" in line and "title" not in line)


@pytest.mark.parametrize("value", HOSTILE)
def test_any_text_is_read_back_as_it_was_given_wherever_it_stands(value: str) -> None:
    for where in (("title",), ("stages", "first", "criteria", 0, "met_when"), ("reviewers", "embedded", "kind"), ("added",),
                  ("stages", "first", "criteria", 1, "cues", "supports")):  # fmt: skip
        text = YamlText(TEXT)
        text.set(where, value)
        read = yaml.safe_load(text.result())
        for part in where:
            read = read[part]
        assert read == value
    text = YamlText(TEXT)
    text.arrange(("stages", "first", "criteria", 1, "cues", "supports"), [Row(1), Row(None, value=value), Row(0)])
    text.arrange(
        ("stages", "first", "criteria"), [Row(1), Row(None, value={"id": value, "met": [value, {"x": value}]}), Row(0)]
    )
    text.arrange(("reviewers",), [Row(None, "other", {"kind": value}), Row("embedded", "renamed")])
    data = yaml.safe_load(text.result())
    assert data["stages"]["first"]["criteria"][0]["cues"]["supports"] == ["y: z", value, "x"]
    assert data["stages"]["first"]["criteria"][1] == {"id": value, "met": [value, {"x": value}]}
    assert data["reviewers"] == {"other": {"kind": value}, "renamed": {"kind": "embedded"}}


def test_entries_move_with_the_comments_above_and_beside_them() -> None:
    text = YamlText(TEXT)
    text.arrange(("stages", "first", "criteria"), [Row(1), Row(0)])
    after = text.result()
    assert sorted(filter(None, after.splitlines())) == sorted(filter(None, TEXT.splitlines()))
    assert after.index("# On the second.") < after.index("- id: b") < after.index("- id: a     # the first")


def test_a_key_is_added_behind_those_that_precede_it_and_removed_alone() -> None:
    text = YamlText(TEXT)
    text.set(("stages", "first", "criteria", 0, "label"), "a label", ("id", "label", "met_when"))
    assert "- id: a     # the first\n        label: a label\n        met_when" in text.result()
    text.remove(("stages", "first", "criteria", 0, "label"))
    assert text.result() == TEXT
    text.remove(("stages", "first", "decided_by", "humans"))
    assert "{machine: embedded}" in text.result()


def test_what_an_alias_repeats_is_not_changed_by_halves() -> None:
    text = YamlText("a: &x {k: 1}\nb: *x\n")
    text.set(("a", "k"), 2)
    with pytest.raises(BadInput, match="in the file"):
        text.result()
