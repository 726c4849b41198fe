"""The blocks of code in the pages, and how those of commands are run.

A block is `sh` or `python` if it is to be run. One that is not has a line above it that says why:
`<!-- not run: a network -->`. Lines of which a reader takes one have `<!-- each line by itself -->` above them: each
begins with what was there before the block.
"""

import os
import re
import shlex
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from . import ROOT, Cli

BLOCK = re.compile(
    r"^(?:<!-- (?P<note>not run: .*?|each line by itself) -->\n)?```(?P<language>\w*)\n(?P<body>.*?)^```", re.S | re.M
)
COMMAND = re.compile(r"^ *(screener|pip|python3?|zensical) ", re.M)
SERVERS = ("open", "serve")
"""Commands that go on until they are stopped, like `screener` alone; a block with one is not run."""
DONE = {0, 3}
"""Exit codes of a command that did its work; 3 says that some rows or records have errors, which it lists."""


@dataclass(frozen=True)
class Block:
    """One block of a page: its language, its text, and why it is not run, where it is not."""

    page: str
    heading: str
    line: int
    language: str
    body: str
    note: str

    @property
    def why(self) -> str:
        """Why it is not run; empty where it is."""
        return self.note.removeprefix("not run: ") if self.note.startswith("not run: ") else ""

    @property
    def is_code(self) -> bool:
        return self.language in ("sh", "python")


def blocks_of(page: str) -> list[Block]:
    """Return the blocks of a page in their order; `page` is a path in the repository."""
    text = (ROOT / page).read_text(encoding="utf-8")
    found = []
    for match in BLOCK.finditer(text):
        heading = re.findall(r"^#+ (.*)$", text[: match.start()], re.M)[-1:]
        line = text[: match.start("body")].count("\n") + 1
        found.append(Block(page, "".join(heading), line, match["language"], match["body"], match["note"] or ""))
    return found


@dataclass
class Terminal:
    """A reader at a terminal: runs the lines of blocks, one after the other.

    What stands for the reader's own (a file, a record, a number) is replaced by `words`; `before` has what is done before a
    line that begins so. A person who judges at the screen is stood in for by `judge`, a server that answers a file of requests
    by `answer`. What is installed is there already.
    """

    cli: Cli
    words: Mapping[str, str]
    before: Mapping[str, Callable[[Cli], None]]
    judge: Callable[[Cli, str], None]
    answer: Callable[[Path, Path], None]
    set_variable: Callable[[str, str], None]

    def run(self, block: Block) -> None:
        """Run the block; an `AssertionError` names the first line that fails, with what it printed."""
        if block.language == "python":
            exec(compile(block.body, f"{block.page}:{block.line}", "exec"), {})
            return
        before = shutil.copytree(".", f"{Path.cwd()}-before", dirs_exist_ok=True) if block.note else None
        for line in block.body.replace("\\\n", " ").splitlines():
            if before:
                _brought_back(before)
            for part in line.split(" && "):
                given = shlex.split(part, comments=True)
                words = [
                    one for word in given for one in (shlex.split(self.words[word]) if word in self.words else [word])
                ]
                if words:
                    self._line(f"{block.page}:{block.line}: {part.strip()}", words)

    def _line(self, place: str, words: list[str]) -> None:
        for beginning, act in self.before.items():
            if shlex.join(words).startswith(beginning):
                act(self.cli)
        command, *rest = words
        if command == "cd":
            os.chdir(rest[0])
        elif command == "export":
            name, _, value = rest[0].partition("=")
            self.set_variable(name, self.words.get(value, value))
        elif command == "screener" and rest[:1] == ["adjudicate"]:
            self.judge(self.cli, rest[rest.index("--reviewer") + 1])
        elif command == "screener":
            assert rest[:1] not in ([], *([name] for name in SERVERS)), f"{place}: goes on until it is stopped"
            self._answer_what_is_asked(rest)
            done = self.cli(*(path for word in rest for path in _files(word)))
            assert done.code in DONE, f"{place}\nexit code {done.code}\n{done.out}{done.err}"
        else:
            assert command == "pip", f"{place}: `{command}` is no command that is run here"

    def _answer_what_is_asked(self, words: list[str]) -> None:
        """Have a file of requests answered, where a line reads answers that are not there."""
        for asked, answers in (("requests.jsonl", "answers.jsonl"), ("asked.jsonl", "answered.jsonl")):
            if answers in words and Path(asked).exists():
                self.answer(Path(asked), Path(answers))


def _brought_back(before: str) -> None:
    """Have the folder that one is in hold what another one holds, and nothing else."""
    here = Path.cwd()
    for path in here.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    shutil.copytree(before, here, dirs_exist_ok=True)


def _files(word: str) -> list[str]:
    """Return the files that a pattern stands for, or the word itself."""
    return sorted(map(str, Path().glob(word))) or [word] if set("*?") & set(word) else [word]


def pages() -> list[str]:
    """Return the pages that somebody wrote, and the README and its neighbours."""
    written = [path for path in (ROOT / "docs").rglob("*.md") if path.parent.name != "reference"]
    paths: list[Path] = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(written)]
    return [path.relative_to(ROOT).as_posix() for path in paths]
