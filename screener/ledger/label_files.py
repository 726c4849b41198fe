"""Files of people's decisions: what each entered, so that it can be taken back as a whole."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, func, insert, select

from ..core.judgement import Stage
from . import tables as t
from .judgements import add_again, not_withdrawn, withdraw
from .record_ids import with_current_ids
from .store import now

UNDONE = "the file of decisions was taken back"
"""The reason of a withdrawal, as it stands in the ledger."""


@dataclass(frozen=True)
class NewLabelFile:
    """A file of decisions as it is entered; `options` are the words that were given to `screener label` beside it."""

    stage: Stage
    file: str
    sha256: str
    format: str
    options: Sequence[str] | None = None


@dataclass(frozen=True)
class LabelFile:
    """A file of decisions that was entered.

    `entered` are the numbers of the judgements that it made, `superseded` those of the judgements of merged parts that it
    withdrew. `undone` is when it was taken back, empty while it counts. `options` are those of its command, None where an
    earlier program did not keep them.
    """

    id: int
    at: str
    stage: Stage
    file: str
    sha256: str
    entered: Sequence[int]
    superseded: Sequence[int]
    undone: str
    options: Sequence[str] | None = None


def add_label_file(
    connection: Connection, file: NewLabelFile, entered: Sequence[int], superseded: Sequence[int]
) -> int:
    """Note a file of decisions with the judgements that it made and withdrew; return its number."""
    number = int(connection.execute(select(func.coalesce(func.max(t.label_files.c.id), 0))).scalar_one()) + 1
    body = json.dumps({"entered": list(entered), "superseded": list(superseded), "options": file.options})
    row = {"id": number, "at": now(), "stage": file.stage.value, "file": file.file, "sha256": file.sha256,
           "format": file.format, "body": body}  # fmt: skip
    connection.execute(insert(t.label_files), row)
    return number


def label_files(connection: Connection) -> list[LabelFile]:
    """Return the files of decisions in the order in which they were entered, also those that were taken back."""
    f, u = t.label_files.c, t.undone_labels.c
    query = select(f.id, f.at, f.stage, f.file, f.sha256, f.body, u.at.label("undone")).select_from(
        t.label_files.outerjoin(t.undone_labels, u.label_id == f.id)
    )
    files = []
    for number, at, stage, file, sha256, body, undone in connection.execute(query.order_by(f.id)):
        content = json.loads(body)
        files.append(
            LabelFile(
                number,
                at,
                Stage(stage),
                Path(file).name,
                sha256,
                content["entered"],
                content["superseded"],
                undone or "",
                content.get("options"),
            )
        )
    return files


def undo_label_file(connection: Connection, file: LabelFile, who: str) -> list[int]:
    """Withdraw what a file entered, as far as nobody has, and enter again what it superseded; return what was withdrawn."""
    connection.execute(insert(t.undone_labels), {"label_id": file.id, "who": who, "at": now()})
    taken = set(connection.execute(select(t.withdrawals.c.judgement_id)).scalars())
    standing = [number for number in file.entered if number not in taken]
    withdraw(connection, standing, who, UNDONE)
    add_again(connection, _unanswered(connection, file))
    return standing


def _unanswered(connection: Connection, file: LabelFile) -> list[int]:
    """Return which of the superseded judgements their reviewers have not replaced since by one of the whole record."""
    if not file.superseded:
        return []
    rows, record_id = with_current_ids(t.judgements)
    j = t.judgements.c
    query = select(j.id, record_id.label("record"), j.reviewer, j.role).select_from(rows)
    superseded = connection.execute(query.where(j.id.in_(file.superseded))).all()
    records = {row.record for row in superseded}
    later = {
        (row.record, row.reviewer, row.role)
        for row in connection.execute(
            query.where(j.stage == file.stage.value, j.id > max(file.entered), not_withdrawn())
        )
        if row.record in records
    }
    return [row.id for row in superseded if (row.record, row.reviewer, row.role) not in later]
