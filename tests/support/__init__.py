"""What tests share: where things lie, and the command line run in this process."""

import gc
import json
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared" / "data"


@dataclass
class Result:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Later:
    """A module that is imported when something of it is first asked for.

    Every process of tests reads every file of tests; what they import was most of the time that this took.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)  # pytest asks whatever a module holds whether it is a test or a fixture
        return getattr(import_module(self._name), name)


Cli = Callable[..., Result]
MadeOnce = Callable[[str, Callable[[Path], object]], Path]
"""Builds a folder under a name once for all processes of tests."""
BroughtOnce = Callable[[str, Path, Callable[[], object]], None]
"""Brings a folder to the state of a name: once a module by what is given, and then by a copy of what that left."""


def at_rest(folder: Path) -> Path:
    """Close the ledgers that nobody holds any more, so that nothing goes from the folder while it is copied; the folder."""
    gc.collect()
    return folder


def fill_in(folder: Path) -> None:
    """Write what the template of a new review says is to be written."""
    protocol = folder / "prompts" / "review.yaml"
    text = protocol.read_text()
    for template, words in (
        ("Name your review", "Adults with asthma"),
        ("What do you want to know?", "Does it help?"),
        ("Say in plain sentences what is eligible.", "They are adults."),
        ("Say what is not, above all what is easily confused with it.", "They are children."),
        ("Say what is not.", "They are children."),
    ):
        assert template in text
        text = text.replace(template, words)
    protocol.write_text(text)
