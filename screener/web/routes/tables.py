"""Tables of what was extracted: looked at, sorted, filtered, and saved as files."""

from collections.abc import Iterable
from typing import Literal

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from ...core.errors import BadInput
from ...core.judgement import Stage
from ...review.table_view import TableView
from ...review.tables import MOST_COLUMNS, WRITERS, SynthesisTable, make_table, references, table_names, written
from ..desk import Desk
from ..downloads import download
from ..fields import whole_number

PAGE = 50
"""Rows of a table on a page."""
LEADING = 3
"""So many columns stay before the one that is filtered by."""
_RIS = "ris"
_LONGEST = 500
"""Characters of what is searched for."""


def router(desk: Desk) -> APIRouter:
    """Return the routes of tables. What a machine extracted is in them only where people see that before they judge.

    Who is still to extract finds only the studies in them that they have extracted themselves.
    """
    routes = APIRouter(prefix="/tables")

    def formats(table: SynthesisTable) -> list[str]:
        """Return the formats that a table can be saved in."""
        without = set() if table.drawing is not None else {"svg"}
        without |= {"docx"} if len(table.columns) > MOST_COLUMNS else set()
        return [*(name for name in WRITERS if name not in without), _RIS]

    def shows_machine() -> bool:
        return desk.review.stage(Stage.EXTRACTION).shows_machine == "before"

    def visible(by: Literal["person", "machine", ""], names: Iterable[str]) -> set[str]:
        blinding = desk.blinding
        sees = {"person": blinding.may_see, "machine": blinding.may_see_machine, "": blinding.have_come}[by]
        return sees(Stage.EXTRACTION, names)

    def named(name: str) -> SynthesisTable:
        seen = None if desk.sees_figures(Stage.EXTRACTION) else visible
        return make_table(desk.ledger, desk.review, name, machine=shows_machine(), seen=seen)

    @routes.get("")
    def show(request: Request, name: str = "", place: str = "") -> HTMLResponse:
        assert desk.form is not None
        names, view = table_names(desk.review, desk.form), _view(request)
        whole = named(name or names[0])
        table = view.of(whole)
        first = max(0, min(whole_number({"place": place}, "place"), len(table.rows) - 1))
        first -= first % PAGE
        return desk.page(
            request, "tables.html", screen="tables", heading="Tables", names=names, table=table,
            formats=formats(table), rows=table.rows[first : first + PAGE], place=first,
            page_size=PAGE, machine=shows_machine(), own_only=not desk.sees_figures(Stage.EXTRACTION), view=view, total=len(whole.rows), columns=_columns(table, view), values=view.values(whole),
        )  # fmt: skip

    @routes.get("/file")
    def file(request: Request, name: str, format: str) -> Response:
        if format not in WRITERS and format != _RIS:
            raise BadInput(f"`{format[:80]}` is none of {', '.join([*WRITERS, _RIS])}")
        table = _view(request).of(named(name))
        content = references(desk.ledger, desk.review, table) if format == _RIS else written(table, desk.review, format)
        return download(content, f"{table.name}.{format}")

    return routes


def _columns(table: SynthesisTable, view: TableView) -> list[str]:
    """Return the columns as the page has them: the one that is filtered by stands beside those that say which study it is."""
    if view.column not in table.columns[LEADING:]:
        return list(table.columns)
    rest = [name for name in table.columns if name != view.column]
    return [*rest[:LEADING], view.column, *rest[LEADING:]]


def _view(request: Request) -> TableView:
    fields = {name: value[:_LONGEST] for name, value in request.query_params.items()}
    return TableView(
        fields.get("q", ""), fields.get("column", ""), fields.get("value", ""), fields.get("sort", ""),
        fields.get("down", "") == "1",
    )  # fmt: skip
