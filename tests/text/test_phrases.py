"""Phrases in text: another number, sign, letter, name or denial is another statement; another order of a list is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screener.text.phrases import stands_in, tokens

WORDS = [
    "trial",
    "dose",
    "5",
    "0.5",
    "<7%",
    "mg",
    "Geneva",
    "B",
    "not",
    "of",
    "12-lead",
    "β-blocker",
    "and",
    "children",
]


def stands(phrase: str, *texts: str) -> bool:
    parts = stands_in(phrase, texts)
    return bool(parts) and all(parts)


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("“PulseWeave”.", "We call it PulseWeave."),
        ("62 hours, 8 GPUs", "Training took 62 hours on 8 GPUs of the 40 GB class"),
        ("children 5-11 years", "Children who were aged 5 to 11 years"),
        (
            "area under the ROC curve with 95% CI",
            "area under the ROC curve (AUROC) with a 95% confidence interval (CI)",
        ),
        ("WaveNest; Grandfield", "compared with Grandfield and WaveNest"),
        ("AUROC 0.8", "AUROC 0·8 (0·6–1·1)"),
        ("n = 1234", "n=1,234"),
        ("0.8 (0.6 to 1.1)", "0.8 (0.6,1.1)"),
        ("HbA1c ≥7%", "HbA1c ≥ 7%"),
        ("a trial, double-blind in design", "The trials were double blind in their design"),
        ("not blinded", "Participants were not blinded."),
        ("randomised trial", "a randomised [12] and controlled trial"),
    ],
)
def test_a_phrase_may_be_put_a_little_differently(phrase: str, text: str) -> None:
    assert stands(phrase, text)


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("participants were blinded to allocation", "Participants were not blinded to allocation."),
        ("participants were not blinded to allocation", "Participants were blinded to allocation."),
        ("patients were unblinded to the treatment allocation", "patients were blinded to the treatment allocation"),
        ("no funding", "funding was received"),
        ("waren verblindet", "sie waren nicht verblindet"),
        ("les patients étaient informés", "les patients n'étaient pas informés"),
        ("foram cegados", "foram não cegados"),
        ("not blinded or randomised", "randomised but not blinded"),
        ("all patients were blinded", "all patients except controls were blinded"),
        ("0.5 mg daily", "They got 5.0 mg daily."),
        ("5 mg", "0.5 mg"),
        ("-5 mg", "5 mg"),
        ("5 mg", "-5 mg"),
        ("10%", "10 mg"),
        ("3.4 (IQR 2-5)", "median 3.5 (IQR 2-4)"),
        ("0.92 (95% CI 0.89 to 0.85)", "AUC 0.89 (95% CI 0.85 to 0.92)"),
        ("0.92 (95% CI 0.85 to 0.92)", "AUC 0.89 (95% CI 0.85 to 0.92)"),
        ("HbA1c < 7%", "HbA1c ≥ 7%"),
        ("18 years", "> 18 years"),
        ("12 men, 34 women", "34 men and 12 women"),
        ("aspirin 100 mg, clopidogrel 75 mg", "aspirin 75 mg, clopidogrel 100 mg"),
        ("release 1.2", "release 1.2.3"),
        ("three arms", "two arms"),
        ("Department of Cardiology, Hospital of Geneva", "Department of Cardiology, Hospital of Lausanne"),
        ("Hospital of Geneva", "Hospital of Lausanne, and of Geneva"),
        ("a multicentre randomised double-blind controlled trial", "a multicentre randomised controlled trial"),
        ("HbA1c increased strongly in treated patients", "HbA1c decreased strongly in treated patients"),
        ("the", "the trial"),
        ("…", "…"),
    ],
)
def test_a_phrase_that_says_something_else_is_not_there(phrase: str, text: str) -> None:
    assert not stands(phrase, text)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("北京协和医院", "本研究由北京协和医院资助。"),
        ("高血压", "纳入高血压患者120例"),
        ("โรงพยาบาลศิริราช", "ผู้ป่วยจากโรงพยาบาลศิริราชในกรุงเทพ"),
        ("A", "Patients got regimen A or regimen B."),
        ("B", "Patients got regimen A or regimen B."),
        ("A and B", "Patients got regimen A or regimen B."),
        ("A", "A 5 mg daily"),
        ("A 12-month trial", "It was a 12-month trial"),
    ],
)
def test_names_without_spaces_or_of_one_letter_are_names(name: str, text: str) -> None:
    assert stands(name, text)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("北京协和医院", "本研究由上海医院资助。"),
        ("A", "A patient got a placebo."),
        ("B", "Patients got regimen A or regimen C."),
        ("influenza A", "Patients with influenza B were enrolled."),
        ("influenza a virus", "Patients with influenza B virus were enrolled."),
        ("hepatitis a", "Patients with hepatitis B"),
        ("hepatitis A", "Patients with hepatitis, a disease of the liver"),
        ("type I", "type II"),
    ],
)
def test_an_article_is_no_name_and_another_letter_is_another_one(name: str, text: str) -> None:
    assert not stands(name, text)


@pytest.mark.slow
def test_long_phrases_that_almost_stand_in_a_text_do_not() -> None:
    assert not stands("x y " * 3000, "y x " * 3000 + "z")
    assert not stands("x y x x x x x " * 20, "x " * 1000)


@given(st.lists(st.sampled_from(WORDS), min_size=3, max_size=30), st.data())
def test_any_run_of_words_of_a_text_stands_in_it(words: list[str], data: st.DataObject) -> None:
    first = data.draw(st.integers(0, len(words) - 1))
    run = words[first : data.draw(st.integers(first + 1, len(words)))]
    assert stands(" ".join(run), " ".join(words)) or not tokens(" ".join(run))


@given(st.text(max_size=40), st.text(max_size=80))
def test_no_text_is_too_strange_to_hold_against_another(phrase: str, text: str) -> None:
    for part in stands_in(phrase, [text, phrase]):
        for number, start in part:
            assert 0 <= start < len([text, phrase][number])
