"""A model's critique of the criteria on request: what it costs, the requests as a file, and what comes of the answers."""

import asyncio
from collections.abc import Generator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ..core.errors import BadInput
from ..core.files import whole_file
from ..core.judgement import Stage
from ..core.messages import ChatRequest, Request, Response, UnusableReplyError
from ..models import Model, ModelError, Usage, connect, cost_usd, count_tokens, encode, read_answers
from ..protocol import ChatSpec, Finding, Review
from ..reviewers import Critique, ask_for_critique, critique_request, suggestions_of
from ..running import drive, request_hash
from .wording import WordingNote, with_lines

TOKENS_PER_CRITERION = 120
"""Assumed length of what is said of one criterion: a quote, a sentence and a new wording, of some of them."""


@dataclass(frozen=True)
class CritiquePlan:
    """What a critique would ask and cost, roughly; `cost_usd` is None where the price is unknown."""

    reviewer: str
    calls: int
    input_tokens: int
    output_tokens: int
    cost_usd: float | None

    def as_json(self) -> dict[str, Any]:
        """Return it as `check --critique --dry-run --json` prints it."""
        return asdict(self)


@dataclass
class CritiqueResult:
    """What came of a critique. `left_out` says why a suggestion was not taken; `failed` by stage why there is no answer.

    `cost_usd` is None where a price or the tokens are unknown. Nothing of it is kept in the ledger.
    """

    reviewer: str
    suggestions: list[WordingNote] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float | None = 0.0

    def as_json(self) -> dict[str, Any]:
        """Return it as `check --critique --json` prints it."""
        return {**vars(self), "suggestions": [note.as_json() for note in self.suggestions]}

    def count(self, spec: ChatSpec, usage: Usage) -> None:
        """Add a call."""
        self.calls += 1
        self.input_tokens += usage.input_tokens or 0
        self.output_tokens += usage.output_tokens or 0
        cost = cost_usd(spec, usage)
        self.cost_usd = None if cost is None or self.cost_usd is None else self.cost_usd + cost


def plan_critique(review: Review, reviewer: str) -> CritiquePlan:
    """Return what a critique by a chat reviewer would cost; nothing is sent."""
    spec, requests = _chat_spec(review, reviewer), critique_requests(review)
    into = sum(map(count_tokens, requests.values()))
    out = TOKENS_PER_CRITERION * sum(len(review.stage(stage).questions) for stage in requests)
    return CritiquePlan(reviewer, len(requests), into, out, cost_usd(spec, Usage(into, out)))


def critique_requests(review: Review) -> dict[Stage, ChatRequest]:
    """Return one request for each stage that has questions."""
    title = review.protocol.title
    return {stage: critique_request(spec, title) for stage, spec in review.protocol.stages.items() if spec.questions}


def ask_critique(review: Review, reviewer: str) -> CritiqueResult:
    """Ask a chat reviewer's model for a critique of each stage, one request a stage (two where the first is unusable).

    Raises `BadInput` where the protocol has no such chat reviewer, or its key is not there.
    """
    spec, result = _chat_spec(review, reviewer), CritiqueResult(reviewer)

    async def whole() -> dict[Stage, Critique]:
        model = connect(spec)
        try:
            return {
                stage: critique
                for stage in critique_requests(review)
                if (critique := await _asked(model, spec, review, stage, result)) is not None
            }
        finally:
            await model.close()

    return _completed(review, asyncio.run(whole()), result)


async def _asked(model: Model, spec: ChatSpec, review: Review, stage: Stage, result: CritiqueResult) -> Critique | None:
    async def ask(request: Request) -> Response:
        reply = await model.send(request)
        result.count(spec, reply.usage)
        return reply.response

    try:
        return await drive(ask_for_critique(review.stage(stage), review.protocol.title), ask)
    except (ModelError, UnusableReplyError) as error:
        result.failed[stage.value] = str(error)
        return None


def write_critique_requests(review: Review, reviewer: str, path: Path) -> int:
    """Write the requests into a file in the OpenAI Batch format, whole or not at all; return how many."""
    spec, requests = _batch_spec(review, reviewer), critique_requests(review).values()
    with whole_file(path) as partial:
        partial.write_text(
            "".join(encode(spec, request_hash(spec.model, r), r) + "\n" for r in requests), encoding="utf-8"
        )
    return len(requests)


def read_critique(review: Review, reviewer: str, path: Path) -> CritiqueResult:
    """Return the critique in a file of answers to `write_critique_requests`; a stage without a usable one has failed."""
    spec, requests = _batch_spec(review, reviewer), critique_requests(review)
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path}: cannot be read: {error}") from None
    ids = {stage: request_hash(spec.model, request) for stage, request in requests.items()}
    answers = read_answers(lines, list(ids.values()))
    if not answers.replies and not answers.failed:
        raise BadInput(
            f"{path}: has no answer to the requests of today's wording; write them with `screener check --critique {reviewer} -o FILE`"
        )
    result, critiques = CritiqueResult(reviewer), dict[Stage, Critique]()
    for stage, name in ids.items():
        if (reply := answers.replies.get(name)) is None:
            result.failed[stage.value] = answers.failed.get(name, "the file has no answer")
            continue
        result.count(spec, reply.usage)
        try:
            critiques[stage] = _read(ask_for_critique(review.stage(stage), review.protocol.title), reply.response)
        except UnusableReplyError as error:
            result.failed[stage.value] = str(error)
    return _completed(review, critiques, result)


def _read(asking: Generator[Request, Response, Critique], response: Response) -> Critique:
    """Return what one answer says; there is nobody to ask a second time."""
    next(asking)
    try:
        asking.send(response)
    except StopIteration as stop:
        critique: Critique = stop.value
        return critique
    asking.close()
    raise UnusableReplyError("the answer has not the form that was asked for", "")


def _completed(review: Review, critiques: Mapping[Stage, Critique], result: CritiqueResult) -> CritiqueResult:
    found: list[tuple[Stage, list[Finding]]] = []
    for stage, critique in critiques.items():
        suggestions, left_out = suggestions_of(review.written.stages[stage], critique)
        found.append((stage, suggestions))
        result.left_out += [f"{stage}: {why}" for why in left_out]
    result.suggestions = with_lines(review, found)
    return result


def _chat_spec(review: Review, name: str) -> ChatSpec:
    spec = review.reviewer(name)
    if isinstance(spec, ChatSpec):
        return spec
    chat = [other for other, each in review.protocol.reviewers.items() if isinstance(each, ChatSpec)]
    raise BadInput(f"--critique: {name} is no chat model ({', '.join(chat) or 'the protocol has none'})")


def _batch_spec(review: Review, name: str) -> ChatSpec:
    spec = _chat_spec(review, name)
    if spec.provider != "openai":
        raise BadInput(f"{name}: files of requests are for models `openai:…`; leave out the file to ask {spec.model}")
    return spec
