"""Rows for a meta-analysis: reported numbers under the names that metafor and RevMan give them, and nothing made up."""

import csv
import io
import re
from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError
from support import ROOT
from support.tables import reported, small_form, study, without

from screener.core.judgement import ItemAnswer
from screener.exchange import as_csv
from screener.forms import load_forms
from screener.forms.walk import FormSpec
from screener.protocol import EffectRoles, TablesSpec
from screener.reporting.tables import SynthesisTable, metafor_table, revman_table, table_mistakes
from screener.reporting.tables.studies import ExtractedStudy

AT = "arms.name.measured."
COUNTS = EffectRoles(
    outcome=f"{AT}outcome", ai=f"{AT}events_treated", n1i=f"{AT}total_treated", ci=f"{AT}events_control",
    n2i=f"{AT}total_control",
)  # fmt: skip
EFFECTS = {"deaths": COUNTS}


@pytest.fixture
def form(tmp_path: Path) -> FormSpec:
    return small_form(tmp_path)


def trial(name: str, *numbers: int | str, outcome: str = "death", by: str = "person") -> ExtractedStudy:
    """Return a trial with events and totals of two groups; a word is the status of what has no number."""
    names = ("events_treated", "total_treated", "events_control", "total_control")
    items = {f"arms[0].name.measured[0].{item}": without(number) if isinstance(number, str) else reported(number)
             for item, number in zip(names, numbers, strict=True)}  # fmt: skip
    return study(name, by, **items, **{"arms[0].name.measured[0].outcome": reported(outcome)})  # type: ignore[arg-type]


def rows(table: SynthesisTable) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(as_csv(table.values, table.columns).decode())))


def test_a_complete_row_has_what_escalc_takes(form: FormSpec) -> None:
    (row,) = rows(metafor_table(form, [trial("ada", 12, 100, 20, 98)], EFFECTS))
    assert {name: row[name] for name in ("ai", "bi", "ci", "di", "n1i", "n2i", "m1i", "sd1i")} == {
        "ai": "12", "bi": "88", "ci": "20", "di": "78", "n1i": "100", "n2i": "98", "m1i": "", "sd1i": "",
    }  # fmt: skip
    assert (row["study_id"], row["slab"], row["outcome"], row["data"], row["complete"]) == (
        "ada", "Ada 2020", "death", "deaths", "yes",
    )  # fmt: skip


def test_what_is_not_there_is_left_empty_and_the_row_is_listed(form: FormSpec) -> None:
    studies = [trial("ada", 12, "unclear", "not_reported", 98), trial("bo", 1, 10, 2, 10), study("cho", "")]
    table = metafor_table(form, studies, EFFECTS)
    first, second = rows(table)
    assert (first["ai"], first["bi"], first["n1i"], first["ci"], first["di"], first["n2i"]) == (
        "12", "", "", "", "", "98",
    )  # fmt: skip
    assert (first["complete"], first["lacks"]) == ("no", "n1i unclear; ci not reported")
    assert second["complete"] == "yes"
    assert table.notes[1:] == (
        "1 of 2 rows are not complete: Ada 2020 death (n1i unclear, ci not reported).",
        "1 of 3 studies have no row: Cho 2020.",
    )
    assert (table.counts.person, table.counts.unclear, table.counts.missing) == (7, 1, 0)


@pytest.mark.parametrize(
    ("numbers", "fault"),
    [
        ((120, 100, 20, 98), "ai is not within n1i 100"),
        ((-1, 100, 20, 98), "ai -1 is no count"),
    ],
)
def test_numbers_that_cannot_be_are_written_as_they_are_and_told(
    form: FormSpec, numbers: tuple[int, ...], fault: str
) -> None:
    (row,) = rows(metafor_table(form, [trial("ada", *numbers)], EFFECTS))
    assert row["ai"].lstrip("'") == str(numbers[0])
    assert (row["bi"], row["complete"]) == ("", "no")
    assert fault in row["lacks"]


def test_the_size_of_a_group_is_the_sum_of_those_with_and_without_the_event(form: FormSpec) -> None:
    roles = EffectRoles(ai=COUNTS.ai, bi=COUNTS.n1i, ci=COUNTS.ci, n2i=COUNTS.n2i)
    (row,) = rows(metafor_table(form, [trial("ada", 12, 88, 20, 98)], {"x": roles}))
    assert (row["bi"], row["n1i"]) == ("88", "100")
    (row,) = rows(metafor_table(form, [trial("ada", "unclear", 88, 20, 98)], {"x": roles}))
    assert (row["ai"], row["n1i"], row["lacks"]) == ("", "", "ai unclear")


def test_means_have_their_own_columns(form: FormSpec) -> None:
    roles = EffectRoles(m1i=COUNTS.ai, sd1i=COUNTS.n1i, n1i=COUNTS.n1i, m2i=COUNTS.ci, sd2i=COUNTS.n2i, n2i=COUNTS.n2i)
    (row,) = rows(metafor_table(form, [trial("ada", -2, 3, 4, 5)], {"pain": roles}))
    assert [row[name] for name in ("m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i", "ai")] == [
        "-2", "3", "3", "4", "5", "5", "",
    ]  # fmt: skip
    (_, outcome, of_study) = rows(revman_table(form, [trial("ada", -2, 3, 4, 5)], {"pain": roles}))
    assert (outcome["Data Type"], of_study["Mean 1"], of_study["SD 2"], of_study["Events 1"]) == ("CON", "-2", "5", "")


def test_revman_has_a_row_a_comparison_and_an_outcome_above_the_studies(form: FormSpec) -> None:
    studies = [
        trial("ada", 1, 10, 2, 11),
        trial("bo", 3, 30, 4, 31, outcome="Death "),
        trial("cy", 5, 50, 6, 51, outcome="stroke"),
    ]
    table = rows(revman_table(form, studies, EFFECTS))
    assert [(row["Comparison Number"], row["Outcome Number"], row["Name"], row["Data Type"], row["Events 1"], row["Total 2"])
            for row in table] == [
        ("1", "0", "deaths", "", "", ""),
        ("1", "1", "death", "DIC", "", ""),
        ("1", "1", "Ada 2020", "", "1", "11"),
        ("1", "1", "Bo 2020", "", "3", "31"),
        ("1", "2", "stroke", "DIC", "", ""),
        ("1", "2", "Cy 2020", "", "5", "51"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "roles", [{"ai": "a.b"}, {"ai": "a.b", "ci": "a.c", "n1i": "a.d"}, {"m1i": "a.b", "n1i": "a.c"}]
)
def test_a_mapping_that_gives_no_effect_is_refused(roles: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="map either ai and ci"):
        EffectRoles.model_validate(roles)


def test_items_that_the_form_has_not_are_told_with_their_places(form: FormSpec) -> None:
    spec = TablesSpec.model_validate(
        {"characteristics": ["trial.desing"], "effects": {"x": {**COUNTS.model_dump(), "ai": "bias.overall"}}}
    )
    assert list(table_mistakes(spec, form)) == [
        "tables.characteristics: the form has no item `trial.desing`; did you mean `trial.design`?"
    ]


def mapped_on_the_page() -> TablesSpec:
    """What the page on tables maps of the templates of forms."""
    page = (ROOT / "docs" / "how-to" / "tables.md").read_text(encoding="utf-8")
    block = next(block for block in re.findall(r"^```yaml\n(.*?)^```", page, re.S | re.M) if "effects:" in block)
    return TablesSpec.model_validate(yaml.safe_load(block)["tables"])


def test_the_page_maps_items_that_the_templates_have() -> None:
    folder = ROOT / "screener" / "examples" / "forms"
    form = load_forms([folder / "dichotomous_outcomes.yaml", folder / "continuous_outcomes.yaml"])
    assert list(table_mistakes(mapped_on_the_page(), form)) == []


@pytest.mark.parametrize(
    ("spread", "written", "lacks"),
    [
        (reported("standard_deviation"), "2.5", ""),
        (reported("standard_error"), "", "sd1i is standard_error"),
        (without("not_reported"), "", "sd1i not told to be standard_deviation"),
    ],
)
def test_a_spread_is_a_standard_deviation_only_where_the_report_says_so(
    spread: ItemAnswer, written: str, lacks: str
) -> None:
    form = load_forms([ROOT / "screener" / "examples" / "forms" / "continuous_outcomes.yaml"])
    numbers = {f"continuous[0].{group}.{item}": reported(value) for group in ("experimental", "control")
               for item, value in (("mean", 10), ("spread_value", 2.5), ("total", 30))}  # fmt: skip
    kinds = {
        "continuous[0].experimental.spread": spread,
        "continuous[0].control.spread": reported("standard_deviation"),
    }
    effects = {"pain": mapped_on_the_page().effects["measurements"]}
    (row,) = rows(metafor_table(form, [study("ada", **numbers, **kinds)], effects))
    assert (row["sd1i"], row["sd2i"], row["lacks"]) == (written, "2.5", lacks)
