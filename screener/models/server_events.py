"""A stream of events put together into the completion it stands for.

Some servers stream though nobody asked them to (`stream` is false or left out). The form of the events is that of OpenAI's
chat streams: `data:` and a chunk with `choices[0].delta`, at the end `data: [DONE]`.
"""

import json
from typing import Any

_TEXTS = ("content", "refusal", "reasoning_content", "reasoning")


def from_events(text: str) -> dict[str, Any]:
    """Return the completion that a stream stands for: its first choice, and the last model, usage and error it names.

    ValueError if a line is neither an event nor a comment, or if there is no data.
    """
    completion: dict[str, Any] = {}
    choice: dict[str, Any] = {}
    message: dict[str, Any] = {}
    chunks = _chunks(text)
    for chunk in chunks:
        completion |= {key: chunk[key] for key in ("model", "usage", "error") if chunk.get(key)}
        choices = chunk.get("choices")
        for part in choices if isinstance(choices, list) else []:
            if isinstance(part, dict) and not part.get("index"):
                choice |= {key: part[key] for key in ("finish_reason", "error") if part.get(key)}
                _add(message, part.get("message") or part.get("delta"))
    if not chunks:
        raise ValueError("no data")
    return {**completion, **({"choices": [{**choice, "message": message}]} if message or choice else {"choices": []})}


def _chunks(text: str) -> list[dict[str, Any]]:
    chunks = []
    for line in text.split("\n"):  # not splitlines, which breaks at U+2028 within an answer
        name, _, data = line.strip().partition(":")
        if name not in ("data", "event", "id", "retry", ""):
            raise ValueError("no stream of events")
        if name == "data" and data.strip() not in ("", "[DONE]"):
            chunk = json.loads(data)
            if not isinstance(chunk, dict):
                raise ValueError("no chunk of a completion")
            chunks.append(chunk)
    return chunks


def _add(message: dict[str, Any], delta: Any) -> None:
    """Add what one chunk brings to the message so far."""
    if not isinstance(delta, dict):
        return
    for name in _TEXTS:
        if isinstance(part := delta.get(name), str):
            message[name] = message.get(name, "") + part
        elif part is not None:
            message[name] = part
    calls: list[dict[str, Any]] = message.setdefault("tool_calls", [])
    given = delta.get("tool_calls")
    for number, call in enumerate(given if isinstance(given, list) else []):
        place = call.get("index") if isinstance(call, dict) else None
        place = place if isinstance(place, int) and 0 <= place <= len(calls) else min(number, len(calls))
        if place == len(calls):
            calls.append({"function": {"arguments": ""}})
        _extend(calls[place]["function"], call.get("function") if isinstance(call, dict) else None)
    if isinstance(call := delta.get("function_call"), dict):
        _extend(message.setdefault("function_call", {"arguments": ""}), call)


def _extend(function: dict[str, Any], given: Any) -> None:
    if isinstance(given, dict) and isinstance(part := given.get("arguments"), str):
        function["arguments"] += part
