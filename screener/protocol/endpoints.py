"""What a protocol says of a model: which one, with which parameters, at what price and how fast.

These are plain frozen models without any import of the other rooms, so that the protocol can hold them.
"""

from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from ..core.frozen import Frozen
from ..core.judgement import Stage

# What the tool itself decides in each request, or what belongs in the environment; not a parameter of the user's.
_OURS = ("model", "messages", "response_format", "stream", "n", "tools", "tool_choice", "max_retries", "timeout")
_SECRET = ("api_key", "authorization", "token", "extra_headers", "default_headers")


def plain_base_url(url: str | None) -> str | None:
    """Return an address without a slash at its end; ValueError for one that is none, or that holds a key."""
    if url is None:
        return None
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must be an address like http://127.0.0.1:11434/v1")
    if parts.username or parts.password or parts.query:
        raise ValueError("must hold no key or password; name the environment variable of the key in api_key_env")
    return url.rstrip("/")


class Price(Frozen):
    """A price that the user states, in US dollars per million tokens."""

    input: float = Field(ge=0)
    """US dollars for a million tokens sent."""
    output: float = Field(ge=0)
    """US dollars for a million tokens received."""
    cached_input: float | None = Field(default=None, ge=0)
    """What input tokens cost that the provider had in its cache; without it they cost as much as the others."""


class Thresholds(Frozen):
    """Where a probability becomes an answer: `no` below `no_below`, `yes` from `yes_from`, else `unclear`."""

    no_below: float = Field(ge=0, le=1)
    """Below this probability the answer is `no`."""
    yes_from: float = Field(ge=0, le=1)
    """From this probability on the answer is `yes`."""

    def model_post_init(self, _: Any) -> None:
        """The two may meet but not cross."""
        if self.no_below > self.yes_from:
            raise ValueError("no_below is above yes_from")


class Until(Frozen):
    """Where a probability is sure enough: excluded below, included from `include_above`."""

    exclude_below: float = Field(ge=0, le=1)
    """Below this probability of inclusion the record is settled; of a `mean` and of a graded reviewer, it is excluded."""
    include_above: float = Field(ge=0, le=1)
    """From this probability of inclusion on the record is settled; of a `mean` and of a graded reviewer, it is included."""


class Endpoint(Frozen):
    """How a server that answers is asked."""

    api_key_env: str | None = Field(default=None, pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")
    """The environment variable that holds the key; `NAME_FILE` beside it may name a file that does."""
    timeout_s: float = Field(default=120, gt=0)
    """Seconds that one attempt may take in all, from the first byte sent to the last received."""
    requests_per_minute: int | None = Field(default=None, gt=0)
    """How many requests may go out in any 60 seconds; your provider states its limit."""
    tokens_per_minute: int | None = Field(default=None, gt=0)
    """How many tokens may go out in any 60 seconds."""
    max_concurrency: int = Field(default=16, gt=0)
    """How many requests may be under way at once."""
    price: Price | None = None
    """Overrides the bundled price list; needed for a budget where the list does not know the model."""


class ChatSpec(Endpoint):
    """A chat model."""

    kind: Literal["chat"] = "chat"
    """A model that is asked in words and answers with reasons and quotes."""
    model: str = Field(pattern=r"^[a-z][a-z0-9_]*:.+$")
    """`provider:name`; `openai` is any OpenAI-compatible server, every other provider is LangChain's."""
    base_url: str | None = None
    """The server's address where it is not the provider's own, for example `http://127.0.0.1:11434/v1`."""
    parameters: dict[str, Any] = Field(default_factory=dict)
    """Sent as they stand (temperature, seed, reasoning_effort, …); with `openai`, `extra_body` is merged in."""
    structured: Literal["auto", "json_schema", "simple_schema", "json_object", "prompt"] = "auto"
    """How the answer's form is asked for; `auto` begins with `json_schema` and steps down where a server refuses.

    `simple_schema` is the schema without bounds, patterns and references, `json_object` and `prompt` tell it in the prompt."""

    full_text_characters: int = Field(default=60_000, ge=4_000)
    """Of a longer report only the passages that bear on the questions are shown, up to so many characters."""
    second_reading: bool = Field(default=True, exclude_if=bool)
    """At the stage `extraction`: whether what a first reading left open is asked for once more, in one request a study.
    `false` where it recovers nothing on gold `dev`."""

    page_images: Literal["none", "tables"] = Field(default="none", exclude_if=lambda value: value == "none")
    """At full text and extraction: `tables` adds pictures of the pages with tables or figures among the passages shown, for
    models that take images. An answer still needs words of the text."""

    answers: Literal["plain", "graded"] = Field(default="plain", exclude_if=lambda value: value == "plain")
    """At a screening stage: `graded` asks how sure an answer is (definitely or probably yes or no, unclear, absent), so that the
    reviewer has probabilities; `screener run --fit` calibrates them on gold `dev`."""
    thresholds: dict[Stage, dict[str, Thresholds]] = Field(default_factory=dict, exclude_if=lambda value: not value)
    """Of graded answers, by stage and criterion: where a probability becomes an answer. What is not named goes by the grade:
    both kinds of yes are `yes`, definitely no is `no`, probably no is `unclear`."""
    until: dict[Stage, Until] = Field(default_factory=dict, exclude_if=lambda value: not value)
    """Of graded answers, by stage: the probabilities of inclusion by which it decides instead of criterion by criterion;
    `screener evaluate --stage abstract --thresholds 0.95` proposes values."""
    logprobs: bool = Field(default=False, exclude_if=lambda value: not value)
    """Of graded answers: whether an `openai` server is asked for the probabilities of the answer's words, which then weigh the
    grades; where it gives none, the grade alone counts."""

    _plain_base_url = field_validator("base_url")(plain_base_url)

    @model_validator(mode="after")
    def _for_graded_answers(self) -> "ChatSpec":
        for name in ("thresholds", "until", "logprobs"):
            if getattr(self, name) and self.answers != "graded":
                raise ValueError(f"`{name}` is for `answers: graded`; add that, or remove `{name}`")
        if self.logprobs and self.provider != "openai":
            raise ValueError("`logprobs` is for models of the provider `openai`; remove it")
        return self

    @field_validator("parameters")
    @classmethod
    def _users_own(cls, parameters: dict[str, Any]) -> dict[str, Any]:
        for key in _names(parameters):
            if key in _OURS:
                raise ValueError(f"`{key}` is set by screener itself; remove it")
            if key in _SECRET:
                raise ValueError(f"`{key}` may be a secret; name the environment variable of the key in api_key_env")
        return parameters

    @property
    def provider(self) -> str:
        """Return the part of `model` before the colon."""
        return self.model.partition(":")[0]

    @property
    def model_name(self) -> str:
        """Return the part of `model` after the colon, as the provider knows it."""
        return self.model.partition(":")[2]


class ProbabilitySpec(Endpoint):
    """A probability model behind `POST {base_url}/v1/systemone`."""

    kind: Literal["probability"] = "probability"
    """A model that answers each criterion with a probability."""
    model: str = Field(min_length=1)
    """The model's name, as the server knows it."""
    base_url: str
    """The server's address, without `/v1`."""

    _plain_base_url = field_validator("base_url")(plain_base_url)


def _names(parameters: dict[str, Any]) -> list[str]:
    extra = parameters.get("extra_body")
    return [*parameters, *(extra if isinstance(extra, dict) else ())]
