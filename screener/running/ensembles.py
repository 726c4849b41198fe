"""Running a combination: its members first, then the rule over what they said. Reuse and cost are the members' own."""

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
    said: dict[str, dict[str, Judgement]] = {record.id: {} for record in records}
    runs: list[Summary] = []
    asked: list[str] = []
    left: Sequence[Record] = records
    for member in spec.members:
        task = task_for(ledger, review, stage, member, left)
        asked.append(task.reviewer.asked + task.reviewer.rule)
        spent = sum(one.cost_usd or 0.0 for one in runs)
        budget = None if options.budget_usd is None else max(0.0, options.budget_usd - spent)
        runs.append(run(ledger, task, replace(options, budget_usd=budget), progress))
        with ledger.read() as connection:
            rows = reads.latest(connection, stage, member)
        for record in left:
            row = rows.get(record.id)
            if row is not None and (row.asked, row.text_hash) == (task.reviewer.asked, record.text_hash):
                said[record.id][member] = row.judgement
        if spec.rule is None:
            # Where a member failed nobody after it is asked: there could be no combined judgement.
            left = [r for r in left if member in said[r.id] and not settles(spec, said[r.id][member])]
    combined = {record.id: combine(spec, said[record.id]) for record in records}
    return _enter(
        ledger, review, stage, name, records, combined, said, runs, _hash([spec.model_dump(mode="json"), asked])
    )


def _enter(
    ledger: Ledger,
    review: Review,
    stage: Stage,
    name: str,
    records: Sequence[Record],
    combined: dict[str, Judgement | None],
    said: dict[str, dict[str, Judgement]],
    runs: list[Summary],
    asked: str,
) -> Summary:
    summary = Summary(f"{runs[0].run_id}-{name}", stage, name, total=len(records))
    summary.calls = sum(one.calls for one in runs)
    summary.answered_from_ledger = sum(one.answered_from_ledger for one in runs)
    summary.input_tokens = sum(one.input_tokens for one in runs)
    summary.output_tokens = sum(one.output_tokens for one in runs)
    costs = [one.cost_usd for one in runs]
    summary.cost_usd = None if None in costs else sum(cost for cost in costs if cost is not None)
    summary.seconds = sum(one.seconds for one in runs)
    summary.stopped = next((one.stopped for one in runs if one.stopped), "")
    settled: Counter[str] = Counter()
    at = now()
    rows: list[NewJudgement] = []
    with ledger.read() as connection:
        before = reads.latest(connection, stage, name)
        under = protocols(connection)
    protocol = review.fingerprint(stage, name)
    for record in records:
        judgement = combined[record.id]
        if judgement is None:
            reasons = [f"{one.reviewer}: {one.failures[record.id]}" for one in runs if record.id in one.failures]
            if reasons:
                summary.fail(record.id, "; ".join(reasons))
            continue
        summary.count(judgement)
        settled.update(flag.removeprefix("by_") for flag in judgement.flags if flag.startswith("by_"))
        old = before.get(record.id)
        if old is not None and (old.asked, old.text_hash, old.judgement) == (asked, record.text_hash, judgement):
            summary.cached += 1
            if under.get(old.run_id) == protocol:
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
                asked=asked,
                rule="combine",
                at=at,
            )
        )
    summary.members = [
        {
            "reviewer": one.reviewer,
            "asked": one.total,
            "settled": settled[one.reviewer],
            "calls": one.calls,
            "cost_usd": one.cost_usd,
            "errors": one.errors,
        }
        for one in runs
    ]
    summary.disagreements = sum(len({j.decision.kept for j in by.values()}) > 1 for by in said.values())
    specification = {"kind": "combine", "protocol": protocol, "asked": asked, "members": [one.run_id for one in runs]}
    with ledger.write() as connection:
        add_run(connection, summary.run_id, stage, name, specification, at)
        end_run(connection, summary.run_id, summary.as_json())
        add_judgements(connection, rows)
    return summary


def _hash(parts: object) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]
