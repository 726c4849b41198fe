"""Rows of a file that an earlier program read otherwise are the same rows when the file is imported again."""

from dataclasses import replace

import pytest
from support.imports import a_file

from screener.ledger.intake import add_files
from screener.ledger.intake_plan import Imported
from screener.ledger.reads import records
from screener.ledger.store import Ledger
from screener.records import Entry, FileRead, Rejected

BEFORE = (
    Entry(title="A trial of aspirin", year=2019, doi="10.1000/a"),
    Entry(title="A cohort of women", year=2020),
    Entry(title="Notes on the heart", year=2021, pmid="7"),
)
NOW = (
    Entry(title="A trial of aspirin: results", abstract="Aspirin was given.", year=2019, doi="10.1000/a", volume="3"),
    Entry(title="A cohort of women", abstract="Women were followed.", year=2020),
    Entry(title="Cardiac notes", abstract="", year=2021, pmid="7", pmcid="PMC1"),
)


def again(ledger: Ledger, first: FileRead, *others: FileRead) -> tuple[Imported, list[str]]:
    """Import files one after the other; return what the last brought, and the titles of the records there are then."""
    brought = [add_files(ledger, [file])[0] for file in (first, *others)]
    with ledger.read() as connection:
        return brought[-1], [record.title for record in records(connection)]


def test_a_row_that_is_read_otherwise_is_known_by_its_place(ledger: Ledger) -> None:
    untold = Entry(title="Heartbeats, told otherwise", year=2021)
    brought, titles = again(ledger, a_file(BEFORE), a_file((*NOW[:2], untold)))
    assert (brought.new, brought.duplicate, brought.repeated, len(titles)) == (0, 3, 3, 3)


def test_where_another_number_of_rows_is_read_title_or_identifier_tells_the_row(ledger: Ledger) -> None:
    other = Entry(title="A row that was refused", year=2018)
    brought, titles = again(ledger, a_file(BEFORE), a_file((other, *NOW)))
    assert (brought.new, brought.repeated, titles[3:]) == (1, 3, [other.title])


def test_a_row_that_is_refused_now_counts_as_a_row_that_is_read(ledger: Ledger) -> None:
    file = replace(a_file(NOW), rejected=(Rejected(row=4, reason="no title"),))
    brought, titles = again(ledger, a_file(BEFORE), file)
    assert (brought.new, brought.repeated, len(titles)) == (0, 3, 3)


def test_rows_that_came_with_another_file_first_are_known(ledger: Ledger) -> None:
    longer = replace(a_file((*BEFORE, Entry(title="Fourth", year=2022))), sha256="longer")
    read_now = replace(a_file((*NOW, Entry(title="Fourth", abstract="Now read.", year=2022))), sha256="longer")
    brought, titles = again(ledger, a_file(BEFORE), longer, read_now)
    assert (brought.new, brought.repeated, len(titles)) == (0, 4, 4)


def test_equal_rows_are_each_a_row_of_their_own(ledger: Ledger) -> None:
    twice = (BEFORE[1], BEFORE[1])
    brought, _ = again(ledger, a_file(twice), a_file((NOW[1], NOW[1], NOW[1])))
    assert (brought.repeated, brought.new + brought.duplicate) == (2, 3)


def test_a_row_that_is_known_by_what_it_says_is_no_other_row(ledger: Ledger) -> None:
    sibling = Entry(title=BEFORE[1].title, abstract="Other women.", year=2020)
    brought, _ = again(ledger, a_file(BEFORE[:2]), a_file((*BEFORE[:2], sibling)))
    assert (brought.repeated, brought.new + brought.duplicate) == (2, 3)


@pytest.mark.parametrize("change", [{"sha256": "other"}, {"encoding": "cp1252"}])
def test_what_is_another_file_or_another_encoding_is_read_anew(ledger: Ledger, change: dict[str, str]) -> None:
    brought, _ = again(ledger, a_file(BEFORE), replace(a_file(NOW), **change))
    assert brought.repeated == 0
