"""The results of a review for one person: counted aside where that takes long, and without what would colour their judgements."""

import time
from collections.abc import Mapping
from threading import Lock, Thread

from ..adjudication import RECOUNT_SECONDS
from ..core.errors import BadInput, LedgerError
from ..core.judgement import Stage
from ..ledger import add_event, events
from ..review.results import Results, read_results
from .desk import Desk
from .present_rights import present_rights

SHOWN = "figures_shown"
"""The event that somebody who still judges at a stage had its figures shown to them."""


class ResultsBoard:
    """What the pages of results have in common."""

    def __init__(self, desk: Desk) -> None:
        """Nothing is counted yet."""
        self.desk = desk
        self._lock, self._counting = Lock(), False
        self._counted: Results | BadInput | None = None
        self._ended = 0.0

    def counted(self) -> Results | None:
        """Return the figures: as the ledger has them now, or of a large one some minutes old; None while they are counted first.

        Raises `BadInput` where they cannot be counted.
        """
        if self.desk.small:
            return read_results(self.desk.ledger, self.desk.review)
        with self._lock:
            is_old = not self._ended or time.monotonic() - self._ended > RECOUNT_SECONDS
            if is_old and not self._counting:
                self._counting = True
                Thread(target=self._count, daemon=True).start()
            counted = self._counted
        if isinstance(counted, BadInput):
            raise counted
        return counted

    def anew(self) -> None:
        """Forget what was counted."""
        with self._lock:
            self._counted, self._ended = None, 0.0

    def hidden(self) -> Mapping[Stage, int | None]:
        """Return the stages whose figures would colour what this person still judges, each with how much is left for them."""
        stages = [stage for stage in self.desk.review.protocol.stages if not self.is_shown(stage)]
        return {stage: self.desk.progress(stage).left for stage in stages}

    def is_shown(self, stage: Stage) -> bool:
        """Return whether this person sees figures of a stage: they colour nothing, or they had it shown all the same."""
        return self.desk.sees_figures(stage) or (self.may_show and self._shown(stage))

    @property
    def may_show(self) -> bool:
        """Return whether this person may have it shown all the same: on their own machine."""
        return present_rights() is None

    def show(self) -> None:
        """Show somebody what is hidden from them although they still judge, and write that down; not on a server."""
        if not self.may_show:
            raise BadInput(
                "On a server an owner of the review unblinds people; that ends their right to judge the stage."
            )
        for stage in self.hidden():
            with self.desk.ledger.write() as connection:
                add_event(connection, SHOWN, stage, self.desk.reviewer, "")

    def _shown(self, stage: Stage) -> bool:
        with self.desk.ledger.read() as connection:
            return bool(events(connection, SHOWN, stage, self.desk.reviewer))

    def _count(self) -> None:
        # What the page says should the counting itself be broken: else it would say for ever that they are counted.
        found: Results | BadInput = BadInput("The figures could not be counted; the program's own messages say why.")
        try:
            found = read_results(self.desk.ledger, self.desk.review)
        except (BadInput, LedgerError) as error:
            found = BadInput(self.desk.told(error))
        finally:
            with self._lock:
                self._counted, self._ended, self._counting = found, time.monotonic(), False
