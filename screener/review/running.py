"""A run of a machine reviewer, from the name of a stage to its outcome."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from typing import Any, TypedDict

from ..core.errors import BadInput, LedgerError, MissingKey
from ..core.judgement import Decision, Stage
from ..documents import Report
from ..ledger import Ledger, reads
from ..protocol import ChatSpec, ProbabilitySpec, Review
from ..protocol.model import EnsembleSpec, OtherReviewer
from ..records import Record
from ..running import (
    CallPlan,
    Options,
    Progress,
    Summary,
    Task,
    check_budget,
    is_graded,
    make_calibration,
    make_fit,
    nothing_to_ask,
    plan,
    refuse_twice,
    run_combined,
    task_for,
)
from ..running import run as run_one
from ..running.executors import Workforce, workers_at
from ..stages import ids_for, machine_for, ready, records_for
from .changes import after_change
from .importing import FirstRecords, first_records


class RunOptions(TypedDict, total=False):
    """How to run a reviewer; every key may be left out."""

    limit: int | None
    """Take only the first so many records."""
    budget: float | None
    """Stop sending once so many US dollars are spent."""
    concurrency: int | None
    """How many records are under way at once (default: the reviewer's own number)."""
    repeats: int
    """Ask so many times, to see what flips (default: 1)."""
    retry_errors: bool
    """Ask again what was refused or stayed unusable."""
    everything: bool
    """Take along what the stage before would exclude."""
    again: bool
    """Ask even what is in a batch under way, which pays for it twice."""
    executor: str | None
    """Where it is done: `local` (the default), `dask`, `dask:N`, or the address of a Dask scheduler."""
    fit: bool
    """First fit the embedded reviewer to human judgements, or calibrate graded answers on gold dev."""


@dataclass(frozen=True)
class FitResult:
    """A fit of the embedded reviewer, or a calibration of graded answers.

    `ranked` labels were given in the order of a machine's probabilities. `threshold` says by which probability the embedded
    reviewer decides, and what that does to labels that the fit had not seen; of a calibration what it calibrates.
    """

    reviewer: str
    id: str
    kept: int
    excluded: int
    ranked: int
    threshold: str


@dataclass(frozen=True)
class FitChanges:
    """Count what a fit has changed: of `compared` records that the reviewer had judged before, how many it decides otherwise."""

    compared: int
    excluded: int
    """Not excluded before, excluded now."""
    kept: int
    """Excluded before, not excluded now."""

    @property
    def sentence(self) -> str:
        """Return the counts in words."""
        if not self.compared:
            return "It had judged none of these records before, so no decision was changed."
        if not self.excluded + self.kept:
            return f"It changes no decision of the {self.compared:,} records that it had judged before."
        return (
            f"Of {self.compared:,} records that it had judged before, {self.excluded:,} are now excluded that were not, and "
            f"{self.kept:,} are no longer excluded."
        )


@dataclass
class RunListener:
    """What a program may do while a run is under way; each does nothing unless it is given."""

    first_records: Callable[[FirstRecords], None] = lambda _: None
    fitted: Callable[[FitResult], None] = lambda _: None
    started: Callable[[Sequence[Task]], None] = lambda _: None
    """Called with what is about to be run: one task, or one a member of an ensemble."""
    progress: Progress | None = None
    """Called after every commit with the counts so far and how many records are still to be judged."""
    counted: Callable[[int, int], None] = lambda _done, _of: None
    """Called while a plan is made, with how many records are counted, and of how many."""
    stop: Callable[[], bool] = lambda: False
    """Asked now and then whether the run is to stop: then nothing more is sent, and what is under way is finished."""


@dataclass(frozen=True)
class RunResult:
    """The outcome of a run. `include + exclude + unclear = decided`, `decided + errors = records`.

    `cached` of them were judged before; `left` were not come to, since the run was `stopped` (the reason, or empty) or
    their requests wait in a batch. `cost_usd` is None where a price is unknown. `failed` has the reason by record id.
    """

    run_id: str
    stage: Stage
    reviewer: str
    records: int
    decided: int
    include: int
    exclude: int
    unclear: int
    errors: int
    left: int
    cached: int
    calls: int
    tokens: int
    cost_usd: float | None
    seconds: float
    failed: Mapping[str, str]
    stopped: str
    summary: Summary = field(repr=False)
    """All counts, as the runner kept them."""
    fit_changes: FitChanges | None = None
    """What a fit that was made first has changed."""

    @classmethod
    def of(cls, summary: Summary) -> "RunResult":
        """Take the counts of a run that has ended."""
        decisions = summary.decisions
        return cls(
            summary.run_id,
            summary.stage,
            summary.reviewer,
            records=summary.records,
            decided=summary.decided,
            include=decisions[Decision.INCLUDE],
            exclude=decisions[Decision.EXCLUDE],
            unclear=decisions[Decision.UNCLEAR],
            errors=summary.errors,
            left=summary.left,
            cached=summary.cached,
            calls=summary.calls,
            tokens=summary.input_tokens + summary.output_tokens,
            cost_usd=summary.cost_usd,
            seconds=summary.seconds,
            failed=dict(summary.failures),
            stopped=summary.stopped,
            summary=summary,
        )

    def as_json(self) -> dict[str, Any]:
        """Return what `run --json` prints."""
        changes = {"fit": asdict(self.fit_changes)} if self.fit_changes else {}
        return {**self.summary.as_json(), **changes}


@dataclass(frozen=True)
class RunPlan:
    """What a run would ask and cost, by reviewer: one, or each member of an ensemble."""

    reviewer: str
    plans: Mapping[str, CallPlan]
    cascade: bool
    """Whether a member is asked only what those before it leave open, so that the plan is the most it can come to."""
    waiting: int = 0
    """Reports that cannot be judged, since their full text is missing."""

    def as_json(self) -> dict[str, Any]:
        """Return what `run --dry-run --json` prints."""
        if list(self.plans) == [self.reviewer]:
            return self.plans[self.reviewer].as_json()
        return {name: planned.as_json() for name, planned in self.plans.items()}


@dataclass(frozen=True)
class _RunAsked:
    """What somebody wants to be run or planned, on what, and by which workers."""

    ledger: Ledger
    review: Review
    stage: Stage
    reviewer: str | None
    options: RunOptions
    listener: RunListener
    workforce: Workforce | None = None


@dataclass(frozen=True)
class _Prepared:
    """A run that is ready to start, with what it will judge and what waits for a full text."""

    stage: Stage
    reviewer: str
    tasks: tuple[Task, ...]
    records: Sequence[Record]
    waiting: list[Any]
    options: Options


def run_reviewer(
    ledger: Ledger, review: Review, stage: Stage, reviewer: str | None, options: RunOptions, listener: RunListener
) -> RunResult:
    """Judge the records of a stage that lack a current judgement; what is judged already is not asked again.

    Raises `BadInput` for an unknown reviewer, a missing key, a budget that could not be kept, workers that cannot be used, and
    for requests that are in a batch under way; `RunStopped` where the ledger takes nothing more.
    """
    at_once = options.get("concurrency") or _most_at_once(review, machine_for(review, stage, reviewer))
    with workers_at(options.get("executor"), at_once) as workforce:
        return _run(_RunAsked(ledger, review, stage, reviewer, options, listener, workforce))


def _most_at_once(review: Review, name: str) -> int:
    """Return how many calls a reviewer, or all members of one that combines others, may have under way."""
    spec = review.reviewer(name)
    members = [review.reviewer(member) for member in spec.members] if isinstance(spec, EnsembleSpec) else [spec]
    asked = [one.model if isinstance(one, OtherReviewer) else one for one in members]
    return min((one.max_concurrency for one in asked if isinstance(one, ChatSpec | ProbabilitySpec)), default=1)


def _run(asked: _RunAsked) -> RunResult:
    ledger, review, stage, reviewer = asked.ledger, asked.review, asked.stage, asked.reviewer
    options, listener = asked.options, asked.listener
    before = _not_excluded(ledger, stage, machine_for(review, stage, reviewer)) if options.get("fit") else {}
    prepared = _prepare(asked)
    if not options.get("again"):
        for task in prepared.tasks:
            refuse_twice(ledger, task)
    listener.started(prepared.tasks)
    combined = isinstance(review.reviewer(prepared.reviewer), EnsembleSpec)
    settings, progress = prepared.options, listener.progress
    try:
        if combined:
            summary = run_combined(ledger, review, stage, prepared.reviewer, prepared.records, settings, progress)
        else:
            summary = run_one(ledger, prepared.tasks[0], settings, progress)
    except LedgerError:
        raise  # nothing more can be written
    except BaseException:
        with suppress(LedgerError):
            after_change(ledger, review)  # a run that was cut off has stored judgements too
        raise
    after_change(ledger, review)
    summary.waiting = prepared.waiting
    summary.notices += asked.workforce.notices if asked.workforce is not None else []
    result = RunResult.of(summary)
    if not options.get("fit"):
        return result
    after, ids = _not_excluded(ledger, stage, prepared.reviewer), {record.id for record in prepared.records}
    return replace(result, fit_changes=_changes(before, {name: kept for name, kept in after.items() if name in ids}))


def _not_excluded(ledger: Ledger, stage: Stage, machine: str) -> dict[str, bool]:
    """Return of each record that a machine has judged whether it keeps it."""
    with ledger.read() as connection:
        return {
            name: row.judgement.decision.kept
            for name, row in reads.latest(connection, stage, machine, bare=True).items()
            if row.role == "machine"
        }


def _changes(before: Mapping[str, bool], after: Mapping[str, bool]) -> FitChanges:
    pairs = [(kept, after[name]) for name, kept in before.items() if name in after]
    return FitChanges(len(pairs), pairs.count((True, False)), pairs.count((False, True)))


def is_empty(ledger: Ledger) -> bool:
    """Return whether a ledger has no records yet; what runs on it first fills it with those of the gold set."""
    with ledger.read() as connection:
        return not reads.count_records(connection)


def plan_run(
    ledger: Ledger, review: Review, stage: Stage, reviewer: str | None, options: RunOptions, listener: RunListener
) -> RunPlan:
    """Return what `run_reviewer` would ask and cost; nothing is sent, and no key is needed."""
    prepared = _prepare(_RunAsked(ledger, review, stage, reviewer, options, listener), offline=True)
    plans = {task.name: plan(ledger, task, prepared.options, listener.counted) for task in prepared.tasks}
    spec = review.reviewer(prepared.reviewer)
    cascade = isinstance(spec, EnsembleSpec) and spec.rule is None
    return RunPlan(prepared.reviewer, plans, cascade, len(prepared.waiting))


def _fitted(ledger: Ledger, review: Review, stage: Stage, name: str) -> FitResult:
    """Make a fit, or of graded answers a calibration, and keep it."""
    if is_graded(review, name):
        calibrated = make_calibration(ledger, review, stage, name)
        after_change(ledger, review)
        numbers = calibrated.kept, calibrated.excluded, 0
        return FitResult(name, calibrated.calibration.id, *numbers, calibrated.sentence)
    made = make_fit(ledger, review, stage, name)
    after_change(ledger, review)
    threshold = made.fit.threshold.sentence if made.fit.threshold else ""
    return FitResult(name, made.fit.id, made.kept, made.excluded, made.ranked, threshold)


def _prepare(asked: _RunAsked, *, offline: bool = False) -> _Prepared:
    ledger, review, stage = asked.ledger, asked.review, asked.stage
    options, listener = asked.options, asked.listener
    name = machine_for(review, stage, asked.reviewer)
    if (imported := first_records(ledger, review)) is not None:
        listener.first_records(imported)
    if options.get("fit"):
        listener.fitted(_fitted(ledger, review, stage, name))
    records, waiting = _records(ledger, review, stage, options)
    spec = review.reviewer(name)
    members = spec.members if isinstance(spec, EnsembleSpec) else ()
    repeats = options.get("repeats", 1)
    if members and repeats > 1:
        raise BadInput(f"--repeats: {name} combines others; repeat its members one by one: {', '.join(members)}")
    asking = Options(
        repeats=repeats, retry_errors=options.get("retry_errors", False), stop=listener.stop, workforce=asked.workforce
    )
    if offline:
        tasks = [task_for(ledger, review, stage, member, records, offline=True) for member in members or (name,)]
    else:
        tasks = _tasks(ledger, review, stage, members or (name,), records, asking)
    smallest_limit = min(task.endpoint.max_concurrency if task.endpoint else 32 for task in tasks)
    concurrency = options.get("concurrency") or smallest_limit
    settings = replace(asking, concurrency=concurrency, budget_usd=options.get("budget"))
    for task in tasks:
        check_budget(task, settings)
    return _Prepared(stage, name, tuple(tasks), records, waiting, settings)


def _records(ledger: Ledger, review: Review, stage: Stage, options: RunOptions) -> tuple[list[Record], list[Report]]:
    """Return the records to judge, and the reports that wait for their full text."""
    limit, everything = options.get("limit"), options.get("everything", False)
    if limit is None or stage is not Stage.ABSTRACT:
        records, waiting = ready(records_for(ledger, review, stage, everything=everything))
        return records[:limit], waiting
    names = ids_for(ledger, review, stage)[:limit]
    with ledger.read() as connection:
        return reads.records(connection, set(names)), []


def _tasks(
    ledger: Ledger, review: Review, stage: Stage, names: Sequence[str], records: Sequence[Record], options: Options
) -> list[Task]:
    """Return the tasks of reviewers; of one whose key is missing one that cannot send, if stored answers suffice."""
    try:
        return [task_for(ledger, review, stage, name, records, model=options.workforce) for name in names]
    except MissingKey:
        if len(names) > 1 or not nothing_to_ask(
            ledger, task_for(ledger, review, stage, names[0], records, offline=True), options
        ):
            raise
    return [task_for(ledger, review, stage, names[0], records, offline=True)]
