"""Tables of units count each once: what is there to repeat the work, and figures side by side."""

from dataclasses import replace
from pathlib import Path

import pytest
from support.tables import reported, small_form, study, without

from screener.core.judgement import ItemAnswer
from screener.documents import Report
from screener.forms.walk import FormSpec
from screener.ledger.link_checks import LinkCheck
from screener.ledger.same_models import SameModel, UnitEnd
from screener.metrics import wilson
from screener.protocol import PerformanceRoles, ReleasedPart
from screener.reporting.tables import (
    Synthesis,
    SynthesisTable,
    performance_table,
    present_links,
    reproducibility_table,
    units_table,
)
from screener.reporting.tables.studies import ExtractedStudy

PARTS = {"Code": ReleasedPart(item="arms.name.code", any_of=("open",), link="arms.name.code")}
AT = "arms.name.measured."
FIGURES = PerformanceRoles(
    dataset=f"{AT}outcome", task="arms.name.code", metric="trial.design", value=f"{AT}events_treated",
    low=f"{AT}total_treated", high=f"{AT}total_control",
)  # fmt: skip


@pytest.fixture
def form(tmp_path: Path) -> FormSpec:
    return small_form(tmp_path)


def arms(name: str, *codes: str, year: int = 2020, by: str = "person") -> ExtractedStudy:
    """Return a study with an arm a code; a code in brackets is a status. All arms are called after their number."""
    items = dict[str, ItemAnswer]()
    for number, code in enumerate(codes):
        items[f"arms[{number}].name.drug"] = reported(f"drug {number}")
        items[f"arms[{number}].name.code"] = without(code.strip("()")) if code.startswith("(") else reported(code)
    return study(name, by, year=year, **items)  # type: ignore[arg-type]


def same(a: str, b: str, name: str = "drug 0", *, active: bool = True) -> SameModel:
    return SameModel(UnitEnd(a, "arms[0]", name), UnitEnd(b, "arms[0]", name), "ann", "", active)


def line(table: SynthesisTable, year: object = "all") -> dict[str, object]:
    return next({name: cell.value for name, cell in row.items()} for row in table.rows if row["year"].value == year)


def look(address: str, status: int) -> LinkCheck:
    return LinkCheck(address, "page", status, address, (), "", "", None, "", at="2026-11-30T10:00:00Z")


def test_each_state_is_counted_apart_and_the_share_is_of_what_is_known(form: FormSpec) -> None:
    studies = [
        arms("ada", "open", "closed", "(not_reported)", "(unclear)", "(not_applicable)"), arms("bo", "open", year=2021),
    ]  # fmt: skip
    table = reproducibility_table(Synthesis(form, studies), PARTS)
    whole, expected = line(table), wilson(2, 4)
    assert {name: whole[name] for name in ("units", "there", "reported_otherwise", "not_reported", "not_checked",
                                          "not_applicable", "n")} == {
        "units": 6, "there": 2, "reported_otherwise": 1, "not_reported": 1, "not_checked": 1, "not_applicable": 1, "n": 4,
    }  # fmt: skip
    assert expected.low is not None
    assert (whole["share"], whole["low"]) == (0.5, round(expected.low, 4))
    assert (line(table, 2021)["units"], line(table, 2021)["share"]) == (1, 1.0)


def test_nothing_known_is_no_share(form: FormSpec) -> None:
    table = reproducibility_table(Synthesis(form, [arms("ada", "(unclear)")]), PARTS)
    assert (line(table)["n"], line(table)["share"], table.rows[0]["share"].shown) == (0, None, "–")


def test_a_model_of_two_papers_counts_once_in_its_first_year_with_what_tells_most(form: FormSpec) -> None:
    studies = [arms("ada", "(not_reported)", year=2021), arms("bo", "open", year=2019), arms("cy", "(unclear)")]
    links = [same("ada", "bo"), same("bo", "cy")]
    table = reproducibility_table(Synthesis(form, studies, links), PARTS)
    assert (line(table)["units"], line(table)["there"], line(table, 2019)["units"]) == (1, 1, 1)
    assert "1 of 1 are reported more than once and counted once: drug 0 (Ada 2021; Bo 2019; Cy 2020)." in table.notes


@pytest.mark.parametrize(
    "links", [[], [same("ada", "bo", active=False)], [same("ada", "bo", "an old name")], [same("ada", "gone")]]
)
def test_what_is_not_linked_or_is_called_otherwise_now_counts_by_itself(form: FormSpec, links: list[SameModel]) -> None:
    table = reproducibility_table(Synthesis(form, [arms("ada", "open"), arms("bo", "open")], links), PARTS)
    assert line(table)["units"] == 2
    broken = any("do not hold any more" in note for note in table.notes)
    assert broken == any(link.active for link in links)


def test_a_link_between_reports_of_one_study_joins_nothing(form: FormSpec) -> None:
    assert present_links([arms("ada", "x")], [same("ada", "ada")]) == []


def test_what_was_said_last_counts_whichever_report_of_a_study_was_named(form: FormSpec) -> None:
    one, other = arms("ada", "x"), arms("bo", "x")
    two_reports = replace(
        one, record=Report(**dict(one.record), study=("ada", "second"), load=lambda name: pytest.fail(name))
    )
    said = [same("second", "bo"), same("ada", "bo", active=False)]
    assert [link.active for link in present_links([two_reports, other], said)] == [False]
    (again,) = present_links([two_reports, other], said[::-1])
    assert (again.active, again.a.record) == (True, "ada")


def test_a_unit_answers_not_only_where_all_its_addresses_were_looked_at(form: FormSpec) -> None:
    studies, gone = [arms("ada", "one"), arms("bo", "two")], look("one", 404)
    parts = {"Code": ReleasedPart(item="arms.name.code", link="arms.name.code")}

    def counted(**seen: LinkCheck) -> tuple[object, ...]:
        whole = line(reproducibility_table(Synthesis(form, studies, [same("ada", "bo")], seen), parts))
        return whole["with_address"], whole["answers"], whole["answers_not"]

    assert counted(one=gone) == (1, 0, 0)
    assert counted(one=gone, two=look("two", 404)) == (1, 0, 1)
    assert counted(one=gone, two=look("two", 200)) == (1, 1, 0)


def test_what_was_observed_stands_beside_what_a_report_says(form: FormSpec) -> None:
    studies = [arms("ada", "open", by="machine"), arms("bo", "closed")]
    table = units_table(Synthesis(form, studies, (), {"open": look("open", 404)}), PARTS)
    first, second = ({name: cell.shown for name, cell in row.items()} for row in table.rows)
    assert (first["Code"], first["Code: address"], first["Code: observed"]) == (
        "there: open",
        "open",
        "nothing there (404) on 2026-11-30",
    )
    assert (second["Code"], second["Code: observed"]) == ("reported otherwise: closed", "not looked at")
    assert table.rows[0]["Code"].by == "machine"


def figure(name: str, dataset: str, value: float, *, by: str = "person", task: str = "T") -> ExtractedStudy:
    place = "arms[0].name.measured[0]"
    return study(
        name, by, **{  # type: ignore[arg-type]
            "trial.design": reported("parallel_groups"), "arms[0].name.drug": reported(f"{name}-net"),
            "arms[0].name.code": reported(task), f"{place}.outcome": reported(dataset),
            f"{place}.events_treated": reported(value),
        },
    )  # fmt: skip


def test_only_figures_with_equal_labels_stand_side_by_side(form: FormSpec) -> None:
    studies = [
        figure("ada", "Set  One", 7), figure("bo", "set one", 8, by="machine"), figure("cy", "set one (part)", 9),
        figure("dee", "set one", 5, task="U"), study("eve"),
    ]  # fmt: skip
    table = performance_table(Synthesis(form, studies), FIGURES)
    (row,) = table.rows
    assert table.columns == ("dataset", "task", "metric", "units", "ada-net (Ada 2020)", "bo-net (Bo 2020)")
    assert [row[name].shown for name in table.columns] == ["Set  One", "T", "parallel groups", "2", "7", "8"]
    assert row["bo-net (Bo 2020)"].by == "machine"
    assert table.notes[1].startswith("2 figures have no other unit's beside them")


def test_figures_of_one_model_in_two_papers_stand_in_one_cell_and_not_beside_each_other(form: FormSpec) -> None:
    studies = [figure("ada", "s", 7), figure("bo", "s", 8), figure("cy", "s", 9)]
    link = SameModel(UnitEnd("ada", "arms[0]", "ada-net"), UnitEnd("bo", "arms[0]", "bo-net"), "ann", "")
    (row,) = performance_table(Synthesis(form, studies, [link]), FIGURES).rows
    assert [cell.shown for cell in list(row.values())[3:]] == ["2", "7; 8", "9"]


def test_what_must_be_equal_and_does_not_apply_equals_what_does_not_apply(form: FormSpec) -> None:
    condition = f"{AT}events_control"
    told = {
        "ada": without("not_applicable"),
        "bo": without("not_applicable"),
        "cy": reported(3),
        "dee": without("unclear"),
    }
    studies = [
        study(name, "person", **{**figure(name, "s", 7).items, "arms[0].name.measured[0].events_control": answer})  # type: ignore[arg-type]
        for name, answer in told.items()
    ]
    table = performance_table(Synthesis(form, studies), FIGURES.model_copy(update={"equal": (condition,)}))
    (row,) = table.rows
    assert (row["units"].shown, row[condition].shown) == ("2", "not applicable")
    assert "1 figure lacks a label or the figure itself and is left out." in table.notes


def test_a_label_without_its_words_equals_none(form: FormSpec) -> None:
    vague = reported("other")
    studies = [figure(name, "s", 7) for name in ("ada", "bo")]
    studies = [type(one)(one.record, one.label, {**one.items, "trial.design": vague}, one.by) for one in studies]
    table = performance_table(Synthesis(form, studies), FIGURES)
    assert table.rows == []
    assert "2 figures lack a label or the figure itself and are left out." in table.notes


@pytest.mark.parametrize(
    ("status", "answers", "words"),
    [
        (200, True, "there (200) on 2026-11-30; moved to y; licence MIT; weights: a.pt and 1 more"),
        (403, None, "refuses programs (403) on 2026-11-30; moved to y"),
        (410, False, "gone (410) on 2026-11-30; moved to y"),
        (None, None, "no answer on 2026-11-30: is no web address"),
    ],
)
def test_what_was_seen_is_told_in_words(status: int | None, answers: bool | None, words: str) -> None:
    look = LinkCheck(
        "x",
        "github",
        status,
        "y",
        ("x",),
        "MIT",
        "field",
        ("a.pt", "b.pt"),
        "is no web address",
        at="2026-11-30T10:00:00Z",
    )
    assert (look.answers, look.words) == (answers, words)
