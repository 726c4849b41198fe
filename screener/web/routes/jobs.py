"""Jobs of the review: how far one is, as it goes on; stopping it, and having it go on."""

import asyncio
from collections.abc import AsyncIterator

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, Response, StreamingResponse

from ...team.jobs import Job
from ...team.roles import NotAllowed
from ..desk import Desk
from ..fields import Fields
from ..job_board import OPEN, JobBoard
from ..job_words import hides_decisions, job_context

KEY = "key:"
"""What the name of a field begins with that holds a key; its variable follows."""
_LONGEST_S = 30.0
"""Seconds after which the browser asks anew, so that whoever may not see the job any more is told no more of it."""


def router(desk: Desk, board: JobBoard) -> APIRouter:
    """Return the routes of jobs."""
    routes = APIRouter(prefix="/jobs")

    @routes.get("/{number:int}")
    def show(number: int) -> HTMLResponse:
        return job_part(desk, board.job(number))

    @routes.get("/{number:int}/events")
    def events(number: int) -> Response:
        job = board.job(number)
        return StreamingResponse(
            _events(desk, board, job), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"}
        )

    @routes.post("/{number:int}/stop")
    def stop(number: int) -> HTMLResponse:
        return job_part(desk, board.stop(number))

    @routes.post("/{number:int}/again")
    def again(number: int, fields: Fields) -> HTMLResponse:
        return job_part(desk, board.again(number, take_keys(board, fields)))

    return routes


def job_part(desk: Desk, job: Job) -> HTMLResponse:
    """Return a job as a part of a page; while it is open the browser has the part renewed."""
    return HTMLResponse(job_html(desk, job))


def job_html(desk: Desk, job: Job, blind: bool | None = None) -> str:
    """Return a job as a part of a page; `blind` says whether decisions are hidden, where that is known already."""
    return desk.templates.get_template("_job.html").render(**job_context(desk, job, blind))


def take_keys(board: JobBoard, fields: dict[str, str]) -> dict[str, str]:
    """Keep the keys that were entered in a form until the program ends, and return them by variable."""
    keys = {
        name.removeprefix(KEY): value.strip()
        for name, value in fields.items()
        if name.startswith(KEY) and value.strip()
    }
    if keys and not board.place.takes_keys:
        raise NotAllowed("on a server keys are the administrator's; none is entered in a page")
    board.place.entered.update(keys)
    return keys


async def _events(desk: Desk, board: JobBoard, job: Job) -> AsyncIterator[str]:
    """Yield the part of a page anew whenever the job has changed, then that it has ended."""
    yield "retry: 1000\n\n"
    blind = await run_in_threadpool(hides_decisions, desk, str(job.args.get("stage", "")))  # not at every look
    try:
        async with asyncio.timeout(_LONGEST_S):
            async for now in board.follow(job.id):
                html = await run_in_threadpool(job_html, desk, now, blind)  # it may ask the database
                lines = "".join(f"data: {line}\n" for line in html.splitlines())
                yield f"event: {'job' if now.state in OPEN else 'end'}\n{lines}\n"
    except TimeoutError:
        return
