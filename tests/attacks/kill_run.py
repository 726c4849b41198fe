"""kill -9 in the middle of a run, again and again: `python tests/attacks/kill_run.py [--tries 32]`.

Prints `kind, tried, survived, lost` and how many calls were asked again, which may be those under way: at most 4 a kill.
"""

import argparse
import os
import random
import signal
import sys
import tempfile
import time
from pathlib import Path

if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]

from servers import openai_server
from support.attack import RECORDS, Outcome, count, ended, review_in, said, start

CONCURRENCY = 4
RUN = ("run", "--stage", "abstract", "--reviewer", "gpt", "--concurrency", str(CONCURRENCY), "--json")


def kill_runs(folder: Path, tries: int, seed: int = 1) -> Outcome:
    """Kill a run `tries` times, each after a few more calls, and then let it end."""
    outcome, chance = Outcome("kill -9 of `run` at concurrency 4"), random.Random(seed)
    with openai_server({"latency_s": 0.15, "jitter": 0.5}) as server:
        review = review_in(folder / "review", server)
        for _ in range(tries):
            aim = server.stats()["calls"] + chance.randint(2, 6)
            run = start(review, *RUN)
            while server.stats()["calls"] < aim and not _over(run):
                time.sleep(chance.uniform(0.005, 0.05))
            os.kill(run, signal.SIGKILL)
            outcome.tried += 1
            ended(run)
            outcome.survived += count(review, "judgements", reviewer="gpt") <= count(review, "calls", status="ok")
        code = ended(start(review, *RUN))
        asked = server.stats()["calls"]
    told, err = said(review)
    if code:
        raise SystemExit(f"the last run ended with {code}: {err}")
    again = asked - RECORDS
    outcome.lost = RECORDS - told["decided"] + RECORDS - count(review, "calls", status="ok")
    outcome.more = {"asked again": again, "asked again a kill": round(again / tries, 2)}
    return outcome


def _over(run: int) -> bool:
    """Return whether a process has ended by itself, without taking its exit code."""
    return os.waitid(os.P_PID, run, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tries", type=int, default=32)
    with tempfile.TemporaryDirectory() as place:
        print("kind, tried, survived, lost")
        print(kill_runs(Path(place), parser.parse_args().tries).line())
