"""Importing into large reviews: seconds and peak memory of each step as a command of its own, and how both grow.

Made-up records (title, authors, journal, volume, pages, an abstract of 200 words, a DOI for 70 %) in RIS files of at most
50,000 rows, two a command: 15 % of the rows of each pair are in both files, some without DOI or in capitals. Then three rows
are imported, and the everyday commands are run. `read` reads the first two files and does nothing else.

Run: python tests/benchmarks/import_scale.py [--records 100000 …] [--keep FOLDER] [--ledger URL]
`--records 100000 1000000` also prints the exponents of growth: 1 is linear. Exit code 1 if a step with 100,000 records misses
its target, or any takes 4 GB. CPU seconds are printed too: on a machine that does other things they are what would be seen on a quiet one.
`--ledger postgresql://…` takes an empty database in the place of a file; a server's own work is not in the CPU seconds.
"""

import argparse
import math
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from setting import ROOT, memory_mb

SCREENER = "from screener.cli.main import main; main()"
A_COMMAND = 100_000
"""Rows that one command imports, in two files."""
READ_S, ENTERED_S, THREE_S, LIST_S, MEGABYTES = 20.0, 60.0, 3.0, 3.0, 1500.0
MOST_MEGABYTES = 4000.0
_SYLLABLES = (
    "ca rdi o ven tri cu lar fi bril la tion my al in farc or tic ste no sis hy per ten sion en do vas echo neu"
)


class Step(NamedTuple):
    """What a command took: seconds, CPU seconds, and its peak memory in MB."""

    seconds: float
    cpu: float
    megabytes: float


def words(rng: random.Random) -> list[str]:
    """Return some thousands of made-up words."""
    syllables = _SYLLABLES.split()
    return list(dict.fromkeys("".join(rng.choices(syllables, k=rng.randint(2, 4))) for _ in range(8_000)))


def record(rng: random.Random, vocabulary: list[str], journals: list[str], number: int) -> dict[str, list[str]]:
    """Return a record by the tags of RIS."""
    first_page = rng.randint(1, 900)
    sentences = (" ".join(rng.choices(vocabulary, k=20)).capitalize() for _ in range(10))
    return {
        "TI": [" ".join(rng.choices(vocabulary, k=rng.randint(7, 16))).capitalize()],
        "AU": [f"{rng.choice(vocabulary).capitalize()}, {rng.choice('ABCDEFGH')}." for _ in range(rng.randint(2, 7))],
        "PY": [str(rng.randint(1990, 2025))],
        "T2": [rng.choice(journals)],
        "VL": [str(rng.randint(1, 90))],
        "SP": [str(first_page)],
        "EP": [str(first_page + 9)],
        "AB": [". ".join(sentences) + "."],
        "DO": [f"10.{rng.randint(1000, 1100)}/j.{number:07d}"] if rng.random() < 0.7 else [],
    }


def write(path: Path, records: Iterator[dict[str, list[str]]]) -> None:
    """Write records as RIS."""
    with path.open("w", encoding="utf-8") as file:
        for one in records:
            lines = [f"{tag}  - {value}" for tag, values in one.items() for value in values]
            file.write("\n".join(["TY  - JOUR", *lines, "ER  - ", "", ""]))


def make_pair(folder: Path, pair: int, rows: int) -> list[Path]:
    """Write two files with so many rows together, and return them."""
    rng = random.Random(pair)
    vocabulary = words(random.Random(0))
    journals = [" ".join(rng.choices(vocabulary, k=3)).title() for _ in range(400)]
    half, again = rows // 2, int(rows * 0.15)
    kept: list[dict[str, list[str]]] = []

    def first() -> Iterator[dict[str, list[str]]]:
        for number in range(half):
            made = record(rng, vocabulary, journals, pair * A_COMMAND + number)
            if number * again // half != (number + 1) * again // half:
                kept.append(made)
            yield made

    def second() -> Iterator[dict[str, list[str]]]:
        for made in kept:
            changed = dict(made)
            if rng.random() < 0.3:
                changed["DO"] = []
            if rng.random() < 0.3:
                changed["TI"] = [made["TI"][0].upper()]
            yield changed
        for number in range(rows - half - len(kept)):
            yield record(rng, vocabulary, journals, pair * A_COMMAND + half + number)

    files = [folder / f"Medline-{pair}.ris", folder / f"Embase-{pair}.ris"]
    for path, rows_of in zip(files, (first, second), strict=True):
        write(path, rows_of())
    if not pair:
        new = (record(rng, vocabulary, journals, 10**7 + number) for number in range(2))
        write(folder / "three.ris", iter([kept[0], *new]))
    return files


def command(*arguments: object) -> Step:
    """Run a process in silence, and return what it took."""
    started = time.perf_counter()
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen([sys.executable, *map(str, arguments)], stdout=subprocess.DEVNULL, env=environment)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{arguments} ended with {process.returncode}")
    return Step(time.perf_counter() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def steps(folder: Path, records: int) -> dict[str, Step]:
    """Return what each step of a review with so many rows takes."""
    review, taken = folder / "review", dict[str, Step]()

    def screener(*arguments: object) -> Step:
        return command("-c", SCREENER, *arguments, "--review", review)

    command("-c", SCREENER, "init", review)
    for pair, begin in enumerate(range(0, records, A_COMMAND)):
        files = make_pair(folder, pair, min(A_COMMAND, records - begin))
        if not pair:
            taken["read"] = command(Path(__file__), "--read", *files)
        step = screener("import", *files)
        print(f"  {begin + min(A_COMMAND, records - begin):>9,} rows: {_told(step)}", flush=True)
        taken.setdefault("import", step)
        before = taken.get("all imports", Step(0, 0, 0))
        taken["all imports"] = Step(
            before.seconds + step.seconds, before.cpu + step.cpu, max(before.megabytes, step.megabytes)
        )
        for file in files:
            file.unlink()
    taken["import of three rows"] = screener("import", folder / "three.ris")
    taken["dedup list"] = screener("dedup", "list")
    taken["dedup list --json"] = screener("dedup", "list", "--json")
    taken["status"] = screener("status")
    taken["sources"] = screener("sources")
    taken["export --format csv"] = screener("export", "--format", "csv", "-o", folder / "table.csv")
    taken["import --undo of three rows"] = screener("import", "--undo", "three.ris")
    return taken


def _told(step: Step) -> str:
    return f"{step.seconds:8.2f} s, CPU {step.cpu:8.2f} s, {step.megabytes:6,.0f} MB"


def missed(records: int, taken: dict[str, Step]) -> list[str]:
    """Return which targets are missed."""
    wrong = [f"{name}: {step.megabytes:,.0f} MB" for name, step in taken.items() if step.megabytes >= MOST_MEGABYTES]
    if records != A_COMMAND:
        return wrong
    entered = taken["import"].seconds - taken["read"].seconds
    limits = {"read": READ_S, "import of three rows": THREE_S, "dedup list": LIST_S, "dedup list --json": LIST_S}
    wrong += [f"{name}: {taken[name].seconds:.1f} s" for name, limit in limits.items() if taken[name].seconds >= limit]
    wrong += [f"entered: {entered:.1f} s"] if entered >= ENTERED_S else []
    return wrong + ([f"import: {taken['import'].megabytes:,.0f} MB"] if taken["import"].megabytes >= MEGABYTES else [])


def main() -> int:
    """Print each step for each size, and the growth between sizes; return 1 if a target is missed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--records", type=int, nargs="+", default=[100_000])
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--ledger", help="The URL of an empty database, for one number of records.")
    parser.add_argument("--read", type=Path, nargs="+", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.read:
        from screener.records import read_file

        kept = [read_file(path) for path in arguments.read]
        print(sum(len(file.hits) for file in kept), memory_mb("VmHWM"))
        return 0
    if arguments.ledger:
        os.environ["SCREENER_LEDGER"] = arguments.ledger
    wrong, before = [], dict[str, Step]()
    for place, records in enumerate(sorted(arguments.records)):
        folder = arguments.keep / str(records) if arguments.keep else Path(tempfile.mkdtemp())
        folder.mkdir(parents=True, exist_ok=True)
        print(f"{records:,} records; load {os.getloadavg()[0]:.1f}", flush=True)
        try:
            taken = steps(folder, records)
        finally:
            if not arguments.keep:
                shutil.rmtree(folder)
        last = sorted(arguments.records)[place - 1] if place else 0
        for name, step in taken.items():
            growth = (
                f", exponent {math.log(step.cpu / before[name].cpu) / math.log(records / last):.2f}"
                if name in before
                else ""
            )
            print(f"  {name:28} {_told(step)}{growth}")
        wrong += missed(records, taken)
        before = taken
    print(f"missed: {'; '.join(wrong)}" if wrong else "within all targets")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
