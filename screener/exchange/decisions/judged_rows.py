"""From the rows of a decision file to judgements of records; what cannot be used is listed with the reason."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ...core.errors import BadInput
from ...core.judgement import Answer, Decision, Judgement, Value
from ...ledger import Lookup
from ...protocol import StageProtocol, decide, with_not_asked
from ...records import Entry, plain_entry
from .decision_file import DecisionFile, DecisionRow, Opinion

Key = tuple[str, str, str]
"""Record, reviewer, role."""


@dataclass
class JudgedRows:
    """What the rows amount to: each judgement with the row that it stands in.

    `rejected` rows, by number, cannot be used, with the reason; on the `clashing` records rows of one person differ;
    `unjudged` rows hold no decision.
    """

    judgements: dict[Key, tuple[int, Judgement]] = field(default_factory=dict)
    rejected: list[tuple[int, str]] = field(default_factory=list)
    clashing: set[str] = field(default_factory=set)
    unjudged: int = 0
    not_asked: int = 0
    """Answers that are set to `not_asked`, since what their criterion presupposes is answered `no`."""


def judged_rows(file: DecisionFile, names: Mapping[str, str], protocol: StageProtocol, lookup: Lookup) -> JudgedRows:
    """Return the judgements that the rows of a file amount to; `names` has the name in the ledger of each reviewer."""
    result, clashing = JudgedRows(), set[Key]()
    for row in file.rows:
        try:
            if row.fault:
                raise BadInput(row.fault)
            if not row.opinions:
                result.unjudged += 1
                continue
            record_id = record_of(lookup, row, file.foreign_ids)
            judged = [(opinion, judgement_of(opinion, row, protocol)) for opinion in row.opinions]
            result.not_asked += sum(_answered_unasked(opinion, row, judgement) for opinion, judgement in judged)
        except BadInput as error:
            result.rejected.append((row.number, str(error)))
            continue
        for opinion, judgement in judged:
            key = (record_id, names[opinion.reviewer or ""], opinion.role)
            first = result.judgements.setdefault(key, (row.number, judgement))
            who = f"{opinion.reviewer}: " if len(file.reviewers) > 1 else ""
            if first[1].decision is not judgement.decision:
                clashing.add(key)
                why = f"{who}{record_id} has another decision in row {first[0]}; neither is entered"
                result.rejected.append((row.number, why))
            elif first[1] != judgement and _says_more(judgement):
                if _says_more(first[1]):
                    why = f"{who}{record_id} has another reason in row {first[0]}; that one is entered"
                    result.rejected.append((row.number, why))
                else:
                    result.judgements[key] = (row.number, judgement)
    for key in clashing:
        del result.judgements[key]
    result.clashing = {record_id for record_id, _, _ in clashing}
    return result


def _says_more(judgement: Judgement) -> bool:
    """Return whether a judgement has more than a decision."""
    return bool(judgement.answers or judgement.reason)


def record_of(lookup: Lookup, row: DecisionRow, foreign_ids: bool) -> str:
    """Return the id of the one record that a row means; raises `BadInput` where there is none.

    `foreign_ids`: the file's ids are those of another tool.
    """
    entry = plain_entry(row.record)
    match = lookup.match(entry, foreign_ids=foreign_ids)
    if match.record is None:
        raise BadInput(match.problem or f"no one record matches {_name_of(entry, foreign_ids)}")
    return match.record


def _name_of(entry: Entry, foreign_ids: bool) -> str:
    names = {"id": entry.given_id, "DOI": entry.doi, "PMID": entry.pmid, "title": entry.title}
    if foreign_ids:
        del names["id"]
    return next((f"{kind} {value}" for kind, value in names.items() if value), "nothing")


def judgement_of(opinion: Opinion, row: DecisionRow, protocol: StageProtocol) -> Judgement:
    """Return an opinion as a judgement; `BadInput` where its criteria contradict its decision."""
    words = {**row.answers, **opinion.answers}
    answers: dict[str, Answer] = {}
    failed, reason = _failed(opinion, row, protocol)
    for criterion in protocol.criteria:
        word = str(words.get(criterion.id) or "").strip().lower()
        if word and word not in {value.value for value in Value}:
            raise BadInput(f"{criterion.id}: `{word}` is none of {', '.join(Value)}")
        if word and word != "no" and criterion.id in failed:
            raise BadInput(f"{criterion.id} is named as not met, but answered {word}")
        if word or criterion.id in failed:
            answers[criterion.id] = Answer(value=Value(word or "no"))
    answers = with_not_asked(protocol, answers)
    if failed and opinion.decision is not Decision.EXCLUDE:
        raise BadInput(f"the decision is {opinion.decision}, but {failed[0]} is named as not met")
    if len(answers) == len(protocol.criteria) and decide(protocol, answers) is not opinion.decision:
        raise BadInput(f"the decision is {opinion.decision}, but the criteria give {decide(protocol, answers)}")
    return Judgement(decision=opinion.decision, answers=answers, stated=not answers, reason=reason)


def _answered_unasked(opinion: Opinion, row: DecisionRow, judgement: Judgement) -> int:
    """Return to how many criteria a row has an answer, though they are not asked."""
    words = {**row.answers, **opinion.answers}
    unasked = [name for name, answer in judgement.answers.items() if answer.value is Value.NOT_ASKED]
    return sum(str(words.get(name) or "").strip().lower() not in ("", Value.NOT_ASKED) for name in unasked)


def _failed(opinion: Opinion, row: DecisionRow, protocol: StageProtocol) -> tuple[tuple[str, ...], str]:
    """Return the criteria that an opinion names as not met, and its reason in words.

    A reason that is the id of a criterion names it, as in our own exports, unless several people exclude: tools that keep
    one list of reasons a record do not say whose each is.
    """
    ids = {criterion.id.casefold(): criterion.id for criterion in protocol.criteria}
    criterion = ids.get(opinion.reason.strip().casefold())
    excluders = [other for other in row.opinions if other.decision is Decision.EXCLUDE]
    if criterion is None or opinion.failed or excluders != [opinion]:
        return opinion.failed, opinion.reason
    return (criterion,), ""
