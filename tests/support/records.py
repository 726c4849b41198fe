"""What the tests of `screener.records` share: where the real exports lie, and entries made by hand."""

from typing import Any

import pytest

from screener.records import Entry, Index
from support import SHARED

EXPORTS = SHARED / "exports"
CASES = SHARED.parent / "cases" / "records"
SCREENING = SHARED / "screening"
WOS = SHARED / "seed-review" / "wos"
PUBMED = SHARED / "seed-review" / "pubmed" / "csv-ECGTitleOR-set.csv"
QUERIES = SHARED / "seed-review" / "queries"

needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason=f"the shared data are not here ({SHARED})")

TITLE = "A foundation model for the electrocardiogram of many leads"
ABSTRACT = "We pre-train a transformer on ten million recordings and adapt it to nine tasks, and it does well. " * 3


def an_entry(title: str = TITLE, **fields: Any) -> Entry:
    return Entry(title=title, **fields)


def what(first: Entry, second: Entry) -> list[tuple[str, str]]:
    """What the second of two entries is to the first: kind and rule."""
    index = Index()
    index.add(1, first)
    return [(match.kind, match.rule) for match in index.add(2, second)]


def clusters(entries: dict[int, Entry]) -> set[frozenset[int]]:
    """The entries that are one record, added in the order of the dictionary."""
    index, groups = Index(), dict[int, set[int]]()
    for key, entry in entries.items():
        group = {key}
        for match in index.add(key, entry):
            if match.kind == "duplicate":
                group |= groups[match.other]
        groups |= dict.fromkeys(group, group)
    return {frozenset(group) for group in groups.values()}
