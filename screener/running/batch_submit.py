"""Batches through a provider's Batch API: requests submitted, answers collected, and nothing paid twice.

The provider's batch carries our id as metadata, so that one whose id was lost can be found again.
"""

import asyncio
import json
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ..core.errors import BadInput
from ..core.judgement import Stage
from ..ledger.batches import (
    Batch,
    add_batch,
    as_it_stands,
    batches,
    enter,
    exported_requests,
    held,
    ids,
    move,
)
from ..ledger.store import Ledger, now
from ..models import ModelError, TransientError, Usage
from ..models import batch as api
from ..models.prices import cost_usd
from ..models.tokens import count_tokens
from ..protocol.endpoints import ChatSpec
from ..protocol.model import Review
from ..stages.eligible import machine_for
from .batch_collect import find_lost
from .batch_files import chat_spec, custom_id, judge_stored, offline_task, remember
from .dry_run import TOKENS_PER_CRITERION, check_budget
from .run_task import Open, Options

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Wanted:
    """What is to be submitted."""

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


@dataclass
class Submission:
    """What was submitted, and what was not and why."""

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
    batches: list[Batch] = field(default_factory=list)
    uncertain: list[Batch] = field(default_factory=list)
    """Batches that may or may not run."""
    found: list[Batch] = field(default_factory=list)
    """Batches of an earlier submission that was cut off, found at the provider."""
    problem: str = ""
    refused: bool = False
    """The problem is not one that passes."""

    def as_json(self) -> dict[str, Any]:
        """As `batch submit --json` prints it."""
        plain = ("stage", "reviewer", "records", "decided", "errors", "requests", "held_back", "held_by", "not_open")
        lists = {name: [one.as_json() for one in getattr(self, name)] for name in ("batches", "uncertain", "found")}
        return {
            **{name: getattr(self, name) for name in plain},
            "estimated_cost_usd": self.cost_usd,
            "price": "of single calls",
            **lists,
            "problem": self.problem or None,
        }


def submit(ledger: Ledger, review: Review, wanted: Wanted, tell: Tell) -> Submission:
    """Submit the requests that have no answer and are in no batch under way, in as many batches as they need.

    Raises `BadInput` for what cannot be submitted; a failure of the provider is the submission's `problem`.
    """
    stage, name, listed = _place(ledger, review, wanted)
    spec = chat_spec(review, name)
    task = offline_task(ledger, review, stage, name)
    if not task.records:
        raise BadInput(f"there is no record to judge at stage {stage}; read some with `screener import FILE…`")
    check_budget(task, Options(budget_usd=wanted.budget_usd))
    found: list[Batch] = []
    uncertain: list[Batch] = []
    if not wanted.dry_run:
        api.ready(spec)
        with ledger.read() as connection:
            lost = [one for one in batches(connection) if (one.state, one.reviewer) == ("submitting", name)]
        found, uncertain = find_lost(ledger, spec, lost)
    # Before the look at what is open: a batch that is collected in between counts as under way, not as unanswered.
    with ledger.read() as connection:
        under_way = held(connection)
    repeats = wanted.repeats if listed is None else 1 + max((int(one.rpartition("-")[2]) for one in listed), default=0)
    summary = judge_stored(ledger, task, Options(repeats=repeats))
    done = Submission(
        stage.value, name, summary.total, summary.decided, summary.errors, found=found, uncertain=uncertain
    )
    open_ = {custom_id(one): one for one in summary.unanswered}
    if listed is not None:
        _same(wanted.file, spec, listed, open_)
        done.not_open = len(listed) - len(listed.keys() & open_.keys())
        open_ = {key: one for key, one in open_.items() if key in listed}
    busy = {} if wanted.again else {key: under_way[key] for key in open_ if key in under_way}
    chosen = [one for key, one in open_.items() if key not in busy][: wanted.limit]
    done.requests, done.held_back, done.held_by = len(chosen), len(busy), sorted(set(busy.values()))
    tokens = sum(count_tokens(one.request) for one in chosen)
    done.cost_usd = cost_usd(spec, Usage(tokens, len(chosen) * TOKENS_PER_CRITERION * len(task.protocol.questions)))
    if wanted.budget_usd is not None and (done.cost_usd is None or done.cost_usd > wanted.budget_usd):
        raise BadInput(
            f"--budget: {len(chosen):,} requests cost about {done.cost_usd or 0:.4f} USD at the price of single calls, "
            f"more than {wanted.budget_usd:g}; nothing was sent: raise it, or send fewer with --limit"
        )
    if chosen and not wanted.dry_run:
        _send(ledger, spec, done, _prepare(ledger, review, spec, done, chosen, again=wanted.again), tell)
    return done


def _place(ledger: Ledger, review: Review, wanted: Wanted) -> tuple[Stage, str, dict[str, Any] | None]:
    """The stage and reviewer to submit for, and the lines of the file by custom id if one is given."""
    if wanted.file is None:
        if wanted.stage is None:
            raise BadInput("--stage: say which stage to submit for, or give a FILE of `screener batch export`")
        return wanted.stage, machine_for(review, wanted.stage, wanted.reviewer), None
    lines: dict[str, Any] = {}
    places: dict[tuple[str, str], int] = {}
    with ledger.read() as connection:
        exported = {name: (one.stage, one.reviewer) for name, one in exported_requests(connection).items()}
    try:
        text = wanted.file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{wanted.file}: cannot be read: {error}") from None
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
            key = entry["custom_id"]
            places.setdefault(exported[key], number)
        except (ValueError, LookupError, TypeError):
            raise BadInput(
                f"{wanted.file}, line {number}: not a request that was exported from this review; "
                "`screener batch export` writes such files"
            ) from None
        lines[key] = entry
    if not lines:
        raise BadInput(f"{wanted.file}: holds no request; `screener batch export` writes such files")
    given = (wanted.stage.value if wanted.stage else None, wanted.reviewer)
    for place, number in places.items():
        if len(places) > 1 or any(said not in (None, other) for said, other in zip(given, place, strict=True)):
            raise BadInput(
                f"{wanted.file}, line {number}: a request of {place[1]}, stage {place[0]}; "
                "submit a file for one reviewer and stage, the one named by --reviewer and --stage if they are given"
            )
    stage, name = next(iter(places))
    return Stage(stage), name, lines


def _same(path: Path | None, spec: ChatSpec, listed: dict[str, Any], open_: dict[str, Open]) -> None:
    """A changed request would be answered under the id of the one that was not sent."""
    for key, entry in listed.items():
        if key in open_ and entry != json.loads(api.encode(spec, key, open_[key].request)):  # type: ignore[arg-type]
            raise BadInput(f"{path}: request {key} is not as it was exported; change the protocol and export again")


# --- sending


def _prepare(
    ledger: Ledger, review: Review, spec: ChatSpec, done: Submission, chosen: Sequence[Open], *, again: bool
) -> list[Batch]:
    """Write the files and set the requests aside, in parts that the API takes."""
    folder = review.hidden / "batches"
    folder.mkdir(parents=True, exist_ok=True)
    parts: list[tuple[Batch, list[Open]]] = []
    for requests, text in _parts(spec, chosen):
        mark = f"{now()[:19].replace(':', '').replace('-', '')}-{uuid.uuid4().hex[:6]}"
        path = (folder / f"{mark}.jsonl").resolve()
        path.write_text(text, encoding="utf-8")
        made = Batch(mark, "prepared", None, done.stage, done.reviewer, str(path), len(requests), "", now())
        parts.append((made, requests))
    keys = {custom_id(one) for one in chosen}
    with ledger.write() as connection:
        if not again and keys & held(connection).keys():
            raise BadInput("another `screener batch submit` has just sent some of these requests; run this one again")
        for one in batches(connection):
            # A submission that was cut off before it started anything, or one that will now find itself overtaken.
            if one.state == "prepared" and keys & ids(connection, one):
                enter(connection, replace(one, state="not_started", note="taken over by another submit"))
        remember(connection, done.stage, done.reviewer, chosen)
        for made, requests in parts:
            add_batch(connection, made, [custom_id(request) for request in requests])
    return [made for made, _ in parts]


def _parts(spec: ChatSpec, chosen: Sequence[Open]) -> Iterable[tuple[list[Open], str]]:
    requests: list[Open] = []
    lines: list[str] = []
    size = 0
    for one in chosen:
        line = api.encode(spec, custom_id(one), one.request) + "\n"  # type: ignore[arg-type]
        if lines and (len(lines) == api.MAX_REQUESTS or size + len(line) > api.MAX_BYTES):
            yield requests, "".join(lines)
            requests, lines, size = [], [], 0
        requests.append(one)
        lines.append(line)
        size += len(line)  # all ASCII
    yield requests, "".join(lines)


def _send(ledger: Ledger, spec: ChatSpec, done: Submission, parts: Sequence[Batch], tell: Tell) -> None:
    for number, part in enumerate(parts, start=1):
        if len(parts) > 1:
            tell(f"Submitting part {number} of {len(parts)}: {part.requests:,} requests.")
        sent = _send_one(ledger, spec, done, part)
        if sent is None:
            for rest in parts[number - 1 :]:
                move(ledger, rest, "prepared", state="not_started", note=done.problem)
            return
        done.batches.append(sent)


def _send_one(ledger: Ledger, spec: ChatSpec, done: Submission, part: Batch) -> Batch | None:
    """The batch as it runs; None, with the reason in `done`, if it does not or may not."""
    try:
        file_id = asyncio.run(api.upload(spec, Path(part.file)))
    except ModelError as error:
        _failed(done, error, "the file was not uploaded")
        return None
    starting = move(ledger, part, "prepared", state="submitting")
    if starting is None:
        done.problem = "another `screener batch submit` has taken over these requests"
        return None
    try:
        remote = asyncio.run(api.start(spec, file_id, part.batch))
    except ModelError as error:
        _failed(done, error, "the batch was not started")
        if api.never_started(error):
            move(ledger, starting, "submitting", state="not_started", note=done.problem)
            return None
        found, uncertain = find_lost(ledger, spec, [starting])
        done.uncertain += uncertain
        if found:
            done.problem = ""
        else:
            done.problem = f"whether the batch was started is not known: {error}"
        return found[0] if found else None
    return move(ledger, starting, "submitting", state="submitted", remote=remote) or as_it_stands(ledger, part)


def _failed(done: Submission, error: ModelError, what: str) -> None:
    done.refused = not isinstance(error, TransientError)
    done.problem = f"{what}: {error}"
    if error.status in (404, 405, 501):
        done.problem += (
            f"; if this server has no Batch API, `screener batch export --stage {done.stage} --reviewer "
            f"{done.reviewer} -o FILE` writes the same requests for `screener batch import` to take back"
        )
