"""The results of a review as files: the report, drawings, decisions, and the audit ZIP, which a job makes."""

from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from fastapi import APIRouter
from starlette.background import BackgroundTask
from starlette.responses import FileResponse, HTMLResponse, Response

from ...core.errors import BadInput
from ...core.judgement import Stage
from ...review.audit_job import audit_file
from ...review.exporting import export_stage
from ...review.results import Results
from ..desk import Desk
from ..downloads import TYPES, download, file_name
from ..fields import Fields
from ..results_board import ResultsBoard
from .jobs import job_part

EXPORTS = ("csv", "xlsx", "ris")
"""The formats of decisions that have a button."""
FILES: Mapping[str, tuple[str, Callable[[Results], bytes]]] = {
    "report": ("report.html", lambda results: results.report()),
    "short": ("report-short.html", lambda results: results.report(short=True)),
    "figures": ("figures.json", lambda results: results.figures_file()),
    "drawings": ("drawings.zip", lambda results: results.drawings_zip()),
}
"""How the name of each file ends, and how it is made."""


def routes_of(desk: Desk, board: ResultsBoard) -> APIRouter:
    """Return the routes of files. Nobody is given one that tells how others decided at a stage that they still judge."""
    routes, name = APIRouter(), desk.review.root.name or "review"

    @routes.get("/results/file")
    def file(what: str) -> Response:
        if what not in FILES:
            raise BadInput(f"`{what[:80]}` is none of {', '.join(FILES)}")
        ending, write = FILES[what]
        return download(write(_whole(board)), f"{name}-{ending}")

    @routes.get("/results/drawing")
    def drawing(name: str, format: str) -> Response:
        return download(_whole(board).drawing_file(name[:200], format), f"{name[:200]}.{format}")

    @routes.get("/results/decisions")
    def decisions(stage: str, format: str, only: str = "") -> Response:
        _refuse_hidden(board.hidden())
        at = desk.stage(stage)
        if format not in EXPORTS:
            raise BadInput(f"`{format[:80]}` is none of {', '.join(EXPORTS)}")
        # Row by row into a file: those of a large review need more memory than a server has to spare.
        folder = TemporaryDirectory(prefix="screener-")
        try:
            path = Path(folder.name) / "decisions"
            export_stage(desk.ledger, desk.review, at, format, only or None, path)
        except BaseException:
            folder.cleanup()
            raise
        saved_as = file_name(f"{name}-{at}{f'-{only}' if only else ''}.{format}")
        return FileResponse(
            path, media_type=TYPES[format], filename=saved_as, background=BackgroundTask(folder.cleanup)
        )

    @routes.post("/results/audit")
    def audit(fields: Fields) -> HTMLResponse:
        _refuse_hidden(board.hidden())
        if desk.jobs is None:
            raise BadInput("Start the program with `screener` to make the ZIP from here.")
        return job_part(desk, desk.jobs.ask("audit", {"texts": fields.get("texts") == "yes"}))

    @routes.get("/results/audit.zip")
    def audit_zip(texts: str = "") -> Response:
        _refuse_hidden(board.hidden())
        path = audit_file(desk.review, with_texts=texts == "yes")
        if not path.is_file():
            raise BadInput("This audit has not been made yet; open Results and make it.")
        return FileResponse(path, media_type=TYPES["zip"], filename=file_name(f"{name}-{path.name}"))

    return routes


def _whole(board: ResultsBoard) -> Results:
    """Return all figures, for a file; `BadInput` while they are counted, and for somebody who still judges."""
    _refuse_hidden(board.hidden())
    if (results := board.counted()) is None:
        raise BadInput("The figures are being counted; try again in a moment.")
    return results


def _refuse_hidden(hidden: Mapping[Stage, int | None]) -> None:
    if hidden:
        names = " and ".join(stage.label.lower() for stage in hidden)
        raise BadInput(
            f"This file tells how others decided at {names}, which you still judge. Open Results to see what you may."
        )
