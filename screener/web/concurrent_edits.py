"""Several windows of one reviewer: a form that another window has overtaken overwrites nothing before its person is told."""

from collections.abc import Container, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import Request

from ..adjudication import Seat, slots_of, take
from ..core.judgement import Stage
from ..ledger import Ledger, all_ids, leases_of, own_judgement, put_draft
from ..ledger.store import Connection
from ..protocol import Review
from .desk import holder

OPENED = "this record is open in another window of yours"
JUDGED = "you have saved or undone this record in another window since"


@dataclass(frozen=True)
class Form:
    """A form as a window sends it. `stood` is the number of the reviewer's judgement that it was opened on, 0 for none.

    `left` says that its page has been left: what it sent last may come after that, and holds nothing.
    """

    holder: str
    stood: str
    left: bool = False

    @classmethod
    def of(cls, request: Request, fields: Mapping[str, str], left: Container[str] = ()) -> "Form":
        """Return the form that the browser sends; one that does not say what it was opened on is taken for the newest."""
        return cls(holder(request), fields.get("stood", ""), holder(request) in left)

    def overtaken(self, connection: Connection, stage: Stage, record_id: str, reviewer: str) -> str:
        """Return why this form is not the newest of its reviewer's on the record, in words; empty where it is."""
        if self.stood and self.stood != opened_on(connection, stage, record_id, reviewer):
            return JUDGED
        leases = leases_of(connection, stage, all_ids(connection, record_id))
        elsewhere = any(lease.reviewer == reviewer and not lease.in_window(self.holder) for lease in leases)
        return OPENED if elsewhere else ""

    def keep_draft(
        self, ledger: Ledger, review: Review, stage: Stage, record_id: str, reviewer: str, body: Mapping[str, Any]
    ) -> str:
        """Keep what the form holds as the draft, and its slot if one is free; why not, where the form is overtaken.

        Asked and written in one go: what was sent just before saving may arrive after it.
        """
        with ledger.write(settles=False) as connection:
            if why := self.overtaken(connection, stage, record_id, reviewer):
                return why
            put_draft(connection, stage, record_id, reviewer, body)
            if not self.left:
                slots = slots_of(connection, review, stage, record_id)
                take(connection, stage, record_id, slots, Seat(reviewer, self.holder))
        return ""


def opened_on(connection: Connection, stage: Stage, record_id: str, reviewer: str) -> str:
    """Return what a form of the record is opened on: the number of the reviewer's present judgement, or 0."""
    own_row = own_judgement(connection, stage, record_id, reviewer)
    return str(own_row.id) if own_row else "0"
