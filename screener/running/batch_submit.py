"""Batches through a provider's Batch API: requests submitted, answers collected, and nothing paid twice.

The provider's batch carries our id as metadata, so that one whose id was lost can be found again.
"""

import asyncio
import json
import math
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ..core.errors import BadInput
from ..core.files import whole_file
from ..core.judgement import Stage
from ..ledger import (
    Batch,
    Ledger,
    add_batch,
    enter,
    exported_requests,
    ids,
    latest_state,
    move,
    now,
    requests_under_way,
)
from ..ledger.batches import batches
from ..models import ModelError, TransientError, Usage, cost_usd
from ..models import batch as api
from ..protocol import ChatSpec, Review, base_name
from ..reviewers import ChatExtractor
from ..stages import machine_for
from .batch_collect import find_lost
from .batch_files import chat_spec, custom_id, judge_stored, offline_task, remember
from .dry_run import answer_tokens, check_budget, known_request
from .run_task import OpenRequest, Options, Task

Tell = Callable[[str], None]


@dataclass(frozen=True)
class BatchContent:
    """Name what is to be submitted."""

    stage: Stage | None = None
    reviewer: str | None = None
    file: Path | None = None
    """Only requests of this file, as `batch export` wrote it."""
    limit: int | None = None
    budget_usd: float | None = None
    repeats: int = 1
    again: bool = False
    """Also what is in a batch under way."""
    dry_run: bool = False
    retry_errors: bool = False
    """Also what was refused or stayed unusable."""


@dataclass
class Submission:
    """Hold what was submitted, and what was not and why."""

    stage: str
    reviewer: str
    records: int
    decided: int
    errors: int
    requests: int = 0
    """To be sent by this submission; `batches` say what was."""
    held_back: int = 0
    """In a batch under way already."""
    held_by: list[str] = field(default_factory=list)
    not_open: int = 0
    """In the file, but answered or no longer asked."""
    cost_usd: float | None = None
    """Estimated, at the price of single calls."""
    page_images: int = 0
    images_not_priced: int = 0
    """Pictures of pages in the requests, and of how many the tokens are not known and not in the price."""
    batches: list[Batch] = field(default_factory=list)
    uncertain: list[Batch] = field(default_factory=list)
    """Batches that may or may not run."""
    found: list[Batch] = field(default_factory=list)
    """Batches of an earlier submission that was cut off, found at the provider."""
    problem: str = ""
    refused: bool = False
    """The problem is not one that passes."""

    def as_json(self) -> dict[str, Any]:
        """Return it as `batch submit --json` prints it."""
        plain = ("stage", "reviewer", "records", "decided", "errors", "requests", "held_back", "held_by", "not_open")
        lists = {name: [batch.as_json() for batch in getattr(self, name)] for name in ("batches", "uncertain", "found")}
        return {
            **{name: getattr(self, name) for name in plain},
            "estimated_cost_usd": self.cost_usd,
            "price": "of single calls",
            **(
                {"page_images": self.page_images, "images_not_priced": self.images_not_priced}
                if self.page_images
                else {}
            ),
            **lists,
            "problem": self.problem or None,
        }


def submit(ledger: Ledger, review: Review, order: BatchContent, report: Tell) -> Submission:
    """Submit the requests that have no answer and are in no batch under way, in as many batches as they need.

    Raises `BadInput` for what cannot be submitted; a failure of the provider is the submission's `problem`.
    """
    stage, name, listed = _place(ledger, review, order)
    spec = chat_spec(review, name)
    task = offline_task(ledger, review, stage, name)
    if not task.records:
        raise BadInput(
            f"there is no record to judge at {stage.label.lower()}: none has reached it, or has the full text that it needs; "
            "`screener status` shows where they are"
        )
    check_budget(task, Options(budget_usd=order.budget_usd))
    recovered: list[Batch] = []
    uncertain: list[Batch] = []
    if not order.dry_run:
        api.ready(spec)
        with ledger.read() as connection:
            lost = [batch for batch in batches(connection) if (batch.state, batch.reviewer) == ("submitting", name)]
        recovered, uncertain = find_lost(ledger, spec, lost)
    # Before open requests are counted: a batch that is collected in between counts as under way, not as unanswered.
    with ledger.read() as connection:
        under_way = requests_under_way(connection)
    repeats = (
        order.repeats if listed is None else 1 + max((int(custom.rpartition("-")[2]) for custom in listed), default=0)
    )
    summary = judge_stored(ledger, task, Options(repeats=repeats, retry_errors=order.retry_errors))
    submission = Submission(
        stage.value, name, summary.total, summary.decided, summary.errors, found=recovered, uncertain=uncertain
    )
    open_ = {custom_id(request): request for request in summary.unanswered}
    if listed is not None:
        _same(order.file, spec, listed, open_)
        submission.not_open = len(listed) - len(listed.keys() & open_.keys())
        open_ = {key: request for key, request in open_.items() if key in listed}
    busy = {} if order.again else {key: under_way[key] for key in open_ if key in under_way}
    chosen = [request for key, request in open_.items() if key not in busy][: order.limit]
    submission.requests, submission.held_back, submission.held_by = len(chosen), len(busy), sorted(set(busy.values()))
    _estimate(submission, task, spec, chosen)
    if order.budget_usd is not None and (submission.cost_usd is None or submission.cost_usd > order.budget_usd):
        raise BadInput(
            f"--budget: {len(chosen):,} requests cost about {submission.cost_usd or 0:.4f} USD at the price of single calls, "
            f"more than {order.budget_usd:g}; nothing was sent: raise it, or send fewer with --limit"
        )
    if chosen and not order.dry_run:
        _send(ledger, spec, submission, _prepare(ledger, review, spec, submission, chosen, resend=order.again), report)
    return submission


def _place(ledger: Ledger, review: Review, order: BatchContent) -> tuple[Stage, str, dict[str, Any] | None]:
    """Return the stage and reviewer to submit for, and the lines of the file by custom id if one is given."""
    if order.file is None:
        if order.stage is None:
            raise BadInput("--stage: say which stage to submit for, or give a FILE of `screener batch export`")
        return order.stage, machine_for(review, order.stage, order.reviewer), None
    lines: dict[str, Any] = {}
    places: dict[tuple[str, str], int] = {}
    with ledger.read() as connection:
        exported = {name: (request.stage, request.reviewer) for name, request in exported_requests(connection).items()}
    try:
        text = order.file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{order.file}: cannot be read: {error}") from None
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
            key = entry["custom_id"]
            places.setdefault(exported[key], number)
        except (ValueError, LookupError, TypeError):
            raise BadInput(
                f"{order.file}, line {number}: not a request that was exported from this review; "
                "`screener batch export` writes such files"
            ) from None
        lines[key] = entry
    if not lines:
        raise BadInput(f"{order.file}: holds no request; `screener batch export` writes such files")
    asked_for = (order.stage.value if order.stage else None, order.reviewer)
    for place, number in places.items():
        if len(places) > 1 or any(
            wanted not in (None, actual) for wanted, actual in zip(asked_for, place, strict=True)
        ):
            raise BadInput(
                f"{order.file}, line {number}: a request of {place[1]}, {Stage(place[0]).label.lower()}; "
                "submit a file for one reviewer and stage, the one named by --reviewer and --stage if they are given"
            )
    stage, name = next(iter(places))
    if base_name(name) != name:
        raise BadInput(
            f"{order.file}: requests of `screener tune`, which are not submitted from here; upload the file to the provider "
            "yourself (or let any server work through it), then `screener batch import ANSWERS`"
        )
    return Stage(stage), name, lines


def _same(path: Path | None, spec: ChatSpec, listed: dict[str, Any], open_: dict[str, OpenRequest]) -> None:
    """Refuse a changed request: it would be answered under the id of the one that was not sent."""
    for key, entry in listed.items():
        if key in open_ and entry != json.loads(api.encode(spec, key, open_[key].request)):  # type: ignore[arg-type]
            raise BadInput(f"{path}: request {key} is not as it was exported; change the protocol and export again")


# --- sending


def _estimate(submission: Submission, task: Task, spec: ChatSpec, chosen: Sequence[OpenRequest]) -> None:
    """Price requests as the dry run of `screener run` does."""
    known = [known_request(spec, request.request) for request in chosen]
    submission.page_images = sum(request.images for request in known)
    submission.images_not_priced = sum(request.images_not_priced for request in known)
    per_study = task.reviewer.least_requests if isinstance(task.reviewer, ChatExtractor) else 1
    answers = math.ceil(len(known) * answer_tokens(task) / max(1, per_study))
    submission.cost_usd = cost_usd(spec, Usage(sum(request.tokens for request in known), answers))


def _prepare(
    ledger: Ledger,
    review: Review,
    spec: ChatSpec,
    submission: Submission,
    chosen: Sequence[OpenRequest],
    *,
    resend: bool,
) -> list[Batch]:
    """Write the files and set the requests aside, in parts that the API takes."""
    folder = review.hidden / "batches"
    folder.mkdir(parents=True, exist_ok=True)
    parts: list[tuple[Batch, list[OpenRequest]]] = []
    for requests, text in _parts(spec, chosen):
        mark = f"{now()[:19].replace(':', '').replace('-', '')}-{uuid.uuid4().hex[:6]}"
        path = (folder / f"{mark}.jsonl").resolve()
        with whole_file(path) as partial:
            partial.write_text(text, encoding="utf-8")
        batch = Batch(
            mark, "prepared", None, submission.stage, submission.reviewer, str(path), len(requests), "", now()
        )
        parts.append((batch, requests))
    keys = {custom_id(request) for request in chosen}
    with ledger.write() as connection:
        if not resend and keys & requests_under_way(connection).keys():
            raise BadInput("another `screener batch submit` has just sent some of these requests; run this one again")
        for batch in batches(connection):
            # A submission that was cut off before it started anything, or one that will now find itself overtaken.
            if batch.state == "prepared" and keys & ids(connection, batch):
                enter(connection, replace(batch, state="not_started", note="taken over by another submit"))
        remember(connection, submission.stage, submission.reviewer, chosen)
        for batch, requests in parts:
            add_batch(connection, batch, [custom_id(request) for request in requests])
    return [batch for batch, _ in parts]


def _parts(spec: ChatSpec, chosen: Sequence[OpenRequest]) -> Iterable[tuple[list[OpenRequest], str]]:
    requests: list[OpenRequest] = []
    lines: list[str] = []
    size = 0
    for request in chosen:
        line = api.encode(spec, custom_id(request), request.request) + "\n"  # type: ignore[arg-type]
        if lines and (len(lines) == api.MAX_REQUESTS or size + len(line) > api.MAX_BYTES):
            yield requests, "".join(lines)
            requests, lines, size = [], [], 0
        requests.append(request)
        lines.append(line)
        size += len(line)  # all ASCII
    yield requests, "".join(lines)


def _send(ledger: Ledger, spec: ChatSpec, submission: Submission, parts: Sequence[Batch], report: Tell) -> None:
    for number, part in enumerate(parts, start=1):
        if len(parts) > 1:
            report(f"Submitting part {number} of {len(parts)}: {part.requests:,} requests.")
        sent = _send_one(ledger, spec, submission, part)
        if sent is None:
            for remaining in parts[number - 1 :]:
                move(ledger, remaining, "prepared", state="not_started", note=submission.problem)
            return
        submission.batches.append(sent)


def _send_one(ledger: Ledger, spec: ChatSpec, submission: Submission, part: Batch) -> Batch | None:
    """Start a batch and return it; None, with the reason in `submission`, if it does not run or may not."""
    try:
        file_id = asyncio.run(api.upload(spec, Path(part.file)))
    except ModelError as error:
        _failed(submission, error, "the file was not uploaded")
        return None
    starting = move(ledger, part, "prepared", state="submitting")
    if starting is None:
        submission.problem = "another `screener batch submit` has taken over these requests"
        return None
    try:
        remote = asyncio.run(api.start(spec, file_id, part.batch))
    except ModelError as error:
        _failed(submission, error, "the batch was not started")
        if api.never_started(error):
            move(ledger, starting, "submitting", state="not_started", note=submission.problem)
            return None
        recovered, uncertain = find_lost(ledger, spec, [starting])
        submission.uncertain += uncertain
        if recovered:
            submission.problem = ""
        else:
            submission.problem = f"whether the batch was started is not known: {error}"
        return recovered[0] if recovered else None
    return move(ledger, starting, "submitting", state="submitted", remote=remote) or latest_state(ledger, part)


def _failed(submission: Submission, error: ModelError, failure: str) -> None:
    submission.refused = not isinstance(error, TransientError)
    submission.problem = f"{failure}: {error}"
    if error.status in (404, 405, 501):
        submission.problem += (
            f"; if this server has no Batch API, `screener batch export --stage {submission.stage} --reviewer "
            f"{submission.reviewer} -o FILE` writes the same requests for `screener batch import` to take back"
        )
