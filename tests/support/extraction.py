"""What the tests of extraction share: the synthetic review ready to extract, and a model that answers from its gold."""

import contextlib
import copy
import io
import json
import os
import re
import shutil
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from screener.core.judgement import ItemAnswer, Judgement, Stage
from screener.forms import FormSpec
from screener.forms.load import load_form
from screener.ledger import reads
from screener.ledger.store import Ledger
from support import ROOT, at_rest

GOLD = ROOT / "tests" / "reviews" / "documents" / "gold"
Tree = dict[str, Any]
"""What is told of one study, as the form nests it."""


def command(*args: str | Path) -> str:
    """Run a command as the program does, for fixtures that outlive a test; its output."""
    from screener.cli.main import main

    out, before = io.StringIO(), sys.argv
    sys.argv = ["screener", *map(str, args)]
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            main()
    except SystemExit as stop:
        if stop.code:
            raise RuntimeError(out.getvalue()) from None
    finally:
        sys.argv = before
    return out.getvalue()


def prepare(folder: Path) -> Path:
    """The synthetic review with its PDFs attached and its full-text labels entered by two humans: ready to extract."""
    before = Path.cwd()
    command("init", folder, "--example", "documents")
    os.chdir(folder)
    try:
        command("import", "gold/records.csv")
        command("import", "--pdfs", "pdfs")
        # Its first page names the preprint too, which no program should decide.
        command("attach", "syn-09", "pdfs/jsct-4-519-published.pdf")
        for person in ("Ann", "Bob"):
            for stage in ("abstract", "fulltext"):
                command("label", f"gold/{stage}.csv", "--stage", stage, "--reviewer", person)
    finally:
        os.chdir(before)
    return at_rest(folder)


def copied(prepared: Path, folder: Path) -> Path:
    """A prepared review in a folder of its own."""
    return shutil.copytree(prepared, folder, symlinks=False)


def add_reviewer(review: Path, line: str) -> None:
    protocol = review / "prompts" / "review.yaml"
    text = protocol.read_text(encoding="utf-8")
    protocol.write_text(text.replace("\nreviewers:\n", f"\nreviewers:\n  {line}\n"), encoding="utf-8")


def chat_reviewer(name: str, base_url: str, model: str = "gpt-5-mini") -> str:
    return (
        f"{name}: {{kind: chat, model: 'openai:{model}', base_url: '{base_url}', api_key_env: TEST_KEY, timeout_s: 5,"
        " price: {input: 1.0, output: 2.0}}"
    )


# -- gold as a model's answers ----------------------------------------------------------------------------------------


def gold_lines() -> list[Tree]:
    text = (GOLD / "extraction.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


@cache
def gold_trees() -> dict[str, Tree]:
    """What gold tells of each study, as a reviewer would fill the form."""
    trees: dict[str, Tree] = {}
    lists = set(the_form().lists)
    for line in gold_lines():
        told = {name: line[name] for name in ("status", "value", "other")}
        told["evidence"] = [line["quote"]] if line["quote"] else []
        bare = re.sub(r"\[\d+\]", "", line["path"])
        place(trees.setdefault(line["id"], {}), line["path"], [] if bare in lists else told)
    return trees


def place(tree: Tree, path: str, told: Any) -> None:
    """Put what is told at a path, in the middle of what is there."""
    *way, last = [int(part) if part.isdigit() else part for part in re.findall(r"[\w-]+", path)]
    node: Any = tree
    for part, following in zip(way, [*way[1:], last], strict=True):
        if isinstance(part, int):
            if part == len(node):
                node.append({})
            node = node[part]
        else:
            node = node.setdefault(part, [] if isinstance(following, int) else {})
    node[last] = told


def the_form() -> FormSpec:
    return load_form(ROOT / "prompts" / "form.py")


def titles() -> dict[str, str]:
    import csv

    with (GOLD / "records.csv").open(encoding="utf-8", newline="") as file:
        return {row["id"]: row["title"] for row in csv.DictReader(file)}


def answers_from(trees: dict[str, Tree]) -> dict[str, Any]:
    """The script of a server that answers everything that the form asks of these studies."""
    form, named, answers = the_form(), titles(), dict[str, Any]()
    for study, told in trees.items():
        tree = copy.deepcopy(told)
        title = f"<title>{named[study]}</title>"
        for group in form.groups:
            answers[f"{title} && {group.path}: {group.description}"] = tree[group.path]
        for unit in form.units:
            known = [one["identity"]["name"] for one in gold_trees()[study][unit.path]]
            entries = [{"evidence": name["evidence"][0], "name": name["value"]} for name in known]
            entries = tree.get(f"{unit.path} (named)", entries)
            answers[f"{title} && List what is asked && {unit.path}: {unit.description}"] = {"entries": entries}
            for entry, one in zip(entries, tree[unit.path], strict=False):
                which = f"Answer for this one of the study's {unit.path}: {entry['name']}.\n"
                for group in unit.groups:
                    answers[f"{title} && {which} && {group.path}: {group.description}"] = one[group.path]
    return answers


def changed(tree: Tree, path: str, **told: Any) -> Tree:
    """A study's answers with one item told otherwise."""
    tree = copy.deepcopy(tree)
    node: Any = tree
    for part in re.findall(r"[\w-]+", path):
        node = node[int(part) if part.isdigit() else part]
    node.update(told)
    return tree


# -- what came of it --------------------------------------------------------------------------------------------------


def extracted(review: Path, reviewer: str = "gpt", repeat: int = 0) -> dict[str, Judgement]:
    with Ledger.of(review / ".screener").read() as connection:
        found = reads.latest(connection, Stage.EXTRACTION, reviewer, repeat=repeat)
        return {name: row.judgement for name, row in found.items()}


def item(review: Path, study: str, path: str, reviewer: str = "gpt") -> ItemAnswer:
    return extracted(review, reviewer)[study].items[path]


def statuses(judgement: Judgement) -> Iterator[tuple[str, str]]:
    yield from ((path, answer.status.value) for path, answer in judgement.items.items())
