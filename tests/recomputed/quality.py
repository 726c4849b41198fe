"""Each machine reviewer against the recall asked for; for reviews whose gold nobody has confirmed and that have no gate."""

import math
from collections.abc import Iterator

import numpy as np
from statsmodels.stats.proportion import proportion_confint

from . import estimates as e
from .accuracy import Pair, against_gold, decision_agreement, raters, roles, together
from .archive import Audit, Row
from .estimates import limits

GOAL = 0.95


def quality(audit: Audit, stage: str) -> Row | None:
    """The goal, a row a machine, and the numbers of what is missing, in the order of the report."""
    machines = sorted(name for name, role in roles(audit, stage).items() if role == "machine")
    pairs = {name: found for name in machines if (found := against_gold(audit, stage, name))}
    if not pairs:
        return None
    labels = audit.gold(stage)
    assert labels is not None
    assert audit.gold_spec["status"] == "provisional"
    assert not audit.protocol["stages"][stage].get("gate")
    missing: list[Row] = [{"labels": len(labels)}, _agreement(audit, stage, set(labels["id"])), {}]
    for name, found in pairs.items():
        missing.append({"lost": 0, "have": 0, "exact": _exact(), "wilson": _wilson(), "check": 1})
        places = [audit.alias.get(one) for one in labels.loc[labels["half"] == "test", "id"]]
        unplaced = places.count(None)
        if unjudged := len(places) - unplaced - len(found):
            missing.append({"missing": unjudged, "unplaced": unplaced})
        assert unjudged or not unplaced, f"{name}: every label matches a record in these reviews"
        if silent := [part for part in _parts(audit, stage, found) if not any(pair.kept[0] for pair in part)]:
            missing.append({"groups": len(silent)})
    return {
        "goal": {"recall": GOAL, "confidence": 0.95},
        "reviewers": [_reviewer(audit, stage, name, found) for name, found in pairs.items()],
        "missing": missing,
    }


def _reviewer(audit: Audit, stage: str, name: str, pairs: list[Pair]) -> Row:
    whole, parts = _cells(pairs), _parts(audit, stage, pairs)
    with_positives = [_cells(part) for part in parts if _cells(part)["relevant"]]
    worst = min(with_positives, key=lambda one: (one["recall"]["value"], one["recall"]["low"]), default=None)
    kept_wrongly = sum(said and not gold for gold, said in (pair.kept for pair in pairs))
    others = len(pairs) - whole["relevant"]
    thresholds = audit.protocol["reviewers"].get(name, {}).get("thresholds", {}).get(stage, {})
    low, _ = proportion_confint(whole["relevant"] - whole["lost"], whole["relevant"], method="wilson")
    return {
        **whole,
        "kept_wrongly": kept_wrongly,
        "specificity": limits(e.wilson(others - kept_wrongly, others)),
        "worst": worst,
        "groups_compared": len(with_positives),
        "groups_without_positives": [{"n": len(part)} for part in parts if not _cells(part)["relevant"]],
        "bound": {"low": low, "one_sided": 0.975, "look": 0},
        "thresholds": {f"{one}.{end}": value for one, ends in thresholds.items() for end, value in ends.items()},
    }


def _cells(pairs: list[Pair]) -> Row:
    relevant = sum(pair.kept[0] for pair in pairs)
    lost = sum(gold and not said for gold, said in (pair.kept for pair in pairs))
    recall = limits(e.wilson(relevant - lost, relevant)) if relevant else {}
    return {"n": len(pairs), "relevant": relevant, "lost": lost, "recall": recall}


def _parts(audit: Audit, stage: str, pairs: list[Pair]) -> list[list[Pair]]:
    """The groups by field, then by name, without those of all records and those that gold excludes by its answer."""
    found: list[list[Pair]] = []
    for field in ("source", "year", "criterion", "language", "has_abstract"):
        parts: dict[str, list[Pair]] = {}
        for pair in pairs:
            for name in _names(audit, stage, pair, field):
                parts.setdefault(name, []).append(pair)
        found += [parts[name] for name in sorted(parts) if len(parts[name]) < len(pairs) and not _excluded(name)]
    return found


def _excluded(name: str) -> bool:
    return name.endswith((" = no", " = not_asked"))


def _names(audit: Audit, stage: str, pair: Pair, field: str) -> Iterator[str]:
    record = pair.record
    if field == "source":
        yield from record["sources"] or ["none"]
    elif field == "year":
        yield str(math.floor(record["year"] / 5)) if record["year"] else "none"
    elif field == "language":
        yield record["language"] or "none"
    elif field == "has_abstract":
        yield "with" if record["abstract"] else "without"
    else:
        yield from [f"{name} = {pair.answers[name]}" for name in audit.criteria(stage) if name in pair.answers] or [""]


def _exact() -> int:
    return math.ceil(math.log(0.05) / math.log(GOAL))


def _wilson() -> int:
    return next(n for n in np.arange(1, 999) if proportion_confint(n, n, method="wilson")[0] >= GOAL).item()


def _agreement(audit: Audit, stage: str, labelled: set[str]) -> Row:
    """The agreement of people on labelled records; empty where no two read one."""
    records = {audit.alias.get(name) for name in labelled}
    said, _ = raters(audit, stage)
    shared = [by for name, by in said.items() if name in records and len(by) > 1]
    if not shared:
        return {}
    names = sorted({name for by in shared for name in by})
    kept = [{name: row["decision"] != "exclude" for name, row in by.items()} for by in shared]
    estimates = together(kept, names)["estimates"]
    both = [[by[name]["decision"] for by in shared] for name in names] if len(names) == 2 else None
    kappa = limits(decision_agreement(*both)["kappa"]) if both else {}
    return {"people": len(names), "records": len(shared), "alpha": limits(estimates["alpha"]), "kappa": kappa}
