"""How each record stands, kept as rows of the ledger: made anew in the transaction that changes it."""

from collections.abc import Sequence
from contextlib import suppress

from ..core.errors import BadInput
from ..core.judgement import Stage
from ..ledger import reads
from ..ledger.agreements import parts_of
from ..ledger.notices import records_set_aside
from ..ledger.parts import in_parts
from ..ledger.standings import (
    StandingRow,
    Watermarks,
    ever_judged,
    made_from,
    note_made,
    present,
    replace_standings,
    standing_rows,
    touched,
)
from ..ledger.store import Connection, Ledger
from ..protocol.model import Review
from ..records import Record
from .gates import open_gate
from .kept_standings import as_row, of_row, rule_hash
from .standing import members
from .state import StageState, as_judged, load_stages, passes, protocol_fingerprint, stages_of
from .venues import removed_among


def keep_standings(ledger: Ledger, review: Review) -> None:
    """Have every transaction of a ledger end with the standings of the records that it has changed."""
    ledger.own_keepers = [StandingKeeper(ledger, review)]


class StandingKeeper:
    """What a ledger that is open for writing calls at the end of each transaction."""

    def __init__(self, ledger: Ledger, review: Review) -> None:
        """Take the ledger and the protocol by which its records stand."""
        self._ledger, self._review = ledger, review
        self._rules_compared = False

    def __call__(self, connection: Connection) -> None:
        """Make the rows anew of all records whose standing may have changed; all of them, where the rule has.

        A protocol that cannot be read keeps nobody from writing: the rows stay behind, and readers compute.
        """
        marks, ledger = present(connection), self._ledger.within(connection)
        kept = made_from(connection)
        # Stages build on one another: after one whose rule cannot be read, no later one is made.
        with suppress(BadInput, OSError):
            for stage in stages_of(self._review):
                rule, made = kept.get(stage, ("", Watermarks.nothing()))
                if not rule or made != marks or not self._rules_compared:
                    self._keep_stage(connection, ledger, stage, rule, made, marks)
        self._rules_compared = True

    def _keep_stage(
        self, connection: Connection, ledger: Ledger, stage: Stage, rule: str, made: Watermarks, marks: Watermarks
    ) -> None:
        review = self._review
        decided_by = review.stage(stage).decided_by
        studies = self._studies(connection, ledger) if stage is Stage.EXTRACTION else []
        gate = open_gate(ledger, review, stage, decided_by.machine)
        present_rule = rule_hash(decided_by, protocol_fingerprint(review, stage), gate, stage, studies)
        if rule != present_rule or not marks.follows(made):
            made = Watermarks.nothing()
            replace_standings(connection, stage, None, {})
            note_made(connection, stage, "", marks)  # by no rule, should anything fail before the end
        if not ever_judged(connection, stage):
            pass
        elif stage is Stage.EXTRACTION:
            self._keep_studies(connection, ledger, studies, made, marks)
        else:
            for current, ids in parts_of(connection, touched(connection, stage, decided_by.machine, made, marks)):
                if ever_judged(connection, stage, ids):
                    records = as_judged(ledger, stage, reads.records(connection, set(current.values())))
                    replace_standings(connection, stage, ids, self._rows(ledger, stage, records))
        note_made(connection, stage, present_rule, marks)

    def _keep_studies(
        self, connection: Connection, ledger: Ledger, studies: Sequence[Record], made: Watermarks, marks: Watermarks
    ) -> None:
        """Make the rows of extraction anew: of what was judged, or of all studies where reports may have changed."""
        stage = Stage.EXTRACTION
        if (made.hits, made.links, made.documents) != (marks.hits, marks.links, marks.documents):
            replace_standings(connection, stage, None, self._rows(ledger, stage, studies))
            return
        names = touched(connection, stage, self._review.stage(stage).decided_by.machine, made, marks)
        current_ids = {name for current, _ in parts_of(connection, names) for name in current.values()}
        changed = [study for study in studies if not current_ids.isdisjoint(members(study))]
        for some in in_parts(changed):
            replace_standings(connection, stage, [study.id for study in some], self._rows(ledger, stage, some))

    def _studies(self, connection: Connection, ledger: Ledger) -> list[Record]:
        """Return what extraction has to judge, read from the rows of the stages before, which are up to date."""
        if not ever_judged(connection, Stage.EXTRACTION):
            return []
        ids: set[str] | None = None
        for stage in stages_of(self._review)[:-1]:
            names = {name for name, row in standing_rows(connection, stage).items() if passes(stage, of_row(row))}
            ids = names if ids is None else ids & names
        if ids:
            ids -= records_set_aside(connection)
            ids -= removed_among(connection, self._review, ids)
        return as_judged(ledger, Stage.EXTRACTION, reads.records(connection, ids))

    def _rows(self, ledger: Ledger, stage: Stage, records: Sequence[Record]) -> dict[str, StandingRow]:
        return rows_of(StageState.of(ledger, self._review, stage, records, bare=True))


def rows_of(state: StageState) -> dict[str, StandingRow]:
    """Return a stage's standings as they are kept, by the record's id."""
    rows = {name: as_row(standing) for name, standing in state.standings.items()}
    return {name: row for name, row in rows.items() if row is not None}


def differing_standings(ledger: Ledger, review: Review) -> dict[Stage, list[str]]:
    """Return the records of which rows that claim to be up to date hold another standing than is computed."""
    differing: dict[Stage, list[str]] = {}
    with ledger.read() as connection:
        within = ledger.within(connection)
        for stage, computed in load_stages(within, review).items():
            kept = StageState.of(within, review, stage, computed.records, brief=True)
            names = sorted(
                name
                for name, standing in computed.standings.items()
                if as_row(standing) != as_row(kept.standings[name])
            )
            if names:
                differing[stage] = names
    return differing
