"""How quickly a learned queue gives the next record, beside a random one, while models are fitted and sentence vectors made.

    python learned_queue.py [--records 10000] [--labelled 500] [--decisions 60]

A decision is saved and the next record shown, timed around the app itself, without a network. `fitting` has a fit under way all
the time, which is the worst there is; `as it comes` fits after every three labels. Marks: the median while fitting at most 0.1 s above
that of a random queue, a fit in under 5 s of the processor, the first places written into a queue in under 0.1 s. Other times are of the
clock: on a busy machine read them against those of the random queue, taken in the same minutes. Exit code 1 if a mark is missed.
"""

import argparse
import os
import re
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from ranking_scale import made_up
from setting import write_records
from sqlalchemy import insert
from starlette.testclient import TestClient
from support import ROOT

from screener.adjudication.learned_order import put_in_order
from screener.adjudication.learning import QueueLearner, learner_of
from screener.core.judgement import Decision, Judgement, Stage
from screener.ledger import tables as t
from screener.ledger.rankings import newest_ranking
from screener.ledger.store import Ledger, now
from screener.protocol.model import Review
from screener.records import Record
from screener.web.app import create_app
from screener.web.local_door import Session

PROTOCOL = """\
title: Made up
questions: ["Which records are about the one thing?"]
stages:
  abstract:
    question: Is it about the one thing?
    template: abstract.md
    queue: {queue}
    decided_by: {{humans: 1}}
    criteria:
      - {{id: one, question: "Is it about {words}?"}}
"""
STAGE, PORT = Stage.ABSTRACT, 9001


def made(folder: Path, records: int, labelled: int) -> tuple[Review, Review]:
    """The same review with a random and with a learned queue, written straight into the ledger's tables."""
    texts, kept = made_up(records)
    reviews = []
    for queue in ("random", "learned"):
        (folder / queue / "prompts").mkdir(parents=True)
        protocol = PROTOCOL.format(queue=queue, words=" ".join(texts[0].title.split()[:8]))
        (folder / queue / "prompts" / "review.yaml").write_text(protocol, encoding="utf-8")
        (folder / queue / "prompts" / "abstract.md").write_text((ROOT / "prompts" / "abstract.md").read_text("utf-8"))
        reviews.append(Review(folder / queue))
        ledger = Ledger.of(reviews[-1].hidden)
        with ledger.write() as connection:
            for start in range(0, records, 5000):
                some = [
                    Record(
                        id=f"r{n}", title=texts[n].title, abstract=texts[n].abstract, year=texts[n].year, sources=("x",)
                    )
                    for n in range(start, min(start + 5000, records))
                ]
                write_records(connection, some, start)
            fixed = {"run_id": "", "text_hash": "", "stage": "abstract", "role": "human", "asked": "human", "rule": "",
                     "repeat": 0, "at": now(), "probability": None, "reviewer": "cara"}  # fmt: skip
            judgements = []
            for n in range(labelled):
                decision = Decision.INCLUDE if kept[n] else Decision.EXCLUDE
                body = Judgement(decision=decision, stated=True).model_dump_json(exclude_defaults=True)
                judgements.append({**fixed, "record_id": f"r{n}", "decision": decision.value, "body": body})
            if judgements:
                connection.execute(insert(t.judgements), judgements)
        ledger.close()
    return reviews[0], reviews[1]


class Person:
    """A reviewer at work in an app."""

    def __init__(self, client: TestClient, session: Session) -> None:
        """Open the first record."""
        self.client, self.headers = client, {"X-CSRF-Token": session.csrf, "HX-Request": "true", "X-Window": "one"}
        client.get(session.address)
        self.page = client.get("/screen/abstract/card", headers=self.headers).text

    def decide(self, count: int) -> list[float]:
        """Decide on so many records; the seconds until each next one is shown."""
        times = []
        for _ in range(count):
            found = re.search(r'name="record" value="([^"]+)"', self.page)
            assert found is not None, self.page[:300]
            form = {"record": found[1], "answer.one": "no"}
            began = time.perf_counter()
            answer = self.client.post("/screen/abstract/decide", data=form, headers=self.headers)
            times.append(time.perf_counter() - began)
            assert answer.status_code == 200, answer.text
            self.page = answer.text
            time.sleep(0.2)  # whoever screens reads; even this is quick
        return times


class Always:
    """Fits again and again, so that one is under way whenever a record is asked for."""

    def __init__(self, learner: QueueLearner, review: Review) -> None:
        """Start."""
        self._learner, self._review, self._end, self.fits = learner, review, threading.Event(), 0
        self._thread = threading.Thread(target=self._work)
        self._thread.start()

    def _work(self) -> None:
        while not self._end.is_set():
            self._learner._process.fit(self._review, STAGE)
            self.fits += 1

    def stop(self) -> None:
        """Stop after the fit that is under way."""
        self._end.set()
        self._thread.join()


def told(name: str, times: list[float]) -> float:
    """Print median, 95th percentile and maximum; return the median."""
    median, late = statistics.median(times), statistics.quantiles(times, n=20)[-1]
    print(
        f"{name:44} median {1000 * median:6.0f}  95th {1000 * late:6.0f}  max {1000 * max(times):6.0f} ms", flush=True
    )
    return median


def memory(pid: int, field: str = "VmHWM") -> float:
    """MB of a process, at most so far."""
    found = re.search(rf"{field}:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) / 1024 if found else 0.0


def waited(review: Review, ledger: Ledger, after: int) -> float:
    """Wait for a fit after the one of this number; seconds."""
    began = time.perf_counter()
    while True:
        with ledger.read() as connection:
            newest = newest_ranking(connection, STAGE)
        if newest is not None and newest.id > after:
            assert not newest.failed, newest.failed
            return time.perf_counter() - began
        time.sleep(0.2)


def main() -> int:
    """Print the figures; return 1 if a mark is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--records", type=int, default=10_000)
    parser.add_argument("--labelled", type=int, default=500)
    parser.add_argument("--decisions", type=int, default=60)
    given = parser.parse_args()
    missed = []
    with tempfile.TemporaryDirectory() as folder:
        random, learned = made(Path(folder), given.records, given.labelled)
        print(
            f"{given.records:,} records, {given.labelled:,} labels, load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
        )
        ledgers = [Ledger.of(review.hidden) for review in (random, learned)]
        sessions = [Session(PORT), Session(PORT + 1)]
        apps = [create_app(*rest) for rest in zip(ledgers, (random, learned), ("ada", "ada"), sessions, strict=True)]
        with (
            learner_of(ledgers[1], learned.hidden) as learner,
            TestClient(apps[0], base_url=f"http://127.0.0.1:{PORT}") as first,
            TestClient(apps[1], base_url=f"http://127.0.0.1:{PORT + 1}") as second,
        ):
            print(f"first order after {waited(learned, ledgers[1], 0):.0f} s")
            at_random, in_order = Person(first, sessions[0]), Person(second, sessions[1])
            while learner.busy:
                time.sleep(0.2)
            times: dict[str, list[float]] = {"random": [], "as it comes": [], "random, fitting": [], "fitting": []}
            for _ in range(3):  # in turns: other programs of the machine come and go
                times["random"] += at_random.decide(given.decisions // 3)
                times["as it comes"] += in_order.decide(given.decisions // 3)
            for _ in range(3):
                always = Always(learner, learned)
                times["fitting"] += in_order.decide(given.decisions // 3)
                times["random, fitting"] += at_random.decide(given.decisions // 3)
                always.stop()
            medians = {name: told(name, of_name) for name, of_name in times.items()}
            fitted = learner._process.fit(learned, STAGE)
            began = time.perf_counter()
            with ledgers[1].write() as connection:
                put_in_order(connection, learned, STAGE, "ada")
            written = time.perf_counter() - began
            assert learner.pid is not None
            spent = fitted.body["processor_seconds"]
            print(f"fit {spent:.2f} s of the processor, {fitted.body['seconds']:.2f} s of the clock")
            print(f"with {fitted.body['labels']:,} labels, by {', '.join(fitted.body['parts'])}")
            print(
                f"sentence vectors of {fitted.body.get('vectors')} records; first places written in {1000 * written:.0f} ms"
            )
            print(f"memory at most: app {memory(os.getpid()):,.0f} MB, fitting {memory(learner.pid):,.0f} MB")
        if medians["fitting"] > medians["random"] + 0.1:
            missed.append("next record")
        if spent > 5:
            missed.append("fit")
        if written > 0.1:
            missed.append("first places")
    print("missed: " + ", ".join(missed) if missed else "every mark is reached")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
