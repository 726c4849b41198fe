"""Fit the embedded reviewer to what people have decided."""

import asyncio
import hashlib
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from ..core.judgement import Judgement, Stage
from ..gold import Label, as_judgement, dev_parts, enter_gold, load_gold, placed_labels, shown_in_prompt
from ..ledger import Ledger, fits, ranked_records, reads, reports, specifications
from ..ledger import held_back as held_back_records
from ..ledger.tuned import tuning_counts
from ..protocol import Review, as_asked, read_examples
from ..records import Record
from ..reviewers import EmbeddedReviewer, Features, Fit
from ..reviewers.fit import MIN_OF_EACH
from ..reviewers.fit import fit as fit_to
from ..reviewers.wording_fit import fit_wording
from .build_reviewers import embedded_task
from .run_task import Task
from .runner import drive_with

T = TypeVar("T")


def human_labels(ledger: Ledger, review: Review, stage: Stage) -> dict[str, Judgement]:
    """Return human decisions by record id, for a fit to learn from.

    Adjudications before single judgements; records on which humans disagree are left out. Human gold of the `dev`
    split counts too. Whatever is gold `test` or in a sample for gold or elusion, and every provisional label, is left out,
    and so are other reports of the same studies; what the prompt shows as an example too.
    """
    gold = load_gold(review, stage)
    if gold is not None:
        enter_gold(ledger, gold)
    with ledger.read() as connection:
        current_ids = reads.current_ids(connection)
        rows = list(reads.judgements(connection, stage))
    newest = {(row.role, row.reviewer, current_ids.get(row.record_id, row.record_id)): row.judgement for row in rows}
    labels: dict[str, Judgement] = {}
    disputed: set[str] = set()
    for (role, _, record), judgement in newest.items():
        if role == "human" and record in labels and labels[record].decision.kept != judgement.decision.kept:
            disputed.add(record)
        if role == "human":
            labels[record] = judgement
    labels = {record: judgement for record, judgement in labels.items() if record not in disputed}
    labels |= {record: judgement for (role, _, record), judgement in newest.items() if role == "adjudicator"}
    labels = {record: as_asked(review.stage(stage), judgement) for record, judgement in labels.items()}
    return teaching(ledger, review, stage, labels, as_judgement)


def teaching(
    ledger: Ledger, review: Review, stage: Stage, labels: Mapping[str, T], of_gold: Callable[[Label], T]
) -> dict[str, T]:
    """Return what may be learned from: people's labels by record id, and those of human gold `dev`, made by `of_gold`.

    Not what is gold `test` or in a sample for gold, elusion or an update, nor other reports of the same studies, nor what the
    prompt shows as an example.
    """
    gold = load_gold(review, stage)
    with ledger.read() as connection:
        undecided = reads.with_their_studies(connection, held_back_records(connection, stage))
    taught = {record: label for record, label in labels.items() if record not in undecided}
    if gold is None:
        return taught
    placed = {label.id: label.record for label in placed_labels(ledger, gold) if label.record is not None}
    for label in gold.labels:
        if label.id in placed and gold.spec.status == "human" and gold.split[label.id] == "dev":
            taught.setdefault(placed[label.id], of_gold(label))
    tested = {placed[label.id] for label in gold.labels if label.id in placed and gold.split[label.id] == "test"}
    with ledger.read() as connection:
        excluded, same_study = reads.with_their_studies(connection, tested), reads.same_study(connection)
    on_dev = {placed[label.id]: label for label in gold.labels if placed.get(label.id) in taught}
    shown = shown_in_prompt(gold, read_examples(review, review.stage(stage)), on_dev, same_study)
    return {name: label for name, label in taught.items() if name not in excluded | shown}


def from_ranked_queue(ledger: Ledger, stage: Stage, names: Container[str]) -> int:
    """Count the records of which a human judgement was given in the order of a machine's probabilities.

    A fit may learn from them, but they are no sample: what it says of a probability is not calibrated by them.
    """
    with ledger.read() as connection:
        ranked = ranked_records(connection, stage)
    return len([name for name in ranked if name in names])


RECALL = 0.95
"""For which a fit chooses its threshold where the protocol has no gate that asks for one."""


@dataclass(frozen=True)
class MadeFit:
    """A fit with the numbers of labels kept, excluded, and given in the order of a ranked queue (`from_ranked_queue`)."""

    fit: Fit
    kept: int
    excluded: int
    ranked: int


def make_fit(ledger: Ledger, review: Review, stage: Stage, name: str) -> MadeFit:
    """Fit the reviewer to the human labels, with a threshold for the recall that the protocol asks for; keep the fit.

    Raises `BadInput` where there are too few labels.
    """
    labels = human_labels(ledger, review, stage)
    with ledger.read() as connection:
        records = [record for record in reads.records(connection) if record.id in labels]
    if stage is not Stage.ABSTRACT:  # what is fitted is what is read: reports without a text teach nothing
        records = [report for report in reports(ledger, records) if report.complete]
        labels = {report.id: labels[report.id] for report in records}
    task = embedded_task(ledger, review, stage, name, records)
    gate = review.stage(stage).gate
    recall = gate.recall_low if gate else RECALL
    if isinstance(task.reviewer, EmbeddedReviewer) and task.reviewer.by_wording:
        fit = _fit_of_wording(ledger, review, task, labels, recall)
    else:
        weights = _weights_on_dev(ledger, review, stage, labels, MIN_OF_EACH)
        fit = fit_to(_features(task, records), labels, recall=recall, weights=weights)
    with ledger.write() as connection:
        fits.keep_fit(connection, fit.id, stage, name, fit.to_json())
    kept = sum(judgement.decision.kept for judgement in labels.values())
    return MadeFit(fit, kept, len(labels) - kept, from_ranked_queue(ledger, stage, labels))


FRAME = 2_000
"""Records at most by which a fit of the wording knows the average: those that come first by the hash of their id."""


def _fit_of_wording(ledger: Ledger, review: Review, task: Task, labels: Mapping[str, Judgement], recall: float) -> Fit:
    """Fit the wording's score to labels that were drawn at random: gold `dev`, else those of the random queue."""
    weights = _weights_on_dev(ledger, review, task.stage, labels, 1)
    with ledger.read() as connection:
        everything = sorted(reads.records(connection), key=lambda r: hashlib.sha256(r.id.encode()).hexdigest())
        ranked = ranked_records(connection, task.stage)
    if weights is None:
        labels = {name: label for name, label in labels.items() if name not in ranked}
    frame = everything[:FRAME]
    features = _features(task, [*frame, *(record for record in everything[FRAME:] if record.id in labels)])
    scores = [score for record in frame if (score := features[record.id].wording) is not None]
    return fit_wording(scores, features, labels, recall=recall, weights=weights)


def _weights_on_dev(
    ledger: Ledger, review: Review, stage: Stage, labels: Mapping[str, Judgement], least: int
) -> dict[str, float] | None:
    """Return for how many records each label of gold `dev` stands; None where fewer than `least` are kept or excluded.

    Labels of gold were drawn, so a threshold is chosen on them where there are enough; else on all that people judged. Where
    the wording was tuned on one part of them (`gold.parts`), it is chosen on the other.
    """
    gold = load_gold(review, stage)
    if gold is None or gold.spec.status != "human":
        return None
    placed = enter_gold(ledger, gold)
    drawn = {
        placed[label.id]: label
        for label in gold.labels
        if gold.split[label.id] == "dev" and placed.get(label.id) in labels
    }
    with ledger.read() as connection:
        tuned, same_study = tuning_counts(specifications(connection), stage), reads.same_study(connection)
    parts = dev_parts(review, drawn, same_study)
    weights = {name: label.weight for name, label in drawn.items() if parts[name] == "check" or not tuned.variants}
    kept = sum(labels[name].decision.kept for name in weights)
    return weights if min(kept, len(weights) - kept) >= least else None


def _features(task: Task, records: Sequence[Record]) -> Mapping[str, Features]:
    reviewer = task.reviewer
    assert isinstance(reviewer, EmbeddedReviewer)

    async def features_of(record: Record) -> tuple[str, Features]:
        return record.id, (await drive_with(reviewer.measure(record), task.model)).features

    async def features_of_all() -> dict[str, Features]:
        features: dict[str, Features] = {}
        for start in range(0, len(records), 64):
            features.update(await asyncio.gather(*map(features_of, records[start : start + 64])))
        return features

    return asyncio.run(features_of_all())
