"""The pages on the command line: every command with its options, and the exit codes."""

import re
from collections.abc import Iterator
from typing import Any

import typer

from screener.cli.main import EXIT_CODES, app

COMMANDS = """# Commands

Every command that works on a review takes `--review DIR`; without it the review is the one in the present folder, or in
the nearest folder above it. With `--json` a command prints one JSON document on standard output and nothing else.
`screener COMMAND --help` prints the same as this page. What the exit code means is on [its own page](exit-codes.md).

"""
EXITS = """# Exit codes

Every command ends with one of these. What went wrong is one line on standard error: what, where, and what to do.

| code | meaning |
| --- | --- |
"""


def walk(command: Any, name: str) -> Iterator[tuple[str, Any]]:
    """Yield every command that does something, with its full name."""
    children = getattr(command, "commands", None)
    if not children:
        yield name, command
        return
    if command.invoke_without_command and command.params and " " in name:  # `screener` alone has nothing but --version
        yield name, command
    for child, sub in children.items():
        yield from walk(sub, f"{name} {child}")


def commands() -> str:
    """Return the page that lists every command with its arguments and options."""
    return COMMANDS + "\n".join(
        _command(name, command) for name, command in walk(typer.main.get_command(app), "screener")
    )


def exit_codes() -> str:
    """Return the page with the exit codes."""
    return EXITS + "".join(f"| {code} | {meaning} |\n" for code, meaning in EXIT_CODES.items())


def _command(name: str, command: Any) -> str:
    parameters = [parameter for parameter in command.params if not getattr(parameter, "hidden", False)]
    usage = " ".join([name, *(_shown(parameter) for parameter in parameters)])
    text = re.sub(r"\s*\n\s*(?=\S)", " ", re.sub(r"\n\s*\n", "\0", (command.help or "").strip())).replace("\0", "\n\n")
    lines = [f"## {name}", "", text, "", "```text", usage, "```", ""]
    if parameters:
        lines += ["| | meaning | default |", "| --- | --- | --- |"]
        lines += [_row(parameter) for parameter in parameters]
    return "\n".join([*lines, ""])


def _shown(parameter: Any) -> str:
    """Return the parameter as the usage line has it."""
    label = parameter.opts[0] if _is_option(parameter) else _metavar(parameter)
    if _is_option(parameter) and not getattr(parameter, "is_flag", False):
        label = f"{label} {_metavar(parameter)}"
    if not _is_option(parameter) and parameter.nargs == -1:
        label = f"{label.rstrip('…')}…"
    return label if parameter.required else f"[{label}]"


def _row(parameter: Any) -> str:
    names = [*parameter.opts, *parameter.secondary_opts] if _is_option(parameter) else [_metavar(parameter)]
    name = ", ".join(f"`{name}`" for name in names)
    if _is_option(parameter) and not getattr(parameter, "is_flag", False):
        name += f" `{_metavar(parameter)}`"
    default = parameter.default
    if parameter.required:
        shown = "required"
    elif default is None or callable(default) or isinstance(default, bool) or default in ((), []):
        shown = ""
    else:
        shown = f"`{default}`"
    return f"| {name} | {_cell(parameter.help or '')}{_span(parameter)} | {shown} |"


def _span(parameter: Any) -> str:
    """Return the numbers that are allowed, where there is a limit."""
    limits = parameter if hasattr(parameter, "min") else getattr(parameter, "type", None)
    low, high = getattr(limits, "min", None), getattr(limits, "max", None)
    if low is None and high is None:
        return ""
    if high is None:
        return f" At least {low:g}."
    return f" At most {high:g}." if low is None else f" From {low:g} to {high:g}."


def _is_option(parameter: Any) -> bool:
    return bool(parameter.opts[0].startswith("-"))


def _metavar(parameter: Any) -> str:
    """Return the word that stands for the value: the command's own, else the parameter's name."""
    return str(parameter.metavar or parameter.name.upper())


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
