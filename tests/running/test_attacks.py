"""The scripts of long campaigns, with few tries."""

import os
import subprocess
from pathlib import Path

import pytest
from attacks.database_away import away, clock_backwards, full, locked, read_only
from attacks.kill_run import kill_runs
from support.attack import Outcome
from support.postgres import BIN


def survived(outcome: Outcome) -> bool:
    return outcome.survived == outcome.tried > 0 and outcome.lost == 0


@pytest.mark.slow
def test_a_run_that_is_killed_loses_nothing_and_asks_again_only_what_was_under_way(tmp_path: Path) -> None:
    outcome = kill_runs(tmp_path, 3)
    assert survived(outcome), outcome.line()
    assert outcome.more["asked again"] <= 3 * 4


@pytest.mark.slow
def test_a_clock_that_is_set_back_leaves_no_error_open(tmp_path: Path) -> None:
    assert survived(clock_backwards(tmp_path))


@pytest.mark.slow
def test_a_lock_that_outlasts_the_database_s_own_patience_is_waited_for(tmp_path: Path) -> None:
    assert survived(locked(tmp_path, 2.0, busy_s=0.2))


@pytest.mark.slow
@pytest.mark.skipif(BIN is None, reason="PostgreSQL is not installed (Debian: apt-get install postgresql)")
def test_a_database_that_does_not_come_back_stops_the_run(tmp_path: Path) -> None:
    assert survived(away(tmp_path, None, patience=1.0))


def _may_mount(tmp_path: Path) -> bool:
    tried = subprocess.run(["mount", "-t", "tmpfs", "none", tmp_path], capture_output=True, check=False).returncode == 0
    return tried and subprocess.run(["umount", tmp_path], check=True).returncode == 0


@pytest.mark.slow
@pytest.mark.parametrize("kind", [full, read_only])
def test_a_disk_that_takes_nothing_more(tmp_path: Path, kind: object) -> None:
    if os.getuid() or not _may_mount(tmp_path):
        pytest.skip("only root can make a small disk")
    assert survived(kind(tmp_path))  # type: ignore[operator]
