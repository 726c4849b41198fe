"""What tests share: the packaged review in a folder of its own, the command line in this process, and real data."""

import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared" / "data"


@dataclass
class Result:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Cli = Callable[..., Result]


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Cli:
    """Run a command as the program does."""
    from screener.cli.main import main

    monkeypatch.delenv("SCREENER_DEBUG", raising=False)

    def run(*args: str | Path) -> Result:
        monkeypatch.setattr(sys, "argv", ["screener", *map(str, args)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as stop:
            main()
        captured = capsys.readouterr()
        return Result(int(stop.value.code or 0), captured.out, captured.err)

    return run


@pytest.fixture
def ecg(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the packaged ECG review, and standing in it."""
    folder = tmp_path / "ecg"
    for room in ("prompts", "gold"):
        shutil.copytree(ROOT / room, folder / room)
    monkeypatch.chdir(folder)
    monkeypatch.delenv("SCREENER_LEDGER", raising=False)
    return folder


@pytest.fixture
def blank(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A new review as `screener init` makes it, and standing in it."""
    from screener.examples import new_review

    folder = tmp_path / "blank"
    new_review(folder)
    monkeypatch.chdir(folder)
    monkeypatch.delenv("SCREENER_LEDGER", raising=False)
    return folder


@pytest.fixture(scope="session")
def shared() -> Path:
    """Real exports, labelled sets and PDFs, which are not part of the project."""
    if not SHARED.is_dir():
        pytest.skip("the real data is not here (../shared/data beside the repository)")
    return SHARED
