"""An included study that is retracted stands where people look: `integrity`, `status`, `export`, the report and its checklist."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from support import ROOT, Cli
from support.report import figures_in, read_page, section
from support.two_stages import PROTOCOL

from screener.core.judgement import Decision, Judgement, Stage
from screener.ledger import Ledger
from screener.ledger.judgements import NewJudgement, add_judgements
from screener.reporting.prisma import _retraction_status, _to_decide

PAPER = "Ordering of tests by their cost in continuous integration"
TRIAL, ERRATUM = "doi:10.5555/order.1", f"Erratum to: {PAPER}"


@pytest.fixture
def review(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cli: Cli) -> Path:
    """A review that includes one paper, of which it has an erratum."""
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts" / "review.yaml").write_text(PROTOCOL)
    for name in ("abstract.md", "fulltext.md"):
        (tmp_path / "prompts" / name).write_text((ROOT / "prompts" / name).read_text())
    rows = [f"{PAPER},10.5555/order.1,2012,Tests", f"{ERRATUM},10.5555/order.2,2013,Tests"]
    (tmp_path / "records.csv").write_text("\n".join(["title,doi,year,journal", *rows]))
    monkeypatch.chdir(tmp_path)
    assert cli("import", "records.csv").code == 0
    said = Judgement(decision=Decision.INCLUDE, stated=True)
    ledger = Ledger.of(tmp_path / ".screener")
    with ledger.write() as connection:
        add_judgements(
            connection,
            [
                NewJudgement(TRIAL, "x", stage, who, "human", said)
                for stage in (Stage.ABSTRACT, Stage.FULLTEXT)
                for who in ("ada", "ben")
            ],
        )
    ledger.close()
    (tmp_path / "watch.csv").write_text("DOI,RetractionNature,RetractionDate\n10.5555/order.1,Retraction,2014-03-01\n")
    return tmp_path


def test_a_retraction_that_a_check_finds_waits_for_a_person_until_one_decides(review: Path, cli: Cli) -> None:
    before = cli("integrity").out
    assert "was checked never" in before
    assert f"{TRIAL}: corrected; included: {PAPER}" in before
    [notice] = json.loads(cli("status", "--json").out)["notices"]
    assert (notice["paper"], notice["kind"]) == (TRIAL, "erratum")
    table = list(csv.DictReader(io.StringIO(cli("export", "--stage", "abstract").out)))
    assert [(row["id"], row["status"], row["notice_of"]) for row in table] == [
        (TRIAL, "final", ""),
        (notice["id"], "notice", TRIAL),
    ]

    assert "1 record compared, 1 record is in it" in cli("integrity", "watch.csv", "--reviewer", "zoe").out
    listed = " ".join(cli("status").out.split())
    assert "1 record is a notice of others, not screened alone" in listed
    assert f"{TRIAL} is included and retracted: a person must decide" in listed
    assert cli("integrity", "--keep", TRIAL).code == 2
    assert cli("integrity", "--keep", TRIAL, "--note", "Its figures are not used.", "--reviewer", "zoe").code == 0
    told = json.loads(cli("integrity", "--json").out)
    assert [(m["id"], m["must_decide"], m["decision"][:25]) for m in told["marked"]] == [
        (TRIAL, False, "Its figures are not used.")
    ]


@pytest.mark.slow
def test_the_report_and_its_checklist_name_what_a_person_must_decide(review: Path, cli: Cli) -> None:
    assert cli("integrity", "watch.csv", "--reviewer", "zoe").code == 0
    assert cli("report").code == 0
    page = read_page(Path("report.html"))
    assert figures_in(page)["integrity"]["marked"][0]["must_decide"] == "yes"
    glance = section(page, "glance").text
    assert "A person must decide." in glance
    assert "with watch.csv, by zoe" in glance
    assert f"A person must decide about {TRIAL} (retracted)." in page.text


def test_the_checklist_names_the_day_of_the_check_and_what_is_open() -> None:
    one = {"id": "a", "integrity": "retracted", "must_decide": "yes"}
    document: dict[str, dict[str, Any]] = {
        "integrity": {"checked": None, "marked": [one, {**one, "id": "b", "must_decide": "no"}]}
    }
    assert _retraction_status(document) == ()
    assert _to_decide(document) == "A person must decide about a (retracted)."
    document["integrity"]["checked"] = {"at": "2026-03-01T10:00:00Z"}
    assert _retraction_status(document) == (("integrity", "Retraction status, checked on 2026-03-01"),)
    assert _to_decide({}) == ""
