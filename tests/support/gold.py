"""A review of 90 records whose gold is drawn, labelled and locked from the command line."""

import csv
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from support import Cli

PROTOCOL = """\
title: Heart
questions: ["What of the heart?"]
stages:
  abstract:
    question: "Is it about the heart?"
    template: abstract.md
    decided_by: {humans: 2, machine: embedded}
    gate: {recall_low: 0.9, confidence: 0.95}
    criteria:
      - {id: years, kind: rule, question: "Is it from 2018 or later?", years: [2018, 2025]}
      - {id: beat, question: "Do hearts beat?"}
  fulltext:
    question: "Is it about the heart?"
    template: fulltext.md
    criteria:
      - {id: heart, question: "Is it about the heart?"}
reviewers:
  embedded: {kind: embedded}
"""


KEPT, ALL = 45, 90


def by_year(name: str) -> str:
    return "include" if int(name[1:]) < KEPT else "exclude"


def said(cli: Cli, who: str, names: Iterable[str], decision: Callable[[str], str] = by_year) -> None:
    """Have a person decide."""
    file = Path(f"{who}.csv")
    file.write_text("id,decision\n" + "".join(f"{name},{decision(name)}\n" for name in names))
    assert cli("label", file, "--stage", "abstract", "--reviewer", who).code == 0


def drawn(cli: Cli, n: int, *options: str) -> list[str]:
    done = cli("gold", "sample", "--stage", "abstract", "--n", str(n), "--json", *options)
    assert done.code == 0, done.err
    return [one["id"] for one in done.json["records"]]


def locked(cli: Cli, *options: str) -> dict[str, Any]:
    done = cli("gold", "lock", "--stage", "abstract", "--json", *options)
    assert done.code == 0, done.out + done.err
    return dict(done.json)


def labels(review: Path) -> list[dict[str, str]]:
    with (review / "gold" / "abstract.csv").open() as file:
        return list(csv.DictReader(file))


def gate(cli: Cli) -> dict[str, Any]:
    return dict(cli("gold", "gate", "--stage", "abstract", "--json").json)
