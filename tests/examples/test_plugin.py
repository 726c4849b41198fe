"""The example package is installed as any other one would be, and what it brings is used from the command line."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from support import ROOT

from screener.examples import copy_example

CARDS = """# cards
== Waves of the heart, learned without labels
by: Ada Example; Ben Example
year: 2021
doi: 10.5555/example.1
A network is pre-trained on the zephyrogram
of many people.

== A card with a wrong year
year: MMXXI

== On something else
year: 2022
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which the example package was installed, without a network and without its dependencies."""
    folder = tmp_path_factory.mktemp("site")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--no-build-isolation"]
    command = [*pip, "--target", str(folder), str(ROOT / "examples" / "plugin")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def review(tmp_path: Path) -> Path:
    """A review whose reviewers are of the package."""
    folder = tmp_path / "review"
    copy_example("ecg", folder)
    with (folder / "prompts" / "review.yaml").open("a", encoding="utf-8") as protocol:
        protocol.write(
            "\n  quick: {kind: chat, model: 'words:any', parameters: {words: [zephyrogram]}, price: {input: 0, output: 0}}"
            "\n  listed: {kind: terms, options: {terms: [zephyrogram]}}"
            "\n  both: {kind: ensemble, members: [quick, listed], rule: majority}\n"
        )
    return folder


def screener(folder: Path | None, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the program, with the packages of a folder on its path."""
    environment = {name: value for name, value in os.environ.items() if name != "SCREENER_LEDGER"}
    environment["PYTHONPATH"] = os.pathsep.join(str(path) for path in (ROOT, folder) if path)
    command = [sys.executable, "-c", "from screener.cli.main import main; main()", *map(str, arguments)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def document(folder: Path, *arguments: str | Path) -> Any:
    done = screener(folder, *arguments, "--json")
    assert done.returncode in (0, 3), done.stderr
    return json.loads(done.stdout)


def test_what_an_installed_package_brings_is_used(installed: Path, review: Path, tmp_path: Path) -> None:
    library = tmp_path / "library.cards"
    library.write_text(CARDS, encoding="utf-8")
    (file,) = document(installed, "import", library, "--review", review)["files"]
    assert (file["format"], file["source"], file["read"], file["new"]) == ("cards", "Card library", 3, 2)
    assert file["rejected"] == [{"row": 2, "reason": "the year `MMXXI` is no number"}]

    for reviewer, calls in (("quick", 2), ("listed", 0)):
        run = document(installed, "run", "--stage", "abstract", "--reviewer", reviewer, "--review", review)
        assert (run["decided"], run["include"], run["unclear"], run["errors"], run["calls"]) == (2, 1, 1, 0, calls)
        again = document(installed, "run", "--stage", "abstract", "--reviewer", reviewer, "--review", review)
        assert (again["cached"], again["calls"]) == (2, 0)
    both = document(installed, "run", "--stage", "abstract", "--reviewer", "both", "--review", review)
    assert (both["include"], both["unclear"]) == (1, 1)
    report = document(installed, "report", "--review", review)
    assert {name: spec["kind"] for name, spec in report["review"]["reviewers"].items()} == {
        "embedded": "embedded", "quick": "chat", "listed": "terms", "both": "ensemble",
    }  # fmt: skip


def test_what_a_package_does_not_take_is_one_line_with_its_place(installed: Path, review: Path) -> None:
    protocol = review / "prompts" / "review.yaml"
    written = protocol.read_text(encoding="utf-8")
    protocol.write_text(written.replace("{terms: [zephyrogram]}", "{terms: []}"), encoding="utf-8")
    done = screener(installed, "check", "--review", review)
    line = next(n for n, text in enumerate(protocol.read_text().splitlines(), 1) if "kind: terms" in text)
    assert done.returncode == 2
    assert done.stderr.startswith(f"screener: {protocol}:{line}: reviewers.listed.options.terms: ")
    assert done.stderr.count("\n") == 1
    protocol.write_text(written.replace("{words: [zephyrogram]}", "{word: zephyrogram}"), encoding="utf-8")
    done = screener(installed, "run", "--stage", "abstract", "--reviewer", "quick", "--review", review)
    assert done.returncode == 2
    assert "the model words:any: parameters.words: Field required" in done.stderr.splitlines()[-1]


def test_without_the_package_its_kind_is_unknown_and_its_format_is_not_recognised(review: Path, tmp_path: Path) -> None:
    done = screener(None, "check", "--review", review)
    assert done.returncode == 2
    assert "reviewers.listed.kind: `terms` is none of 'embedded', 'chat', 'probability', 'ensemble'" in done.stderr
    library = tmp_path / "library.cards"
    library.write_text(CARDS, encoding="utf-8")
    protocol = review / "prompts" / "review.yaml"
    kept = [
        line
        for line in protocol.read_text(encoding="utf-8").splitlines()
        if "zephyrogram" not in line and "both:" not in line
    ]
    protocol.write_text("\n".join(kept), encoding="utf-8")
    done = screener(None, "import", library, "--review", review)
    assert (done.returncode, "the format was not recognised" in done.stderr) == (2, True)


def test_a_package_that_cannot_be_imported_is_named_in_one_line(installed: Path, review: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    (broken / "odd-1.0.dist-info").mkdir(parents=True)
    (broken / "odd-1.0.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: odd\nVersion: 1.0\n")
    (broken / "odd-1.0.dist-info" / "entry_points.txt").write_text("[screener.exporters]\nodd = odd:EXPORTER\n")
    done = screener(broken, "export", "--format", "odd", "--review", review)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(
        "screener: screener.exporters: `odd` of odd (odd:EXPORTER) cannot be loaded (ModuleNotFound"
    )
    assert done.stderr.count("\n") == 1
