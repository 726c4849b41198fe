"""Machine runs: what one would cost, starting it, and the runs that there were."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from ...core.errors import BadInput
from ...review.machines import machine_choices, past_runs
from ...review.run_job import left_usd
from ...team.jobs import Job, JobState
from ..desk import Desk
from ..fields import Fields, whole_number
from ..job_board import JobBoard
from ..job_words import hides_decisions, span, usd
from ..results_board import ResultsBoard
from .jobs import job_html, job_part, take_keys

_MOST_REPEATS, _MOST_USD = 20, 1e6


def router(desk: Desk, board: JobBoard) -> APIRouter:
    """Return the routes of machine runs."""
    routes = APIRouter(prefix="/run")

    @routes.get("")
    def show(request: Request, stage: str = "") -> HTMLResponse:
        return _page(desk, board, request, stage)

    @routes.get("/history")
    def history() -> HTMLResponse:
        return desk.part("_run_history.html", **_history(desk))

    @routes.post("/plan")
    def plan(fields: Fields) -> HTMLResponse:
        return job_part(desk, board.ask("plan", _run_args(desk, fields)))

    @routes.post("/start")
    def start(fields: Fields) -> HTMLResponse:
        planned = board.job(whole_number(fields, "job"))
        if planned.kind != "plan" or planned.state is not JobState.DONE:
            raise BadInput("make a dry run first")
        take_keys(board, fields)
        return job_part(desk, board.ask("run", planned.args, _keys(board, planned)))

    @routes.post("/shown")
    def shown(request: Request) -> HTMLResponse:
        ResultsBoard(desk).show()
        return _page(desk, board, request, message="What machines decided is shown; this is recorded")

    @routes.post("/forget")
    def forget(request: Request) -> HTMLResponse:
        board.place.forget()
        return _page(desk, board, request, message="The key is forgotten. A run that has begun keeps it until it ends.")

    return routes


def _keys(board: JobBoard, planned: Job) -> dict[str, str]:
    """Return the keys that a planned run needs and that were entered; `BadInput` where one is missing."""
    needed: list[str] = planned.result["lacking_keys"]
    missing = [name for name in needed if name not in board.place.entered]
    if missing and board.place.takes_keys:
        raise BadInput(f"The key of {missing[0]} is needed: write it into the field.")
    if missing:
        raise BadInput(f"This server has no key in {missing[0]}; ask its administrator.")
    return {name: board.place.entered[name] for name in needed}


def _page(desk: Desk, board: JobBoard, request: Request, stage: str = "", message: str = "") -> HTMLResponse:
    chosen = desk.stage(stage) if stage else next(iter(desk.review.protocol.stages))
    newest = [job for kind in ("plan", "run") if (job := board.newest(kind)) is not None]
    newest.sort(key=lambda job: -job.id)
    jobs = [job for at, job in enumerate(newest) if not at or job.state in (JobState.WAITING, JobState.RUNNING)]
    return desk.page(
        request, "run.html", screen="run", heading="Run", message=message, stage=chosen, stages=list(desk.review.protocol.stages),
        machines=machine_choices(desk.review, chosen), jobs=[job_html(desk, job) for job in jobs],
        limit_usd=board.budget_usd, left_usd=None if board.budget_usd is None else left_usd(desk.ledger, board.budget_usd),
        entered=sorted(board.place.entered), takes_keys=board.place.takes_keys, **_history(desk),
    )  # fmt: skip


def _history(desk: Desk) -> dict[str, Any]:
    blind = {stage.value for stage in desk.review.protocol.stages if hides_decisions(desk, stage.value)}
    return {"runs": past_runs(desk.ledger), "blind_at": blind, "usd": usd, "span": span}


def _run_args(desk: Desk, fields: dict[str, str]) -> dict[str, Any]:
    """Return the arguments of a run from its form; `BadInput` says which field is wrong."""
    stage, reviewer = desk.stage(fields.get("stage", "")), fields.get("reviewer", "")
    if reviewer not in desk.review.protocol.reviewers:
        raise BadInput("Choose a machine reviewer.")
    limit, repeats = _whole(fields, "limit", "First records only"), _whole(fields, "repeats", "Ask each record")
    if (repeats or 1) > _MOST_REPEATS:
        raise BadInput(f"Ask each record: at most {_MOST_REPEATS} times.")
    args: dict[str, Any] = {"stage": stage.value, "reviewer": reviewer}
    if limit:
        args["limit"] = limit
    if (budget := _dollars(fields.get("budget", ""))) is not None:
        args["budget"] = budget
    if repeats and repeats > 1:
        args["repeats"] = repeats
    if fields.get("retry_errors") == "yes":
        args["retry_errors"] = True
    return args


def _whole(fields: dict[str, str], name: str, label: str) -> int | None:
    text = fields.get(name, "").strip()
    if not text:
        return None
    if not text.isdecimal() or len(text) > 9 or not int(text):
        raise BadInput(f"{label}: write a whole number from 1, or leave it empty.")
    return int(text)


def _dollars(text: str) -> float | None:
    if not text.strip():
        return None
    try:
        amount = float(text.strip().replace(",", "."))
    except ValueError:
        amount = -1.0
    if not 0 <= amount < _MOST_USD:
        raise BadInput("Budget: write an amount in US dollars, like 2.50, or leave it empty.")
    return amount
