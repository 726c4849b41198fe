"""Compare a reviewer with gold or with another reviewer: figures with intervals, and every difference by name."""

import shlex
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ..core.errors import BadInput
from ..core.judgement import Judgement, Stage
from ..gold import (
    REVIEWER,
    GoldSet,
    Label,
    Part,
    Split,
    as_judgement,
    dev_parts,
    load_gold,
    placed_labels,
    shown_in_prompt,
)
from ..ledger import Ledger, Snapshot, reads, reports
from ..ledger.tuned import tuning_counts
from ..protocol import Review, read_examples
from ..records import Record
from ..stages import Present, Ratings, half_of
from .agreement import ratings_of
from .figures import JudgedPair, stability
from .gate_checks import shown_split
from .result import Evaluation


@dataclass(frozen=True)
class PresentJudgements:
    """Hold one reviewer's present judgements of some records, by record id, without reasons and evidence."""

    first: dict[str, Judgement]
    rows: dict[str, int]
    """Where each stands in the ledger, in full."""
    repeats: tuple[dict[str, Judgement], ...]
    """Its judgements of each repeat, the first among them."""
    fitted: bool
    """Whether a judgement comes from a reviewer that was fitted to labels."""
    calibrated: bool
    """Whether one comes from a chat reviewer that was calibrated on the part `tune` of gold dev."""


@dataclass(frozen=True)
class Measure:
    """Hold a half of the gold set with the records of its labels; several reviewers can be compared with it."""

    gold: GoldSet
    split: Split
    labels: dict[str, Label]
    """The label that counts, by its record's id."""
    unplaced: tuple[str, ...]
    """Labels that match no record."""
    contradictory: tuple[str, ...]
    """Labels that are left out, since their record was merged with one that has another label."""
    learned: tuple[str, ...]
    """Labels of `test` that are left out, since their record was merged with one of `dev`."""
    records: dict[str, Record]
    examples: tuple[str, ...] = ()
    """Labels that are left out, since the prompt shows their records (or others of their studies) as examples."""
    parts: Mapping[str, Part] = field(default_factory=dict)
    """The part of `dev` that each record is in; empty of `test`."""

    def of_part(self, part: Part) -> "Measure":
        """Return the labels of one part of `dev` alone."""
        labels = {record: label for record, label in self.labels.items() if self.parts[record] == part}
        return replace(self, labels=labels, unplaced=(), contradictory=(), examples=())


def measure(source: Ledger | Snapshot, review: Review, stage: Stage, split: Split) -> Measure:
    """Return gold of a stage on a split and its records; `BadInput` where there is none."""
    gold, snapshot = load_gold(review, stage), Snapshot.of(source)
    if gold is None:
        raise BadInput(f"{review.gold / f'{stage}.csv'}: there is no gold for this stage; use --reference REVIEWER")
    all_placed = placed_labels(snapshot.ledger, gold)
    half = half_of(all_placed, split)
    by_id = {label.id: label for label in gold.labels}
    labels = {record: by_id[placed.id] for record, placed in half.labels.items()}
    # An example of dev may be of one study with a record of test.
    everything = {placed.record: by_id[placed.id] for placed in all_placed if placed.record is not None}
    in_prompt = read_examples(review, review.stage(stage))
    shown = shown_in_prompt(gold, in_prompt, everything, snapshot.same_study) & labels.keys()
    parts: Mapping[str, Part] = {}
    if split == "dev":
        parts = dev_parts(review, labels, snapshot.same_study)
    examples = tuple(labels.pop(record).id for record in sorted(shown))
    # Only what the labels speak of is read.
    records = _records(snapshot, stage, labels)
    return Measure(gold, split, labels, half.unplaced, half.contradictory, half.learned, records, examples, parts)


def evaluate(
    source: Ledger | Snapshot,
    review: Review,
    stage: Stage,
    reviewer: str,
    reference: str = REVIEWER,
    split: Split | None = None,
    *,
    shown: int | None = None,
) -> Evaluation:
    """Compare a reviewer with gold or with another reviewer over what both judged.

    Without a `split`, gold is its half `test`, or `dev` while test results are withheld (`gate_checks.shown_split`). With
    `shown` only so many of the pairs that differ are read in full. Raises `BadInput` where one of the two has judged nothing.
    """
    if reviewer == reference:
        raise BadInput(f"--reference: {reviewer} against itself says nothing; name two reviewers")
    snapshot = Snapshot.of(source)
    if reference == REVIEWER:
        half, remark = shown_split(snapshot, review, stage, (reviewer,), split)
        result = against(snapshot, review, measure(snapshot, review, stage, half), reviewer, shown=shown)
        return replace(result, remarks=(*result.remarks, remark)) if remark else result
    return between(snapshot, review, stage, (reviewer, reference), shown=shown)


def between(
    source: Ledger | Snapshot,
    review: Review,
    stage: Stage,
    reviewers: tuple[str, str],
    *,
    shown: int | None = None,
    ratings: Ratings | None = None,
) -> Evaluation:
    """Compare a reviewer with another one, who is the reference; `shown` and what is raised as in `evaluate`.

    Two people are compared over what both rated: `ratings`, where they have been asked for already (`ratings_of`).
    """
    snapshot, (reviewer, reference) = Snapshot.of(source), reviewers
    own, rows = (snapshot.latest(stage, name, blind=True) for name in reviewers)
    records = _records(snapshot, stage, own.keys() & rows.keys())
    judged = _judged(snapshot, review, stage, reviewer, records, blind=True)
    judged = _with_all_repeats(judged, snapshot, review, stage, reviewer, blind=True)
    if not rows:
        raise BadInput(f"{reference} has judged nothing at {stage.label.lower()}")
    reference_judgements = {name: row.judgement for name, row in rows.items()}
    remarks: tuple[str, ...] = ()
    if _are_people(snapshot, stage, reviewers):
        ratings = ratings or ratings_of(snapshot, stage)
        judged, reference_judgements = _rated(judged, ratings, reviewer), _rated(judged, ratings, reference).first
        remarks = _called(ratings, reviewers)
    pairs = tuple(
        JudgedPair(records[n], judged.first[n], reference_judgements[n])
        for n in records
        if n in judged.first and n in reference_judgements
    )
    protocol = review.stage(stage)
    machine = _machine_of(snapshot, review, stage, reviewers)
    if machine:
        remarks += (f"This is agreement with a machine, {machine}: neither inter-rater reliability nor accuracy",)
    result = Evaluation(
        stage, protocol, reviewer, reference, "reviewer", "abstract", None, pairs, (), remarks=remarks, machine=machine
    )
    return _completed(snapshot, result, judged, shown)


def _machine_of(snapshot: Snapshot, review: Review, stage: Stage, reviewers: tuple[str, str]) -> str:
    """Return the machine, where a comparison is agreement with one: it is the reference, or one person's second reviewer."""
    reviewer, reference = reviewers
    if (reference, "machine") in snapshot.reviewers(stage):
        return reference
    return reviewer if reviewer == review.stage(stage).decided_by.second_reviewer else ""


def _are_people(snapshot: Snapshot, stage: Stage, names: Sequence[str]) -> bool:
    judging = snapshot.reviewers(stage)
    return all((name, "human") in judging and (name, "machine") not in judging for name in names)


def _rated(judged: PresentJudgements, ratings: Ratings, reviewer: str) -> PresentJudgements:
    """Return what a person rated, in the place of what they say now."""
    rows = {name: row for name, group in ratings.by_record.items() for row in group if row.reviewer == reviewer}
    first = {name: row.judgement for name, row in rows.items()}
    return replace(judged, first=first, rows={name: row.id for name, row in rows.items()}, repeats=(first,))


def _called(ratings: Ratings, names: Sequence[str]) -> tuple[str, ...]:
    return tuple(
        f"{name}: {n:,} judgements of records on which the others differ are left out: who settles a dispute is no rater"
        for name, n in ratings.left_out().items()
        if name in names
    )


def against(
    source: Ledger | Snapshot,
    review: Review,
    measure: Measure,
    reviewer: str,
    *,
    shown: int | None = None,
    with_taught: bool = False,
) -> Evaluation:
    """Compare a reviewer with gold; `BadInput` where it has judged nothing at the stage. `shown` as in `evaluate`.

    Labels that taught the reviewer's calibration are left out, unless its errors are looked at and no accuracy (`with_taught`).
    """
    snapshot, stage = Snapshot.of(source), measure.gold.stage
    judged = _judged(snapshot, review, stage, reviewer, measure.records)
    judged = _with_all_repeats(judged, snapshot, review, stage, reviewer)
    taught = tuple(name for name in measure.labels if judged.calibrated and measure.parts.get(name) == "tune")
    left_out = () if with_taught else taught
    counted = replace(measure, labels={name: label for name, label in measure.labels.items() if name not in left_out})
    result = _against_gold(review, counted, judged.first, reviewer)
    if taught and with_taught:
        remark = f"{reviewer} was calibrated on these labels of the part `tune`: figures of it there flatter"
        result = replace(result, remarks=(*result.remarks, remark))
    elif taught:
        result = replace(result, taught=taught, remarks=(*result.remarks, _taught_remark(reviewer, len(taught))))
    if reviewer in review.protocol.reviewers and (tuned := tuning_counts(snapshot.specifications, stage).sentence):
        result = replace(result, remarks=(*result.remarks, tuned))
    return _completed(snapshot, result, judged, shown)


def _taught_remark(reviewer: str, count: int) -> str:
    return (
        f"{reviewer} was calibrated on the part `tune` of dev: its {count:,} labels are left out, and all figures are of the "
        "part `check`"
    )


def _completed(snapshot: Snapshot, result: Evaluation, judged: PresentJudgements, shown: int | None) -> Evaluation:
    """Return the evaluation with its repeats and studies, and in full the pairs that differ."""
    wrong = {judged.rows[pair.record.id]: pair.record.id for pair in result.wrong[:shown]}
    with snapshot.ledger.read() as connection:
        full = {wrong[row]: judgement for row, judgement in reads.judgements_with(connection, list(wrong)).items()}
    pairs = tuple(
        replace(pair, judged=full[pair.record.id]) if pair.record.id in full else pair for pair in result.pairs
    )
    flattered = f"{result.reviewer} was fitted to labels, and these may be among them: the figures flatter it"
    return replace(
        result,
        pairs=pairs,
        remarks=(*result.remarks, *([flattered] if judged.fitted and result.split != "test" else [])),
        stability=stability(judged.repeats, result.protocol),
        fitted=judged.fitted,
        study_of=_studies(snapshot, {pair.record.id for pair in pairs}),
    )


def _records(snapshot: Snapshot, stage: Stage, ids: Container[str]) -> dict[str, Record]:
    records: Sequence[Record] = snapshot.records(ids)
    if stage is not Stage.ABSTRACT:
        records = reports(snapshot.ledger, records)
    return {record.id: record for record in records}


def _judged(
    snapshot: Snapshot,
    review: Review,
    stage: Stage,
    reviewer: str,
    records: Mapping[str, Record],
    *,
    blind: bool = False,
) -> PresentJudgements:
    """Return the judgements of the records that hold under the present texts and protocol.

    `blind` as in `Snapshot.latest`.
    """
    protocol = review.fingerprint(stage, reviewer) if reviewer in review.protocol.reviewers else None
    holds = Present.of(snapshot, protocol).holding({name: record.text_hash for name, record in records.items()})
    valid = snapshot.latest(stage, reviewer, blind=blind, counts=lambda name, row: name in records and holds(name, row))
    first = {name: row.judgement for name, row in valid.items()}
    repeats = [first]
    if snapshot.repeats(stage, reviewer) > 1:
        asked = {row.asked for row in valid.values()}
        while repeat := snapshot.latest(
            stage, reviewer, len(repeats), counts=lambda name, row: name in first and row.asked in asked
        ):
            repeats.append({name: row.judgement for name, row in repeat.items()})
    by_kind = _fitted_kinds(snapshot, {row.run_id for row in valid.values()})
    rows = {name: row.id for name, row in valid.items()}
    return PresentJudgements(first, rows, tuple(repeats), bool(by_kind - {"chat"}), "chat" in by_kind)


def _with_all_repeats(
    judged: PresentJudgements, snapshot: Snapshot, review: Review, stage: Stage, reviewer: str, *, blind: bool = False
) -> PresentJudgements:
    """Return the judgements of some records with all repeats, whose flips are counted over all that was asked more than once.

    Raises `BadInput` where the reviewer has judged none of these and no others either.
    """
    if judged.first and len(judged.repeats) < 2:
        return judged
    names = snapshot.latest(stage, reviewer, blind=blind)
    # Of a record only the text's hash is asked for.
    records = snapshot.brief_records(names) if stage is Stage.ABSTRACT else _records(snapshot, stage, names).values()
    by_id = {record.id: record for record in records}
    everything = _judged(snapshot, review, stage, reviewer, by_id, blind=blind)
    if not everything.first:
        raise _nothing(review, reviewer, stage)
    return replace(judged, repeats=everything.repeats) if len(everything.repeats) > 1 else judged


def _fitted_kinds(snapshot: Snapshot, runs: set[str]) -> set[str]:
    """Return the kinds of reviewers that were fitted to labels in these runs, or in those of an ensemble's members."""
    specifications = [snapshot.specifications.get(run, {}) for run in runs]
    members = {member for specification in specifications for member in specification.get("members", ())}
    specifications += [snapshot.specifications.get(run, {}) for run in members]
    return {str(specification.get("kind")) for specification in specifications if specification.get("fit")}


def _nothing(review: Review, reviewer: str, stage: Stage) -> BadInput:
    name = shlex.quote(reviewer)
    machine = reviewer in review.protocol.reviewers
    command = (
        f"`screener run --stage {stage} --reviewer {name}`" if machine else f"`screener adjudicate --reviewer {name}`"
    )
    return BadInput(f"{reviewer} has judged nothing at stage {stage} under the present protocol; {command} first")


def _studies(snapshot: Snapshot, ids: Container[str]) -> dict[str, str]:
    """Return the study of each of these records that is linked with another of them, named by one of its records."""
    links = [(a, b) for a, b in snapshot.same_study if a in ids and b in ids]
    parent: dict[str, str] = {}

    def root(name: str) -> str:
        while parent.setdefault(name, name) != name:
            name = parent[name]
        return name

    for a, b in links:
        parent[root(a)] = root(b)
    return {name: root(name) for name in list(parent)}


def _against_gold(review: Review, measure: Measure, judged: dict[str, Judgement], reviewer: str) -> Evaluation:
    gold, pairs, missing = measure.gold, [], []
    remark = f"{reviewer} set these labels: to agree with oneself is no evidence of accuracy"
    remarks = [remark] if reviewer in gold.labellers else []
    remarks += [
        f"{name}: left out, since it was merged with a record that has another gold label"
        for name in measure.contradictory
    ]
    remarks += [f"{name}: left out of test, since it was merged with a record of dev" for name in measure.learned]
    remarks += [
        f"{name}: left out, since the prompt shows it, or a record of its study, as an example"
        for name in measure.examples
    ]
    for record_id, label in measure.labels.items():
        if record_id not in judged:
            missing.append(record_id)
        else:
            record, reference = measure.records[record_id], as_judgement(label)
            pairs.append(JudgedPair(record, judged[record_id], reference, label.final, label.weight, label.stratum))
    return Evaluation(
        gold.stage,
        review.stage(gold.stage),
        reviewer,
        REVIEWER,
        gold.spec.status,
        gold.spec.level,
        measure.split,
        tuple(pairs),
        tuple(missing),
        measure.unplaced,
        tuple(filter(None, [*remarks, _paraphrased(pairs, gold)])),
        drawn=gold.spec.drawn,
        contradictory=measure.contradictory,
    )


def _paraphrased(pairs: Sequence[JudgedPair], gold: GoldSet) -> str:
    """Return what the gold set says of its abstracts, if they are the ones that were judged."""
    count = sum(pair.record.abstract_source.startswith("gold") for pair in pairs)
    description = gold.spec.abstracts
    return f"{count} of {len(pairs)} abstracts: {description}" if description and count else ""
