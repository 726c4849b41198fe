"""When two values are the same, by kind: the stated rules, each with what it lets pass and what it does not."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screener import metrics as m

CODE, NUMBER, BOOLEAN = m.ItemKind("code"), m.ItemKind("number"), m.ItemKind("boolean")
URL, TEXT, DATE = m.ItemKind("url"), m.ItemKind("text"), m.ItemKind("date")
CODES, TEXTS = m.ItemKind("code", many=True), m.ItemKind("text", many=True)


def says(value: object, other: str | None = None) -> m.ItemValue:
    return m.ItemValue("reported", value, other)


def agree(extracted: object, gold: object, kind: m.ItemKind) -> bool:
    return m.values_agree(says(extracted), says(gold), kind)


def members(extracted: object, gold: object, kind: m.ItemKind) -> tuple[int, int, int]:
    counts = m.count_members(says(extracted), says(gold), kind)
    return counts.shared, counts.extracted, counts.gold


def test_codes_agree_when_they_are_equal() -> None:
    assert agree("linear_probe", "linear_probe", CODE)
    assert not agree("linear_probe", "Linear probe", CODE)
    assert not agree(1, 1, CODE)  # a code is a string


def test_other_agrees_by_what_it_is_said_to_be() -> None:
    assert m.values_agree(says("other", "a state-space model"), says("other", "State space model, a"), CODE)
    assert not m.values_agree(says("other", "capsule network"), says("other", "state-space model"), CODE)
    assert not m.values_agree(says("other"), says("other", "state-space model"), CODE)
    assert m.values_agree(says("other", "capsule network"), says("other"), CODE)  # gold does not say
    assert m.values_agree(says("cnn", "1-D"), says("cnn", "2-D"), CODE)  # `other` speaks of `other` only


@pytest.mark.parametrize(
    ("extracted", "gold"),
    [
        (90.88, 90.9),  # 0.02 ≤ half of 0.1 and ≤ 0.909
        (90.9, 90.88),
        (1_512_000, 1_500_000),  # 0.8 %, and 1,500,000 is written with two digits
        (21_800, 21_799),
        (0.994, 0.99),
        (500, 500.0),
        (505, 500),  # exactly 1 %
        (0.1 + 0.2, 0.3),
        (-2, -2),
        (0, 0.0),
    ],
)
def test_a_number_may_be_the_other_rounded(extracted: float, gold: float) -> None:
    assert agree(extracted, gold, NUMBER)


@pytest.mark.parametrize(
    ("extracted", "gold"),
    [
        (0.999, 0.991),  # 0.8 %, but both are written to three digits
        (2019, 2024),
        (21_837, 21_799),
        (512, 500),  # 500 written with one digit, but 2.4 %
        (0.91, 0.9),
        (13, 12),
        (1_000, 1_000_000),
        (2, -2),
        (0.001, 0),
        (0, 0.001),
        ("12", 12),
        (True, 1),
        (1, True),
        (None, 0),
        (math.nan, math.nan),
        (math.inf, math.inf),
    ],
)
def test_other_numbers_differ(extracted: object, gold: object) -> None:
    assert not agree(extracted, gold, NUMBER)


def test_tolerance_is_the_items_own() -> None:
    assert not agree(21_800, 21_799, m.ItemKind("number", tolerance=0))
    assert agree(12.0, 12, m.ItemKind("number", tolerance=0))
    assert agree(10**400, 10**400, NUMBER)
    assert agree(104, 100, m.ItemKind("number", tolerance=0.05))
    for tolerance in (-0.1, math.nan, math.inf):
        with pytest.raises(ValueError, match="tolerance"):
            m.ItemKind("number", tolerance=tolerance)


def test_booleans_agree_with_booleans() -> None:
    assert agree(False, False, BOOLEAN)
    assert not agree(True, False, BOOLEAN)
    assert not agree(1, True, BOOLEAN)
    assert not agree(0, False, BOOLEAN)


@pytest.mark.parametrize(
    "extracted",
    [
        "https://github.com/Lab/ECG-Net",
        "http://www.GitHub.com/Lab/ECG-Net/",
        "github.com/Lab/ECG-Net.git",
        " HTTPS://github.com/Lab/ECG-Net.git/ ",
    ],
)
def test_one_address_is_written_in_many_ways(extracted: str) -> None:
    assert agree(extracted, "https://github.com/Lab/ECG-Net", URL)


@pytest.mark.parametrize(
    "extracted",
    [
        "https://github.com/lab/ecg-net",  # only the host's case is without meaning
        "https://github.com/Lab/ECG-Net2",
        "https://github.com/Lab",
        "https://gitlab.com/Lab/ECG-Net",
        "https://github.com/Lab/ECG-Net?tab=readme",
        "",
        None,
    ],
)
def test_other_addresses_differ(extracted: object) -> None:
    assert not agree(extracted, "https://github.com/Lab/ECG-Net", URL)


def test_an_empty_address_agrees_with_nothing() -> None:
    assert not agree("", "", URL)
    assert not agree("https://", "https://", URL)
    assert agree("a.org?x=1", "http://a.org?x=1", URL)


@pytest.mark.parametrize(
    ("extracted", "gold"),
    [
        ("ptb-xl", "PTB-XL"),
        ("PTBXL", "PTB-XL"),
        ("wav2vec2.0", "wav2vec 2.0"),
        ("ResNet-50", "resnet50"),
        ("Universite de Montreal", "Université de Montréal"),
        ("1,500 recordings", "1500 recordings"),
        ("non-linear", "nonlinear"),
        # 4 words in common of 4 and 5: F1 = 8/9
        ("reduced left ventricular function", "reduced left ventricular ejection function"),
        # 4 of 5 and 5: F1 = 8/10, the bound itself
        ("a b c d x", "a b c d y"),
        ("…", "…"),
    ],
)
def test_texts_agree_when_they_say_the_same(extracted: str, gold: str) -> None:
    assert agree(extracted, gold, TEXT)


@pytest.mark.parametrize(
    ("extracted", "gold"),
    [
        ("MIMIC-III", "MIMIC-IV"),
        ("ResNet-18", "ResNet-50"),
        ("1.5 million recordings", "15 million recordings"),
        ("1 2", "12"),
        ("a change of -5 in mean left axis", "a change of 5 in mean left axis"),
        # each has F1 of at least 0.8
        ("trained on 12 leads at 500 Hz of ECG", "trained on 12 leads at 250 Hz of ECG"),
        ("weights are available on request for all", "weights are not available on request for all"),
        ("trained in unsupervised fashion on raw ECG", "trained in supervised fashion on raw ECG"),
        # 3 of 4 and 4: F1 = 6/8
        ("a b c x", "a b c y"),
        ("10⁶", "106"),
        ("", "PTB-XL"),
        (5, "5"),
        ("—", "…"),
    ],
)
def test_texts_differ_by_numbers_negations_and_many_words(extracted: object, gold: str) -> None:
    assert not agree(extracted, gold, TEXT)
    assert not agree(gold, extracted, TEXT)


def test_a_date_is_right_as_far_as_gold_goes() -> None:
    assert agree("2024-05-13", "2024", DATE)
    assert agree("2024-05-13", "2024-05", DATE)
    assert agree("2024-5-13T09:00", "2024-05-13", DATE)
    assert agree(2024, "2024", DATE)
    assert not agree("2024", "2024-05-13", DATE)
    assert not agree("2024-05-14", "2024-05-13", DATE)
    assert not agree("2023", "2024", DATE)
    assert agree("Spring 2024", "spring 2024", DATE)  # not ISO: the same words only
    assert not agree("May 2024", "2024-05", DATE)
    assert not agree(True, True, DATE)


def test_sets_agree_when_nothing_is_left_over() -> None:
    assert agree(["b", "a"], ["a", "b"], CODES)
    assert agree(["a", "b", "a"], ["b", "a"], CODES)
    assert agree([], [], CODES)
    assert agree("a", ["a"], CODES)  # one member
    assert not agree(["a"], ["a", "b"], CODES)
    assert not agree(["a", "b"], ["a"], CODES)
    assert members(["a", "b", "c"], ["b", "c", "d", "e"], CODES) == (2, 3, 4)
    assert members(["a", 1, 1], ["a", 1], CODES) == (1, 3, 2)  # what is no code agrees with nothing


def test_members_are_matched_one_with_one() -> None:
    # `a b c d` agrees with both of gold's (F1 8/9); `a b c d x z` with the first (10/11), not the second (8/11).
    # First come, first served would spend gold's first on `a b c d`.
    gold = ["a b c d x", "a b c d y"]
    assert members(["a b c d", "a b c d x z"], gold, TEXTS) == (2, 2, 2)
    assert members(["a b c d", "z"], gold, TEXTS) == (1, 2, 2)
    assert members(["PTB-XL", "ptb xl"], ["PTB-XL"], TEXTS) == (1, 1, 1)


def test_other_in_a_set_is_a_member_by_what_it_is() -> None:
    gold = says(["cnn", "other"], "state-space model")
    assert m.count_members(says(["other", "cnn"], "state space model"), gold, CODES).equal
    assert m.count_members(says(["other", "cnn"], "capsules"), gold, CODES) == m.SetCounts(1, 2, 2)


def test_a_side_without_a_value_is_the_empty_set() -> None:
    assert m.count_members(None, says(["a", "b"]), CODES) == m.SetCounts(0, 0, 2)
    assert m.count_members(says(["a"]), m.ItemValue("not_reported", ["a"]), CODES) == m.SetCounts(0, 1, 0)


def test_unknown_kinds_and_statuses_are_refused() -> None:
    with pytest.raises(ValueError, match="kind"):
        m.ItemKind("integer")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="status"):
        m.ItemValue("missing")


VALUES = {
    CODE: st.text(max_size=5),
    NUMBER: st.integers() | st.floats(allow_nan=False, allow_infinity=False),
    BOOLEAN: st.booleans(),
    URL: st.from_regex(r"https?://(www\.)?[a-z]{1,5}\.org(/[A-Za-z]{0,3}){0,3}", fullmatch=True),
    TEXT: st.text(max_size=20),
    DATE: st.dates().map(str) | st.text(max_size=8),
}


@given(st.data(), st.sampled_from(sorted(VALUES, key=lambda kind: kind.of)))
@settings(deadline=None)
def test_every_value_agrees_with_itself_also_in_sets(data: st.DataObject, kind: m.ItemKind) -> None:
    values = data.draw(st.lists(VALUES[kind], min_size=1, max_size=5))
    assert agree(values[0], values[0], kind)
    many = m.ItemKind(kind.of, many=True)
    assert agree(values[::-1], [*values, values[0]], many)


@given(st.data(), st.sampled_from(sorted(VALUES, key=lambda kind: kind.of)))
@settings(deadline=None)
def test_no_more_is_shared_than_either_has(data: st.DataObject, kind: m.ItemKind) -> None:
    one, two = (data.draw(st.lists(VALUES[kind], max_size=4)) for _ in range(2))
    shared, extracted, gold = members(one, two, m.ItemKind(kind.of, many=True))
    assert 0 <= shared <= min(extracted, gold)
    assert extracted <= len(one)
    assert gold <= len(two)


@given(st.text(max_size=30), st.text(max_size=30))
@settings(deadline=None)
def test_texts_agree_both_ways(one: str, two: str) -> None:
    assert agree(one, two, TEXT) == agree(two, one, TEXT)
