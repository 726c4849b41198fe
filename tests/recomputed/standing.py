"""How every record stands at a stage, and the flow that is counted from it, by the design's words alone."""

import hashlib
import json
from collections import Counter
from dataclasses import dataclass
from typing import Any

from .archive import Audit, Row

CLASSIFIED = {"awaiting_classification": "unclassified", "ongoing": "ongoing"}
"""What people say of reports that cannot be decided yet, and the boxes of these."""
ROLES = ["main", "supplement", "readme", "model_card"]


@dataclass
class Stands:
    status: str
    decision: str | None = None
    human: bool = False
    judgement: Row | None = None

    @property
    def goes_on(self) -> bool:
        return self.status in ("final", "suggested") and self.decision in ("include", "unclear")

    @property
    def excluded(self) -> bool:
        return self.status == "final" and self.decision == "exclude"

    @property
    def failed(self) -> str | None:
        answers = self.judgement["said"].get("answers", {}) if self.judgement else {}
        return next((name for name, answer in answers.items() if answer["value"] == "no"), None)


def documents(audit: Audit) -> dict[str, list[Row]]:
    """The documents that are attached now, by record, the main one first."""
    newest = {(row["record_id"], row["name"]): row for row in audit.table("documents")}
    found: dict[str, list[Row]] = {}
    for row in newest.values():
        if row["active"]:
            found.setdefault(audit.alias[row["record_id"]], []).append(row)
    for rows in found.values():
        rows.sort(key=lambda row: (ROLES.index(row["role"]), row["name"]))
    return found


def text_hashes(audit: Audit, stage: str) -> dict[str, str]:
    """The hash of what is read of each record: at later stages its documents too."""
    found = {name: record["text_hash"] for name, record in audit.records.items()}
    if stage == "abstract":
        return found
    attached = documents(audit)
    for name, base in found.items():
        parts = [base, *(f"{row['name']}:{row['content']}" for row in attached.get(name, []) if not row["scan"])]
        found[name] = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]
    return found


def current(audit: Audit, stage: str, row: Row, texts: dict[str, str]) -> bool:
    """Whether a judgement is of the present text and, a machine's, under the present protocol."""
    if row["role"] != "machine":
        return True
    present = audit.present_protocol(stage, row["reviewer"])
    return row["text_hash"] == texts.get(row["record"]) and audit.protocol_of_run[row["run_id"]] == present


def standings(audit: Audit, stage: str, records: list[str]) -> dict[str, Stands]:
    rule, texts = audit.decided_by(stage), text_hashes(audit, stage)
    newest: dict[str, dict[tuple[str, str], Row]] = {name: {} for name in records}
    for row in audit.judgements:
        if (
            row["stage"] == stage
            and row["repeat"] == 0
            and row["record"] in newest
            and current(audit, stage, row, texts)
        ):
            newest[row["record"]][row["role"], row["reviewer"]] = row
    failed = {
        row["record_id"] for row in audit.table("errors") if (row["stage"], row["reviewer"]) == (stage, rule["machine"])
    }
    found = {name: stand(stage, rule, rows, name in failed) for name, rows in newest.items()}
    return found | (classified(audit, found, newest) if stage == "fulltext" else {})


def classified(audit: Audit, found: dict[str, Stands], newest: dict[str, Any]) -> dict[str, Stands]:
    """What people say last of a report, unless they have decided on it since."""
    told = {audit.alias[row["record_id"]]: row for row in audit.table("marks") if row["kind"] == "classified"}
    kinds = {name: json.loads(row["body"])["kind"] for name, row in told.items() if name in found}
    since = {
        name
        for name in kinds
        if found[name].status == "final"
        and any(role != "machine" and row["at"] > told[name]["at"] for (role, _), row in newest[name].items())
    }
    return {name: Stands(kind) for name, kind in kinds.items() if kind and name not in since}


def stand(stage: str, rule: Row, rows: dict[tuple[str, str], Row], failed: bool) -> Stands:
    rulings = [row for (role, _), row in rows.items() if role == "adjudicator"]
    humans = [row for (role, _), row in rows.items() if role == "human"]
    machine = rows.get(("machine", rule["machine"] or ""))
    if rulings:
        last = max(rulings, key=lambda row: row["id"])
        return Stands("final", last["decision"], True, last)
    if _conflict(stage, humans):
        return Stands("conflict", None, False, None)
    if rule["humans"] and len(humans) >= rule["humans"]:
        if rule.get("second_reviewer") and len(humans) == 1:
            if machine is None:
                return Stands("error" if failed else "begun")
            if _conflict(stage, [*humans, machine]):
                return Stands("conflict")
        unsure = [row for row in humans if row["decision"] == "unclear"]
        reasoned = [row for row in humans if Stands("", judgement=row).failed]
        chosen = (unsure or reasoned or humans)[0]
        return Stands("final", chosen["decision"], True, chosen)
    if machine:
        return Stands("suggested", machine["decision"], False, machine)
    return Stands("error" if failed else "begun" if humans else "pending")


def _conflict(stage: str, humans: list[Row]) -> bool:
    if stage == "abstract":
        return len({row["decision"] == "exclude" for row in humans}) > 1
    reasons = {Stands("", judgement=row).failed for row in humans if row["decision"] == "exclude"} - {None}
    return len({row["decision"] for row in humans}) > 1 or len(reasons) > 1


def adjudications(audit: Audit, stage: str) -> Row:
    """How many records were adjudicated, how many of them were conflicts, and on how many those who judged agree otherwise."""
    rows = [row for row in audit.judgements if row["stage"] == stage and row["repeat"] == 0]
    ruled = {row["record"]: row["decision"] for row in rows if row["role"] == "adjudicator"}
    conflicts = against = 0
    for name, decision in ruled.items():
        people = {row["reviewer"]: row for row in rows if row["role"] == "human" and row["record"] == name}
        said = {row["decision"] for row in people.values()}
        if _conflict(stage, list(people.values())):
            conflicts += 1
        elif len(people) >= min(2, audit.decided_by(stage)["humans"] or 2) and said in ({"include"}, {"exclude"}):
            against += ("exclude" in said) != (decision == "exclude")
    newest = {row["record"]: row["id"] for row in rows if row["role"] == "adjudicator"}
    agreed = {row["judgement_id"] for row in audit.table("circumstances") if "consensus" in json.loads(row["body"])}
    consensus = len(agreed & set(newest.values()))
    return {"records": len(ruled), "conflicts": conflicts, "against": against, "consensus": consensus}


@dataclass
class Way:
    """The records of each stage and how they stand there; where each report stands from full text on."""

    records: dict[str, list[str]]
    stands: dict[str, dict[str, Stands]]
    places: dict[str, str]
    reasons: dict[str, str]


def way(audit: Audit) -> Way:
    """From stage to stage: what is kept goes on; to the extraction only what is included."""
    found = Way({}, {}, {}, {})
    going = [name for name in audit.records if name not in audit.set_aside | audit.by_venue]
    for stage in audit.stages:
        found.records[stage] = going
        stands = found.stands[stage] = standings(audit, stage, going)
        enough = {"include"} if stage == "fulltext" else {"include", "unclear"}
        going = [name for name in going if stands[name].goes_on and stands[name].decision in enough]
    attached = documents(audit)
    said = {audit.alias[row["record_id"]]: row for row in audit.table("retrievals")}
    for name, stand in found.stands.get("fulltext", {}).items():
        if stand.status in CLASSIFIED:
            found.places[name] = stand.status
        elif stand.status == "final" and stand.decision in ("include", "exclude"):
            found.places[name] = "included" if stand.decision == "include" else "excluded"
        elif any(row["role"] == "main" for row in attached.get(name, [])):
            found.places[name] = "awaiting"
        else:
            found.places[name] = said[name]["status"] if name in said else "sought"
            found.reasons[name] = said[name]["reason"] if name in said else ""
    return found


# -- the flow ---------------------------------------------------------------------------------------------------------


def _box(count: int, parts: dict[str, int] | None = None, enters: Any = (), leaves: Any = ()) -> Row:
    return {
        "count": count,
        "parts": parts or {},
        "enters": [{"count": n} for n in enters],
        "leaves": [{"count": n} for n in leaves],
    }


_VENUES = "Other reasons: venue not eligible by the rule of the source"
_NOTICES = "Other reasons: notices (errata, retractions, replies) of papers among the records"


def flow(audit: Audit, on: Way) -> dict[str, Row]:
    """The boxes by id. A review with a stage `abstract` and a stage `fulltext`; parts are by label."""
    models = audit.models
    rejected = {row["sha256"]: row["report"] for row in audit.imports}
    assert all('"rejected": []' in report for report in rejected.values()), "no row was rejected in these reviews"
    apart = {row["id"] for row in models.hits}
    came = {row["id"] for row in audit.imports if row["format"] == "via model"}
    rows = [row for row in audit.hits if row["id"] not in apart and row["import_id"] not in came]
    hits = Counter(row["source"] for row in rows)
    records = len(audit.records.keys() - models.topic.keys() - models.via)
    merged, notices = len(rows) - records, len(audit.notices - models.not_screened)
    venues = len(audit.by_venue - audit.notices - models.not_screened)
    aside = notices + venues
    boxes = _judged(on, set(on.stands["abstract"]) - models.via, records - aside)
    boxes |= {
        "identified": _box(sum(hits.values()), {f"{_heading(audit, name)}: {name}": n for name, n in hits.items()},
                           leaves=(merged + aside, records - aside)),
        "removed": _box(merged + aside, {"Duplicates, merged": merged} | ({_NOTICES: notices} if notices else {})
                        | ({_VENUES: venues} if venues else {}),
                        enters=(merged + aside,)),
    }  # fmt: skip
    included = {name for name, place in on.places.items() if place == "included"}
    entering = [len(included - models.via)]
    if models.topic or models.screened:
        boxes |= _models(audit, on)
        entering.append(len(included & models.via))
    boxes["included"] = _box(len(included), enters=entering)
    return boxes


def _models(audit: Audit, on: Way) -> dict[str, Row]:
    """The boxes of models and data sets, and of the publications that came by them alone."""
    models, at = audit.models, audit.models.classes()
    merged, new = len(models.hits) - len(models.topic), len(models.screened)
    known, lacking = len(models.named - models.via), at["card"] + at["bare"]
    sources = Counter(row["source"] for row in models.hits)
    boxes = {
        "models": _box(len(models.hits), {f"{_heading(audit, name)}: {name}": n for name, n in sources.items()},
                       leaves=(merged + at["off"], at["open"], at["on"])),
        "models_removed": _box(merged + at["off"], {"Not on topic, by humans": at["off"], "Duplicates, merged": merged},
                               enters=(merged + at["off"],)),
        "models_open": _box(at["open"], enters=(at["open"],)),
        "models_on_topic": _box(at["on"], {"Naming a publication": at["naming"], "Naming none": lacking},
                                enters=(at["on"],), leaves=(lacking, at["naming"])),
        "models_without_publication": _box(lacking, {"With a card": at["card"], "Without a card": at["bare"]}, enters=(lacking,)),
        "publications": _box(known + new, {"Among the records of other sources, counted there only": known, "Via model alone": new},
                             leaves=(known, 0, new)),
    }  # fmt: skip
    return boxes | {f"via_{name}": box for name, box in _judged(on, models.screened, new).items()}


def _judged(on: Way, names: set[str], entering: int) -> dict[str, Row]:
    """The boxes from screening on of some records."""
    screened, sought = ({n: one for n, one in on.stands[s].items() if n in names} for s in ("abstract", "fulltext"))
    places = {name: place for name, place in on.places.items() if name in names}
    excluded = [one for one in screened.values() if one.excluded]
    assert all(one.human for one in excluded), (
        "no gate is open in these reviews, so no rule has removed anything either"
    )
    kept = [one for one in screened.values() if one.goes_on]
    waiting = [one for one in screened.values() if not one.excluded and not one.goes_on]
    human = sum(one.human for one in excluded)
    at = Counter(places.values())
    without = at["sought"] + at["not_retrieved"] + at["no_full_text_exists"]
    apart = {box: at[place] for place, box in CLASSIFIED.items() if at[place]}
    assessed = at["awaiting"] + at["excluded"] + at["included"] + sum(apart.values())
    missing = Counter(on.reasons[name] for name, place in places.items() if place == "not_retrieved")
    lost = {f"Not retrieved: {why}": n for why, n in missing.items()}
    lost |= {"No full text exists": at["no_full_text_exists"], "Search not yet ended": at["sought"]}
    reasons = Counter(sought[name].failed for name, place in places.items() if place == "excluded")
    unsettled = [sought[name] for name, place in places.items() if place == "awaiting"]
    return {
        "screened": _box(len(screened), enters=(entering,), leaves=(len(excluded), len(waiting), len(kept))),
        "excluded": _box(len(excluded), {"By humans": human, "By a machine whose gate is open": len(excluded) - human},
                         enters=(len(excluded),)),
        "undecided": _box(len(waiting), _undecided(waiting), enters=(len(waiting),)),
        "sought": _box(len(sought), enters=(len(kept),), leaves=(without, assessed)),
        "not_retrieved": _box(without, {name: n for name, n in lost.items() if n}, enters=(without,)),
        "assessed": _box(assessed, enters=(assessed,), leaves=(at["excluded"], at["awaiting"], *apart.values(), at["included"])),
        "excluded_reports": _box(at["excluded"], {str(name): n for name, n in reasons.items()}, enters=(at["excluded"],)),
        "awaiting": _box(len(unsettled), _undecided(unsettled), enters=(at["awaiting"],)),
        **{box: _box(count, enters=(count,)) for box, count in apart.items()},
    }  # fmt: skip


def _heading(audit: Audit, source: str) -> str:
    kinds = {one["name"]: one.get("kind", "database") for one in audit.sources}
    return {
        "database": "Databases", "register": "Registers", "repository": "Model and data repositories",
    }.get(kinds.get(source, ""), "Sources that the protocol does not list")  # fmt: skip


def _undecided(waiting: list[Stands]) -> dict[str, int]:
    why = {
        ("suggested", "exclude"): "A machine suggests to exclude",
        ("suggested", "include"): "A machine suggests to include",
        ("suggested", "unclear"): "A machine finds it unclear",
        ("final", "unclear"): "Humans find it unclear",
        ("conflict", None): "Conflict between reviewers",
        ("pending", None): "Not judged yet",
        ("begun", None): "Too few judgements yet",
        ("error", None): "The machine failed on it",
    }
    return dict(Counter(why[one.status, one.decision] for one in waiting))


def reasons(audit: Audit, on: Way, stage: str) -> list[Row]:
    """Who excludes for which first failed criterion, in the protocol's order."""
    counts: dict[str, Counter[str]] = {name: Counter() for name in audit.criteria(stage)}
    for one in on.stands[stage].values():
        if one.decision == "exclude" and one.status in ("final", "suggested"):
            by = "suggested" if one.status == "suggested" else "human" if one.human else "machine"
            counts.setdefault(one.failed or "no criterion given", Counter())[by] += 1
    return [
        {**{by: found[by] for by in ("human", "machine", "suggested")}, "all": sum(found.values())}
        for found in counts.values()
    ]
