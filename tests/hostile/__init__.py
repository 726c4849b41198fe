"""Forty hostile records with their clean twins; all invented.

Each has `id`, `kind`, `title`, `abstract`, `clean_title`, `clean_abstract`. A record with `repeat` and `length` in the
file has its abstract lengthened here by that phrase to that many characters, so that no such text need be committed.
"""

import json
from pathlib import Path


def hostile_records() -> list[dict[str, str]]:
    """The records, read anew."""
    lines = (Path(__file__).parent / "records.jsonl").read_text(encoding="utf-8").splitlines()
    return [_lengthened(json.loads(line)) for line in lines]


def _lengthened(record: dict) -> dict[str, str]:
    phrase, length = record.pop("repeat", ""), record.pop("length", 0)
    if phrase:
        text = f"{record['abstract']} "
        record["abstract"] = text + (phrase * (length // len(phrase) + 1))[: length - len(text)]
    return record
