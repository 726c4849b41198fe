"""Human decisions from a file: matched to records, and entered as judgements."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from .errors import BadInput
from .judgement import Answer, Decision, Judgement, Stage, Value
from .ledger import reads
from .ledger import tables as t
from .ledger.lookup import Lookup
from .ledger.store import Ledger, now
from .protocol import Review, StageProtocol
from .records.reading import decode
from .records.spreadsheet import plain_entry, text_rows
from .records.spreadsheet import sheet_rows as excel_rows
from .screening import decide

_DECISIONS = {
    "include": Decision.INCLUDE, "included": Decision.INCLUDE, "1": Decision.INCLUDE, "yes": Decision.INCLUDE,
    "exclude": Decision.EXCLUDE, "excluded": Decision.EXCLUDE, "0": Decision.EXCLUDE, "no": Decision.EXCLUDE,
    "unclear": Decision.UNCLEAR, "maybe": Decision.UNCLEAR,
}  # fmt: skip


@dataclass
class Labelled:
    """What became of a file of decisions."""

    entered: int = 0
    unchanged: int = 0
    rejected: list[tuple[int, str]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """As `label --json` prints it."""
        rejected = [{"row": row, "reason": why} for row, why in self.rejected]
        return {"entered": self.entered, "unchanged": self.unchanged, "rejected": rejected}


def enter_labels(ledger: Ledger, review: Review, stage: Stage, path: Path, reviewer: str) -> Labelled:
    """Enter a human's decisions, all or none. A row without a record, or two rows that differ, are listed, not entered.

    Raises `BadInput` for a file that cannot be used, or a name that a machine reviewer has.
    """
    protocol = review.stage(stage)
    taken = {"gold", *(name.casefold() for name in review.protocol.reviewers)}
    if not reviewer.strip() or reviewer.casefold() in taken:
        raise BadInput(f"--reviewer: `{reviewer}` is not the name of a human; machines and gold have theirs already")
    columns, rows = _table(path)
    names = {column.strip().lower(): column for column in columns}
    if "decision" not in names:
        raise BadInput(f"{path}: no column is called `decision` (columns: {', '.join(columns[:8])})")
    done, found = Labelled(), dict[str, tuple[int, Judgement]]()
    with ledger.read() as connection:
        lookup = Lookup(connection)
        present = reads.latest(connection, stage, reviewer)
        texts = {record.id: record.text_hash for record in reads.records(connection)}
    contradictory: set[str] = set()
    for number, row in enumerate(rows, start=1):
        plain = {name: row.get(column) for name, column in names.items()}
        try:
            record_id, judgement = _read(plain, protocol, lookup)
        except BadInput as error:
            done.rejected.append((number, str(error)))
            continue
        if record_id in found and found[record_id][1].decision is not judgement.decision:
            contradictory.add(record_id)
            why = f"{record_id} has another decision in row {found[record_id][0]}; neither is entered"
            done.rejected.append((number, why))
            continue
        found[record_id] = (number, judgement)
    at, fresh = now(), []
    for record_id, (_, judgement) in found.items():
        if record_id in contradictory:
            continue
        if record_id in present and present[record_id].judgement == judgement:
            done.unchanged += 1
            continue
        fresh.append(
            {"run_id": "", "record_id": record_id, "text_hash": texts[record_id], "stage": stage.value,
             "reviewer": reviewer, "role": "human", "asked": "human", "rule": "", "repeat": 0, "at": at,
             "decision": judgement.decision.value, "probability": None,
             "body": judgement.model_dump_json(exclude_defaults=True)}
        )  # fmt: skip
    if fresh:
        with ledger.write() as connection:
            connection.execute(insert(t.judgements), fresh)
    done.entered = len(fresh)
    return done


def _table(path: Path) -> tuple[list[str], Sequence[Mapping[str, Any]]]:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise BadInput(f"{path}: {(error.strerror or 'cannot be read').lower()}") from None
    if raw.startswith((b"\xd0\xcf\x11\xe0", b"PK\x03\x04")):
        return excel_rows(path)
    return text_rows(path, decode(path, raw, []))


def _read(row: Mapping[str, Any], protocol: StageProtocol, lookup: Lookup) -> tuple[str, Judgement]:
    fields = {"given_id": row.get("id"), **{name: row.get(name) for name in ("doi", "pmid", "title")}}
    record_id = lookup.find(plain_entry(fields))
    if record_id is None:
        named = next((f"{name} {value}" for name, value in fields.items() if value), "nothing")
        raise BadInput(f"no one record matches {named.replace('given_id', 'id')}")
    answers: dict[str, Answer] = {}
    for criterion in protocol.criteria:
        said = str(row.get(criterion.id) or "").strip().lower()
        if said and said not in {value.value for value in Value}:
            raise BadInput(f"{criterion.id}: `{said}` is none of yes, no, unclear")
        if said:
            answers[criterion.id] = Answer(value=Value(said))
    word = str(row.get("decision") or "").strip().lower().removesuffix(".0")
    if word not in _DECISIONS:
        raise BadInput(f"decision: `{word}` is none of include, exclude, unclear")
    decision = _DECISIONS[word]
    if len(answers) == len(protocol.criteria) and decide(protocol, answers) is not decision:
        raise BadInput(f"the decision is {decision}, but the criteria give {decide(protocol, answers)}")
    reason = str(row.get("reason") or "").strip()
    return record_id, Judgement(decision=decision, answers=answers, stated=not answers, reason=reason)
