"""What a person is shown as perhaps the same in other words, and that nothing but a person's word makes it right."""

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from screener import metrics as m
from screener.evaluation.other_words import LEAST_COSINE, Offer, offers_of
from screener.ledger.same_meanings import MeaningVerdict, ValuePair
from screener.text import HashedTerms, MiniLM, load_embedder

KINDS = {
    "task": m.ItemKind("text"),
    "names": m.ItemKind("text", many=True),
    "family": m.ItemKind("code"),
    "families": m.ItemKind("code", many=True),
    "size": m.ItemKind("number"),
}


class Meanings(HashedTerms):
    """Puts texts that are said to mean the same in one direction, all others in directions of their own."""

    fingerprint = "meanings"

    def __init__(self, *alike: set[str]) -> None:
        self.alike = alike

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        places = [
            next((n for n, group in enumerate(self.alike) if text in group), 50 + at) for at, text in enumerate(texts)
        ]
        return np.eye(200, dtype=np.float32)[places]


def says(value: object, other: str | None = None) -> m.ItemValue:
    return m.ItemValue("reported", value, other)


def offers(
    name: str,
    extracted: m.ItemValue,
    gold: m.ItemValue,
    *alike: set[str],
    said: dict[ValuePair, MeaningVerdict] | None = None,
) -> list[Offer]:
    sides = {name: extracted}, {name: gold}
    studies = {"s": (m.score_items(*sides, KINDS), *sides)}
    found, _ = offers_of(studies, KINDS, said or {}, lambda: Meanings(*alike))
    return list(found.values())


RHYTHM = {"atrial fibrillation detection", "finding AF"}


def test_values_whose_meaning_is_near_are_offered_and_no_others() -> None:
    one, two = sorted(RHYTHM)
    (offer,) = offers("task", says(one), says(two), RHYTHM)
    assert ({*offer.shown}, offer.state) == (RHYTHM, "open")
    assert offers("task", says(one), says("sex")) == []
    assert offers("task", says(one), says(one.upper())) == []  # right already
    assert LEAST_COSINE == 0.35


@pytest.mark.slow
def test_the_sentence_model_offers_other_names_and_no_other_topics() -> None:
    if not isinstance(load_embedder(), MiniLM):
        pytest.skip("the sentence model is not installed")

    def offered(one: str, two: str) -> bool:
        sides = {"task": says(one)}, {"task": says(two)}
        found, _ = offers_of({"s": (m.score_items(*sides, KINDS), *sides)}, KINDS, {})
        return bool(found)

    assert offered("ResNet", "convolutional network")
    assert offered("United Kingdom", "UK")
    assert not offered("rhythm classification", "sex prediction")
    assert not offered("contrastive learning", "masked autoencoding")


def test_words_that_are_nearly_all_the_same_are_offered_without_a_model() -> None:
    one, two = "reduced left ventricle systolic function", "reduced right ventricle systolic function"
    assert len(offers("task", says(one), says(two))) == 1


def test_two_names_that_share_half_of_their_words_are_offered() -> None:
    assert len(offers("task", says("23-class diagnosis"), says("23-class multilabel classification"))) == 1
    assert offers("task", says("a class of the five"), says("each one of the rhythms")) == []


def test_what_other_stands_for_is_offered_and_codes_are_not() -> None:
    (offer,) = offers("family", says("other", "state space"), says("other", "S4"), {"state space", "S4"})
    assert {*offer.shown} == {"state space", "S4"}
    (offer,) = offers("families", says(["cnn", "other"], "SSM"), says(["other", "cnn"], "S4"), {"SSM", "S4"})
    assert {*offer.shown} == {"SSM", "S4"}
    assert offers("families", says(["other"], "SSM"), says(["other", "cnn"], "S4"), {"SSM", "S4"}) == []
    assert offers("family", says("other", "conv net"), says("cnn"), {"conv net", "cnn"}) == []
    assert offers("size", says(3), says(4)) == []


def test_texts_with_other_numbers_are_not_offered() -> None:
    assert offers("task", says("12 classes"), says("5 classes"), {"12 classes", "5 classes"}) == []
    assert len(offers("task", says("five classes"), says("5 classes"), {"five classes", "5 classes"})) == 1


def test_lists_of_texts_are_offered_as_a_whole_in_any_order() -> None:
    (offer,) = offers(
        "names", says(["Moco", "SimCLR"]), says(["SimCLR", "MoCo v2"]), {"Moco; SimCLR", "MoCo v2; SimCLR"}
    )
    assert offer.state == "open"


def test_the_order_tells_nothing_of_whose_a_value_is() -> None:
    one, two = sorted(RHYTHM)
    (given,) = offers("task", says(one), says(two), RHYTHM)
    (turned,) = offers("task", says(two), says(one), RHYTHM)
    assert given.shown == turned.shown
    pairs = [(f"{n} lead net", f"model of {n} leads") for n in range(2, 40)]
    firsts = [offers("task", says(a), says(b), {a, b})[0].shown[0] == a for a, b in pairs]
    assert 8 < sum(firsts) < 30, "sometimes the machine's comes first, and sometimes gold's"


def test_a_verdict_holds_for_the_pair_in_any_writing_and_direction() -> None:
    one, two = sorted(RHYTHM)
    (offer,) = offers("task", says(one), says(two), RHYTHM)
    for same, state in ((True, "confirmed"), (False, "refused")):
        said = {offer.pair: MeaningVerdict(offer.pair, same, "zoe", "2026")}
        # No model is asked again: here it finds nothing alike.
        (again,) = offers("task", says(two), says(one.upper().replace(" ", "-")), said=said)
        assert (again.state, again.verdict and again.verdict.who) == (state, "zoe")
    # A verdict on one item is none on another.
    assert offers("names", says([two]), says([one]), said=said) == []
