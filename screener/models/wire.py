"""The OpenAI chat format, as plain dictionaries: what the SDK sends and a batch file holds is made here, once."""

import hashlib
import json
from typing import Any

from ..core.messages import ChatRequest, ChatResponse
from ..protocol import ChatSpec, ProbabilitySpec
from .base import RAW_LIMIT, UnusableReply, Usage, whole
from .bounded_http import web_page
from .secrets import Scrub

# From the strictest to the plainest way of asking for the answer's form; a server that refuses one is asked the next.
STEPS = ("json_schema", "json_object", "prompt")

_PROMPT = ("messages", "system", "input", "stream", "contents", "systemInstruction", "prompt", "instructions")
_NESTED = ("options", "generationConfig")
_LENGTH = {"length", "max_tokens", "max_output_tokens", "model_length", "model_context_window_exceeded"}


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


def probability_fingerprint(spec: ProbabilitySpec) -> dict[str, Any]:
    """Return what the answers of a probability model depend on: its name; this kind has no parameters."""
    return {"kind": "probability", "model": spec.model}


def structured_of(body: dict[str, Any]) -> str:
    """Return how a body asks for the answer's form, one of `STEPS`."""
    form = body.get("response_format")
    return str(form["type"]) if isinstance(form, dict) else "prompt"


def shown(body: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters of a body as they are recorded: without prompt, and with each schema replaced by its hash.

    What some providers put into an object of its own (temperature, seed, …) stands at the top too, as with all others.
    """
    plain = _hash_schemas({key: value for key, value in body.items() if key not in _PROMPT and value is not None})
    nested = [body[name] for name in _NESTED if isinstance(body.get(name), dict)]
    top = {key: value for part in nested for key, value in part.items() if isinstance(value, int | float | str)}
    return {**top, **plain}


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
    return {key: _digest(item) if _is_schema(key, item) else _hash_schemas(item) for key, item in value.items()}


def _is_schema(key: str, item: Any) -> bool:
    if key in ("parameters", "format"):
        return isinstance(item, dict) and "properties" in item
    return key.lower().replace("_", "").endswith("schema") and (key != "json_schema" or "schema" not in item)


def _digest(schema: Any) -> str:
    canonical = json.dumps(schema, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return "sha256:" + hashlib.sha256(canonical.encode()).hexdigest()


def read_completion(text: str, scrub: Scrub) -> tuple[ChatResponse, str | None, Usage]:
    """Return the answer, the snapshot that gave it and its usage, from the text of a chat completion.

    Raises `UnusableReply` if the text is not JSON or holds no choice. An empty content is an answer: the empty one.
    """
    try:
        completion = json.loads(text)
    except (ValueError, RecursionError):
        page = text.lstrip("\ufeff \t\r\n").startswith("<")
        problem = web_page(" ".join(text.split())[:60]) if page else "the answer is not JSON"
        raise _unusable(problem, text, scrub=scrub, every_call=True) from None
    return read_completion_object(completion, scrub)


def read_completion_object(completion: Any, scrub: Scrub) -> tuple[ChatResponse, str | None, Usage]:
    """`read_completion` for a completion that is already parsed."""
    if not isinstance(completion, dict):
        raise _unusable("the answer is not a chat completion", json.dumps(completion), scrub=scrub, every_call=True)
    usage = _usage(completion.get("usage"))
    model = _text(completion.get("model")) or None
    choices = completion.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    message = choice.get("message") if isinstance(choice, dict) else None
    if not isinstance(choice, dict) or not isinstance(message, dict):
        error = completion.get("error")
        problem = f"the server reports: {error}" if error else "the answer holds no choice"
        other = not error and "choices" not in completion  # what answers is no server of chat completions
        raise _unusable(problem, json.dumps(completion), usage, model, scrub=scrub, every_call=other)
    refusal = _text(message.get("refusal")) or None
    finish = finish_reason(choice.get("finish_reason"))
    if refusal is None and finish == "content_filter":
        refusal = "stopped by the provider's content filter"
    response = ChatResponse(_text(message.get("content")), refusal, finish)
    return response, model, usage


def finish_reason(reason: Any) -> str | None:
    """Return why an answer ended; `length` where it met a limit of tokens, whatever the provider calls that."""
    if not isinstance(reason, str) or not reason:
        return None
    return "length" if reason.lower() in _LENGTH else reason


def _unusable(
    problem: str, text: str, usage: Usage | None = None, model: str | None = None, *, scrub: Scrub, every_call: bool
) -> UnusableReply:
    usage = usage or Usage()
    text = scrub(text)[:RAW_LIMIT]
    return UnusableReply(scrub(problem)[:500], text=text, usage=usage, model=model, every_call=every_call)


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
