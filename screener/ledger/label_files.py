"""Files of people's decisions: what each entered, so that it can be taken back as a whole."""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, func, insert, select

from ..core.judgement import Stage
from . import tables as t
from .judgements import add_again, not_withdrawn, withdraw
from .parts import in_parts
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
    withdrew, `repeated` those that other files had entered and that it says too. `undone` is when it was taken back, empty
    while it counts. `options` are those of its command, None where an earlier program did not keep them.
    """

    id: int
    at: str
    stage: Stage
    file: str
    sha256: str
    entered: Sequence[int]
    superseded: Sequence[int]
    repeated: Sequence[int]
    undone: str
    options: Sequence[str] | None = None

    @property
    def stated(self) -> set[int]:
        """Return the numbers of the judgements that the file made or repeated."""
        return {*self.entered, *self.repeated}


def add_label_file(
    connection: Connection,
    file: NewLabelFile,
    entered: Sequence[int],
    superseded: Sequence[int] = (),
    unchanged: Sequence[int] = (),
) -> int | None:
    """Note a file of decisions with the judgements that it made and withdrew, and that were there `unchanged`.

    Return its number; None where it entered nothing, and repeats nothing of other files that it has not repeated already.
    """
    files = label_files(connection)
    repeated = sorted(set(unchanged) & {n for other in files for n in other.entered})
    standing = [other for other in files if (other.sha256, other.stage, other.undone) == (file.sha256, file.stage, "")]
    if not entered and set(repeated) <= {n for other in standing for n in other.stated}:
        return None
    number = int(connection.execute(select(func.coalesce(func.max(t.label_files.c.id), 0))).scalar_one()) + 1
    body = json.dumps(
        {"entered": list(entered), "superseded": list(superseded), "repeated": repeated, "options": file.options}
    )
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
                content.get("repeated", []),  # earlier programs did not note them
                undone or "",
                content.get("options"),
            )
        )
    return files


def undo_label_file(connection: Connection, file: LabelFile, who: str) -> list[int]:
    """Withdraw what a file states, as far as nobody has, and enter again what it superseded; return what was withdrawn.

    What another file that stands says too stays until that one is taken back, and nothing comes back that only files that
    were taken back say.
    """
    connection.execute(insert(t.undone_labels), {"label_id": file.id, "who": who, "at": now()})
    files = [other for other in label_files(connection) if other.stage == file.stage]
    undone = {other.id for other in files if other.undone}
    stated_by = _stated_by(connection, files, file.stage)
    gone = {number for number, files_of_it in stated_by.items() if files_of_it <= undone}
    taken = set(connection.execute(select(t.withdrawals.c.judgement_id)).scalars())
    standing = sorted(number for number in gone - taken if file.id in stated_by[number])
    withdraw(connection, standing, who, UNDONE)
    # The last first: what one has brought back answers what those before it superseded.
    for other in reversed(files):
        if other.undone and other.superseded:
            add_again(connection, _unanswered(connection, other, standing) - gone)
    return standing


def _stated_by(connection: Connection, files: Sequence[LabelFile], stage: Stage) -> dict[int, frozenset[int]]:
    """Return the numbers of the files that state a judgement, by its number; a judgement that came back has those of the old.

    What came back is equal to the old in all but number and time. What people judge here differs in how it came about.
    """
    stated = defaultdict[int, set[int]](set)
    for file in files:
        for number in file.stated:
            stated[number].add(file.id)
    if not stated:
        return {}
    j, c = t.judgements.c, [column for column in t.judgement_context.c if column.name != "judgement_id"]
    same = [j.record_id, j.reviewer, j.role, j.text_hash, j.body, *c]
    joined = t.judgements.outerjoin(t.judgement_context, t.judgement_context.c.judgement_id == j.id)
    query = select(j.id, *same).select_from(joined).where(j.stage == stage.value, j.id >= min(stated))
    files_of: dict[int, frozenset[int]] = {}
    newest: dict[tuple[object, ...], frozenset[int]] = {}
    for number, *content in connection.execute(query.order_by(j.id)):
        key = tuple(content)
        files_of_it = frozenset(stated.get(number, ())) or newest.get(key)
        if files_of_it:
            files_of[number] = newest[key] = files_of_it
    return files_of


def _unanswered(connection: Connection, file: LabelFile, withdrawn: Sequence[int]) -> set[int]:
    """Return what a file superseded of the records, people and roles of judgements that were withdrawn just now.

    Without what has been replaced by a judgement of the whole record that stands.
    """
    rows, record_id = with_current_ids(t.judgements)
    j = t.judgements.c
    query = select(j.id, record_id.label("record"), j.reviewer, j.role).select_from(rows)

    def keys(numbers: Sequence[int]) -> dict[int, tuple[str, str, str]]:
        return {
            row.id: (row.record, row.reviewer, row.role)
            for some in in_parts(sorted(numbers))
            for row in connection.execute(query.where(j.id.in_(some)))
        }

    open_again = set(keys(withdrawn).values())
    superseded = {number: key for number, key in keys(file.superseded).items() if key in open_again}
    if not superseded:
        return set()
    later = query.where(j.stage == file.stage.value, j.id >= min(file.entered), not_withdrawn())
    answered = {(row.record, row.reviewer, row.role) for row in connection.execute(later)}
    return {number for number, key in superseded.items() if key not in answered}
