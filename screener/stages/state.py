"""A stage as it stands: its records, its decision rule, the standing of each record and its gate, loaded once."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from ..core.judgement import Decision, Stage
from ..ledger import Ledger, Snapshot, as_studies, reads, records_set_aside, reports
from ..protocol import DecidedBy, Review, StageProtocol
from ..records import Record
from .gates import open_gate
from .kept_standings import all_kept_standings, kept_standings, rule_hash
from .standing import OpenGate, Standing, Status, standings, standings_in
from .venues import removed_by_venue

Exclude = Callable[[Stage, Collection[str]], Collection[str]]
"""Of the records of a stage on which nothing is final, those that are not to go on from there."""


@dataclass(frozen=True)
class StageState:
    """A stage's records, in the order in which they came, and how each stands.

    `gate` says for which records the gate of the stage's machine is open, None while it is closed.
    """

    stage: Stage
    protocol: StageProtocol
    records: Sequence[Record]
    standings: Mapping[str, Standing]
    """By the record's id."""
    gate: OpenGate | None = None

    @classmethod
    def load(
        cls,
        source: Ledger | Snapshot,
        review: Review,
        stage: Stage,
        *,
        everything: bool = False,
        exclude: Exclude | None = None,
        brief: bool = False,
        texts: bool = True,
    ) -> "StageState":
        """Return the state of a stage for all records that it has to judge; the arguments are those of `records_for`.

        From a snapshot, judgements of the screening stages come without reasons and quotes. `brief` as in `of`; the records
        of the first stage are brief then, too.
        """
        texts = texts and not brief
        records = records_for(source, review, stage, everything=everything, exclude=exclude, texts=texts)
        return cls.of(source, review, stage, records, brief=brief)

    @classmethod
    def of(
        cls,
        source: Ledger | Snapshot,
        review: Review,
        stage: Stage,
        records: Sequence[Record],
        *,
        brief: bool = False,
        bare: bool = False,
    ) -> "StageState":
        """Return the state of a stage for some records only, which the caller has read.

        `brief` is for who needs no judgements: standings come from the rows that keep them, where these are up to date.
        They are computed with `bare`, at the screening stages without reasons and quotes.
        """
        protocol, fingerprint = review.stage(stage), protocol_fingerprint(review, stage)
        ledger = source.ledger if isinstance(source, Snapshot) else source
        gate = open_gate(ledger, review, stage, protocol.decided_by.machine)
        rule, standings_of_records = protocol.decided_by, None
        if brief:
            made_by = rule_hash(rule, fingerprint, gate, stage, records)
            with ledger.read() as connection:
                standings_of_records = kept_standings(connection, stage, made_by, records)
        if standings_of_records is None and isinstance(source, Snapshot):
            standings_of_records = standings_in(source, stage, rule, records, protocol=fingerprint, gate=gate)
        elif standings_of_records is None:
            bare = (brief or bare) and stage is not Stage.EXTRACTION
            with ledger.read() as connection:
                standings_of_records = standings(
                    connection, stage, rule, records, protocol=fingerprint, gate=gate, bare=bare
                )
        return cls(stage, protocol, records, standings_of_records, gate)

    @property
    def rule(self) -> DecidedBy:
        """Return who decides at the stage."""
        return self.protocol.decided_by

    def with_status(self, *statuses: Status) -> list[Record]:
        """Return the records that stand so."""
        return [record for record in self.records if self.standings[record.id].status in statuses]

    def proceeding(self, *, everything: bool = False, exclude: Exclude | None = None) -> list[Record]:
        """Return the records that go on to the next stage; the arguments are those of `records_for`.

        Extraction takes only what is included; what is unclear at full text awaits classification.
        """
        names = {name for name, standing in self.standings.items() if passes(self.stage, standing)}
        if everything:
            names |= {name for name, s in self.standings.items() if s.status is Status.SUGGESTED}
        if exclude is not None:
            unsettled = [name for name, s in self.standings.items() if s.status is not Status.FINAL]
            names -= set(exclude(self.stage, unsettled))
        return [record for record in self.records if record.id in names]


def standings_at(ledger: Ledger, review: Review, stage: Stage) -> Mapping[str, Standing]:
    """Return how records stand at a screening stage, by id, without judgements; where nobody has said anything there is none.

    No record is read where the rows that keep standings are up to date.
    """
    rule, fingerprint = review.stage(stage).decided_by, protocol_fingerprint(review, stage)
    made_by = rule_hash(rule, fingerprint, open_gate(ledger, review, stage, rule.machine), stage, ())
    with ledger.read() as connection:
        kept = all_kept_standings(connection, stage, made_by)
    return StageState.load(ledger, review, stage, brief=True, texts=False).standings if kept is None else kept


def passes(stage: Stage, standing: Standing) -> bool:
    """Return whether a record that stands so at a stage goes on to the next."""
    enough = {Decision.INCLUDE} if stage is Stage.FULLTEXT else {Decision.INCLUDE, Decision.UNCLEAR}
    return standing.proceeds and standing.decision in enough


def load_stages(source: Ledger | Snapshot, review: Review, *, brief: bool = False) -> dict[Stage, StageState]:
    """Return the state of every stage of the protocol, in order; each stage is loaded once.

    `brief` as in `StageState.of`; the records are brief then, too. Those of the first stage are so from a snapshot.
    """
    states: dict[Stage, StageState] = {}
    in_brief = brief or (isinstance(source, Snapshot) and stages_of(review)[0] is Stage.ABSTRACT)
    records: Sequence[Record] = _all_records(source, review, texts=not in_brief)
    for stage in stages_of(review):
        if in_brief and not brief and stage is not Stage.ABSTRACT and isinstance(source, Snapshot):
            records, in_brief = source.records({record.id for record in records}), False  # of a report more is told
        states[stage] = StageState.of(source, review, stage, as_judged(source, stage, records), brief=brief)
        records = states[stage].proceeding()
    return states


def records_for(
    source: Ledger | Snapshot,
    review: Review,
    stage: Stage,
    *,
    everything: bool = False,
    exclude: Exclude | None = None,
    texts: bool = True,
) -> list[Record]:
    """Return the records that a stage has to judge: all at the first, later those that the stage before lets through.

    From full text on they are `Report`s, with their documents or without. With `everything`, records go on whatever a
    machine suggests; what `exclude` names stays behind, for one person from whom a machine's suggestion is to be kept.
    Without `texts` the records of the first stage are brief, as `ledger.reads.brief_records` has them.
    """
    order = stages_of(review)
    position = order.index(stage)
    if position == 0:
        records = _all_records(source, review, texts=texts)
    else:
        earlier = order[position - 1]
        stage_before = StageState.load(source, review, earlier, everything=everything, exclude=exclude, brief=True)
        records = stage_before.proceeding(everything=everything, exclude=exclude)
        if texts:  # those of the stage before are brief
            names = {record.id for record in records}
            if isinstance(source, Snapshot):
                records = source.records(names)
            else:
                with source.read() as connection:
                    records = reads.records(connection, names)
    return as_judged(source, stage, records)


def ids_for(source: Ledger | Snapshot, review: Review, stage: Stage) -> list[str]:
    """Return the ids of the records that a stage has to judge, as `records_for` has them; of the first, none is read."""
    if stage is not Stage.ABSTRACT or stages_of(review)[0] is not stage:
        return [record.id for record in records_for(source, review, stage, texts=False)]
    ledger = source.ledger if isinstance(source, Snapshot) else source
    removed = removed_by_venue(source, review)
    with ledger.read() as connection:
        aside = records_set_aside(connection) | removed
        return [name for name in reads.places(connection) if name not in aside]


def stages_of(review: Review) -> list[Stage]:
    """Return the stages that the protocol has, in order."""
    return [stage for stage in Stage if stage in review.protocol.stages]


def protocol_fingerprint(review: Review, stage: Stage) -> str | None:
    """Return the hash of what the protocol says now of the stage's machine, or None where it names none."""
    machine = review.stage(stage).decided_by.machine
    return review.fingerprint(stage, machine) if machine else None


def _all_records(source: Ledger | Snapshot, review: Review, *, texts: bool = True) -> list[Record]:
    """Return what is screened: every record but notices of papers that are in the review, and what a venue rule removes."""
    removed = removed_by_venue(source, review)
    if isinstance(source, Snapshot):
        aside = source.set_aside | removed
        if not texts:
            return [record for record in source.all_records() if record.id not in aside]
        source = source.ledger
    with source.read() as connection:
        aside = records_set_aside(connection) | removed
        records = reads.records(connection) if texts else reads.brief_records(connection)
        return [record for record in records if record.id not in aside]


def as_judged(source: Ledger | Snapshot, stage: Stage, records: Sequence[Record]) -> list[Record]:
    """Return records as the stage judges them: from full text on reports, at extraction one report a study."""
    if stage is Stage.ABSTRACT:
        return list(records)
    ledger = source.ledger if isinstance(source, Snapshot) else source
    read_reports = reports(ledger, records)
    return list(as_studies(ledger, read_reports) if stage is Stage.EXTRACTION else read_reports)
