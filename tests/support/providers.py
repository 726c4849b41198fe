"""Stand-ins for LangChain's classes of providers whose packages the tests do not install.

Each has what is peculiar to the real class (version in its docstring) and speaks the provider's wire format through a client
of its own; all else is left out.
"""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any, Literal

import httpx
import pytest
from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.runnables import RunnableLambda
from pydantic import Field, PrivateAttr, SecretStr


class _StandIn(BaseChatModel):
    model: str
    temperature: float = 0.7

    @property
    def _llm_type(self) -> str:
        return "stand-in"

    def _generate(self, *_: Any, **__: Any) -> ChatResult:
        raise AssertionError("a run asks models asynchronously")

    def _result(self, text: str, usage: tuple[int, int], **metadata: Any) -> ChatResult:
        counts = {"input_tokens": usage[0], "output_tokens": usage[1], "total_tokens": sum(usage)}
        message = AIMessage(text, usage_metadata=counts, response_metadata=metadata)
        return ChatResult(generations=[ChatGeneration(message=message)])

    def _structured(self, **bound: Any) -> Any:
        return self.bind(**bound) | RunnableLambda(lambda raw: {"raw": raw})


def _turns(messages: list[BaseMessage]) -> list[dict[str, Any]]:
    return [{"role": "system" if m.type == "system" else "user", "content": m.content} for m in messages]


class ChatMistralAI(_StandIn):
    """langchain-mistralai 1.1: a time-out of whole seconds, one client of its own, a tool call by default."""

    mistral_api_key: SecretStr | None = Field(alias="api_key", default=None)
    endpoint: str | None = Field(default=None, alias="base_url")
    timeout: int = 120
    max_retries: int = 5
    async_client: Any = None

    def model_post_init(self, _: Any) -> None:
        self.async_client = self.async_client or httpx.AsyncClient(
            base_url=self.endpoint or "", timeout=self.timeout, follow_redirects=True
        )

    def with_structured_output(self, schema: Any, *, method: str = "function_calling", **_: Any) -> Any:
        function = {"name": "screening", "parameters": schema}
        return self._structured(tools=[{"type": "function", "function": function}], tool_choice="any")

    async def _agenerate(self, messages: list[BaseMessage], *_: Any, **bound: Any) -> ChatResult:
        body = {"messages": _turns(messages), "model": self.model, "temperature": self.temperature, **bound}
        body.pop("stop", None)
        answer = await self.async_client.post("/chat/completions", json={**body, "stream": False})
        if answer.is_error:
            text = f"Error response {answer.status_code} while fetching {answer.url}: {answer.text}"
            raise httpx.HTTPStatusError(text, request=answer.request, response=answer)
        done = answer.json()
        choice = done["choices"][0]
        return self._result(
            choice["message"]["content"], (20, 5), finish_reason=choice["finish_reason"], model_name=self.model
        )


class _SdkClient:
    """An SDK's client, which holds the one of HTTP in its turn."""

    def __init__(self, base_url: str) -> None:
        self._client = httpx.AsyncClient(base_url=base_url, follow_redirects=True, timeout=None)


class ChatOllama(_StandIn):
    """langchain-ollama 1.1: parameters within `options`, lines of JSON, and a JSON schema by default; it has no time-out."""

    base_url: str | None = None
    seed: int | None = None
    _async_client: _SdkClient = PrivateAttr()

    def model_post_init(self, _: Any) -> None:
        self._async_client = _SdkClient(self.base_url or "")

    def with_structured_output(
        self, schema: Any, *, method: Literal["function_calling", "json_schema"] = "json_schema", **_: Any
    ) -> Any:
        assert method == "json_schema", "its tools take no schema within a schema"
        return self._structured(format=schema)

    async def _agenerate(self, messages: list[BaseMessage], *_: Any, **bound: Any) -> ChatResult:
        options = {"temperature": self.temperature, "seed": self.seed}
        body = {"model": self.model, "stream": True, "options": options, "messages": _turns(messages), **bound}
        body.pop("stop", None)
        answer = await self._async_client._client.post("/api/chat", json=body)
        answer.raise_for_status()
        lines = [json.loads(line) for line in answer.text.splitlines()]
        text = "".join(line["message"]["content"] for line in lines)
        return self._result(text, (10, 5), **{k: v for k, v in lines[-1].items() if k in ("model", "done_reason")})


class GoogleError(Exception):
    """As langchain-google-genai raises it: without a status, without headers."""


class ChatGoogleGenerativeAI(_StandIn):
    """langchain-google-genai 4.4: the model in the address, errors without a status, an empty answer where it was blocked."""

    base_url: str | None = None
    timeout: float | None = None
    seed: int | None = None
    client: Any = None

    def model_post_init(self, _: Any) -> None:
        self.client = self.client or _SdkClient(self.base_url or "")

    def with_structured_output(self, schema: Any, method: str | None = "json_schema", **_: Any) -> Any:
        return self._structured(schema=schema)

    async def _agenerate(self, messages: list[BaseMessage], *_: Any, schema: Any = None, **__: Any) -> ChatResult:
        config = {"temperature": self.temperature, "seed": self.seed, "responseJsonSchema": schema}
        contents = [{"role": "user", "parts": [{"text": str(m.content)}]} for m in messages]
        answer = await self.client._client.post(
            f"/v1/models/{self.model}:generateContent", json={"contents": contents, "generationConfig": config}
        )
        if answer.is_error:
            error = answer.json()["error"]
            raise GoogleError(f"Error calling model '{self.model}' ({error['status']}): {error['message']}")
        done = answer.json()
        if not done.get("candidates"):
            return self._result(
                "", (10, 0), prompt_feedback=done["promptFeedback"] | {"block_reason": "PROHIBITED_CONTENT"}
            )
        candidate = done["candidates"][0]
        text = "".join(part["text"] for part in candidate["content"].get("parts", ()))
        return self._result(text, (10, 5), finish_reason=candidate["finishReason"], model_name=done["modelVersion"])


@contextmanager
def stand_ins(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Put the stand-ins where LangChain looks for the real packages."""
    from langchain.chat_models import base

    monkeypatch.setenv("MISTRAL_API_KEY", "plain-key-0123456789")
    for package, kind in (
        ("langchain_mistralai", ChatMistralAI),
        ("langchain_ollama", ChatOllama),
        ("langchain_google_genai", ChatGoogleGenerativeAI),
    ):
        module = ModuleType(package)
        setattr(module, kind.__name__, kind)
        monkeypatch.setitem(sys.modules, package, module)
    base._get_chat_model_creator.cache_clear()
    yield
    base._get_chat_model_creator.cache_clear()
