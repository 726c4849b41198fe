"""The `logprobs` of a chat completion, in the form of OpenAI's API reference, as a model would give them that wavers.

`likely` says how likely each value of an `"answer"` was, by the key of the object that it stands in. From it follow the
probabilities of the tokens: at each token of the value that was given, every value that begins alike has its next token.
"""

import math
import re

_ANSWER = re.compile(r'"(\w+)": \{[^{}]*?"answer": "(\w+)"')
_TOKEN, _WORD = re.compile(r"[A-Za-z]+|\s+|[^A-Za-z\s]", re.S), re.compile(r"_?[a-z]+")


def logprobs(content: str, top: int, likely: dict[str, dict[str, float]]) -> dict:
    """`choices[].logprobs` of a content, with up to `top` likely tokens in each place."""
    tokens: list[dict] = []
    place = 0
    for match in _ANSWER.finditer(content):
        begin, end = match.span(2)
        tokens += [_token(text, {text: 1.0}, top) for text in _TOKEN.findall(content[place:begin])]
        given, so_far = match[2], ""
        for text in _WORD.findall(given):
            tokens.append(_token(text, _next(likely.get(match[1], {given: 1.0}), so_far, text), top))
            so_far += text
        place = end
    tokens += [_token(text, {text: 1.0}, top) for text in _TOKEN.findall(content[place:])]
    return {"content": tokens, "refusal": None}


def _next(values: dict[str, float], so_far: str, given: str) -> dict[str, float]:
    """How likely each next token is behind `so_far`."""
    shares: dict[str, float] = {}
    for value, share in values.items():
        if value.startswith(so_far) and value != so_far:
            token = _WORD.findall(value[len(so_far) :])[0]
            shares[token] = shares.get(token, 0.0) + share
    total = sum(shares.values())
    return {token: share / total for token, share in shares.items()} if total else {given: 1.0}


def _token(text: str, shares: dict[str, float], top: int) -> dict:
    ordered = sorted(shares.items(), key=lambda pair: -pair[1])[:top]
    return {**_entry(text, shares.get(text, 0.0)), "top_logprobs": [_entry(*pair) for pair in ordered]}


def _entry(text: str, share: float) -> dict:
    logprob = math.log(share) if share > 0 else -9999.0
    return {"token": text, "logprob": logprob, "bytes": list(text.encode())}
