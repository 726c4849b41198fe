"""What the person at a desk may see and do: their rights now, what their own work hides from them, and whether there is any."""

from collections.abc import Iterable

from ..adjudication import Blinding
from ..core.judgement import Stage
from ..ledger import Ledger, newest_judgement
from ..protocol import Review
from ..team.roles import May
from .present_rights import present_rights, viewer


class Sight:
    """What a desk asks of the blinding and of roles."""

    review: Review
    ledger: Ledger
    reviewer: str

    @property
    def blinding(self) -> Blinding:
        """Return what the person who asks may see of others' work now."""
        return Blinding(self.ledger, self.review, viewer(self.reviewer))

    def may_see(self, stage: Stage, ids: Iterable[str]) -> set[str]:
        """Return those of some records of which this person may see what others did with them at a stage; see `Blinding`."""
        return self.blinding.may_see(stage, ids)

    def sees_all(self, stage: Stage) -> bool:
        """Return whether this person judges nothing at a stage or before it, so that they may see all of it."""
        return self.blinding.sees_all(stage)

    def has_judged(self, stage: Stage, role: str = "human") -> bool:
        """Return whether this person has judged at a stage, so that there is something to take back."""
        with self.ledger.read() as connection:
            return newest_judgement(connection, stage, self.reviewer, role) is not None

    def who_resolves(self, stage: Stage) -> frozenset[str] | None:
        """Return the people of the review who may resolve conflicts of a stage; None where nobody has a role."""
        people, resolvers = self.who_may(May.RESOLVE, stage), self.review.stage(stage).decided_by.resolvers
        return people & set(resolvers) if people and resolvers else people

    def who_may(self, act: May, stage: Stage) -> frozenset[str] | None:
        """Return the people of the review who may do something at a stage; None where nobody has a role."""
        present = present_rights()
        return None if present is None else present.who_may(act, stage.value)

    @property
    def has_roles(self) -> bool:
        """Return whether people have roles here, as on a server."""
        return present_rights() is not None
