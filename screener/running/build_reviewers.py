"""Build a reviewer of the protocol with what it needs, ready to run; and fit the embedded one."""

import asyncio
import hashlib
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from ..core.errors import BadInput
from ..core.judgement import Judgement, Stage
from ..core.messages import Judging, Readable, Reviewer
from ..documents import has_pdfium
from ..gold import as_judgement, dev_parts, enter_gold, load_gold, refuse_test_records, shown_in_prompt
from ..ledger import Ledger, fits, ranked_records, reads, reports, specifications
from ..ledger import held_back as held_back_records
from ..ledger.tuned import tuning_counts
from ..models import KeptVectors, LocalModel, Model, vectors_file
from ..protocol import (
    REVIEWERS,
    ChatSpec,
    ProbabilitySpec,
    Prompt,
    Review,
    ReviewerContext,
    StageProtocol,
    as_asked,
    read_examples,
)
from ..protocol.model import EmbeddedReviewerSpec, EnsembleSpec, OtherReviewer, ProbabilityReviewerSpec
from ..records import Record
from ..reviewers import (
    Calibration,
    ChatExtractor,
    ChatReviewer,
    EmbeddedExtractor,
    EmbeddedReviewer,
    Features,
    Fit,
    Grading,
    ProbabilityReviewer,
)
from ..reviewers.fit import MIN_OF_EACH
from ..reviewers.fit import fit as fit_to
from ..reviewers.wording_fit import fit_wording
from ..stages import form_of
from ..text import HashedTerms, MiniLM, load_embedder
from .local_help import LocalHelp
from .run_task import Task
from .runner import drive_with


@cache
def _embedder() -> MiniLM | HashedTerms:
    """Return the sentence model, loaded once: the members of a combination share it."""
    return load_embedder()


@dataclass(frozen=True)
class _Order:
    """Say what a reviewer is built for. `model` stands in for the one that the protocol names."""

    ledger: Ledger
    review: Review
    stage: Stage
    name: str
    records: Sequence[Record]
    offline: bool
    model: Model | None

    @property
    def protocol(self) -> StageProtocol:
        """Return the stage as the protocol has it."""
        return self.review.stage(self.stage)

    def connected(self, spec: ChatSpec | ProbabilitySpec) -> Model:
        """Return the model to ask; offline it needs no key and cannot send."""
        from ..models import OfflineModel, connect

        return self.model or (OfflineModel(spec) if self.offline else connect(spec))

    def local(self) -> LocalHelp:
        """Return what answers requests for vectors and pictures."""
        embedder = LocalModel(KeptVectors(_embedder(), vectors_file(self.review.hidden)))
        return LocalHelp(embedder, self.ledger, self.review.hidden)


def task_for(
    ledger: Ledger,
    review: Review,
    stage: Stage,
    name: str,
    records: Sequence[Record],
    *,
    offline: bool = False,
    model: Model | None = None,
) -> Task:
    """Return the reviewer `name` of the protocol, ready to judge `records`; `offline` needs no key and cannot send.

    `model` stands in for the one that the protocol names: then there is no need of a key either.

    Raises `BadInput` for a key that is not in the environment, a prompt that cannot be used, and for an ensemble, which
    is run as its members.
    """
    order = _Order(ledger, review, stage, name, records, offline, model)
    match review.reviewer(name):
        case EnsembleSpec(members=members):
            raise BadInput(f"{name} combines others: run it as a whole, or its members {', '.join(members)}")
        case EmbeddedReviewerSpec():
            return embedded_task(ledger, review, stage, name, records)
        case ChatSpec() as spec:
            return _chat_task(order, spec)
        case ProbabilityReviewerSpec() as spec:
            return _probability_task(order, spec)
        case OtherReviewer() as spec:
            return _other_task(order, spec)


def _chat_task(order: _Order, spec: ChatSpec) -> Task:
    review, stage, protocol = order.review, order.stage, order.protocol
    model, title = order.connected(spec), review.protocol.title
    embedder = None if stage is Stage.ABSTRACT else _embedder()
    if spec.page_images != "none" and stage is not Stage.ABSTRACT and not has_pdfium():
        raise BadInput(f'{order.name}: page_images needs pypdfium2; pip install "screener[pdf]"')
    prompt = Prompt.read(review.prompts / protocol.template)
    reviewer: ChatExtractor | ChatReviewer
    grading = None
    if stage is Stage.EXTRACTION:
        form = form_of(review)
        reviewer = ChatExtractor(
            protocol, form, prompt, title, model.fingerprint,
            full_text=spec.full_text_characters, second_reading=spec.second_reading,
        )  # fmt: skip
    else:
        examples = read_examples(review, protocol)
        refuse_test_records(review, stage, examples)
        reviewer = ChatReviewer(
            protocol,
            prompt,
            title,
            model.fingerprint,
            examples,
            full_text=None if embedder is None else spec.full_text_characters,
            embedder="" if embedder is None else embedder.fingerprint,
        )
        grading = _grading(order, spec, prompt)
        reviewer = reviewer if grading is None else reviewer.graded_by(grading)
    task = _asked_task(order, spec, reviewer.showing(spec.page_images), model, prompt.hash)
    if grading is not None and grading.calibration is not None:
        task.specification["fit"] = grading.calibration.id
    return task


def _grading(order: _Order, spec: ChatSpec, prompt: Prompt) -> Grading | None:
    """Return what is made of graded answers; None where they are plain."""
    if spec.answers == "plain":
        return None
    if not prompt.asks_for("graded"):
        raise BadInput(
            f"{prompt.path}: {order.name} has `answers: graded`, and this prompt tells of no grades; show them "
            "where `{% if graded %}`, as the packaged prompt does"
        )
    calibration = newest_calibration(order.ledger, order.stage, order.name)
    return Grading(spec.thresholds.get(order.stage, {}), spec.until.get(order.stage), calibration, spec.logprobs)


def _probability_task(order: _Order, spec: ProbabilityReviewerSpec) -> Task:
    model = order.connected(spec)
    if order.stage is Stage.EXTRACTION:
        raise BadInput(
            f"{order.name}: a {spec.kind} model answers questions and fills no form; use a chat model or `embedded`"
        )
    reviewer = ProbabilityReviewer(
        order.protocol,
        spec.thresholds.get(order.stage, {}),
        model.fingerprint,
        embedder=None if order.stage is Stage.ABSTRACT else _embedder().fingerprint,
    )
    return _asked_task(order, spec, reviewer, model, None)


def _asked_task(
    order: _Order, spec: ChatSpec | ProbabilityReviewerSpec, reviewer: Reviewer, model: Model, prompt: str | None
) -> Task:
    """Return the task of a reviewer whose calls cost something."""
    specification = {
        "kind": spec.kind,
        "protocol": order.review.fingerprint(order.stage, order.name),
        "model": spec.model,
        "fingerprint": model.fingerprint,
        "prompt": prompt,
        "asked": reviewer.asked,
        "rule": reviewer.rule,
    }
    local = None if order.stage is Stage.ABSTRACT else order.local()
    return Task(order.name, order.stage, order.protocol, reviewer, model, order.records, specification, spec, local)


class Presupposing:
    """A reviewer that a package brings, at a stage with criteria that presuppose others: these are not asked after a no."""

    def __init__(self, reviewer: Reviewer, stage: StageProtocol) -> None:
        self._reviewer, self._stage = reviewer, stage
        self.asked = reviewer.asked
        self.rule = f"{reviewer.rule}:{dict(stage.presupposed)}"

    def judge(self, record: Readable) -> Judging:
        """Judge as the package's reviewer does, but for what is not asked."""
        judgement = yield from self._reviewer.judge(record)
        return as_asked(self._stage, judgement)


def _other_task(order: _Order, spec: OtherReviewer) -> Task:
    """Return the task of a reviewer that an installed package brings.

    Without a chat model it is asked for vectors only.
    """
    kind, local = REVIEWERS[spec.kind], order.local()
    model = order.connected(spec.model) if spec.model is not None else None
    context = ReviewerContext(
        order.stage,
        order.protocol,
        order.review.protocol.title,
        model.fingerprint if model else None,
        _embedder().fingerprint,
    )
    reviewer: Reviewer = kind.build(kind.options.model_validate(spec.options), context)
    if order.protocol.presupposed:
        reviewer = Presupposing(reviewer, order.protocol)
    specification = {
        "kind": spec.kind,
        "protocol": order.review.fingerprint(order.stage, order.name),
        "model": spec.model.model if spec.model else spec.kind,
        "fingerprint": model.fingerprint if model else local.fingerprint,
        "options": spec.options,
        "asked": reviewer.asked,
        "rule": reviewer.rule,
    }
    name, stage, protocol, records = order.name, order.stage, order.protocol, order.records
    if model is None:
        return Task(name, stage, protocol, reviewer, local, records, specification)
    return Task(name, stage, protocol, reviewer, model, records, specification, spec.model, local)


ONLY_RANKS = (
    "no criterion of the stage has cues, so {name} ranks the records and suggests no exclusion; it can once people have judged"
    " some drawn at random, about 50, and kept at least one (`screener run --stage {stage} --reviewer {name} --fit`)"
)
"""Said of the embedded reviewer before any label."""


def embedded_task(
    ledger: Ledger, review: Review, stage: Stage, name: str, records: Sequence[Record], *, fitted: bool = True
) -> Task:
    """Return the embedded reviewer `name`, ready to run: with its newest fit, if it has one and is to be `fitted`."""
    embedder = _embedder()
    fit = newest_fit(ledger, stage, name) if fitted else None
    protocol, spec = review.stage(stage), review.reviewer(name)
    if not isinstance(spec, EmbeddedReviewerSpec):
        raise BadInput(
            f"{name} is neither an embedded reviewer nor one with `answers: graded`, so there is nothing to fit"
        )
    embedded = EmbeddedReviewer(protocol, spec, embedder.fingerprint, fit, name=stage)
    reviewer: Reviewer = embedded
    left: dict[str, str] = {}
    if stage is Stage.EXTRACTION:
        form = form_of(review)
        reviewer = EmbeddedExtractor(form, embedder.fingerprint)
        left = {path: form.labels[path] for path in reviewer.left_to_people}
    specification = {
        "kind": "embedded",
        "protocol": review.fingerprint(stage, name),
        "embedder": embedder.description,
        "fingerprint": embedder.fingerprint,
        "fit": embedded.fit.id if embedded.fit else None,
        "asked": reviewer.asked,
        "rule": reviewer.rule,
    }
    local = LocalModel(KeptVectors(embedder, vectors_file(review.hidden)))
    notice = ONLY_RANKS.format(name=name, stage=stage) if embedded.by_wording and embedded.fit is None else ""
    return Task(name, stage, protocol, reviewer, local, records, specification, left_to_people=left, notice=notice)


def newest_fit(ledger: Ledger, stage: Stage, name: str) -> Fit | None:
    """Return the newest fit of a reviewer and stage."""
    with ledger.read() as connection:
        body = fits.newest_fit(connection, stage, name)
    return None if body is None else Fit.from_json(body)


def newest_calibration(ledger: Ledger, stage: Stage, name: str) -> Calibration | None:
    """Return the newest calibration of a reviewer with graded answers at a stage."""
    with ledger.read() as connection:
        body = fits.newest_fit(connection, stage, name)
    return None if body is None else Calibration.from_json(body)


def human_labels(ledger: Ledger, review: Review, stage: Stage) -> dict[str, Judgement]:
    """Return human decisions by record id, for a fit to learn from.

    Adjudications before single judgements; records on which humans disagree are left out. Human gold of the `dev`
    split counts too. Whatever is gold `test` or in a sample for gold or elusion, and every provisional label, is left out,
    and so are other reports of the same studies; what the prompt shows as an example too.
    """
    gold = load_gold(review, stage)
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
    with ledger.read() as connection:
        undecided = reads.with_their_studies(connection, held_back_records(connection, stage))
    labels = {record: judgement for record, judgement in labels.items() if record not in undecided}
    if gold is not None:
        placed = enter_gold(ledger, gold)
        for label in gold.labels:
            if label.id in placed and gold.spec.status == "human" and gold.split[label.id] == "dev":
                labels.setdefault(placed[label.id], as_judgement(label))
        tested = {placed[label.id] for label in gold.labels if label.id in placed and gold.split[label.id] == "test"}
        with ledger.read() as connection:
            excluded, same_study = reads.with_their_studies(connection, tested), reads.same_study(connection)
        on_dev = {placed[label.id]: label for label in gold.labels if placed.get(label.id) in labels}
        shown = shown_in_prompt(gold, read_examples(review, review.stage(stage)), on_dev, same_study)
        labels = {name: judgement for name, judgement in labels.items() if name not in excluded | shown}
    return labels


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
