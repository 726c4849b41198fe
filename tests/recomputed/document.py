"""The whole figures document, numbers only, made from the tables of an audit."""

import json
import re
from typing import Any

from . import accuracy as a
from . import estimates as e
from .archive import Audit, Row
from .extracted import extraction, extraction_accuracy, extraction_agreement
from .links import undecided
from .quality import quality
from .standing import Way, adjudications, flow, reasons, way
from .updates import previous


def expected(audit: Audit) -> dict[str, Any]:
    """Every number of the report in the shape of figures.json. Words, and what holds no number, are left out."""
    on = way(audit)
    return {
        "review": {"stages": [{"humans": audit.decided_by(stage)["humans"]} for stage in audit.stages]},
        "gold": {"versions": _gold(audit)},
        "flow": {"boxes": _boxes(audit, on), **_links(audit, on)},
        "previous": previous(audit, on),
        "reasons": {stage: reasons(audit, on, stage) for stage in ("abstract", "fulltext")},
        "stages": {stage: _stage(audit, on, stage) for stage in audit.stages},
        "extraction": extraction(audit, on),
        "effort": {"machines": _machines(audit), "humans": _people(audit), "errors": _errors(audit)},
        "searches": _searches(audit),
        "reproduction": _reproduction(audit),
    }


def _gold(audit: Audit) -> Row:
    found = {}
    for stage in ("abstract", "fulltext"):
        labels = audit.gold(stage)
        if labels is not None:
            halves = labels["half"].value_counts()
            found[stage] = {"labels": len(labels), "dev": int(halves["dev"]), "test": int(halves["test"])}
    return found


def _boxes(audit: Audit, on: Way) -> list[Row]:
    """The boxes in the order of the report, with their parts in its order: what has no count there is not there."""
    made, found = flow(audit, on), []
    for box in audit.figures["flow"]["boxes"]:
        mine = made.pop(box["id"])
        order = [part["label"] for part in box["parts"]]
        assert set(mine["parts"]) <= set(order), f"{box['id']}: a part is missing in the report"
        found.append({**mine, "parts": [{"count": mine["parts"].get(label, 0)} for label in order]})
        for note in box["notes"]:
            _note(on, note)
    assert not made, "a box is missing in the report"
    return found


def _links(audit: Audit, on: Way) -> Row:
    """Of what the program has linked: how many pairs of records, and of included reports, nobody has decided on."""
    pairs = undecided(audit.table("links"), audit.table("members"))
    included = {name for name, place in on.places.items() if place == "included"}
    return {
        "candidates": len(pairs["candidate"]),
        "supposed_studies": sum(pair <= included for pair in pairs["same_study"]),
    }


def _note(on: Way, note: str) -> None:
    """The numbers in words of the boxes' notes."""
    if number := re.fullmatch(r"([\d,]+) of them on a machine's suggestion alone", note):
        alone = sum(one.status == "suggested" and one.goes_on for one in on.stands["abstract"].values())
        assert int(number[1].replace(",", "")) == alone
    elif number := re.fullmatch(r"([\d,]+) (?:study|studies)", note):
        assert int(number[1].replace(",", "")) == sum(place == "included" for place in on.places.values())


def _stage(audit: Audit, on: Way, stage: str) -> Row:
    titles = sum(not audit.records[name]["abstract"] for name in on.records[stage])
    told: Row = {"records": len(on.records[stage]), "title_only": titles, "minds": _minds(audit)}
    if stage == "extraction":
        return told | {"accuracy": extraction_accuracy(audit), "agreement": extraction_agreement(audit)}
    machines = [name for name, role in a.roles(audit, stage).items() if role == "machine"]
    repeated = {name: a.stability(audit, stage, name, valid=False) for name in machines}
    return told | {
        "adjudications": adjudications(audit, stage),
        "agreement": a.agreements(audit, stage),
        "accuracy": a.accuracy(audit, stage),
        "quality": quality(audit, stage),
        "stability": {name: one for name, one in repeated.items() if one},
    }


def _minds(audit: Audit) -> Row:
    """Who changed their mind after others' answers were shown, and how."""
    shown = [row for row in audit.table("circumstances") if row["blinded"] == "open"]
    assert not shown, "nobody was shown another's answers in these reviews, so nobody changed their mind"
    ways = ("kept", "changed", "to_keep", "to_exclude", "within", "towards", "away", "better", "worse", "untold")
    return {"answered": len(shown), **dict.fromkeys(ways, len(shown))}


def _machines(audit: Audit) -> list[Row]:
    """In the order of their first run. Nobody has calls without a run in these reviews."""
    found: dict[tuple[str, str], Row] = {}
    for run in sorted(audit.table("runs"), key=lambda run: run["at"]):
        row = found.setdefault((run["stage"], run["reviewer"]), {"runs": 0, "unfinished": 0, "seconds": 0.0})
        row["runs"] += 1
        row["unfinished"] += run["ended"] is None
        row["seconds"] += json.loads(run["summary"] or "{}").get("seconds") or 0.0
    for (stage, reviewer), row in found.items():
        calls = [one for one in audit.table("calls") if (one["stage"], one["reviewer"]) == (stage, reviewer)]
        of = {
            status: sum(one["status"] in status for one in calls)
            for status in (("cached",), ("failed", "refused", "unusable"))
        }
        cost = sum(one["cost_usd"] or 0.0 for one in calls)
        unpriced = any(one["cost_usd"] is None and one["status"] in ("ok", "unusable") for one in calls)
        latencies = [one["latency_s"] for one in calls if one["latency_s"] is not None]
        row |= {
            "calls": sum(one["status"] not in ("cached", "rejected") for one in calls),
            "reused_calls": of[("cached",)],
            "failed_calls": of[("failed", "refused", "unusable")],
            **{name: sum(one[name] or 0 for one in calls) for name in ("attempts", "input_tokens", "output_tokens", "cached_tokens")},
            "cost_known": cost,
            "cost_usd": None if unpriced else cost,
            "mean_latency_s": sum(latencies) / len(latencies) if latencies else None,
        }  # fmt: skip
    return list(found.values())


def _people(audit: Audit) -> list[Row]:
    found: dict[tuple[str, str, str], set[str]] = {}
    for row in audit.judgements:
        if row["role"] in ("human", "adjudicator"):
            found.setdefault((row["stage"], row["role"], row["reviewer"]), set()).add(row["record"])
    return [{"records": len(found[key])} for key in sorted(found)]


def _errors(audit: Audit) -> list[Row]:
    assert not audit.table("errors"), "no record failed in these reviews"
    return []


def _searches(audit: Audit) -> Row:
    hits = audit.hits
    by_source = {row["source"]: 0 for row in hits}
    for row in hits:
        by_source[row["source"]] += 1
    sources: list[Row] = []
    for source in audit.sources:
        queries = source.get("queries", [])
        assert source["name"] not in by_source, "the records of these reviews came with their gold"
        reported = [query.get("reported") for query in queries]
        whole = source.get("reported", None if not reported or None in reported else sum(reported))
        told = [{"reported": one, "received": 0 if one == 0 else None} for one in reported]
        sources.append({"reported": whole, "received": 0, "queries": told})
    sources += [{"received": count} for count in by_source.values()]
    files = []
    for row in audit.imports:
        report = json.loads(row["report"])
        mine = [hit for hit in hits if hit["import_id"] == row["id"]]
        first = {}
        for member in audit.table("members"):
            first.setdefault(member["record_id"], member["hit_id"])
        new = len({hit["id"] for hit in mine} & set(first.values()))
        rejected = len(report["rejected"])
        files.append({"rows": len(mine) + rejected, "new": new, "duplicates": len(mine) - new, "rejected": rejected})
    assert not audit.table("links"), "nothing is linked in these reviews"
    return {"sources": sources, "files": files, "links": []}


def _reproduction(audit: Audit) -> Row:
    runs = []
    for run in sorted(audit.table("runs"), key=lambda run: run["at"]):
        said = json.loads(run["summary"] or "{}")
        runs.append({key: said.get(key) for key in ("records", "decided", "errors", "seconds")})
    names = ("imports", "hits", "records", "links", "runs", "calls", "judgements", "errors", "documents")
    bootstrap = {"seed": e.SEED, "resamples": e.RESAMPLES, "least_defined": e.LEAST_DEFINED}
    return {"runs": runs, "ledger": {name: len(audit.table(name)) for name in names}, "bootstrap": bootstrap}
