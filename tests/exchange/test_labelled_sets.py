"""Labelled sets as ASReview and SYNERGY hold them: read as they are, or refused in a line."""

import math
from pathlib import Path

import pytest
from support import Later

from screener.core.errors import BadInput
from screener.exchange.labelled_sets import ABSTRACT_LABELS, FINAL_LABELS, read_labelled_set

openpyxl = Later("openpyxl")


def table(folder: Path, *lines: str, name: str = "set.csv") -> Path:
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_duplicates_and_missing_texts_stay_as_they_are(tmp_path: Path) -> None:
    read = read_labelled_set(
        table(
            tmp_path, "title,abstract,label_included", "Same,text,1", "Same,text,1", "Alone,,0", ",only a text,0", ",,0"
        )
    )
    assert [(one.title, one.abstract, one.kept) for one in read.records] == [
        ("Same", "text", True), ("Same", "text", True), ("Alone", "", False), ("", "only a text", False), ("", "", False),
    ]  # fmt: skip
    assert read.remarks == ()


def test_the_columns_of_synergy_are_known(tmp_path: Path) -> None:
    names = "openalex_id,doi,lens_id,title,abstract,label_included,label_abstract_included"
    path = table(tmp_path, names, "W1,10.1/x,,T,A,1,1", "W2,,,U,,0,1")
    read = read_labelled_set(path)
    assert [(one.id, one.kept) for one in read.records] == [("W1", True), ("W2", False)]
    assert read.remarks == ()


@pytest.mark.parametrize("column", [*FINAL_LABELS, *ABSTRACT_LABELS])
def test_every_name_of_a_label_is_known(tmp_path: Path, column: str) -> None:
    assert read_labelled_set(table(tmp_path, f"title,{column}", "T,1", "U,0")).label == column


def test_the_final_label_comes_before_that_of_the_abstract_unless_another_is_named(tmp_path: Path) -> None:
    path = table(tmp_path, "title,label_abstract_screening,label_included", "T,1,0", "U,0,0")
    assert [one.kept for one in read_labelled_set(path).records] == [False, False]
    assert [one.kept for one in read_labelled_set(path, "label_abstract_screening").records] == [True, False]


def test_the_final_labels_of_which_there_are_most_count_and_the_others_are_named(tmp_path: Path) -> None:
    """An export of ASReview: the file's own column holds what was known before, `asreview_label` what people decided."""
    path = table(tmp_path, "title,included,asreview_label", "T,1,1", "U,,0", "V,,0", "W,,")
    read = read_labelled_set(path)
    assert [one.kept for one in read.records] == [True, False, False]
    assert read.remarks == (
        "labels are those of `asreview_label` (3); others in the file: `included` (1); choose with --label NAME",
        "1 record without a label (nothing, or -1) left out",
    )
    complete = table(tmp_path, "title,label_included,asreview_label", "T,1,1", "U,0,", "V,0,")
    assert [one.kept for one in read_labelled_set(complete).records] == [True, False, False]


def test_a_column_that_only_has_the_name_of_labels_is_passed_over(tmp_path: Path) -> None:
    path = table(tmp_path, "title,label,include", "T,smith2020,1", "U,jones2021,0")
    assert read_labelled_set(path).label == "include"


def test_labels_that_are_unsure_count_as_relevant_and_that_is_said(tmp_path: Path) -> None:
    read = read_labelled_set(table(tmp_path, "title,label_included", "T,maybe", "U,0", "V,unclear"))
    assert [one.kept for one in read.records] == [True, False, True]
    assert read.remarks == ("2 labels say maybe or unclear: counted as relevant",)


@pytest.mark.parametrize("word", ["", "NA", "n/a", "NaN", "None", "-1", "-1.0"])
def test_what_tools_write_for_nothing_is_no_label(tmp_path: Path, word: str) -> None:
    read = read_labelled_set(table(tmp_path, "title,label_included", f"T,{word}", "U,0"))
    assert [one.row for one in read.records] == [1]


def test_the_encoding_of_a_text_can_be_named(tmp_path: Path) -> None:
    path = tmp_path / "set.csv"
    path.write_bytes("title,label_included\nПочки,1\nСердце,0\n".encode("cp1251"))
    assert read_labelled_set(path, encoding="cp1251").records[0].title == "Почки"


def test_records_without_a_label_are_left_out_and_rows_keep_their_place(tmp_path: Path) -> None:
    read = read_labelled_set(table(tmp_path, "title,included", "T,1", "U,", "V,-1", "W,0"))
    assert [one.row for one in read.records] == [0, 3]
    assert read.remarks == ("2 records without a label (nothing, or -1) left out",)


def test_words_numbers_and_truth_values_are_labels(tmp_path: Path) -> None:
    lines = ["1.0", "yes", "True", "included", "relevant", "0.0", "no", "False", "exclude"]
    read = read_labelled_set(table(tmp_path, "title,label", *(f"T{n},{word}" for n, word in enumerate(lines))))
    assert [one.kept for one in read.records] == [True] * 5 + [False] * 4


def test_notes_of_ris_are_labels(tmp_path: Path) -> None:
    def record(title: str, note: str) -> str:
        return f"TY  - JOUR\nTI  - {title}\nN1  - {note}\nER  - \n"

    notes = ["ASReview_relevant", "ASReview_irrelevant", "ASReview_not_seen", 'RAYYAN-INCLUSION: {"Ada"=>"Included"}']
    path = table(tmp_path, *(record(f"T{n}", note) for n, note in enumerate(notes)), name="set.ris")
    assert [(one.row, one.kept) for one in read_labelled_set(path).records] == [(0, True), (1, False), (3, True)]


def test_people_who_differ_in_notes_keep_a_record_and_that_is_said(tmp_path: Path) -> None:
    said = ['"a"=>"Included", "b"=>"Excluded"', '"a"=>"Maybe"', '"a"=>"Included", "b"=>"Included"', '"a"=>"Excluded"']
    records = (f"TY  - JOUR\nTI  - T{n}\nN1  - RAYYAN-INCLUSION: {{{who}}}\nER  - \n" for n, who in enumerate(said))
    read = read_labelled_set(table(tmp_path, *records, name="set.ris"))
    assert [one.kept for one in read.records] == [True, True, True, False]
    assert read.remarks == ("2 records have labels that differ or say maybe: counted as relevant",)


def test_suggestions_of_a_machine_are_told_from_what_people_decided(tmp_path: Path) -> None:
    read = read_labelled_set(table(tmp_path, "title,decision,status", "T,include,decided", "U,exclude,suggested"))
    assert read.remarks == ("1 of the labels are a machine's suggestions: no person has decided there",)


def test_a_spreadsheet_is_read(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in (["title", "abstract", "label_included"], ["T", "A", 1], ["U", None, 0]):
        book.active.append(row)
    book.save(tmp_path / "set.xlsx")
    assert [one.kept for one in read_labelled_set(tmp_path / "set.xlsx").records] == [True, False]


def test_votes_are_decisions_or_probabilities(tmp_path: Path) -> None:
    lines = ["include", "exclude", "unclear", "0.3", "", "1"]
    path = table(tmp_path, "title,included,gpt", *(f"T{n},1,{word}" for n, word in enumerate(lines)))
    votes = [one.votes[0] for one in read_labelled_set(path, votes=["gpt"]).records]
    assert votes[:4] == [1, 0, 0.5, 0.3]
    assert math.isnan(votes[4])
    assert votes[5] == 1


@pytest.mark.parametrize(
    ("lines", "more", "says"),
    [
        (["title,label_included", "T,Perhaps"], {}, "record 1: `label_included` is `Perhaps`"),
        (["title,label_included", "T,1"], {"votes": ["Label Included"]}, "the labels themselves"),
        (["title,abstract", "T,A"], {}, "no column of labels"),
        (["title,label_included,label_included", "T,1,0"], {}, "more than one column is called `label_included`"),
        (["title,label_included", "T,1"], {"label": "final"}, "no column `final`"),
        (["title,label_included", "T,1"], {"votes": ["gpt"]}, "no column `gpt`"),
        (["title,label_included,gpt", "T,1,7"], {"votes": ["gpt"]}, "record 1: `gpt` is `7`"),
        (["title,label_included", "T,"], {}, "no record has a label"),
        (["name,label_included", "T,1"], {}, "no column is a title"),
        ([""], {}, "the file is empty"),
    ],
)
def test_what_cannot_be_used_is_named(tmp_path: Path, lines: list[str], more: dict[str, str], says: str) -> None:
    with pytest.raises(BadInput, match=says):
        read_labelled_set(table(tmp_path, *lines), **more)  # type: ignore[arg-type]
