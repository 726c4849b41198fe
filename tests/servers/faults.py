"""The script of a fake server: when which fault is given. All of it is JSON; an unknown key is an error.

{"latency_s": 0.5, "seed": 1, "faults": [
    {"kind": "429", "share": 0.10, "retry_after": 0.2},     a tenth of the calls, by prompt and attempt
    {"kind": "hang", "share": 0.02, "until": 2},            only a prompt's first two calls
    {"kind": "500", "contains": "CURSED"}]}                 every call whose prompt has this, for ever
"""

from collections import Counter
from dataclasses import dataclass, field, fields

from answers import digest, draw

STATUS = {
    "400": 400,
    "401": 401,
    "402": 402,
    "403": 403,
    "404": 404,
    "408": 408,
    "413": 413,
    "429": 429,
    "500": 500,
    "502": 502,
    "503": 503,
}
KINDS = {
    *STATUS,
    "quota",  # a 429 that says that the account is empty
    "filter",  # a 400 of the content filter
    "hang",  # no answer, ever
    "trickle",  # the answer, a byte at a time
    "reset",  # the connection is reset
    "cut",  # the connection is closed in the middle of the body
    "not_json",  # a body that is not JSON
    "empty_choice",  # `choices: []`
    "empty_content",  # a choice that says nothing
    "truncated",  # content that ends in the middle of its JSON, finish_reason length
    "prose",  # content that is no JSON
    "wrong_schema",  # content that is JSON of another form
    "refusal",
    "content_filter",  # finish_reason content_filter
    "missing_id",  # systemone: one answer less
    "nan",  # systemone: NaN
    "out_of_range",  # systemone: 1.5
}


@dataclass
class Fault:
    kind: str
    share: float = 1.0
    contains: str | None = None
    retry_after: float | str | None = None
    until: int | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"unknown fault {self.kind!r}; known: {sorted(KINDS)}")


@dataclass
class Script:
    latency_s: float = 0.0
    jitter: float = 0.0
    """Share of the latency by which it varies, up and down."""
    seed: int = 0
    faults: list[Fault] = field(default_factory=list)
    snapshot: str | None = None
    """The model name in the answers; by default the asked one with a date."""
    supports: list[str] = field(default_factory=lambda: ["json_schema", "json_object", "tools"])
    """Forms of answer that are not refused with 400."""
    require_key: str | None = None
    """Any other key gets a 401."""
    echo_authorization: bool = False
    """Put the Authorization header in the body of every error."""
    usage: bool = True
    cached_tokens: int = 0
    prefer: str | None = None
    """The enum value to choose wherever there is it."""
    answers: dict[str, object] = field(default_factory=dict)
    """By substring of the prompt (several, which must all be in it, with ` && ` between them): the content to give, text
    as it is, else as JSON; an object is cut to the schema that is asked for (see `cut_to`)."""
    likely: dict[str, dict[str, dict[str, float]]] = field(default_factory=dict)
    """By substring of the prompt, as `answers`: how likely each value of a criterion's `answer` was, where a request asks for
    `logprobs`; of all else the model was sure."""
    logprobs: str = "given"
    """What becomes of a request for `logprobs`: `given`, `ignored` or `refused` with 400."""
    keep: bool = False
    """Keep bodies and headers of requests for `GET /control/log`."""
    trickle_s: float = 0.05
    batch: dict[str, object] = field(default_factory=dict)
    """`polls`: looks before it is done; `status`: how it ends; `repeat`, `drop`, `fail`, `expire`, `refuse`, `unknown`:
    lists of ids. `upload`, `start`, `look`: the status with which each is refused; `lost`: with which a batch that was
    started is answered. A status of 0 is no answer, ever."""

    @classmethod
    def of(cls, data: dict) -> "Script":
        unknown = set(data) - {f.name for f in fields(cls)}
        if unknown:
            raise ValueError(f"unknown keys {sorted(unknown)}")
        return cls(**{**data, "faults": [Fault(**fault) for fault in data.get("faults", [])]})


class Chooser:
    """Which fault, if any, a call gets: by its prompt and by how often that prompt came before."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self.given: Counter[str] = Counter()

    def choose(self, script: Script, prompt: str) -> Fault | None:
        key = digest(prompt)
        self.calls[key] += 1
        attempt = self.calls[key]
        fault = self._fault(script, prompt, key, attempt)
        if fault is not None:
            self.given[fault.kind] += 1
        return fault

    @staticmethod
    def _fault(script: Script, prompt: str, key: str, attempt: int) -> Fault | None:
        open_ = [f for f in script.faults if f.until is None or attempt <= f.until]
        for number, fault in enumerate(open_):
            if (
                fault.contains is not None
                and fault.contains in prompt
                and draw(script.seed, number, key, attempt) < fault.share
            ):
                return fault
        u = draw(script.seed, "share", key, attempt)  # one draw for all, so that the shares are those of all calls
        for fault in open_:
            if fault.contains is None:
                if u < fault.share:
                    return fault
                u -= fault.share
        return None
