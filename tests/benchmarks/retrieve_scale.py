"""Retrieving a large search: seconds and peak memory of `screener retrieve` with so many records of a PubMed on loopback.

The server is a process of its own, with invented records of 200 words beside the title, in pages as PubMed sends them.

Run: python tests/benchmarks/retrieve_scale.py [--records 100000 200000]
Memory should stay flat once the database's caches are full: exit code 1 if the larger search needs a fifth more than the
smaller one.
"""

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from setting import ROOT

SCREENER = "from screener.cli.main import main; main()"
MORE = 1.2


def serve(records: int) -> None:
    """Stand for PubMed until the process is ended; print the address first."""
    sys.path.insert(0, str(ROOT / "tests"))
    from servers.services import serving
    from servers.services.pubmed import PubMedApi, synthetic

    from screener.sources.services import PUBMED

    words = [f"word{number}" for number in range(3_000)]
    rng = random.Random(1)
    made = []
    for number in range(records):
        title = f"synthetic {' '.join(rng.choices(words, k=9))} {number}"
        entered = f"{2000 + number % 24}/{number % 12 + 1:02}/{number % 28 + 1:02}"
        text = f"<KeywordList><Keyword>{' '.join(rng.choices(words, k=200))}</Keyword></KeywordList>"
        made.append(replace(synthetic(number), entered=entered, title=title, more=text))
    with serving(PubMedApi(made)) as server:
        print(server.url(PUBMED), flush=True)
        time.sleep(10**6)


def retrieve(records: int) -> tuple[float, float, float]:
    """Return the seconds, CPU seconds and peak MB that a retrieval takes."""
    folder = Path(tempfile.mkdtemp())
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    server = subprocess.Popen(
        [sys.executable, __file__, "--serve", str(records)], stdout=subprocess.PIPE, text=True, env=environment
    )
    try:
        assert server.stdout is not None
        environment |= {"SCREENER_PUBMED_URL": server.stdout.readline().strip(), "SCREENER_ALLOW_LOOPBACK": "1",
                        "SCREENER_REQUESTS_PER_SECOND": "10000"}  # fmt: skip
        review = folder / "review"
        subprocess.run(
            [sys.executable, "-c", SCREENER, "init", str(review)],
            check=True,
            env=environment,
            stdout=subprocess.DEVNULL,
        )
        (review / "prompts" / "sources.yaml").write_text(
            "sources: [{name: PubMed, queries: [{name: all, query: synthetic}]}]\n"
        )
        started = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-c", SCREENER, "retrieve", "--review", str(review)], env=environment
        )
        _, status, usage = os.wait4(process.pid, 0)
        if status:
            raise RuntimeError(f"retrieve ended with {os.waitstatus_to_exitcode(status)}")
        return time.perf_counter() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024
    finally:
        server.kill()
        shutil.rmtree(folder)


def main() -> int:
    """Print what each number of records takes; return 1 if memory grows with them."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--records", type=int, nargs="+", default=[100_000, 200_000])
    parser.add_argument("--serve", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        serve(arguments.serve)
    peaks = []
    for records in sorted(arguments.records):
        seconds, cpu, megabytes = retrieve(records)
        peaks.append(megabytes)
        print(
            f"{records:>9,} records: {seconds:7.1f} s, CPU {cpu:7.1f} s, {megabytes:6,.0f} MB; load {os.getloadavg()[0]:.1f}",
            flush=True,
        )
    return int(peaks[-1] > MORE * peaks[0])


if __name__ == "__main__":
    sys.exit(main())
