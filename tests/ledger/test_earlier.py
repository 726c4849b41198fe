"""An import reads only what its rows may be, and comes to the same as if it had read everything."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, update
from support.imports import a_file, imported

from screener.ledger import clusters, hit_keys, intake
from screener.ledger.intake import add_files
from screener.ledger.key_tables import hit_keys as keys_table
from screener.ledger.key_tables import hit_keys_made
from screener.ledger.merges import merge_records, split_record
from screener.ledger.reads import records
from screener.ledger.store import Ledger
from screener.records import Entry

TITLES = ("Letter to the editor", "The effect of aspirin on the risk of stroke in women", "A trial of aspirin",
          "Deep learning for the electrocardiogram: a cohort study", "Deep learning for the electrocardiogram")  # fmt: skip
ENTRIES = st.builds(
    Entry,
    title=st.sampled_from(TITLES),
    authors=st.sampled_from([(), ("Smith, A.",), ("Jones, B.", "Smith, A.")]),
    year=st.sampled_from([None, 2019, 2020]),
    doi=st.sampled_from([None, None, "10.1000/a", "10.1000/b"]),
    pmid=st.sampled_from([None, None, "1", "2"]),
    given_id=st.sampled_from([None, None, "1"]),
    abstract=st.sampled_from(["", "Aspirin was given to women.", "A network was trained."]),
    pages=st.sampled_from(["", "1–9", "20–29"]),
)


def memory() -> Ledger:
    return Ledger("sqlite://")


@pytest.mark.slow
@settings(max_examples=20, deadline=None)
@given(entries=st.lists(ENTRIES, min_size=2, max_size=14), cuts=st.sets(st.integers(1, 13), max_size=4))
def test_rows_come_to_the_same_in_one_file_and_in_several(entries: list[Entry], cuts: set[int]) -> None:
    whole, parts = memory(), memory()
    add_files(whole, [a_file(entries, "whole")])
    edges = [0, *sorted(cut for cut in cuts if cut < len(entries)), len(entries)]
    files = [a_file(entries[a:b], f"{a}") for a, b in pairwise(edges)]
    for file in files:
        add_files(parts, [file])
    at_once = memory()
    add_files(at_once, files)
    few = memory()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(intake, "_COMPARED", 2)
        for some in (files[:2], files[2:]):
            add_files(few, some)
    assert imported(parts) == imported(whole) == imported(at_once) == imported(few)


def entry(title: str, **fields: Any) -> Entry:
    return Entry(title=title, year=2020, authors=("Smith, A.",), **fields)


def test_an_import_reads_only_the_entries_that_its_rows_may_be(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"The effect of drug {chr(97 + i)}{chr(97 + i)} on the hearts of {chr(97 + i)}mice" for i in range(20)]
    add_files(ledger, [a_file([entry(name, doi=f"10.1000/{i}") for i, name in enumerate(names)])])
    add_files(ledger, [a_file([entry(names[3], doi="10.1000/3", pmid="3")], "b", "Other")])
    read: list[int] = []
    monkeypatch.setattr("screener.ledger.earlier.hit_rows", lambda c, ids: read.extend(ids) or hit_rows(c, ids))
    [done] = add_files(ledger, [a_file([entry("Something new of kidneys", pmid="3")], "c", "Third")])
    assert sorted(read) == [4, 21]  # what shares the PMID, and what that is merged with
    assert (done.new, done.duplicate, len(done.conflicts)) == (1, 0, 1)


hit_rows = intake.rebuild.__globals__["hit_rows"]


def test_keys_that_are_missing_or_of_an_earlier_rule_are_made_by_the_next_import(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    paper = entry("The effect of aspirin on the risk of stroke", doi="10.1000/1")
    add_files(ledger, [a_file([paper])])
    before = imported(ledger)[-1]
    with ledger.write() as connection:  # as an earlier program left it
        connection.execute(delete(keys_table))
        connection.execute(delete(hit_keys_made))
    assert add_files(ledger, [a_file([paper], "b", "Other")])[0].duplicate == 1
    with ledger.write() as connection:
        connection.execute(update(keys_table).values(key=keys_table.c.key + 1))
    monkeypatch.setattr(hit_keys, "KEYS_VERSION", "another")
    assert add_files(ledger, [a_file([paper], "c", "Third")])[0].duplicate == 1
    assert [row for row in imported(ledger)[-1] if row[1] == 1] == before


def test_what_was_entered_while_rows_were_compared_is_compared_with_them_too(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    paper = entry("The effect of aspirin on the risk of stroke", doi="10.1000/1")
    plan, others = intake._plan, [a_file([paper], "other", "Other")]

    def late(*arguments: Any, **options: Any) -> Any:
        planned = plan(*arguments, **options)
        while others:
            file = others.pop()
            add_files(Ledger(str(ledger.engine.url)), [file])
        return planned

    monkeypatch.setattr(intake, "_plan", late)
    [done] = add_files(ledger, [a_file([paper])])
    assert (done.new, done.duplicate) == (0, 1)
    with ledger.read() as connection:
        assert [record.sources for record in records(connection)] == [("Other", "Base")]


def test_clusters_are_followed_from_any_of_their_hits(ledger: Ledger) -> None:
    titles = [f"The hearts of {name} and of others" for name in ("mice", "men", "cats", "dogs", "owls")]
    add_files(ledger, [a_file([entry(title, doi=f"10.1000/{i}") for i, title in enumerate(titles)])])
    for a, b in ((1, 3), (3, 4), (0, 2)):
        merge_records(ledger, f"doi:10.1000/{a}", f"doi:10.1000/{b}", "ada")
    with ledger.read() as connection:
        for hits, cluster in (([5], [[2, 4, 5]]), ([1, 4], [[1, 3], [2, 4, 5]])):
            joined = clusters.joined_hits(connection, hits)
            assert clusters.clusters_of(sorted(joined), joined) == cluster
        assert clusters.joined_hits(connection, []) == {}


def two_that_a_third_joins() -> tuple[Entry, Entry, Entry]:
    """Two entries that may be one work, and a third with the identifiers of both."""
    title = "The effect of aspirin on the risk of stroke in women"
    return entry(title, doi="10.1000/1"), entry(title, pmid="7"), entry(title, doi="10.1000/1", pmid="7")


def test_a_row_that_shows_two_records_to_be_one_joins_them(ledger: Ledger) -> None:
    first, second, third = two_that_a_third_joins()
    assert add_files(ledger, [a_file([first, second])])[0].new == 2
    [done] = add_files(ledger, [a_file([third], "b", "Other")])
    assert (done.new, done.duplicate) == (0, 1)
    with ledger.read() as connection:
        [record] = records(connection)
    assert (record.id, record.aliases, record.sources) == ("doi:10.1000/1", ("PMID:7",), ("Base", "Other"))


def test_no_row_joins_what_a_person_has_told_apart(ledger: Ledger) -> None:
    first, second, third = two_that_a_third_joins()
    add_files(ledger, [a_file([first, second])])
    merge_records(ledger, "doi:10.1000/1", "PMID:7", "ada")
    split_record(ledger, "doi:10.1000/1", "ada")
    add_files(ledger, [a_file([third], "b", "Other")])
    with ledger.read() as connection:
        assert sorted(record.sources for record in records(connection)) == [("Base",), ("Base", "Other")]


def test_what_a_person_has_parted_no_later_row_joins(ledger: Ledger) -> None:
    rows = [entry("The effect of drugs on the hearts of mice", pmid="3", issue=str(n)) for n in range(3)]
    add_files(ledger, [a_file(rows[:2])])
    with ledger.read() as connection:
        [record] = records(connection)
    split_record(ledger, record.id, "anna")
    [done] = add_files(ledger, [a_file(rows[2:], "b", "Other")])
    with ledger.read() as connection:
        assert len(records(connection)) == 2
    assert (done.new, done.duplicate) == (0, 1)
