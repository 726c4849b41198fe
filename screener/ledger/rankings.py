"""Fitted models of learned queues: one row each, the order that the newest gives, and the scores of what was offered by it.

Scores are no judgements. Only those of records that were handed to somebody are kept for good.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select

from ..core.judgement import Decision, Stage
from . import ranking_tables as rt
from . import tables as t
from .judged import finished
from .judgements import PEOPLE, not_withdrawn
from .record_ids import with_current_ids
from .store import now


@dataclass(frozen=True)
class RankingRow:
    """A fitted model as it was kept. `body` has `labels` and `kept` (how many it learned from), `parts` and `made_from`;
    `expected_yield` where it could be fitted, `failed` (a sentence) where it could not.
    """

    id: int
    at: str
    body: dict[str, Any]

    @property
    def failed(self) -> str:
        """Return why there is no new order, in a sentence; empty where there is one."""
        return str(self.body.get("failed", ""))


@dataclass(frozen=True)
class RankedPlace:
    """A record's place in the order of a ranking, from 0, and its score there."""

    record_id: str
    ranking_id: int
    place: int
    score: float


def newest_ranking(connection: Connection, stage: Stage) -> RankingRow | None:
    """Return the model that was fitted last for a stage's queue, or the fit that failed last; None where there is none."""
    r = rt.rankings.c
    query = select(r.id, r.at, r.body).where(r.stage == stage.value).order_by(r.id.desc()).limit(1)
    row = connection.execute(query).first()
    return None if row is None else RankingRow(row.id, row.at, json.loads(row.body))


def add_ranking(
    connection: Connection, stage: Stage, body: dict[str, Any], order: Sequence[tuple[str, float]] | None
) -> int:
    """Keep a fitted model with its order, the best record first, each with its score; return its number.

    Without an order (the fit failed) that of the ranking before stays.
    """
    at = now()
    row = {"at": at, "stage": stage.value, "body": json.dumps({"at": at, **body})}
    number = int(connection.execute(insert(rt.rankings).returning(rt.rankings.c.id), row).scalar_one())
    if order is not None:
        connection.execute(delete(rt.ranked_places).where(rt.ranked_places.c.stage == stage.value))
        places = [
            {"stage": stage.value, "record_id": name, "ranking_id": number, "place": place, "score": score}
            for place, (name, score) in enumerate(order)
        ]
        if places:
            connection.execute(insert(rt.ranked_places), places)
    return number


def ordering(connection: Connection, stage: Stage) -> int:
    """Return the number of the ranking whose order stands; 0 where there is none."""
    p = rt.ranked_places.c
    return int(connection.execute(select(p.ranking_id).where(p.stage == stage.value).limit(1)).scalar() or 0)


def ranked_places(connection: Connection, stage: Stage) -> list[RankedPlace]:
    """Return the order that stands, the best record first."""
    p = rt.ranked_places.c
    query = select(p.record_id, p.ranking_id, p.place, p.score).where(p.stage == stage.value).order_by(p.place)
    return [RankedPlace(*row) for row in connection.execute(query)]


def note_offered(connection: Connection, stage: Stage, record_id: str, reviewer: str) -> None:
    """Keep the score of a record that is handed to a reviewer by the order that stands, once for each ranking."""
    p, o = rt.ranked_places.c, rt.offered_scores.c
    query = select(p.ranking_id, p.score).where(p.stage == stage.value, p.record_id == record_id)
    ranked = connection.execute(query).first()
    if ranked is None:
        return
    known = select(o.ranking_id).where(
        o.ranking_id == ranked.ranking_id, o.record_id == record_id, o.reviewer == reviewer
    )
    if connection.execute(known).first() is None:
        row = {"ranking_id": ranked.ranking_id, "record_id": record_id, "reviewer": reviewer, "score": ranked.score,
               "at": now()}  # fmt: skip
        connection.execute(insert(rt.offered_scores).values(row))


def count_new_labels(connection: Connection, stage: Stage, judgement: int, withdrawal: int) -> int:
    """Return how many judgements people have entered or taken back at a stage since those of these numbers."""
    j, w = t.judgements.c, t.withdrawals.c
    by_people = (j.stage == stage.value) & j.role.in_(PEOPLE)
    entered = select(func.count()).select_from(t.judgements).where(j.id > judgement, by_people)
    withdrawn = select(func.count()).select_from(t.withdrawals.join(t.judgements, w.judgement_id == j.id))
    withdrawn = withdrawn.where(w.id > withdrawal, by_people)
    return sum(int(connection.execute(query).scalar_one()) for query in (entered, withdrawn))


def begun_records(connection: Connection, stage: Stage, reviewer: str, slots: int, limit: int) -> list[str]:
    """Return the first records of a reviewer's queue that other people have judged and that wait for the reviewer too, in the
    order in which they were first judged.
    """
    rows, record_id = with_current_ids(t.judgements)
    j, q = t.judgements.c, t.queue.c
    here = (q.stage == stage.value) & (q.reviewer == reviewer) & (q.record_id == record_id)
    query = select(record_id).select_from(rows.join(t.queue, here)).group_by(record_id)
    query = query.where(j.stage == stage.value, j.role == "human", j.repeat == 0, not_withdrawn())
    query = query.where(record_id.not_in(finished(stage, reviewer, slots)))
    return list(connection.execute(query.order_by(func.min(j.id)).limit(limit)).scalars())


def machine_votes(connection: Connection, stage: Stage) -> Iterator[tuple[str, str, Decision, float | None]]:
    """Yield what machines say of the records at a stage, oldest first: reviewer, record by its present id, decision, probability."""
    rows, record_id = with_current_ids(t.judgements)
    j = t.judgements.c
    query = select(j.reviewer, record_id, j.decision, j.probability).select_from(rows)
    query = query.where(j.stage == stage.value, j.role == "machine", j.repeat == 0, not_withdrawn()).order_by(j.id)
    for reviewer, name, decision, probability in connection.execute(query):
        yield reviewer, name, Decision(decision), probability


def text_hashes(connection: Connection) -> dict[str, str]:
    """Return the hash of title and abstract of every record, by id."""
    r = t.records.c
    return {row.id: row.text_hash for row in connection.execute(select(r.id, r.text_hash))}
