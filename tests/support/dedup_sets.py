"""Labelled duplicates of real searches (`shared/data/dedup`), read as entries."""

import csv
from itertools import combinations
from pathlib import Path

from screener.records import Entry, doi
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
