"""A record's page and the list say what is known against it, and name its notices."""

from pathlib import Path

import pytest
from support.imports import a_file
from support.venues import THIRD, venue_review

from screener.ledger import FoundMark, IntegrityCheck, Ledger, add_files, add_integrity_check, reads
from screener.records import Entry, FileRead, Hit

pytest.importorskip("fastapi")

from screener.protocol import Review
from screener.web.desk import Desk
from screener.web.marks import NOTICE, QUEUED, REMOVED

PAPER = "Vitamin Q and mortality in intensive care: a randomised trial"
SAID = "Retraction notice to “" + PAPER + "”"


def test_a_record_shows_its_gravest_mark_and_its_notices_and_a_notice_its_paper(folder: Path) -> None:
    ledger, review = Ledger.of(folder / ".screener"), Review(folder)
    desk = Desk(review, ledger, "ada")
    entries = [
        Entry(title=PAPER, authors=("Bates, R",), year=2012, doi="10.5555/vq"),
        Entry(title=f"{PAPER} <b>(Erratum)", authors=("Bates, R",), year=2013, doi="10.5555/vq.e"),
        Entry(title=f"{PAPER} - Reply", authors=("Bates, R",), year=2013, doi="10.5555/vq.r"),
        Entry(title="A paper without a mark", year=2014),
    ]

    def put(name: str, *some: Entry) -> None:
        hits = tuple(Hit(source=name, row=row, entry=entry) for row, entry in enumerate(some, 1))
        add_files(ledger, [FileRead(path=name, format="csv", source=name, sha256=name, hits=hits, rejected=())])

    def shown(title: str) -> str:
        with ledger.read() as connection:
            record = next(record for record in reads.records(connection) if record.title == title)
        macros = desk.templates.get_template("_criteria.html").module
        return str(macros.integrity(record))  # type: ignore[attr-defined]

    put("Base", *entries)
    page = shown(PAPER)
    assert "<strong>Corrected</strong>" in page
    assert 'href="https://doi.org/10.5555/vq.e"' in page
    assert "Reply or comment: " in page
    assert "trouble-here" not in page
    assert "<b>" not in page
    assert NOTICE in shown(entries[2].title)
    assert f"<bdi>{PAPER}</bdi>" in shown(entries[2].title)
    assert shown(entries[3].title).strip() == ""

    put("Late", Entry(title=SAID, authors=("Bates, R",), year=2014))
    page = shown(PAPER)
    assert "<strong>Retracted</strong>" in page
    assert "trouble-here" in page
    ledger.close()


def test_a_study_shows_the_gravest_mark_of_its_reports_and_a_new_check_at_once(folder: Path) -> None:
    ledger, review = Ledger.of(folder / ".screener"), Review(folder)
    desk = Desk(review, ledger, "ada")
    entries = [
        Entry(title=f"{PAPER}, {part}", year=2012, doi=f"10.5555/{part}") for part in ("first", "second", "third")
    ]
    hits = tuple(Hit(source="Base", row=row, entry=entry) for row, entry in enumerate(entries, 1))
    add_files(ledger, [FileRead(path="a", format="csv", source="Base", sha256="a", hits=hits, rejected=())])
    with ledger.read() as connection:
        ids = {record.title: record.id for record in reads.records(connection)}
    first, second, third = [ids[entry.title] for entry in entries]

    def check(*found: tuple[str, str]) -> None:
        marks = tuple(FoundMark(record, mark) for record, mark in found)
        with ledger.write() as connection:
            add_integrity_check(connection, IntegrityCheck("", "ada", "watch.csv", "", 3, 0, marks))

    assert desk.marks.of([first, second, third]) is None
    check((first, "corrected"))
    shown = desk.marks.of([first, second, third])
    assert shown is not None
    assert (shown.name, shown.grave) == ("Corrected", False)
    check((first, "corrected"), (third, "retracted"))
    shown = desk.marks.of([first, second, third])
    assert shown is not None
    assert (shown.name, shown.grave) == ("Retracted", True)
    assert [why.partition(": ")[0] for why in shown.why] == [first, third]
    assert desk.marks.of([second]) is None
    ledger.close()


def test_a_record_that_a_venue_rule_removes_says_so_and_why(tmp_path: Path) -> None:
    review = venue_review(tmp_path / "review")
    ledger = Ledger.of(review.hidden)
    rows = [
        Entry(given_id="bad", title="Sorting of the lungs of apes", venue="Third Hearts", issn=(THIRD,), year=2020),
        Entry(given_id="odd", title="Arranging of livers by weight", venue="Bulletin of Livers", year=2020),
        Entry(given_id="good", title="Ordering of the hearts of mice", venue="First Hearts", year=2020),
    ]
    add_files(ledger, [a_file(rows, "a", "Journals")])
    desk = Desk(review, ledger, "ada")
    with ledger.read() as connection:
        bad, odd, good = reads.records(connection)
    page = str(desk.templates.get_template("_criteria.html").module.integrity(bad))  # type: ignore[attr-defined]
    assert f"<strong>{REMOVED}</strong>" in page
    assert "Third Hearts: Q3 in HEARTS (JCR 2024, by ISSN)" in page
    marks = [desk.shown_mark(record) for record in (bad, odd, good)]
    assert [mark and mark.venue for mark in marks] == [REMOVED, QUEUED, None]
    ledger.close()
