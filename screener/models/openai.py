"""OpenAI and every server that speaks its chat format, through the `openai` SDK's async client."""

from functools import partial
from typing import Any

import httpx2
from openai import AsyncOpenAI, DefaultAsyncHttpxClient

from ..core.errors import MissingKey
from ..core.messages import ChatRequest, Request
from ..protocol import ChatSpec
from .attempt import Said, Sent, attempt
from .base import Reply
from .bounded_http import MOST_BYTES, bound
from .certificates import trusted
from .completion import read_completion
from .failures import sort_failure, without_images
from .fallbacks import Fallbacks
from .secrets import read_key, scrubber
from .tokens import pictures_of
from .wire import STEPS, chat_body, chat_fingerprint, shown

_NO_KEY = "none"  # servers of one's own want no key, but the SDK wants one to be given


def client_for(spec: ChatSpec, most: int = MOST_BYTES) -> tuple[AsyncOpenAI, str | None]:
    """Return the SDK's client for a spec, without retries, and its key; it takes `most` bytes of an answer.

    `MissingKey` if OpenAI itself is meant without a key.
    """
    name = spec.api_key_env or "OPENAI_API_KEY"
    key = read_key(name)
    if key is None and (spec.base_url is None or spec.api_key_env is not None):
        raise MissingKey(f"{spec.model}: the environment variable {name} is not set; put the API key there", name)
    client = AsyncOpenAI(
        api_key=key or _NO_KEY,
        base_url=spec.base_url,
        max_retries=0,
        timeout=httpx2.Timeout(spec.timeout_s),
        http_client=bound(DefaultAsyncHttpxClient(verify=trusted()), most),
    )
    return client, key


class OpenAIModel:
    """A chat model behind `POST /chat/completions`.

    Where a server refuses to be given a schema, the plainer ways of `wire.STEPS` are tried in order within the same
    attempt, and the first that is accepted is kept for all later requests (see `Fallbacks`).
    """

    def __init__(self, spec: ChatSpec) -> None:
        """Make the client; `BadInput` if the key is missing."""
        self._spec = spec
        self._client, key = client_for(spec)
        self._scrub, self._hide = scrubber(key), scrubber(key, lookalikes=False)
        self._fallbacks = Fallbacks(STEPS if spec.structured == "auto" else (spec.structured,))

    @property
    def fingerprint(self) -> dict[str, Any]:
        """Return the provider, model, parameters and the form asked for first."""
        return chat_fingerprint(self._spec)

    async def send(self, request: Request) -> Reply:
        """Ask once. See `Model.send` for the errors; TypeError for a request that is not of a chat."""
        if not isinstance(request, ChatRequest):
            raise TypeError(f"a chat model cannot answer a {type(request).__name__}")
        sort = partial(sort_failure, scrub=self._scrub)
        return await attempt(self._spec.timeout_s, sort, self._hide, partial(self._ask, request))

    async def _ask(self, request: ChatRequest, sent: Sent) -> Said:
        while True:
            step = self._fallbacks.step(request)
            body = chat_body(self._spec, request, step)
            sent.parameters, sent.structured, sent.notices = shown(body), step, self._fallbacks.notices
            try:
                # By path and with a plain body: exactly what is recorded goes out, and the SDK's typed copies of
                # request and answer, a quarter to a third of its CPU time, are never made.
                response = await self._client.post("/chat/completions", cast_to=httpx2.Response, body=body)
                return read_completion(response.text, self._scrub)
            except Exception as error:
                failure = sort_failure(error, self._scrub)
                if pictures_of(request) and (refused := without_images(failure, self._spec.model)) is not failure:
                    raise refused from None
                if not self._fallbacks.falls_back(step, request, failure):
                    raise

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()
