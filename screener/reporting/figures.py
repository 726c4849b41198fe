"""All figures of a review as one document.

The page is drawn from this document alone, and it is embedded in the page.
"""

from collections.abc import Collection
from typing import Any

from .. import __version__
from ..core.judgement import Stage
from ..evaluation import changes, count
from ..ledger import Ledger, Snapshot, errors_by_reviewer, now, people_by_stage, specifications
from ..ledger.amendments import amendments
from ..ledger.store import Connection
from ..ledger.synthetic import read_synthetic
from ..ledger.tuned import trials, tuning_counts
from ..protocol import ChatSpec, ProbabilitySpec, Review, RuleCriterion
from ..protocol.model import EnsembleSpec, OtherReviewer, ReviewerSpec
from ..stages import IntegrityState, StageState, integrity_state, load_stages
from .accuracy import (
    adjudications,
    adjudicators_of,
    against_gold,
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
from .flow_inputs import read_flow_inputs
from .methods import methods
from .previous import previous, read_update
from .prisma import prisma
from .quality import quality
from .report_lists import author_contacts, report_lists
from .reproduce import gold_state, reproduction
from .searches import search_log
from .venues import venue_restriction
from .workflow import workflow
from .workload import machine_effort

PROSE = (("checklist",), ("prisma",), ("methods",), ("searches", "items"))
"""Where the document has sentences and items of checklists, whose wording is that of a version."""
FORMAT = 1
"""The version of the document's shape."""


def figures(ledger: Ledger, review: Review) -> dict[str, Any]:
    """Return everything the report says, as one JSON document: all of it as the ledger stands at one moment."""
    with ledger.read() as connection:
        document = _figures(ledger.within(connection), review)
        # Only where there are rules: figures of earlier programs have none.
        document |= {"venues": said} if (said := venue_restriction(ledger.within(connection), review)) else {}
        # Likewise: what is no result of a search.
        document |= {"synthetic": made_up.as_json()} if (made_up := read_synthetic(connection)).count else {}
    add_prose(document)
    return document


def _figures(ledger: Ledger, review: Review) -> dict[str, Any]:
    snapshot = Snapshot(ledger)
    stages = load_stages(snapshot, review)
    inputs = read_flow_inputs(ledger, review, stages)
    update = read_update(ledger, review, inputs, stages)
    extracted = extraction(review, stages)
    known_against = _integrity(integrity_state(ledger, stages))
    reports = report_lists(ledger, review, stages.get(Stage.FULLTEXT))
    screening = {
        stage.value: {
            **_size(state),
            **_stage(snapshot, review, stage, {record.id for record in state.records}),
            # Only where one is named: figures of earlier programs have none.
            **({"workflow": named} if (named := workflow(snapshot, review, state)) else {}),
        }
        for stage, state in stages.items()
    }
    with ledger.read() as connection:
        return {
            "format": FORMAT,
            "screener": __version__,
            "made": now(),
            "review": protocol_summary(review),
            "gold": gold_state(review),
            "flow": _flow(inputs),
            "previous": previous(update),
            "reasons": {
                name: reasons_table(judged or (), inputs.criteria.get(name, ()))
                for name, judged in (("abstract", inputs.abstract), ("fulltext", inputs.fulltext))
            },
            "reports": reports,
            "integrity": known_against,
            "contacts": author_contacts(connection),
            "stages": screening,
            "extraction": extracted,
            "effort": {
                "machines": machine_effort(connection),
                "humans": people_by_stage(connection),
                "errors": errors_by_reviewer(connection),
            },
            "amendments": [
                {
                    "at": amendment.at,
                    "stage": amendment.stage.value,
                    "who": amendment.who,
                    "note": amendment.note,
                    "stale": amendment.stale,
                }
                for amendment in amendments(connection)
            ],
            "tuning": _tuning(connection, review),
            "searches": search_log(connection, review),
            "reproduction": reproduction(connection, review),
        }


def _tuning(connection: Connection, review: Review) -> dict[str, Any]:
    """Return by stage how much its wording was tuned on gold dev, and each trial; stages without one are left out."""
    specified, tried = specifications(connection), trials(connection)
    return {
        stage.value: {
            **counts.as_json(),
            "sentence": counts.sentence,
            "trials": [
                {
                    "at": trial.at, "variant": trial.variant, "reviewer": trial.reviewer, "cost_usd": trial.cost_usd,
                    "check": trial.check,
                }
                for trial in tried if trial.stage == stage.value
            ],
        }
        for stage in review.protocol.stages
        if (counts := tuning_counts(specified, stage)).variants
    }  # fmt: skip


def add_prose(document: dict[str, Any]) -> None:
    """Add what is written from the figures alone: checklists and methods text."""
    document |= {"checklist": checklist(document), "prisma": prisma(document), "methods": methods(document)}


def _flow(inputs: FlowInputs) -> dict[str, Any]:
    boxes = flow(inputs)
    return {
        "boxes": [box.as_json() for box in boxes],
        "adds_up": adds_up(boxes),
        "candidates": inputs.candidates,
        "supposed_studies": inputs.supposed_studies,
    }


def _integrity(state: IntegrityState) -> dict[str, Any]:
    """Return the marked records, and when retraction status was checked last; None where it never was."""
    return {
        "checked": {"at": state.checked, "source": state.source, "who": state.who} if state.checked else None,
        "marked": [
            {
                "id": record.id,
                "title": record.title,
                "integrity": record.integrity,
                "why": list(record.why),
                "included": "yes" if record.included else "no",
                "decision": record.decision,
                "must_decide": "yes" if record.must_decide else "no",
            }
            for record in state.marked
        ],
    }


def _size(state: StageState) -> dict[str, int]:
    return {"records": len(state.records), "title_only": sum(not record.abstract for record in state.records)}


def _stage(snapshot: Snapshot, review: Review, stage: Stage, records: Collection[str]) -> dict[str, Any]:
    roles = reviewers_of(snapshot, stage)
    if stage is Stage.EXTRACTION:
        accuracy, no_accuracy = extraction_accuracy(snapshot, review, roles)
        measured = None
    else:
        results, no_accuracy = against_gold(snapshot, review, stage, roles)
        accuracy, measured = screening_accuracy(results, roles), quality(snapshot, review, stage, results)
    return {
        "reviewers": roles,
        "adjudicators": adjudicators_of(snapshot, stage),
        "adjudications": None if stage is Stage.EXTRACTION else adjudications(snapshot, review, stage),
        "agreement": agreement(snapshot, review, stage, roles),
        "accuracy": accuracy,
        "no_accuracy": no_accuracy,
        "quality": measured,
        "labellers": labellers_of(review, stage, roles),
        "gate": None if stage is Stage.EXTRACTION else gate(snapshot, review, stage),
        "elusion": None if stage is Stage.EXTRACTION else elusion(snapshot, review, stage),
        "stopping": None if stage is Stage.EXTRACTION else stopping(snapshot, review, stage, records),
        "stability": flips(snapshot, review, stage, roles),
        "minds": {
            "shown": review.stage(stage).shows_machine,
            **count(changes(snapshot.ledger, review, stage)).as_json(),
        },
    }


def protocol_summary(review: Review) -> dict[str, Any]:
    """Return questions, criteria and who decides, as the protocol has them."""
    protocol = review.protocol
    return {
        "title": protocol.title,
        "questions": list(protocol.questions),
        "open_questions": list(protocol.open_questions),
        "registration": protocol.registration.model_dump() if protocol.registration else None,
        "funding": protocol.funding,
        "competing_interests": protocol.competing_interests,
        "stages": [
            {
                "stage": stage.value,
                "question": spec.question,
                "humans": spec.decided_by.humans,
                "machine": spec.decided_by.machine,
                **({"workflow": spec.workflow} if spec.workflow else {}),
                "form": list(spec.form),
                "criteria": [_criterion(criterion) for criterion in spec.criteria],
            }
            for stage, spec in protocol.stages.items()
        ],
        "reviewers": {name: _reviewer(spec) for name, spec in protocol.reviewers.items()},
    }


def _criterion(criterion: Any) -> dict[str, Any]:
    if isinstance(criterion, RuleCriterion):
        rules = {"years": criterion.years, "languages": criterion.languages}
        rule = "; ".join(f"{name}: {_words(name, value)}" for name, value in rules.items() if value)
        return {
            "id": criterion.id,
            "label": criterion.label,
            "kind": "rule",
            "question": criterion.question,
            "rule": rule,
        }
    return {"id": criterion.id, "label": criterion.label, "kind": "question", "question": criterion.question, "met_when": criterion.met_when,
            "not_met_when": criterion.not_met_when, "silence": criterion.silence, "quote": criterion.quote,
            "applies_if": criterion.applies_if or ""}  # fmt: skip


def _words(name: str, value: tuple[Any, ...]) -> str:
    return f"{value[0]} to {value[1]}" if name == "years" else ", ".join(map(str, value))


def _reviewer(spec: ReviewerSpec) -> dict[str, Any]:
    row: dict[str, Any] = {"kind": spec.kind}
    if isinstance(spec, ChatSpec | ProbabilitySpec):
        row |= {"model": spec.model}
    if isinstance(spec, OtherReviewer) and spec.model is not None:
        row |= {"model": spec.model.model}
    if isinstance(spec, EnsembleSpec):
        row |= {"members": list(spec.members), "rule": spec.rule or "cascade",
                 "until": spec.until.model_dump() if spec.until else None}  # fmt: skip
    return row
