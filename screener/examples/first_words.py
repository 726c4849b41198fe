"""The first words of a new protocol, written into the commented template so that its comments stay."""

import json
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import yaml

from ..core.judgement import Stage

_NO_TEXT = "\ufeff\ufffe\uffff"


@dataclass(frozen=True)
class FirstWords:
    """What a new review begins with; all else is the template's."""

    title: str
    questions: Sequence[str]
    stages: Sequence[Stage]


def written_into(template: str, words: FirstWords) -> str:
    """Return the template's text with title and questions, without the other stages and without criteria decided by code.

    What code decides nobody would see before it has excluded something.
    """
    root = yaml.compose(template, Loader=yaml.SafeLoader)
    assert isinstance(root, yaml.MappingNode)
    keys = {key.value: value for key, value in root.value}
    questions = [f"- {_quoted(question)}" for question in words.questions]
    edits = [
        (*_span(keys["title"]), _quoted(words.title)),
        # Each item begins at its dash: the list ends where the next key begins, behind comments that are to stay.
        (keys["questions"].start_mark.index, keys["questions"].value[-1].end_mark.index, "\n  ".join(questions)),
        *((start, end, "") for start, end in _left_out(template, keys, words.stages)),
    ]
    for start, end, text in sorted(edits, reverse=True):
        template = template[:start] + text + template[end:]
    return template


def _left_out(template: str, keys: dict[str, yaml.Node], stages: Sequence[Stage]) -> Iterator[tuple[int, int]]:
    """Yield where the stages stand that the review has not, and in the others the criteria that code decides."""
    written = keys["stages"].value
    starts = [_line(template, name.start_mark.index) for name, _ in written]
    starts.append(template.index("\nreviewers:") + 1)
    for (name, stage), start, end in zip(written, starts, starts[1:], strict=False):
        if name.value not in stages:
            yield start, end
            continue
        parts = [_line(template, part.start_mark.index) for part, _ in stage.value]
        for (part, criteria), after in zip(stage.value, parts[1:], strict=False):
            if part.value == "criteria":
                begins = [*(_line(template, node.start_mark.index) for node in criteria.value), after]
                for node, first, behind in zip(criteria.value, begins, begins[1:], strict=False):
                    if any(key.value == "kind" for key, _ in node.value):
                        yield first, behind


def _line(text: str, place: int) -> int:
    """Return where the line begins that a place is in."""
    return text.rfind("\n", 0, place) + 1


def _span(node: yaml.Node) -> tuple[int, int]:
    return node.start_mark.index, node.end_mark.index


def as_line(text: str) -> str:
    """Return text as one line, without what YAML forbids."""
    allowed = "".join(c if unicodedata.category(c) not in ("Cc", "Cs") else " " for c in text if c not in _NO_TEXT)
    return " ".join(allowed.split())


def _quoted(text: str) -> str:
    """Return text as YAML in double quotes, which reads JSON's escapes."""
    return json.dumps(as_line(text), ensure_ascii=False)
