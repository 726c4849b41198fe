"""PDFs without text, whole or in part."""

from pathlib import Path

import pytest
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas


def write_scan(path: Path) -> Path:
    """A PDF of two pages with a drawing and no text."""
    canvas = Canvas(str(path))
    for _ in range(2):
        canvas.rect(100, 100, 300, 500)
        canvas.showPage()
    canvas.save()
    return path


def write_partly_scanned(path: Path, words: str) -> Path:
    """A PDF of a page of text, two pages that are drawings of nothing but lines, and a blank one."""
    canvas = Canvas(str(path))
    for number in range(30):
        canvas.drawString(72, 780 - 14 * number, f"{words} in line {number} of the paper.")
    canvas.showPage()
    for _ in range(2):
        for number in range(40):
            canvas.line(72, 100 + 10 * number, 400, 105 + 10 * number)
        canvas.showPage()
    canvas.drawString(72, 780, " ")
    canvas.showPage()
    canvas.save()
    return path


def write_pictures(path: Path, source: Path, *, turn: int = 0, dpi: int = 150) -> Path:
    """A PDF whose pages are the pictures of another's, turned clockwise by quarters of a turn: a scan of it."""
    pypdfium2 = pytest.importorskip("pypdfium2", reason="scans are drawn with pypdfium2: install screener[pdf]")
    with pypdfium2.PdfDocument(source) as file:
        canvas = Canvas(str(path))
        for page in file:
            width, height = page.get_size()
            picture = page.render(scale=dpi / 72, rotation=turn).to_pil().convert("L")
            size = (height, width) if turn in (90, 270) else (width, height)
            canvas.setPageSize(size)
            canvas.drawImage(ImageReader(picture), 0, 0, *size)
            canvas.showPage()
    canvas.save()
    return path
