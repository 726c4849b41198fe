"""Run an ensemble: its members first, then the rule over their judgements. Reuse and cost are the members' own."""

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from ..core.judgement import Judgement, Stage
from ..ledger import reads
from ..ledger.judgements import NewJudgement, add_judgements
from ..ledger.runs import add_run, end_run, protocols
from ..ledger.store import Ledger, now
from ..protocol.model import EnsembleSpec, Review
from ..records import Record
from ..reviewers.ensemble import combine, settles
from .build_reviewers import task_for
from .run_task import Options, Progress, Summary
from .runner import run


def run_combined(
    ledger: Ledger,
    review: Review,
    stage: Stage,
    name: str,
    records: Sequence[Record],
    options: Options,
    progress: Progress | None = None,
) -> Summary:
    """Run every member on what it is needed for, then enter the combined judgements.

    A cascade asks each member only about the records that no member before it has settled. The budget is one for all
    members. A record on which a needed member failed has no combined judgement and counts as an error.
    """
    spec = review.reviewer(name)
    assert isinstance(spec, EnsembleSpec)
    judgements: dict[str, dict[str, Judgement]] = {record.id: {} for record in records}
    runs: list[Summary] = []
    hashes: list[str] = []
    undecided: Sequence[Record] = records
    for member in spec.members:
        task = task_for(ledger, review, stage, member, undecided)
        hashes.append(task.reviewer.asked + task.reviewer.rule)
        spent = sum(run_summary.cost_usd or 0.0 for run_summary in runs)
        budget = None if options.budget_usd is None else max(0.0, options.budget_usd - spent)
        runs.append(run(ledger, task, replace(options, budget_usd=budget), progress))
        with ledger.read() as connection:
            rows = reads.latest(connection, stage, member)
        for record in undecided:
            row = rows.get(record.id)
            if row is not None and (row.asked, row.text_hash) == (task.reviewer.asked, record.text_hash):
                judgements[record.id][member] = row.judgement
        if spec.rule is None:
            # Where a member failed nobody after it is asked: there could be no combined judgement.
            undecided = [
                r for r in undecided if member in judgements[r.id] and not settles(spec, judgements[r.id][member])
            ]
    combined = {record.id: combine(spec, judgements[record.id]) for record in records}
    return _enter(
        ledger, review, stage, name, records, combined, judgements, runs, _hash([spec.model_dump(mode="json"), hashes])
    )


def _enter(
    ledger: Ledger,
    review: Review,
    stage: Stage,
    name: str,
    records: Sequence[Record],
    combined: dict[str, Judgement | None],
    judgements: dict[str, dict[str, Judgement]],
    runs: list[Summary],
    asked_hash: str,
) -> Summary:
    summary = Summary(f"{runs[0].run_id}-{name}", stage, name, total=len(records))
    summary.calls = sum(run_summary.calls for run_summary in runs)
    summary.answered_from_ledger = sum(run_summary.answered_from_ledger for run_summary in runs)
    summary.input_tokens = sum(run_summary.input_tokens for run_summary in runs)
    summary.output_tokens = sum(run_summary.output_tokens for run_summary in runs)
    costs = [run_summary.cost_usd for run_summary in runs]
    summary.cost_usd = None if None in costs else sum(cost for cost in costs if cost is not None)
    summary.seconds = sum(run_summary.seconds for run_summary in runs)
    summary.stopped = next((run_summary.stopped for run_summary in runs if run_summary.stopped), "")
    settled: Counter[str] = Counter()
    entered_at = now()
    rows: list[NewJudgement] = []
    with ledger.read() as connection:
        previous = reads.latest(connection, stage, name)
        protocol_of_run = protocols(connection)
    protocol = review.fingerprint(stage, name)
    for record in records:
        judgement = combined[record.id]
        if judgement is None:
            reasons = [
                f"{run_summary.reviewer}: {run_summary.failures[record.id]}"
                for run_summary in runs
                if record.id in run_summary.failures
            ]
            if reasons:
                summary.fail(record.id, "; ".join(reasons))
            continue
        summary.count(judgement)
        settled.update(flag.removeprefix("by_") for flag in judgement.flags if flag.startswith("by_"))
        old = previous.get(record.id)
        if old is not None and (old.asked, old.text_hash, old.judgement) == (asked_hash, record.text_hash, judgement):
            summary.cached += 1
            if protocol_of_run.get(old.run_id) == protocol:
                continue
        rows.append(
            NewJudgement(
                record.id,
                record.text_hash,
                stage,
                name,
                "machine",
                judgement,
                run_id=summary.run_id,
                asked=asked_hash,
                rule="combine",
                at=entered_at,
            )
        )
    summary.members = [
        {
            "reviewer": run_summary.reviewer,
            "asked": run_summary.total,
            "settled": settled[run_summary.reviewer],
            "calls": run_summary.calls,
            "cost_usd": run_summary.cost_usd,
            "errors": run_summary.errors,
        }
        for run_summary in runs
    ]
    summary.disagreements = sum(
        len({j.decision.kept for j in by_member.values()}) > 1 for by_member in judgements.values()
    )
    specification = {
        "kind": "combine",
        "protocol": protocol,
        "asked": asked_hash,
        "members": [run_summary.run_id for run_summary in runs],
    }
    with ledger.write() as connection:
        add_run(connection, summary.run_id, stage, name, specification, entered_at)
        end_run(connection, summary.run_id, summary.as_json())
        add_judgements(connection, rows)
    return summary


def _hash(parts: object) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]
