"""All figures of a review as one document. The page is drawn from this document alone, and it is embedded in the page."""

from typing import Any

from .. import __version__
from ..core.judgement import Stage
from ..evaluation.unblinded_changes import changes, count
from ..ledger.amendments import amendments
from ..ledger.snapshot import Snapshot
from ..ledger.store import Ledger, now
from ..ledger.workload import errors_by_reviewer, people_by_stage
from ..protocol.endpoints import ChatSpec, ProbabilitySpec
from ..protocol.model import EnsembleSpec, OtherReviewer, Review, ReviewerSpec, RuleCriterion
from ..stages.state import StageState, load_stages
from .accuracy import (
    adjudicators_of,
    agreement,
    extraction_accuracy,
    flips,
    gate,
    labellers_of,
    reviewers_of,
    screening_accuracy,
)
from .checklist import checklist
from .elusion_and_stopping import elusion, stopping
from .extracted import extraction
from .flow import FlowInputs, adds_up, flow, reasons_table
from .flow_inputs import flow_readings
from .methods import methods
from .reproduce import gold_state, reproduction
from .searches import search_log
from .workload import machine_effort

FORMAT = 1
"""The version of the document's shape."""


def figures(ledger: Ledger, review: Review) -> dict[str, Any]:
    """Everything the report says, as one JSON document. Gold is entered into the ledger if it has changed."""
    seen = Snapshot(ledger)
    stages = load_stages(seen, review)
    readings = flow_readings(ledger, review, stages)
    extracted = extraction(review, stages)
    screening = {
        stage.value: {**_size(state), **_stage(seen, review, stage, len(state.records))}
        for stage, state in stages.items()
    }
    with ledger.read() as connection:
        document: dict[str, Any] = {
            "format": FORMAT,
            "screener": __version__,
            "made": now(),
            "review": protocol_summary(review),
            "gold": gold_state(review),
            "flow": _flow(readings),
            "reasons": {
                name: reasons_table(judged or (), readings.criteria.get(name, ()))
                for name, judged in (("abstract", readings.abstract), ("fulltext", readings.fulltext))
            },
            "stages": screening,
            "extraction": extracted,
            "effort": {
                "machines": machine_effort(connection),
                "humans": people_by_stage(connection),
                "errors": errors_by_reviewer(connection),
            },
            "amendments": [
                {"at": one.at, "stage": one.stage.value, "who": one.who, "note": one.note, "stale": one.stale}
                for one in amendments(connection)
            ],
            "searches": search_log(connection, review),
            "reproduction": reproduction(connection, review),
        }
    document["checklist"] = checklist(document)
    document["methods"] = methods(document)
    return document


def _flow(readings: FlowInputs) -> dict[str, Any]:
    boxes = flow(readings)
    return {"boxes": [box.as_json() for box in boxes], "adds_up": adds_up(boxes)}


def _size(state: StageState) -> dict[str, int]:
    return {"records": len(state.records), "title_only": sum(not record.abstract for record in state.records)}


def _stage(seen: Snapshot, review: Review, stage: Stage, records: int) -> dict[str, Any]:
    roles = reviewers_of(seen, stage)
    if stage is Stage.EXTRACTION:
        accuracy, why = extraction_accuracy(seen, review, roles)
    else:
        accuracy, why = screening_accuracy(seen, review, stage, roles)
    return {
        "reviewers": roles,
        "adjudicators": adjudicators_of(seen, stage),
        "agreement": agreement(seen, review, stage, roles),
        "accuracy": accuracy,
        "no_accuracy": why,
        "labellers": labellers_of(review, stage, roles),
        "gate": None if stage is Stage.EXTRACTION else gate(seen, review, stage),
        "elusion": None if stage is Stage.EXTRACTION else elusion(seen, review, stage),
        "stopping": None if stage is Stage.EXTRACTION else stopping(seen, stage, records),
        "stability": flips(seen, review, stage, roles),
        "minds": {"shown": review.stage(stage).shows_machine, **count(changes(seen.ledger, review, stage)).as_json()},
    }


def protocol_summary(review: Review) -> dict[str, Any]:
    """Questions, criteria and who decides, as the protocol has them."""
    protocol = review.protocol
    return {
        "title": protocol.title,
        "questions": list(protocol.questions),
        "open_questions": list(protocol.open_questions),
        "stages": [
            {
                "stage": stage.value,
                "question": spec.question,
                "humans": spec.decided_by.humans,
                "machine": spec.decided_by.machine,
                "form": list(spec.form),
                "criteria": [_criterion(one) for one in spec.criteria],
            }
            for stage, spec in protocol.stages.items()
        ],
        "reviewers": {name: _reviewer(spec) for name, spec in protocol.reviewers.items()},
    }


def _criterion(criterion: Any) -> dict[str, Any]:
    if isinstance(criterion, RuleCriterion):
        rules = {"years": criterion.years, "languages": criterion.languages, "venues": criterion.venues}
        rule = "; ".join(f"{name}: {_words(name, value)}" for name, value in rules.items() if value)
        return {
            "id": criterion.id,
            "label": criterion.label,
            "kind": "rule",
            "question": criterion.question,
            "rule": rule,
        }
    return {"id": criterion.id, "label": criterion.label, "kind": "question", "question": criterion.question, "met_when": criterion.met_when,
            "not_met_when": criterion.not_met_when, "silence": criterion.silence, "quote": criterion.quote}  # fmt: skip


def _words(name: str, value: tuple[Any, ...]) -> str:
    return f"{value[0]} to {value[1]}" if name == "years" else ", ".join(map(str, value))


def _reviewer(spec: ReviewerSpec) -> dict[str, Any]:
    told: dict[str, Any] = {"kind": spec.kind}
    if isinstance(spec, ChatSpec | ProbabilitySpec):
        told |= {"model": spec.model, "base_url": spec.base_url}
    if isinstance(spec, OtherReviewer) and spec.model is not None:
        told |= {"model": spec.model.model, "base_url": spec.model.base_url}
    if isinstance(spec, EnsembleSpec):
        told |= {"members": list(spec.members), "rule": spec.rule or "cascade",
                 "until": spec.until.model_dump() if spec.until else None}  # fmt: skip
    return told
