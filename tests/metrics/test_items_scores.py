"""Figures of an extraction over studies: worked examples, degenerate cases, intervals by study, evidence."""

import math
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screener import metrics as m
from screener.metrics.item_scores import FIGURES, OUTCOMES, SET_FIGURES

EXPECTED = {"correct", "wrong", "missed"}


def item(
    name: str, outcome: str, members: tuple[int, int, int] | None = None, expected: bool | None = None
) -> m.ScoredItem:
    """A scored item; `expected` need be told of `unclear` only."""
    counts = None if members is None else m.SetCounts(*members)
    path = f"models[0].{name}"
    return m.ScoredItem(
        name, m.Outcome(outcome), path, path, outcome in EXPECTED if expected is None else expected, counts
    )


def items(name: str, **numbers: int) -> list[m.ScoredItem]:
    return [item(name, outcome) for outcome, number in numbers.items() for _ in range(number)]


def values(estimates: dict[str, m.Estimate]) -> dict[str, float | None]:
    return {name: estimate.value for name, estimate in estimates.items()}


def test_figures_of_one_item_worked_by_hand() -> None:
    study = [
        *items("leads", correct=6, wrong=1, missed=2, fabricated=3, not_reported=4, unscored=5),
        item("leads", "unclear", expected=True),
        item("leads", "unclear", expected=False),
        item("leads", "unclear", expected=False),
    ]
    scores = m.score_extraction([study])
    leads = scores.items["leads"]
    assert leads.tally == m.ItemTally(6, 1, 2, 3, 4, unclear=3, unclear_expected=1, unscored=5)
    assert leads.tally.counts == {
        "correct": 6, "wrong": 1, "missed": 2, "fabricated": 3, "not_reported": 4, "unclear": 3
    }  # fmt: skip
    assert (leads.tally.scored, leads.tally.expected) == (19, 10)
    p, r = 6 / 10, 6 / 10  # 6 of 6+1+3 values given are right; 6 of the 6+1+2+1 that gold reports were got
    assert values(leads.figures) == pytest.approx(
        {"accuracy": 10 / 19, "value_accuracy": 6 / 7, "precision": p, "recall": r, "f1": 0.6}
    )
    assert leads.sets is None
    assert values(scores.micro.figures) == values(leads.figures) == values(scores.macro)


def test_f1_is_the_harmonic_mean() -> None:
    figures = m.score_extraction([items("x", correct=3, fabricated=1, missed=9)]).micro.figures
    p, r = 3 / 4, 3 / 12
    assert figures["f1"].value == pytest.approx(2 * p * r / (p + r))


def test_micro_weighs_by_number_and_macro_by_item() -> None:
    studies = [
        items("many", correct=8, wrong=0) + items("few", wrong=1),
        items("few", correct=1) + items("none", not_reported=2),
    ]
    scores = m.score_extraction(studies)
    assert scores.micro.figures["recall"].value == 9 / 10
    assert scores.macro["recall"].value == (8 / 8 + 1 / 2) / 2
    assert scores.macro["recall"].n == 2  # `none` has no recall
    assert scores.macro["accuracy"].value == (1 + 1 / 2 + 1) / 3
    assert scores.micro.tally.counts == {
        name: sum(one.tally.counts[name] for one in scores.items.values()) for name in OUTCOMES
    }
    assert scores.studies == 2


def test_the_worst_items_come_first() -> None:
    study = [
        *items("perfect", correct=3),
        *items("undefined", not_reported=1),
        *items("once_missed", missed=1),
        *items("often_missed", missed=2),
        *items("half", correct=1, missed=2),
        *items("made_up", fabricated=3),
    ]
    names = list(m.score_extraction([study]).items)
    assert names == ["made_up", "often_missed", "once_missed", "half", "perfect", "undefined"]


def test_figures_of_sets_worked_by_hand() -> None:
    study = [
        item("strategies", "wrong", (2, 3, 4)),  # P 2/3, R 2/4, F1 4/7, Jaccard 2/5
        item("strategies", "correct", (1, 1, 1)),  # all 1
        item("strategies", "missed", (0, 0, 2)),  # P not defined, else 0
        item("strategies", "fabricated", (0, 1, 0)),  # R not defined, else 0
        item("strategies", "correct", (0, 0, 0)),  # two empty lists: nothing is defined
        item("strategies", "not_reported"),
    ]
    scores = m.score_extraction([study, items("leads", correct=1)])
    expected = {
        "precision": (2 / 3 + 1 + 0) / 3,
        "recall": (2 / 4 + 1 + 0) / 3,
        "f1": (4 / 7 + 1 + 0 + 0) / 4,
        "jaccard": (2 / 5 + 1 + 0 + 0) / 4,
        "micro_precision": 3 / 5,
        "micro_recall": 3 / 7,
        "micro_f1": 6 / 12,
        "micro_jaccard": 3 / (5 + 1 + 2 + 1),
    }
    assert values(scores.items["strategies"].sets or {}) == pytest.approx(expected)
    assert values(scores.micro.sets or {}) == pytest.approx(expected)
    assert scores.items["leads"].sets is None


def test_what_has_no_denominator_is_not_defined() -> None:
    nothing = dict.fromkeys(FIGURES)
    for studies in ([], [[]], [[], []], [items("x", unscored=2)]):
        scores = m.score_extraction(studies)
        assert values(scores.micro.figures) == values(scores.macro) == nothing
        assert all(e.low is None and e.high is None for e in scores.micro.figures.values())
        assert scores.micro.sets is None
    no_gold = m.score_extraction([items("x", fabricated=1, not_reported=1), items("x", not_reported=1)])
    assert values(no_gold.micro.figures) == {
        "accuracy": 2 / 3, "value_accuracy": None, "precision": 0, "recall": None, "f1": 0
    }  # fmt: skip
    all_unclear = m.score_extraction([[item("x", "unclear", expected=True)], [item("x", "unclear", expected=False)]])
    assert values(all_unclear.micro.figures) == {
        "accuracy": 0, "value_accuracy": None, "precision": None, "recall": 0, "f1": 0
    }  # fmt: skip


def varied(studies: int, seed: int = 3) -> list[list[m.ScoredItem]]:
    """Studies that are well or badly read as wholes: 10 items each, 90 % or 30 % right."""
    rng = np.random.default_rng(seed)
    return [
        [item(f"x{i % 5}", "correct" if rng.random() < good else "missed") for i in range(10)]
        for good in np.where(np.arange(studies) % 2, 0.9, 0.3)
    ]


@pytest.mark.slow
def test_intervals_draw_whole_studies() -> None:
    studies = varied(40)
    scores = m.score_extraction(studies, level=0.9)
    recall = scores.micro.figures["recall"]
    assert recall.method == "bootstrap"
    assert (recall.n, recall.seed, recall.resamples, recall.level) == (400, 20250101, 2000, 0.9)
    right = [[one.outcome == "correct" for one in study] for study in studies]
    slow = m.bootstrap(
        lambda index: float(np.mean([np.mean(right[i]) for i in index])), 40, level=0.9, seed=7, resamples=4000
    )
    assert recall.value == pytest.approx(slow.value)
    assert (recall.low, recall.high) == pytest.approx((slow.low, slow.high), abs=0.01)
    apart = m.wilson(sum(map(sum, right)), 400, level=0.9)
    assert recall.high - recall.low > 1.3 * (apart.high - apart.low)


def test_macro_is_redrawn_as_mean_over_items() -> None:
    studies = varied(30)
    macro = m.score_extraction(studies).macro["recall"]

    def mean_recall(index: np.ndarray) -> float:
        drawn = [one for i in index for one in studies[i]]
        names = {one.name for one in drawn}
        return float(np.mean([np.mean([o.outcome == "correct" for o in drawn if o.name == name]) for name in names]))

    slow = m.bootstrap(mean_recall, 30, resamples=1500, seed=5)
    assert macro.value == pytest.approx(slow.value)
    assert (macro.low, macro.high) == pytest.approx((slow.low, slow.high), abs=0.02)


def test_no_fault_is_no_proof_of_none() -> None:
    scores = m.score_extraction([items("x", correct=4)] * 10)
    recall = scores.micro.figures["recall"]
    assert recall.n == pytest.approx(10)  # ten studies, not forty items
    assert recall.low == pytest.approx(m.wilson(10, 10).low)
    assert recall.high == 1
    assert scores.macro["recall"].flat
    assert scores.micro.figures["f1"].flat


def test_one_study_and_items_of_few_studies_have_no_interval() -> None:
    (alone,) = m.score_extraction([items("x", correct=1, wrong=1)]).items.values()
    assert alone.figures["recall"].value == 0.5
    assert alone.figures["recall"].low is alone.figures["recall"].high is None
    # In one study of ten: a resample lacks it with probability 0.9^10 = 0.35.
    studies = [items("x", correct=1, wrong=1) + items("y", correct=1), *[items("y", correct=1)] * 9]
    rare = m.score_extraction(studies).items["x"].figures["recall"]
    assert (rare.value, rare.low) == (0.5, None)


def test_the_same_seed_gives_the_same_and_the_order_of_studies_does_not_matter() -> None:
    studies = varied(12)
    one = m.score_extraction(studies, seed=4)
    assert one == m.score_extraction(studies, seed=4) == m.score_extraction([s[::-1] for s in studies[::-1]], seed=4)
    assert one.micro.figures["recall"] != m.score_extraction(studies, seed=5).micro.figures["recall"]


def as_items(names: str, outcome: str, counts: tuple[int, int, int], expected: bool) -> m.ScoredItem:
    shared, extracted, gold = counts
    in_recall = outcome in EXPECTED or (outcome == "unclear" and expected)
    members = (min(shared, extracted, gold), extracted, gold) if in_recall else None
    return item(names, outcome, members, in_recall)


number = st.integers(0, 4)
scored = st.builds(
    as_items,
    st.sampled_from("abc"),
    st.sampled_from([*OUTCOMES, "unscored"]),
    st.tuples(number, number, number),
    st.booleans(),
)


@given(st.lists(st.lists(scored, max_size=8), max_size=5))
@settings(max_examples=60, deadline=None)
def test_counts_add_up_and_figures_are_bounded(studies: list[list[m.ScoredItem]]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        scores = m.score_extraction(studies, resamples=30)
    total = scores.micro.tally
    assert total.scored + total.unscored == sum(map(len, studies))
    assert total.scored == sum(one.tally.scored for one in scores.items.values())
    assert total.expected == sum(one.expected for study in studies for one in study)
    assert total.unclear_expected <= total.unclear
    for one in [scores.micro, *scores.items.values()]:
        figures = one.figures | {f"set {name}": e for name, e in (one.sets or {}).items()}
        assert one.sets is None or list(one.sets) == list(SET_FIGURES)
        for name, e in figures.items():
            assert e.value is None or 0 <= e.value <= 1, name
            assert e.low is None or 0 <= e.low <= e.high <= 1, name
            assert not any(isinstance(v, float) and math.isnan(v) for v in (e.value, e.low, e.high)), name
        p, r, f = (one.figures[name].value for name in ("precision", "recall", "f1"))
        if p is not None and r is not None:
            assert f == pytest.approx(2 * p * r / (p + r) if p + r else 0)


def test_a_perfect_extraction_is_perfect() -> None:
    scores = m.score_extraction([items("x", correct=2, not_reported=1), items("y", correct=1)])
    assert set(values(scores.micro.figures).values()) == set(values(scores.macro).values()) == {1.0}


def compared(name: str, *same: bool) -> list[m.ComparedItem]:
    return [m.ComparedItem(name, name, name, name, one) for one in same]


def test_agreement_of_two_reviewers_by_item() -> None:
    studies = [compared("x", True, True) + compared("y", False), compared("x", True) + compared("y", True, True)]
    overall, by_item = m.item_agreement(studies)
    assert overall.value == 5 / 6
    assert {name: e.value for name, e in by_item.items()} == {"y": 2 / 3, "x": 1}
    assert list(by_item) == ["y", "x"]
    assert by_item["x"].method == "wilson"
    assert m.item_agreement([]) == (m.ratio_by_study([], []), {})
    assert m.ratio_by_study([], []).value is None


def test_quotes_are_valid_when_they_were_found() -> None:
    assert m.quote_validity(["exact", "normalized", "fuzzy", "missing"]) == m.wilson(3, 4)
    assert m.quote_validity(["missing"] * 5).value == 0
    assert m.quote_validity([]).value is None
    with pytest.raises(ValueError, match="found"):
        m.quote_validity(["exact", "found"])


@pytest.mark.parametrize(
    ("extracted", "gold", "same"),
    [
        (("main", 1, 100, 200), ("main", 1, 150, 250), True),  # 50 of 100
        (("main", 1, 100, 200), ("main", 1, 151, 251), False),  # 49 of 100
        (("main", 1, 0, 5_000), ("main", 1, 4_000, 4_020), True),  # gold's quote lies in the passage
        (("main", 1, 4_000, 4_020), ("main", 1, 0, 5_000), True),
        (("main", 1, 100, 200), ("main", 2, 100, 200), True),  # offsets count through the document
        (("main", 1, 100, 200), ("supplement", 1, 100, 200), False),
        (("main", 1, 100, 200), ("main", 1, 200, 300), False),
        (("main", 1, 100, 100), ("main", 1, 100, 100), False),
        (("main", 3, 10, 20), ("main", 3, None, None), True),
        (("main", 3, 10, 20), ("main", 4, None, None), False),
        (("main", None, None, None), ("main", None, None, None), False),
        (("main", None, None, None), ("main", 3, 10, 20), False),
    ],
)
def test_two_places_are_one(extracted: tuple, gold: tuple, same: bool) -> None:
    assert m.same_place(extracted, gold) is same


def test_evidence_counts_items_that_gold_reports_and_places() -> None:
    gold = {path: [("main", 1, 100, 200)] for path in ("a", "b", "c", "d", "e")}
    far, near = ("main", 9, 9_000, 9_100), ("main", 1, 110, 190)
    extracted = {"a2": [far, far, near], "b": [far, far, far, near], "d": [near], "f": [near]}
    found = [
        m.ScoredItem("a", m.Outcome.UNCLEAR, "a", "a2", True),  # third place, in the extraction's own numbering
        m.ScoredItem("b", m.Outcome.CORRECT, "b", "b", True),  # fourth place
        m.ScoredItem("c", m.Outcome.MISSED, "c", None, True),
        m.ScoredItem("d", m.Outcome.FABRICATED, "d", "d", False),  # gold does not report it
        m.ScoredItem("f", m.Outcome.CORRECT, "f", "f", True),  # gold gives no place
    ]
    assert m.evidence_hits(found, extracted, gold) == [True, False, False]
    assert m.evidence_hits(found, extracted, gold, first=4) == [True, True, False]
    assert m.evidence_hits(found, extracted, {"b": [far, near]}) == [True]  # any of gold's places


def test_evidence_at_3_is_a_share_with_an_interval_by_study() -> None:
    studies = [[True] * 4, [True, False, False], [], [True], [True, True, False, False]] * 4
    estimate = m.evidence_at_3(studies, level=0.9)
    assert estimate.value == 32 / 48  # 4 + 1 + 0 + 1 + 2 = 8 of 12, four times
    assert estimate.method == "bootstrap"
    assert estimate.low < estimate.value < estimate.high
    slow = m.bootstrap(
        lambda index: sum(sum(studies[i]) for i in index) / max(1, sum(len(studies[i]) for i in index)),
        20, level=0.9, resamples=4000, seed=2,
    )  # fmt: skip
    assert (estimate.low, estimate.high) == pytest.approx((slow.low, slow.high), abs=0.02)
    assert m.evidence_at_3([]).value is None
    assert m.evidence_at_3([[], []]).value is None
    assert m.evidence_at_3([[True, False]]).low is None  # one study
    all_found = m.evidence_at_3([[True] * 5] * 6)
    assert all_found.low == pytest.approx(m.wilson(6, 6).low)
