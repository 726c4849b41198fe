"""The OpenAI chat format, as plain dictionaries: what the SDK sends and a batch file holds is made here, once."""

import hashlib
import json
from typing import Any

from ..core.messages import ChatRequest, ChatResponse
from ..protocol import ChatSpec
from .base import UnusableReply, Usage, whole
from .secrets import Scrub

# From the strictest to the plainest way of asking for the answer's form; a server that refuses one is asked the next.
STEPS = ("json_schema", "json_object", "prompt")

_RAW_LIMIT = 20_000
"""Characters kept of an answer that cannot be read."""


def chat_body(spec: ChatSpec, request: ChatRequest, structured: str) -> dict[str, Any]:
    """Return the body of `POST /chat/completions` for a request; `structured` is one of `STEPS`."""
    messages = [{"role": m.role, "content": m.content} for m in request.messages]
    body: dict[str, Any] = {"model": spec.model_name, "messages": messages}
    if structured == "json_schema":
        schema = {"name": request.schema_name, "strict": True, "schema": json.loads(request.schema)}
        body["response_format"] = {"type": "json_schema", "json_schema": schema}
    else:
        body["messages"] = _with_schema(messages, request.schema)
        if structured == "json_object":
            body["response_format"] = {"type": "json_object"}
    parameters = dict(spec.parameters)
    extra = parameters.pop("extra_body", None) or {}
    return {**body, **parameters, **extra}


def _with_schema(messages: list[dict[str, str]], schema: str) -> list[dict[str, str]]:
    """Return the messages with the schema in the system message, for servers that cannot be given one."""
    instruction = f"Answer with one JSON object and nothing else. It must fit this JSON Schema:\n{schema}"
    if messages and messages[0]["role"] == "system":
        return [{"role": "system", "content": f"{messages[0]['content']}\n\n{instruction}"}, *messages[1:]]
    return [{"role": "system", "content": instruction}, *messages]


def chat_fingerprint(spec: ChatSpec) -> dict[str, Any]:
    """Return what the answers of a chat model depend on."""
    return {
        "kind": "chat",
        "provider": spec.provider,
        "model": spec.model_name,
        "parameters": spec.parameters,
        "structured": spec.structured,
    }


def structured_of(body: dict[str, Any]) -> str:
    """Return how a body asks for the answer's form, one of `STEPS`."""
    form = body.get("response_format")
    return str(form["type"]) if isinstance(form, dict) else "prompt"


def shown(body: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters of a body as they are recorded: without prompt, and with each schema replaced by its hash."""
    prompt = ("messages", "system", "input", "stream")
    return {key: _hash_schemas(value) for key, value in body.items() if key not in prompt and value is not None}


def recorded(parameters: dict[str, Any], structured: str | None) -> str:
    """Return what `shown` gave as the ledger keeps it.

    How the answer's form was asked for beside it, so a fallback shows.
    """
    form = {} if structured is None else {"structured": structured}
    return json.dumps({**parameters, **form}, sort_keys=True, ensure_ascii=False)


def _hash_schemas(value: Any) -> Any:
    if isinstance(value, list):
        return [_hash_schemas(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: _digest(item)
        if key in ("schema", "input_schema") or (key == "parameters" and isinstance(item, dict))
        else _hash_schemas(item)
        for key, item in value.items()
    }


def _digest(schema: Any) -> str:
    canonical = json.dumps(schema, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return "sha256:" + hashlib.sha256(canonical.encode()).hexdigest()


def read_completion(text: str, scrub: Scrub) -> tuple[ChatResponse, str | None, Usage]:
    """Return the answer, the snapshot that gave it and its usage, from the text of a chat completion.

    Raises `UnusableReply` if the text is not JSON or holds no choice. An empty content is an answer: the empty one.
    """
    try:
        completion = json.loads(text)
    except ValueError:
        raise _unusable("the answer is not JSON", text, Usage(), None, scrub) from None
    return read_completion_object(completion, scrub)


def read_completion_object(completion: Any, scrub: Scrub) -> tuple[ChatResponse, str | None, Usage]:
    """`read_completion` for a completion that is already parsed."""
    if not isinstance(completion, dict):
        raise _unusable("the answer is not a chat completion", json.dumps(completion), Usage(), None, scrub)
    usage = _usage(completion.get("usage"))
    model = _text(completion.get("model")) or None
    choices = completion.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    message = choice.get("message") if isinstance(choice, dict) else None
    if not isinstance(choice, dict) or not isinstance(message, dict):
        error = completion.get("error")
        problem = f"the server reports: {error}" if error else "the answer holds no choice"
        raise _unusable(problem, json.dumps(completion), usage, model, scrub)
    refusal = _text(message.get("refusal")) or None
    finish = choice.get("finish_reason")
    if refusal is None and finish == "content_filter":
        refusal = "stopped by the provider's content filter"
    response = ChatResponse(_text(message.get("content")), refusal, finish if isinstance(finish, str) else None)
    return response, model, usage


def _unusable(problem: str, text: str, usage: Usage, model: str | None, scrub: Scrub) -> UnusableReply:
    return UnusableReply(scrub(problem)[:500], text=scrub(text)[:_RAW_LIMIT], usage=usage, model=model)


def _text(content: Any) -> str:
    """Return a message's content as text; some servers give it in parts, some cut a character in two."""
    if isinstance(content, list):
        return "".join(_text(part.get("text")) for part in content if isinstance(part, dict))
    return whole(content) if isinstance(content, str) else ""


def _usage(usage: Any) -> Usage:
    return Usage(
        input_tokens=_count(usage, "prompt_tokens"),
        output_tokens=_count(usage, "completion_tokens"),
        cached_input_tokens=_count(usage, "prompt_tokens_details", "cached_tokens"),
    )


def _count(value: Any, *path: str) -> int | None:
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
