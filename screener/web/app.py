"""The local web app: one reviewer, one review, in the browser of this machine."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.responses import PlainTextResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Lifespan

from ..adjudication import Taken
from ..core.errors import BadInput, LedgerError
from ..core.judgement import Stage
from ..ledger import Ledger
from ..protocol import Review
from ..team.roles import NotAllowed
from .desk import Desk
from .local_door import LocalDoor, Session
from .local_jobs import LocalJobs
from .pages import HERE
from .routes import (
    assignment,
    conflicts,
    duplicates,
    extract,
    full_texts,
    gold,
    imports,
    jobs,
    meanings,
    models,
    overview,
    reader,
    record,
    records,
    results,
    run,
    screen,
    setup,
    tables,
    tags,
    windows,
)
from .security import Guard


def create_app(ledger: Ledger, review: Review, reviewer: str, session: Session, base: str = "") -> Guard:
    """Return the app for one reviewer, behind its guard. `session` says on which port and with which secrets.

    `base` is what stands before each address in its pages; requests come without it, or with it as `root_path`.
    """
    jobs_here = LocalJobs()
    desk = Desk(review, ledger, reviewer, base, jobs=jobs_here.board(review.root, reviewer))

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        desk.begin()
        yield
        desk.close()
        jobs_here.close()

    return Guard(review_app(desk, lifespan), LocalDoor(session, "screener adjudicate"))


def review_app(desk: Desk, lifespan: Lifespan[FastAPI] | None = None) -> FastAPI:
    """Return the pages of one reviewer's desk; nothing guards them yet."""
    app = plain_app(lifespan, desk.told)
    extracts = [tables, meanings] if Stage.EXTRACTION in desk.review.protocol.stages else []
    for routes in (
        overview,
        screen,
        tags,
        reader,
        full_texts,
        extract,
        conflicts,
        records,
        record,
        duplicates,
        models,
        gold,
        assignment,
        results,
        setup,
        *extracts,
        windows,
    ):
        app.include_router(routes.router(desk))
    if desk.jobs is not None:
        app.include_router(jobs.router(desk, desk.jobs))
        app.include_router(imports.router(desk, desk.jobs))
        app.include_router(run.router(desk, desk.jobs))
    return app


def plain_app(lifespan: Lifespan[FastAPI] | None, told: Callable[[Exception], str]) -> FastAPI:
    """Return an app without pages, that has scripts and style and says in words what it refuses, as `told` gives them."""
    app = FastAPI(title="screener", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    app.mount("/static", StaticFiles(directory=HERE / "static"))

    @app.exception_handler(BadInput)
    async def _refused(_: Request, error: BadInput) -> Response:
        return PlainTextResponse(told(error), 409 if isinstance(error, Taken) else 400)

    @app.exception_handler(404)
    async def _no_page(_: Request, error: Exception) -> Response:
        return PlainTextResponse("There is no such page.", 404)

    @app.exception_handler(405)
    async def _not_so(_: Request, error: Exception) -> Response:
        return PlainTextResponse("This address is not used so.", 405)

    @app.exception_handler(RequestValidationError)
    async def _not_with_this(_: Request, error: RequestValidationError) -> Response:
        return PlainTextResponse("This address lacks something, or names what there is not; go there from a page.", 422)

    @app.exception_handler(NotAllowed)
    async def _not_allowed(_: Request, error: NotAllowed) -> Response:
        return PlainTextResponse(str(error), 403)

    @app.exception_handler(LedgerError)
    async def _failed(_: Request, error: LedgerError) -> Response:
        return PlainTextResponse(told(error), 503)

    return app
