"""No file ends a run: each gives a document or one clear line, and the next file is read."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas
from support import ROOT
from support.documents import LEFT, LOREM, bomb, draw, lines, password, raw_pdf

from screener.documents import Document, Failure, FailureKind, ParserProcess, Unreadable, Workers, layout, plain

pytest.importorskip("pypdfium2", reason="the parser's fast path needs pypdfium2: install screener[pdf]")


def page(canvas: Canvas) -> None:
    lines(canvas, LOREM, LEFT, 80)


@pytest.fixture(scope="module")
def parser() -> Iterator[ParserProcess]:
    with ParserProcess(deadline_s=60, memory_mb=1024) as process:
        yield process


@pytest.fixture
def good(tmp_path: Path) -> Path:
    return draw(tmp_path / "good.pdf", page)


def read(found: Document | Failure) -> Document:
    assert isinstance(found, Document), found
    return found


def failed(found: Document | Failure, kind: FailureKind) -> str:
    assert isinstance(found, Failure), found
    assert found.kind is kind
    assert "\n" not in found.reason
    assert "; " in found.reason  # what it is; what to do
    return found.reason


def test_a_process_reads_as_this_one_does_and_is_used_again(parser: ParserProcess, good: Path) -> None:
    assert read(parser.parse(good)) == layout(good)
    pid = parser.pid
    assert read(parser.parse(good)).text.startswith(LOREM[0])
    assert parser.pid == pid is not None


def test_the_empty_password_is_tried(parser: ParserProcess, tmp_path: Path) -> None:
    path = draw(tmp_path / "a.pdf", page, encrypt=password(""))
    assert LOREM[0] in read(parser.parse(path)).text


def test_a_password_opens_and_without_it_one_line_says_so(parser: ParserProcess, tmp_path: Path) -> None:
    path = draw(tmp_path / "a.pdf", page, encrypt=password("secret"))
    assert "a.pdf is encrypted and no password was given" in failed(parser.parse(path), FailureKind.ENCRYPTED)
    assert "the password given does not open it" in failed(parser.parse(path, ["wrong"]), FailureKind.ENCRYPTED)
    assert LOREM[0] in read(parser.parse(path, ["wrong", "secret"])).text


@pytest.mark.parametrize("password_given", ["", "secret"])
def test_pypdf_opens_what_is_encrypted_too(tmp_path: Path, password_given: str) -> None:
    path = draw(tmp_path / "a.pdf", page, encrypt=password(password_given))
    assert LOREM[0] in layout(path, ["secret"], baseline=True).text
    if password_given:
        with pytest.raises(Unreadable, match="encrypted"):
            layout(path, baseline=True)


def test_a_truncated_file_is_one_line(parser: ParserProcess, tmp_path: Path) -> None:
    whole = draw(tmp_path / "whole.pdf", *[page] * 5).read_bytes()
    (tmp_path / "cut.pdf").write_bytes(whole[: len(whole) // 5])
    found = parser.parse(tmp_path / "cut.pdf")
    if isinstance(found, Failure):
        assert "damaged or cut short" in failed(found, FailureKind.MALFORMED)
    else:  # pypdf found whole pages in what is left
        assert any("damaged" in warning for warning in found.warnings)


@pytest.mark.parametrize(
    ("content", "kind", "said"),
    [
        (b"", FailureKind.EMPTY, "is empty"),
        (b"%PDF-1.7\n" + b"\x00garbage\xff" * 500, FailureKind.MALFORMED, "is damaged or cut short"),
        (b"<html>Please log in</html>", FailureKind.MALFORMED, "is not a PDF"),
    ],
)
def test_what_is_no_pdf_is_one_line(
    parser: ParserProcess, tmp_path: Path, content: bytes, kind: FailureKind, said: str
) -> None:
    (tmp_path / "paper.pdf").write_bytes(content)
    assert f"paper.pdf {said}" in failed(parser.parse(tmp_path / "paper.pdf"), kind)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.json", '{"schema_name": "DoclingDocument", "texts": ' + "[" * 200_000, "is nested too deeply"),
        ("a.json", '{"schema_name": "DoclingDocument", "texts": [{"text": "', "breaks off in line 1"),
        (
            "a.xml",
            '<!DOCTYPE article [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><article><body>&b;</body></article>',
            "declares entities",
        ),
        ("a.xml", f"<article><body>{'<sec>' * 9_000}", "deep in each other"),
        ("a.html", "<p hidden>yes</p>", "holds no text"),
        ("a.md", "<!-- nothing -->", "holds no text"),
    ],
)
def test_marked_up_files_that_are_damaged_or_hostile_are_one_line(
    parser: ParserProcess, tmp_path: Path, name: str, content: str, said: str
) -> None:
    (tmp_path / name).write_text(content)
    found = parser.parse(tmp_path / name)
    assert isinstance(found, Failure)
    assert said in failed(found, found.kind)


def test_the_line_stays_one_line_whatever_the_file_is_called(parser: ParserProcess, tmp_path: Path) -> None:
    (tmp_path / "two\nlines.pdf").write_bytes(b"")
    assert failed(parser.parse(tmp_path / "two\nlines.pdf"), FailureKind.EMPTY).startswith("two lines.pdf is empty")


def test_a_missing_file_and_a_folder_are_one_line(parser: ParserProcess, tmp_path: Path) -> None:
    failed(parser.parse(tmp_path / "nowhere.pdf"), FailureKind.MALFORMED)
    failed(parser.parse(tmp_path), FailureKind.MALFORMED)


def test_a_pdf_without_pages_is_malformed(parser: ParserProcess, tmp_path: Path) -> None:
    path = raw_pdf(tmp_path / "a.pdf", b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [] /Count 0 >>")
    failed(parser.parse(path), FailureKind.MALFORMED)


def test_pages_that_hold_themselves_end(parser: ParserProcess, tmp_path: Path) -> None:
    path = raw_pdf(
        tmp_path / "a.pdf", b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [2 0 R] /Count 9 >>"
    )
    found = parser.parse(path)
    assert isinstance(found, Failure) or found.scan


@pytest.mark.slow
def test_a_thousand_pages_are_read(parser: ParserProcess, tmp_path: Path) -> None:
    def numbered(number: int) -> "object":
        return lambda canvas: lines(canvas, [f"This is what page {number} of them says.", *LOREM], LEFT, 80)

    path = draw(tmp_path / "a.pdf", *[numbered(number) for number in range(1, 1001)])  # type: ignore[arg-type]
    document = read(parser.parse(path))
    assert len(document.pages) == 1000
    assert document.page_of(document.text.index("what page 777 of")) == 777


@pytest.mark.slow
def test_a_decompression_bomb_is_too_large_and_the_run_goes_on(tmp_path: Path, good: Path) -> None:
    path = bomb(tmp_path / "bomb.pdf", 1100 << 20)
    assert path.stat().st_size < 10 << 20
    with ParserProcess(deadline_s=60, memory_mb=1024) as parser:
        failed(parser.parse(path), FailureKind.TOO_LARGE)
        assert LOREM[0] in read(parser.parse(good)).text


@pytest.mark.slow
def test_a_file_that_takes_too_long_is_given_up_and_the_run_goes_on(tmp_path: Path, good: Path) -> None:
    slow = bomb(tmp_path / "slow.pdf", 600 << 20, b"q Q\n")  # seconds of work without an object to keep
    with ParserProcess(deadline_s=1, memory_mb=0) as parser:
        assert "1 s" in failed(parser.parse(slow), FailureKind.TOO_SLOW)
        assert parser.pid is None
        assert LOREM[0] in read(parser.parse(good)).text


@pytest.mark.slow
def test_a_process_that_hangs_is_killed_at_the_deadline_and_replaced(good: Path) -> None:
    with ParserProcess(deadline_s=1.5) as parser:
        read(parser.parse(good))
        hung = parser.pid
        assert hung is not None
        os.kill(hung, signal.SIGSTOP)
        failed(parser.parse(good), FailureKind.TOO_SLOW)
        with pytest.raises(ProcessLookupError):
            os.kill(hung, 0)
        assert LOREM[0] in read(parser.parse(good)).text
        assert parser.pid not in (None, hung)


@pytest.mark.slow
def test_a_process_killed_in_the_middle_of_a_file_is_replaced(tmp_path: Path, good: Path) -> None:
    slow = bomb(tmp_path / "slow.pdf", 600 << 20, b"q Q\n")
    with ParserProcess(deadline_s=30, memory_mb=0) as parser:
        read(parser.parse(good))
        killed = parser.pid
        assert killed is not None
        threading.Timer(0.4, os.kill, (killed, signal.SIGKILL)).start()
        found = parser.parse(slow)  # the baseline reader had its turn after that
        assert isinstance(found, Document) or found.kind is FailureKind.TOO_LARGE
        assert parser.pid != killed
        assert LOREM[0] in read(parser.parse(good)).text


@pytest.mark.slow
def test_a_process_killed_between_two_files_is_replaced(good: Path) -> None:
    with ParserProcess() as parser:
        read(parser.parse(good))
        assert parser.pid is not None
        os.kill(parser.pid, signal.SIGKILL)
        assert LOREM[0] in read(parser.parse(good)).text


def test_leaving_ends_the_process(good: Path) -> None:
    with ParserProcess() as parser:
        read(parser.parse(good))
        pid = parser.pid
    assert pid is not None
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_several_processes_read_a_folder_in_order(tmp_path: Path, good: Path) -> None:
    (tmp_path / "empty.pdf").write_bytes(b"")
    paths = [good, tmp_path / "empty.pdf", draw(tmp_path / "other.pdf", page, page), good]
    with Workers(2) as workers:
        found = list(workers.parse_all(paths))
    assert [path for path, _ in found] == paths
    assert [type(each).__name__ for _, each in found] == ["Document", "Failure", "Document", "Document"]


def warned_of(folder: Path, good: Path) -> Path:
    """A PDF that pypdf can read and has something to say about: its table of objects is not where it says."""
    (folder / "broken.pdf").write_bytes(re.sub(rb"startxref\s+\d+", b"startxref\n7", good.read_bytes()))
    return folder / "broken.pdf"


def test_the_worker_says_nothing_but_its_answers(tmp_path: Path, good: Path) -> None:
    broken = warned_of(tmp_path, good)
    requests = "".join(json.dumps({"path": str(path), "baseline": True}) + "\n" for path in (broken, good))
    done = subprocess.run(
        [sys.executable, "-m", "screener.documents.worker"],
        input=requests,
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [set(answer) for answer in answers] == [{"ready"}, {"document"}, {"document"}]
    assert done.stderr == ""


def test_pypdf_keeps_its_warnings_to_itself(
    tmp_path: Path, good: Path, caplog: pytest.LogCaptureFixture, recwarn: pytest.WarningsRecorder
) -> None:
    from pypdf import PdfReader

    broken = warned_of(tmp_path, good)
    assert len(PdfReader(broken).pages) == 1
    assert caplog.records  # so much for what it says of this file
    caplog.clear()
    assert LOREM[0] in layout(broken, baseline=True).text
    assert not caplog.records
    assert not recwarn.list


def test_plain_is_a_text_a_page(good: Path) -> None:
    (text,) = plain(good)
    assert "\r" not in text
    assert [line.strip() for line in text.strip().split("\n")] == list(LOREM)


def test_processes_wait_for_the_next_files_of_the_program(good: Path) -> None:
    """To start one takes longer than to read most files."""
    with Workers(1) as workers:
        workers.parse(good)
        pid = workers.pids[0]
    with Workers(1) as workers:
        workers.parse(good)
        assert workers.pids == [pid]


def test_files_that_an_executor_parses_are_the_same_in_their_order(tmp_path: Path) -> None:
    paths = [tmp_path / f"{n}.pdf" for n in range(3)]
    for path in paths[:2]:
        draw(path, page)
    paths[1].write_bytes(b"%PDF-1.7 nothing else")
    with Workers() as workers:
        here = list(workers.parse_all(paths))
    with ThreadPoolExecutor(2) as executor, Workers(executor=executor) as workers:
        assert list(workers.parse_all(paths)) == here
    assert [type(parsed) for _, parsed in here] == [Document, Failure, Failure]
