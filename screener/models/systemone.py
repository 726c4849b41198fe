"""Probability models: one `POST {base_url}/v1/systemone` a record, one probability a question."""

import asyncio
import json
import time
from typing import Any

import httpx2

from ..endpoints import ProbabilitySpec
from ..errors import BadInput
from ..exchange import ProbabilityRequest, ProbabilityResponse, Request
from .base import ModelError, Reply, TransientError, UnusableReply, Usage
from .failures import sort_failure, sort_status
from .secrets import read_key, scrubber

_RAW_LIMIT = 20_000


class SystemOneModel:
    """A model that says how likely each statement is. Its answers are checked here: all asked, each in [0, 1]."""

    def __init__(self, spec: ProbabilitySpec) -> None:
        """Make the client; `BadInput` if the spec names a key that is not there."""
        self._spec = spec
        key = read_key(spec.api_key_env) if spec.api_key_env else None
        if spec.api_key_env and key is None:
            raise BadInput(f"{spec.model}: the environment variable {spec.api_key_env} is not set; put the key there")
        self._scrub = scrubber(key)
        self._client = httpx2.AsyncClient(
            base_url=spec.base_url.removesuffix("/v1"),
            headers={"Authorization": f"Bearer {key}"} if key else {},
            timeout=httpx2.Timeout(spec.timeout_s),
            limits=httpx2.Limits(max_connections=None, max_keepalive_connections=spec.max_concurrency),
        )

    @property
    def fingerprint(self) -> dict[str, Any]:
        """The model's name; this kind has no parameters."""
        return {"kind": "probability", "model": self._spec.model}

    async def send(self, request: Request) -> Reply:
        """Ask once. See `Model.send` for the errors; TypeError for a request of another kind."""
        if not isinstance(request, ProbabilityRequest):
            raise TypeError(f"a probability model cannot answer a {type(request).__name__}")
        questions = {name: {"type": "noul", "instructions": text} for name, text in request.questions}
        body = {"model": self._spec.model, "state": request.state, "questions": questions}
        started = time.perf_counter()
        failure: ModelError | None = None
        try:
            async with asyncio.timeout(self._spec.timeout_s):
                http = await self._client.post("/v1/systemone", json=body)
        except TimeoutError:
            failure = TransientError(f"no complete answer within {self._spec.timeout_s:g} s")
        except Exception as error:
            failure = sort_failure(error, self._scrub)
        if failure is not None:
            raise failure
        latency = time.perf_counter() - started
        if http.is_error:
            raise sort_status(http.status_code, self._scrub(" ".join(http.text.split()))[:1_000], http.headers)
        answer, usage, model = self._read(http.text)
        probabilities = self._checked(answer, tuple(name for name, _ in request.questions), http.text, usage)
        parameters = {"model": self._spec.model, "type": "noul"}
        return Reply(ProbabilityResponse(probabilities), model, usage, parameters, latency)

    def _read(self, text: str) -> tuple[dict[str, Any], Usage, str | None]:
        try:
            data = json.loads(text)
        except ValueError:
            raise self._unusable("the answer is not JSON", text, Usage()) from None
        counted = data.get("usage") if isinstance(data, dict) else None
        usage = Usage()
        if isinstance(counted, dict):
            usage = Usage(_tokens(counted.get("input_tokens")), _tokens(counted.get("output_tokens")))
        answers = data.get("answers") if isinstance(data, dict) else None
        if not isinstance(answers, dict):
            raise self._unusable("the answer has no `answers`", text, usage)
        # A server may answer with another model than the one asked for, and say so beside the contract's echo.
        meta = data.get("meta")
        model = (meta.get("model") if isinstance(meta, dict) else None) or data.get("model")
        return answers, usage, model if isinstance(model, str) else None

    def _checked(
        self, answers: dict[str, Any], asked: tuple[str, ...], text: str, usage: Usage
    ) -> tuple[tuple[str, float], ...]:
        missing = [name for name in asked if name not in answers]
        if missing:
            raise self._unusable(f"no answer to: {', '.join(missing)}", text, usage)
        found = []
        for name in asked:
            answer = answers[name]
            value = answer.get("noul") if isinstance(answer, dict) else answer
            number = isinstance(value, int | float) and not isinstance(value, bool)
            if value is None or not number or not 0 <= value <= 1:  # never true of NaN
                raise self._unusable(f"`{name}` is no probability: {value!r}"[:200], text, usage)
            found.append((name, float(value)))
        return tuple(found)

    def _unusable(self, problem: str, text: str, usage: Usage) -> UnusableReply:
        return UnusableReply(self._scrub(problem), text=self._scrub(text[:_RAW_LIMIT]), usage=usage)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()


def _tokens(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
