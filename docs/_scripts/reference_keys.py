"""The pages on the YAML files of a review: every key, read off the Pydantic models and the docstrings under their fields."""

import ast
import inspect
import textwrap
from collections.abc import Iterator
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from screener.forms.yaml_form import FormFile
from screener.gold import ReadySample
from screener.protocol import fewshot, gold, model, searches
from screener.team.settings import ServerSettings

INTRODUCTIONS = {
    "review.yaml": """The protocol of a review, in `prompts/review.yaml`. An unknown key is refused, so that a misspelt one cannot be
overlooked; `screener check` names file, line and remedy. `NAME` stands for a name that you choose, `[]` for each entry
of a list.""",
    "sources.yaml": """The searches of a review, in the file that `sources` in [review.yaml](review-yaml.md) names. The report prints what each
search reported beside what was received, and fills PRISMA-S from it.""",
    "form.yaml": """An extraction form, in the file that `form` in [review.yaml](review-yaml.md) names. Nothing in it is run. `NAME` stands for a
name that you choose. [Write a form](../how-to/forms.md) shows the way, and how rules of `derived` are written.""",
    "gold.yaml": """What a gold set is, in `gold/gold.yaml`. `screener gold lock` writes the part `locked`; nobody edits that by hand.
[How to make a gold set](../how-to/gold.md) shows the way.""",
    "sample.yaml": """A gold sample that was drawn before and comes with the review, in `gold/sample.yaml`; `screener gold sample --ready` takes it.
[How to make a gold set](../how-to/gold.md) says more.""",
    "server.yaml": """What the administrator of a server decides, in the file that `screener serve` is given.
[Serve reviews to a team](../how-to/team-server.md) shows the way. `NAME` stands for a name that you choose.""",
    "Worked examples": """A stage of [review.yaml](review-yaml.md) may name a file of worked examples (`examples`), which the prompt of a chat model
shows. Each is checked before anything is sent: its quotes must stand in its own text, every criterion must be answered,
and no record of gold's `test` half may be among them.""",
}


def review_yaml() -> str:
    """Return the page on `review.yaml`."""
    return page("review.yaml", model.Protocol)


def sources_yaml() -> str:
    """Return the page on the file of sources."""
    return page("sources.yaml", searches.SourcesFile)


def form_yaml() -> str:
    """Return the page on a form in YAML."""
    return page("form.yaml", FormFile)


def gold_yaml() -> str:
    """Return the page on `gold.yaml`."""
    return page("gold.yaml", gold.GoldSpec)


def sample_yaml() -> str:
    """Return the page on `sample.yaml`."""
    return page("sample.yaml", ReadySample)


def server_yaml() -> str:
    """Return the page on `server.yaml`."""
    return page("server.yaml", ServerSettings)


def examples_yaml() -> str:
    """Return the page on a file of worked examples."""
    return page("Worked examples", fewshot.ExamplesFile)


def page(title: str, top: type[BaseModel]) -> str:
    """Return a page with a section for each mapping that the file may hold, each key with type, default and text."""
    return f"# {title}\n\n{INTRODUCTIONS[title]}\n\n" + "\n".join(
        _section(path, mapping) for path, mapping in sections(top)
    )


def sections(top: type[BaseModel], path: str = "") -> Iterator[tuple[str, type[BaseModel]]]:
    """Yield every model that a file of `top` may hold, each once, with the path of its first place."""
    waiting, done = [(path, top)], set()
    while waiting:
        place, mapping = waiting.pop(0)
        if mapping in done:
            continue
        done.add(mapping)
        yield place, mapping
        inner = [
            (f"{place}.{name}{step}".lstrip("."), nested)
            for name, field in mapping.model_fields.items()
            for step, nested in _nested(field.annotation)
        ]
        waiting = inner + waiting


def texts(kind: type) -> dict[str, str]:
    """Return the docstring under each field of a class or member of an enumeration, those of its bases included."""
    found: dict[str, str] = {}
    for base in reversed(kind.__mro__):
        if not base.__module__.startswith("screener.") and base is not kind:
            continue
        (body,) = ast.parse(textwrap.dedent(inspect.getsource(base))).body
        assert isinstance(body, ast.ClassDef)
        for field, below in zip(body.body, body.body[1:], strict=False):
            target = field.targets[0] if isinstance(field, ast.Assign) else getattr(field, "target", None)
            text = below.value if isinstance(below, ast.Expr) else None
            if isinstance(target, ast.Name) and isinstance(text, ast.Constant):
                found[target.id] = " ".join(str(text.value).split())
    return found


def _section(path: str, mapping: type[BaseModel]) -> str:
    kind = _kind(mapping)
    heading = f"`{path}`" if path else "The file"
    if kind:
        heading += f" with `kind: {kind}`"
    about = inspect.cleandoc(mapping.__doc__ or "")
    lines = [f"## {heading}", "", about, "", "| key | meaning | values | default |", "| --- | --- | --- | --- |"]
    explained = ({"kind": about.partition("\n")[0]} if kind else {}) | texts(mapping)
    for name, field in mapping.model_fields.items():
        if not explained.get(name):
            raise ValueError(f"{mapping.__name__}.{name} has no docstring under it")
        lines.append(f"| `{name}` | {_cell(explained[name])} | {_cell(_values(field))} | {_default(field)} |")
    return "\n".join([*lines, ""])


def _kind(mapping: type[BaseModel]) -> str:
    field = mapping.model_fields.get("kind")
    values = get_args(field.annotation) if field and get_origin(field.annotation) is Literal else ()
    return str(values[0]) if len(values) == 1 else ""


def _nested(annotation: Any, step: str = "") -> Iterator[tuple[str, type[BaseModel]]]:
    """Yield the models inside an annotation, with `[]` for each list and `.NAME` for each mapping on the way."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield step, annotation
        return
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        yield from _nested(arguments[0], step)
    elif origin is dict:
        yield from _nested(arguments[1], f"{step}.NAME")
    elif origin in (tuple, list):
        yield from _nested(arguments[0], f"{step}[]")
    elif origin is not Literal:
        for argument in arguments:
            yield from _nested(argument, step)


def _values(field: FieldInfo) -> str:
    """Return what a key may hold, in words."""
    limits = []
    for limit in field.metadata:
        for name, sign in (("ge", "≥"), ("gt", ">"), ("le", "≤"), ("lt", "<")):
            if getattr(limit, name, None) is not None:
                limits.append(f"{sign} {getattr(limit, name):g}")
    return ", ".join([_type(field.annotation), *limits])


def _type(annotation: Any) -> str:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _type(arguments[0])
    if origin is Literal:
        return ", ".join(f"`{value}`" for value in arguments)
    if origin in (Union, UnionType):
        return " or ".join(dict.fromkeys(_type(argument) for argument in arguments if argument is not NoneType))
    if origin is dict:
        return f"mapping of {_type(arguments[0])} to {_type(arguments[1])}"
    if origin in (tuple, list):
        return "two numbers" if arguments == (int, int) else f"list of {_type(arguments[0])}"
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "mapping, see below"
    names = {str: "text", int: "whole number", float: "number", bool: "`true` or `false`"}
    if annotation in names:
        return names[annotation]
    members = getattr(annotation, "__members__", None)
    return ", ".join(f"`{member}`" for member in annotation) if members else "anything"


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    default = field.get_default(call_default_factory=True, validated_data={})
    if default is PydanticUndefined or default is None or default in ("", (), {}) or isinstance(default, BaseModel):
        return ""
    return f"`{default}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
