"""The OpenAI chat format, as plain dictionaries: what the SDK sends and a batch file holds is made here, once."""

import base64
import hashlib
import json
from typing import Any

from ..core.messages import ChatRequest, Message
from ..protocol import ChatSpec, ProbabilitySpec
from .simple_schema import simplified

# From the strictest to the plainest way of asking for the answer's form; a server that refuses one is asked the next.
STEPS = ("json_schema", "simple_schema", "json_object", "prompt")

MOST_LOGPROBS = 20
"""How many likely tokens a server is asked for in each place: OpenAI's most. `top_logprobs` in `parameters` asks for fewer."""

_PROMPT = ("messages", "system", "input", "stream", "contents", "systemInstruction", "prompt", "instructions")
_NESTED = ("options", "generationConfig")


def chat_body(spec: ChatSpec, request: ChatRequest, structured: str) -> dict[str, Any]:
    """Return the body of `POST /chat/completions` for a request; `structured` is one of `STEPS`."""
    messages = wire_messages(request)
    body: dict[str, Any] = {"model": spec.model_name, "messages": messages}
    if structured in ("json_schema", "simple_schema"):
        text = simplified(request.schema).text if structured == "simple_schema" else request.schema
        schema = {"name": request.schema_name, "strict": True, "schema": json.loads(text)}
        body["response_format"] = {"type": "json_schema", "json_schema": schema}
    else:
        body["messages"] = with_schema(messages, request.schema)
        if structured == "json_object":
            body["response_format"] = {"type": "json_object"}
    if request.logprobs:
        body |= {"logprobs": True, "top_logprobs": MOST_LOGPROBS}
    parameters = dict(spec.parameters)
    extra = parameters.pop("extra_body", None) or {}
    return {**body, **parameters, **extra}


def wire_messages(request: ChatRequest) -> list[dict[str, Any]]:
    """Return the messages of a request; one with pictures as parts, each picture behind its place.

    The form of the parts is that of OpenAI's chat completions (`text`, `image_url` with a data URL), which LangChain turns
    into each provider's.
    """
    return [{"role": m.role, "content": _content(m)} for m in request.messages]


def _content(message: Message) -> str | list[dict[str, Any]]:
    if not message.pictures:
        return message.content
    parts = [_text(message.content[: message.pictures_at])]
    for picture in message.pictures:
        url = "data:image/png;base64," + base64.b64encode(picture.png).decode("ascii")
        parts += [_text(f"[{picture.place}, as a picture]"), {"type": "image_url", "image_url": {"url": url}}]
    return [*parts, _text(message.content[message.pictures_at :])]


def _text(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text}


def with_schema(messages: list[dict[str, Any]], schema: str) -> list[dict[str, Any]]:
    """Return the messages with the schema at the end of the first one by the user, for servers that cannot be given one.

    Not before that: so requests that ask other things of one document begin alike, and a repair as the request did.
    """
    instruction = f"Answer with one JSON object and nothing else. It must fit this JSON Schema:\n{schema}"
    number = next((n for n, message in enumerate(messages) if message["role"] == "user"), None)
    if number is None:
        return [*messages, {"role": "user", "content": instruction}]
    content = messages[number]["content"]
    if isinstance(content, list):
        asked = {"role": "user", "content": [*content, _text(instruction)]}
    else:
        asked = {"role": "user", "content": f"{content}\n\n{instruction}"}
    return [*messages[:number], asked, *messages[number + 1 :]]


def text_as_read(spec: ChatSpec, request: ChatRequest) -> str:
    """Return a request's text in the order in which a provider reads it, for what requests share from their beginning.

    A schema or a tool stands before all messages (OpenAI's and Anthropic's guides to prompt caching); where it is told in
    the prompt it stands there.
    """
    messages = [{"role": m.role, "content": _as_read(m)} for m in request.messages]
    before = request.schema
    if spec.structured in ("json_object", "prompt"):
        messages, before = with_schema(messages, request.schema), ""
    return "\x1e".join((before, *(f"{m['role']}\x1f{m['content']}" for m in messages)))


def _as_read(message: Message) -> str:
    """Return a message's text with the hash of each picture in its place."""
    at = message.pictures_at
    pictures = "".join(f"\x1d{picture.place} {picture.sha256}" for picture in message.pictures)
    return message.content[:at] + pictures + message.content[at:]


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
    """Return how a body asks for the answer's form: one of `STEPS`, but a simple schema is a schema."""
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
