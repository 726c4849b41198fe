"""Pages without text are recognised by the extra `ocr`, in a process of their own, and come with the places of their words."""

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas
from support import SHARED
from support.documents import HEIGHT, LEFT, LOREM, SECOND, WIDTH, lines
from support.scans import write_pictures

from screener.documents import Document, EvidenceTexts, ParserProcess, Quote, layout, rectangles

pytest.importorskip("rapidocr", reason="text is recognised with rapidocr: install screener[ocr]")
pytestmark = pytest.mark.slow

LOW = 220
"""Height of the page: the top of one of A4, since each part of a page takes its time."""
FIGURES = ("accuracy of 0.913 in 1,300 patients", "sensitivity 87.5 % against 79.2 %", "p = 0.004 and AUC 0.87")


def two_columns(path: Path) -> Path:
    canvas = Canvas(str(path), pagesize=(WIDTH, LOW))
    canvas.translate(0, LOW - HEIGHT)
    for number, line in enumerate((*LOREM[:4], *FIGURES)):
        lines(canvas, [line], LEFT, 80 + 14 * number)
        lines(canvas, [line.upper()[:38]], SECOND, 80 + 14 * number)
    canvas.save()
    return path


@pytest.fixture(scope="module")
def parser() -> Iterator[ParserProcess]:
    with pytest.MonkeyPatch.context() as context:
        context.setenv("SCREENER_OCR", "1")
        with ParserProcess() as process:
            yield process


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return two_columns(tmp_path_factory.mktemp("printed") / "printed.pdf")


def read(parser: ParserProcess, path: Path) -> Document:
    document = parser.parse(path)
    assert isinstance(document, Document), document
    return document


def share(document: Document, printed: Path) -> float:
    """The share of the words of a printed page that were read."""
    words, found = Counter(layout(printed).text.split()), Counter(document.text.split())
    return (words & found).total() / words.total()


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_scan_is_read_column_by_column_however_it_is_turned(
    parser: ParserProcess, printed: Path, tmp_path: Path, turn: int
) -> None:
    scan = write_pictures(tmp_path / "scan.pdf", printed, turn=turn)
    document = read(parser, scan)
    assert document.recognised_pages == (1,)
    assert (document.unread, document.scan) == ((), False)
    assert round(document.recognised[0].angle) == turn
    assert share(document, printed) > 0.97
    text = " ".join(document.text.split())
    assert text.index(FIGURES[0]) < text.index(LOREM[0].upper()[:38])
    find = EvidenceTexts({"main": document.text}, {"main": document}).find
    for figure in FIGURES:
        quote = find(Quote(figure))
        assert (quote.status.value, quote.ocr) == ("exact", True)
        assert quote.start is not None
        assert quote.end is not None
        (marked,) = rectangles(scan, document, quote.start, quote.end)
        (box,) = marked.boxes
        expected = {0: (WIDTH, LOW), 90: (LOW, WIDTH), 180: (WIDTH, LOW), 270: (LOW, WIDTH)}[turn]
        assert (marked.width, marked.height) == pytest.approx(expected, abs=1)
        # Where it was printed, turned with the page.
        start = layout(printed).text.index(figure)
        (own,) = rectangles(printed, layout(printed), start, start + len(figure))[0].boxes
        assert box == pytest.approx(turned(own, turn), abs=5)


def turned(box: tuple[float, float, float, float], turn: int) -> tuple[float, float, float, float]:
    x0, top, x1, bottom = box
    return {
        0: box,
        90: (LOW - bottom, x0, LOW - top, x1),
        180: (WIDTH - x1, LOW - bottom, WIDTH - x0, LOW - top),
        270: (top, WIDTH - x1, bottom, WIDTH - x0),
    }[turn]


def test_only_pages_without_text_are_recognised(parser: ParserProcess, printed: Path, tmp_path: Path) -> None:
    from pypdf import PdfReader, PdfWriter

    scan = write_pictures(tmp_path / "scan.pdf", printed)
    writer = PdfWriter()
    for path in (printed, scan):
        writer.append(PdfReader(path))
    writer.write(tmp_path / "both.pdf")
    document = read(parser, tmp_path / "both.pdf")
    assert document.recognised_pages == (2,)
    assert sorted(document.page_text(1).split()) == sorted(layout(printed).text.split())


def test_a_page_that_takes_too_long_is_told_and_stays_unread(
    printed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCREENER_OCR", "1")
    with ParserProcess(page_s=0.2) as parser:
        document = read(parser, write_pictures(tmp_path / "scan.pdf", printed))
    assert (document.unread, document.scan) == ((1,), True)
    assert document.warnings[0] == "page 1 not recognised: not done within 0.2 s"


def test_nothing_is_recognised_where_it_is_switched_off(
    printed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCREENER_OCR", "0")
    with ParserProcess() as parser:
        document = read(parser, write_pictures(tmp_path / "scan.pdf", printed))
    assert (document.unread, document.recognised) == ((1,), ())


def test_the_models_come_with_the_package_and_nothing_is_fetched(printed: Path, tmp_path: Path) -> None:
    """In a process in which every connection fails."""
    scan = write_pictures(tmp_path / "scan.pdf", printed)
    program = (
        "import socket, sys\n"
        "def refuse(*_, **__): raise AssertionError('a connection was tried')\n"
        "socket.socket.connect = refuse\n"
        "from pathlib import Path\n"
        "from screener.documents.ocr.recognition import recognise\n"
        "print(len(recognise(Path(sys.argv[1]), 1).lines))\n"
    )
    done = subprocess.run([sys.executable, "-c", program, str(scan)], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= 14


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs ../shared")
def test_real_scans(parser: ParserProcess) -> None:
    scan = read(parser, SHARED / "pdfs" / "docling_ocr_scan.pdf")
    assert scan.text.split("\n")[0] == "Docling bundles PDF document conversion to"
    assert scan.recognised_pages == (1,)
    layered = read(parser, SHARED / "pdfs" / "pypdf_vicksburg_ocr.pdf")
    assert layered.recognised == ()  # it has a layer of recognised text already
    assert layered == layout(SHARED / "pdfs" / "pypdf_vicksburg_ocr.pdf")
