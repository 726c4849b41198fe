"""Calibrate a chat reviewer with graded answers on gold `dev`, from the answers that it has given already."""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial

from ..core.errors import BadInput
from ..core.judgement import Stage
from ..core.messages import AnswerPending, LocalRequest, Request, Response, UnusableReplyError
from ..gold import Label, as_judgement, dev_parts, load_gold, of_tested_studies, placed_labels, shown_in_prompt
from ..ledger import Ledger, answer_text, fits, reads, reports
from ..ledger.earlier_requests import requests_behind
from ..protocol import ChatSpec, Review, read_examples
from ..records import Record
from ..reviewers import Calibration, ChatReviewer, Taught, calibrate
from ..stages import half_of
from .build_reviewers import task_for
from .run_task import Task
from .runner import drive
from .stored_answers import model_hash, request_hash, response_from


@dataclass(frozen=True)
class MadeCalibration:
    """A calibration with the numbers of labels kept and excluded, and of labels without a usable answer yet."""

    calibration: Calibration
    kept: int
    excluded: int
    unanswered: int

    @property
    def sentence(self) -> str:
        """Return what is calibrated, and what it was made from."""
        left = f" {self.unanswered:,} more labels have no stored answer and teach nothing." if self.unanswered else ""
        return f"Made from the part `tune` of gold dev. {self.calibration.sentence}{left}"


def is_graded(review: Review, name: str) -> bool:
    """Return whether a reviewer's answers are graded, so that they can be calibrated."""
    spec = review.reviewer(name)
    return isinstance(spec, ChatSpec) and spec.answers == "graded"


def make_calibration(ledger: Ledger, review: Review, stage: Stage, name: str) -> MadeCalibration:
    """Calibrate a reviewer's grades on the part `tune` of gold dev, and keep the calibration; nothing is asked.

    Raises `BadInput` where gold is not labelled by people, where none of its records is judged, and for too few labels.
    """
    labels = _labels(ledger, review, stage)
    with ledger.read() as connection:
        records: list[Record] = [record for record in reads.records(connection) if record.id in labels]
    if stage is not Stage.ABSTRACT:
        records = [report for report in reports(ledger, records) if report.complete]
    task = task_for(ledger, review, stage, name, records, offline=True)
    taught = asyncio.run(_taught(ledger, task, labels))
    if records and not taught:
        raise BadInput(
            f"{name}: it has judged no labelled record of the part `tune` of gold dev yet; "
            f"run `screener run --stage {stage} --reviewer {name}` first"
        )
    calibration = calibrate(review.stage(stage), taught)
    with ledger.write() as connection:
        fits.keep_fit(connection, calibration.id, stage, name, calibration.to_json())
    kept = sum(case.label.decision.kept for case in taught.values())
    return MadeCalibration(calibration, kept, len(taught) - kept, len(labels) - len(taught))


def calibrated_anew(ledger: Ledger, review: Review, task: Task) -> Task:
    """Return the task of a calibrated reviewer with the calibration that its own answers on `tune` teach; nothing is kept.

    So a wording is not judged by what the grades given to another wording mean. What is not calibrated stays as it is, and so
    does what has too few labels.
    """
    reviewer = task.reviewer
    grading = reviewer.grading if isinstance(reviewer, ChatReviewer) else None
    if not isinstance(reviewer, ChatReviewer) or grading is None or grading.calibration is None:
        return task
    try:
        labels = _labels(ledger, review, task.stage)
        teaching = replace(task, records=[record for record in task.records if record.id in labels])
        calibration = calibrate(review.stage(task.stage), asyncio.run(_taught(ledger, teaching, labels)))
    except BadInput:
        return task
    return replace(task, reviewer=reviewer.graded_by(replace(grading, calibration=calibration)))


def _labels(ledger: Ledger, review: Review, stage: Stage) -> dict[str, Label]:
    """Return the labels of the part `tune` of gold dev, by record id, without those of studies that are in test too."""
    gold = load_gold(review, stage)
    if gold is None or gold.spec.status != "human":
        raise BadInput(
            f"{review.gold / f'{stage}.csv'}: graded answers are calibrated on gold dev that people labelled, and there is none"
        )
    by_id = {label.id: label for label in gold.labels}
    half = half_of(placed_labels(ledger, gold), "dev")
    labels = {record: by_id[placed.id] for record, placed in half.labels.items()}
    with ledger.read() as connection:
        same_study = reads.same_study(connection)
    parts = dev_parts(review, labels, same_study)
    shown = shown_in_prompt(gold, read_examples(review, review.stage(stage)), labels, same_study)
    left_out = shown | of_tested_studies(ledger, gold)
    return {record: label for record, label in labels.items() if parts[record] == "tune" and record not in left_out}


async def _taught(ledger: Ledger, task: Task, labels: Mapping[str, Label]) -> dict[str, Taught]:
    """Return what the labelled records teach, of those whose answers are stored."""
    reviewer, model = task.reviewer, model_hash(task.model.fingerprint)
    assert isinstance(reviewer, ChatReviewer)
    with ledger.read() as connection:
        behind = requests_behind(connection, task.stage, reviewer.asked)

    async def stored(request: Request, earlier: Iterator[str]) -> Response:
        if isinstance(request, LocalRequest):
            assert task.local is not None
            return (await task.local.send(request)).response
        keys = request_hash(model, request), next(earlier, "")
        with ledger.read() as connection:
            text = answer_text(connection, (keys[0], 0)) or answer_text(connection, (keys[1], 0))
        if text is None:
            raise AnswerPending
        return response_from(text)

    taught: dict[str, Taught] = {}
    for record in task.records:
        earlier = iter(behind.get((record.id, record.text_hash, 0), ()))
        try:
            read = await drive(reviewer.read(record), partial(stored, earlier=earlier))
        except (AnswerPending, UnusableReplyError):
            continue
        label = labels[record.id]
        taught[record.id] = reviewer.taught(record, read, as_judgement(label), label.weight)
    if task.local is not None:
        await task.local.close()
    return taught
