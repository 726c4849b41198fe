"""A whole human screening as JSON Lines: a row for each judgement of a person, and for each tag on a record.

A row names its record by all its identifiers, and has what the ledger holds of the judgement: who and in which role, the
decision, the answers with reasons and quotes, when, and how it came about. `record` is the id under which it was judged,
`number` that of the judgement in the ledger that it came from, to which `before` of a later judgement refers.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from ..core.judgement import Answer, Decision, Judgement, Stage
from ..ledger import PEOPLE, JudgementContext, Ledger, StoredJudgement, contexts, reads, tags_at
from ..ledger.store import Connection
from ..records import Record

FORMAT = "screener.judgements/1"
"""What each row calls its format."""
SCREENING = (Stage.ABSTRACT, Stage.FULLTEXT)
IDENTIFIERS = ("title", "doi", "pmid", "arxiv", "wos", "year")
_PATTERN_AT = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$"


class _Row(BaseModel):
    """What every row has."""

    model_config = ConfigDict(extra="forbid")

    format: Literal["screener.judgements/1"]
    stage: Literal[Stage.ABSTRACT, Stage.FULLTEXT]
    record: str = Field(min_length=1)
    title: str = ""
    doi: str | None = None
    pmid: str | None = None
    arxiv: str | None = None
    wos: str | None = None
    year: int | None = None
    reviewer: str = Field(min_length=1)

    @property
    def identifiers(self) -> dict[str, Any]:
        """Return what the record is known by, as `plain_entry` takes it."""
        return {"given_id": self.record, **{name: getattr(self, name) for name in IDENTIFIERS}}


class JudgementRow(_Row):
    """A row of a judgement."""

    number: int
    role: Literal["human", "adjudicator"]
    at: str = Field(pattern=_PATTERN_AT)
    decision: Decision
    answers: dict[str, Answer] = Field(default_factory=dict)
    reason: str = ""
    stated: bool = False
    flags: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    text_hash: str = Field(default="", pattern=r"^[0-9a-f]{0,64}$")
    context: JudgementContext | None = None

    @property
    def judgement(self) -> Judgement:
        """Return the judgement."""
        return Judgement(
            decision=self.decision, answers=self.answers, reason=self.reason, stated=self.stated, flags=self.flags,
            unread=self.unread,
        )  # fmt: skip


class TagRow(_Row):
    """A row of a tag that a person put on a record."""

    tag: str = Field(min_length=1)


def judgement_rows(ledger: Ledger, stages: Sequence[Stage]) -> list[dict[str, Any]]:
    """Return the rows of some screening stages: all judgements of people that stand, oldest first, then the tags."""
    with ledger.read() as connection:
        records = {record.id: record for record in reads.records(connection)}
        rows = [row for stage in stages for row in _judgements(connection, stage, records)]
        rows += [
            {**_head(stage, tag.record_id, records[tag.record_id]), "reviewer": tag.reviewer, "tag": tag.word}
            for stage in stages
            for tag in tags_at(connection, stage)
            if tag.record_id in records
        ]
    return rows


def _judgements(connection: Connection, stage: Stage, records: dict[str, Record]) -> Iterator[dict[str, Any]]:
    current_ids = reads.current_ids(connection)
    stored = list(reads.judgements(connection, stage, repeat=0, roles=PEOPLE))
    context_of = contexts(connection, [row.id for row in stored])
    for row in stored:
        record = records.get(current_ids.get(row.record_id, row.record_id))
        if record is not None:
            yield _head(stage, row.record_id, record) | _body(row, context_of.get(row.id))


def _head(stage: Stage, judged_as: str, record: Record) -> dict[str, Any]:
    identifiers = {name: getattr(record, name) for name in IDENTIFIERS}
    return {"format": FORMAT, "stage": stage.value, "record": judged_as, **identifiers}


def _body(row: StoredJudgement, context: JudgementContext | None) -> dict[str, Any]:
    judgement = row.judgement.model_dump(mode="json", exclude_defaults=True, exclude={"items", "probability"})
    body = {"reviewer": row.reviewer, "role": row.role, **judgement, "at": row.at, "number": row.id,
            "text_hash": row.text_hash}  # fmt: skip
    return body if context is None else body | {"context": asdict(context)}


def as_lines(rows: Sequence[dict[str, Any]]) -> bytes:
    """Return the rows as JSON Lines."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
