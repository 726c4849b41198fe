"""The review that tests of gold share."""

import shutil
from pathlib import Path

import pytest
from support import ROOT, MadeOnce
from support.gold import ALL, KEPT, PROTOCOL
from support.report import screener_all


def build(folder: Path) -> None:
    """Import the records and have the machine judge them."""
    (folder / "prompts").mkdir(parents=True)
    (folder / "prompts" / "review.yaml").write_text(PROTOCOL)
    for name in ("abstract.md", "fulltext.md"):
        shutil.copy(ROOT / "prompts" / name, folder / "prompts")
    rows = [f"r{n:02},Hearts of group {n} and how they beat all day,{2020 if n < KEPT else 2001}" for n in range(ALL)]
    (folder / "records.csv").write_text("id,title,year\n" + "\n".join(rows) + "\n")
    screener_all(folder, ("import", "records.csv"), ("run", "--stage", "abstract"))


@pytest.fixture(scope="session")
def judged(made_once: MadeOnce) -> Path:
    """90 records; the machine keeps the first 45, which are new, and excludes the others by their year."""
    return made_once("judged-gold", build)


@pytest.fixture
def review(judged: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it, and standing in it."""
    folder = tmp_path / "heart"
    shutil.copytree(judged, folder)
    monkeypatch.chdir(folder)
    return folder
