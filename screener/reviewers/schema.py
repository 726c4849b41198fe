"""What chat reviewers share: asking for an object of a form, one repair, and hashes of what was asked."""

import hashlib
import json
from collections.abc import Generator
from dataclasses import replace
from functools import lru_cache
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from ..core.messages import ChatRequest, ChatResponse, Message, Request, Response, UnusableReplyError
from ..protocol import LONGEST_TEXT
from .json_answer import CUT_OFF, json_object

F = TypeVar("F", bound=BaseModel)


@lru_cache(maxsize=256)  # a form is asked about once a document
def strict_schema(form: type[BaseModel], *, described: bool = False) -> str:
    """Return a form as strict JSON Schema, canonical text: references resolved, no titles or defaults.

    Descriptions are left out unless `described`.
    """
    schema = form.model_json_schema()
    definitions = schema.pop("$defs", {})
    dropped = ("title", "default") if described else ("title", "description", "default")

    def plain(node: Any) -> Any:
        if isinstance(node, list):
            return [plain(item) for item in node]
        if not isinstance(node, dict):
            return node
        if "$ref" in node:
            # What stands beside a reference (a field's own description) goes before what the definition says.
            siblings = {key: value for key, value in node.items() if key != "$ref"}
            return plain({**definitions[node["$ref"].rsplit("/", 1)[1]], **siblings})
        return {
            key: {name: plain(value) for name, value in item.items()} if key == "properties" else plain(item)
            for key, item in node.items()
            if key not in dropped
        }

    # Not sorted: models answer in the order of the properties, and the reason must come before the answer.
    return json.dumps(plain(schema), ensure_ascii=False, separators=(",", ":"))


def filled(request: ChatRequest, form: type[F]) -> Generator[Request, Response, F]:
    """Ask for one object of a form, and once more with the fault named if the answer cannot be used.

    Raises `UnusableReplyError` if the second answer cannot be used either, or at a refusal.
    """
    response = yield request
    try:
        return _read(response, form)
    except UnusableReplyError as fault:
        if fault.refused:
            raise
        complaint = f"Your answer cannot be used: {fault}. Answer again, with one JSON object of the form asked for."
        repair = (Message("assistant", fault.text[:LONGEST_TEXT] or "(empty)"), Message("user", complaint))
    response = yield replace(request, messages=(*request.messages, *repair))
    return _read(response, form)


def _read(response: Response, form: type[F]) -> F:
    if not isinstance(response, ChatResponse):
        raise TypeError(f"a chat request was answered by {type(response).__name__}")
    try:
        return form.model_validate_json(json_object(response))
    except ValidationError as error:
        if response.finish_reason == "length":
            raise UnusableReplyError(CUT_OFF, response.text) from None
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise UnusableReplyError(f"{where + ': ' if where else ''}{first['msg']}", response.text) from None


def digest(*parts: object) -> str:
    """Return 32 hex digits of the SHA-256 of some plain values."""
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:32]
