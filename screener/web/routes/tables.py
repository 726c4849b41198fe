"""Tables of what was extracted: looked at, and saved as files."""

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from ...core.errors import BadInput
from ...core.judgement import Stage
from ...review.tables import MOST_COLUMNS, WRITERS, SynthesisTable, make_table, table_names, written
from ..desk import Desk
from ..fields import whole_number

PAGE = 50
"""Rows of a table on a page."""
_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "jsonl": "application/x-ndjson",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "html": "text/html; charset=utf-8",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "svg": "image/svg+xml",
}


def router(desk: Desk) -> APIRouter:
    """Return the routes of tables. What a machine extracted is in them only where people see that before they judge."""
    routes = APIRouter(prefix="/tables")

    def formats(table: SynthesisTable) -> list[str]:
        """Return the formats that a table can be saved in."""
        without = set() if table.drawing is not None else {"svg"}
        without |= {"docx"} if len(table.columns) > MOST_COLUMNS else set()
        return [name for name in WRITERS if name not in without]

    def shows_machine() -> bool:
        return desk.review.stage(Stage.EXTRACTION).shows_machine == "before"

    @routes.get("")
    def show(request: Request, name: str = "", place: str = "") -> HTMLResponse:
        assert desk.form is not None
        names = table_names(desk.review, desk.form)
        table = make_table(desk.ledger, desk.review, name or names[0], machine=shows_machine())
        first = max(0, min(whole_number({"place": place}, "place"), len(table.rows) - 1))
        first -= first % PAGE
        return desk.page(
            request, "tables.html", screen="tables", heading="Tables", names=names, table=table,
            formats=formats(table),
            rows=table.rows[first : first + PAGE], place=first, page_size=PAGE, machine=shows_machine(),
        )  # fmt: skip

    @routes.get("/file")
    def file(name: str, format: str) -> Response:
        if format not in WRITERS:
            raise BadInput(f"`{format}` is none of {', '.join(WRITERS)}")
        table = make_table(desk.ledger, desk.review, name, machine=shows_machine())
        kind = _TYPES.get(format, "application/octet-stream")
        # An attachment: a page made from the words of papers is saved, and not opened within the app.
        headers = {"Content-Disposition": f'attachment; filename="{_file_name(table.name)}.{format}"'}
        return Response(written(table, desk.review, format), media_type=kind, headers=headers)

    return routes


def _file_name(name: str) -> str:
    return "".join(letter if letter.isascii() and (letter.isalnum() or letter in "-_.") else "_" for letter in name)
