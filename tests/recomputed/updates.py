"""The flow since a frozen version, made anew: the same boxes over what came later, and the version's own numbers."""

import json
from dataclasses import replace
from typing import Any

from .archive import Audit, Row
from .standing import Way, flow


class _Since:
    """An audit of which only the later rows and records are there."""

    def __init__(self, audit: Audit, hits: list[Row], records: set[str], imports: list[Row]) -> None:
        numbers = {row["id"] for row in hits}
        self._audit, self.hits, self.imports = audit, hits, imports
        self.records = {name: record for name, record in audit.records.items() if name in records}
        self.by_venue = audit.by_venue & records
        self.notices = {name for name in audit.notices if name in records}
        models = audit.models
        topic = {name: said for name, said in models.topic.items() if name in records}
        names = {name: models.names[name] for name in topic}
        rows = [row for row in models.hits if row["id"] in numbers]
        self.models = replace(models, topic=topic, names=names, hits=rows, screened=models.screened & records)
        self._members = [row for row in audit.table("members") if row["hit_id"] in numbers]

    def table(self, name: str) -> list[Row]:
        return self._members if name == "members" else self._audit.table(name)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._audit, name)


def previous(audit: Audit, on: Way) -> dict[str, Any] | None:
    """The boxes of an update, in the shape of the figures; None where the report has none."""
    version = _version(audit)
    if version is None:
        return None
    position, body = json.loads(version["position"]), json.loads(version["body"])
    hits = [row for row in audit.hits if _origin(audit, row["id"]) > position["hits"]]
    numbers = {row["id"] for row in hits}
    of: dict[str, set[int]] = {}
    for row in audit.table("members"):
        of.setdefault(row["record_id"], set()).add(row["hit_id"])
    records = {name for name, rows in of.items() if rows <= numbers}
    later = [row for row in audit.imports if row["id"] > position["imports"]]
    mine = Way(
        on.records,
        {stage: {n: one for n, one in stands.items() if n in records} for stage, stands in on.stands.items()},
        {name: place for name, place in on.places.items() if name in records},
        {name: why for name, why in on.reasons.items() if name in records},
    )
    boxes = flow(_Since(audit, hits, records, later), replace(mine))  # type: ignore[arg-type]
    reports = [name for study in body["studies"] for name in study]
    now = {name for name, place in on.places.items() if place == "included"}
    earlier = {audit.alias.get(name, name) for name in reports}
    still, new = (now - records) & earlier, now & records
    parts = {
        "In the previous version": len(reports),
        "New": len(new),
        "Included since then, among earlier records": len(now - records - earlier),
        "Not included any more": len(still) - len(reports),
    }
    boxes["previous"] = {"count": len(body["studies"]), "parts": {}, "enters": [], "leaves": []}
    enters = (len(reports), len(new), len(now) - len(new) - len(reports))
    boxes["total"] = {"count": len(now), "parts": parts, "enters": [{"count": n} for n in enters], "leaves": []}
    made = []
    for box in audit.figures["previous"]["boxes"]:
        own = boxes.pop(box["id"])
        shown = [{"count": own["parts"].get(part["label"], 0)} for part in box["parts"]]
        assert sum(own["parts"].values()) == sum(part["count"] for part in shown), f"{box['id']}: a part is missing"
        made.append({**own, "parts": shown})
    assert not boxes, "a box is missing in the report"
    return {"boxes": made}


def _origin(audit: Audit, hit: int) -> int:
    """The first version of a row, by the updates that stand."""
    before: dict[int, int] = {}
    for row in audit.superseded:
        before[row["new"]] = min(row["old"], before.get(row["new"], row["old"]))
    while hit in before:
        hit = before[hit]
    return hit


def _version(audit: Audit) -> Row | None:
    for version in reversed(audit.table("versions")):
        after = json.loads(version["position"])["hits"]
        if any(_origin(audit, row["id"]) > after for row in audit.hits):
            return version
    return None
