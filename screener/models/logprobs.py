"""The probabilities of an answer's tokens, as servers of OpenAI's chat format give them with `logprobs: true`.

The form is that of `choices[].logprobs` in OpenAI's API reference: `content` is a list of tokens, each with `token`,
`logprob`, `bytes` (a list of numbers, or null) and `top_logprobs`, a list of likely tokens of the same form. A token's
probability is exp(logprob); -9999 stands for one that is not among the likely ones.
"""

import math
import re
from collections.abc import Iterator
from typing import Any

from ..core.messages import TokenChoice

LEAST = 0.001
"""Below this probability a token that might have stood in a place is not kept."""
_ANSWER = re.compile(r'(?<!\\)"answer"\s*:\s*"[^"]*"?')


def token_choices(logprobs: Any, text: str) -> tuple[TokenChoice, ...] | None:
    """Return the tokens of `text` that stand in its `"answer"`s and for which others were likely too.

    Only these are kept: a whole list is a hundred times as long as the answer. None where there is no list, or it is not
    the list of this text. Of a token that ends within a character nothing is kept.
    """
    content = logprobs.get("content") if isinstance(logprobs, dict) else None
    if not isinstance(content, list) or not content:
        return None
    tokens = [token for token in content if isinstance(token, dict) and _bytes(token) is not None]
    data = b"".join(_bytes(token) or b"" for token in tokens)
    offset = data.find(text.encode("utf-8", "replace"))
    if len(tokens) < len(content) or offset < 0:
        return None
    answers = [(match.start(), match.end()) for match in _ANSWER.finditer(text)]
    return tuple(
        choice
        for choice in _placed(tokens, offset, text)
        if choice.others
        and any(begin < choice.start + len(choice.text) and choice.start < end for begin, end in answers)
    )


def _placed(tokens: list[dict[str, Any]], offset: int, text: str) -> Iterator[TokenChoice]:
    """Yield the tokens that are whole characters of the text; `offset` is where it begins among the bytes."""
    data, at = text.encode("utf-8", "replace"), -offset
    characters = 0
    counted = 0
    for token in tokens:
        own = _bytes(token) or b""
        begin, end = at, at + len(own)
        at = end
        if begin < 0 or end > len(data):
            continue
        try:
            characters += len(data[counted:begin].decode())
            counted = begin
            word = own.decode()
        except UnicodeDecodeError:
            continue
        others = tuple(_others(token, own))
        yield TokenChoice(characters, word, _probability(token), others)


def _others(token: dict[str, Any], own: bytes) -> Iterator[tuple[str, float]]:
    likely = token.get("top_logprobs")
    for other in likely if isinstance(likely, list) else []:
        word = _bytes(other) if isinstance(other, dict) else None
        if word is None or word == own or (probability := _probability(other)) < LEAST:
            continue
        try:
            yield word.decode(), probability
        except UnicodeDecodeError:
            continue


def _bytes(token: dict[str, Any]) -> bytes | None:
    given, word = token.get("bytes"), token.get("token")
    if isinstance(given, list) and all(isinstance(byte, int) and 0 <= byte < 256 for byte in given):
        return bytes(given)
    return word.encode("utf-8", "replace") if isinstance(word, str) else None


def _probability(token: dict[str, Any]) -> float:
    given = token.get("logprob")
    if not isinstance(given, int | float) or math.isnan(given):
        return 0.0
    return round(math.exp(min(0.0, given)), 6)
