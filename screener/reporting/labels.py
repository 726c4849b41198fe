"""What people read for the ids in a figures document: criteria, items of the form, codes.

The document keeps the ids.
"""

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from ..forms import readable
from . import wording as w
from .flow import BY_RULE, NO_CRITERION


class Labels:
    """The labels of one figures document."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        """Read them from the protocol and the form as the document has them."""
        self._document = document
        self._criteria = {
            stage["stage"]: {criterion["id"]: criterion["label"] for criterion in stage["criteria"]}
            for stage in document["review"]["stages"]
        }
        self._items = {item["path"]: item for item in (document["extraction"] or {}).get("items", ())}

    def criterion(self, stage: str, name: str) -> str:
        """Return a criterion's label."""
        return str(self._criteria.get(stage, {}).get(name, name.replace("_", " ")))

    def reason(self, stage: str, name: str) -> str:
        """Return the reason for an exclusion in words: "not human"."""
        return name if name == NO_CRITERION else f"not {self.criterion(stage, name)}"

    def item(self, path: str) -> str:
        """Return an item's label by its path, which may have indices: "Models 1 › Identity › Window (s)"."""
        parts = [f"{readable(part)} {int(number) + 1}" if number else readable(part) for part, number in _parts(path)]
        item = self._items.get(re.sub(r"\[\d+\]", "", path))
        if item is None:
            return " › ".join(parts)
        if "[" not in path:
            return str(item["label"])
        # The last part has the unit; those above it have numbers.
        return " › ".join([*parts[: item["label"].count(" › ")], item["label"].rpartition(" › ")[2]])

    def value(self, extracted: Mapping[str, Any]) -> str:
        """Return an extracted value in words; a code without underscores."""
        item = self._items.get(re.sub(r"\[\d+\]", "", extracted["path"]), {})
        text = w.words(extracted["value"])
        return text.replace("_", " ") if item.get("kind") in ("code", "codes") else text

    @cached_property
    def flow(self) -> dict[str, Any]:
        """Return the flow with reasons in words."""
        return self._worded(self._document["flow"])

    @cached_property
    def previous(self) -> dict[str, Any] | None:
        """Return the flow of an update with reasons in words; None where there is none."""
        update = self._document.get("previous")
        return self._worded(update) if update else None

    def _worded(self, flow: Mapping[str, Any]) -> dict[str, Any]:
        return {
            **flow,
            "boxes": [{**box, "parts": [self._part(box, part) for part in box["parts"]]} for box in flow["boxes"]],
        }

    def _part(self, box: Mapping[str, Any], part: Mapping[str, Any]) -> dict[str, Any]:
        label = str(part["label"])
        if box["id"] in ("excluded_reports", "via_excluded_reports", "other_excluded_reports"):
            label = self.reason("fulltext", label)
        elif label.startswith(f"{BY_RULE}: "):
            label = f"{BY_RULE}: {self.reason('abstract', label.removeprefix(f'{BY_RULE}: '))}"
        return {**part, "label": label}


def _parts(path: str) -> list[tuple[str, str]]:
    return [(part, number.removesuffix("]")) for part, _, number in (step.partition("[") for step in path.split("."))]
