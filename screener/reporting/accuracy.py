"""How well reviewers do: against gold with intervals, against each other, against themselves, and every error by name."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from itertools import combinations
from typing import Any

from ..core.errors import BadInput
from ..core.judgement import Judgement, Stage
from ..evaluation.agreement import AgreementEstimates, inter_rater_agreement
from ..evaluation.evaluate import Measure, against, evaluate, measure
from ..evaluation.figures import Calibration, Figures, JudgedPair, probabilities, stability
from ..evaluation.gate_checks import read_gate, shown_split
from ..evaluation.items import ItemEvaluation, compare_extractors, evaluate_items
from ..evaluation.result import Evaluation
from ..gold.labels import Split, load_gold
from ..ledger.snapshot import Snapshot, in_role_order
from ..metrics import Estimate, Ranking, recall_curve, records_to_recall
from ..protocol.model import Review

PAIRS = 2_000
"""Up to how many records the figures list one by one, so that another program can recompute them from these alone."""
WRONG = 300
"""Up to how many wrongly decided records are listed; `screener evaluate` lists all."""
POINTS = 300
"""Up to how many points of a recall curve are kept."""
RECALLS = (0.5, 0.75, 0.9, 0.95, 1.0)
"""The recalls for which it is told after how many records they are reached."""


def full(estimate: Estimate) -> dict[str, Any]:
    """An estimate with all that its recomputation needs: value, low, high, n, method, level, seed, resamples."""
    return asdict(estimate)


def estimates_of(part: Figures) -> dict[str, dict[str, Any]]:
    """All estimates of a part, with their methods."""
    return {name: full(one) for name, one in {**part.estimates, **part.ranking}.items()}


def reviewers_of(seen: Snapshot, stage: Stage) -> dict[str, str]:
    """Who has judged at a stage, with their role, gold left out; machines first.

    Who judged and ruled too is here as a human: rulings are told apart, by `adjudicators_of`.
    """
    found: dict[str, str] = {}
    for name, role in sorted(seen.reviewers(stage), key=lambda one: in_role_order(one[1])):
        found.setdefault(name, role)
    return dict(sorted(found.items(), key=lambda one: (one[1] != "machine", one[0])))


def adjudicators_of(seen: Snapshot, stage: Stage) -> list[str]:
    """Who has ruled between others at a stage."""
    return sorted(name for name, role in seen.reviewers(stage) if role == "adjudicator")


def screening_accuracy(
    seen: Snapshot, review: Review, stage: Stage, roles: Mapping[str, str]
) -> tuple[list[dict[str, Any]], str]:
    """Each reviewer against gold `test` (`dev` while test is withheld), the stage's own machine first; and why there is
    nothing, if so.

    Left out is who set the labels (`labellers_of`).
    """
    gold = load_gold(review, stage)
    if gold is None:
        return [], "There is no gold for this stage, so nothing is said of accuracy."
    if not roles:
        return [], "Nobody has judged at this stage yet, so there is nothing to compare with gold."
    machine = review.stage(stage).decided_by.machine
    found, why, labellers = [], "", gold.labellers
    halves: dict[Split, Measure] = {}
    for name in sorted(roles.keys() - labellers, key=lambda name: (name != machine, list(roles).index(name))):
        try:
            half, remark = shown_split(seen, review, stage, (name,), None)
            if half not in halves:
                halves[half] = measure(seen, review, stage, half)
            result = against(seen, review, halves[half], name, shown=WRONG)
        except BadInput as error:
            why = why or f"{error}."
            continue
        if result.pairs:
            result = replace(result, remarks=(*result.remarks, remark)) if remark else result
            found.append(_accuracy(result, roles[name]))
        else:
            why = why or (f"{remark}." if remark else f"{name} has judged no record of gold test.")
    return found, "" if found else why


def labellers_of(review: Review, stage: Stage, roles: Mapping[str, str]) -> list[str]:
    """Who of those who judged at a stage set its locked labels, and so cannot be held against them."""
    gold = None if stage is Stage.EXTRACTION else load_gold(review, stage)
    return [name for name in roles if gold is not None and name in gold.labellers]


def _accuracy(result: Evaluation, role: str) -> dict[str, Any]:
    return {
        "evaluation": result.as_json(wrong=WRONG),
        "role": role,
        "provisional": result.status == "provisional",
        "wrong_left_out": max(0, len(result.wrong) - WRONG),
        "wrong_in_words": [_in_words(pair) for pair in result.wrong[:WRONG]],
        "relevant": result.overall.relevant,
        "kept": result.overall.kept,
        "estimates": {**estimates_of(result.overall), "recall_auto": full(result.recall_auto)},
        "agreement": {name: full(one) for name, one in result.agreement.items()},
        "criteria": {
            name: {"n": n, "same_answer": same, "estimates": {key: full(one) for key, one in estimates.items()}}
            for name, (n, same, estimates) in result.per_criterion.items()
        },
        "against_final": estimates_of(result.against_final) if result.against_final else None,
        "groups": {
            name: {"n": part.n, "relevant": part.relevant, "missed": int(part.confusion.fn), **estimates_of(part)}
            for name, part in result.groups.items()
        },
        "curve": curve(result.pairs),
        "calibration": _calibration(result.calibration),
        "pairs": _listed(result.pairs) if len(result.pairs) <= PAIRS else None,
    }


def _listed(pairs: Sequence[JudgedPair]) -> list[dict[str, Any]]:
    return [
        {
            "id": pair.record.id,
            "reference": pair.reference.decision.value,
            "judged": pair.judged.decision.value,
            "probability": pair.judged.probability,
            "weight": pair.weight,
            "stratum": pair.stratum,
        }
        for pair in pairs
    ]


def _in_words(pair: JudgedPair) -> dict[str, Any]:
    """A wrongly decided record for a reader: which answer was wrong, and the words that it stands on."""
    judged, should = pair.judged, pair.reference.failed()
    failed = judged.failed() if not judged.decision.kept else should
    answer = judged.answers.get(failed or "")
    return {
        "id": pair.record.id,
        "title": pair.record.title,
        "doi": pair.record.doi,
        "year": pair.record.year,
        "missed": not judged.decision.kept,
        "judged": judged.decision.value,
        "reference": pair.reference.decision.value,
        "reference_failed": should,
        "probability": judged.probability,
        "criterion": failed,
        "answer": answer.value.value if answer else None,
        "reason": answer.reason if answer else judged.reason,
        "quotes": [
            {"quote": one.quote, "document": one.document, "page": one.page, "status": one.status.value}
            for one in (answer.evidence if answer else ())
        ],
    }


def curve(pairs: Sequence[JudgedPair]) -> dict[str, Any] | None:
    """The recall curve of a ranking, thinned, with the records until some recalls; None without probabilities."""
    scores = probabilities(pairs)
    if scores is None:
        return None
    kept = [pair.reference.decision.kept for pair in pairs]
    weights = [pair.weight for pair in pairs]
    ranking = Ranking.of(kept, scores, weights)
    screened, recall = recall_curve(ranking)
    if not len(screened):
        return None
    step = max(1, -(-len(screened) // POINTS))
    shown = sorted({*range(0, len(screened), step), len(screened) - 1})
    # The curve is thinned for the eye, so that nothing can be read from it as exactly as WSS@95 has it.
    reached = [{"recall": level, "screened": records_to_recall(ranking, level)} for level in RECALLS]
    return {"n": float(ranking.n), "relevant": float(ranking.positives), "weighted": set(weights) != {1.0}, "reached": reached,
            "screened": [float(screened[i]) for i in shown], "recall": [float(recall[i]) for i in shown]}  # fmt: skip


def _calibration(found: Calibration | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        **found.as_json(),
        "brier": full(found.brier),
        "ece": full(found.ece),
        "bins": [
            {"low": one.low, "high": one.high, "n": one.n, "predicted": one.predicted, "observed": full(one.observed)}
            for one in found.bins
        ],
    }


def agreement(seen: Snapshot, review: Review, stage: Stage, roles: Mapping[str, str]) -> dict[str, Any]:
    """Every two reviewers over what both judged by themselves, and all humans together."""
    pairs: list[dict[str, Any]] = []
    # A ruling is made between others who had judged: it agrees with some of them by its nature.
    for first, second in combinations((name for name, role in roles.items() if role != "adjudicator"), 2):
        try:
            pairs.append(_agreement(seen, review, stage, first, second))
        except BadInput:
            continue
    if stage is Stage.EXTRACTION:
        return {"pairs": pairs, "humans": None}
    humans = inter_rater_agreement(seen, stage, review.stage(stage))
    together = humans and {
        "reviewers": list(humans.reviewers),
        **humans.counts.as_json(),
        "decision": _together(humans.decision),
        "by_criterion": {name: _together(one) for name, one in humans.by_criterion.items()},
    }
    return {"pairs": pairs, "humans": together}


def _together(found: AgreementEstimates) -> dict[str, Any]:
    return {"n": found.n, "fleiss_n": found.fleiss_n, "fleiss_m": found.fleiss_m,
            "estimates": {name: full(one) for name, one in found.estimates.items()}}  # fmt: skip


def _agreement(seen: Snapshot, review: Review, stage: Stage, first: str, second: str) -> dict[str, Any]:
    if stage is Stage.EXTRACTION:
        items = compare_extractors(seen, review, first, second)
        return {"first": first, "second": second, "n": items.studies, "unit": "studies",
                "estimates": {"items": full(items.overall)}, "conflicts": len(items.conflicts),
                "by_item": {name: full(one) for name, one in items.by_item.items()},
                "no_longer_asked": list(items.left_out)}  # fmt: skip
    result = evaluate(seen, review, stage, first, second, shown=0)
    if not result.pairs:
        raise BadInput(f"{first} and {second} have judged no record in common")
    return {"first": first, "second": second, "n": len(result.pairs), "unit": "records",
            "estimates": {name: full(one) for name, one in result.agreement.items()},
            "conflicts": len(result.wrong)}  # fmt: skip


_OF_GATE = ("open", "why", "positives", "kept", "low", "needed", "gold", "outside", "looks")
_OF_CHECK = ("one_sided", "at", "last_at", "look", "exhausted")


def gate(seen: Snapshot, review: Review, stage: Stage) -> dict[str, Any] | None:
    """The stage's gate as it stands now and how often it was looked at; None where the protocol has none."""
    asked, machine = review.stage(stage).gate, review.stage(stage).decided_by.machine
    if asked is None or machine is None:
        return None
    check = read_gate(seen, review, stage, machine)
    figures = {"reviewer": machine, "recall_low": asked.recall_low, "confidence": asked.confidence,
               **{name: getattr(check, name) for name in _OF_GATE}}  # fmt: skip
    # Reports from before checks were recorded so have the first of these only, and their archives still hold.
    return figures | {name: getattr(check, name) for name in _OF_CHECK} if check.last_at else figures


def flips(seen: Snapshot, review: Review, stage: Stage, roles: Mapping[str, str]) -> dict[str, Any]:
    """What changed where a machine was asked the same several times, by reviewer."""
    found: dict[str, Any] = {}
    for name in (name for name, role in roles.items() if role == "machine"):
        repeats: list[dict[str, Judgement]] = []
        if seen.repeats(stage, name) < 2:
            continue
        asked = {row.asked for row in seen.latest(stage, name).values()}
        while more := {
            record: row.judgement
            for record, row in seen.latest(stage, name, len(repeats)).items()
            if row.asked in asked
        }:
            repeats.append(more)
        steady = stability(repeats, review.stage(stage))
        if steady is not None:
            found[name] = steady.as_json()
    return found


def extraction_accuracy(seen: Snapshot, review: Review, roles: Mapping[str, str]) -> tuple[list[dict[str, Any]], str]:
    """Each extractor against the gold items, over `test`, or over all where `test` has none of its studies."""
    found, why = [], "" if roles else "Nobody has extracted anything yet."
    for name in roles:
        try:
            result = evaluate_items(seen, review, name)
            if not result.studies:
                result = evaluate_items(seen, review, name, "all")
        except BadInput as error:
            why = str(error)
            continue
        if result.studies:
            found.append(_items(result, roles[name]))
        else:
            why = f"{name} has extracted no study of gold."
    return found, "" if found else why


def _items(result: ItemEvaluation, role: str) -> dict[str, Any]:
    printed = result.as_json()
    left_out = max(0, len(printed["wrong"]) - WRONG)
    printed["wrong"] = printed["wrong"][:WRONG]
    return {
        "evaluation": printed,
        "role": role,
        "provisional": result.status == "provisional",
        "wrong_left_out": left_out,
        "estimates": {
            **{f"micro_{name}": full(one) for name, one in result.scores.micro.figures.items()},
            **{f"macro_{name}": full(one) for name, one in result.scores.macro.items()},
            "quote_validity": full(result.quote_validity),
            "evidence_at_3": full(result.evidence_at_3),
        },
    }
