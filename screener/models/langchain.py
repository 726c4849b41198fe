"""Every provider that LangChain knows, through `init_chat_model` and its structured output.

LangChain takes two seconds to import, so this module imports it when a model is made and not before.
"""

import inspect
import itertools
import json
import math
import re
import warnings
from collections.abc import Mapping
from functools import partial
from typing import Any

from ..core.duplicate_keys import ContradictionError, unambiguous
from ..core.errors import BadInput, MissingKey
from ..core.messages import ChatRequest, ChatResponse, Request
from ..protocol import ChatSpec
from .attempt import Said, Sent, attempt
from .base import ModelError, Reply, UnusableReply, Usage, whole
from .bounded_http import EXCHANGE, Exchange, bound_all
from .completion import as_thoughts, declined, finish_reason, read_completion, thoughts_in, why_declined
from .failures import describe, sort_failure, without_images
from .fallbacks import Fallbacks
from .secrets import read_key, scrubber
from .simple_schema import simplified
from .tokens import pictures_of
from .wire import chat_fingerprint, shown, wire_messages, with_schema

_models_made = itertools.count(1)
_UNKNOWN_PARAMETER = re.compile(r"unexpected keyword argument '(\w+)'")
_MISREAD = (TypeError, KeyError, ValueError, IndexError, AttributeError)
_STEPS = ("json_schema", "simple_schema", "function_calling", "simple_function_calling", "prompt")
_OTHER_WAYS = re.compile(r"credential|azure_ad|aws_|_file\b")
"""Fields of classes that get their access in other ways than by a key."""


class LangChainModel:
    """A chat model behind LangChain, with its retries, its cache and its streaming off."""

    def __init__(self, spec: ChatSpec) -> None:
        """Make the model; `BadInput` if its provider's package or its key is missing or a parameter is unknown."""
        self._spec = spec
        key = read_key(spec.api_key_env) if spec.api_key_env else None
        if spec.api_key_env and key is None:
            raise MissingKey(
                f"{spec.model}: the environment variable {spec.api_key_env} is not set; put the key there",
                spec.api_key_env,
            )
        if spec.structured not in ("auto", "json_schema"):
            raise BadInput(f"{spec.model}: `structured: {spec.structured}` is for openai models; remove it")
        self._model = _make(spec, key)
        if (variable := _missing_key_variable(spec, self._model)) is not None:
            if (key := read_key(variable)) is None:  # a file may hold it, of which LangChain knows nothing
                raise MissingKey(
                    f"{spec.model}: the environment variable {variable} is not set; put the API key there", variable
                )
            self._model = _make(spec, key)
        self._clients = bound_all(self._model)
        keys = key, *_secrets(self._model).values()
        self._scrub, self._hide = scrubber(*keys), scrubber(*keys, lookalikes=False)
        self._askers: dict[tuple[str, str, str], tuple[Any, dict[str, Any]]] = {}
        profile = getattr(self._model, "profile", None) or {}
        schemas = spec.provider == "openai" or bool(profile.get("structured_output"))
        default = inspect.signature(self._model.with_structured_output).parameters.get("method")
        schemas = schemas or (default is not None and default.default == "json_schema")
        # A provider's own structured output where it is LangChain's choice for it, the model is known to have it, or the
        # user says so; a forced tool call can be had of most, the schema in the prompt of all.
        steps = _STEPS if schemas else _STEPS[2:]
        self._fallbacks = Fallbacks(steps if spec.structured == "auto" else (spec.structured,))
        if spec.structured == "json_schema":
            self._check_schemas()

    @property
    def fingerprint(self) -> dict[str, Any]:
        """Return the provider, model and parameters as the spec has them."""
        return chat_fingerprint(self._spec)

    async def send(self, request: Request) -> Reply:
        """Ask once. See `Model.send` for the errors; TypeError for a request that is not of a chat."""
        if not isinstance(request, ChatRequest):
            raise TypeError(f"a chat model cannot answer a {type(request).__name__}")
        return await attempt(self._spec.timeout_s, self._sort, self._hide, partial(self._ask, request))

    async def _ask(self, request: ChatRequest, sent: Sent) -> Said:
        while True:
            step = sent.structured = self._fallbacks.step(request)
            asker, sent.parameters = self._asker(request, step)
            sent.notices = self._fallbacks.notices
            try:
                return await self._said(asker, request, sent)
            except Exception as error:
                failure = self._sort(error)
                if isinstance(failure, BadInput):
                    raise
                if pictures_of(request) and (refused := without_images(failure, self._spec.model)) is not failure:
                    raise refused from None
                if not self._fallbacks.falls_back(step, request, failure):
                    raise

    async def _said(self, asker: Any, request: ChatRequest, sent: Sent) -> Said:
        """Return what the model said: off the wire where it is OpenAI's format, of which LangChain drops much, else its message."""
        misread: Exception | None = None
        try:
            raw = await self._raw(asker, request, sent)
        except Exception as error:  # also an answer that met its limit, which the SDK raises
            misread = error
        exchange = sent.exchange
        if exchange.text and exchange.status == 200 and exchange.path.endswith("/chat/completions"):
            return read_completion(exchange.text, self._scrub)
        if misread is not None:
            raise misread
        _check_duplicates(exchange.text)
        return ChatResponse(_text(raw), _refusal(raw), _finish(raw)), _snapshot(raw), _usage(raw)

    async def _raw(self, asker: Any, request: ChatRequest, sent: Sent) -> Any:
        """Return LangChain's message; note the parameters in the words of the wire, where the wire shows them."""
        messages = wire_messages(request)
        if sent.structured == "prompt":
            messages = with_schema(messages, request.schema)
        try:
            answer = await asker.ainvoke([(m["role"], m["content"]) for m in messages])
            return answer if sent.structured == "prompt" else answer["raw"]
        finally:
            if (body := sent.exchange.body) is not None:
                sent.parameters = self._shown({"model": self._spec.model_name, **body})

    def _sort(self, error: Exception) -> ModelError | BadInput:
        """LangChain reads an answer that holds no choice as an error of type or key: it is an answer all the same."""
        if isinstance(error, BadInput):
            return error
        status = (EXCHANGE.get() or Exchange()).status or 0
        if status < 400 and isinstance(error, _MISREAD) and not hasattr(error, "status_code"):
            text = self._scrub(describe(error))
            unknown = _UNKNOWN_PARAMETER.search(text)
            if unknown and unknown[1] in self._spec.parameters:
                return BadInput(f"{self._spec.model}: parameters: this provider knows no `{unknown[1]}`; remove it")
            return UnusableReply(f"LangChain could not read the answer: {text}"[:500], text=text)
        return sort_failure(error, self._scrub)

    def _check_schemas(self) -> None:
        try:
            self._asker(ChatRequest((), "probe", '{"type":"object","properties":{}}'), "json_schema")
        except Exception as error:
            text = self._scrub(describe(error))[:200]
            raise BadInput(
                f"{self._spec.model}: LangChain cannot ask it with `structured: json_schema` ({text}); remove the line"
            ) from None
        self._askers.clear()

    def _asker(self, request: ChatRequest, step: str) -> tuple[Any, dict[str, Any]]:
        """Return what asks for this schema in this way, and the parameters that it sends; made once for each schema."""
        key = (step, request.schema_name, request.schema)
        if key not in self._askers and step == "prompt":
            self._askers[key] = self._model, self._sent(self._model)
        elif key not in self._askers:
            text = simplified(request.schema).text if step.startswith("simple_") else request.schema
            schema = {"description": "The answer.", **json.loads(text), "title": request.schema_name}
            method = {"simple_schema": "json_schema", "simple_function_calling": "function_calling"}.get(step, step)
            options: dict[str, Any] = {"method": method, "include_raw": True}
            if "strict" in inspect.signature(self._model.with_structured_output).parameters:
                options["strict"] = True
            asker = self._model.with_structured_output(schema, **options)
            self._askers[key] = asker, self._sent(asker)
        return self._askers[key]

    def _sent(self, asker: Any) -> dict[str, Any]:
        """Return the parameters as they go out.

        LangChain drops some in silence, so it is asked what it sends, not told.
        """
        bound = dict(_bound(asker))
        bound.pop("ls_structured_output_format", None)
        payload = getattr(self._model, "_get_request_payload", None)
        sent = payload([("user", "x")], **bound) if payload else self._model._get_invocation_params(**bound)
        sent = {**sent, **(sent.get("extra_body") or {})}  # the SDKs send it as part of the body
        hidden = ("extra_body", "extra_headers", "default_headers")
        return self._shown({k: v for k, v in sent.items() if k not in hidden and not k.startswith("_")})

    def _shown(self, body: Mapping[str, Any]) -> dict[str, Any]:
        plain = {key: value for key, value in body.items() if "key" not in key}
        shown_ = json.dumps(shown(plain), default=lambda value: f"<{type(value).__name__}>")
        parameters: dict[str, Any] = json.loads(self._scrub(shown_))
        return parameters

    async def close(self) -> None:
        """Close the connections, where the provider's class shows the clients that hold them."""
        self._askers.clear()
        for client in self._clients:
            await client.aclose()


def _make(spec: ChatSpec, key: str | None) -> Any:
    from langchain.chat_models import init_chat_model

    options: dict[str, Any] = {**spec.parameters, "cache": False, "disable_streaming": True}
    if spec.base_url is not None:
        options["base_url"] = spec.base_url
    if key is not None:
        options["api_key"] = key
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns of every parameter that it does not know itself
            model = init_chat_model(spec.model_name, model_provider=spec.provider, **options)
        # Not every provider's class has these two; one that has not would send them to the server as parameters.
        accepted = _names(model)
        options |= {"max_retries": 0} if "max_retries" in accepted else {}
        # LangChain shares HTTP clients between models of one address and timeout, and meets an ended event loop's
        # connections again. A timeout that no other model has, by a microsecond, gives this model its own client.
        # Where a class wants whole seconds, its clients are its own.
        options |= {"timeout": _timeout(model, spec.timeout_s)} if "timeout" in accepted else {}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = init_chat_model(spec.model_name, model_provider=spec.provider, **options)
    except ImportError as error:
        package = (error.name or "").replace("_", "-") or f"langchain-{spec.provider}"
        raise BadInput(f"{spec.model}: needs another package; pip install {package}") from None
    except Exception as error:  # each provider has its own way to complain of a key or parameter
        text = scrubber(key)(describe(error))[:300]
        raise BadInput(f"{spec.model}: LangChain cannot make this model: {text}") from None
    return model


def _timeout(model: Any, seconds: float) -> float:
    fields = type(model).model_fields
    annotation = next(str(f.annotation) for name, f in fields.items() if "timeout" in (name, f.alias))
    whole_seconds = "int" in annotation and "float" not in annotation and "Any" not in annotation
    return math.ceil(seconds) if whole_seconds else seconds + next(_models_made) * 1e-6


def _missing_key_variable(spec: ChatSpec, model: Any) -> str | None:
    """Return the environment variable of the key, where the provider's class has a place for one and nothing is in it."""
    fields = type(model).model_fields
    places = [name for name in _secrets(model) if "api_key" in (name, fields[name].alias) or name.endswith("_api_key")]
    if not places or any(_secrets(model).values()) or any(_OTHER_WAYS.search(name) for name in fields):
        return None
    return (f"{spec.provider}_api_key" if places[0] == "api_key" else places[0]).upper()


def _secrets(model: Any) -> dict[str, str | None]:
    fields = type(model).model_fields
    return {name: _revealed(getattr(model, name)) for name, f in fields.items() if "Secret" in str(f.annotation)}


def _names(model: Any) -> set[str]:
    fields = type(model).model_fields
    return {*fields, *(field.alias for field in fields.values() if field.alias)}


def _revealed(value: Any) -> str | None:
    reveal = getattr(value, "get_secret_value", None)
    return str(reveal()) if reveal is not None else None


def _bound(asker: Any) -> Mapping[str, Any]:
    """Return the keyword arguments that structured output has bound to the model, wherever in the chain it sits."""
    for part in (asker, *getattr(asker, "steps", ()), *getattr(asker, "steps__", {}).values()):
        if isinstance(bound := getattr(part, "kwargs", None), Mapping) and bound:
            return bound
        if part is not asker and (inner := _bound(part)):
            return inner
    return {}


def _check_duplicates(body: str) -> None:
    """Raise `UnusableReply` if an answer names a key twice, with two values: LangChain's message has only the last."""
    try:
        json.loads(body, object_pairs_hook=unambiguous)
    except ContradictionError as error:
        raise UnusableReply(f"the answer contradicts itself: {error}", text=body) from None
    except (ValueError, RecursionError):  # some providers answer in lines
        return


def _text(raw: Any) -> str:
    """Return the answer as received: the tool calls' arguments as JSON, else the message's text, else its thoughts."""
    arguments = [call["args"] for call in (*raw.tool_calls, *raw.invalid_tool_calls)]
    if arguments:
        return whole("\n".join(a if isinstance(a, str) else json.dumps(a, ensure_ascii=False) for a in arguments))
    text = whole(str(raw.text))
    thoughts = raw.additional_kwargs.get("reasoning_content") or thoughts_in(raw.content)
    return text if text.strip() else as_thoughts(whole(str(thoughts)), text)


def _refusal(raw: Any) -> str | None:
    if refusal := raw.additional_kwargs.get("refusal"):
        return whole(str(refusal))
    finish, metadata = _finish(raw), raw.response_metadata
    if declined(finish):
        return whole(str(raw.text) or str(metadata.get("finish_message") or "")) or why_declined(finish)
    blocked = (metadata.get("prompt_feedback") or {}).get("block_reason")  # Gemini read the prompt and gave no answer
    return f"the prompt was blocked by the provider: {getattr(blocked, 'name', blocked)}" if blocked else None


def _finish(raw: Any) -> str | None:
    reasons = (raw.response_metadata.get(name) for name in ("finish_reason", "stop_reason", "done_reason"))
    return finish_reason(next((str(reason) for reason in reasons if reason), None))


def _snapshot(raw: Any) -> str | None:
    name = raw.response_metadata.get("model_name") or raw.response_metadata.get("model")
    return whole(str(name)) if name else None


def _usage(raw: Any) -> Usage:
    usage = raw.usage_metadata
    if not usage:
        return Usage()
    details = usage.get("input_token_details") or {}
    return Usage(usage["input_tokens"], usage["output_tokens"], details.get("cache_read"))
