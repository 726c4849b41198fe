"""A table as a web page of its own, ready to be copied into a paper; it needs no network."""

from collections.abc import Iterator
from html import escape

from ..drawing import svg
from .table import SynthesisTable, TableCell

MACHINE_MARK = "ᴹ"
"""Stands behind what only a machine says."""
MACHINE_WORDS = "A machine's value, which nobody has checked"
_STYLE = (
    "body{font:15px/1.4 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif;margin:2rem;color:#1d2329;background:#fff}"
    ".wide{overflow-x:auto}table{border-collapse:collapse}caption{text-align:left;font-weight:600;padding-bottom:.5rem}"
    "th,td{border-top:1px solid #c6ccd2;padding:.3rem .6rem;text-align:left;vertical-align:top}"
    "thead th{border-top:2px solid #1d2329;border-bottom:1px solid #1d2329}tbody tr:last-child>*{border-bottom:2px solid #1d2329}"
    "td.num{text-align:right;font-variant-numeric:tabular-nums}sup{color:#5b6570}.notes{max-width:60rem;color:#3c4650}"
)


def table_page(table: SynthesisTable, title: str) -> str:
    """Return the page, with the table's drawing if it has one. `title` is the review's."""
    return "".join(_parts(table, title))


def _parts(table: SynthesisTable, title: str) -> Iterator[str]:
    yield '<!doctype html><html lang="en"><head><meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{escape(table.caption)} – {escape(title)}</title><style>{_STYLE}</style></head><body>"
    if table.drawing is not None:
        yield f'<div class="wide">{svg(table.drawing, table.name, fixed=True)}</div>'
    yield f'<div class="wide"><table><caption>{escape(table.caption)}</caption><thead><tr>'
    for column in table.columns:
        yield f'<th scope="col">{escape(table.heading(column))}</th>'
    yield "</tr></thead><tbody>\n"
    for row in table.rows:
        yield "<tr>"
        yield from (_cell(row.get(column), first=not place) for place, column in enumerate(table.columns))
        yield "</tr>\n"
    yield '</tbody></table></div><div class="notes">'
    for note in page_notes(table):
        yield f"<p>{escape(note)}</p>"
    yield "</div></body></html>\n"


def _cell(cell: TableCell | None, *, first: bool) -> str:
    if cell is None:
        return "<td></td>"
    text = "<br>".join(escape(line) for line in cell.shown.split("\n"))
    mark = f"<sup>{MACHINE_MARK}</sup>" if cell.by == "machine" and text else ""
    number = isinstance(cell.value, int | float) and not isinstance(cell.value, bool)
    tag = 'th scope="row"' if first else 'td class="num"' if number else "td"
    return f'<{tag} dir="auto">{text}{mark}</{tag.split()[0]}>'


def page_notes(table: SynthesisTable) -> list[str]:
    """Return what stands below the table where people read it."""
    marked = any(cell.by == "machine" and cell.shown for row in table.rows for cell in row.values())
    told = f"{MACHINE_MARK} {MACHINE_WORDS}." if marked else ""
    return [note for note in (told, *table.remarks) if note]
