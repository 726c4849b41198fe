"""Running a combination: its members first, then the rule over what they said. Reuse and cost are the members' own."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ..core.judgement import Decision, Judgement, Stage
from ..ledger import Ledger, NewJudgement, add_judgements, add_run, end_run, now, protocols, reads
from ..protocol import Review, combine, settles
from ..protocol.model import EnsembleSpec
from ..records import Record
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
    judged: dict[str, dict[str, Judgement]] = {record.id: {} for record in records}
    runs: list[Summary] = []
    hashes: list[str] = []
    undecided: Sequence[Record] = records
    for member in spec.members:
        task = task_for(ledger, review, stage, member, undecided, model=options.workforce)
        hashes.append(task.reviewer.asked + task.reviewer.rule)
        spent = sum(run_summary.cost_usd or 0.0 for run_summary in runs)
        budget = None if options.budget_usd is None else max(0.0, options.budget_usd - spent)
        runs.append(run(ledger, task, replace(options, budget_usd=budget), progress))
        with ledger.read() as connection:
            rows = reads.latest(connection, stage, member)
        for record in undecided:
            row = rows.get(record.id)
            if row is not None and (row.asked, row.text_hash) == (task.reviewer.asked, record.text_hash):
                judged[record.id][member] = row.judgement
        if spec.rule is None:
            # Where a member failed nobody after it is asked: there could be no combined judgement.
            undecided = [r for r in undecided if member in judged[r.id] and not settles(spec, judged[r.id][member])]
    combined = {record.id: combine(spec, judged[record.id]) for record in records}
    summary = _summary_of(runs, stage, name)
    summary.total = len(records)
    summary.disagreements = sum(len({j.decision.kept for j in members.values()}) > 1 for members in judged.values())
    ensemble = Ensemble(stage, name, review.fingerprint(stage, name), _hash([spec.model_dump(mode="json"), hashes]))
    _enter(ledger, ensemble, {record.id: (record, combined[record.id]) for record in records}, runs, summary)
    return summary


@dataclass(frozen=True)
class Ensemble:
    """An ensemble at a stage: the hash of what the protocol says of it, and that of what its members were asked."""

    stage: Stage
    name: str
    protocol: str
    asked: str


def _summary_of(runs: Sequence[Summary], stage: Stage, name: str) -> Summary:
    """Return what the runs of the members took together; nothing is counted of their decisions."""
    summary = Summary(f"{runs[0].run_id}-{name}", stage, name)
    summary.calls = sum(run.calls for run in runs)
    summary.answered_from_ledger = sum(run.answered_from_ledger for run in runs)
    summary.lost = sum(run.lost for run in runs)
    summary.input_tokens = sum(run.input_tokens for run in runs)
    summary.output_tokens = sum(run.output_tokens for run in runs)
    cached = [run.cached_tokens for run in runs if run.cached_tokens is not None]
    summary.cached_tokens = sum(cached) if cached else None
    summary.notices = [f"{run.reviewer}: {notice}" for run in runs for notice in run.notices]
    costs = [run.cost_usd for run in runs]
    summary.cost_usd = None if None in costs else sum(cost for cost in costs if cost is not None)
    summary.seconds = sum(run.seconds for run in runs)
    summary.stopped = next((run.stopped for run in runs if run.stopped), "")
    return summary


def _enter(
    ledger: Ledger,
    ensemble: Ensemble,
    combined: Mapping[str, tuple[Record, Judgement | None]],
    runs: Sequence[Summary],
    summary: Summary,
) -> None:
    """Enter the combined judgements that are not in the ledger yet, as a run of the ensemble, and count them."""
    settled: Counter[str] = Counter()
    unclear: Counter[str] = Counter()
    entered_at = now()
    rows: list[NewJudgement] = []
    with ledger.read() as connection:
        previous = reads.latest(connection, ensemble.stage, ensemble.name)
        protocol_of_run = protocols(connection)
    for record, judgement in combined.values():
        if judgement is None:
            reasons = [f"{run.reviewer}: {run.failures[record.id]}" for run in runs if record.id in run.failures]
            if reasons:
                summary.fail(record.id, "; ".join(reasons))
            continue
        summary.count(judgement)
        by = [flag.removeprefix("by_") for flag in judgement.flags if flag.startswith("by_")]
        settled.update(by)
        if judgement.decision is Decision.UNCLEAR:
            unclear.update(by)
        old = previous.get(record.id)
        if old is not None and (old.asked, old.text_hash, old.judgement) == (
            ensemble.asked,
            record.text_hash,
            judgement,
        ):
            summary.cached += 1
            if protocol_of_run.get(old.run_id) == ensemble.protocol:
                continue
        rows.append(
            NewJudgement(
                record.id, record.text_hash, ensemble.stage, ensemble.name, "machine", judgement,
                run_id=summary.run_id, asked=ensemble.asked, rule="combine", at=entered_at,
            )
        )  # fmt: skip
    summary.members = [
        {"reviewer": run.reviewer, "asked": run.total, "settled": settled[run.reviewer],
         "unclear": unclear[run.reviewer], "calls": run.calls,
         "cost_usd": run.cost_usd, "errors": run.errors}
        for run in runs
    ]  # fmt: skip
    specification = {"kind": "combine", "protocol": ensemble.protocol, "asked": ensemble.asked,
                     "members": [run.run_id for run in runs]}  # fmt: skip
    with ledger.write() as connection:
        add_run(connection, summary.run_id, ensemble.stage, ensemble.name, specification, entered_at)
        end_run(connection, summary.run_id, summary.as_json())
        add_judgements(connection, rows)


def _hash(parts: object) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]
