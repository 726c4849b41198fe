"""The review of ECGs with a queue that learns, and a person who says what its gold labels say."""

import csv
from pathlib import Path

from screener.core.judgement import Decision, Judgement
from screener.ledger.intake import add_files
from screener.ledger.store import Ledger
from screener.protocol.model import Review
from screener.records import read_file
from support import ROOT

PROTOCOL = """\
title: Models of ECGs
questions: ["Which foundation models read ECGs?"]
stages:
  abstract:
    question: Does the paper present a foundation model that reads electrocardiograms?
    template: abstract.md
    queue: learned
{stopping}    decided_by: {{humans: {humans}}}
{criteria}
"""
CRITERIA = """\
    criteria:
      - {id: signal, question: "Is the electrocardiogram the input of a model?"}
      - {id: pretraining, question: "Was the model pretrained on large data without labels?"}
"""


def learning_review(
    folder: Path, *, humans: int = 1, criteria: str = CRITERIA, records: int = 120, sample: int = 0
) -> Review:
    """A review of that many records, in the order of the file of gold; a `sample` of so many estimates recall."""
    (folder / "prompts").mkdir(parents=True)
    stopping = f"    stopping: {{rule: buscar, sample: {sample}}}\n" if sample else ""
    text = PROTOCOL.format(humans=humans, criteria=criteria, stopping=stopping)
    (folder / "prompts" / "review.yaml").write_text(text, encoding="utf-8")
    (folder / "prompts" / "abstract.md").write_text((ROOT / "prompts" / "abstract.md").read_text(encoding="utf-8"))
    rows = list(csv.reader((ROOT / "gold" / "records.csv").open(encoding="utf-8", newline="")))
    with (folder / "records.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows[: records + 1])
    review, ledger = Review(folder), Ledger.of(folder / ".screener")
    if records:
        add_files(ledger, [read_file(folder / "records.csv")])
    ledger.close()
    return review


def decisions() -> dict[str, Decision]:
    """What the person decides, by record."""
    with (ROOT / "gold" / "abstract.csv").open(encoding="utf-8", newline="") as file:
        return {row["id"]: Decision(row["decision"]) for row in csv.DictReader(file)}


def said(decision: Decision) -> Judgement:
    """A decision without answers."""
    return Judgement(decision=decision, stated=True)
