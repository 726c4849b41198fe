"""Batch files: the requests of a run written to a file, and answers read back from wherever they were computed."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert, select

from .assemble import task_for
from .calls import keep_text, response_text
from .endpoints import ChatSpec
from .errors import BadInput
from .judgement import Stage
from .ledger import tables as t
from .ledger.store import Ledger, now
from .models.base import Reply
from .models.batch import encode, read_answers
from .models.prices import cost_usd
from .protocol import Review
from .runner import records_for, run
from .tasks import Options, Summary


def export_batch(
    ledger: Ledger, review: Review, stage: Stage, name: str, path: Path, options: Options
) -> tuple[int, Summary]:
    """Write every request that has no answer yet, one a line; return how many, and what stored answers sufficed for.

    After an import, the same call writes what is still open: the repairs. The file is written whole or not at all.
    """
    summary = _offline(ledger, review, stage, name, options)
    spec = review.reviewer(name)
    assert isinstance(spec, ChatSpec)
    lines, rows = [], []
    for one in summary.unanswered:
        custom_id = f"{one.hash}-{one.repeat}"
        lines.append(encode(spec, custom_id, one.request) + "\n")  # type: ignore[arg-type]
        rows.append(
            {"custom_id": custom_id, "stage": stage.value, "reviewer": name, "record_id": one.record_id,
             "request": one.hash, "repeat": one.repeat, "at": now()}
        )  # fmt: skip
    partial = path.with_name(path.name + ".partial")
    try:
        partial.write_text("".join(lines), encoding="utf-8")
        with ledger.write() as connection:
            known = set(connection.execute(select(t.exported.c.custom_id)).scalars())
            fresh = [row for row in rows if row["custom_id"] not in known]
            if fresh:
                connection.execute(insert(t.exported), fresh)
        partial.replace(path)
    except OSError as error:
        raise BadInput(f"{path}: cannot be written: {error.strerror}") from None
    return len(lines), summary


@dataclass
class BatchImported:
    """What became of a file of answers. `present` are ids that had an answer before; nothing of them is changed."""

    stored: int = 0
    present: int = 0
    failed: dict[str, str] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    unreadable: dict[int, str] = field(default_factory=dict)
    models: list[str] = field(default_factory=list)
    runs: list[Summary] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """As `batch import --json` prints it."""
        lists = {
            name: getattr(self, name) for name in ("failed", "missing", "repeated", "unknown", "unreadable", "models")
        }
        still = sum(len(one.unanswered) for one in self.runs)
        return {"stored": self.stored, "present": self.present, **lists, "still_open": still,
                "runs": [one.as_json() for one in self.runs]}  # fmt: skip


def import_batch(ledger: Ledger, review: Review, path: Path) -> BatchImported:
    """Store the answers of a file and make the judgements that follow. Importing a file twice changes nothing."""
    try:
        # Not splitlines: it breaks lines at U+2028, which an answer may hold.
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path}: cannot be read: {error}") from None
    with ledger.read() as connection:
        exported = {row.custom_id: row for row in connection.execute(select(t.exported))}
        answered = select(t.calls.c.request, t.calls.c.repeat).where(t.calls.c.status == "ok")
        done = {(row.request, row.repeat) for row in connection.execute(answered)}
    if not exported:
        raise BadInput(f"{path}: no batch was exported from this review; `screener batch export` comes first")
    answers = read_answers(lines, list(exported))
    found = BatchImported(
        failed=answers.failed, repeated=answers.repeated, unknown=answers.unknown, unreadable=answers.unreadable
    )
    rows: list[tuple[Any, Reply]] = []
    for custom_id, reply in answers.replies.items():
        row = exported[custom_id]
        if (row.request, row.repeat) in done:
            found.present += 1
        else:
            rows.append((row, reply))
    found.missing = [name for name in answers.missing if (exported[name].request, exported[name].repeat) not in done]
    found.models = sorted({reply.model or "unnamed" for _, reply in rows})
    found.stored = len(rows)
    if rows:
        with ledger.write() as connection:
            for row, reply in rows:
                _store(connection, review, row, reply)
    for stage, name in dict.fromkeys((row.stage, row.reviewer) for row in exported.values()):
        repeats = 1 + max(row.repeat for row in exported.values() if (row.stage, row.reviewer) == (stage, name))
        found.runs.append(_offline(ledger, review, Stage(stage), name, Options(repeats=repeats)))
    return found


def _offline(ledger: Ledger, review: Review, stage: Stage, name: str, options: Options) -> Summary:
    records = records_for(ledger, review, stage)
    task = task_for(ledger, review, stage, name, records, offline=True)
    return run(ledger, task, Options(repeats=options.repeats, retry_errors=options.retry_errors, offline=True))


def _store(connection: Connection, review: Review, row: Any, reply: Reply) -> None:
    text = response_text(reply.response)
    hash_ = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    keep_text(connection, hash_, text)
    spec = review.reviewer(row.reviewer)
    refused = getattr(reply.response, "refusal", None)
    values = {
        "run_id": "batch",
        "record_id": row.record_id,
        "stage": row.stage,
        "reviewer": row.reviewer,
        "request": row.request,
        "repeat": row.repeat,
        "status": "refused" if refused else "ok",
        "response": hash_,
        "model": reply.model,
        "parameters": None,
        "input_tokens": reply.usage.input_tokens,
        "output_tokens": reply.usage.output_tokens,
        "cached_tokens": reply.usage.cached_input_tokens,
        "cost_usd": cost_usd(spec, reply.usage) if isinstance(spec, ChatSpec) else None,
        "latency_s": None,
        "attempts": 1,
        "at": now(),
    }
    connection.execute(insert(t.calls).values(values))
