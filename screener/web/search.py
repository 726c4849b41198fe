"""Finding records: by words and tags, and by what the reviewer has made of them. Nobody else's opinion can be asked for."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..core.judgement import Stage
from ..ledger import SHOW, RecordQuery, Tag, matching_ids, matching_records, own_judgement, seen_tags
from ..records import Record
from .desk import Desk

PAGE = 40
_WORD = re.compile(r'"([^"]+)"|([^\s"]+)')


@dataclass(frozen=True)
class SearchQuery:
    """What is looked for: all of these words (together where they stand in quotes), a tag, and one of `SHOW`."""

    stage: Stage
    words: str = ""
    show: str = "all"
    tag: str = ""

    @classmethod
    def of(cls, stage: Stage, fields: dict[str, str]) -> "SearchQuery":
        """Return the query of a form's fields."""
        show = fields.get("show", "all")
        return cls(stage, fields.get("q", "")[:500], show if show in SHOW else "all", fields.get("tag", "")[:100])


@dataclass(frozen=True)
class FoundRecord:
    """A record in the list, with the reviewer's own decision if there is one, and the tags that they may see."""

    record: Record
    own_decision: str
    at: str
    tags: Sequence[Tag]


def ids(desk: Desk, query: SearchQuery) -> list[str]:
    """Return all records that are meant, in the order of import."""
    with desk.ledger.read() as connection:
        return matching_ids(connection, _query(desk, query))


def page_of(desk: Desk, query: SearchQuery, page: int) -> tuple[list[FoundRecord], bool]:
    """Return a page of the records that are meant, and whether there are more."""
    with desk.ledger.read() as connection:
        records = matching_records(connection, _query(desk, query), limit=PAGE + 1, offset=page * PAGE)
        tags = seen_tags(connection, desk.reviewer, [record.id for record in records[:PAGE]], desk.may_see)
        listed = []
        for record in records[:PAGE]:
            own_row = own_judgement(connection, query.stage, record.id, desk.reviewer)
            decision, at = (own_row.judgement.decision.value, own_row.at[:10]) if own_row else ("", "")
            listed.append(FoundRecord(record, decision, at, tags.get(record.id, ())))
    return listed, len(records) > PAGE


def _query(desk: Desk, query: SearchQuery) -> RecordQuery:
    words = [phrase or single for phrase, single in _WORD.findall(query.words)[:8]]
    return RecordQuery(query.stage, desk.reviewer, words, query.tag, query.show, desk.stored_words)
