"""The restriction by venue as status, list, export, flow, report and audit tell it."""

import json
import zipfile
from pathlib import Path

import pytest
from support import SHARED, Cli, Later
from support.imports import a_file
from support.records import needs_shared
from support.venues import FIRST, THIRD, a_jcr_file, venue_review

from screener.ledger import Ledger, add_files
from screener.records import Entry
from screener.reporting.page import page

recomputed, standing = Later("recomputed"), Later("recomputed.standing")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Five records of `Journals`, one of them also in `Free`, and two of these removed."""
    review = venue_review(tmp_path / "review")
    a_jcr_file(review.prompts / "jcr" / "others.csv", "LUNGS", ("Secret Lungs", "0018-9219", "Q1"))
    names = ("mice", "apes", "owls", "newts", "toads")
    venues = (
        ("First Hearts", FIRST),
        ("Third Hearts", THIRD),
        ("third hearts", ""),
        ("A Bulletin", ""),
        ("Third Hearts", THIRD),
    )
    rows = [
        Entry(
            given_id=name,
            title=f"The ordering of {name} by weight",
            venue=venue,
            issn=(issn,) if issn else (),
            year=2020,
        )
        for name, (venue, issn) in zip(names, venues, strict=True)
    ]
    ledger = Ledger.of(review.hidden)
    add_files(ledger, [a_file(rows, "a", "Journals"), a_file(rows[4:], "b", "Free")])
    return review.root


def test_what_a_rule_removes_is_told_everywhere(folder: Path, cli: Cli) -> None:
    at = ("--review", folder)
    listed = cli("sources", "venues", "--json", *at).json
    assert [row["id"] for row in listed["removed"]] == ["apes", "owls"]
    assert listed["removed"][1]["why"] == "Third Hearts: Q3 in HEARTS (JCR 2024, by title)"
    assert listed["open_venues"] == [{"venue": "A Bulletin", "records": 1, "why": "A Bulletin is in no JCR file"}]
    assert [row["id"] for row in listed["kept"]] == ["mice"]
    shown = cli("sources", "venues", *at).out
    assert "2 removed, 1 to settle, 1 kept" in shown
    assert "2 records are removed before screening by venue" in cli("status", *at).out
    status = cli("status", "--json", *at).json
    assert status["venues"] == {"removed": 2, "queued": 1, "kept": 1, "not_applied": []}
    assert (status["records"], status["stages"]["abstract"]["pending"]) == (5, 3)
    rows = {row["id"]: (row["status"], row["venue_rule"]) for row in cli("export", "--json", *at).json}
    assert rows["apes"] == ("removed", "removed: Third Hearts: Q3 in HEARTS (JCR 2024, by ISSN)")
    assert rows["newts"] == ("pending", "queued: A Bulletin is in no JCR file")
    assert rows["mice"] == rows["toads"] == ("pending", "")


def test_the_report_states_the_restriction_and_its_audit_holds(folder: Path, cli: Cli, tmp_path: Path) -> None:
    zipped = tmp_path / "audit.zip"
    assert cli("report", "--audit", "-o", zipped, "--review", folder).code == 0
    audit = recomputed.Audit(zipped)
    figures = audit.figures
    restriction = figures["venues"]
    assert restriction["rules"] == [{
        "source": "Journals",
        "restriction": "journals in Q1 of the category of the Journal Citation Reports 2024 (HEARTS)",
        "applied": True,
    }]  # fmt: skip
    assert [row["id"] for row in restriction["removed"]] == ["apes", "owls"]
    assert [row["id"] for row in restriction["queued"]] == ["newts"]
    assert "restricted by venue" in json.dumps(figures["methods"])
    boxes = {box["id"]: box for box in figures["flow"]["boxes"]}
    assert figures["flow"]["adds_up"]
    made = standing.flow(audit, standing.way(audit))
    for name, box in made.items():
        assert box["count"] == boxes[name]["count"], name
        assert box["parts"] == {part["label"]: part["count"] for part in boxes[name]["parts"]}, name
    assert (boxes["removed"]["count"], boxes["screened"]["count"]) == (3, 3)
    assert "Restriction by venue" in page(figures)

    with zipfile.ZipFile(zipped) as archive:
        inside = b"".join(archive.read(name) for name in archive.namelist())
    assert b"Third Hearts" in inside
    assert b"Secret Lungs" not in inside, "of JCR's table only the records' own journals"
    checked = cli("check", "--audit", zipped)
    assert (checked.code, checked.err) == (0, ""), checked.out


@pytest.mark.slow
@needs_shared
def test_the_first_reviews_records_by_its_own_rule(folder: Path, cli: Cli, tmp_path: Path) -> None:
    seed = SHARED / "seed-review"
    categories = json.dumps(sorted(path.stem for path in (seed / "jcr").glob("*.csv")))
    for path in (folder / "prompts" / "jcr").glob("*.csv"):
        path.unlink()
    for path in (seed / "jcr").glob("*.csv"):
        (folder / "prompts" / "jcr" / path.name).write_bytes(path.read_bytes())
    rule = f"{{jcr: {{files: jcr, year: 2024, categories: {categories}}}}}"
    sources = "sources:\n  - {{name: Web of Science, venues: {rule}}}\n  - {{name: PubMed, venues: {other}}}\n"
    (folder / ".screener" / "ledger.db").unlink()
    (folder / "prompts" / "sources.yaml").write_text(sources.format(rule=rule, other="any"))
    files = (*(seed / "wos").glob("*.xls"), *(seed / "pubmed").glob("*.csv"))
    assert cli("import", *files, "--review", folder).code == 0
    assert cli("status", "--json", "--review", folder).json["venues"] == {
        "removed": 0, "queued": 0, "kept": 305, "not_applied": [],
    }  # fmt: skip
    (folder / "prompts" / "sources.yaml").write_text(sources.format(rule=rule, other=rule))
    assert cli("status", "--json", "--review", folder).json["venues"] == {
        "removed": 168, "queued": 408, "kept": 550, "not_applied": [],
    }  # fmt: skip
