"""Lock gold: a version of the labels that nobody changes any more, made from people's judgements in the ledger."""

import csv
import hashlib
import io
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from ..core.errors import BadInput
from ..core.files import whole_file
from ..core.judgement import Judgement, Stage
from ..ledger import Ledger, Sample, SampleMember, StoredJudgement, contexts, now, reads
from ..ledger.samples import samples
from ..protocol import DecidedBy, Lock, Review, gold_spec
from ..protocol.instructions_hash import instructions_hash
from ..records import Record
from ..stages import Status, blind_judgements, stand
from .alone import alone
from .labels import GoldSet, Split, load_gold, unfinished_lock

LABELLERS = 2
"""How many independent judgements a gold label needs at least."""


@dataclass(frozen=True)
class LockObstacles:
    """List why gold cannot be locked yet: records that lack judgements, with how many they have, and those in conflict."""

    lacking: Mapping[str, int]
    conflicts: tuple[str, ...]
    needed: int


@dataclass(frozen=True)
class Locked:
    """Hold a version that was locked, or that stands since nothing has changed (`fresh` is false)."""

    lock: Lock
    labels: int
    kept: int
    split: Mapping[str, int]
    fresh: bool
    saved: Path | None = None
    """Where the labels went that were there before."""


@alone
def lock_gold(ledger: Ledger, review: Review, stage: Stage, *, test_share: float = 0.5) -> Locked | LockObstacles:
    """Lock the labels of all gold samples of a stage: write `gold/<stage>.csv` and the lock in `gold/gold.yaml`.

    Refused (`LockObstacles`) while a record lacks judgements or people differ on one. A record keeps the half that an earlier
    version gave it, also after a merge. Raises `BadInput` without a sample, or if the locked file was changed by hand.
    """
    if not 0 < test_share <= 1:
        raise BadInput(f"--test-share: {test_share:g} is no share above 0 and at most 1")
    settled = _settled(ledger, review, stage)
    drawn, members, rows, labels, records = (
        settled.drawn,
        settled.members,
        settled.rows,
        settled.labels,
        settled.records,
    )
    if settled.open.lacking or settled.open.conflicts:
        return settled.open
    earlier = load_gold(review, stage) if (review.gold / "gold.yaml").is_file() else None
    previous_halves = (
        _present(earlier.split, settled.current_ids) if earlier is not None and earlier.lock is not None else {}
    )
    salt = earlier.spec.split.salt if earlier else f"{review.root.name}:{stage}"
    halves = split_by_study(labels, settled.linked, salt, test_share, previous_halves)
    stratified = any(sample.drawn == "stratified" for sample in drawn)
    text = _table(review, stage, labels, records, rows, halves, members if stratified else None)
    labellers = sorted({row.reviewer for name in members for row in rows[name] if row.role == "human"})
    adjudicators = sorted({row.reviewer for name in members for row in rows[name] if row.role == "adjudicator"})
    lock = Lock(
        version=1, sha256=hashlib.sha256(text.encode()).hexdigest(), at=now(), drawn=_how(drawn), drawn_at=drawn[-1].at,
        frame=drawn[0].frame, samples=tuple(sample.id for sample in drawn), reviewers=tuple(labellers),
        adjudicators=tuple(adjudicators), guide=instructions_hash(review, stage), earlier_wording=settled.earlier_wording,
        blinded=dict(settled.blinded),
    )  # fmt: skip
    relevant = sum(judgement.decision.kept for judgement in labels.values())
    half_counts: Counter[str] = Counter(halves.values())
    old = earlier.lock if earlier else None
    compared = ("sha256", "guide", "earlier_wording")
    if old is not None and all(getattr(old, name) == getattr(lock, name) for name in compared):
        if unfinished_lock(review.gold / f"{stage}.csv", old) is not None:
            _write_labels(review.gold / f"{stage}.csv", text)
        return Locked(old, len(labels), relevant, half_counts, fresh=False)
    lock = lock.model_copy(update={"version": (old.version if old else 0) + 1})
    return Locked(
        lock, len(labels), relevant, half_counts, fresh=True, saved=_write(review, stage, text, lock, earlier)
    )


def missing(ledger: Ledger, review: Review, stage: Stage) -> LockObstacles:
    """Return what is missing before gold can be locked; nothing is written. Raises `BadInput` without a sample."""
    return _settled(ledger, review, stage).open


@dataclass(frozen=True)
class _Settled:
    """Hold the gold samples of a stage with their outcome: the settled `labels`, and what is `open`."""

    drawn: Sequence[Sample]
    members: Mapping[str, SampleMember]
    rows: Mapping[str, Sequence[StoredJudgement]]
    blinded: Mapping[str, int]
    earlier_wording: int
    current_ids: Mapping[str, str]
    records: Mapping[str, Record]
    linked: Sequence[tuple[str, str]]
    labels: Mapping[str, Judgement]
    open: LockObstacles


def _settled(ledger: Ledger, review: Review, stage: Stage) -> _Settled:
    with ledger.read() as connection:
        drawn = samples(connection, stage, "gold")
        if not drawn:
            raise BadInput(
                f"there is no gold sample at {stage.label.lower()}; draw one with `screener gold sample --stage {stage}`"
            )
        members = {member.record_id: member for sample in drawn for member in sample.counted}
        rows, blinding = blind_judgements(connection, stage, members)
        records = {record.id: record for record in reads.records(connection, members)}
        linked = reads.same_study(connection)
        current_ids = reads.current_ids(connection)
        newest = {(name, row.role, row.reviewer): row.id for name, record_rows in rows.items() for row in record_rows}
        instructions = [context.protocol for context in contexts(connection, list(newest.values())).values()]
    blinded = Counter(
        blinding.get(row.id, "not known") for record_rows in rows.values() for row in record_rows if row.role == "human"
    )
    members = {name: member for name, member in members.items() if name in records}
    rule = DecidedBy(humans=max(LABELLERS, review.stage(stage).decided_by.humans))
    labels: dict[str, Judgement] = {}
    lacking: dict[str, int] = {}
    conflicts = []
    for name in members:
        people = {row.reviewer for row in rows[name] if row.role == "human"}
        standing = stand(rule, rows[name], stage=stage, decision_alone=True)
        if len(people) < rule.humans:
            lacking[name] = len(people)
        elif standing.status is Status.CONFLICT:
            conflicts.append(name)
        elif standing.judgement is not None:
            labels[name] = _agreed(standing.judgement, rows[name])
    open_ = LockObstacles(lacking, tuple(conflicts), rule.humans)
    earlier = sum(
        instructions_of_row not in (None, instructions_hash(review, stage)) for instructions_of_row in instructions
    )
    return _Settled(drawn, members, rows, blinded, earlier, current_ids, records, linked, labels, open_)


def _present(split: Mapping[str, Split], current_ids: Mapping[str, str]) -> dict[str, Split]:
    """Return the halves by the present ids of the records.

    Of two that were merged one was learned from, so both are dev.
    """
    halves: dict[str, Split] = {}
    for name, half in split.items():
        record_id = current_ids.get(name, name)
        halves[record_id] = "dev" if "dev" in (half, halves.get(record_id)) else half
    return halves


def _agreed(judgement: Judgement, rows: Sequence[StoredJudgement]) -> Judgement:
    """Return the judgement with those answers that an adjudication gave or that all people gave alike."""
    if any(row.role == "adjudicator" for row in rows):
        return judgement
    newest = {row.reviewer: row.judgement for row in rows}.values()
    answers = {
        name: answer
        for name, answer in judgement.answers.items()
        if all(name in given.answers and given.answers[name].value is answer.value for given in newest)
    }
    return judgement.model_copy(update={"answers": answers})


def split_by_study(
    labels: Mapping[str, Judgement],
    linked: Sequence[tuple[str, str]],
    salt: str,
    test_share: float,
    previous: Mapping[str, Split],
) -> dict[str, Split]:
    """Return `dev` or `test` for each record: studies whole, within each class in the order of salted hashes.

    Reports of one study never cross the halves. A study of which a record has a half already gets that half; if it has
    both, since it was linked later, dev: what was learned from once is no test.
    """
    parent = {name: name for name in labels}

    def root(name: str) -> str:
        while parent[name] != name:
            name = parent[name]
        return name

    for a, b in linked:
        if a in parent and b in parent:
            parent[root(a)] = root(b)
    studies: dict[str, list[str]] = defaultdict(list)
    for name in labels:
        studies[root(name)].append(name)
    halves: dict[str, Split] = {}
    classes: dict[bool, list[list[str]]] = defaultdict(list)
    counts: dict[bool, Counter[str]] = defaultdict(Counter)
    for names in studies.values():
        kind = any(labels[name].decision.kept for name in names)
        previous_halves = {previous[name] for name in names if name in previous}
        placed: Split | None = "dev" if "dev" in previous_halves else next(iter(previous_halves), None)
        if placed is None:
            classes[kind].append(sorted(names))
        else:
            halves |= dict.fromkeys(names, placed)
            counts[kind][placed] += len(names)
    for kind, units in classes.items():
        units.sort(key=lambda names: hashlib.sha256(f"{salt}:{names[0]}".encode()).hexdigest())
        for names in units:
            placed_counts = counts[kind]
            # An odd one out goes to test: what is tested can never be too much.
            half: Split = "test" if placed_counts["test"] <= (placed_counts.total()) * test_share else "dev"
            halves |= dict.fromkeys(names, half)
            placed_counts[half] += len(names)
    return halves


def _how(drawn: Sequence[Sample]) -> str:
    """Return how the samples were drawn as one: random only if each was, from what the one before had left of one frame."""
    kinds = {sample.drawn for sample in drawn}
    if kinds == {"random"}:
        frames = [sample.frame + int(sample.about["earlier"]) for sample in drawn]
        return "random" if len(set(frames)) == 1 else "chosen"
    return "stratified" if kinds == {"stratified"} and len(drawn) == 1 else "chosen"


def _table(
    review: Review,
    stage: Stage,
    labels: Mapping[str, Judgement],
    records: Mapping[str, Record],
    rows: Mapping[str, Sequence[StoredJudgement]],
    halves: Mapping[str, Split],
    weighted: Mapping[str, SampleMember] | None,
) -> str:
    criteria = [criterion.id for criterion in review.stage(stage).criteria]
    extra = ["weight", "stratum"] if weighted is not None else []
    columns = ["id", "doi", "pmid", "title", *criteria, "decision", "labelled_by", "adjudicated_by", "split", *extra]
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, columns, lineterminator="\n")
    writer.writeheader()
    for name in sorted(labels):
        judgement, record = labels[name], records[name]
        newest = {(row.role, row.reviewer): row for row in rows[name]}
        decisions = {role: [f"{row.reviewer}: {row.judgement.decision}" for (kind, _), row in newest.items() if kind == role]
                for role in ("human", "adjudicator")}  # fmt: skip
        row = {
            "id": name, "doi": record.doi or "", "pmid": record.pmid or "", "title": record.title,
            **{criterion: judgement.answers[criterion].value.value for criterion in criteria if criterion in judgement.answers},
            "decision": judgement.decision.value, "labelled_by": "; ".join(decisions["human"]),
            "adjudicated_by": "; ".join(decisions["adjudicator"]), "split": halves[name],
        }  # fmt: skip
        if weighted is not None:
            row |= {"weight": f"{weighted[name].weight:.6g}", "stratum": weighted[name].stratum}
        writer.writerow(row)
    return file.getvalue()


def _write(review: Review, stage: Stage, text: str, lock: Lock, earlier: GoldSet | None) -> Path | None:
    """Write a copy of this version, the lock, and the labels; what was there before is kept beside the versions.

    In this order, so that whoever reads after an interruption finds the labels before or those of the lock, whole.
    """
    path, folder = review.gold / f"{stage}.csv", review.gold / "locked"
    folder.mkdir(parents=True, exist_ok=True)
    saved = None
    if path.is_file() and (earlier is None or earlier.lock is None):
        saved = folder / f"{stage}-before.csv"
        with whole_file(saved) as partial:
            partial.write_bytes(path.read_bytes())
    _write_labels(folder / f"{stage}-{lock.version}.csv", text)
    spec, described = gold_spec(review), review.gold / "gold.yaml"
    locks = {**(spec.locked if spec else {}), stage: lock}
    block = yaml.safe_dump(
        {"locked": {name.value: stage_lock.model_dump(mode="json") for name, stage_lock in locks.items()}}, sort_keys=False, width=120
    )  # fmt: skip
    text_ = described.read_text(encoding="utf-8") if described.is_file() else _DESCRIBED.format(name=review.root.name)
    text_ = re.sub(r"^locked:.*\n(?:[ \t].*\n|\n)*", "", text_ if text_.endswith("\n") else text_ + "\n", flags=re.M)
    with whole_file(described) as partial:
        partial.write_text(text_ + block, encoding="utf-8")
    _write_labels(path, text)
    return saved


def _write_labels(target: Path, text: str) -> None:
    with whole_file(target) as partial:
        partial.write_text(text, encoding="utf-8", newline="")
        partial.chmod(0o444)


_DESCRIBED = """\
# What the labels in this folder are. What is locked below is human; `status` is that of everything else.
name: {name}
status: provisional
split: {{salt: "{name}"}}
"""
