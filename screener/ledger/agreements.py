"""Rows that hold what people's judgements of each record amount to, and up to which judgement they are made."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass

from sqlalchemy import Connection, delete, func, insert, select, update

from ..core.judgement import Stage
from . import tables as t
from .judgements import PEOPLE
from .newest import newest_ids
from .parts import in_parts
from .record_ids import all_ids_of


@dataclass(frozen=True)
class Watermark:
    """The newest judgement, withdrawal and link of records, by number, and the version of the rule."""

    version: int
    judgement: int
    withdrawal: int
    link: int

    def follows(self, earlier: "Watermark") -> bool:
        """Return whether only rows were added since an earlier one, under the same version of the rule."""
        grown = (self.judgement, self.withdrawal, self.link)
        before = (earlier.judgement, earlier.withdrawal, earlier.link)
        return self.version == earlier.version and all(new >= old for new, old in zip(grown, before, strict=True))


def made_up_to(connection: Connection) -> Watermark | None:
    """Return up to where the rows are made; None where they never were."""
    row = connection.execute(select(t.agreements_made)).mappings().first()
    return Watermark(**row) if row else None


def present(connection: Connection, version: int) -> Watermark:
    """Return up to where they would have to be made."""
    return Watermark(version, *newest_ids(connection, "judgements", "withdrawals", "links"))


def note_made(connection: Connection, mark: Watermark) -> None:
    """Note up to where the rows are made now."""
    connection.execute(delete(t.agreements_made))
    connection.execute(insert(t.agreements_made).values(**asdict(mark)))


def touched(connection: Connection, since: Watermark, until: Watermark) -> dict[Stage, set[str]]:
    """Return the ids under which records were judged, of which something was taken back, or that were merged or parted."""
    j, w, li, m = t.judgements.c, t.withdrawals.c, t.links.c, t.members.c
    ids_by_stage: dict[Stage, set[str]] = {stage: set() for stage in Stage}
    withdrawn = j.id.in_(select(w.judgement_id).where(w.id > since.withdrawal))
    newer = [j.id > since.judgement, *([withdrawn] if until.withdrawal > since.withdrawal else [])]
    for which in newer:
        query = select(j.stage, j.record_id).where(which, j.role.in_(PEOPLE)).distinct()
        for stage, name in connection.execute(query):
            ids_by_stage[Stage(stage)].add(name)
    # Where nobody had judged anything, a link changes nothing: the first import of a large review has many.
    if until.link == since.link:
        return ids_by_stage
    stages = [stage for stage in Stage if outcome_counts(connection, stage)]
    if not stages:
        return ids_by_stage
    for end in (li.a, li.b):
        linked = select(m.record_id).join(t.links, end == m.hit_id).where(li.id > since.link).distinct()
        names = set(connection.execute(linked).scalars())
        for stage in stages:
            ids_by_stage[stage] |= names
    return ids_by_stage


def replace(connection: Connection, stage: Stage, ids: Collection[str] | None, outcomes: Mapping[str, str]) -> None:
    """Put the outcomes of records, by id, in the place of those that stand under some ids; None stands for all ids."""
    c, matching = t.agreements.c, t.agreements.c.stage == stage.value
    if ids is not None:
        matching &= c.record_id.in_(ids)
    change = Counter(outcomes.values())
    if ids is None:
        connection.execute(delete(t.outcome_counts).where(t.outcome_counts.c.stage == stage.value))
    else:
        previous_counts = connection.execute(select(c.outcome, func.count()).where(matching).group_by(c.outcome)).all()
        change.subtract(dict(previous_counts))
    connection.execute(delete(t.agreements).where(matching))
    if outcomes:
        fresh = [{"stage": stage.value, "record_id": name, "outcome": outcome} for name, outcome in outcomes.items()]
        connection.execute(insert(t.agreements), fresh)
    for outcome, n in change.items():
        if n:
            _count(connection, stage, outcome, n)


def _count(connection: Connection, stage: Stage, outcome: str, n: int) -> None:
    c = t.outcome_counts.c
    matching = (c.stage == stage.value) & (c.outcome == outcome)
    stored_count = connection.execute(select(c.n).where(matching)).scalar()
    if stored_count is None:
        connection.execute(insert(t.outcome_counts).values(stage=stage.value, outcome=outcome, n=n))
    elif stored_count + n:
        connection.execute(update(t.outcome_counts).where(matching).values(n=stored_count + n))
    else:
        connection.execute(delete(t.outcome_counts).where(matching))


def outcomes(
    connection: Connection, stage: Stage, chosen: Collection[str] | None = None, *, queue_of: str | None = None
) -> dict[str, str]:
    """Return the outcome of each record of a stage, by id, or only of those that have one of some outcomes.

    With `queue_of` only of the records that are in that reviewer's queue.
    """
    c, q = t.agreements.c, t.queue.c
    query = select(c.record_id, c.outcome).where(c.stage == stage.value)
    if queue_of is not None:
        query = query.join(t.queue, (q.stage == c.stage) & (q.record_id == c.record_id) & (q.reviewer == queue_of))
    if chosen is not None:
        query = query.where(c.outcome.in_(chosen))
    return dict(connection.execute(query).all())


def outcomes_among(connection: Connection, stage: Stage, names: Collection[str]) -> dict[str, str]:
    """Return the outcome of those of some records that have one, by id."""
    c, found = t.agreements.c, dict[str, str]()
    for some in in_parts(names):
        query = select(c.record_id, c.outcome).where(c.stage == stage.value, c.record_id.in_(some))
        found |= dict(connection.execute(query).all())
    return found


def outcome_counts(connection: Connection, stage: Stage) -> dict[str, int]:
    """Return how many records of a stage have each outcome. Quick, however many there are."""
    c = t.outcome_counts.c
    return dict(connection.execute(select(c.outcome, c.n).where(c.stage == stage.value)).all())


def parts_of(connection: Connection, names: Collection[str]) -> Iterator[tuple[dict[str, str], list[str]]]:
    """Yield, for some hundreds of ids at a time, the record of each id as it is now, and all ids of these records."""
    a = t.aliases.c
    for some in in_parts(names):
        query = select(a.alias, a.record_id).where(a.alias.in_(some))
        records = {row.record_id for row in connection.execute(query)} | set(some)
        ids = all_ids_of(connection, list(records))
        current = dict(connection.execute(select(a.alias, a.record_id).where(a.alias.in_(ids))).all())
        yield current, ids
