"""What the human judgements of a stage amount to: progress, agreement, conflicts. Counted once, then kept up to date."""

import threading
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, func, select

from ..core.errors import BadInput
from ..core.judgement import Judgement, Stage
from ..gold import blind_conflicts
from ..ledger import reads
from ..ledger import tables as t
from ..ledger.documents import reports
from ..ledger.judgements import not_withdrawn
from ..ledger.reads import Row
from ..ledger.record_ids import all_ids, current_id
from ..ledger.store import Ledger
from ..metrics import Estimate, wilson
from ..protocol.model import Review
from ..records import Record
from ..stages.standing import alike


@dataclass(frozen=True)
class Agreement:
    """Raw agreement of people: of `records` with two or more independent judgements, `same` are judged alike by all."""

    records: int
    same: int

    @property
    def share(self) -> Estimate:
        """The share that is judged alike (Wilson)."""
        return wilson(self.same, self.records)


@dataclass(frozen=True)
class Conflict:
    """A record on which people differ, and their judgements, oldest first."""

    record: Record
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Progress:
    """How far the people are at a stage. `records` are all after merging; `mine` and `left` are the reviewer's."""

    stage: Stage
    records: int
    judged: dict[str, int]
    """How many records each person has judged."""
    enough: int
    """Records with as many judgements as the protocol asks for, or a ruling."""
    conflicts: int
    resolved: int
    """Records with a ruling."""
    agreement: Agreement
    mine: int = 0
    left: int | None = None
    """What is left in the reviewer's queue; None before it was made."""


Said = str | Judgement
"""What a person says of a record, as far as others must say the same to agree."""
_Row = tuple[str, str, Said]
"""The id under which a record was judged, by whom, and what they said."""


@dataclass
class _Tally:
    """What each person says of each record now, and the sums of it, both by the records' present ids.

    A person who judged several records before they were merged into one says several things of it.
    """

    slots: int
    links: int
    judgement: int = 0
    withdrawal: int = 0
    says: dict[str, dict[str, list[Said]]] = field(default_factory=dict)
    same: dict[str, bool] = field(default_factory=dict)
    """Whether all say the same, of the records that several have judged."""
    ruled: set[str] = field(default_factory=set)
    judged: Counter[str] = field(default_factory=Counter)
    sums: Counter[str] = field(default_factory=Counter)
    differing: set[str] = field(default_factory=set)

    def put(self, name: str, rows: Iterable[_Row], *, ruled: bool) -> None:
        """Replace what is known of a record."""
        self._count(name, -1)
        says: dict[str, list[Said]] = defaultdict(list)
        for (who, _), said in {(who, alias): said for alias, who, said in rows}.items():
            says[who].append(said)
        self.says[name], self.same[name] = dict(says), _alike([said for all_ in says.values() for said in all_])
        (self.ruled.add if ruled else self.ruled.discard)(name)
        self._count(name, 1)
        differ = not self.same[name] and not ruled
        (self.differing.add if differ else self.differing.discard)(name)

    def _count(self, name: str, step: int) -> None:
        says, ruled = self.says.get(name, {}), name in self.ruled
        for who in says:
            self.judged[who] += step
        self.sums["enough"] += step * (len(says) >= self.slots or ruled)
        self.sums["several"] += step * (len(says) > 1)
        self.sums["same"] += step * (len(says) > 1 and self.same[name])


_TALLIES: dict[tuple[str, str], _Tally] = {}
_LOCK = threading.Lock()
_FEW = 500
"""So many changed records are looked up one by one; with more, everything is counted anew."""


def _tally(ledger: Ledger, connection: Connection, review: Review, stage: Stage) -> _Tally:
    """The tally as of now: only the records that were judged, or of which something was withdrawn, are read again."""
    c, w = t.judgements.c, t.withdrawals.c
    newest = [int(connection.execute(select(func.max(one))).scalar() or 0) for one in (t.links.c.id, c.id, w.id)]
    links, judgement, withdrawal = newest
    slots = max(1, review.stage(stage).decided_by.humans)
    key = (str(ledger.engine.url), stage.value)
    found = _TALLIES.get(key)
    mine = (c.stage == stage.value) & c.role.in_(["human", "adjudicator"]) & (c.repeat == 0)
    changed: list[str] = []
    if found is not None and (found.links, found.slots) == (links, slots) and judgement >= found.judgement:
        taken = select(w.judgement_id).where(w.id > found.withdrawal)
        query = select(c.record_id).where(mine, (c.id > found.judgement) | c.id.in_(taken)).distinct()
        changed = list(connection.execute(query).scalars())
    else:
        found = None
    if found is None or len(changed) > _FEW:
        found = _TALLIES[key] = _Tally(slots, links)
        current_ids = reads.current_ids(connection)
        says: dict[str, list[_Row]] = defaultdict(list)
        ruled = set()
        for alias, who, role, said in _rows(connection, stage, mine):
            name = current_ids.get(alias, alias)
            if role == "adjudicator":
                ruled.add(name)
            else:
                says[name].append((alias, who, said))
        for name in {**says, **dict.fromkeys(ruled)}:
            found.put(name, says.get(name, ()), ruled=name in ruled)
    else:
        for name in {current_id(connection, one) for one in changed}:
            rows = _rows(connection, stage, mine & c.record_id.in_(all_ids(connection, name)))
            people = [(alias, who, said) for alias, who, role, said in rows if role == "human"]
            found.put(name, people, ruled=any(role == "adjudicator" for _, _, role, _ in rows))
    found.judgement, found.withdrawal = judgement, withdrawal
    return found


def _rows(connection: Connection, stage: Stage, where: Any) -> list[tuple[str, str, str, Said]]:
    """Record, person, role and what they say, oldest first, of the judgements that nobody has withdrawn."""
    c = t.judgements.c
    columns = [c.record_id, c.reviewer, c.role, c.decision]
    if stage is not Stage.ABSTRACT:
        columns.append(c.body)
    query = select(*columns).where(where, not_withdrawn()).order_by(c.id)
    return [
        (row[0], row[1], row[2], _said(stage, row[3], "" if stage is Stage.ABSTRACT else row[4]))
        for row in connection.execute(query)
    ]


def _said(stage: Stage, decision: str, body: str) -> Said:
    """What two people must say alike to agree: to keep or to exclude; at full text the decision and its main reason;
    at extraction every item.
    """
    if stage is Stage.ABSTRACT:
        return "exclude" if decision == "exclude" else "keep"
    judgement = Judgement.model_validate_json(body)
    if stage is Stage.EXTRACTION:
        return judgement
    return f"{decision}:{judgement.failed() or '' if decision == 'exclude' else ''}"


def _alike(said: Sequence[Said]) -> bool:
    """Whether all of these are the same."""
    if not said or isinstance(said[0], str):
        return len(set(said)) < 2
    return alike([one for one in said if isinstance(one, Judgement)], Stage.EXTRACTION)


def progress(ledger: Ledger, review: Review, stage: Stage, reviewer: str = "") -> Progress:
    """How far the people are. Quick also for 100,000 records: the judgements are counted once for each process."""
    with _LOCK, ledger.read() as connection:
        found = _tally(ledger, connection, review, stage)
        b, q = t.queue_built.c, t.queue.c
        made = select(b.at).where(b.stage == stage.value, b.reviewer == reviewer)
        waiting = select(func.count()).select_from(t.queue).where(q.stage == stage.value, q.reviewer == reviewer)
        left = connection.execute(waiting).scalar_one() if connection.execute(made).first() else None
        return Progress(
            stage, reads.count_records(connection), {who: n for who, n in found.judged.items() if n}, found.sums["enough"],
            len(found.differing), len(found.ruled), Agreement(found.sums["several"], found.sums["same"]),
            found.judged[reviewer], left,
        )  # fmt: skip


def conflicts(ledger: Ledger, review: Review, stage: Stage) -> dict[str, frozenset[str]]:
    """The records on which people differ and nobody has ruled, in the order of import, with who has judged each.

    Quick also for 100,000 records: no judgement is read that was read before.
    """
    with _LOCK, ledger.read() as connection:
        found = _tally(ledger, connection, review, stage)
        names, places = list(found.differing), dict[str, int]()
        for start in range(0, len(names), _FEW):
            c = t.records.c
            query = select(c.id, c.position).where(c.id.in_(names[start : start + _FEW]))
            places |= {row.id: row.position for row in connection.execute(query)}
        return {name: frozenset(found.says[name]) for name in sorted(places, key=lambda name: places[name])}


def conflict(ledger: Ledger, stage: Stage, name: str) -> Conflict:
    """A record on which people differ, with the present judgements of each; `BadInput` for an id that no record has."""
    with ledger.read() as connection:
        record = reads.find_record(connection, name)
        if record is None:
            raise BadInput(f"{name}: no record has this id")
        named = all_ids(connection, record.id)
        rows = list(reads.judgements(connection, stage, role="human", repeat=0, named=named))
    newest = {(row.reviewer, row.record_id): row for row in rows}
    shown: Record = record if stage is Stage.ABSTRACT else reports(ledger, [record])[0]
    return Conflict(shown, tuple(sorted(newest.values(), key=lambda row: row.id)))


def sample_conflicts(ledger: Ledger, review: Review, stage: Stage) -> dict[str, list[Row]]:
    """The records of gold and elusion samples whose labels wait for a ruling, with what people said of them blind.

    Also those on which people have come to agree since: what somebody says after seeing another's answer is no label.
    """
    with ledger.read() as connection:
        return {
            name: list(rows)
            for name, rows in blind_conflicts(connection, stage, review.stage(stage).decided_by).items()
        }
