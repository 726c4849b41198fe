"""The time of `screener report` on the packaged review, and the size of its page.

    python tests/benchmarks/report_speed.py [--rounds 5]

The whole program is timed, start of Python and imports with it, on a review that the embedded reviewer has screened.
Target: the best of the rounds under 5 s, the page under 3 MB. Exit code 1 if one is missed.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from setting import ROOT

SECONDS, MEGABYTES = 5.0, 3.0
PROGRAM = "from screener.cli.main import main; main()"


def screener(folder: Path, *args: str) -> float:
    """Run a command in a folder; its wall time."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", PROGRAM, *args], cwd=folder, env=environment, check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
    return time.perf_counter() - begun


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as place:
        screener(Path(place), "init", "review", "--example", "ecg")
        folder = Path(place) / "review"
        screener(folder, "run", "--stage", "abstract")
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        times = sorted(screener(folder, "report") for _ in range(rounds))
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        size = (folder / "report.html").stat().st_size / 1e6
    used = (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) / rounds
    print(f"screener report, packaged review: {times[0]:.2f} s at best, {times[-1]:.2f} s at worst of {rounds}")
    print(
        f"processor time a round: {used:.2f} s; load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    )
    print(f"page: {size:.2f} MB")
    missed = times[0] >= SECONDS or size >= MEGABYTES
    print("missed" if missed else f"within {SECONDS:g} s and {MEGABYTES:g} MB")
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
