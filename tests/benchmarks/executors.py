"""One worker process of Dask against two, and ten workers killed: how much sooner, what is lost, what is asked twice.

    python executors.py [--records 96] [--latency 2] [--each 8] [--kills 10] [--seed 1]

Each run is `screener run --executor tcp://…` on a scheduler with one or two workers of `--each` threads, against the fake
server; seconds are those of the run, without the program's start. Then a run with two workers, of which one is killed
(`kill -9`) at random moments, `--kills` times in all. Exit code 1 if two workers are not at least 1.8 times as fast as one, if
anything is lost, or if more is asked twice than was under way.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from chat_kill import PROGRAM, settle
from setting import KEY, make_review

LEAST = 1.8


@contextmanager
def workers(count: int, threads: int) -> Iterator[tuple[str, Any]]:
    """A scheduler with so many worker processes, which start again when they end."""
    from distributed import Client, LocalCluster

    setting = {"n_workers": count, "threads_per_worker": threads, "dashboard_address": None, "silence_logs": 60}
    with LocalCluster(**setting, env={KEY: os.environ[KEY]}) as local, Client(local, set_as_default=False) as client:
        yield local.scheduler_address, client


def start(folder: Path, address: str, concurrency: int) -> "subprocess.Popen[str]":
    command = ["run", "--stage", "abstract", "--reviewer", "gpt", "--json"]
    command += ["--concurrency", str(concurrency), "--executor", address]
    code = f"import sys; sys.path[:0] = {sys.path[:2]!r}; {PROGRAM}"
    environment = {name: value for name, value in os.environ.items() if name != KEY}  # the workers have the key
    command = [sys.executable, "-c", code, *command]
    return subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True, env=environment)


def throughput(folder: Path, server: Any, count: int, given: argparse.Namespace) -> float:
    """Calls a second with so many workers; the models are connected by a run of their own beforehand."""
    with workers(count, given.each) as (address, _):
        make_review(folder, server.base_url, given.records)
        with start(folder, address, given.each * count) as process:
            out, _ = process.communicate()
    found = json.loads(out)
    rate = found["calls"] / found["seconds"]
    print(f"{count} worker(s): {found['calls']} calls in {found['seconds']:.1f} s, {rate:.2f} a second")
    return float(rate)


def kill_some(client: Any, process: "subprocess.Popen[str]", server: Any, given: argparse.Namespace) -> int:
    """Kill a worker each few seconds while the run goes on; return how often."""
    rng, killed = random.Random(given.seed), 0
    while server.stats()["calls"] < given.each and process.poll() is None:
        time.sleep(0.05)
    while killed < given.kills and process.poll() is None:
        time.sleep(rng.uniform(0.5, 1.5) * given.latency)
        client.wait_for_workers(2, timeout=60)
        os.kill(rng.choice(sorted(client.run(os.getpid).values())), signal.SIGKILL)
        killed += 1
    return killed


def read(folder: Path) -> tuple[Counter[str], int, int, int]:
    """Calls by status, attempts, judgements, and answers that stand twice."""
    from sqlalchemy import select

    from screener.ledger import tables as t
    from screener.ledger.store import Ledger

    ledger = Ledger.of(folder / ".screener")
    with ledger.read() as connection:
        calls = list(connection.execute(select(t.calls.c.request, t.calls.c.status, t.calls.c.attempts)))
        judged = len(list(connection.execute(select(t.judgements.c.id))))
    ledger.close()
    answered = Counter(call.request for call in calls if call.status == "ok")
    attempts = sum(call.attempts for call in calls)
    return Counter(call.status for call in calls), attempts, judged, sum(n - 1 for n in answered.values())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=96)
    parser.add_argument("--latency", type=float, default=2.0)
    parser.add_argument("--each", type=int, default=8)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    from servers import openai_server

    with tempfile.TemporaryDirectory() as temporary, openai_server() as server:
        rates = []
        for count in (1, 2):
            server.set_script({"latency_s": given.latency}, reset=True)
            rates.append(throughput(Path(temporary) / f"{count}", server, count, given))
        folder, wanted = Path(temporary) / "killed", given.records + 2 * given.each * given.kills
        server.set_script({"latency_s": given.latency}, reset=True)
        make_review(folder, server.base_url, wanted)
        with workers(2, given.each) as (address, client), start(folder, address, 2 * given.each) as process:
            kills = kill_some(client, process, server, given)
            out, _ = process.communicate()
        summary, stats = json.loads(out), settle(server)
        status, attempts, judged, twice = read(folder)

    lost, asked_again = summary.get("lost_with_workers", 0), stats["calls"] - wanted
    print(f"{wanted} records, {kills} kills in {summary['seconds']:.1f} s: {lost} calls were under way, "
          f"{asked_again} of them had reached the server and were asked again")  # fmt: skip
    checks = {
        f"two workers {rates[1] / rates[0]:.2f} times as fast as one (at least {LEAST})": rates[1] >= LEAST * rates[0],
        f"{kills} of {given.kills} kills while the run went on": kills == given.kills,
        f"all {wanted} decided, no error": (summary["decided"], summary["errors"]) == (wanted, 0),
        f"one judgement a record ({judged})": judged == wanted,
        f"no request is answered twice in the ledger ({dict(status)})": twice == 0 and status == {"ok": wanted},
        f"attempts in the ledger are the records and what was under way ({attempts})": attempts == wanted + lost,
        f"no more asked again ({asked_again}) than was under way ({lost} <= {kills} x {given.each})": asked_again
        <= lost <= kills * given.each,
    }  # fmt: skip
    for text, passed in checks.items():
        print(f"{'ok    ' if passed else 'FAILED'} {text}")
    return 0 if all(checks.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
