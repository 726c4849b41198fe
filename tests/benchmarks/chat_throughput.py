"""How much of the server's speed a run with the ledger on gives, beside a bare loop of the SDK and LangChain.

    python chat_throughput.py [--records 2000] [--latency 0.5] [--concurrency 64] [--pairs 3]

Bare: the SDK's documented call over bodies that were made beforehand. Ours and LangChain: `runner.run` as the program
runs it (prompts, ledger, decisions). Every measurement is a process of its own against the same server, in turn.
Exit code 1 if the median of the pairs' ratios is below 0.95.
"""

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from setting import child, make_review, open_task

TARGET = 0.95


def measure(kind: str, folder: Path, concurrency: int) -> dict[str, float]:
    ledger, task = open_task(folder)
    if kind == "bare":
        return asyncio.run(bare(task, concurrency))
    if kind == "langchain":
        from screener.models.langchain import LangChainModel

        task = replace(task, model=LangChainModel(task.endpoint))
    from screener.running.runner import Options, run

    began, cpu = time.perf_counter(), time.process_time()
    summary = run(ledger, task, Options(concurrency=concurrency))
    done = {"seconds": time.perf_counter() - began, "cpu": time.process_time() - cpu}
    assert summary.decided == summary.calls == len(task.records), summary.as_json()
    return done


async def bare(task, concurrency: int) -> dict[str, float]:  # type: ignore[no-untyped-def]
    from screener.models.openai import client_for
    from screener.models.wire import chat_body

    bodies = [chat_body(task.endpoint, task.reviewer.request(record), "json_schema") for record in task.records]
    client, _ = client_for(task.endpoint)
    queue = iter(bodies)

    async def work() -> None:
        for body in queue:
            answer = await client.chat.completions.create(**body)
            assert answer.choices[0].message.content

    began, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(work() for _ in range(concurrency)))
    done = {"seconds": time.perf_counter() - began, "cpu": time.process_time() - cpu}
    await client.close()
    return done


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=2_000)
    parser.add_argument("--latency", type=float, default=0.5)
    parser.add_argument("--concurrency", type=int, default=64)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--child", nargs=2, metavar=("KIND", "FOLDER"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        print(json.dumps(measure(given.child[0], Path(given.child[1]), given.concurrency)))
        return 0
    from servers import openai_server

    ideal = given.concurrency / given.latency
    waves = -(-given.records // given.concurrency)
    print(
        f"{given.records:,} records, latency {given.latency * 1000:g} ms, concurrency {given.concurrency}: "
        f"ideal {ideal:.0f} calls/s; {waves} waves, so at most {given.records / (waves * given.latency):.1f}"
    )
    print(f"{'':12}{'seconds':>9}{'calls/s':>9}{'of ideal':>10}{'ms CPU a call':>15}{'server ms':>11}")
    rates: dict[str, list[float]] = {"bare": [], "ours": [], "langchain": []}
    with tempfile.TemporaryDirectory() as folder, openai_server({"latency_s": given.latency}) as server:
        turns = [kind for pair in range(given.pairs) for kind in ("bare", "ours")[:: -1 if pair % 2 else 1]]
        for number, kind in enumerate([*turns, "langchain"]):
            place = make_review(Path(folder) / str(number), server.base_url, given.records)
            server.set_script({"latency_s": given.latency}, reset=True)
            before = server.stats()["cpu_s"]
            found = child(kind, place, "--concurrency", given.concurrency)
            stats = server.stats()
            assert stats["calls"] == given.records, stats["calls"]
            rate = given.records / found["seconds"]
            rates[kind].append(rate)
            each = 1000 * found["cpu"] / given.records, 1000 * (stats["cpu_s"] - before) / given.records
            print(
                f"{kind:12}{found['seconds']:9.2f}{rate:9.1f}{rate / ideal:10.3f}{each[0]:15.2f}{each[1]:11.2f}",
                flush=True,
            )
    ratios = [ours / loop for ours, loop in zip(rates["ours"], rates["bare"], strict=True)]
    ratio, median = statistics.median(ratios), {k: statistics.median(v) for k, v in rates.items()}
    print(f"medians: {', '.join(f'{k} {v:.1f} calls/s = {v / ideal:.3f} of ideal' for k, v in median.items())}")
    pairs = ", ".join(f"{r:.3f}" for r in ratios)
    print(f"ours / bare: {pairs}; median {ratio:.3f} (at least {TARGET}): {'ok' if ratio >= TARGET else 'MISSED'}")
    print(f"langchain / bare: {median['langchain'] / median['bare']:.3f}")
    return 0 if ratio >= TARGET else 1


if __name__ == "__main__":
    sys.exit(main())
