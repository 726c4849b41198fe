"""Records merged, told apart, and linked as reports of one study."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..ledger import Ledger, extracted_already, link_study, merge_records, split_record, unlink_study
from ..protocol import Review
from .changes import after_change


@dataclass(frozen=True)
class StudyLink:
    """Two reports of one study.

    `speaks` is the report that stands for the study at extraction; `extracted` are the people who extracted any of its
    reports before, by report.
    """

    reports: tuple[str, str]
    speaks: str
    extracted: Mapping[str, list[str]]

    def as_json(self) -> dict[str, Any]:
        """Return what `dedup merge --same-study --json` prints."""
        return {"study": list(self.reports), "speaks": self.speaks, "extracted": self.extracted}


def merge(ledger: Ledger, review: Review, first: str, second: str, who: str) -> str:
    """Merge two records and return the id that both have now: that of the older one.

    Raises `BadInput` for an unknown id and for two that are one record already.
    """
    record = merge_records(ledger, first, second, who)
    after_change(ledger, review)
    return record


def split(ledger: Ledger, review: Review, record: str, who: str) -> list[str]:
    """Undo all merges of a record and return the ids of the records that it came apart into."""
    records = split_record(ledger, record, who)
    after_change(ledger, review)
    return records


def link_as_study(ledger: Ledger, review: Review, first: str, second: str, who: str) -> StudyLink:
    """Link two records as reports of one study; they stay apart."""
    link_study(ledger, first, second, who)
    after_change(ledger, review)
    study, people = extracted_already(ledger, first)
    return StudyLink((first, second), study.id, people)


def unlink_from_study(ledger: Ledger, review: Review, record: str, who: str) -> int:
    """Undo all links of a record to other reports of its study and return how many there were."""
    count = unlink_study(ledger, record, who)
    after_change(ledger, review)
    return count
