"""Put figures into words, the same on the page, in the checklist and in the methods text."""

from collections.abc import Mapping, Sequence
from typing import Any

from ..core.judgement import Stage
from ..metrics import Estimate
from ..protocol import workflow_in_words

NO_ACCURACY = {
    "no_gold": "There is no gold for this stage, so nothing is said of accuracy.",
    "nothing_judged": "Nobody has judged at this stage yet, so there is nothing to compare with gold.",
    "nothing_present": "There is no judgement under the present protocol that could be compared with gold.",
    "none_of_test": "No record of gold test has been judged.",
    "none_of_dev": "No record of gold dev has been judged, and results on test are withheld until they are checked.",
    "none_of_gold": "No study of gold has been extracted.",
    "not_compared": "The extractions cannot be compared with gold; `screener evaluate --stage extraction` says why.",
}
"""Why the figures have nothing of accuracy."""
NO_BOUND = {
    "void": "the protocol has changed since, or records came or were judged anew before the sample was finished",
    "unfinished": "nothing is said before all of them are labelled",
}
"""Why an elusion sample tells nothing."""
STAGES = {stage.value: stage.label.lower() for stage in Stage}
METRICS = {
    "recall": "Recall (sensitivity)",
    "recall_auto": "Recall of includes alone",
    "specificity": "Specificity",
    "precision": "Precision",
    "npv": "Negative predictive value",
    "accuracy": "Accuracy",
    "balanced_accuracy": "Balanced accuracy",
    "f1": "F1",
    "f2": "F2",
    "mcc": "MCC",
    "wmcc": "Weighted MCC (a missed record weighs 10)",
    "kappa": "Cohen’s κ",
    "pabak": "PABAK",
    "ac1": "Gwet’s AC1",
    "auroc": "AUROC",
    "average_precision": "Average precision",
    "wss95": "WSS@95",
    "tnr95": "TNR@95",
    "ranking_loss": "Ranking loss (lower is better)",
    "raw": "Raw agreement",
    "positive": "Positive agreement",
    "negative": "Negative agreement",
    "kappa_linear": "κ, linear weights",
    "kappa_quadratic": "κ, quadratic weights",
    "alpha": "Krippendorff’s α",
    "fleiss": "Fleiss’ κ",
    "items": "Items with the same status and value",
    "quote_validity": "Quotes found in the documents",
    "evidence_at_3": "Gold’s passage among the first three given",
    "micro_accuracy": "Items correct, or correctly not reported (micro)",
    "micro_value_accuracy": "Values correct, of those given where gold has one (micro)",
    "micro_f1": "F1 over all items (micro)",
    "confirmed_accuracy": "Items right, with meanings that people confirmed",
    "confirmed_precision": "Precision, with meanings that people confirmed",
    "confirmed_recall": "Recall, with meanings that people confirmed",
    "macro_accuracy": "Mean share of items correct (macro)",
    "macro_value_accuracy": "Mean share of values correct (macro)",
    "macro_f1": "Mean F1 of the items (macro)",
    "micro_precision": "Precision over all items (micro)",
    "micro_recall": "Recall over all items (micro)",
    "macro_precision": "Mean precision of the items (macro)",
    "macro_recall": "Mean recall of the items (macro)",
}

DRAWN = {
    "random": "They were drawn at random from a known frame, so the figures are estimates for that frame.",
    "stratified": "They were drawn at random within strata; each record is weighted by the inverse of its chance of being drawn.",
    "chosen": (
        "They were chosen, not drawn at random: the figures describe these records and do not estimate those of the "
        "whole review."
    ),
}
"""What may be claimed of labels, by how they were drawn."""


FEW = 10
"""With fewer records than this a figure of agreement is folded on the page."""


def in_all(boxes: Mapping[str, Any], name: str) -> int:
    """Return what a box of the flow counts in all columns together; 0 where none has it."""
    return sum(boxes[f"{prefix}{name}"]["count"] for prefix in ("", "other_", "via_") if f"{prefix}{name}" in boxes)


def by_size(rows: Sequence[Any]) -> tuple[list[Any], list[Any]]:
    """Return rows of agreement with `FEW` records or more, and the others; a row is a figure, or a name with its figure."""
    sizes = [(row[1] if isinstance(row, tuple) else row)["n"] or 0 for row in rows]
    large = [row for row, size in zip(rows, sizes, strict=True) if size >= FEW]
    return large, [row for row, size in zip(rows, sizes, strict=True) if size < FEW]


def metric(name: str) -> str:
    """Return a figure's name for readers."""
    return METRICS.get(name, name.replace("_", " "))


def stage(name: str) -> str:
    """Return a stage's name for readers."""
    return STAGES.get(name, name)


def number(value: Any, digits: int = 0) -> str:
    """Return a number with thousands separated; a dash where there is none."""
    return "–" if value is None else f"{value:,.{digits}f}" if isinstance(value, float) else f"{value:,}"


def value(estimate: Mapping[str, Any]) -> str:
    """Return a point estimate with two digits; never more certain than its digits."""
    point = estimate.get("value")
    return "not defined" if point is None else f"{point:.2f}".replace("-", "−")


def interval(estimate: Mapping[str, Any]) -> str:
    """Return the interval as `0.75–0.99`, empty where there is none.

    One without any width says nothing of precision.
    """
    low, high = estimate.get("low"), estimate.get("high")
    if low is None or high is None:
        return ""
    if Estimate(None, low, high).flat:
        return "no spread"
    between = " to " if low < 0 else "–"
    return f"{low:.2f}{between}{high:.2f}".replace("-", "−")


def denominator(estimate: Mapping[str, Any], weighted: bool = False) -> str:
    """Return what the `n` of a figure is: records, or how many equal ones tell as much as those that were weighted.

    Where records carry weights it is the latter for a share of 0 or 1, which has Wilson's interval.
    """
    return "effective n" if weighted and estimate.get("method") == "wilson" else "n"


def intervals(weighted: bool = False) -> str:
    """Return how the intervals of decisions are made."""
    if weighted:
        return "records weighted; bootstrap within strata, for a share of 0 or 1 Wilson on the effective n"
    return "proportions: Wilson; F2: bootstrap; κ: closed form"


def estimate(figure: Mapping[str, Any], provisional: bool = False, weighted: bool = False) -> str:
    """Return an estimate in a sentence: `0.95 (95 % interval 0.75–0.99; n = 19; provisional gold)`."""
    inside = [f"95 % interval {interval(figure)}"] if interval(figure) else []
    if figure.get("value") is not None and figure.get("n") is not None:
        inside.append(f"{denominator(figure, weighted)} = {figure['n']:,.0f}")
    inside += ["provisional gold"] if provisional else []
    return value(figure) + (f" ({'; '.join(inside)})" if inside else "")


def plural(count: int, singular: str, plural_form: str = "") -> str:
    """Return a count with its noun: `1 record`, `3 records`."""
    return f"{count:,} {singular if count == 1 else plural_form or singular + 's'}"


def listed(names: Sequence[str]) -> str:
    """Return names in a sentence: `a, b and c`."""
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1] if names else "none"


def decided(humans: int, machine: str | None, workflow: str | None = None) -> str:
    """Return by whose judgement a record is decided, by the protocol: `by 2 independent human judgements, if they agree, …`."""
    if workflow:
        return f"by the workflow {workflow}: {workflow_in_words(workflow, humans, machine)}"
    if not humans:
        alone = f"by the machine reviewer {machine} once its gate is open, or " if machine else ""
        return f"{alone}by an adjudicator; no other human judgement is needed"
    if humans == 1:
        return "by one human judgement, or by an adjudicator in case of conflict"
    return f"by {humans} independent human judgements, if they agree, or by an adjudicator"


def excluded(audit: Mapping[str, Any]) -> str:
    """Return of what an elusion sample was drawn: `excluded without a human`, or by one person and a machine, or not screened."""
    if audit.get("not_screened"):
        return "that nobody had screened"
    return f"excluded by {audit['excluded_by']}" if "excluded_by" in audit else "excluded without a human"


def who_decided(flow: Mapping[str, Any], machine: str | None, unit: str) -> str:
    """Return in one sentence, without its stop, by whom the records of a workflow are decided so far."""
    alone = {
        "person_and_machine": f"by one person with {machine} as second reviewer, each without the other’s answer and both alike",
    }.get(flow["name"], "by one person")
    parts = [
        (flow["one"], alone),
        (flow["several"], "by two people or more who judged by themselves and agree"),
        (flow["adjudicated"], "by a third person" if flow["name"] == "person_and_machine" else "by an adjudicator"),
        (flow.get("unread", 0), "by an adjudicator alone, where nobody else had judged"),
        (flow["machine"], f"by {machine} alone, under its open gate"),
    ]
    told = [f"{count:,} {how}" for count, how in parts if count]
    text = f"Of {plural(flow['decided'], unit)} decided, {listed(told)}" if told else f"No {unit} is decided yet"
    if flow["suggested"]:
        waits = "is" if flow["suggested"] == 1 else "are"
        text += f"; {flow['suggested']:,} more {waits} suggested for exclusion by {machine} and {'waits' if flow['suggested'] == 1 else 'wait'} for people"
    return text


def money(row: Mapping[str, Any]) -> str:
    """Return what a reviewer cost, said as exactly as it is known."""
    if row["cost_usd"] is None:
        return f"more than ${row['cost_known']:.2f}; some prices are unknown"
    return f"${row['cost_usd']:,.2f}"


def duration(seconds: float) -> str:
    """Return a time as a person says it."""
    if seconds < 90:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.1f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def words(extracted: Any) -> str:
    """Return an extracted value for readers: a list as its members, nothing as `nothing`."""
    if extracted is None:
        return "nothing"
    return ", ".join(map(str, extracted)) if isinstance(extracted, list | tuple) else str(extracted)


def no_accuracy(reason: str) -> str:
    """Return why nothing is said of accuracy; empty for no reason."""
    return NO_ACCURACY.get(reason, "")


def no_bound(reason: str) -> str:
    """Return why an elusion sample tells nothing."""
    return NO_BOUND[reason]
