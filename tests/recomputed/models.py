"""Models and data sets from the tables alone: which there are, what people said of them, and what they name."""

import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .archive import Audit


@dataclass
class Models:
    """`topic` by entry, in the order in which they came; `names` are the records linked with each. `via` came no other way;
    of these `screened` are named by an entry on topic.
    """

    topic: dict[str, str]
    names: dict[str, set[str]]
    cards: set[str]
    hits: list[dict[str, Any]]
    via: set[str]
    screened: set[str]

    @property
    def named(self) -> set[str]:
        return {name for entry, names in self.names.items() if self.topic[entry] == "on" for name in names}

    @property
    def not_screened(self) -> set[str]:
        return set(self.topic) | (self.via - self.screened)

    def classes(self) -> Counter[str]:
        """How many entries are where."""
        on = {"on": "on", "off": "off"}
        where = Counter[str](on.get(topic, "open") for topic in self.topic.values())
        for entry, topic in self.topic.items():
            if topic == "on":
                where["naming" if self.names[entry] else "card" if entry in self.cards else "bare"] += 1
        return where


def models(audit: "Audit") -> Models:
    undone = {int(row["body"]) for row in audit.table("marks") if row["kind"] == "undone"}
    said = {
        audit.alias.get(row["record_id"], row["record_id"]): json.loads(row["body"])["topic"]
        for row in sorted(audit.table("marks"), key=lambda row: row["id"])
        if row["kind"] == "topic" and row["id"] not in undone
    }
    topic = {
        name: said.get(name, "") for name, record in audit.records.items()
        if record["type"] in ("model", "dataset") and said.get(name) != "publication"
    }  # fmt: skip
    record_of = {row["hit_id"]: row["record_id"] for row in audit.table("members")}
    last: dict[frozenset[int], Any] = {}
    for row in sorted(audit.table("links"), key=lambda row: row["id"]):
        if row["kind"] == "describes":
            last[frozenset((row["a"], row["b"]))] = row
    names: dict[str, set[str]] = {name: set() for name in topic}
    for row in last.values():
        ends = {record_of.get(row["a"]), record_of.get(row["b"])}
        for entry in ends & topic.keys():
            if row["active"]:
                names[str(entry)] |= {str(end) for end in ends - topic.keys()}
    came = {row["id"] for row in audit.table("imports") if row["format"] == "via model"}
    by_model = {row["id"] for row in audit.hits if row["import_id"] in came}
    others = {name for hit, name in record_of.items() if hit not in by_model}
    via = {record_of[hit] for hit in by_model} - others
    cards = {name for name in topic if audit.records[name]["abstract"]}
    hits = [row for row in audit.hits if record_of[row["id"]] in topic]
    found = Models(topic, names, cards, hits, via, set())
    found.screened = via & found.named
    return found
