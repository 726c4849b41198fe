"""The gold set: reference labels in `gold/`, split into `dev` and `test`, entered in the ledger as a reviewer."""

import csv
import hashlib
import io
import math
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from operator import itemgetter
from pathlib import Path
from typing import Literal

from ..core.errors import BadInput, together
from ..core.judgement import Answer, Decision, Drawn, Judgement, Stage, Value
from ..ledger import Ledger, Lookup, NewJudgement, add_judgements, current_ids_of, in_parts, labelled_ids, reads
from ..ledger.store import Connection
from ..protocol import Examples, GoldSpec, Lock, Review, gold_spec, records_file, values_as_asked
from ..records import Entry, decode, doi, normalise_title, same_title
from ..stages import PlacedLabel

REVIEWER = "gold"
Split = Literal["dev", "test"]
_AT_ONCE = 5_000
"""How many labels are put into the ledger at a time."""


@dataclass(frozen=True)
class Label:
    """One gold label. `final` is the review's final inclusion where it is known too.

    `weight` (1/chance of having been drawn) and `stratum` are those of a stratified draw.
    """

    id: str
    decision: Decision
    answers: Mapping[str, Value]
    final: Decision | None = None
    split: Split | None = None
    weight: float = 1.0
    stratum: str = ""


@dataclass(frozen=True)
class GoldSet:
    """The labels of one stage. `version` is the hash of the files they came from, `records` the file of the records."""

    spec: GoldSpec
    stage: Stage
    labels: tuple[Label, ...]
    version: str
    records: Path | None = None
    named: Mapping[str, Entry] = field(default_factory=dict)
    not_asked: int = 0
    """How many answers of the file are set to `not_asked`, since what their criterion presupposes is answered `no`."""
    """What the rows themselves say of their records, where they say more than the id."""

    @property
    def lock(self) -> Lock | None:
        """Return the lock of this stage's labels, if they are locked."""
        return self.spec.locked.get(self.stage)

    @property
    def labellers(self) -> frozenset[str]:
        """Return who set the locked labels, by judging or adjudicating; empty where they are not locked."""
        return frozenset((*self.lock.reviewers, *self.lock.adjudicators)) if self.lock else frozenset()

    @cached_property
    def entries(self) -> Mapping[str, Entry]:
        """Return what `gold/records.csv` says of the records, by label id; read when first asked for."""
        from ..records import read_file  # with all readers of all formats

        hits = read_file(self.records).hits if self.records is not None else ()
        return {**self.named, **{hit.entry.given_id: hit.entry for hit in hits if hit.entry.given_id is not None}}

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


def load_gold(review: Review, stage: Stage) -> GoldSet | None:
    """Return the gold labels of a stage, or None where there are none. Faulty rows are a `BadInput` with their lines.

    Files that have not changed since are not read through again.
    """
    spec, path = gold_spec(review), review.gold / f"{stage}.csv"
    lock = spec.locked.get(stage) if spec is not None else None
    unfinished = unfinished_lock(path, lock) if lock is not None else None
    if unfinished is None and not path.is_file():
        return None
    if spec is None:
        raise BadInput(f"{path}: there are labels but no {review.gold / 'gold.yaml'} to say what they are")
    protocol = review.stage(stage)
    criteria = tuple(criterion.id for criterion in protocol.criteria)
    raw, records = path.read_bytes() if unfinished is None else unfinished, records_file(review)
    if lock is not None:
        _refuse_changed(path, raw, lock)
    digest = lock.sha256 if lock else hashlib.sha256(raw + (review.gold / "gold.yaml").read_bytes()).hexdigest()
    stamp = (records.stat().st_mtime_ns, records.stat().st_size) if records else None
    files = _Files(path, raw, digest[:16], records, stamp)
    return _read_gold(files, spec.of(stage).model_dump_json(), stage, criteria, protocol.presupposed)


def unfinished_lock(path: Path, lock: Lock) -> bytes | None:
    """Return the labels of a lock that was interrupted before they took their place; None where it was not.

    Then the labels are missing, or still those of an earlier version, each of which is kept; and this version is kept too.
    """
    there = path.read_bytes() if path.is_file() else None
    if there is not None and hashlib.sha256(there).hexdigest() == lock.sha256:
        return None
    kept = {file.name: file.read_bytes() for file in (path.parent / "locked").glob(f"{path.stem}-*.csv")}
    locked = kept.pop(f"{path.stem}-{lock.version}.csv", b"")
    if hashlib.sha256(locked).hexdigest() != lock.sha256:
        return None
    return locked if there is None or there in kept.values() else None


@dataclass(frozen=True)
class _Files:
    """A file of labels as it was read, with its version; and that of the records, with its time and size."""

    path: Path
    raw: bytes
    version: str
    records: Path | None
    records_stamp: tuple[int, int] | None


@lru_cache(maxsize=4)
def _read_gold(
    files: _Files, spec_json: str, stage: Stage, criteria: tuple[str, ...], presupposed: tuple[tuple[str, str], ...]
) -> GoldSet:
    """Return the gold set in these bytes. All that it depends on is an argument, the state of the records' file too."""
    path = files.path
    spec = GoldSpec.model_validate_json(spec_json)
    labels: dict[str, Label] = {}
    named: dict[str, Entry] = {}
    mistakes: list[BadInput] = []
    with io.StringIO(decode(path, files.raw, []), newline="") as file:
        reader = csv.DictReader(file)
        for column in ("id", "decision"):
            if column not in (reader.fieldnames or ()):
                raise BadInput(f"{path}:1: the column `{column}` is missing")
        # Of many labels few say different things: each of these is read and checked once.
        columns = [c for c in (*criteria, *_COLUMNS) if c in (reader.fieldnames or ())]
        texts, contents = itemgetter("decision", *columns), dict[tuple[str | None, ...], LabelContent]()
        for row in reader:
            name, location = (row["id"] or "").strip(), f"{path}:{reader.line_num}"
            try:
                if not name:
                    raise BadInput(f"{location}: a label needs an id and a decision")
                if name in labels:
                    raise BadInput(f"{location}: the id `{name}` appears twice; keep one label of it")
                if (content := contents.get(key := texts(row))) is None:
                    content = contents[key] = _read_label(row, criteria, spec.drawn, location)
            except BadInput as error:
                mistakes.append(error)
                continue
            labels[name] = Label(name, *content)
            identifiers = {key: text for key in ("doi", "pmid", "title") if (text := row.get(key))}
            if identifiers:
                from ..records import plain_entry

                named[name] = plain_entry({"given_id": name, **identifiers})
    if mistakes:
        raise together(mistakes)
    not_asked, read = 0, tuple(labels.values())
    if presupposed:
        asked = [replace(label, answers=values_as_asked(presupposed, label.answers)) for label in read]
        not_asked = sum(_set_not_asked(before, after) for before, after in zip(read, asked, strict=True))
        read = tuple(asked)
    return GoldSet(spec, stage, read, files.version, files.records, named, not_asked)


def _set_not_asked(before: Label, after: Label) -> int:
    unasked = [name for name, value in after.answers.items() if value is Value.NOT_ASKED]
    return sum(before.answers.get(name, Value.NOT_ASKED) is not Value.NOT_ASKED for name in unasked)


def _refuse_changed(path: Path, raw: bytes, lock: Lock) -> None:
    digest = hashlib.sha256(raw).hexdigest()
    if digest != lock.sha256:
        raise BadInput(
            f"{path}: locked as version {lock.version} with the hash {lock.sha256[:16]}, but now it has {digest[:16]}; put "
            f"{path.parent / 'locked' / f'{path.stem}-{lock.version}.csv'} back, or correct the labels in the ledger and "
            f"make a new version with `screener gold lock --stage {path.stem}`"
        )


_COLUMNS = ("decision", "final_decision", "split", "weight", "stratum")
LabelContent = tuple[Decision, Mapping[str, Value], Decision | None, Split | None, float, str]
"""The fields of `Label` but its id."""


def _read_label(row: Mapping[str, str | None], criteria: Collection[str], drawn: Drawn, location: str) -> LabelContent:
    def one_of(kind: type[Decision] | type[Value], column: str) -> str | None:
        text = (row.get(column) or "").strip().lower()
        if text and text not in kind._value2member_map_:
            raise BadInput(f"{location}: {column}: `{text}` is none of {', '.join(m.value for m in kind)}")
        return text or None

    decision = one_of(Decision, "decision")
    if decision is None:
        raise BadInput(f"{location}: a label needs an id and a decision")
    answers = {column: Value(text) for column in row if column in criteria and (text := one_of(Value, column))}
    final = one_of(Decision, "final_decision")
    split = (row.get("split") or "").strip()
    if split not in ("", "dev", "test"):
        raise BadInput(f"{location}: split: `{split}` is neither dev nor test")
    half: Split | None = "dev" if split == "dev" else "test" if split == "test" else None
    weight, stratum = (row.get("weight") or "").strip(), (row.get("stratum") or "").strip()
    if drawn != "stratified":
        return Decision(decision), answers, Decision(final) if final else None, half, 1.0, ""
    try:
        number = float(weight)
    except ValueError:
        number = math.nan
    if not 1 <= number < math.inf:
        raise BadInput(
            f"{location}: weight: `{weight}` is no number from 1 on; a stratified draw needs 1/chance in each row"
        )
    return Decision(decision), answers, Decision(final) if final else None, half, number, stratum


def placed_labels(ledger: Ledger, gold: GoldSet) -> list[PlacedLabel]:
    """Return the labels beside the records that they speak of.

    A label whose id the ledger does not know is looked up by the identifiers in `gold/records.csv`. One whose row has the
    title of another work than the record of its id or DOI has no record.
    """
    with ledger.read() as connection:
        records = dict[str, str | None](current_ids_of(connection, [label.id for label in gold.labels]))
        for name in _with_other_titles(connection, gold, records):
            del records[name]  # whatever else its row says decides
    if len(records) < len(gold.labels):
        lookup = Lookup(ledger)
        for label in gold.labels:
            if label.id not in records:
                records[label.id] = lookup.find(gold.entries.get(label.id) or _named(label.id))
    halves = gold.split
    return [PlacedLabel(label.id, records[label.id], halves[label.id], label.decision) for label in gold.labels]


def _with_other_titles(connection: Connection, gold: GoldSet, records: Mapping[str, str | None]) -> list[str]:
    """Return the labels, by id, whose row has another title than the record of that id."""
    titled = {name: entry.title for name, entry in gold.named.items() if entry.title and records.get(name)}
    if not titled:
        return []
    found = reads.records(connection, {record for name in titled if (record := records[name]) is not None})
    titles: dict[str | None, str] = {record.id: record.title for record in found}
    return [
        name
        for name, title in titled.items()
        if title != (other := titles.get(records[name], "")) and not same_title(title, other)
    ]


def enter_gold(ledger: Ledger, gold: GoldSet) -> dict[str, str]:
    """Put the labels into the ledger once for each version; return the record's id of each label that has one."""
    with ledger.read() as connection:
        entered = labelled_ids(connection, gold.stage, gold.version)
    placed = {label.id: label.record for label in placed_labels(ledger, gold) if label.record is not None}
    fresh = [label for label in gold.labels if label.id in placed and placed[label.id] not in entered]
    if fresh:
        with ledger.write() as connection:
            for some in in_parts(fresh, _AT_ONCE):
                add_judgements(connection, [_row(gold, label, placed[label.id]) for label in some])
    return placed


def _named(name: str) -> Entry:
    return Entry(title="", given_id=name)


def _row(gold: GoldSet, label: Label, record_id: str) -> NewJudgement:
    return NewJudgement(
        record_id,
        text_hash="",
        stage=gold.stage,
        reviewer=REVIEWER,
        role=REVIEWER,
        judgement=as_judgement(label),
        asked=gold.version,
        rule=gold.spec.status,
    )


def as_judgement(label: Label) -> Judgement:
    """Return a label as the judgement that it is."""
    return _as_judgement(label.decision, tuple(label.answers.items()))


@lru_cache(maxsize=1024)
def _as_judgement(decision: Decision, answers: tuple[tuple[str, Value], ...]) -> Judgement:
    # Of many labels few say different things, and a judgement cannot be changed: one object serves all that are equal.
    return Judgement(decision=decision, answers={name: Answer(value=v) for name, v in answers}, stated=not answers)


def shown_records(gold: GoldSet, examples: Examples, half: Split) -> dict[int, str]:
    """Return the gold ids of a half that a prompt shows as examples, by the example's position.

    They are known by id, DOI, title or abstract.
    """
    names_of_half: dict[tuple[str, str], str] = {}
    for name in (name for name, placed in gold.split.items() if placed == half):
        entry = gold.entries.get(name) or _named(name)
        names_of_half |= dict.fromkeys(_names(name, entry.doi, entry.title, entry.abstract), name)
    matches: dict[int, str] = {}
    for position, example in enumerate(examples.all):
        names = _names(example.id, doi(example.doi), example.title, example.abstract)
        match = next((names_of_half[name] for name in names if name in names_of_half), None)
        if match is not None:
            matches[position] = match
    return matches


def refuse_test_records(review: Review, stage: Stage, examples: Examples) -> None:
    """Raise `BadInput` if an example of the prompt is a record of gold's `test` half (`shown_records`).

    What a model was shown with its answer says nothing when it is asked again.
    """
    gold = load_gold(review, stage)
    if gold is None or examples.document is None:
        return
    for position, name in shown_records(gold, examples, "test").items():
        location = ("examples", position)
        raise examples.document.fail(location, f"this is {name}, a record of gold's test half; take one of dev")


def _names(id_: str | None, doi_: str | None, title: str, abstract: str) -> list[tuple[str, str]]:
    """Return all by which a record can be known again."""
    identifiers = {"id": id_, "doi": doi_, "title": normalise_title(title), "abstract": normalise_title(abstract)}
    return [(kind, name) for kind, name in identifiers.items() if name]
