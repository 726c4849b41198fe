"""Prompts: Markdown files of the review, rendered with the protocol and a record as delimited data.

A prompt file has front matter (YAML between `---` lines: `version`, and a `purpose` in words) and two parts under the
headings `# System` and `# User`. It is a Jinja2 template in a sandbox; a name that is not given is an error.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import jinja2
import jinja2.nodes
import yaml
from jinja2.sandbox import SandboxedEnvironment

from ..core.errors import BadInput, together
from ..core.fault_words import meant
from ..core.messages import NO_TITLE, Message, Passage, Readable
from .fewshot import Example
from .model import StageProtocol

LONGEST_TEXT = 20_000
"""Characters of an abstract that are shown; a longer one is cut, which the prompt and a flag say."""

_ENVIRONMENT = SandboxedEnvironment(undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True)
_FRONT = ("version", "purpose")
_PARTS = re.compile(r"^# (System|User)[ \t]*$", re.MULTILINE)


@dataclass(frozen=True)
class RecordDetails:
    """What a prompt shows of a record beside its texts, each the empty string where it is not known."""

    year: str = ""
    venue: str = ""
    type: str = ""
    keywords: str = ""


NO_DETAILS = RecordDetails()


@dataclass(frozen=True)
class ShownRecord:
    """A record as a prompt shows it. `mark` is a word that does not occur in the texts: it delimits them.

    `passages` are what is shown of the full text, in its order, their `text` as it is shown; `left_out` counts the passages that are not.
    """

    title: str
    abstract: str
    mark: str
    cut: bool
    passages: tuple[Passage, ...] = ()
    left_out: int = 0
    year: str = ""
    venue: str = ""
    type: str = ""
    keywords: str = ""


def as_shown(
    record: Readable,
    passages: Sequence[Passage] = (),
    left_out: int = 0,
    own_abstract: str = "",
    details: RecordDetails = NO_DETAILS,
) -> ShownRecord:
    """Return the record's texts with a delimiter that they cannot contain.

    `own_abstract` is the one in the document, which stands for that of a database.

    The mark is a hash of the texts, so that the same record always gives the same prompt and no author can write it
    into a text (that would need a text that contains its own hash).
    """
    whole = own_abstract or record.abstract
    title, abstract = record.title[:LONGEST_TEXT] or NO_TITLE, whole[:LONGEST_TEXT]
    cut = len(record.title) > LONGEST_TEXT or len(whole) > LONGEST_TEXT
    shown = tuple(replace(passage, text=passage.as_shown) for passage in passages)
    known = [text for text in vars(details).values() if text]
    texts = "\x00".join([title, abstract, *(passage.text for passage in shown), *known])
    mark = hashlib.sha256(texts.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return ShownRecord(title, abstract, mark, cut, shown, left_out, **vars(details))


@dataclass(frozen=True)
class Prompt:
    """A prompt file, read and compiled."""

    path: Path
    version: str
    source: str

    @classmethod
    def read(cls, path: Path) -> "Prompt":
        """Read a prompt; `BadInput` with file and line for a file that cannot be one."""
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise BadInput(f"{path}: cannot be read: {error}") from None
        front_matter = re.match(r"---\n(.*?)\n---\n", text, re.DOTALL)
        if not front_matter:
            raise BadInput(f"{path}:1: a prompt begins with front matter: ---, `version: 1`, ---")
        try:
            front = yaml.safe_load(front_matter.group(1))
        except yaml.YAMLError as error:
            raise BadInput(f"{path}:2: the front matter is not valid YAML: {' '.join(str(error).split())}") from None
        _check_front(path, front_matter.group(1), front)
        prompt = cls(path, str(front["version"]), text)
        if [part.group(1) for part in _PARTS.finditer(text)] != ["System", "User"]:
            raise BadInput(f"{path}: a prompt has the headings `# System` and `# User`, once each, in this order")
        _ = prompt._compiled
        return prompt

    @property
    def hash(self) -> str:
        """Return 32 hex digits of the SHA-256 of the whole file."""
        return hashlib.sha256(self.source.encode()).hexdigest()[:32]

    @cached_property
    def _before(self) -> tuple[int, ...]:
        """Return how many lines of the file stand before each part's first line."""
        lines_before = []
        for heading in _PARTS.finditer(self.source):
            rest = self.source[heading.end() :]
            lines_before.append(self.source[: heading.end()].count("\n") + len(rest) - len(rest.lstrip("\n")))
        return tuple(lines_before)

    @cached_property
    def _compiled(self) -> tuple[jinja2.Template, jinja2.Template]:
        templates = []
        for part, line in zip(self._texts, self._before, strict=True):
            try:
                templates.append(_ENVIRONMENT.from_string(part))
            except jinja2.TemplateSyntaxError as error:
                raise BadInput(f"{self.path}:{line + error.lineno}: {error.message}") from None
        return templates[0], templates[1]

    @property
    def record_lines_in_system(self) -> tuple[int, ...]:
        """Return the lines of `# System` that show something of the record.

        Providers keep what requests have in common from their first word on: nothing is in common behind such a line.
        """
        return tuple(sorted({line for part, line, name in self._names() if part == 0 and name == "record"}))

    def asks_for(self, wanted: str) -> bool:
        """Return whether the template asks for a name."""
        return any(name == wanted for _, _, name in self._names())

    def refuse_names(self, names: Sequence[str], why: str) -> None:
        """Raise `BadInput`, with file and line, for the first of these names that the template asks for."""
        set_here = {name for _, _, name in self._names(set_here=True)}
        for _, line, name in self._names():
            if name in names and name not in set_here:
                raise BadInput(f"{self.path}:{line}: `{name}` {why}")

    def _names(self, *, set_here: bool = False) -> Iterator[tuple[int, int, str]]:
        """Yield the names that the template asks for (or sets itself), each with its part, 0 or 1, and line."""
        for number, text in enumerate(self._texts):
            for node in _ENVIRONMENT.parse(text).find_all(jinja2.nodes.Name):
                if (node.ctx == "store") is set_here:
                    yield number, self._before[number] + node.lineno, node.name

    @property
    def _texts(self) -> tuple[str, str]:
        """Return the two parts of the file as they are compiled."""
        system, user = list(_PARTS.finditer(self.source))
        parts = (self.source[system.end() : user.start()], self.source[user.end() :])
        return parts[0].strip("\n") + "\n", parts[1].strip("\n") + "\n"

    def messages(
        self, stage: StageProtocol, shown: ShownRecord, review: str, examples: Sequence[Example] = (), **more: Any
    ) -> tuple[Message, Message]:
        """Return the system and user message for a record. `review` is the review's title.

        `more` are a stage's own names, and `graded`: whether answers are grades.
        """
        names: dict[str, Any] = {
            "review": review,
            "stage": stage,
            "criteria": stage.questions,
            "examples": examples,
            "record": shown,
            "graded": False,
            **more,
        }
        rendered = []
        for number, template in enumerate(self._compiled):
            try:
                rendered.append(template.render(names).strip())
            except Exception as error:  # a template may fail in any way that a program can
                line = self._before[number] + _line(error)
                problem = getattr(error, "message", None) or f"{type(error).__name__}: {error}"
                raise BadInput(f"{self.path}:{line}: {problem}; known are {', '.join(names)}") from None
        system, user = rendered
        return Message("system", system), Message("user", user)


def _check_front(path: Path, text: str, front: Any) -> None:
    """Refuse front matter without `version`, and keys that it does not have."""
    if not isinstance(front, dict):
        raise BadInput(f"{path}:2: the front matter is lines of `key: value`; it has `version` and may have `purpose`")
    mistakes = (
        [] if "version" in front else [BadInput(f"{path}:2: the front matter lacks `version`; write `version: 1`")]
    )
    for key in front:
        if key not in _FRONT:
            line = next((n for n, line in enumerate(text.split("\n"), 2) if line.startswith(str(key))), 2)
            mistakes.append(BadInput(f"{path}:{line}: `{key}` is no key of the front matter{meant(str(key), _FRONT)}"))
    if mistakes:
        raise together(mistakes)


def _line(error: BaseException) -> int:
    """Return the line of the template at which it failed; 1 where Jinja does not know."""
    line, trace = 1, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename in ("<template>", "<unknown>"):
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def try_out(prompt: Prompt, stage: StageProtocol, review: str, examples: Sequence[Example] = (), **more: Any) -> None:
    """Render a prompt with made-up records, with and without an abstract; `BadInput` with file and line if it fails."""
    passage = Passage("main", 1, "Methods", "A passage.")
    for abstract, passages, left_out in (("An abstract.", (), 0), ("", (passage,), 1)):
        record = ShownRecord("A title", abstract, "0123456789ab", bool(left_out), passages, left_out)
        dated = replace(record, year="2020", venue="A journal", type="Journal Article", keywords="a; b")
        for shown in (record, dated):
            for graded in (False, True):
                prompt.messages(stage, shown, review, examples, **more, graded=graded)
