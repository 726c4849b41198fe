"""The one protocol in front of every model, what it returns and how it fails."""

import re
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from ..core.messages import Request, Response

RAW_LIMIT = 20_000
"""Characters kept of an answer that cannot be read."""
_HALF = re.compile("[\ud800-\udfff]")


MOST_TOKENS = 100_000_000
"""What one call may have used at most, ten times the largest context there is."""


@dataclass(frozen=True)
class Usage:
    """Tokens that one call used, as the provider counted them; None is unknown, which is not 0.

    `input_tokens` includes `cached_input_tokens`, `output_tokens` whatever the model wrote for itself.
    """

    input_tokens: int | None = None
    output_tokens: int | None = None
    cached_input_tokens: int | None = None

    def of_one_call(self) -> "Usage":
        """Return it without the numbers that no single call can have used: a server's mistake, and unknown too."""
        plausible = {name: n if n is None or 0 <= n <= MOST_TOKENS else None for name, n in vars(self).items()}
        into, cached = plausible["input_tokens"], plausible["cached_input_tokens"]
        if into is not None and cached is not None and cached > into:  # it would make the rest cost less than nothing
            plausible["cached_input_tokens"] = None
        return Usage(**plausible)


@dataclass(frozen=True)
class Reply:
    """One answer from a model, with what a run must record of it."""

    response: Response
    model: str | None
    """The snapshot that answered, in the server's own words."""
    usage: Usage
    parameters: dict[str, Any]
    """The request as it went over the wire, without the prompt, the schema's text (its hash is there) and keys."""
    latency_s: float
    """Seconds from sending to the last byte of the answer."""
    structured: str | None = None
    """How the answer's form was asked for: `json_schema`, `simple_schema`, `json_object`, `prompt`, `function_calling`
    or `simple_function_calling`."""
    notices: tuple[str, ...] = ()
    """What the user is to be told of how the model was asked, once a run: the same sentences with each reply."""

    def __post_init__(self) -> None:
        """Take no number of tokens that cannot be: it is stored, and paid by."""
        object.__setattr__(self, "usage", self.usage.of_one_call())


@runtime_checkable
class Model(Protocol):
    """Sends requests of one kind to one model. It never retries: the runner owns the only retry layer."""

    @property
    def fingerprint(self) -> dict[str, Any]:
        """Return what an answer depends on (provider, model, parameters); no addresses, names of reviewers or keys."""

    async def send(self, request: Request) -> Reply:
        """Make exactly one attempt.

        Raises `TransientError` where asking again may help, `PermanentError` where it cannot, `RefusedError` where
        the provider declines this text, `UnusableReply` where an answer came that cannot be read.
        """

    async def close(self) -> None:
        """Give connections back. Sending after it is an error."""


@dataclass(eq=False)
class ModelError(Exception):
    """A call that gave no answer. `message` never holds a key; `status` is the HTTP status, None if there was none.

    `latency_s`, `parameters` and `structured` are those of a `Reply`, as far as the attempt got.
    """

    message: str
    status: int | None = None
    latency_s: float | None = field(default=None, kw_only=True)
    parameters: dict[str, Any] = field(default_factory=dict, kw_only=True)
    structured: str | None = field(default=None, kw_only=True)
    every_call: bool = field(default=False, kw_only=True)
    """The cause is the server or its address, not what was asked: the next call will end the same."""

    def __post_init__(self) -> None:
        """No half of a surrogate pair gets into a message: a database cannot store it."""
        self.message = whole(self.message)

    def __str__(self) -> str:
        """Return the message, led by the status where there is one."""
        return self.message if self.status is None else f"HTTP {self.status}: {self.message}"


@dataclass(eq=False)
class TransientError(ModelError):
    """Too many requests, a server's failure, a timeout or a broken connection: asking again may help.

    `retry_after_s` is how many seconds the server asked to wait, None if it did not say.
    """

    retry_after_s: float | None = None


@dataclass(eq=False)
class PermanentError(ModelError):
    """Asking again cannot help: no such model, a bad key, a parameter or a prompt that is not accepted.

    `account_empty`: it is not this call, there is no money or quota left for any.
    """

    account_empty: bool = field(default=False, kw_only=True)


@dataclass(eq=False)
class RefusedError(ModelError):
    """The provider's filter turned this text away before any model saw it. `text` is the reason it gave."""

    text: str = ""


@dataclass(eq=False)
class UnusableReply(ModelError):  # noqa: N818 - it names what came
    """An answer came and may have been paid for, but is not what the protocol promises. `text` is what came."""

    text: str = ""
    usage: Usage = field(default_factory=Usage)
    model: str | None = None

    def __post_init__(self) -> None:
        """Do as `ModelError` and `Reply` do."""
        super().__post_init__()
        self.usage = self.usage.of_one_call()


def whole(text: str) -> str:
    """Return the text with halves of surrogate pairs joined, or replaced by U+FFFD where there is no other half."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace") if _HALF.search(text) else text
