"""How requests are told apart, and how their answers are kept in the ledger."""

import hashlib
import json
from dataclasses import asdict
from typing import Any

from ..core.messages import ChatRequest, ChatResponse, ProbabilityResponse, Request, Response


def request_hash(model: str, request: Request) -> str:
    """Return the hash of a request to a model; `model` is its fingerprint as canonical JSON."""
    canonical = json.dumps([type(request).__name__, _plain(request)], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(f"{model}\x00{canonical}".encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _plain(request: Request) -> dict[str, Any]:
    """Return a request as JSON has it, each picture by its place and hash; without pictures it has no word of them."""
    fields = asdict(request)
    if isinstance(request, ChatRequest):
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
    return json.dumps({"kind": type(response).__name__, **asdict(response)}, ensure_ascii=False)


def response_from(text: str) -> Response:
    """Read a response from the ledger's text."""
    fields = json.loads(text)
    if fields.pop("kind") == "ChatResponse":
        return ChatResponse(**fields)
    return ProbabilityResponse(tuple((name, p) for name, p in fields["probabilities"]))
