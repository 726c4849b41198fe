"""Variants of the wording: read with the lines of their mistakes, and written into the protocol with all else as it was."""

from pathlib import Path

import pytest
import yaml

from screener.core.errors import BadInput
from screener.core.judgement import Stage
from screener.protocol import Review, Variant, Wording, accept_wording, read_variant, with_variant, write_variant

HEAD = """\
# The protocol of a review.
title: Co-medication   # a short title
questions: ["Which?"]
stages:
  abstract:
    question: "Eligible?"
    template: abstract.md
    criteria:
      - {id: years, kind: rule, question: "From 2000 on?", years: [2000, 2025]}
"""
BLOCK = """\
      # about the drug
      - id: drug     # the drug
        question: >-
          Is the drug
          studied?

        # what counts
        met_when: It is studied.   # as the authors say
        cues: {supports: [drug]}
      - id: controlled
        question: Is it controlled?
        silence: "no"
"""
FLOW = """\
      - {id: drug, question: "Is the drug studied?", met_when: It is studied.}  # in one line
      - {id: controlled, question: 'Is it controlled?'}
"""
FOLDED = """\
      - id: drug
        question: Is the drug
          studied?
        met_when: |
          It is studied.
          In people.
      - id: controlled
        question: "Is it controlled?"
"""


def review(folder: Path, criteria: str = BLOCK, head: str = HEAD) -> Review:
    (folder / "prompts").mkdir(exist_ok=True)
    (folder / "prompts" / "review.yaml").write_bytes((head + criteria).encode())
    (folder / "prompts" / "abstract.md").write_text("---\nversion: 1\n---\n# System\nx\n# User\ny\n")
    return Review(folder)


def variant(**changes: str) -> Variant:
    return Variant(stage=Stage.ABSTRACT, note="why", criteria={"drug": Wording.model_validate(changes)})


WORDS = {
    "question": "Is the drug studied, or taken by those who are: #1 \"yes\" {or} 'no'?",
    "met_when": "It is studied or taken.",
    "not_met_when": "Neither.",
    "silence": "no",
}


@pytest.mark.parametrize("criteria", [BLOCK, FLOW, FOLDED, BLOCK.replace("\n", "\r\n")])
@pytest.mark.parametrize("keys", [("question",), ("met_when",), ("not_met_when", "silence"), tuple(WORDS)])
def test_accepted_words_are_in_the_protocol_and_every_other_line_stays(
    tmp_path: Path, criteria: str, keys: tuple[str, ...]
) -> None:
    head = HEAD.replace("\n", "\r\n") if "\r" in criteria else HEAD
    before = review(tmp_path, criteria, head)
    changes = {key: WORDS[key] for key in keys}
    accept_wording(before, variant(**changes))
    text = (tmp_path / "prompts" / "review.yaml").read_bytes().decode()
    after = Review(tmp_path)
    assert after.protocol == with_variant(before, variant(**changes)).protocol
    expected = yaml.safe_load(head + criteria)
    expected["stages"]["abstract"]["criteria"][1].update(changes)
    assert yaml.safe_load(text) == expected
    for comment in ("# The protocol of a review.", "# a short title"):
        assert comment in text
    for line in ("      # about the drug", "      - id: drug     # the drug", "        # what counts"):
        assert (line in criteria.splitlines()) == (line in text.splitlines())
    assert ("# as the authors say" in criteria) == ("# as the authors say" in text)
    assert ("# in one line" in criteria) == ("# in one line" in text)
    assert "\n" not in text.replace("\r\n", "") if "\r" in criteria else "\r" not in text


def test_words_that_an_alias_repeats_are_left_to_the_person(tmp_path: Path) -> None:
    shared = BLOCK.replace("met_when: It is studied.", "met_when: &words It is studied.") + "        met_when: *words\n"
    written = review(tmp_path, shared)
    before = (tmp_path / "prompts" / "review.yaml").read_text()
    with pytest.raises(BadInput, match="copy it from the variant yourself"):
        accept_wording(written, variant(met_when="Other words."))
    assert (tmp_path / "prompts" / "review.yaml").read_text() == before


def test_criteria_that_another_stage_repeats_by_an_alias_are_not_changed_there_unasked(tmp_path: Path) -> None:
    shared = HEAD.replace("    criteria:\n", "    criteria: &all\n") + BLOCK
    shared += '  fulltext:\n    question: "Eligible?"\n    template: abstract.md\n    criteria: *all\n'
    written = review(tmp_path, "", shared)
    with pytest.raises(BadInput, match="copy it from the variant yourself"):
        accept_wording(written, variant(question="Other words?"))
    assert (tmp_path / "prompts" / "review.yaml").read_text() == shared


def test_a_comment_behind_the_mark_of_a_block_stays(tmp_path: Path) -> None:
    block = BLOCK.replace("question: >-\n", "question: >-  # as agreed in May\n")
    accept_wording(review(tmp_path, block), variant(question="Other words?"))
    text = (tmp_path / "prompts" / "review.yaml").read_text()
    assert "# as agreed in May" in text
    assert yaml.safe_load(text)["stages"]["abstract"]["criteria"][1]["question"] == "Other words?"
    assert "        # what counts\n" in text


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ("stage: abstract\ncriteria:\n  drugs: {question: Q?}\n", 3, "did you mean `drug`"),
        ("stage: abstract\ncriteria:\n  years: {question: Q?}\n", 3, "code decides"),
        ("stage: abstract\ncriteria:\n  drug: {}\n", 3, "nothing is worded otherwise"),
        ('stage: abstract\ncriteria:\n  drug: {question: "  "}\n', 3, "is empty"),
        ("stage: abstract\ncriteria:\n  drug:\n    quesion: Q?\n", 4, "quesion"),
        ("stage: abstract\ncriteria:\n  drug:\n    silence: maybe\n", 4, "silence"),
        ("stage: abstract\ncriteria: {}\n", 2, "criteria"),
    ],
)
def test_a_mistake_in_a_variant_is_told_with_its_line(tmp_path: Path, text: str, line: int, told: str) -> None:
    written = review(tmp_path)
    (tmp_path / "prompts" / "variants").mkdir()
    (tmp_path / "prompts" / "variants" / "other.yaml").write_text(text)
    with pytest.raises(BadInput, match=told) as error:
        read_variant(written, "other")
    assert f"other.yaml:{line}:" in str(error.value)


def test_a_variant_is_read_as_it_was_written_and_none_is_overwritten(tmp_path: Path) -> None:
    written = review(tmp_path)
    write_variant(written, "wider", variant(**WORDS))
    assert read_variant(written, "wider") == variant(**WORDS)
    with pytest.raises(BadInput, match="another name"):
        write_variant(written, "wider", variant(question="Q?"))
    with pytest.raises(BadInput, match="did you mean `wider`"):
        read_variant(written, "wide")
    with pytest.raises(BadInput, match="no name of a variant"):
        read_variant(written, "../review")


@pytest.mark.parametrize("criteria", [BLOCK, FOLDED])
def test_a_new_key_stands_between_the_question_and_what_comes_after_it(tmp_path: Path, criteria: str) -> None:
    accept_wording(review(tmp_path, criteria), variant(not_met_when="Neither."))
    text = (tmp_path / "prompts" / "review.yaml").read_text()
    after = criteria.partition("studied?\n")[2].lstrip("\n").partition("\n")[0]
    assert text.index("studied?\n") < text.index("not_met_when:") < text.index(after)
