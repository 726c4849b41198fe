"""Probability models: one `POST {base_url}/v1/systemone` a record, one probability a question."""

import json
from functools import partial
from typing import Any

import httpx2

from ..core.duplicate_keys import ContradictionError, unambiguous
from ..core.errors import MissingKey
from ..core.messages import ProbabilityRequest, ProbabilityResponse, Request
from ..protocol import ProbabilitySpec
from .attempt import Said, Sent, attempt
from .base import RAW_LIMIT, Reply, UnusableReply, Usage, whole
from .bounded_http import bound
from .certificates import trusted
from .failures import sort_failure, sort_status
from .secrets import read_key, scrubber
from .wire import probability_fingerprint


class SystemOneModel:
    """A model that says how likely each statement is. Its answers are checked here: all asked, each in [0, 1]."""

    def __init__(self, spec: ProbabilitySpec) -> None:
        """Make the client; `BadInput` if the spec names a key that is not there."""
        self._spec = spec
        key = read_key(spec.api_key_env) if spec.api_key_env else None
        if spec.api_key_env and key is None:
            raise MissingKey(
                f"{spec.model}: the environment variable {spec.api_key_env} is not set; put the key there",
                spec.api_key_env,
            )
        self._scrub, self._hide = scrubber(key), scrubber(key, lookalikes=False)
        self._client: httpx2.AsyncClient = bound(
            httpx2.AsyncClient(
                base_url=spec.base_url.removesuffix("/v1"),
                headers={"Authorization": f"Bearer {key}"} if key else {},
                timeout=httpx2.Timeout(spec.timeout_s),
                verify=trusted(),
                limits=httpx2.Limits(max_connections=None, max_keepalive_connections=spec.max_concurrency),
            )
        )

    @property
    def fingerprint(self) -> dict[str, Any]:
        """Return the model's name."""
        return probability_fingerprint(self._spec)

    async def send(self, request: Request) -> Reply:
        """Ask once. See `Model.send` for the errors; TypeError for a request of another kind."""
        if not isinstance(request, ProbabilityRequest):
            raise TypeError(f"a probability model cannot answer a {type(request).__name__}")
        sort = partial(sort_failure, scrub=self._scrub)
        return await attempt(self._spec.timeout_s, sort, self._hide, partial(self._ask, request))

    async def _ask(self, request: ProbabilityRequest, sent: Sent) -> Said:
        questions = {name: {"type": "noul", "instructions": text} for name, text in request.questions}
        sent.parameters = {"model": self._spec.model, "type": "noul"}
        body = {"model": self._spec.model, "state": request.state, "questions": questions}
        http = await self._client.post("/v1/systemone", json=body)
        if http.is_error:
            raise sort_status(http.status_code, self._scrub(" ".join(http.text.split()))[:1_000], http.headers)
        return self._read(http.text, tuple(questions))

    def _read(self, text: str, names: tuple[str, ...]) -> Said:
        try:
            data = json.loads(text, object_pairs_hook=unambiguous)
        except (ValueError, RecursionError):
            raise self._unusable("the answer is not JSON", text, every_call=True) from None
        except ContradictionError as error:
            raise self._unusable(f"the answer contradicts itself: {error}", text) from None
        data = data if isinstance(data, dict) else {}
        usage_counts = data.get("usage")
        usage = Usage()
        if isinstance(usage_counts, dict):
            usage = Usage(_tokens(usage_counts.get("input_tokens")), _tokens(usage_counts.get("output_tokens")))
        # A server may answer with another model than the one asked for, and say so beside the contract's echo.
        meta = data.get("meta")
        named = (meta.get("model") if isinstance(meta, dict) else None) or data.get("model")
        model = whole(named) if isinstance(named, str) else None
        answers = data.get("answers")
        if not isinstance(answers, dict):
            raise self._unusable("the answer has no `answers`", text, usage, model, every_call=True)
        try:
            return ProbabilityResponse(_checked(answers, names)), model, usage
        except ValueError as error:
            problem = str(error)
        raise self._unusable(problem, text, usage, model)

    def _unusable(
        self, problem: str, text: str, usage: Usage | None = None, model: str | None = None, *, every_call: bool = False
    ) -> UnusableReply:
        text, problem, usage = self._scrub(text)[:RAW_LIMIT], self._scrub(problem)[:500], usage or Usage()
        return UnusableReply(problem, text=text, usage=usage, model=model, every_call=every_call)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()


def _checked(answers: dict[str, Any], names: tuple[str, ...]) -> tuple[tuple[str, float], ...]:
    """Return the probability of each question; ValueError says what is wrong with one."""
    if missing := [name for name in names if name not in answers]:
        raise ValueError(f"no answer to: {', '.join(missing)}")
    probabilities = []
    for name in names:
        answer = answers[name]
        value = answer.get("noul") if isinstance(answer, dict) else answer
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if value is None or not number or not 0 <= value <= 1:  # never true of NaN
            raise ValueError(f"`{name}` is no probability: {value!r}")
        probabilities.append((name, float(value)))
    return tuple(probabilities)


def _tokens(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
