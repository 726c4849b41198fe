"""The reviews of a server, as its site opens them: each in its folder, with a ledger of its own."""

from threading import Lock

from ..core.errors import BadInput
from ..ledger import Ledger
from ..protocol import Review
from ..review.own_ledger import ledger_to_write
from ..review.uploads import UploadLimits
from ..stages import canonical_reviewer_name, people_counts
from ..team.database import Team
from ..team.reviews import SiteReview, keep_title, site_review
from ..team.settings import ServerSettings
from .desk import Desk
from .local_reviews import folder_state
from .own_settings import base_of, without_folder
from .server_jobs import ServerJobs

ACCOUNT = "/account"
"""The page of one's own account."""


class ServerReviews:
    """The reviews on the list of a server."""

    def __init__(self, team: Team, settings: ServerSettings) -> None:
        """Look reviews up in the team's database."""
        self.team, self.settings = team, settings
        self._ledgers: dict[str, tuple[object, Ledger]] = {}
        self._lock = Lock()
        self._jobs = ServerJobs(team, settings.jobs)

    def open(self, slug: str, name: str) -> Desk:
        """Return the desk of a person on a review; what a review on a server may not do is refused here (`on_server`)."""
        found = self._review(slug)
        try:
            return self._opened(found, name)
        except BadInput as error:  # whoever has a role is told, and where the server has its files is for none of them
            raise BadInput(without_folder(str(error), found.folder)) from None

    def _opened(self, found: SiteReview, name: str) -> Desk:
        slug, review = found.slug, Review(found.folder)
        ledger = self._ledger(found, review)
        reviewer = canonical_reviewer_name(ledger, review, [name])[name]
        keep_title(self.team, found, review.protocol.title)
        jobs = self._jobs.board(slug, name)
        sent = self.settings.uploads
        limits = UploadLimits(sent.file_mb * 1_000_000, sent.together_mb * 1_000_000)
        return Desk(review, ledger, reviewer, base_of(slug), home="/", own_page=ACCOUNT, jobs=jobs, limits=limits)

    def judged_by_others(self, slug: str, name: str) -> set[str]:
        """Return the stages at which somebody else than a person has judged."""
        found = self._review(slug)
        review = Review(found.folder)
        ledger = self._ledger(found, review)
        own = canonical_reviewer_name(ledger, review, [name])[name]
        with ledger.read() as connection:
            judged = {stage: people_counts(connection, stage).judged.keys() - {own} for stage in review.protocol.stages}
        return {stage.value for stage, people in judged.items() if people}

    def close(self) -> None:
        """Leave the team's database to whoever opened it."""

    def _ledger(self, found: SiteReview, review: Review) -> Ledger:
        """Return the ledger of a review: one for all its desks, so that connections are as many as are used at once.

        A desk that closes it releases what is idle; whoever uses it then connects again.
        """
        made_of = self.state(found.slug)
        with self._lock:
            known = self._ledgers.get(found.slug)
            if known is not None and known[0] == made_of:
                return known[1]
            ledger = ledger_to_write(review, patient=False, url=found.ledger_url(self.settings.on_postgresql))
            self._ledgers[found.slug] = (self.state(found.slug), ledger)  # the file may be new
            return ledger

    def state(self, slug: str) -> object:
        """Return what changes when protocol, prompts or ledger do; None where the review is gone."""
        try:
            return folder_state(self._review(slug).folder)
        except BadInput:
            return None

    def _review(self, slug: str) -> SiteReview:
        found = site_review(self.team, slug)
        if found is None or found.archived:
            raise BadInput("There is no such review here.")
        return found
