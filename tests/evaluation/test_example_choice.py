"""Which records become worked examples: near misses of each criterion first, on both sides, short ones before long ones."""

from screener.core.judgement import Answer, Decision, Judgement, Value
from screener.evaluation import choose_examples
from screener.evaluation.figures import JudgedPair
from screener.protocol import QuestionCriterion, StageProtocol
from screener.records import Record

YES, NO, UNCLEAR, NOT_ASKED = Value
ONE = StageProtocol(question="?", template="t.md", criteria=(QuestionCriterion(id="a", question="?"),))
TWO = ONE.model_copy(update={"criteria": (*ONE.criteria, QuestionCriterion(id="b", question="?", applies_if="a"))})
TITLES = [
    "Bees of the north",
    "Rivers at night",
    "Bread and salt",
    "Old clocks",
    "Wool in trade",
    "A lamp",
    "Maps",
    "Ink",
]


def says(*values: Value | float) -> Judgement:
    """Answers to a, b; a number is an unclear answer's probability, or that of a yes or no beyond the middle."""
    answers = {}
    for name, value in zip("ab", values, strict=False):
        if isinstance(value, Value):
            answers[name] = Answer(value=value)
        else:
            answers[name] = Answer(value=YES if value >= 0.5 else NO, probability=value)
    no = any(answer.value is NO for answer in answers.values())
    return Judgement(decision=Decision.EXCLUDE if no else Decision.INCLUDE, answers=answers)


def pair(n: int, given: Judgement, right: Judgement, text: str = "", title: str = "") -> JudgedPair:
    """A record with a number; of two without a text of their own, the one with the lower number is shorter."""
    text = text or "x" * (60 + n - len(title or TITLES[n]))
    return JudgedPair(Record(id=f"r{n}", title=title or TITLES[n], abstract=text), given, right)


def ids(pairs: list[JudgedPair], n: int = 10, spec: StageProtocol = ONE, **more: dict[str, str]) -> list[str]:
    return [each.pair.record.id for each in choose_examples(pairs, spec, n, **more)]


def test_records_that_reviewer_and_people_answer_differently_come_before_those_in_doubt_and_these_before_the_rest() -> (
    None
):
    pairs = [
        pair(0, says(YES), says(YES)),
        pair(1, says(UNCLEAR), says(YES)),
        pair(2, says(NO), says(YES)),
        pair(3, says(0.6), says(YES)),
    ]
    assert ids(pairs) == ["r2", "r1", "r3", "r0"]
    assert [each.why for each in choose_examples(pairs, ONE, 4)] == ["differs", "doubtful", "doubtful", "plain"]


def test_both_sides_of_a_criterion_take_turns() -> None:
    pairs = [
        pair(0, says(NO), says(YES)),
        pair(1, says(NO), says(YES)),
        pair(2, says(NO), says(NO)),
        pair(3, says(YES), says(NO)),
    ]
    chosen = choose_examples(pairs, ONE, 3)
    assert [(each.side, each.pair.record.id) for each in chosen] == [(YES, "r0"), (NO, "r3"), (YES, "r1")]
    assert chosen[0].sentence == "a yes, the reviewer answered no"


def test_the_criterion_with_most_near_misses_comes_first() -> None:
    pairs = [
        pair(0, says(YES, YES), says(YES, YES)),
        pair(1, says(YES, NO), says(YES, YES)),
        pair(2, says(YES, YES), says(YES, NO)),
    ]
    assert [each.criterion for each in choose_examples(pairs, TWO, 2)] == ["b", "b"]


def test_of_equal_ones_the_shorter_text_comes_first_and_one_without_an_abstract_last() -> None:
    pairs = [
        pair(0, says(NO), says(YES), "Long " * 50),
        pair(1, says(NO), says(YES), "Short."),
        pair(2, says(NO), says(YES), " "),
        pair(3, says(YES), says(YES), "Right."),
    ]
    assert ids(pairs) == ["r1", "r0", "r3", "r2"]


def test_a_title_like_one_that_is_chosen_comes_after_another_and_no_study_comes_twice() -> None:
    pairs = [
        pair(0, says(NO), says(YES), title="Bees in winter hives"),
        pair(1, says(NO), says(YES), title="Bees in summer hives"),
        pair(2, says(NO), says(YES), title="Iron bridges"),
        pair(3, says(NO), says(YES), title="Salt"),
    ]
    assert ids(pairs) == ["r0", "r2", "r3", "r1"]
    assert ids(pairs, study_of={"r0": "s", "r2": "s"}) == ["r0", "r3", "r1"]


def test_what_people_include_meets_every_criterion_though_they_name_none() -> None:
    missed = pair(0, says(NO), Judgement(decision=Decision.INCLUDE, stated=True))
    (chosen,) = choose_examples([missed], ONE, 5)
    assert (chosen.side, chosen.why, chosen.sure) == (YES, "differs", False)
    assert chosen.sentence == "a perhaps yes, the reviewer answered no"


def test_of_what_people_exclude_without_a_reason_the_criterion_that_was_doubted_may_be_the_one() -> None:
    excluded = Judgement(decision=Decision.EXCLUDE, stated=True)
    (kept,) = choose_examples([pair(0, says(YES), excluded)], ONE, 5)
    assert (kept.side, kept.why) == (NO, "kept")
    assert "people exclude it, the reviewer does not" in kept.sentence
    doubted = choose_examples([pair(0, says(NO, YES), excluded)], TWO, 5)
    assert [(each.criterion, each.side) for each in doubted] == [("a", NO)]


def test_who_was_not_asked_and_what_people_left_undecided_teaches_nothing_of_that_criterion() -> None:
    assert ids([pair(0, says(NO, NOT_ASKED), says(UNCLEAR, UNCLEAR))], spec=TWO) == []
    assert ids([], spec=TWO) == []


def test_no_more_than_are_asked_for_are_chosen() -> None:
    assert len(ids([pair(n, says(NO), says(YES)) for n in range(6)], 4)) == 4
