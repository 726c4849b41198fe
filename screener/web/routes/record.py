"""The page of a record: looked at, its missing abstract entered, its notes written, answered, reworded and taken back."""

from urllib.parse import parse_qs

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from ...core.errors import BadInput
from ...core.judgement import Stage
from ...ledger import current_id
from ...ledger.notes import LONGEST, add_note, reword_note, withdraw_note
from ...review.correcting import enter_abstract, take_back_abstract
from ...review.retractions import keep_marked
from ..desk import Desk, Refusal
from ..fields import Fields, whole_number
from ..present_rights import present_rights
from ..record_page import RecordPage, decided, record_page
from ..search import SearchQuery


def router(desk: Desk) -> APIRouter:
    """Return the routes of a record's page."""
    routes, shown = APIRouter(), RecordPages(desk)

    @routes.get("/records/{record:path}")
    def page(request: Request, record: str) -> HTMLResponse:
        return shown.page(request, record, request.url.query)

    @routes.post("/abstract")
    def abstract(request: Request, fields: Fields) -> HTMLResponse:
        name = shown.name(fields)
        try:
            enter_abstract(desk.ledger, desk.review, name, fields.get("abstract", ""), desk.reviewer)
        except BadInput as error:
            return shown.page(
                request, name, fields.get("search", ""), Refusal(str(error)), typed=fields.get("abstract", "")
            )
        return shown.page(request, name, fields.get("search", ""), "Abstract saved")

    @routes.post("/abstract/take-back")
    def take_back(request: Request, fields: Fields) -> HTMLResponse:
        name = shown.name(fields)
        earlier = desk.record(Stage.ABSTRACT, name).abstract
        take_back_abstract(desk.ledger, desk.review, name, desk.reviewer)
        # To put it right is what it is mostly taken back for.
        return shown.page(request, name, fields.get("search", ""), "Abstract taken back", typed=earlier)

    @routes.post("/retraction")
    def keep(request: Request, fields: Fields) -> HTMLResponse:
        name = shown.name(fields)
        keep_marked(desk.ledger, name, fields.get("why", ""), desk.reviewer)
        return shown.page(request, name, fields.get("search", ""), "Noted why it stays")

    @routes.post("/notes/add")
    def add(request: Request, fields: Fields) -> HTMLResponse:
        name, stage = shown.name(fields), desk.stage(fields.get("at", ""))
        reply_to = whole_number(fields, "reply_to")
        shown.require_seen(name, reply_to)
        with desk.ledger.write() as connection:
            add_note(connection, stage, name, desk.reviewer, fields.get("text", ""), reply_to=reply_to)
        return shown.page(request, name, fields.get("search", ""), "Reply saved" if reply_to else "Note saved")

    @routes.post("/notes/reword")
    def reword(request: Request, fields: Fields) -> HTMLResponse:
        name, number = shown.name(fields), whole_number(fields, "note")
        shown.require_seen(name, number)
        with desk.ledger.write() as connection:
            reword_note(connection, name, desk.reviewer, number, fields.get("text", ""))
        return shown.page(request, name, fields.get("search", ""), "Note changed")

    @routes.post("/notes/withdraw")
    def withdraw(request: Request, fields: Fields) -> HTMLResponse:
        name, number = shown.name(fields), whole_number(fields, "note")
        shown.require_seen(name, number)
        with desk.ledger.write() as connection:
            withdraw_note(connection, name, desk.reviewer, number)
        return shown.page(request, name, fields.get("search", ""), "Note withdrawn")

    return routes


class RecordPages:
    """What the routes have in common."""

    def __init__(self, desk: Desk) -> None:
        """For one reviewer."""
        self.desk = desk

    def name(self, fields: dict[str, str]) -> str:
        """Return the present id of the record that a form is about."""
        with self.desk.ledger.read() as connection:
            return current_id(connection, fields.get("record", ""))

    def require_seen(self, name: str, note: int) -> None:
        """Raise `BadInput` for a note that the reviewer may not see: nobody learns by trying which there are."""
        if note and note not in {shown.note.id for shown in record_page(self.desk, name).notes}:
            raise BadInput("This note is no longer there; reload the page.")

    def page(self, request: Request, name: str, search: str, message: str = "", typed: str = "") -> HTMLResponse:
        """Return the page of a record; `search` is the list that it was opened from, `typed` an abstract not yet saved."""
        desk, stages = self.desk, list(self.desk.review.protocol.stages)
        shown, asked = record_page(desk, name), parse_qs(search[:4_000])
        stage = next((listed for listed in stages if listed.value in asked.get("stage", ())), stages[0])
        page = next(iter(asked.get("page", ())), "")
        back = SearchQuery.of(stage, asked).address(page=page if page.isdecimal() else "")
        labels = {
            (listed.value, criterion.id): criterion.label
            for listed, spec in desk.review.protocol.stages.items()
            for criterion in spec.criteria
        }
        return desk.page(
            request, "record.html", screen="records", heading=shown.record.shown_title, message=message, shown=shown,
            record=shown.record, stage=stage.value, stages=[listed.value for listed in stages], labels=labels, search=back,
            screens=[listed.value for listed in self._screens(shown, stage)],
            may_write=self._does("/notes/add"), may_correct=self._does("/abstract"), may_keep=self._does("/retraction"), decided=decided, typed=typed,
            longest=LONGEST,
        )  # fmt: skip

    def _screens(self, shown: RecordPage, stage: Stage) -> list[Stage]:
        """Return the stages at which the person may judge the record: that of their list, and where there is something to read."""
        present, possible = present_rights(), [Stage.ABSTRACT, *([Stage.FULLTEXT] if shown.documents else [])]
        return [
            listed
            for listed in self.desk.review.protocol.stages
            if (listed is stage or listed in possible) and listed is not Stage.EXTRACTION
            and (present is None or present.may_open(f"/screen/{listed}"))
        ]  # fmt: skip

    def _does(self, path: str) -> bool:
        present = present_rights()
        return present is None or present.reaches("POST", path, present.rights)
