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
from screener.forms import FormSpec, ItemField
from screener.forms.load import load_form
from screener.ledger import reads
from screener.ledger.store import Ledger
from screener.reviewers.answer_form import AnswerForm
from screener.reviewers.questions import FormPart, first_questions, unit_questions
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


@cache
def the_form() -> FormSpec:
    return load_form(ROOT / "prompts" / "form.py")


def titles() -> dict[str, str]:
    import csv

    with (GOLD / "records.csv").open(encoding="utf-8", newline="") as file:
        return {row["id"]: row["title"] for row in csv.DictReader(file)}


def answers_from(trees: dict[str, Tree]) -> dict[str, Any]:
    """The script of a server that answers everything that the form asks of these studies, and nothing a second time."""
    form, named, answers = AnswerForm(the_form()), titles(), dict[str, Any]()
    for study, tree in trees.items():
        title = f"<title>{named[study]}</title>"
        empty = dict.fromkeys(form.model.model_fields)
        answers[f"{title} && {AGAIN}"] = empty
        names = {unit.path: entry_names(study, tree, unit.path) for unit in the_form().units}
        for question in [*first_questions(the_form()), *unit_questions(the_form(), names)]:
            told = {unit.path: entries_named(study, tree, unit.path) for unit in question.units}
            told |= {
                part.path: whole_part(part, tree, names[part.unit.path] if part.unit else {}) for part in question.parts
            }
            answers[f"{title} && null for all others: {', '.join(question.paths)}."] = empty | told
    return answers


AGAIN = "A first reading left the items open"
"""What only a second request says."""


def entries_named(study: str, tree: Tree, path: str) -> list[Tree]:
    """What is answered where the entries of a list of units are asked for: those of gold, if nothing else is told."""
    known = [one["identity"]["name"] for one in gold_trees()[study][path]]
    entries = [{"evidence": name["evidence"][0], "name": name["value"]} for name in known]
    told: list[Tree] = tree.get(f"{path} (named)", entries)
    return told


def entry_names(study: str, tree: Tree, path: str) -> dict[str, int]:
    """The names under which the entries of a list of units are asked about."""
    return {entry["name"]: number for number, entry in enumerate(entries_named(study, tree, path))}


def whole_part(part: FormPart, tree: Tree, names: dict[str, int]) -> Tree:
    """A part of the form as it is answered: of units what the first has, and in what the others differ."""
    units = [one[part.group.path] for one in tree[part.unit.path]] if part.unit else [tree[part.path]]
    named = list(zip(names, units, strict=False)) if part.unit else [("", units[0])]
    told: Tree = {}
    if part.items:
        first = {item.path: answered_item(item, named[0][1]) for item in part.items}
        told["items"] = first
        if part.unit:
            told["differs"] = [
                {"for": [name], "item": item.path, "other": None} | answer
                for name, one in named[1:]
                for item in part.items
                if (answer := answered_item(item, one)) != first[item.path]
            ]
    if part.rows:
        told["lists"] = {
            row.path: [
                ({"for": [name]} if part.unit else {}) | {item.path: answered_item(item, entry) for item in row.items}
                for name, one in named
                for entry in at(one, row.path) or ()
            ]
            for row in part.rows
        }
    return told


def again_from(study: str, tree: Tree) -> Tree:
    """What a second reading may answer of a study: every item that the tree reports, and every entry of its lists."""
    form = AnswerForm(the_form())
    told: Tree = dict.fromkeys(form.model.model_fields)
    told["open-items"] = []
    for part in form.parts:
        names = entry_names(study, tree, part.unit.path) if part.unit else {"": 0}
        units = [one[part.group.path] for one in tree[part.unit.path]] if part.unit else [tree[part.path]]
        for name, one in zip(names, units, strict=False):
            for item in part.items:
                patch = {"for": [name] if name else [], "item": f"{part.path}.{item.path}", "other": None}
                told["open-items"].append(patch | answered_item(item, one))
        if part.rows:
            whole = whole_part(part, tree, names)
            told[part.path] = {key: None if key == "items" else value for key, value in whole.items()}
    return told


def answered_item(item: ItemField, tree: Tree) -> Tree:
    """What is told of an item, in the form that is asked for; `not_reported` where nothing is."""
    told = at(tree, item.path) or {"evidence": [], "status": "not_reported", "value": None}
    keys = ("evidence", "status", "value", *(("other",) if item.coded else ()))
    return {key: told.get(key) for key in keys}


def at(tree: Any, path: str) -> Any:
    for name in path.split("."):
        tree = tree.get(name) if isinstance(tree, dict) else None
    return tree


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
