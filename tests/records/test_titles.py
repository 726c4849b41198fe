"""Two titles beside one identifier: written in two ways, or of two works."""

import pytest

from screener.records import same_title

OF_ONE_WORK = [
    ("Exercise TRAINING after kidney transplantation", "exercise training after kidney transplantation."),
    ("ECG-FM: an open foundation model", "ECG-FM"),
    ("An open electrocardiogram foundation model", "ECG-FM: an open electrocardiogram foundation model"),
    ("Effects of <i>Salmonella</i> on CO<sub>2</sub> uptake", "Effects of Salmonella on CO2 uptake"),
    ("Caf&eacute; au lait spots in <em>children</em>", "Café au lait spots in children"),
    (
        "Learning to rank what fails first in a large sui…",
        "Learning to rank what fails first in a large suite of tests",
    ),
    ("Learning to rank what fails first in a large sui", "Learning to rank what fails first in a large suite of tests"),
    ("Learning to...", "Learning to rank what fails first"),
    (
        "Bewegung nach Nierentransplantation [Exercise after kidney transplantation]",
        "Exercise after kidney transplantation",
    ),
    ("[Exercise after kidney transplantation]", "Exercise after kidney transplantation"),
    ("Exercise after kidney transplantation [Russian]", "Exercise after kidney transplantation"),
    ("Exercise after transplantation. [Review] [33 refs]", "Exercise after transplantation"),
    ("RETRACTED: Home monitoring of pressure", "Home monitoring of pressure"),
    ("n/a", "Home monitoring of pressure"),
    ("", "Home monitoring of pressure"),
    ("Tumour growth in the mouse: a randomised trial", "Tumor growth in the mouse: a randomized trial"),
    ("心电图基础模型…", "心电图基础模型研究"),
    ("Correction: Deep learning for the ECG", "Correction to: Deep learning for the ECG"),
]
OF_TWO_WORKS = [
    ("Exercise training after kidney transplantation", "Home monitoring of blood pressure in pregnancy"),
    ("Trial of a drug in adults: part I", "Trial of a drug in adults: part II"),
    ("Trial of a drug in adults, part 1", "Trial of a drug in adults, part 12"),
    ("Correction: Deep learning for the ECG", "Deep learning for the ECG"),
    ("Reply to: Deep learning for the ECG", "Deep learning for the ECG"),
    ("Deep learning: a review of methods", "Deep learning: outcomes in 40 patients"),
    ("Heart", "Heart failure in the elderly"),
]


@pytest.mark.parametrize(("a", "b"), OF_ONE_WORK)
def test_spelling_subtitles_truncation_and_brackets_make_no_other_work(a: str, b: str) -> None:
    assert same_title(a, b)
    assert same_title(b, a)


@pytest.mark.parametrize(("a", "b"), OF_TWO_WORKS)
def test_other_words_other_numbers_and_notices_do(a: str, b: str) -> None:
    assert not same_title(a, b)
    assert not same_title(b, a)
