"""From what a file says to judgements in the ledger: each row is matched to a record, or listed with the reason."""

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...core.errors import BadInput
from ...core.judgement import Answer, Decision, Judgement, Stage, Value
from ...ledger import (
    PEOPLE,
    Ledger,
    Lookup,
    NewJudgement,
    NewLabelFile,
    add_label_file,
    add_numbered,
    reads,
    supersede_parts,
    void_queues,
)
from ...ledger.store import Connection
from ...protocol import Review, StageProtocol
from ...records import Entry, Record, normalise_title, plain_entry, titles_agree
from ...reviewers import decide
from ...stages import agreement_of, by_record, canonical_reviewer_name, check_resolvers, count_agreement
from .decision_file import DecisionFile, DecisionRow, Opinion
from .formats import read_decisions

Key = tuple[str, str, str]
"""Record, reviewer, role."""


@dataclass
class EnteredDecisions:
    """What became of a file of decisions. `unjudged` rows hold no decision, `agreement` is that of all people so far.

    `number` is the one by which it can be taken back; None where nothing was entered.
    """

    format: str
    entered: int = 0
    unchanged: int = 0
    unjudged: int = 0
    rejected: list[tuple[int, str]] = field(default_factory=list)
    reviewers: dict[str, dict[str, Any]] = field(default_factory=dict)
    agreement: dict[str, Any] | None = None
    remarks: list[str] = field(default_factory=list)
    number: int | None = None

    def as_json(self) -> dict[str, Any]:
        """Return what `label --json` prints."""
        rejected = [{"row": row, "reason": why} for row, why in self.rejected]
        return {"format": self.format, "entered": self.entered, "unchanged": self.unchanged, "unjudged": self.unjudged,
                "rejected": rejected, "reviewers": self.reviewers, "agreement": self.agreement,
                "remarks": self.remarks}  # fmt: skip


def enter_labels(
    ledger: Ledger,
    review: Review,
    stage: Stage,
    path: Path,
    reviewer: str | None = None,
    *,
    columns: Mapping[str, str] | None = None,
    decision: Decision | None = None,
) -> EnteredDecisions:
    """Enter people's decisions, all or none. A row without a record, or rows that differ, are listed, not entered.

    `reviewer` names who decided where the file does not; of a file that names several it is the one to take.
    Raises `BadInput` for a file that cannot be used, a name that a machine reviewer has, an adjudication by somebody whom
    the protocol does not let resolve, and for extraction, where a decision fills no form.
    """
    protocol = review.stage(stage)
    if stage is Stage.EXTRACTION:
        raise BadInput(
            "--stage extraction: a decision fills no form; extract in the browser, `screener adjudicate --reviewer NAME`"
        )
    file = _named(path, read_decisions(path, columns or {}, decision), reviewer)
    names = canonical_reviewer_name(ledger, review, [name or "" for name in file.reviewers])
    adjudicators = {
        names[opinion.reviewer or ""] for row in file.rows for opinion in row.opinions if opinion.role == "adjudicator"
    }
    check_resolvers(review, stage, sorted(adjudicators))
    with ledger.read() as connection:
        records = {record.id: record for record in reads.records(connection)}
        present = _present(connection, stage)
    result = EnteredDecisions(file.format)
    decided, clashing = _decided(file, names, protocol, _Matcher(Lookup(ledger), records, file.foreign_ids), result)
    fresh: list[NewJudgement] = []
    for (record_id, name, role), judgement in decided.items():
        counts = result.reviewers.setdefault(name, {"role": role, "entered": 0, "unchanged": 0})
        earlier = present.get((record_id, name, role))
        if earlier is not None and all(old == judgement for old in earlier.values()):
            result.unchanged, counts["unchanged"] = result.unchanged + 1, counts["unchanged"] + 1
            continue
        result.entered, counts["entered"] = result.entered + 1, counts["entered"] + 1
        fresh.append(NewJudgement(record_id, records[record_id].text_hash, stage, name, role, judgement))
    if fresh:
        imported = NewLabelFile(stage, str(path), hashlib.sha256(path.read_bytes()).hexdigest(), file.format)
        result.number = _write(ledger, imported, fresh, records)
    if any(records[name].aliases for name in clashing):
        result.remarks.append("rows that differ may be works merged by mistake: check `screener dedup list`")
    result.reviewers = dict(sorted(result.reviewers.items()))
    _compare(ledger, stage, result)
    return result


def _present(connection: Connection, stage: Stage) -> dict[Key, dict[str, Judgement]]:
    """Return the judgements of a stage by record, reviewer and role.

    Each by the id under which it was judged: a record that was merged may have one of each part.
    """
    present: dict[Key, dict[str, Judgement]] = defaultdict(dict)
    current_ids = reads.current_ids(connection)
    for old in reads.judgements(connection, stage):
        key = current_ids.get(old.record_id, old.record_id), old.reviewer, old.role
        present[key][old.record_id] = old.judgement
    return present


def _decided(
    file: DecisionFile, names: Mapping[str, str], protocol: StageProtocol, matcher: "_Matcher", result: EnteredDecisions
) -> tuple[dict[Key, Judgement], set[str]]:
    """Return the judgements that the rows amount to, and the records on which rows of one person differ.

    Rows that decide nothing are counted in `result`; those that cannot be used, or differ, are listed there.
    """
    first: dict[Key, tuple[int, Judgement]] = {}
    clashing: set[Key] = set()
    for row in file.rows:
        try:
            if row.fault:
                raise BadInput(row.fault)
            if not row.opinions:
                result.unjudged += 1
                continue
            record_id = matcher.record_of(row)
            judged = [(opinion, _judgement(opinion, row.answers, protocol)) for opinion in row.opinions]
        except BadInput as error:
            result.rejected.append((row.number, str(error)))
            continue
        for opinion, judgement in judged:
            key = (record_id, names[opinion.reviewer or ""], opinion.role)
            if key in first and first[key][1].decision is not judgement.decision:
                clashing.add(key)
                who = f"{opinion.reviewer}: " if len(file.reviewers) > 1 else ""
                why = f"{who}{record_id} has another decision in row {first[key][0]}; neither is entered"
                result.rejected.append((row.number, why))
            else:
                first.setdefault(key, (row.number, judgement))
    decided = {key: judgement for key, (_, judgement) in first.items() if key not in clashing}
    return decided, {record_id for record_id, _, _ in clashing}


def _write(ledger: Ledger, file: NewLabelFile, fresh: Sequence[NewJudgement], records: Mapping[str, Record]) -> int:
    """Enter the judgements and return the file's number; of a record that others were merged into, one counts for all
    its parts.
    """
    stage, superseded = file.stage, list[int]()
    with ledger.write() as connection:
        entered = add_numbered(connection, fresh)
        void_queues(connection, stage)
        merged: dict[tuple[str, str], list[str]] = defaultdict(list)
        for entry in fresh:
            if records[entry.record_id].aliases:
                merged[entry.reviewer, entry.role].append(entry.record_id)
        for (who, role), ids in merged.items():
            superseded += supersede_parts(connection, stage, who, role, ids)
        return add_label_file(connection, file, entered, superseded)


def _named(path: Path, file: DecisionFile, reviewer: str | None) -> DecisionFile:
    """Return the same with everybody named, and only the reviewer asked for where the file names several."""
    names = list(file.reviewers)
    named = [name for name in names if name is not None]
    if len(named) > 1 and reviewer is not None:
        if reviewer not in named:
            raise BadInput(f"--reviewer: {path} names {', '.join(named)}; take one of them, or all without --reviewer")
        rows = tuple(
            DecisionRow(row.number, row.record, tuple(o for o in row.opinions if o.reviewer == reviewer), row.answers, row.fault)
            for row in file.rows
        )  # fmt: skip
        return DecisionFile(file.format, rows, file.foreign_ids)
    if None in names and reviewer is None:
        raise BadInput(f"{path}: does not name who decided; name them with --reviewer NAME")
    if reviewer is None:
        return file
    renamed = named[:1] if len(names) == 1 else []
    rows = tuple(
        DecisionRow(row.number, row.record, tuple(
            Opinion(o.decision, reviewer if o.reviewer is None or o.reviewer in renamed else o.reviewer, o.role, o.reason)
            for o in row.opinions), row.answers, row.fault)
        for row in file.rows
    )  # fmt: skip
    return DecisionFile(file.format, rows, file.foreign_ids)


class _Matcher:
    """Finds the record that a row means. `foreign`: the file's ids are those of another tool."""

    def __init__(self, lookup: Lookup, records: Mapping[str, Record], foreign: bool) -> None:
        self._lookup, self._records, self._foreign = lookup, records, foreign

    def record_of(self, row: DecisionRow) -> str:
        """Return the id of the one record that a row means; raises `BadInput` where there is none.

        An id counts only if the titles agree, where the row has one: tools number their records by themselves.
        """
        entry = plain_entry(row.record)
        match = self._lookup.find(entry)
        if match is not None and entry.title and entry.given_id is not None:
            by_id = self._lookup.find(entry.model_copy(update={"doi": None, "pmid": None, "title": ""}))
            agree = titles_agree(normalise_title(entry.title), normalise_title(self._records[match].title))
            if by_id == match and not agree:
                match = self._lookup.find(entry.model_copy(update={"given_id": None}))
                if match is None and not self._foreign:
                    raise BadInput(f"id {entry.given_id} is a record with another title")
        if match is None:
            raise BadInput(f"no one record matches {self._name_of(entry)}")
        return match

    def _name_of(self, entry: Entry) -> str:
        names = {"id": entry.given_id, "doi": entry.doi, "pmid": entry.pmid, "title": entry.title}
        if self._foreign:
            del names["id"]
        return next((f"{kind} {value}" for kind, value in names.items() if value), "nothing")


def _judgement(opinion: Opinion, cells: Mapping[str, Any], protocol: StageProtocol) -> Judgement:
    answers: dict[str, Answer] = {}
    for criterion in protocol.criteria:
        word = str(cells.get(criterion.id) or "").strip().lower()
        if word and word not in {value.value for value in Value}:
            raise BadInput(f"{criterion.id}: `{word}` is none of yes, no, unclear")
        if word:
            answers[criterion.id] = Answer(value=Value(word))
    if len(answers) == len(protocol.criteria) and decide(protocol, answers) is not opinion.decision:
        raise BadInput(f"the decision is {opinion.decision}, but the criteria give {decide(protocol, answers)}")
    return Judgement(decision=opinion.decision, answers=answers, stated=not answers, reason=opinion.reason)


def _compare(ledger: Ledger, stage: Stage, result: EnteredDecisions) -> None:
    """Note how far the people agree whose judgements are in the ledger, and adjudications where nobody disagrees."""
    with ledger.read() as connection:
        current_ids = reads.current_ids(connection)
        rows = list(reads.judgements(connection, stage, roles=PEOPLE))
    judged = by_record(rows, current_ids)
    counts = count_agreement(judged.values(), stage)
    if counts.incomplete:
        result.remarks.append(
            f"on {counts.incomplete:,} {'report' if counts.incomplete == 1 else 'reports'} somebody excludes without naming a criterion: they are not final; name it in "
            "a file with a column for each criterion, or in `screener adjudicate --reviewer NAME`"
        )
    if not counts.records:
        return
    result.agreement = counts.as_json()
    adjudications = {
        current_ids.get(row.record_id, row.record_id): row.judgement.decision.kept
        for row in rows
        if row.role == "adjudicator"
    }
    against = [
        {row.judgement.decision.kept for row in judged[name]} != {not_excluded}
        for name, not_excluded in adjudications.items()
        if name in judged
        and len({row.reviewer for row in judged[name]}) > 1
        and agreement_of(judged[name], stage).decision
    ]
    if against:
        result.remarks.append(
            f"{len(against)} adjudications of records without a conflict, {sum(against)} of them against everybody: "
            "is the adjudicator's column in the order of the rows?"
        )
