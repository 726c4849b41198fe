"""Drive machine reviewers: what is missing is judged, committed, and then counted.

The reviewer is a generator (see `exchange`); this module alone decides when its requests are sent, and puts what
comes back into the ledger. Ctrl-C and `kill -9` leave every finished judgement committed.
"""

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable, Generator, Iterator, Sequence
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from typing import TypeVar

from .. import __version__
from ..core.errors import BadInput, LedgerError, LedgerUnavailable
from ..core.judgement import Judgement
from ..core.messages import AnswerPending, LocalRequest, Request, Response, UnusableReplyError
from ..ledger import (
    ErrorRow,
    Ledger,
    NewJudgement,
    NotStored,
    RunLease,
    UnsavedFile,
    Work,
    Writer,
    add_errors,
    add_judgements,
    add_run,
    end_run,
    now,
    protocols,
    reads,
    take_in,
    unsaved_error,
)
from ..ledger.earlier_requests import requests_behind
from ..ledger.errors import errors
from ..models import Model
from ..protocol import facts_hash
from ..records import Record
from ..reviewers import ChatReviewer
from .call_client import AskedToStop, BudgetSpent, CallFailed, CallOptions, Calls, NotAccepted, NotAnswered, RunOf
from .commits import Basis, LedgerLost
from .run_task import DEFAULTS, Item, Options, Progress, RunStopped, Summary, Task, Unsaved

T = TypeVar("T")
Outcome = Judgement | tuple[str, str]
"""What came of judging a record: a judgement, or the kind of an error and its message."""
Behind = dict[tuple[str, str, int], list[str]]
"""The hashes of requests in their order, by record, its text's hash and repeat."""

UNCOMMITTED = 2_000
"""How many judgements may wait for their commit before new work waits too."""
STOPPED = "stopped on request"
_ROOM = 1 << 14
"""Bytes for an answer in the file for what a lost ledger does not take; so many as are under way are to go into it."""


def run(ledger: Ledger, task: Task, options: Options = DEFAULTS, progress: Progress | None = None) -> Summary:
    """Judge every record of `task` that lacks a current judgement; return the counts over all its records.

    A record has a current judgement when one of it is stored for the same text, question and rule (see DESIGN's key), no
    matter under which reviewer's name; another record with the same text is answered from the ledger where it is asked the
    very same. What an earlier run had to keep in a file is entered first. Raises `KeyboardInterrupt` after the ledger has
    been closed properly, `BadInput` if the provider accepts no call, and `RunStopped` if the ledger takes nothing more.
    """
    return _Run(ledger, task, options, progress).execute()


def missing(ledger: Ledger, task: Task, options: Options = DEFAULTS) -> tuple[list[Item], Behind]:
    """Return what `run` would judge now, and the requests that earlier judgements of it rest on; change nothing."""
    a_run = _Run(ledger, task, options, None)
    return a_run.reuse(adopt=False), a_run.behind


class _Run:
    def __init__(self, ledger: Ledger, task: Task, options: Options, progress: Progress | None) -> None:
        self.ledger, self.task, self.options = ledger, task, options
        self.progress = progress or (lambda _summary, _remaining: None)
        run_id = f"{now()[:19].replace(':', '').replace('-', '')}-{uuid.uuid4().hex[:6]}"
        self.summary = Summary(
            run_id, task.stage, task.name, total=len(task.records), notices=[task.notice] if task.notice else []
        )
        self.remaining = 0
        self.calls: Calls | None = None
        self.submitted = self.settled = 0
        self.room = asyncio.Semaphore(UNCOMMITTED)
        self.lost: LedgerUnavailable | None = None
        self.lease: RunLease | None = None
        self.behind: Behind = {}
        """The requests that earlier judgements rest on: what came to a record beside its text changes what it would be asked."""

    def execute(self) -> Summary:
        if self.task.endpoint is None:  # what costs nothing may be judged by two at once
            return self._execute()
        with self.ledger.alone(f"{self.task.stage}:{self.task.reviewer.asked}", self._busy()) as self.lease:
            return self._execute()

    def _busy(self) -> str:
        return (
            f"{self.task.name}: another run asks the same at {self.task.stage.label.lower()} now; "
            "wait for it or stop it, so that nothing is paid for twice"
        )

    def _execute(self) -> Summary:
        started, self.ledger.patient = time.monotonic(), True
        self.summary.taken_in = take_in(self.ledger)
        self._open()
        try:
            missing = self.reuse()
            self.remaining = len(missing)
            self.progress(self.summary, self.remaining)
            if missing:
                self._judge_missing(missing)
        except NotAccepted as error:
            raise BadInput(f"{self.task.name}: the provider accepts no call: {error}") from None
        finally:
            self._balance()
            self.summary.seconds = time.monotonic() - started
            self._close()
        if self.lost:
            raise RunStopped(self.summary, self.lost)
        return self.summary

    def _judge_missing(self, missing: Sequence[Item]) -> None:
        folder = self.ledger.folder if self.task.endpoint is not None and not self.options.offline else None
        room = _ROOM * self.options.concurrency
        unsaved = None if folder is None else UnsavedFile(folder, self.summary.run_id, room)
        writer = Writer(self.ledger, unsaved)
        try:
            with writer:
                asyncio.run(self._judge_all(missing, writer))
        finally:
            if unsaved is not None:
                unsaved.close()
            self.lost = writer.lost or self.lost
            if self.lost:
                self._balance()
                if unsaved is not None:
                    self.summary.unsaved = Unsaved(str(unsaved.path), unsaved.answers, unsaved.dropped)
                self.summary.stopped = self._told()

    def _told(self) -> str:
        """Say why the run ended early, and what became of what it had asked."""
        summary, kept = self.summary, ""
        if summary.unsaved is not None and summary.unsaved.answers:
            kept = (
                f"; {summary.unsaved.answers:,} answers that came in are kept in {summary.unsaved.file}: "
                "the next `screener run` takes them in, and asks none of them again"
            )
        if summary.unsaved is not None and summary.unsaved.dropped:
            kept += f"; {summary.unsaved.dropped:,} answers could be kept nowhere and will be asked again"
        judged = summary.decided - summary.cached
        return (
            f"{self.lost}. Nothing more was sent: {summary.sent:,} requests were sent, {judged:,} records judged{kept}."
        )

    def rule(self, record: Record) -> str:
        """Return the rule part of a judgement's key: the reviewer's, and the record's facts that rules read."""
        return f"{self.task.reviewer.rule}:{facts_hash(self.task.protocol, record)}"

    def reuse(self, *, adopt: bool = True) -> list[Item]:
        """Count what is judged already, enter it under this name where another had it, return what is missing."""
        task = self.task
        missing: list[Item] = []
        adopted: list[NewJudgement] = []
        with self.ledger.read() as connection:
            failed = errors(connection, task.stage, task.name)
            protocol_of_run = protocols(connection)
            for repeat in range(self.options.repeats):
                stored = reads.with_key(connection, task.stage, task.reviewer.asked, repeat)
                latest = reads.latest(connection, task.stage, task.name, repeat=repeat)
                for record in task.records:
                    row = stored.get((record.id, record.text_hash, self.rule(record)))
                    if row is None:
                        error = failed.get((record.id, task.name, repeat))
                        hopeless = (
                            error is not None
                            and (error.kind, error.asked) == ("reply", task.reviewer.asked)
                            and error.text_hash == record.text_hash
                        )
                        if error is not None and hopeless and not self.options.retry_errors:
                            self.summary.fail(record.id, error.message, repeat)
                        else:
                            missing.append((record, repeat))
                        continue
                    current = latest.get(record.id)
                    key = (row.asked, row.rule, row.text_hash, task.specification.get("protocol", ""))
                    if current is None or key != (
                        current.asked,
                        current.rule,
                        current.text_hash,
                        protocol_of_run.get(current.run_id, ""),
                    ):
                        adopted.append(self._row(record, repeat, row.judgement))
                    if repeat == 0:
                        self.summary.count(row.judgement)
                        self.summary.cached += 1
            if missing and isinstance(task.reviewer, ChatReviewer):
                self.behind = requests_behind(connection, task.stage, task.reviewer.asked)
        if adopted and adopt:
            with self.ledger.write() as connection:
                add_judgements(connection, adopted)
        return missing

    def _row(self, record: Record, repeat: int, judgement: Judgement) -> NewJudgement:
        return NewJudgement(
            record.id,
            record.text_hash,
            self.task.stage,
            self.task.name,
            "machine",
            judgement,
            run_id=self.summary.run_id,
            asked=self.task.reviewer.asked,
            rule=self.rule(record),
            repeat=repeat,
        )

    def _error_row(self, record: Record, repeat: int, kind: str, message: str) -> ErrorRow:
        return ErrorRow(
            self.summary.run_id,
            record.id,
            record.text_hash,
            self.task.stage,
            self.task.name,
            self.task.reviewer.asked,
            repeat,
            kind,
            message,
        )

    def _open(self) -> None:
        specification = {"version": __version__, **self.task.specification}
        with self.ledger.write() as connection:
            add_run(connection, self.summary.run_id, self.task.stage, self.task.name, specification)

    def _close(self) -> None:
        failures = [LedgerError] if self.lost or not self.ledger.patient else []
        with suppress(*failures), self.ledger.write() as connection:
            end_run(connection, self.summary.run_id, self.summary.as_json())

    def _balance(self) -> None:
        """Copy the books of the calls into the summary."""
        if self.calls is not None:
            books = self.calls.books
            self.summary.calls, self.summary.answered_from_ledger = books.calls, books.cached
            self.summary.input_tokens, self.summary.output_tokens = books.input_tokens, books.output_tokens
            self.summary.cost_usd, self.summary.cached_tokens = books.cost_usd, books.cached_tokens
            self.summary.notices = list(books.notices)
            self.summary.unanswered = list(self.calls.unanswered.values())
            self.summary.sent, self.summary.unstored = self.calls.sent, self.calls.commits.unstored
            self.summary.lost = self.calls.lost

    async def _judge_all(self, items: Sequence[Item], writer: Writer) -> None:
        task, options = self.task, self.options
        if task.endpoint is not None:
            self.calls = Calls(
                self.ledger,
                writer,
                task.model,
                task.endpoint,
                RunOf(self.summary.run_id, task.stage, task.name),
                CallOptions(options.concurrency, options.budget_usd, options.offline, self.lease, options.stop),
            )
        queue = iter(items)
        workers = [
            asyncio.create_task(self._work(queue, writer)) for _ in range(min(self.options.concurrency, len(items)))
        ]
        try:
            await asyncio.gather(*workers)
        except asyncio.CancelledError:  # who interrupts a run does not wait for a ledger that is locked or away
            self.ledger.patient = False
            raise
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
            # What was handed to the writer is counted before the loop ends, after Ctrl-C too.
            while self.submitted > self.settled:
                await asyncio.sleep(0.01)
            await task.model.close()
            if task.local is not None:
                await task.local.close()

    async def _work(self, queue: Iterator[Item], writer: Writer) -> None:
        for record, repeat in queue:
            if self.options.stop():
                self.summary.stopped = STOPPED
                return
            outcome: Outcome
            basis: Basis = []
            try:
                outcome = await self._judge(record, repeat, basis)
            except UnusableReplyError as error:
                outcome = ("reply", str(error))
            except CallFailed as error:
                outcome = ("reply" if error.refused else "call", str(error))
            except NotAnswered:
                continue  # an offline run: the request waits for a batch file
            except LedgerLost as error:
                self.summary.stopped = str(error)
                return
            except AskedToStop:
                self.summary.stopped = STOPPED
                return
            except BudgetSpent as error:
                self.summary.stopped = str(error) or "the budget is spent"
                return
            except (NotAccepted, BadInput):
                raise
            except LedgerUnavailable as error:
                if error.passing:  # it was waited for
                    self.lost = self.lost or error
                    return
                outcome = ("call", str(error))
            except Exception as error:
                # One record that trips the program must not end the run for the others; it is listed as an error.
                outcome = ("call", f"unexpected: {type(error).__name__}: {error}")
            await self.room.acquire()
            self._hand_over(writer, (record, repeat), outcome, basis)

    def _hand_over(self, writer: Writer, item: Item, outcome: Outcome, basis: Basis, *, again: bool = False) -> None:
        """Have a judgement or an error committed, if the answers that it rests on are, and then counted."""
        loop = asyncio.get_running_loop()
        work: Work
        unsaved = None
        if isinstance(outcome, Judgement):
            work = partial(add_judgements, judgements=[self._row(*item, outcome)])
        else:
            row = self._error_row(*item, *outcome)
            work, unsaved = partial(add_errors, rows=[row]), unsaved_error(row)

        def committed(future: "Future[None]") -> None:
            loop.call_soon_threadsafe(settled, future)

        def settled(future: "Future[None]") -> None:
            failure = future.exception()
            if failure is not None and writer.lost is None and not again:
                message = str(failure) if isinstance(failure, NotStored) else f"cannot be stored: {failure}"
                self._hand_over(writer, item, ("call", message), [], again=True)
                self.settled += 1
            else:
                self._count(item, outcome, stored=failure is None or writer.lost is None)

        self.submitted += 1
        writer.submit(work, rests_on=basis, unsaved=unsaved).add_done_callback(committed)

    def _count(self, item: Item, outcome: Outcome, *, stored: bool) -> None:
        self.room.release()
        self.settled += 1
        if not stored:
            return
        record, repeat = item
        if isinstance(outcome, tuple):
            self.summary.fail(record.id, outcome[1], repeat)
        elif repeat == 0:
            self.summary.count(outcome)
        else:
            self.summary.repeated += 1
        self.remaining -= 1
        self._balance()
        self.progress(self.summary, self.remaining)

    async def _judge(self, record: Record, repeat: int, basis: Basis) -> Judgement:
        calls = self.calls
        if calls is None:
            return await drive(self.task.reviewer.judge(record), _asking(self.task.model))
        earlier = iter(self.behind.get((record.id, record.text_hash, repeat), ()))

        async def ask(request: Request) -> Response:
            if isinstance(request, LocalRequest) and self.task.local is not None:
                return (await self.task.local.send(request)).response
            return await calls.ask(record.id, request, repeat, earlier=next(earlier, ""))

        with calls.judging(record.id, repeat, basis):
            return await drive(self.task.reviewer.judge(record), ask)


Ask = Callable[[Request], Awaitable[Response]]


def _asking(model: Model) -> Ask:
    async def ask(request: Request) -> Response:
        return (await model.send(request)).response

    return ask


async def drive_with(asking: Generator[Request, Response, T], model: Model) -> T:
    """Drive a generator with a model that costs nothing and is not kept (see `drive`)."""
    return await drive(asking, _asking(model))


async def drive(asking: Generator[Request, Response, T], ask: Ask) -> T:
    """Answer what a generator asks until it returns; give back what it returned."""
    try:
        request = next(asking)
        while True:
            try:
                response = await ask(request)
            except AnswerPending as later:
                request = asking.throw(later)
            else:
                request = asking.send(response)
    except StopIteration as stop:
        result: T = stop.value
        return result
