"""What was extracted from each included study, by whom, and where in it the entries of lists are.

A person's value counts, adjudicated or agreed; where there is none yet, the machine's, marked as such. Gold labels never
count.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Literal

from ...core.judgement import ItemAnswer, ItemStatus, Stage
from ...documents import Report
from ...forms import FormSpec, bare
from ...ledger import Ledger
from ...protocol import Review
from ...records import Record
from ...stages import StageState, Standing, Status, stages_of

By = Literal["person", "machine", ""]
"""Whose values count; the empty string where nobody's do yet."""
Seen = Callable[[By, Iterable[str]], set[str]]
"""Gives those of some studies, by id, of which somebody may see what people or machines extracted, or that they are there."""


@dataclass(frozen=True)
class ExtractedStudy:
    """An included study. `label` tells it from all others as papers do: `Smith 2021`, `Smith 2021b`.

    `items` are the answers that count, by path, none where `by` is empty; `names` are those who gave them.
    """

    record: Record
    label: str
    items: Mapping[str, ItemAnswer]
    by: By = ""
    names: str = ""
    standing: str = Status.PENDING.value
    included: str = Status.FINAL.value
    """`final`, or `suggested` where only a machine says so."""

    @property
    def id(self) -> str:
        """Return the id of the record that speaks for the study."""
        return self.record.id

    @property
    def reports(self) -> tuple[str, ...]:
        """Return the records that are reports of it."""
        return (self.record.study if isinstance(self.record, Report) else ()) or (self.record.id,)

    def entries(self, list_path: str) -> Sequence[str]:
        """Return the places of the entries of a list, in order: `models[0].results[2]` for `models.results`."""
        return self._places.get(list_path, ())

    def is_unclear(self, list_path: str) -> bool:
        """Return whether it is open if a list has entries: nobody has answered, or says that it is unclear."""
        said = [answer.status for path, answer in self.items.items() if bare(path) == list_path and path[-1] != "]"]
        return not said or ItemStatus.UNCLEAR in said

    @cached_property
    def _places(self) -> Mapping[str, list[str]]:
        """Return the places of all entries, by the path of their list."""
        places: dict[str, set[str]] = defaultdict(set)
        for path in self.items:
            for index in re.finditer(r"\[\d+\]", path):
                place = path[: index.end()]
                places[bare(place)].add(place)
        return {name: sorted(of_list, key=_numbers) for name, of_list in places.items()}


def _numbers(place: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\[(\d+)\]", place)))


def extracted_studies(
    ledger: Ledger, review: Review, *, machine: bool = True, seen: Seen | None = None
) -> list[ExtractedStudy]:
    """Return all included studies in the order in which they came, those without an extraction too.

    Without `machine` only what people have settled counts. With `seen` only the studies that it lets through. Raises
    `BadInput` where the review has no extraction.
    """
    review.stage(Stage.EXTRACTION)
    state = StageState.load(ledger, review, Stage.EXTRACTION)
    labels, suggested = study_labels(state.records), _only_suggested(ledger, review)
    ids = [record.id for record in state.records]
    visible: dict[By, set[str]] = {by: set(ids) if seen is None else seen(by, ids) for by in ("person", "machine", "")}
    studies = []
    for record in state.records:
        standing = state.standings[record.id]
        study = ExtractedStudy(record, labels[record.id], {}, standing=standing.status.value)
        if suggested.issuperset(study.reports):
            study = replace(study, included=Status.SUGGESTED.value)
        study = _with_values(study, standing, review, machine=machine)
        if record.id in visible[study.by]:
            studies.append(study)
    return studies


def _only_suggested(ledger: Ledger, review: Review) -> set[str]:
    """Return the reports that a machine's suggestion alone brought to extraction."""
    before = stages_of(review)[: stages_of(review).index(Stage.EXTRACTION)]
    if not before:
        return set()
    return {
        record.id for record in StageState.load(ledger, review, before[-1], brief=True).with_status(Status.SUGGESTED)
    }


def _with_values(study: ExtractedStudy, standing: Standing, review: Review, *, machine: bool) -> ExtractedStudy:
    by_machine = standing.status is Status.SUGGESTED or standing.by in review.protocol.reviewers
    if standing.judgement is None or (by_machine and not machine):
        return study
    by: By = "machine" if by_machine else "person"
    return replace(study, items=standing.judgement.items, by=by, names=standing.by)


def study_labels(records: Iterable[Record]) -> dict[str, str]:
    """Return first author and year of each record, by id; those that are the same get `a`, `b`, … in their order."""
    plain = {record.id: _label(record) for record in records}
    several = {label for label, count in Counter(plain.values()).items() if count > 1}
    seen: Counter[str] = Counter()
    labels = {}
    for name, label in plain.items():
        labels[name] = f"{label}{_letters(seen[label])}" if label in several else label
        seen[label] += 1
    return labels


def _label(record: Record) -> str:
    first = record.authors[0].split(",")[0].strip() if record.authors else ""
    return " ".join(f"{first or record.id} {record.year or ''}".split())


def _letters(number: int) -> str:
    """Return `a`, `b`, …, `z`, `aa`, …"""
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("a") + rest) + letters
    return letters


def list_of(form: FormSpec, path: str) -> str:
    """Return the innermost list that an item is in; the empty string for what is asked once a study."""
    return max((name for name in form.lists if path.startswith(f"{name}.")), key=len, default="")


def within(place: str, path: str) -> str:
    """Return the path of an item as it is in an entry: in `models[0].results[2]` `models.name` is `models[0].name`.

    An item that is in no list of the entry's keeps its path.
    """
    for start, prefix in _prefixes(place):
        if path.startswith(start):
            return prefix + path[len(start) :]
    return path


@lru_cache(maxsize=100_000)
def _prefixes(place: str) -> tuple[tuple[str, str], ...]:
    """Return how paths in the lists of an entry begin, the innermost list first, each with what stands there instead."""
    ends = [index.end() for index in re.finditer(r"\[\d+\]", place)]
    return tuple((f"{bare(place[:end])}.", f"{place[:end]}.") for end in reversed(ends))


def lists_above(form: FormSpec, list_path: str) -> Sequence[str]:
    """Return the lists that a list is in, the outermost first, and then itself."""
    return sorted((name for name in form.lists if list_path == name or list_path.startswith(f"{name}.")), key=len)
