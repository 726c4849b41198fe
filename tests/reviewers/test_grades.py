"""What becomes of graded answers: probabilities, answers, and what a prompt says of grades."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from screener.core.judgement import Basis, Decision, Judgement, Value
from screener.core.messages import ChatResponse, TokenChoice
from screener.protocol import ChatSpec, Prompt, QuestionCriterion, StageProtocol
from screener.protocol.fewshot import Example, Examples
from screener.protocol.model import Thresholds, Until
from screener.records import Record
from screener.reviewers import ChatReviewer, Grading
from screener.reviewers.grades import Grade, GradedAnswer, answer_places, graded, raw_probabilities

PROMPTS = Path(__file__).parents[2] / "prompts"
ABSTRACT = Prompt.read(PROMPTS / "abstract.md")
FULLTEXT = Prompt.read(PROMPTS / "fulltext.md")
RECORD = Record(id="r", title="Reminders for nurses", abstract="Nurses saw reminders. Costs were not measured.")


def stage() -> StageProtocol:
    criteria = (
        QuestionCriterion(id="nudge", question="Is somebody nudged?", silence="no", quote="required"),
        QuestionCriterion(id="effect", question="Did the nudge work?", applies_if="nudge"),
        QuestionCriterion(id="costs", question="Are costs given?"),
    )
    return StageProtocol(question="Is it about nudges?", template="abstract.md", criteria=criteria)


def allowed(schema: str) -> dict[str, Any]:
    return {name: form["properties"]["answer"]["enum"] for name, form in json.loads(schema)["properties"].items()}


PLAIN = Grading()
RAW = raw_probabilities(stage().questions[0])
TITLE_ONLY = Record(id="t", title="Reminders for nurses")
SAW = "Nurses saw reminders."


def reviewer(grading: Grading = PLAIN, prompt: Prompt = ABSTRACT, examples: Examples | None = None) -> ChatReviewer:
    given = (examples,) if examples else ()
    return ChatReviewer(stage(), prompt, "Nudges", {}, *given).graded_by(grading)


def judged(
    grading: Grading = PLAIN,
    record: Record = RECORD,
    response: ChatResponse | None = None,
    **answers: Any,
) -> Judgement:
    judging = reviewer(grading).judge(record)
    next(judging)
    given = {"nudge": ("definitely_yes", SAW), "effect": ("unclear", None), "costs": ("unclear", None)} | answers
    reply = {name: {"reason": "so", "quote": quote, "answer": word} for name, (word, quote) in given.items()}
    with pytest.raises(StopIteration) as stop:
        judging.send(response or ChatResponse(json.dumps(reply)))
    judgement: Judgement = stop.value.value
    return judgement


@pytest.mark.parametrize(
    ("grade", "value", "probability"),
    [("definitely_yes", Value.YES, 0.95), ("probably_yes", Value.YES, 0.75), ("unclear", Value.UNCLEAR, 0.5),
     ("probably_no", Value.UNCLEAR, 0.25), ("definitely_no", Value.NO, 0.05)],
)  # fmt: skip
def test_without_thresholds_only_a_definite_no_excludes(grade: str, value: Value, probability: float) -> None:
    judgement = judged(nudge=(grade, SAW))
    answer = judgement.answers["nudge"]
    assert (answer.value, answer.probability) == (value, probability)
    assert answer.reason == ("so" if grade == "unclear" else f"{grade.replace('_', ' ')}: so")
    assert (judgement.decision is Decision.EXCLUDE) == (grade == "definitely_no")


def test_a_record_has_the_product_of_its_criteria_as_probability_and_what_is_not_asked_is_no_factor() -> None:
    assert judged(costs=("probably_yes", None)).probability == pytest.approx(0.95 * 0.5 * 0.75)
    assert judged(nudge=("definitely_no", SAW)).probability == pytest.approx(0.05 * 0.5)


@pytest.mark.parametrize(("nudge", "quote"), [("definitely_no", None), ("probably_no", SAW), ("definitely_yes", SAW)])
def test_a_record_keeps_its_probability_where_a_criterion_is_passed_over_that_is_asked(
    nudge: str, quote: str | None
) -> None:
    title_only = judged(record=TITLE_ONLY, nudge=(nudge, None), effect=("not_asked", None))
    judgement = judged(nudge=(nudge, quote), effect=("not_asked", None), costs=("absent", None))
    for one in (title_only, judgement):
        assert one.probability is not None
    if judgement.answers["nudge"].value is not Value.NO:
        answer = judgement.answers["effect"]
        assert (answer.value, answer.probability) == (Value.UNCLEAR, 0.5)
    limits = Grading(thresholds={"effect": Thresholds(yes_from=0.4, no_below=0.1)})
    assert judged(limits, TITLE_ONLY, effect=("not_asked", None)).answers["effect"].value is Value.UNCLEAR


def test_silence_counts_by_itself_and_excludes_only_where_the_protocol_says_so() -> None:
    answer = judged(nudge=("absent", None)).answers["nudge"]
    assert (answer.value, answer.basis, answer.probability) == (Value.NO, Basis.ABSENT, 0.15)
    answer = judged(costs=("absent", None)).answers["costs"]
    assert (answer.value, answer.basis, answer.probability) == (Value.UNCLEAR, Basis.ABSENT, 0.4)


def test_a_quote_makes_no_contradiction_of_silence() -> None:
    assert judged(nudge=("absent", SAW)).answers["nudge"].basis is Basis.ABSENT


def test_a_title_is_silent_about_nothing_so_that_absent_is_as_likely_as_unclear() -> None:
    answer = judged(record=TITLE_ONLY, nudge=("absent", None)).answers["nudge"]
    assert (answer.value, answer.probability) == (Value.UNCLEAR, 0.5)


def test_a_definite_no_without_a_quote_is_silence() -> None:
    assert judged(costs=("definitely_no", None)).answers["costs"].value is Value.UNCLEAR


def test_thresholds_make_answers_of_probabilities() -> None:
    strict = Grading({"nudge": Thresholds(no_below=0.3, yes_from=0.9), "costs": Thresholds(no_below=0.3, yes_from=0.9)})
    assert judged(strict, nudge=("probably_yes", SAW)).answers["nudge"].value is Value.UNCLEAR
    no = judged(strict, nudge=("probably_no", SAW)).answers["nudge"]
    assert (no.value, no.basis) == (Value.NO, Basis.CONTRADICTED)


def test_a_quote_is_no_evidence_for_what_its_grade_does_not_speak_for() -> None:
    high, low = Thresholds(no_below=0.9, yes_from=1), Thresholds(no_below=0, yes_from=0.1)
    no = judged(Grading({"costs": high}), costs=("probably_yes", SAW)).answers["costs"]
    assert (no.value, no.evidence) == (Value.UNCLEAR, ())
    yes = judged(Grading({"nudge": low}), nudge=("probably_no", SAW)).answers["nudge"]
    assert (yes.value, yes.evidence) == (Value.UNCLEAR, ())  # it needs a quote


def test_until_decides_by_the_probability_of_inclusion_and_says_so() -> None:
    until = Grading(until=Until(exclude_below=0.3, include_above=0.6))
    out = judged(until, costs=("probably_no", None))
    assert (out.decision, out.probability) == (Decision.EXCLUDE, pytest.approx(0.11875))
    assert "below 0.3; least likely met: costs" in out.reason
    kept = judged(Grading(until=Until(exclude_below=0.01, include_above=0.6)), nudge=("definitely_no", SAW))
    assert kept.decision is Decision.UNCLEAR
    assert kept.answers["nudge"].value is Value.UNCLEAR
    assert "kept: probability" in kept.answers["nudge"].reason
    sure = {"effect": ("definitely_yes", SAW), "costs": ("definitely_yes", SAW)}
    assert judged(until, **sure).decision is Decision.INCLUDE


def test_a_title_is_not_excluded_by_probability_for_what_it_does_not_mention() -> None:
    until = Grading(until=Until(exclude_below=0.3, include_above=0.9))
    title = judged(until, TITLE_ONLY, nudge=("unclear", None), costs=("absent", None))
    assert (title.decision, title.probability) == (Decision.UNCLEAR, pytest.approx(0.125))
    assert judged(until, nudge=("unclear", None), costs=("absent", None)).decision is Decision.EXCLUDE
    said = judged(until, TITLE_ONLY, nudge=("definitely_no", "Reminders for nurses"))
    assert said.decision is Decision.EXCLUDE, "the title contradicts it"


def test_only_graded_reviewers_are_asked_for_grades_and_each_gets_what_it_is_asked_for() -> None:
    grades = ["definitely_yes", "probably_yes", "unclear", "probably_no", "definitely_no", "absent"]
    asked = reviewer().request(RECORD)
    assert allowed(asked.schema) == {"nudge": grades, "effect": [*grades, "not_asked"], "costs": grades}
    for prompt in (ABSTRACT, FULLTEXT):
        system = reviewer(prompt=prompt).request(RECORD).messages[0].content
        assert all(f"- {word}:" in system for word in [*grades, "not_asked"])
        assert "\n- yes:" not in system
        plain = ChatReviewer(stage(), prompt, "Nudges", {}).request(RECORD).messages[0].content
        assert "definitely" not in plain
        assert "probably" not in plain


def test_worked_examples_are_shown_with_grades() -> None:
    answers = {
        "nudge": {"reason": "r", "quote": "A nudge", "answer": "yes"},
        "effect": {"reason": "r", "quote": "A nudge", "answer": "no"},
        "costs": {"reason": "r", "quote": None, "answer": "absent"},
    }
    example = Example.model_validate({"title": "A nudge", "abstract": "It.", "answers": answers})
    system = reviewer(examples=Examples(None, (example,))).request(RECORD).messages[0].content
    shown = system.partition("</record-")[2]
    assert [word for word in ("definitely_yes", "definitely_no", "absent") if f'"{word}"' in shown] == [
        "definitely_yes",
        "definitely_no",
        "absent",
    ]
    assert '"answer": "yes"' not in system


def test_a_changed_threshold_changes_the_rule_and_nothing_that_is_asked() -> None:
    plain, strict = reviewer(), reviewer(Grading({"nudge": Thresholds(no_below=0.3, yes_from=0.9)}))
    assert plain.asked == strict.asked
    assert len({plain.rule, strict.rule, reviewer(Grading(until=Until(exclude_below=0, include_above=1))).rule}) == 3
    assert reviewer(Grading(logprobs=True)).asked != plain.asked
    assert reviewer(Grading(logprobs=True)).request(RECORD).logprobs
    assert not plain.request(RECORD).logprobs


def mass(given: str, *choices: tuple[str, float, dict[str, float]], before: str = "") -> dict[str, float]:
    """The grades' masses, of tokens that make up `before` and the grade."""
    place, listed = 100, []
    for text, probability, others in choices:
        listed.append(TokenChoice(place, text, probability, tuple(others.items())))
        place += len(text)
    answer = graded(Grade(given), 100 + len(before), tuple(listed))
    return {grade.value: round(share, 4) for grade, share in answer.mass.items()}


def test_tokens_that_lead_to_other_grades_weigh_them() -> None:
    assert mass("unclear", ("un", 0.6, {"absent": 0.4})) == {"unclear": 0.6, "absent": 0.4}
    assert mass("definitely_yes", ("definitely", 1.0, {}), ("_yes", 0.8, {"_no": 0.2})) == {
        "definitely_yes": 0.8,
        "definitely_no": 0.2,
    }


def test_a_token_that_leaves_several_grades_open_is_shared_as_the_answer_leans() -> None:
    shares = mass("definitely_yes", ("definitely", 0.6, {"probably": 0.4}), ("_yes", 0.75, {"_no": 0.25}))
    assert shares == {"definitely_yes": 0.45, "definitely_no": 0.15, "probably_yes": 0.3, "probably_no": 0.1}
    assert mass("unclear", ("un", 0.6, {"probably": 0.4})) == {"unclear": 0.6, "probably_yes": 0.2, "probably_no": 0.2}


def test_tokens_may_hold_the_quotation_mark_and_what_leads_to_no_grade_is_left_out() -> None:
    others = {'"abs': 0.3, "abs": 0.1, '"maybe': 0.1, '"': 0.1}
    assert mass("unclear", ('"un', 0.3, others), before='"') == {"unclear": 0.5, "absent": 0.5}
    assert mass("absent", ("absent", 0.5, {'unclear"': 0.3, 'un"': 0.2})) == {"absent": 0.625, "unclear": 0.375}


def test_without_tokens_the_grade_alone_counts() -> None:
    assert graded(Grade.UNCLEAR, 3, None).mass == {Grade.UNCLEAR: 1.0}
    assert graded(Grade.UNCLEAR, None, ()).mass == {Grade.UNCLEAR: 1.0}
    assert GradedAnswer(Grade.NOT_ASKED, {Grade.NOT_ASKED: 1.0}).probability(RAW) == RAW[Grade.UNCLEAR]


def test_the_probability_is_the_mean_over_the_grades() -> None:
    answer = GradedAnswer(Grade.UNCLEAR, {Grade.UNCLEAR: 0.5, Grade.DEFINITELY_NO: 0.3, Grade.NOT_ASKED: 0.2})
    assert answer.probability(RAW) == pytest.approx((0.5 * 0.5 + 0.3 * 0.05) / 0.8)


def test_a_judgement_takes_the_tokens_of_each_criterion_behind_thoughts_with_a_draft() -> None:
    answers = {name: {"reason": 'a "}', "quote": None, "answer": "unclear"} for name in ("nudge", "effect", "costs")}
    text = f"<think>{json.dumps(answers)}</think>{json.dumps(answers)}"
    place = text.rindex('"unclear') + 1  # of the last criterion of the answer itself
    choices = (TokenChoice(place, "unclear", 0.5, (("absent", 0.5),)),)
    judgement = judged(response=ChatResponse(text, None, "stop", choices))
    assert [judgement.answers[name].probability for name in ("nudge", "costs")] == [0.5, 0.45]


def test_places_are_found_by_the_form_of_the_object() -> None:
    text = '{ "a" : {"reason": "{\\"answer\\": \\"x\\"}", "answer" :"no"}, "b": 3, "c": {"answer": "yes"}}'
    assert {name: text[place:][:2] for name, place in answer_places(text).items()} == {"a": "no", "c": "ye"}
    assert answer_places("[]") == answer_places("") == answer_places('{"a": {"answer": ') == {}


def test_options_of_grades_need_grades() -> None:
    for option in ({"logprobs": True}, {"until": {"abstract": {"exclude_below": 0.1, "include_above": 0.9}}}):
        with pytest.raises(ValidationError, match="answers: graded"):
            ChatSpec.model_validate({"model": "openai:m", **option})
    with pytest.raises(ValidationError, match="provider `openai`"):
        ChatSpec(model="anthropic:m", answers="graded", logprobs=True)
    assert ChatSpec(model="openai:m").model_dump_json() == ChatSpec(model="openai:m", answers="plain").model_dump_json()
    assert "answers" not in ChatSpec(model="openai:m").model_dump()


def test_a_stage_without_questions_that_presuppose_allows_no_not_asked() -> None:
    plain = StageProtocol(question="?", template="t", criteria=(QuestionCriterion(id="a", question="?"),))
    schema = ChatReviewer(plain, ABSTRACT, "R", {}).graded_by(Grading()).request(RECORD).schema
    assert "not_asked" not in schema
