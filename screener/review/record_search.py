"""Records as one person may list them: found by words, narrowed by facets with counts, in an order of their choice.

What others found is in no count, no hit and no order where the person may not see it: there only their own work counts.
"""

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..core.judgement import Stage
from ..ledger.notes import Note
from ..ledger.record_columns import begun_ids
from ..ledger.tags import Tag
from ..stages import Status
from .record_index import MISSING, Facet, Mask, RecordIndex
from .record_lists import DECISIONS, STATUSES, RecordLists, StageColumns

MINE = ("mine", "include", "exclude", "unclear", "open", "draft", "without_abstract")
"""What a person has made of records: judged, with which decision, not judged, begun and not saved, judged before the
abstract was looked up."""
FACETS = (
    "show", "decision", "standing", "excluded_for", "person", "tag", "notes", "mark", "abstract", "year", "source", "venue",
    "type", "language",
)  # fmt: skip
"""The facets, in the order in which they are shown."""
ORDERS = ("relevance", "import", "newest", "oldest", "title", "probability")
_UNDECIDED = "none"


@dataclass(frozen=True)
class RecordQuery:
    """Say what is looked for: all `words`, and of each facet that is named any of its values; in one of `ORDERS`."""

    stage: Stage
    words: Sequence[str] = ()
    facets: Mapping[str, Sequence[str]] = field(default_factory=dict)
    order: str = ""


class SeesOthers(Hashable, Protocol):
    """Says of which records somebody may see others' work; equal for the same person with the same rights."""

    def may_see(self, stage: Stage, ids: Iterable[str]) -> set[str]:
        """Return those of some records of which they may see what people found at a stage, and how they stand."""

    def may_see_machine(self, stage: Stage, ids: Iterable[str]) -> set[str]:
        """Return those of which they may see what machines answered."""


@dataclass(frozen=True)
class FoundRecords:
    """The hits as places in the index, in their order, and how many records have each value of each facet.

    The counts of a facet are those under all others.
    """

    index: RecordIndex = field(repr=False)
    places: NDArray[np.int64]
    counts: Mapping[str, Mapping[str, int]]
    probability: NDArray[np.float32] = field(repr=False)

    @property
    def total(self) -> int:
        """Return how many hits there are."""
        return len(self.places)

    def ids(self, first: int = 0, most: int | None = None) -> list[str]:
        """Return the ids of the hits, or of some from a place on."""
        last = None if most is None else first + most
        return [self.index.ids[place] for place in self.places[first:last]]

    def probability_of(self, name: str) -> float | None:
        """Return the machine's probability of a record where the person may see it."""
        value = float(self.probability[self.index.place_of[name]])
        return None if np.isnan(value) else value


class PersonalView:
    """What one person may see of a review's records at a stage, made for one request."""

    def __init__(
        self, lists: RecordLists, stage: Stage, name: str, sees: SeesOthers, marks: Mapping[str, Collection[str]] = {}
    ) -> None:
        """Look up what the person of that name has judged, and of which records they may see more.

        `marks` are records by what is known against them.
        """
        self.lists, self.stage, self.name, self.sees, self.index = lists, stage, name, sees, lists.index()
        self._marks = marks
        self.own = lists.own(stage, name, self.index)
        self.seen = lists.seen(stage, (sees, "people"), name, self.index, lambda: sees.may_see(stage, self.index.ids))

    @cached_property
    def columns(self) -> StageColumns:
        """Return what everybody found: to be read through `seen` alone."""
        return self.lists.stage(self.stage, self.index)

    @cached_property
    def probability(self) -> NDArray[np.float32]:
        """Return the machine's probabilities, none where they may not be seen."""
        index, sees, stage = self.index, self.sees, self.stage
        visible = self.lists.seen(
            stage, (sees, "machine"), self.name, index, lambda: sees.may_see_machine(stage, index.ids)
        )
        return np.where(visible, self.columns.probability, np.float32(np.nan)).astype(np.float32)

    @cached_property
    def tags(self) -> Sequence[Tag]:
        """Return the tags that the person may see."""
        rows = self.lists.tags()
        return [tag for tag, sees in zip((tag for _, tag in rows), self._visible([(stage, tag.record_id, tag.reviewer) for stage, tag in rows]), strict=True) if sees]  # fmt: skip

    @cached_property
    def notes(self) -> Sequence[Note]:
        """Return the notes that the person may see."""
        rows = self.lists.notes()
        visible = self._visible([(note.stage, note.record_id, note.reviewer) for note in rows])
        return [note for note, sees in zip(rows, visible, strict=True) if sees]

    def _visible(self, rows: Sequence[tuple[Stage, str, str]]) -> list[bool]:
        """Return of what others wrote at a stage on a record which the person may see; their own they always may."""
        asked = dict[Stage, set[str]]()
        for stage, record, who in rows:
            if who != self.name:
                asked.setdefault(stage, set()).add(record)
        seen = {stage: self.sees.may_see(stage, names) for stage, names in asked.items()}
        return [who == self.name or record in seen[stage] for stage, record, who in rows]

    def find(self, query: RecordQuery) -> FoundRecords:
        """Return the hits of a query, with the counts of all facets."""
        size = self.index.size
        base, scores = self._with_words(query.words)
        facets = self.facets
        masks = {name: facets[name].mask(chosen, size) for name, chosen in query.facets.items() if chosen}
        hits = base.copy()
        for mask in masks.values():
            hits &= mask
        counts = {}
        for name, facet in facets.items():
            others = hits
            if name in masks:
                others = base.copy()
                for other, mask in masks.items():
                    if other != name:
                        others &= mask
            counts[name] = facet.counts(others)
        places = self._ordered(np.flatnonzero(hits), query.order or ("relevance" if query.words else "import"), scores)
        return FoundRecords(self.index, places, counts, self.probability)

    def _with_words(self, words: Sequence[str]) -> tuple[Mask, NDArray[np.int32]]:
        """Return which records hold all words in their text, tags or notes, and how prominently."""
        index = self.index
        mask, scores = np.ones(index.size, bool), np.zeros(index.size, np.int32)
        for word in words:
            weights, folded = index.weights(word).astype(np.int32), word.casefold()
            written = [tag.record_id for tag in self.tags if folded in tag.word.casefold()]
            written += [note.record_id for note in self.notes if folded in note.text.casefold()]
            places = index.places(written)
            weights[places] = np.maximum(weights[places], 3)
            mask &= weights > 0
            scores += weights
        return mask, scores

    def _ordered(self, places: NDArray[np.int64], order: str, scores: NDArray[np.int32]) -> NDArray[np.int64]:
        index = self.index
        if order == "relevance":
            key = -scores[places].astype(np.float64)
        elif order in ("newest", "oldest"):
            years = index.years[places].astype(np.float64)
            key = np.where(years == 0, np.inf, -years if order == "newest" else years)
        elif order == "title":
            key = index.by_title[places].astype(np.float64)
        elif order == "probability":
            key = np.nan_to_num(-self.probability[places].astype(np.float64), nan=np.inf)
        else:
            return places
        return places[np.argsort(key, kind="stable")]

    @cached_property
    def facets(self) -> Mapping[str, Facet]:
        """Return all facets as this person may see them."""
        inputs = (self.index, self.own, self.seen, self.columns)
        kept = self.lists.facets((self.stage, self.name), inputs, self._of_judgements)
        index = self.index
        made = {
            **kept,
            "show": Facet.joined(kept["show"], Facet.of_groups({"draft": index.places(self._begun).tolist()})),
            "tag": _grouped(index, ((tag.word, tag.record_id) for tag in self.tags)),
            "notes": _grouped(index, (("yes", note.record_id) for note in self.notes if not note.withdrawn)),
            "mark": Facet.of_groups({name: index.places(names).tolist() for name, names in self._marks.items()}),
        }
        return {name: made[name] if name in made else index.facets[name] for name in FACETS}

    @cached_property
    def _begun(self) -> set[str]:
        with self.lists.ledger.read() as connection:
            return begun_ids(connection, self.stage, self.name)

    def _of_judgements(self) -> dict[str, Facet]:
        people = self.columns.people
        of_own = np.asarray(people.labels, object)[people.values] == self.name if people.labels else np.zeros(0, bool)
        return {
            "show": self._mine(),
            "decision": self._decision(),
            "standing": self._standing(),
            "excluded_for": self._reason(),
            "person": people.only(self.seen[people.places] | of_own.astype(bool)),
        }

    def _mine(self) -> Facet:
        own, groups = self.own, dict[str, NDArray[np.int32]]()
        groups["mine"] = own.places
        for code, decision in enumerate(DECISIONS):
            groups[decision] = own.places[own.decision == code]
        unjudged = np.ones(self.index.size, bool)
        unjudged[own.places] = False
        groups["open"], groups["without_abstract"] = np.flatnonzero(unjudged).astype(np.int32), own.without
        return Facet.of_places({name: groups[name] for name in MINE if name in groups})

    def _of_own(self, values: NDArray[np.int32] | int) -> NDArray[np.int32]:
        """Return values of what the person has judged by the places of all records, -1 for what they have not."""
        codes = np.full(self.index.size, -1, np.int32)
        codes[self.own.places] = values
        return codes

    def _decision(self) -> Facet:
        """Return the facet of what stands where the person may see that, and of their own decision where they may not."""
        codes = np.where(self.seen, self.columns.decision, self._of_own(self.own.decision))
        return Facet.of_codes([*DECISIONS, _UNDECIDED], np.where(codes < 0, len(DECISIONS), codes).astype(np.int32))

    def _standing(self) -> Facet:
        """Return the facet of standings; of what may not be seen, as it would be had only this person judged."""
        rule = self.lists.review.stage(self.stage).decided_by
        alone = Status.FINAL if rule.humans == 1 and rule.second_reviewer is None else Status.PENDING
        codes = np.where(self.seen, self.columns.status, self._of_own(STATUSES.index(alone.value)))
        pending = STATUSES.index(Status.PENDING.value)
        return Facet.of_codes(STATUSES, np.where(codes < 0, pending, codes).astype(np.int32))

    def _reason(self) -> Facet:
        reasons = tuple(dict.fromkeys([*self.columns.reasons, *self.own.reasons]))
        numbers = np.asarray([*(reasons.index(reason) for reason in self.own.reasons), -1], np.int32)
        own = self._of_own(numbers[self.own.failed])  # -1 is the last of them
        return Facet.of_codes(reasons, np.where(self.seen, self.columns.reason, own).astype(np.int32))


def _grouped(index: RecordIndex, pairs: Iterable[tuple[str, str]]) -> Facet:
    groups: dict[str, set[int]] = {}
    for value, record in pairs:
        if (place := index.place_of.get(record)) is not None:
            groups.setdefault(value, set()).add(place)
    return Facet.of_groups(groups)


def shown_values(counts: Mapping[str, int], chosen: Sequence[str], *, by_value: bool = False) -> list[tuple[str, int]]:
    """Return the values of a facet that are worth showing with their counts: the most frequent first, or the highest first.

    What no record has is left out unless it is chosen; what is not given comes last.
    """
    values = {value: count for value, count in counts.items() if count} | {
        value: counts.get(value, 0) for value in chosen
    }
    ordered = sorted(values.items(), key=lambda item: item[0], reverse=True) if by_value else sorted(values.items(), key=lambda item: (-item[1], item[0].casefold()))  # fmt: skip
    return sorted(ordered, key=lambda item: item[0] == MISSING)
