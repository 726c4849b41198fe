"""What the benchmarks share: made-up records, a review folder with a chat reviewer, and measuring children."""

import json
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

TESTS = Path(__file__).parents[1]
ROOT = TESTS.parent
sys.path[:0] = [str(ROOT), str(TESTS)]
KEY = "BENCHMARK_KEY"
os.environ.setdefault(KEY, "sk-benchmark-0123456789")
for proxy in ("http_proxy", "https_proxy", "all_proxy"):  # loopback never goes through a proxy
    os.environ.pop(proxy, None)
    os.environ.pop(proxy.upper(), None)
os.environ.pop("SCREENER_LEDGER", None)

CURSED = "CURSED"


def _abstract(rng: random.Random, words: list[str]) -> str:
    return " ".join(" ".join(rng.choices(words, k=rng.randint(12, 24))).capitalize() + "." for _ in range(10))


def make_review(folder: Path, base_url: str, records: int, *, timeout_s: float = 60, cursed: int = 0) -> Path:
    """The packaged review with a chat reviewer `gpt` at the server and made-up records in its ledger.

    The texts of `cursed` of them, spread over all, hold the word `CURSED`.
    """
    from screener.ledger.intake import add_files
    from screener.ledger.store import Ledger
    from screener.records import read_file

    for room in ("prompts", "gold"):
        shutil.copytree(ROOT / room, folder / room)
    protocol = folder / "prompts" / "review.yaml"
    line = (
        f"  gpt: {{kind: chat, model: 'openai:gpt-5-mini', base_url: '{base_url}', api_key_env: {KEY},"
        f" timeout_s: {timeout_s:g}, price: {{input: 1.0, output: 2.0}}}}"
    )
    protocol.write_text(protocol.read_text().replace("\nreviewers:\n", f"\nreviewers:\n{line}\n"))
    rng = random.Random(7)
    words = ["".join(rng.choices("abcdefghilmnoprstuv", k=rng.randint(4, 10))) for _ in range(5_000)]
    unlucky = set(rng.sample(range(records), cursed))
    lines = [
        json.dumps(
            {
                "id": f"r{number:05d}",
                "title": " ".join(rng.choices(words, k=12)).capitalize(),
                "abstract": _abstract(rng, words) + (f" {CURSED}." if number in unlucky else ""),
                "year": 2020,
            }
        )
        for number in range(records)
    ]
    path = folder / "made-up.jsonl"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    ledger = Ledger.of(folder / ".screener")
    done = add_files(ledger, [read_file(path)])[0]
    ledger.close()
    if done.new != records:
        raise RuntimeError(f"{done.new} of {records} records are new: {done.as_json()}")
    return folder


def open_task(folder: Path) -> tuple[Any, Any]:
    """The ledger and the task of `gpt` on all its records, as `screener run` makes them."""
    from screener.core.judgement import Stage
    from screener.ledger.store import Ledger
    from screener.protocol.model import Review
    from screener.running.build_reviewers import task_for
    from screener.stages.state import records_for

    review, ledger = Review(folder), Ledger.of(folder / ".screener")
    return ledger, task_for(ledger, review, Stage.ABSTRACT, "gpt", records_for(ledger, review, Stage.ABSTRACT))


def child(*arguments: object) -> dict[str, Any]:
    """Run the calling script again with `--child`; what it prints last is JSON."""
    command = [sys.executable, sys.argv[0], "--child", *map(str, arguments)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def memory_mb(name: str) -> float:
    """`VmRSS` (now) or `VmHWM` (peak) of this process. `getrusage` would count what it inherited from its parent."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1]) / 1024
    raise RuntimeError(f"no {name} in /proc/self/status")


def write_records(connection: Any, records: "list[Any]", first: int) -> None:
    """Write records straight into the ledger's tables, the first at place `first`: reading files is not what is timed."""
    from sqlalchemy import insert

    from screener.ledger import tables as t

    rows = [
        {"id": one.id, "position": first + place, "text_hash": one.text_hash, "body": one.model_dump_json()}
        for place, one in enumerate(records)
    ]
    hits = [
        {"id": row["position"] + 1, "key": row["id"], "import_id": 1, "name": row["id"], "source": "x",
         "row": row["position"] + 1, "entry": "{}"}
        for row in rows
    ]  # fmt: skip
    connection.execute(insert(t.records), rows)
    connection.execute(insert(t.aliases), [{"alias": row["id"], "record_id": row["id"]} for row in rows])
    connection.execute(insert(t.hits), hits)
    connection.execute(insert(t.members), [{"hit_id": hit["id"], "record_id": hit["name"]} for hit in hits])
