"""A number is found and cut as a whole, whatever parts its digits; marks of footnotes and of cells are no part of a text."""

import pytest

from screener.text.numbers import numbers_in
from screener.text.quotes import locate

COMMAS = "We used 21, 837 recordings of 18, 885 patients of two wards."
BLANKS = "Sex was recorded for 18\u2009885 patients, 1\u202f204 controls, 18 885 rows and 3’456 runs."
BROKEN = "We followed more than 1,\n204 patients, a rate of 3 × 10⁻⁴ and a loss of 2·10⁻⁵."
CELLS = "Model\tArea\tRuns\nProposed\t0.913\t94112\nBaseline\t0.874\t91450"
POINTS = "An area of 0·913 (95% CI 0·902–0·921), at last one of 0.\n887 in 12 wards, a step of 2·10⁻⁵ and 1·2 mV."
CHINESE = "我们在两个病房随访了1204名患者共十一\n个月并保留了 12 导联的静息记录。"
MARKED = "We used a rate of 250 Hz9 in 41 wards, as others3,4 did, with eight layers1 of the model.12 We kept class2 and CO2."
NOTED = (
    "Ourᵃ network reached 0.913ᵇ of all, with 94112ᵃ,ᵇ rows, 0.874* and 88.1%† (Smith)‡; A* and 2ᵃ, 0.5ⁿ and 7*8 stay."
)


@pytest.mark.parametrize(
    ("quote", "source"),
    [
        ("21,837 recordings of 18,885 patients", COMMAS),
        ("21837 recordings of 18 885 patients", COMMAS),
        ("used 21, 837  recordings", COMMAS),
        ("18 885 patients", BLANKS),
        ("18,885 patients, 1,204 controls", BLANKS),
        ("18885 rows and 3'456 runs", BLANKS),
        ("more than 1,204 patients", BROKEN),
        ("a rate of 3 x 10^-4", BROKEN),
        ("a rate of 3 × 10−4", BROKEN),
        ("Proposed | 0.913 | 94112", CELLS),
        ("| Baseline | 0.874 | 91450 |", CELLS),
        ("area of 0.913 (95% CI 0.902-0.921)", POINTS),
        ("one of 0.887 in 12 wards", POINTS),
        ("and 1.2 mV", POINTS),
        ("共十一个月并保留了12导联", CHINESE),
        ("随访了 1204 名患者共十一 个月", CHINESE),
        ("a rate of 250 Hz in 41 wards, as others did", MARKED),
        ("with eight layers of the model. We kept", MARKED),
        ("in 41 wards, as others3,4 did", MARKED),
        ("Our network reached 0.913 of all", NOTED),
        ("0.913", NOTED),
        ("Our network reached 0.913ᵇ of all", NOTED),
        ("with 94112 rows, 0.874 and 88.1% (Smith); A*", NOTED),
    ],
)
def test_a_quote_is_found_however_its_numbers_and_cells_are_written(quote: str, source: str) -> None:
    assert locate(quote, source).status != "missing"


@pytest.mark.parametrize(
    ("quote", "source"),
    [
        ("837 recordings of 18, 885 patients", COMMAS),
        ("885 patients of two wards", COMMAS),
        ("recordings of 18", COMMAS),
        ("We used 21", COMMAS),
        ("21,838 recordings of 18,885 patients", COMMAS),
        ("885 patients", BLANKS),
        ("recorded for 18", BLANKS),
        ("885 rows", BLANKS),
        ("456 runs", BLANKS),
        ("204 patients", BROKEN),
        ("more than 1", BROKEN),
        ("3 × 10", BROKEN),
        ("a rate of 3 x 10^-5", BROKEN),
        ("2·10", BROKEN),
        ("Proposed | 0.874 | 91450", CELLS),
        ("Proposed | 0.913 | 941", CELLS),
        ("area of 0.91", POINTS),
        ("887 in 12 wards", POINTS),
        ("913 (95% CI", POINTS),
        ("a step of 2.10⁻⁵", POINTS),
        ("204名患者", CHINESE),
        ("as others5 did, with eight layers", MARKED),
        ("We kept class and CO2", MARKED),
        ("We kept class2 and CO", MARKED),
        ("0.91 of all", NOTED),
        ("Our network reached 0.913ᶜ of all", NOTED),
        ("(Smith); A and 2ᵃ", NOTED),
        ("A* and 2, 0.5ⁿ", NOTED),
        ("0.5 and 7*8", NOTED),
    ],
)
def test_a_quote_neither_cuts_nor_changes_a_number(quote: str, source: str) -> None:
    assert locate(quote, source).status == "missing"


@pytest.mark.parametrize(
    ("quote", "source"),
    [
        ("885 patients", "in 2018, 885 patients were seen"),
        ("100 patients", "see Tables 3, 100 patients were seen"),
        ("678 rows", "sets of 12, 345, 678 rows"),
        ("100 epochs", "a batch size of 32, 100 epochs"),
        ("900 rows", "sets of 18, 885 and 900 rows"),
        ("100 were followed", "of the 12, 100 were followed"),
    ],
)
def test_a_number_behind_the_comma_of_another_may_begin_a_quote(quote: str, source: str) -> None:
    assert locate(quote, source).status == "exact"


def test_figures_of_a_row_are_no_number_whatever_follows_in_the_next_one() -> None:
    for gap in ("\t", " "):
        source = f"Rate (Hz){gap}500{gap}250{gap}400\nInput length{gap}5"
        assert locate(f"Rate (Hz){gap}500", source).status == "exact"
        assert locate("Rate (Hz)  500", source).status == "normalized"


def test_a_comma_that_may_be_a_decimal_one_is_not_left_out() -> None:
    assert locate("1204 mV", "a step of 1,204 mV").status == "missing"
    assert locate("1,204 mV", "a step of 1204 mV").status == "missing"


def test_numbers_in_digits_of_another_script_are_whole_and_read() -> None:
    assert [number.value for number in numbers_in("بلغ ٠٫٩١ من ١٬٢٣٤ مريضا، ۱۲٫۵")] == [0.91, 1234.0, 12.5]
