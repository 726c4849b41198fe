"""An import is taken back and brought back: rows, records, judgements and every figure follow; nothing is deleted."""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from support import Cli, fill_in

import screener
from screener.core.errors import BadInput
from screener.examples import new_review
from screener.ledger import attached
from screener.ledger import tables as t
from screener.ledger.merges import split_record
from screener.reporting.audit.checking import check_audit
from screener.review import OpenReview
from screener.review.checking import check_folder

TITLE = "Deep learning of long electrocardiograms in primary care"
ONE = f"""id,title,doi,year,authors
a1,{TITLE},10.1000/a1,2020,Zhu X
a2,Transformers that read the electrocardiogram of athletes,10.1000/a2,2021,Li Y
,No title or anything else follows in this broken row,,not a year,
"""
TWO = f"""id,title,doi,year,authors,abstract
b1,{TITLE},10.1000/a1,2020,Zhu X,Some text
b4,Something else that is only in the second file,10.1000/b4,2022,Ma Q,
"""
THREE = f"id,title,doi,year,authors,abstract\nc1,{TITLE},10.1000/a1,2020,Zhu X,Some other text\n"
DECISIONS = "id,decision\na1,include\na2,exclude\nb4,include\n"


@pytest.fixture
def folder(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A new review, and three exports beside it; standing there."""
    new_review(tmp_path / "review")
    fill_in(tmp_path / "review")
    for name, text in (("one", ONE), ("two", TWO), ("three", THREE), ("decisions", DECISIONS)):
        (tmp_path / f"{name}.csv").write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "review"


def imported(folder: Path, *names: str) -> OpenReview:
    review = screener.open(folder)
    for name in names:
        review.import_files(f"{name}.csv", source=name.upper())
    return review


def state(review: OpenReview) -> dict[str, Any]:
    """All that a user sees of records, links and people's judgements, and every figure but times and sizes."""
    figures = review.report().figures
    figures["searches"]["files"] = sorted(figures["searches"]["files"], key=lambda file: file["file"])
    moments = ("made", "reproduction")
    text = json.dumps({key: value for key, value in figures.items() if key not in moments}, default=str)
    return {
        "records": [(row.id, row.title, row.sources, row.abstract) for row in review.records()],
        "status": review.status().as_json()["stages"],
        "sources": review.sources().rows,
        "links": [(link.kind, link.rule, link.a, link.b) for link in review.links() if link.active],
        "judgements": [(row.record_id, row.reviewer, row.decision) for row in review.judgements("abstract")],
        "figures": _without_times(json.loads(text)),
    }


def _without_times(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: _without_times(part)
            for key, part in value.items()
            if key not in ("at", "first", "last", "new", "duplicates")
        }
    return [_without_times(part) for part in value] if isinstance(value, list) else value


def rows(review: OpenReview, *tables: str) -> dict[str, int]:
    with review.ledger.read() as connection:
        return {
            name: connection.execute(select(func.count()).select_from(t.metadata.tables[name])).scalar_one()
            for name in tables
        }


def test_what_is_left_is_what_the_other_files_alone_would_have_given(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    review = imported(folder, "one", "two", "three")
    before = rows(review, "hits", "links", "imports")
    undone = review.undo_import("one.csv")
    assert (undone.undone.rows, undone.undone.records, undone.undone.kept, undone.records) == (
        3,
        ("a2", _third(undone)),
        1,
        2,
    )
    assert rows(review, "hits", "links", "imports") == before
    check_folder(review.root)
    left = state(review)
    monkeypatch.delenv("SCREENER_LEDGER", raising=False)  # the fresh review has a file, wherever the other is
    new_review(tmp_path / "fresh")
    fill_in(tmp_path / "fresh")
    assert state(imported(tmp_path / "fresh", "two", "three")) == left


def _third(undone: Any) -> str:
    """The id of the row that has none of its own."""
    return str(undone.undone.records[1])


def test_the_same_file_brings_records_and_judgements_back(folder: Path) -> None:
    review = imported(folder, "one", "two", "three")
    review.label("decisions.csv", "abstract", "anna")
    before = state(review)
    with pytest.raises(BadInput, match=r"1 record that would be gone have been judged \(anna: 1\).*--with-judgements"):
        review.undo_import("one.csv")
    assert state(review) == before
    undone = review.undo_import("one.csv", with_judgements=True)
    assert [(one.record, one.reviewer, one.decision) for one in undone.by_people] == [("a2", "anna", "exclude")]
    after = state(review)
    assert after["judgements"] == [("b1", "anna", "include"), ("b4", "anna", "include")]
    back = review.import_files("one.csv", source="ONE")
    assert (back.files[0].restored, back.files[0].new, back.judgements_back) == (3, 2, 1)
    assert state(review) == before
    check_folder(review.root)


def test_documents_go_and_come_back_with_their_record(folder: Path, cli: Cli) -> None:
    review = imported(folder, "one")
    Path("paper.html").write_text("<html><title>Transformers</title><p>We read the electrocardiogram.</p></html>")
    assert cli("attach", "a2", "paper.html", "--review", folder).code == 0
    review.undo_import(1)
    with review.ledger.read() as connection:
        assert attached(connection) == {}
    imported(folder, "two")
    assert cli("attach", "b4", "paper.html", "--review", folder).code == 0
    review.import_files("one.csv", source="ONE")
    with review.ledger.read() as connection:
        assert set(attached(connection)) == {"a2", "b4"}


@pytest.mark.slow
def test_an_audit_after_an_undo_holds_and_so_does_one_after_the_import_is_back(folder: Path, tmp_path: Path) -> None:
    review = imported(folder, "one", "two")
    review.label("decisions.csv", "abstract", "anna")
    review.undo_import(1, with_judgements=True)
    review.report(tmp_path / "undone.zip", audit=True)
    assert check_audit(tmp_path / "undone.zip").verdict in ("holds", "incomplete")
    review.import_files("one.csv", source="ONE")
    review.report(tmp_path / "back.zip", audit=True)
    assert check_audit(tmp_path / "back.zip").verdict in ("holds", "incomplete")


def test_rows_that_another_import_brought_too_stay(folder: Path) -> None:
    review = imported(folder, "one")
    Path("one.csv").write_text(ONE + "a9,One more that came with the next export of this search,10.1000/a9,2022,Ho P\n")
    review.import_files("one.csv", source="ONE")
    before = [row.id for row in review.records()]
    review.undo_import(1)
    assert [row.id for row in review.records()] == before
    assert review.sources().rows == {"ONE": 4}
    review.undo_import(2)
    assert len(review.records()) == 0


def test_a_corrected_file_brings_the_judgements_of_its_records_back(folder: Path) -> None:
    review = imported(folder, "one")
    review.label("decisions.csv", "abstract", "anna")
    review.undo_import(1, with_judgements=True)
    Path("right.csv").write_text(ONE.replace("a2,Transformers", "x2,Transformers"))
    back = review.import_files("right.csv", source="Embase")
    assert (back.files[0].new, back.judgements_back) == (3, 2)
    assert review.sources().rows == {"Embase": 3}
    assert review.status().as_json()["stages"]["abstract"]["people"] == {"anna": 2}
    check_folder(review.root)
    assert {(row.record_id, row.decision) for row in review.judgements("abstract")} == {
        ("a1", "include"),
        ("x2", "exclude"),
    }


def test_what_stays_merged_through_a_row_that_is_gone_is_listed_and_can_be_split(folder: Path) -> None:
    review = imported(folder, "one", "two", "three")
    review.undo_import(1)
    assert [(link.kind, link.a, link.b) for link in review.links()] == [("duplicate", "c1", "b1")]
    review.close()
    with screener.open(folder) as again:
        assert split_record(again._to_write(), "b1", "anna") == ["b1", "c1"]
        again.import_files("one.csv", source="ONE")
        assert {"a1", "b1", "c1"} <= {row.id for row in again.records()}


def test_the_same_file_under_another_source_is_not_counted_twice(folder: Path) -> None:
    review = imported(folder, "one")
    with pytest.raises(BadInput, match=r"imported as ONE on .* \(import 1\).*sources rename ONE Embase.*--again"):
        review.import_files("one.csv", source="Embase")
    Path("copy.csv").write_text(ONE)
    again = review.import_files("copy.csv")
    assert (again.files[0].earlier, again.files[0].repeated, review.sources().rows) == (1, 3, {"ONE": 3})
    review.import_files("one.csv", source="Embase", again=True)
    assert (review.sources().rows, len(review.records())) == ({"ONE": 3, "Embase": 3}, 4)
    with pytest.raises(BadInput, match=r"more than once; give the number: 1 \(ONE.*3 \(Embase"):
        review.undo_import("one.csv")
    review.undo_import(3)
    assert review.sources().rows == {"ONE": 3}


def test_an_import_is_taken_back_once_and_only_one_that_there_is(folder: Path) -> None:
    review = imported(folder, "one")
    for name, why in (("9", "no import 9"), ("none.csv", "no file that was read.*screener sources")):
        with pytest.raises(BadInput, match=why):
            review.undo_import(name)
    review.undo_import("one.csv")
    for name in ("one.csv", "1"):
        with pytest.raises(BadInput, match="taken back already"):
            review.undo_import(name)


def test_a_source_gets_another_name_and_its_file_is_still_known(folder: Path) -> None:
    review = imported(folder, "one", "two")
    review.rename_source("ONE", "PubMed")
    assert review.sources().rows == {"PubMed": 3, "TWO": 2}
    assert review.records()[0].sources == ("PubMed", "TWO")
    assert {file.source for file in review.sources().imports} == {"PubMed", "TWO"}
    for name in ("PubMed", "ONE"):
        assert review.import_files("one.csv", source=name).files[0].repeated == 3
    assert review.sources().rows == {"PubMed": 3, "TWO": 2}
    review.rename_source("TWO", "PubMed")
    assert review.sources().rows == {"PubMed": 5}
    review.import_files("three.csv", source="TWO")  # a source of this name that came later
    assert review.sources().rows == {"PubMed": 5, "TWO": 1}
    with pytest.raises(BadInput, match="no source is called ONE; there are: PubMed, TWO"):
        review.rename_source("ONE", "Scopus")
    check_folder(review.root)


def test_names_that_are_swapped_are_swapped(folder: Path) -> None:
    review = imported(folder, "one", "two")
    for old, new in (("ONE", "x"), ("TWO", "ONE"), ("x", "TWO")):
        review.rename_source(old, new)
    assert review.sources().rows == {"TWO": 3, "ONE": 2}


def test_decisions_of_a_file_are_taken_back_and_what_stood_before_counts(folder: Path) -> None:
    review = imported(folder, "one", "two")
    review.label("decisions.csv", "abstract", "anna")
    before = state(review)
    Path("wrong.csv").write_text("id,decision\na1,exclude\na2,include\n")
    number = review.label("wrong.csv", "abstract", "anna").number
    Path("later.csv").write_text("id,decision\na2,unclear\n")
    later = review.label("later.csv", "abstract", "anna").number
    assert review.undo_labels("wrong.csv").withdrawn == 2
    assert {row.record_id: row.decision for row in review.judgements("abstract")}["a2"] == "unclear"
    assert later is not None
    review.undo_labels(later, "abstract")
    assert state(review) == before
    for name, why in (
        ("wrong.csv", "already"),
        (str(number), "already"),
        ("9", "no file.*has the number 9; there are: 1"),
    ):
        with pytest.raises(BadInput, match=why):
            review.undo_labels(name)
    assert review.label("wrong.csv", "abstract", "anna").entered == 2
    check_folder(review.root)


def test_judgements_of_merged_parts_come_back_with_the_undo(folder: Path) -> None:
    review = imported(folder, "one", "two")
    parts = review.split("a1")
    Path("parts.csv").write_text(f"id,decision\n{parts[0]},include\n{parts[1]},exclude\n")
    review.label("parts.csv", "abstract", "anna")
    review.merge(*parts)
    stood = state(review)["judgements"]
    Path("whole.csv").write_text("id,decision\na1,unclear\n")
    review.label("whole.csv", "abstract", "anna")
    review.undo_labels("whole.csv")
    assert sorted(state(review)["judgements"]) == sorted(stood)


def test_the_commands_say_what_they_did(folder: Path, cli: Cli) -> None:
    at = ("--review", folder)
    cli("import", "one.csv", "--source", "PubMed", *at)
    assert (
        "screener label --undo 1" in cli("label", "decisions.csv", "--stage", "abstract", "--reviewer", "anna", *at).out
    )
    assert cli("import", "one.csv", "--source", "Embase", "--json", *at).code == 2
    assert "import --undo ID" in cli("sources", *at).out
    refused = cli("import", "--undo", "one.csv", *at)
    assert (refused.code, "--with-judgements" in refused.err) == (2, True)
    done = cli("import", "--undo", "1", "--with-judgements", *at)
    assert "a2" in done.out
    assert "2 decisions count no more" not in done.out
    assert cli("import", "--undo", "1", "--json", *at).code == 2
    back = cli("import", "one.csv", "--source", "PubMed", *at)
    assert "3 rows are back" in back.out
    assert "2 judgements count again" in back.out
    assert cli("sources", "rename", "PubMed", "MEDLINE", "--json", *at).json == {
        "old": "PubMed", "new": "MEDLINE", "rows": 3, "joined": 0,
    }  # fmt: skip
    assert cli("sources", "--json", *at).json["imports"][0]["undone"]
    assert cli("label", "--undo", "decisions.csv", "--json", *at).json["withdrawn"] == 2
    for args in (("import",), ("import", "one.csv", "--undo", "1"), ("label",), ("label", "decisions.csv")):
        assert cli(*args, *at).code == 2


def test_what_two_files_say_stays_until_both_are_taken_back(folder: Path) -> None:
    review = imported(folder, "one", "two")
    before = state(review)
    Path("corrected.csv").write_text("id,decision\na1,include\na2,include\nb4,include\n")
    review.label("decisions.csv", "abstract", "anna")
    assert (corrected := review.label("corrected.csv", "abstract", "anna")).entered == 1
    assert review.label("corrected.csv", "abstract", "anna").number is None  # the same file again states nothing more
    assert review.undo_labels("decisions.csv").withdrawn == 1
    assert sorted((row.record_id, row.decision) for row in review.judgements("abstract")) == [
        ("a1", "include"), ("a2", "include"), ("b4", "include"),
    ]  # fmt: skip
    # A third file that only repeats what is there counts too.
    Path("third.csv").write_text("id,decision\na1,include\n")
    assert review.label("third.csv", "abstract", "anna").number is not None
    assert corrected.number is not None
    assert review.undo_labels(corrected.number).withdrawn == 2
    assert [row.record_id for row in review.judgements("abstract")] == ["a1"]
    review.undo_labels("third.csv")
    assert state(review) == before
    check_folder(review.root)


@pytest.mark.parametrize("parts_first", [True, False])
def test_what_a_file_said_of_a_merged_part_does_not_outlive_it(folder: Path, parts_first: bool) -> None:
    review = imported(folder, "one", "two")
    parts = review.split("a1")
    Path("parts.csv").write_text(f"id,decision\n{parts[0]},include\n{parts[1]},exclude\n")
    Path("whole.csv").write_text("id,decision\na1,unclear\n")
    review.label("parts.csv", "abstract", "anna")
    review.merge(*parts)
    review.label("whole.csv", "abstract", "anna")
    for name in ("parts.csv", "whole.csv") if parts_first else ("whole.csv", "parts.csv"):
        review.undo_labels(name)
    assert state(review)["judgements"] == []


def test_parts_come_back_in_whichever_order_files_are_taken_back(folder: Path) -> None:
    review = imported(folder, "one", "two")
    parts = review.split("a1")
    Path("parts.csv").write_text(f"id,decision\n{parts[0]},include\n{parts[1]},exclude\n")
    review.label("parts.csv", "abstract", "anna")
    review.merge(*parts)
    stood = state(review)["judgements"]
    for name, decision in (("whole", "unclear"), ("later", "include")):
        Path(f"{name}.csv").write_text(f"id,decision\na1,{decision}\n")
        review.label(f"{name}.csv", "abstract", "anna")
    review.undo_labels("whole.csv")
    review.undo_labels("later.csv")
    assert sorted(state(review)["judgements"]) == sorted(stood)
