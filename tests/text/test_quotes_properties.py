"""Whatever the text: its passages are found, in any typesetting, at their place; and changed ones are not."""

from dataclasses import dataclass

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from screener.text.normalise import normalise
from screener.text.quotes import locate

# Every token is a whole word or number with its marks; no two have the same normal form.
MARKED = (
    "(n=5),", "95%", "95.3%;", "<0.05", "±2", "−0.5", "0.91–0.95", "1,000", "12-lead", "state-of-the-art", "don’t", "α",
    "5mg", "10²", "“deep”", "e.g.", "[12]", "[3,", "4]", "Müller’s", "efficient", "flow", "not", "the", "a", "and/or",
    "x", "GPT-4", "well…", "§3.2", "3:1", "pre-training", "C++",
)  # fmt: skip
# Without vowels no word is one that has a weight of its own.
LETTERS = st.text(alphabet="bcdfghjklmnpqrstvwxz", min_size=3, max_size=12)
LETTER = st.characters(categories=["Lu", "Ll"], min_codepoint=0xC0, max_codepoint=0x24F)
UNICODE = st.text(alphabet=LETTER, min_size=1, max_size=8)
TOKENS = st.lists(
    st.one_of(st.sampled_from(MARKED), LETTERS, UNICODE),
    min_size=2,
    max_size=30,
    unique_by=lambda token: normalise(token).text.strip("()[].,;:\"'"),
)
GAPS = st.sampled_from([" ", " ", "  ", "\n", "\r\n", " \n", "\u00a0", "\f", "\n\n\f", " \r\n\f\n"])


@dataclass(frozen=True)
class Passage:
    """A passage `quote` of `source`, and where it stands there."""

    source: str
    quote: str
    start: int
    end: int


@st.composite
def passages(draw: st.DrawFn) -> Passage:
    """Some tokens of a text in which one space parts the tokens."""
    tokens = draw(TOKENS)
    first = draw(st.integers(0, len(tokens) - 1))
    last = draw(st.integers(first, len(tokens) - 1))
    quote = " ".join(tokens[first : last + 1])
    start = len(" ".join([*tokens[:first], ""]))
    return Passage(" ".join(tokens), quote, start, start + len(quote))


def typeset(draw: st.DrawFn, token: str) -> str:
    """The token as a printer might have set it."""
    shapes = {"fi": "ﬁ", "fl": "ﬂ", "ff": "ﬀ", "’": "'", "“": '"', "”": "«", "–": "—", "−": "–"}
    for plain, shape in shapes.items():
        if plain in token and draw(st.booleans()):
            token = token.replace(plain, shape)
    # Between letters a hyphen may have any shape, stand at a line's end, or be missing.
    if token in ("pre-training", "state-of-the-art"):
        token = token.replace("-", draw(st.sampled_from(["‐", "‑", "", "-\n", "-\r\n\f", "\u00ad\n", "\ufffe", "–"])))
    elif token.isascii() and token.isalpha() and len(token) > 5 and draw(st.booleans()):
        at = draw(st.integers(2, len(token) - 2))
        token = token[:at] + draw(st.sampled_from(["-\n", "- \n", "-\n\f", "\u00ad", "\ufffe", "\u200b"])) + token[at:]
    return draw(st.sampled_from([token, token, token.upper()])) if token.isascii() else token


@st.composite
def typeset_passages(draw: st.DrawFn) -> Passage:
    """Some tokens of a text, and the whole text as a printer set it."""
    tokens = draw(TOKENS)
    first = draw(st.integers(0, len(tokens) - 1))
    last = draw(st.integers(first, len(tokens) - 1))
    source, places = "", []
    for token in tokens:
        begin = len(source)
        source += typeset(draw, token)
        places.append((begin, len(source)))
        source += draw(GAPS)
    return Passage(source, " ".join(tokens[first : last + 1]), places[first][0], places[last][1])


@settings(deadline=None)
@given(passages())
def test_a_passage_is_found_as_it_is_at_its_place(passage: Passage) -> None:
    place = locate(passage.quote, passage.source)
    assert (place.status, place.start, place.end) == ("exact", passage.start, passage.end)


@settings(deadline=None)
@given(passages(), GAPS, GAPS)
def test_white_space_around_a_quote_is_not_part_of_it(passage: Passage, before: str, after: str) -> None:
    assert locate(before + passage.quote + after, passage.source) == locate(passage.quote, passage.source)


@settings(max_examples=300, deadline=None)
@given(typeset_passages())
def test_a_passage_is_found_in_another_typesetting_at_its_place(passage: Passage) -> None:
    place = locate(passage.quote, passage.source)
    assert place.status in ("exact", "normalized")
    assert (place.start, place.end) == (passage.start, passage.end)
    assert normalise(passage.source[place.start : place.end]).text == normalise(passage.quote).text


ANY = st.one_of(st.text(alphabet="aB1 -\nﬁé<%\f", max_size=50), st.text(max_size=50))


@settings(deadline=None)
@given(ANY, ANY)
def test_a_place_is_a_place_whatever_the_texts(quote: str, source: str) -> None:
    place = locate(quote, source)
    if place.status == "missing":
        assert place.start is None
        assert place.end is None
        return
    assert place.start is not None
    assert place.end is not None
    assert 0 <= place.start < place.end <= len(source)
    words = source[place.start : place.end]
    if place.status == "exact":
        assert words == quote.strip()
    elif place.status == "normalized":
        plain = str.maketrans("", "", " -'\"•*.,;:[]()")
        assert normalise(words).text.translate(plain) == normalise(quote).text.translate(plain)


@settings(deadline=None)
@given(st.data(), passages())
def test_a_part_of_a_text_that_cuts_a_word_is_not_found_there(data: st.DataObject, passage: Passage) -> None:
    words = [word for word in passage.quote.split() if word.isascii() and word.isalpha() and len(word) > 4]
    assume(words)
    part = data.draw(st.sampled_from(words))[1:]
    place = locate(part, passage.source)
    assert place.status == "missing" or passage.source[place.start : place.end].lower() == part.lower()
    assert part.lower() in passage.source.lower().split() or place.status == "missing"


LONG = st.lists(LETTERS.filter(lambda word: len(word) > 6), min_size=8, max_size=25, unique=True)


@settings(deadline=None)
@given(LONG, st.data())
def test_a_letter_dropped_inside_a_long_word_is_a_slip_at_the_same_place(words: list[str], data: st.DataObject) -> None:
    source = " ".join(words)
    chosen = data.draw(st.integers(0, len(words) - 1))
    at = data.draw(st.integers(1, len(words[chosen]) - 1))
    slipped = words[chosen][:at] + words[chosen][at + 1 :]
    assume(slipped not in words)
    quote = " ".join([*words[:chosen], slipped, *words[chosen + 1 :]])
    place = locate(quote, f"Before. {source} after")
    assert (place.status, place.start, place.end) == ("fuzzy", 8, 8 + len(source))


@settings(deadline=None)
@given(LONG, st.data(), st.sampled_from(["not", "no", "never", "without", "12", "three", "all", "may", "un", "<"]))
def test_a_word_of_weight_added_or_left_out_is_missing(words: list[str], data: st.DataObject, weight: str) -> None:
    at = data.draw(st.integers(1, len(words) - 1))
    without, with_it = " ".join(words), " ".join([*words[:at], weight, *words[at:]])
    assert locate(with_it, without).status == "missing"
    assert locate(without, with_it).status == "missing"


@settings(deadline=None)
@given(
    LONG,
    st.data(),
    st.from_regex(r"-?\d{1,3}(\.\d{1,2})?%?", fullmatch=True),
    st.text("0123456789", min_size=1, max_size=4),
)
def test_another_number_is_missing(words: list[str], data: st.DataObject, number: str, other: str) -> None:
    assume(number != other)
    at = data.draw(st.integers(1, len(words) - 1))
    quote, source = (" ".join([*words[:at], each, *words[at:]]) for each in (other, number))
    assert locate(quote, source).status == "missing"


@settings(deadline=None)
@given(LONG, st.data())
def test_two_words_in_the_other_order_are_missing(words: list[str], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(words) - 2))
    turned = [*words[:at], words[at + 1], words[at], *words[at + 2 :]]
    assert locate(" ".join(turned), " ".join(words)).status == "missing"
