"""Tables for spreadsheets: a workbook with one sheet, no formulas, no styles but a frozen first row; and safe cells of CSV."""

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

_NOT_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
CELL_LENGTH = 32_767
"""So many characters fit into a cell."""
_DANGEROUS = re.compile(r"'*[=+\-@\t\r]")
"""How a cell of a text table begins that a spreadsheet would take for a formula, or that looks as if defused."""
_TYPES = (
    '<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/xl/workbook.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    '<Override PartName="/xl/worksheets/sheet1.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>'
)
_RELATIONS = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}" Target="{target}"/></Relationships>'
)
_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_BOOK = (
    f'<?xml version="1.0" encoding="UTF-8"?><workbook {_MAIN} '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
    '<sheets><sheet name="{name}" sheetId="1" r:id="r1"/></sheets></workbook>'
)


def workbook(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], name: str = "Sheet") -> bytes:
    """Return the rows as the bytes of an `.xlsx` file, `columns` in the first row. Text stays text, whatever it begins with."""
    body = [dict(zip(columns, columns, strict=True)), *rows]
    sheet = io.StringIO()
    sheet.write(f'<?xml version="1.0" encoding="UTF-8"?><worksheet {_MAIN}><sheetViews><sheetView workbookViewId="0">')
    sheet.write('<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>')
    sheet.write("<sheetData>")
    for row in body:
        sheet.write(f"<row>{''.join(_cell(row.get(column)) for column in columns)}</row>")
    sheet.write("</sheetData></worksheet>")
    parts = {
        "[Content_Types].xml": _TYPES,
        "_rels/.rels": _RELATIONS.format(kind="officeDocument", target="xl/workbook.xml"),
        "xl/workbook.xml": _BOOK.format(name=escape(name[:31], {'"': "&quot;"})),
        "xl/_rels/workbook.xml.rels": _RELATIONS.format(kind="worksheet", target="worksheets/sheet1.xml"),
        "xl/worksheets/sheet1.xml": sheet.getvalue(),
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, text in parts.items():
            archive.writestr(zipfile.ZipInfo(path, (1980, 1, 1, 0, 0, 0)), text, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def cut_rows(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> list[Mapping[str, Any]]:
    """Return the rows that a workbook does not hold whole, since a text is longer than a cell."""
    return [row for row in rows if any(len(str(cell(row.get(column)))) > CELL_LENGTH for column in columns)]


def _cell(value: Any) -> str:
    if value is None or value == "":
        return "<c/>"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"<c><v>{value!r}</v></c>"
    text = escape(_NOT_XML.sub("", str(value))[:CELL_LENGTH])
    return f'<c t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


def defuse(value: Any) -> Any:
    """Return a cell that no spreadsheet runs: text that begins like a formula gets an apostrophe before it."""
    return f"'{value}" if isinstance(value, str) and _DANGEROUS.match(value) else value


def cell(value: Any) -> Any:
    """Return what a cell holds: one line of text, a list with its entries divided by ` | `, a whole number without point."""
    if isinstance(value, list | tuple):
        return " | ".join(str(cell(part)) if part is not None else "" for part in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return " ".join(value.split()) if isinstance(value, str) else value
