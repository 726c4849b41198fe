"""A chat model as a reviewer: the prompt, the schema of its answer, one repair, and then what code makes of it."""

import hashlib
import json
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError, create_model

from ..exchange import ChatRequest, ChatResponse, Judging, Message, Readable, Response, Unusable
from ..fewshot import NONE, Examples
from ..judgement import Value
from ..prompts import LONGEST_TEXT, Prompt, as_shown
from ..protocol import StageProtocol
from ..screening import RULE_VERSION, Proposal, Quote, finish


class CriterionAnswer(BaseModel):
    """What is asked of a model for one criterion, in this order: reasons before answers."""

    model_config = ConfigDict(extra="forbid")

    reason: str
    quote: str | None
    answer: Value


def answer_form(stage: StageProtocol) -> type[BaseModel]:
    """The form of a whole answer: one `CriterionAnswer` for each question of the stage, all required."""
    fields: dict[str, Any] = {criterion.id: (CriterionAnswer, ...) for criterion in stage.questions}
    return create_model("Screening", __config__=ConfigDict(extra="forbid"), **fields)


def strict_schema(form: type[BaseModel]) -> str:
    """A form as strict JSON Schema, canonical text: references resolved, no titles, descriptions or defaults."""
    schema = form.model_json_schema()
    definitions = schema.pop("$defs", {})

    def plain(node: Any) -> Any:
        if isinstance(node, list):
            return [plain(item) for item in node]
        if not isinstance(node, dict):
            return node
        if "$ref" in node:
            return plain(definitions[node["$ref"].rsplit("/", 1)[1]])
        return {
            key: {name: plain(value) for name, value in item.items()} if key == "properties" else plain(item)
            for key, item in node.items()
            if key not in ("title", "description", "default")
        }

    # Not sorted: models answer in the order of the properties, and the reason must come before the answer.
    return json.dumps(plain(schema), ensure_ascii=False, separators=(",", ":"))


class ChatReviewer:
    """Judges one stage by a prompt. `model` is the model's fingerprint (see `models.Model`)."""

    def __init__(
        self, stage: StageProtocol, prompt: Prompt, review: str, model: Mapping[str, Any], examples: Examples = NONE
    ) -> None:
        """`review` is the review's title, as the prompt names it."""
        self._stage, self._prompt, self._review, self._model = stage, prompt, review, model
        self._examples = examples
        self._form = answer_form(stage)
        self._schema = strict_schema(self._form)

    @cached_property
    def asked(self) -> str:
        """Hash of prompt, criteria, examples, schema, model and parameters."""
        criteria = [criterion.model_dump(mode="json", exclude={"cues"}) for criterion in self._stage.questions]
        shown = [self._examples.hash] if self._examples.hash else []
        return _hash(
            "chat", self._prompt.hash, self._review, self._stage.question, criteria, self._schema, self._model, *shown
        )

    @cached_property
    def rule(self) -> str:
        """Hash of the version of the rules, the criteria by rule and the order of all."""
        order = [criterion.id for criterion in self._stage.criteria]
        return _hash(RULE_VERSION, order, [rule.model_dump(mode="json") for rule in self._stage.rules])

    def request(self, record: Readable) -> ChatRequest:
        """The first request for a record."""
        messages = self._prompt.messages(self._stage, as_shown(record), self._review, self._examples.all)
        return ChatRequest(messages, "screening", self._schema)

    def judge(self, record: Readable) -> Judging:
        """Ask once, and once more with the fault named if the answer cannot be used.

        Raises `Unusable` if the second answer cannot be used either, or at a refusal.
        """
        request = self.request(record)
        response = yield request
        try:
            proposals = self._read(response)
        except Unusable as fault:
            if fault.refused:
                raise
            told = f"Your answer cannot be used: {fault}. Answer again, with one JSON object of the form asked for."
            repair = (Message("assistant", fault.text[:LONGEST_TEXT] or "(empty)"), Message("user", told))
            response = yield ChatRequest((*request.messages, *repair), request.schema_name, request.schema)
            proposals = self._read(response)
        flags = ["text_cut"] if len(record.abstract) > LONGEST_TEXT or len(record.title) > LONGEST_TEXT else []
        if not record.abstract.strip():
            flags.append("title_only")
        return finish(self._stage, record, proposals, flags=flags)

    def _read(self, response: Response) -> dict[str, Proposal]:
        if not isinstance(response, ChatResponse):
            raise TypeError(f"a chat request was answered by {type(response).__name__}")
        if response.refusal:
            raise Unusable(f"the model refused: {response.refusal[:200]}", response.text, refused=True)
        text = _object(response.text)
        if not text:
            raise Unusable(f"there is no answer (finish reason: {response.finish_reason})", response.text)
        try:
            answers = self._form.model_validate_json(text)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            place = ".".join(str(part) for part in first["loc"])
            raise Unusable(f"{place + ': ' if place else ''}{first['msg']}", response.text) from None
        return {criterion.id: _proposal(getattr(answers, criterion.id)) for criterion in self._stage.questions}


def _proposal(answer: CriterionAnswer) -> Proposal:
    quote = (answer.quote or "").strip()
    quotes = (Quote(quote),) if quote else ()
    return Proposal(answer.answer, " ".join(answer.reason.split())[:1_000], None, quotes, silent=not quotes)


def _object(text: str) -> str:
    """The JSON object of an answer, without the code fence that some models put around it."""
    stripped = text.strip()
    if stripped.startswith("```"):
        stripped = stripped.partition("\n")[2].rpartition("```")[0].strip()
    return stripped


def _hash(*parts: object) -> str:
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:32]
