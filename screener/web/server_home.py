"""The pages of a server around its reviews: coming in, one's own account, the people of a review, the audit."""

from dataclasses import dataclass
from functools import partial
from shutil import rmtree
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from ..core.errors import BadInput
from ..core.judgement import Stage
from ..examples import FirstWords
from ..protocol import Review
from ..review.starting import folder_name, start_review
from ..team.accounts import accounts
from ..team.database import Team
from ..team.entering import NotIn, change_password, log_in, log_out, reset_password, take_up, take_up_as
from ..team.invitations import look_up
from ..team.passwords import LONGEST, SHORTEST, Passwords
from ..team.reviews import add_review, site_review, site_reviews
from ..team.roles import May, NotAllowed, leave, reviews_of
from ..team.sessions import end_session, sessions_of
from ..team.settings import ServerSettings
from .app import plain_app
from .fields import Fields, Lists
from .keys import SERVER_KEYS
from .opened import OpenDesks
from .own_settings import base_of
from .page_words import told_on_page
from .pages import environment, page
from .security import person_of
from .server_door import LOG_IN, Member, ServerDoor, Stranger, own_path
from .server_people import go, people_routes
from .server_reviews import ACCOUNT, ServerReviews
from .site import Site


@dataclass
class ServerHome:
    """The pages around the reviews of a server."""

    team: Team
    settings: ServerSettings
    door: ServerDoor
    passwords: Passwords

    def __post_init__(self) -> None:
        """Open nothing yet."""
        reviews = ServerReviews(self.team, self.settings)
        self.desks, self.team.judged_by_others = OpenDesks(reviews, alone=False), reviews.judged_by_others
        self.templates = environment(
            review_title="screener",
            home="/",
            origin=self.settings.origins[0],
            own_page=ACCOUNT,
            key_help=SERVER_KEYS,
            shortest=SHORTEST,
            longest=LONGEST,
        )

    def site(self) -> Site:
        """Return the whole site."""
        told = partial(told_on_page, on_server=True)
        app: FastAPI = plain_app(None, told)

        @app.exception_handler(NotIn)
        async def _not_in(_: Request, error: NotIn) -> Response:
            wait = {"Retry-After": str(int(error.wait.total_seconds()) + 1)} if error.wait else {}
            return PlainTextResponse(str(error), 429 if error.wait else 401, headers=wait)

        for routes in (_entrance(self), _own(self), _reviews(self), people_routes(self.team, self.page, self.desks)):
            app.include_router(routes)
        return Site(app, self.desks, self.problem, told)

    def page(self, request: Request, template: str, heading: str, **context: Any) -> HTMLResponse:
        """Return a page of the site."""
        person = person_of(request.scope)
        known = {"reviewer": person.name, "administrator": isinstance(person, Member) and person.account.administrator}
        return page(self.templates, request, template, screen="start", heading=heading, **known, **context)

    def problem(self, request: Request, told: str, status: int) -> Response:
        """Return the page that says why a review cannot be opened."""
        answer = self.page(
            request, "problem.html", "This review cannot be opened", lines=told.splitlines(), path=request.url.path,
            by_name=False,
        )  # fmt: skip
        answer.status_code = status
        return answer


def member(request: Request) -> Member:
    """Return who asks; `NotIn` for a stranger."""
    person = person_of(request.scope)
    if not isinstance(person, Member):
        raise NotIn("You are logged out; log in first.")
    return person


def _visitor(request: Request) -> Any:
    person = person_of(request.scope)
    assert isinstance(person, Member | Stranger)
    return person.visitor


def _entrance(home: ServerHome) -> APIRouter:
    """Return the routes by which one comes in."""
    routes = APIRouter()

    @routes.get(LOG_IN)
    def ask(request: Request, to: str = "/") -> HTMLResponse:
        return home.page(request, "log_in.html", "Log in", to=own_path(to))

    @routes.post(LOG_IN)
    def enter(request: Request, fields: Fields) -> Response:
        entered = log_in(
            home.team, home.passwords, fields.get("login", ""), fields.get("password", ""), _visitor(request)
        )
        return home.door.let_in(go(own_path(fields.get("to", "/"))), entered.token)

    @routes.get("/enter/{token}")
    def show(request: Request, token: str) -> HTMLResponse:
        try:
            link = look_up(home.team, token)
        except BadInput as error:
            answer = home.page(
                request, "entrance.html", "This link does not work", link=None, told=str(error), token=""
            )
            answer.status_code = 404
            return answer
        titles = {review.id: review.title for review in site_reviews(home.team)}
        heading = "New password" if link.kind == "reset" else "Invitation"
        return home.page(request, "entrance.html", heading, link=link, titles=titles, token=token, told="")

    @routes.post("/enter/{token}")
    def use(request: Request, token: str, fields: Fields) -> Response:
        person, visitor, password = person_of(request.scope), _visitor(request), fields.get("password", "")
        if look_up(home.team, token).kind == "reset":
            entered = reset_password(home.team, home.passwords, token, password, visitor)
        elif isinstance(person, Member):
            take_up_as(home.team, token, person.account, visitor)
            return go("/")
        else:
            names = (fields.get("login", ""), fields.get("name", ""))
            entered = take_up(home.team, home.passwords, token, names, password, visitor)
        return home.door.let_in(go("/"), entered.token)

    @routes.post("/log-out")
    async def leave(request: Request) -> Response:
        person = member(request)
        await run_in_threadpool(log_out, home.team, person.account, person.session, person.visitor)
        await home.desks.leave(lambda key: key[1] == person.name)
        return home.door.let_out(go(LOG_IN))

    return routes


def _own(home: ServerHome) -> APIRouter:
    """Return the routes of one's own account."""
    routes = APIRouter()

    def shown(request: Request, message: str = "") -> HTMLResponse:
        person = member(request)
        listed, mine = sessions_of(home.team, person.account.id), reviews_of(home.team, person.account.id)
        reviews = [(review, mine[review.id]) for review in site_reviews(home.team) if review.id in mine]
        return home.page(
            request, "account.html", "Your account", account=person.account, sessions=listed, present=person.session,
            reviews=reviews, message=message,
        )  # fmt: skip

    @routes.get(ACCOUNT)
    def show(request: Request) -> HTMLResponse:
        return shown(request)

    @routes.post(f"{ACCOUNT}/password")
    def change(request: Request, fields: Fields) -> HTMLResponse:
        person, words = member(request), (fields.get("old", ""), fields.get("new", ""))
        change_password(
            home.team, home.passwords, person.account, *words, session=person.session, visitor=person.visitor
        )
        return shown(request, "Your password is changed. You are logged out everywhere else.")

    @routes.post(f"{ACCOUNT}/leave")
    async def leave_review(request: Request, fields: Fields) -> HTMLResponse:
        person, review = member(request), site_review(home.team, fields.get("review", ""))
        if review is None or review.id not in reviews_of(home.team, person.account.id):
            raise BadInput("You have no role in such a review.")
        await run_in_threadpool(leave, home.team, person.account.actor(person.visitor.address), review.id)
        await home.desks.leave(lambda key: key == (review.slug, person.name))
        return shown(request, f"You have left “{review.title}”; what you judged stays in it.")

    @routes.post(f"{ACCOUNT}/session")
    def end(request: Request, fields: Fields) -> HTMLResponse:
        number = fields.get("session", "")
        end_session(
            home.team, member(request).account.id, int(number) if number.isdecimal() and len(number) < 16 else 0
        )
        return shown(request, "That session is ended.")

    return routes


def _reviews(home: ServerHome) -> APIRouter:
    """Return the routes of the list of reviews."""
    routes = APIRouter()

    @routes.get("/")
    def start(request: Request) -> HTMLResponse:
        mine = reviews_of(home.team, member(request).account.id)
        listed = [(review, mine[review.id]) for review in site_reviews(home.team, archived=True) if review.id in mine]
        reviews = [(review, rights) for review, rights in listed if not review.archived]
        archived = [review for review, rights in listed if review.archived and rights.may(May.INVITE)]
        return home.page(request, "server_start.html", "Reviews", reviews=reviews, archived=archived)

    @routes.get("/new")
    def new(request: Request) -> HTMLResponse:
        _administrator(request)
        return home.page(request, "server_new.html", "New review", stages=list(Stage), owners=accounts(home.team))

    @routes.post("/new")
    def made(request: Request, fields: Fields, lists: Lists) -> Response:
        person = _administrator(request)
        chosen = [stage for stage in Stage if stage.value in lists.get("stage", [])]
        questions = [line.strip() for line in fields.get("questions", "").splitlines() if line.strip()]
        words = FirstWords(fields.get("title", ""), questions, chosen)
        slug = fields.get("slug", "").strip() or folder_name(words.title)[:40].strip("-")
        home.settings.reviews.mkdir(parents=True, exist_ok=True)
        folder = start_review(home.settings.reviews, slug, words)
        database = home.settings.on_postgresql
        by = person.account.actor(person.visitor.address)
        title = Review(folder).protocol.title
        try:
            add_review(home.team, slug, title, folder, database=database, owner=person.account.id, by=by)
        except BaseException:
            rmtree(folder, ignore_errors=True)  # nothing is in it but what was typed
            raise
        return go(f"{base_of(slug)}/")

    return routes


def _administrator(request: Request) -> Member:
    person = member(request)
    if not person.account.administrator:
        raise NotAllowed("only an administrator of the site may do this")
    return person
