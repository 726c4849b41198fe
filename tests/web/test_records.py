"""The list of records and the page of one: facets in the address, files of what is shown, notes, history, a missing abstract."""

import csv
import io
import re
from pathlib import Path

import pytest
from support.web_app import HOSTILE, STAGE, Running

from screener.exchange.writers import as_ris
from screener.ledger import Ledger, add_files, own_judgement, reads
from screener.records import Entry, FileRead, Hit

pytest.importorskip("fastapi", reason="the web app needs screener[ui]")

NO, YES = {"answer.signal": "no"}, {"answer.signal": "yes", "answer.training": "yes", "answer.scope": "yes"}
BARE = Entry(title="A bare record", doi="10.5555/bare", given_id="a/b c?", year=1999, venue=HOSTILE)


@pytest.fixture
def bare(folder: Path) -> str:
    """A record without an abstract, whose id and venue are awkward; its path below `/records`."""
    ledger = Ledger.of(folder / ".screener")
    hit = Hit(source="Base", row=1, entry=BARE)
    add_files(ledger, [FileRead(path="b", format="csv", source="Base", sha256="b", hits=(hit,), rejected=())])
    ledger.close()
    return "/records/a/b%20c%3F"


def ticks(html: str) -> list[str]:
    return re.findall(r'name="tick" value="([^"]+)"', html)


def value(html: str, facet: str, label: str) -> str:
    """The count beside a value of a facet; empty where it is not listed."""
    found = re.search(rf'name="{facet}" value="{re.escape(label)}"[^>]*><bdi>[^<]*</bdi><span[^>]*>([\d,]+)<', html)
    return found[1] if found else ""


def judge(app: Running, name: str, **answers: str) -> None:
    assert app.post("/screen/abstract/decide", record=name, **answers).status_code == 200


def test_the_address_holds_the_whole_search(ada: Running, bare: str) -> None:
    page = ada.get("/records?year=1999&year=2020&sort=newest&q=%22paper+1%22").text
    assert ticks(page) == ["r1", "r10", "r11", "r12", "r13"]
    assert value(page, "year", "2020") == "5"
    assert 'name="year" value="2020" checked' in page
    assert '<option value="newest" selected>' in page
    (link,) = re.findall(r'href="(/records/r10\?[^"]+)"', page)
    record = ada.get(link.replace("&amp;", "&")).text
    (back,) = re.findall(r'href="(/records\?[^"]+)">Back to the list', record)
    assert ticks(ada.get(back.replace("&amp;", "&")).text) == ticks(page)


def test_a_search_is_decided_on_as_a_whole_with_its_facets(ada: Running, bare: str) -> None:
    many = {"stage": "abstract", "which": "all", "choice": "exclude:signal", "reason": "too old", "year": "1999"}
    assert "Exclude 1 record?" in ada.post("/records/bulk", **many).text
    assert "Nothing matches" in ada.get("/records?year=1999&source=records").text


@pytest.mark.parametrize("query", ["page=x", "page=99999999999999999999"])
def test_a_page_that_is_no_number_is_one_clear_line(ada: Running, query: str) -> None:
    answer = ada.get(f"/records?{query}")
    assert (answer.status_code, answer.text) == (400, "page: no such number")
    assert ada.get("/records?page=50").status_code == 200  # there is none: the last one is shown
    assert ada.get("/records-file?format=exe").status_code == 400
    assert ada.get("/records/no-such-record").text == "no-such-record: no record has this id"


def test_titles_venues_and_notes_are_only_text(ada: Running, bare: str) -> None:
    ada.post("/notes/add", record="r3", at="abstract", text=HOSTILE)
    ada.post("/tags/abstract", record="r3", tag="<img src=x>")
    for path in ("/records", "/records/r3", bare, f"/records?venue={HOSTILE}", f"/records?tag={HOSTILE}&q={HOSTILE}"):
        page = ada.get(path).text
        assert "<script>window" not in page, path
        assert "<img" not in page, path
    assert "&lt;script&gt;" in ada.get("/records/r3").text


def test_a_record_has_its_rows_and_its_history(ada: Running, ben: Running, bare: str) -> None:
    judge(ada, "r1", **YES)
    ada.post("/screen/abstract/undo", record="r1")
    judge(ada, "r1", **NO, note="my own words")
    page = ada.get("/records/r1").text
    for told in ("imported", "row 2 of records.csv", "judged", "judgement withdrawn", "my own words", "not signal"):
        assert told in page, told
    assert "machine reasoning" not in page
    assert "judged by a machine" not in page  # the protocol never shows what it says
    assert "Base" in ada.get(bare).text


def test_what_others_did_is_on_the_page_only_after_ones_own_judgement(ada: Running, ben: Running) -> None:
    judge(ada, "r1", **NO, note="adas reason")
    ada.post("/tags/abstract", record="r1", tag="adatag")
    ada.post("/notes/add", record="r1", at="abstract", text="adas note")
    secrets = ("adas reason", "adatag", "adas note")
    paths = (
        "/records/r1",
        "/records",
        "/records?person=ada",
        "/records?q=adas",
        "/records-file",
        "/records-file?format=ris",
    )
    for path in paths:
        page = ben.get(path).text
        assert [told for told in secrets if told in page] == [], path
    assert ticks(ben.get("/records?person=ada").text) == ticks(ben.get("/records?q=adas").text) == []
    assert value(ben.get("/records").text, "decision", "exclude") == ""
    assert ben.post("/notes/add", record="r1", at="abstract", text="x", reply_to="1").status_code == 400
    judge(ben, "r1", **NO)
    page = ben.get("/records/r1").text
    assert [told for told in secrets if told not in page] == []
    assert ticks(ben.get("/records?person=ada&decision=exclude").text) == ["r1"]
    assert ticks(ben.get("/records?q=adas+note").text) == ["r1"]
    rows = list(csv.DictReader(io.StringIO(ben.get("/records-file").text)))
    (told,) = [row for row in rows if row["judged_by"]]
    assert (told["id"], told["judged_by"], told["standing"], told["reason"]) == ("r1", "ada | ben", "final", "signal")
    assert "adas note" in told["notes"]
    assert {row["probability"] for row in rows} == {""}


def test_a_file_has_all_hits_of_the_search_in_its_order(ada: Running) -> None:
    judge(ada, "r2", **YES)
    rows = list(csv.DictReader(io.StringIO(ada.get("/records-file?q=paper&sort=title").text)))
    assert [row["id"] for row in rows[:3]] == ["r0", "r1", "r10"]
    assert {row["id"]: row["my_decision"] for row in rows if row["my_decision"]} == {"r2": "include"}
    ris = ada.get("/records-file?show=include&format=ris")
    assert "attachment" in ris.headers["content-disposition"]
    assert ris.text.count("TY  - ") == 1
    assert "Paper 2 on the ECG" in ris.text
    assert ada.get("/records-file?show=include&format=xlsx").content[:2] == b"PK"
    assert as_ris([]) == ada.get("/records-file?q=nothing-at-all&format=ris").text


@pytest.mark.parametrize("act", ["reword", "withdraw"])
def test_nobody_learns_by_changing_notes_which_there_are(act: str, ada: Running, ben: Running) -> None:
    judge(ada, "r1", **NO)
    (number,) = re.findall(r'id="note-(\d+)"', ada.post("/notes/add", record="r1", at="abstract", text="Hm").text)
    of_ada, of_nobody = (ben.post(f"/notes/{act}", record="r1", note=note, text="ha") for note in (number, "999"))
    assert of_ada.text == of_nobody.text == "This note is no longer there; reload the page."


def test_notes_are_written_answered_changed_and_withdrawn(ada: Running, ben: Running) -> None:
    for app in (ada, ben):
        judge(app, "r1", **NO)
    page = ada.post("/notes/add", record="r1", at="abstract", text="Same cohort?").text
    (number,) = re.findall(r'id="note-(\d+)"', page)
    page = ben.post("/notes/add", record="r1", at="abstract", text="Not the same.", reply_to=number).text
    assert page.index("Same cohort?") < page.index("Not the same.")
    assert ben.post("/notes/reword", record="r1", note=number, text="ha").status_code == 400
    assert ben.post("/notes/withdraw", record="r1", note=number).status_code == 400
    assert "The cohort of 2020?" in ada.post("/notes/reword", record="r1", note=number, text="The cohort of 2020?").text
    assert "2 notes" in ada.get("/records").text
    page = ada.post("/notes/withdraw", record="r1", note=number).text
    assert ("The cohort" in page, "withdrawn" in page, "Not the same." in page) == (False, True, True)
    assert (
        ada.post("/notes/add", record="r1", at="abstract", text=" ").text == "The note is empty; write something first."
    )


def test_a_missing_abstract_is_entered_with_a_name_and_what_was_judged_before_is_of_an_earlier_text(
    folder: Path, ada: Running, ben: Running, bare: str
) -> None:
    judge(ada, "a/b c?", **NO)
    assert "Enter the abstract" in ada.get(bare).text
    page = ben.post("/abstract", record="a/b c?", abstract="We trained on signals.\r\n\r\nIt worked.").text
    assert "We trained on signals.\n\nIt worked." in page
    assert re.search(r"filled in.*?<bdi>ben</bdi>.*?abstract, by hand", page, re.DOTALL)
    assert ticks(ada.get("/records?show=without_abstract").text) == ["a/b c?"]
    assert "earlier text" in ada.get(bare).text
    assert "was made without this abstract" in ada.get("/screen/abstract/card", record="a/b c?").text
    assert "has an abstract" in ada.post("/abstract", record="a/b c?", abstract="Another one").text
    assert "is empty" in ada.post("/abstract", record="a/b c?", abstract=" ").text
    page = ada.post("/abstract/take-back", record="a/b c?").text
    assert "Abstract taken back" in page
    assert "We trained on signals." in page  # to be put right
    assert ticks(ada.get("/records?abstract=no").text) == ["a/b c?"]
    assert ada.post("/abstract/take-back", record="a/b c?").status_code == 400
    ben.post("/abstract", record="a/b c?", abstract="We trained on signals.\r\n\r\nIt worked.")
    assert ticks(ada.get("/records?abstract=no").text) == []
    ledger = Ledger.of(folder / ".screener")
    with ledger.read() as connection:
        own = own_judgement(connection, STAGE, "a/b c?", "ada")
        record = reads.find_record(connection, "a/b c?")
    ledger.close()
    assert own is not None
    assert record is not None
    assert own.text_hash == record.own_text != record.text_hash
