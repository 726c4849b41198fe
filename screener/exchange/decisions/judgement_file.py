"""Read and enter a file of judgements, as `export --format judgements` writes it: a whole human screening."""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import ValidationError

from ...core.errors import BadInput
from ...core.judgement import Judgement, Stage, Value
from ...ledger import (
    PEOPLE,
    Ledger,
    Lookup,
    NewJudgement,
    NewLabelFile,
    add_contexts,
    add_label_file,
    add_numbered,
    position,
    reads,
    set_tag,
    supersede_parts,
    tidy,
    void_queues,
)
from ...ledger.store import Connection
from ...protocol import Review, with_not_asked
from ...records import Export
from ...stages import canonical_reviewer_name, check_resolvers, check_third_person
from ..judgement_rows import FORMAT, JudgementRow, TagRow
from .decision_file import DecisionRow, person_of
from .enter import EnteredDecisions, LabelOptions, MovedOnError, compare, on_ledger_as_read, set_to_not_asked
from .judged_rows import record_of

Key = tuple[str, Stage, str, str]
"""Record, stage, reviewer, role."""


def is_judgement_file(export: Export) -> bool:
    """Return whether a file's first row is one of a file of judgements."""
    first = export.text.lstrip()[:100_000].partition("\n")[0]
    return first.startswith("{") and f'"{FORMAT.partition("/")[0]}/' in first


@dataclass
class _Rows:
    """The rows of a file, by number; `rejected` are those that cannot be read."""

    judgements: list[tuple[int, JudgementRow]] = field(default_factory=list)
    tags: list[tuple[int, TagRow]] = field(default_factory=list)
    rejected: list[tuple[int, str]] = field(default_factory=list)

    def chosen(self, keep: Callable[[JudgementRow | TagRow], bool]) -> "_Rows":
        """Return the rows for which a condition holds."""
        judgements = [(number, row) for number, row in self.judgements if keep(row)]
        return _Rows(judgements, [(number, row) for number, row in self.tags if keep(row)], self.rejected)


def _read(export: Export) -> _Rows:
    rows = _Rows()
    # Not `splitlines`: a line separator (U+2028) may stand inside a JSON string.
    for number, line in enumerate(filter(str.strip, export.text.split("\n")), start=1):
        try:
            content = _content(line)
            if "tag" in content:
                row = TagRow.model_validate(content)
                tidy(row.tag)
                rows.tags.append((number, row))
            else:
                rows.judgements.append((number, JudgementRow.model_validate(content)))
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            place = ".".join(map(str, first["loc"]))
            rows.rejected.append((number, f"{f'{place}: ' if place else ''}{first['msg']}"))
        except (BadInput, ValueError, RecursionError) as error:
            rows.rejected.append((number, str(error) if isinstance(error, BadInput) else "not a JSON object"))
    return rows


def _content(line: str) -> dict[str, Any]:
    """Return the object in a line; `BadInput` or `ValueError` for one that no ledger can hold."""
    content = json.loads(line, parse_constant=_refused)
    if not isinstance(content, dict):
        raise BadInput("not a JSON object")
    written = json.dumps(content, ensure_ascii=False)
    written.encode()  # half a surrogate pair is no character
    if "\\u0000" in written:
        raise BadInput("a NUL character")
    return content


def _refused(constant: str) -> float:
    raise BadInput(f"{constant} is no number")


def enter_judgements(
    ledger: Ledger, review: Review, stage: Stage | None, export: Export, options: LabelOptions
) -> EnteredDecisions:
    """Enter the judgements of people and their tags that are not there yet, each with its time and how it came about.

    Without `stage` those of all stages. A judgement that somebody has replaced here since is listed, not entered, and so
    is one whose record is not here. Raises `BadInput` for options that such a file leaves no room for, a name that a
    machine has, and an adjudication by somebody whom the protocol does not let resolve.
    """
    if options.columns or options.decision is not None:
        raise BadInput(f"{export.path}: --column and --decision have no meaning here: the file says who decided what")
    return on_ledger_as_read(export.path, lambda: _enter(ledger, review, stage, export, options))


def _enter(
    ledger: Ledger, review: Review, stage: Stage | None, export: Export, options: LabelOptions
) -> EnteredDecisions:
    rows, result = _read(export), EnteredDecisions("judgements")
    result.rejected += rows.rejected
    rows = _as_asked(_wanted(rows, stage, review, options, result), review, result)
    names = canonical_reviewer_name(ledger, review, [row.reviewer for _, row in (*rows.judgements, *rows.tags)])
    for at in {row.stage for _, row in rows.judgements}:
        adjudicators = {
            names[row.reviewer] for _, row in rows.judgements if (row.stage, row.role) == (at, "adjudicator")
        }
        check_resolvers(review, at, sorted(adjudicators))
    _Entry(ledger, review, names, result, export).enter(rows)
    result.rejected.sort()
    result.remarks += _unknown_criteria(rows, review)
    result.reviewers = dict(sorted(result.reviewers.items()))
    for at in sorted({row.stage for _, row in rows.judgements}):
        result.stages[at.value] = result.agreement = compare(ledger, at, review.stage(at), result.remarks)
    if len(result.stages) > 1:
        result.agreement = None
    return result


def _wanted(rows: _Rows, stage: Stage | None, review: Review, options: LabelOptions, result: EnteredDecisions) -> _Rows:
    """Return the rows of the stage and the person asked for; those of a stage that the review does not have are listed."""
    for number, row in (*rows.judgements, *rows.tags):
        if row.stage not in review.protocol.stages:
            result.rejected.append((number, f"the protocol has no stage {row.stage}"))
    wanted = rows.chosen(lambda row: row.stage in review.protocol.stages and stage in (None, row.stage))
    left_out = Counter(row.stage for _, row in rows.judgements if stage not in (None, row.stage))
    result.remarks += [
        f"{n:,} judgements of {other.label.lower()} left out: --stage {stage}" for other, n in left_out.items()
    ]
    if options.reviewer is None:
        return wanted
    name, role = person_of(options.reviewer, "--reviewer")
    people = dict.fromkeys(row.reviewer for _, row in wanted.judgements)
    if name not in people:
        raise BadInput(f"--reviewer: the file names {', '.join(people)}; take one of them, or all without --reviewer")
    roles = {role} if ":" in options.reviewer else set(PEOPLE)
    return wanted.chosen(lambda row: row.reviewer == name and (isinstance(row, TagRow) or row.role in roles))


def _as_asked(rows: _Rows, review: Review, result: EnteredDecisions) -> _Rows:
    """Return the rows with `not_asked` where this protocol does not ask a criterion; how many answers that are is a remark."""
    asked, replaced = list[tuple[int, JudgementRow]](), 0
    for number, row in rows.judgements:
        answers = with_not_asked(review.stage(row.stage), row.answers) if row.answers else {}
        unasked = [name for name, answer in answers.items() if answer.value is Value.NOT_ASKED]
        replaced += sum(name in row.answers and row.answers[name].value is not Value.NOT_ASKED for name in unasked)
        asked.append((number, row.model_copy(update={"answers": answers}) if answers != row.answers else row))
    if replaced:
        result.remarks.append(set_to_not_asked(replaced))
    return replace(rows, judgements=asked)


def _unknown_criteria(rows: _Rows, review: Review) -> list[str]:
    unknown = Counter(
        criterion
        for _, row in rows.judgements
        for criterion in row.answers.keys() - {own.id for own in review.stage(row.stage).criteria}
    )
    return [
        f"{n:,} judgements answer `{criterion}`, which is no criterion of this protocol"
        for criterion, n in unknown.items()
    ]


class _Entry:
    """Enters rows beside what is there. Numbers of the file's judgements become numbers of this ledger."""

    def __init__(
        self, ledger: Ledger, review: Review, names: Mapping[str, str], result: EnteredDecisions, export: Export
    ) -> None:
        self._ledger, self._review = ledger, review
        self._names, self._result, self._export = names, result, export
        self._lookup, self._matches = Lookup(ledger), dict[tuple[object, ...], str | BadInput]()
        self._numbers: dict[int, int] = {}
        self._unchanged = defaultdict[Stage, list[int]](list)
        with ledger.read() as connection:
            self._position = position(connection)
            self._current_ids = reads.current_ids(connection)
            self._hashes = {record.id: record.text_hash for record in reads.records(connection)}
            self._present: dict[Key, list[reads.StoredJudgement]] = defaultdict(list)
            for stage in Stage:
                for row in reads.judgements(connection, stage, roles=PEOPLE):
                    record = self._current_ids.get(row.record_id, row.record_id)
                    self._present[record, stage, row.reviewer, row.role].append(row)

    def enter(self, rows: _Rows) -> None:
        """Enter what is not there, all in one transaction; a stage's judgements can be taken back as one file."""
        fresh = self._by_third_people(self._fresh(rows.judgements))
        tags = [(row, record) for number, row in rows.tags if (record := self._record(number, row)) is not None]
        with self._ledger.write() as connection:
            if position(connection) != self._position:
                raise MovedOnError
            for stage in dict.fromkeys([*(new.stage for _, _, new in fresh), *self._unchanged]):
                self._enter(connection, stage, [(row, new) for _, row, new in fresh if new.stage is stage])
            put = sum(
                set_tag(connection, row.stage, record, self._names[row.reviewer], word)
                for row, record in tags
                for word in tidy(row.tag)
            )
        for _, _, new in fresh:
            self._result.count(new.reviewer, new.role, "entered")
        if put:
            self._result.remarks.append(f"{put:,} {'tag' if put == 1 else 'tags'} entered")

    def _enter(self, connection: Connection, stage: Stage, fresh: Sequence[tuple[JudgementRow, NewJudgement]]) -> None:
        """Enter judgements of one stage with how they came about, and note the file."""
        numbers = add_numbered(connection, [new for _, new in fresh])
        self._numbers |= {row.number: number for (row, _), number in zip(fresh, numbers, strict=True)}
        contexts = {
            number: replace(row.context, before=self._numbers.get(row.context.before or 0))
            for (row, _), number in zip(fresh, numbers, strict=True)
            if row.context is not None
        }
        add_contexts(connection, contexts)
        superseded = [
            number
            for reviewer, role, record in self._of_whole_records(new for _, new in fresh)
            for number in supersede_parts(connection, stage, reviewer, role, [record])
        ]
        void_queues(connection, stage)
        sha256 = hashlib.sha256(self._export.raw).hexdigest()
        file = NewLabelFile(stage, str(self._export.path), sha256, self._result.format)
        number = add_label_file(connection, file, numbers, superseded, self._unchanged[stage])
        if number is not None and (earlier := self._result.number) is not None:
            self._result.remarks.append(
                f"the stages are taken back one by one: `screener label --undo {earlier}` as well"
            )
        self._result.number = number or self._result.number

    def _fresh(self, rows: Iterable[tuple[int, JudgementRow]]) -> list[tuple[int, JudgementRow, NewJudgement]]:
        """Return the judgements that are not there yet, in the order of the file; others are counted, or listed."""
        placed, before = list[tuple[int, JudgementRow, str]](), set[tuple[object, ...]]()
        for number, row in rows:
            if (record := self._record(number, row)) is None:
                continue
            if (
                row_of := (self._key(row, record), row.record, row.number, row.at, row.judgement.model_dump_json())
            ) in before:
                self._result.count(self._names[row.reviewer], row.role, "unchanged")  # two copies of the file in one
                continue
            before.add(row_of)
            placed.append((number, row, record))
        missing, matched = [], set[int]()
        for number, row, record in placed:
            present = self._present.get(self._key(row, record), [])
            same = next((old for old in present if old.at == row.at and _equal(old.judgement, row.judgement)), None)
            if same is None:
                missing.append((number, row, record))
            else:
                matched.add(same.id)
                self._numbers[row.number] = same.id
                self._unchanged[row.stage].append(same.id)
                self._result.count(same.reviewer, same.role, "unchanged")
        fresh = []
        for number, row, record in missing:
            later = [
                old.at
                for old in self._present.get(self._key(row, record), [])
                if old.id not in matched and old.at >= row.at
            ]
            if later:
                why = f"{self._names[row.reviewer]} has judged {record} here again since ({max(later)[:10]}); that one counts"
                self._result.rejected.append((number, why))
            else:
                fresh.append((number, row, self._new(row, record)))
        return fresh

    def _by_third_people(
        self, fresh: Sequence[tuple[int, JudgementRow, NewJudgement]]
    ) -> list[tuple[int, JudgementRow, NewJudgement]]:
        """Leave out adjudications by who has judged the record, where a third person is to resolve; list them as rejected."""
        judges: dict[tuple[str, Stage], set[str]] = defaultdict(set)
        for record, stage, reviewer, role in self._present:
            if role == "human":
                judges[record, stage].add(reviewer)
        for _, _, new in fresh:
            if new.role == "human":
                judges[self._record_of(new), new.stage].add(new.reviewer)
        allowed = []
        for number, row, new in fresh:
            record = self._record_of(new)
            if new.role == "adjudicator":
                try:
                    check_third_person(self._review, new.stage, new.reviewer, judges[record, new.stage], record)
                except BadInput as error:
                    self._result.rejected.append((number, str(error)))
                    continue
            allowed.append((number, row, new))
        return allowed

    def _record_of(self, new: NewJudgement) -> str:
        return self._current_ids.get(new.record_id, new.record_id)

    def _new(self, row: JudgementRow, record: str) -> NewJudgement:
        """Return a row's judgement under the id under which it was given, where the record has it here too."""
        judged_as = row.record if self._current_ids.get(row.record) == record else record
        text_hash = row.text_hash or self._hashes[record]
        return NewJudgement(
            judged_as, text_hash, row.stage, self._names[row.reviewer], row.role, row.judgement, at=row.at
        )

    def _of_whole_records(self, fresh: Iterable[NewJudgement]) -> list[tuple[str, str, str]]:
        """Return whose judgements of a merged record replace those of its parts: of these the file has none."""
        judged_as: dict[tuple[str, str, str], set[str]] = defaultdict(set)
        for new in fresh:
            record = self._record_of(new)
            judged_as[new.reviewer, new.role, record].add(new.record_id)
        return [key for key, ids in judged_as.items() if ids == {key[2]}]

    def _key(self, row: JudgementRow, record: str) -> Key:
        return record, row.stage, self._names[row.reviewer], row.role

    def _record(self, number: int, row: JudgementRow | TagRow) -> str | None:
        """Return the record that a row means, or None, and list the row."""
        identifiers = row.identifiers
        key = tuple(identifiers.values())
        if key not in self._matches:
            try:
                self._matches[key] = record_of(self._lookup, DecisionRow(number, identifiers), foreign_ids=False)
            except BadInput as error:
                self._matches[key] = error
        match = self._matches[key]
        if isinstance(match, BadInput):
            self._result.rejected.append((number, str(match)))
            return None
        return match


def _equal(old: Judgement, new: Judgement) -> bool:
    return old.model_copy(update={"items": {}, "probability": None}) == new
