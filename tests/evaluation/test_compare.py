"""Two reviewers beside each other on the same labels."""

import pytest

from screener.core.judgement import Decision, Judgement, Stage
from screener.evaluation.compare import ReviewerComparison
from screener.evaluation.figures import JudgedPair
from screener.records import Record

KEEP, DROP = Judgement(decision=Decision.INCLUDE, stated=True), Judgement(decision=Decision.EXCLUDE, stated=True)


def compared(*rows: tuple[Judgement, Judgement, Judgement]) -> ReviewerComparison:
    """Gold, the first and the second, by record."""
    pairs = tuple(JudgedPair(Record(id=f"r{n}", title="t"), first, gold) for n, (gold, first, _) in enumerate(rows))
    others = tuple(second for _, _, second in rows)
    return ReviewerComparison(Stage.ABSTRACT, "a", "b", "human", "abstract", "dev", pairs, others, {}, ())


def test_two_that_decide_alike_may_differ_all_the_same() -> None:
    found = compared(*[(KEEP, KEEP, KEEP)] * 3, *[(DROP, KEEP, KEEP)] * 18).differences
    recall, specificity = found["recall"], found["specificity"]
    assert (recall.value, recall.low, recall.high) == (
        0,
        pytest.approx(-0.5615, abs=1e-4),
        pytest.approx(0.5615, abs=1e-4),
    )
    assert specificity.high == pytest.approx(0.1759, abs=1e-4)
    assert (found["precision"].value, found["precision"].low) == (0, None)


def test_where_one_side_of_gold_alone_differs_the_other_keeps_room() -> None:
    found = compared(*[(KEEP, KEEP, KEEP)] * 5, *[(DROP, DROP, KEEP)] * 4, *[(DROP, KEEP, KEEP)] * 4).differences
    assert (found["recall"].value, found["recall"].high) == (0, pytest.approx(0.4345, abs=1e-4))
    assert found["specificity"].value == 0.5
    assert 0 <= found["specificity"].low < 0.5 < found["specificity"].high
    assert compared((KEEP, KEEP, KEEP)).differences["specificity"].value is None
