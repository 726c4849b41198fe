"""Wide tables: a row a study, or a row an entry of a list; every cell tells whose value it has, or why it has none."""

import csv
import io
from pathlib import Path

import pytest
from support import Later
from support.tables import reported, small_form, study, without

from screener.core.errors import BadInput
from screener.exchange import as_csv, as_xlsx
from screener.forms.walk import FormSpec
from screener.reporting.tables import list_named, table_page, wide_table
from screener.reporting.tables.studies import study_labels, within

pd = Later("pandas")

NOBODY = study("cho", "")


@pytest.fixture
def form(tmp_path: Path) -> FormSpec:
    return small_form(tmp_path)


def written(table: object) -> list[dict[str, str]]:
    text = as_csv(table.values, table.columns).decode()  # type: ignore[attr-defined]
    return list(csv.DictReader(io.StringIO(text)))


def test_a_row_of_a_study_has_its_items_and_how_many_entries_each_list_has(form: FormSpec) -> None:
    one = study(
        "ada", trial__design=reported("other", "cluster"), trial__countries=reported(["Peru", "Chile"]),
        bias__selection=without("not_reported"), bias__overall=without("unclear"),
        arms_0__name__drug=reported("A"), arms_1__name__drug=reported("B"),
    )  # fmt: skip
    table = wide_table(form, [one, NOBODY], "")
    first, second = written(table)
    assert (first["trial.design"], first["trial.countries"]) == ("other: cluster", "Peru | Chile")
    assert (first["bias.selection"], first["bias.overall"]) == ("not reported", "unclear")
    assert (first["arms (entries)"], first["by"], first["names"]) == ("2", "person", "ann, bob")
    # Nobody has extracted it: no value, and no number of entries either.
    assert (second["trial.design"], second["arms (entries)"], second["by"]) == ("", "", "")
    assert table.counts.sentence == (
        "Of 8 answers 3 are by people, 0 by a machine and checked by nobody, 1 unclear, 4 missing."
    )
    assert table.notes == ("1 of 2 studies have no values that count yet: Cho 2020.",)


def test_a_row_of_an_entry_has_what_is_asked_above_it_too_and_counts_that_once(form: FormSpec) -> None:
    one = study(
        "ada", "machine", trial__design=reported("parallel_groups"), arms_0__name__drug=reported("A"),
        arms_0__name__measured_0__outcome=reported("death"), arms_0__name__measured_1__outcome=reported("stroke"),
        arms_0__name__measured_1__events_treated=reported(3),
    )  # fmt: skip
    none = study("bo", **{"arms[0].name.measured": without("not_reported")})
    open_ = study("cy", trial__design=reported("parallel_groups"))
    table = wide_table(form, [one, none, open_, NOBODY], "arms.name.measured")
    rows = written(table)
    assert [row["entry"] for row in rows] == ["arms[0].name.measured[0]", "arms[0].name.measured[1]"]
    assert [row["arms.name.drug"] for row in rows] == ["A", "A"]
    assert [row["arms.name.measured.outcome"] for row in rows] == ["death", "stroke"]
    assert [row["cells_machine"] for row in rows] == ["3", "4"]
    # Design and drug are in both rows, and are two answers, not four.
    assert (table.counts.machine, table.counts.person) == (5, 0)
    assert table.notes == (
        "1 of 4 studies have no entry here, as far as is told: Bo 2020.",
        "1 of 4 studies have no entry here, and it is unclear if there are any: Cy 2020.",
        "1 of 4 studies have no values that count yet: Cho 2020.",
    )


def test_entries_stand_in_the_order_of_their_numbers(form: FormSpec) -> None:
    items = {f"arms[{number}].name.drug": reported(str(number)) for number in (10, 2, 0)}
    table = wide_table(form, [study("ada", **items)], "arms")
    assert [row["arms.name.drug"] for row in written(table)] == ["0", "2", "10"]


@pytest.mark.parametrize(
    ("entry", "path", "there"),
    [
        ("", "trial.design", "trial.design"),
        ("arms[1]", "trial.design", "trial.design"),
        ("arms[1]", "arms.name.drug", "arms[1].name.drug"),
        ("arms[1].name.measured[3]", "arms.name.drug", "arms[1].name.drug"),
        ("arms[1].name.measured[3]", "arms.name.measured.outcome", "arms[1].name.measured[3].outcome"),
        ("arms[1]", "arms_of_others.name", "arms_of_others.name"),
    ],
)
def test_the_items_of_an_entry_are_found_at_its_place(entry: str, path: str, there: str) -> None:
    assert within(entry, path) == there


def test_a_list_is_named_by_its_path_or_last_word(form: FormSpec) -> None:
    assert list_named(form, "measured") == list_named(form, "arms.name.measured") == "arms.name.measured"
    assert list_named(form, "trial") is None
    twice = type(form)(form.groups, (*form.units, *(type(u)("others", u.description, u.groups) for u in form.units)))
    with pytest.raises(BadInput, match=r"arms\.name\.measured, others\.name\.measured"):
        list_named(twice, "measured")


def test_no_cell_is_a_formula_and_no_word_of_a_paper_is_markup(form: FormSpec) -> None:
    evil = "=HYPERLINK(\"x\") <b onclick='x'>\u05d0\u05d1 \U0001d6fc</b>"
    table = wide_table(form, [study("ada", "machine", label=evil, trial__countries=reported([evil]))], "")
    row = written(table)[0]
    assert row["study"] == row["trial.countries"] == f"'{evil}"
    page = table_page(table, evil)
    assert "<b " not in page
    assert "\u05d0\u05d1 \U0001d6fc" in page
    assert "</b&gt;" not in page.replace("&lt;/b&gt;", "")
    assert "<sup>ᴹ</sup>" in page


def test_a_workbook_says_on_a_second_sheet_whose_the_values_are(form: FormSpec, tmp_path: Path) -> None:
    table = wide_table(form, [study("ada", arms_0__name__drug=reported("=A"))], "arms")
    file = tmp_path / "arms.xlsx"
    file.write_bytes(as_xlsx(list(table.values), table.columns, about=table.remarks))
    sheets = pd.read_excel(file, sheet_name=None, engine="openpyxl", header=None)
    assert list(sheets) == ["screener", "about"]
    assert sheets["screener"].iloc[1][list(table.columns).index("arms.name.drug")] == "=A"
    assert sheets["about"].iloc[0][0] == table.counts.sentence


def test_labels_tell_studies_apart() -> None:
    several = [study(name).record.model_copy(update={"authors": ("Lee, A",)}) for name in ("a", "b", "c")]
    alone = study("d").record.model_copy(update={"authors": (), "year": None})
    assert study_labels([*several, alone]) == {"a": "Lee 2020a", "b": "Lee 2020b", "c": "Lee 2020c", "d": "d"}
    assert list(study_labels([several[0].model_copy(update={"id": str(n)}) for n in range(28)]).values())[-2:] == [
        "Lee 2020aa", "Lee 2020ab",
    ]  # fmt: skip
