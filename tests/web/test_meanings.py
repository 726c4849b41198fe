"""The app's page of values that may mean the same: a person decides without knowing whose each is, and takes it back."""

import json
import re
from pathlib import Path

import pytest
from support import Cli
from support.tables import extract, reported, trials
from support.web_app import running

pytest.importorskip("fastapi")
pytestmark = pytest.mark.slow
GOLD_YAML = "name: small\nstatus: provisional\nlevel: final\nsplit: {salt: s}\n"


@pytest.fixture
def review(tmp_path: Path, cli: Cli) -> Path:
    """Two values of a machine that nearly have the words of gold's."""
    folder = trials(tmp_path / "review", cli)
    gold = {
        "arms[0].name.drug": "low dose aspirin coated <b>tablets",
        "arms[0].name.code": "one two three four five",
    }
    rows = [{"id": "ada", "path": path, "status": "reported", "value": value} for path, value in gold.items()]
    (folder / "gold").mkdir()
    (folder / "gold" / "gold.yaml").write_text(GOLD_YAML)
    (folder / "gold" / "extraction.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    (folder / "ada.txt").write_text("Low dose aspirin was given.\n")
    assert cli("attach", "ada", folder / "ada.txt", "--review", folder).code == 0
    found = {
        "arms[0].name.drug": reported("low dose aspirin uncoated <b>tablets"),
        "arms[0].name.code": reported("one two three four six"),
    }
    extract(folder, "ada", "embedded", found, role="machine")
    return folder


def pair_on(page: str) -> str:
    found = re.search(r'"pair": "([0-9a-f]{16})"', page)
    assert found
    return found[1]


def test_pairs_are_decided_one_by_one_and_taken_back(review: Path, cli: Cli) -> None:
    with running(review, "zoe") as app:
        assert 'href="/meanings"' in app.enter().get("/gold").text
        page = app.get("/meanings").text
        assert "Pair 1 of 2" in page
        assert "<b>tablets" not in page
        first = pair_on(page)
        assert pair_on(app.get("/meanings", place="1").text) != first
        page = app.post("/meanings", pair=first, verdict="same", place="0").text
        assert "Kept: the same" in page
        assert "1 confirmed, 0 refused" in page
        assert app.post("/meanings", pair=first, verdict="apart").status_code == 400
        assert app.post("/meanings", pair=pair_on(page), verdict="perhaps").status_code == 400
        page = app.post("/meanings", pair=pair_on(page), verdict="apart").text
        assert "Nothing left to look at" in page
        assert "Pair 1 of 1" in app.post("/meanings/undo").text
        assert "1 confirmed, 0 refused" in app.get("/meanings").text
    told = cli("evaluate", "--stage", "extraction", "--split", "all", "--review", review, "--json").json
    assert told["same_meaning"]["confirmed"] == 1
    assert told["micro_confirmed"]["accuracy"]["value"] == 0.5


def test_who_has_yet_to_extract_without_the_machine_is_shown_nothing(review: Path) -> None:
    protocol = review / "prompts" / "review.yaml"
    text = protocol.read_text()
    protocol.write_text(text.replace("    form: form.py\n", "    form: form.py\n    show_machine: after\n"))
    with running(review, "zoe") as app:
        refused = app.enter().get("/meanings")
        assert (refused.status_code, "uncoated" in refused.text) == (400, False)
