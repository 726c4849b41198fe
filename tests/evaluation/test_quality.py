"""What may be said of a reviewer: figures worked out by hand, and no word more than the labels allow."""

from collections.abc import Iterable
from pathlib import Path
from typing import Literal

import pytest

from screener.core.errors import BadInput
from screener.core.judgement import Answer, Decision, Judgement, Stage, Value
from screener.evaluation.figures import JudgedPair
from screener.evaluation.gate_bounds import positives_needed as by_wilson
from screener.evaluation.quality import Goal, ReviewerQuality, bound_of, goal_of, groups_in, quality_of, worst_of
from screener.evaluation.quality_lacks import Lack, positives_lacking, thresholds_of
from screener.evaluation.quality_words import bound_words, lack_words, reviewer_rows, verdict_words, worst_words
from screener.evaluation.result import Evaluation
from screener.gold.labels import GoldSet, Label
from screener.metrics import positives_needed
from screener.protocol import Gate, GoldSpec, QuestionCriterion, Review, StageProtocol
from screener.records import Record
from screener.stages import GateCheck

STAGE = StageProtocol(question="?", template="t.md", criteria=(QuestionCriterion(id="a", question="?"),))
GOAL = Goal(0.95, 0.95, "default")
KEEP, DROP = Decision.INCLUDE, Decision.EXCLUDE


def pair(name: str, gold: Decision, said: Decision, **record: object) -> JudgedPair:
    answers = {"a": Answer(value=Value.YES if gold is KEEP else Value.NO)}
    one = Record.model_validate({"id": name, "title": "t", "abstract": "x", **record})
    return JudgedPair(one, Judgement(decision=said), Judgement(decision=gold, answers=answers))


def some(kept: int, lost: int, spared: int, excluded: int, **record: object) -> list[JudgedPair]:
    cells = ((kept, KEEP, KEEP), (lost, KEEP, DROP), (spared, DROP, KEEP), (excluded, DROP, DROP))
    return [pair(f"{record}{g}{s}{n}", g, s, **record) for count, g, s in cells for n in range(count)]


def result(
    pairs: Iterable[JudgedPair],
    status: Literal["human", "provisional"] = "human",
    drawn: Literal["random", "chosen", "stratified"] = "random",
    split: Literal["dev", "test"] = "test",
) -> Evaluation:
    return Evaluation(Stage.ABSTRACT, STAGE, "m", "gold", status, "abstract", split, tuple(pairs), (), drawn=drawn)


def quality(pairs: list[JudgedPair], goal: Goal = GOAL, lacks: str = "") -> ReviewerQuality:
    return quality_of(result(pairs), goal, lacks, None, {})


def test_how_many_positives_the_exact_test_takes() -> None:
    # The least n with P(Binomial(n, 0.05) <= lost) <= 0.05, as tables of sampling plans for 95/95 have it.
    assert [positives_needed(0.95, lost=lost, confidence=0.95) for lost in range(5)] == [59, 93, 124, 153, 181]
    assert 0.95**59 < 0.05 < 0.95**58
    assert positives_needed(0.9, confidence=0.9) == 22  # 0.9 ** 22 = 0.0985


def test_how_many_positives_a_gate_takes_by_wilson() -> None:
    # None lost: n / (n + z * z) >= 0.95 with z = 1.95996 at the first check, so n >= 19 * 3.8415 = 72.99.
    gate = Gate(recall_low=0.95)
    assert [by_wilson(gate, number=number) for number in (1, 2, 3)] == [73, 109, 133]


def test_the_worst_group_is_the_one_with_the_lowest_recall_and_ties_go_to_the_lower_bound() -> None:
    old, new = some(8, 2, 0, 5, year=2003), some(3, 1, 0, 0, year=2021)
    found = quality([*old, *new])
    worst = found.worst
    assert worst is not None
    assert (worst.field, worst.name, worst.n, worst.relevant, worst.lost) == ("year", "2020–2024", 4, 4, 1)
    # Wilson for 3 of 4, by hand: (0.75 + 0.48018 ± 1.95996 * sqrt(0.046875 + 0.060023)) / 1.96036
    assert worst.recall.low == pytest.approx(0.30064, abs=1e-5)
    assert worst.recall.high == pytest.approx(0.95441, abs=1e-5)
    assert worst_words(found.as_json()) == "year 2020–2024: 3 of 4, 0.75 (0.30–0.95); worst of 3; few"
    even = groups_in([*some(9, 0, 0, 1, year=2003), *some(4, 0, 0, 0, year=2021)], STAGE)
    last = worst_of(even)
    assert last is not None
    assert last.name == "2020–2024"


def test_years_fall_into_bands_of_five_and_a_group_that_is_everything_is_none() -> None:
    pairs = [*some(1, 0, 0, 0, year=2019), *some(1, 0, 0, 0, year=2020), *some(1, 0, 0, 0, year=2024)]
    groups = groups_in([*pairs, *some(1, 0, 0, 0)], STAGE)
    assert [(group.field, group.name, group.n) for group in groups] == [
        ("year", "2015–2019", 1),
        ("year", "2020–2024", 2),
        ("year", "no year", 1),
    ]


def test_groups_without_positives_are_named_and_those_that_can_have_none_are_not() -> None:
    found = quality([*some(5, 0, 0, 2, year=2021), *some(0, 0, 1, 3, year=2003)])
    assert [(group.field, group.name, group.n) for group in found.silent] == [("year", "2000–2004", 4)]
    assert found.compared == 2  # 2020–2024, and `a = yes`; of `a = no` gold keeps nothing by its meaning
    numbers = {"groups": 1, "fields": {"year": ["2000–2004"]}}
    said, do = lack_words(Lack("groups", numbers, "m").as_json(), "abstract", GOAL.as_json())
    assert said == "m: 1 group without positives, of which nothing can be said (years: 2000–2004)"
    assert do == "screener evaluate --stage abstract --reviewer m --by year"


def test_without_a_miss_the_bound_is_n_over_n_plus_z_squared_and_passes_at_73() -> None:
    short, enough = quality(some(72, 0, 0, 9)), quality(some(73, 0, 0, 9))
    assert short.bound.low == pytest.approx(72 / (72 + 1.959964**2), abs=1e-6)
    assert (short.bound.verdict, enough.bound.verdict) == ("not_reached", "reached")
    assert bound_words(short.bound.as_json()) == "0.949 (Wilson, 97.5 % one-sided)"  # 0.94935, rounded down
    said = verdict_words(enough.bound.as_json(), GOAL.as_json())
    assert said == "reached, if this is the only look at these labels"


@pytest.mark.parametrize("word", ["provisional", "chosen", "not_locked", "wording", "incomplete"])
def test_labels_that_can_show_nothing_let_nothing_be_said_however_many(word: str) -> None:
    bound = quality(some(500, 0, 0, 9), lacks=word).bound
    assert (bound.verdict, bound.reason) == ("cannot_be_said", word)
    assert verdict_words(bound.as_json(), GOAL.as_json()).startswith("cannot be said: ")


def test_dev_and_gold_without_positives_let_nothing_be_said() -> None:
    on_dev = bound_of(result(some(500, 0, 0, 9), split="dev"), GOAL, "", None)
    assert (on_dev.verdict, on_dev.reason) == ("cannot_be_said", "dev")
    none = bound_of(result(some(0, 0, 3, 9)), GOAL, "", None)
    assert (none.low, none.verdict, none.reason) == (None, "cannot_be_said", "no_positives")


def test_of_a_stage_with_a_gate_only_its_recorded_check_says_so() -> None:
    goal, plenty = Goal(0.95, 0.95, "gate"), result(some(500, 0, 0, 9))
    unchecked = bound_of(plenty, goal, "", GateCheck(False, "not checked"))
    assert (unchecked.verdict, unchecked.reason) == ("cannot_be_said", "not_checked")
    check = GateCheck(False, "short", low=0.94, one_sided=0.9917, at="2026-01-01", look=2)
    second = bound_of(plenty, goal, "", check)
    assert (second.low, second.verdict, second.look) == (0.94, "not_reached", 2)
    assert bound_words(second.as_json()) == "0.940 (Wilson, 99.17 % one-sided, check 2)"


def test_the_target_is_the_gates_or_the_one_named_or_the_default_and_which_is_said() -> None:
    gated = STAGE.model_copy(update={"gate": Gate(recall_low=0.9, confidence=0.9)})
    assert goal_of(gated) == Goal(0.9, 0.9, "gate")
    assert goal_of(STAGE) == Goal(0.95, 0.95, "default")
    assert goal_of(STAGE, 0.98) == Goal(0.98, 0.95, "option")
    with pytest.raises(BadInput, match=r"gate of the protocol asks for 0\.9"):
        goal_of(gated, 0.98)
    with pytest.raises(BadInput, match="between 0 and 1"):
        goal_of(STAGE, 95)


def gold(test: int, dev: int, excluded: int = 0) -> GoldSet:
    """Labels of people; `excluded` ones are of dev."""
    labels = [Label(f"t{n}", KEEP, {}, split="test") for n in range(test)]
    labels += [Label(f"d{n}", KEEP, {}, split="dev") for n in range(dev)]
    labels += [Label(f"x{n}", DROP, {}, split="dev") for n in range(excluded)]
    spec = GoldSpec.model_validate({"name": "g", "status": "human", "drawn": "random", "split": {"salt": "s"}})
    return GoldSet(spec, Stage.ABSTRACT, tuple(labels), "v")


def test_missing_positives_are_counted_with_the_misses_so_far_and_only_where_labels_count() -> None:
    lack = positives_lacking(gold(20, 20, 160), GOAL, "m", 1, True, 1)
    # One lost: the lower bound of 109 of 110 is 0.95028, of 108 of 109 it is 0.94983; the exact test takes 93. 20 of 200
    # labels are test positives, so each that is missing takes ten more records.
    need = 110
    assert lack.numbers == {"lost": 1, "have": 20, "exact": 93, "wilson": need, "check": 1, "draw": 900}
    said, do = lack_words(lack.as_json(), "abstract", GOAL.as_json())
    assert (
        "with 1 lost so far and no other, 0.95 takes 93 by the exact test (95 % one-sided, one look; 73 more)" in said
    )
    assert do == f"screener gold sample --stage abstract --n {900}"
    none = positives_lacking(gold(20, 20), GOAL, "m", 0, False, 1)
    assert none.numbers == {"lost": 0, "have": 0, "exact": 59, "wilson": 73, "check": 1, "draw": None}


def test_rounds_of_tuning_are_told_with_the_labels_that_no_round_has_seen() -> None:
    numbers = {"rounds": 2, "variants": 3, "test": 40, "on_dev": []}
    said, do = lack_words(Lack("rounds", numbers, known=True).as_json(), "abstract", GOAL.as_json())
    assert said == (
        "3 variants of the wording tried on dev in 2 rounds; only labels that no round has seen can show what it reaches: the "
        "40 of test"
    )
    assert do == "screener tune list --stage abstract"
    on_dev = Lack("rounds", numbers | {"on_dev": ["gpt"]})
    said, do = lack_words(on_dev.as_json(), "abstract", GOAL.as_json())
    assert said.endswith("the 40 of test; figures of gpt are of dev")
    assert do == "screener run --stage abstract"
    said, do = lack_words(Lack("rounds", on_dev.numbers | {"test": 0}).as_json(), "abstract", GOAL.as_json())
    assert "and there are none of test" in said
    assert do == "screener gold sample --stage abstract --n N"
    bound = bound_of(result(some(500, 0, 0, 9), split="dev"), GOAL, "rounds", None)
    assert verdict_words(bound.as_json(), GOAL.as_json()) == (
        "cannot be said: these are figures of dev, on which variants of the wording were tried"
    )


@pytest.mark.parametrize(
    ("reviewer", "told"),
    [
        ("both: {kind: ensemble, members: [m], rule: mean, until: {exclude_below: 0.1, include_above: 0.9}}",
         "both (exclude below 0.1, include above 0.9)"),
        ("sure: {kind: chat, model: 'openai:x', answers: graded, until: {abstract: {exclude_below: 0.2, include_above: 0.7}}}",
         "sure (exclude below 0.2, include above 0.7)"),
        ("sure: {kind: chat, model: 'openai:x', answers: graded, thresholds: {abstract: {a_b: {no_below: 0.3, yes_from: 0.6}}}}",
         "sure (a_b: no below 0.3, a_b: yes from 0.6)"),
        ("own: {kind: embedded, thresholds: {abstract: {a_b: {no_below: 0.3, yes_from: 0.6}}}}",
         "own (a_b: no below 0.3, a_b: yes from 0.6)"),
        ("own: {kind: embedded, thresholds: {fulltext: {a_b: {no_below: 0.3, yes_from: 0.6}}}}", "own"),
        ("gpt: {kind: chat, model: 'openai:x'}", "gpt"),
    ],
)  # fmt: skip
def test_the_operating_point_of_the_protocol_stands_beside_every_kind_of_reviewer(
    reviewer: str, told: str, tmp_path: Path
) -> None:
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts" / "abstract.md").write_text("# System\nx\n# User\n{{ record }}\n")
    stage = "    question: q\n    template: abstract.md\n    criteria: [{id: a_b, question: q}]\n"
    (tmp_path / "prompts" / "review.yaml").write_text(
        f"title: t\nquestions: [q]\nstages:\n  abstract:\n{stage}  fulltext:\n{stage}"
        f"reviewers:\n  m: {{kind: embedded}}\n  {reviewer}\n"
    )
    thresholds = thresholds_of(Review(tmp_path), Stage.ABSTRACT, reviewer.partition(":")[0])
    found = quality_of(result(some(18, 1, 5, 36)), GOAL, "", None, thresholds).as_json()
    [row] = reviewer_rows({"goal": GOAL.as_json(), "reviewers": [{**found, "reviewer": reviewer.partition(":")[0]}]})
    assert row[0] == told


def test_a_fit_says_what_recall_it_estimates_or_was_chosen_for_and_promises_nothing() -> None:
    numbers = {"exclude_below": 0.164, "recall": 0.95, "kept": 19, "lost": 1, "excluded": 41, "spared": 21}
    few, many = (
        lack_words(Lack("fit", numbers | {"estimate": estimate}, "m", known=True).as_json(), "abstract", GOAL.as_json())
        for estimate in ((0.93, 0.78, 1.0), None)
    )
    assert few[0].startswith(
        "m: its fit excludes below a probability of 0.164: estimated recall 0.93 (0.78–1.00), from 19 kept labels"
    )
    assert "chosen for recall 0.95" in many[0]
    assert "1 of 19 kept and 21 of 41 excluded ones" in many[0]
    assert all(said.endswith("; nothing is promised") for said, _ in (few, many))


def test_an_elusion_sample_is_said_to_be_of_what_it_was_drawn_from() -> None:
    alone, beside = Lack("no_elusion"), Lack("no_elusion", {"second_reviewer": "gpt"})
    said = [lack_words(lack.as_json(), "abstract", GOAL.as_json())[0] for lack in (alone, beside)]
    assert [sentence.partition("among those ")[2] for sentence in said] == [
        "that were removed without a person is not known",
        "that one person and gpt exclude is not known",
    ]
    drawn = Lack(
        "elusion", {"second_reviewer": "gpt", "hits": 0, "n": 20, "frame": 44, "at_most": 3, "outside": 0}, known=True
    )
    told, _ = lack_words(drawn.as_json(), "abstract", GOAL.as_json())
    assert told.startswith(
        "elusion: 0 of 20 records drawn from 44 that one person and gpt exclude are eligible; at most 3"
    )


def test_a_row_says_counts_intervals_and_that_gold_is_provisional() -> None:
    found = quality_of(result(some(18, 1, 5, 36), "provisional"), GOAL, "provisional", None, {"exclude_below": 0.2})
    [row] = reviewer_rows({"goal": GOAL.as_json(), "reviewers": [found.as_json()]})
    assert row[:4] == (
        "m (exclude below 0.2)",
        "test (provisional gold)",
        "18 of 19, 0.95 (0.75–0.99)",
        "36 of 41, 0.88 (0.74–0.95)",
    )
    assert row[-1] == "cannot be said: no person has confirmed the labels"
