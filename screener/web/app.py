"""The local web app: one reviewer, one review, in the browser of this machine."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from starlette.responses import PlainTextResponse, Response
from starlette.staticfiles import StaticFiles

from ..adjudication import Taken, learner_of, release_all
from ..core.errors import BadInput
from ..core.judgement import Stage
from ..ledger import Ledger
from ..protocol import Review
from .desk import HERE, Desk, in_background
from .local_door import LocalDoor, Session
from .routes import (
    conflicts,
    duplicates,
    extract,
    gold,
    meanings,
    models,
    overview,
    reader,
    records,
    screen,
    tables,
    tags,
    windows,
)
from .security import Guard


def create_app(ledger: Ledger, review: Review, reviewer: str, session: Session, base: str = "") -> Guard:
    """Return the app for one reviewer, behind its guard. `session` says on which port and with which secrets.

    `base` is what stands before each address in its pages; requests come without it, or with it as `root_path`.
    """
    desk = Desk(review, ledger, reviewer, base)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        # Whatever was open when the app ended last, also by a crash, must not keep others or this person from it.
        release_all(ledger, reviewer)
        with learner_of(ledger, review.hidden) as desk.learner:
            in_background(desk.prepare)
            yield
        desk.pictures.close()
        release_all(ledger, reviewer)

    app = FastAPI(title="screener", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    extracts = [tables, meanings] if Stage.EXTRACTION in review.protocol.stages else []
    app.mount("/static", StaticFiles(directory=HERE / "static"))
    for routes in (
        overview,
        screen,
        tags,
        reader,
        extract,
        conflicts,
        records,
        duplicates,
        models,
        gold,
        *extracts,
        windows,
    ):
        app.include_router(routes.router(desk))

    @app.exception_handler(BadInput)
    async def _refused(_: Request, error: BadInput) -> Response:
        return PlainTextResponse(str(error), 409 if isinstance(error, Taken) else 400)

    return Guard(app, LocalDoor(session, "screener adjudicate"))
