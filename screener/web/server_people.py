"""The people of a review and of the site, and the audit."""

from collections.abc import Callable

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from ..core.errors import BadInput
from ..core.judgement import Stage
from ..team.accounts import Account, account, accounts, require_administrator, set_state
from ..team.audit import Actor, acts
from ..team.database import Team
from ..team.entering import NotIn
from ..team.invitations import invite, open_links, reset_link, withdraw
from ..team.reviews import SiteReview, archive_review, site_review
from ..team.roles import NO_ROLE, May, NotAllowed, ReviewRole, members, require, set_roles, unblind
from .fields import Fields, Lists, whole_number
from .opened import OpenDesks
from .security import person_of
from .server_door import Member

Page = Callable[..., HTMLResponse]


def go(address: str) -> Response:
    """Return an answer that has the browser open another page of the site."""
    return Response(status_code=204, headers={"HX-Redirect": address})


def actor(request: Request) -> Actor:
    """Return who asks, for the audit; `NotIn` for a stranger."""
    person = person_of(request.scope)
    if not isinstance(person, Member):
        raise NotIn("You are logged out; log in first.")
    return person.account.actor(person.visitor.address)


def people_routes(team: Team, page: Page, desks: OpenDesks) -> APIRouter:
    """Return the routes of people and audit. `page` makes a page; it is given the token of a link that was just made."""
    routes = APIRouter()
    routes.include_router(_of_review(team, page, desks))
    routes.include_router(_archiving(team, desks))
    routes.include_router(_of_site(team, page, desks))
    return routes


def _of_review(team: Team, page: Page, desks: OpenDesks) -> APIRouter:
    routes = APIRouter()

    def shown(request: Request, review: SiteReview, message: str = "", token: str = "") -> HTMLResponse:
        rights = members(team, review.id)
        people = [(found, rights[number]) for number in rights if (found := account(team, number)) is not None]
        return page(
            request, "people.html", f"People of {review.title}", review=review, people=people, roles=list(ReviewRole),
            stages=list(Stage), links=open_links(team, review.id), message=message, token=token,
        )  # fmt: skip

    @routes.get("/people/{slug}")
    def show(request: Request, slug: str) -> HTMLResponse:
        return shown(request, _allowed(team, request, slug, May.INVITE))

    @routes.post("/people/{slug}/invite")
    def ask(request: Request, slug: str, fields: Fields, lists: Lists) -> HTMLResponse:
        review = _allowed(team, request, slug, May.INVITE)
        token = invite(team, actor(request), {review.id: _roles(lists)}, note=fields.get("note", ""))
        return shown(request, review, "Invitation made. Copy its address now: it is shown once.", token)

    @routes.post("/people/{slug}/withdraw")
    def back(request: Request, slug: str, fields: Fields) -> HTMLResponse:
        review = _allowed(team, request, slug, May.INVITE)
        withdraw(team, actor(request), whole_number(fields, "link"))
        return shown(request, review, "Invitation withdrawn.")

    @routes.post("/people/{slug}/roles")
    async def change(request: Request, slug: str, fields: Fields, lists: Lists) -> HTMLResponse:
        review = _allowed(team, request, slug, May.INVITE)
        person = _member(team, review, fields)
        set_roles(team, actor(request), review.id, person.id, _roles(lists))
        await desks.leave(lambda key: key == (slug, person.name))
        return shown(request, review, f"The roles of {person.name} are saved.")

    @routes.post("/people/{slug}/reset")
    def renew(request: Request, slug: str, fields: Fields) -> HTMLResponse:
        review = _allowed(team, request, slug, May.INVITE)
        person = _member(team, review, fields)
        token = reset_link(team, actor(request), person.id)
        return shown(request, review, f"Copy the address for {person.name} now: it is shown once.", token)

    @routes.post("/people/{slug}/unblind")
    def show_others(request: Request, slug: str, fields: Fields) -> HTMLResponse:
        review = _allowed(team, request, slug, May.UNBLIND)
        person, stage = _member(team, review, fields), fields.get("stage", "")
        if stage not in [one.value for one in Stage]:
            raise BadInput("choose a stage")
        unblind(team, actor(request), review.id, person.id, stage)
        return shown(request, review, f"{person.name} may see what others judged there, and judges there no more.")

    @routes.get("/audit/{slug}")
    def audit(request: Request, slug: str, before: int | None = None) -> HTMLResponse:
        review = _allowed(team, request, slug, May.SEE_AUDIT)
        listed = acts(team, review=slug, before=before)
        return page(request, "audit.html", f"Audit of {review.title}", acts=listed, at=f"/audit/{slug}")

    return routes


def _archiving(team: Team, desks: OpenDesks) -> APIRouter:
    routes = APIRouter()

    @routes.post("/people/{slug}/archive")
    async def archive(request: Request, slug: str) -> Response:
        review = _allowed(team, request, slug, May.INVITE)
        archive_review(team, actor(request), review.id)
        await desks.leave(lambda key: key[0] == slug)
        return go("/")

    @routes.post("/people/{slug}/bring-back")
    def bring_back(request: Request, slug: str) -> Response:
        archive_review(team, actor(request), _allowed(team, request, slug, May.INVITE).id, back=True)
        return go("/")

    return routes


def _of_site(team: Team, page: Page, desks: OpenDesks) -> APIRouter:
    routes = APIRouter()

    def shown(request: Request, message: str = "", token: str = "") -> HTMLResponse:
        links = [link for link in open_links(team) if not link.grants]
        return page(
            request, "accounts.html", "Accounts", accounts=accounts(team), links=links, message=message,
            token=token,
        )  # fmt: skip

    @routes.get("/accounts")
    def show(request: Request) -> HTMLResponse:
        _administers(team, request)
        return shown(request)

    @routes.post("/accounts/invite")
    def ask(request: Request, fields: Fields) -> HTMLResponse:
        _administers(team, request)
        administrator = fields.get("administrator") == "yes"
        token = invite(team, actor(request), {}, note=fields.get("note", ""), administrator=administrator)
        return shown(request, "Invitation made. Copy its address now: it is shown once.", token)

    @routes.post("/accounts/withdraw")
    def back(request: Request, fields: Fields) -> HTMLResponse:
        _administers(team, request)
        withdraw(team, actor(request), whole_number(fields, "link"))
        return shown(request, "Invitation withdrawn.")

    @routes.post("/accounts/reset")
    def renew(request: Request, fields: Fields) -> HTMLResponse:
        _administers(team, request)
        person = _account(team, fields)
        token = reset_link(team, actor(request), person.id)
        return shown(request, f"Copy the address for {person.name} now: it is shown once.", token)

    @routes.post("/accounts/state")
    async def change(request: Request, fields: Fields) -> HTMLResponse:
        _administers(team, request)
        person, state = _account(team, fields), fields.get("state", "")
        if state not in ("active", "disabled", "removed"):
            raise BadInput("choose what to do with the account")
        set_state(team, actor(request), person.id, state)  # type: ignore[arg-type]
        await desks.leave(lambda key: key[1] == person.name)
        return shown(request, f"The account of {person.name} is {state}.")

    @routes.get("/audit")
    def audit(request: Request, before: int | None = None) -> HTMLResponse:
        _administers(team, request)
        return page(request, "audit.html", "Audit", acts=acts(team, before=before), at="/audit")

    return routes


def _allowed(team: Team, request: Request, slug: str, act: May) -> SiteReview:
    """Return the review of a slug, for who may do something in it; to all others it does not exist."""
    review, by = site_review(team, slug), actor(request)
    with team.read() as connection:
        if review is None:
            raise NotAllowed("there is no such review here, or you may not do this in it")
        try:
            require(connection, review.id, by.account, act)
        except NotAllowed:
            raise NotAllowed("there is no such review here, or you may not do this in it") from None
    return review


def _administers(team: Team, request: Request) -> None:
    with team.read() as connection:
        require_administrator(connection, actor(request))


def _account(team: Team, fields: dict[str, str]) -> Account:
    found = account(team, whole_number(fields, "account"))
    if found is None or found.state == "removed":
        raise BadInput("there is no such account")
    return found


def _member(team: Team, review: SiteReview, fields: dict[str, str]) -> Account:
    """Return an account that has a role in the review; of others not even the name is told."""
    found = account(team, whole_number(fields, "account"))
    if found is None or found.id not in members(team, review.id):
        raise BadInput(NO_ROLE)
    return found


def _roles(lists: dict[str, list[str]]) -> list[ReviewRole]:
    chosen = lists.get("role", [])
    return [role for role in ReviewRole if role.value in chosen]
