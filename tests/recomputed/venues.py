"""What the rules on venues remove, by the design's words alone: from the rows, the protocol and the lists in the archive."""

import csv
import io
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .archive import Audit, Row


def removed(audit: "Audit") -> set[str]:
    """The records of which every row is of a source with a rule, and of a journal whose quartiles do not pass.

    By ISSN and by equal titles alone, which is enough for the reviews of these tests.
    """
    rules = {source["name"]: source.get("venues", "any") for source in audit.sources}
    rows: dict[str, list[bool]] = {}
    record = {row["hit_id"]: row["record_id"] for row in audit.table("members")}
    for hit in audit.hits:
        if hit["id"] in record:
            entry, rule = json.loads(hit["entry"]), rules.get(hit["source"], "any")
            rows.setdefault(record[hit["id"]], []).append(rule != "any" and _fails(audit, rule["jcr"], entry))
    return {name for name, fails in rows.items() if all(fails)}


def _fails(audit: "Audit", rule: "Row", entry: "Row") -> bool:
    journals = _journals(audit, rule["files"], str(rule["year"]))
    for names in (entry.get("issn", ()), [entry.get("venue", "").casefold()]):
        found = [row for row in journals if {row["ISSN"], row["eISSN"], row["Journal name"].casefold()} & set(names)]
        if found:
            passing = [row for row in found if row["Category"] in rule["categories"] and row["JIF Quartile"] == "Q1"]
            return not passing
    return False


def _journals(audit: "Audit", folder: str, year: str) -> list["Row"]:
    journals = []
    for name in audit.zip.namelist():
        if name.startswith(f"prompts/{folder}/"):
            text = audit.zip.read(name).decode()
            if f"JCR Year: {year}" in text:
                journals += list(csv.DictReader(io.StringIO(text[text.index("Journal name,") :])))
    return journals
