"""Reviewers against gold, against each other and against themselves, record by record."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from scipy.stats import fisher_exact

from . import estimates as e
from .archive import Audit, Row
from .estimates import Found, limits
from .standing import current, text_hashes

VALUES, DECISIONS = ["yes", "unclear", "no"], ["include", "unclear", "exclude"]
SCREENING = ("recall", "specificity", "precision", "f1", "f2", "mcc", "wmcc", "kappa", "pabak", "ac1", "npv")


@dataclass
class Pair:
    record: Row
    judged: Row
    decision: str
    """Gold's."""
    answers: dict[str, str]

    @property
    def kept(self) -> tuple[bool, bool]:
        """By gold, by the reviewer."""
        return self.decision != "exclude", self.judged["decision"] != "exclude"


def roles(audit: Audit, stage: str) -> dict[str, str]:
    """Who has judged, machines first, then by name."""
    found: dict[str, str] = {}
    for role in ("adjudicator", "human", "machine"):
        found |= {row["reviewer"]: role for row in audit.judgements if (row["stage"], row["role"]) == (stage, role)}
    return dict(sorted(found.items(), key=lambda one: (one[1] != "machine", one[0])))


def newest(audit: Audit, stage: str, reviewer: str, repeat: int = 0, *, valid: bool = True) -> dict[str, Row]:
    """The newest judgement of each record by a reviewer; with `valid` only if it is the newest that holds now."""
    texts = text_hashes(audit, stage)
    own = (stage, reviewer, repeat, roles(audit, stage)[reviewer])
    rows = [row for row in audit.judgements if (row["stage"], row["reviewer"], row["repeat"], row["role"]) == own]
    found = {row["record"]: row for row in rows}
    return {name: row for name, row in found.items() if not valid or current(audit, stage, row, texts)}


def answers(row: Row) -> dict[str, str]:
    return {name: answer["value"] for name, answer in row["said"].get("answers", {}).items()}


def against_gold(audit: Audit, stage: str, reviewer: str) -> list[Pair]:
    labels, judged = audit.gold(stage), newest(audit, stage, reviewer)
    if labels is None:
        return []
    pairs = []
    for label in labels[labels["half"] == "test"].to_dict("records"):
        record = audit.alias.get(label["id"])
        if record in judged:
            said = {name: label[name] for name in audit.criteria(stage) if label.get(name)}
            for child, parent in audit.presupposed(stage).items():
                if said.get(parent) in ("no", "not_asked"):
                    said[child] = "not_asked"
            pairs.append(Pair(audit.records[record], judged[record], label["decision"], said))
    return pairs


def probabilities(pairs: Sequence[Pair]) -> list[float] | None:
    found = [pair.judged["probability"] for pair in pairs]
    return found if found and None not in found else None


def figures(pairs: Sequence[Pair], *, brief: bool = False) -> tuple[dict[str, Found], dict[str, Found]]:
    """Estimates, and those of the ranking."""
    truth, kept = (list(side) for side in zip(*(pair.kept for pair in pairs), strict=True))
    scores, ranked = probabilities(pairs), dict[str, Found]()
    if scores is not None:
        area = e.delong(np.array(truth), np.array(scores))
        ranked = {"auroc": area} if brief else e.ranking(truth, scores)
    return e.decisions(truth, kept), ranked


def counts(pairs: Sequence[Pair]) -> dict[str, int]:
    cells = e.cells(*(list(side) for side in zip(*(pair.kept for pair in pairs), strict=True)))
    return {"n": len(pairs), **dict(zip(("tp", "fp", "fn", "tn"), cells, strict=True))}


def decision_agreement(first: Sequence[str], second: Sequence[str]) -> dict[str, Found]:
    two = e.agreement([one != "exclude" for one in first], [one != "exclude" for one in second], [True, False])
    three = e.agreement(first, second, DECISIONS)
    return two | {name: one for name, one in three.items() if name.startswith("kappa_")}


def by_criterion(pairs: Sequence[Pair], criterion: str) -> tuple[dict[str, int], dict[str, Found]]:
    said_of = [pair for pair in pairs if criterion in pair.answers and criterion in answers(pair.judged)]
    both = [p for p in said_of if "not_asked" not in (p.answers[criterion], answers(p.judged)[criterion])]
    numbers = {"n": len(both), "not_asked": len(said_of) - len(both)}
    if not both:
        return numbers, {}
    gold, said = [pair.answers[criterion] for pair in both], [answers(pair.judged)[criterion] for pair in both]
    passes = [one != "no" for one in gold], [one != "no" for one in said]
    found = {name: e.decisions(*passes)[name] for name in ("recall", "specificity", "precision")}
    found |= e.agreement(passes[1], passes[0], [True, False])
    found |= {name: one for name, one in e.agreement(said, gold, VALUES).items() if name.startswith("kappa_")}
    silent = sum(pair.judged["said"]["answers"][criterion].get("basis") == "absent" for pair in both)
    same = sum(a == b for a, b in zip(gold, said, strict=True))
    return {**numbers, "same_answer": same, "silent": silent}, found


def groups(audit: Audit, stage: str, pairs: Sequence[Pair]) -> dict[str, list[Pair]]:
    first = audit.criteria(stage)[0]
    parts = {
        f"{first} = yes": [pair for pair in pairs if pair.answers.get(first) == "yes"],
        "with abstract": [pair for pair in pairs if pair.record["abstract"]],
        "title only": [pair for pair in pairs if not pair.record["abstract"]],
    }
    return {name: part for name, part in parts.items() if 0 < len(part) < len(pairs)}


def stability(audit: Audit, stage: str, reviewer: str, *, valid: bool) -> Found | None:
    first = newest(audit, stage, reviewer, valid=valid)
    repeats = [first]
    while more := newest(audit, stage, reviewer, len(repeats), valid=False):
        repeats.append(more)
    if len(repeats) < 2:
        return None
    common = [name for name in first if all(name in one for one in repeats)]
    differ = {
        criterion: sum(
            len({answers(one[name]).get(criterion) for one in repeats} - {"not_asked"}) > 1 for name in common
        )
        for criterion in audit.criteria(stage)
    }
    flipped = sum(len({one[name]["decision"] for one in repeats}) > 1 for name in common)
    return {"repeats": len(repeats), "n": len(common), "flipped": flipped, "by_criterion": differ}


def accuracy(audit: Audit, stage: str) -> list[Row]:
    """Every reviewer with pairs, the stage's own machine first."""
    machine = audit.decided_by(stage)["machine"]
    names = sorted(roles(audit, stage), key=lambda name: name != machine)
    return [_accuracy(audit, stage, name, pairs) for name in names if (pairs := against_gold(audit, stage, name))]


def _accuracy(audit: Audit, stage: str, reviewer: str, pairs: list[Pair]) -> Row:
    found, ranked = figures(pairs)
    truth = [pair.kept[0] for pair in pairs]
    included = [pair.decision == "include" for pair in pairs], [pair.judged["decision"] == "include" for pair in pairs]
    auto = e.decisions(*included)["recall"]
    scores = probabilities(pairs)
    calibrated = e.calibration(truth, scores) if scores else None
    agreed = decision_agreement([pair.judged["decision"] for pair in pairs], [pair.decision for pair in pairs])
    criteria = {name: by_criterion(pairs, name) for name in audit.criteria(stage)}
    parts = groups(audit, stage, pairs)
    wrong = sorted((pair for pair in pairs if pair.kept[0] != pair.kept[1]), key=lambda p: (p.kept[1], p.record["id"]))
    cells = counts(pairs)
    unclear = sum(pair.judged["decision"] == "unclear" for pair in pairs)
    kept = cells["tp"] + cells["fp"]
    evaluation = {
        **cells,
        "unclear": unclear,
        "recall_auto": limits(auto),
        **{name: limits(found[name]) for name in SCREENING},
        "kept_share": kept / len(pairs),
        "unclear_share": unclear / len(pairs),
        **{name: ranked[name]["value"] for name in ("auroc", "wss95", "tnr95", "ranking_loss") if name in ranked},
        "ranking": {name: limits(one) for name, one in ranked.items()},
        "calibration": _limited(calibrated),
        "agreement": {name: limits(one) for name, one in agreed.items()},
        "per_criterion": {
            name: {**numbers, **{key: limits(one) for key, one in by.items()}}
            for name, (numbers, by) in criteria.items()
        },
        "groups": {name: _short(part) for name, part in parts.items()},
        "stability": stability(audit, stage, reviewer, valid=True),
        "wrong": [{"probability": pair.judged["probability"]} for pair in wrong],
    }
    return {
        "evaluation": evaluation,
        "wrong_left_out": 0,
        "wrong_in_words": [_in_words(pair) for pair in wrong],
        "relevant": cells["tp"] + cells["fn"],
        "kept": kept,
        "estimates": {**found, **ranked, "recall_auto": auto},
        "agreement": agreed,
        "criteria": {
            name: {"same_answer": 0, "silent": 0, **numbers, "estimates": by}
            for name, (numbers, by) in criteria.items()
        },
        "groups": {name: _group(part) for name, part in parts.items()},
        "curve": e.curve(truth, scores) if scores else None,
        "calibration": calibrated,
        "pairs": [{"probability": pair.judged["probability"], "weight": 1} for pair in pairs],
    }


def _limited(calibrated: Found | None) -> Found | None:
    if calibrated is None:
        return None
    bins = [{**one, "observed": limits(one["observed"])} for one in calibrated["bins"]]
    return {**calibrated, "brier": limits(calibrated["brier"]), "ece": limits(calibrated["ece"]), "bins": bins}


def _short(part: list[Pair]) -> Found:
    found, ranked = figures(part, brief=True)
    named = {name: limits(found[name]) for name in ("recall", "specificity", "precision", "f2", "kappa")}
    return {**counts(part), **named, "auroc": limits(ranked["auroc"]) if ranked else None}


def _group(part: list[Pair]) -> Found:
    found, ranked = figures(part, brief=True)
    cells = counts(part)
    return {"n": len(part), "relevant": cells["tp"] + cells["fn"], "missed": cells["fn"], **found, **ranked}


def _in_words(pair: Pair) -> Row:
    """The answer that a wrong decision stands on, with the pages of its quotes."""
    said = pair.judged["said"].get("answers", {})
    by_gold = next((name for name, value in pair.answers.items() if value == "no"), None)
    failed = next((name for name, answer in said.items() if answer["value"] == "no"), None)
    shown = said.get((by_gold if pair.kept[1] else failed) or "", {})
    quotes = [{"page": one.get("page")} for one in shown.get("evidence", ())]
    return {"year": pair.record["year"], "probability": pair.judged["probability"], "quotes": quotes}


def agreements(audit: Audit, stage: str) -> Row:
    pairs: list[Row] = []
    own = {name: role for name, role in roles(audit, stage).items() if role != "adjudicator"}
    rated, _ = raters(audit, stage)
    for first, second in combinations(own, 2):
        one, two = newest(audit, stage, first), newest(audit, stage, second, valid=False)
        if own[first] == own[second] == "human":
            one, two = ({n: by[name] for n, by in rated.items() if name in by} for name in (first, second))
        both = [name for name in audit.records if name in one and name in two]
        if both:
            said = [one[name]["decision"] for name in both], [two[name]["decision"] for name in both]
            conflicts = sum((a == "exclude") != (b == "exclude") for a, b in zip(*said, strict=True))
            pairs.append({"n": len(both), "conflicts": conflicts, "estimates": decision_agreement(*said)})
    return {"pairs": pairs, "humans": _humans(audit, stage)}


def raters(audit: Audit, stage: str) -> tuple[dict[str, dict[str, Row]], dict[str, int]]:
    """By record what each person said before a dispute, without whom the dispute called; and on how many these were."""
    said: dict[str, dict[str, Row]] = {}
    for row in audit.judgements:
        if row["stage"] == stage and row["role"] == "human" and row["repeat"] == 0:
            by = said.setdefault(row["record"], {})
            if row["reviewer"] not in by or not _dispute(stage, by):
                by[row["reviewer"]] = row
    called: Counter[str] = Counter()
    teams = sorted({frozenset(by) for by in said.values() if len(by) > 1}, key=len)
    for team in teams:
        smaller = [other for other in teams if other < team]
        if not smaller:
            continue
        [base] = smaller  # more of them are nowhere in these reviews
        mine = [by for by in said.values() if by.keys() == team]
        disputes = sum(_dispute(stage, {name: by[name] for name in base}) for by in mine)
        alone = [_dispute(stage, by) for by in said.values() if by.keys() == base]
        table = [[disputes, len(mine) - disputes], [sum(alone), len(alone) - sum(alone)]]
        if (disputes == len(mine) and not all(alone)) or fisher_exact(table).pvalue < 0.05:
            for by in mine:
                for name in team - base:
                    called[name] += 1
                    del by[name]
    return said, dict(called)


def _dispute(stage: str, by: dict[str, Row]) -> bool:
    alike = _alike(stage, [list(by.values())] * 2) if len(by) > 1 else None
    return alike is not None and (not alike["same"] or alike["reasons"]["records"] != alike["reasons"]["same"])


def _humans(audit: Audit, stage: str) -> Row | None:
    said, called = raters(audit, stage)
    shared = [by for by in said.values() if len(by) > 1]
    if not shared:
        return None
    names = sorted({name for by in shared for name in by})
    criteria = {}
    for criterion in audit.criteria(stage):
        said_by = [
            {name: answers(row)[criterion] for name, row in by.items() if criterion in answers(row)} for by in shared
        ]
        asked = [{name: word for name, word in by.items() if word != "not_asked"} for by in said_by]
        if any(len(by) > 1 for by in said_by):
            left_out = sum(len(one) > 1 and len(two) < 2 for one, two in zip(said_by, asked, strict=True))
            passes = [{name: word != "no" for name, word in by.items()} for by in asked]
            criteria[criterion] = together(passes, names) | {"not_asked": left_out}
    kept = [{name: row["decision"] != "exclude" for name, row in by.items()} for by in shared]
    counts = _alike(stage, [list(by.values()) for by in said.values()])
    return {**counts, "called": called, "decision": together(kept, names), "by_criterion": criteria}


def _alike(stage: str, judged: list[list[Row]]) -> Row:
    """On how many records of two or more people all decide alike, and exclude for the same criterion."""
    shared = [rows for rows in judged if len(rows) > 1]
    meant = [
        {row["decision"] == "exclude" if stage == "abstract" else row["decision"] for row in rows} for rows in shared
    ]
    same = sum(len(decisions) == 1 for decisions in meant)
    named, incomplete = [], 0
    if stage == "fulltext":
        excluded = [[row for row in rows if row["decision"] == "exclude"] for rows in judged]
        incomplete = sum(
            any(_criterion(row) is None and not row["said"].get("reason", "").strip() for row in rows)
            for rows in excluded
        )
        criteria = [[_criterion(row) for row in rows if _criterion(row) is not None] for rows in excluded]
        named = [set(found) for found in criteria if len(found) > 1]
    same_reason = sum(len(found) == 1 for found in named)
    return {
        "records": len(shared), "same": same, "share": same / len(shared),
        "reasons": {"records": len(named), "same": same_reason, "share": same_reason / len(named) if named else None},
        "incomplete": incomplete,
    }  # fmt: skip


def _criterion(row: Row) -> str | None:
    return next((name for name, value in answers(row).items() if value == "no"), None)


def together(said: list[dict[str, Any]], names: list[str]) -> Row:
    rated = [by for by in said if len(by) > 1]
    matrix = np.array([[sum(v is True for v in by.values()), sum(v is False for v in by.values())] for by in rated])
    numbers = {len(by) for by in rated}
    m, equal = (numbers.pop(), matrix) if len(numbers) == 1 else (0, matrix[:0])
    found = {"alpha": e.krippendorff(matrix), "fleiss": e.fleiss(equal) if m else e.percentile(None, [], 0)}
    if len(names) == 2:
        found |= e.agreement(*([by[name] for by in rated] for name in names), [True, False])
    return {"n": len(rated), "not_asked": 0, "fleiss_n": len(equal), "fleiss_m": m, "estimates": found}
