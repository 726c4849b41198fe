"""Standing decisions as rows that other programs read."""

import csv
import io
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .errors import BadInput
from .judgement import Match, Stage
from .ledger.standing import standings
from .ledger.store import Ledger
from .protocol import Review, StageProtocol
from .runner import present, records_for

FORMATS = ("csv", "jsonl")
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet would take for a formula."""


def columns_of(protocol: StageProtocol) -> list[str]:
    """The columns of an export, in order: those that other programs rely on, one for each criterion, and the rest."""
    first = [
        "id",
        "title",
        "doi",
        "year",
        "decision",
        "status",
        "decided_by",
        "probability",
        "failed_criterion",
        "reason",
        "evidence",
    ]
    return [*first, *(c.id for c in protocol.criteria), "has_abstract", "abstract_source", "sources", "flags"]


def rows(ledger: Ledger, review: Review, stage: Stage) -> list[dict[str, Any]]:
    """One row a record of the stage, in the order in which the records came.

    `decision` is empty where nothing stands; `status` says how firm it is; each criterion has a column of its own.
    """
    protocol = review.stage(stage)
    records = records_for(ledger, review, stage)
    with ledger.read() as connection:
        all_ = standings(connection, stage, protocol.decided_by, records, protocol=present(review, stage))
    made: list[dict[str, Any]] = []
    for record in records:
        standing = all_[record.id]
        judgement = standing.judgement
        failed = judgement.failed() if judgement else None
        answers = judgement.answers if judgement else {}
        shown = [answers[failed]] if failed else list(answers.values())
        quotes = [e.quote for answer in shown for e in answer.evidence if e.status is not Match.MISSING]
        reason = answers[failed].reason if failed else (judgement.reason if judgement else "")
        made.append(
            {
                "id": record.id,
                "title": record.title,
                "doi": record.doi or "",
                "year": record.year,
                "decision": standing.decision.value if standing.decision else "",
                "status": standing.status.value,
                "decided_by": standing.by,
                "probability": judgement.probability if judgement else None,
                "failed_criterion": failed or "",
                "reason": reason,
                "evidence": " … ".join(dict.fromkeys(quotes)),
                **{c.id: answers[c.id].value.value if c.id in answers else "" for c in protocol.criteria},
                "has_abstract": "yes" if record.abstract else "no",
                "abstract_source": record.abstract_source,
                "sources": "; ".join(record.sources),
                "flags": "; ".join(judgement.flags) if judgement else "",
            }
        )
    return made


def write(rows: Sequence[dict[str, Any]], columns: Sequence[str], format: str, output: Path | None) -> None:
    """Write rows to a file, whole or not at all, or to standard output."""
    text = (
        _csv(rows, columns) if format == "csv" else "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    )
    if output is None:
        sys.stdout.write(text)
        return
    partial = output.with_name(output.name + ".partial")
    try:
        partial.write_text(text, encoding="utf-8", newline="")
        partial.replace(output)
    except OSError as error:
        raise BadInput(f"{output}: cannot be written: {error.strerror}") from None


def _csv(rows: Sequence[dict[str, Any]], columns: Sequence[str]) -> str:
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: defuse(value) for name, value in row.items()} for row in rows)
    return file.getvalue()


def defuse(value: Any) -> Any:
    """A cell that no spreadsheet runs: text that begins like a formula gets an apostrophe before it."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_DANGEROUS) else value
