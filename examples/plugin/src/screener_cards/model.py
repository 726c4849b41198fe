"""The model `words:any`: it answers yes where the record has one of some words, else unclear. It needs no network."""

import json
import time
from typing import Any

from pydantic import BaseModel, ConfigDict

from screener.core.messages import ChatRequest, ChatResponse, Request
from screener.models import ChatSpec, ModelKind, Reply, Usage


class Parameters(BaseModel):
    """What `parameters` of the model may hold."""

    model_config = ConfigDict(extra="forbid")

    words: tuple[str, ...]


class WordsModel:
    """Answers the questions of a screening stage, all alike."""

    def __init__(self, spec: ChatSpec) -> None:
        """Take the words from the parameters that review.yaml gives."""
        self._words = Parameters.model_validate(spec.parameters).words
        self.fingerprint: dict[str, Any] = {"kind": "words", "version": 1, "words": sorted(self._words)}

    async def send(self, request: Request) -> Reply:
        """Fill the form that the request asks for."""
        assert isinstance(request, ChatRequest)
        started = time.perf_counter()
        # The record is what stands last in the message, after the questions.
        text = request.messages[-1].content.rpartition("<record-")[2].casefold()
        word = next((word for word in self._words if word.casefold() in text), None)
        answer = {"reason": f"it has the word {word}" if word else "it has none of the words", "quote": None}
        answer["answer"] = "yes" if word else "unclear"
        filled = dict.fromkeys(json.loads(request.schema)["properties"], answer)
        response = ChatResponse(json.dumps(filled))
        return Reply(response, "words-1", Usage(0, 0, 0), {}, time.perf_counter() - started, "json_schema")

    async def close(self) -> None:
        """Nothing is open."""


WORDS = ModelKind(WordsModel, parameters=Parameters)
