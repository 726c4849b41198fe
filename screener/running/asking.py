"""Asking a model outside a run: what comes back is kept as an answer and paid once, but is no judgement.

So a wording is tried, or a model asked for one, without a word in the place of the reviewer's own judgements. What a later run
asks in the same words is answered from the ledger.
"""

import asyncio
import json
import time
import uuid
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

from .. import __version__
from ..core.errors import BadInput
from ..core.files import whole_file
from ..core.messages import LocalRequest, Request, Response, UnusableReplyError
from ..ledger import (
    Key,
    Ledger,
    RunLease,
    UnsavedFile,
    Writer,
    add_run,
    end_run,
    now,
    refusals_in_batches,
    take_in,
)
from ..models import Usage, cost_usd, count_tokens, encode
from ..protocol import Review
from .batch_files import chat_spec, custom_id, remember
from .call_client import BudgetSpent, CallFailed, CallOptions, Calls, NotAccepted, NotAnswered, RunOf
from .commits import LedgerLost
from .run_task import OpenRequest, Options, Task
from .runner import drive
from .stored_answers import StoredAnswers

T = TypeVar("T")
Questions = Mapping[str, Callable[[], Generator[Request, Response, T]]]
"""What is asked, each by a name: the id of a record, or what else a call is about."""
_ROOM = 1 << 14


@dataclass
class Asked(Generic[T]):
    """What came of questions: a result for each that was answered, the reason for each that failed, and what is open."""

    results: dict[str, T] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    unanswered: dict[Key, OpenRequest] = field(default_factory=dict)
    """The requests that have no answer yet: the first of each question, or its repair."""
    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float | None = 0.0
    seconds: float = 0.0
    stopped: str = ""
    run_id: str = ""
    """The run that asked; empty where only stored answers were read."""

    def figures(self) -> dict[str, Any]:
        """Return the counts, as `--json` and the run's summary have them."""
        return {
            "answered": len(self.results),
            "failed": [{"id": name, "reason": reason} for name, reason in self.failed.items()],
            "calls": self.calls,
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
            "tokens": self.input_tokens + self.output_tokens,
            "cost_usd": self.cost_usd,
            "seconds": round(self.seconds, 3),
            "stopped": self.stopped or None,
        }


@dataclass(frozen=True)
class AskingPlan:
    """What asking would come to, without repairs and retries. Tokens are rough; `cost_usd` is None where no price is known."""

    questions: int
    answered: int
    requests: int
    input_tokens: int
    output_tokens: int
    cost_usd: float | None


def from_stored(ledger: Ledger, task: Task, questions: Questions[T]) -> Asked[T]:
    """Return what stored answers suffice for; nothing is sent and nothing written."""
    return asyncio.run(_from_stored(ledger, task, questions))


async def _from_stored(ledger: Ledger, task: Task, questions: Questions[T]) -> Asked[T]:
    asked = Asked[T]()
    stored = StoredAnswers(ledger, task.model.fingerprint)

    async def ask(name: str, request: Request) -> Response:
        if task.endpoint is None:
            return (await task.model.send(request)).response
        if isinstance(request, LocalRequest) and task.local is not None:
            return (await task.local.send(request)).response
        key = stored.key(request)
        if (answer := stored.answer(key)) is not None:
            return answer
        asked.unanswered.setdefault(key, OpenRequest(name, *key, request))
        raise NotAnswered

    for name, question in questions.items():
        try:
            asked.results[name] = await drive(question(), lambda request, name=name: ask(name, request))  # type: ignore[misc]
        except NotAnswered:
            continue
        except UnusableReplyError as error:
            asked.failed[name] = str(error)
    for close in (task.model.close, *((task.local.close,) if task.local is not None else ())):
        await close()
    with ledger.read() as connection:
        refused = refusals_in_batches(connection, set(asked.unanswered))
    for key, text in refused.items():
        asked.failed[asked.unanswered.pop(key).record_id] = f"the model refused: {json.loads(text).get('refusal')}"
    return asked


def plan_asking(task: Task, asked: Asked[T], total: int, answer_tokens: int) -> AskingPlan:
    """Return what asking the open requests would come to; `answer_tokens` are taken for an answer."""
    tokens = sum(count_tokens(request.request) for request in asked.unanswered.values())
    answers = answer_tokens * len(asked.unanswered)
    cost = 0.0 if task.endpoint is None else cost_usd(task.endpoint, Usage(tokens, answers))
    return AskingPlan(total, total - len(asked.unanswered), len(asked.unanswered), tokens, answers, cost)


def export_questions(ledger: Ledger, review: Review, task: Task, reviewer: str, asked: Asked[T], path: Path) -> int:
    """Write the open requests as a batch file, whole or not at all; return how many. `batch import` reads the answers."""
    spec = chat_spec(review, reviewer)
    lines = [encode(spec, custom_id(r), r.request) + "\n" for r in asked.unanswered.values()]  # type: ignore[arg-type]
    with whole_file(path) as partial:
        partial.write_text("".join(lines), encoding="utf-8")
        with ledger.write() as connection:
            remember(connection, task.stage.value, task.name, asked.unanswered.values())
    return len(lines)


def ask_open(ledger: Ledger, task: Task, questions: Questions[T], before: Asked[T], options: Options) -> Asked[T]:
    """Ask what stored answers (`before`) do not suffice for, and record it as a run of `task.name`.

    Raises `BadInput` if the provider accepts no call, and where the same is being asked by another run.
    """
    took = f"{task.name}: the same is being asked now; wait for it or stop it, so that nothing is paid for twice"
    started, run_id = time.monotonic(), f"{now()[:19].replace(':', '').replace('-', '')}-{uuid.uuid4().hex[:6]}"
    asked = Asked(dict(before.results), dict(before.failed), run_id=run_id)
    left = {name: questions[name] for name in questions if name not in asked.results and name not in asked.failed}
    take_in(ledger)
    with ledger.write() as connection:
        add_run(connection, run_id, task.stage, task.name, {"version": __version__, **task.specification})
    try:
        if left:
            with ledger.alone(f"{task.stage}:{task.name}", took) as lease:
                _ask_left(ledger, task, left, asked, options, run_id, lease)
    except NotAccepted as error:
        raise BadInput(f"{task.name}: the provider accepts no call: {error}") from None
    finally:
        asked.seconds = time.monotonic() - started
        with ledger.write() as connection:
            end_run(connection, run_id, asked.figures())
    return asked


def _ask_left(
    ledger: Ledger,
    task: Task,
    left: Questions[T],
    asked: Asked[T],
    options: Options,
    run_id: str,
    lease: RunLease | None,
) -> None:
    unsaved = None
    if ledger.folder is not None:
        unsaved = UnsavedFile(ledger.folder, run_id, _ROOM * options.concurrency)
    try:
        with Writer(ledger, unsaved) as writer:
            asyncio.run(_ask_all(ledger, task, left, asked, options, (writer, lease, run_id)))
    finally:
        if unsaved is not None:
            unsaved.close()


async def _ask_all(
    ledger: Ledger,
    task: Task,
    left: Questions[T],
    asked: Asked[T],
    options: Options,
    under: tuple[Writer, RunLease | None, str],
) -> None:
    writer, lease, run_id = under
    assert task.endpoint is not None
    settings = CallOptions(options.concurrency, options.budget_usd, lease=lease)
    calls = Calls(ledger, writer, task.model, task.endpoint, RunOf(run_id, task.stage, task.name), settings)
    queue = iter(left.items())

    async def ask(name: str, request: Request) -> Response:
        if isinstance(request, LocalRequest) and task.local is not None:
            return (await task.local.send(request)).response
        return await calls.ask(name, request, 0)

    async def work() -> None:
        for name, question in queue:
            try:
                with calls.judging(name, 0):
                    asked.results[name] = await drive(question(), lambda request, name=name: ask(name, request))  # type: ignore[misc]
            except (UnusableReplyError, CallFailed) as error:
                asked.failed[name] = str(error)
            except (BudgetSpent, LedgerLost) as error:
                asked.stopped = str(error) or "the budget is spent"
                return

    try:
        workers = [asyncio.create_task(work()) for _ in range(min(options.concurrency, len(left)))]
        try:
            await asyncio.gather(*workers)
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
    finally:
        books = calls.books
        asked.calls, asked.cost_usd = books.calls, books.cost_usd
        asked.input_tokens, asked.output_tokens = books.input_tokens, books.output_tokens
        await task.model.close()
        if task.local is not None:
            await task.local.close()
