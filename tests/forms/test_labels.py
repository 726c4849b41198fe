"""What people read instead of the names in a form."""

import pytest

from screener.forms import ItemField, Quantity, Vocabulary
from screener.forms.labels import code_label, described, item_label, joined


@pytest.mark.parametrize(
    ("name", "units", "label"),
    [
        ("window_s", {"s": 1.0, "ms": 1e-3}, "Window (s)"),
        ("sampling_rate_hz", {"Hz": 1.0, "kHz": 1e3}, "Sampling rate (Hz)"),
        ("parameters_millions", {"million": 1.0, "M": 1.0}, "Parameters (millions)"),
        ("share_percent", {"%": 1.0, "percent": 1.0}, "Share (%)"),
        ("seeds", {"": 1.0}, "Seeds"),
        ("interval_low", {"": 1.0}, "Interval low"),
        ("code_url", None, "Code URL"),
    ],
)
def test_an_item_is_named_by_its_name_with_its_unit_in_brackets(name: str, units: dict | None, label: str) -> None:
    assert item_label(name, None, Quantity(units) if units else None) == label


def test_a_title_is_taken_as_it_is() -> None:
    assert item_label("window_s", "Length of the input", Quantity({"s": 1.0})) == "Length of the input"


def test_an_item_inside_a_group_of_a_group_has_both_names() -> None:
    assert joined(["Code", "Availability"]) == "Code: availability"
    assert joined(["Code", "URL"]) == "Code: URL"


class Licence(Vocabulary):
    CC_BY = "cc_by", "CC BY 4.0"
    CC_BY_NC = "cc_by_nc", "non-commercial", "CC BY-NC*"
    MITRAL = "mit", "mitral valve"
    OTHER = "other"


def test_a_code_has_the_capitals_of_the_vocabularys_own_words() -> None:
    assert [code_label(member.value, Licence) for member in Licence] == ["CC BY", "CC BY-NC", "mit", "other"]
    assert code_label("held_out_test") == "held out test"


def test_a_description_is_shown_with_its_codes_in_words() -> None:
    text = described("cc_by_nc: no trade. cc_by: with credit. A mixture is `other`.", Licence)
    assert text == "CC BY-NC: no trade. CC BY: with credit. A mixture is other."


def test_an_item_is_searched_for_by_its_question_and_not_by_the_rules_behind_it() -> None:
    item = ItemField(
        "identity.encoder_leads", "How many leads does it read? any_leads: if it is built for any.", "code"
    )
    assert item.words == "identity encoder leads. How many leads does it read?"
