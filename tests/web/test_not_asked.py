"""In the app a criterion that presupposes one that is answered no is greyed and passed over; its answer is kept back."""

from dataclasses import replace
from pathlib import Path

import pytest
from support.browser import needs_browser
from support.web_app import STAGE, human, small_review

from screener.adjudication.bulk import BulkDecision
from screener.adjudication.side_by_side import compare
from screener.core.judgement import Answer, Decision, Judgement, Value
from screener.ledger import StoredJudgement
from screener.protocol import Review, StageProtocol
from screener.records import Record
from screener.web.views import FormAnswers, questions, screen_view

YES, NO, UNCLEAR, NOT_ASKED = Value


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A review in which the training is asked about only where a signal goes in."""
    folder = tmp_path / "review"
    small_review(folder)
    protocol = folder / "prompts" / "review.yaml"
    line = "        question: Is a model trained?\n"
    protocol.write_text(protocol.read_text().replace(line, f"        applies_if: signal\n{line}"))
    return folder


@pytest.fixture
def stage(folder: Path) -> StageProtocol:
    return Review(folder).stage(STAGE)


def test_an_answer_is_kept_in_the_form_and_left_out_of_the_judgement(stage: StageProtocol) -> None:
    form = FormAnswers.of({"answer.signal": "no", "answer.training": "yes"}, stage)
    assert form.answers == {"signal": NO, "training": YES}
    assert form.as_answers(stage)["training"] == Answer(value=NOT_ASKED, reason="`signal` is no")
    asked = {one.id: one for one in questions(stage, form, {})}
    assert (asked["training"].unasked, asked["training"].value, asked["training"].parent_number) == (True, "yes", 1)
    assert not asked["signal"].unasked
    back = replace(form, answers={**form.answers, "signal": UNCLEAR})
    assert back.as_answers(stage)["training"] == Answer(value=YES)


def test_a_form_cannot_say_not_asked(stage: StageProtocol) -> None:
    assert FormAnswers.of({"answer.signal": "not_asked"}, stage).answers == {}
    judged = Judgement(
        decision=Decision.EXCLUDE, answers={"signal": Answer(value=NO), "training": Answer(value=NOT_ASKED)}
    )
    assert FormAnswers.from_judgement(judged).answers == {"signal": NO}


def test_the_machine_differs_on_the_signal_alone_where_one_of_the_two_was_not_asked_more(stage: StageProtocol) -> None:
    def differing(mine: Value, machines: Value) -> list[str]:
        said = {"signal": Answer(value=machines), "training": Answer(value=NOT_ASKED if machines is NO else YES)}
        form = FormAnswers({"signal": mine, "training": UNCLEAR})
        machine = Judgement(decision=Decision.UNCLEAR, answers=said)
        view = screen_view(stage, Record(id="r", title="t"), form, {}, machine=machine)
        return [one.id for one in view.questions if one.differs]

    assert differing(YES, NO) == ["signal"]
    assert differing(NO, YES) == ["signal"]
    assert differing(YES, YES) == ["training"]


def test_in_a_conflict_only_what_both_were_asked_can_differ_and_nothing_else_is_agreed(stage: StageProtocol) -> None:
    def row(number: int, who: str, *values: Value) -> StoredJudgement:
        answers = {name: Answer(value=value) for name, value in zip(("signal", "training"), values, strict=True)}
        judgement = Judgement(decision=Decision.UNCLEAR, answers=answers)
        return StoredJudgement(number, "", "r", "", who, "human", "", "", 0, "", judgement)

    lines = compare(stage, "r", [row(1, "ada", NO, NOT_ASKED), row(2, "ben", YES, YES)], None, named=True).lines
    assert [(line.differs, line.agreed) for line in lines[:2]] == [(True, ""), (False, "")]
    lines = compare(stage, "r", [row(1, "ada", YES, NO), row(2, "ben", YES, YES)], None, named=True).lines
    assert [(line.differs, line.agreed) for line in lines[:2]] == [(False, "yes"), (True, "")]


def test_an_exclusion_of_many_leaves_unasked_what_presupposes_its_criterion(stage: StageProtocol) -> None:
    judgement = BulkDecision("exclude", "signal").judgement(stage)
    assert {name: answer.value for name, answer in judgement.answers.items()} == {"signal": NO, "training": NOT_ASKED}


@pytest.mark.slow
@needs_browser
def test_the_keys_pass_over_what_is_not_asked_and_come_back_to_it(folder: Path, open_desk) -> None:  # type: ignore[no-untyped-def]
    desk = open_desk("ada")
    desk.go("s")
    unasked = "fieldset[data-stop=training][inert]"
    assert desk.page.query_selector(unasked) is None
    desk.keys("y", "y", "1", "n")
    desk.page.wait_for_selector(unasked)
    assert "Not asked: question 1" in desk.page.inner_text(unasked)
    assert desk.page.get_attribute("[data-stop].active", "data-stop") == "scope"
    desk.keys("k")
    assert desk.page.get_attribute("[data-stop].active", "data-stop") == "signal"
    desk.keys("2")
    assert desk.page.get_attribute("[data-stop].active", "data-stop") == "signal", "the number of what is not asked"
    desk.page.wait_for_selector("#verdict .tag.exclude")
    first = desk.save()
    assert human(folder, "ada")[first].answers["training"].value is NOT_ASKED
    desk.keys("z")
    desk.page.wait_for_selector(unasked)
    desk.keys("1", "y")
    desk.page.wait_for_selector("fieldset[data-stop=training]:not([inert])")
    assert desk.page.get_attribute("[data-stop].active", "data-stop") == "training"
    desk.keys("u")
    desk.page.wait_for_selector("#verdict .tag.unclear")
    desk.save()
    assert human(folder, "ada")[first].answers["training"].value is UNCLEAR
