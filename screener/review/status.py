"""Where a review stands: records by source, standings by stage, and what became of the full texts."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from ..core.judgement import Decision, Stage
from ..documents import Report, Retrieval
from ..evaluation import RankedQueue, StoppingState, ranked_queue, read_gate, stopping_state
from ..gold import SecondReading, second_reading
from ..ledger import (
    SENT,
    Batch,
    Ledger,
    LinkedNotice,
    NoLongerIn,
    Snapshot,
    batches,
    hits_by_source,
    linked_notices,
    no_longer_in,
    open_pairs,
    reads,
    rows_received,
)
from ..ledger.searches import Stated, stated_counts
from ..ledger.synthetic import Synthetic, read_synthetic, shown_searches
from ..protocol import Review, workflow_in_words
from ..records import Record
from ..stages import (
    FlowPlace,
    GateCheck,
    MarkedRecord,
    StageState,
    Stale,
    Standing,
    Status,
    VenueStandings,
    integrity_state,
    judged_without_abstract,
    load_stages,
    people_counts,
    place,
    unrecorded,
    venue_standings,
)
from .gold_progress import GoldProgress, gold_progress
from .models import count_models


@dataclass(frozen=True)
class StageStatus:
    """How the records of one stage stand.

    `counts` has the number of records by standing (`final`, `suggested`, `conflict`, `pending`, `error`) and by
    standing and decision (`final_include`, `suggested_exclude`, …). `title_only` of them have no abstract.
    `on_other_text`: the records that people judged on another title or abstract than they have now, since an update
    changed it, or reports on other documents; with who did.
    """

    stage: Stage
    counts: Mapping[str, int]
    title_only: int
    on_other_text: Mapping[str, Sequence[str]]
    incomplete: Mapping[str, Sequence[str]]
    """The reports that enough people exclude but that are not final, with who of them gave no reason."""
    ranked_queue: RankedQueue | StoppingState | None
    """None where people were given nothing in the order of a machine's probabilities."""
    unrecorded_change: Stale | None
    """What was judged under an earlier wording whose change nobody has recorded."""
    gate: GateCheck | None
    """What the gate of the stage's machine stands on; None where the protocol has none."""
    reports: Mapping[str, Any] | None
    """At full text, what became of the reports that reached it (see `report_counts`)."""
    people: Mapping[str, int]
    """How many records each person has judged."""
    gold: GoldProgress
    """How far the stage's gold is."""
    without_abstract: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Of `on_other_text` those that people judged before their abstract was looked up; with who did."""
    without_criterion: Sequence[str] = ()
    """At full text, the reports that are excluded without naming a criterion."""
    workflow: str | None = None
    """The workflow that the stage names."""
    who_decides: str = ""
    """In words, who decides in that workflow."""
    second_reading: SecondReading | None = None
    """How far a second person has read what one person and a machine exclude; None where no machine is second reviewer."""

    @property
    def records(self) -> int:
        """Return how many records the stage has to judge."""
        return sum(self.counts[status.value] for status in Status)

    def as_json(self) -> dict[str, Any]:
        """Return what `status --json` lists."""
        on_other_text = {name: list(people) for name, people in self.on_other_text.items()}
        change = asdict(self.unrecorded_change) if self.unrecorded_change else None
        return {
            **self.counts,
            "title_only": self.title_only,
            "on_other_text": on_other_text,
            "without_abstract": {name: list(people) for name, people in self.without_abstract.items()},
            "incomplete": {name: list(people) for name, people in self.incomplete.items()},
            "without_criterion": list(self.without_criterion),
            **({"ranked_queue": self.ranked_queue.as_json()} if self.ranked_queue else {}),
            "unrecorded_change": change,
            "gate": _gate_as_json(self.gate) if self.gate else None,
            "people": dict(self.people),
            "gold": self.gold.as_json(),
            **({"workflow": self.workflow} if self.workflow else {}),
            **({"second_reading": self.second_reading.as_json()} if self.second_reading else {}),
            **({"reports": dict(self.reports)} if self.reports is not None else {}),
        }


@dataclass(frozen=True)
class ReviewStatus:
    """Where the review stands. `records` is their number after merging, `hits` the rows received by source.

    `reported`, by source, is how many rows its searches reported, None where nobody noted it. `received` are the rows
    of each source's exports, by source and the name of the search.
    """

    folder: str
    title: str
    records: int
    hits: Mapping[str, int]
    reported: Mapping[str, int | None]
    received: Mapping[tuple[str, str], int]
    stages: Mapping[Stage, StageStatus]
    batches: Sequence[Batch] = ()
    """The batches that may be answered at a provider and are not in the ledger yet."""
    no_longer_in: Sequence[NoLongerIn] = ()
    """The records that a source has no more, since its newest export lacks them; they stay records."""
    candidates: int = 0
    """Pairs of records that are likely duplicates, on which nobody has decided."""
    supposed_studies: int = 0
    """Pairs of records that the program supposes to be reports of one study, which nobody has confirmed."""
    notices: Sequence[LinkedNotice] = ()
    """The notices of papers in the review that are not screened alone; one of two papers twice."""
    venues: VenueStandings = field(default_factory=VenueStandings)
    """What the venue rules do with the records."""
    must_decide: Sequence[MarkedRecord] = ()
    """The included records that were retracted, withdrawn or put in doubt, about which a person must decide."""
    models: Mapping[str, int] = field(default_factory=dict)
    """Models and data sets by class, and `via_model`: the publications screened through them alone; empty without any."""
    synthetic: Synthetic = field(default_factory=Synthetic)
    """What came from test servers."""
    stated: Mapping[tuple[str, str], Stated] = field(default_factory=dict)
    """What databases stated themselves of whole searches that the program ran, by source and the name of the search."""

    @property
    def missing_sources(self) -> dict[str, int]:
        """Return how many rows each source reported of which no row was imported."""
        reported = {name: count for name, count in self.reported.items() if count}
        return {name: count for name, count in reported.items() if not self.hits.get(name)}

    def _stated_by(self, source: str) -> dict[str, int]:
        """Return what the database stated itself, where it did."""
        counts = [stated.count for (name, _), stated in self.stated.items() if name == source]
        return {"stated": sum(counts)} if counts else {}

    def as_json(self) -> dict[str, Any]:
        """Return what `status --json` prints."""
        names = [*self.reported, *(name for name in self.hits if name not in self.reported)]
        return {
            "review": self.folder,
            "title": self.title,
            "records": self.records,
            "candidates": self.candidates,
            "supposed_studies": self.supposed_studies,
            "sources": {
                n: {"reported": self.reported.get(n), "received": self.hits.get(n, 0), **self._stated_by(n)}
                for n in names
            },
            "stages": {stage.value: status.as_json() for stage, status in self.stages.items()},
            "batches": [
                {**batch.as_json(), "stage": batch.stage, "reviewer": batch.reviewer, "at": batch.at}
                for batch in self.batches
            ],
            "no_longer_in": [vars(row) for row in self.no_longer_in],
            "notices": [{"id": n.notice, "paper": n.paper, "kind": n.kind and str(n.kind)} for n in self.notices],
            "venues": self.venues.as_json(),
            "models": dict(self.models),
            "synthetic": self.synthetic.as_json(),
            "must_decide": [
                {"id": r.id, "title": r.title, "integrity": r.integrity, "why": list(r.why)} for r in self.must_decide
            ],
        }


def review_status(ledger: Ledger, review: Review) -> ReviewStatus:
    """Return where a review stands; nothing is written."""
    with ledger.read() as connection:
        total = reads.count_records(connection)
        pairs = open_pairs(connection)
        hits, received = hits_by_source(connection), rows_received(connection)
        missing, notices = no_longer_in(connection), [item for item in linked_notices(connection) if item.set_aside]
        synthetic, stated = read_synthetic(connection), stated_counts(shown_searches(connection))
        under_way = [batch for batch in batches(connection) if batch.state in SENT]
    snapshot = Snapshot(ledger)
    states = load_stages(ledger, review, brief=True)
    stages = {stage: _stage_status(ledger, review, state, snapshot) for stage, state in states.items()}
    reported = {source.name: source.total_reported for source in review.sources}
    candidates = sum(pair.link.kind == "candidate" for pair in pairs)
    return ReviewStatus(
        str(review.root), review.protocol.title, total, hits, reported, received, stages, under_way, missing, candidates,
        len(pairs) - candidates, notices, venue_standings(ledger, review), integrity_state(ledger, states).undecided,
        count_models(ledger), synthetic, stated,
    )  # fmt: skip


def _stage_status(ledger: Ledger, review: Review, state: StageState, snapshot: Snapshot) -> StageStatus:
    stage, standings = state.stage, state.standings
    counts, title_only = standing_counts(state.records, standings)
    names = {record.id for record in state.records}
    queue = stopping_state(snapshot, review, stage, names) or ranked_queue(snapshot, stage, names)
    reports = report_counts(state.records, standings) if stage is Stage.FULLTEXT else None
    change = unrecorded(ledger, review, stage)
    protocol, machine = state.protocol, state.protocol.decided_by.machine
    gated = protocol.gate is not None and machine is not None
    gate = read_gate(snapshot, review, stage, machine) if gated else None
    incomplete = {
        name: list(record_standing.incomplete)
        for name, record_standing in standings.items()
        if record_standing.incomplete
    }
    unnamed = without_criterion(standings) if stage is Stage.FULLTEXT else []
    with ledger.read() as connection:
        people = people_counts(connection, stage).judged
        without = judged_without_abstract(connection, stage, state.records, standings)
    return StageStatus(
        stage, counts, title_only, on_other_text(standings), incomplete, queue, change, gate, reports, people,
        gold_progress(ledger, review, stage), without, unnamed, protocol.workflow,
        workflow_in_words(protocol.workflow, protocol.decided_by.humans, machine) if protocol.workflow else "",
        second_reading(ledger, review, stage),
    )  # fmt: skip


def _gate_as_json(gate: GateCheck) -> dict[str, Any]:
    return {
        "reviewer": gate.reviewer,
        "open": gate.open,
        "checked_at": gate.last_at or None,
        "changed_since": not gate.at,
        "checks_of_sample": gate.looks,
        "fresh_sample_needed": gate.exhausted,
        "why": gate.why,
        "updates": list(gate.updates),
    }


def standing_counts(records: Sequence[Record], by_id: Mapping[str, Standing]) -> tuple[dict[str, int], int]:
    """Count the records of a stage by standing (`final`, `final_include`, …), and those that have no abstract."""
    counts = Counter(standing.status.value for standing in by_id.values())
    counts.update(f"{s.status}_{s.decision}" for s in by_id.values() if s.decision)
    names = [status.value for status in Status] + [f"{s}_{d}" for s in ("final", "suggested") for d in Decision]
    return {name: counts[name] for name in names}, sum(not record.abstract for record in records)


def on_other_text(by_id: Mapping[str, Standing]) -> dict[str, list[str]]:
    """Return the records that people judged on another text than they have now, with who did."""
    return {name: list(standing.other_text) for name, standing in by_id.items() if standing.other_text}


def without_criterion(by_id: Mapping[str, Standing]) -> list[str]:
    """Return the reports that are excluded without naming a criterion: no flow diagram has a reason for them."""
    return [
        name
        for name, standing in by_id.items()
        if standing.status is Status.FINAL and standing.decision is Decision.EXCLUDE and standing.failed is None
    ]


def report_counts(records: Sequence[Record], by_id: Mapping[str, Standing]) -> dict[str, Any]:
    """Count the reports that reached full text: by retrieval, by place in the flow, by main reason.

    `retrieved + sought + not_retrieved + no_full_text_exists = reached`, and the counts of `flow` add up to it as well;
    `no_text` are those of the retrieved that are scans.
    """
    reports = [record for record in records if isinstance(record, Report)]
    search = Counter(report.retrieval for report in reports)
    places = {report.id: place(report, by_id[report.id]) for report in reports}
    flow = Counter(places.values())
    excluded = [by_id[name] for name, flow_place in places.items() if flow_place is FlowPlace.EXCLUDED]
    reasons = Counter(standing.failed or "no criterion named" for standing in excluded)
    return {
        "reached": len(reports),
        **{status.value: search[status] for status in Retrieval},
        "no_text": sum(report.scan for report in reports),
        "flow": {flow_place.value: flow[flow_place] for flow_place in FlowPlace},
        "excluded_by": dict(reasons),
    }
