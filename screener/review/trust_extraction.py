"""What the extracted values of a review stand on."""

from collections.abc import Iterator, Mapping
from typing import Any

from ..core.judgement import Stage
from ..protocol import Review
from ..reporting import wording as w
from .results import Results
from .status import StageStatus
from .trust_line import TrustLine
from .trust_stage import conflicts, decisions, errors, quotes, stale


def extraction_lines(results: Results, review: Review, stage: Stage, status: StageStatus) -> Iterator[TrustLine]:
    """Yield the lines of the extraction."""
    if not status.records:
        yield TrustLine(
            "Studies", "missing", "No study is included yet.", "Decide on full texts", "fulltext", weight=50
        )
        return
    state, spec = results.document["stages"][stage.value], review.stage(stage)
    yield decisions(stage, status, "studies")
    if spec.decided_by.humans > 1:
        yield from _agreement(state)
    if status.counts["conflict"]:
        yield conflicts(stage, status, status.counts["conflict"], "studies")
    if (machine := spec.decided_by.machine) is not None:
        yield _accuracy(state, machine)
        yield from quotes(results, stage, machine)
    yield from stale(stage, status, "studies")
    yield from errors(stage, status)


def _agreement(state: Mapping[str, Any]) -> Iterator[TrustLine]:
    people = {name for name, role in state["reviewers"].items() if role == "human"}
    pairs = [pair for pair in state["agreement"]["pairs"] if {pair["first"], pair["second"]} <= people]
    if not pairs:
        says = "No study was extracted by two people independently."
        yield TrustLine("Agreement of people", "missing", says, "Extract", "extraction", weight=45, tells=True)
    for pair in pairs:
        figure = w.estimate(pair["estimates"]["items"])
        says = f"{pair['first']} and {pair['second']} give the same status and value of an item: {figure}, over {w.plural(pair['n'], 'study', 'studies')}."
        yield TrustLine("Agreement of people", "holds", says, "See all items", "results", "#agreement", tells=True)


def _accuracy(state: Mapping[str, Any], machine: str) -> TrustLine:
    topic = f"Accuracy of {machine}"
    entry = next((entry for entry in state["accuracy"] if entry["evaluation"]["reviewer"] == machine), None)
    if entry is None:
        says = w.no_accuracy(state["no_accuracy"]) or f"{machine} is not compared with gold."
        return TrustLine(topic, "missing", says, "See what gold there is", "gold", weight=70, tells=True)
    figures, n = entry["estimates"], entry["evaluation"]["n"]
    shares = "; ".join(
        f"{w.metric(key).lower()} {w.estimate(figures[key])}" for key in ("micro_precision", "micro_recall")
    )
    of = f"over {w.plural(n, 'gold study', 'gold studies')}: {shares}."
    if entry["provisional"]:
        says = f"PROVISIONAL, no person has confirmed the gold values; {of}"
        return TrustLine(topic, "missing", says, "See the figures", "results", "#accuracy", weight=70, tells=True)
    return TrustLine(topic, "holds", f"Measured {of}", "See the figures", "results", "#accuracy", tells=True)
