"""Records: found by words and facets; opened, saved as a file, or decided on many at once after a second look."""

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, StreamingResponse

from ...adjudication import ALONE, BulkDecision, bulks, carry_out, plan, undo_bulk, verb_of
from ...adjudication.previews import keep_bulk, take_bulk
from ...core.errors import BadInput
from ...core.judgement import Stage
from ...ledger import reads
from ...review.found_files import FORMATS, found_file
from ..desk import Desk, Refusal, holder
from ..fields import Fields, Lists, whole_number
from ..search import ORDER_NAMES, SearchQuery, ids, page_of, view_of

NAMED = 20
"""So many records are named before the rest is only counted."""
WILL = {
    "include": "Will be included", "exclude": "Will be excluded", "unclear": "Will be marked unclear",
    "back": "Will be reopened",
}  # fmt: skip
DONE = {"include": "Included", "exclude": "Excluded", "unclear": "Marked unclear", "back": "Reopened"}


def router(desk: Desk) -> APIRouter:
    """Return the routes of the list."""
    routes, listing = APIRouter(), Listing(desk)

    @routes.get("/records")
    def records(request: Request, page: str = "") -> HTMLResponse:
        return listing.list_page(request, listing.query(_lists(request)), whole_number({"page": page}, "page"))

    @routes.get("/records-file")
    def file(request: Request, format: str = "csv") -> StreamingResponse:
        query = listing.query(_lists(request))
        view = view_of(desk, query.stage)
        content = found_file(view, view.find(query.query), format)
        headers = {"Content-Disposition": f'attachment; filename="records-{query.stage}.{format}"'}
        return StreamingResponse(content, media_type=FORMATS[format], headers=headers)

    @routes.post("/records/bulk")
    def prepare(request: Request, fields: Fields, lists: Lists) -> HTMLResponse:
        return listing.prepare(request, listing.query(lists), fields, lists)

    @routes.post("/records/bulk/sure")
    def sure(request: Request, fields: Fields) -> HTMLResponse:
        return listing.carry_out(request, fields.get("plan", ""))

    @routes.post("/records/bulk/undo")
    def undo(request: Request, fields: Fields) -> HTMLResponse:
        stage = listing.stage(fields.get("stage", ""))
        with desk.ledger.read() as connection:
            last = next(iter(bulks(connection, stage, desk.reviewer)), None)
        number = fields.get("bulk", "") or (last.id if last else "")
        if not number:
            return listing.list_page(request, SearchQuery(stage), message="No bulk decision to undo")
        message = undo_bulk(desk.ledger, desk.review, stage, desk.reviewer, number)
        return listing.list_page(request, SearchQuery(stage), message=message)

    return routes


def _lists(request: Request) -> dict[str, list[str]]:
    """Return all values of each field of an address."""
    return {name: request.query_params.getlist(name) for name in request.query_params}


class Listing:
    """What the routes have in common."""

    def __init__(self, desk: Desk) -> None:
        """For one reviewer."""
        self.desk = desk
        self.stages = [Stage(screen.id) for screen in desk.screens if screen.href.startswith("/screen/")]

    def stage(self, name: str) -> Stage:
        """Return the stage of that name, or the first one that is screened."""
        if not self.stages:
            raise BadInput("The review has no screening stage.")
        return self.desk.stage(name or self.stages[0].value, *self.stages)

    def query(self, fields: Mapping[str, Sequence[str]]) -> SearchQuery:
        """Return the search that an address or a form holds."""
        return SearchQuery.of(self.stage((fields.get("stage") or ("",))[-1]), fields)

    def list_page(
        self, request: Request, query: SearchQuery, page: int = 0, message: str = "", trouble: str = "", **form: Any
    ) -> HTMLResponse:
        """Return the list, with what can be decided on it."""
        desk = self.desk
        found = page_of(desk, query, page)
        with desk.ledger.read() as connection:
            recent = bulks(connection, query.stage, desk.reviewer)[:5]
        criteria = desk.review.stage(query.stage).criteria
        return desk.page(
            request, "records.html", screen="records", heading="Records", stage=query.stage.value, message=message, query=query,
            stages=[listed.value for listed in self.stages], found=found, orders=ORDER_NAMES, formats=list(FORMATS),
            criteria=criteria, labels={listed.id: listed.label for listed in criteria}, recent=recent, trouble=trouble,
            form={"choice": "", "reason": "", "ticked": (), "which": "", **form},
        )  # fmt: skip

    def prepare(
        self, request: Request, query: SearchQuery, fields: dict[str, str], lists: dict[str, list[str]]
    ) -> HTMLResponse:
        """Return the page that says what a decision on many would do; back to the list where something is missing."""
        desk, protocol = self.desk, self.desk.review.stage(query.stage)
        ticked = lists.get("tick", [])
        page = whole_number(fields, "page")
        form: dict[str, Any] = {
            "choice": fields.get("choice", ""),
            "reason": fields.get("reason", ""),
            "ticked": ticked,
            "which": fields.get("which", ""),
        }
        try:
            reason, again = " ".join(fields.get("reason", "").split()), fields.get("again") == "1"
            choice = BulkDecision.of(fields.get("choice", ""), protocol, reason=reason, again=again)
            if choice.action != "back" and not reason:
                raise BadInput("Give a reason; it is recorded with each decision.")
            everything = fields.get("which") == "all"
            if not everything and not ticked:
                raise BadInput("Select records first, or choose all matches.")
        except BadInput as error:
            return self.list_page(request, query, page, trouble=str(error), **form)
        names = ids(desk, query) if everything else ticked
        planned = plan(desk.ledger, desk.review, query.stage, desk.reviewer, names, choice, holder=holder(request))
        token = keep_bulk(desk.ledger, desk.reviewer, planned)
        # Which records are in a sample is told to nobody.
        named = {why: self._titles(some) for why, some in {"": planned.fit, **planned.left_out}.items() if why != ALONE}
        question = next((criterion.question for criterion in protocol.criteria if criterion.id == choice.criterion), "")
        return desk.page(
            request, "bulk.html", screen="records", heading="Bulk decision", plan=planned, token=token, named=named,
            verb=verb_of(choice), will=WILL[choice.action], question=question, query=query, page_number=page,
            asked=len(dict.fromkeys(names)), searched=everything,
        )  # fmt: skip

    def carry_out(self, request: Request, token: str) -> HTMLResponse:
        """Do what was planned and go back to the list."""
        desk, planned = self.desk, take_bulk(self.desk.ledger, self.desk.reviewer, token)
        entered = carry_out(desk.ledger, desk.review, planned, desk.reviewer, holder=holder(request))
        missed = len(planned.fit) - len(entered.fit)
        message = (
            f"{DONE[entered.choice.action]}: {len(entered.fit):,} {'record' if len(entered.fit) == 1 else 'records'}"
            + (f"; {missed:,} skipped, judged by others meanwhile" if missed else "")
        )
        return self.list_page(request, SearchQuery(planned.stage), message=Refusal(message) if missed else message)

    def _titles(self, names: Sequence[str]) -> list[tuple[str, str]]:
        with self.desk.ledger.read() as connection:
            return list(reads.titles(connection, list(names)[:NAMED]).items())
