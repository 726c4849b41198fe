"""The embedded reviewer judges by what stands in the text, shows where, and is careful with what does not."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from support.embedded import NUDGE, SPEC, STAGE, TESTED, drive, embedder

from screener.core.judgement import Basis, Decision, Judgement, Stage, Value
from screener.core.messages import ChatResponse, EmbedRequest, EmbedResponse
from screener.protocol.model import Cues, QuestionCriterion, RuleCriterion, StageProtocol, Thresholds
from screener.protocol.model import EmbeddedReviewerSpec as Spec
from screener.records.model import Record
from screener.reviewers.embedded import EmbeddedReviewer
from screener.reviewers.scoring import MAX_SENTENCES


def judge(title: str, abstract: str = "", stage: StageProtocol = STAGE, **more: Any) -> Judgement:
    reviewer = EmbeddedReviewer(stage, SPEC, embedder().fingerprint, **more)
    return drive(reviewer.judge(Record(id="r", title=title, abstract=abstract)), embedder())


def test_a_supporting_cue_is_a_yes_with_its_sentence_as_evidence() -> None:
    abstract = "Care is uneven. Electronic reminders were shown in a trial. Results follow."
    judged = judge("Improving care", abstract)
    answer = judged.answers["nudge"]
    assert answer.value is Value.YES
    (evidence,) = answer.evidence
    assert evidence.document == "abstract"
    assert abstract[evidence.start : evidence.end] == "Electronic reminders were shown in a trial."
    assert "“reminders” in the abstract" in answer.reason
    assert judged.decision is Decision.INCLUDE


def test_an_abstract_that_says_nothing_is_a_no_from_silence_where_the_protocol_takes_it_so() -> None:
    judged = judge("Bridges", "Steel bridges rust in salty air. Paint helps for a while.")
    assert (judged.answers["nudge"].value, judged.answers["nudge"].basis) == (Value.NO, Basis.ABSENT)
    assert judged.answers["nudge"].evidence == ()
    assert judged.answers["tested"].value is not Value.NO
    assert judged.decision is Decision.EXCLUDE


def test_a_contradicting_cue_is_a_no_that_shows_its_sentence() -> None:
    judged = judge("Drug against placebo", "All got the drug or placebo. The mice were blinded.")
    answer = judged.answers["nudge"]
    assert (answer.value, answer.basis) == (Value.NO, Basis.CONTRADICTED)
    assert "speaks against it" in answer.reason


def test_a_title_alone_is_never_excluded_for_silence() -> None:
    judged = judge("Steel bridges rust in salty air")
    assert judged.decision is Decision.UNCLEAR
    assert judged.flags == ("title_only",)
    assert judged.answers["nudge"].reason.startswith("nothing in the title speaks of it")


def test_a_title_alone_is_excluded_only_if_it_contradicts_and_gives_no_hope() -> None:
    assert judge("A drug against placebo in mice").decision is Decision.EXCLUDE
    assert judge("An intervention against placebo in mice").answers["nudge"].value is not Value.NO


def test_a_title_alone_is_less_certain_than_the_same_title_with_an_abstract() -> None:
    for title in ("Reminders in practice", "Placebo in mice"):
        alone = judge(title).answers["nudge"].probability
        both = judge(title, "Nothing more is said.").answers["nudge"].probability
        assert alone is not None
        assert both is not None
        assert abs(alone - 0.5) < abs(both - 0.5)


def test_a_cue_counts_more_in_the_title() -> None:
    in_title = judge("Reminders", "Something else is said.").answers["nudge"].probability
    in_abstract = judge("Something else", "Reminders are used.").answers["nudge"].probability
    assert in_title is not None
    assert in_abstract is not None
    assert in_title > in_abstract


def test_a_denied_cue_does_not_count() -> None:
    said = judge("Care", "Doctors saw reminders.").answers["nudge"]
    denied = judge("Care", "Doctors worked without any reminders.").answers["nudge"]
    assert said.probability is not None
    assert denied.probability is not None
    assert denied.probability < said.probability - 0.2


def test_without_cues_similarity_alone_orders_the_records() -> None:
    plain = StageProtocol(
        question="?",
        template="t.md",
        criteria=(QuestionCriterion(id="nudge", question="Are reminders shown to nurses?"),),
    )
    near = judge("Reminders shown to nurses", "Nurses saw reminders.", plain).probability
    far = judge("Steel bridges", "They rust in salty air.", plain).probability
    assert near is not None
    assert far is not None
    assert near > far


def test_an_endless_abstract_stays_bounded_and_is_flagged() -> None:
    asked: list[Sequence[str]] = []
    reviewer = EmbeddedReviewer(STAGE, SPEC, embedder().fingerprint)
    for abstract in ("Short words here. " * 12_000, "x" * 200_000, "word " * 40_000):
        judging = reviewer.judge(Record(id="r", title="t", abstract=abstract))
        request = next(judging)
        assert isinstance(request, EmbedRequest)
        asked.append(request.texts)
        with pytest.raises(StopIteration) as stop:
            judging.send(EmbedResponse(embedder().embed(request.texts)))
        assert "text_cut" in stop.value.value.flags
    assert max(len(texts) for texts in asked) < MAX_SENTENCES + 10
    assert max(len(text) for texts in asked for text in texts) <= 1000


def test_a_title_of_ten_thousand_characters_is_judged() -> None:
    assert judge("Reminders " * 1000).answers["nudge"].value is Value.YES


def test_a_record_without_any_text_is_unclear_and_asks_nothing() -> None:
    judged = judge("  ")
    assert judged.decision is Decision.UNCLEAR
    assert judged.flags == ("no_text",)


def test_the_same_record_is_judged_the_same() -> None:
    assert judge("Reminders", "A trial of reminders.") == judge("Reminders", "A trial of reminders.")


def test_a_reply_of_another_kind_is_refused() -> None:
    judging = EmbeddedReviewer(STAGE, SPEC, "minilm").judge(Record(id="r", title="t"))
    next(judging)
    with pytest.raises(TypeError, match="ChatResponse"):
        judging.send(ChatResponse("hello"))


def test_too_few_vectors_are_refused() -> None:
    judging = EmbeddedReviewer(STAGE, SPEC, "minilm").judge(Record(id="r", title="t"))
    next(judging)
    with pytest.raises(ValueError, match="vectors"):
        judging.send(EmbedResponse(np.ones((1, 3), dtype=np.float32)))


def keys(stage: StageProtocol = STAGE, spec: Spec = SPEC, fingerprint: str = "minilm") -> tuple[str, str]:
    reviewer = EmbeddedReviewer(stage, spec, fingerprint)
    return reviewer.asked, reviewer.rule


def changed(**more: Any) -> StageProtocol:
    return STAGE.model_copy(update={"criteria": (NUDGE.model_copy(update=more), TESTED)})


def test_wording_cues_and_embedder_are_asked_and_thresholds_quotes_and_rules_are_rule() -> None:
    asked, rule = keys()
    different: Mapping[str, tuple[str, str]] = {
        "wording": keys(changed(question="Is it a reminder?")),
        "cues": keys(changed(cues=Cues(supports=("alert*",)))),
        "embedder": keys(fingerprint="other"),
    }
    assert all(a != asked and r == rule for a, r in different.values())
    looser = Spec(kind="embedded", thresholds={Stage.ABSTRACT: {"nudge": Thresholds(no_below=0, yes_from=1)}})
    scope = RuleCriterion(id="scope", kind="rule", question="?", years=(2000, 2001))
    derived = {
        "thresholds": keys(spec=looser),
        "quotes": keys(changed(quote="required")),
        "rules": keys(STAGE.model_copy(update={"criteria": (*STAGE.criteria, scope)})),
    }
    assert all(a == asked and r != rule for a, r in derived.values())
