"""What the tests of the report share: reviews brought to a state by the program itself, and a strict reader of a page."""

import csv
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from support import ROOT

KEY = "sk-secret-0123456789abcdef"
_PROGRAM = """
import json, sys
from screener.cli.main import main
for args in json.loads(sys.argv[1]):
    sys.argv = ["screener", *args]
    try:
        main()
    except SystemExit as stop:
        if stop.code:
            sys.exit(f"{args}: {stop.code}")
"""
VOID = {"meta", "br", "wbr", "link", "img", "input", "hr"}


def screener_all(folder: Path, *commands: tuple[str | Path, ...], ledger: str | None = None) -> None:
    """Run commands one after the other in a folder, in one process apart from this one; `ledger` is a database's URL."""
    environment = {name: value for name, value in os.environ.items() if name != "SCREENER_LEDGER"} | {"TEST_KEY": KEY}
    if ledger is not None:
        environment["SCREENER_LEDGER"] = ledger
    environment["PYTHONPATH"] = f"{ROOT}{os.pathsep}{environment.get('PYTHONPATH', '')}"
    given = json.dumps([[str(part) for part in command] for command in commands])
    program = [sys.executable, "-c", _PROGRAM, given]
    done = subprocess.run(program, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def labels(folder: Path, reviewer: str, stage: str, decisions: dict[str, str]) -> tuple[str, ...]:
    """Write a person's decisions into the folder; the command that reads them."""
    path = folder / f"{reviewer}-{stage}.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "decision", "pretraining"])
        writer.writerows((name, word, "no" if word == "exclude" else "yes") for name, word in decisions.items())
    return "label", path.name, "--stage", stage, "--reviewer", reviewer


@dataclass
class Element:
    """An element of a page, with all text inside it."""

    tag: str
    attributes: dict[str, str]
    text: str = ""
    children: "list[Element]" = field(default_factory=list)

    def all(self, *tags: str) -> "Iterator[Element]":
        """The elements inside, in the order of the page; of some tags if named."""
        for child in self.children:
            if not tags or child.tag in tags:
                yield child
            yield from child.all(*tags)

    def classes(self) -> list[str]:
        return self.attributes.get("class", "").split()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("", {})
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open[-1].children.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}> at {self.getpos()}"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        for element in self.open:
            element.text += data


def read_page(path: Path) -> Element:
    """A page as a tree; every element must be closed in its place."""
    reader = _Reader()
    reader.feed(path.read_text(encoding="utf-8"))
    reader.close()
    assert reader.open == [reader.root], f"<{reader.open[-1].tag}> is never closed"
    return reader.root


def figures_in(page: Element) -> Any:
    """The figures document that a page carries."""
    [script] = list(page.all("script"))
    assert script.attributes == {"type": "application/json", "id": "figures"}
    return json.loads(script.text)


def section(page: Element, name: str) -> Element:
    return next(one for one in page.all("section") if one.attributes.get("id") == name)
