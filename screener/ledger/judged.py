"""Who has judged what, and what they said last: of one record, by one reviewer, or at a whole stage.

What was withdrawn does not count, unless a function says otherwise.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import cache
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Select, exists, func, select, union

from ..core.judgement import Decision, Stage
from . import reads
from . import tables as t
from .judgements import PEOPLE, not_withdrawn
from .parts import NAMES, among_names, in_parts
from .reads import StoredJudgement
from .record_ids import all_ids, with_current_ids
from .remembered import remembered
from .snapshot import in_role_order


def judged_by(
    connection: Connection,
    stage: Stage,
    names: Collection[str],
    role: str = "human",
    *,
    singly: bool = False,
    blind: bool = False,
) -> list[str]:
    """Return who has judged a record, given by all its ids, in a role, oldest first.

    With `singly`, what was decided on many records at once does not count either; with `blind`, nor does what was said
    after another's answer had been seen.
    """
    c, context = t.judgements.c, t.judgement_context.c
    query = select(c.reviewer).where(
        c.record_id.in_(names), c.stage == stage.value, c.role == role, c.repeat == 0, not_withdrawn()
    )
    if singly:
        query = query.where(~exists().where(context.judgement_id == c.id, context.bulk != ""))
    if blind:
        query = query.where(~exists().where(context.judgement_id == c.id, context.blinded == "open"))
    return list(dict.fromkeys(connection.execute(query.order_by(c.id)).scalars()))


@dataclass(frozen=True)
class OfPerson:
    """One judgement of a person: by whom, in what role, whether of this record `singly`, and whether `blind`."""

    reviewer: str
    role: str
    singly: bool
    blind: bool


def judged_each(connection: Connection, stage: Stage, all_names: Collection[str]) -> defaultdict[str, list[OfPerson]]:
    """Return people's judgements of each of some records, given by all their ids, by their present ones, oldest first."""
    query, each = _judged_each(stage), defaultdict[str, list[OfPerson]](list)
    rows = [row for some in in_parts(all_names) for row in connection.execute(query, {NAMES: some})]
    # What a record was called before it was merged may be in another part.
    for _, name, who, role, bulk, blinded in sorted(rows, key=itemgetter(0)):
        each[name].append(OfPerson(who, role, singly=not bulk, blind=blinded != "open"))
    return each


@cache
def _judged_each(stage: Stage) -> Select[Any]:
    rows, record_id = with_current_ids(t.judgements)
    c, context = t.judgements.c, t.judgement_context.c
    query = select(c.id, record_id, c.reviewer, c.role, context.bulk, context.blinded)
    query = query.select_from(rows.outerjoin(t.judgement_context, context.judgement_id == c.id))
    query = query.where(c.stage == stage.value, c.role.in_(PEOPLE), c.repeat == 0, not_withdrawn())
    return query.where(among_names(c.record_id))


def who_judged(connection: Connection, stage: Stage) -> tuple[defaultdict[str, set[str]], set[str]]:
    """Return who has judged each record of a stage, and the records that have been adjudicated."""
    rows, record_id = with_current_ids(t.judgements)
    c = t.judgements.c
    query = (
        select(record_id, c.reviewer, c.role)
        .select_from(rows)
        .where(c.stage == stage.value, c.role.in_(PEOPLE), c.repeat == 0, not_withdrawn())
    )
    judged, adjudicated = defaultdict[str, set[str]](set), set[str]()
    for name, reviewer, role in connection.execute(query):
        if role == "adjudicator":
            adjudicated.add(name)
        else:
            judged[name].add(reviewer)
    return judged, adjudicated


def finished(stage: Stage, reviewer: str, slots: int) -> Select[Any]:
    """Return a query of the records that the reviewer, or `slots` people, have judged, and of those adjudicated."""
    rows, record_id = with_current_ids(t.judgements)
    c = t.judgements.c
    judged = select(record_id).select_from(rows).where(c.stage == stage.value, c.repeat == 0, not_withdrawn())
    human = judged.where(c.role == "human")
    return select(
        union(
            judged.where(c.role == "adjudicator"),
            human.where(c.reviewer == reviewer),
            human.group_by(record_id).having(func.count(c.reviewer.distinct()) >= slots),
        ).subquery().c[0]
    )  # fmt: skip


def finished_records(connection: Connection, stage: Stage, reviewer: str, slots: int) -> set[str]:
    """Return the records that the reviewer, or `slots` people, have judged, and those that have been adjudicated."""
    return set(connection.execute(finished(stage, reviewer, slots)).scalars())


def newest_judgement(
    connection: Connection,
    stage: Stage,
    reviewer: str,
    role: str = "human",
    *,
    names: Collection[str] | None = None,
    skip: Collection[str] = (),
    before: int | None = None,
) -> StoredJudgement | None:
    """Return what a reviewer said last in a role, or None.

    `names` are all ids of the record that is meant, `skip` those of one that is not, `before` is the number of a
    judgement that is later.
    """
    c = t.judgements.c
    query = reads.rows_query().where(
        c.stage == stage.value, c.reviewer == reviewer, c.role == role, c.repeat == 0, not_withdrawn()
    )
    if names is not None:
        query = query.where(c.record_id.in_(names))
    if skip:
        query = query.where(c.record_id.not_in(skip))
    if before is not None:
        query = query.where(c.id < before)
    row = connection.execute(query.order_by(c.id.desc()).limit(1)).first()
    return None if row is None else reads.as_row(row)


@remembered
def own_judgement(
    connection: Connection, stage: Stage, record_id: str, reviewer: str, role: str = "human"
) -> StoredJudgement | None:
    """Return what a reviewer says of a record now, or None."""
    return newest_judgement(connection, stage, reviewer, role, names=all_ids(connection, record_id))


def newest_blind(connection: Connection, stage: Stage, record_id: str, reviewer: str) -> int | None:
    """Return the number of what a reviewer said last of a record before they saw others' answers, withdrawn or not."""
    c, context = t.judgements.c, t.judgement_context.c
    query = (
        select(c.id)
        .select_from(t.judgements.outerjoin(t.judgement_context, context.judgement_id == c.id))
        .where(c.record_id.in_(all_ids(connection, record_id)), c.stage == stage.value, c.reviewer == reviewer,
               c.role == "human", c.repeat == 0, func.coalesce(context.blinded, "") != "open")
    )  # fmt: skip
    return connection.execute(query.order_by(c.id.desc()).limit(1)).scalar()


def judgement_records(
    connection: Connection, stage: Stage, reviewer: str, *, bulk: str | None = None, since: int = 0
) -> dict[int, str]:
    """Return the numbers of a person's judgements at a stage with the records, by their present ids, oldest first.

    Of those that are part of the `bulk` decision, where it is named, and no older than the number `since`.
    """
    rows, record_id = with_current_ids(t.judgements)
    c, context = t.judgements.c, t.judgement_context.c
    if bulk is not None:
        rows = rows.join(t.judgement_context, context.judgement_id == c.id)
    query = (
        select(c.id, record_id)
        .select_from(rows)
        .where(c.id >= since, c.stage == stage.value, c.reviewer == reviewer, c.role == "human", not_withdrawn())
    )
    if bulk is not None:
        query = query.where(context.bulk == bulk)
    return {int(number): name for number, name in connection.execute(query.order_by(c.id))}


def adjudicated_by(connection: Connection, stage: Stage, reviewer: str) -> set[str]:
    """Return the records, by their present ids, that a person has adjudicated at a stage."""
    rows, record_id = with_current_ids(t.judgements)
    c = t.judgements.c
    query = select(record_id).select_from(rows)
    query = query.where(c.stage == stage.value, c.reviewer == reviewer, c.role == "adjudicator", not_withdrawn())
    return set(connection.execute(query).scalars())


def adjudicators_since(connection: Connection, stage: Stage, names: Collection[str], number: int) -> set[str]:
    """Return who has adjudicated a record, under any of its ids, after the judgement of that number."""
    c = t.judgements.c
    query = select(c.reviewer).where(c.stage == stage.value, c.role == "adjudicator", c.id > number)
    return set(connection.execute(query.where(c.record_id.in_(names), not_withdrawn())).scalars())


def records_of(connection: Connection, numbers: Sequence[int]) -> dict[int, str]:
    """Return the id under which each judgement was given, by its number, oldest first, withdrawn or not."""
    c, ids = t.judgements.c, dict[int, str]()
    for some in in_parts(sorted(numbers)):
        query = select(c.id, c.record_id).where(c.id.in_(some)).order_by(c.id)
        ids |= {int(row.id): row.record_id for row in connection.execute(query)}
    return ids


def bulk_of(connection: Connection, number: int) -> str:
    """Return the decision on many records that a judgement is a part of; empty for one that was made by itself."""
    c = t.judgement_context.c
    return str(connection.execute(select(c.bulk).where(c.judgement_id == number)).scalar() or "")


def probabilities(connection: Connection, stage: Stage, machine: str | None) -> dict[str, float]:
    """Return a machine's newest probability of inclusion of each record, by the records' present ids."""
    rows, record_id = with_current_ids(t.judgements)
    c = t.judgements.c
    query = (
        select(record_id, c.probability)
        .select_from(rows)
        .where(c.stage == stage.value, c.reviewer == machine, c.role == "machine", c.repeat == 0,
               c.probability.is_not(None))
    )  # fmt: skip
    return {name: float(probability) for name, probability in connection.execute(query.order_by(c.id))}


@dataclass(frozen=True)
class LastDecision:
    """What one reviewer decided last on a record, with the text and the run it belongs to."""

    id: int
    role: str
    text_hash: str
    run_id: str
    decision: Decision


def decisions_of(
    connection: Connection,
    stage: Stage,
    reviewer: str,
    records: Collection[str],
    *,
    counts: Callable[[str, LastDecision], bool] = lambda name, row: True,
) -> dict[str, LastDecision]:
    """Return the last decision of a reviewer on each of these records that `counts`, by record id.

    Withdrawn ones and repeats are left out. Of somebody who both judged and adjudicated, their own judgement is returned.
    """
    a, j = t.aliases.c, t.judgements.c
    record_of = {name: name for name in records}
    for part in in_parts(records):
        query = select(a.alias, a.record_id).where(a.record_id.in_(part))
        record_of |= {row.alias: row.record_id for row in connection.execute(query)}
    rows: list[Any] = []
    for part in in_parts(record_of):
        query = select(j.id, j.record_id, j.role, j.text_hash, j.run_id, j.decision).where(
            j.record_id.in_(part), j.stage == stage.value, j.reviewer == reviewer, j.repeat == 0, not_withdrawn()
        )  # fmt: skip
        rows += connection.execute(query).all()
    own_role = min((row.role for row in rows), key=in_role_order, default="")
    last: dict[str, LastDecision] = {}
    for row in sorted(rows, key=lambda row: row.id):
        decision = LastDecision(row.id, row.role, row.text_hash, row.run_id, Decision(row.decision))
        if row.role == own_role and counts(record_of[row.record_id], decision):
            last[record_of[row.record_id]] = decision
    return last
