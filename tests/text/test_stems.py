import pytest

from screener.text import stem, stems


@pytest.mark.parametrize(
    "forms",
    [
        "prioritise prioritising prioritisation prioritised",
        "validate validated validation",
        "assess assessed assessments",
        "process processes",
        "study studies",
        "drug drugs",
    ],
)
def test_a_stem_is_shared_by_the_forms_of_a_word(forms: str) -> None:
    assert len(set(stems(forms))) == 1
    assert {stem(word) for word in forms.split()} == set(stems(forms))


def test_a_hyphen_and_a_genitive_make_no_other_word() -> None:
    assert stem("pre-trained") == stem("pretraining")
    assert stem("author's") == stem("authors")


def test_stop_words_have_no_stem() -> None:
    assert stems("Is it the test of an idea?") == ["test", "idea"]
