"""An audit as plain tables."""

import hashlib
import io
import json
import zipfile
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from .models import Models, models
from .venues import removed

Row = dict[str, Any]


class Audit:
    """An archive: `table(name)` are rows of the ledger, `gold(stage)` are labels, `figures` is the recorded document."""

    def __init__(self, path: Path) -> None:
        self.zip = zipfile.ZipFile(path)
        self.figures: dict[str, Any] = json.loads(self.zip.read("figures.json"))
        self.protocol: dict[str, Any] = yaml.safe_load(self.zip.read("prompts/review.yaml"))
        self.sources: list[Row] = []
        if self.protocol.get("sources"):
            self.sources = yaml.safe_load(self.zip.read(f"prompts/{self.protocol['sources']}"))["sources"]
        self.gold_spec: Row = yaml.safe_load(self.zip.read("gold/gold.yaml")) if self.has("gold/gold.yaml") else {}
        self._tables: dict[str, list[Row]] = {}

    def table(self, name: str) -> list[Row]:
        if name not in self._tables:
            lines = self.zip.read(f"ledger/{name}.jsonl").splitlines()
            self._tables[name] = [json.loads(line) for line in lines]
        return self._tables[name]

    def has(self, name: str) -> bool:
        return name in self.zip.namelist()

    def gold(self, stage: str) -> pd.DataFrame | None:
        """The labels, each with its half: as its row says, else by the hash of salt and id within each decision."""
        if not self.has(f"gold/{stage}.csv"):
            return None
        raw = io.BytesIO(self.zip.read(f"gold/{stage}.csv"))
        labels = pd.read_csv(raw, dtype=str, keep_default_na=False)
        salt = self.gold_spec["split"]["salt"]
        labels["order"] = [hashlib.sha256(f"{salt}:{name}".encode()).hexdigest() for name in labels["id"]]
        labels["half"] = ""
        for _, same in labels.groupby("decision"):
            ordered = same.sort_values("order").index
            labels.loc[ordered[: len(ordered) // 2], "half"] = "dev"
            labels.loc[ordered[len(ordered) // 2 :], "half"] = "test"
        if "split" in labels:
            labels["half"] = labels["split"].where(labels["split"] != "", labels["half"])
        return labels

    @cached_property
    def stages(self) -> list[str]:
        return [name for name in ("abstract", "fulltext", "extraction") if name in self.protocol["stages"]]

    def criteria(self, stage: str) -> list[str]:
        return [one["id"] for one in self.protocol["stages"][stage].get("criteria", [])]

    def presupposed(self, stage: str) -> dict[str, str]:
        """By criterion the one that it presupposes."""
        criteria = self.protocol["stages"][stage].get("criteria", [])
        return {one["id"]: one["applies_if"] for one in criteria if "applies_if" in one}

    def rules(self, stage: str) -> list[str]:
        return [one["id"] for one in self.protocol["stages"][stage].get("criteria", []) if one.get("kind") == "rule"]

    def decided_by(self, stage: str) -> Row:
        """The rule of a stage, with what its workflow fills in."""
        spec = self.protocol["stages"][stage]
        beside_one = spec.get("workflow") == "person_and_machine"
        rule = {"humans": 1 if beside_one else 2, "machine": None, **spec.get("decided_by", {})}
        if spec.get("workflow") not in (None, "two_people", "two_models") and rule["machine"] is None:
            [rule["machine"]] = self.protocol["reviewers"]
        return rule | {"second_reviewer": beside_one}

    @cached_property
    def alias(self) -> dict[str, str]:
        return {row["alias"]: row["record_id"] for row in self.table("aliases")}

    @cached_property
    def records(self) -> dict[str, Row]:
        """The records by id in the order in which they came, as their bodies say, with the hash of their text."""
        rows = sorted(self.table("records"), key=lambda row: row["position"])
        return {row["id"]: {**json.loads(row["body"]), "text_hash": row["text_hash"]} for row in rows}

    @cached_property
    def imports(self) -> list[Row]:
        """The imports that nobody has taken back."""
        undone = {row["import_id"] for row in self.table("undone_imports")}
        return [row for row in self.table("imports") if row["id"] not in undone]

    @cached_property
    def hits(self) -> list[Row]:
        """The rows that an import brought that nobody has taken back."""
        standing = {row["id"] for row in self.imports}
        again = {row["hit_id"] for row in self.table("repeated_hits") if row["import_id"] in standing}
        older = {row["old"] for row in self.superseded}
        came = [row for row in self.table("hits") if row["import_id"] in standing or row["id"] in again]
        return [row for row in came if row["id"] not in older]

    @cached_property
    def superseded(self) -> list[Row]:
        """Which row is a newer version of which, by the updates that nobody has taken back."""
        standing = {row["id"] for row in self.imports}
        undone = {row["update_id"] for row in self.table("update_imports") if row["import_id"] not in standing}
        return [row for row in self.table("superseded_hits") if row["update_id"] not in undone]

    @cached_property
    def models(self) -> Models:
        return models(self)

    @cached_property
    def set_aside(self) -> set[str]:
        """The records that are not screened."""
        return self.notices | self.models.not_screened

    @cached_property
    def notices(self) -> set[str]:
        """The records that are notices of others: linked so, by a person, or by the program where no person has begun."""
        record = {row["hit_id"]: row["record_id"] for row in self.table("members")}
        newest: dict[tuple[str, int, int], Row] = {}
        for row in self.table("links"):
            newest[row["kind"], max(row["a"], row["b"]), min(row["a"], row["b"])] = row
        begun = {row["record"] for row in self.judgements if row["role"] != "machine"}
        begun |= {self.alias.get(row["record_id"], row["record_id"]) for row in self.table("sample_members")}
        aside = set()
        for (kind, _, _), row in newest.items():
            notice, paper = record.get(row["a"]), record.get(row["b"])
            if kind == "notice_of" and row["active"] and notice and paper and notice != paper:
                aside |= {notice} if row["who"] != "screener" or notice not in begun else set()
        return aside

    @cached_property
    def by_venue(self) -> set[str]:
        """The records that a rule on venues removes before screening."""
        return removed(self)

    @cached_property
    def judgements(self) -> list[Row]:
        """All judgements that nobody has withdrawn, with the record they are of now and their body read.

        What was judged of a record of which no row counts any more is withdrawn with it.
        """
        withdrawn = {row["judgement_id"] for row in self.table("withdrawals")}
        names = {row["name"] for row in self.table("hits")} - self.alias.keys()
        withdrawn |= {row["id"] for row in self.table("judgements") if row["record_id"] in names}
        return [
            {**row, "record": self.alias.get(row["record_id"], row["record_id"]), "said": json.loads(row["body"])}
            for row in self.table("judgements")
            if row["id"] not in withdrawn
        ]

    @cached_property
    def protocol_of_run(self) -> dict[str, str]:
        return {row["id"]: json.loads(row["specification"]).get("protocol", "") for row in self.table("runs")}

    def present_protocol(self, stage: str, reviewer: str) -> str:
        """The protocol's hash under which a reviewer ran last."""
        runs = [row for row in self.table("runs") if (row["stage"], row["reviewer"]) == (stage, reviewer)]
        return self.protocol_of_run[max(runs, key=lambda row: row["at"])["id"]] if runs else ""
