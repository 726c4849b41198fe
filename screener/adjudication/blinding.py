"""What a person may see of others' work. Every way in asks here: pages, lists, counts, tags, notes, files, conflicts.

Until a person's own judgement of a record is saved, and the record needs no further blind one from them, they see only their
own work on it: nobody else's judgement, adjudication, note, tag, reason, quote, and no machine's answer that the protocol hides.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from ..core.judgement import Stage
from ..ledger import Ledger, adjudicated_by, built
from ..ledger.store import Connection
from ..protocol import Review
from ..stages import RecordPeople, StageState, Status, people_counts, people_of, people_where, stages_of
from .progress_counts import remaining
from .slots import waiting_in_samples
from .worklist import Viewer, judges, still_to_judge

_FEW = 500
"""Of so many records rows are read one by one; of more, those of the whole stage."""


@dataclass(frozen=True)
class Blinding:
    """What one person may see of others' work in a review, as the ledger has it now."""

    ledger: Ledger
    review: Review
    viewer: Viewer

    def judges(self, stage: Stage) -> bool:
        """Return whether they judge at a stage."""
        return judges(self.ledger, self.review, stage, self.viewer)

    def sees_all(self, stage: Stage) -> bool:
        """Return whether they judge neither at a stage nor before it: then there is nothing to be blind for."""
        return not any(self.judges(listed) for listed in self._up_to(stage))

    def sees_figures(self, stage: Stage) -> bool:
        """Return whether they may see counts of others' decisions: agreement, conflicts, reasons, accuracy, tables.

        Nothing at the stage or before it waits for their judgement, and nothing that another person has open may come back.
        """
        return all(self.is_through(listed) for listed in self._up_to(stage))

    def may_see(self, stage: Stage, ids: Iterable[str]) -> set[str]:
        """Return those of some records, by their present ids, of which they may see what others said at a stage."""
        return self._open(stage, ids, own=True)

    def may_resolve(self, stage: Stage, ids: Iterable[str]) -> set[str]:
        """Return those of some records of which they may see the judgements in order to resolve a conflict.

        Also those that they have not judged where no judgement of theirs is wanted any more. Whoever is shown them so judges
        them blind no more, which is to be noted (`drafts.note_shown`).
        """
        return self._open(stage, ids, own=False)

    def may_see_machine(self, stage: Stage, ids: Iterable[str]) -> set[str]:
        """Return those of some records of which they may see what machines answered.

        Where the protocol never shows that, only who sees all does; where it shows it first, everybody does.
        """
        shows = self.review.stage(stage).shows_machine
        if shows == "never" and not self.sees_all(stage):
            return set()
        wanted = set(ids)
        return self.have_come(stage, wanted) if shows == "before" else self.may_see(stage, wanted)

    def _open(self, stage: Stage, ids: Iterable[str], *, own: bool) -> set[str]:
        names, judged = set(ids), set[str]()
        if names and self.judges(stage):
            with self.ledger.read() as connection:
                # What they have judged here had come to them from the stage before.
                judged = settled_for(connection, self.review, stage, self.viewer.name, names, own=True)
                if own:
                    return judged
                names = settled_for(connection, self.review, stage, self.viewer.name, names - judged, own=False)
        return judged | self.have_come(stage, names)

    def have_come(self, stage: Stage, ids: Iterable[str]) -> set[str]:
        """Return the records without those that wait for them at an earlier stage: what is said later tells how it ended."""
        names = set(ids)
        for earlier in self._up_to(stage)[:-1]:
            waiting = still_to_judge(self.ledger, self.review, earlier, self.viewer, names)
            if waiting and self.review.stage(earlier).gate is not None:
                standings = StageState.load(self.ledger, self.review, earlier, brief=True).standings
                final = {name for name, standing in standings.items() if standing.status is Status.FINAL}
                waiting -= final  # by a machine whose gate is open: nobody is asked
            names = names - waiting
        return names

    def may_see_documents(self, ids: Iterable[str]) -> set[str]:
        """Return those of some records of which they may see what was done about the full text: it tells how the abstract ended.

        It tells nothing where nobody else has judged an abstract: who works alone reads what is there at any time.
        """
        first, *later = stages_of(self.review)
        with self.ledger.read() as connection:
            others = people_counts(connection, first).judged.keys() - {self.viewer.name}
        alone = not others and self.review.stage(first).gate is None
        return self.have_come(later[0], ids) if later and not alone else set(ids)

    def is_through(self, stage: Stage) -> bool:
        """Return whether nothing at a stage waits for their judgement, or may come back to them from somebody else."""
        if not self.judges(stage):
            return True
        with self.ledger.read() as connection:
            if not built(connection, stage, self.viewer.name):
                return False
            left = remaining(connection, self.review, stage, self.viewer.name)
        return not left.left and not left.elsewhere

    def _up_to(self, stage: Stage) -> list[Stage]:
        order = stages_of(self.review)
        return order[: order.index(stage) + 1]


def settled_for(
    connection: Connection, review: Review, stage: Stage, reviewer: str, names: Collection[str], *, own: bool
) -> set[str]:
    """Return those of some records that want no blind judgement of a reviewer any more.

    With `own` only those that they have judged or adjudicated themselves. In a sample a decision on many at once is no judgement.
    """
    slots = max(1, review.stage(stage).decided_by.humans)

    def settled(record: RecordPeople) -> bool:
        if reviewer in record.people:
            return reviewer not in record.agreement.incomplete or record.adjudicated
        return not own and (record.adjudicated or len(record.people) >= slots)

    if len(names) > _FEW:
        open_records = set(people_where(connection, stage, settled)).intersection(names)
    else:
        open_records = {name for name, record in people_of(connection, stage, names).items() if settled(record)}
    open_records |= adjudicated_by(connection, stage, reviewer).intersection(names)
    return open_records - waiting_in_samples(connection, review, stage, reviewer, open_records)
