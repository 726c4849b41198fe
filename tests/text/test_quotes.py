"""A quote is found where it stands, and never where the source says something else."""

import pytest

from screener.text.numbers import numbers_in
from screener.text.quotes import FUZZY_LENGTH, MISSING, locate, locate_in

SOURCE = (
    "The model was pre-\ntrained on 1.5 million recordings with unsupervised learning;  accuracy rose from −0.5 to"
    " 95.3% without labels. Eﬃcient “self-supervised” methods did not improve the results of the three hospitals."
)


def found(quote: str, source: str) -> tuple[str, str]:
    """How a quote is found, and the words of the source at its place."""
    place = locate(quote, source)
    return place.status, source[place.start : place.end] if place.start is not None else ""


@pytest.mark.parametrize(
    ("quote", "status"),
    [
        ("with unsupervised learning", "exact"),
        ("was pretrained on 1.5 million recordings", "normalized"),
        ('Efficient "self-supervised" methods', "normalized"),
        ("with unsupervised learning; accuracy rose", "normalized"),
        ("The modle was pretrained on 1.5 million recordings", "fuzzy"),
        ("accuracy roose from -0.5 to 95.3% without labels", "fuzzy"),
        ("accuracy was stable from -0.5 to 95.3% without labels", "missing"),
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
        "…",
        '""',
    ],
)
def test_a_quote_that_says_something_else_is_missing(quote: str) -> None:
    assert locate(quote, SOURCE) == MISSING


BREAKS = [
    "-\n",
    "- \n",
    "-\r\n",
    "-\f",
    "-\n\f",
    "- \n \f ",
    "-\r\n\r\n\f\r\n",
    "‐\n",
    "‑\n\f",
    "\u00ad\n",
    "\ufffe",
    "-",
]


@pytest.mark.parametrize("at", BREAKS)
@pytest.mark.parametrize("quoted", ["pretraining", "pre-training", "Pre‑training", "pre- training", "pre-\ntraining"])
def test_a_word_is_found_however_a_line_or_page_end_parts_it(at: str, quoted: str) -> None:
    source = f"First, the pre{at}training used twelve leads."
    status, words = found(f"the {quoted} used", source)
    assert status in ("exact", "normalized")
    assert words == f"the pre{at}training used"


@pytest.mark.parametrize("gap", ["\f", "\n\f", " \n\f", "\r\n\f\r\n", "\n\n\f\n ", "\u00a0\f", "  "])
def test_a_quote_runs_across_lines_and_pages(gap: str) -> None:
    source = f"The first page ends{gap}in the middle{gap}of a sentence."
    assert found("ends in the middle of a", source) == ("normalized", f"ends{gap}in the middle{gap}of a")


@pytest.mark.parametrize(
    ("quote", "source"),
    [
        # parts of words
        ("supervised", "an unsupervised and a self-supervised one"),
        ("supervised", "a non‑supervised one"),
        ("supervised", "a non–supervised one"),
        ("supervised", "an un\u00adsupervised one"),
        ("supervised", "an un-\nsupervised one"),
        ("supervised", "an un-\n\fsupervised one"),
        ("supervised", "an un\ufffesupervised one"),
        ("supervised", "an un\u200bsupervised one"),
        ("Supervised learning", "un- \r\n supervised  learning"),
        ("the model can", "the model can't do it"),
        ("the model can", "the model can’t do it"),
        ("the model  can", "the model can’t do it"),
        ("in the pre", "in the pre-training"),
        ("Pare", "Pare\u0301 wrote it"),
        # parts of numbers
        ("accuracy of 95", "an accuracy of 95.3 in all"),
        ("accuracy of 95", "an accuracy of 95,3 in all"),
        ("accuracy of 95", "an accuracy of 95% in all"),
        ("accuracy of 95", "an accuracy of 95 % in all"),
        ("accuracy of  95", "an accuracy of 95 % in all"),
        ("5 million recordings", "on 1.5 million recordings"),
        ("5 million recordings", "on .5 million recordings"),
        ("000 recordings", "on 1,000 recordings"),
        ("0.5 in all", "a change of -0.5 in all"),
        ("0.5 in all", "a change of −0.5 in all"),
        ("0.5 in all", "a change r = − 0.5 in all"),
        (".5 in all", "a change of 0.5 in all"),
        ("-0.95 in all", "from 0.91-0.95 in all"),
        ("0.95 in all", "from 0.91–0.95 in all"),
        ("from 0.91", "from 0.91–0.95 in all"),
        ("from 0.91", "from 0.91—0.95 in all"),
        ("0.05 in all", "P<0.05 in all"),
        ("0.05 in all", "P < 0.05 in all"),
        ("2 in all", "±2 in all"),
        ("a factor of 10", "a factor of 10² in all"),
        ("a factor of 10", "a factor of 10^5 in all"),
        ("a factor of 10", "a factor of 10^-5 in all"),
        ("in all 1.5", "in all 1.5 × 10^6 recordings"),
        ("pressure of 120", "pressure of 120/80 in all"),
        ("120 / 80", "pressure of 120 / 80.5 in all"),
        ("500 Hz", "sampled at 1500Hz"),
        ("500 Hz", "sampled at 500 kHz"),
        ("changed by 0.5", "changed by − 0.5 points"),
        ("x -0.5", "x − 0.5"),
        ("91", "平均值为0.\n91"),
        ("٩١", "بلغ ٠٫٩١ في"),
        ("٢٣٤", "العدد ١٬٢٣٤ في"),
        ("CO", "of CO₂"),
    ],
)
def test_a_part_of_a_word_or_number_is_not_a_quote(quote: str, source: str) -> None:
    assert locate(quote, source) == MISSING


def test_a_script_without_spaces_is_quoted_from_anywhere() -> None:
    assert found("心电图诊断", "本文提出心电图诊断模型。") == ("exact", "心电图诊断")
    assert found("ECG", "本文ECG信号") == ("exact", "ECG")
    assert found("心电图\n诊断", "本文提出心电图 诊断模型。") == ("normalized", "心电图 诊断")


def test_a_later_whole_word_is_found_behind_a_part_of_one() -> None:
    assert locate("supervised", "an unsupervised and a supervised one").start == 22
    assert locate("Supervised", "an unsupervised and a supervised one").start == 22
    assert locate("5 leads", "12.5 leads and 5 leads").start == 15


@pytest.mark.parametrize(
    ("quote", "source"),
    [
        ("P<0.05 in all", "with P < 0.05 in all groups"),
        ("P ≤ 0.05 in all", "with P <= 0.05 in all groups"),
        ("n=5 of them", "with n = 5 of them"),
        ("0.91-0.95 in all", "CI 0.91–0.95 in all"),
        ("0.91 - 0.95 in all", "CI 0.91–0.95 in all"),
        ("0.91–0.95 in all", "CI 0.91—0.95 in all"),
        ("0.91–0.95 in all", "CI 0.91–\n0.95 in all"),
        ("a change of -0.5", "a change of −0.5 in all"),
        ("95% of them", "in 95 % of them"),
        ("12-lead recordings", "of 12-\nlead recordings"),
        ("5 µg per day", "doses of 5 μg per day"),
        ("Müller’s model", "Mu\u0308ller's model"),
        ("it works—mostly—well", "it works — mostly — well"),
        ("it works -- mostly -- well", "it works—mostly—well"),
        ("as ``said'' before", "as “said” before"),
        ("as in [17, 18] before", "as in [17,18] before"),
        ("THE SAME WORDS", "the same words"),
        ("zero\u200bwidth", "zerowidth"),
        ("0.91 ± 0.02 in all", "score 0.91 +/- 0.02 in all"),
        ("0.91 +/- 0.02", "score 0.91 ±0.02 in all"),
        ("CO2 and F₁", "of CO₂ and F1"),
        ("500 Hz", "sampled at 500Hz"),
        ("at 500Hz and 1.2M", "at 500 Hz and 1.2 M of"),
        ("0.91/0.88", "of 0.91 / 0.88"),
        ("0.91 (0.88-0.93)", "of 0.91(0.88–0.93)"),
        ("0.91 ( 0.88 - 0.93 )", "of 0.91 (0.88–0.93)"),
        ("changed by −0.5 points", "changed by − 0.5 points"),
        ("12- lead recordings", "of 12-\nlead recordings"),
        ("a ResNet- 18", "a ResNet-\n18 of"),
        ("0.91", "平均值为0.\n91"),
        ("العدد 1234", "العدد ١٢٣٤ في"),
        ("بلغ 0.91", "بلغ ٠٫٩١ في"),
    ],
)
def test_two_typesettings_of_the_same_are_the_same(quote: str, source: str) -> None:
    assert locate(quote, source).status == "normalized"


@pytest.mark.parametrize(
    ("quote", "words"),
    [
        ('"The model was trained on labels"', "The model was trained on labels"),
        ("“The model was trained on labels.”", "The model was trained on labels"),
        ("The model was trained on labels.", "The model was trained on labels"),
        ("...was trained on labels…", "was trained on labels"),
        ("[...] was trained on labels and on [...]", "was trained on labels and on"),
        ("• The model was trained", "The model was trained"),
        ("'trained on labels',", "trained on labels"),
    ],
)
def test_marks_around_a_quote_are_not_part_of_it(quote: str, words: str) -> None:
    assert found(quote, "The model was trained on labels and on signals.") == ("normalized", words)


@pytest.mark.parametrize(
    "quote",
    [
        "**0.9**", "*0.9*", "***0.9***", "__0.9__", "_0.9_", "`0.9`", "**_0.9_**", "an area of **0.9**", "*an area of `0.9`*",
        "an **area** of __0.9__.", "“an area of **0.9**”",
    ],
)  # fmt: skip
def test_emphasis_in_markdown_is_no_part_of_a_quote(quote: str) -> None:
    assert found(quote, "It had an area of 0.9 in both.")[0] == "normalized"
    assert found(quote, "It had an area of 0.95 in both and of −0.9.") == ("missing", "")
    assert found(quote, f"It had {quote} in both.") == ("exact", quote)


@pytest.mark.parametrize("quote", ["A* search", "0.9* and 0.8*", "2*3*4", "snake_case_name", "* p < 0.05"])
def test_stars_and_lines_that_emphasise_nothing_are_part_of_a_quote(quote: str) -> None:
    assert found(quote, f"With {quote} it ended.") == ("exact", quote)
    assert found(quote, "With A search, 0.9 and 0.8, 234, snakecasename, p < 0.5 it ended.") == ("missing", "")


@pytest.mark.parametrize("quote", ["85 million", "85 mil- lion", "85 mil-lion", "85 mil-\nlion", "85 mil\u00ad lion"])
@pytest.mark.parametrize("source", ["85 million", "85 mil- lion", "85 mil-lion", "85 mil-\nlion", "85 mil\u00ad lion"])
def test_a_word_that_a_line_end_parted_is_found_with_a_blank_in_place_of_it(quote: str, source: str) -> None:
    status, words = found(quote, f"It read {source} words, pre- and post-test.")
    assert status == ("exact" if quote == source else "normalized")
    assert words == source
    assert found(quote, f"It read 1{source} words, or {source}fold.") == ("missing", "")


def test_a_hyphen_before_a_blank_that_stands_for_words_left_out_joins_nothing() -> None:
    assert found("and post-test", "It had pre- and\npost-test scores.")[1] == "and\npost-test"


def test_half_of_an_ellipsis_is_no_full_stop() -> None:
    assert found("It went  well.", "It went well… but") == ("normalized", "It went well")


def test_marks_that_the_source_has_are_part_of_the_quote() -> None:
    assert found("“labels”", "with “labels” and labels") == ("exact", "“labels”")
    assert found('"labels".', "with labels and “labels”. So") == ("normalized", "“labels”.")


@pytest.mark.parametrize(
    ("quote", "source", "status", "there"),
    [
        ("10^5 cells", "a count of 10⁵ cells", "normalized", "10⁵ cells"),
        ("10⁵ cells", "a count of 10^5 cells", "normalized", "10^5 cells"),
        ("enrolled 214^12 adults", "we enrolled 214¹² adults", "normalized", "enrolled 214¹² adults"),
        ("enrolled 214 adults", "we enrolled 214¹² adults", "fuzzy", "enrolled 214¹² adults"),
        ("enrolled 214 adults", "we enrolled 214¹²,¹⁴ adults", "fuzzy", "enrolled 214¹²,¹⁴ adults"),
    ],
)
def test_a_raised_number_is_found_however_it_is_written(quote: str, source: str, status: str, there: str) -> None:
    assert found(quote, source) == (status, there)


@pytest.mark.parametrize(
    ("quote", "source"),
    [
        ("10²", "a factor of 102"),
        ("102", "a factor of 10²"),
        ("10^6 cells", "a count of 10⁵ cells"),
        ("a count of 10 cells in all of the samples", "a count of 10⁵ cells in all of the samples"),
        ("a grid of 224 points in all of the samples", "a grid of 224² points in all of the samples"),
        ("we enrolled 21412 adults in 45 wards", "we enrolled 214¹² adults in 45 wards"),
        ("we enrolled 214¹³ adults in 45 wards", "we enrolled 214¹² adults in 45 wards"),
        ("we enrolled 214^13 adults in 45 wards", "we enrolled 214¹² adults in 45 wards"),
        ("we enrolled 214", "we enrolled 214 × 10⁶ adults"),
        ("a factor of 10² between the two large groups", "a factor of 102 between the two large groups"),
        ("a dose of 5 mg was given to all patients", "a dose of 5 g was given to all patients"),
        ("a dose of 5 mg was given to all patients", "a dose of 5 µg was given to all patients"),
        ("a window of 10 s was used for all signals", "a window of 10 ms was used for all signals"),
        ("a loss of 1,5 percent in the first group", "a loss of 1.5 percent in the first group"),
        ("a loss of 15 percent in the first group", "a loss of 1 5 percent in the first group"),
        ("a loss of 15 percent of the 15 groups", "a loss of 1 5 percent of the 15 groups"),
        ("P > 0.05 in each of the groups of patients", "P < 0.05 in each of the groups of patients"),
        ("P=0.05 in each of the groups of patients", "P≤0.05 in each of the groups of patients"),
        ("p < q in each of the groups of patients", "p > q in each of the groups of patients"),
        ("a gain of 3% in each of the groups", "a gain of 3 in each of the groups"),
        ("a gain of 3% in each of the groups", "a gain of 3‰ in each of the groups"),
        ("a gain of 3 in each of the groups", "a gain of ±3 in each of the groups"),
        ("from 3 to 5 in each of the groups", "from 5 to 3 in each of the groups"),
        ("model A was better than model B on all", "model B was better than model A on all"),
        ("a vaccine for hepatitis in all of the groups", "a vaccine for hepatitis A in all of the groups"),
        ("the effect of α on the results of the model", "the effect of β on the results of the model"),
        ("in three of the hospitals that took part", "in there of the hospitals that took part"),
        ("it was able to generalise to all hospitals", "it was unable to generalise to all hospitals"),
        ("a typical pattern in all of the recordings", "atypical pattern in all of the recordings"),
        ("an active control was used in all of the groups", "anactive control was used in all of the groups"),
        ("the models can generalise to all hospitals", "the models can't generalise to all hospitals"),
        ("it does not able to generalise to hospitals", "it does notable to generalise to hospitals"),
        ("the results increased in all of the groups", "the results decreased in all of the groups"),
        ("the patients with hypotension in all groups", "the patients with hypertension in all groups"),
        ("the intraobserver agreement of all of them", "the interobserver agreement of all of them"),
        ("the male patients of all of the hospitals", "the female patients of all of the hospitals"),
        ("some of the results were better than before", "all of the results were better than before"),
        ("the results were better before the training", "the results were better after the training"),
        ("the text of all of the recorded patients", "the test of all of the recorded patients"),
        ("the rests of all of the recorded patients", "the tests of all of the recorded patients"),
        ("the results of training on large data sets", "the results of testing on large data sets"),
        ("no results of training on large data sets", "the results of training on large data sets"),
        ("and few of the patients improved in the trial", "and a few of the patients improved in the trial"),
        ("in trials a little of it was seen in patients", "in trials little of it was seen in patients"),
        (
            "all of the twelve leads of 心电图诊断模型有效 were used",
            "all of the twelve leads of 心电图诊断模型无效 were used",
        ),
        ("the results are not better on the data sets", "the results are not worse on the data sets"),
    ],
)
def test_another_number_unit_comparison_negation_or_word_is_missing(quote: str, source: str) -> None:
    assert locate(quote, f"At first this was said. {source}. And then something else.") == MISSING


# A word may be swapped for its own other ending, spelling or slip; for nothing else.
@pytest.mark.parametrize(
    ("quote", "source"),
    [
        ("the modle was trained on all of the signals", "the model was trained on all of the signals"),
        ("the recordins of all of the patients", "the recordings of all of the patients"),
        ("an eficient model for all of the patients", "an efficient model for all of the patients"),
        ("normalization of the signals of all leads", "normalisation of the signals of all leads"),
        ("the model generalises to all the hospitals", "the models generalise to all the hospitals"),
        ("it improves the results on all the data", "it improved the results on all the data"),
        ("the hospitals reported all of the recordings", "the hospitals reporting all of the recordings"),
        ("model was trained on all of recordings", "model was trained on all of the recordings"),
        ("the model was trained on the large data sets", "model was trained on the large data sets"),
        ("model was trained on the large data sets", "model was trained on a large data sets"),
        ("It was shown that it works on large data", "It was shown it works on large data"),
        ("trained together on all of the large data", "trained to gether onallof the large data"),
        ("current models of the large data sets", "c u r r e n t models of the large data sets"),
        ("by Paré and Müller in all of the hospitals", "by Pare´ and Muller in all of the hospitals"),
        ("the COVID19 patients of all of the hospitals", "the COVID-19 patients of all of the hospitals"),
        ("the results, however, were better on all sets", "the results however were better on all sets"),
        ("it works on all of the recordings (see below)", "it works on all of the recordings, see below"),
    ],
)
def test_slips_endings_articles_and_spacing_are_fuzzy(quote: str, source: str) -> None:
    status, words = found(quote, f"At first this was said. {source}. And then something else.")
    assert status == "fuzzy"
    assert source.endswith(words)


def test_a_word_that_the_source_knows_is_no_slip_of_another() -> None:
    quote = "the trial was shown to all of the readers"
    assert locate(quote, "the trail was shown to all of the readers").status == "fuzzy"
    assert locate(quote, "A trial. Each trail: the trail was shown to all of the readers") == MISSING
    # The source's own slip stands there once: a quote may mend it.
    assert locate(quote, "A trial. So the trail was shown to all of the readers").status == "fuzzy"


def test_too_many_slips_are_too_many() -> None:
    source = "several recordings without labelled segments improved generalisation considerably"
    few = "several recordngs without labeled segmnts improved generalisation considerably"
    assert locate(few, source).status == "fuzzy"
    many = "sevexal recordxngs without labexled segmexts imprxved generalxsation considxrably"
    assert locate(many, "At first. " + source) == MISSING


def test_the_passage_that_says_the_same_is_found_behind_ones_that_only_look_like_it() -> None:
    sets = enumerate("PQRS", start=80)
    source = "".join(f"On set {name} the model reached an acuracy of {n} percent. " for n, name in sets)
    wanted = "the model reached an accuracy of 82 percent"
    assert found(wanted, source) == ("fuzzy", "the model reached an acuracy of 82 percent")
    assert locate(f"On set P {wanted}", source) == MISSING
    # Even if they are more like the quote than the passage itself.
    others = "".join(f"For {name} the model reached an accuracy of {n} percent. " for n, name in ((83, "P"), (92, "Q")))
    own = "the modell reachd an acuracy of 82 percent"
    assert found(wanted, f"{others}In all, {own}.") == ("fuzzy", own)


def test_short_quotes_are_not_matched_approximately() -> None:
    assert locate("three hospitels", SOURCE) == MISSING
    quote = "abcdefghij klmnoprst"
    assert len(quote) == FUZZY_LENGTH
    assert locate(quote, "abcdefghij klmnoprrst").status == "fuzzy"
    assert locate(quote[1:], "bcdefghij klmnoprrst") == MISSING


def test_the_place_of_an_approximate_match_is_whole_words_of_the_source() -> None:
    place = locate("Eficient self-supervised methods did not improve the results", SOURCE)
    assert place.status == "fuzzy"
    assert SOURCE[place.start : place.end] == "Eﬃcient “self-supervised” methods did not improve the results"


def test_the_place_of_an_approximate_match_ends_where_a_word_does() -> None:
    # Of `recordingless` the search sees `recording` at first, which would be another ending of `record`.
    assert locate("abcdefghj klmnopq record", "abcdefghij klmnopq recordingless and more") == MISSING


def test_a_quote_longer_than_its_source_can_be_a_slip_too() -> None:
    source = "The model of larger hospital"
    assert found("The model of the larger hospital", source) == ("fuzzy", source)


CITED = "Models were trained on large data [12], labels [3, 4] and the signals [5–7] of 12 leads [95% CI]."


@pytest.mark.parametrize(
    "quote",
    [
        "Models were trained on large data, labels and the signals of 12 leads",
        "Models were trained on large data [12], labels and the signals of 12 leads",
        "labels and the signals [5-7] of 12",
        "large data, labels",
        "[12], labels and the signals of 12 leads",
        "models were trayned on large data [12]",
    ],
)
def test_citation_numbers_may_be_left_out(quote: str) -> None:
    assert locate(quote, CITED).status == "fuzzy"


@pytest.mark.parametrize(
    "quote",
    [
        "Models were trained on large data [13], labels and the signals of 12 leads",
        "Models were trained on large data [12], labels [4] and the signals [8] of 12 leads",
        "Models were trained [12] on large data [12], labels and the signals of 12 leads",
        "Models were trained on large data, labels and the signals of 13 leads",
        "[13], labels and the signals of 12 leads",
        "models were trayned on large data [13]",
        "models were trained on laarge data [3, 4]",
        "[12], and the signals of 12 leads",
        "Models were trained on large data, labels and the signals of leads",
    ],
)
def test_citation_numbers_are_never_changed_or_added_and_other_numbers_never_left_out(quote: str) -> None:
    assert locate(quote, CITED) == MISSING


@pytest.mark.parametrize(
    "passage",
    [
        "a median of 45 [12, 60] in the",
        "an age range [12, 60] in the",
        "the interval [12, 60] in the",
        "a value in [12, 60] in the",
        "the vector model [60, 12] in the",
        "the lower index [0, 1] in the",
        "the lower bound [0.5, 0.9] in the",
        "the lower bound [12]% in the",
    ],
)
def test_numbers_in_brackets_that_are_no_citations_may_not_be_left_out(passage: str) -> None:
    before, after = passage.split(" [")
    dropped = f"{before} {after.split(']')[1].lstrip('% ')}"
    source = f"It was found that {passage} group of patients."
    assert locate(f"It was found that {passage} group", source).status == "exact"
    assert locate(f"It was found that {dropped} group", source) == MISSING


LONG = (
    "The model was trained with great care on the recordings of all the hospitals. It was not tested on any other data,"
    " and the accuracy of the baseline was low, in contrast with that of the final model of 95 percent in the end."
)


@pytest.mark.parametrize("mark", ["...", " ... ", "…", " [...] ", " (…) ", " . . . "])
def test_what_an_ellipsis_leaves_out_of_a_sentence_may_be_missing_from_a_quote(mark: str) -> None:
    quote = f"The model was trained{mark}on the recordings of all the hospitals"
    whole = "The model was trained with great care on the recordings of all the hospitals"
    assert found(quote, LONG) == ("fuzzy", whole)


@pytest.mark.parametrize(
    "quote",
    [
        "on the recordings of all the hospitals ... and the accuracy of the baseline",  # two sentences
        "The model was trained with ... tested on any other data",  # what was denied
        "the accuracy of the baseline ... of 95 percent in the end",  # the end of another clause
        "It was not tested on any other data ... that of the final model of 95 percent",  # a turn
        "of all the hospitals. It was not ... The model was trained with great care",  # not in this order
        "The model was ... on the recordings of all the hospitals",  # too short a part
        "The model was trained with ... on the recordings of all the doctors",
    ],
)
def test_an_ellipsis_does_not_join_what_is_apart(quote: str) -> None:
    assert locate(quote, LONG) == MISSING


@pytest.mark.parametrize(
    ("between", "status"),
    [
        ("as planned before", "fuzzy"),
        ("in 12 hospitals", "missing"),
        ("in two hospitals", "missing"),
        ("without labels", "missing"),
        ("but rarely", "missing"),
        ("if it didn't fail", "missing"),
        ("as planned; later", "missing"),
        ("as planned. So", "missing"),
        ("as planned;", "missing"),
        ("word " * 19, "fuzzy"),
        ("word " * 21, "missing"),
    ],
)
def test_what_an_ellipsis_stands_for_is_short_and_of_no_weight(between: str, status: str) -> None:
    source = f"At first the model was trained {between} on recordings of all hospitals."
    assert locate("At first the model was trained ... on recordings of all hospitals", source).status == status


def test_the_document_with_the_strictest_match_is_named() -> None:
    documents = {"abstract": "a Pre-Trained network", "title": "a pretrained network"}
    name, place = locate_in("a pretrained network", documents)
    assert (name, place.status, place.start) == ("title", "exact", 0)


def test_a_stricter_match_of_a_later_document_is_better() -> None:
    documents = {"a": "a pretrainned network of layers", "b": "a Pre-trained network of layers", "c": "none"}
    name, place = locate_in("a pretrained network of layers", documents)
    assert (name, place.status) == ("b", "normalized")


def test_a_quote_that_no_document_has_is_missing_in_the_first() -> None:
    assert locate_in("nowhere", {"abstract": "some text", "title": "a text"}) == ("abstract", MISSING)


def test_the_first_of_several_places_is_found() -> None:
    assert locate("the same", "the same and the same").start == 0
    assert locate("The  same", "the same and the same").start == 0


def test_a_quote_is_found_in_a_long_text() -> None:
    text = "word " * 40_000 + "the needle is here " + "word " * 1000
    assert locate("The Needle  is here", text).start == 200_000


@pytest.mark.parametrize(
    ("quote", "source", "status"),
    [
        ("as others did and as is usual", "treated as others did³,⁴ and as is usual.⁵–⁷", "fuzzy"),
        ("as others did3,4 and as is usual", "treated as others did³,⁴ and as is usual.⁵–⁷", "normalized"),
        ("the rate of 250 Hz in all wards", "the rate of 250 Hz⁹ in all wards", "fuzzy"),
        ("χ2 = 12.4", "and χ² = 12.4", "normalized"),
        ("a rate of 3 × 10-4 was used", "a rate of 3 × 10⁻⁴ was used", "normalized"),
        ("a rate of 3 × 104 was used", "a rate of 3 × 10⁻⁴ was used", "missing"),
        ("χ² = 12.4", "and χ2 = 12.4", "normalized"),
        ("a dose of 5 mg per m2 in adults", "a dose of 5 mg per m² in adults", "normalized"),
        ("a dose of 5 mg per m2 in adults", "a dose of 5 mg per m³ in adults", "missing"),
        ("a dose of 5 mg per cm in adults", "a dose of 5 mg per cm² in adults", "missing"),
        ("a value of R = 0.9 for both of them", "a value of R² = 0.9 for both of them", "missing"),
        ("others did it in the same way4", "others³ did it in the same way", "missing"),
    ],
)
def test_what_is_raised_behind_a_word_is_a_citation_or_a_power(quote: str, source: str, status: str) -> None:
    assert locate(quote, source).status == status


def test_the_number_of_a_citation_behind_a_unit_is_no_part_of_it() -> None:
    frequency, cited, area, power = numbers_in("a rate of 250 Hz⁹, of 5 kg²,³, of 10 m² and of 7 cm⁻²")
    assert frequency.followed_by("Hz")
    assert frequency.measured
    assert cited.followed_by("kg")
    assert not area.followed_by("m")
    assert not power.followed_by("cm")
