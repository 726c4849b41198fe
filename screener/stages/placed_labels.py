"""Which gold labels of a half count, once records were merged: one label a record, none that contradicts another."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from ..core.judgement import Decision


@dataclass(frozen=True)
class PlacedLabel:
    """A gold label beside the record that it speaks of now; `record` is None where the ledger has none."""

    id: str
    record: str | None
    split: Literal["dev", "test"]
    decision: Decision


@dataclass(frozen=True)
class Half:
    """The labels of one half. `labels` are those that count, by record id; the others are ids of labels that do not.

    `unplaced` match no record; the records of `contradictory` were merged with one that has another label, those of
    `learned` (of `test`) with one of `dev`.
    """

    labels: dict[str, PlacedLabel]
    unplaced: tuple[str, ...]
    contradictory: tuple[str, ...]
    learned: tuple[str, ...]


def half_of(labels: Iterable[PlacedLabel], split: Literal["dev", "test"]) -> Half:
    """Return the labels of `dev` or `test`, with what became of each by merges."""
    all_labels = list(labels)
    decisions: dict[str, set[Decision]] = {}
    for label in all_labels:
        if label.record is not None:
            decisions.setdefault(label.record, set()).add(label.decision)
    dev = {label.record for label in all_labels if label.split == "dev"}
    valid_labels: dict[str, PlacedLabel] = {}
    unplaced, contradictory, learned = [], [], []
    for label in (label for label in all_labels if label.split == split):
        if label.record is None:
            unplaced.append(label.id)
        elif len(decisions[label.record]) > 1:
            contradictory.append(label.id)
        elif split == "test" and label.record in dev:
            learned.append(label.id)
        else:
            valid_labels.setdefault(label.record, label)
    return Half(valid_labels, tuple(unplaced), tuple(contradictory), tuple(learned))
