"""Values that may mean the same as gold's in other words: a person says so or not, and is not told whose each is."""

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from ...core.errors import BadInput
from ...core.judgement import Stage
from ...review.meanings import OpenMeanings, decide_meaning, open_meanings, take_back
from ..desk import Desk
from ..fields import Fields, whole_number


def router(desk: Desk) -> APIRouter:
    """Return the routes of the meanings; the values are those of the machine that the stage names."""
    routes = APIRouter(prefix="/meanings")

    @routes.get("")
    def show(request: Request, place: str = "") -> HTMLResponse:
        return page(request, whole_number({"place": place}, "place"))

    @routes.post("")
    def decide(request: Request, fields: Fields) -> HTMLResponse:
        found, verdict = asked(), fields.get("verdict", "")
        if verdict not in ("same", "apart"):
            raise BadInput("Say whether both mean the same, or not.")
        meaning = next((pair for pair in found.pairs if pair.id == fields.get("pair")), None)
        if meaning is None:
            raise BadInput("Somebody has decided on this pair, or it is not offered any more; load the page anew.")
        decide_meaning(desk.ledger, meaning, found.person, same=verdict == "same")
        message = "Kept: the same" if verdict == "same" else "Kept: not the same"
        return page(request, whole_number(fields, "place"), message)

    @routes.post("/undo")
    def undo(request: Request) -> HTMLResponse:
        refuse_early()
        verdict = take_back(desk.ledger, desk.reviewer)
        shown = f"Taken back: {verdict.shown[0]} and {verdict.shown[1]}" if verdict else "There is nothing to take back"
        return page(request, 0, shown)

    def refuse_early() -> None:
        """Refuse who has yet to extract by themselves: the machine's values are among those that are shown."""
        stage = Stage.EXTRACTION
        if desk.review.stage(stage).shows_machine != "before" and not desk.sees_figures(stage):
            raise BadInput("The machine's values are shown here when you have extracted all that waits for you.")

    def asked() -> OpenMeanings:
        refuse_early()
        return open_meanings(desk.ledger, desk.review, None, "all", desk.reviewer)

    def page(request: Request, place: int, message: str = "") -> HTMLResponse:
        found = asked()
        place = min(place, max(0, len(found.pairs) - 1))
        return desk.page(
            request, "meanings.html", screen="gold", heading="The same in other words", message=message, place=place,
            meaning=found.pairs[place] if found.pairs else None, count=len(found.pairs), offered=found.offered,
        )  # fmt: skip

    return routes
