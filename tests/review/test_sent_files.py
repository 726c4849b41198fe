"""Exports and full texts that were sent through the browser, and the jobs that take them in."""

import os
import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from support.documents import LOREM
from support.sent import empty_review

from screener.core.errors import BadInput, LedgerError
from screener.core.job_work import GivenJob, StoppedEarly
from screener.ledger import all_imports, attached
from screener.ledger.imports import hits_by_source
from screener.ledger.store import Ledger
from screener.protocol import Review
from screener.review.jobs_of_review import WORKS, JobReview
from screener.review.sent_exports import look_at
from screener.review.sent_texts import GivenText, discard_text, give_text, held_texts
from screener.review.uploads import Drop, Uploads

RIS = "TY  - JOUR\nTI  - {}\nDB  - {}\nER  - \n"
TITLES = ("Detection of things in long recordings of small devices", "A network that was trained on very few of them",
          "Reading many signals at once without any labels of people")  # fmt: skip


@pytest.fixture
def review(tmp_path: Path) -> Review:
    return empty_review(tmp_path / "review")


def send(review: Review, drop: Drop, name: str, text: str | bytes) -> int:
    coming = Uploads(review.hidden).coming()
    coming.write_bytes(text if isinstance(text, bytes) else text.encode())
    return drop.take(coming, name).number


def drop_of(review: Review, purpose: str) -> Drop:
    return Uploads(review.hidden).drop(purpose, "anna")


def job(review: Review, kind: str, stop: threading.Event | None = None, **args: Any) -> Any:
    given = JobReview(review.root, None, GivenJob("review", args, "anna"))
    said: list[str] = []
    return WORKS[kind](given, lambda *words, **_: said.append(str(words)), stop or threading.Event())


def left(review: Review) -> list[str]:
    """The files that are still there; what was noted of the others stays for a day."""
    return sorted(path.name for path in (review.hidden / "uploads").glob("*/files/*/*"))


def test_an_import_tells_of_each_file_and_leaves_none(review: Review) -> None:
    drop = drop_of(review, "import")
    first = send(
        review,
        drop,
        "scopus.ris",
        RIS.format(TITLES[0] + "\nDO  - 10.1000/things.1", "Scopus") + "TY  - JOUR\nER  - \n",
    )
    second = send(review, drop, "list.csv", f"title,doi\n{TITLES[0]},10.1000/things.1\n{TITLES[1]},\n")
    send(review, drop, "paper.pdf", b"%PDF-1.4 nothing")
    name = Uploads(review.hidden).hand_over(drop)
    told = job(review, "import", drop=name, sources={str(second): "Embase"})
    assert [(file["name"], bool(file["problem"])) for file in told["files"]] == [
        ("scopus.ris", False), ("list.csv", False), ("paper.pdf", True),
    ]  # fmt: skip
    scopus, embase, paper = told["files"]
    assert (scopus["source"], scopus["read"], scopus["new"], scopus["rejected"]) == ("Scopus", 2, 1, 1)
    assert scopus["reasons"] == ["row 2 rejected: the record in line 6 is empty"]
    assert (embase["source"], embase["read"], embase["new"], embase["duplicate"]) == ("Embase", 2, 1, 1)
    assert "uploads" not in str(told), "a file's place on the machine is nobody's business"
    assert paper["problem"].startswith("this is a PDF, which is not read")
    assert told["records"] == 2
    assert left(review) == []
    ledger = Ledger.of(review.hidden)
    with ledger.read() as connection:
        assert [file.file for file in all_imports(connection)] == ["scopus.ris", "list.csv"]
        assert hits_by_source(connection) == {"Scopus": 1, "Embase": 2}
    ledger.close()
    assert first < second
    assert job(review, "import", drop=name) == told, "a job whose end could not be written is done again"


def test_an_import_that_is_stopped_goes_on_with_the_files_that_are_left(review: Review) -> None:
    drop, stop = drop_of(review, "import"), threading.Event()
    for number, title in enumerate(TITLES):
        send(review, drop, f"{number}.ris", RIS.format(title, "Scopus"))
    name = Uploads(review.hidden).hand_over(drop)
    given = JobReview(review.root, None, GivenJob("review", {"drop": name}, "anna"))

    def stops_at_the_second(done: int, *_: object) -> None:
        if done == 1:
            stop.set()

    with pytest.raises(StoppedEarly) as stopped:
        WORKS["import"](given, stops_at_the_second, stop)  # type: ignore[arg-type]
    assert ([file["new"] for file in stopped.value.result["files"]], stopped.value.result["left"]) == ([1, 1], 1)
    assert left(review) == ["2.ris"]
    told = job(review, "import", drop=name)
    assert (len(told["files"]), told["records"], told["left"]) == (3, 3, 0)
    assert left(review) == []


def test_files_take_the_place_of_an_earlier_export_where_that_is_asked_for(review: Review) -> None:
    def sent(*titles: str, **args: Any) -> Any:
        drop = drop_of(review, "import")
        number = send(review, drop, "list.csv", "id,title\n" + "".join(f"{title[:3]},{title}\n" for title in titles))
        name = Uploads(review.hidden).hand_over(drop)
        return job(review, "import", drop=name, sources={str(number): "Scopus"}, **args)

    sent(*TITLES)
    with pytest.raises(
        BadInput, match="2 of the 3 rows of Scopus are in none of these files; nothing was changed"
    ) as refused:
        sent(TITLES[0], update="Scopus")
    assert "--" not in str(refused.value)
    assert left(review) == ["list.csv"]
    (back,) = drop_of(review, "import").files()
    drop_of(review, "import").remove(back.number)
    told = sent(TITLES[0], "A new one of the same search", update="Scopus", many_missing=True)
    assert [told["replaced"][name] for name in ("new", "same", "newly_gone")] == [1, 1, 2]
    assert sorted(told["replaced"]["gone_titles"]) == sorted(TITLES[1:])
    assert (told["records"], left(review)) == (4, [])
    assert [row["name"] for row in told["files"]] == ["list.csv"]
    with pytest.raises(BadInput, match=r"^list.csv: |^.*no row") as refused:
        sent(update="Scopus")
    assert "uploads" not in str(refused.value)


@pytest.mark.parametrize("update", ["", "Scopus"])
def test_files_of_an_import_whose_ledger_fails_stay_with_it_until_it_goes_on(review: Review, update: str) -> None:
    def handed_over(*titles: str) -> str:
        drop = drop_of(review, "import")
        for title in titles:
            send(review, drop, f"{title[:3]}.ris", RIS.format(title, "Scopus"))
        return Uploads(review.hidden).hand_over(drop)

    job(review, "import", drop=handed_over(TITLES[0]), sources={"1": "Scopus"})
    name = handed_over(*TITLES[:2])
    with closing(sqlite3.connect(review.hidden / "ledger.db")) as ledger:
        ledger.execute("ALTER TABLE hits RENAME TO elsewhere")
        with pytest.raises(LedgerError, match="hits"):
            job(review, "import", drop=name, update=update)
        assert left(review) == ["A n.ris", "Det.ris"]
        ledger.execute("ALTER TABLE elsewhere RENAME TO hits")
    told = job(review, "import", drop=name, update=update)
    assert ([row["name"] for row in told["files"]], told["records"]) == (
        [f"{title[:3]}.ris" for title in TITLES[:2]],
        2,
    )
    assert left(review) == []
    assert job(review, "import", drop=name, update=update) == told


def test_files_with_which_no_job_is_done_go_back_to_who_sent_them(review: Review) -> None:
    uploads, drop = Uploads(review.hidden), drop_of(review, "import")
    for title in TITLES[:2]:
        drop.note(send(review, drop, f"{title[:3]}.ris", RIS.format(title, "Scopus")), {"source": "Scopus"})
    name = uploads.hand_over(drop)
    drop.remove(1)
    uploads.give_back_unasked(drop, list)
    assert drop.files() == [], "the job may be asked for at this moment"
    send(review, drop, "new.ris", "")
    os.utime(uploads.of_job(name).folder / "handed-over-by", (0, 0))
    uploads.give_back_unasked(drop, lambda: [name])
    uploads.give_back_unasked(drop_of(review, "texts"), list)
    assert [sent.name for sent in drop.files()] == ["new.ris"]
    uploads.of_job(name).settle(1, {"told": []})
    uploads.give_back_unasked(drop, list)
    assert [(sent.name, sent.known) for sent in drop.files()] == [("new.ris", {}), ("A n.ris", {"source": "Scopus"})]


@pytest.mark.parametrize(
    ("name", "text", "format", "source", "is_named"),
    [
        ("a.ris", RIS.format("A title", "Scopus"), "RIS", "Scopus", True),
        ("my-list.csv", "title\nA title\n", "table", "my-list", False),
        ("2024 ACM Digital Library (2).csv", "title\nA title\n", "table", "ACM Digital Library", False),
    ],
)
def test_what_a_file_is_is_told_when_it_comes(
    review: Review, name: str, text: str, format: str, source: str, is_named: bool
) -> None:
    drop = drop_of(review, "import")
    looked = look_at(drop.one(send(review, drop, name, text)), ["ACM", "ACM Digital Library"])
    assert (looked.format, looked.rows, looked.source, looked.is_named) == (format, 1, source, is_named)


@pytest.mark.parametrize(
    ("name", "body"),
    [("a.ris", b""), ("a.csv.gz", b"\x1f\x8b\x08" + bytes(40)), ("a.bin", bytes(range(256)) * 40), ("a.html", b"<html><p>x"),
     ("a.xlsx", b"PK\x03\x04" + bytes(400)), ("a.json", b"[" * 100_000), ("a.txt", b"no export at all")],
    ids=["empty", "gz", "binary", "web page", "ZIP", "deep JSON", "text"],
)  # fmt: skip
def test_of_a_file_that_is_no_export_one_line_says_so(review: Review, name: str, body: bytes) -> None:
    drop = drop_of(review, "import")
    problem = look_at(drop.one(send(review, drop, name, body))).problem
    assert problem
    assert "\n" not in problem
    assert len(problem) < 250
    assert str(review.root) not in problem


def texts(review: Review) -> str:
    """Three records, two of them with one title, and files of three kinds; the name of the job's files."""
    records = drop_of(review, "import")
    rows = [(TITLES[0], 2020, "10.1000/things.1"), (TITLES[1], 2019, "10.1/b"), (TITLES[1], 2023, "10.1/c")]
    table = "\n".join(f"{title},{year},{doi}" for title, year, doi in rows)
    send(review, records, "r.csv", f"title,year,doi\n{table}\n")
    job(review, "import", drop=Uploads(review.hidden).hand_over(records))
    drop = drop_of(review, "texts")
    for name, title in (("one.txt", TITLES[0]), ("two.txt", TITLES[1]), ("three.txt", TITLES[2])):
        send(review, drop, name, "\n\n".join([title, *LOREM]))
    send(review, drop, "notes.docx", b"PK\x03\x04")
    return Uploads(review.hidden).hand_over(drop)


def test_full_texts_go_to_their_records_and_what_is_in_doubt_waits_for_a_person(review: Review) -> None:
    told = job(review, "attach", drop=texts(review))
    assert {file["name"]: file["status"] for file in told["files"]} == {
        "one.txt": "matched", "two.txt": "ambiguous", "three.txt": "unmatched", "notes.docx": "left out",
    }  # fmt: skip
    assert next(file["title"] for file in told["files"] if file["name"] == "one.txt") == TITLES[0]
    assert "screener attach" not in str(told)
    held = {text.name: text for text in held_texts(review)}
    assert list(held) == ["two.txt", "three.txt"]
    assert len(held["two.txt"].candidates) == 2
    assert [name for name in left(review) if name.endswith(".txt")] == ["three.txt", "two.txt"]

    ledger, two, three = Ledger.of(review.hidden), held["two.txt"], held["three.txt"]
    drop = Uploads(review.hidden).of_job(two.drop)
    with pytest.raises(BadInput, match="no record has this id"):
        give_text(review, ledger, drop, two.number, GivenText("nobody", "anna"))
    chosen = two.candidates[1]
    given = give_text(review, ledger, drop, two.number, GivenText(chosen, "anna"))
    assert (given.record, given.document) == (chosen, "main")
    assert [text.name for text in held_texts(review)] == ["three.txt"]
    assert discard_text(drop, three.number) == "three.txt"
    assert left(review) == []
    with ledger.read() as connection:
        documents = [(one.file, one.how) for some in attached(connection).values() for one in some]
    ledger.close()
    assert sorted(documents) == [("one.txt", "title on page one"), ("two.txt", "by hand")]


def test_a_matching_that_was_killed_is_done_again_without_harm(review: Review) -> None:
    name = texts(review)
    stop = threading.Event()
    stop.set()
    with pytest.raises(StoppedEarly) as stopped:
        job(review, "attach", stop, drop=name)
    assert len(stopped.value.result["files"]) == 2  # what is no document, and the first one that was read
    told = job(review, "attach", drop=name)
    assert sorted(file["name"] for file in told["files"]) == ["notes.docx", "one.txt", "three.txt", "two.txt"]
    assert len(held_texts(review)) == 2
