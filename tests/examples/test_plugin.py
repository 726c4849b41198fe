"""The example package is installed as any other one would be, and what it brings is used from the command line."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from support import ROOT, Result

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


PROGRAM = """
import contextlib, io, json, sys
from screener.cli.main import main
done = []
for arguments in json.loads(sys.argv[1]):
    sys.argv = ["screener", *arguments]
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(io.StringIO()) as err:
        try:
            main()
        except SystemExit as stop:
            code = stop.code or 0
    done.append([code, out.getvalue(), err.getvalue()])
print(json.dumps(done))
"""


def screener_all(folder: Path | None, *commands: tuple[str | Path, ...]) -> list[Result]:
    """Run commands one after the other in one process, with the packages of a folder on its path."""
    environment = {name: value for name, value in os.environ.items() if name != "SCREENER_LEDGER"}
    environment["PYTHONPATH"] = os.pathsep.join(str(path) for path in (ROOT, folder) if path)
    given = json.dumps([[str(part) for part in command] for command in commands])
    program = [sys.executable, "-c", PROGRAM, given]
    done = subprocess.run(program, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return [Result(*parts) for parts in json.loads(done.stdout)]


def screener(folder: Path | None, *arguments: str | Path) -> Result:
    """Run one command, with the packages of a folder on its path."""
    return screener_all(folder, arguments)[0]


@pytest.mark.slow
def test_what_an_installed_package_brings_is_used(installed: Path, review: Path, tmp_path: Path) -> None:
    library = tmp_path / "library.cards"
    library.write_text(CARDS, encoding="utf-8")
    runs = [
        ("run", "--stage", "abstract", "--reviewer", reviewer, "--review", review, "--json")
        for reviewer in ("quick", "quick", "listed", "listed", "both")
    ]
    done = screener_all(
        installed, ("import", library, "--review", review, "--json"), *runs, ("report", "--review", review, "--json")
    )
    assert [result.err for result in done if result.code not in (0, 3)] == []
    imported, *judged, report = (result.json for result in done)
    (file,) = imported["files"]
    assert (file["format"], file["source"], file["read"], file["new"]) == ("cards", "Card library", 3, 2)
    assert file["rejected"] == [{"row": 2, "reason": "the year `MMXXI` is no number"}]

    for first, again, calls in ((judged[0], judged[1], 2), (judged[2], judged[3], 0)):
        assert (first["decided"], first["include"], first["unclear"], first["errors"]) == (2, 1, 1, 0)
        assert (first["calls"], again["cached"], again["calls"]) == (calls, 2, 0)
    assert (judged[4]["include"], judged[4]["unclear"]) == (1, 1)
    assert {name: spec["kind"] for name, spec in report["review"]["reviewers"].items()} == {
        "embedded": "embedded", "quick": "chat", "listed": "terms", "both": "ensemble",
    }  # fmt: skip


@pytest.mark.slow
def test_what_a_package_does_not_take_is_one_line_with_its_place(installed: Path, review: Path) -> None:
    protocol = review / "prompts" / "review.yaml"
    written = protocol.read_text(encoding="utf-8")
    protocol.write_text(written.replace("{terms: [zephyrogram]}", "{terms: []}"), encoding="utf-8")
    done = screener(installed, "check", "--review", review)
    line = next(n for n, text in enumerate(protocol.read_text().splitlines(), 1) if "kind: terms" in text)
    assert done.code == 2
    assert done.err.startswith(f"screener: {protocol}:{line}: reviewers.listed.options.terms: ")
    assert done.err.count("\n") == 1
    protocol.write_text(written.replace("{words: [zephyrogram]}", "{word: zephyrogram}"), encoding="utf-8")
    done = screener(installed, "run", "--stage", "abstract", "--reviewer", "quick", "--review", review)
    assert done.code == 2
    assert "the model words:any: parameters.words: Field required" in done.err.splitlines()[-1]


@pytest.mark.slow
def test_without_the_package_its_kind_is_unknown_and_its_format_is_not_recognised(review: Path, tmp_path: Path) -> None:
    done = screener(None, "check", "--review", review)
    assert done.code == 2
    assert "reviewers.listed.kind: `terms` is none of 'embedded', 'chat', 'probability', 'ensemble'" in done.err
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
    assert (done.code, "the format was not recognised" in done.err) == (2, True)


@pytest.mark.slow
def test_a_package_that_cannot_be_imported_is_named_in_one_line(installed: Path, review: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    (broken / "odd-1.0.dist-info").mkdir(parents=True)
    (broken / "odd-1.0.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: odd\nVersion: 1.0\n")
    (broken / "odd-1.0.dist-info" / "entry_points.txt").write_text("[screener.exporters]\nodd = odd:EXPORTER\n")
    done = screener(broken, "export", "--format", "odd", "--review", review)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(
        "screener: screener.exporters: `odd` of odd (odd:EXPORTER) cannot be loaded (ModuleNotFound"
    )
    assert done.err.count("\n") == 1
