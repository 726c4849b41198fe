"""The normal form makes typesettings of the same words equal, and leads back to the source."""

import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screener.text.normalise import normalise


@pytest.mark.parametrize(
    ("source", "normal"),
    [
        ("  two \n\t words  ", "two words"),
        (" a ", "a"),
        (" ", ""),
        ("", ""),
        ("Pre‑trained and pre-trained", "pretrained and pretrained"),
        ("a line-\nbreak", "a linebreak"),
        ("a page- \r\n\f break", "a pagebreak"),
        ("soft\u00adhyphen, soft\u00ad\nhyphen", "softhyphen, softhyphen"),
        ("PDFium’s hy\ufffephen", "pdfium's hyphen"),
        ("pré-\nparé and pre\u0301-\npare\u0301", "pre\u0301pare\u0301 and pre\u0301pare\u0301"),
        ("a 12-\nlead ECG", "a 12-lead ecg"),
        ("2019–\n2020", "2019-2020"),
        ("long- and short-term", "long- and shortterm"),
        ("eﬃcient ﬂow", "efficient flow"),
        ("“double” and ‘single’ and ``double''", '"double" and \'single\' and "double"'),
        ("from −0.5 to 3–4", "from -0.5 to 3-4"),
        ("5 – 7 and 5 −7 and 5 - 7 and 5- 7", "5-7 and 5 -7 and 5-7 and 5-7"),
        ("part - 7 and ResNet- 50", "part - 7 and resnet- 50"),
        ("one—two — three -- four", "one - two - three - four"),
        ("p ≤ 0.05, n = 5, 95 %", "p<=0.05, n=5, 95%"),
        ("[17, 18; 20 – 22]", "[17,18;20-22]"),
        ("1, 2 and (3, 4)", "1, 2 and (3, 4)"),
        ("10⁵ and 10⁻³ and 214¹²,¹³ and kg/m²", "10^5 and 10^-3 and 214^12,13 and kg/m2"),
        ("cafe\u0301", "cafe\u0301"),
        ("café", "cafe\u0301"),
        ("ΑΣ and 5 µg and Å and ß and Ｆｕｌｌ", "ας".replace("ς", "σ") + " and 5 μg and a\u030a and ss and full"),
        ("İ", "i\u0307"),
        ("zero\u200bwidth, null\x00", "zerowidth, null"),
        ("well…", "well..."),
    ],
)
def test_typesetting_is_taken_away(source: str, normal: str) -> None:
    assert normalise(source).text == normal


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("10²", "102"),
        ("10²", "10 2"),
        ("10⁻²", "10-2"),
        ("1₂O", "12O"),
        ("-0.5", "0.5"),
        ("5 -7", "5-7"),
        ("1,000", "1.000"),
        ("1 000", "1000"),
        ("p < 0.05", "p <= 0.05"),
        ("a = b", "a ≠ b"),
        ("5 mg", "5 μg"),
        ("not able", "notable"),
        ("α", "a"),
        ("½", "12"),
        ("5%", "5‰"),
    ],
)
def test_digits_signs_and_words_are_never_touched(one: str, other: str) -> None:
    assert normalise(one).text != normalise(other).text


def test_a_span_leads_back_to_the_words_in_the_source() -> None:
    source = "An eﬃcient,  pre-\ntrained model…"
    found = normalise(source)
    start = found.text.index("efficient")
    begin, end = found.span(start, start + len("efficient, pretrained"))
    assert source[begin:end] == "eﬃcient,  pre-\ntrained"
    # A part of a ligature is the ligature; a removed hyphen belongs to neither side.
    start = found.text.index("fic")
    assert source[slice(*found.span(start, start + 1))] == "ﬃ"
    start = found.text.index("pretrained")
    assert source[slice(*found.span(start, start + 3))] == "pre"
    assert source[slice(*found.span(start + 3, start + 4))] == "t"
    assert found.span(0, len(found.text)) == (0, len(source))


def test_one_character_may_stand_for_several() -> None:
    source = "as ``said'' of 12-\nlead"
    found = normalise(source)
    assert found.text == 'as "said" of 12-lead'
    assert [source[slice(*found.span(each, each + 1))] for each in (3, 8, 15)] == ["``", "''", "-\n"]


def test_a_long_text_is_kept_small() -> None:
    source = "Some words of a line, pre-\ntrained and ﬁne.  " * 2000
    found = normalise(source)
    arrays = [getattr(step, name) for step in found.steps for name in ("at", "size", "start", "end")]
    assert sum(map(sys.getsizeof, arrays)) < 6 * len(source)


MARKS = "aB1 \n\f-–—−%=<,.[]ﬁé\u0301\u00ad\u200bß…'’İ½×"


@settings(deadline=None)
@given(st.one_of(st.text(alphabet=MARKS, max_size=60), st.text(max_size=60)))
def test_every_character_comes_from_somewhere_in_order(source: str) -> None:
    found = normalise(source)
    spans = [found.span(index, index + 1) for index in range(len(found.text))]
    assert all(0 <= start < end <= len(source) for start, end in spans)
    assert [start for start, _ in spans] == sorted(start for start, _ in spans)
    assert [end for _, end in spans] == sorted(end for _, end in spans)
    if spans:
        assert found.span(0, len(found.text)) == (spans[0][0], spans[-1][1])


@settings(deadline=None)
@given(st.text(alphabet=MARKS, max_size=60))
def test_what_stands_for_a_letter_or_digit_is_that_letter_or_digit(source: str) -> None:
    found = normalise(source)
    for index, character in enumerate(found.text):
        start, end = found.span(index, index + 1)
        if character.isascii() and character.isalnum():
            assert normalise(source[start:end]).text.count(character) >= 1


@settings(deadline=None)
@given(st.text(alphabet=MARKS, max_size=60))
def test_there_is_no_white_space_at_the_ends_and_one_space_elsewhere(source: str) -> None:
    text = normalise(source).text
    assert text == text.strip()
    assert "  " not in text
    assert not any(each.isspace() and each != " " for each in text)
