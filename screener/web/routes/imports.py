"""Import: exports that are dropped, what came of them, the searches that can be run from here, and earlier imports."""

from collections import Counter
from dataclasses import asdict

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from ...core.errors import BadInput
from ...core.words import counted
from ...ledger import integrity_checks, open_pairs
from ...ledger.enrichments import enrichment_candidates
from ...review.enriching import settle
from ...review.retractions import check_sent
from ...review.retrieval_jobs import LOOK_UP, SEARCH
from ...review.retrieving import database_of
from ...review.sent_exports import look_at
from ...review.undoing import JudgedByPeople, correct_source, list_sources, undo_import
from ...review.uploads import Drop, SentFile, Uploads
from ..desk import Desk
from ..fields import Fields, Lists, whole_number
from ..job_board import JobBoard
from ..receiving import TooMuchSent, read_aside, receive
from ..shown_jobs import shown_job

RETRACTIONS = "retractions"
"""What a file is sent for that is a list of retractions."""
EARLIER, CANDIDATES = 100, 20
"""So many imports are listed, the newest, and works on which somebody has to decide."""
LONGEST_NAME = 200
"""Characters of the name of a source; it stands beside each of its rows."""


def router(desk: Desk, board: JobBoard) -> APIRouter:
    """Return the routes of the import."""
    routes, importing = APIRouter(prefix="/import"), _Import(desk, board)

    @routes.get("")
    def show(request: Request) -> HTMLResponse:
        return importing.page(request)

    @routes.post("/files")
    async def take(request: Request) -> Response:
        try:
            return await importing.take(request)
        except TooMuchSent as error:
            return PlainTextResponse(str(error), 413, headers={"Connection": "close"})

    @routes.post("/remove")
    def remove(request: Request, fields: Fields) -> HTMLResponse:
        sent = importing.drop.one(whole_number(fields, "number"))
        importing.drop.remove(sent.number)
        return importing.page(request, f"Removed: {sent.name}")

    @routes.post("")
    def begin(request: Request, fields: Fields) -> HTMLResponse:
        importing.begin(fields)
        return importing.page(request)

    @routes.post("/encoding")
    def name_encoding(request: Request, fields: Fields) -> HTMLResponse:
        importing.read_again(fields)
        return importing.page(request)

    @routes.post("/undo")
    def undo(request: Request, fields: Fields) -> HTMLResponse:
        return importing.undo(request, fields)

    @routes.post("/rename")
    def rename(request: Request, fields: Fields) -> HTMLResponse:
        return importing.rename(request, fields)

    @routes.post("/retrieve")
    def retrieve(request: Request, fields: Fields, lists: Lists) -> HTMLResponse:
        what = fields.get("what", "")
        if what not in (SEARCH, LOOK_UP):
            raise BadInput("Choose what to retrieve: the searches, or what records lack.")
        named = [source.name for source in desk.review.sources]
        sources = [name for name in lists.get("source", []) if name in named]
        if what == SEARCH and not sources:
            raise BadInput("Choose at least one source to search.")
        board.ask("retrieve", {"what": what, "sources": sources, "dry_run": fields.get("do") == "count"})
        return importing.page(request)

    @routes.post("/candidates")
    def decide(request: Request, fields: Fields) -> HTMLResponse:
        number, accept = whole_number(fields, "number"), fields.get("is") == "same"
        settle(desk.review, desk.ledger, [number] * accept, [number] * (not accept), desk.reviewer)
        return importing.page(request, "Filled in" if accept else "Not taken")

    return routes


class _Import:
    """What the routes have in common."""

    def __init__(self, desk: Desk, board: JobBoard) -> None:
        self.desk, self.board = desk, board
        self.uploads = Uploads(desk.review.hidden)

    @property
    def drop(self) -> Drop:
        """Return what this person has sent and not imported yet."""
        return self.uploads.drop("import", self.desk.reviewer)

    async def take(self, request: Request) -> Response:
        """Take a file: an export, which is looked at, or a list of retractions, with which all records are compared."""
        desk = self.desk
        if request.query_params.get("for") == RETRACTIONS:
            drop = self.uploads.drop(RETRACTIONS, desk.reviewer)
            sent = await receive(request, self.uploads, drop, desk.limits)
            return PlainTextResponse(await read_aside(check_sent, desk.ledger, drop, sent, desk.reviewer))
        await read_aside(self.look_at, await receive(request, self.uploads, self.drop, desk.limits))
        return Response(status_code=204)

    def look_at(self, sent: SentFile, encoding: str = "") -> None:
        """Note what a file is."""
        looked = look_at(sent, [source.name for source in self.desk.review.sources], encoding)
        self.drop.note(sent.number, asdict(looked))

    def read_again(self, fields: dict[str, str]) -> None:
        """Look at a file anew, now that somebody has named the encoding of its text."""
        sent = self.drop.one(whole_number(fields, "number"))
        if not (encoding := fields.get(f"encoding-{sent.number}", "").strip()[:40]):
            raise BadInput("Name the encoding, such as gb18030.")
        self.look_at(sent, encoding)

    def begin(self, fields: dict[str, str]) -> None:
        """Hand the files over to a job; a source that is left as its file has it is not said by anybody."""
        self.have_back()
        usable = [sent for sent in self.drop.files() if not sent.known.get("problem")]
        if not usable:
            raise BadInput("There is no file to import; drop some first.")
        said = {
            str(sent.number): " ".join(fields.get(f"source-{sent.number}", "").split())[:LONGEST_NAME]
            for sent in usable
        }
        sources = {
            str(sent.number): name
            for sent in usable
            if (name := said[str(sent.number)])
            and name != (sent.known.get("source") if _is_own(sent) else sent.path.stem)
        }
        update = fields.get("update", "")
        if update and update not in list_sources(self.desk.ledger, self.desk.review).rows:
            raise BadInput("Choose a source of which rows were imported.")
        args = {
            "sources": sources, "encoding": fields.get("encoding", "").strip()[:40],
            "encodings": {str(sent.number): told for sent in usable if (told := sent.known.get("encoding"))},
            "again": fields.get("again") == "1", "update": update, "many_missing": fields.get("many_missing") == "1",
        }  # fmt: skip
        with self.uploads.handed_over(self.drop) as name:
            self.board.ask("import", {"drop": name, **args})

    def have_back(self) -> None:
        """Have the files back with which no job is done, nor will be."""
        self.uploads.give_back_unasked(self.drop, lambda: self.board.drops("import"))

    def rename(self, request: Request, fields: dict[str, str]) -> HTMLResponse:
        """Give a source the name that it should have."""
        desk = self.desk
        if len(new := fields.get("new", "")) > LONGEST_NAME:
            raise BadInput(f"The name of a source has at most {LONGEST_NAME} characters.")
        renamed = correct_source(desk.ledger, desk.review, fields.get("old", ""), new, desk.reviewer)
        joined = f"; {renamed.joined:,} had that name already" if renamed.joined else ""
        return self.page(request, f"{counted(renamed.rows, 'row is', 'rows are')} now of {renamed.new}{joined}")

    def undo(self, request: Request, fields: dict[str, str]) -> HTMLResponse:
        """Take an import back; where people have judged its records, ask first."""
        desk, number = self.desk, whole_number(fields, "import")
        sure = fields.get("sure") == "1"
        try:
            undone = undo_import(desk.ledger, desk.review, str(number), desk.reviewer, with_judgements=sure)
        except JudgedByPeople as error:
            return self.page(request, judged=(number, error.records))
        gone = counted(len(undone.undone.records), "record is gone", "records are gone")
        stay = f", {undone.undone.kept:,} stay by other imports" if undone.undone.kept else ""
        files = ", ".join(file.file for file in undone.undone.imports)
        lost = (
            f"; {counted(len(undone.by_people), 'judgement counts', 'judgements count')} no more"
            if undone.by_people
            else ""
        )
        return self.page(
            request, f"Taken back: {files}. {gone}{stay}{lost}. Import the file again to bring all of it back."
        )

    def page(self, request: Request, message: str = "", *, judged: tuple[int, int] | None = None) -> HTMLResponse:
        """Return the page. `judged` are the import that is not taken back yet, and how many of its records were judged."""
        desk, board = self.desk, self.board
        self.have_back()
        listed = list_sources(desk.ledger, desk.review)
        with desk.ledger.read() as connection:
            checked = integrity_checks(connection)[-1:]
            pairs = Counter(pair.link.kind for pair in open_pairs(connection))
            candidates = enrichment_candidates(connection) if board.may("retrieve") else []
        names = list(dict.fromkeys([*listed.reported, *listed.rows]))
        return desk.page(
            request, "import.html", screen="import", heading="Import", message=message, waiting=self.drop.files(),
            limits=desk.limits, candidates=candidates[:CANDIDATES], more=len(candidates) - CANDIDATES, names=names, listed=listed, earlier=listed.imports[::-1][:EARLIER], pairs=pairs, judged=judged,
            may_retrieve=board.may("retrieve"), searches=self._searches(), is_own=_is_own,
            checked=checked, import_job=shown_job(desk, board, "import"), retrieve_job=shown_job(desk, board, "retrieve"),
        )  # fmt: skip

    def _searches(self) -> list[tuple[str, int, bool]]:
        """Return the sources of the protocol with a query: name, number of queries, and whether they can be run from here."""
        rows = []
        for source in self.desk.review.sources:
            try:
                can_be_asked = database_of(source) is not None
            except BadInput:
                can_be_asked = False
            if source.queries:
                rows.append((source.name, len(source.queries), can_be_asked))
        return rows


def _is_own(sent: SentFile) -> bool:
    """Return whether a file names its database itself."""
    return bool(sent.known.get("is_named"))
