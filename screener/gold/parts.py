"""The two parts of gold `dev`: what wording is tuned on, and what tells whether that helped.

Errors, examples, proposals and fits see `tune` only, or are cross-fitted; gains and thresholds are read on `check`. The
division is by hash, so that it needs no file, and a new label moves no other one.
"""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Literal

from ..ledger import Ledger, reads
from ..protocol import Examples, Review
from .labels import GoldSet, Label, placed_labels, shown_records

Part = Literal["tune", "check"]


def part_of(review_id: str, study: str) -> Part:
    """Return the part of a study: `tune` where the first byte of sha256(review's id, NUL, study's name) is even."""
    return "check" if hashlib.sha256(f"{review_id}\0{study}".encode()).digest()[0] % 2 else "tune"


def dev_parts(
    review: Review, labels: Mapping[str, Label], same_study: Iterable[tuple[str, str]] = ()
) -> dict[str, Part]:
    """Return the part of each label of dev, by its record's id.

    A study is named by the first of its labels' ids, so that records which are linked as the same study (`same_study`,
    pairs of records) fall into one part.
    """
    studies = _studies(labels, same_study)
    review_id = review.protocol.id or ""
    return {record: part_of(review_id, study) for record, study in studies.items()}


def _studies(labels: Mapping[str, Label], same_study: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the name of each labelled record's study: the first of the labels' ids in it."""
    parent: dict[str, str] = {}

    def root(name: str) -> str:
        while parent.setdefault(name, name) != name:
            parent[name] = name = parent[parent[name]]
        return name

    for a, b in same_study:
        parent[root(a)] = root(b)
    first: dict[str, str] = {}
    for record, label in labels.items():
        study = root(record)
        first[study] = min(first.get(study, label.id), label.id)
    return {record: first[root(record)] for record in labels}


def shown_in_prompt(
    gold: GoldSet, examples: Examples, labels: Mapping[str, Label], same_study: Iterable[tuple[str, str]] = ()
) -> frozenset[str]:
    """Return the labelled records that the prompt shows as examples, and those of the same studies: no figure counts them.

    `labels` are those of dev; with those of test among them, so are the records of test in the studies of the examples.
    """
    if not examples.all:
        return frozenset()
    shown = set(shown_records(gold, examples, "dev").values())
    studies = _studies(labels, same_study)
    of_examples = {studies[record] for record, label in labels.items() if label.id in shown}
    return frozenset(record for record, study in studies.items() if study in of_examples)


def of_tested_studies(ledger: Ledger, gold: GoldSet) -> set[str]:
    """Return the records of `test`, and all that are linked with one of them as the same study. No label is read."""
    tested = {placed.record for placed in placed_labels(ledger, gold) if placed.split == "test" and placed.record}
    with ledger.read() as connection:
        return reads.with_their_studies(connection, tested)
