"""The start page of the program on one's own machine: the reviews, a new one, a folder to open, the packaged examples."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, Response

from ..core.errors import BadInput, LedgerError
from ..core.judgement import Stage
from ..examples import FirstWords, as_line, packaged_reviews
from ..protocol import find_folder
from ..review.starting import folder_name, start_example, start_review
from ..stages import person_name
from .app import plain_app
from .fields import Fields, Lists
from .keys import START_KEYS
from .local_door import LocalDoor
from .local_reviews import LocalReviews, reviews_below, shown, whole
from .opened import OpenDesks
from .own_settings import base_of
from .page_words import told_on_page
from .pages import environment, page
from .site import Site

_TITLE = "screener"
_NAME = "--reviewer: "
"""How messages about a name begin where it was given on the command line."""


@dataclass
class Home:
    """The start page. `start` is the folder that the program was started in, where new reviews are made by default."""

    reviews: LocalReviews
    door: LocalDoor
    start: Path

    def __post_init__(self) -> None:
        """Open nothing yet."""
        self.desks = OpenDesks(self.reviews)
        self.templates = environment(
            review_title=_TITLE, home="/", key_help=START_KEYS, shown=shown, whole=whole, day=_day
        )

    def site(self) -> Site:
        """Return the whole site."""
        told = partial(told_on_page, on_server=False)
        app: FastAPI = plain_app(None, told)
        app.include_router(_pages(self))
        app.include_router(_acts(self))
        return Site(app, self.desks, self.problem, _told)

    def page(self, request: Request, template: str, heading: str, **context: Any) -> HTMLResponse:
        """Return a page of the site."""
        return page(
            self.templates, request, template, screen="start", heading=heading, reviewer=self.door.name, **context
        )

    def listed(self, request: Request, message: str = "") -> HTMLResponse:
        """Return the page with all reviews."""
        return self.page(
            request, "start.html", "Reviews", reviews=self.reviews.known(), examples=packaged_reviews(),
            parent=self.parent, trouble=self.reviews.trouble, message=message,
        )  # fmt: skip

    def problem(self, request: Request, told: str, status: int) -> Response:
        """Return the page that says why a review cannot be opened."""
        lines = [line.removeprefix(_NAME) for line in told.splitlines()]
        answer = self.page(
            request, "problem.html", "This review cannot be opened", lines=lines, path=request.url.path,
            by_name=told.startswith(_NAME),
        )  # fmt: skip
        answer.status_code = status
        return answer

    @property
    def parent(self) -> Path:
        """Return where new reviews are made by default: not within another review."""
        try:
            return find_folder(self.start).parent
        except BadInput:
            return self.start

    async def rename(self, spelled: str) -> None:
        """Take another name; what the earlier person has open is given back."""
        try:
            name = person_name(spelled)
        except BadInput as error:
            raise BadInput(str(error).removeprefix(_NAME)) from None
        before, self.door.name = self.door.name, name
        await run_in_threadpool(self.reviews.rename, name)
        if before != name:
            await self.desks.leave(lambda key: key[1] == before)


def _pages(home: Home) -> APIRouter:
    """Return the routes that only show something."""
    routes = APIRouter()

    @routes.get("/")
    def start(request: Request, to: str = "", name: str = "") -> HTMLResponse:
        if not home.door.name or name:
            return home.page(request, "name.html", "Your name", to=to)
        return home.listed(request)

    @routes.get("/state")
    def state(review: str) -> HTMLResponse:
        lines: Sequence[object] = ()
        trouble = ""
        try:
            lines = home.reviews.lines(review)
        except (BadInput, LedgerError) as error:
            trouble = told_on_page(error, on_server=False).splitlines()[0]
        return HTMLResponse(home.templates.get_template("_state.html").render(lines=lines, trouble=trouble))

    @routes.get("/new")
    def new(request: Request) -> HTMLResponse:
        return home.page(request, "new.html", "New review", stages=list(Stage), parent=home.parent)

    @routes.get("/open")
    def choose(request: Request) -> HTMLResponse:
        known = {review.folder for review in home.reviews.known()}
        found = reviews_below(home.start.resolve())
        return home.page(request, "open.html", "Open a folder", start=home.start, found=found, known=known)

    return routes


def _acts(home: Home) -> APIRouter:
    """Return the routes that change something."""
    routes = APIRouter()

    @routes.post("/name")
    async def name(fields: Fields) -> Response:
        await home.rename(fields.get("name", ""))
        to = fields.get("to", "")
        return _go(f"{base_of(to)}/" if to in {review.slug for review in home.reviews.known()} else "/")

    @routes.post("/forget")
    async def forget(request: Request, fields: Fields) -> HTMLResponse:
        slug = fields.get("review", "")
        await run_in_threadpool(home.reviews.forget, slug)
        await home.desks.leave(lambda key: key[0] == slug)
        return home.listed(request, "Removed from the list. The folder is unchanged.")

    @routes.post("/open")
    def opened(fields: Fields) -> Response:
        return _opened(home, _folder(home, fields.get("folder", ""), "Folder"))

    @routes.post("/new")
    def made(fields: Fields, lists: Lists) -> Response:
        chosen = [stage for stage in Stage if stage.value in lists.get("stage", [])]
        words = FirstWords(fields.get("title", ""), _lines(fields.get("questions", "")), chosen)
        parent = _folder(home, fields.get("parent", ""), "In")
        return _opened(home, start_review(parent, fields.get("name", "").strip() or folder_name(words.title), words))

    @routes.post("/example")
    def copied(fields: Fields) -> Response:
        parent = _folder(home, fields.get("parent", ""), "In")
        name, example, label = fields.get("name", ""), fields.get("example", ""), fields.get("do") == "label"
        folder = start_example(parent, name, example, with_sample=label)
        return _opened(home, folder, f"screen/{Stage.ABSTRACT}" if label else "")

    return routes


def _told(error: Exception) -> str:
    """Return why a review cannot be opened; what is about the person's name begins as on the command line."""
    return f"{_NAME if str(error).startswith(_NAME) else ''}{told_on_page(error, on_server=False)}"


def _opened(home: Home, folder: Path, page: str = "") -> Response:
    """Remember a folder's review and go to its overview, or to another page of it."""
    return _go(f"{base_of(home.reviews.remember(folder).slug)}/{page}")


def _go(address: str) -> Response:
    """Return an answer that has the browser open another page of the site."""
    return Response(status_code=204, headers={"HX-Redirect": address})


def _folder(home: Home, typed: str, field: str) -> Path:
    """Return the folder that was typed, from where the program was started; that of a review, where its protocol was named."""
    text = typed.strip().strip("\"'").strip()
    if not text or "\x00" in text:
        raise BadInput(f"{field}: write the path of a folder.")
    try:
        path = home.start / Path(text).expanduser()
        if path.name == "review.yaml":
            path = path.parent
        if path.name == "prompts" and (path / "review.yaml").is_file():
            path = path.parent
        if not path.is_dir():
            raise BadInput(f"{field}: {shown(path)}: no such folder.")
    except (OSError, RuntimeError, ValueError):
        raise BadInput(f"{field}: {shown(Path(text))}: no folder can be found by this name.") from None
    return path


def _lines(text: str) -> list[str]:
    return [line for line in map(as_line, text.splitlines()) if line]


def _day(moment: str) -> str:
    """Return the day of a moment as people read it."""
    try:
        day = date.fromisoformat(moment[:10])
    except ValueError:
        return ""
    return f"{day.day} {day:%B %Y}"
