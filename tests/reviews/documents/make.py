"""Typesets the papers of the synthetic review and writes its gold: `python tests/reviews/documents/make.py [FOLDER]`.

The one source of a paper is `papers/NAME.yaml`: its text in a plain markup, and for every item of the extraction form
what the text says of it. From there come `pdfs/*.pdf` (ReportLab, without dates, so that a second run gives the same
bytes) and the tables in `gold/`. Each quote is looked up in the PDF as it was typeset; one that is not on exactly one
page stops the run. FOLDER (default: this folder) is where `pdfs/` and `gold/` are written.
"""

import csv
import importlib.util
import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import UnionType
from typing import Any, get_args
from xml.sax.saxutils import escape

import yaml
from pypdf import PdfReader
from reportlab.lib import colors
from reportlab.lib.enums import TA_CENTER, TA_JUSTIFY
from reportlab.lib.fonts import addMapping
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import inch
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    FrameBreak,
    NextPageTemplate,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
    TableStyle,
)

from screener.forms import Coded, Group, Item
from screener.text.quotes import locate

HERE = Path(__file__).parent
MADE_WITH = "5.1.0"
"""The version of ReportLab that wrote the PDFs in this folder; another may write the same pages in other bytes."""
NOTICE = "SYNTHETIC: an invented paper for testing software. No such study, model or data set exists."

# -- the source -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Paper:
    """One file of `papers/`."""

    name: str
    source: Mapping[str, Any]

    @property
    def id(self) -> str:
        """The record's id."""
        return str(self.source["record"]["id"])

    @property
    def documents(self) -> Mapping[str, Mapping[str, Any]]:
        """The PDFs by what they are: `main`, and perhaps `supplement`."""
        return dict(self.source.get("documents") or {})


def papers(folder: Path = HERE / "papers") -> list[Paper]:
    """All papers in the order of their ids."""
    files = sorted(folder.glob("*.yaml"))
    read = [Paper(path.stem, yaml.safe_load(path.read_text(encoding="utf-8"))) for path in files]
    return sorted(read, key=lambda paper: paper.id)


# -- typesetting ------------------------------------------------------------------------------------------------------

WIDTH, HEIGHT = 7.3 * inch, 8.3 * inch
MARGIN, GUTTER, HEAD = 0.55 * inch, 0.22 * inch, 0.75 * inch
COLUMN = (WIDTH - 2 * MARGIN - GUTTER) / 2

BODY = ParagraphStyle(
    "body", fontName="Times-Roman", fontSize=10.1, leading=12.8, alignment=TA_JUSTIFY, spaceAfter=4, firstLineIndent=9
)
ABSTRACT = ParagraphStyle("abstract", parent=BODY, firstLineIndent=0, leftIndent=18, rightIndent=18, fontSize=9.1)
HEADING = ParagraphStyle(
    "heading", fontName="Helvetica-Bold", fontSize=9.6, leading=12, spaceBefore=6, spaceAfter=3, keepWithNext=1
)
TITLE = ParagraphStyle(
    "title", fontName="Helvetica-Bold", fontSize=14.5, leading=17.5, alignment=TA_CENTER, spaceAfter=5
)
BYLINE = ParagraphStyle("byline", fontName="Helvetica", fontSize=8.2, leading=10.5, alignment=TA_CENTER, spaceAfter=6)
CAPTION = ParagraphStyle("caption", fontName="Helvetica", fontSize=7.6, leading=9.2, spaceBefore=5, spaceAfter=2)
REFERENCE = ParagraphStyle(
    "reference", fontName="Times-Roman", fontSize=8.2, leading=9.8, leftIndent=12, firstLineIndent=-12, spaceAfter=2
)

_LINK = re.compile(r"\[([^\]]+)\]\((https?://[^)]+)\)")
_LONG = re.compile(r"(?<![\w./:@\xad-])[A-Za-z]?[a-z]{8,}(?![\w/:@-])")
_BREAK = re.compile(r"(?<=[aeiou][b-df-hj-np-tv-z])(?=[b-df-hjkmnpqstv-z][aeiouy])")
_LIGATURES = {"ffi": "f\ufb01", "fi": "\ufb01", "fl": "\ufb02"}


def _hyphenated(word: str) -> str:
    """The word with soft hyphens between two consonants that stand between vowels, three letters from either end."""
    places = [m.start() for m in _BREAK.finditer(word) if 3 <= m.start() <= len(word) - 3]
    for place in reversed(places):
        word = word[:place] + "\xad" + word[place:]
    return word


def _inline(text: str, ligatures: bool) -> str:
    """The markup of a paragraph: soft hyphens, and links whose URL is not printed."""
    pieces, last = [], 0
    for found in [*_LINK.finditer(text), None]:
        plain = text[last : found.start() if found else len(text)]
        plain = _LONG.sub(lambda m: _hyphenated(m.group()), escape(plain))
        if ligatures:
            for letters, ligature in _LIGATURES.items():
                plain = plain.replace(letters, ligature)
        pieces.append(plain)
        if found:
            pieces.append(f'<a href="{escape(found.group(2))}" color="#1a4f8a">{escape(found.group(1))}</a>')
            last = found.end()
    return "".join(pieces)


def _table(lines: Sequence[str]) -> Table:
    rows = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines]
    table = Table(rows, hAlign="LEFT")
    table.setStyle(
        TableStyle(
            [
                ("FONT", (0, 0), (-1, -1), "Helvetica", 6.5),
                ("FONT", (0, 0), (-1, 0), "Helvetica-Bold", 6.5),
                ("LEADING", (0, 0), (-1, -1), 8),
                ("TOPPADDING", (0, 0), (-1, -1), 1.2),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 1.6),
                ("LEFTPADDING", (0, 0), (-1, -1), 1.5),
                ("RIGHTPADDING", (0, 0), (-1, -1), 2.5),
                ("LINEABOVE", (0, 0), (-1, 0), 0.7, colors.black),
                ("LINEBELOW", (0, 0), (-1, 0), 0.4, colors.black),
                ("LINEBELOW", (0, -1), (-1, -1), 0.7, colors.black),
            ]
        )
    )
    return table


def _flowables(text: str, ligatures: bool) -> Iterator[Flowable]:
    """The blocks of a paper's text, which are divided by empty lines: headings, tables, references, paragraphs."""
    for block in re.split(r"\n\s*\n", text.strip()):
        lines = block.strip().splitlines()
        if lines[0].startswith("# "):
            yield Paragraph(escape(lines[0][2:]), HEADING)
        elif len(lines) > 1 and lines[-1].startswith("|"):
            caption = [line for line in lines if not line.startswith("|")]
            yield Paragraph(escape(" ".join(caption)), CAPTION)
            yield _table([line for line in lines if line.startswith("|")])
            yield Spacer(1, 6)
        elif re.match(r"\[S?\d+\]", lines[0]):
            yield Paragraph(escape(" ".join(lines)), REFERENCE)
        else:
            yield Paragraph(_inline(" ".join(line.strip() for line in lines), ligatures), _body(ligatures))


def _body(ligatures: bool) -> ParagraphStyle:
    return ParagraphStyle("ligatures", parent=BODY, fontName="Times-Mac") if ligatures else BODY


def typeset(paper: Paper, document: Mapping[str, Any], path: Path) -> None:
    """Write one PDF: title and abstract across the page, then two columns; every page says that it is synthetic."""
    pdfmetrics.registerFont(pdfmetrics.Font("Times-Mac", "Times-Roman", "MacRomanEncoding"))
    for bold, italic in ((0, 0), (0, 1), (1, 0), (1, 1)):
        addMapping("Times-Mac", bold, italic, "Times-Mac")
    ligatures = bool(document.get("ligatures"))
    title = str(document.get("title") or paper.source["record"]["title"])
    head = str(document["running_head"])

    def frame(canvas: Canvas, doc: BaseDocTemplate) -> None:
        canvas.saveState()
        canvas.setFont("Helvetica-Bold", 6.8)
        canvas.setFillColorRGB(0.7, 0.1, 0.1)
        canvas.drawCentredString(WIDTH / 2, HEIGHT - 0.3 * inch, NOTICE)
        canvas.setFillColorRGB(0.25, 0.25, 0.25)
        canvas.setFont("Helvetica", 7)
        canvas.drawString(MARGIN, HEIGHT - 0.5 * inch, head)
        canvas.drawRightString(WIDTH - MARGIN, 0.4 * inch, f"{document.get('first_page', 1) + doc.page - 1}")
        canvas.drawString(MARGIN, 0.4 * inch, "SYNTHETIC")
        canvas.restoreState()

    front: list[Flowable] = [
        Paragraph(escape(title), TITLE),
        Paragraph("Synthetic Authors, Institute of Invented Studies", BYLINE),
    ]
    if document.get("imprint"):
        front.append(Paragraph(escape(document["imprint"]), BYLINE))
    if document.get("abstract"):
        front.append(Paragraph(f"<b>Abstract.</b> {_inline(document['abstract'], False)}", ABSTRACT))
    inner = WIDTH - 2 * MARGIN
    tall = sum(each.wrap(inner, HEIGHT)[1] + each.getSpaceAfter() for each in front) + 10
    top = HEIGHT - HEAD
    none = {"leftPadding": 0, "rightPadding": 0, "topPadding": 0, "bottomPadding": 0}
    bottom = 0.62 * inch

    def columns(upto: float) -> list[Frame]:
        return [
            Frame(MARGIN + n * (COLUMN + GUTTER), bottom, COLUMN, upto - bottom, id=f"column{n}", **none)
            for n in (0, 1)
        ]

    doc = BaseDocTemplate(
        str(path), pagesize=(WIDTH, HEIGHT), title=title, author="Synthetic Authors", subject=NOTICE,
        invariant=1, pageCompression=0, lang="en",
    )  # fmt: skip
    doc.addPageTemplates(
        [
            PageTemplate(
                "first", [Frame(MARGIN, top - tall, inner, tall, id="front", **none), *columns(top - tall - 8)], frame
            ),
            PageTemplate("later", columns(top), frame),
        ]
    )
    doc.build([*front, NextPageTemplate("later"), FrameBreak(), *_flowables(document["text"], ligatures)])


# -- gold -------------------------------------------------------------------------------------------------------------


class SourceError(Exception):
    """The source of a paper does not fit its text or the form."""


def load_form(path: Path = HERE / "prompts" / "form.py") -> type[Group]:
    """The class `Form` of the review."""
    spec = importlib.util.spec_from_file_location("documents_form", path.resolve())
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["documents_form"] = module
    spec.loader.exec_module(module)
    form: type[Group] = module.Form
    return form


@dataclass(frozen=True)
class Reports:
    """The PDFs of one paper, to look quotes up in."""

    paper: Paper
    folder: Path

    @cached_property
    def pages(self) -> dict[str, list[str]]:
        """The text of each page, by document."""
        return {
            name: [page.extract_text() for page in PdfReader(self.folder / document["file"]).pages]
            for name, document in self.paper.documents.items()
        }

    def find(self, quote: str, path: str) -> tuple[str, int]:
        """The one document and page that has the quote."""
        found = [
            (name, number)
            for name, pages in self.pages.items()
            for number, text in enumerate(pages, start=1)
            if locate(quote, text).status in ("exact", "normalized")
        ]
        if len(found) != 1:
            raise SourceError(f"{self.paper.name}: {path}: on {len(found)} pages, not one: {quote!r}")
        return found[0]


def _line(reports: Reports, path: str, told: Any, quote: str | None, coded: bool) -> dict[str, Any]:
    """One item: `nr`, `na`, a value that stands on the quote of its group, or [value, quote, other], of which the last may be missing."""
    line = {"id": reports.paper.id, "path": path, "status": "reported", "value": None, "other": None}
    if told in ("nr", "na"):
        line["status"] = "not_reported" if told == "nr" else "not_applicable"
        return line | {"document": None, "page": None, "quote": None}
    if isinstance(told, list):
        told, quote, line["other"] = [*told, *(quote, None)[len(told) - 1 :]]
    if told is None or quote is None:
        raise SourceError(f"{reports.paper.name}: {path}: nothing is told, or no quote")
    if not coded and line["other"] is not None:
        raise SourceError(f"{reports.paper.name}: {path}: only a coded item has a text for `other`")
    quote = " ".join(quote.split())
    document, page = reports.find(quote, path)
    return line | {"value": told, "document": document, "page": page, "quote": quote}


def _walk(reports: Reports, kind: Any, node: Any, path: str, quote: str | None) -> Iterator[dict[str, Any]]:
    if isinstance(kind, type) and issubclass(kind, Item):
        yield _line(reports, path, node, quote, issubclass(kind, Coded))
    elif isinstance(kind, type) and issubclass(kind, Group):
        node = dict(node)
        quote = node.pop("quote", quote)
        for name, field in kind.model_fields.items():
            if name not in node:
                raise SourceError(f"{reports.paper.name}: {path}.{name}: nothing is told")
            yield from _walk(reports, field.annotation, node.pop(name), f"{path}.{name}".lstrip("."), quote)
        if node:
            raise SourceError(f"{reports.paper.name}: {path}: not in the form: {', '.join(node)}")
    elif node == "nr":
        yield _line(reports, path, node, None, False)
    else:
        assert not isinstance(kind, UnionType)
        (each,) = get_args(kind)
        for position, entry in enumerate(node):
            yield from _walk(reports, each, entry, f"{path}[{position}]", quote)


def gold_lines(paper: Paper, folder: Path, form: type[Group]) -> list[dict[str, Any]]:
    """The gold of one paper's extraction, in the order of the form; none if it is not eligible."""
    told = paper.source.get("gold")
    return list(_walk(Reports(paper, folder), form, told, "", None)) if told else []


RECORD = ("id", "title", "abstract", "authors", "year", "venue", "publication type", "language", "doi", "arxiv")


def _write(path: Path, columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def make(folder: Path) -> None:
    """Write all PDFs and all tables of gold."""
    (folder / "pdfs").mkdir(parents=True, exist_ok=True)
    (folder / "gold").mkdir(parents=True, exist_ok=True)
    every, form = papers(), load_form()
    for paper in every:
        for document in paper.documents.values():
            typeset(paper, document, folder / "pdfs" / document["file"])
    gold = folder / "gold"
    _write(gold / "records.csv", RECORD, [{"authors": "Synthetic Authors", **p.source["record"]} for p in every])
    for stage in ("abstract", "fulltext"):
        judged = [{"id": p.id, **p.source[stage]} for p in every if stage in p.source]
        _write(gold / f"{stage}.csv", list(judged[0]), judged)
    documents = [
        {"id": p.id, "document": name, "file": document["file"]}
        for p in every
        for name, document in p.documents.items()
    ]
    _write(gold / "documents.csv", ("id", "document", "file"), documents)
    studies = [{"study": p.source["study"], "id": p.id} for p in every if "study" in p.source]
    _write(gold / "studies.csv", ("study", "id"), studies)
    lines = [line for paper in every for line in gold_lines(paper, folder / "pdfs", form)]
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    (gold / "extraction.jsonl").write_text(text, encoding="utf-8")
    print(f"{folder}: {len(documents)} PDFs, {len(lines)} items of {len({line['id'] for line in lines})} reports")


if __name__ == "__main__":
    make(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
