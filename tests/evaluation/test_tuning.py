"""Which criterion caused which error, and what is to be reworded first."""

from screener.core.judgement import Answer, Basis, Decision, Evidence, Judgement, Stage, Value
from screener.evaluation import TuningAnalysis, analyse
from screener.evaluation.figures import JudgedPair
from screener.evaluation.result import Evaluation
from screener.protocol import QuestionCriterion, StageProtocol
from screener.protocol.model import RuleCriterion
from screener.records import Record

YES, NO, UNCLEAR, NOT_ASKED = Value
STAGE = StageProtocol(
    question="?",
    template="t.md",
    criteria=(
        RuleCriterion(id="years", kind="rule", question="?", years=(2000, 2020)),
        QuestionCriterion(id="a", question="Is it a?"),
        QuestionCriterion(id="b", question="Is it b?"),
    ),
)


def answers(a: Value | Answer, b: Value | Answer, years: Value = YES) -> Judgement:
    given = {"years": years, "a": a, "b": b}
    said = {name: one if isinstance(one, Answer) else Answer(value=one) for name, one in given.items()}
    values = [one.value for one in said.values()]
    decision = Decision.EXCLUDE if NO in values else Decision.UNCLEAR if UNCLEAR in values else Decision.INCLUDE
    return Judgement(decision=decision, answers=said)


def decided(decision: Decision) -> Judgement:
    return Judgement(decision=decision, stated=True)


def of(*pairs: tuple[Judgement, Judgement]) -> TuningAnalysis:
    made = tuple(JudgedPair(Record(id=f"r{n}", title="t"), judged, gold) for n, (judged, gold) in enumerate(pairs))
    return analyse(Evaluation(Stage.ABSTRACT, STAGE, "m", "gold", "human", "abstract", "dev", made, ()), check=7)


def test_a_miss_is_caused_by_the_only_no_with_its_reason_quote_and_basis() -> None:
    quote = Evidence(quote="in users of the drug", document="abstract", start=0, end=20)
    no = Answer(value=NO, reason="not studied", basis=Basis.CONTRADICTED, evidence=(quote,))
    found = of(
        (answers(YES, no), answers(YES, YES)),
        (answers(NO, NO), answers(YES, YES)),
        (answers(NO, YES, years=NO), decided(Decision.INCLUDE)),
        (answers(NO, YES), decided(Decision.EXCLUDE)),
    )
    first, second = found.criteria
    assert (first.criterion.id, second.criterion.id) == ("b", "a")
    (error,) = first.missed
    assert (error.record.id, error.given, error.people) == ("r0", "no (contradicted)", YES)
    assert error.as_json()["quotes"] == ["in users of the drug"]
    assert [e.record.id for e in first.missed_with_others] == ["r1"]
    assert second.missed == ()
    assert [e.record.id for e in second.missed_with_others] == ["r1", "r2"]
    assert [e.record.id for e in second.rightly] == ["r3"]
    assert found.as_json()["labels"] == {"tune": 4, "check": 7}


def test_a_study_that_was_included_in_the_end_comes_first() -> None:
    missed = [(answers(NO, YES), answers(YES, YES))] * 2 + [(answers(YES, NO), answers(YES, YES))] * 2
    made = tuple(
        JudgedPair(Record(id=f"r{n}", title="t"), judged, gold, final=Decision.INCLUDE if n == 3 else Decision.EXCLUDE)
        for n, (judged, gold) in enumerate((*missed, missed[0]))
    )
    found = analyse(Evaluation(Stage.ABSTRACT, STAGE, "m", "gold", "human", "abstract", "dev", made, ()), check=0)
    assert [row.criterion.id for row in found.criteria] == ["b", "a"]  # of a there are three
    assert [error.record.id for error in found.criteria[0].missed] == ["r3", "r2"]


def test_a_false_keep_is_let_through_where_people_said_no() -> None:
    found = of(
        (answers(UNCLEAR, YES), answers(NO, YES)),
        (answers(YES, YES), answers(NO, NO)),
        (answers(YES, UNCLEAR), decided(Decision.EXCLUDE)),
    )
    by_id = {row.criterion.id: row for row in found.criteria}
    assert [(e.record.id, e.answer.value) for e in by_id["a"].let_through] == [("r0", UNCLEAR), ("r1", YES)]
    assert [e.record.id for e in by_id["b"].let_through] == ["r1"]
    assert [pair.record.id for pair in found.unattributed] == ["r2"]
    assert (by_id["a"].maybe, by_id["b"].maybe) == ({YES: 1}, {UNCLEAR: 1})


def test_where_people_and_machine_differ_only_what_both_were_asked_counts() -> None:
    found = of(
        (answers(YES, YES), answers(YES, NO)),
        (answers(YES, UNCLEAR), answers(YES, NO)),
        (answers(NO, NOT_ASKED), answers(NO, NO)),
        (answers(NO, YES), decided(Decision.EXCLUDE)),
        (answers(YES, YES), answers(YES, YES)),
    )
    b = next(row for row in found.criteria if row.criterion.id == "b")
    assert b.differs == {(NO, YES): 1, (NO, UNCLEAR): 1}
    assert (b.agreement.n, b.agreement.same_answer, b.not_asked, b.unclear) == (3, 1, 1, 1)


def test_misses_weigh_more_than_what_is_let_through_and_that_more_than_unclear_answers() -> None:
    unsure = (answers(YES, UNCLEAR), decided(Decision.INCLUDE))
    assert [c.criterion.id for c in of(unsure).criteria] == ["b", "a"]
    let_through = (answers(YES, YES), answers(NO, YES))
    assert [c.criterion.id for c in of(unsure, unsure, let_through).criteria] == ["a", "b"]
    missed = (answers(YES, NO), answers(YES, YES))
    assert [c.criterion.id for c in of(let_through, let_through, missed).criteria] == ["b", "a"]


def test_the_kind_of_errors_says_what_to_do() -> None:
    silent = Answer(value=NO, basis=Basis.ABSENT)
    found = of((answers(silent, YES), answers(YES, YES)), (answers(YES, UNCLEAR), answers(YES, YES)))
    a, b = found.criteria
    assert any("silence: unclear" in hint for hint in a.hints)
    assert b.hints == ()
    mostly = of(*[(answers(YES, UNCLEAR), answers(YES, YES))] * 3, (answers(YES, YES), answers(YES, YES)))
    assert any("applies_if" in hint for row in mostly.criteria for hint in row.hints)


def test_a_miss_by_a_rule_or_without_answers_is_listed_as_none_of_the_wording() -> None:
    bare = Judgement(decision=Decision.EXCLUDE, reason="too far from the others")
    found = of(
        (answers(YES, YES, years=NO), answers(YES, YES)),
        (bare, decided(Decision.INCLUDE)),
        (bare, decided(Decision.EXCLUDE)),
        (answers(NO, YES), answers(YES, YES)),
    )
    assert [(one["id"], one["why"]) for one in found.as_json()["missed_not_by_wording"]] == [
        ("r0", "rule `years`"),
        ("r1", "too far from the others"),
    ]
    assert {row.criterion.id: len(row.missed) for row in found.criteria} == {"a": 1, "b": 0}


def test_a_miss_by_the_probability_of_inclusion_is_of_the_criterion_least_likely_met() -> None:
    likely, less = Answer(value=YES, probability=0.6), Answer(value=UNCLEAR, probability=0.2)
    excluded = answers(likely, less).model_copy(update={"decision": Decision.EXCLUDE, "probability": 0.12})
    found = of((excluded, answers(YES, YES)), (excluded, decided(Decision.EXCLUDE)))
    first, second = found.criteria
    assert (first.criterion.id, [error.record.id for error in first.missed_with_others], first.missed) == (
        "b",
        ["r0"],
        (),
    )
    assert (second.missed_with_others, found.not_by_wording) == ((), ())
