"""Other reviews are folders of the same shape: human gold, titles only, nothing about ECG."""

import shutil
from pathlib import Path

import pytest
from support import ROOT, Cli


@pytest.fixture(params=[pytest.param("kitchenham-2010", marks=pytest.mark.slow), "nagtegaal-2019"])
def review(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / request.param
    shutil.copytree(ROOT / "tests" / "reviews" / request.param, folder)
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.slow
def test_a_title_only_review_with_human_gold_runs_and_is_checked(review: Path, cli: Cli) -> None:
    assert cli("check").code == 0
    done = cli("run", "--stage", "abstract", "--limit", "400", "--json").json
    assert done["decided"] == 400
    found = cli("evaluate", "--stage", "abstract", "--json").json
    assert found["reference_status"] == "human"
    assert found["n"] + len(found["missing"]) > 800
    assert found["auroc"] > 0.5  # better than chance on titles alone; a direction, not a mark
