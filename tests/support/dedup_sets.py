"""Labelled duplicates of real searches (`shared/data/dedup`), read as entries."""

import csv
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from screener.records import Entry, Index, doi
from support import SHARED

FOLDER = SHARED / "dedup"
NAMES = ("haematology", "respiratory", "digital_work")
_TYPES = {"article": "JOUR", "inproceedings": "CPAPER", "incollection": "CHAP", "inbook": "CHAP", "book": "BOOK",
          "phdthesis": "THES", "techreport": "RPRT"}  # fmt: skip
Pair = frozenset[str]


def _text(row: dict[str, str], name: str) -> str:
    value = row.get(name, "") or ""
    return "" if value == "UNKNOWN" else value


def entry_of(row: dict[str, str]) -> Entry:
    """Return a row as a reader of exports would."""
    year = _text(row, "year")
    return Entry(
        title=_text(row, "title"),
        abstract=_text(row, "abstract"),
        authors=tuple(name.strip() for name in _text(row, "author").split(" and ") if name.strip()),
        year=int(year) if year.isdigit() else None,
        venue=_text(row, "journal") or _text(row, "booktitle"),
        volume=_text(row, "volume"),
        issue=_text(row, "number"),
        pages=_text(row, "pages"),
        isbn=tuple(filter(None, [_text(row, "isbn")])),
        publisher=_text(row, "publisher"),
        reference_type=_TYPES.get(row["ENTRYTYPE"], ""),
        doi=doi(_text(row, "doi")),
    )


def labelled_set(name: str, folder: Path = FOLDER) -> tuple[dict[str, Entry], set[Pair]]:
    """Return the entries of a set by their ids, and the pairs of ids that people called one work."""
    with (folder / name / "records_pre_merged.csv").open(newline="", encoding="utf-8") as file:
        entries = {row["ID"]: entry_of(row) for row in csv.DictReader(file)}
    with (folder / name / "merged_record_ids.csv").open(newline="", encoding="utf-8") as file:
        groups = [row["merged_ids"].split(";") for row in csv.DictReader(file)]
    pairs = {frozenset(pair) for group in groups for pair in combinations(group, 2)}
    return entries, pairs


@dataclass(frozen=True)
class Found:
    """What the program made of some entries. `merged` are all pairs of one record; `links` pairs of records, by their first ids."""

    entries: dict[str, Entry]
    root: dict[str, str]
    merged: set[Pair]
    links: dict[Pair, set[str]]

    def of(self, pair: Pair) -> Pair:
        return frozenset(self.root[name] for name in pair)

    def unlisted(self, pairs: set[Pair]) -> set[Pair]:
        """The pairs that are neither one record nor linked."""
        return {pair for pair in pairs - self.merged if self.of(pair) not in self.links}

    @property
    def candidates(self) -> set[Pair]:
        return {pair for pair, kinds in self.links.items() if "candidate" in kinds and len(pair) == 2}

    def is_labelled(self, records: Pair, pairs: set[Pair]) -> bool:
        """Whether any two entries of two records are labelled as one work."""
        first, second = sorted(records)
        sides = ([name for name, root in self.root.items() if root == side] for side in (first, second))
        one, other = sides
        return any(frozenset((a, b)) in pairs for a in one for b in other)


def match_all(entries: dict[str, Entry]) -> Found:
    """Add entries to an index in their order."""
    index, names = Index(), list(entries)
    groups: dict[str, set[str]] = {}
    drawn: list[tuple[str, str, str]] = []
    for key, name in enumerate(names):
        group = {name}
        for match in index.add(key, entries[name]):
            other = names[match.other]
            if match.kind == "duplicate":
                group |= groups[other]
            else:
                drawn.append((name, other, match.kind))
        groups |= dict.fromkeys(group, group)
    root = {name: min(group, key=names.index) for name, group in groups.items()}
    members: dict[str, list[str]] = {}
    for name, first in root.items():
        members.setdefault(first, []).append(name)
    merged = {frozenset(pair) for group in members.values() for pair in combinations(group, 2)}
    links: dict[Pair, set[str]] = {}
    for a, b, kind in drawn:
        links.setdefault(frozenset((root[a], root[b])), set()).add(kind)
    return Found(entries, root, merged, links)
