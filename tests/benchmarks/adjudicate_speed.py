"""How quickly the web app answers two reviewers of a large review. `python tests/benchmarks/adjudicate_speed.py`.

Wanted: with 100,000 records the next record within 100 ms (95th percentile, server side, a decision saved before it)
and the overview within 500 ms. Times are taken around the app itself, without a network; `--judged` starts in the midst
of the review, with so many records judged by both.
"""

import argparse
import re
import statistics
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from setting import write_records
from sqlalchemy import insert
from starlette.testclient import TestClient
from support import ROOT
from support.web_app import PROTOCOL

from screener.core.judgement import Decision, Judgement
from screener.ledger import tables as t
from screener.ledger.store import Ledger, now
from screener.protocol.model import Review
from screener.records import Record
from screener.web.app import create_app
from screener.web.local_door import Session

PEOPLE = (("ada", 9001), ("ben", 9002))
WANTED = {"first record": 1.0, "decide and next": 0.1, "overview": 0.5}
"""Seconds, at the 95th percentile."""
SENTENCE = "We train a model on ECG recordings of the heart and report how well it finds arrhythmia in patients. "


def large_review(folder: Path, records: int, judged: int = 0) -> Review:
    """A review with so many records, written straight into the ledger's tables: reading files is not what is timed."""
    (folder / "prompts").mkdir(parents=True)
    (folder / "prompts" / "review.yaml").write_text(PROTOCOL, encoding="utf-8")
    (folder / "prompts" / "abstract.md").write_text((ROOT / "prompts" / "abstract.md").read_text(encoding="utf-8"))
    review, ledger = Review(folder), Ledger.of(folder / ".screener")
    abstract = SENTENCE * 12
    with ledger.write() as connection:
        for start in range(0, records, 5000):
            made = [
                Record(id=f"r{n}", title=f"Paper {n} on the ECG", abstract=f"{n} {abstract}", year=2020, sources=("x",))
                for n in range(start, min(start + 5000, records))
            ]
            write_records(connection, made, start)
        fixed = {"run_id": "", "text_hash": "", "stage": "abstract", "role": "human", "asked": "human", "rule": "",
                 "repeat": 0, "at": now(), "probability": None}  # fmt: skip
        for who, _ in PEOPLE:
            said = [
                (n, Decision.INCLUDE if n % 10 == 0 or (n % 37 == 0 and who == "ada") else Decision.EXCLUDE)
                for n in range(judged)
            ]
            rows = [
                {**fixed, "record_id": f"r{n}", "reviewer": who, "decision": decision.value,
                 "body": Judgement(decision=decision, stated=True).model_dump_json(exclude_defaults=True)}
                for n, decision in said
            ]  # fmt: skip
            for start in range(0, len(rows), 5000):
                connection.execute(insert(t.judgements), rows[start : start + 5000])
    ledger.close()
    return review


def reviewer_at_work(folder: Path, name: str, port: int, decisions: int) -> dict[str, list[float]]:
    """One reviewer: opens the app, then decides again and again, with some drafts and looks at the overview."""
    review, session, times = Review(folder), Session(port), dict[str, list[float]]()
    ledger = Ledger.of(review.hidden)
    began = time.perf_counter()
    app = create_app(ledger, review, name, session)
    with TestClient(app, base_url=f"http://127.0.0.1:{port}") as client:
        client.get(session.address)
        times["start"] = [time.perf_counter() - began]
        _work(client, session, name, decisions, times)
    ledger.close()
    return times


def _work(client: TestClient, session: Session, name: str, decisions: int, times: dict[str, list[float]]) -> None:
    headers = {"X-CSRF-Token": session.csrf, "HX-Request": "true", "X-Window": name}

    def timed(what: str, method: str, path: str, **form: str) -> str:
        began = time.perf_counter()
        answer = client.request(method, path, data=form or None, headers=headers)
        times.setdefault(what, []).append(time.perf_counter() - began)
        assert answer.status_code == 200, answer.text
        return answer.text

    timed("first overview", "GET", "/")
    page = timed("first record", "GET", "/screen/abstract/card")
    for number in range(decisions):
        found = re.search(r'name="record" value="([^"]+)"', page)
        assert found is not None
        form = {"record": found[1], "answer.signal": "yes", "answer.training": "no" if number % 3 else "yes"}
        timed("draft", "POST", "/screen/abstract/draft", **form)
        page = timed("decide and next", "POST", "/screen/abstract/decide", **form)
        if number % 20 == 0:
            timed("overview", "GET", "/")
            timed("search", "GET", "/records?q=paper+77777")
            timed("conflicts", "GET", "/conflicts")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--decisions", type=int, default=200)
    parser.add_argument("--judged", type=int, default=0, help="So many records are judged by both at the start.")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        review = large_review(Path(folder) / "review", given.records, given.judged)
        with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as two:
            jobs = [two.submit(reviewer_at_work, review.root, who, port, given.decisions) for who, port in PEOPLE]
            times: dict[str, list[float]] = {}
            for job in jobs:
                for what, taken in job.result().items():
                    times.setdefault(what, []).extend(taken)
    late = []
    for what, taken in times.items():
        taken.sort()
        p95 = taken[min(len(taken) - 1, int(0.95 * len(taken)))]
        print(f"{what:30} n={len(taken):4}  median {1000 * statistics.median(taken):7.1f} ms  p95 {1000 * p95:7.1f} ms")
        if p95 > WANTED.get(what, p95):
            late.append(what)
    if late:
        raise SystemExit(f"too slow: {', '.join(late)}")


if __name__ == "__main__":
    main()
