"""The review's own exports: every row is counted, and what is one work is one record."""

from pathlib import Path

import pytest
from support import Cli

pytestmark = pytest.mark.slow


@pytest.fixture
def seed(shared: Path) -> list[Path]:
    return [*sorted((shared / "seed-review" / "wos").glob("*.xls")), *(shared / "seed-review" / "pubmed").glob("*.csv")]


@pytest.mark.usefixtures("database")
def test_the_seed_is_read_linked_and_counted_in_full(ecg: Path, cli: Cli, seed: list[Path]) -> None:
    done = cli("import", *seed, "--json").json
    wos = [file for file in done["files"] if file["source"] == "Web of Science"]
    pubmed = [file for file in done["files"] if file["source"] == "PubMed"]
    assert sum(file["read"] for file in wos) == 682
    assert sum(file["new"] for file in wos) == 512
    assert [(file["read"], file["new"], file["duplicate"]) for file in pubmed] == [(821, 614, 207)]
    assert all(file["read"] == file["new"] + file["duplicate"] + len(file["rejected"]) for file in done["files"])
    assert done["records"] == 512 + 614
    assert sum(len(file["conflicts"]) for file in done["files"]) == 0
    status = cli("status", "--json").json
    assert status["sources"]["Web of Science"] == {"reported": 682, "received": 682}
    assert status["sources"]["PubMed"] == {"reported": 821, "received": 821}
    rows = cli("export", "--json").json
    assert sum(row["has_abstract"] == "yes" for row in rows) == 287


@pytest.mark.usefixtures("database")
def test_each_search_is_compared_with_the_rows_that_came_and_importing_again_changes_nothing(
    ecg: Path, cli: Cli, seed: list[Path]
) -> None:
    shown = cli("import", *seed).out
    assert "CARDIAC & CARDIOVASCULAR SYSTEMS                        313        313" in shown
    assert "MEDICAL LABORATORY TECHNOLOGY                             0          0" in shown
    before = cli("export").out
    again = cli("import", *seed, "--json").json
    assert sum(file["new"] for file in again["files"]) == 0
    assert sum(file["repeated"] for file in again["files"]) == 1503
    assert cli("export").out == before
    assert cli("status", "--json").json["sources"]["PubMed"]["received"] == 821


def test_the_order_of_the_files_does_not_change_how_many_records_there_are(
    ecg: Path, cli: Cli, seed: list[Path]
) -> None:
    assert cli("import", *reversed(seed), "--json").json["records"] == 1126


def test_gold_labels_find_their_records_by_identifier(ecg: Path, cli: Cli, seed: list[Path]) -> None:
    cli("import", *seed)
    cli("run", "--stage", "abstract", "--limit", "60")
    found = cli("evaluate", "--stage", "abstract", "--split", "dev", "--json").json
    assert found["unplaced"] == []
    assert found["n"] + len(found["missing"]) == 60
    assert found["n"] >= 5
    assert found["remarks"] == []  # these abstracts are the published ones, not the paraphrases


def test_a_title_alone_is_never_excluded_for_what_it_leaves_out(ecg: Path, cli: Cli, seed: list[Path]) -> None:
    pubmed = [path for path in seed if path.suffix == ".csv"]
    cli("import", *pubmed)
    cli("run", "--stage", "abstract")
    rows = [row for row in cli("export", "--json").json if row["decision"] == "exclude"]
    assert all(row["evidence"] or row["failed_criterion"] == "scope" for row in rows)
