"""The normal form makes typesettings of the same words equal, and leads back to the source."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screener.text.normalise import normalise


@pytest.mark.parametrize(
    ("source", "normal"),
    [
        ("  two \n\t words  ", "two words"),
        ("Pre‑trained and pre-trained", "pretrained and pretrained"),
        ("a line-\nbreak", "a linebreak"),
        ("eﬃcient ﬂow", "efficient flow"),
        ("“double” and ‘single’", "\"double\" and 'single'"),
        ("from −0.5 to 3–4", "from -0.5 to 3-4"),
        ("soft\u00adhyphen", "softhyphen"),
        ("cafe\u0301", "cafe\u0301"),
        ("café", "cafe\u0301"),
    ],
)
def test_typesetting_is_taken_away(source: str, normal: str) -> None:
    assert normalise(source).text == normal


def test_digits_and_signs_are_never_touched() -> None:
    assert normalise("10² is not 102").text == "10² is not 102"
    assert normalise("-0.5").text != normalise("0.5").text


def test_a_span_leads_back_to_the_words_in_the_source() -> None:
    source = "An eﬃcient,  pre-\ntrained model"
    found = normalise(source)
    start = found.text.index("efficient")
    begin, end = found.span(start, start + len("efficient, pretrained"))
    assert source[begin:end] == "eﬃcient,  pre-\ntrained"


@given(st.text(max_size=200))
def test_every_character_comes_from_somewhere_in_order(source: str) -> None:
    found = normalise(source)
    assert len(found.text) == len(found.starts) == len(found.ends)
    assert list(found.starts) == sorted(found.starts)
    assert all(0 <= start < end <= len(source) for start, end in zip(found.starts, found.ends, strict=True))
