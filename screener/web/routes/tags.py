"""Tags on the screening cards: put on, taken off, suggested from those in use. Nobody's are shown before one's own judgement."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter
from starlette.responses import HTMLResponse

from ...core.judgement import Stage
from ...ledger import Tag, current_id, seen_tags, set_tag, tidy
from ...ledger.store import Connection
from ..desk import Desk
from ..fields import Fields


@dataclass(frozen=True)
class Tags:
    """The tags of a record that the reviewer may see, and the words to choose from."""

    stage: str
    record_id: str
    own: Sequence[str]
    others: Sequence[Tag]
    words: Sequence[str]


def tags_on(connection: Connection, desk: Desk, stage: Stage, record_id: str) -> Tags:
    """Return what a card shows of a record's tags."""
    tags = seen_tags(connection, desk.reviewer, [record_id], desk.may_see).get(record_id, [])
    own = [tag.word for tag in tags if tag.reviewer == desk.reviewer]
    others = [tag for tag in tags if tag.reviewer != desk.reviewer]
    words = [word for word in desk.tag_words(connection) if word not in own]
    return Tags(stage.value, record_id, own, others, words)


def router(desk: Desk) -> APIRouter:
    """Return the route of the tags."""
    routes = APIRouter(prefix="/tags")

    @routes.post("/{stage}")
    def tag(stage: str, fields: Fields) -> HTMLResponse:
        screening_stage, typed = desk.stage(stage, Stage.ABSTRACT, Stage.FULLTEXT), fields.get("tag", "")
        on = fields.get("on", "1") == "1"
        if on and typed.strip().startswith("-"):
            on, typed = False, typed.strip()[1:]
        words = tidy(typed)
        with desk.ledger.write() as connection:
            record_id = current_id(connection, fields.get("record", ""))
            changed = [
                word for word in words if set_tag(connection, screening_stage, record_id, desk.reviewer, word, on=on)
            ]
        desk.tags_changed()
        message = f"{'Tagged' if on else 'Tag removed'}: {', '.join(changed)}" if changed else ""
        with desk.ledger.read() as connection:
            return desk.part(
                "_tags.html", tags=tags_on(connection, desk, screening_stage, record_id), message=message, oob=True
            )

    return routes
