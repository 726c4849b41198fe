"""YAML that remembers its line numbers, so that a mistake in a protocol can be pointed at."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from yaml.constructor import SafeConstructor

from ..core.errors import BadInput

Path_ = tuple[str | int, ...]
M = TypeVar("M", bound=BaseModel)

# YAML 1.1 reads these bare words as booleans; in a protocol they are answers, so they must be quoted.
_ANSWER_WORDS = {"yes", "no", "on", "off", "y", "n"}
MOST_VALUES = 200_000
"""How many values a file may have. A few lines of aliases to aliases can stand for more than any memory holds."""


class YamlFile:
    """A parsed YAML file: `data`, and the line of every value by its path from the root."""

    def __init__(self, path: Path) -> None:
        """Read `path`; raise `BadInput` with the line for anything that is not plain YAML without surprises."""
        self.path = path
        self.lines: dict[Path_, int] = {(): 1}
        try:
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            raise BadInput(f"{path}: no such file") from None
        except UnicodeDecodeError as error:
            raise BadInput(f"{path}: not UTF-8 text (byte {error.start}); save it as UTF-8") from None
        try:
            node = _compose(text)
            self.data: Any = {} if node is None else self._value(node, ())
        except RecursionError:
            raise BadInput(f"{path}: lists or keys within each other too deep to be read") from None
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            raise BadInput(f"{path}:{line}: not valid YAML: {error.problem}") from None
        except yaml.YAMLError as error:
            raise BadInput(f"{path}: not valid YAML: {' '.join(str(error).split())}") from None

    def _value(self, node: yaml.Node, where: Path_) -> Any:
        self.lines[where] = node.start_mark.line + 1
        if len(self.lines) > MOST_VALUES:
            raise BadInput(
                f"{self.path}: stands for more than {MOST_VALUES:,} values; write it without aliases (`*name`)"
            )
        if isinstance(node, yaml.MappingNode):
            result: dict[str, Any] = {}
            for key_node, value_node in node.value:
                line = key_node.start_mark.line + 1
                key = self._scalar(key_node) if isinstance(key_node, yaml.ScalarNode) else None
                if not isinstance(key, str):
                    raise BadInput(f"{self.path}:{line}: a key must be a word; write it in quotes")
                if key in result:
                    raise BadInput(f"{self.path}:{line}: the key `{key}` appears twice; remove one")
                result[key] = self._value(value_node, (*where, key))
                self.lines[(*where, key)] = line
            return result
        if isinstance(node, yaml.SequenceNode):
            return [self._value(item, (*where, i)) for i, item in enumerate(node.value)]
        return self._scalar(node)

    def _scalar(self, node: yaml.Node) -> Any:
        value, line = node.value, node.start_mark.line + 1
        if node.tag == "tag:yaml.org,2002:bool" and value.lower() in _ANSWER_WORDS:
            raise BadInput(f'{self.path}:{line}: bare `{value}` is a boolean in YAML; write it in quotes: "{value}"')
        try:
            return SafeConstructor().construct_object(node, deep=True)
        except (yaml.YAMLError, ValueError) as error:
            raise BadInput(f"{self.path}:{line}: cannot read the value `{value}`: {error}") from None

    def line(self, where: Sequence[str | int]) -> int:
        """Return the line of a value, or of its nearest parent that is in the file."""
        path = tuple(where)
        while path not in self.lines:
            path = path[:-1]
        return self.lines[path]

    def fail(self, where: Sequence[str | int], message: str) -> BadInput:
        """Return a `BadInput` that points at a place in this file, to be raised by the caller."""
        name = ".".join(str(part) for part in where)
        return BadInput(f"{self.path}:{self.line(where)}: {name + ': ' if name else ''}{message}")

    def validate(self, model: type[M]) -> M:
        """Return the file as `model`; the first fault becomes one line with its place."""
        return self.check(model, self.data)

    def check(self, model: type[M], data: Any, place: Sequence[str | int] = ()) -> M:
        """Return the part of the file at `place` as `model`.

        The first fault becomes one line with its place in the file.
        """
        try:
            return model.model_validate(data)
        except ValidationError as error:
            faults = error.errors()
            # A list whose items are faulty is also reported as too short: the fault is in the item.
            places = [fault["loc"] for fault in faults]
            inner = [f for f in faults if not any(p != f["loc"] and p[: len(f["loc"])] == f["loc"] for p in places)]
            fault = min(inner, key=lambda e: self.line((*place, *_in_file(e["loc"], data))))
            where = (*place, *_in_file(fault["loc"], data))
            if fault["type"] == "union_tag_invalid":
                where = (*where, "kind")
            raise self.fail(where, _fault_text(fault)) from None


def _compose(text: str) -> yaml.Node | None:
    """Return the root of `text`: by libyaml where PyYAML has it, ten times as quick.

    What is wrong, PyYAML itself says better.
    """
    if yaml.__with_libyaml__:
        try:
            return yaml.compose(text, Loader=yaml.CSafeLoader)
        except yaml.YAMLError:
            pass
    return yaml.compose(text, Loader=yaml.SafeLoader)


def _in_file(loc: tuple[str | int, ...], data: Any) -> Path_:
    """Return the part of a Pydantic location that names keys of the file: union tags are left out."""
    where: list[str | int] = []
    for position, part in enumerate(loc):
        last = position == len(loc) - 1
        if isinstance(data, dict):
            # A union's tag stands in the location too, and may be the name of a key as well: then it leads nowhere.
            leads_on = part in data and (last or isinstance(data[part], dict | list))
            if leads_on:
                data = data[part]
            elif not last:
                continue
        elif isinstance(data, list):
            if not isinstance(part, int):
                continue
            data = data[part]
        else:
            break
        where.append(part)
    return tuple(where)


def _fault_text(fault: Any) -> str:
    match fault["type"]:
        case "extra_forbidden":
            return "unknown key; check its spelling"
        case "missing":
            return "is missing"
        case "union_tag_invalid":
            return f"`{fault['ctx']['tag']}` is none of {fault['ctx']['expected_tags']}"
        case "union_tag_not_found":
            return "`kind` is missing"
        case "value_error":
            return str(fault["ctx"]["error"])
        case _:
            written = repr(fault.get("input"))
            return f"{fault['msg']}" + (f" (got {written})" if len(written) < 80 else "")
