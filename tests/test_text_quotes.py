"""A quote is found where it stands, and never where the source says something else."""

import pytest

from screener.text.quotes import MISSING, locate, locate_in

SOURCE = (
    "The model was pre-\ntrained on 1.5 million recordings with unsupervised learning;  accuracy rose from −0.5 to"
    " 95.3% without labels. Eﬃcient “self-supervised” methods did not improve the results of the three hospitals."
)


@pytest.mark.parametrize(
    ("quote", "status"),
    [
        ("with unsupervised learning", "exact"),
        ("was pretrained on 1.5 million recordings", "normalized"),
        ('Efficient "self-supervised" methods', "normalized"),
        ("with unsupervised learning; accuracy rose", "normalized"),
        ("The modle was pretrained on 1.5 million recordings", "fuzzy"),
        ("accuracy rised from -0.5 to 95.3% without labels", "fuzzy"),
    ],
)
def test_a_quote_is_found_in_the_strictest_way_that_finds_it(quote: str, status: str) -> None:
    assert locate(quote, SOURCE).status == status


@pytest.mark.parametrize(
    "quote",
    [
        "was pretrained on 1.6 million recordings with unsupervised learning",
        "accuracy rose from 0.5 to 95.3% without labels",
        "accuracy rose from -0.5 to 95.3% with labels",
        "methods did improve the results of the three hospitals",
        "methods did not improve the results of the two hospitals",
        "The model was pretrained on 1.5 million recordings with supervised learning",
        "something that is said nowhere in this text at all",
        "",
        "   ",
    ],
)
def test_a_quote_that_says_something_else_is_missing(quote: str) -> None:
    assert locate(quote, SOURCE) == MISSING


def test_a_part_of_a_word_is_not_a_quote() -> None:
    assert locate("supervised", "an unsupervised and a self-supervised one") == MISSING
    assert locate("supervised", "a supervised one").status == "exact"


def test_short_quotes_are_not_matched_approximately() -> None:
    assert locate("three hospitels", SOURCE) == MISSING


def test_the_place_of_an_approximate_match_is_whole_words_of_the_source() -> None:
    place = locate("Eficient self-supervised methods did not improve the results", SOURCE)
    assert place.status == "fuzzy"
    assert SOURCE[place.start : place.end] == "Eﬃcient “self-supervised” methods did not improve the results"


def test_the_document_with_the_strictest_match_is_named() -> None:
    documents = {"abstract": "a Pre-Trained network", "title": "a pretrained network"}
    name, place = locate_in("a pretrained network", documents)
    assert (name, place.status, place.start) == ("title", "exact", 0)


def test_a_quote_is_found_in_a_long_text() -> None:
    text = "word " * 40_000 + "the needle is here " + "word " * 1000
    assert locate("The Needle  is here", text).start == 200_000
