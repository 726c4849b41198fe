"""A reviewer proposes, code disposes: what proposals amount to."""

from itertools import permutations
from typing import Any

import pytest

from screener.core.judgement import Answer, Basis, Decision, Match, Value
from screener.protocol import apply_rule, decide, facts_hash
from screener.protocol.model import QuestionCriterion, RuleCriterion, StageProtocol
from screener.records.model import KnownDate, Record
from screener.reviewers.screening import Proposal, Quote, finish, inclusion_probability

RECORD = Record(
    id="r", title="Reminders for nurses", abstract="Nurses saw reminders. Costs were not measured.", year=2020
)
TITLE_ONLY = RECORD.model_copy(update={"abstract": ""})
YES, NO, UNCLEAR = Value.YES, Value.NO, Value.UNCLEAR


def stage(*criteria: QuestionCriterion | RuleCriterion) -> StageProtocol:
    return StageProtocol(question="?", template="t.md", criteria=criteria)


def question(name: str = "nudge", **more: Any) -> QuestionCriterion:
    return QuestionCriterion(id=name, question="Is it?", **more)


def years(first: int = 2018, last: int = 2025) -> RuleCriterion:
    return RuleCriterion(id="scope", kind="rule", question="In time?", years=(first, last))


def dated(*dates: str, year: int | None = None) -> Record:
    return Record(id="r", title="t", year=year, dates=tuple(KnownDate(kind="published", value=d) for d in dates))


@pytest.mark.parametrize(
    ("values", "decision"),
    [
        ([YES, YES], Decision.INCLUDE),
        ([YES, NO], Decision.EXCLUDE),
        ([UNCLEAR, NO], Decision.EXCLUDE),
        ([YES, UNCLEAR], Decision.UNCLEAR),
        ([YES], Decision.UNCLEAR),
    ],
)
def test_any_no_excludes_all_yes_includes_else_unclear(values: list[Value], decision: Decision) -> None:
    answers = {name: Answer(value=value) for name, value in zip("ab", values, strict=False)}
    assert decide(stage(question("a"), question("b")), answers) is decision


@pytest.mark.parametrize(
    ("record", "value"),
    [
        (dated("2019-05-01", year=2020), YES),
        (dated("2017-12", year=2018), UNCLEAR),
        (dated("2016", year=2017), NO),
        (dated("2026", year=2027), NO),
        (dated("2025", year=2026), YES),
        (dated(), UNCLEAR),
        (dated("2017", "2026"), NO),
    ],
)
def test_years_say_yes_by_the_earliest_date_and_no_only_if_every_date_is_outside(record: Record, value: Value) -> None:
    assert apply_rule(years(), record).value is value


@pytest.mark.parametrize(
    "eligible", [("English", "German"), ("en", "de"), ("eng", "deu"), ("ENG", "ger"), ("English", "Deutsch")]
)
@pytest.mark.parametrize(
    ("language", "value"),
    [
        ("english", YES),
        ("eng", YES),
        ("en", YES),
        ("en-US", YES),
        ("English (United States)", YES),
        ("British English", YES),
        ("ger", YES),
        ("deu", YES),
        ("Deutsch", YES),
        ("eng; fre", YES),
        ("fre eng", YES),
        ("French, English", YES),
        ("Français / Deutsch", YES),
        ("chi", NO),
        ("Chinese; abstract in English", NO),
        ("中文", NO),
        ("[Article in Chinese]", NO),
        ("rus|ukr", NO),
        ("et", NO),
        ("", UNCLEAR),
        ("und", UNCLEAR),
        ("Multiple languages", UNCLEAR),
        ("chi; something", UNCLEAR),
    ],
)
def test_codes_and_names_of_a_language_are_one(language: str, value: Value, eligible: tuple[str, ...]) -> None:
    rule = RuleCriterion(id="language", kind="rule", question="?", languages=eligible)
    assert apply_rule(rule, Record(id="r", title="t", language=language)).value is value


def test_a_language_without_a_code_is_compared_as_it_is_spelt() -> None:
    rule = RuleCriterion(id="language", kind="rule", question="?", languages=("Klingon",))
    values = [apply_rule(rule, Record(id="r", title="t", language=name)).value for name in ("klingon", "eng", "Elvish")]
    assert values == [YES, NO, UNCLEAR]


def test_a_verified_quote_makes_a_no_contradicted() -> None:
    judged = finish(stage(question()), RECORD, {"nudge": Proposal(NO, quotes=(Quote("Costs were not measured"),))})
    answer = judged.answers["nudge"]
    assert (answer.value, answer.basis) == (NO, Basis.CONTRADICTED)
    assert (answer.evidence[0].document, answer.evidence[0].start) == ("abstract", 22)
    assert judged.decision is Decision.EXCLUDE
    assert judged.failed() == "nudge"


@pytest.mark.parametrize("value", [YES, NO])
def test_a_quote_that_is_not_in_the_record_makes_the_answer_unclear(value: Value) -> None:
    quotes = (Quote("Nurses saw reminders"), Quote("Costs were measured with great care"))
    answer = finish(stage(question(silence="no")), RECORD, {"nudge": Proposal(value, quotes=quotes)}).answers["nudge"]
    assert answer.value is UNCLEAR
    assert [evidence.status for evidence in answer.evidence] == [Match.EXACT, Match.MISSING]
    assert answer.reason == "the quote “Costs were measured with great care” is not in the record"


def test_a_no_from_silence_stands_only_where_the_protocol_says_so_and_there_is_an_abstract() -> None:
    silent = {"nudge": Proposal(NO, silent=True)}
    told = finish(stage(question(silence="no")), RECORD, silent).answers["nudge"]
    assert (told.value, told.basis) == (NO, Basis.ABSENT)
    untold = finish(stage(question()), RECORD, silent).answers["nudge"]
    assert (untold.value, untold.basis) == (UNCLEAR, Basis.ABSENT), "not said, where somebody expected it"
    for silence in ("no", "unclear"):
        title = finish(stage(question(silence=silence)), TITLE_ONLY, silent).answers["nudge"]
        assert (title.value, title.basis, title.reason) == (UNCLEAR, None, "there is no abstract")
        cut = finish(stage(question(silence=silence)), RECORD, silent, flags=["text_cut"]).answers["nudge"]
        assert (cut.value, cut.basis, cut.reason) == (UNCLEAR, None, "only a part of the text was read")


def chain() -> StageProtocol:
    """Three criteria, each presupposing the one before it, and one that presupposes none."""
    return stage(question("a"), question("b", applies_if="a"), question("c", applies_if="b"), question("d"))


SAYS_NO = Proposal(NO, probability=0.05, quotes=(Quote("Costs were not measured"),))


@pytest.mark.parametrize("proposed", [YES, NO, UNCLEAR, Value.NOT_ASKED])
def test_what_presupposes_a_no_is_not_asked_whatever_was_proposed(proposed: Value) -> None:
    said = Proposal(proposed, "because", 0.9, (Quote("reminders"),))
    judged = finish(chain(), RECORD, {"a": SAYS_NO, "b": said, "c": said, "d": Proposal(YES, probability=0.5)})
    assert judged.answers["b"] == Answer(value=Value.NOT_ASKED, reason="`a` is no")
    assert judged.answers["c"] == Answer(value=Value.NOT_ASKED, reason="`b` was not asked")
    assert (judged.decision, judged.failed(), judged.reason) == (Decision.EXCLUDE, "a", "a: ")
    assert judged.probability == pytest.approx(0.05 * 0.5), "what is not asked is no factor"


def test_a_no_that_does_not_stand_leaves_nothing_unasked() -> None:
    lie = Proposal(NO, quotes=(Quote("Costs were measured with great care"),))
    judged = finish(chain(), RECORD, {name: lie if name == "a" else Proposal(YES) for name in "abcd"})
    assert [answer.value for answer in judged.answers.values()] == [UNCLEAR, YES, YES, YES]


def test_a_not_asked_where_the_criterion_is_asked_is_unclear_and_says_why() -> None:
    skipped = Proposal(Value.NOT_ASKED)
    judged = finish(chain(), RECORD, {"a": Proposal(YES), "b": skipped, "c": Proposal(YES), "d": skipped})
    assert [answer.value for answer in judged.answers.values()] == [YES, UNCLEAR, YES, UNCLEAR]
    assert judged.answers["b"].reason == "answered not_asked, but `a` is yes"
    assert judged.answers["d"].reason == "answered not_asked, but it is asked of every record"
    assert judged.decision is Decision.UNCLEAR


def test_what_is_not_asked_neither_includes_nor_excludes() -> None:
    def decided(**values: Value) -> Decision:
        return decide(chain(), {name: Answer(value=value) for name, value in values.items()})

    assert decided(a=YES, b=YES, c=Value.NOT_ASKED, d=YES) is Decision.INCLUDE
    assert decided(a=YES, b=UNCLEAR, c=Value.NOT_ASKED, d=YES) is Decision.UNCLEAR
    assert decided(**dict.fromkeys("abcd", Value.NOT_ASKED)) is Decision.UNCLEAR


def test_an_answer_that_needs_a_quote_and_has_none_is_unclear() -> None:
    strict = stage(question(quote="required"))
    assert finish(strict, RECORD, {"nudge": Proposal(YES)}).answers["nudge"].value is UNCLEAR
    assert finish(strict, RECORD, {"nudge": Proposal(YES, quotes=(Quote("reminders"),))}).answers["nudge"].value is YES


def test_answers_come_in_the_protocols_order_with_the_rules_among_them() -> None:
    judged = finish(
        stage(question("a"), years(2030, 2031), question("b")), RECORD, {"b": Proposal(NO), "x": Proposal(NO)}
    )
    assert list(judged.answers) == ["a", "scope", "b"]
    assert judged.failed() == "scope"
    assert judged.answers["a"].reason == "not answered"


def test_a_repeated_sentence_is_quoted_where_the_reviewer_says() -> None:
    record = Record(id="r", title="t", abstract="Same. Same.")
    answer = finish(stage(question()), record, {"nudge": Proposal(YES, quotes=(Quote("Same.", "abstract", 6),))})
    assert answer.answers["nudge"].evidence[0].start == 6


def test_the_probability_of_inclusion_is_the_product_and_rules_count_one_or_zero() -> None:
    both = stage(question("a"), question("b"), years())
    answers = {"a": Answer(value=YES, probability=0.8), "b": Answer(value=UNCLEAR, probability=0.5)}
    assert inclusion_probability(both, answers | {"scope": Answer(value=UNCLEAR)}) == pytest.approx(0.4)
    assert inclusion_probability(both, answers | {"scope": Answer(value=NO)}) == 0
    assert inclusion_probability(both, {"a": Answer(value=YES, probability=0.8)}) is None


def test_the_same_grades_rank_alike_whichever_criterion_has_which() -> None:
    four = stage(*(question(name) for name in "abcd"))
    probabilities = {
        inclusion_probability(
            four, {name: Answer(value=YES, probability=p) for name, p in zip("abcd", order, strict=True)}
        )
        for order in permutations((0.95, 0.95, 0.95, 0.75))
    }
    assert len(probabilities) == 1


def test_new_dates_change_the_hash_of_the_facts_and_other_fields_do_not() -> None:
    one = facts_hash(stage(years()), RECORD)
    assert one == facts_hash(stage(years()), RECORD.model_copy(update={"language": "German"}))
    assert one != facts_hash(
        stage(years()), RECORD.model_copy(update={"dates": (KnownDate(kind="indexed", value="2017"),)})
    )
