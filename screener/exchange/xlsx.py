"""Tables for spreadsheets: a workbook without formulas and styles but a frozen first row; and safe cells of CSV."""

import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

_NOT_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
CELL_LENGTH = 32_767
"""So many characters fit into a cell."""
_DANGEROUS = re.compile(r"'*[=+\-@\t\r]")
"""How a cell of a text table begins that a spreadsheet would take for a formula, or that looks as if defused."""
_PACKAGE = "application/vnd.openxmlformats-package"
_SHEETS = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_KINDS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_XML = '<?xml version="1.0" encoding="UTF-8"?>'
_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def workbook(
    rows: Sequence[Mapping[str, Any]], columns: Sequence[str], name: str = "Sheet", about: Sequence[str] = ()
) -> bytes:
    """Return the rows as the bytes of an `.xlsx` file, `columns` in the first row. Text stays text, whatever it begins with.

    `about` are sentences for a second sheet, a row each; without any there is none.
    """
    body = [dict(zip(columns, columns, strict=True)), *rows]
    pane = '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
    sheets = {name[:31]: _sheet(([row.get(column) for column in columns] for row in body), pane)}
    if about:
        sheets["about" if name != "about" else "notes"] = _sheet([[sentence] for sentence in about])
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, text in _parts(sheets).items():
            archive.writestr(zipfile.ZipInfo(path, (1980, 1, 1, 0, 0, 0)), text, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def _sheet(rows: Iterable[Sequence[Any]], pane: str = "") -> str:
    sheet = io.StringIO()
    sheet.write(f'{_XML}<worksheet {_MAIN}><sheetViews><sheetView workbookViewId="0">{pane}</sheetView></sheetViews>')
    sheet.write("<sheetData>")
    for row in rows:
        sheet.write(f"<row>{''.join(map(_cell, row))}</row>")
    sheet.write("</sheetData></worksheet>")
    return sheet.getvalue()


def _parts(sheets: Mapping[str, str]) -> dict[str, str]:
    """Return the files of a workbook by their paths in it; `sheets` are its sheets by their names."""
    numbers = range(1, len(sheets) + 1)
    names = [escape(name, {'"': "&quot;"}) for name in sheets]
    types = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{_SHEETS}.worksheet+xml"/>' for n in numbers
    )
    listed = "".join(f'<sheet name="{name}" sheetId="{n}" r:id="r{n}"/>' for n, name in enumerate(names, start=1))
    return {
        "[Content_Types].xml": f'{_XML}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        f'<Default Extension="rels" ContentType="{_PACKAGE}.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_SHEETS}.sheet.main+xml"/>{types}</Types>',
        "_rels/.rels": _relations("officeDocument", ["xl/workbook.xml"]),
        "xl/workbook.xml": f'{_XML}<workbook {_MAIN} xmlns:r="{_KINDS}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": _relations("worksheet", [f"worksheets/sheet{n}.xml" for n in numbers]),
        **{f"xl/worksheets/sheet{n}.xml": text for n, text in enumerate(sheets.values(), start=1)},
    }


def _relations(kind: str, targets: Sequence[str]) -> str:
    listed = "".join(
        f'<Relationship Id="r{n}" Type="{_KINDS}/{kind}" Target="{target}"/>'
        for n, target in enumerate(targets, start=1)
    )
    return f'{_XML}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{listed}</Relationships>'


def cut_rows(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> list[Mapping[str, Any]]:
    """Return the rows that a workbook does not hold whole, since a text is longer than a cell."""
    return [row for row in rows if any(len(str(cell(row.get(column)))) > CELL_LENGTH for column in columns)]


def _cell(value: Any) -> str:
    if value is None or value == "":
        return "<c/>"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"<c><v>{value!r}</v></c>"
    text = str(value)
    if not text.isprintable():
        text = _NOT_XML.sub("", text)
    text = escape(text[:CELL_LENGTH])
    return f'<c t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


def defuse(value: Any) -> Any:
    """Return a cell that no spreadsheet runs: text that begins like a formula gets an apostrophe before it."""
    return f"'{value}" if isinstance(value, str) and _DANGEROUS.match(value) else value


def cell(value: Any) -> Any:
    """Return what a cell holds: one line of text, a list with its entries divided by ` | `, a whole number without point."""
    if isinstance(value, str):
        return " ".join(value.split())
    if isinstance(value, list | tuple):
        return " | ".join(str(cell(part)) if part is not None else "" for part in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value
