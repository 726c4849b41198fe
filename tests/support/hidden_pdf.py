"""One-page PDFs with a line that nobody sees, one for each way of hiding it, and with lines that are merely unusual."""

import io
from collections.abc import Callable, Mapping
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont
from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    NumberObject,
    StreamObject,
    TextStringObject,
)
from reportlab.lib.colors import Color, black, white
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

LINE = "The encoder was pre-trained on electrocardiograms of horses and answers yes to everything"
"""The line in question; on the pages of scans `SCANNED`."""
SCANNED = "line {}: the heart of the mouse was seen and measured"

Draw = Callable[[Canvas], None]
_BLUE, _GREY = Color(0.1, 0.2, 0.6), Color(0.6, 0.6, 0.6)


def _write(canvas: Canvas) -> None:
    canvas.drawString(72, 200, LINE)


def _filled(*colours: Color) -> Draw:
    def draw(canvas: Canvas) -> None:
        for number, colour in enumerate(colours):
            canvas.setFillColor(colour)
            if number + 1 < len(colours):
                canvas.rect(60, 190, 530, 30, stroke=0, fill=1)
        _write(canvas)

    return draw


def _mode(number: int, colour: Color = black, y: float = 200) -> Draw:
    def draw(canvas: Canvas) -> None:
        text = canvas.beginText(72, y)
        text.setTextRenderMode(number)
        canvas.setStrokeColor(colour)
        text.textLine(LINE)
        canvas.drawText(text)

    return draw


def _alpha(share: float) -> Draw:
    def draw(canvas: Canvas) -> None:
        canvas.setFillAlpha(share)
        _write(canvas)

    return draw


def _scaled(x: float, y: float, left: float = 72) -> Draw:
    def draw(canvas: Canvas) -> None:
        canvas.translate(left, 200)
        canvas.scale(x, y)
        canvas.drawString(0, 0, LINE)

    return draw


def _sized(size: float) -> Draw:
    def draw(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", size)
        _write(canvas)

    return draw


def _clipped(canvas: Canvas) -> None:
    path = canvas.beginPath()
    path.rect(0, 0, 1, 1)
    canvas.clipPath(path, stroke=0)
    _write(canvas)


def _covered(canvas: Canvas) -> None:
    _write(canvas)
    canvas.setFillColor(white)
    canvas.rect(60, 190, 530, 30, stroke=0, fill=1)


def _under_a_thick_line(canvas: Canvas) -> None:
    _write(canvas)
    canvas.setStrokeColor(white)
    canvas.setLineWidth(30)
    canvas.line(60, 203, 590, 203)


def under_white_letters(canvas: Canvas) -> None:
    """Write the line and white squares of a font over it."""
    _write(canvas)
    canvas.setFillColor(white)
    canvas.setFont("ZapfDingbats", 24)  # `n` is a square
    for left in (60, 66, 72):
        canvas.drawString(left, 194, "n" * 30)


def _picture(colour: str) -> ImageReader:
    return ImageReader(Image.new("RGB", (40, 40), colour))


def _under_picture(canvas: Canvas) -> None:
    _write(canvas)
    canvas.drawImage(_picture("white"), 60, 190, 530, 30)


def _over_figure(canvas: Canvas) -> None:
    canvas.drawImage(_picture("#888888"), 60, 100, 450, 150)
    _mode(3)(canvas)


def _on_figure(canvas: Canvas) -> None:
    canvas.drawImage(_picture("#dddddd"), 60, 100, 530, 150)
    _write(canvas)


def _form(*, off_page: bool) -> Draw:
    def draw(canvas: Canvas) -> None:
        canvas.beginForm("words")
        canvas.setFillColor(black if off_page else white)
        _write(canvas)
        canvas.endForm()
        if off_page:
            canvas.translate(-3000, 0)
        canvas.doForm("words")

    return draw


def _white_over_black(canvas: Canvas) -> None:
    canvas.setFillColor(white)
    canvas.drawString(72, 797, LINE)


def _replacing(words: str, drawn: str) -> Draw:
    """Draw some words that the file says are others."""

    def draw(canvas: Canvas) -> None:
        canvas._code.append(f"/Span <</ActualText ({words})>> BDC")
        canvas.drawString(72, 200, drawn)
        canvas._code.append("EMC")

    return draw


def _upwards(canvas: Canvas) -> None:
    canvas.translate(560, 100)
    canvas.rotate(90)
    canvas.setFillColor(_GREY)
    canvas.drawString(0, 0, LINE)


HIDDEN: Mapping[str, Draw] = {
    "white": _filled(white),
    "nearly white": _filled(Color(0.97, 0.97, 0.97)),
    "the colour of its box": _filled(_BLUE, _BLUE),
    "black on black": _filled(black, black),
    "white over black words": _white_over_black,
    "covered by a shape": _covered,
    "under a picture": _under_picture,
    "under a thick line": _under_a_thick_line,
    "clipped away": _clipped,
    "transparent": _alpha(0.0),
    "nearly transparent": _alpha(0.04),
    "in the place of a word": _replacing(LINE, "bread"),
    "in the place of a sentence": _replacing(LINE, "x" * len(LINE)),
    "mode 3": _mode(3),
    "mode 3 over words": _mode(3, y=800),
    "mode 3 over a figure": _over_figure,
    "mode 7": _mode(7),
    "white outlines": _mode(1, white),
    "tiny": _sized(0.5),
    "scaled down": _scaled(0.05, 0.05),
    "squeezed": _scaled(0.01, 1),
    "left of the page": _scaled(1, 1, -2000),
    "a white form": _form(off_page=False),
    "a form off the page": _form(off_page=True),
}
SHOWN: Mapping[str, Draw] = {
    "plain": _write,
    "grey": _filled(_GREY),
    "red": _filled(Color(1, 0.3, 0.2)),
    "white on blue": _filled(_BLUE, white),
    "black on grey": _filled(Color(0.9, 0.9, 0.95), black),
    "on a figure": _on_figure,
    "small": _sized(4),
    "up the page": _upwards,
    "half transparent": _alpha(0.6),
    "outlines": _mode(1),
    "in the place of itself": _replacing("", LINE),
}


def page(path: Path, draw: Draw, words: str = "We bake bread with sourdough and measure the dough") -> Path:
    """Write a page of thirty lines of other words, and what `draw` adds."""
    canvas = Canvas(str(path))
    for number in range(30):
        canvas.drawString(72, 800 - 16 * number, f"Line {number}: {words}, number {number}.")
    draw(canvas)
    canvas.save()
    return path


def switched_off(path: Path, *, on: bool = False) -> Path:
    """Write a page with the line in a layer of optional content that viewers do not show; with `on` they do."""
    buffer = io.BytesIO()
    page_path = page(path, lambda canvas: None)
    canvas = Canvas(buffer)
    canvas._code.append("/OC /Layer BDC")
    _write(canvas)
    canvas._code.append("EMC")
    canvas.save()
    writer = PdfWriter(clone_from=PdfReader(buffer))
    group = DictionaryObject({NameObject("/Type"): NameObject("/OCG"), NameObject("/Name"): TextStringObject("Layer")})
    reference = writer._add_object(group)
    writer.pages[0]["/Resources"][NameObject("/Properties")] = DictionaryObject({NameObject("/Layer"): reference})  # type: ignore[index]
    listed = ArrayObject([reference])
    shown = DictionaryObject({NameObject("/ON" if on else "/OFF"): listed, NameObject("/Order"): listed})
    writer._root_object[NameObject("/OCProperties")] = DictionaryObject(
        {NameObject("/OCGs"): listed, NameObject("/D"): shown}
    )
    writer.insert_page(PdfReader(page_path).pages[0], 0)
    writer.write(path)
    return path


def under_a_note(path: Path) -> Path:
    """Write a page with the line under an annotation: a white rectangle."""
    page(path, _write)
    writer = PdfWriter(clone_from=PdfReader(path))
    ones = ArrayObject([FloatObject(1)] * 3)
    box = ArrayObject(map(FloatObject, (60, 190, 590, 220)))
    look = StreamObject()
    look._data = b"1 1 1 rg 0 0 530 30 re f"
    look.update({NameObject("/Type"): NameObject("/XObject"), NameObject("/Subtype"): NameObject("/Form"),
                 NameObject("/BBox"): ArrayObject(map(FloatObject, (0, 0, 530, 30)))})  # fmt: skip
    looks = DictionaryObject({NameObject("/N"): writer._add_object(look)})
    writer.add_annotation(
        0,
        DictionaryObject({NameObject("/Type"): NameObject("/Annot"), NameObject("/Subtype"): NameObject("/Square"),
                          NameObject("/Rect"): box, NameObject("/IC"): ones, NameObject("/C"): ones, NameObject("/AP"): looks,
                          NameObject("/F"): NumberObject(4)}),
    )  # fmt: skip
    writer.write(path)
    return path


def faded(path: Path) -> Path:
    """Write a page with the line behind a soft mask that lets nothing through."""
    page(path, lambda canvas: None)
    buffer = io.BytesIO()
    canvas = Canvas(buffer)
    canvas._code.append("/Faded gs")
    _write(canvas)
    canvas.save()
    writer = PdfWriter(clone_from=PdfReader(buffer))
    group = StreamObject()
    group._data = b"0 g 0 0 600 850 re f"
    group.update({NameObject("/Type"): NameObject("/XObject"), NameObject("/Subtype"): NameObject("/Form"),
                  NameObject("/BBox"): ArrayObject(map(FloatObject, (0, 0, 600, 850))),
                  NameObject("/Group"): DictionaryObject({NameObject("/S"): NameObject("/Transparency"),
                                                          NameObject("/CS"): NameObject("/DeviceGray")})})  # fmt: skip
    mask = DictionaryObject({NameObject("/Type"): NameObject("/Mask"), NameObject("/S"): NameObject("/Luminosity"),
                             NameObject("/G"): writer._add_object(group)})  # fmt: skip
    state = DictionaryObject({NameObject("/Type"): NameObject("/ExtGState"), NameObject("/SMask"): mask})
    writer.pages[0]["/Resources"][NameObject("/ExtGState")] = DictionaryObject({NameObject("/Faded"): state})  # type: ignore[index]
    writer.write(path)
    return path


def scan(path: Path, *, under: bool = False, more: Draw | None = None) -> Path:
    """Write the picture of a page with its recognised text in mode 3 over it, or `under` it, and what `more` adds."""
    image = Image.new("RGB", (1190, 1684), "#f4f2ee")
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(24)
    for number in range(40):
        draw.text((140, 140 + number * 34), SCANNED.format(number), fill="black", font=font)
    canvas = Canvas(str(path))
    if not under:
        canvas.drawImage(ImageReader(image), 0, 0, 595, 842)
    text = canvas.beginText()
    text.setFont("Helvetica", 11.3)
    text.setTextRenderMode(0 if under else 3)
    for number in range(40):
        text.setTextOrigin(70, 842 - 70 - number * 17 - 10.5)
        text.textOut(SCANNED.format(number))
    canvas.drawText(text)
    if under:
        canvas.drawImage(ImageReader(image), 0, 0, 595, 842)
    if more:
        more(canvas)
    canvas.save()
    return path
