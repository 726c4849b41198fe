"""The gold set: reference labels in `gold/`, split into `dev` and `test`, entered in the ledger as a reviewer."""

import csv
import hashlib
import io
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict
from sqlalchemy import insert, select

from .errors import BadInput
from .fewshot import Examples
from .judgement import Answer, Decision, Judgement, Stage, Value
from .ledger import tables as t
from .ledger.lookup import Lookup
from .ledger.store import Ledger, now
from .protocol import Review
from .records import Entry, read_file
from .records.normalise import doi, normalise_title
from .records.reading import decode
from .yamlfile import Document

REVIEWER = "gold"
Split = Literal["dev", "test"]


class SplitRule(BaseModel):
    """How labels are divided: by the hash of `salt`, a colon and the id, within each decision."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    salt: str


class GoldSpec(BaseModel):
    """The content of `gold/gold.yaml`."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: str
    status: Literal["human", "provisional"]
    """`provisional`: no human has confirmed the labels; every figure against them says so, and they open no gate."""
    level: Literal["abstract", "final"] = "abstract"
    """What a label of the abstract stage says: the title/abstract decision, or the review's final inclusion."""
    split: SplitRule
    abstracts: str = ""
    """What is particular about the abstracts in `records.csv`, if anything; shown wherever they are."""
    attribution: str = ""
    licence: str = ""


@dataclass(frozen=True)
class Label:
    """One gold label. `final` is the review's final inclusion where it is known too."""

    id: str
    decision: Decision
    answers: Mapping[str, Value]
    final: Decision | None = None
    split: Split | None = None


@dataclass(frozen=True)
class GoldSet:
    """The labels of one stage. `version` is the hash of the files they came from."""

    spec: GoldSpec
    stage: Stage
    labels: tuple[Label, ...]
    version: str
    entries: Mapping[str, Entry] = field(default_factory=dict)

    @cached_property
    def split(self) -> dict[str, Split]:
        """`dev` or `test` by id: what the label's row says, else by the rule.

        The rule: within each decision the ids in the order of their salted SHA-256, first half dev. It is written into
        the rows once, so that a corrected label moves no other record between the halves.
        """
        classes: dict[Decision, list[str]] = defaultdict(list)
        for label in self.labels:
            classes[label.decision].append(label.id)
        result: dict[str, Split] = {}
        for ids in classes.values():
            ids.sort(key=lambda name: hashlib.sha256(f"{self.spec.split.salt}:{name}".encode()).hexdigest())
            for position, name in enumerate(ids):
                result[name] = "dev" if position < len(ids) // 2 else "test"
        return result | {label.id: label.split for label in self.labels if label.split is not None}


def gold_spec(review: Review) -> GoldSpec | None:
    """The gold set's description, or None where the review has no gold."""
    path = review.gold / "gold.yaml"
    return Document(path).validate(GoldSpec) if path.is_file() else None


def load_gold(review: Review, stage: Stage) -> GoldSet | None:
    """The gold labels of a stage, or None where there are none. A faulty row is a `BadInput` with its line."""
    spec, path = gold_spec(review), review.gold / f"{stage}.csv"
    if not path.is_file():
        return None
    if spec is None:
        raise BadInput(f"{path}: there are labels but no {review.gold / 'gold.yaml'} to say what they are")
    known = {criterion.id for criterion in review.stage(stage).criteria}
    labels: dict[str, Label] = {}
    with io.StringIO(decode(path, path.read_bytes(), []), newline="") as file:
        reader = csv.DictReader(file)
        for column in ("id", "decision"):
            if column not in (reader.fieldnames or ()):
                raise BadInput(f"{path}:1: the column `{column}` is missing")
        for row in reader:
            label = _label(row, known, f"{path}:{reader.line_num}")
            if label.id in labels:
                raise BadInput(f"{path}:{reader.line_num}: the id `{label.id}` appears twice; keep one label of it")
            labels[label.id] = label
    records = review.gold / "records.csv"
    entries = {h.entry.given_id: h.entry for h in read_file(records).hits} if records.is_file() else {}
    digest = hashlib.sha256(path.read_bytes() + (review.gold / "gold.yaml").read_bytes()).hexdigest()[:16]
    return GoldSet(spec, stage, tuple(labels.values()), digest, {k: v for k, v in entries.items() if k is not None})


def _label(row: Mapping[str, str | None], known: set[str], where: str) -> Label:
    def one_of(kind: type[Decision] | type[Value], column: str) -> str | None:
        text = (row.get(column) or "").strip().lower()
        if text and text not in {member.value for member in kind}:
            raise BadInput(f"{where}: {column}: `{text}` is none of {', '.join(m.value for m in kind)}")
        return text or None

    name, decision = (row.get("id") or "").strip(), one_of(Decision, "decision")
    if not name or decision is None:
        raise BadInput(f"{where}: a label needs an id and a decision")
    answers = {column: Value(text) for column in row if column in known and (text := one_of(Value, column))}
    final = one_of(Decision, "final_decision")
    split = (row.get("split") or "").strip()
    if split not in ("", "dev", "test"):
        raise BadInput(f"{where}: split: `{split}` is neither dev nor test")
    half: Split | None = "dev" if split == "dev" else "test" if split == "test" else None
    return Label(name, Decision(decision), answers, Decision(final) if final else None, half)


def enter_gold(ledger: Ledger, gold: GoldSet) -> dict[str, str]:
    """Put the labels into the ledger once for each version; return the record's id of each label that has one.

    A label whose id the ledger does not know is looked up by the identifiers in `gold/records.csv`.
    """
    with ledger.read() as connection:
        lookup = Lookup(connection)
        there = select(t.judgements.c.record_id).where(
            t.judgements.c.role == REVIEWER,
            t.judgements.c.stage == gold.stage.value,
            t.judgements.c.asked == gold.version,
        )
        entered = set(connection.execute(there).scalars())
    placed: dict[str, str] = {}
    for label in gold.labels:
        entry = gold.entries.get(label.id) or Entry(title="", given_id=label.id)
        if (record_id := lookup.find(entry)) is not None:
            placed[label.id] = record_id
    fresh = [label for label in gold.labels if label.id in placed and placed[label.id] not in entered]
    if fresh:
        with ledger.write() as connection:
            connection.execute(insert(t.judgements), [_row(gold, label, placed[label.id]) for label in fresh])
    return placed


def _row(gold: GoldSet, label: Label, record_id: str) -> dict[str, object]:
    return {
        "run_id": "",
        "record_id": record_id,
        "text_hash": "",
        "stage": gold.stage.value,
        "reviewer": REVIEWER,
        "role": REVIEWER,
        "asked": gold.version,
        "rule": gold.spec.status,
        "repeat": 0,
        "at": now(),
        "decision": label.decision.value,
        "probability": None,
        "body": as_judgement(label).model_dump_json(exclude_defaults=True),
    }


def as_judgement(label: Label) -> Judgement:
    """A label as the judgement that it is."""
    answers = {name: Answer(value=value) for name, value in label.answers.items()}
    return Judgement(decision=label.decision, answers=answers, stated=not answers)


def refuse_test_records(review: Review, stage: Stage, examples: Examples) -> None:
    """Raise `BadInput` if an example of the prompt is a record of gold's `test` half, by id, DOI or title.

    What a model was shown with its answer says nothing when it is asked again.
    """
    gold = load_gold(review, stage)
    if gold is None or examples.document is None:
        return
    held_back: dict[tuple[str, str], str] = {}
    for name in (name for name, half in gold.split.items() if half == "test"):
        entry = gold.entries.get(name) or Entry(title="", given_id=name)
        held_back |= dict.fromkeys(_names(name, entry.doi, entry.title), name)
    for position, example in enumerate(examples.all):
        names = _names(example.id, doi(example.doi), example.title)
        found = next((held_back[each] for each in names if each in held_back), None)
        if found is not None:
            where = ("examples", position)
            raise examples.document.fail(where, f"this is {found}, a record of gold's test half; take one of dev")


def _names(id_: str | None, doi_: str | None, title: str) -> list[tuple[str, str]]:
    """All by which a record can be known again."""
    known = {"id": id_, "doi": doi_, "title": normalise_title(title)}
    return [(kind, name) for kind, name in known.items() if name]


def records_file(review: Review) -> Path | None:
    """The records that come with the gold set, if any."""
    path = review.gold / "records.csv"
    return path if path.is_file() else None
