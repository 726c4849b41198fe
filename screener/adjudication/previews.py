"""What a decision on many, or an assignment, would do, kept from when a person looks at it until they have it done.

It stands in the ledger, so that it is known to whichever process of a server is asked, and after the program was restarted.
"""

from dataclasses import asdict
from typing import Any

from ..core.errors import BadInput
from ..core.judgement import Stage
from ..ledger import Ledger
from ..ledger.assignments import Assignment
from ..ledger.previews import keep_preview, take_preview
from .assigning import AssigningPlan, AssigningRequest
from .bulk import BulkDecision, BulkPlan

_BULK, _ASSIGNING = "bulk", "assigning"
_GONE = "This was done already, or you looked at it too long ago; look at what it would do again."


def keep_bulk(ledger: Ledger, who: str, planned: BulkPlan) -> str:
    """Keep what a decision on many records would do; return the name under which it is taken."""
    body = {"stage": planned.stage, "choice": asdict(planned.choice), "fit": list(planned.fit)}
    with ledger.write() as connection:
        return keep_preview(connection, who, _BULK, body)


def take_bulk(ledger: Ledger, who: str, token: str) -> BulkPlan:
    """Return what was looked at, once; without what was left out. `BadInput` where it was taken already."""
    body = _taken(ledger, who, _BULK, token)
    return BulkPlan(Stage(body["stage"]), BulkDecision(**body["choice"]), body["fit"], {})


def keep_assigning(ledger: Ledger, who: str, planned: AssigningPlan) -> str:
    """Keep what an assignment would do; return the name under which it is taken."""
    body = asdict(planned)
    with ledger.write() as connection:
        return keep_preview(connection, who, _ASSIGNING, body)


def take_assigning(ledger: Ledger, who: str, token: str) -> AssigningPlan:
    """Return what was looked at, once; `BadInput` where it was taken already."""
    body = _taken(ledger, who, _ASSIGNING, token)
    request = {**body["request"], "stage": Stage(body["request"]["stage"])}
    rows = [Assignment(**row) for row in body["rows"]]
    return AssigningPlan(**{**body, "request": AssigningRequest(**request), "rows": rows})


def _taken(ledger: Ledger, who: str, kind: str, token: str) -> Any:
    with ledger.write() as connection:
        body = take_preview(connection, who, kind, token)
    if body is None:
        raise BadInput(_GONE)
    return body
