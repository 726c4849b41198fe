"""What is sent to the app in files: whole or not at all, bounded, and its names are only shown."""

import re
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from support.web_app import HOSTILE, Running, record_on, running, small_review

from screener.ledger import reads
from screener.ledger.enrichments import Enrichment, add_enrichments
from screener.ledger.store import Ledger
from screener.records import Entry

pytest.importorskip("fastapi")

SECOND = "TY  - JOUR\nTI  - A second source of the same\nDB  - Scopus\nER  - \n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_review(tmp_path_factory.mktemp("sent") / "review", 4).root


@pytest.fixture(scope="module")
def app(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SCREENER_DATA", str(tmp_path_factory.mktemp("data")))
        with running(folder, "anna") as started:
            yield started.enter()


@pytest.fixture(autouse=True)
def nothing_left(folder: Path) -> Iterator[None]:
    yield
    shutil.rmtree(folder / ".screener" / "uploads", ignore_errors=True)


def send(app: Running, path: str, name: str, body: bytes | str, token: str | None = None) -> tuple[int, str]:
    headers = {**app.headers(), "X-CSRF-Token": app.csrf if token is None else token}
    data = body.encode() if isinstance(body, str) else body
    answer = app.session.post(app.origin + path, params={"name": name}, data=data, headers=headers, timeout=60)
    return answer.status_code, answer.text


def kept(folder: Path) -> list[str]:
    uploads = folder / ".screener" / "uploads"
    return sorted(str(path.relative_to(uploads)) for path in uploads.rglob("*") if path.is_file())


def eventually(true: Callable[[], bool], seconds: float = 60) -> None:
    limit = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < limit, "it did not happen"
        time.sleep(0.05)


def test_a_file_that_comes_half_leaves_nothing(app: Running, folder: Path) -> None:
    place = urlsplit(app.origin)
    cookie = "; ".join(f"{cookie.name}={cookie.value}" for cookie in app.session.cookies)
    with socket.create_connection((place.hostname or "", place.port or 0), timeout=30) as line:
        head = (
            f"POST /import/files?name=half.ris HTTP/1.1\r\nHost: {place.netloc}\r\nCookie: {cookie}\r\n"
            f"X-CSRF-Token: {app.csrf}\r\nContent-Length: 3000000\r\n\r\n"
        )
        line.sendall(head.encode() + b"TY  - JOUR\n" * 150_000)
        eventually(lambda: any(name.startswith("coming-") for name in kept(folder)))
    eventually(lambda: kept(folder) == [])


@pytest.mark.parametrize("path", ["/import/files", "/full-texts/files"])
def test_what_is_too_large_or_not_from_our_page_is_refused_before_it_is_kept(
    app: Running, folder: Path, path: str
) -> None:
    assert send(app, path, "a.ris", SECOND, token="no")[0] == 403
    place = urlsplit(app.origin)
    cookie = "; ".join(f"{cookie.name}={cookie.value}" for cookie in app.session.cookies)
    with socket.create_connection((place.hostname or "", place.port or 0), timeout=30) as line:
        head = (
            f"POST {path}?name=a.ris HTTP/1.1\r\nHost: {place.netloc}\r\nCookie: {cookie}\r\nX-CSRF-Token: {app.csrf}\r\n"
            "Content-Length: 2000000000\r\n\r\n"
        )
        line.sendall(head.encode())
        assert b" 413 " in line.recv(100)
    assert kept(folder) == []


def test_the_name_of_a_file_is_data(app: Running, folder: Path) -> None:
    assert send(app, "/import/files", f"../../../{HOSTILE}.ris", SECOND)[0] == 204
    [place] = [name for name in kept(folder) if name.endswith(".ris")]
    assert re.fullmatch(r"import-\w+/files/000001/[^/<>]+\.ris", place)
    page = app.get("/import").text
    assert "img src=x onerror" not in page.replace("&lt;", "<").partition("<img src=x")[1]
    assert "<script>window" not in page
    assert list(folder.parent.glob("*.ris")) == []


def test_an_import_is_taken_back_and_asked_about_first_where_people_have_judged(app: Running) -> None:
    page = app.get("/import").text
    number = re.search(r'"import": (\d+)', page)
    assert number, page[:2000]
    name = record_on(app.get("/screen/abstract/card").text)
    app.post("/screen/abstract/decide", record=name, stage="abstract", **{"answer.signal": "no"})
    asked = app.post("/import/undo", **{"import": number[1]}).text
    assert "1 record that would be gone has been judged by people. Nothing was changed." in asked
    done = app.post("/import/undo", **{"import": number[1]}, sure="1").text
    assert "Taken back: records.csv." in done
    assert "1 judgement counts no more" in done
    assert app.post("/import/undo", **{"import": number[1]}).status_code == 400


def test_files_are_imported_once_somebody_says_so_and_can_be_removed_before(app: Running, folder: Path) -> None:
    assert send(app, "/import/files", "list.csv", "title\nA title of its own\n") == (204, "")
    assert send(app, "/import/files", "no export.bin", bytes(range(256)) * 40) == (204, "")
    assert send(app, "/import/files", "third.ris", SECOND) == (204, "")
    page = app.get("/import").text
    assert "Import 2 files" in page
    assert "The file does not name its database" in page
    assert "<strong>Cannot be imported:</strong> <bdi>binary data, not an export</bdi>" in page
    assert "Import 1 file" in app.post("/import/remove", number="3").text
    begun = app.post("/import", **{"source-1": "My own list"}).text
    number = re.search(r'id="job-(\d+)"', begun)
    assert number, begun[:2000]
    eventually(lambda: "Done." in app.get(f"/jobs/{number[1]}").text)
    page = app.get("/import").text
    assert "My own list" in page
    assert "1 record in the review after it" in page
    assert [name for name in kept(folder) if "/files/" in name] == []  # notes of what came of them go later
    assert app.post("/import").status_code == 400
    renamed = app.post("/import/rename", old="My own list", new="A hand search").text
    assert "1 row is now of A hand search" in renamed


def test_a_file_whose_encoding_cannot_be_told_is_read_once_somebody_names_it(app: Running, folder: Path) -> None:
    body = "TY  - JOUR\nTI  - \u5fc3\u7535\u56fe\u7814\u7a76\u7684\u65b9\u6cd5\nER  - \n".encode("gb18030")
    assert send(app, "/import/files", "cnki.ris", body)[0] == 204
    page = app.get("/import").text
    [number] = re.findall(r'name="encoding-(\d+)"', page)
    assert "name it, such as gb18030" in page
    assert "--encoding" not in page
    assert app.post("/import/encoding", number=number).status_code == 400
    for name in ("ascii", "no-such"):
        again = app.post("/import/encoding", number=number, **{f"encoding-{number}": name}).text
        assert "Cannot be imported" in again
        assert "--encoding" not in again
    assert "Import 1 file" in app.post("/import/encoding", number=number, **{f"encoding-{number}": "gb18030"}).text
    job = re.search(r'id="job-(\d+)"', app.post("/import").text)
    assert job
    eventually(lambda: "Done." in app.get(f"/jobs/{job[1]}").text)
    assert "cnki.ris was not imported" not in app.get("/import").text
    assert "\u5fc3\u7535\u56fe\u7814\u7a76\u7684\u65b9\u6cd5" in app.get("/records").text
    assert [name for name in kept(folder) if "/files/" in name] == []  # notes of what came of them go later


def test_only_sources_of_the_protocol_are_searched(app: Running) -> None:
    assert (
        "Choose at least one source" in app.post("/import/retrieve", what="search", source="http://evil.example").text
    )
    assert app.post("/import/retrieve", what="rm").status_code == 400


def test_a_source_gets_no_name_without_end(app: Running) -> None:
    refused = app.post("/import/rename", old="records", new="x" * 201)
    assert (refused.status_code, "at most 200 characters" in refused.text) == (400, True)


def test_what_was_found_by_title_alone_is_decided_on_by_a_click(app: Running, folder: Path) -> None:
    ledger = Ledger.of(folder / ".screener")
    with ledger.read() as connection:
        record = reads.records(connection)[0]
    found = Entry(title=record.title, authors=("Other, Eve",), year=2023, abstract=f"It is {HOSTILE}")
    add_enrichments(ledger, [Enrichment(record.id, "Semantic Scholar", found, "title", 0.9, sure=False)], "anna")
    page = app.get("/import").text
    number = re.search(r'name="number" value="(\d+)"><button name="is"', page)
    assert number, page[:3000]
    assert "Other, Eve" in page
    told = app.post("/import/candidates", number=number[1], **{"is": "same"}).text
    assert ("Filled in" in told, "Found by title" in told) == (True, False)
    assert app.post("/import/candidates", number="999", **{"is": "same"}).status_code == 400
    ledger.close()
