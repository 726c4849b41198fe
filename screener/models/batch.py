"""Requests and answers as files in the OpenAI Batch format, and the Batch API itself.

A request's body is the one that `OpenAIModel` would send. Answers may come from anywhere (the Batch API, vLLM's
`run-batch`, a script on a cluster), so the reader takes what it can understand and lists what it cannot.
"""

import asyncio
import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..core.errors import BadInput
from ..core.messages import ChatRequest
from ..protocol import ChatSpec
from .base import ModelError, Reply, TransientError, UnusableReply
from .bounded_http import MOST_BYTES, MOST_OF_A_FILE, too_large
from .completion import read_completion, read_completion_object
from .failures import refused_form, sort_failure
from .secrets import Scrub, read_key, scrubber
from .wire import STEPS, chat_body

if TYPE_CHECKING:
    from openai import AsyncOpenAI

URL = "/v1/chat/completions"
MAX_REQUESTS = 50_000
MAX_BYTES = 200_000_000
"""What the Batch API takes in one file."""
OVER = ("completed", "failed", "expired", "cancelled")
"""The states in which a batch changes no more."""
MARK = "screener"
"""The key of the metadata that says which of our batches one of the provider's is."""
_LISTED = 2_000
"""How many of the provider's batches, newest first, are looked through for ours."""
_TRANSFER_S = 1_800.0

_scrub = scrubber()


def encode(spec: ChatSpec, custom_id: str, request: ChatRequest) -> str:
    """Return one line of a batch file, without its newline. A batch cannot step down: `structured: auto` is
    json_schema.

    All in ASCII, because many readers of lines also break them at U+2028 and its like, which records do hold.
    """
    structured = STEPS[0] if spec.structured == "auto" else spec.structured
    line = {"custom_id": custom_id, "method": "POST", "url": URL, "body": chat_body(spec, request, structured)}
    return json.dumps(line)


@dataclass
class Answers:
    """What a file of answers holds, measured against the ids that were asked. Nothing is dropped in silence."""

    replies: dict[str, Reply] = field(default_factory=dict)
    """The usable answer of each id, the first one where there are several."""
    failed: dict[str, str] = field(default_factory=dict)
    """Why an id has no usable answer though lines name it: the error, or what is wrong with the answer."""
    missing: list[str] = field(default_factory=list)
    """Ids that were asked and that no line names."""
    repeated: list[str] = field(default_factory=list)
    """Ids with more than one usable answer."""
    unknown: list[str] = field(default_factory=list)
    """Ids that were not asked."""
    unreadable: dict[int, str] = field(default_factory=dict)
    """Lines, counted from 1, that are not JSON or name no id, and why."""


def read_answers(
    lines: Iterable[str], asked: Collection[str], *, structured: str | None = None, scrub: Scrub = _scrub
) -> Answers:
    """Read lines of answers for the ids in `asked`. A later good answer heals an earlier error of the same id.

    The replies' `parameters` are empty and their latency is 0: an answer line tells neither. `structured` is how
    the file's requests asked for the form, for the record. `scrub` takes keys out of the errors.
    """
    answers = Answers()
    expected, answered = set(asked), set()
    for number, line in enumerate(lines, start=1):
        text = line.strip().removeprefix("\ufeff")
        if not text:
            continue
        try:
            entry = json.loads(text)
        except (ValueError, RecursionError):
            answers.unreadable[number] = "not JSON"
            continue
        custom_id = entry.get("custom_id") if isinstance(entry, dict) else None
        if not isinstance(custom_id, str):
            answers.unreadable[number] = "no custom_id"
        elif custom_id not in expected:
            if custom_id not in answers.unknown:
                answers.unknown.append(custom_id)
        else:
            answered.add(custom_id)
            _take(answers, custom_id, entry, structured, scrub)
    answers.missing = [custom_id for custom_id in asked if custom_id not in answered]
    return answers


def _take(answers: Answers, custom_id: str, entry: dict[str, Any], structured: str | None, scrub: Scrub) -> None:
    try:
        reply = _reply(entry, structured, scrub)
    except ModelError as error:
        if custom_id not in answers.replies:
            answers.failed.setdefault(custom_id, str(error))
        return
    if custom_id in answers.replies:
        if custom_id not in answers.repeated:
            answers.repeated.append(custom_id)
        return
    answers.failed.pop(custom_id, None)
    answers.replies[custom_id] = reply


def _reply(entry: dict[str, Any], structured: str | None, scrub: Scrub) -> Reply:
    response = entry.get("response")
    # Some producers leave out the envelope and put the completion itself there.
    body = response.get("body", response) if isinstance(response, dict) else response
    status = response.get("status_code") if isinstance(response, dict) else None
    error = entry.get("error") or (body.get("error") if isinstance(body, dict) else None)
    if error or (isinstance(status, int) and status >= 400):
        code = status if isinstance(status, int) and status >= 400 else None
        raise _failed(error if error is not None else body, code, scrub)
    if body is None:
        raise UnusableReply("the line has neither answer nor error")
    read = read_completion if isinstance(body, str) else read_completion_object
    answer, model, usage = read(body, scrub)
    if len(answer.text) > MOST_BYTES:
        raise UnusableReply(too_large(MOST_BYTES), usage=usage, model=model)
    return Reply(answer, model, usage, {}, 0.0, structured)


def _failed(error: Any, status: int | None, scrub: Scrub) -> UnusableReply:
    message = error.get("message") if isinstance(error, dict) else error
    failure = UnusableReply(scrub(str(message or "failed"))[:500], status)
    if refused_form(failure) is not None:
        failure.message += (
            "; a batch cannot be asked in another way by itself: give the reviewer `structured: simple_schema`, "
            "`json_object` or `prompt` in prompts/review.yaml and export again"
        )
    return failure


@dataclass(frozen=True)
class Collected:
    """The state of a batch, and its lines once it is over."""

    status: str
    """The API's own word: `validating`, `in_progress`, `completed`, `failed`, `expired`, `cancelled`, …"""
    lines: tuple[str, ...] | None
    """Answers and errors, or None while the batch is under way."""
    problem: str = ""
    """Why the batch as a whole failed, if it did."""
    finished: int | None = None
    """How many of its requests are answered or have failed so far, where the API says so."""


def scrub_for(spec: ChatSpec) -> Scrub:
    """Takes the reviewer's key, and whatever looks like one, out of a text."""
    return scrubber(read_key(spec.api_key_env or "OPENAI_API_KEY"))


def ready(spec: ChatSpec) -> None:
    """`BadInput` if nothing could be sent: the key is missing."""
    from .openai import client_for

    client_for(spec)


async def upload(spec: ChatSpec, path: Path) -> str:
    """Upload a batch file; the file's id. Starts nothing. Errors as of `Model.send`; `BadInput` for too large a file."""
    size = path.stat().st_size
    with path.open("rb") as file:
        count = sum(1 for line in file if line.strip())
    if count > MAX_REQUESTS or size > MAX_BYTES:
        raise BadInput(
            f"{path}: {count} requests, {size} bytes, where the Batch API takes {MAX_REQUESTS} and {MAX_BYTES}; "
            "export in parts"
        )

    async def send(client: "AsyncOpenAI", _: Scrub) -> str:
        return (await client.files.create(file=path, purpose="batch")).id

    result: str = await _with_client(spec, send)
    return result


async def start(spec: ChatSpec, file_id: str, mark: str) -> str:
    """Start a batch on an uploaded file; the batch's id. `mark` goes with it, so that `find` can tell it later.

    Errors as of `Model.send`. Unless `never_started(error)`, the batch may run all the same.
    """

    async def send(client: "AsyncOpenAI", _: Scrub) -> str:
        started = await client.batches.create(
            input_file_id=file_id,
            endpoint="/v1/chat/completions",
            completion_window="24h",
            metadata={MARK: mark},
        )
        return started.id

    result: str = await _with_client(spec, send)
    return result


def never_started(error: ModelError) -> bool:
    """Return whether the error of a `start` says for certain that no batch runs."""
    return error.status is not None and 400 <= error.status < 500 and error.status not in (408, 409)


async def find(spec: ChatSpec, marks: Collection[str]) -> dict[str, str]:
    """Return the ids of the provider's batches that carry one of the marks, by mark. Errors as of `Model.send`."""

    async def look(client: "AsyncOpenAI", _: Scrub) -> dict[str, str]:
        batch_of_mark: dict[str, str] = {}
        listed = 0
        async for batch in client.batches.list(limit=100):
            mark = (batch.metadata or {}).get(MARK)
            if mark in marks:
                batch_of_mark[str(mark)] = batch.id
            listed += 1
            if len(batch_of_mark) == len(marks) or listed >= _LISTED:
                break
        return batch_of_mark

    result: dict[str, str] = await _with_client(spec, look)
    return result


async def collect(spec: ChatSpec, batch_id: str) -> Collected:
    """Look at a batch once; its lines if it is over. Errors as of `Model.send`."""

    async def look(client: "AsyncOpenAI", scrub: Scrub) -> Collected:
        batch = await client.batches.retrieve(batch_id)
        counts = batch.request_counts
        finished = counts.completed + counts.failed if counts else None
        if batch.status not in OVER:
            return Collected(batch.status, None, finished=finished)
        lines: list[str] = []
        for file_id in (batch.output_file_id, batch.error_file_id):
            if file_id:
                content = await client.files.content(file_id)
                lines += content.text.split("\n")  # not splitlines, which breaks at U+2028 within an answer
        faults = (batch.errors.data or []) if batch.errors else []
        problem = "; ".join(scrub(str(fault.message)) for fault in faults)[:1_000]
        return Collected(batch.status, tuple(lines), problem, finished)

    result: Collected = await _with_client(spec, look)
    return result


async def _with_client(spec: ChatSpec, work: Any) -> Any:
    from .openai import client_for

    client, key = client_for(spec, MOST_OF_A_FILE)
    try:
        # The client itself gives up where nothing moves for `timeout_s`; a file of 200 MB may take longer than that.
        async with asyncio.timeout(max(spec.timeout_s, _TRANSFER_S)):
            return await work(client, scrubber(key))
    except TimeoutError:
        failure: ModelError = TransientError(f"no complete answer within {max(spec.timeout_s, _TRANSFER_S):g} s")
    except Exception as error:
        failure = sort_failure(error, scrubber(key))
    finally:
        await client.close()
    raise failure
