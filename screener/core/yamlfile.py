"""YAML that remembers its line numbers, so that a mistake in a protocol can be pointed at."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from operator import contains
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from yaml.constructor import SafeConstructor

from .errors import BadInput, together
from .fault_words import fault_text
from .files import reason_of

Path_ = tuple[str | int, ...]
M = TypeVar("M", bound=BaseModel)

# YAML 1.1 reads these bare words as booleans; in a protocol they are answers, so they must be quoted.
_ANSWER_WORDS = {"yes", "no", "on", "off", "y", "n"}
_ROUNDS = 4
"""How often faulty values are left out, so that what remains can be checked too."""
MOST_VALUES = 200_000
"""How many values a file may have. A few lines of aliases to aliases can stand for more than any memory holds."""


class BadValue(BadInput):
    """A value of a file cannot be used: `where` it is, and what is to be said of it beside it."""

    def __init__(self, message: str, file: Path, where: Path_, advice: str) -> None:
        """Take the whole message, and what it consists of."""
        super().__init__(message)
        self.file, self.where, self.advice = file, where, advice


def _same_word(found: str, wanted: str) -> bool:
    """Return whether two words are one, without the marks around them."""
    return re.sub(r"^\W+|\W+$", "", found) == re.sub(r"^\W+|\W+$", "", wanted)


class YamlFile:
    """A parsed YAML file: `data`, and the line of every value by its path from the root."""

    def __init__(self, path: Path) -> None:
        """Read `path`; raise `BadInput` with the line for what is not YAML.

        What is YAML, but surprising, is in `mistakes`, and raised when the file is validated.
        """
        self.path = path
        self.mistakes: list[tuple[int, BadInput]] = []
        self.lines: dict[Path_, int] = {(): 1}
        try:
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            raise BadInput(f"{path}: no such file") from None
        except OSError as error:
            raise BadInput(f"{path}: cannot be read: {reason_of(error)}") from None
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
                    self._note(line, "a key must be a word; write it in quotes")
                    continue
                if key in result:
                    self._note(line, f"the key `{key}` appears twice; remove one")
                    continue
                result[key] = self._value(value_node, (*where, key))
                self.lines[(*where, key)] = line
            return result
        if isinstance(node, yaml.SequenceNode):
            return [self._value(item, (*where, i)) for i, item in enumerate(node.value)]
        return self._scalar(node)

    def _scalar(self, node: yaml.Node) -> Any:
        value, line = node.value, node.start_mark.line + 1
        if node.tag == "tag:yaml.org,2002:bool" and value.lower() in _ANSWER_WORDS:
            self._note(line, f'bare `{value}` is a boolean in YAML; write it in quotes: "{value}"')
            return value
        try:
            return SafeConstructor().construct_object(node, deep=True)
        except (yaml.YAMLError, ValueError) as error:
            self._note(line, f"cannot read the value `{value}`: {error}")
            return value

    def _note(self, line: int, message: str) -> None:
        self.mistakes.append((line, BadInput(f"{self.path}:{line}: {message}")))

    def line(self, where: Sequence[str | int]) -> int:
        """Return the line of a value, or of its nearest parent that is in the file."""
        path = tuple(where)
        while path not in self.lines:
            path = path[:-1]
        return self.lines[path]

    def line_of(self, where: Sequence[str | int], quote: str) -> int:
        """Return the line on which a quote of a value begins, also of one that is folded over several lines.

        That of the value where the quote is not found, or is empty.
        """
        first = self.line(where)
        # Another value may begin on the last line of this one.
        behind = min((line for line in self.lines.values() if line > first), default=None)
        lines = self.path.read_text(encoding="utf-8").splitlines()[first - 1 : behind]
        begins, words = list[int](), list[str]()
        for number, line in enumerate(lines):
            for word in line.split():
                words.append(word)
                begins.append(first + number)
        wanted = quote.split()
        for same in (_same_word, contains):  # `robust` is rather the word than a part of `robustness`
            for at in range(len(words) - len(wanted) + 1) if wanted else ():
                found = words[at : at + len(wanted)]
                if same(found[0], wanted[0]) and same(found[-1], wanted[-1]) and found[1:-1] == wanted[1:-1]:
                    return begins[at]
        return first

    def fail(self, where: Sequence[str | int], message: str) -> BadInput:
        """Return a `BadInput` that points at a place in this file, to be raised by the caller."""
        name = ".".join(str(part) for part in where)
        told = f"{self.path}:{self.line(where)}: {name + ': ' if name else ''}{message}"
        return BadValue(told, self.path, tuple(where), message)

    def validate(self, model: type[M]) -> M:
        """Return the file as `model`; all its mistakes are raised together, in the order of their lines."""
        return self.check(model, self.data)

    def check(self, model: type[M], data: Any, place: Sequence[str | int] = ()) -> M:
        """Return the part of the file at `place` as `model`; all its mistakes are raised together."""
        try:
            value, faults = model.model_validate(data), []
        except ValidationError as error:
            value, faults = None, self._faults(error, model, data, place)
        if value is None or self.mistakes:
            raise together(self.in_order([fault.mistake for fault in faults]))
        return value

    def usable(self, model: type[M]) -> tuple[M | None, list[Path_], list[BadInput]]:
        """Return the file as `model` without what is faulty in it, the faulty places, and what is wrong with each.

        The model is None where nothing of it can be used, as when something that is needed is missing.
        """
        data, places, mistakes = self.data, list[Path_](), list[BadInput]()
        for _ in range(_ROUNDS):
            try:
                return model.model_validate(data), places, mistakes
            except ValidationError as error:
                faults = self._faults(error, model, data, ())
            mistakes += [fault.mistake for fault in faults if not touched(fault.where, places)]
            places += [fault.where for fault in faults]
            for fault in faults:
                replaced = fault.where in places[: -len(faults)]  # and is faulty still
                data = _without(data, _whole_list(fault.where[:-1] if replaced else fault.where), fault.instead)
                if data is None:
                    return None, places, mistakes
        return None, places, mistakes

    def in_order(self, mistakes: Sequence[BadInput]) -> list[BadInput]:
        """Return mistakes of this file, with those of its YAML, by their lines."""
        found = [*self.mistakes, *((self._line_of(mistake), mistake) for mistake in mistakes)]
        return [mistake for _, mistake in sorted(found, key=lambda pair: pair[0])]

    def _line_of(self, mistake: BadInput) -> int:
        return int(str(mistake).removeprefix(f"{self.path}:").partition(":")[0])

    def _faults(
        self, error: ValidationError, model: type[BaseModel], data: Any, place: Sequence[str | int]
    ) -> list["_Fault"]:
        faults = error.errors()
        # A list whose items are faulty is also reported as too short: the fault is in the item.
        places = [fault["loc"] for fault in faults]
        result: list[_Fault] = []
        for fault in faults:
            if any(p != fault["loc"] and p[: len(fault["loc"])] == fault["loc"] for p in places):
                continue
            loc = fault["loc"][:-1] if fault["loc"][-1:] == ("[key]",) else fault["loc"]
            where = (*place, *_in_file(loc, data, missing=fault["type"] == "missing"))
            shown = (*where, "kind") if fault["type"] == "union_tag_invalid" else where
            instead = {"missing": "", "string_type": str(fault.get("input"))}.get(fault["type"])
            result.append(_Fault(where, self.fail(shown, fault_text(fault, model)), instead))
        return result


@dataclass(frozen=True)
class _Fault:
    """What is wrong at a place of a file; and a text that may stand there so that the rest can be read, if one may."""

    where: Path_
    mistake: BadInput
    instead: str | None


def touched(where: Path_, places: Sequence[Path_]) -> bool:
    """Return whether a mistake may come of something that was left out at one of the places."""
    return any(place[: len(where)] == where for place in places)


def _whole_list(where: Path_) -> Path_:
    """Return the list itself in place of one of its items: without it the others would have other numbers."""
    while where and isinstance(where[-1], int):
        where = where[:-1]
    return where


def _without(data: Any, where: Path_, instead: str | None) -> Any:
    """Return data without what stands at a place, or with a text instead; None where nothing would remain."""
    if not where:
        return None
    key, rest = where[0], where[1:]
    if isinstance(data, list) and isinstance(key, int):
        return [_without(value, rest, instead) if at == key else value for at, value in enumerate(data)]
    if not isinstance(data, dict):
        return data
    if rest and key in data:
        return {**data, key: _without(data[key], rest, instead)}
    return {**data, key: instead} if instead is not None else {name: data[name] for name in data if name != key}


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


def _in_file(loc: tuple[str | int, ...], data: Any, *, missing: bool) -> Path_:
    """Return the part of a Pydantic location that names keys of the file: union tags are left out.

    The last one is no key of the file where it is the one that is `missing`.
    """
    where: list[str | int] = []
    for position, part in enumerate(loc):
        last = position == len(loc) - 1
        if isinstance(data, dict):
            # A union's tag stands in the location too, and may be the name of a key as well: then it leads nowhere.
            leads_on = part in data and (last or isinstance(data[part], dict | list))
            if leads_on:
                data = data[part]
            elif not (last and (missing or part in data)):
                continue
        elif isinstance(data, list):
            if not isinstance(part, int):
                continue
            data = data[part]
        else:
            break
        where.append(part)
    return tuple(where)
