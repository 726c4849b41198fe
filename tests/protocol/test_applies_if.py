"""A criterion that presupposes another: what the protocol may say, and what follows for anybody's answers."""

from pathlib import Path

import pytest
from support import Cli

from screener.core.judgement import Answer, Stage, Value
from screener.protocol import QuestionCriterion, Review, StageProtocol, values_as_asked, with_not_asked
from screener.protocol.instructions_hash import instructions_hash

FAULTS = {
    "nowhere": "the stage has no criterion `nowhere`",
    "pretrainin": "the stage has no criterion `pretrainin`; did you mean `pretraining`?",
    "adaptation": "a criterion cannot presuppose itself",
    "development": "`development` comes later; put it above `adaptation`",
    "scope": "`scope` is decided by rule; only a question can be presupposed",
}


def presupposing(review: Path, parent: str) -> tuple[Path, int]:
    """Have the criterion `adaptation` presuppose another; return the protocol and the line that says so."""
    protocol = review / "prompts" / "review.yaml"
    lines = [line for line in protocol.read_text().splitlines() if "applies_if" not in line]
    at = lines.index("      - id: adaptation") + 1
    lines.insert(at, f"        applies_if: {parent}")
    protocol.write_text("\n".join(lines) + "\n")
    return protocol, at + 1


@pytest.mark.parametrize("parent", FAULTS)
def test_what_cannot_be_presupposed_is_told_with_file_and_line(ecg: Path, cli: Cli, parent: str) -> None:
    protocol, line = presupposing(ecg, parent)
    done = cli("check")
    assert done.code == 2
    assert f"{protocol}:{line}: stages.abstract.criteria.2.applies_if: {FAULTS[parent]}" in done.err
    assert len(done.err.splitlines()) == 1


def test_an_earlier_question_can_be_presupposed(ecg: Path, cli: Cli) -> None:
    presupposing(ecg, "pretraining")
    assert cli("check").code == 0
    assert Review(ecg).stage(Stage.ABSTRACT).presupposed == (("adaptation", "pretraining"),)


def test_a_protocol_that_presupposes_nothing_is_hashed_as_before_the_key_was_known() -> None:
    written = QuestionCriterion(id="a", question="?").model_dump(mode="json")
    assert "applies_if" not in written
    assert QuestionCriterion(id="b", question="?", applies_if="a").model_dump(mode="json")["applies_if"] == "a"


def test_people_are_told_something_else_where_a_criterion_presupposes_another(ecg: Path) -> None:
    presupposing(ecg, "signal")
    before = instructions_hash(Review(ecg), Stage.ABSTRACT)
    presupposing(ecg, "pretraining")
    assert instructions_hash(Review(ecg), Stage.ABSTRACT) != before


def test_a_persons_answers_get_not_asked_also_where_the_person_gave_none() -> None:
    criteria = (QuestionCriterion(id="a", question="?"), QuestionCriterion(id="b", question="?", applies_if="a"))
    stage = StageProtocol(question="?", template="t.md", criteria=criteria)
    yes, no = Answer(value=Value.YES), Answer(value=Value.NO)
    unasked = Answer(value=Value.NOT_ASKED, reason="`a` is no")
    assert with_not_asked(stage, {"a": no}) == {"a": no, "b": unasked}
    assert with_not_asked(stage, {"b": yes, "a": no, "older": yes}) == {"a": no, "b": unasked, "older": yes}
    assert with_not_asked(stage, {"b": no}) == {"b": no}, "nothing is known of what it presupposes"
    assert with_not_asked(stage, {"a": yes}) == {"a": yes}


def test_a_not_asked_stays_where_those_who_agree_on_it_differ_on_what_it_presupposes() -> None:
    chain = tuple(QuestionCriterion(id=i, question="?", applies_if=p) for i, p in (("a", None), ("b", "a"), ("c", "b")))
    stage = StageProtocol(question="?", template="t.md", criteria=chain)
    unasked = Answer(value=Value.NOT_ASKED, reason="so")
    assert with_not_asked(stage, {"c": unasked}) == {"c": unasked}
    assert values_as_asked(stage.presupposed, {"c": Value.NOT_ASKED}) == {"c": Value.NOT_ASKED}
    assert with_not_asked(stage, {"a": unasked})["a"].value is Value.UNCLEAR, "it presupposes nothing"
    assert values_as_asked(stage.presupposed, {"b": Value.YES, "c": Value.NOT_ASKED})["c"] is Value.UNCLEAR
