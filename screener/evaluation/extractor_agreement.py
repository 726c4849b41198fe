"""How far two reviewers extract the same, item by item."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..core.errors import BadInput
from ..core.judgement import Judgement, Stage
from ..ledger import Ledger, Snapshot
from ..metrics import ComparedItem, Estimate, ItemValue, compare_items, item_agreement
from ..protocol import Review
from ..stages import form_of
from .extractions import extractions, kinds_of, no_longer_asked, values_of, without
from .figures import limits


@dataclass(frozen=True)
class ItemAgreement:
    """Compare two reviewers' extractions over the studies that both have: overall, by item, and what differs."""

    first: str
    second: str
    overall: Estimate
    by_item: dict[str, Estimate]
    conflicts: tuple[tuple[str, ComparedItem], ...]
    studies: int
    left_out: tuple[str, ...]
    """Items of either that the form no longer has: they are not compared."""

    def as_json(self) -> dict[str, Any]:
        """Return it as `evaluate --stage extraction --reviewer A --reference B --json` prints it."""
        return {
            "stage": Stage.EXTRACTION.value,
            "reviewer": self.first,
            "reference": self.second,
            "reference_status": "reviewer",
            "reference_level": "final",
            "split": None,
            "n": self.studies,
            "agreement": limits(self.overall),
            "by_item": {name: limits(estimate) for name, estimate in self.by_item.items()},
            "conflicts": [{"id": name, "item": item.path} for name, item in self.conflicts],
            "no_longer_asked": list(self.left_out),
        }


def compare_extractors(source: Ledger | Snapshot, review: Review, first: str, second: str) -> ItemAgreement:
    """Return how far two reviewers extract the same; an item with another status or value is a conflict."""
    if first == second:
        raise BadInput(f"--reference: {first} against itself says nothing; name two reviewers")
    form, snapshot = form_of(review), Snapshot.of(source)
    kinds = kinds_of(form)
    first_extractions, second_extractions = (
        extractions(snapshot, review, name, blind=True) for name in (first, second)
    )
    common = [name for name in first_extractions if name in second_extractions]
    if not common:
        raise BadInput(f"{first} and {second} have extracted no study in common")
    removed = no_longer_asked(
        form, *(side[name].items for side in (first_extractions, second_extractions) for name in common)
    )

    def values(judgement: Judgement) -> dict[str, ItemValue]:
        return values_of(without(judgement.items, removed))

    compared: Sequence[tuple[str, tuple[ComparedItem, ...]]] = [
        (name, compare_items(values(first_extractions[name]), values(second_extractions[name]), kinds, form.keys))
        for name in common
    ]
    overall, by_item = item_agreement([items for _, items in compared])
    conflicts = tuple((name, item) for name, items in compared for item in items if not item.same)
    return ItemAgreement(first, second, overall, by_item, conflicts, len(common), removed)
