"""The machine reviewers of a protocol, and the runs that they had."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..core.judgement import Stage
from ..ledger import Ledger
from ..ledger.runs import newest_runs
from ..protocol import ChatSpec, ProbabilitySpec, Review
from ..protocol.model import EmbeddedReviewerSpec, EnsembleSpec
from ..protocol.reviewer_specs import ReviewerSpec

_RULES = {
    None: "one after the other, until one is sure",
    "any_include": "included if any includes",
    "all_include": "included if all include",
    "majority": "what more than half say",
    "mean": "the mean of their probabilities",
}
_SHOWN = 20
"""So many runs are shown, the newest."""


@dataclass(frozen=True)
class MachineChoice:
    """A machine reviewer that can be run. `decides`: the protocol names it for the stage."""

    name: str
    described: str
    decides: bool


@dataclass(frozen=True)
class PastRun:
    """A run that the ledger knows of. `counts` are those of `run --json`; empty where it has not ended, or was cut off."""

    id: str
    at: str
    stage: Stage
    reviewer: str
    model: str
    counts: Mapping[str, Any]


def machine_choices(review: Review, stage: Stage) -> list[MachineChoice]:
    """Return the reviewers that a protocol names, the one that decides at a stage first."""
    decides = review.stage(stage).decided_by.machine
    choices = [
        MachineChoice(name, _described(spec), name == decides) for name, spec in review.protocol.reviewers.items()
    ]
    return sorted(choices, key=lambda choice: not choice.decides)


def past_runs(ledger: Ledger) -> list[PastRun]:
    """Return the newest runs, newest first."""
    with ledger.read() as connection:
        rows = newest_runs(connection, _SHOWN)
    found = []
    for row in rows:
        specification = json.loads(row["specification"])
        model = specification.get("model") or specification.get("embedder") or specification.get("kind") or ""
        counts = json.loads(row["summary"]) if row["summary"] else {}
        found.append(PastRun(row["id"], row["at"], Stage(row["stage"]), row["reviewer"], str(model), counts))
    return found


def _described(spec: ReviewerSpec) -> str:
    match spec:
        case EmbeddedReviewerSpec():
            return "the engine that comes with the program; free, nothing is sent"
        case ChatSpec():
            return f"chat model {spec.model}"
        case ProbabilitySpec():
            return f"probability model {spec.model}"
        case EnsembleSpec():
            return f"{' and '.join(spec.members)}: {_RULES[spec.rule]}"
        case _:
            return f"{spec.kind}, of an installed package"
