"""Jobs on a server: a table in the team's database, and workers that are processes of their own."""

from collections.abc import Mapping

from ..team.accounts import accounts
from ..team.audit import Actor
from ..team.database import Team
from ..team.reviews import site_review
from ..team.roles import NotAllowed, rights_of
from ..team.settings import JobSettings
from .job_board import JobBoard, JobWatch
from .job_kinds import JOB_KINDS


class ServerJobs:
    """The jobs of a server. Keys are those of its workers' environment; none is entered in a page."""

    def __init__(self, team: Team, settings: JobSettings) -> None:
        """Keep jobs in `team`."""
        self.team, self.settings = team, settings
        self.watch = JobWatch()

    takes_keys = False

    @property
    def entered(self) -> dict[str, str]:
        """Return that no key was entered."""
        return {}

    def forget(self) -> None:
        """Do nothing: no key was entered."""

    def board(self, slug: str, name: str) -> JobBoard:
        """Return the jobs of a review for the person with an account of that name."""
        person = next((account for account in accounts(self.team) if account.name == name), None)
        if person is None:
            raise NotAllowed(f"{name} has no account here")
        return JobBoard(self, slug, person.actor())

    def may(self, review: str, by: Actor, kind: str) -> bool:
        """Return whether somebody's roles in a review allow them jobs of a kind."""
        found = site_review(self.team, review)
        if found is None or by.account is None:
            return False
        with self.team.read() as connection:
            return rights_of(connection, found.id, by.account).may(JOB_KINDS[kind].may)

    def budget_usd(self, review: str) -> float | None:
        """Return what the administrator lets all machine runs of a review cost together."""
        return self.settings.budget_of(review)

    def see_to(self, keys: Mapping[str, str] | None = None) -> str:
        """Leave the jobs that wait to the workers of the server."""
        return ""
