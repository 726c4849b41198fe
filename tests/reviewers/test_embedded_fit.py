"""A fit learns from human judgements, is JSON, and changes probabilities and nothing it has no labels for."""

import random

import pytest
from support.embedded import SPEC, STAGE, drive, embedder

from screener.core.errors import BadInput
from screener.core.judgement import Answer, Decision, Judgement, Value
from screener.core.messages import EmbedRequest, EmbedResponse
from screener.records.model import Record
from screener.reviewers.embedded import EmbeddedReviewer
from screener.reviewers.fit import Features, Fit, fit


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
