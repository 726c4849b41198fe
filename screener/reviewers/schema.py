"""What chat reviewers share: asking for an object of a form, one repair, and hashes of what was asked."""

import hashlib
import json
from collections.abc import Callable, Generator
from dataclasses import replace
from functools import lru_cache
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from ..core.messages import ChatRequest, ChatResponse, Message, Request, Response, UnusableReplyError
from ..protocol import LONGEST_TEXT
from .json_answer import CUT_OFF, json_object

F = TypeVar("F", bound=BaseModel)

_DROPPED = ("title", "description", "default")


@lru_cache(maxsize=256)  # a form is asked about once a document
def strict_schema(form: type[BaseModel]) -> str:
    """Return a form as strict JSON Schema, canonical text: references resolved, no titles, descriptions or defaults."""
    schema = form.model_json_schema()
    definitions = schema.pop("$defs", {})

    def plain(node: Any) -> Any:
        if isinstance(node, list):
            return [plain(item) for item in node]
        if not isinstance(node, dict):
            return node
        if "$ref" in node:
            return plain(definitions[node["$ref"].rsplit("/", 1)[1]])
        return {
            key: {name: plain(value) for name, value in item.items()} if key == "properties" else plain(item)
            for key, item in node.items()
            if key not in _DROPPED
        }

    # Not sorted: models answer in the order of the properties, and the reason must come before the answer.
    return json.dumps(plain(schema), ensure_ascii=False, separators=(",", ":"))


def shared_schema(form: type[BaseModel]) -> str:
    """Return a form as strict JSON Schema, canonical text, with what occurs often defined once (`$defs`).

    Every property is required, also one that may be left out where the answer is read.
    """

    def plain(node: Any) -> Any:
        if isinstance(node, list):
            return [plain(item) for item in node]
        if not isinstance(node, dict):
            return node
        named = {
            key: {name: plain(value) for name, value in item.items()} if key in ("properties", "$defs") else plain(item)
            for key, item in node.items()
            if key not in _DROPPED
        }
        types = [each.get("type") for each in named.get("anyOf", ()) if set(each) == {"type"}]
        if types and len(types) == len(named["anyOf"]):
            named = {key: item for key, item in named.items() if key != "anyOf"} | {"type": types}
        return named | ({"required": list(named["properties"])} if "properties" in named else {})

    return json.dumps(plain(form.model_json_schema()), ensure_ascii=False, separators=(",", ":"))


class CutOffError(UnusableReplyError):
    """An answer that ended at the limit of tokens: asking for less may help, asking for the same again does not."""


def filled(
    request: ChatRequest, form: type[F], fault_of: Callable[[F], str] = lambda _: "", *, may_split: bool = False
) -> Generator[Request, Response, F]:
    """Ask for one object of a form, and once more with the fault named if the answer cannot be used.

    `fault_of` says what is wrong with an answer that has the form. Raises `UnusableReplyError` if the second answer cannot
    be used either, or at a refusal; `CutOffError` at once if the caller can ask for less (`may_split`).
    """
    answer, _ = yield from answered(request, form, fault_of, may_split=may_split)
    return answer


def answered(
    request: ChatRequest, form: type[F], fault_of: Callable[[F], str] = lambda _: "", *, may_split: bool = False
) -> Generator[Request, Response, tuple[F, ChatResponse]]:
    """Do as `filled`; return the object with the response that it was read from."""
    response = yield request
    try:
        return _read(response, form, fault_of), _of_chat(response)
    except UnusableReplyError as fault:
        if fault.refused or (may_split and isinstance(fault, CutOffError)):
            raise
        complaint = f"Your answer cannot be used: {fault}. Answer again, with one JSON object of the form asked for."
        repair = (Message("assistant", fault.text[:LONGEST_TEXT] or "(empty)"), Message("user", complaint))
    response = yield replace(request, messages=(*request.messages, *repair))
    return _read(response, form, fault_of), _of_chat(response)


def _of_chat(response: Response) -> ChatResponse:
    if not isinstance(response, ChatResponse):
        raise TypeError(f"a chat request was answered by {type(response).__name__}")
    return response


def _read(given: Response, form: type[F], fault_of: Callable[[F], str]) -> F:
    response = _of_chat(given)
    try:
        answer = form.model_validate_json(json_object(response))
    except UnusableReplyError as fault:
        if str(fault) == CUT_OFF:
            raise CutOffError(CUT_OFF, fault.text) from None
        raise
    except ValidationError as error:
        if response.finish_reason == "length":
            raise CutOffError(CUT_OFF, response.text) from None
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise UnusableReplyError(f"{where + ': ' if where else ''}{first['msg']}", response.text) from None
    if problem := fault_of(answer):
        raise UnusableReplyError(problem, response.text)
    return answer


def digest(*parts: object) -> str:
    """Return 32 hex digits of the SHA-256 of some plain values."""
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:32]
