"""When the ranking of a learned queue is fitted anew: in the background, after every few labels.

Nothing here is waited for by whoever screens. A fit that fails leaves the order as it is, and its row in the ledger says why.
"""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ..core.errors import BadInput, LedgerError
from ..core.judgement import Stage
from ..ledger import Ledger
from ..ledger.rankings import RankingRow, add_ranking, count_new_labels, newest_ranking
from ..ledger.store import Connection
from ..protocol import Review
from ..running.queue_labels import STEP, labels_until_next, made_from
from ..running.queue_process import FitEnded, FitFailed, QueueProcess

_LOG = logging.getLogger(__name__)
VECTORS_AGAIN = timedelta(minutes=5)
"""While sentence vectors are being made, a model is fitted this often whatever people do."""


_STAYS = ("labels", "kept", "records", "parts", "reached", "vectors")
"""What a fit that failed leaves as the one before had it."""


class QueueLearner:
    """Keeps the rankings of a review's learned queues up to date, by a process of its own."""

    def __init__(self, ledger: Ledger, hidden: Path) -> None:
        """Start nothing yet. `hidden` is the review's folder for what it keeps beside the ledger."""
        self._ledger = ledger
        self._process = QueueProcess(ledger, hidden)
        self._busy = threading.Lock()
        self._prepared = False
        self.users = 0

    @property
    def pid(self) -> int | None:
        """Return the process that fits; None while there is none."""
        return self._process.pid

    @property
    def busy(self) -> bool:
        """Return whether a fit is under way."""
        return self._busy.locked()

    def look(self, review: Review, stage: Stage) -> None:
        """Have a model fitted in the background if there is something new to learn; return at once."""
        if review.stage(stage).queue == "learned" and not self.busy:
            threading.Thread(target=self.renew, args=(review, stage), name="learned-queue", daemon=True).start()

    def renew(self, review: Review, stage: Stage) -> bool:
        """Fit a model if there is something new to learn and nobody else fits one; return whether one was kept."""
        if review.stage(stage).queue != "learned" or not self._busy.acquire(blocking=False):
            return False
        try:
            return self._renew(review, stage)
        except (BadInput, LedgerError, FitEnded):
            # Another program fits, the ledger cannot be reached, or this one ends: the order stays, and the next look mends it.
            return False
        finally:
            self._busy.release()

    def close(self) -> None:
        """End the process, at once; a fit that is under way is lost, and made anew by the next program."""
        self._process.close()

    def _renew(self, review: Review, stage: Stage) -> bool:
        if not self._due(review, stage):
            if not self._prepared:
                self._prepared = True
                with suppress(FitFailed):
                    self._process.prepare(review)
            return False
        with self._ledger.alone(f"ranking {stage}", "another program fits this ranking"):
            if not self._due(review, stage):
                return False
            with self._ledger.read() as connection:
                made, newest = made_from(connection, review, stage), newest_ranking(connection, stage)
            self._prepared = True
            try:
                fitted = self._process.fit(review, stage)
            except FitFailed as failure:
                if newest is None or newest.failed != str(failure):  # told once, and not with every try
                    _LOG.warning("%s: %s; the order before stays", stage.label, failure)
                before = {name: value for name, value in newest.body.items() if name in _STAYS} if newest else {}
                body: dict[str, Any] = {**before, "failed": str(failure), "made_from": made}
                with self._ledger.write() as connection:
                    add_ranking(connection, stage, body, None)
                return False
            with self._ledger.write() as connection:
                add_ranking(connection, stage, fitted.body, fitted.order)
        return True

    def _due(self, review: Review, stage: Stage) -> bool:
        with self._ledger.read() as connection:
            return is_due(connection, review, stage, newest_ranking(connection, stage))


_LEARNERS: dict[tuple[str, Path], QueueLearner] = {}
_ANY = threading.Lock()


@contextmanager
def learner_of(ledger: Ledger, hidden: Path) -> Iterator[QueueLearner]:
    """Yield the learner of a review; all who work on it in this program share one, which ends with the last of them."""
    key = ledger.engine.url.render_as_string(hide_password=False), hidden.resolve()
    with _ANY:
        learner = _LEARNERS.setdefault(key, QueueLearner(ledger, hidden))
        learner.users += 1
    try:
        yield learner
    finally:
        with _ANY:
            learner.users -= 1
            last = not learner.users
            if last:
                del _LEARNERS[key]
        if last:
            learner.close()


def is_due(connection: Connection, review: Review, stage: Stage, newest: RankingRow | None) -> bool:
    """Return whether a model is to be fitted: none was, records or wording changed, a run ended, or there are enough new labels."""
    if newest is None:
        return True
    made, present = newest.body.get("made_from", {}), made_from(connection, review, stage)
    if any(made.get(name) != present[name] for name in ("records", "runs", "wording")):
        return True
    fresh = count_new_labels(connection, stage, made["judgement"], made["withdrawal"])
    if fresh >= (STEP if newest.failed else labels_until_next(newest.body["labels"])):
        return True
    done, total = newest.body.get("vectors", (0, 0))
    return done < total and datetime.now(UTC) - datetime.fromisoformat(newest.at) > VECTORS_AGAIN
