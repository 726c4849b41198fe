"""Models and data sets: their topic judged on their cards, many at once, and their publications linked."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from ...core.errors import BadInput
from ...review.models import (
    CLASSES,
    ModelRow,
    judge_topic,
    link_model,
    list_models,
    undo_topic,
    unlink_model,
)
from ..desk import Desk
from ..fields import Fields, Lists, whole_number

PAGE = 25
"""Models on a page."""
EXCERPT = 400
"""So many characters of a card are shown at once; the rest opens."""
_NAMES = {
    "open": "To judge",
    "off_topic": "Not on topic",
    "with_publication": "With a publication",
    "documented": "Card, no publication",
    "undocumented": "Neither",
}
_SAID = {"on": "on topic", "off": "not on topic", "publication": "a publication", "open": "to be judged again"}


@dataclass(frozen=True)
class _View:
    """What is shown: the models of which class, of which suggestion (empty: of any), from where on."""

    of_class: str
    suggested: str
    place: int

    @classmethod
    def of(cls, fields: dict[str, str]) -> "_View":
        return cls(fields.get("class", ""), fields.get("suggested", ""), whole_number(fields, "place"))


def router(desk: Desk) -> APIRouter:
    """Return the routes of models and data sets."""
    routes = APIRouter(prefix="/models")

    @routes.get("")
    def show(request: Request) -> HTMLResponse:
        return _page(desk, request, _View.of(dict(request.query_params)), "")

    @routes.post("")
    def judge(request: Request, fields: Fields, lists: Lists) -> HTMLResponse:
        chosen, topic = lists.get("tick", ()), fields.get("topic", "")
        if not chosen:
            raise BadInput("Select models first: x selects one, X the whole page.")
        judged = judge_topic(desk.ledger, desk.review, chosen, topic, desk.reviewer)
        desk.forget()
        return _page(desk, request, _View.of(fields), f"{judged:,} {_SAID[topic]}. Undo: z")

    @routes.post("/undo")
    def undo(request: Request, fields: Fields) -> HTMLResponse:
        undone = undo_topic(desk.ledger, desk.review, desk.reviewer)
        desk.forget()
        return _page(desk, request, _View.of(fields), f"Undone: the topic of {undone:,}")

    @routes.post("/link")
    def link(request: Request, fields: Fields) -> HTMLResponse:
        model = fields.get("model", "")
        given = fields.get(f"publication-{model}", "").strip()
        if not given:
            raise BadInput("Give an arXiv id, a DOI, a PMID or a record's id.")
        record = link_model(desk.ledger, desk.review, model, given, desk.reviewer)
        return _page(desk, request, _View.of(fields), f"Linked with {record}")

    @routes.post("/unlink")
    def unlink(request: Request, fields: Fields) -> HTMLResponse:
        model, publication = fields.get("model", ""), fields.get("publication_id", "")
        record = unlink_model(desk.ledger, desk.review, model, publication, desk.reviewer)
        return _page(desk, request, _View.of(fields), f"{record} is no publication of it any more")

    return routes


def _page(desk: Desk, request: Request, view: _View, message: str) -> HTMLResponse:
    rows = list_models(desk.ledger, desk.review)
    counts = Counter(row.hub_class for row in rows)
    of_class = view.of_class if view.of_class in _NAMES else _first(counts)
    of_this = [row for row in rows if row.hub_class == of_class]
    suggested = Counter(row.suggestion.topic for row in of_this)
    shown = [row for row in of_this if not view.suggested or row.suggestion.topic == view.suggested]
    place = max(0, min(view.place, len(shown) - 1))
    place -= place % PAGE
    return desk.page(
        request, "models.html", screen="models", heading="Models", message=message, names=_NAMES, words=CLASSES,
        counts=counts, of_class=of_class, suggested=suggested, chosen=view.suggested, count=len(shown), place=place,
        rows=_cut(shown[place : place + PAGE]), page_size=PAGE,
    )  # fmt: skip


def _first(counts: Counter[str]) -> str:
    return next((name for name in _NAMES if counts[name]), "open")


def _cut(rows: Sequence[ModelRow]) -> list[tuple[ModelRow, str, str]]:
    """Return rows, each with the beginning and the rest of its card."""
    return [(row, row.card[:EXCERPT], row.card[EXCERPT:]) for row in rows]
