"""Reads what servers of the OpenAI chat format send back, in the variants that are met.

An answer is not always in `content`: vLLM leaves it in `reasoning_content` or `reasoning` where the thoughts were never
closed, others give it as a tool call (`tool_calls`, `function_call`), as parts, or as a stream of events nobody asked for.
Nor is every 200 an answer: OpenRouter and LM Studio report errors in its body, OpenRouter in a choice too.
"""

import json
from typing import Any

from ..core.messages import THOUGHTS, ChatResponse
from .base import RAW_LIMIT, ModelError, RefusedError, TransientError, UnusableReply, Usage, whole
from .bounded_http import web_page
from .failures import sort_status
from .logprobs import token_choices
from .secrets import Scrub
from .server_events import from_events

Said = tuple[ChatResponse, str | None, Usage]
"""The answer, the snapshot that gave it, and its usage."""

_LENGTH = {"length", "max_tokens", "max_output_tokens", "model_length", "model_context_window_exceeded"}
_DECLINED = {
    "refusal", "content_filter", "safety", "prohibited_content", "blocklist", "spii", "recitation", "sensitive",
    "image_safety", "image_prohibited_content", "image_recitation",
}  # fmt: skip
"""Why an answer ended, where the provider would not give it: OpenAI's word, Anthropic's, Gemini's and Zhipu's."""
_BROKEN_OFF = {"error", "abort", "network_error", "insufficient_system_resource"}
"""Why it ended, where the server failed on the way: the words of OpenRouter, vLLM, Zhipu and DeepSeek."""
_CACHED = (
    ("prompt_tokens_details", "cached_tokens"),
    ("input_tokens_details", "cached_tokens"),
    ("prompt_cache_hit_tokens",),
    ("cached_tokens",),
    ("cache_read_input_tokens",),
)
"""Where servers count the input tokens that they had cached: OpenAI's place, then those of DeepSeek, Kimi and Anthropic."""


def read_completion(text: str, scrub: Scrub) -> Said:
    """Return the answer, the snapshot that gave it and its usage, from the text of a chat completion.

    Raises `UnusableReply` if the text is not JSON or holds no choice, and what an error in it calls for. An empty content
    is an answer: the empty one. Thoughts without an answer are led by `THOUGHTS`.
    """
    try:
        completion = _parsed(text)
    except (ValueError, RecursionError):
        page = text.lstrip("\ufeff \t\r\n").startswith("<")
        problem = web_page(" ".join(text.split())[:60]) if page else "the answer is not JSON"
        raise _unusable(problem, text, scrub=scrub, every_call=True) from None
    return read_completion_object(completion, scrub)


def read_completion_object(completion: Any, scrub: Scrub) -> Said:
    """`read_completion` for a completion that is already parsed."""
    if isinstance(completion, list) and len(completion) == 1:  # Gemini's errors come in a list
        completion = completion[0]
    if not isinstance(completion, dict):
        raise _unusable("the answer is not a chat completion", json.dumps(completion), scrub=scrub, every_call=True)
    usage = _usage(completion.get("usage"))
    model = text_of(completion.get("model")) or None
    choices = completion.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    choice = choice if isinstance(choice, dict) else {}
    finish = finish_reason(choice.get("finish_reason"))
    message = choice.get("message")
    if not isinstance(message, dict) and declined(finish):
        message = {}  # Azure and Gemini leave out what they would not give
    if (error := choice.get("error") or _error(completion, message)) or str(finish).lower() in _BROKEN_OFF:
        raise _failure(error or f"it broke off (finish reason: {finish})", completion, usage, model, scrub)
    if not isinstance(message, dict):
        other = "choices" not in completion  # what answers is no server of chat completions
        problem = "the answer holds no choice"
        raise _unusable(problem, json.dumps(completion), usage, model, scrub=scrub, every_call=other)
    refusal = text_of(message.get("refusal")) or _of_parts(message.get("content"), ("refusal",)) or None
    if refusal is None and declined(finish):
        refusal = why_declined(finish)
    answer = answer_of(message)
    return ChatResponse(answer, refusal, finish, token_choices(choice.get("logprobs"), answer)), model, usage


def _parsed(text: str) -> Any:
    """Return the value of a body; ValueError if it is neither JSON nor events that make up a completion."""
    text = text.strip("\ufeff \t\r\n")
    if text.startswith(("data:", "event:", ":")):
        return from_events(text)
    value, end = json.JSONDecoder().raw_decode(text)
    if text[end:].replace("data:", "").replace("[DONE]", "").strip():  # some end every body as if it were a stream
        raise ValueError("more than one value")
    return value


def answer_of(message: dict[str, Any]) -> str:
    """Return a message's answer: the arguments of its tool calls, else its content, else its thoughts, led by `THOUGHTS`.

    Several calls are given one after the other: who reads them sees whether they differ.
    """
    content = message.get("content")
    text = json.dumps(content, ensure_ascii=False) if isinstance(content, dict) else text_of(content)
    calls = message.get("tool_calls")
    functions = [call.get("function") for call in calls if isinstance(call, dict)] if isinstance(calls, list) else []
    arguments = [_arguments(function) for function in (*functions, message.get("function_call"))]
    if given := [part for part in arguments if part.strip() not in ("", "{}")]:
        return "\n".join(given)
    if text.strip():
        return text
    thoughts = (text_of(message.get(name)) for name in ("reasoning_content", "reasoning", "thinking"))
    return as_thoughts(next((part for part in thoughts if part.strip()), "") or thoughts_in(content), text)


def as_thoughts(thoughts: str, text: str = "") -> str:
    """Return thoughts as the answer that came with nothing else; `text`, which is blank, where there are none either."""
    return THOUGHTS + thoughts.strip().removeprefix(THOUGHTS) if thoughts.strip() else text


def _arguments(function: Any) -> str:
    arguments = function.get("arguments") if isinstance(function, dict) else None
    return json.dumps(arguments, ensure_ascii=False) if isinstance(arguments, dict) else text_of(arguments)


def text_of(content: Any) -> str:
    """Return a message's content as text, without thoughts; some servers give it in parts, some cut a character in two."""
    if isinstance(content, list):
        return "".join(_part(part) for part in content)
    return whole(content) if isinstance(content, str) else ""


def _part(part: Any) -> str:
    if isinstance(part, dict):
        return "" if part.get("type") in ("thinking", "reasoning") else text_of(part.get("text"))
    return text_of(part) if isinstance(part, str) else ""


def thoughts_in(content: Any) -> str:
    """Return the thoughts among the parts of a content."""
    return _of_parts(content, ("thinking", "reasoning"))


def _of_parts(content: Any, kinds: tuple[str, ...]) -> str:
    parts = [part for part in content if isinstance(part, dict)] if isinstance(content, list) else []
    return "".join(text_of(part.get(name)) for part in parts if part.get("type") in kinds for name in (*kinds, "text"))


def finish_reason(reason: Any) -> str | None:
    """Return why an answer ended; `length` where it met a limit of tokens, whatever the provider calls that."""
    if not isinstance(reason, str) or not reason:
        return None
    return "length" if reason.lower() in _LENGTH else reason


def declined(finish: str | None) -> bool:
    """Return whether an answer ended because the provider would not give it."""
    return str(finish).lower().partition(":")[0] in _DECLINED


def why_declined(finish: str | None) -> str:
    """Return such an end in words."""
    return "stopped by the provider" + ("'s content filter" if finish == "content_filter" else f": {finish}")


def _error(completion: dict[str, Any], message: Any) -> Any:
    """Return what a body without an answer says of an error; nothing where it says nothing."""
    if isinstance(message, dict) and answer_of(message):
        return None
    if completion.get("object") == "error":  # vLLM's form
        return completion
    status = _fields(completion.get("base_resp"))  # MiniMax's
    return completion.get("error") or (status.get("status_code") and status.get("status_msg"))


def _failure(error: Any, completion: Any, usage: Usage, model: str | None, scrub: Scrub) -> ModelError:
    """Return the error that an error within a 200 is: what its code says, where it has one of HTTP."""
    fields = _fields(error)
    metadata = _fields(fields.get("metadata"))
    body = json.dumps(completion, ensure_ascii=False)
    # OpenRouter's own message is often "Provider returned error"; what the provider said is behind it.
    words = (fields.get("message") or error, metadata.get("raw"))
    said = " ".join(" ".join(str(word) for word in words if word).split())
    problem = scrub(f"the server reports: {said}")[:500]
    code = _status(fields.get("code"))
    failure = None if code is None else sort_status(code, problem, {}, body=body)
    if metadata.get("flagged_input") or metadata.get("reasons"):
        failure = RefusedError(problem, code, text=problem)
    if failure is None or (isinstance(failure, TransientError) and usage.output_tokens):
        return UnusableReply(problem, code, text=scrub(body)[:RAW_LIMIT], usage=usage, model=model)
    return failure


def _fields(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _status(code: Any) -> int | None:
    number = int(code) if isinstance(code, str) and code.isdecimal() and len(code) == 3 else code
    return number if isinstance(number, int) and 400 <= number < 600 else None


def _unusable(
    problem: str, text: str, usage: Usage | None = None, model: str | None = None, *, scrub: Scrub, every_call: bool
) -> UnusableReply:
    usage = usage or Usage()
    text = scrub(text)[:RAW_LIMIT]
    return UnusableReply(scrub(problem)[:500], text=text, usage=usage, model=model, every_call=every_call)


def _usage(usage: Any) -> Usage:
    into, out = _count(usage, "prompt_tokens"), _count(usage, "completion_tokens")
    cached = [count for path in _CACHED if (count := _count(usage, *path)) is not None]
    if into is None and (into := _count(usage, "input_tokens")) is not None and "prompt_tokens" not in usage:
        # Anthropic's own count leaves out what was read from the cache and written to it.
        anthropic = (_count(usage, name) for name in ("cache_read_input_tokens", "cache_creation_input_tokens"))
        into += sum(count or 0 for count in anthropic)
    return Usage(
        input_tokens=into,
        output_tokens=_count(usage, "output_tokens") if out is None else out,
        cached_input_tokens=max(cached, default=None),
    )


def _count(value: Any, *path: str) -> int | None:
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
