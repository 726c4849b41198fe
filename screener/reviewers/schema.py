"""What chat reviewers share: asking for an object of a form, one repair, and hashes of what was asked."""

import hashlib
import json
from collections.abc import Generator
from dataclasses import replace
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from ..exchange import ChatRequest, ChatResponse, Message, Request, Response, Unusable
from ..prompts import LONGEST_TEXT

F = TypeVar("F", bound=BaseModel)


def strict_schema(form: type[BaseModel], *, described: bool = False) -> str:
    """A form as strict JSON Schema, canonical text: references resolved, no titles or defaults.

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
            beside = {key: value for key, value in node.items() if key != "$ref"}
            return plain({**definitions[node["$ref"].rsplit("/", 1)[1]], **beside})
        return {
            key: {name: plain(value) for name, value in item.items()} if key == "properties" else plain(item)
            for key, item in node.items()
            if key not in dropped
        }

    # Not sorted: models answer in the order of the properties, and the reason must come before the answer.
    return json.dumps(plain(schema), ensure_ascii=False, separators=(",", ":"))


def filled(request: ChatRequest, form: type[F]) -> Generator[Request, Response, F]:
    """Ask for one object of a form, and once more with the fault named if the answer cannot be used.

    Raises `Unusable` if the second answer cannot be used either, or at a refusal.
    """
    response = yield request
    try:
        return _read(response, form)
    except Unusable as fault:
        if fault.refused:
            raise
        told = f"Your answer cannot be used: {fault}. Answer again, with one JSON object of the form asked for."
        repair = (Message("assistant", fault.text[:LONGEST_TEXT] or "(empty)"), Message("user", told))
    response = yield replace(request, messages=(*request.messages, *repair))
    return _read(response, form)


def _read(response: Response, form: type[F]) -> F:
    if not isinstance(response, ChatResponse):
        raise TypeError(f"a chat request was answered by {type(response).__name__}")
    try:
        return form.model_validate_json(json_object(response))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise Unusable(f"{where + ': ' if where else ''}{first['msg']}", response.text) from None


def json_object(response: ChatResponse) -> str:
    """The JSON object of an answer, without the code fence that some models put around it.

    Raises `Unusable` for a refusal or an empty answer.
    """
    if response.refusal:
        raise Unusable(f"the model refused: {response.refusal[:200]}", response.text, refused=True)
    text = response.text.strip()
    if text.startswith("```"):
        text = text.partition("\n")[2].rpartition("```")[0].strip()
    if not text:
        raise Unusable(f"there is no answer (finish reason: {response.finish_reason})", response.text)
    return text


def digest(*parts: object) -> str:
    """32 hex digits of the SHA-256 of some plain values."""
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:32]
