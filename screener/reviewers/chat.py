"""A chat model as a reviewer: the prompt, the schema of its answer, one repair, and then what code makes of it."""

from collections.abc import Generator, Mapping
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, create_model

from ..core.judgement import Judgement, Proposed
from ..core.messages import ChatRequest, ChatResponse, Judging, Readable, Request, Response
from ..documents import PASSAGES_VERSION, Quote, Report
from ..protocol import LONGEST_TEXT, NONE, Examples, Prompt, StageProtocol, as_shown
from .calibration import Taught
from .fulltext import NOTHING, SHOWN_VERSION, ShownPassages, about, choose
from .grades import GradedAnswer
from .grading import Grading, grades_of
from .page_images import NO_IMAGES, PageImages, ShowsPages, images_asked, page_images, with_page_images
from .record_details import details_of
from .schema import answered, digest, strict_schema
from .screening import RULE_VERSION, Proposal, finish


class CriterionAnswer(BaseModel):
    """What is asked of a model for one criterion, in this order: reasons before answers."""

    model_config = ConfigDict(extra="forbid")

    reason: str
    quote: str | None
    answer: Literal["yes", "no", "absent", "unclear"]


class PresupposingAnswer(BaseModel):
    """What is asked for a criterion that presupposes another (`applies_if`)."""

    model_config = ConfigDict(extra="forbid")

    reason: str
    quote: str | None
    answer: Literal["yes", "no", "absent", "unclear", "not_asked"]


class GradedCriterionAnswer(BaseModel):
    """What is asked of a model for one criterion where answers are graded."""

    model_config = ConfigDict(extra="forbid")

    reason: str
    quote: str | None
    answer: Literal["definitely_yes", "probably_yes", "unclear", "probably_no", "definitely_no", "absent"]


class GradedPresupposingAnswer(BaseModel):
    """The same for a criterion that presupposes another."""

    model_config = ConfigDict(extra="forbid")

    reason: str
    quote: str | None
    answer: Literal["definitely_yes", "probably_yes", "unclear", "probably_no", "definitely_no", "absent", "not_asked"]


def answer_form(stage: StageProtocol, *, graded: bool = False) -> type[BaseModel]:
    """Return the form of a whole answer: one answer for each question of the stage, all required."""
    plain = (GradedCriterionAnswer, GradedPresupposingAnswer) if graded else (CriterionAnswer, PresupposingAnswer)
    fields: dict[str, Any] = {criterion.id: (plain[bool(criterion.applies_if)], ...) for criterion in stage.questions}
    return create_model("Screening", __config__=ConfigDict(extra="forbid"), **fields)


@dataclass(frozen=True)
class ChatReading:
    """What a model answered about a record, and what it was shown: all that a judgement is made of."""

    answers: BaseModel
    response: ChatResponse
    flags: tuple[str, ...]
    unread: tuple[str, ...]
    pictured: bool
    silence_counts: bool
    """Whether the text may be silent about something: not a title alone, nor a part of a text."""


class ChatReviewer(ShowsPages):
    """Judges one stage by a prompt. `model` is the model's fingerprint (see `models.Model`)."""

    def __init__(
        self,
        stage: StageProtocol,
        prompt: Prompt,
        review: str,
        model: Mapping[str, Any],
        examples: Examples = NONE,
        *,
        full_text: int | None = None,
        embedder: str = "",
    ) -> None:
        """`review` is the review's title, as the prompt names it.

        `full_text` is how many characters of a report's documents are shown; None at a stage that reads none.
        `embedder` is the fingerprint of what answers the requests for vectors, by which passages are chosen.
        """
        self._stage, self._prompt, self._review, self._model = stage, prompt, review, model
        self._examples, self._full_text, self._embedder = examples, full_text, embedder
        self.grading: Grading | None = None
        """What is made of graded answers; None where they are plain."""
        self._form = answer_form(stage)
        self._schema = strict_schema(self._form)

    def graded_by(self, grading: Grading) -> Self:
        """Return the reviewer that asks for graded answers; `grading` says what is made of them."""
        other = copy(self)
        other.grading, other._form = grading, answer_form(self._stage, graded=True)
        other._schema = strict_schema(other._form)
        for name in ("asked", "rule"):
            vars(other).pop(name, None)
        return other

    @cached_property
    def asked(self) -> str:
        """Return the hash of prompt, criteria, examples, schema, model and parameters."""
        criteria = [criterion.model_dump(mode="json", exclude={"cues"}) for criterion in self._stage.questions]
        extra = [self._examples.hash] if self._examples.hash else []
        if self._full_text is not None:
            cues = [criterion.cues.model_dump_json() for criterion in self._stage.questions]  # they lead to passages
            extra += [f"full text {self._full_text} {PASSAGES_VERSION} {SHOWN_VERSION} {self._embedder}", *cues]
            extra += images_asked(self.page_images)
        if self.grading is not None:
            extra += self.grading.asked
        return digest(
            "chat", self._prompt.hash, self._review, self._stage.question, criteria, self._schema, self._model, *extra
        )

    @cached_property
    def rule(self) -> str:
        """Return the hash of the version of the rules, the criteria by rule and the order of all."""
        order = [criterion.id for criterion in self._stage.criteria]
        graded = [] if self.grading is None else self.grading.rule
        return digest(RULE_VERSION, order, [rule.model_dump(mode="json") for rule in self._stage.rules], *graded)

    def request(self, record: Readable, shown: ShownPassages = NOTHING, images: PageImages = NO_IMAGES) -> ChatRequest:
        """Return the first request for a record."""
        details = details_of(record)
        text = as_shown(record, shown.passages, len(shown.unread), own_abstract=shown.abstract, details=details)
        graded = self.grading is not None
        messages = self._prompt.messages(self._stage, text, self._review, self._examples.all, graded=graded)
        logprobs = self.grading is not None and self.grading.logprobs
        return ChatRequest(with_page_images(messages, text.mark, images), "screening", self._schema, logprobs)

    def judge(self, record: Readable) -> Judging:
        """Ask once, and once more with the fault named if the answer cannot be used.

        Raises `Unusable` if the second answer cannot be used either, or at a refusal.
        """
        reading = yield from self.read(record)
        return self.conclude(record, reading)

    def read(self, record: Readable) -> Generator[Request, Response, ChatReading]:
        """Ask as `judge` does, and return what was answered, of which `conclude` makes a judgement."""
        shown, images = NOTHING, NO_IMAGES
        if self._full_text is not None and isinstance(record, Report):
            shown = yield from choose(record, [about(c) for c in self._stage.questions], self._full_text)
            if self.page_images == "tables":
                images = yield from page_images(record, shown.passages)
        answers, response = yield from answered(self.request(record, shown, images), self._form)
        flags = ["text_cut"] if len(record.abstract) > LONGEST_TEXT or len(record.title) > LONGEST_TEXT else []
        if not (record.abstract.strip() or shown.abstract or shown.passages):
            flags.append("title_only")
        flags += images.flags
        unread = shown.unread or (isinstance(record, Report) and record.unreadable)
        silence_counts = "title_only" not in flags and "text_cut" not in flags and not unread
        return ChatReading(answers, response, tuple(flags), shown.unread, bool(images.pictures), silence_counts)

    def grades(self, read: ChatReading) -> dict[str, GradedAnswer]:
        """Return the grade of each question, of a reading of graded answers."""
        return grades_of(self._stage, read.answers, read.response, silence_counts=read.silence_counts)

    def conclude(self, record: Readable, read: ChatReading) -> Judgement:
        """Return the judgement that follows from what was answered; pure."""
        if self.grading is None:
            names = [criterion.id for criterion in self._stage.questions]
            return self._finished(record, read, {name: _proposal(getattr(read.answers, name)) for name in names})
        proposals = self.grading.proposals(self._stage, read.answers, self.grades(read))
        return self.grading.decided(self._stage, self._finished(record, read, proposals))

    def taught(self, record: Readable, read: ChatReading, label: Judgement, weight: float = 1.0) -> Taught:
        """Return what a calibration learns of a labelled record, from a reading of graded answers."""
        grades, uncalibrated = self.grades(read), Grading(self.grading.thresholds if self.grading else {})
        proposals = uncalibrated.proposals(self._stage, read.answers, grades)
        return Taught(grades, label, self._finished(record, read, proposals), weight)

    def _finished(self, record: Readable, read: ChatReading, proposals: Mapping[str, Proposal]) -> Judgement:
        return finish(self._stage, record, proposals, flags=read.flags, unread=read.unread, pictured=read.pictured)


def _proposal(answer: CriterionAnswer | PresupposingAnswer) -> Proposal:
    proposed = Proposed(answer.answer)
    quote = (answer.quote or "").strip()
    quotes = (Quote(quote),) if quote else ()
    silent = not quotes or proposed is Proposed.ABSENT
    return Proposal(proposed.value_of, " ".join(answer.reason.split())[:1_000], None, quotes, silent=silent)
