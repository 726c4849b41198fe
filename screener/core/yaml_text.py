"""Changing values in the text of a YAML file: only their own lines become others; comments and layout stay."""

import copy
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from .errors import BadInput
from .yaml_layout import changeable, says
from .yaml_words import behind, entries, inline, item_line
from .yamlfile import Path_

_HEADER_COMMENT = re.compile(r"[^\n#]*?([ \t]+#[^\n]*)")
_LAYOUT = "has a layout in which this cannot be changed here (an alias, a tag or a comment within brackets); change it in the file"


@dataclass(frozen=True)
class Row:
    """An entry of a list or mapping as it is to be. `was` is its number or key so far; None for a new one with `value`."""

    was: int | str | None
    key: str = ""
    """Of a mapping: its key from now on."""
    value: Any = None


@dataclass(frozen=True)
class _Place:
    """A value in the text. `key` is the node of its key; `column` that of its key or dash; `begin` stands behind these."""

    node: yaml.Node
    key: yaml.Node | None
    in_brackets: bool
    column: int
    begin: int


class YamlText:
    """The text of a YAML file while it is changed. `data` is what it says after the changes so far."""

    def __init__(self, text: str, name: str = "the file") -> None:
        """Take the text of the file `name`; `BadInput` where it is no YAML of keys and values."""
        self.name, self._bom = name, "\ufeff" if text.startswith("\ufeff") else ""
        text = text.removeprefix("\ufeff")
        self._crlf = "\r\n" in text and text.count("\r\n") == text.count("\n")
        self.text = text.replace("\r\n", "\n") if self._crlf else text
        self.data: Any = _apart(changeable(self.text, name)[1]) or {}
        if not isinstance(self.data, dict):
            raise self._refusal()

    def result(self) -> str:
        """Return the whole text; `BadInput` where it does not say what it should."""
        if (says(self.text) or {}) != self.data:
            raise self._refusal()
        return self._bom + (self.text.replace("\n", "\r\n") if self._crlf else self.text)

    def get(self, where: Path_) -> Any:
        """Return the value at a place; None where there is none."""
        value = self.data
        for part in where:
            if isinstance(value, Mapping) and isinstance(part, str):
                value = value.get(part)
            elif isinstance(value, list) and isinstance(part, int) and part < len(value):
                value = value[part]
            else:
                return None
        return value

    def set(self, where: Path_, value: Any, order: Sequence[str] = ()) -> None:
        """Write a value, in place of one that is there. A new key comes behind those that precede it in `order`."""
        if self.get(where) == value and self._has(where):
            return
        if not self._has(where):
            self._add(where, value, order)
            return
        place = self._place(where)
        self.data = _with(self.data, where, value)
        start, end = place.begin, self._end(place.node)
        style = place.node.style or "" if isinstance(place.node, yaml.ScalarNode) else ""
        if place.in_brackets:
            self._put(place.node.start_mark.index, end, inline(value, quoted=style in ("'", '"')))
            return
        head = _HEADER_COMMENT.match(self.text[start : self._line_end(start)])
        within = style in ("|", ">") or (
            _is_block(place.node) and "\n" in self.text[start : place.node.start_mark.index]
        )
        comment = head[1] if head and within else ""
        if not within:
            rest = self.text[end : self._line_end(end)]
            comment, end = (rest, end + len(rest)) if rest.strip() else ("", end)
        first, line_end, rest = behind(value, place.column, style=style).partition("\n")
        self._put(start, end, f"{first}{comment}{line_end}{rest}")

    def remove(self, where: Path_) -> None:
        """Remove a key with its value; what is written above it stays."""
        if not self._has(where):
            return
        parent = self._node(where[:-1])
        if not isinstance(parent, yaml.MappingNode):
            raise self._refusal()
        if len(parent.value) == 1:
            if where[:-1]:
                self.set(where[:-1], {})
                return
            raise self._refusal()
        at = [key.value for key, _ in parent.value].index(where[-1])
        key, value = parent.value[at]
        begin, end = key.start_mark.index, self._end(value)
        line = self._line_start(begin)
        if parent.flow_style:
            if at + 1 < len(parent.value):
                end = parent.value[at + 1][0].start_mark.index
            else:
                begin = self._end(parent.value[at - 1][1])
        elif self.text[line:begin].strip():  # the first key of an item, behind its dash
            end = parent.value[at + 1][0].start_mark.index
        else:
            begin, end = line, min(self._line_end(end) + 1, len(self.text))
        self.data = _without(self.data, where)
        self._put(begin, end, "")

    def arrange(self, where: Path_, rows: Sequence[Row]) -> None:
        """Put the entries of a list or mapping into an order, with new ones among them; those not named are removed."""
        old = self.get(where)
        keyed = isinstance(old, dict) if old else any(row.key for row in rows)
        kept = list(old) if isinstance(old, dict) else list(range(len(old or ())))
        if [row.was for row in rows] == kept and all(row.key == row.was for row in rows if keyed):
            return
        values = [old[row.was] if row.was is not None else row.value for row in rows]
        new: Any = {row.key: value for row, value in zip(rows, values, strict=True)} if keyed else values
        node = self._node(where) if old else None
        if not rows or not isinstance(node, yaml.CollectionNode):
            self.set(where, new)
        elif _is_block(node):
            self._arrange_lines(node, rows)
            self.data = _with(self.data, where, new)
        else:
            self._arrange_brackets(node, rows)
            self.data = _with(self.data, where, new)

    def _arrange_lines(self, node: yaml.CollectionNode, rows: Sequence[Row]) -> None:
        parts = self._parts(node)
        starts = [self._line_start(begin) for begin, _ in parts.values()]
        if any(self.text[line:begin].strip() for line, (begin, _) in zip(starts, parts.values(), strict=True)):
            raise self._refusal()
        ends = [min(self._line_end(end) + 1, len(self.text)) for _, end in parts.values()]
        begins = [starts[0], *ends[:-1]]
        chunks = {}
        for name, begin, end, (key_at, _) in zip(parts, begins, ends, parts.values(), strict=True):
            text = self.text[begin:end]
            chunks[name] = (text if text.endswith("\n") else f"{text}\n", key_at - begin)
        column = next(iter(parts.values()))[0] - starts[0]
        blank = "\n" if any(text.startswith("\n") for text, _ in list(chunks.values())[1:]) else ""
        texts = []
        for row in rows:
            if row.was is None:
                line = entries({row.key: row.value}, column) if isinstance(node, yaml.MappingNode) else ""
                texts.append(f"{blank}{line or item_line(row.value, column)}\n")
                continue
            text, key_at = chunks[row.was]
            if isinstance(node, yaml.MappingNode) and row.key != row.was:
                old = next(key for key, _ in node.value if key.value == row.was)
                length = old.end_mark.index - old.start_mark.index
                text = text[:key_at] + inline(row.key) + text[key_at + length :]
            texts.append(text)
        if texts[0].startswith("\n"):
            texts[0] = texts[0].lstrip("\n")
        self._put(begins[0], ends[-1], "".join(texts))

    def _arrange_brackets(self, node: yaml.CollectionNode, rows: Sequence[Row]) -> None:
        begin, end = node.start_mark.index, node.end_mark.index
        keyed = isinstance(node, yaml.MappingNode)
        texts = {}
        between = self.text[begin:end]
        for name, (item_at, item_end) in self._parts(node).items():
            texts[name] = self.text[item_at:item_end]
            between = between.replace(texts[name], "", 1)
        if "#" in between or any("\n" in text for text in texts.values()):
            raise self._refusal()
        items = []
        for row in rows:
            if row.was is None:
                items.append(f"{inline(row.key)}: {inline(row.value)}" if keyed else inline(row.value))
            elif keyed and row.key != row.was:
                value = next(value for name, value in node.value if name.value == row.was)
                items.append(f"{inline(row.key)}: {self.text[value.start_mark.index : value.end_mark.index]}")
            else:
                items.append(texts[row.was])
        opening, closing = ("{", "}") if keyed else ("[", "]")
        pad = " " * (self._indent(begin) + 2)
        line, lines = "", []
        room = 118 - (begin - self._line_start(begin))
        for item in items:
            if line and len(line) + len(item) + 2 > room:
                lines.append(f"{line},")
                line, room = item, 118 - len(pad)
            else:
                line = f"{line}, {item}" if line else item
        self._put(begin, end, f"{opening}{f'{chr(10)}{pad}'.join([*lines, line])}{closing}")

    def _parts(self, node: yaml.CollectionNode) -> dict[int | str, tuple[int, int]]:
        """Return by number or key where each entry begins, with its key or dash, and where it ends."""
        if isinstance(node, yaml.MappingNode):
            return {key.value: (key.start_mark.index, self._end(value)) for key, value in node.value}
        dashes = not node.flow_style
        return {
            at: (self._dash(item) if dashes else item.start_mark.index, self._end(item))
            for at, item in enumerate(node.value)
        }

    def _dash(self, item: yaml.Node) -> int:
        return self.text.rfind("-", 0, item.start_mark.index)

    def _add(self, where: Path_, value: Any, order: Sequence[str]) -> None:
        parent, key = where[:-1], where[-1]
        node = self._node(parent) if self._has(parent) else None
        if not self._has(parent) or not isinstance(node, yaml.MappingNode) or not node.value:
            if not parent:  # an empty file, or one of comments
                ending = "" if not self.text or self.text.endswith("\n") else "\n"
                self.data = {key: value}
                self._put(len(self.text), len(self.text), f"{ending}{entries({str(key): value}, 0)}\n")
                return
            self.set(parent, {key: value})
            return
        earlier = order[: order.index(str(key))] if key in order else [name.value for name, _ in node.value]
        places = {name.value: number for number, (name, _) in enumerate(node.value)}
        after = max((places[name] for name in earlier if name in places), default=0)
        self.data = _with(self.data, where, value)
        end = self._end(node.value[after][1])
        if node.flow_style:
            self._put(end, end, f", {inline(key)}: {inline(value)}")
            return
        column = node.value[0][0].start_mark.column
        end = self._line_end(end)
        self._put(end, end, f"\n{entries({str(key): value}, column)}")

    def _has(self, where: Path_) -> bool:
        value = self.data
        for part in where:
            keyed = isinstance(value, dict) and part in value
            if not keyed and not (isinstance(value, list) and isinstance(part, int) and part < len(value)):
                return False
            value = value[part]
        return True

    def _node(self, where: Path_) -> yaml.Node:
        return self._place(where).node

    def _place(self, where: Path_) -> _Place:
        """Return where a value stands, which is there."""
        node: Any = yaml.compose(self.text, Loader=yaml.SafeLoader)
        place = _Place(node, None, False, 0, 0)
        for part in where:
            if isinstance(node, yaml.MappingNode):
                pairs = [(key, value) for key, value in node.value if key.value == part]
                if len(pairs) != 1:
                    raise self._refusal()
                key, value = pairs[0]
                colon = self.text.find(":", key.end_mark.index)
                place = _Place(value, key, place.in_brackets or bool(node.flow_style), key.start_mark.column, colon + 1)
            elif isinstance(node, yaml.SequenceNode) and isinstance(part, int):
                value, dash = node.value[part], self._dash(node.value[part])
                in_brackets = place.in_brackets or bool(node.flow_style)
                place = _Place(value, None, in_brackets, dash - self._line_start(dash), dash + 1)
            else:
                raise self._refusal()
            node = place.node
        return place

    def _end(self, node: yaml.Node) -> int:
        """Return where the text of a value ends, without the comments behind it."""
        start, end = node.start_mark.index, node.end_mark.index
        if isinstance(node, yaml.ScalarNode):
            return start + len(self.text[start:end].rstrip()) if node.style in ("|", ">") else end
        if not _is_block(node) or not node.value:
            return end
        last = node.value[-1]
        return self._end(last[1] if isinstance(last, tuple) else last)

    def _line_start(self, at: int) -> int:
        return self.text.rfind("\n", 0, at) + 1

    def _line_end(self, at: int) -> int:
        end = self.text.find("\n", at)
        return len(self.text) if end < 0 else end

    def _indent(self, at: int) -> int:
        line = self.text[self._line_start(at) : at]
        return len(line) - len(line.lstrip(" "))

    def _put(self, start: int, end: int, words: str) -> None:
        self.text = self.text[:start] + words + self.text[end:]

    def _refusal(self) -> BadInput:
        return BadInput(f"{self.name}: {_LAYOUT}")


def _is_block(node: yaml.Node) -> bool:
    return isinstance(node, yaml.CollectionNode) and not node.flow_style


def _apart(data: Any) -> Any:
    """Return a copy in which nothing is shared: what aliases repeat is several things, of which one changes."""
    if isinstance(data, dict):
        return {key: _apart(value) for key, value in data.items()}
    return [_apart(value) for value in data] if isinstance(data, list) else data


def _with(data: Any, where: Path_, value: Any) -> Any:
    if not where:
        return copy.deepcopy(value)
    part, rest = where[0], where[1:]
    if isinstance(data, list):
        return [_with(item, rest, value) if at == part else item for at, item in enumerate(data)]
    inner = data if isinstance(data, dict) else {}
    return {**inner, part: _with(inner.get(part), rest, value)}


def _without(data: Any, where: Path_) -> Any:
    part, rest = where[0], where[1:]
    if isinstance(data, list):
        return [_without(item, rest) if at == part else item for at, item in enumerate(data)]
    if rest:
        return {**data, part: _without(data[part], rest)}
    return {key: value for key, value in data.items() if key != part}
