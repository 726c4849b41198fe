"""Every command that the program or its documentation suggests is one that it takes; what it suggests next works."""

import re
import shlex
from functools import cache
from typing import Any

import pytest
import typer
from support import ROOT
from support.messages import texts

from screener.cli.main import app


def suggested() -> list[tuple[str, str]]:
    """Each command in backticks, with where it stands."""
    found = {}
    for path in sorted((ROOT / "screener").rglob("*.py")):
        if path.name == "page_words.py":
            continue  # its texts are expressions, for what others suggest
        if not re.search(r"`screener|screener ", path.read_text(encoding="utf-8")):
            continue  # to take a module apart takes far longer than to read it
        for text in texts(path):
            for command in re.findall(r"`(screener [a-z][^`\n]*)`", text):
                found[command] = path.relative_to(ROOT).as_posix()
    for path in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        for command in re.findall(r"`(screener [a-z][^`\n]*)`", path.read_text(encoding="utf-8")):
            found[command] = path.relative_to(ROOT).as_posix()
    return sorted(found.items())


@cache
def program() -> Any:
    """The command line, put together once: that takes longer than to read a command."""
    return typer.main.get_command(app)


def parse(line: str, *, mentioned: bool = False) -> None:
    """Have the command line read as the program reads it; nothing is run.

    With `mentioned` a command may stand alone, or with one option without its value, as texts name them.
    """
    args = shlex.split(
        re.sub(r"(?<=\S)…", "", line).replace("…", "WORD").replace("--n N", "--n 5").replace("NUMBER", "5")
    )[1:]
    command: Any = program()
    context, name = None, "screener"
    while hasattr(command, "resolve_command"):
        context = type(command).context_class(command, info_name=name, parent=context)
        if not args:
            return
        name, command, args = command.resolve_command(context, args)
    options = {option for parameter in command.params for option in parameter.opts}
    if not (mentioned and (not args or (len(args) == 1 and args[0] in options))):
        command.make_context(name, args, parent=context)


def test_a_line_that_lacks_something_or_has_too_much_is_not_taken() -> None:
    parse("screener run --stage abstract")
    parse("screener import FILE…")
    parse("screener run --fit", mentioned=True)
    for line in ("screener run", "screener rum", "screener run --stage abstract --new", "screener gold lock --stage"):
        with pytest.raises(Exception, match=r"(?i)missing|no such|requires"):
            parse(line)


def test_each_command_that_is_suggested_is_one_that_the_program_takes() -> None:
    found, wrong = suggested(), []
    for command, place in found:
        try:
            parse(command, mentioned=True)
        except Exception as error:
            told = error.format_message() if hasattr(error, "format_message") else error
            wrong.append(f"{place}: `{command}`: {told}")
    assert len(found) > 100
    assert wrong == []
