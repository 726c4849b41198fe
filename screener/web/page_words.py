"""Messages of the program in the words of its pages: where a terminal is told a command, people are told the page that does it.

What no page does, a server's people are told to have the administrator do; on one's own machine the command stays.
"""

import re
from collections.abc import Callable, Sequence

from ..core.errors import LedgerError

_ADMINISTRATOR = "the administrator"
_NOBODY = ""
_OPTION = re.compile(
    r"^(?:(?:import|retrieve|label|version) (?:--[a-z-]+|freeze)|--[a-z-]+(?: [\w.]+)?): ", re.MULTILINE
)
"""What a message begins with where it is about an option, or about a command with one."""
_PAGES: Sequence[tuple[str, str]] = (
    (r"run\b.* --fit|gold (?:examples|sample --update)|evaluate\b.* --(?:by|thresholds)|models same", _NOBODY),
    (r"import --pdfs|retrieve --pdfs|attach$", "the page “Missing full texts”"),
    (r"import|retrieve|sources", "the page “Import”"),
    (r"run", "the page “Run”"),
    (r"gold", "the page “Gold”"),
    (r"dedup", "the page “Duplicates”"),
    (r"models", "the page “Models”"),
    (r"evaluate|report", "the page “Results”"),
    (r"export", "the page “Records”"),
    (r"check(?! --)", "the page “Setup”"),
    (r"adjudicate", "the page of the stage"),
    (r"status", "the page “Overview”"),
    (r"init", "“New review” on the start page"),
)
"""The page that does what a command does, by how that begins; for all others there is none."""
_PHRASES: Sequence[tuple[str, str]] = (
    (r"\b[Rr]un the (?:same )?command again to go on", "start it again to go on"),
    (r"\brun the (?:same )?command again", "try again"),
    (r"; end it, then try again", "; try again once it has ended"),
    (r"say which it is, such as `--encoding ([\w-]+)`", r"name it, such as \1"),
    (r"; leave --encoding out, or name", "; name"),
    (
        r"another one: --encoding NAME",
        "if they are wrong, take the import back and name the encoding under “More options”",
    ),
    (r"full texts are read by `import --pdfs FOLDER`", "full texts are added under “Missing full texts”"),
    (
        r"`import --pdfs(?: FOLDER)?` attaches (?:full texts|documents)",
        "full texts are added under “Missing full texts”",
    ),
    (r"; `--json` lists all", ""),
    (r"[;,] `screener attach` (?:puts it back|replaces it, or adds this one with --role)", ""),
    (r"the next `screener run`", "the next run"),
    (
        r"; `screener batch collect` takes in its answers first, `--again` asks now and pays twice",
        "; its answers come first",
    ),
    (r"; `--format csv` or `jsonl` has it whole", "; CSV has it whole"),
    (r"; add one or use --reviewer NAME", "; add one on the page “Setup”"),
    (r"`screener init` in an empty folder writes", "“New review” on the start page writes"),
    (r"; correct it in prompts/review\.yaml", "; correct it on the page “Setup”"),
    (r", or with --same-study or --apart", ""),
    (r"\. A first export is imported without --update", ". A first export is imported like any other"),
    (r"; use --split all, or run them", ""),
    (r"; --reference REVIEWER compares with a person's extraction instead", ""),
    (r"\b(draw (?:one|another)|draw it all the same) with `screener gold [^`]*`", r"\1 on the page “Gold”"),
    (r"\brun `screener run (?!.*--fit)[^`]*`", "start a run on the page “Run”"),
    (r"`screener gold gate [^`]*` (checks them|records one)", r"the next run or judgement \1"),
    (r"`screener gold lock[^`]*` again", "lock it again on the page “Gold”"),
    (r"Read it with `screener gold elusion[^`]*`", "Read it below"),
    (
        r"Give all parts of the new export in one call; if it is whole, repeat with --yes",
        "Send all parts of the new export together; if it is whole, send it again and tick that most of it may be gone",
    ),
    (
        r" To correct the name: `screener sources rename .*; to count its rows a second time, under both names: --again$",
        " To correct the name, rename the source below; to count its rows under both names, tick “again” with its import.",
    ),
    (r"; (?:use|leave out) --[a-z]+(?: [A-Z]+)?$", ""),
)
"""Expressions of messages, each with what a page says."""
_ON_A_SERVER: Sequence[tuple[str, str]] = (
    (r"; make room, then run the command again", "; the administrator has to make room"),
    (r"; write it in YAML \(form\.yaml\)", "; the administrator can write it in YAML"),
    (r"; state it in prompts/review\.yaml under .*$", "; the administrator states it"),
    (r"; (?:pip install (?:'[^']*'|\S+)|install it with `pip install [^`]*`)", "; the administrator installs it"),
    (r"`?pip install [\"']screener\[(\w+)\][\"']`?", r"have the administrator install screener[\1],"),
    (r"; `screener run [^`]*--fit`$", "; the administrator has it fitted anew"),
    (r"; make a new one with `(?:screener run [^`]*)?--fit`", "; the administrator has it fitted anew"),
    (r"(?:prompts/)?review\.yaml:(\d+)", r"the protocol, line \1"),
    (r"(?:prompts/)?review\.yaml", "the protocol"),
    (r"(?:prompts/)?form\.yaml", "the form"),
    (r"(?:prompts/)?sources\.yaml", "the list of sources"),
    (r"(?:gold/)?gold\.yaml", "the gold set"),
    (r"repeat (?:the command|a command that writes(?: \([^)]*\))?) with --join", "have the administrator join them"),
)
"""The same of what is the administrator's on a server."""
_COMMAND = re.compile(r"(?P<before>\b(?:with|in|by) |\(|: |)`screener (?P<command>[a-z][^`]*)`")


def page_words(text: str, *, on_server: bool) -> str:
    """Return a message of the program as a page tells it."""
    text = _OPTION.sub("", text)
    for found, said in (*(_ON_A_SERVER if on_server else ()), *_PHRASES):
        text = re.sub(found, said, text, flags=re.MULTILINE)
    return _COMMAND.sub(_named(on_server), text)


def _named(on_server: bool) -> Callable[[re.Match[str]], str]:
    """Return what names the page, or the administrator, in the place of a command."""

    def named(match: re.Match[str]) -> str:
        before = match["before"]
        if place := page_of_command(match["command"]):
            return {"": place, "(": f"(on {place}", ": ": f": on {place}"}.get(before, f"on {place}")
        if not on_server:
            return match[0]
        alone = {"": _ADMINISTRATOR, "(": f"({_ADMINISTRATOR} does that", ": ": f": {_ADMINISTRATOR} can do that"}
        return alone.get(before, f"with the help of {_ADMINISTRATOR}")

    return named


def page_of_command(command: str) -> str:
    """Return the page that does what a command does; empty where none does."""
    return next((page for begins, page in _PAGES if re.match(rf"(?:{begins})(?![a-z-])", command)), _NOBODY)


def told_on_page(error: Exception, *, on_server: bool) -> str:
    """Return what a page tells of an error: on a server nothing of where its ledger is, and what its database said."""
    if on_server and isinstance(error, LedgerError):
        return f"{error.plain} Tell the administrator if it goes on."
    return page_words(str(error), on_server=on_server)
