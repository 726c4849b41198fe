"""Links: every one is listed and can be undone, one work is taken out of several, and what a person said holds."""

import pytest
from sqlalchemy import delete
from support.imports import a_file

from screener.adjudication import Pairs, settle_pairs
from screener.core.errors import BadInput
from screener.ledger import (
    MACHINE,
    Ledger,
    ListedLink,
    add_files,
    all_imports,
    confirm_exact,
    confirm_pair,
    hits_of,
    link_acts,
    listed_links,
    merge_records,
    open_candidates,
    reads,
    split_record,
    undo_imports,
    undo_link_act,
    update_source,
)
from screener.ledger import tables as t
from screener.ledger.links import add_link, link_row
from screener.ledger.rebuild import rebuild
from screener.records import Entry, FileRead, Hit, certainly_same

TITLE = "Deep learning of long electrocardiograms in primary care"


def put(ledger: Ledger, *entries: Entry, source: str = "Embase", name: str = "a.csv") -> None:
    hits = [Hit(source=source, row=row, entry=entry) for row, entry in enumerate(entries, 1)]
    add_files(
        ledger, [FileRead(path=name, format="csv", source=source, sha256=f"{name}{len(hits)}", hits=hits, rejected=[])]
    )


def work(title: str = TITLE, **fields: object) -> Entry:
    return Entry.model_validate({"title": title, "year": 2020, "authors": ("Doe, Jane",), **fields})


def draw(ledger: Ledger, kind: str, a: int, b: int, score: float = 0.9) -> None:
    with ledger.write() as connection:
        add_link(connection, link_row(kind, a, b, "title", score, MACHINE))


def records(ledger: Ledger) -> dict[str, tuple[str, ...]]:
    """The records by id, each with its aliases."""
    with ledger.read() as connection:
        return {record.id: record.aliases for record in reads.records(connection)}


def link(ledger: Ledger, kind: str) -> ListedLink:
    (only,) = listed_links(ledger, kind)
    return only


def candidates(ledger: Ledger) -> int:
    with ledger.read() as connection:
        return len(open_candidates(connection))


HEART = (
    "Learning of the heart from long recordings",
    "Learning of the lung from long recordings",
    "Of the liver we know",
)


@pytest.fixture
def three(ledger: Ledger) -> Ledger:
    """Three records, none of them linked."""
    put(ledger, *(work(title, given_id=name) for title, name in zip(HEART, ("h", "l", "v"), strict=True)))
    assert set(records(ledger)) == {"h", "l", "v"}
    return ledger


def test_rows_of_one_name_are_listed_apart_and_each_can_be_taken_out(ledger: Ledger) -> None:
    put(
        ledger,
        work(doi="10.1/x", given_id="7"),
        work(doi="10.1/x", given_id="7", venue="Heart"),
        work(doi="10.1/x", given_id="7"),
    )
    listed = listed_links(ledger)
    assert [(one.b, one.a, one.repeat) for one in listed] == [("7", "7~2", False), ("7", "7~3", True)]
    assert records(ledger) == {"7": ()}
    assert split_record(ledger, "7", "ada", ["7~2"]) == ["7", "7~2"]
    assert [one.a for one in listed_links(ledger)] == ["7~2", "7~3"], "ids are the same for good"
    # The identical row stays with its like unless it is named and nothing else is left.
    with pytest.raises(BadInput, match="2 rows are identical; to take one out: `screener dedup split 7 7~3`"):
        split_record(ledger, "7", "ada")
    assert split_record(ledger, "7", "ada", ["7~3"]) == ["7", "7~3"]
    assert undo_link_act(ledger, "ada") == "Split 7 into 2 records"
    assert undo_link_act(ledger, "ada") == "Split 7 into 2 records"
    assert set(records(ledger)) == {"7"}


def test_one_work_is_taken_out_of_a_record_and_the_rest_stays_one(three: Ledger) -> None:
    put(three, work("A fourth work on the kidney and its filters", given_id="k"), name="b.csv")
    for other in ("l", "v", "k"):
        merge_records(three, "h", other, "ada")
    assert split_record(three, "h", "ada", ["h"]) == ["h", "l"], "also the row that all others were merged into"
    assert records(three) == {"h": (), "l": ("v", "k")}
    assert split_record(three, "l", "ada", ["v", "k"]) == ["l", "v"], "several entries come out as one record"
    for _ in range(2):
        undo_link_act(three, "ada")
    assert records(three) == {"h": ("l", "v", "k")}
    with pytest.raises(BadInput, match="z: no entry of h has this id; it has h, l, v, k"):
        split_record(three, "h", "ada", ["z"])
    with pytest.raises(BadInput, match="these are all rows of the record"):
        split_record(three, "h", "ada", ["h", "l", "v", "k"])


def test_a_candidate_waits_until_a_person_decides_and_every_decision_is_undone(three: Ledger) -> None:
    draw(three, "candidate", 2, 1)
    assert candidates(three) == 1
    assert link(three, "candidate").active
    for verdict, made in (("same", 2), ("same_study", 3), ("apart", 3)):
        done = confirm_pair(three, "l", "h", verdict, "ada")  # type: ignore[arg-type]
        assert (candidates(three), len(records(three))) == (0, made)
        assert not link(three, "candidate").active
        assert len(done.records) == made - 1
        undo_link_act(three, "ada")
        assert (candidates(three), len(records(three))) == (1, 3)


def test_an_act_that_is_named_is_taken_back_and_later_ones_stand(three: Ledger) -> None:
    put(three, work("A fourth work on the kidney and its filters", given_id="k"), name="b.csv")
    merge_records(three, "h", "l", "ada")
    merge_records(three, "v", "k", "ada")
    done = link_acts(three, "ada")
    assert [(act.message, act.records) for act in done] == [("Merged v and k", ("v",)), ("Merged h and l", ("h",))]
    with pytest.raises(BadInput, match="ben has changed no link of l"):
        undo_link_act(three, "ben", record="l")
    assert undo_link_act(three, "ada", record="l") == "Merged h and l"
    assert records(three) == {"h": (), "l": (), "v": ("k",)}
    with pytest.raises(BadInput, match=f"ada has no act {done[1].act} that could be taken back"):
        undo_link_act(three, "ada", act=done[1].act)
    assert undo_link_act(three, "ada", act=done[0].act) == "Merged v and k"
    assert link_acts(three, "ada") == []


def test_an_act_is_not_taken_back_under_a_later_one_of_the_same_links(three: Ledger) -> None:
    draw(three, "candidate", 2, 1)
    confirm_pair(three, "h", "l", "apart", "ada")
    confirm_pair(three, "h", "l", "same_study", "ada")
    draw(three, "candidate", 3, 1)
    first = link_acts(three, "ada")[1]
    confirm_pair(three, "h", "l", "apart", "ben")
    with pytest.raises(BadInput, match="Not undone"):
        undo_link_act(three, "ada", act=first.act)


def test_pairs_are_shown_a_page_at_a_time_in_the_order_in_which_they_are_worked_through(three: Ledger) -> None:
    for a, b, score in ((2, 1, 0.7), (3, 1, 0.9), (3, 2, 0.8)):
        draw(three, "candidate", a, b, score)
    pairs = Pairs(three)
    first, last = pairs.page("", 0, 2), pairs.page("candidate", 9, 2)
    assert [pair.score for pair in first.pairs] == [0.9, 0.8]
    assert ([pair.score for pair in last.pairs], last.place, last.count) == ([0.7], 2, 3)
    assert (first.kind, first.counts["candidate"]) == ("candidate", 3)
    assert [pairs.place_of("candidate", name) for name in ("h", "l", "v", "none")] == [0, 1, 0, 0]
    settle_pairs(three, [first.pairs[0].number], "apart", "ada")
    assert [pair.score for pair in pairs.page("candidate", 0, 50).pairs] == [0.8, 0.7]
    assert [pair.who for pair in pairs.page("candidate", decided=True).pairs] == ["ada"]


def test_merges_of_identical_rows_are_counted_and_not_among_the_pairs(ledger: Ledger) -> None:
    rows = [work(doi="10.1/x"), work(doi="10.1/x", venue="Heart"), work(doi="10.1/x")]
    put(ledger, *rows)
    put(ledger, rows[0], source="Scopus", name="b.csv")
    page = Pairs(ledger).page("duplicate", size=50)
    assert page.repeats == 1
    assert [pair.source_a for pair in page.pairs] == ["Embase", "Scopus"]


def test_what_was_dismissed_stays_so_when_the_same_rows_come_again(three: Ledger) -> None:
    draw(three, "candidate", 2, 1)
    confirm_pair(three, "h", "l", "apart", "ada")
    again = [work(title, given_id=name) for title, name in zip(HEART, ("h", "l", "v"), strict=True)]
    put(three, *again, name="again.csv")
    assert len(records(three)) == 3
    with three.read() as connection:
        heart, lung = hits_of(connection, "h")[-1], hits_of(connection, "l")[-1]
    for kind in ("candidate", "same_study"):
        draw(three, kind, lung, heart)
    assert candidates(three) == 0
    assert {(one.active, one.who) for one in listed_links(three, "candidate")} == {(False, "ada")}
    assert (link(three, "same_study").active, link(three, "same_study").who) == (False, "ada")
    draw(three, "candidate", 3, 1)
    assert candidates(three) == 1, "what nobody has looked at is open"


def test_a_study_that_the_program_supposes_counts_once_a_person_confirms_it(three: Ledger) -> None:
    draw(three, "same_study", 2, 1)
    with three.read() as connection:
        assert reads.same_study(connection) == []
    assert confirm_pair(three, "h", "l", "as listed", "ada").verdict == "same_study"
    with three.read() as connection:
        assert reads.same_study(connection) == [("l", "h")]
    undo_link_act(three, "ada")
    with three.read() as connection:
        assert reads.same_study(connection) == []


@pytest.mark.parametrize(
    ("kind", "listed"), [("notice_of", "notice_of"), ("same_study", "same_study"), ("candidate", "merged")]
)
def test_a_link_is_confirmed_as_it_is_listed(kind: str, listed: str, three: Ledger) -> None:
    draw(three, kind, 2, 1)
    assert confirm_pair(three, "l", "h", "as listed", "ada").verdict == listed
    with pytest.raises(BadInput, match="are not linked: say what they are"):
        confirm_pair(three, "h", "v", "as listed", "ada")
    undo_link_act(three, "ada")
    confirm_pair(three, "l", "h", "apart", "ada")
    assert not link(three, kind).active


def test_a_shared_identifier_with_two_titles_shows_both_and_is_not_confirmed_unasked(three: Ledger) -> None:
    draw(three, "conflict", 2, 1)
    assert (link(three, "conflict").title, link(three, "conflict").title_b) == (HEART[1], HEART[0])
    with pytest.raises(BadInput, match="share an identifier but not the title"):
        confirm_pair(three, "h", "l", "as listed", "ada")
    confirm_pair(three, "h", "l", "apart", "ada")
    assert (link(three, "conflict").active, link(three, "conflict").who) == (True, "ada")
    merge_records(three, "h", "l", "ada")
    assert len(records(three)) == 2


def test_taking_two_apart_leaves_what_else_is_merged_with_each(three: Ledger) -> None:
    put(three, work("A fourth work on the kidney and its filters", given_id="k"), name="b.csv")
    merge_records(three, "h", "l", "ada")
    merge_records(three, "v", "k", "ada")
    merge_records(three, "v", "h", "ada")
    confirm_pair(three, "h", "v", "apart", "ben")
    assert records(three) == {"h": ("l",), "v": ("k",)}


def alone(ledger: Ledger, *entries: Entry) -> None:
    """Enter entries that nothing links, whatever they have in common."""
    put(ledger, *entries)
    with ledger.write() as connection:
        connection.execute(delete(t.links))
        rebuild(connection, range(1, len(entries) + 1))


def test_only_what_is_beyond_doubt_is_confirmed_at_once(ledger: Ledger) -> None:
    sure = work(volume="3", pages="1–9", given_id="1")
    same = sure.model_copy(update={"pages": "1", "issn": ("1234-567X",), "given_id": "2"})
    alone(ledger, sure, same, work(HEART[0], given_id="3"), work(HEART[0], venue="Heart", given_id="4"))
    for a, b in ((2, 1), (4, 3)):
        draw(ledger, "candidate", a, b)
    planned = confirm_exact(ledger, "ada", dry_run=True)
    assert [(pair.b, pair.a, pair.evidence) for pair in planned] == [("1", "2", "volume and pages")]
    assert (candidates(ledger), len(records(ledger))) == (2, 4), "nothing was written"
    assert confirm_exact(ledger, "ada") == planned
    assert records(ledger) == {"1": ("2",), "3": (), "4": ()}
    assert confirm_exact(ledger, "ada") == []
    assert undo_link_act(ledger, "ada") == "Confirmed 1 exact pair"
    assert candidates(ledger) == 2


def test_exact_needs_evidence_beyond_title_author_and_year_and_no_difference() -> None:
    base = work(doi="10.1/x")
    assert certainly_same(base, work(doi="10.1/x", volume="3")) == "doi"
    assert not certainly_same(work(), work(venue="Heart"))
    for other in (
        {"pmid": "2"},
        {"volume": "4"},
        {"pages": "7"},
        {"registry": ("NCT2",)},
        {"publication_types": ("Erratum",)},
    ):
        full = {"pmid": "1", "volume": "3", "pages": "1–9", "registry": ("NCT1",)}
        assert certainly_same(work(doi="10.1/x", **full), work(doi="10.1/x", **full | {"venue": "Heart"}))
        assert not certainly_same(work(doi="10.1/x", **full), work(doi="10.1/x", **full | other))
    assert not certainly_same(base, base.model_copy(update={"year": 2021}))
    assert certainly_same(work(authors=()), work(authors=())) == "identical row"


def test_an_exact_candidate_does_not_chain_two_that_differ(ledger: Ledger) -> None:
    page = work(volume="1", pages="3")
    dois = ("10.1/x", "10.1/y", None)
    alone(ledger, *(page.model_copy(update={"doi": doi, "given_id": str(doi)}) for doi in dois))
    for a, b in ((3, 1), (3, 2)):
        draw(ledger, "candidate", a, b)
    assert len(confirm_exact(ledger, "ada")) == 1
    assert len(records(ledger)) == 2


@pytest.mark.parametrize("twice", [True, False])
def test_rows_of_an_update_that_was_taken_back_are_merged_where_another_import_has_them(
    ledger: Ledger, twice: bool
) -> None:
    other = work("Screening of athletes in Italy with the electrocardiogram", pmid="2")
    add_files(ledger, [a_file([work(pmid="1")], "a", "Scopus"), a_file([other], "b", "Embase")])
    new = a_file([other, work(pmid="1", year=2021)], "c", "Embase")
    update_source(ledger, "Embase", [new], "ann")
    with ledger.read() as connection:
        number = max(imported.id for imported in all_imports(connection))
    if twice:
        # The row that the update brought stands by this import when the update is gone.
        add_files(ledger, [new])
    undo_imports(ledger, [number], "ann", with_judgements=False)
    if not twice:
        assert records(ledger) == {"PMID:1": (), "PMID:2": ()}
        add_files(ledger, [new])
    with ledger.read() as connection:
        sources = {record.id: record.sources for record in reads.records(connection)}
    assert sources == {"PMID:1": ("Scopus", "Embase"), "PMID:2": ("Embase",)}
    assert {listed.record_a for listed in listed_links(ledger, "duplicate") if listed.active} >= {"PMID:1"}
