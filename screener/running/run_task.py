"""Define what a run is given and what it reports: the task, its options, and the counts."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..core.errors import LedgerUnavailable
from ..core.judgement import Basis, Decision, Judgement, Stage, Value
from ..core.messages import Request, Reviewer
from ..documents import Report
from ..models import Model
from ..protocol import ChatSpec, ProbabilitySpec, StageProtocol
from ..records import Record
from ..text import SUSPICIOUS
from .executors import Workforce


@dataclass
class Summary:
    """Hold the outcome of a run. `include + exclude + unclear = decided`, `decided + errors = records`.

    Of a run that was stopped `records` are those it came to; `left` are the others.
    """

    run_id: str
    stage: Stage
    reviewer: str
    total: int = 0
    """Records of the task."""
    decisions: Counter[Decision] = field(default_factory=Counter)
    failures: dict[str, str] = field(default_factory=dict)
    """Records that could not be judged, by id, with the reason."""
    cached: int = 0
    repeated: int = 0
    """Judgements made now beside the first of their record (`--repeats`)."""
    repeat_errors: int = 0
    """Repeats that could not be judged, beside the first of their record: they leave its decision as it is."""
    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int | None = None
    """Of the input tokens those that the provider had cached; None where it says of no call how many."""
    cost_usd: float | None = 0.0
    seconds: float = 0.0
    first_failed: Counter[str] = field(default_factory=Counter)
    not_asked: Counter[str] = field(default_factory=Counter)
    """By criterion: records of which it was not asked, since what it presupposes is answered no."""
    silent: Counter[str] = field(default_factory=Counter)
    """By criterion: answers that rest on the text saying nothing of it."""
    items: Counter[str] = field(default_factory=Counter)
    """At extraction: how many items have each status."""
    suspicious: int = 0
    """Records whose text may be written for a machine (see `text.hostile`)."""
    answered_from_ledger: int = 0
    """Requests of this run that an earlier, identical one had answered."""
    unanswered: list["OpenRequest"] = field(default_factory=list)
    """The requests that an offline run could not answer."""
    members: list[dict[str, Any]] = field(default_factory=list)
    """Of a combination: what each member was asked, settled and cost."""
    waiting: list[Report] = field(default_factory=list)
    """At full text and extraction: reports that could not be judged, since their full text is missing."""
    disagreements: int | None = None
    """Of a combination: records that one member keeps and another excludes."""
    stopped: str = ""
    """Why the run ended before all records were judged, if it did."""
    sent: int = 0
    """Requests that were sent, every attempt counted."""
    lost: int = 0
    """Of these, calls that were under way when a worker ended: they are asked again, and may be paid twice."""
    taken_in: int = 0
    """Answers that an earlier run had to keep in a file, and that are in the ledger now."""
    unsaved: "Unsaved | None" = None
    """What this run had to keep in a file, since the ledger took nothing more."""
    notices: list[str] = field(default_factory=list)
    """What the user is to be told of how the model was asked, each sentence once."""
    unstored: list[str] = field(default_factory=list)
    """Why the ledger did not take a call, for each that it did not take although it took others."""

    @property
    def errors(self) -> int:
        """Count the records that could not be judged."""
        return len(self.failures)

    @property
    def records(self) -> int:
        """Count the records that were judged or failed."""
        return self.decided + self.errors

    @property
    def left(self) -> int:
        """Count those it did not reach: it was stopped, or their requests wait for a batch file."""
        return self.total - self.records

    def fail(self, record_id: str, message: str, repeat: int = 0) -> None:
        """Take one committed error into the counts; only that of the first judgement (`repeat` 0) is the record's."""
        if repeat == 0:
            self.failures[record_id] = message
        else:
            self.repeat_errors += 1

    @property
    def decided(self) -> int:
        """Count the records that have a judgement now."""
        return self.decisions.total()

    def count(self, judgement: Judgement) -> None:
        """Take one committed judgement into the counts."""
        self.decisions[judgement.decision] += 1
        self.not_asked.update(name for name, a in judgement.answers.items() if a.value is Value.NOT_ASKED)
        self.silent.update(name for name, a in judgement.answers.items() if a.basis is Basis.ABSENT)
        self.items.update(item.status.value for item in judgement.items.values())
        self.suspicious += any(flag.startswith(SUSPICIOUS) for flag in judgement.flags)
        if judgement.decision is Decision.EXCLUDE:
            self.first_failed[judgement.failed() or ""] += 1

    def as_json(self) -> dict[str, Any]:
        """Return the summary as `run --json` prints it."""
        return {
            "run_id": self.run_id,
            "stage": self.stage.value,
            "reviewer": self.reviewer,
            "records": self.records,
            "decided": self.decided,
            "include": self.decisions[Decision.INCLUDE],
            "exclude": self.decisions[Decision.EXCLUDE],
            "unclear": self.decisions[Decision.UNCLEAR],
            "errors": self.errors,
            "repeat_errors": self.repeat_errors,
            "left": self.left,
            "cached": self.cached,
            "calls": self.calls,
            "tokens": self.input_tokens + self.output_tokens,
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
            "cached_tokens": self.cached_tokens,
            "cost_usd": self.cost_usd,
            "seconds": round(self.seconds, 3),
            "suspicious": self.suspicious,
            **({"items": dict(self.items)} if self.items else {}),
            "excluded_by": dict(self.first_failed),
            **({"not_asked": dict(self.not_asked)} if self.not_asked else {}),
            **({"silent": dict(self.silent)} if self.silent else {}),
            "answered_from_ledger": self.answered_from_ledger,
            "stopped": self.stopped or None,
            **({"notices": self.notices} if self.notices else {}),
            **({"lost_with_workers": self.lost} if self.lost else {}),
            **({"taken_in": self.taken_in} if self.taken_in else {}),
            **({"sent": self.sent, "unsaved": vars(self.unsaved)} if self.unsaved else {}),
            **({"unstored": self.unstored} if self.unstored else {}),
            "failed": [{"id": name, "reason": reason} for name, reason in self.failures.items()],
            **(
                {"without_full_text": [_waiting_row(report) for report in self.waiting]}
                if self.stage is not Stage.ABSTRACT
                else {}
            ),
            **({"members": self.members, "disagreements": self.disagreements} if self.members else {}),
        }


@dataclass(frozen=True)
class Unsaved:
    """Answers that could not be stored in the ledger: how many are in a file instead, and how many are nowhere."""

    file: str
    answers: int
    dropped: int


class RunStopped(LedgerUnavailable):
    """A run that ended since its ledger took nothing more. The message says what was sent, judged and kept."""

    def __init__(self, summary: Summary, lost: LedgerUnavailable) -> None:
        """`summary` has the reason in `stopped`, with the words of `lost` in it."""
        told = f"{summary.reviewer}: {summary.stopped}"
        super().__init__(told, plain=told.replace(f"{lost}.", lost.plain))
        self.summary = summary


def _waiting_row(report: Report) -> dict[str, Any]:
    return {"id": report.id, "title": report.shown_title, "status": report.wanting, "reason": report.retrieval_reason,
            "attempts": report.attempts, "at": report.retrieval_at or None}  # fmt: skip


Progress = Callable[[Summary, int], None]
"""Called after every commit: the summary so far and how many records are still to be judged."""


@dataclass(frozen=True)
class Task:
    """Say who judges what: a named reviewer of one stage, the model that answers it, and the records to judge.

    `endpoint` is the specification of a model whose calls cost something and are kept; None for the embedded one.
    `local` answers requests for vectors beside it, which are neither kept nor paid.
    """

    name: str
    stage: Stage
    protocol: StageProtocol
    reviewer: Reviewer
    model: Model
    records: Sequence[Record]
    specification: dict[str, Any]
    endpoint: ChatSpec | ProbabilitySpec | None = None
    local: Model | None = None
    left_to_people: Mapping[str, str] = field(default_factory=dict)
    """What of a form the reviewer does not attempt: labels by path."""
    notice: str = ""
    """What the user is to be told of how this reviewer judges; none where nothing is out of the ordinary."""


@dataclass(frozen=True)
class Options:
    """Say how a run is driven. None of these is part of a judgement's key but the number of the repeat."""

    concurrency: int = 32
    budget_usd: float | None = None
    repeats: int = 1
    retry_errors: bool = False
    """Ask again what stayed unusable or was refused; failed calls are asked again in any case."""
    offline: bool = False
    """Send nothing: judge what stored answers suffice for, and list the requests that have none."""
    stop: Callable[[], bool] = lambda: False
    """Asked now and then whether to stop: then nothing more is sent, and the answers under way are waited for and kept."""
    workforce: Workforce | None = None
    """Workers that ask models and compute; None for this program alone."""


DEFAULTS = Options()

Item = tuple[Record, int]
"""A record, and the number of the repeat."""


@dataclass(frozen=True)
class OpenRequest:
    """A request that has no answer yet. `hash` identifies it; `record_id` is the first record that asks it."""

    record_id: str
    hash: str
    repeat: int
    request: Request
