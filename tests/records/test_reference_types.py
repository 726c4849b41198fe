import pytest

from screener.records.reference_types import CODES, REFERENCE_TYPES, ris_type, type_name


@pytest.mark.parametrize(
    ("vocabulary", "names", "code"),
    [
        ("bibtex", ["PhdThesis"], "THES"),
        ("bibtex", ["inproceedings"], "CPAPER"),
        ("csl", ["article-journal"], "JOUR"),
        ("csl", ["paper-conference"], "CPAPER"),
        ("endnote", ["Journal Article"], "JOUR"),
        ("endnote", [47], "CPAPER"),
        ("endnote", ["Conference Proceedings"], "CONF"),
        ("pubmed", ["Journal Article", "Preprint"], "UNPB"),
        ("pubmed", ["Journal Article", "Retracted Publication"], "JOUR"),
        ("databases", ["Article", "Proceedings Paper"], "CPAPER"),
        ("databases", ["journal-article"], "JOUR"),
        ("databases", ["posted-content"], "UNPB"),
        ("databases", ["Conference and Workshop Papers"], "CPAPER"),
        ("databases", ["Meeting Abstract"], "ABST"),
        ("databases", ["dissertation"], "THES"),
        ("ris", ["thes"], "THES"),
        ("databases", ["something else"], ""),
        ("databases", [None, ""], ""),
    ],
)
def test_a_type_is_known_whatever_the_source_calls_it(vocabulary: str, names: list[object], code: str) -> None:
    assert ris_type(names, vocabulary) == code


@pytest.mark.parametrize("vocabulary", ["bibtex", "csl", "endnote"])
def test_every_type_has_a_name_to_be_written_with(vocabulary: str) -> None:
    assert all(type_name(code, vocabulary) for code in (*CODES, "ZZZZ", ""))


def test_a_name_that_is_written_is_read_as_the_same_type_where_the_vocabulary_has_it() -> None:
    for kind in REFERENCE_TYPES:
        for vocabulary in ("bibtex", "csl", "endnote"):
            if getattr(kind, vocabulary):
                assert ris_type([type_name(kind.ris, vocabulary)], vocabulary) == kind.ris
        if kind.number:
            assert ris_type([kind.number], "endnote") == kind.ris


def test_a_code_has_one_line_and_a_number_of_endnote_one_code() -> None:
    numbers = [kind.number for kind in REFERENCE_TYPES if kind.number]
    assert len(CODES) == len(REFERENCE_TYPES)
    assert len(set(numbers)) == len(numbers)


def test_a_misspelt_vocabulary_is_refused() -> None:
    with pytest.raises(ValueError, match="no vocabulary `latex`"):
        ris_type(["book"], "latex")
