"""How requests are told apart, and how their answers are kept in the ledger."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from ..core.messages import ChatRequest, ChatResponse, ProbabilityResponse, Request, Response, TokenChoice
from ..ledger import Key, Ledger, answer_text, answered


def model_hash(fingerprint: Mapping[str, Any]) -> str:
    """Return a model's fingerprint as `request_hash` takes it."""
    return json.dumps(fingerprint, sort_keys=True, ensure_ascii=False)


def request_hash(model: str, request: Request) -> str:
    """Return the hash of a request to a model; `model` is its fingerprint as canonical JSON."""
    canonical = json.dumps([type(request).__name__, _plain(request)], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(f"{model}\x00{canonical}".encode("utf-8", "surrogatepass")).hexdigest()[:32]


class StoredAnswers:
    """Finds the answers that a ledger has to requests of one model, and no others."""

    def __init__(self, ledger: Ledger, fingerprint: Mapping[str, Any]) -> None:
        """`fingerprint` is the model's."""
        self._ledger, self._model = ledger, model_hash(fingerprint)
        with ledger.read() as connection:
            self._keys = answered(connection)

    def key(self, request: Request, repeat: int = 0, earlier: str = "") -> Key:
        """Return the key of a request; of `earlier`, which asked the same of the record, where it alone has an answer."""
        key = (request_hash(self._model, request), repeat)
        return (earlier, repeat) if key not in self._keys and (earlier, repeat) in self._keys else key

    def answer(self, key: Key) -> Response | None:
        """Return the stored answer to a request; None where there is none."""
        if key not in self._keys:
            return None
        with self._ledger.read() as connection:
            text = answer_text(connection, key)
        return None if text is None else response_from(text)


def _plain(request: Request) -> dict[str, Any]:
    """Return a request as JSON has it, each picture by its place and hash.

    Of pictures and log-probabilities that are not asked for it has no word.
    """
    fields = asdict(request)
    if isinstance(request, ChatRequest):
        if not request.logprobs:
            del fields["logprobs"]
        for message, plain in zip(request.messages, fields["messages"], strict=True):
            at = plain.pop("pictures_at")
            plain.pop("pictures")
            if message.pictures:
                plain["pictures"] = [at, *([picture.place, picture.sha256] for picture in message.pictures)]
    return fields


def response_text(response: Response) -> str:
    """Return a response as the ledger keeps it."""
    if not isinstance(response, ChatResponse | ProbabilityResponse):
        raise TypeError(f"{type(response).__name__} is not kept")
    fields = asdict(response)
    if isinstance(response, ChatResponse) and response.choices is None:
        del fields["choices"]
    return json.dumps({"kind": type(response).__name__, **fields}, ensure_ascii=False)


def response_from(text: str) -> Response:
    """Read a response from the ledger's text."""
    fields = json.loads(text)
    if fields.pop("kind") == "ChatResponse":
        given = fields.pop("choices", None)
        return ChatResponse(**fields, choices=None if given is None else tuple(map(_choice_from, given)))
    return ProbabilityResponse(tuple((name, p) for name, p in fields["probabilities"]))


def _choice_from(fields: dict[str, Any]) -> TokenChoice:
    others = tuple((word, probability) for word, probability in fields.pop("others"))
    return TokenChoice(**fields, others=others)
