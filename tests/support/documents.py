"""PDFs made for the tests of documents: drawn line by line, so that a test knows where everything stands."""

import io
import struct
import zlib
from collections.abc import Callable
from functools import reduce
from pathlib import Path

import pytest

pytest.importorskip("reportlab", reason="PDFs are made with reportlab: install screener[test]")

from reportlab.lib.pagesizes import A4
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

WIDTH, HEIGHT = A4
LEFT, SECOND = 60, 312
"""Left edges of the two columns."""
LEADING = 12

LOREM = (
    "The quick engineers trained a model on many recordings",
    "of which most came from four hospitals in the north and",
    "a few from the south where other devices were in use so",
    "that leads were missing in about a tenth of the records",
    "which the authors left out before they split the data in",
    "three parts of which the last was never looked at until",
    "the end of the study and then only once by one of them",
)
"""Lines of about the width of a column in the usual type."""


def draw(path: Path, *pages: Callable[[Canvas], None], encrypt: StandardEncryption | None = None) -> Path:
    """A PDF with a page for each function, which draws it."""
    canvas = Canvas(str(path), pagesize=A4, encrypt=encrypt)
    for page in pages:
        page(canvas)
        canvas.showPage()
    canvas.save()
    return path


def lines(
    canvas: Canvas, texts: tuple[str, ...] | list[str], x: float, top: float, size: float = 9, font: str = "Helvetica"
) -> float:
    """Draw lines one below the other, the first `top` points from the page's top; where the next one would be."""
    for text in texts:
        canvas.setFont(font, size)
        canvas.drawString(x, HEIGHT - top, text)
        top += LEADING * size / 9
    return top


def heading(canvas: Canvas, text: str, x: float, top: float, size: float = 11) -> float:
    return lines(canvas, [text], x, top + 10, size, "Helvetica-Bold") + 8


def row(canvas: Canvas, cells: list[str], xs: list[float], top: float) -> float:
    for cell, x in zip(cells, xs, strict=True):
        lines(canvas, [cell], x, top)
    return top + LEADING


def picture(canvas: Canvas) -> None:
    """A page that is one grey image, as a scanner makes it."""
    from reportlab.lib.utils import ImageReader

    side = 8
    data = b"".join(b"\x00" + b"\x80" * side for _ in range(side))

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0))
    png += chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b"")
    canvas.drawImage(ImageReader(io.BytesIO(png)), 0, 0, WIDTH, HEIGHT)


def password(user: str) -> StandardEncryption:
    return StandardEncryption(userPassword=user, ownerPassword="owner-of-it", canPrint=1)


def bomb(path: Path, size: int, operation: bytes = b"BT /F1 12 Tf (x) Tj ET\n") -> Path:
    """A PDF of a few megabytes with a page whose content, one operation over and over, unpacks to `size` bytes."""
    chunk = operation * ((1 << 20) // len(operation))
    times = size // len(chunk) + 1
    # A part that looks back at none before it may stand as often as one likes: it is compressed once.
    compress = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    part = compress.compress(chunk) + compress.flush(zlib.Z_FULL_FLUSH)
    checksum = reduce(lambda value, _: zlib.adler32(chunk, value), range(times), 1)
    data = b"".join([b"\x78\xda", part * times, compress.flush(), checksum.to_bytes(4)])
    return raw_pdf(
        path,
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d /Filter /FlateDecode >>\nstream\n" % len(data) + data + b"\nendstream",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    )


def raw_pdf(path: Path, *objects: bytes) -> Path:
    """A PDF of these objects, numbered from 1; the first is the catalogue."""
    out, starts = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, 1):
        starts.append(len(out))
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % start for start in starts)
    out += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table)
    path.write_bytes(bytes(out))
    return path


def paper(title: str, doi: str = "", text: tuple[str, ...] = LOREM) -> bytes:
    """A PDF of one page: a title, a DOI, a heading and a few lines."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4)
    top = heading(canvas, title, LEFT, 60, 16)
    top = lines(canvas, [f"https://doi.org/{doi}"] if doi else [], LEFT, top + 10)
    lines(canvas, text, LEFT, heading(canvas, "1 Introduction", LEFT, top + 20))
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def lettered(path: Path, content: str, letters: dict[str, str]) -> Path:
    """A PDF of one page of this content: Helvetica is /F1; /F2 says of each of its letters which one it stands for."""
    units = {letter: meant.encode("utf-16-be").hex() for letter, meant in letters.items()}
    mapped = "".join(f"<{ord(letter):02x}> <{meant}>\n" for letter, meant in units.items())
    table = f"begincmap\n1 begincodespacerange <00> <ff> endcodespacerange\n{len(units)} beginbfchar\n{mapped}endbfchar\nendcmap"
    return raw_pdf(
        path,
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R /F2 6 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%b\nendstream" % (len(content), content.encode("latin-1")),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Oblique /ToUnicode 7 0 R >>",
        b"<< /Length %d >>\nstream\n%b\nendstream" % (len(table), table.encode()),
    )


def shown(text: str, x: float, top: float, size: float = 9, font: str = "F1") -> str:
    """The content that shows a text on a page of `lettered`."""
    escaped = text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
    return f"BT /{font} {size} Tf {x} {792 - top} Td ({escaped}) Tj ET\n"
