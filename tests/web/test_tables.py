"""The app's page of tables: what was extracted, as files too, and nothing of a machine's before people may see it."""

import csv
import io
from pathlib import Path

import pytest
from support import Cli
from support.tables import extract, reported, trials
from support.web_app import running

pytest.importorskip("fastapi")
pytestmark = pytest.mark.slow
EVIL = "<img src=x> \u05d0\u05d1"


@pytest.fixture
def review(tmp_path: Path, cli: Cli) -> Path:
    folder = trials(tmp_path / "review", cli)
    extract(folder, "ada", "ann", {"arms[0].name.drug": reported(EVIL)})
    extract(folder, "bo", "embedded", {"arms[0].name.drug": reported("MACHINE-DRUG")}, role="machine")
    return folder


def test_a_table_is_shown_and_saved_with_the_machines_values_marked(review: Path) -> None:
    with running(review, "ann") as app:
        page = app.enter().get("/tables", name="arms").text
        assert "&lt;img src=x&gt; \u05d0\u05d1" in page
        assert "MACHINE-DRUG<sup>ᴹ</sup>" in page
        saved = app.get("/tables/file", name="arms", format="csv")
        assert 'filename="arms.csv"' in saved.headers["Content-Disposition"]
        rows = list(csv.DictReader(io.StringIO(saved.content.decode())))
        assert [row["arms.name.drug"] for row in rows] == [EVIL, "MACHINE-DRUG"]
        assert app.get("/tables/file", name="arms", format="xlsx").content[:2] == b"PK"
        assert app.get("/tables", name="legs").status_code == 400
        assert app.get("/tables/file", name="arms", format="exe").status_code == 400


def test_where_people_extract_without_the_machine_its_values_are_in_no_table(review: Path) -> None:
    protocol = review / "prompts" / "review.yaml"
    protocol.write_text(
        protocol.read_text().replace("    form: form.py\n", "    form: form.py\n    show_machine: after\n")
    )
    with running(review, "zoe") as app:
        assert "MACHINE-DRUG" not in app.enter().get("/tables", name="arms").text
        assert b"MACHINE-DRUG" not in app.get("/tables/file", name="arms", format="csv").content
