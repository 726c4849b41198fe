"""From the ledger and the state of each stage to what the flow is counted from."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import replace

from ..core.judgement import Stage, Value
from ..documents import Report
from ..ledger import (
    Ledger,
    as_studies,
    count_merged_rows,
    count_rejected_rows,
    hits_by_source,
    no_longer_in,
    notices_set_aside,
    open_pairs,
    reads,
)
from ..ledger.hub import read_hub
from ..ledger.store import Connection
from ..protocol import Review
from ..stages import FlowPlace, StageState, place, removed_by_venue
from .flow import FlowInputs, FlowStanding
from .flow_models import read_apart, read_model_counts
from .flow_others import OtherCounts, read_other_counts


def read_flow_inputs(ledger: Ledger, review: Review, stages: Mapping[Stage, StageState]) -> FlowInputs:
    """Return what the flow is counted from."""
    judged = {
        stage: _judged(stages[stage]) for stage in (Stage.ABSTRACT, Stage.FULLTEXT) if stage in stages
    }  # fmt: skip
    studies, included = None, set[str]()
    removed = removed_by_venue(ledger, review)
    if Stage.FULLTEXT in stages:
        included = {item.id for item in judged[Stage.FULLTEXT] if item.place is FlowPlace.INCLUDED}
        included_reports = [
            report for report in stages[Stage.FULLTEXT].records if isinstance(report, Report) and report.id in included
        ]
        studies = len(as_studies(ledger, included_reports))
    with ledger.read() as connection:
        pairs, hub = open_pairs(connection), read_hub(connection)
        notices = notices_set_aside(connection)
        apart, hits = read_apart(connection, hub), Counter(hits_by_source(connection))
        hits.subtract(apart.hits)
        kinds = {source.name: source.kind for source in review.sources}
        others = read_other_counts(connection, kinds, hub)
        set_aside, removed = notices - hub.not_screened, removed - notices - hub.not_screened
        inputs = FlowInputs(
            hits={name: n for name, n in hits.items() if n},
            kinds=kinds,
            unreadable=count_rejected_rows(connection),
            merged=count_merged_rows(connection) - apart.merged,
            records=reads.count_records(connection) - apart.records,
            notices=len(set_aside),
            venues=len(removed),
            abstract=judged.get(Stage.ABSTRACT),
            fulltext=judged.get(Stage.FULLTEXT),
            studies=studies,
            criteria={stage.value: tuple(c.id for c in state.protocol.criteria) for stage, state in stages.items()},
            notes=_missing(connection),
            candidates=sum(pair.link.kind == "candidate" for pair in pairs),
            models=read_model_counts(connection, hub),
            supposed_studies=sum(pair.link.kind == "same_study" and pair.records <= included for pair in pairs),
        )
        return with_others(inputs, others, set_aside, removed)


def with_others(
    inputs: FlowInputs, others: OtherCounts | None, notices: Collection[str], venues: Collection[str]
) -> FlowInputs:
    """Return the inputs with what other methods found counted apart; `notices` and `venues` are removed before screening."""
    if others is None:
        return inputs
    noticed, removed = (len(others.records.intersection(names)) for names in (notices, venues))
    hits = Counter(inputs.hits)
    hits.subtract(others.hits)
    return replace(
        inputs,
        hits={name: n for name, n in hits.items() if n},
        merged=inputs.merged - others.known - others.merged,
        records=inputs.records - len(others.records),
        notices=inputs.notices - noticed,
        venues=inputs.venues - removed,
        others=replace(others, notices=noticed, venues=removed),
    )


def _missing(connection: Connection) -> tuple[str, ...]:
    """Return how many records each source has no more, and since when, in words: they stay counted."""
    counts = Counter((row.source, row.since[:10]) for row in no_longer_in(connection))
    return tuple(f"{n:,} no longer in {source} as of {day}, still counted" for (source, day), n in counts.items())


def _judged(state: StageState) -> tuple[FlowStanding, ...]:
    rules = [criterion.id for criterion in state.protocol.rules]
    judged = []
    for record in state.records:
        standing = state.standings.get(record.id)
        if standing is None:
            continue  # the flow will not add up, and says so
        judgement = standing.judgement
        answers = judgement.answers if judgement else {}
        judged.append(
            FlowStanding(
                record.id,
                standing.status,
                standing.decision,
                human=standing.judgement is not None and standing.by != state.protocol.decided_by.machine,
                failed=judgement.failed() if judgement else None,
                rule=next((name for name in rules if name in answers and answers[name].value is Value.NO), None),
                place=place(record, standing) if isinstance(record, Report) else None,
                retrieval_reason=record.retrieval_reason if isinstance(record, Report) else "",
                begun=bool(standing.people),
                incomplete=bool(standing.incomplete),
            )
        )
    return tuple(judged)
