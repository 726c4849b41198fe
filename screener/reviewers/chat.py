"""A chat model as a reviewer: the prompt, the schema of its answer, one repair, and then what code makes of it."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, create_model

from ..core.judgement import Proposed
from ..core.messages import ChatRequest, Judging, Readable
from ..documents import PASSAGES_VERSION, Quote, Report
from ..protocol import LONGEST_TEXT, NONE, Examples, Prompt, StageProtocol, as_shown
from .fulltext import NOTHING, SHOWN_VERSION, ShownPassages, about, choose
from .page_images import NO_IMAGES, PageImages, ShowsPages, images_asked, page_images, with_page_images
from .record_details import details_of
from .schema import digest, filled, strict_schema
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


def answer_form(stage: StageProtocol) -> type[BaseModel]:
    """Return the form of a whole answer: one answer for each question of the stage, all required."""
    fields: dict[str, Any] = {
        criterion.id: (PresupposingAnswer if criterion.applies_if else CriterionAnswer, ...)
        for criterion in stage.questions
    }
    return create_model("Screening", __config__=ConfigDict(extra="forbid"), **fields)


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
        self._form = answer_form(stage)
        self._schema = strict_schema(self._form)

    @cached_property
    def asked(self) -> str:
        """Return the hash of prompt, criteria, examples, schema, model and parameters."""
        criteria = [criterion.model_dump(mode="json", exclude={"cues"}) for criterion in self._stage.questions]
        extra = [self._examples.hash] if self._examples.hash else []
        if self._full_text is not None:
            cues = [criterion.cues.model_dump_json() for criterion in self._stage.questions]  # they lead to passages
            extra += [f"full text {self._full_text} {PASSAGES_VERSION} {SHOWN_VERSION} {self._embedder}", *cues]
            extra += images_asked(self.page_images)
        return digest(
            "chat", self._prompt.hash, self._review, self._stage.question, criteria, self._schema, self._model, *extra
        )

    @cached_property
    def rule(self) -> str:
        """Return the hash of the version of the rules, the criteria by rule and the order of all."""
        order = [criterion.id for criterion in self._stage.criteria]
        return digest(RULE_VERSION, order, [rule.model_dump(mode="json") for rule in self._stage.rules])

    def request(self, record: Readable, shown: ShownPassages = NOTHING, images: PageImages = NO_IMAGES) -> ChatRequest:
        """Return the first request for a record."""
        details = details_of(record)
        text = as_shown(record, shown.passages, len(shown.unread), own_abstract=shown.abstract, details=details)
        messages = self._prompt.messages(self._stage, text, self._review, self._examples.all)
        return ChatRequest(with_page_images(messages, text.mark, images), "screening", self._schema)

    def judge(self, record: Readable) -> Judging:
        """Ask once, and once more with the fault named if the answer cannot be used.

        Raises `Unusable` if the second answer cannot be used either, or at a refusal.
        """
        shown, images = NOTHING, NO_IMAGES
        if self._full_text is not None and isinstance(record, Report):
            shown = yield from choose(record, [about(c) for c in self._stage.questions], self._full_text)
            if self.page_images == "tables":
                images = yield from page_images(record, shown.passages)
        answers = yield from filled(self.request(record, shown, images), self._form)
        proposals = {criterion.id: _proposal(getattr(answers, criterion.id)) for criterion in self._stage.questions}
        flags = ["text_cut"] if len(record.abstract) > LONGEST_TEXT or len(record.title) > LONGEST_TEXT else []
        if not (record.abstract.strip() or shown.abstract or shown.passages):
            flags.append("title_only")
        flags += images.flags
        pictured = bool(images.pictures)
        return finish(self._stage, record, proposals, flags=flags, unread=shown.unread, pictured=pictured)


def _proposal(answer: CriterionAnswer | PresupposingAnswer) -> Proposal:
    proposed = Proposed(answer.answer)
    quote = (answer.quote or "").strip()
    quotes = (Quote(quote),) if quote else ()
    silent = not quotes or proposed is Proposed.ABSENT
    return Proposal(proposed.value_of, " ".join(answer.reason.split())[:1_000], None, quotes, silent=silent)
