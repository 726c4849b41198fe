"""A table as a Word document, ready for the paper. It needs the package `python-docx`, the extra `docx`."""

import io
import re
from typing import TYPE_CHECKING

from ...core.errors import BadInput
from .page import MACHINE_MARK, page_notes
from .table import SynthesisTable, TableCell

if TYPE_CHECKING:
    from docx.table import _Cell

MOST_COLUMNS = 63
"""So many columns a table of Word has at most."""
_WIDE = 5
_NOT_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


def table_document(table: SynthesisTable, title: str) -> bytes:
    """Return the bytes of a `.docx` with caption, table and notes; pages lie on their side for many columns.

    `title` is the review's. Raises `BadInput` where the package is missing, and for more columns than Word has.
    """
    try:
        from docx import Document
        from docx.enum.section import WD_ORIENT
        from docx.oxml import OxmlElement
        from docx.shared import Pt
    except ImportError:
        raise BadInput("--format docx: needs python-docx; install it with `pip install 'screener[docx]'`") from None
    if len(table.columns) > MOST_COLUMNS:
        raise BadInput(
            f"--format docx: {table.name} has {len(table.columns):,} columns, and Word {MOST_COLUMNS} at most; use xlsx"
        )
    document = Document()
    document.core_properties.title = _clean(f"{table.caption} – {title}")[:255]
    section = document.sections[0]
    if len(table.columns) > _WIDE:
        section.orientation = WD_ORIENT.LANDSCAPE
        section.page_width, section.page_height = section.page_height, section.page_width
    document.styles["Normal"].font.size = Pt(9)
    document.add_paragraph().add_run(_clean(table.caption)).bold = True
    drawn = document.add_table(rows=1 + len(table.rows), cols=len(table.columns), style="Table Grid")
    # All cells at once: to ask for them one by one takes the square of their number.
    cells = drawn._cells
    for place, column in enumerate(table.columns):
        _write(cells[place], table.heading(column), bold=True)
    drawn.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))  # the head is repeated on each page
    for number, row in enumerate(table.rows, start=1):
        for place, column in enumerate(table.columns):
            _write(cells[number * len(table.columns) + place], _text(row.get(column)))
    for note in page_notes(table):
        document.add_paragraph(_clean(note))
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def _write(cell: "_Cell", text: str, *, bold: bool = False) -> None:
    run = cell.paragraphs[0].add_run(_clean(text))
    run.bold = bold


def _text(cell: TableCell | None) -> str:
    if cell is None or not cell.shown:
        return ""
    return f"{cell.shown}{MACHINE_MARK}" if cell.by == "machine" else cell.shown


def _clean(text: str) -> str:
    """Return a text without what no XML may hold."""
    return _NOT_XML.sub("", text)
