"""The page on the Python interface: the methods of an open review, and what they return."""

import ast
import dataclasses
import importlib
import inspect
import pkgutil
import re
import textwrap
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any, is_typeddict

import screener.review
from screener import OpenReview

INTRODUCTION = """# Python

Every command has a method that does the same. The commands call these methods themselves.

```python
import screener

with screener.open("my-review") as review:
    review.import_files(["pubmed.csv"])
    review.run("abstract")
    print(review.status())
    table = review.records("abstract").frame()      # a pandas DataFrame
    review.report("report.html")
```

`examples/whole_review.py` and the notebook `examples/review.ipynb` take the packaged review from records to report.

What you gave wrong is a `screener.BadInput` with the one line that the command would print.

"""


def page() -> str:
    """Return the page on the Python interface."""
    methods = [
        _function(f"review.{name}", member) for name, member in vars(OpenReview).items() if not name.startswith("_")
    ]
    results = [_result(result) for result in results_of_methods()]
    return (
        INTRODUCTION
        + f"## Open a review\n\n{_function('screener.open', screener.open)}"
        + f"## The open review\n\n{inspect.getdoc(OpenReview)}\n\n"
        + "".join(method for method in methods if method)
        + "## What the methods return and take\n\n"
        + "".join(results)
    )


def results_of_methods() -> list[type]:
    """Return the public classes of the room `review` that methods name in their signatures, and what these hold."""
    public = {
        name: value
        for module in pkgutil.iter_modules(screener.review.__path__)
        for name, value in vars(importlib.import_module(f"screener.review.{module.name}")).items()
        if isinstance(value, type) and value.__module__ == f"screener.review.{module.name}" and not name.startswith("_")
    }
    named: list[str] = []
    waiting = [text for name, member in vars(OpenReview).items() if not name.startswith("_") for text in _types(member)]
    while waiting:
        for name in re.findall(r"\w+", waiting.pop(0)):
            if name in public and name not in named and public[name] is not OpenReview:
                named.append(name)
                waiting += [str(type_) for type_ in getattr(public[name], "__annotations__", {}).values()]
    return [public[name] for name in sorted(named)]


def _types(member: Any) -> list[str]:
    return [str(type_) for type_ in getattr(member, "__annotations__", {}).values()]


def _function(name: str, member: Any) -> str:
    """Return the section on a function, method or property; empty for anything else."""
    if isinstance(member, property | cached_property):
        return f"### {name}\n\n{inspect.getdoc(member)}\n\n"
    if not inspect.isfunction(member):
        return ""
    return f"### {name}\n\n```python\n{name}{_signature(member)}\n```\n\n{inspect.getdoc(member)}\n\n"


def _signature(member: Callable[..., Any]) -> str:
    """Return the signature as the source has it, a long one with a parameter a line."""
    (definition,) = ast.parse(textwrap.dedent(inspect.getsource(member))).body
    assert isinstance(definition, ast.FunctionDef)
    arguments = _Unquoted().visit(definition.args)
    arguments.args = [argument for argument in arguments.args if argument.arg != "self"]
    result = f" -> {ast.unparse(_unquoted(definition.returns))}" if definition.returns else ""
    short = f"({ast.unparse(arguments)}){result}"
    if len(short) < 80:
        return short
    alone = [*_split(arguments)]
    return "(\n" + "".join(f"    {parameter},\n" for parameter in alone) + f"){result}"


class _Unquoted(ast.NodeTransformer):
    """Take the quotes off the annotations of arguments."""

    def visit_arg(self, node: ast.arg) -> ast.arg:
        """Read an annotation that is written as a text."""
        node.annotation = _unquoted(node.annotation) if node.annotation else None
        return node


def _unquoted(annotation: ast.expr) -> ast.expr:
    return ast.parse(ast.unparse(annotation).replace("'", ""), mode="eval").body


def _split(arguments: ast.arguments) -> Iterator[str]:
    """Yield each parameter of a signature as it is written."""
    places = len(arguments.args) - len(arguments.defaults)
    for place, argument in enumerate(arguments.args):
        default = f" = {ast.unparse(arguments.defaults[place - places])}" if place >= places else ""
        yield ast.unparse(argument) + default
    if arguments.kwonlyargs:
        yield "*"
    for argument, value in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        yield ast.unparse(argument) + (f" = {ast.unparse(value)}" if value else "")
    if arguments.kwarg:
        yield f"**{ast.unparse(arguments.kwarg)}"


def _result(kind: type) -> str:
    lines = [f"### {kind.__name__}", "", inspect.getdoc(kind) or "", ""]
    names = [field.name for field in dataclasses.fields(kind)] if dataclasses.is_dataclass(kind) else []
    if is_typeddict(kind):
        names = list(kind.__annotations__)
    names = [name for name in names if not name.startswith("_")]
    methods = [
        (name, member)
        for name, member in vars(kind).items()
        if not name.startswith("_")
        and (inspect.isfunction(member) or isinstance(member, property))
        and inspect.getdoc(member)
    ]
    if names:
        lines += ["Fields: " + ", ".join(f"`{name}`" for name in names) + ".", ""]
    lines += [
        f"- `{name}{'()' if inspect.isfunction(member) else ''}`: {' '.join((inspect.getdoc(member) or '').split())}"
        for name, member in methods
    ]
    return "\n".join([*lines, "", ""])
