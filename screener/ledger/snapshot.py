"""A cache over the ledger that the parts of one report share, so that nothing of a large review is read twice."""

from collections.abc import Callable, Container, Set
from functools import cached_property
from typing import Any

from ..core.judgement import Stage
from ..records import Record
from . import reads
from .judgements import judged_here, judged_in_bulk, judged_open
from .notices import records_set_aside
from .parts import FEW
from .reads import StoredJudgement
from .reviewers import reviewers
from .runs import specifications
from .store import Ledger

_ROLES = ("machine", "human", "adjudicator", "gold")


def in_role_order(role: str) -> int:
    """Return where a role comes among those of one reviewer: what they judge themselves first, then their adjudications."""
    return _ROLES.index(role)


class Snapshot:
    """What is asked of it is read once, when it is first asked for; it does not notice what is written later.

    Judgements are without reasons and evidence, but for those of the stage `extraction`, which are all items and quotes.
    """

    def __init__(self, ledger: Ledger) -> None:
        """Start empty: rows are read when first asked for."""
        self.ledger = ledger
        self._all: dict[str, Record] | None = None
        self._few: dict[frozenset[str], list[Record]] = {}
        self._who: dict[Stage, list[tuple[str, str]]] = {}
        self._rows: dict[tuple[Stage, str], list[StoredJudgement]] = {}
        self._roles: dict[tuple[Stage, str], str] = {}
        self._latest: dict[tuple[Stage, str, int, bool], dict[str, StoredJudgement]] = {}

    @classmethod
    def of(cls, source: "Ledger | Snapshot") -> "Snapshot":
        """Return the snapshot itself, or a new one of a ledger."""
        return source if isinstance(source, Snapshot) else cls(source)

    @cached_property
    def current_ids(self) -> dict[str, str]:
        """Return every id that was ever given to an entry, with the id of its record."""
        with self.ledger.read() as connection:
            return reads.current_ids(connection, self._all or {})

    @cached_property
    def specifications(self) -> dict[str, dict[str, Any]]:
        """Return how the reviewer of each run was set up, by run id."""
        with self.ledger.read() as connection:
            return specifications(connection)

    @cached_property
    def set_aside(self) -> frozenset[str]:
        """Return the records that are not screened: notices of others, models and data sets."""
        with self.ledger.read() as connection:
            return records_set_aside(connection)

    @cached_property
    def same_study(self) -> list[tuple[str, str]]:
        """Return pairs of records that are linked as the same study."""
        with self.ledger.read() as connection:
            return reads.same_study(connection)

    def all_records(self) -> list[Record]:
        """Return every record in brief, in the order in which they came."""
        if self._all is None:
            with self.ledger.read() as connection:
                self._all = {record.id: record for record in reads.brief_records(connection)}
        return list(self._all.values())

    def brief_records(self, ids: Container[str]) -> list[Record]:
        """Return the records with the given ids in brief, in the order in which they came."""
        if self._all is not None:
            return [record for name, record in self._all.items() if name in ids]
        with self.ledger.read() as connection:
            return reads.brief_records(connection, ids)

    def records(self, ids: Container[str]) -> list[Record]:
        """Return the records with the given ids, in the order in which they came. A few are read once, of many none is kept."""
        few = frozenset(ids) if isinstance(ids, Set) and len(ids) <= FEW else None
        if few is None or few not in self._few:
            with self.ledger.read() as connection:
                records = reads.records(connection, ids)
            if few is None:
                return records
            self._few[few] = records
        return list(self._few[few])

    def reviewers(self, stage: Stage) -> list[tuple[str, str]]:
        """Return who has judged at a stage and in which role, gold left out."""
        if stage not in self._who:
            with self.ledger.read() as connection:
                self._who[stage] = [reviewer for reviewer in reviewers(connection, stage) if reviewer[1] != "gold"]
        return self._who[stage]

    def rows(self, stage: Stage, reviewer: str) -> list[StoredJudgement]:
        """Return all judgements of one reviewer, oldest first, repeats among them."""
        key = (stage, reviewer)
        if key not in self._rows:
            with self.ledger.read() as connection:
                self._rows[key] = list(
                    reads.judgements(connection, stage, reviewer=reviewer)
                    if stage is Stage.EXTRACTION
                    else reads.bare_judgements(connection, stage, reviewer, self._all or {})
                )
        return self._rows[key]

    def rows_of(self, stage: Stage, chosen: Container[tuple[str, str]]) -> list[StoredJudgement]:
        """Return the judgements of several reviewers, each in the role that is named with it, oldest first."""
        names = dict.fromkeys(name for name, role in self.reviewers(stage) if (name, role) in chosen)
        rows = [row for name in names for row in self.rows(stage, name) if (name, row.role) in chosen]
        return sorted(rows, key=lambda row: row.id)

    @cached_property
    def unblinded(self) -> frozenset[int]:
        """Return the numbers of the judgements that people gave after another's answer had been shown to them."""
        with self.ledger.read() as connection:
            return judged_open(connection)

    @cached_property
    def in_bulk(self) -> frozenset[int]:
        """Return the numbers of the judgements that were one decision on many records at once."""
        with self.ledger.read() as connection:
            return judged_in_bulk(connection)

    @cached_property
    def made_here(self) -> frozenset[int]:
        """Return the numbers of the judgements that people made in this program; others come from files."""
        with self.ledger.read() as connection:
            return judged_here(connection)

    def latest(
        self,
        stage: Stage,
        reviewer: str,
        repeat: int = 0,
        *,
        blind: bool = False,
        counts: Callable[[str, StoredJudgement], bool] | None = None,
    ) -> dict[str, StoredJudgement]:
        """Return the newest judgement of each record by one reviewer that `counts`, by record id.

        An adjudication between others is no judgement of one's own: of somebody who also judged it does not count. `blind`
        leaves out what a person said after another's answer had been shown to them; what they said before stands.
        """
        current_ids, rows = self.current_ids, self.rows(stage, reviewer)
        own_role = self._own_role(stage, reviewer)
        blind = blind and own_role == "human"  # to whom alone anything is shown
        key = (stage, reviewer, repeat, blind)
        if counts is not None or key not in self._latest:
            unblinded = self.unblinded if blind else frozenset[int]()
            named = ((current_ids.get(row.record_id, row.record_id), row) for row in rows)
            latest = {
                name: row
                for name, row in named
                if row.repeat == repeat
                and row.role == own_role
                and row.id not in unblinded
                and (counts is None or counts(name, row))
            }
            if counts is not None:
                return latest
            self._latest[key] = latest
        return self._latest[key]

    def _own_role(self, stage: Stage, reviewer: str) -> str:
        """Return the role in which somebody judged: of an adjudicator who judged too, as what they judged."""
        key = (stage, reviewer)
        if key not in self._roles:
            self._roles[key] = min({row.role for row in self.rows(stage, reviewer)}, key=in_role_order, default="")
        return self._roles[key]

    def repeats(self, stage: Stage, reviewer: str) -> int:
        """Return how many times a reviewer was asked the same at most: 1 without repeats, 0 where nothing was judged."""
        return max((row.repeat + 1 for row in self.rows(stage, reviewer)), default=0)
