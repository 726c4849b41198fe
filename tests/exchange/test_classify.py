"""Reports that await classification or are of ongoing studies, as people say, and contact with authors."""

import csv
from pathlib import Path
from typing import Any

import pytest
from support import Cli
from support.report import figures_in, read_page, section

from screener.adjudication.queue import next_record
from screener.core.judgement import Stage
from screener.ledger.store import Ledger
from screener.protocol import Review
from screener.stages.standing_keeper import differing_standings


def exported(cli: Cli) -> dict[str, dict[str, str]]:
    assert cli("export", "--stage", "fulltext", "--format", "csv", "-o", "out.csv").code == 0
    with Path("out.csv").open(encoding="utf-8", newline="") as file:
        return {row["id"]: row for row in csv.DictReader(file)}


def boxes(figures: Any) -> dict[str, int]:
    return {box["id"]: box["count"] for box in figures["flow"]["boxes"]}


def test_what_people_cannot_decide_yet_is_a_standing_of_its_own_everywhere(journal: Path, cli: Cli) -> None:
    before = boxes(cli("report", "--json").json)
    assert cli("classify", "w1", "--ongoing", "Recruits until 2028", "--reviewer", "ann").code == 0
    assert cli("classify", "10.5555/zebra", "--awaiting", "The authors were asked", "--reviewer", "bo").code == 0
    rows = exported(cli)
    assert [(rows[name]["status"], rows[name]["flow"], rows[name]["reason"]) for name in ("w1", "p1")] == [
        ("ongoing", "ongoing", "Recruits until 2028"),
        ("awaiting_classification", "awaiting_classification", "The authors were asked"),
    ]
    status = cli("status", "--json").json["stages"]["fulltext"]
    assert (status["ongoing"], status["awaiting_classification"]) == (1, 1)
    assert "1 awaiting classification, 1 ongoing" in cli("status").out
    assert cli("report").code == 0
    page = read_page(Path("report.html"))
    figures = figures_in(page)
    after = boxes(figures)
    assert figures["flow"]["adds_up"]
    assert (after["other_ongoing"], after["unclassified"]) == (1, 1), "w1 is of a web site"
    assert after["excluded_reports"] == before["excluded_reports"] - 1
    assert "A page on the aorta." in section(page, "ongoing").text
    assert "The authors were asked (bo)" in section(page, "awaiting").text
    methods = section(page, "methods").text
    assert "1 report awaits classification. 1 report is of ongoing studies." in methods
    assert [one["id"] for one in figures["reports"]["excluded"]] == ["p2"]


def test_the_audit_of_it_holds_and_kept_standings_are_the_computed_ones(journal: Path, cli: Cli) -> None:
    assert cli("classify", "w1", "--ongoing", "Recruits until 2028").code == 0
    assert cli("contact", "w1", "--to", "The sponsor", "--asked", "When will it end?").code == 0
    ledger = Ledger.of(journal / ".screener")
    assert differing_standings(ledger, Review(journal)) == {}
    assert cli("report", "--audit").code == 0
    assert cli("check", "--audit", "audit.zip", "--json").json["verdict"] == "holds"


def test_it_stands_until_people_decide_or_take_it_back(journal: Path, cli: Cli) -> None:
    for name in ("p0", "w1"):
        assert cli("classify", name, "--awaiting", "Which leads?").code == 0
    Path("later.csv").write_text("id,decision\nw1,include\n")
    assert cli("label", "later.csv", "--stage", "fulltext", "--reviewer", "ann").code == 0
    rows = exported(cli)
    assert (rows["w1"]["status"], rows["w1"]["decision"]) == ("final", "include")
    assert rows["p0"]["status"] == "awaiting_classification"
    assert cli("classify", "p0", "--settled", "They answered").code == 0
    assert (exported(cli)["p0"]["status"], exported(cli)["p0"]["decision"]) == ("final", "include")


def test_nobody_is_given_a_report_that_cannot_be_decided(journal: Path, cli: Cli) -> None:
    (journal / "text.txt").write_text("The aorta carries blood. " * 40)
    for name in ("o1", "w1"):
        assert cli("attach", name, journal / "text.txt").code == 0
    assert cli("classify", "w1", "--ongoing", "Recruits until 2028").code == 0

    def given(reviewer: str) -> str | None:
        record = next_record(
            Ledger.of(journal / ".screener"), Review(journal), Stage.FULLTEXT, reviewer, holder=reviewer
        )
        return record and record.id

    assert [given("bo"), given("cid")] == ["o1", None]  # bo has o1 open
    assert cli("classify", "w1", "--settled", "It has ended").code == 0
    assert given("cid") == "w1"


@pytest.mark.parametrize(
    ("command", "fault"),
    [
        (("classify", "w1"), "give one of --awaiting"),
        (("classify", "w1", "--awaiting", "x", "--ongoing", "y"), "give one of --awaiting"),
        (("classify", "w1", "--ongoing", " "), "say why"),
        (("classify", "w1", "--settled", "x"), "nothing to take back"),
        (("classify", "nobody", "--ongoing", "x"), "no record has this id"),
        (("contact", "w1", "--to", "x"), "say what you asked"),
        (("contact", "w1", "--asked", "x"), "say whom you asked"),
        (("contact", "--answer", "x"), "give RECORD"),
        (("contact", "w1", "--answer", "x"), "no question without an answer"),
        (("contact", "w1", "--to", "x", "--asked", "y", "--on", "soon"), "`soon` is no day"),
    ],
)
def test_bad_input_gives_one_line(journal: Path, cli: Cli, command: tuple[str, ...], fault: str) -> None:
    refused = cli(*command)
    assert refused.code == 2
    assert fault in refused.err
    assert len(refused.err.strip().splitlines()) == 1


def test_contact_with_authors_is_logged_and_reported(journal: Path, cli: Cli) -> None:
    asked = ("contact", "p1", "--to", "Ann Abel", "--asked", "Which leads?", "--on", "2026-03-01", "--reviewer", "bo")
    assert cli(*asked).code == 0
    assert "no answer yet" in cli("contact").out
    assert cli("contact", "p1", "--answer", "All twelve", "--on", "2026-03-05").code == 0
    [logged] = cli("contact", "--json").json
    assert logged == {
        "record_id": "p1", "who": "bo", "to": "Ann Abel", "asked": "Which leads?", "on": "2026-03-01",
        "answer": "All twelve", "answered": "2026-03-05",
    }  # fmt: skip
    assert cli("report").code == 0
    page = read_page(Path("report.html"))
    text = " ".join(section(page, "contacts").text.split())
    assert "2026-03-01, bo to Ann Abel" in text
    assert "2026-03-05: All twelve" in text
    figures = figures_in(page)
    assert {one["id"]: one for one in figures["searches"]["items"]}["6"]["filled"] == "1 question to authors is logged."
    [item] = [one for one in figures["prisma"]["items"] if one["id"] == "9"]
    assert item["places"] == [{"anchor": "contacts", "name": "Contact with authors"}]
