"""How much of a run's input begins as the request before it did, which many providers read from a cache at a lower price.

OpenAI caches beginnings of 1,024 tokens and more, in steps of 128, for requests that follow each other closely; no more is
counted for others. Source: OpenAI's guide to prompt caching.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

LEAST_CACHED, STEP = 1_024, 128
"""Tokens: shorter beginnings are not cached, and longer ones in steps."""
_BYTES_PER_TOKEN = 4


@dataclass(frozen=True)
class InputEstimate:
    """Requests, their tokens, and how many of these a provider will probably have cached."""

    calls: int = 0
    tokens: int = 0
    cached: int = 0

    def __add__(self, other: "InputEstimate") -> "InputEstimate":
        """Return the sum."""
        return InputEstimate(self.calls + other.calls, self.tokens + other.tokens, self.cached + other.cached)


@dataclass(frozen=True)
class KnownRequest:
    """A request that can be known beforehand: its text as the provider reads it, and its tokens."""

    text: str
    tokens: int
    images: int = 0
    images_not_priced: int = 0
    """How many pictures of pages it has, and of how many the tokens are not known and not counted."""


def estimate_input(
    studies: Sequence[Sequence[KnownRequest]],
    least: int,
    at_once: int,
    *,
    alike: bool = False,
    answered: Sequence[int] = (),
) -> InputEstimate:
    """Estimate the input of a run from the requests of each study that are known, in their order.

    `least` is how many requests a study takes, `answered` how many of each study's have an answer already and are not asked; those that are not known are taken to be as long, and to share as much,
    as the study's others do on average. Where only one is known they share nothing, or, if all requests of a study differ in
    their last sentences only (`alike`), all of it but these. The first `at_once` studies begin together, so that the first
    request of none of them finds anything cached.
    """
    total = InputEstimate()
    for number, known in enumerate(studies):
        if not known:
            continue
        before = studies[number - 1][0] if number >= at_once and studies[number - 1] else None
        first = shared_tokens(before, known[0]) if before is not None else 0
        rest = [shared_tokens(earlier, later) for earlier, later in pairwise(known)]
        tokens, calls = (
            sum(request.tokens for request in known),
            calls_of(known, least, answered[number] if answered else 0),
        )
        unknown = calls - len(known)
        if not rest and alike:
            of_unknown = max(0, shared_tokens(known[0], known[0]) - STEP)
        else:
            of_unknown = round(sum(rest) / len(rest)) if rest else 0
        total += InputEstimate(
            calls,
            tokens + round(unknown * tokens / len(known)),
            first + sum(rest) + unknown * of_unknown,
        )
    return total


def calls_of(known: Sequence[KnownRequest], least: int, answered: int) -> int:
    """Return how many requests of a study are sent: none where none is known to be, as its answers are there or come from another's."""
    return max(least - answered, len(known)) if known else 0


def shared_tokens(before: KnownRequest, request: KnownRequest) -> int:
    """Return how many tokens of a request are read from the cache that the one before it left."""
    shared = before.text[: _common(before.text, request.text)]
    tokens = min(len(shared.encode("utf-8", "surrogatepass")) // _BYTES_PER_TOKEN, request.tokens)
    return 0 if tokens < LEAST_CACHED else tokens // STEP * STEP


def _common(one: str, other: str) -> int:
    """Return how many characters two texts begin with in common. Slices compare much faster than characters."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if one[low:middle] == other[low:middle] else (low, middle - 1)
    return low
