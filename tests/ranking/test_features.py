"""Features: what learners know of records, without their labels."""

import random
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from screener.ranking import Text, features_of
from screener.ranking.features import centred, standardised, style_features, tie_numbers, word_features
from screener.ranking.style import COLUMNS, style_columns

TRIAL = Text("A randomised trial", "120 patients were allocated to placebo or drug: p < 0.01, 95% CI 1 to 2.", 2001)
REVIEW = Text("An overview of mice", "", None)
OLD = Text("Case report", "We report a case of harm.", 1980)


def column(texts: list[Text], name: str) -> list[float]:
    return [float(value) for value in style_columns(texts)[:, COLUMNS.index(name)]]


def test_style_tells_kinds_of_papers() -> None:
    texts = [TRIAL, REVIEW, OLD]
    assert np.argmax(column(texts, "randomised")) == 0
    assert np.argmax(column(texts, "statistics")) == 0
    assert np.argmax(column(texts, "overview")) == 1
    assert np.argmax(column(texts, "laboratory")) == 1
    assert np.argmax(column(texts, "case")) == 2
    assert column(texts, "no_abstract") == [0, 1, 0]


def test_a_year_counts_by_its_place_and_an_unknown_one_as_the_middle() -> None:
    assert column([TRIAL, REVIEW, OLD], "year") == [0.75, 0.5, 0.25]
    assert column([REVIEW, REVIEW], "year") == [0.5, 0.5]


def test_style_features_keep_the_kernel_of_the_columns() -> None:
    """The dot product of two rows is about exp(-0.25 |a - b|² / 17) of the columns."""
    texts = [TRIAL, REVIEW, OLD, Text("Tax", "Law of taxes.", 1999)] * 5
    rows = style_features(texts)
    columns = np.clip(standardised(style_columns(texts)), -3, 3)
    wanted = np.exp(-0.25 * ((columns[:, None] - columns[None]) ** 2).sum(2) / len(COLUMNS))
    assert np.abs(rows @ rows.T - wanted).max() < 0.25
    assert rows == pytest.approx(style_features(texts))


def test_words_and_pairs_of_words_weigh_by_how_seldom_they_are() -> None:
    rows = word_features([Text("red valve", "common"), Text("blue valve", "common"), Text("green", "word")])
    assert rows.shape[0] == 3
    assert pytest.approx(np.ones(3)) == np.sqrt(rows.multiply(rows).sum(axis=1)).A1
    assert (rows @ rows.T).toarray()[0, 1] > (rows @ rows.T).toarray()[0, 2]


@pytest.mark.parametrize("texts", [[], [Text("", "")], [Text("", "")] * 3])
def test_no_words_at_all_are_no_failure(texts: list[Text]) -> None:
    assert word_features(texts).shape[0] == len(texts)
    assert style_features(texts).shape == (len(texts), 200)


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"prior": [1.0]}, r"prior must have shape \(3,\), not \(1,\)"),
        ({"prior": [np.nan, 1.0, 2.0]}, "prior must be finite"),
        ({"vectors": np.ones((2, 4))}, r"vectors must have shape \(3, d\), not \(2, 4\)"),
        ({"vectors": np.full((3, 4), np.inf)}, "vectors must be finite"),
        ({"votes": {"gpt": [1.0, 0.0]}}, "votes of gpt must have shape"),
        ({"votes": {"gpt": [1.0, 7.0, np.nan]}}, "votes of gpt must be from 0 to 1"),
        ({"keys": ["a"]}, "keys must have shape"),
    ],
)
def test_what_cannot_be_of_these_records_is_refused(more: dict[str, object], says: str) -> None:
    given = {"keys": ["a", "b", "c"], **more}
    with pytest.raises(ValueError, match=says):
        features_of([TRIAL, REVIEW, OLD], **given)  # type: ignore[arg-type]


def test_vectors_lose_what_all_records_share() -> None:
    rows = centred(np.array([[3.0, 1.0], [3.0, -1.0]]))
    assert rows == pytest.approx(np.array([[0.0, 1.0], [0.0, -1.0]]))
    assert centred(np.ones((3, 2))) == pytest.approx(np.zeros((3, 2)))


def test_equal_columns_become_zero() -> None:
    assert standardised([4.0, 4.0, 4.0]).tolist() == [0, 0, 0]


def test_ties_follow_the_hash_of_the_key_alone() -> None:
    keys = [str(number) for number in range(50)]
    numbers, turned = tie_numbers(keys), tie_numbers(keys[::-1])
    assert sorted(numbers.tolist()) == list(range(50))
    assert numbers.tolist() == turned.tolist()[::-1]
    assert abs(np.corrcoef(numbers, np.arange(50))[0, 1]) < 0.4


def test_features_that_an_executor_counts_are_the_same() -> None:
    rng = random.Random(3)
    words = ["".join(rng.choices("abcdefgh", k=5)) for _ in range(400)]
    texts = [
        Text(" ".join(rng.choices(words, k=6)), " ".join(rng.choices([*words, "the"], k=40)) + " the", 1990 + n % 30)
        for n in range(1_201)
    ]
    texts[700] = Text("", "", None)
    keys = [str(n) for n in range(len(texts))]
    here = features_of(texts, keys)
    with ThreadPoolExecutor(2) as executor:
        spread = features_of(texts, keys, executor=executor)
        nothing = features_of([Text("", "", None)], ["1"], executor=executor)
    assert (spread.words != here.words).nnz == 0
    assert spread.words.dtype == here.words.dtype
    assert np.array_equal(spread.style, here.style)
    assert nothing.words.shape == (1, 1)
