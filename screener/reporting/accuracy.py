"""Measure how well reviewers do: against gold with intervals, against each other and themselves, with every error."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from itertools import combinations
from typing import Any

from ..core.errors import BadInput
from ..core.judgement import Judgement, Stage
from ..evaluation import (
    AgreementEstimates,
    Calibration,
    Evaluation,
    Figures,
    ItemEvaluation,
    JudgedPair,
    Measure,
    against,
    agreement_among,
    compare_extractors,
    evaluate_items,
    measure,
    probabilities,
    ratings_of,
    read_gate,
    shown_split,
    stability,
)
from ..evaluation.evaluate import between
from ..gold import Split, load_gold
from ..ledger import Snapshot, in_role_order
from ..metrics import Estimate, Ranking, recall_curve, records_to_recall
from ..protocol import Review
from ..stages import AdjudicationCounts, Ratings, adjudicated

PAIRS = 2_000
"""Up to how many records the figures list one by one, so that another program can recompute them from these alone."""
WRONG = 300
"""Up to how many wrongly decided records are listed; `screener evaluate` lists all."""
OVERRULED = 20
"""Up to how many records are listed on which an adjudication goes against people who agree."""
POINTS = 300
"""Up to how many points of a recall curve are kept."""
RECALLS = (0.5, 0.75, 0.9, 0.95, 1.0)
"""The recalls for which the number of records until they are reached is given."""


def full(estimate: Estimate) -> dict[str, Any]:
    """Return an estimate with all that its recomputation needs: value, low, high, n, method, level, seed, resamples."""
    return asdict(estimate)


def estimates_of(part: Figures) -> dict[str, dict[str, Any]]:
    """Return all estimates of a part, with their methods."""
    return {name: full(estimate) for name, estimate in {**part.estimates, **part.ranking}.items()}


def reviewers_of(snapshot: Snapshot, stage: Stage) -> dict[str, str]:
    """Return who has judged at a stage, with their role, gold left out; machines first.

    Somebody who judged and adjudicated is listed as a human; `adjudicators_of` lists who adjudicated.
    """
    role_of: dict[str, str] = {}
    for name, role in sorted(snapshot.reviewers(stage), key=lambda reviewer: in_role_order(reviewer[1])):
        role_of.setdefault(name, role)
    return dict(sorted(role_of.items(), key=lambda reviewer: (reviewer[1] != "machine", reviewer[0])))


def adjudicators_of(snapshot: Snapshot, stage: Stage) -> list[str]:
    """Return who has adjudicated at a stage."""
    return sorted(name for name, role in snapshot.reviewers(stage) if role == "adjudicator")


def adjudications(snapshot: Snapshot, review: Review, stage: Stage) -> dict[str, Any]:
    """Return what was adjudicated at a screening stage: how many records, conflicts, and how many against people who agree.

    Of the last, `overruled` lists the first few with who adjudicated.
    """
    with snapshot.ledger.read() as connection:
        records = adjudicated(connection, stage, review.stage(stage))
    against = [record for record in records if record.kind == "against"]
    overruled = [
        {"record": record.record, "adjudicator": record.adjudicator, "decision": record.decision.value}
        for record in against[:OVERRULED]
    ]
    return {**asdict(AdjudicationCounts.of(records)), "overruled": overruled}


def against_gold(
    snapshot: Snapshot, review: Review, stage: Stage, roles: Mapping[str, str]
) -> tuple[list[Evaluation], str]:
    """Return each reviewer against gold `test` (`dev` while test is withheld), the stage's own machine first.

    Returned with the reason why there is nothing, if so, as a word of `wording.NO_ACCURACY`: figures hold no messages.

    Left out is who set the labels (`labellers_of`).
    """
    gold = load_gold(review, stage)
    if gold is None:
        return [], "no_gold"
    if not roles:
        return [], "nothing_judged"
    machine = review.stage(stage).decided_by.machine
    results: list[Evaluation] = []
    reason, labellers = "", gold.labellers
    halves: dict[Split, Measure] = {}
    for name in sorted(roles.keys() - labellers, key=lambda name: (name != machine, list(roles).index(name))):
        try:
            half, remark = shown_split(snapshot, review, stage, (name,), None)
            if half not in halves:
                halves[half] = measure(snapshot, review, stage, half)
            result = against(snapshot, review, halves[half], name, shown=WRONG)
        except BadInput:
            reason = reason or "nothing_present"
            continue
        if result.pairs:
            results.append(replace(result, remarks=(*result.remarks, remark)) if remark else result)
        else:
            reason = reason or ("none_of_dev" if half == "dev" else "none_of_test")
    return results, "" if results else reason


def screening_accuracy(results: Sequence[Evaluation], roles: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the figures of reviewers against gold."""
    return [_accuracy(result, roles[result.reviewer]) for result in results]


def labellers_of(review: Review, stage: Stage, roles: Mapping[str, str]) -> list[str]:
    """Return who of those who judged at a stage set its locked labels, and so cannot be held against them."""
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
        "agreement": {name: full(estimate) for name, estimate in result.agreement.items()},
        "criteria": {
            name: {
                "n": agreement.n,
                "same_answer": agreement.same_answer,
                "not_asked": agreement.not_asked,
                "silent": agreement.silent,
                "estimates": {key: full(estimate) for key, estimate in agreement.estimates.items()},
            }
            for name, agreement in result.per_criterion.items()
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
    """Return a wrongly decided record for a reader: which answer was wrong, and its quotes."""
    judged, reference_failed = pair.judged, pair.reference.failed()
    failed = judged.failed() if not judged.decision.kept else reference_failed
    answer = judged.answers.get(failed or "")
    return {
        "id": pair.record.id,
        "title": pair.record.shown_title,
        "doi": pair.record.doi,
        "year": pair.record.year,
        "missed": not judged.decision.kept,
        "judged": judged.decision.value,
        "reference": pair.reference.decision.value,
        "reference_failed": reference_failed,
        "probability": judged.probability,
        "criterion": failed,
        "answer": answer.value.value if answer else None,
        "reason": answer.reason if answer else judged.reason,
        "quotes": [
            {
                "quote": evidence.quote,
                "document": evidence.document,
                "page": evidence.page,
                "status": evidence.status.value,
                "ocr": evidence.ocr,
            }
            for evidence in (answer.evidence if answer else ())
        ],
    }


def curve(pairs: Sequence[JudgedPair]) -> dict[str, Any] | None:
    """Return the recall curve of a ranking, thinned, with the records until some recalls.

    None without probabilities.
    """
    scores = probabilities(pairs)
    if scores is None:
        return None
    relevant = [pair.reference.decision.kept for pair in pairs]
    weights = [pair.weight for pair in pairs]
    ranking = Ranking.of(relevant, scores, weights)
    screened, recall = recall_curve(ranking)
    if not len(screened):
        return None
    step = max(1, -(-len(screened) // POINTS))
    kept_points = sorted({*range(0, len(screened), step), len(screened) - 1})
    # The curve is thinned for the eye, so that nothing can be read from it as exactly as WSS@95 has it.
    reached = [{"recall": level, "screened": records_to_recall(ranking, level)} for level in RECALLS]
    return {"n": float(ranking.n), "relevant": float(ranking.positives), "weighted": set(weights) != {1.0}, "reached": reached,
            "screened": [float(screened[i]) for i in kept_points], "recall": [float(recall[i]) for i in kept_points]}  # fmt: skip


def _calibration(calibration: Calibration | None) -> dict[str, Any] | None:
    if calibration is None:
        return None
    return {
        **calibration.as_json(),
        "brier": full(calibration.brier),
        "ece": full(calibration.ece),
        "bins": [
            {
                "low": bin_.low,
                "high": bin_.high,
                "n": bin_.n,
                "predicted": bin_.predicted,
                "observed": full(bin_.observed),
            }
            for bin_ in calibration.bins
        ],
    }


def agreement(snapshot: Snapshot, review: Review, stage: Stage, roles: Mapping[str, str]) -> dict[str, Any]:
    """Return every two reviewers over what both judged by themselves, and all humans together."""
    pairs: list[dict[str, Any]] = []
    ratings = None if stage is Stage.EXTRACTION else ratings_of(snapshot, stage)
    # An adjudication is made between others who had judged: it agrees with some of them by its nature.
    for first, second in combinations((name for name, role in roles.items() if role != "adjudicator"), 2):
        try:
            pairs.append(_agreement(snapshot, review, stage, first, second, ratings))
        except BadInput:
            continue
    if ratings is None:
        return {"pairs": pairs, "humans": None}
    humans = agreement_among(ratings, stage, review.stage(stage))
    all_humans = humans and {
        "reviewers": list(humans.reviewers),
        **humans.counts.as_json(),
        "called": dict(humans.called),
        "decision": _together(humans.decision),
        "by_criterion": {name: _together(estimates) for name, estimates in humans.by_criterion.items()},
    }
    return {"pairs": pairs, "humans": all_humans}


def _together(estimates: AgreementEstimates) -> dict[str, Any]:
    return {"n": estimates.n, "not_asked": estimates.not_asked, "fleiss_n": estimates.fleiss_n, "fleiss_m": estimates.fleiss_m,
            "estimates": {name: full(estimate) for name, estimate in estimates.estimates.items()}}  # fmt: skip


def _agreement(
    snapshot: Snapshot, review: Review, stage: Stage, first: str, second: str, ratings: Ratings | None
) -> dict[str, Any]:
    if ratings is None:
        items = compare_extractors(snapshot, review, first, second)
        return {"first": first, "second": second, "n": items.studies, "unit": "studies",
                "estimates": {"items": full(items.overall)}, "conflicts": len(items.conflicts),
                "by_item": {name: full(estimate) for name, estimate in items.by_item.items()},
                "no_longer_asked": list(items.left_out)}  # fmt: skip
    result = between(snapshot, review, stage, (first, second), shown=0, ratings=ratings)
    if not result.pairs:
        raise BadInput(f"{first} and {second} have judged no record in common")
    return {"first": first, "second": second, "n": len(result.pairs), "unit": "records",
            "estimates": {name: full(estimate) for name, estimate in result.agreement.items()},
            "conflicts": len(result.wrong)}  # fmt: skip


_OF_GATE = ("open", "why", "positives", "kept", "low", "needed", "gold", "outside", "looks")
_OF_CHECK = ("one_sided", "at", "last_at", "look", "exhausted")


def gate(snapshot: Snapshot, review: Review, stage: Stage) -> dict[str, Any] | None:
    """Return the stage's gate as it stands now and how often it was checked; None where the protocol has none."""
    protocol_gate, machine = review.stage(stage).gate, review.stage(stage).decided_by.machine
    if protocol_gate is None or machine is None:
        return None
    check = read_gate(snapshot, review, stage, machine)
    figures = {"reviewer": machine, "recall_low": protocol_gate.recall_low, "confidence": protocol_gate.confidence,
               **{name: getattr(check, name) for name in _OF_GATE}}  # fmt: skip
    if check.updates:
        figures["updates"] = list(check.updates)
    # Reports from before checks were recorded so have the first of these only, and their archives still hold.
    return figures | {name: getattr(check, name) for name in _OF_CHECK} if check.last_at else figures


def flips(snapshot: Snapshot, review: Review, stage: Stage, roles: Mapping[str, str]) -> dict[str, Any]:
    """Return what changed where a machine was asked the same several times, by reviewer."""
    flips_of: dict[str, Any] = {}
    for name in (name for name, role in roles.items() if role == "machine"):
        repeats: list[dict[str, Judgement]] = []
        if snapshot.repeats(stage, name) < 2:
            continue
        asked_hashes = {row.asked for row in snapshot.latest(stage, name).values()}
        while repeat := {
            record: row.judgement
            for record, row in snapshot.latest(stage, name, len(repeats)).items()
            if row.asked in asked_hashes
        }:
            repeats.append(repeat)
        stable = stability(repeats, review.stage(stage))
        if stable is not None:
            flips_of[name] = stable.as_json()
    return flips_of


def extraction_accuracy(
    snapshot: Snapshot, review: Review, roles: Mapping[str, str]
) -> tuple[list[dict[str, Any]], str]:
    """Return each extractor against the gold items, over `test`, or over all where `test` has none of its studies.

    Returned with the reason why there is nothing, if so, as in `screening_accuracy`.
    """
    if not (review.gold / "extraction.jsonl").is_file():
        return [], "no_gold"
    accuracies, reason = [], "" if roles else "nothing_judged"
    for name in roles:
        try:
            result = evaluate_items(snapshot, review, name)
            if not result.studies:
                result = evaluate_items(snapshot, review, name, "all")
        except BadInput:
            reason = reason or "not_compared"
            continue
        if result.studies:
            accuracies.append(_items(result, roles[name]))
        else:
            reason = "none_of_gold"
    return accuracies, "" if accuracies else reason


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
            **{f"micro_{name}": full(estimate) for name, estimate in result.scores.micro.figures.items()},
            **{f"macro_{name}": full(estimate) for name, estimate in result.scores.macro.items()},
            **{
                f"confirmed_{name}": full(result.confirmed.micro.figures[name])
                for name in ("accuracy", "precision", "recall")
            },
            "quote_validity": full(result.quote_validity),
            "evidence_at_3": full(result.evidence_at_3),
        },
    }
