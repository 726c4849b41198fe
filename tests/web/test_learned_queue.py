"""A session in the app with a learned queue: kept records come sooner than at random, no record waits for a fit, a kill loses
nothing."""

import os
import signal
from pathlib import Path

import pytest
from support.learned import decisions, learning_review
from support.waiting import until
from support.web_app import STAGE, Running, human, record_on, running

from screener.adjudication.learning import is_due
from screener.core.judgement import Decision
from screener.ledger import random_place
from screener.ledger.rankings import newest_ranking, ranked_places
from screener.ledger.store import Ledger
from screener.running.queue_labels import STEP

pytest.importorskip("fastapi")
pytest.importorskip("uvicorn")

pytestmark = pytest.mark.slow
CARD, DECIDE = "/screen/abstract/card", "/screen/abstract/decide"
YES = {"answer.signal": "yes", "answer.pretraining": "yes"}
SCREENED = 45


def child_of(pid: int) -> int:
    """The process that an app has started to fit, by the number of the app's."""
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
            command = (path.parent / "cmdline").read_text()
        except OSError:  # it has ended meanwhile
            continue
        if int(fields[1]) == pid and "spawn_main" in command:
            return int(path.parent.name)
    raise AssertionError("the app has no such process")


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="processes are looked up in /proc")
def test_a_session_finds_kept_records_sooner_than_at_random_and_waits_for_no_fit(tmp_path: Path) -> None:
    review, told = learning_review(tmp_path / "review"), decisions()
    ledger = Ledger.of(review.hidden)

    def fits() -> int:
        with ledger.read() as connection:
            newest = newest_ranking(connection, STAGE)
        return newest.id if newest else 0

    def settled() -> bool:
        """Whether nothing is to be fitted, so that no fit is under way."""
        with ledger.read() as connection:
            return not is_due(connection, review, STAGE, newest_ranking(connection, STAGE))

    def decide(app: Running, name: str) -> str:
        answers = YES if told[name] is not Decision.EXCLUDE else {"answer.signal": "no"}
        return record_on(app.post(DECIDE, record=name, **answers).text)

    offered = []
    with running(review.root, "ada") as app:
        app.enter()
        until(lambda: fits() > 0)
        name = record_on(app.get(CARD).text)
        for number in range(SCREENED):
            offered.append(name)
            if number == 12:
                until(settled)
                child, before = child_of(app.process.pid), fits()
                os.kill(child, signal.SIGSTOP)
                for _ in range(STEP + 1):  # one label more than the next fit asks for, which cannot end now
                    name = decide(app, name)
                    offered.append(name)
                assert fits() == before
                os.kill(child, signal.SIGCONT)
                until(lambda before=before: fits() > before)
            name = decide(app, name)
        until(settled)  # else a new order might come before the kill or after it
        app.process.kill()
    until(lambda: not Path(f"/proc/{child}").exists())
    assert len(set(offered)) == len(offered)
    judged, before = human(review.root, "ada"), fits()
    with ledger.read() as connection:
        first = next(p.record_id for p in ranked_places(connection, STAGE) if p.record_id not in judged)
    with running(review.root, "ada") as app:
        assert record_on(app.enter().get(CARD).text) == first, "the order has outlived the app that was killed"
    assert fits() == before
    at_random = sorted(told, key=lambda record: random_place(f"{review.protocol.title}:{STAGE}:", record))
    kept, kept_at_random = (
        sum(told[record] is not Decision.EXCLUDE for record in names[:SCREENED]) for names in (offered, at_random)
    )
    assert kept > kept_at_random + 10
