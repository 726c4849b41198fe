"""`screener export --table`: what was extracted as a table, by people where they have, else by the machine."""

import csv
import io
from pathlib import Path

import pytest
from support import Cli
from support.tables import extract, reported, trials

import screener
from screener.core.errors import BadInput

pytestmark = pytest.mark.slow
ARM = {"arms[0].name.drug": reported("A"), "arms[1].name.drug": reported("=B")}


@pytest.fixture
def review(tmp_path: Path, cli: Cli) -> Path:
    folder = trials(tmp_path / "review", cli)
    extract(folder, "ada", "ann", {"trial.design": reported("parallel_groups"), **ARM})
    extract(folder, "bo", "embedded", {"trial.design": reported("other", "crossover")}, role="machine")
    return folder


def test_each_included_study_has_a_row_that_says_whose_its_values_are(review: Path, cli: Cli) -> None:
    result = cli("export", "--table", "studies", "--review", review)
    rows = {row["id"]: row for row in csv.DictReader(io.StringIO(result.out))}
    assert {name: (row["by"], row["trial.design"]) for name, row in rows.items()} == {
        "ada": ("person", "parallel_groups"), "bo": ("machine", "other: crossover"), "cho": ("", ""),
    }  # fmt: skip
    assert "1 are by people, 1 by a machine and checked by nobody" in result.err
    assert "1 of 3 studies have no values that count yet: Cho 2021." in result.err


def test_a_table_is_written_to_a_file_or_printed_as_json(review: Path, cli: Cli, tmp_path: Path) -> None:
    for format in ("csv", "jsonl", "xlsx", "html"):
        file = tmp_path / f"arms.{format}"
        assert cli("export", "--table", "arms", "--format", format, "-o", file, "--review", review).code == 0
        assert file.stat().st_size > 100
    assert "'=B" in (tmp_path / "arms.csv").read_text()
    assert "Trials &lt;of drugs&gt;" in (tmp_path / "arms.html").read_text()
    printed = cli("export", "--table", "arms", "--review", review, "--json").json
    assert [row["arms.name.drug"] for row in printed["rows"]] == ["A", "=B"]
    assert printed["cells"] == {"person": 3, "machine": 0, "unclear": 0, "missing": 5}


def test_what_cannot_be_made_is_refused_in_one_line(review: Path, cli: Cli) -> None:
    at = ("--review", review)
    unknown = cli("export", "--table", "legs", *at)
    assert (unknown.code, unknown.err.strip()) == (
        2, "screener: --table: `legs` is none of studies, arms, arms.name.measured",
    )  # fmt: skip
    assert cli("export", "--table", "arms", "--format", "ris", *at).code == 2
    assert "name a file with -o" in cli("export", "--table", "arms", "--format", "xlsx", *at).err
    assert "leave out --stage" in cli("export", "--table", "arms", "--stage", "abstract", *at).err


def test_included_studies_go_to_reference_managers_with_what_is_final(tmp_path: Path, cli: Cli) -> None:
    folder = trials(tmp_path / "screened", cli, screened=True)
    (folder / "labels.csv").write_text("id,decision,criterion\nada,include,\nbo,exclude,trial\n")
    at = ("--review", folder)
    assert cli("label", folder / "labels.csv", "--stage", "abstract", "--reviewer", "ann", *at).code == 0
    assert cli("run", "--stage", "abstract", *at).code == 0
    ris = cli("export", "--stage", "extraction", "--format", "ris", *at).out
    final = cli("export", "--stage", "extraction", "--format", "ris", "--only", "kept", *at).out
    assert [line[6:] for line in ris.splitlines() if line.startswith("ID")] == ["ada", "cho"]
    assert [line[6:] for line in final.splitlines() if line.startswith("ID")] == ["ada"]
    bibtex = cli("export", "--stage", "extraction", "--format", "bibtex", *at).out
    assert bibtex.count("screening = {include}") == 1  # only a machine suggests the other
    assert "@misc{bo" not in bibtex
    rows = csv.DictReader(io.StringIO(cli("export", "--table", "studies", *at).out))
    assert {row["id"]: row["included"] for row in rows} == {"ada": "final", "cho": "suggested"}
    refused = cli("export", "--stage", "extraction", "--format", "judgements", *at)
    assert (refused.code, "extracted items go to csv" in refused.err) == (2, True)


def test_a_review_in_python_has_the_same_table(review: Path) -> None:
    with screener.open(review) as opened:
        assert [row["id"] for row in opened.table("arms").rows] == ["ada", "ada"]
        assert opened.table("arms").frame()["arms.name.drug"].tolist() == ["A", "=B"]
        with pytest.raises(BadInput, match="legs"):
            opened.table("legs")
