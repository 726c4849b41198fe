"""What tests of tables share: a small form of trials with arms and results, and studies that were extracted with it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from screener.core.judgement import Decision, ItemAnswer, Judgement, Stage
from screener.forms.load import load_form
from screener.forms.walk import FormSpec
from screener.ledger import NewJudgement, add_judgements, add_run
from screener.ledger.store import Ledger
from screener.protocol.model import Review
from screener.records import Record
from screener.reporting.tables.studies import By, ExtractedStudy
from screener.stages import records_for
from support import Cli

PROTOCOL = """\
title: Trials <of drugs>
questions: ["What do drugs do?"]
stages:
{before}  extraction:
    question: What does the report say?
    template: extraction.md
    form: form.py
    decided_by: {humans: 1, machine: embedded}
reviewers:
  embedded: {kind: embedded}
"""
SCREENING = """\
  abstract:
    question: Is it a trial?
    template: abstract.md
    decided_by: {humans: 1, machine: embedded}
    criteria:
      - {id: trial, question: "Is it a trial?"}
"""
FORM = '''
from pydantic import Field
from screener.forms import Coded, Group, Item, Link, Vocabulary

class Design(Vocabulary):
    """How it was designed."""
    PARALLEL = "parallel_groups"
    OTHER = "other"

class Risk(Vocabulary):
    """A judgement."""
    LOW = "low"
    HIGH = "high"

class Trial(Group):
    design: Coded[Design] = Field(description="How was it designed?")
    countries: Item[list[str]] = Field(description="In which countries?")

class Bias(Group):
    selection: Item[Risk] = Field(description="Could selection distort the results?")
    overall: Item[Risk] = Field(description="In all?")

class Result(Group):
    outcome: Item[str] = Field(description="Which outcome?")
    events_treated: Item[int] = Field(description="Events among the treated.")
    total_treated: Item[int] = Field(description="The treated.")
    events_control: Item[int] = Field(description="Events among the controls.")
    total_control: Item[int] = Field(description="The controls.")

class Name(Group):
    drug: Item[str] = Field(description="The drug.")
    code: Item[str] = Field(description="Where is it?")
    measured: list[Result] = Field(description="The results.")

class Arm(Group):
    name: Name = Field(description="What it is.")

class Form(Group):
    """Trials."""
    trial: Trial = Field(description="The trial.")
    bias: Bias = Field(description="Bias.")
    arms: list[Arm] = Field(description="The arms.")
'''


def small_form(folder: Path) -> FormSpec:
    """Return the form, loaded from a file in a folder."""
    (folder / "form.py").write_text(FORM, encoding="utf-8")
    return load_form(folder / "form.py")


def reported(value: Any, other: str | None = None) -> ItemAnswer:
    return ItemAnswer.model_validate({"status": "reported", "value": value, "other": other})


def without(status: str) -> ItemAnswer:
    """Return an answer without a value."""
    return ItemAnswer.model_validate({"status": status})


def study(
    name: str, by: By = "person", *, label: str = "", year: int | None = 2020, **items: ItemAnswer
) -> ExtractedStudy:
    """Return a study of that id; keys of `items` have `__` for dots and `_0__` for the first entry of a list."""
    record = Record.model_validate(
        {"id": name, "title": f"Trial {name}", "year": year, "authors": [f"{name.title()}, A"]}
    )
    answers = {
        key.replace("_0__", "[0].").replace("_1__", "[1].").replace("__", "."): one for key, one in items.items()
    }
    standing = {"person": "final", "machine": "suggested", "": "pending"}[by]
    return ExtractedStudy(
        record, label or f"{name.title()} {year}", answers, by, "ann, bob" if by == "person" else "", standing
    )


def trials(folder: Path, cli: Cli, *more: str, screened: bool = False) -> Path:
    """Return a review of the trials `ada`, `bo` and `cho`, at extraction from the start unless they are to be `screened`.

    `more` ends its protocol.
    """
    (folder / "prompts").mkdir(parents=True)
    protocol = PROTOCOL.replace("{before}", SCREENING if screened else "") + "".join(more)
    (folder / "prompts" / "review.yaml").write_text(protocol, encoding="utf-8")
    for name in ("abstract", "extraction"):
        (folder / "prompts" / f"{name}.md").write_text("{{ question }}", encoding="utf-8")
    small_form(folder / "prompts")
    rows = [f'{name},"Trial of {name} and what came of it",{2019 + n},"{name.title()}, A",10.5555/{name}\n' for n, name in
            enumerate(("ada", "bo", "cho"))]  # fmt: skip
    (folder / "records.csv").write_text("id,title,year,authors,doi\n" + "".join(rows), encoding="utf-8")
    assert cli("import", folder / "records.csv", "--review", folder).code == 0
    return folder


def extract(folder: Path, record: str, who: str, items: Mapping[str, ItemAnswer], role: str = "human") -> None:
    """Enter what somebody extracted from a study; a machine by the protocol as it stands."""
    ledger, review = Ledger.of(folder / ".screener"), Review(folder)
    text = next(found.text_hash for found in records_for(ledger, review, Stage.EXTRACTION) if found.id == record)
    judgement, run = Judgement(decision=Decision.INCLUDE, items=dict(items)), f"run-{record}-{who}"
    with ledger.write() as connection:
        if role == "machine":
            add_run(connection, run, Stage.EXTRACTION, who, {"protocol": review.fingerprint(Stage.EXTRACTION, who)})
        add_judgements(connection, [NewJudgement(record, text, Stage.EXTRACTION, who, role, judgement, run)])
    ledger.close()
