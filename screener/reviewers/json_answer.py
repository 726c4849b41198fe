"""The one JSON object of an answer, without what models and servers put around it."""

import json
import re
from typing import Any

from ..core.duplicate_keys import ContradictionError, same_json, unambiguous
from ..core.messages import ChatResponse, UnusableReplyError

CUT_OFF = (
    "it was cut off at the limit of tokens (finish reason: length); allow more (max_tokens or its like) or ask for less"
)
_OPENING = re.compile(r"[\ufeff \t\r\n]*<(?:think|thinking|thought)>")
_OBJECT = re.compile(r'\{[ \t\r\n]*["}]')
_CLOSING_OR_OBJECT = re.compile(rf"</(?:think|thinking|thought)>|{_OBJECT.pattern}")
_FENCE = re.compile(r"\A\s*```\w*\s*|\s*```\s*\Z")
_BLANK = "\ufeff \t\r\n"
_DECODER, _PLAIN = json.JSONDecoder(object_pairs_hook=unambiguous), json.JSONDecoder()
_MOST_OBJECTS = 500
"""Objects, broken ones among them, that are passed over in search of the end of thoughts."""


def json_object(response: ChatResponse) -> str:
    """Return the one JSON object of an answer, without what some models put around it: thoughts, a code fence, a
    sentence.

    Thoughts may lack their opening tag, which some templates write into the prompt. Thoughts that nothing closes are no
    answer, unless they are one object and nothing else: so it comes where a server takes the whole answer for thoughts.

    Where there is none, or a broken one, the text as it is: who reads it says what is wrong. Raises `UnusableReplyError` for a
    refusal, an empty answer, two objects that differ and an object that names a key twice with different values.
    """
    if response.refusal:
        raise UnusableReplyError(f"the model refused: {response.refusal[:200]}", response.text, refused=True)
    text, unclosed = _after_thoughts(response.text)
    try:
        if unclosed:
            text = _alone(text) if response.finish_reason != "length" else ""
        if not text:
            # Thoughts are not given back to the model: templates of chats break at a tag that nothing closes.
            raise UnusableReplyError(_why_none(response, unclosed=unclosed), "" if unclosed else response.text)
        return _only_object(text, response)
    except ContradictionError as error:
        raise UnusableReplyError(f"it contradicts itself: {error}; give each key once", response.text) from None


def _why_none(response: ChatResponse, *, unclosed: bool) -> str:
    if response.finish_reason == "length":
        return CUT_OFF
    what = "there is no answer, only thoughts" if unclosed else "there is no answer"
    return f"{what} (finish reason: {response.finish_reason or 'none'})"


def _after_thoughts(text: str) -> tuple[str, bool]:
    """Return what follows the thoughts, and False; or thoughts that nothing closes, without their tag, and True."""
    begin = 0
    while True:
        opening = _OPENING.match(text, begin)
        begin = opening.end() if opening else begin
        closing = _end_of_thoughts(text, begin)
        if closing is None:
            return text[begin:].strip(_BLANK), opening is not None
        begin = closing


def _end_of_thoughts(text: str, begin: int) -> int | None:
    """Return where the first closing tag ends that does not stand within an object; None where there is none."""
    for _ in range(_MOST_OBJECTS):
        match = _CLOSING_OR_OBJECT.search(text, begin)
        if match is None or match[0][0] != "{":
            return match.end() if match else None
        try:
            _, begin = _PLAIN.raw_decode(text, match.start())
        except (ValueError, RecursionError):
            begin = match.start() + 1
    return None


def _alone(thoughts: str) -> str:
    """Return thoughts that are one object and nothing else, perhaps within a fence; else nothing."""
    text = _FENCE.sub("", thoughts)
    try:
        _, end = _DECODER.raw_decode(text)
    except (ValueError, RecursionError):
        return ""
    return text if text.startswith("{") and end == len(text) else ""


def _only_object(text: str, response: ChatResponse) -> str:
    objects: list[tuple[str, Any]] = []
    begin = _OBJECT.search(text)
    while begin is not None:
        try:
            value, end = _DECODER.raw_decode(text, begin.start())
        except (ValueError, RecursionError):
            break  # a broken object; what stands within it is not the answer
        objects.append((text[begin.start() : end], value))
        begin = _OBJECT.search(text, end)
    if begin is not None or not objects:
        return text if objects else text[begin.start() if begin else 0 :]
    if any(not same_json(value, objects[0][1]) for _, value in objects):
        raise UnusableReplyError("there is more than one JSON object in it; give one", response.text)
    return objects[0][0]
