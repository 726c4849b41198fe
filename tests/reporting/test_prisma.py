"""What a journal asks of a report: reports by name, the PRISMA 2020 checklists, registration and support."""

import re
from pathlib import Path
from typing import Any

import pytest
from support import Cli
from support.report import figures_in, read_page, section

from screener.core.errors import BadInput
from screener.protocol import Review

ITEMS = re.findall(
    r"\w+",
    "1 2 3 4 5 6 7 8 9 10a 10b 11 12 13a 13b 13c 13d 13e 13f 14 15 16a 16b 17 18 19 20a 20b 20c 20d 21 22 "
    "23a 23b 23c 23d 24a 24b 24c 25 26 27",
)
"""The items and sub-items of PRISMA 2020."""
FOR_AUTHORS = {one for one in ITEMS if re.fullmatch("[23]|1[1-58][a-f]?|2[0-3][a-d]?", one)}
"""What only authors can write: abstract, rationale, bias, synthesis, certainty and discussion."""


def report(cli: Cli, *options: str) -> tuple[Any, Any]:
    assert cli("report", *options).code == 0
    page = read_page(Path("report.html"))
    return page, figures_in(page)


def test_excluded_reports_are_cited_with_their_reason_and_included_studies_in_full(journal: Path, cli: Cli) -> None:
    assert cli("dedup", "merge", "p0", "c1", "--same-study").code == 0
    page, figures = report(cli)
    zebra, apple = figures["reports"]["excluded"]
    assert zebra["citation"] == "Abel, Ann; Berg, Bo (2019). Zebra hearts. Heart Journal. doi:10.5555/zebra"
    assert (zebra["criterion"], zebra["by"]) == ("adults", "ann")
    assert apple["citation"] == "Cid, Di (2021). Apple hearts? Heart Journal. doi:10.5555/apple"
    assert (apple["criterion"], apple["note"]) == ("no criterion given", "It has no data")
    text = section(page, "excluded").text
    assert "not adults" in text
    assert "1 without naming a criterion" in text
    assert "no criterion given: It has no data" in text
    [study] = figures["reports"]["included"]
    assert {one["id"] for one in study["reports"]} == {"p0", "c1"}
    assert "A cited work on valves (2001)." in section(page, "included").text


def test_the_checklist_has_every_item_and_each_place_is_on_the_page(journal: Path, cli: Cli) -> None:
    page, figures = report(cli)
    items, abstract = figures["prisma"]["items"], figures["prisma"]["abstract"]
    assert [one["id"] for one in items] == ITEMS
    assert [one["id"] for one in abstract] == [str(number) for number in range(1, 13)]
    anchors = {one.attributes["id"] for one in page.all() if "id" in one.attributes}
    for item in [*items, *abstract]:
        assert {place["anchor"] for place in item["places"]} <= anchors
        assert item["places"] or item["person"]
    assert not [one["id"] for one in items if one["id"] in FOR_AUTHORS and one["places"]]
    assert all(one["person"] for one in abstract[1:])  # the abstract is no part of this report
    rows = [row for row in section(page, "prisma").all("tr") if list(row.all("td"))]
    assert len(rows) == len(ITEMS) + 12


def test_an_item_has_a_place_only_where_the_report_says_something_of_it(journal: Path, cli: Cli) -> None:
    def placed() -> set[str]:
        return {one["id"] for one in cli("report", "--json").json["prisma"]["items"] if one["places"]}

    before = placed()
    assert {"4", "5", "6", "7", "8", "16a", "16b", "17", "27"} <= before
    assert not before & {"1", "9", "10a", "19", "24a", "24b", "24c", "25", "26"}
    protocol = Path("prompts/review.yaml")
    protocol.write_text(
        protocol.read_text().replace(
            "title: Hearts\n",
            "title: 'Hearts: a systematic review'\nfunding: The Heart Fund, without a say.\ncompeting_interests: None.\n"
            "registration: {registry: PROSPERO, number: CRD42026123456, date: 2026-01-01, protocol: 'https://osf.io/x'}\n",
        )
    )
    assert placed() - before == {"1", "24a", "24b", "25", "26"}
    page, _ = report(cli)
    text = section(page, "protocol").text
    assert "PROSPERO CRD42026123456, 2026-01-01." in text
    assert "The Heart Fund, without a say." in text
    assert Path("prompts/sources.yaml").write_text("sources: []\n")
    assert before - placed() == {"6", "7"}


@pytest.mark.parametrize(
    ("registration", "fault"),
    [
        ("{registry: PROSPERO, number: '123'}", "`123` is no number of PROSPERO"),
        ("{registry: OSF}", "`registry` and `number` go together"),
        ("{date: 2026-01-01}", "says nothing"),
        ("{registry: OSF, number: x1, date: soon}", "`soon` is no day"),
        ("{protocol: on my desk}", "neither an address nor a DOI"),
        ("{register: OSF}", "unknown key"),
    ],
)
def test_a_registration_that_cannot_be_is_refused(journal: Path, registration: str, fault: str) -> None:
    protocol = journal / "prompts" / "review.yaml"
    protocol.write_text(f"registration: {registration}\n{protocol.read_text()}")
    with pytest.raises(BadInput, match=fault):
        Review(journal)


def test_a_review_that_was_not_registered_says_so(journal: Path) -> None:
    protocol = journal / "prompts" / "review.yaml"
    protocol.write_text(f"registration: The review was not registered.\n{protocol.read_text()}")
    registration = Review(journal).protocol.registration
    assert registration is not None
    assert registration.statement == "The review was not registered."


def test_the_flow_names_other_methods_as_prisma_does(journal: Path, cli: Cli) -> None:
    page, figures = report(cli)
    boxes = {box["id"]: box for box in figures["flow"]["boxes"]}
    assert [(part["label"], part["count"]) for part in boxes["identified"]["parts"]] == [("Databases: PubMed", 3)]
    assert [(part["label"], part["count"]) for part in boxes["other_identified"]["parts"]] == [
        ("Citation searching: Cited works", 1), ("Web sites: hearts.example", 1), ("Organisations: Heart Foundation", 1),
    ]  # fmt: skip
    assert figures["flow"]["adds_up"]
    text = section(page, "flow").text
    assert "Identification of studies via other methods" in text
    assert "Citation searching: Cited works: 1" in text


def test_the_search_log_keeps_translation_warnings_and_peer_review(journal: Path, cli: Cli) -> None:
    page, figures = report(cli)
    items = {one["id"]: one for one in figures["searches"]["items"]}
    assert items["8"]["filled"] == (
        "1 query is listed in full, as pasted. The database’s own translation is kept of 1. 1 warning of databases is listed."
    )
    assert items["14"]["filled"] == "PubMed: A. Librarian, PRESS 2015, 2025-12-20"
    assert items["14"]["person"]  # the other sources
    assert (items["4"]["filled"], items["5"]["filled"]) == ("hearts.example, Heart Foundation", "Cited works")
    text = section(page, "searches").text
    assert '"heart"[MeSH Terms] OR "heart*"[All Fields]' in text
    assert "Phrase not found: heartt" in text


def test_the_short_report_has_summary_flow_accuracy_and_agreement(journal: Path, cli: Cli) -> None:
    page, figures = report(cli, "--short")
    assert [one.attributes["id"] for one in page.all("section")] == ["glance", "flow", "accuracy", "agreement"]
    assert figures["reports"]["excluded"], "the figures are whole"
    assert not list(page.all("article"))
    links = [one.attributes["href"] for one in page.all("a") if one.attributes["href"].startswith("#")]
    anchors = {one.attributes["id"] for one in page.all() if "id" in one.attributes}
    assert {link[1:] for link in links} <= anchors
    refused = cli("report", "--short", "--audit")
    assert (refused.code, "--short" in refused.err) == (2, True)
