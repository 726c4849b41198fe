"""Reports that are excluded without naming a criterion: told wherever they are counted."""

from pathlib import Path

import pytest
from support import Cli
from support.two_stages import two_stage_review


@pytest.fixture
def folder(tmp_path: Path, cli: Cli) -> Path:
    """Three reports at full text: excluded for a criterion, in words, and by an adjudicator without any reason."""
    folder = two_stage_review(tmp_path / "review", cli, 3)
    kept = "".join(f"10.1000/{n},{who},include\n" for n in range(3) for who in ("ada", "ben"))
    (folder / "abstract.csv").write_text(f"doi,reviewer,decision\n{kept}")
    assert cli("label", folder / "abstract.csv", "--stage", "abstract", "--review", folder).code == 0
    return folder


def full_text(cli: Cli, folder: Path, rows: str) -> list[str]:
    (folder / "fulltext.csv").write_text(f"doi,reviewer,role,decision,criterion,reason\n{rows}")
    remarks: list[str] = cli(
        "label", folder / "fulltext.csv", "--stage", "fulltext", "--review", folder, "--json"
    ).json["remarks"]
    return [remark for remark in remarks if "without naming a criterion" in remark]


def test_exclusions_without_a_criterion_are_told_by_label_status_check_and_methods(folder: Path, cli: Cli) -> None:
    named = "10.1000/0,ada,human,exclude,software,\n10.1000/0,ben,human,exclude,software,\n"
    assert full_text(cli, folder, named) == []
    words = "10.1000/1,ada,human,exclude,,a poster\n10.1000/1,ben,human,exclude,,\n"
    [remark] = full_text(cli, folder, words)
    assert "on 1 report " in remark
    assert "1 of them without any reason, so that they are not final" in remark
    [remark] = full_text(cli, folder, "10.1000/1,ben,human,exclude,,no paper\n10.1000/2,zoe,adjudicator,exclude,,\n")
    assert ("on 2 reports " in remark, "not final" in remark) == (True, False)
    names = ["doi:10.1000/1", "doi:10.1000/2"]
    assert cli("status", "--review", folder, "--json").json["stages"]["fulltext"]["without_criterion"] == names
    assert cli("check", "--review", folder, "--json").json["without_criterion"] == names
    line = "2 reports are excluded without naming a criterion: doi:10.1000/1, doi:10.1000/2"
    assert line in " ".join(cli("status", "--review", folder).out.split())
    assert line in " ".join(cli("check", "--review", folder).out.split())
    methods = " ".join(cli("report", "--review", folder, "--json").json["methods"])
    assert "For 2 excluded reports no criterion was named." in methods


def test_a_decision_of_a_machine_in_our_own_table_is_nobodys(folder: Path, cli: Cli) -> None:
    (folder / "own.csv").write_text(
        "id,decision,status,decided_by\ndoi:10.1000/0,exclude,suggested,embedded\ndoi:10.1000/1,include,final,ada\n"
    )
    done = cli(
        "label", folder / "own.csv", "--stage", "abstract", "--reviewer", "carl", "--review", folder, "--json"
    ).json
    assert (done["entered"], done["unjudged"]) == (1, 1)
    assert any("1 rows that are not final are left out" in remark for remark in done["remarks"])
