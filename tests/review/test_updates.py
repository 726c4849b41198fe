"""A new export replaces an earlier one of its search: what is new, changed and gone, what people see of it, and its undo."""

from pathlib import Path
from typing import Any

import pytest
from support import Cli, fill_in

import screener
from screener.core.errors import BadInput
from screener.examples import new_review
from screener.ledger import text_history
from screener.ledger.update_plan import SourceRow, plan_update
from screener.records import Entry, Hit
from screener.review import OpenReview
from screener.review.checking import check_folder

HEAD = "id,title,doi,year,authors,abstract\n"
A1 = "a1,Deep learning of long electrocardiograms in primary care,10.1000/a1,2020,Zhu X,We read long recordings.\n"
A2 = "a2,Transformers that read the electrocardiogram of athletes,10.1000/a2,2021,Li Y,Athletes ran.\n"
A3 = "a3,Self-supervised models of heart sounds in small children,10.1000/a3,2022,Ma Q,Children were calm.\n"
A4 = "a4,An entirely new study of foundation models in intensive care,10.1000/a4,2024,Ho P,Nobody slept.\n"
A2_NEW = A2.replace("Athletes ran", "Athletes ran and rested")
A3_VENUE = A3.replace(",2022,", ",2023,")


@pytest.fixture
def review(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OpenReview:
    """A new review with one export of PubMed and one of Scopus, the folder of both standing there."""
    new_review(tmp_path / "review")
    fill_in(tmp_path / "review")
    monkeypatch.chdir(tmp_path)
    opened = screener.open(tmp_path / "review")
    opened.import_files(export("first", A1, A2, A3), source="PubMed")
    return opened


def export(name: str, *rows: str) -> str:
    Path(f"{name}.csv").write_text(HEAD + "".join(rows))
    return f"{name}.csv"


def seen(review: OpenReview) -> dict[str, Any]:
    """What a user sees of records, sources, links, judgements and standings."""
    status = review.status().as_json()
    return {
        "records": [(row.id, row.title, row.abstract, row.year) for row in review.records()],
        "links": [(link.kind, link.a, link.b) for link in review.links() if link.active],
        "rows": review.sources().rows,
        "stages": status["stages"],
        "missing": status["no_longer_in"],
        "decided": {row["id"]: row["decision"] for row in review.export("abstract").rows},
    }


def test_an_update_adds_changes_and_marks_and_its_undo_takes_all_of_it_back(review: OpenReview) -> None:
    Path("d.csv").write_text("id,decision\na1,include\na2,include\na3,exclude\n")
    review.label("d.csv", "abstract", "anna")
    before = seen(review)
    # In two parts, one call: the order of the files says nothing.
    parts = [export("part2", A4, A3_VENUE), export("part1", A2_NEW)]
    plan = review.update_source("PubMed", parts, dry_run=True).as_json()
    assert seen(review) == before
    done = review.update_source("PubMed", parts).as_json()
    counts = {name: done["update"][name] for name in ("new", "changed", "text_changed", "same", "gone", "back")}
    assert counts == {"new": 1, "changed": 2, "text_changed": 1, "same": 0, "gone": 1, "back": 0}
    assert counts == {name: plan["update"][name] for name in counts}
    fields = {row["record"]: row["fields"] for row in done["update"]["changed_rows"]}
    assert fields["a2"] == ["abstract"]
    assert "year" in fields["a3"]
    after = seen(review)
    # In place: the same ids in the same order, the new text, and what disappeared is still there and counted.
    assert [row[0] for row in after["records"]] == ["a1", "a2", "a3", "a4"]
    assert after["records"][1][2] == "Athletes ran and rested."
    assert after["records"][2][3] == 2023
    assert after["rows"] == {"PubMed": 4}
    assert [(row["record"], row["source"]) for row in after["missing"]] == [("a1", "PubMed")]
    # People's judgements stand and are listed where the text has changed, and only there.
    assert after["decided"] == before["decided"] | {"a4": ""}
    assert after["stages"]["abstract"]["on_other_text"] == {"a2": ["anna"]}
    rows = {row["id"]: (row["no_longer_in"], row["text_changed_since"]) for row in review.export("abstract").rows}
    assert rows["a1"][0].startswith("PubMed (")
    assert (rows["a2"], rows["a3"]) == (("", "anna"), ("", ""))
    checked = check_folder(review.root)
    assert checked.on_other_text == {"abstract": {"a2": ["anna"]}}
    with review.ledger.read() as connection:
        (change,) = text_history(connection, "a2")
    assert (change.old_abstract, change.new_abstract) == ("Athletes ran.", "Athletes ran and rested.")
    # Of an update all files are taken back together.
    undone = review.undo_import("part1.csv")
    assert (undone.undone.updates, undone.undone.earlier, len(undone.undone.imports)) == ((1,), 2, 2)
    assert seen(review) == before
    check_folder(review.root)
    again = review.update_source("PubMed", parts).as_json()["update"]
    assert {name: again[name] for name in counts} == counts
    assert seen(review)["records"] == after["records"]


def test_an_update_that_is_made_again_tells_how_many_judgements_count_again(review: OpenReview) -> None:
    now = export("now", A2_NEW, A4)
    review.update_source("PubMed", now, many_missing=True)
    Path("d.csv").write_text("id,decision\na4,include\n")
    review.label("d.csv", "abstract", "anna")
    review.undo_import("now.csv", with_judgements=True)
    again = review.update_source("PubMed", now, many_missing=True).as_json()
    assert (again["judgements_back"], again["notices"], again["marked"], again["conflicts"]) == (1, 0, {}, [])


def test_a_person_confirms_a_judgement_by_giving_it_again(review: OpenReview) -> None:
    Path("d.csv").write_text("id,decision\na2,include\n")
    review.label("d.csv", "abstract", "anna")
    review.update_source("PubMed", export("second", A1, A2_NEW, A3))
    assert review.status().as_json()["stages"]["abstract"]["on_other_text"] == {"a2": ["anna"]}
    review.label("d.csv", "abstract", "ben")  # who judges the present text is not listed
    assert review.status().as_json()["stages"]["abstract"]["on_other_text"] == {"a2": ["anna"]}
    # A text that changed back is as it was.
    review.update_source("PubMed", export("third", A1, A2, A3))
    assert review.status().as_json()["stages"]["abstract"]["on_other_text"] == {"a2": ["ben"]}
    assert [row.abstract for row in review.records()][1] == "Athletes ran."


def test_a_row_that_comes_back_is_unmarked_and_a_later_update_is_taken_back_first(review: OpenReview) -> None:
    review.update_source("PubMed", export("second", A2, A3))
    review.update_source("PubMed", export("third", A2_NEW, A3))
    first_missing = review.status().as_json()["no_longer_in"]
    assert [row["record"] for row in first_missing] == ["a1"]
    at = review.sources().updates[0].at
    assert first_missing[0]["since"] == at, "since the first update that lacked it"
    with pytest.raises(BadInput, match=r"updated again on .*; take that back first \(`screener import --undo 3`\)"):
        review.undo_import(2)
    back = review.update_source("PubMed", export("fourth", A1, A2_NEW, A3)).as_json()["update"]
    assert (back["back"], back["same"], back["gone"]) == (1, 3, 0)
    assert review.status().as_json()["no_longer_in"] == []
    review.undo_import(4)
    assert [row["record"] for row in review.status().as_json()["no_longer_in"]] == ["a1"]


def test_a_record_of_two_sources_is_marked_for_one_and_keeps_its_text_and_id(review: OpenReview) -> None:
    review.import_files(export("other", A1.replace("a1,", "s1,").replace("We read", "They read")), source="Scopus")
    before = [(row.id, row.abstract, row.sources) for row in review.records()]
    review.update_source("PubMed", export("second", A2, A3))
    assert [(row.id, row.abstract, row.sources) for row in review.records()] == before
    assert [(row["record"], row["source"]) for row in review.status().as_json()["no_longer_in"]] == [("a1", "PubMed")]
    # The newer version takes the place of the older one, not the last: the record keeps its id.
    review.update_source("PubMed", export("third", A1.replace("We read", "We have read"), A2, A3))
    (first, *_) = review.records()
    assert (first.id, first.abstract) == ("a1", "We have read long recordings.")
    assert review.sources().rows == {"PubMed": 3, "Scopus": 1}


def test_what_is_likely_a_mistake_is_refused_and_nothing_changes(review: OpenReview) -> None:
    before = seen(review)
    with pytest.raises(BadInput, match=r"2 of the 3 rows of PubMed are in none of these files.*--yes"):
        review.update_source("PubMed", export("part", A1))
    with pytest.raises(BadInput, match=r"no source is called Pubmed; there are: PubMed"):
        review.update_source("Pubmed", export("part", A1))
    with pytest.raises(BadInput, match=r"nothing was changed"):
        review.update_source("PubMed", [export("second", A1, A2, A3), "absent.csv"])
    assert seen(review) == before
    assert review.update_source("PubMed", "part.csv", many_missing=True).update.newly_missing == 2


def entry(title: str, **fields: Any) -> Entry:
    return Entry(title=title, **fields)


def test_rows_are_known_again_by_number_identifier_and_likeness() -> None:
    long = "Deep learning of long electrocardiograms in primary care"
    other = "A title that shares no word beside these"
    earlier = [
        entry(long, pmid="1", year=2020),  # its own number: whatever the title says
        entry("Chapter one of a book of abstracts", doi="10.1/book", year=2020),
        entry("Chapter two of a book of abstracts", doi="10.1/book", year=2020),
        entry("Transformers that read the electrocardiogram", doi="10.1/x", year=2021),
        entry("Numbered by the tool and gone", given_id="7", year=2020),
        entry("Self supervised models of heart sounds in children", year=2022, authors=("Ma Q",)),
        entry("The same row twice", pmid="9", venue="Here"),
        entry("The same row twice", pmid="9", venue="There"),
    ]
    rows = [SourceRow(number, one, f"r{min(number, 7)}") for number, one in enumerate(earlier, 1)]
    new = [
        entry(other, pmid="1", year=2020),
        entry("Chapter two of a book of abstracts", doi="10.1/book", year=2021),
        entry(f"{other} at all", doi="10.1/x", year=2021),
        entry("Another work with the number that a tool gives", given_id="7", year=2020),
        entry("Self-supervised models of heart sounds in children", year=2022, authors=("Ma, Q.",)),
        entry("The same row twice", pmid="9", venue="Here"),
    ]
    plan = plan_update(rows, [[Hit(source="S", row=row, entry=one) for row, one in enumerate(new, 1)]])
    fates = {row: (fate.same, fate.replaces) for row, fate in plan.fates[0].items()}
    assert fates == {1: (0, (1,)), 2: (0, (3,)), 3: (0, (4,)), 5: (0, (6,)), 6: (7, ())}
    assert (plan.new, plan.same) == (1, 1)
    # The second copy of a row that is there is no missing row.
    assert plan.missing == [2, 5]


TITLE = "Cancer of the lung in the registry of the northern counties"


@pytest.mark.parametrize("turned", [False, True])
def test_two_works_of_one_title_never_change_places(turned: bool) -> None:
    known = {"title": TITLE, "authors": ("Faria, L",)}
    older, later = Entry(**known, year=2010), Entry(**known, year=2015, venue="Chest")
    changed = Entry(**known, year=2010, venue="Lung")
    rows = [later, changed] if turned else [changed, later]
    hits = [Hit(source="Base", row=number, entry=entry) for number, entry in enumerate(rows, 1)]
    plan = plan_update([SourceRow(7, older, "r")], [hits])
    assert (plan.new, plan.missing) == (1, [])
    assert plan.fates[0][rows.index(changed) + 1].replaces == (7,)


def test_of_two_rows_that_may_be_one_earlier_row_neither_takes_its_place() -> None:
    known = {"title": TITLE, "authors": ("Faria, L",), "year": 2010}
    hits = [
        Hit(source="Base", row=row, entry=Entry(**known, venue=venue)) for row, venue in ((1, "Lung"), (2, "Chest"))
    ]
    plan = plan_update([SourceRow(7, Entry(**known), "r")], [hits])
    assert (plan.new, plan.missing, plan.fates) == (2, [7], [{}])
    alone = plan_update([SourceRow(7, Entry(**known), "r")], [hits[:1]])
    assert (alone.new, alone.missing) == (0, [])


def test_rows_that_could_not_be_read_are_said_to_be_perhaps_among_those_marked_as_gone(
    review: OpenReview, cli: Cli
) -> None:
    done = cli("import", export("second", A1, A2, "a3,,,,,\n"), "--update", "PubMed", "--review", review.root)
    assert done.code == 3
    said = " ".join(done.out.split())
    assert "1 gone" in said
    assert "1 row of the new export could not be read: rows marked as gone may be among them." in said
    again = cli("import", export("mended", A1, A2, A3), "--update", "PubMed", "--review", review.root)
    assert (again.code, "1 back." in again.out) == (0, True), again.out
    assert "could not be read" not in again.out
