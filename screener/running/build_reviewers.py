"""Build a reviewer of the protocol with what it needs, ready to run."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from ..core.errors import BadInput
from ..core.judgement import Stage
from ..core.messages import Embedder, Judging, Readable, Reviewer
from ..documents import has_pdfium
from ..gold import refuse_test_records
from ..ledger import Ledger, fits
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
    Fit,
    Grading,
    ProbabilityReviewer,
)
from ..stages import form_of
from ..text import HashedTerms, MiniLM, load_embedder
from .executors import Workforce
from .local_help import LocalHelp
from .remote_model import RemoteModel, check_model
from .run_task import Task
from .spread_embedder import SpreadEmbedder, check_embedder


@cache
def _embedder() -> MiniLM | HashedTerms:
    """Return the sentence model, loaded once: the members of a combination share it."""
    return load_embedder()


def spread(embedder: Embedder, workforce: Workforce | None) -> Embedder:
    """Return an embedder whose work the workers do, where there are some. Raises `BadInput` for workers with another model."""
    if workforce is None:
        return embedder
    workforce.want(check_embedder, embedder.fingerprint)
    return SpreadEmbedder(embedder, workforce.computing)


@dataclass(frozen=True)
class _Order:
    """Say what a reviewer is built for. `model` stands in for the one that the protocol names, or asks it."""

    ledger: Ledger
    review: Review
    stage: Stage
    name: str
    records: Sequence[Record]
    offline: bool
    model: Model | Workforce | None

    @property
    def protocol(self) -> StageProtocol:
        """Return the stage as the protocol has it."""
        return self.review.stage(self.stage)

    @property
    def workforce(self) -> Workforce | None:
        """Return the workers that do what can be spread; none offline."""
        return self.model if isinstance(self.model, Workforce) and not self.offline else None

    def connected(self, spec: ChatSpec | ProbabilitySpec) -> Model:
        """Return the model to ask; offline it needs no key and cannot send."""
        from ..models import OfflineModel, connect

        if self.workforce is not None:
            self.workforce.want(check_model, spec)
            return RemoteModel(spec, self.workforce.asking)
        given = None if isinstance(self.model, Workforce) else self.model
        return given or (OfflineModel(spec) if self.offline else connect(spec))

    def local(self) -> LocalHelp:
        """Return what answers requests for vectors and pictures."""
        embedder = spread(_embedder(), self.workforce)
        vectors = LocalModel(KeptVectors(embedder, vectors_file(self.review.hidden)))
        return LocalHelp(vectors, self.ledger, self.review.hidden)


def task_for(
    ledger: Ledger,
    review: Review,
    stage: Stage,
    name: str,
    records: Sequence[Record],
    *,
    offline: bool = False,
    model: Model | Workforce | None = None,
) -> Task:
    """Return the reviewer `name` of the protocol, ready to judge `records`; `offline` needs no key and cannot send.

    `model` stands in for the one that the protocol names, or is the workers that ask it, each with a key of its own: then
    there is no need of a key here.

    Raises `BadInput` for a key that is not in the environment, a prompt that cannot be used, and for an ensemble, which
    is run as its members.
    """
    order = _Order(ledger, review, stage, name, records, offline, model)
    match review.reviewer(name):
        case EnsembleSpec(members=members):
            raise BadInput(f"{name} combines others: run it as a whole, or its members {', '.join(members)}")
        case EmbeddedReviewerSpec():
            return embedded_task(ledger, review, stage, name, records, workforce=order.workforce)
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
    ledger: Ledger,
    review: Review,
    stage: Stage,
    name: str,
    records: Sequence[Record],
    *,
    fitted: bool = True,
    workforce: Workforce | None = None,
) -> Task:
    """Return the embedded reviewer `name`, ready to run: with its newest fit, if it has one and is to be `fitted`.

    `workforce` are the workers that make its sentence vectors, if any.
    """
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
    local = LocalModel(KeptVectors(spread(embedder, workforce), vectors_file(review.hidden)))
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
