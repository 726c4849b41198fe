"""Every command that the program or its documentation suggests is one that it takes; what it suggests next works."""

import ast
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import typer
from support import ROOT

from screener.cli.main import app

STANDS_FOR = {"stage": "abstract", "earlier": "abstract", "n": "5", "number": "1"}
"""What stands in the place of a value, by a word of the expression that gives it; a word else."""
MENTIONED = {
    "screener run", "screener run --fit", "screener gold lock", "screener dedup split", "screener attach",
    "screener adjudicate", "screener batch export", "screener batch submit", "screener check --audit",
    "screener label", "screener import", "screener evaluate", "screener gold gate", "screener import --pdfs",
}  # fmt: skip
"""Commands that texts name as such, without what they are given."""


def texts(path: Path) -> Iterator[str]:
    """The texts of a module, each value in them replaced by one of its kind."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.JoinedStr):
            yield "".join(
                str(part.value) if isinstance(part, ast.Constant) else value_of(ast.unparse(part))
                for part in node.values
            )
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def value_of(expression: str) -> str:
    words = re.findall(r"[a-z]+", expression)
    if "flags" in words or "who" in words or "option" in words:
        return ""
    return next((value for word, value in STANDS_FOR.items() if word in words), "word")


def suggested() -> list[tuple[str, str]]:
    """Each command in backticks, with where it stands."""
    found = {}
    for path in sorted((ROOT / "screener").rglob("*.py")):
        for text in texts(path):
            for command in re.findall(r"`(screener [a-z][^`\n]*)`", text):
                found[command] = path.relative_to(ROOT).as_posix()
    for path in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        for command in re.findall(r"`(screener [a-z][^`\n]*)`", path.read_text(encoding="utf-8")):
            found[command] = path.relative_to(ROOT).as_posix()
    return sorted(found.items())


def parse(line: str) -> None:
    """Have the command line read as the program reads it; nothing is run."""
    args = [word for word in shlex.split(line.replace("…", ""))[1:] if word]
    command: click.Command = typer.main.get_command(app)
    context, name = None, "screener"
    while isinstance(command, click.Group):
        if context is None:
            context = click.Context(command, info_name=name)
        if not args:
            return
        name, found, args = command.resolve_command(context, args)
        assert found is not None
        command = found
        if isinstance(command, click.Group):
            context = click.Context(command, info_name=name, parent=context)
    command.make_context(name, args, parent=context)


@pytest.mark.parametrize(("command", "place"), suggested())
def test_a_command_that_is_suggested_is_one_that_the_program_takes(command: str, place: str) -> None:
    if command in MENTIONED:
        return
    try:
        parse(command)
    except click.ClickException as error:
        pytest.fail(f"{place}: `{command}`: {error.format_message()}")
