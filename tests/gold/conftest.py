"""The review that tests of gold share."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support import ROOT
from support.gold import ALL, KEPT, PROTOCOL


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """90 records; the machine keeps the first 45, which are new, and excludes the others by their year."""
    folder = tmp_path_factory.mktemp("judged")
    (folder / "prompts").mkdir(parents=True)
    (folder / "prompts" / "review.yaml").write_text(PROTOCOL)
    for name in ("abstract.md", "fulltext.md"):
        shutil.copy(ROOT / "prompts" / name, folder / "prompts")
    rows = [f"r{n:02},Hearts of group {n} and how they beat all day,{2020 if n < KEPT else 2001}" for n in range(ALL)]
    (folder / "records.csv").write_text("id,title,year\n" + "\n".join(rows) + "\n")
    for command in (["import", "records.csv"], ["run", "--stage", "abstract"]):
        code = f"import sys; sys.argv=['screener', *{command}]; from screener.cli.main import main; main()"
        done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture
def review(judged: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it, and standing in it."""
    folder = tmp_path / "heart"
    shutil.copytree(judged, folder)
    monkeypatch.chdir(folder)
    monkeypatch.delenv("SCREENER_LEDGER", raising=False)
    return folder
