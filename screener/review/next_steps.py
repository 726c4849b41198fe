"""What to do next, as commands that work as things stand."""

from ..core.judgement import Stage
from ..ledger import Ledger
from ..models import read_key
from ..protocol import ChatSpec, ProbabilitySpec, Review, gold_spec, records_file
from ..stages import ids_for, ready, records_for
from .gold_progress import SampleProgress
from .status import ReviewStatus, StageStatus

SAMPLE = 100
"""Records that a first gold sample is suggested to have, where there are as many."""


_PEOPLE = "`screener adjudicate --reviewer NAME`"


def judge_command(review: Review, stage: Stage) -> str:
    """Return the command by which a stage's records are judged: by its machine, or by people where it has none.

    Where the machine's key is missing, what can be done without it.
    """
    machine = review.stage(stage).decided_by.machine
    if machine is None:
        return _PEOPLE
    command = f"`screener run --stage {stage}`"
    if (variable := _missing_key(review, machine)) is None:
        return command
    return f"`screener run --stage {stage} --dry-run` for what it would cost; {command} needs the key in {variable}"


def _missing_key(review: Review, machine: str) -> str | None:
    """Return the environment variable that has to hold the key of a reviewer's model and does not; None where none has to."""
    spec = review.reviewer(machine)
    if not isinstance(spec, ChatSpec | ProbabilitySpec):
        return None
    openai = isinstance(spec, ChatSpec) and spec.model.startswith("openai:") and spec.base_url is None
    variable = spec.api_key_env or ("OPENAI_API_KEY" if openai else None)
    return variable if variable is not None and read_key(variable) is None else None


def first_steps(review: Review) -> str:
    """Return how a review without records begins."""
    first = next(iter(review.protocol.stages))
    steps = "`screener import FILE…`"
    if records_file(review) is not None and gold_spec(review) is not None:
        steps += f", or {judge_command(review, first)} to start with the gold records"
    return steps


def nothing_to_judge(ledger: Ledger, review: Review, stage: Stage) -> str:
    """Return why a stage has no record that could be judged, and what to do next."""
    _, waiting = ready(records_for(ledger, review, stage, texts=False))
    if waiting:
        wait = "1 report waits" if len(waiting) == 1 else f"{len(waiting):,} reports wait"
        return f"Nothing to judge: {wait} for a full text. Next: `screener import --pdfs FOLDER`."
    order = [name for name in Stage if name in review.protocol.stages]
    before = next((name for name in reversed(order[: order.index(stage)]) if ids_for(ledger, review, name)), None)
    if before is None:
        return f"Nothing to judge: the review has no records yet. Next: {first_steps(review)}."
    return (
        f"Nothing to judge: no record has passed {before.label.lower()} yet. Next: {judge_command(review, before)}, or "
        "human decisions there; `screener status` shows progress."
    )


def next_steps(review: Review, status: ReviewStatus) -> str:
    """Return what to do next: what the first stage needs at which anything waits, in one sentence without its stop."""
    for stage, of_stage in status.stages.items():
        if (step := _step(review, stage, of_stage)) is not None:
            return step
    for stage, of_stage in status.stages.items():
        if (second := of_stage.second_reading) is not None and (step := second.next_step(stage)):
            return step
    for stage, of_stage in status.stages.items():
        if (sample := of_stage.gold.sample) is not None and not of_stage.gold.labels:
            return _sample_step(stage, sample)
    checkable = [stage for stage, of_stage in status.stages.items() if of_stage.gold.checkable]
    check = f"`screener evaluate --stage {checkable[0]}`, " if checkable else ""
    return f"{check}`screener report`, or `screener export --format csv`"


def _step(review: Review, stage: Stage, status: StageStatus) -> str | None:
    """Return what a stage needs next; None where nothing of it waits."""
    machine = review.stage(stage).decided_by.machine
    reports = status.reports or {}
    flow = reports.get("flow", {})
    textless = sum(flow.get(place, 0) for place in ("sought", "not_retrieved", "no_full_text_exists"))
    if status.counts["pending"] > textless + reports.get("no_text", 0):
        return judge_command(review, stage)
    if status.counts["error"] and machine is not None:
        return f"`screener run --stage {stage} --retry-errors` for the {status.counts['error']:,} records with errors"
    if flow.get("sought"):
        return f"`screener import --pdfs FOLDER` for the {flow['sought']:,} reports whose full text is sought"
    if status.counts["suggested"] or status.counts["conflict"]:
        return _people_step(stage, status, machine)
    return None


def _people_step(stage: Stage, status: StageStatus, machine: str | None) -> str:
    """Return what people do next at a stage where records wait for them: gold first, as it checks the machine."""
    label = _PEOPLE
    sample = status.gold.sample
    if status.second_reading is not None:
        if count := status.counts["conflict"]:
            return f"{label}: a third person resolves the {count:,} records in conflict"
        return label
    if sample is not None and not status.gold.labels:
        return _sample_step(stage, sample)
    if status.gold.checkable:
        return f"`screener evaluate --stage {stage}` checks {machine} against gold; people judge in {label}"
    if machine is not None and not status.gold.labels and stage is not Stage.EXTRACTION:
        n = min(SAMPLE, status.records - sum(status.counts[name] for name in ("pending", "error")))
        return f"`screener gold sample --stage {stage} --n {n}` draws records whose labels check {machine}; people judge in {label}"
    return label


def _sample_step(stage: Stage, sample: SampleProgress) -> str:
    if sample.lacking or sample.conflicts:
        return f"{_PEOPLE}: the gold sample comes first"
    return f"`screener gold lock --stage {stage}`: every record of the gold sample is labelled"
