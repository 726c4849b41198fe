"""From what a file says to judgements in the ledger: each row is matched to a record, or listed with the reason."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...core.errors import BadInput
from ...core.judgement import Decision, Judgement, Stage
from ...ledger import (
    PEOPLE,
    Ledger,
    Lookup,
    NewJudgement,
    NewLabelFile,
    StoredJudgement,
    add_label_file,
    add_numbered,
    position,
    reads,
    supersede_parts,
    void_queues,
)
from ...protocol import Review, StageProtocol
from ...records import Record
from ...stages import (
    adjudicated_among,
    against_agreement,
    by_record,
    canonical_reviewer_name,
    check_resolvers,
    count_agreement,
    lacks_reason,
)
from .formats import read_decisions
from .judged_rows import JudgedRows, Key, judged_rows
from .named import with_names


@dataclass(frozen=True)
class LabelOptions:
    """What the user says of a file of decisions.

    `reviewer` names who decided where the file does not, with a role as `NAME:adjudicator`; of a file that names several
    it is the one to take. `columns` maps columns to people, `decision` is that of every row. With `overrule`,
    adjudications against people who agree are entered too.
    """

    reviewer: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    decision: Decision | None = None
    overrule: bool = False

    @property
    def words(self) -> list[str]:
        """Return the options as they stand on a command line."""
        words = ["--reviewer", self.reviewer] if self.reviewer else []
        words += [word for column, name in self.columns.items() for word in ("--column", f"{column}={name}")]
        words += ["--decision", self.decision] if self.decision else []
        return [*words, "--overrule"] if self.overrule else words


@dataclass
class EnteredDecisions:
    """What became of a file of decisions. `unjudged` rows hold no decision, `agreement` is that of all people so far.

    `number` is the one by which it can be taken back; None where nothing was entered. `unused` are the file's columns of
    which nothing was read.
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
    unused: tuple[str, ...] = ()
    stages: dict[str, dict[str, Any] | None] = field(default_factory=dict)
    """Of a file that names its stages: how far people agree at each, as `agreement`."""

    def count(self, name: str, role: str, what: str) -> None:
        """Count one judgement as entered or unchanged; of somebody in both roles, adjudications apart."""
        first = self.reviewers.setdefault(name, {"role": role, "entered": 0, "unchanged": 0})
        if first["role"] != role:
            first = self.reviewers.setdefault(f"{name}:{role}", {"role": role, "entered": 0, "unchanged": 0})
        first[what] += 1
        setattr(self, what, getattr(self, what) + 1)


def enter_labels(
    ledger: Ledger, review: Review, stage: Stage, path: Path, options: LabelOptions | None = None
) -> EnteredDecisions:
    """Enter people's decisions. A row without a record, or rows that differ, are listed, not entered.

    Raises `BadInput` for a file that cannot be used, a name that a machine reviewer has, an adjudication by somebody whom
    the protocol does not let resolve, and for extraction, where a decision fills no form.
    """
    return on_ledger_as_read(path, lambda: _enter(ledger, review, stage, path, options or LabelOptions()))


_ATTEMPTS = 10
"""How often a file is compared anew with a ledger into which others write."""


class MovedOnError(Exception):
    """Others have written into the ledger since it was read."""


def on_ledger_as_read(path: Path, enter: Callable[[], EnteredDecisions]) -> EnteredDecisions:
    """Return what `enter` returns, called anew while it raises `MovedOnError`; `BadInput` when that does not end."""
    for _ in range(_ATTEMPTS):
        with suppress(MovedOnError):
            return enter()
    raise BadInput(f"{path}: others are writing into the ledger; nothing was entered; run the command again")


def _enter(ledger: Ledger, review: Review, stage: Stage, path: Path, options: LabelOptions) -> EnteredDecisions:
    protocol = review.stage(stage)
    if stage is Stage.EXTRACTION:
        raise BadInput(
            "--stage extraction: a decision fills no form; extract in the browser, `screener adjudicate --reviewer NAME`"
        )
    criteria = tuple(criterion.id for criterion in protocol.criteria)
    file = with_names(path, read_decisions(path, options.columns, options.decision, criteria, stage), options.reviewer)
    names = canonical_reviewer_name(ledger, review, [name or "" for name in file.reviewers])
    adjudicators = {
        names[opinion.reviewer or ""] for row in file.rows for opinion in row.opinions if opinion.role == "adjudicator"
    }
    check_resolvers(review, stage, sorted(adjudicators))
    judged = judged_rows(file, names, protocol, Lookup(ledger))
    entry = _Entry(ledger, stage, protocol, {record for record, _, _ in judged.judgements} | judged.clashing)
    result = EnteredDecisions(file.format, unjudged=judged.unjudged, rejected=judged.rejected, unused=file.unused)
    result.remarks += file.remarks
    if file.unused:
        result.remarks.append(f"columns not used: {', '.join(file.unused)}")
    if judged.not_asked:
        result.remarks.append(set_to_not_asked(judged.not_asked))
    fresh = entry.fresh(judged, result)
    fresh = entry.by_third_people(fresh, judged, result)
    if not options.overrule:
        fresh = entry.without_overruling(fresh, judged, result)
    if fresh or entry.unchanged:
        imported = NewLabelFile(
            stage, str(path), hashlib.sha256(path.read_bytes()).hexdigest(), file.format, options.words
        )
        result.number = entry.write(fresh, imported)
    for _, name, role in fresh:
        result.count(name, role, "entered")
    if any(entry.records[name].aliases for name in judged.clashing):
        result.remarks.append("rows that differ may be works merged by mistake: check `screener dedup list`")
    result.reviewers = dict(sorted(result.reviewers.items()))
    result.agreement = compare(ledger, stage, protocol, result.remarks)
    return result


def set_to_not_asked(count: int) -> str:
    """Return what is said of answers to criteria that are not asked."""
    what = "answer is" if count == 1 else "answers are"
    return f"{count:,} {what} set to not_asked: what the criterion presupposes is answered no"


class _Entry:
    """Enters judgements at a stage, beside those that are there."""

    def __init__(self, ledger: Ledger, stage: Stage, protocol: StageProtocol, names: Set[str]) -> None:
        """Read the records of these ids, and what people said of any."""
        self._ledger, self._stage, self._protocol = ledger, stage, protocol
        with ledger.read() as connection:
            self._position = position(connection)
            self.records: Mapping[str, Record] = {record.id: record for record in reads.records(connection, names)}
            self._rows = list(reads.judgements(connection, stage, roles=PEOPLE))
            self._current_ids = reads.current_ids(connection)
        self.unchanged: list[int] = []
        """The numbers of the judgements that the file says too."""

    def fresh(self, judged: JudgedRows, result: EnteredDecisions) -> dict[Key, Judgement]:
        """Return the judgements that are not there yet; those that are count as unchanged in `result`."""
        present: dict[Key, dict[str, StoredJudgement]] = defaultdict(dict)
        for row in self._rows:
            # Each by the id under which it was judged: a record that was merged may have one of each part.
            present[self._current_ids.get(row.record_id, row.record_id), row.reviewer, row.role][row.record_id] = row
        fresh = {}
        for key, (_, judgement) in judged.judgements.items():
            if key in present and all(old.judgement == judgement for old in present[key].values()):
                self.unchanged += [old.id for old in present[key].values()]
                result.count(*key[1:], "unchanged")
            else:
                fresh[key] = judgement
        return fresh

    def by_third_people(
        self, fresh: Mapping[Key, Judgement], judged: JudgedRows, result: EnteredDecisions
    ) -> dict[Key, Judgement]:
        """Leave out adjudications by who has judged the record, where a third person is to resolve; list them as rejected."""
        machine = self._protocol.decided_by.second_reviewer
        if machine is None:
            return dict(fresh)
        judges = {(record, reviewer) for record, reviewer, role in fresh if role == "human"} | {
            (self._current_ids.get(row.record_id, row.record_id), row.reviewer)
            for row in self._rows
            if row.role == "human"
        }
        own = [key for key in fresh if key[2] == "adjudicator" and key[:2] in judges]
        for key in own:
            why = f"{key[1]} has judged {key[0]}; where a person and {machine} differ a third person resolves it"
            result.rejected.append((judged.judgements[key][0], why))
        return {key: judgement for key, judgement in fresh.items() if key not in own}

    def without_overruling(
        self, fresh: Mapping[Key, Judgement], judged: JudgedRows, result: EnteredDecisions
    ) -> dict[Key, Judgement]:
        """Leave out the adjudications against people who agree, once the others are entered; list them as rejected."""
        rows = [
            row for row in self._rows
            if (self._current_ids.get(row.record_id, row.record_id), row.reviewer, row.role) not in fresh
        ]  # fmt: skip
        newest = max((row.id for row in self._rows), default=0)
        rows += [
            StoredJudgement(newest + place, "", record, "", reviewer, role, "human", "", 0, "", judgement)
            for place, ((record, reviewer, role), judgement) in enumerate(fresh.items(), start=1)
        ]
        against = {
            (record.record, record.adjudicator, "adjudicator"): record
            for record in adjudicated_among(rows, self._current_ids, self._stage, self._protocol)
            if record.kind == "against"
        }
        for key in fresh.keys() & against.keys():
            record = against[key]
            why = (
                f"{record.adjudicator} adjudicates {record.record} ({record.decision}) against {' and '.join(record.people)}, "
                "who agree; not entered without --overrule"
            )
            result.rejected.append((judged.judgements[key][0], why))
        result.rejected.sort()
        return {key: judgement for key, judgement in fresh.items() if key not in against}

    def write(self, fresh: Mapping[Key, Judgement], file: NewLabelFile) -> int | None:
        """Enter the judgements and return the file's number; of a merged record, one counts for all its parts.

        Raises `MovedOnError` where the ledger is not any more what the judgements were compared with.
        """
        rows = [
            NewJudgement(record, self.records[record].text_hash, self._stage, reviewer, role, judgement)
            for (record, reviewer, role), judgement in fresh.items()
        ]
        merged: dict[tuple[str, str], list[str]] = defaultdict(list)
        for record, reviewer, role in fresh:
            if self.records[record].aliases:
                merged[reviewer, role].append(record)
        with self._ledger.write() as connection:
            if position(connection) != self._position:
                raise MovedOnError
            entered, superseded = add_numbered(connection, rows), list[int]()
            void_queues(connection, self._stage)
            for (reviewer, role), records in merged.items():
                superseded += supersede_parts(connection, self._stage, reviewer, role, records)
            return add_label_file(connection, file, entered, superseded, self.unchanged)


def compare(ledger: Ledger, stage: Stage, protocol: StageProtocol, remarks: list[str]) -> dict[str, Any] | None:
    """Return how far the people agree whose judgements are in the ledger, None where no two judged the same record.

    Adds to `remarks` the adjudications where nobody disagrees, and the reports excluded without naming a criterion.
    """
    with ledger.read() as connection:
        current_ids = reads.current_ids(connection)
        rows = list(reads.judgements(connection, stage, roles=PEOPLE))
    counts = count_agreement(by_record(rows, current_ids).values(), stage)
    remarks += _without_criterion(rows, current_ids, stage)
    adjudicated = adjudicated_among(rows, current_ids, stage, protocol)
    without_conflict = sum(record.kind != "conflict" and len(record.people) > 1 for record in adjudicated)
    if without_conflict:
        against = sum(map(len, against_agreement(adjudicated).values()))
        remarks.append(
            f"{without_conflict:,} adjudications of records without a conflict, {against:,} of them against everybody: "
            "is the adjudicator's column in the order of the rows?"
        )
    return counts.as_json() if counts.records else None


def _without_criterion(rows: Sequence[StoredJudgement], current_ids: Mapping[str, str], stage: Stage) -> Iterator[str]:
    """Yield what is to be said of reports that somebody excludes without naming a criterion."""
    if stage is not Stage.FULLTEXT:
        return
    newest = {(current_ids.get(row.record_id, row.record_id), row.reviewer, row.role): row for row in rows}
    unnamed: dict[str, bool] = {}
    for (record, _, role), row in newest.items():
        if row.judgement.decision is Decision.EXCLUDE and row.judgement.failed() is None:
            unnamed[record] = unnamed.get(record, False) or (role == "human" and lacks_reason(row.judgement, stage))
    if unnamed:
        silent = sum(unnamed.values())
        waits = f", {silent:,} of them without any reason, so that they are not final" if silent else ""
        yield (
            f"on {len(unnamed):,} {'report' if len(unnamed) == 1 else 'reports'} somebody excludes without naming a criterion"
            f"{waits}: name it in a column `criterion`, in a column for each criterion, or in `screener adjudicate "
            "--reviewer NAME`"
        )
