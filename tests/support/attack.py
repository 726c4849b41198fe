"""What scripts of long campaigns share: a review with a chat reviewer, the program in a process of its own, and the table."""

import json
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from servers import Server
from sqlalchemy import func, select

from screener.ledger import tables as t
from screener.ledger.store import Ledger

from . import ROOT
from .chat_run import add_reviewer

RECORDS = 120


@dataclass
class Outcome:
    """What became of one kind of attack: how often it was tried and survived, and how many records or answers were lost."""

    kind: str
    tried: int = 0
    survived: int = 0
    lost: int = 0
    more: dict[str, Any] = field(default_factory=dict)

    def line(self) -> str:
        """Return the line of the table."""
        figures = "".join(f", {name} {value}" for name, value in self.more.items())
        return f"{self.kind}, {self.tried}, {self.survived}, {self.lost}{figures}"


def review_in(folder: Path, server: Server) -> Path:
    """Make a review of `RECORDS` records with the reviewer `gpt`, whose records are in its ledger."""
    folder.mkdir(parents=True, exist_ok=True)
    for room in ("prompts", "gold"):
        shutil.copytree(ROOT / room, folder / room)
    add_reviewer(
        folder,
        f"gpt: {{kind: chat, model: 'openai:gpt-5-mini', base_url: '{server.base_url}', api_key_env: TEST_KEY, "
        "timeout_s: 20, price: {input: 1.0, output: 2.0}}",
    )
    ended(start(folder, "run", "--stage", "abstract", "--limit", "1"))
    return folder


def start(folder: Path, *args: str, before: Callable[[], None] = lambda: None) -> int:
    """Start the program on a review as a fork of this process, which has imported everything; return its number.

    Its output goes to `out` and `err` in the folder's parent. `before` is called in it first.
    """
    import screener.review.running  # noqa: F401 - imported once, before the fork
    from screener.cli.main import main

    number = os.fork()
    if number:
        return number
    try:
        os.environ["TEST_KEY"] = "sk-secret-0123456789abcdef"
        for name, stream in (("out", 1), ("err", 2)):
            os.dup2(os.open(folder.parent / name, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), stream)
        sys.stdout, sys.stderr = (os.fdopen(stream, "w", encoding="utf-8") for stream in (1, 2))
        sys.argv = ["screener", *args, "--review", str(folder)]
        before()
        main()
    except SystemExit as stop:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(int(stop.code or 0))
    finally:
        os._exit(70)
    raise AssertionError("the process has ended")


def ended(number: int) -> int:
    """Wait for the end of a process; return its exit code, negative for a signal."""
    return os.waitstatus_to_exitcode(os.waitpid(number, 0)[1])


def said(folder: Path) -> tuple[dict[str, Any], str]:
    """Return the JSON that the last process on a review printed, if any, and what it said on stderr."""
    out = (folder.parent / "out").read_text(encoding="utf-8")
    return (json.loads(out) if out.startswith("{") else {}), (folder.parent / "err").read_text(encoding="utf-8")


def count(folder: Path, table: str, **equal: str) -> int:
    """Return how many rows of a table have these values."""
    shape = t.metadata.tables[table]
    ledger = Ledger.of(folder / ".screener")
    with ledger.read() as connection:
        query = select(func.count()).select_from(shape).where(*(shape.c[name] == is_ for name, is_ in equal.items()))
        number = int(connection.execute(query).scalar_one())
    ledger.close()
    return number
