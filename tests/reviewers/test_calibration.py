"""Grades calibrated on labels: smoothed shares that never fall, and a line that ties nothing."""

import math
import random

import pytest

from screener.core.errors import BadInput
from screener.core.judgement import Answer, Decision, Judgement, Value
from screener.protocol import QuestionCriterion, RuleCriterion, StageProtocol
from screener.reviewers.calibration import (
    Calibration,
    Taught,
    calibrate,
    grade_shares,
    inclusion_line,
    non_decreasing,
)
from screener.reviewers.grades import Grade, GradedAnswer, raw_probabilities

CRITERION = QuestionCriterion(id="drug", question="Is it about the drug?")
STAGE = StageProtocol(question="?", template="t", criteria=(CRITERION,))
RAW = raw_probabilities(CRITERION)


def sure(grade: str) -> GradedAnswer:
    return GradedAnswer(Grade(grade), {Grade(grade): 1.0})


def answers(**counts: tuple[int, int]) -> list[tuple[GradedAnswer, bool, float]]:
    """Of each grade how many labels meet the criterion, and how many do not."""
    return [(sure(g), met, 1.0) for g, (yes, no) in counts.items() for met in [True] * yes + [False] * no]


def case(grade: str, kept: bool, value: Value | None = None, weight: float = 1.0) -> Taught:
    label = Judgement(
        decision=Decision.INCLUDE if kept else Decision.EXCLUDE,
        answers={} if value is None else {"drug": Answer(value=value)},
        stated=True,
    )
    settled = Judgement(decision=Decision.UNCLEAR, answers={"drug": Answer(value=Value.UNCLEAR)})
    return Taught({"drug": sure(grade)}, label, settled, weight)


def test_a_share_is_drawn_to_what_its_grade_stands_for_as_by_two_labels() -> None:
    shares = grade_shares(answers(definitely_yes=(8, 2), unclear=(1, 3), absent=(0, 6)), RAW)
    assert shares[Grade.DEFINITELY_YES] == pytest.approx((8 + 2 * 0.95) / 12)
    assert shares[Grade.UNCLEAR] == pytest.approx((1 + 2 * 0.5) / 6)
    assert shares[Grade.ABSENT] == pytest.approx(2 * 0.4 / 8, abs=1e-6)
    assert shares[Grade.PROBABLY_YES] == 0.75  # no label has it


def test_shares_never_fall_from_the_surest_no_to_the_surest_yes_but_absent_stands_by_itself() -> None:
    shares = grade_shares(answers(definitely_no=(5, 5), probably_no=(0, 20), probably_yes=(9, 1), absent=(9, 1)), RAW)
    low = (5 + 0.1 + 0 + 0.5) / (12 + 22)
    assert shares[Grade.DEFINITELY_NO] == shares[Grade.PROBABLY_NO] == pytest.approx(low, abs=1e-6)
    ordered = [shares[g] for g in (Grade.DEFINITELY_NO, Grade.PROBABLY_NO, Grade.UNCLEAR, Grade.PROBABLY_YES)]
    assert ordered == sorted(ordered)
    assert shares[Grade.ABSENT] == pytest.approx((9 + 0.8) / 12, abs=1e-6)


def test_labels_of_a_stratified_draw_count_by_what_they_stand_for() -> None:
    drawn = [(sure("unclear"), True, 9.0), *[(sure("unclear"), False, 1.0)] * 9]
    assert grade_shares(drawn, RAW)[Grade.UNCLEAR] == pytest.approx((5 + 1) / (10 + 2))


def test_an_answer_counts_for_each_grade_as_likely_as_it_was() -> None:
    torn = GradedAnswer(Grade.UNCLEAR, {Grade.UNCLEAR: 0.6, Grade.PROBABLY_YES: 0.4})
    shares = grade_shares([(torn, True, 1.0)] * 10, RAW)
    assert shares[Grade.UNCLEAR] == pytest.approx((6 + 1) / 8)
    assert shares[Grade.PROBABLY_YES] == pytest.approx((4 + 1.5) / 6)


def test_pooling_gives_the_nearest_values_that_do_not_fall() -> None:
    assert non_decreasing([1, 2, 3], [1, 1, 1]) == [1, 2, 3]
    assert non_decreasing([3, 1, 2], [1, 1, 1]) == [2, 2, 2]
    assert non_decreasing([1, 4, 1, 5], [1, 1, 2, 1]) == [1, 2, 2, 5]


def test_the_line_finds_the_probabilities_that_labels_were_made_with() -> None:
    rng = random.Random(3)
    points = []
    for _ in range(4_000):
        product = rng.uniform(0.001, 0.9)
        z = 0.8 + 0.6 * math.log(product / (1 - product))
        points.append((product, rng.random() < 1 / (1 + math.exp(-z)), 1.0))
    line = inclusion_line(points)
    assert line is not None
    assert (line.intercept, line.slope) == (pytest.approx(0.8, abs=0.15), pytest.approx(0.6, abs=0.1))
    ordered = [line.probability(p) for p in (0.0, 1e-7, 1e-6, 1e-4, 0.01, 0.5, 0.9)]
    assert ordered == sorted(set(ordered))  # it ties nothing
    assert ordered[0] == 0.0  # what a rule excludes


def test_few_labels_make_nothing_certain() -> None:
    line = inclusion_line([(0.9, True, 1.0)] * 10 + [(0.1, False, 1.0)] * 20)
    assert line is not None
    assert line.probability(0.9) == pytest.approx(11 / 12, abs=1e-3)
    assert line.probability(0.1) == pytest.approx(1 / 22, abs=1e-3)


def test_there_is_no_line_for_few_labels_or_where_likely_records_are_kept_less_often() -> None:
    few = [(0.9, True, 1.0)] * 9 + [(0.1, False, 1.0)] * 50
    assert inclusion_line(few) is None
    assert inclusion_line([*few, (0.9, True, 1.0)]) is not None
    assert inclusion_line([(0.3, n < 10, 1.0) for n in range(30)]) is None  # all are as likely
    assert inclusion_line([(0.9, False, 1.0)] * 20 + [(0.1, True, 1.0)] * 20) is None


def test_decisions_alone_calibrate_inclusion_and_answers_their_criterion() -> None:
    decided = {f"r{n}": case("probably_yes" if n < 12 else "definitely_no", n < 10) for n in range(30)}
    calibration = calibrate(STAGE, decided)
    assert not calibration.criteria
    assert calibration.inclusion is not None
    assert (calibration.inclusion.kept, calibration.inclusion.excluded) == (10, 20)
    assert calibration.inclusion.probability(0.75) > 0.6 > 0.2 > calibration.inclusion.probability(0.05)
    answered = {
        name: case("probably_yes" if n < 12 else "definitely_no", n < 10, Value.YES if n < 10 else Value.NO)
        for n, name in enumerate(decided)
    }
    shares = calibrate(STAGE, answered).criteria["drug"]
    assert (shares.met, shares.not_met) == (10, 20)
    assert shares.shares[Grade.PROBABLY_YES] == pytest.approx((10 + 1.5) / 14, abs=1e-6)


def test_unclear_labels_teach_no_criterion_and_too_few_labels_are_told() -> None:
    unclear = {f"r{n}": case("unclear", n < 10, Value.UNCLEAR) for n in range(30)}
    with pytest.raises(BadInput, match="there are 10 and 20"):
        calibrate(STAGE, unclear)  # equally likely all, so that no line rises
    with pytest.raises(BadInput, match="at least 10 records kept and 10 excluded"):
        calibrate(STAGE, {"r": case("unclear", kept=True)})


def test_a_calibration_is_named_by_its_content_and_read_back() -> None:
    taught = {f"r{n}": case("probably_yes" if n < 12 else "definitely_no", n < 10) for n in range(30)}
    calibration = calibrate(STAGE, taught)
    assert calibrate(STAGE, dict(reversed(taught.items()))).id == calibration.id
    assert Calibration.from_json(calibration.to_json()) == calibration
    assert calibrate(STAGE, taught | {"r0": case("unclear", kept=True)}).id != calibration.id
    for broken in ("{}", "x", calibration.to_json().replace('"version":1', '"version":99')):
        with pytest.raises(BadInput, match="make a new one"):
            Calibration.from_json(broken)


def test_what_a_rule_excludes_teaches_no_line() -> None:
    rule = RuleCriterion(id="years", kind="rule", question="?", years=(2000, 2020))
    stage = StageProtocol(question="?", template="t", criteria=(rule, CRITERION))
    taught = {f"r{n}": case("probably_yes" if n < 12 else "definitely_no", n < 10) for n in range(30)}
    without = calibrate(stage, taught).inclusion
    ruled = case("definitely_yes", kept=False)
    ruled.settled.answers["years"] = Answer(value=Value.NO, probability=0.0)
    assert calibrate(stage, taught | {"x": ruled}).inclusion == without
