"""A criterion that was not asked of one of two counts in no figure of the two, and is told as such."""

from pathlib import Path

import pytest
from support import ROOT, Cli

from screener.core.judgement import Answer, Basis, Decision, Judgement, Stage, Value
from screener.evaluation import agreement_among
from screener.evaluation.figures import JudgedPair, criterion_agreement, stability
from screener.evaluation.result import Evaluation
from screener.gold.labels import load_gold
from screener.ledger import StoredJudgement
from screener.protocol import QuestionCriterion, Review, StageProtocol
from screener.records import Record
from screener.reviewers.embedded import by_fit
from screener.reviewers.fit import FitThreshold
from screener.running.run_task import Summary
from screener.stages import Ratings

YES, NO, UNCLEAR, NOT_ASKED = Value
STAGE = StageProtocol(
    question="?",
    template="t.md",
    criteria=(QuestionCriterion(id="a", question="?"), QuestionCriterion(id="b", question="?", applies_if="a")),
)


def says(a: Value, b: Value, basis: Basis | None = None) -> Judgement:
    decision = Decision.EXCLUDE if Value.NO in (a, b) else Decision.INCLUDE
    return Judgement(decision=decision, answers={"a": Answer(value=a), "b": Answer(value=b, basis=basis)})


def pairs(*of: tuple[Judgement, Judgement]) -> tuple[JudgedPair, ...]:
    return tuple(JudgedPair(Record(id=f"r{n}", title="t"), one, two) for n, (one, two) in enumerate(of))


SAID = pairs(
    (says(YES, YES), says(YES, YES)),
    (says(YES, UNCLEAR, Basis.ABSENT), says(YES, NO)),
    (says(NO, NOT_ASKED), says(YES, YES)),
    (says(NO, NOT_ASKED), says(NO, NOT_ASKED)),
)


def test_a_criterion_is_compared_where_both_were_asked_it() -> None:
    agreement = criterion_agreement(SAID, "b")
    assert (agreement.n, agreement.same_answer, agreement.not_asked, agreement.silent) == (2, 1, 2, 1)
    assert agreement.as_json()["raw"]["value"] == 0.5
    assert criterion_agreement(SAID, "a").not_asked == 0
    nobody = criterion_agreement(SAID[3:], "b")
    assert nobody.as_json() == {"n": 0, "not_asked": 1}


def test_answers_from_before_the_protocol_had_it_not_asked_are_left_out_too() -> None:
    before = pairs((says(NO, YES), says(NO, NO)), (says(YES, YES), says(YES, YES)))
    result = Evaluation(Stage.ABSTRACT, STAGE, "m", "gold", "human", "abstract", None, before, ())
    assert (result.per_criterion["b"].n, result.per_criterion["b"].not_asked) == (1, 1)
    assert list(result.by("criterion")) == ["a = yes", "b = yes", "a = no", "b = not_asked"]


def row(number: int, record: str, reviewer: str, judgement: Judgement) -> StoredJudgement:
    return StoredJudgement(number, "", record, "", reviewer, "human", "", "", 0, "", judgement)


def test_people_agree_over_records_of_which_two_were_asked() -> None:
    said = {
        "r0": (says(YES, YES), says(YES, YES)),
        "r1": (says(YES, NO), says(YES, YES)),
        "r2": (says(NO, YES), says(YES, YES)),
        "r3": (says(NO, NO), says(NO, YES)),
    }
    rows = {
        name: [row(2 * n + k, name, who, judgement) for k, (who, judgement) in enumerate(zip("xy", both, strict=True))]
        for n, (name, both) in enumerate(said.items())
    }
    humans = agreement_among(Ratings(rows, {}), Stage.ABSTRACT, STAGE)
    assert humans is not None
    assert (humans.decision.n, humans.by_criterion["a"].n, humans.by_criterion["a"].not_asked) == (4, 4, 0)
    assert (humans.by_criterion["b"].n, humans.by_criterion["b"].not_asked) == (2, 2)
    assert humans.by_criterion["b"].estimates["raw"].value == 0.5
    never = agreement_among(Ratings({"r3": rows["r3"]}, {}), Stage.ABSTRACT, STAGE)
    assert never is not None
    assert never.as_json()["per_criterion"]["b"]["n"] == 0
    assert never.as_json()["per_criterion"]["b"]["not_asked"] == 1


def test_a_repeat_that_did_not_get_to_ask_a_criterion_is_no_other_answer_to_it() -> None:
    repeats = [{"r": says(NO, NOT_ASKED)}, {"r": says(YES, YES)}]
    steady = stability(repeats, STAGE)
    assert steady is not None
    assert steady.by_criterion == {"a": 1, "b": 0}


def test_what_a_fit_keeps_leaves_nothing_unasked() -> None:
    threshold = FitThreshold(exclude_below=0.2, recall=0.95, kept=10, lost=0, excluded=10, spared=5)
    answers = {"a": Answer(value=NO, reason="says so"), "b": Answer(value=NOT_ASKED, reason="`a` is no")}
    judged = Judgement(decision=Decision.EXCLUDE, answers=answers, probability=0.5)
    kept = by_fit(STAGE, judged, threshold)
    assert kept.decision is Decision.UNCLEAR
    assert [answer.value for answer in kept.answers.values()] == [UNCLEAR, UNCLEAR]


def test_gold_answers_to_what_is_not_asked_are_set_aside_and_counted(ecg: Path, cli: Cli) -> None:
    gold = load_gold(Review(ecg), Stage.ABSTRACT)
    assert gold is not None
    unasked = [label for label in gold.labels if label.answers["pretraining"] is Value.NO]
    assert {label.answers["adaptation"] for label in unasked} == {NOT_ASKED}
    assert gold.not_asked == len(unasked) == 81
    assert "81 answers are set to not_asked" in cli("check").out
    assert cli("check", "--json").json["gold"]["abstract"]["not_asked"] == 81


@pytest.mark.parametrize("stage", [Stage.ABSTRACT, Stage.FULLTEXT])
def test_in_the_packaged_review_the_adaptation_presupposes_the_pre_training(stage: Stage) -> None:
    assert Review(ROOT).stage(stage).presupposed == (("adaptation", "pretraining"),)


def test_a_run_counts_apart_what_was_not_asked_and_what_rests_on_silence() -> None:
    summary = Summary("run", Stage.ABSTRACT, "m")
    for judgement in (says(NO, NOT_ASKED), says(YES, NOT_ASKED), says(YES, UNCLEAR, Basis.ABSENT), says(YES, YES)):
        summary.count(judgement)
    told = summary.as_json()
    assert (told["not_asked"], told["silent"]) == ({"b": 2}, {"b": 1})
