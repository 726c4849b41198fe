"""What each page and each change of a review needs, on a server: one table, and what it does not name is refused."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from starlette.concurrency import run_in_threadpool
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from ..core.judgement import Stage
from ..team.database import Team
from ..team.reviews import site_review
from ..team.roles import May, ReviewRights, names_of_who_may, rights_of
from .present_rights import PresentRights, holding
from .security import Person, person_of
from .server_door import Member

_SHOW, _CHANGE = ("GET", "HEAD"), ("POST",)
_REVIEW = re.compile(r"/r/([a-z0-9-]{1,80})(/.*)?", re.DOTALL)
_EXTRACTION = Stage.EXTRACTION.value
_STAGE = "|".join(stage.value for stage in Stage)
RIGHTS_OF_ROUTES: Sequence[tuple[Sequence[str], str, May]] = (
    (
        _SHOW,
        r"/|/continue|/reader(/(page|find))?|/full-texts|/document/[0-9a-f]{64}/\d+\.png|/records(/.+)?|/records-file|/models",
        May.LOOK,
    ),
    (_CHANGE, r"/leave", May.LOOK),
    (_CHANGE, r"/amend", May.EDIT_PROTOCOL),
    (_SHOW, r"/full-texts/find", May.ATTACH),
    (_CHANGE, r"/full-texts/(files|match|give|discard|note)", May.ATTACH),
    ((*_SHOW, *_CHANGE), r"/import", May.IMPORT),
    (_CHANGE, r"/import/(files|remove|encoding|undo|rename)", May.IMPORT),
    (_CHANGE, r"/(import|full-texts)/retrieve|/import/candidates", May.RUN_MACHINES),
    ((*_SHOW, *_CHANGE), rf"/screen/(?P<stage>{_STAGE})(/(card|draft|decide|skip|back|undo))?", May.JUDGE),
    ((*_SHOW, *_CHANGE), r"/extract(/(card|item|typing|row|save|skip|undo))?", May.JUDGE),
    (_CHANGE, r"/records/bulk(/(sure|undo))?", May.JUDGE),
    ((*_SHOW, *_CHANGE), r"/conflicts(/(items/)?(draft|resolve|undo|choose|typing|note))?", May.RESOLVE),
    ((*_SHOW, *_CHANGE), r"/duplicates(/(exact|undo))?", May.CHECK_DUPLICATES),
    (_CHANGE, r"/models(/(undo|link|unlink))?", May.CHECK_DUPLICATES),
    (_CHANGE, rf"/tags/({_STAGE})|/notes/(add|reword|withdraw)|/retraction", May.DISCUSS),
    (_CHANGE, r"/abstract(/take-back)?", May.ATTACH),
    (_SHOW, r"/tables(/file)?|/meanings", May.SEE_RESULTS),
    (_CHANGE, r"/meanings(/undo)?", May.EDIT_PROTOCOL),
    # What they show of a stage that one still judges, they hide by themselves (`web/results_board.py`).
    (_SHOW, r"/results(/(file|drawing))?|/trust", May.SEE_RESULTS),
    (_CHANGE, r"/results/(anew|shown)", May.SEE_RESULTS),
    (_SHOW, r"/results/(decisions|audit\.zip)", May.EXPORT),
    (_CHANGE, r"/results/audit", May.EXPORT),
    ((*_SHOW, *_CHANGE), rf"/setup(/({_STAGE}|sources))?|/form", May.EDIT_PROTOCOL),
    (_SHOW, r"/assignment", May.ASSIGN),
    (_CHANGE, r"/assignment/(plan|carry-out|hand-over|undo)", May.ASSIGN),
    (_SHOW, r"/gold", May.EDIT_PROTOCOL),
    (_CHANGE, r"/gold/(draw|ready|elusion|lock)", May.EDIT_PROTOCOL),
    (_SHOW, r"/run(/history)?", May.RUN_MACHINES),
    (_CHANGE, r"/run/(plan|start|shown|forget)", May.RUN_MACHINES),
    (_SHOW, r"/jobs/\d{1,15}(/events)?", May.LOOK),  # and what `web/job_kinds.py` says of its kind
    (_CHANGE, r"/jobs/\d{1,15}/(stop|again)", May.LOOK),
)
"""Methods, path within the review, and what one must be allowed to."""


@dataclass(frozen=True)
class NeededRight:
    """What a route needs; `stage` where the right may be lost for one."""

    may: May
    stage: str | None = None
    stage_unsaid: bool = False
    """Whether the stage that is judged stands in the form alone: then who was unblinded at any stage is refused."""
    shows: str | None = None
    """The stage at which others' work is shown: who still judges there is refused."""

    def held_by(self, rights: ReviewRights) -> bool:
        """Return whether somebody has it."""
        return rights.may(self.may, self.stage) and not self.is_lost(rights) and not self.blinds(rights)

    def is_lost(self, rights: ReviewRights) -> bool:
        """Return whether it is lost by being unblinded."""
        return self.stage_unsaid and bool(rights.unblinded)

    def blinds(self, rights: ReviewRights) -> bool:
        """Return whether the route would show somebody what others found where they are to judge by themselves."""
        return self.shows is not None and rights.may(May.JUDGE, self.shows)


def needed_right(method: str, path: str) -> NeededRight | None:
    """Return what a route of a review needs; None for one that the table does not name, which is for nobody."""
    for methods, pattern, may in RIGHTS_OF_ROUTES:
        if method in methods and (matched := re.fullmatch(pattern, path)):
            stage = _EXTRACTION if path.startswith("/extract") else matched.groupdict().get("stage")
            shows = _EXTRACTION if path.startswith(("/tables", "/meanings")) else None
            return NeededRight(may, stage, stage_unsaid=path.startswith("/records/bulk"), shows=shows)
    return None


class ByRights:
    """Lets members of a review to what their roles allow; to all others a review does not exist."""

    def __init__(self, app: ASGIApp, team: Team) -> None:
        """Stand before the site `app`, behind its guard."""
        self.app, self.team = app, team

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on, or refuse."""
        named = _REVIEW.fullmatch(scope["path"]) if scope["type"] == "http" else None
        if named is None:
            await self.app(scope, receive, send)
            return
        rights = await run_in_threadpool(self._rights, named[1], person_of(scope))
        with holding(PresentRights(rights, reaches, partial(self._who_may, named[1]))):
            await (_refusal(scope["method"], named[2] or "/", rights) or self.app)(scope, receive, send)

    def _rights(self, slug: str, person: Person) -> ReviewRights:
        review = site_review(self.team, slug)
        if review is None or review.archived or not isinstance(person, Member):
            return ReviewRights()
        with self.team.read() as connection:
            return rights_of(connection, review.id, person.account.id)

    def _who_may(self, slug: str, act: May, stage: str) -> frozenset[str]:
        review = site_review(self.team, slug)
        with self.team.read() as connection:
            return frozenset() if review is None else names_of_who_may(connection, review.id, act, stage)


def reaches(method: str, path: str, rights: ReviewRights) -> bool:
    """Return whether rights lead to a route of a review."""
    needed = needed_right(method, path)
    return needed is not None and needed.held_by(rights)


def _refusal(method: str, path: str, rights: ReviewRights) -> Response | None:
    if not rights.roles:
        return PlainTextResponse("There is no such review here, or you have no role in it.", 404)
    needed = needed_right(method, path)
    if needed is not None and rights.may(needed.may) and needed.blinds(rights):
        return PlainTextResponse("This shows what others found at a stage that you judge yourself.", 403)
    if needed is None or not needed.held_by(rights):
        words = f" ({needed.may.value})" if needed else ""
        return PlainTextResponse(f"Your role in this review does not allow this{words}; ask an owner.", 403)
    return None
