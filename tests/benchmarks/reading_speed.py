"""Reading exports: seconds, CPU seconds and peak memory for each of the main formats, from a file to its entries.

Made-up records (title, five authors, journal, volume, pages, eight keywords, an abstract of 120 words, DOI), each format read
by a process of its own.

Run: python tests/benchmarks/reading_speed.py [--records 100000] [--only RIS]
Exit code 1 if 100,000 records of RIS take more than 20 CPU seconds, or any format more than 2 GB.
"""

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from setting import ROOT

RIS_S, MEGABYTES = 20.0, 2000.0
VOCABULARY = (
    "heart rate variability model deep learning atrial fibrillation detection patients trial randomised cohort analysis of"
    " the in with for and clinical outcome risk"
)
Record = dict[str, str]


def record(rng: random.Random, number: int) -> Record:
    """Return a record; authors and keywords are parted by semicolons."""

    vocabulary = VOCABULARY.split()

    def words(count: int) -> str:
        return " ".join(rng.choices(vocabulary, k=count))

    return {
        "title": f"{words(12).capitalize()} {number}",
        "authors": "; ".join(f"Müller{rng.randrange(9999)}, A.B." for _ in range(5)),
        "year": str(2000 + number % 24),
        "journal": f"Journal of {words(3)}",
        "volume": str(number % 99),
        "pages": f"{number % 900}-{number % 900 + 9}",
        "abstract": f"Background: {words(120)} (p < 0.05).",
        "keywords": "; ".join(words(2) for _ in range(8)),
        "doi": f"10.1000/x.{number}",
    }


def _lines(row: Record, tags: dict[str, str], mark: str) -> Iterator[str]:
    for name, tag in tags.items():
        for value in row[name].split("; ") if name in ("authors", "keywords") else [row[name]]:
            yield f"{tag}{mark}{value}\n"


def _tagged(first: str, last: str, mark: str, tags: str) -> Callable[[int, Record], str]:
    by_name = dict(zip(("title", "authors", "year", "journal", "volume", "abstract", "keywords", "doi"),
                       tags.split(","), strict=True))  # fmt: skip
    return lambda number, row: first.format(number + 1) + "".join(_lines(row, by_name, mark)) + last


def _bibtex(number: int, row: Record) -> str:
    names = {**row, "author": row["authors"].replace("; ", " and ")}
    fields = "".join(f"  {name} = {{{value}}},\n" for name, value in names.items() if name != "authors")
    return f"@article{{key{number},\n{fields}}}\n\n"


def _csv(number: int, row: Record) -> str:
    heading = ",".join(row) + "\n" if not number else ""
    return heading + ",".join(f'"{value}"' for value in row.values()) + "\n"


FORMATS: dict[str, Callable[[int, Record], str]] = {
    "RIS": _tagged("TY  - JOUR\n", "ER  - \n\n", "  - ", "TI,AU,PY,T2,VL,AB,KW,DO"),
    "MEDLINE": _tagged("PMID- {}\n", "\n", "- ", "TI  ,FAU ,DP  ,JT  ,VI  ,AB  ,OT  ,LID "),
    "Web of Science text": _tagged("PT J\n", "ER\n\n", " ", "TI,AU,PY,SO,VL,AB,DE,DI"),
    "EndNote tagged": _tagged("%0 Journal Article\n", "\n", " ", "%T,%A,%D,%J,%V,%X,%K,%R"),
    "BibTeX": _bibtex,
    "CSV": _csv,
    "JSON Lines": lambda _, row: json.dumps(row, ensure_ascii=False) + "\n",
}


def read_here(path: Path) -> None:
    """Read a file and print what it took, as JSON."""
    from screener.records import read_file

    begin, cpu = time.perf_counter(), time.process_time()
    file = read_file(path)
    print(json.dumps({"hits": len(file.hits), "s": time.perf_counter() - begin, "cpu": time.process_time() - cpu,
                      "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))  # fmt: skip


def main() -> None:
    """Write a file of each format, have it read, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--only", choices=FORMATS)
    parser.add_argument("--read", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.read:
        return read_here(arguments.read)
    missed = False
    print(f"{'format':20} {'MB':>6} {'s':>7} {'CPU s':>7} {'peak MB':>8}")
    with tempfile.TemporaryDirectory() as folder:
        for name in [arguments.only] if arguments.only else FORMATS:
            path, rng = Path(folder) / "export.txt", random.Random(1)
            with path.open("w", encoding="utf-8") as file:
                file.writelines(FORMATS[name](number, record(rng, number)) for number in range(arguments.records))
            command = [sys.executable, __file__, "--read", str(path)]
            environment = {**os.environ, "PYTHONPATH": str(ROOT)}
            took = json.loads(
                subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout
            )
            size = path.stat().st_size / 1e6
            print(f"{name:20} {size:6.0f} {took['s']:7.1f} {took['cpu']:7.1f} {took['mb']:8.0f}", flush=True)
            if took["hits"] != arguments.records:
                sys.exit(f"{name}: {took['hits']:,} of {arguments.records:,} records were read")
            slow = name == "RIS" and took["cpu"] > RIS_S * max(1.0, arguments.records / 100_000)
            missed |= slow or (took["mb"] > MEGABYTES and arguments.records <= 100_000)
    sys.exit(int(missed))


if __name__ == "__main__":
    main()
