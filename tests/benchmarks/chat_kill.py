"""`kill -9` at random moments of one run against a server with faults: is anything lost, paid twice or changed?

    python chat_kill.py [--records 2000] [--kills 20] [--seed 1] [--latency 0.3] [--concurrency 64]

The program itself (`screener run`) is killed, most times up to 0.6 s after it has begun to send and the server has had a
random number of calls in all, every fifth time at a random moment after its start; then it is started once more and left to end. The judgements are compared
with those of a run that nothing disturbed. Exit code 1 if a check fails.
"""

import argparse
import json
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from setting import CURSED, make_review

UNLUCKY = 5
FAULTS = [
    {"kind": "500", "contains": CURSED},
    {"kind": "429", "share": 0.05},
    {"kind": "429", "share": 0.05, "retry_after": 0.2},
    {"kind": "500", "share": 0.05},
    {"kind": "hang", "share": 0.02},
    # 3 % of bad JSON, of a prompt's first answer only, so that the one repair that there is succeeds
    {"kind": "truncated", "share": 0.01, "until": 1},
    {"kind": "prose", "share": 0.01, "until": 1},
    {"kind": "wrong_schema", "share": 0.01, "until": 1},
]
PROGRAM = "from screener.cli.main import main; main()"


def start(folder: Path, concurrency: int) -> "subprocess.Popen[str]":
    command = ["run", "--stage", "abstract", "--reviewer", "gpt", "--concurrency", str(concurrency), "--json"]
    code = f"import sys; sys.path[:0] = {sys.path[:2]!r}; {PROGRAM}"
    return subprocess.Popen([sys.executable, "-c", code, *command], cwd=folder, stdout=subprocess.PIPE, text=True)


def finish(folder: Path, concurrency: int) -> tuple[int, dict[str, Any]]:
    with start(folder, concurrency) as process:
        out, _ = process.communicate()
    return process.returncode, json.loads(out)


def kill_often(folder: Path, server: Any, given: argparse.Namespace) -> list[int]:
    """Start and kill; how many calls the server had had at each kill."""
    rng = random.Random(given.seed)
    points = sorted(rng.uniform(0, given.records) for _ in range(given.kills))
    at: list[int] = []
    for number, point in enumerate(points):
        begun = server.stats()["calls"]
        with start(folder, given.concurrency) as process:
            if number % 5 == 4:
                time.sleep(rng.uniform(0, 3))
            else:
                while process.poll() is None and server.stats()["calls"] <= max(begun, point):
                    time.sleep(0.02)
                time.sleep(rng.uniform(0, 0.6))
            if process.poll() is not None:
                raise RuntimeError(f"the run ended by itself before kill {number + 1} (exit {process.returncode})")
            process.send_signal(signal.SIGKILL)
        at.append(server.stats()["calls"])
    return at


def settle(server: Any) -> dict[str, Any]:
    """The server's counts once no request of a dead process is under way."""
    for _ in range(100):
        stats: dict[str, Any] = server.stats()
        if not stats["active"]:
            break
        time.sleep(0.1)
    return stats


def read(folder: Path) -> dict[str, Any]:
    from sqlalchemy import select

    from screener.core.judgement import Stage
    from screener.ledger import reads
    from screener.ledger import tables as t
    from screener.ledger.errors import errors as open_errors
    from screener.ledger.store import Ledger

    ledger = Ledger.of(folder / ".screener")
    with ledger.read() as connection:
        rows = list(reads.judgements(connection, Stage.ABSTRACT, reviewer="gpt"))
        errors = {error.record_id for error in open_errors(connection, Stage.ABSTRACT, "gpt").values()}
        unlucky = {record.id for record in reads.records(connection) if CURSED in record.abstract}
        calls = list(connection.execute(select(t.calls.c.request, t.calls.c.status, t.calls.c.attempts)))
        runs = len(list(connection.execute(select(t.runs.c.id))))
    ledger.close()
    return {
        "judgements": {row.record_id: row.judgement.model_dump(mode="json") for row in rows},
        "rows": len(rows),
        "errors": errors,
        "unlucky": unlucky,
        "twice": sum(n > 1 for n in Counter(call.request for call in calls if call.status == "ok").values()),
        "status": Counter(call.status for call in calls),
        "retries": sum(max(call.attempts - 1, 0) for call in calls),
        "runs": runs,
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=2_000)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--latency", type=float, default=0.3)
    parser.add_argument("--concurrency", type=int, default=64)
    given = parser.parse_args()
    from servers import openai_server

    with tempfile.TemporaryDirectory() as temporary, openai_server() as server:
        places = Path(temporary) / "killed", Path(temporary) / "undisturbed"
        for place in places:
            make_review(place, server.base_url, given.records, timeout_s=2, cursed=UNLUCKY)
        server.set_script({"latency_s": given.latency, "seed": given.seed, "faults": FAULTS}, reset=True)
        began = time.perf_counter()
        kills = kill_often(places[0], server, given)
        killed = time.perf_counter() - began
        code, summary = finish(places[0], given.concurrency)
        seconds = time.perf_counter() - began
        stats = settle(server)
        server.set_script({"latency_s": given.latency / 10, "seed": given.seed}, reset=True)
        _, calm = finish(places[1], given.concurrency)
        found, other = read(places[0]), read(places[1])

    faults = sum(stats["faults"].values())
    most = given.records + faults + given.kills * given.concurrency
    expected = {name: body for name, body in other["judgements"].items() if name not in found["unlucky"]}
    differing = [name for name, body in expected.items() if found["judgements"].get(name) != body]
    print(
        f"{given.records:,} records, {len(kills)} kills in {killed:.1f} s, at the end after {seconds:.1f} s, seed {given.seed}"
    )
    print(f"server's calls at the kills: {' '.join(map(str, kills))}")
    print(f"faults given: {', '.join(f'{kind} {n:,}' for kind, n in sorted(stats['faults'].items()))}")
    print(
        f"last run: exit {code}; {json.dumps({k: summary[k] for k in ('records', 'decided', 'errors', 'cached', 'calls')})}"
    )
    print(f"ledger: {found['runs']} runs; calls {dict(found['status'])}, {found['retries']} retries noted")
    good = stats["calls"] - faults
    needed = given.records - UNLUCKY
    print(f"good answers given {good:,}, needed {needed:,}: {good - needed} asked again because of {len(kills)} kills")
    checks = {
        f"all but {UNLUCKY} decided ({summary['decided']:,})": summary["decided"] == given.records - UNLUCKY,
        f"those {UNLUCKY} are listed as errors ({', '.join(sorted(found['errors']))})": found["errors"]
        == found["unlucky"]
        and summary["errors"] == UNLUCKY
        and code == 3,
        f"one judgement a record ({found['rows']:,} rows)": found["rows"] == len(found["judgements"]) == needed,
        f"no request is answered twice in the ledger ({found['twice']})": found["twice"] == 0,
        f"server's calls {stats['calls']:,} <= {most:,} = {given.records:,} records + {faults:,} faults "
        f"+ {given.kills} x {given.concurrency}": stats["calls"] <= most,
        f"the undisturbed run decided all ({calm['decided']:,})": calm["decided"] == given.records,
        f"judgements as in the undisturbed run ({len(differing)} differ)": not differing,
    }
    for text, passed in checks.items():
        print(f"{'ok    ' if passed else 'FAILED'} {text}")
    return 0 if all(checks.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
