"""Batch files: the requests of a run written to a file, and answers read back from wherever they were computed."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..core.errors import BadInput
from ..core.files import whole_file
from ..core.judgement import Stage
from ..ledger import (
    Call,
    ErrorRow,
    ExportedRequest,
    Key,
    Ledger,
    add_call,
    add_errors,
    answered,
    exported_requests,
    refusals_in_batches,
    remember_requests,
    requests_under_way,
    settled_answers,
    text_hash,
)
from ..ledger.errors import errors
from ..ledger.store import Connection
from ..models import Answers, Reply, cost_usd, encode, read_answers
from ..protocol import ChatSpec, Review, base_name
from ..stages import ready, records_for
from .build_reviewers import task_for
from .run_task import OpenRequest, Options, Summary, Task
from .runner import run
from .stored_answers import response_text


def export_batch(
    ledger: Ledger, review: Review, stage: Stage, name: str, path: Path, options: Options
) -> tuple[int, Summary]:
    """Write every request that has no answer yet, one a line; return how many, and what stored answers sufficed for.

    After an import, the same call writes what is still open: the repairs. The file is written whole or not at all.
    """
    spec = chat_spec(review, name)
    summary = judge_stored(ledger, offline_task(ledger, review, stage, name), options)
    lines = [encode(spec, custom_id(request), request.request) + "\n" for request in summary.unanswered]  # type: ignore[arg-type]
    with whole_file(path) as partial:
        partial.write_text("".join(lines), encoding="utf-8")
        with ledger.write() as connection:
            remember(connection, stage.value, name, summary.unanswered)
    return len(lines), summary


def custom_id(request: OpenRequest) -> str:
    """Return a request's id in a batch file."""
    return f"{request.hash}-{request.repeat}"


def remember(connection: Connection, stage: str, name: str, requests: Iterable[OpenRequest]) -> None:
    """Keep what the ids of a batch file stand for, so that their answers can be recognised."""
    remember_requests(
        connection,
        (
            ExportedRequest(custom_id(request), stage, name, request.record_id, request.hash, request.repeat)
            for request in requests
        ),
    )


def chat_spec(review: Review, name: str) -> ChatSpec:
    """Return the reviewer's specification; `BadInput` for one whose requests have no batch format."""
    spec = review.reviewer(name)
    if isinstance(spec, ChatSpec) and spec.provider == "openai":
        return spec
    raise BadInput(
        f"{name}: batches are for reviewers with `kind: chat` and a model `openai:…` (any OpenAI-compatible server, "
        f"with `base_url`); `screener run --stage STAGE --reviewer {name}` asks this one"
    )


@dataclass
class BatchImported:
    """Hold the outcome of a file of answers. `present` are ids that had an answer before.

    Nothing of them is changed.
    """

    stored: int = 0
    present: int = 0
    failed: dict[str, str] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    unreadable: dict[int, str] = field(default_factory=dict)
    models: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    """The ids of the file that have an answer now."""
    gone: list[str] = field(default_factory=list)
    """Reviewers of the file's requests that the protocol no longer names: their answers are stored and judge nothing."""
    tuning: list[str] = field(default_factory=list)
    """Those of the requests that `screener tune` wrote, by reviewer and variant: their answers are stored and judge nothing."""
    cost_usd: float | None = 0.0
    """Of what was stored, at the price of single calls; None where a price is unknown."""
    runs: list[Summary] = field(default_factory=list)

    def totals(self) -> dict[str, Any]:
        """Return the counts and lists, without the runs."""
        lists = ("failed", "missing", "repeated", "unknown", "unreadable", "models", "gone", "tuning", "cost_usd")
        return {"stored": self.stored, "present": self.present, **{name: getattr(self, name) for name in lists}}

    def as_json(self) -> dict[str, Any]:
        """Return it as `batch import --json` prints it."""
        still_open = sum(len(run.unanswered) for run in self.runs)
        return {**self.totals(), "still_open": still_open, "runs": [run.as_json() for run in self.runs]}


def import_batch(ledger: Ledger, review: Review, path: Path) -> BatchImported:
    """Store the answers of a file and make the judgements that follow. Importing a file twice changes nothing."""
    try:
        # Not splitlines: it breaks lines at U+2028, which an answer may hold.
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path}: cannot be read: {error}") from None
    with ledger.read() as connection:
        exported = exported_requests(connection)
        elsewhere = requests_under_way(connection)
    if not exported:
        raise BadInput(f"{path}: no batch was exported from this review; `screener batch export` comes first")
    imported = store_answers(ledger, review, read_answers(lines, list(exported)), exported)
    imported.missing = [name for name in imported.missing if name not in elsewhere]
    answered_requests = [exported[name] for name in (*imported.ids, *imported.failed)]
    imported.runs = judge_answered(ledger, review, [(row.stage, row.reviewer, row.repeat) for row in answered_requests])
    names = {row.reviewer for row in answered_requests}
    imported.gone = sorted(name for name in names if base_name(name) not in review.protocol.reviewers)
    imported.tuning = sorted(name for name in names if base_name(name) != name)
    return imported


def store_answers(
    ledger: Ledger,
    review: Review,
    answers: Answers,
    requests: Mapping[str, ExportedRequest],
    *,
    run_id: str = "batch",
    sent: Callable[[str], str | None] = lambda _: None,
) -> BatchImported:
    """Store what is new among the answers, all or nothing. `requests` are the requests by custom id.

    `sent` gives the parameters of a request as JSON where they are known. Failed and missing are only those ids that
    no earlier answer serves.
    """
    imported = BatchImported(repeated=answers.repeated, unknown=answers.unknown, unreadable=answers.unreadable)
    models = set()
    with ledger.write() as connection:  # check and entry in one transaction: two imports at once store nothing twice
        earlier = settled_answers(connection)
        refusals = {key for key, status, _ in earlier if status == "refused"}
        # An answer that was of no use, and is in the file still, is no other answer.
        stored_responses = {(key, response) for key, _, response in earlier}
        answered_keys = answered(connection)
        for name, reply in answers.replies.items():
            row = requests[name]
            key = (row.request, row.repeat)
            refused = bool(getattr(reply.response, "refusal", None))
            if (
                key in answered_keys
                or (refused and key in refusals)
                or (key, text_hash(response_text(reply.response))) in stored_responses
            ):
                imported.present += 1
                continue
            cost = _store(connection, review, row, reply, "refused" if refused else "ok", run_id, sent(name))
            imported.cost_usd = (
                None if None in (cost, imported.cost_usd) else (imported.cost_usd or 0.0) + (cost or 0.0)
            )
            imported.stored += 1
            models.add(reply.model or "unnamed")
    served = {name for name, row in requests.items() if (row.request, row.repeat) in answered_keys}
    imported.failed = {name: reason for name, reason in answers.failed.items() if name not in served}
    imported.missing = [name for name in answers.missing if name not in served]
    imported.models, imported.ids = sorted(models), list(answers.replies)
    return imported


def judge_answered(ledger: Ledger, review: Review, requests: Sequence[tuple[str, str, int]]) -> list[Summary]:
    """Make the judgements that stored answers suffice for. `requests` are the stage, reviewer and repeat of requests.

    A reviewer that the protocol no longer names judges nothing; one that asks exactly the same under another name does.
    """
    repeats: dict[str, int] = {}
    for stage, _, repeat in requests:
        repeats[stage] = max(repeats.get(stage, 1), repeat + 1)
    names = {stage: {name for request_stage, name, _ in requests if request_stage == stage} for stage in repeats}
    summaries = []
    for stage, repeat_count in repeats.items():
        if Stage(stage) not in review.protocol.stages:
            continue
        tasks = {
            name: offline_task(ledger, review, Stage(stage), name)
            for name, spec in review.protocol.reviewers.items()
            if isinstance(spec, ChatSpec) and spec.provider == "openai"
        }
        wanted_hashes = {task.reviewer.asked for name, task in tasks.items() if name in names[stage]}
        for task in tasks.values():
            if task.reviewer.asked in wanted_hashes:
                with ledger.read() as connection:
                    failed = errors(connection, task.stage, task.name)
                if failed:  # a new answer heals the error of its record; the others stay errors
                    run(ledger, task, Options(repeats=repeat_count, retry_errors=True, offline=True))
                summaries.append(judge_stored(ledger, task, Options(repeats=repeat_count)))
    return summaries


def offline_task(ledger: Ledger, review: Review, stage: Stage, name: str) -> Task:
    """Return the reviewer's task over all records of the stage, unable to send; it needs no key."""
    review.stage(stage)  # `BadInput` where the protocol has no such stage
    return task_for(ledger, review, stage, name, ready(records_for(ledger, review, stage))[0], offline=True)


def judge_stored(ledger: Ledger, task: Task, options: Options) -> Summary:
    """Judge what stored answers suffice for; the summary lists the requests that have none.

    A request that the model refused in a batch is not open: its record is an error, as in a run.
    """
    settled: set[tuple[str, int]] = set()
    while True:
        summary = run(ledger, task, Options(repeats=options.repeats, retry_errors=options.retry_errors, offline=True))
        if options.retry_errors:
            return summary
        refusals = _refusals(ledger, {(request.hash, request.repeat) for request in summary.unanswered})
        fresh = [
            request for request in summary.unanswered
            if (request.hash, request.repeat) in refusals and (request.record_id, request.repeat) not in settled
        ]  # fmt: skip
        if not fresh:
            return summary
        texts = {record.id: record.text_hash for record in task.records}
        rows = [
            ErrorRow(
                summary.run_id, request.record_id, texts[request.record_id], task.stage, task.name, task.reviewer.asked,
                request.repeat, "reply", f"the model refused: {refusals[request.hash, request.repeat][:200]}",
            )
            for request in fresh
        ]  # fmt: skip
        with ledger.write() as connection:
            add_errors(connection, rows)
        settled |= {(request.record_id, request.repeat) for request in fresh}


def _refusals(ledger: Ledger, keys: set[Key]) -> dict[Key, str]:
    """Return which of some requests a batch's model refused, and how."""
    with ledger.read() as connection:
        refusals = refusals_in_batches(connection, keys)
    return {key: str(json.loads(text).get("refusal") or "") for key, text in refusals.items()}


def _store(
    connection: Connection,
    review: Review,
    request: ExportedRequest,
    reply: Reply,
    status: str,
    run_id: str,
    parameters: str | None,
) -> float | None:
    """Store one answer; return its price."""
    spec = review.protocol.reviewers.get(base_name(request.reviewer))
    cost = cost_usd(spec, reply.usage) if isinstance(spec, ChatSpec) else None
    call = Call(
        run_id=run_id,
        record_id=request.record_id,
        stage=request.stage,
        reviewer=request.reviewer,
        request=request.request,
        repeat=request.repeat,
        status=status,
        attempts=1,
        model=reply.model,
        parameters=parameters,
        input_tokens=reply.usage.input_tokens,
        output_tokens=reply.usage.output_tokens,
        cached_tokens=reply.usage.cached_input_tokens,
        cost_usd=cost,
    )
    add_call(connection, call, response_text(reply.response))
    return cost
