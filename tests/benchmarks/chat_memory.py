"""Memory and speed of a long run: does either depend on how many records there are?

    python chat_memory.py [--records 20000] [--latency 0] [--concurrency 64]

A run of a tenth of the records, then one of all, each a process of its own; its peak and the speed of each tenth.
Exit code 1 if the peak is 400 MB or more, or the last tenth is slower than 0.95 of the first.
"""

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from setting import child, make_review, memory_mb, open_task

PEAK_MB, SPEED = 400, 0.95


def measure(folder: Path, concurrency: int) -> dict[str, Any]:
    ledger, task = open_task(folder)
    from screener.running.runner import Options, run

    total, loaded = len(task.records), memory_mb("VmRSS")
    marks: dict[int, float] = {}
    resident: dict[int, float] = {}

    def tell(_: object, left: int) -> None:
        done = total - left
        tenth = done * 10 // total
        if tenth not in marks:
            marks[tenth], resident[tenth] = time.perf_counter(), memory_mb("VmRSS")

    cpu = time.process_time()
    summary = run(ledger, task, Options(concurrency=concurrency), tell)
    assert summary.decided == summary.calls == total, summary.as_json()
    return {
        "seconds": summary.seconds,
        "cpu": time.process_time() - cpu,
        "peak": memory_mb("VmHWM"),
        "loaded": loaded,
        "resident": [resident[tenth] for tenth in range(11)],
        "rates": [total / 10 / (marks[tenth + 1] - marks[tenth]) for tenth in range(10)],
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=20_000)
    parser.add_argument("--latency", type=float, default=0.0)
    parser.add_argument("--concurrency", type=int, default=64)
    parser.add_argument("--child", metavar="FOLDER", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        print(json.dumps(measure(Path(given.child), given.concurrency)))
        return 0
    from servers import openai_server

    print(f"latency {given.latency * 1000:g} ms, concurrency {given.concurrency}, ledger on")
    heads = ("records", "seconds", "calls/s", "ms CPU a call", "MB loaded", "MB at 1/10", "MB at end", "MB peak")
    print("".join(f"{head:>15}" for head in heads))
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder, openai_server({"latency_s": given.latency}) as server:
        for records in (given.records // 10, given.records):
            place = make_review(Path(folder) / str(records), server.base_url, records)
            server.set_script({"latency_s": given.latency}, reset=True)
            found = child(place, "--concurrency", given.concurrency)
            resident = found["resident"]
            row = (
                f"{records:,}",
                f"{found['seconds']:.1f}",
                f"{records / found['seconds']:.1f}",
                f"{1000 * found['cpu'] / records:.2f}",
                *(f"{mb:.0f}" for mb in (found["loaded"], resident[1], resident[10], found["peak"])),
            )
            print("".join(f"{value:>15}" for value in row), flush=True)
    rates = found["rates"]
    ratio = rates[9] / rates[0]
    fits, steady = found["peak"] < PEAK_MB, ratio >= SPEED
    print(f"calls/s by tenth: {' '.join(f'{rate:.0f}' for rate in rates)}")
    print(f"last / first tenth: {ratio:.3f} (at least {SPEED}): {'ok' if steady else 'MISSED'}")
    print(f"peak {found['peak']:.0f} MB (under {PEAK_MB}): {'ok' if fits else 'MISSED'}")
    return 0 if fits and steady else 1


if __name__ == "__main__":
    sys.exit(main())
