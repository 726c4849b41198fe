"""What is wrong with a value of a file, in the words of the file: not those of the library that found it."""

import re
import types
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, Tag

_PATTERNS = {
    r"^[a-z][a-z0-9_]*$": "has lower-case letters, digits and `_` only, and begins with a letter, like `study_design`",
    r"^[a-z][a-z0-9_]*:.+$": "is written `provider:name`, like `openai:gpt-5-mini`",
    r"^[A-Za-z_][A-Za-z0-9_]*$": "is the name of an environment variable, like `MY_API_KEY`, never the key itself",
}
_FORMS = {
    "string": 'must be text; write it in quotes, like "2"',
    "int": "must be a whole number, like 2",
    "float": "must be a number, like 0.95",
    "decimal": "must be a number, like 0.95",
    "bool": "must be true or false",
    "tuple": "must be a list, like [one, two]",
    "list": "must be a list, like [one, two]",
    "set": "must be a list, like [one, two]",
    "dict": "must have keys of its own, like {name: value}",
    "model": "must have keys of its own, like {name: value}",
}
_BOUNDS = {
    "greater_than": ("gt", "must be more than {}"),
    "greater_than_equal": ("ge", "must be at least {}"),
    "less_than": ("lt", "must be less than {}"),
    "less_than_equal": ("le", "must be at most {}"),
    "multiple_of": ("multiple_of", "must be a multiple of {}"),
}
_LENGTHS = {
    "too_short": ("min_length", "needs at least {}"),
    "string_too_short": ("min_length", "needs at least {} characters"),
    "too_long": ("max_length", "takes at most {}"),
    "string_too_long": ("max_length", "takes at most {} characters"),
}


def fault_text(fault: Any, model: type[BaseModel]) -> str:
    """Return what is wrong at one place, and what to write there instead. `fault` is one of Pydantic's `errors()`."""
    kind, context, place = fault["type"], fault.get("ctx") or {}, fault["loc"]
    if kind == "extra_forbidden":
        return f"unknown key{meant(str(place[-1]), _keys_at(model, place[:-1]))}"
    if kind == "missing":
        return "is missing; write it"
    if kind == "union_tag_not_found":
        return "`kind` is missing; write one"
    if kind in ("union_tag_invalid", "literal_error", "enum"):
        written = context["tag"] if kind == "union_tag_invalid" else fault.get("input")
        allowed = re.findall(r"'([^' ]*)'", str(context.get("expected_tags") or context.get("expected") or ""))
        return (
            f"`{_short(written)}` is none of {', '.join(map(repr, allowed))}{meant(str(written), allowed, named=True)}"
        )
    if kind == "value_error":
        return str(context["error"])
    if kind == "string_pattern_mismatch" and context["pattern"] in _PATTERNS:
        return f"`{_short(fault['input'])}` is not possible here: it {_PATTERNS[context['pattern']]}"
    written = f" (it is {_short(fault.get('input'))!r})"
    for table in (_BOUNDS, _LENGTHS):
        if kind in table:
            name, words = table[kind]
            return words.format(_plain(context.get(name, 0))) + ("" if table is _LENGTHS else written)
    form = _FORMS.get(kind.partition("_")[0])
    return (form or f"cannot be read: {fault['msg']}") + written


def _plain(number: Any) -> str:
    return f"{number:g}" if isinstance(number, float) else str(number)


def _short(value: Any) -> Any:
    return value if len(str(value)) <= 60 else f"{str(value)[:60]}…"


def meant(written: str, known: Sequence[str], *, named: bool = False) -> str:
    """Return the end of a sentence that says what was probably meant, or all that there is unless it is `named` already."""
    folded = {name.casefold().replace("-", "_"): name for name in known}
    close = get_close_matches(written.casefold().replace("-", "_").replace(" ", "_"), list(folded), n=1, cutoff=0.6)
    if close:
        return f"; did you mean `{folded[close[0]]}`?"
    if named:
        return ""
    return f"; known are {', '.join(known)}" if known else "; remove it"


def _keys_at(model: Any, place: Sequence[str | int]) -> list[str]:
    """Return the keys that a mapping may have at a place of Pydantic's, which names the tags of unions, too."""
    kinds = [model]
    for part in place:
        kinds = [inner for kind in kinds for inner in _inner(kind, part)]
    fields = [kind.model_fields for kind in _models(kinds)]
    return list(dict.fromkeys(name for names in fields for name in names))


def _inner(kind: Any, part: str | int) -> list[Any]:
    """Return the types that stand behind one part of a place."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        tags = [mark.tag for mark in arguments[1:] if isinstance(mark, Tag)]
        return [arguments[0]] if part in tags else _inner(arguments[0], part)
    if origin in (Union, types.UnionType):
        return [inner for argument in arguments for inner in _inner(argument, part) or _by_kind(argument, part)]
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        field = kind.model_fields.get(str(part))
        return [field.annotation] if field else []
    if origin is dict:
        return [arguments[1]]
    return [arguments[0]] if origin in (tuple, list) and isinstance(part, int) else []


def _by_kind(kind: Any, part: str | int) -> list[Any]:
    """Return a model whose `kind` is this tag."""
    field = kind.model_fields.get("kind") if isinstance(kind, type) and issubclass(kind, BaseModel) else None
    tagged = field is not None and get_origin(field.annotation) is Literal and part in get_args(field.annotation)
    return [kind] if tagged else []


def _models(kinds: Sequence[Any]) -> list[type[BaseModel]]:
    models: list[type[BaseModel]] = []
    for kind in kinds:
        origin, arguments = get_origin(kind), get_args(kind)
        if origin in (Annotated, Union, types.UnionType):
            models += _models(arguments[:1] if origin is Annotated else arguments)
        elif isinstance(kind, type) and issubclass(kind, BaseModel):
            models.append(kind)
    return models
