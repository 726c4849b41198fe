"""What lists of records are made of, kept in memory for all who look at a review: the records, and what was judged of them.

Nobody is shown this as it is: `record_search` takes from it what one person may see.
"""

import time
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock, Thread
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..core.judgement import Decision, Stage
from ..ledger import Ledger, newest_id, position, probabilities, tags_at, who_judged
from ..ledger.notes import Note, notes_of
from ..ledger.record_columns import own_decisions, own_work_made_from, record_columns, records_made_from
from ..ledger.tags import Tag
from ..protocol import Review
from ..stages import Status, standings_at
from .record_index import Facet, Mask, RecordIndex

DECISIONS = tuple(decision.value for decision in Decision)
STATUSES = tuple(status.value for status in Status)
OTHER_REASON = "other"
"""The reason of an exclusion that names no criterion."""
_LARGE = 20_000
"""So many records, or judgements, are looked through anew while somebody waits; of more, what was known is shown meanwhile."""
_PERSONAL, _MOST_PERSONAL = ("own", "seen", "facets"), 60
"""What is kept for a person, and how much of it for all people together."""
_AGAIN_SECONDS = 15.0
"""How long what is known of a large ledger may stand when something has changed."""


@dataclass(frozen=True)
class StageColumns:
    """How each record stands at a stage and who has judged it, by its place; -1 where there is nothing."""

    status: NDArray[np.int32]
    decision: NDArray[np.int32]
    reason: NDArray[np.int32]
    reasons: tuple[str, ...]
    people: Facet
    probability: NDArray[np.float32]
    """What the stage's machine said last; not a number where it said nothing."""


@dataclass(frozen=True)
class OwnColumns:
    """What one person has judged at a stage: the places of the records, and by these what they decided.

    `failed` is the criterion that an exclusion names, by its number in `reasons`, else -1; `without` are the places of what
    they judged before its abstract was looked up.
    """

    places: NDArray[np.int32]
    decision: NDArray[np.int32]
    failed: NDArray[np.int32]
    reasons: tuple[str, ...]
    without: NDArray[np.int32]


@dataclass
class _Kept:
    """A value, what it was made from, and when."""

    made_from: Hashable
    value: Any
    at: float
    renewing: bool = False


class RecordLists:
    """The lists of one ledger, made when they are first asked for, and anew when something has changed."""

    def __init__(self, ledger: Ledger, review: Review) -> None:
        """Look at nothing yet."""
        self.ledger, self.review = ledger, review
        self._kept: dict[Hashable, _Kept] = {}
        self._lock = Lock()
        self._protocols = 0

    def use(self, review: Review) -> None:
        """Go by a review; where its protocol is another one, what was made by the one before is made anew."""
        if self.review.protocol != review.protocol:
            self.review, self._protocols = review, self._protocols + 1

    def index(self) -> RecordIndex:
        """Return the records; in a large ledger as they were some seconds ago, where they have changed since."""
        with self.ledger.read() as connection:
            made_from = records_made_from(connection)
        index: RecordIndex = self._up_to_date("records", made_from, self._index, lambda kept: kept.size > _LARGE)
        return index

    def stage(self, stage: Stage, index: RecordIndex) -> StageColumns:
        """Return what was judged at a stage; in a large ledger as it was some seconds ago."""
        with self.ledger.read() as connection:
            made_from = (position(connection), newest_id(connection, "marks"))
            many = newest_id(connection, "judgements") > _LARGE
        columns: StageColumns = self._up_to_date(
            ("stage", stage), (made_from, index.made, self._protocols), lambda: self._columns(stage, index),
            lambda kept: many and len(kept.status) == index.size,
        )  # fmt: skip
        return columns

    def own(self, stage: Stage, name: str, index: RecordIndex) -> OwnColumns:
        """Return what a person has judged at a stage, as it is now."""
        with self.ledger.read() as connection:
            made_from = (own_work_made_from(connection, name), index.made)
        own: OwnColumns = self._up_to_date(
            ("own", stage, name), made_from, lambda: self._own(stage, name, index), lambda _: False
        )
        return own

    def seen(
        self, stage: Stage, viewer: Hashable, name: str, index: RecordIndex, look: Callable[[], Collection[str]]
    ) -> Mask:
        """Return which records a person sees others' work of; `look` says so, and is asked where it may have changed.

        `viewer` is all about the person that this depends on. In a large ledger it is not asked because others have judged:
        that takes nothing from what one may see.
        """
        with self.ledger.read() as connection:
            own = own_work_made_from(connection, name)
            others = () if newest_id(connection, "judgements") > _LARGE else position(connection)
        made_from = (own, others, index.made, self._protocols)
        seen: Mask = self._up_to_date(
            ("seen", stage, viewer), made_from, lambda: index.holding(look()), lambda _: False
        )  # fmt: skip
        return seen

    def facets(
        self, key: Hashable, inputs: Sequence[object], make: Callable[[], Mapping[str, Facet]]
    ) -> Mapping[str, Facet]:
        """Return a person's facets, made anew where any of the objects that they are made from is another one."""
        made_from = tuple(map(id, inputs))
        kept: tuple[Sequence[object], Mapping[str, Facet]] = self._up_to_date(
            ("facets", key),
            made_from,
            lambda: (inputs, make()),
            lambda _: False,  # the objects are held: no id comes again
        )
        return kept[1]

    def tags(self) -> Sequence[tuple[Stage, Tag]]:
        """Return all tags that are on records, each with the stage at which it was put there."""
        kept: Sequence[tuple[Stage, Tag]] = self._of_events("tags", self._tags)
        return kept

    def notes(self) -> Sequence[Note]:
        """Return all notes, oldest first."""
        kept: Sequence[Note] = self._of_events("notes", self._notes)
        return kept

    def _of_events(self, name: str, make: Callable[[], Any]) -> Any:
        with self.ledger.read() as connection:
            made_from = (records_made_from(connection), newest_id(connection, "marks"))
        return self._up_to_date(name, made_from, make, lambda _: False)

    def _up_to_date(
        self, name: Hashable, made_from: Hashable, make: Callable[[], Any], may_wait: Callable[[Any], bool]
    ) -> Any:
        """Return what `make` makes, anew where it was made from something else; later and aside where that `may_wait`."""
        kept = self._kept.get(name)
        if kept is not None and kept.made_from == made_from:
            return kept.value
        if kept is not None and may_wait(kept.value):
            if not kept.renewing and time.monotonic() - kept.at > _AGAIN_SECONDS:
                kept.renewing = True
                Thread(target=self._renew, args=(name, made_from, make), daemon=True).start()
            return kept.value
        with self._lock:
            kept = self._kept.get(name)
            if kept is None or kept.made_from != made_from:
                kept = self._kept[name] = _Kept(made_from, make(), time.monotonic())
                self._forget()
        return kept.value

    def _forget(self) -> None:
        """Keep what belongs to the people who looked last."""
        personal = [name for name in self._kept if isinstance(name, tuple) and name[0] in _PERSONAL]
        for name in personal[: max(0, len(personal) - _MOST_PERSONAL)]:
            del self._kept[name]

    def _renew(self, name: Hashable, made_from: Hashable, make: Callable[[], Any]) -> None:
        try:
            self._kept[name] = _Kept(made_from, make(), time.monotonic())
        finally:
            self._kept[name].renewing = False

    def _index(self) -> RecordIndex:
        with self.ledger.read() as connection:
            return RecordIndex.of(record_columns(connection))

    def _own(self, stage: Stage, name: str, index: RecordIndex) -> OwnColumns:
        with self.ledger.read() as connection:
            decisions = own_decisions(connection, stage, name)
        places, reasons = index.place_of, dict[str, int]()
        rows = [(places[record], own, record) for record, own in decisions.items() if record in places]
        failed = [
            reasons.setdefault(own.failed or OTHER_REASON, len(reasons)) if own.decision == "exclude" else -1
            for _, own, _ in rows
        ]
        codes = {decision: code for code, decision in enumerate(DECISIONS)}
        without = [place for place, own, record in rows if index.own_texts.get(record) == own.text_hash]
        return OwnColumns(
            np.asarray([place for place, _, _ in rows], np.int32),
            np.asarray([codes[own.decision] for _, own, _ in rows], np.int32),
            np.asarray(failed, np.int32), tuple(reasons), np.asarray(without, np.int32),
        )  # fmt: skip

    def _tags(self) -> Sequence[tuple[Stage, Tag]]:
        with self.ledger.read() as connection:
            return [(stage, tag) for stage in Stage for tag in tags_at(connection, stage)]

    def _notes(self) -> Sequence[Note]:
        with self.ledger.read() as connection:
            return notes_of(connection)

    def _columns(self, stage: Stage, index: RecordIndex) -> StageColumns:
        standings = standings_at(self.ledger, self.review, stage)
        with self.ledger.read() as connection:
            judged, _ = who_judged(connection, stage)
            machine = self.review.stage(stage).decided_by.machine
            probable = probabilities(connection, stage, machine) if machine else {}
        nothing = np.full(index.size, -1, np.int32)
        status, decision, reason, reasons = nothing.copy(), nothing.copy(), nothing.copy(), dict[str, int]()
        places = index.place_of
        for name, standing in standings.items():
            if (place := places.get(name)) is None:
                continue
            status[place] = STATUSES.index(standing.status.value)
            if standing.decision is not None:
                decision[place] = DECISIONS.index(standing.decision.value)
                if standing.decision is Decision.EXCLUDE:
                    reason[place] = reasons.setdefault(standing.failed or OTHER_REASON, len(reasons))
        probability = np.full(index.size, np.nan, np.float32)
        for name, value in probable.items():
            if name in places:
                probability[places[name]] = value
        return StageColumns(status, decision, reason, tuple(reasons), _people(judged, places), probability)


def _people(judged: Mapping[str, Collection[str]], places: Mapping[str, int]) -> Facet:
    groups: dict[str, list[int]] = {}
    for name, people in judged.items():
        if (place := places.get(name)) is not None:
            for person in people:
                groups.setdefault(person, []).append(place)
    return Facet.of_groups(dict(sorted(groups.items())))


_MAKING = Lock()


def lists_of(ledger: Ledger, review: Review) -> RecordLists:
    """Return the lists of a ledger, the same for all who have it open; they go with it."""
    with _MAKING:
        lists: RecordLists = ledger.in_memory.get(RecordLists) or RecordLists(ledger, review)
        ledger.in_memory[RecordLists] = lists
        lists.use(review)
        return lists
