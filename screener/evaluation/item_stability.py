"""What changed where the same studies were extracted several times by one reviewer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..core.judgement import Evidence, ItemAnswer, Stage
from ..forms import FormSpec
from ..ledger import Snapshot
from ..metrics import compare_items
from ..protocol import Review
from .extractions import extracted, kinds_of, values_of

Place = tuple[str, int | None, int | None, int | None]
"""A document, and page, first and last character of a quote in it."""


@dataclass(frozen=True)
class ItemStability:
    """Hold what was not the same each time where studies were extracted several times, over those that all repeats have."""

    repeats: int
    studies: int
    items: int
    """Items that were compared; their paths are in the numbering of the first time."""
    changed: tuple[tuple[str, str], ...]
    """Study and path of the items that had another status or value."""
    other_quotes: int
    """Of the others, those whose quotes were in other places."""

    def as_json(self) -> dict[str, Any]:
        """Return it as `evaluate --stage extraction --json` prints it."""
        changed = [{"id": study, "item": path} for study, path in self.changed]
        return {"repeats": self.repeats, "n": self.studies, "items": self.items, "changed": changed,
                "other_quotes": self.other_quotes}  # fmt: skip


def stability_of(snapshot: Snapshot, review: Review, reviewer: str, form: FormSpec) -> ItemStability | None:
    """Return how often repeats differ, over all studies that were asked more than once, labelled or not."""
    times = snapshot.repeats(Stage.EXTRACTION, reviewer)
    repeats = [repeat for number in range(times) if (repeat := extracted(snapshot, review, reviewer, number))]
    common = [name for name in (repeats[0] if repeats else ()) if all(name in repeat for repeat in repeats)]
    if len(repeats) < 2 or not common:
        return None
    kinds = kinds_of(form)
    unchanged: dict[tuple[str, str], bool] = {}
    moved: set[tuple[str, str]] = set()
    for name in common:
        first = repeats[0][name].items
        for other_items in (repeat[name].items for repeat in repeats[1:]):
            for item in compare_items(values_of(first), values_of(other_items), kinds, form.keys):
                key = (name, item.path)
                unchanged[key] = unchanged.get(key, True) and item.same
                if _places(first, item.first) != _places(other_items, item.second):
                    moved.add(key)
    changed = tuple(key for key, alike in unchanged.items() if not alike)
    return ItemStability(len(repeats), len(common), len(unchanged), changed, len(moved - set(changed)))


def _places(items: Mapping[str, ItemAnswer], path: str | None) -> set[Place]:
    return {place_of(evidence) for evidence in items[path].evidence} if path is not None and path in items else set()


def place_of(evidence: Evidence) -> Place:
    """Return where a quote stands."""
    return evidence.document, evidence.page, evidence.start, evidence.end
