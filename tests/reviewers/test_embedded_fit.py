"""A fit learns from human judgements, is JSON, and changes probabilities and nothing it has no labels for."""

import random

import pytest
from support.embedded import SPEC, STAGE, drive, embedder

from screener.core.errors import BadInput
from screener.core.judgement import Answer, Decision, Judgement, Value
from screener.core.messages import EmbedRequest, EmbedResponse
from screener.protocol.model import RuleCriterion
from screener.records.model import Record
from screener.reviewers.embedded import EmbeddedReviewer, by_fit
from screener.reviewers.fit import Features, Fit, FitThreshold, fit


def examples(n: int, criteria: bool = False) -> tuple[dict[str, Features], dict[str, Judgement]]:
    """`n` kept and `n` excluded records of which `nudge` tells them apart and `tested` says nothing."""
    rng = random.Random(1)
    features: dict[str, Features] = {}
    labels: dict[str, Judgement] = {}
    for i in range(2 * n):
        kept = i % 2 == 0
        nudge = rng.gauss(1.5 if kept else -1.5, 1)
        features[f"r{i}"] = Features(
            {"nudge": (nudge, 0.5, 0, 0), "tested": (rng.gauss(0, 1), 0, 0, 0)}, title_only=False
        )
        answers = {"nudge": Answer(value=Value.YES if kept else Value.NO)} if criteria else {}
        labels[f"r{i}"] = Judgement(
            decision=Decision.INCLUDE if kept else Decision.EXCLUDE, answers=answers, stated=True
        )
    return features, labels


def test_a_fit_needs_ten_of_each_kind() -> None:
    with pytest.raises(BadInput, match="9 and 9"):
        fit(*examples(9))
    assert fit(*examples(10)).inclusion.positives == 10


def test_a_fit_learns_what_tells_the_records_apart() -> None:
    made = fit(*examples(40))
    weights = dict(zip(made.inclusion.names, made.inclusion.weights, strict=True))
    assert weights["nudge"] > 5 * abs(weights["tested"])
    assert weights["title_only"] == 0
    likely = made.predict(Features({"nudge": (3, 0, 0, 0), "tested": (0, 0, 0, 0)}, False)).inclusion
    unlikely = made.predict(Features({"nudge": (-3, 0, 0, 0), "tested": (0, 0, 0, 0)}, False)).inclusion
    assert likely is not None
    assert unlikely is not None
    assert likely > 0.9 > 0.1 > unlikely


def test_no_fitted_probability_is_certain() -> None:
    extreme = Features({"nudge": (1000, 0, 0, 0), "tested": (0, 0, 0, 0)}, False)
    assert fit(*examples(40)).predict(extreme).inclusion == 0.995


def test_a_criterion_is_fitted_only_from_answers_to_it() -> None:
    assert fit(*examples(20)).criteria == {}
    assert set(fit(*examples(20, criteria=True)).criteria) == {"nudge"}


def test_a_fit_survives_json_and_is_named_by_its_content() -> None:
    made = fit(*examples(20))
    again = Fit.from_json(made.to_json())
    assert again == made
    assert again.id == made.id == fit(*examples(20)).id
    assert made.id != fit(*examples(21)).id
    with pytest.raises(BadInput, match="--fit"):
        Fit.from_json("{}")


def test_a_fit_changes_the_probability_and_what_is_asked() -> None:
    record = Record(id="r", title="Reminders", abstract="A trial of reminders.")
    plain = EmbeddedReviewer(STAGE, SPEC, embedder().fingerprint)
    taught = EmbeddedReviewer(STAGE, SPEC, embedder().fingerprint, fit(*examples(20, criteria=True)))
    before, after = drive(plain.judge(record), embedder()), drive(taught.judge(record), embedder())
    assert plain.asked != taught.asked
    assert plain.rule == taught.rule
    assert before.probability != after.probability
    assert before.answers["nudge"].probability != after.answers["nudge"].probability
    assert before.answers["tested"] == after.answers["tested"]


def test_features_can_be_measured_without_judging() -> None:
    measuring = EmbeddedReviewer(STAGE, SPEC, embedder().fingerprint).measure(Record(id="r", title="Reminders"))
    request = next(measuring)
    assert isinstance(request, EmbedRequest)
    with pytest.raises(StopIteration) as stop:
        measuring.send(EmbedResponse(embedder().embed(request.texts)))
    features = stop.value.value.features
    assert set(features.criteria) == {"nudge", "tested"}
    assert features.title_only


def test_a_threshold_keeps_the_recall_of_labels_that_the_fit_had_not_seen() -> None:
    features, labels = examples(60)
    made = fit(features, labels, recall=0.9)
    assert made.threshold is not None
    assert (made.threshold.kept, made.threshold.excluded) == (60, 60)
    assert made.threshold.lost <= 6
    assert made.threshold.spared > 40, "an excluded record is easily told apart here"
    assert made.inclusion == fit(features, labels).inclusion
    assert made.id != fit(features, labels).id
    assert Fit.from_json(made.to_json()) == made
    everything = fit(features, labels, recall=0.999).threshold
    assert everything is not None
    assert (everything.lost, everything.exclude_below < made.threshold.exclude_below) == (0, True)


def test_a_threshold_counts_labels_by_their_weight_and_only_those_that_have_one() -> None:
    features, labels = examples(60)
    kept = [name for name, label in labels.items() if label.decision.kept]
    even = fit(features, labels, recall=0.9).threshold
    assert even is not None
    likeliest = sorted(kept, key=lambda name: features[name].criteria["nudge"][0])
    heavy = dict.fromkeys(labels, 1.0) | dict.fromkeys(likeliest[:6], 50.0)
    weighted = fit(features, labels, recall=0.9, weights=heavy).threshold
    assert weighted is not None
    assert weighted.exclude_below < even.exclude_below, "the least likely ones stand for most of the kept records"
    some = fit(features, labels, recall=0.9, weights=dict.fromkeys(list(labels)[:40], 1.0)).threshold
    assert some is not None
    assert (some.kept, some.excluded) == (20, 20)


def test_labels_that_mean_nothing_get_no_better_threshold_by_being_learned_by_heart() -> None:
    features, labels = examples(30)
    chance = random.Random(5)
    shuffled = dict(zip(labels, chance.sample(list(labels.values()), len(labels)), strict=True))
    made = fit(features, shuffled, recall=0.95)
    assert made.threshold is not None
    spared = made.threshold.spared / made.threshold.excluded
    assert spared < 0.3, "held-out probabilities know nothing"


def test_a_fitted_reviewer_decides_by_its_threshold_but_never_against_a_rule_of_the_protocol() -> None:
    answers = {"nudge": Answer(value=Value.NO, probability=0.1), "tested": Answer(value=Value.YES, probability=0.9)}
    threshold = FitThreshold(exclude_below=0.2, recall=0.95, kept=20, lost=1, excluded=30, spared=20)
    likely = Judgement(decision=Decision.EXCLUDE, answers=answers, probability=0.4)
    kept = by_fit(STAGE, likely, threshold)
    assert (kept.decision, kept.answers["nudge"].value, kept.failed()) == (Decision.UNCLEAR, Value.UNCLEAR, None)
    yes = {name: answer.model_copy(update={"value": Value.YES}) for name, answer in answers.items()}
    unlikely = by_fit(STAGE, Judgement(decision=Decision.INCLUDE, answers=yes, probability=0.1999), threshold)
    assert unlikely.decision is Decision.EXCLUDE
    assert unlikely.reason.endswith("least likely met: nudge")
    at = Judgement(decision=Decision.INCLUDE, answers=yes, probability=0.2)
    assert by_fit(STAGE, at, threshold) == at
    cut = Judgement(decision=Decision.INCLUDE, answers=yes, probability=0.1, flags=("text_cut",))
    assert by_fit(STAGE, cut, threshold) == cut
    rule = RuleCriterion(id="years", kind="rule", question="Of this time?", years=(2000, 2025))
    stage = STAGE.model_copy(update={"criteria": (*STAGE.criteria, rule)})
    late = Judgement(
        decision=Decision.EXCLUDE, answers={**yes, "years": Answer(value=Value.NO, probability=0.0)}, probability=0.9
    )
    assert by_fit(stage, late, threshold) == late
