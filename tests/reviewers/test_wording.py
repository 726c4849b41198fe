"""Criteria in plain sentences rank by their wording; few labels drawn at random let exclusions be suggested, never promised."""

from dataclasses import replace
from math import comb

import numpy as np
import pytest
from support.embedded import STAGE, drive, embedder

from screener.core.errors import BadInput
from screener.core.judgement import Decision, Judgement, Stage, Value
from screener.core.messages import Vectors
from screener.protocol.model import EmbeddedReviewerSpec, QuestionCriterion, StageProtocol, Thresholds
from screener.records.model import Record
from screener.reviewers.embedded import EmbeddedReviewer
from screener.reviewers.few_labels import positives_for_promise, threshold_from
from screener.reviewers.fit import Features, Fit, FitThreshold, fit
from screener.reviewers.wording import FEATURES, Wording, head, read_wording, whole_text, wording_scores
from screener.reviewers.wording_fit import fit_wording

PLAIN = StageProtocol(
    question="Are reminders for nurses tested?",
    template="t.md",
    criteria=(
        QuestionCriterion(id="nudge", question="Are reminders shown to nurses?"),
        QuestionCriterion(id="tested", question="Is the effect measured in a trial?"),
    ),
)
SPEC = EmbeddedReviewerSpec(kind="embedded")
NEAR = Record(id="near", title="Reminders for nurses", abstract="A trial of reminders shown to 120 nurses: p < 0.01.")
FAR = Record(id="far", title="Steel bridges", abstract="They rust in salty air. Paint helps for a while.")
BARE = Record(id="bare", title="Steel bridges", abstract="")


class Cosines:
    """The stand-in's vectors under the name of the sentence model, for which the weights are."""

    fingerprint = "minilm-by-words"

    def embed(self, texts: tuple[str, ...]) -> Vectors:
        return embedder().embed(texts)


def reviewer(
    stage: StageProtocol = PLAIN, spec: EmbeddedReviewerSpec = SPEC, made: Fit | None = None
) -> EmbeddedReviewer:
    return EmbeddedReviewer(stage, spec, Cosines.fingerprint, made)


def judge(record: Record, made: Fit | None = None) -> Judgement:
    return drive(reviewer(made=made).judge(record), Cosines())


def score_of(record: Record, stage: StageProtocol = PLAIN) -> float:
    wording = Wording.of(stage)
    pair = Cosines().embed((whole_text(record.title, record.abstract), record.title))
    return read_wording(wording, record.title, record.abstract, pair, Cosines().embed(wording.texts)).score


def labelled(kept: int, excluded: int) -> tuple[dict[str, Features], dict[str, Judgement]]:
    """Labels of which the kept ones score 1.5 and more, the excluded ones 0.5 and less."""
    features = {f"k{i}": Features({}, False, 1.5 + i / 10) for i in range(kept)}
    features |= {f"e{i}": Features({}, False, 0.5 - i / 10) for i in range(excluded)}
    decided = {True: Judgement(decision=Decision.INCLUDE), False: Judgement(decision=Decision.EXCLUDE)}
    return features, {name: decided[name.startswith("k")] for name in features}


FRAME = [float(value) for value in np.linspace(-3, 3, 101)]


def test_without_cues_a_record_like_the_wording_ranks_above_another_and_nothing_is_decided() -> None:
    near, far = judge(NEAR), judge(FAR)
    assert near.probability is not None
    assert far.probability is not None
    assert near.probability > far.probability
    assert near.decision is far.decision is Decision.UNCLEAR
    assert {answer.value for answer in near.answers.values()} == {Value.UNCLEAR}
    assert "decide nothing" in near.answers["nudge"].reason


def test_digits_and_signs_of_statistics_are_counted() -> None:
    columns = [FEATURES.index(name) for name in ("digits", "statistics", "no_abstract")]
    wording = Wording.of(PLAIN)
    pair, asked = Cosines().embed(("a", "b")), Cosines().embed(wording.texts)
    rows = [read_wording(wording, one.title, one.abstract, pair, asked).features for one in (NEAR, FAR, BARE)]
    assert [[row[column] > 0 for column in columns] for row in rows] == [
        [True, True, False],
        [False, False, False],
        [False, False, True],
    ]


def test_cues_thresholds_a_full_text_or_the_stand_in_leave_the_engine_as_it_was() -> None:
    assert reviewer().by_wording
    assert not reviewer(STAGE).by_wording
    named = SPEC.model_copy(update={"thresholds": {Stage.ABSTRACT: {"nudge": Thresholds(no_below=0.1, yes_from=0.9)}}})
    assert not reviewer(spec=named).by_wording
    assert not EmbeddedReviewer(PLAIN, SPEC, Cosines.fingerprint, name=Stage.FULLTEXT).by_wording
    assert not EmbeddedReviewer(PLAIN, SPEC, embedder().fingerprint).by_wording


def test_the_stage_question_is_part_of_what_was_asked() -> None:
    other = PLAIN.model_copy(update={"question": "Something else?"})
    assert reviewer().asked != reviewer(other).asked
    assert reviewer(STAGE).asked == reviewer(STAGE.model_copy(update={"question": "Something else?"})).asked


def test_a_threshold_needs_a_kept_label_and_lies_below_every_one() -> None:
    with pytest.raises(ValueError, match="kept"):
        threshold_from(head(), [])
    for kept in ([0.0], [2.0, -2.5], [1.0] * 30):
        assert threshold_from(head(), kept).threshold <= min(kept)


def test_more_and_higher_kept_labels_raise_the_threshold_and_a_higher_recall_lowers_it() -> None:
    at = lambda kept, recall=0.95: threshold_from(head(), kept, recall=recall).threshold  # noqa: E731
    assert at([1.5]) < at([1.5] * 10)
    assert at([1.0]) < at([2.0])
    assert at([1.5], 0.99) < at([1.5]) < at([1.5], 0.9)


def test_estimated_recall_lies_within_its_interval_which_narrows_with_labels() -> None:
    few, many = threshold_from(head(), [1.2]), threshold_from(head(), [1.2] * 20)
    for estimate in (few, many):
        assert estimate.low < estimate.recall < estimate.high
    assert many.high - many.low < few.high - few.low


@pytest.mark.parametrize(("recall", "confidence", "needed"), [(0.95, 0.95, 59), (0.9, 0.95, 29), (0.95, 0.9, 45)])
def test_a_promise_needs_as_many_kept_labels_as_the_exact_test_asks(
    recall: float, confidence: float, needed: int
) -> None:
    assert positives_for_promise(recall, confidence) == needed
    lost_none = lambda n: comb(n, n) * recall**n  # noqa: E731
    assert lost_none(needed) <= 1 - confidence < lost_none(needed - 1)


def test_labels_without_a_kept_one_suggest_nothing() -> None:
    with pytest.raises(BadInput, match=r"none of the 5 records .* was kept"):
        fit_wording(FRAME, *labelled(0, 5), recall=0.95)


def test_a_fit_of_few_labels_expects_as_many_kept_as_there_were_and_promises_nothing() -> None:
    features, labels = labelled(3, 20)
    made = fit_wording(FRAME, features, labels, recall=0.95)
    expected = [made.predict(one).inclusion for one in features.values()]
    assert sum(p for p in expected if p is not None) == pytest.approx(3, abs=1e-3)
    assert made.threshold is not None
    assert (made.threshold.kept, made.threshold.lost, made.threshold.excluded) == (3, 0, 20)
    assert "Estimated recall" in made.threshold.sentence
    assert "nothing is promised" in made.threshold.sentence
    assert "needs 59 further kept labels that are used for nothing else" in made.threshold.sentence
    assert "from 3 kept labels, if drawn at random" in made.threshold.sentence
    assert Fit.from_json(made.to_json()) == made


def test_a_threshold_that_its_labels_chose_promises_nothing_either() -> None:
    chosen = FitThreshold(exclude_below=0.2, recall=0.9, kept=80, lost=8, excluded=120, spared=70)
    assert "8 of 80 kept ones" in chosen.sentence
    # 0.9 ** 29 = 0.047, 0.9 ** 28 = 0.052
    assert "nothing is promised. A promise of recall 0.9 needs 29 further kept labels" in chosen.sentence


def test_no_kept_label_lies_below_the_threshold_of_its_own_fit() -> None:
    features, labels = labelled(12, 12)
    for kept in range(1, 13):
        some = {name: label for name, label in labels.items() if name[0] == "e" or int(name[1:]) < kept}
        made = fit_wording(FRAME, features, some, recall=0.95)
        assert made.threshold is not None
        lowest = made.predict(features["k0"]).inclusion
        assert lowest is not None
        assert round(lowest, 6) >= made.threshold.exclude_below


def test_weights_of_labels_move_the_expected_number() -> None:
    features, labels = labelled(2, 2)
    heavy = {name: 9.0 if name.startswith("e") else 1.0 for name in labels}
    light = fit_wording(FRAME, features, labels, recall=0.95).inclusion.intercept
    assert fit_wording(FRAME, features, labels, recall=0.95, weights=heavy).inclusion.intercept < light


def test_a_fitted_reviewer_suggests_to_exclude_what_lies_below_but_not_a_title_alone() -> None:
    near, far = score_of(NEAR), score_of(FAR)
    features = {"near": Features({}, False, near), "far": Features({}, False, far)}
    labels = {"near": Judgement(decision=Decision.INCLUDE), "far": Judgement(decision=Decision.EXCLUDE)}
    # A frame that is narrow beside the distance of the two puts the threshold between them.
    frame = [float(value) for value in np.linspace(near - 0.3, near + 0.1, 50)]
    made = fit_wording(frame, features, labels, recall=0.95)
    assert judge(NEAR, made).decision is Decision.UNCLEAR
    excluded = judge(FAR, made)
    assert excluded.decision is Decision.EXCLUDE
    assert "below" in excluded.reason
    bare = judge(BARE, made)
    assert bare.probability is not None
    assert made.threshold is not None
    assert bare.probability < made.threshold.exclude_below
    assert bare.decision is Decision.UNCLEAR


def test_a_fit_of_other_numbers_is_left_out() -> None:
    wording = fit_wording(FRAME, *labelled(3, 3), recall=0.95)
    features = {
        name: Features({"nudge": (one.wording or 0, 0, 0, 0)}, False) for name, one in labelled(12, 12)[0].items()
    }
    by_cues = fit(features, labelled(12, 12)[1])
    assert reviewer(made=wording).fit is wording
    assert reviewer(made=by_cues).fit is None
    assert reviewer(STAGE, made=by_cues).fit is by_cues
    assert reviewer(STAGE, made=wording).fit is None
    assert reviewer(STAGE, made=wording).asked == reviewer(STAGE).asked


def test_the_weights_name_the_sets_and_another_version_is_another_question() -> None:
    shipped = head()
    assert len(shipped.sets) == 9
    assert len(shipped.weights) == len(shipped.mean) == len(shipped.scale) == len(FEATURES)
    assert replace(shipped, version=shipped.version + 1).id != shipped.id


def test_many_records_at_once_have_the_scores_that_they_have_alone() -> None:
    wording, records = Wording.of(PLAIN), (NEAR, FAR, BARE)
    whole = Cosines().embed(tuple(whole_text(one.title, one.abstract) for one in records))
    titles, asked = Cosines().embed(tuple(one.title for one in records)), Cosines().embed(wording.texts)
    texts = [(one.title, one.abstract) for one in records]
    assert wording_scores(wording, texts, (whole, titles, asked)) == pytest.approx(
        [score_of(one) for one in records], abs=2e-6
    )


def test_without_vectors_words_and_digits_rank() -> None:
    near, far, bare = wording_scores(Wording.of(PLAIN), [(one.title, one.abstract) for one in (NEAR, FAR, BARE)])
    assert near > far
    assert near > bare
    assert wording_scores(Wording.of(PLAIN), []).shape == (0,)
