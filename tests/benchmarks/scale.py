"""A review from import to report at three sizes: seconds, CPU seconds and peak memory of each step, and how they grow.

Made-up records (as `import_scale.py` makes them, a tenth twice or more) are imported, 100,000 rows a command. Then: the list of
duplicates; a gold sample that two people label and a third settles, through files; gold locked; the embedded reviewer and a chat
model at a fake server on samples; judgements of a machine for every record, made up and entered as a run enters them;
`evaluate` with three listings, `status`, an export and the report. Each step is a process of its own, the program's command
wherever there is one. Memory is that of the step's whole process tree.

Run: python tests/benchmarks/scale.py [--records 10000 100000] [--keep FOLDER] [--pdfs 1000]
1 is linear growth; the samples are equally large at each size, so that their steps grow only by what the size of the review
costs. `--pdfs` parses so many generated PDFs with one worker and with two. Exit code 1 if a mark is missed: at 1,000,000
records import and duplicates together under 15 minutes and 4 GB, the report under 3 minutes and 2 GB.
"""

import argparse
import csv
import json
import math
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from import_scale import A_COMMAND, make_pair, words
from setting import KEY, ROOT

PROGRAM = "from screener.cli.main import main; main()"
SAMPLE, CHAT_SAMPLE, GOLD, EVERY_S = 200, 500, 400, 0.05
MARKED = 1_000_000
IMPORT_S, IMPORT_MB, REPORT_S, REPORT_MB = 900.0, 4_000.0, 180.0, 2_000.0
PAPERS_FASTER = 1.7
TOPIC = sorted(words(random.Random(0)))[1000:1004]
"""Made-up words that a record must have one of to be eligible: about a tenth of the records do."""
PROTOCOL = """\
title: Made-up records
questions: ["Which records are about the topic?"]
stages:
  abstract:
    question: Is the record about the topic?
    template: abstract.md
    criteria:
      - {{id: topic, question: "Is it about {words}?", met_when: "It names one of them.", not_met_when: "It names none.",
         silence: "no", cues: {{supports: [{words}]}}}}
      - {{id: years, kind: rule, question: "Was it published in the years of the search?", years: [1995, 2025]}}
    decided_by: {{humans: 2, machine: whole}}
    show_machine: never
reviewers:
  embedded: {{kind: embedded}}
  whole: {{kind: embedded}}
  gpt: {{kind: chat, model: "openai:gpt-5-mini", base_url: "{url}", api_key_env: {key}, price: {{input: 1.0, output: 2.0}}}}
"""


class Step(NamedTuple):
    """What a step took: seconds, CPU seconds, and the peak memory of its process tree in MB."""

    seconds: float
    cpu: float
    megabytes: float

    def and_then(self, other: "Step") -> "Step":
        """Return both, one after the other."""
        return Step(self.seconds + other.seconds, self.cpu + other.cpu, max(self.megabytes, other.megabytes))

    def __str__(self) -> str:
        """Show the three figures."""
        return f"{self.seconds:9.2f} s, CPU {self.cpu:9.2f} s, {self.megabytes:6,.0f} MB"


def tree(pid: int) -> Iterator[int]:
    """Yield a process and all below it."""
    yield pid
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield from tree(int(child))


def resident_mb(pid: int) -> float:
    """Return what a process holds in memory now: shared pages count in each process that has them."""
    with suppress(OSError, IndexError):
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    return 0.0


def measured(command: list[str], folder: Path, output: Path | None = None) -> Step:
    """Run a process, and return what it and those below it took."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "SCREENER_CACHE": str(folder / "cache")}
    peak, begun = 0.0, time.perf_counter()
    with (output or Path(os.devnull)).open("wb") as out:
        process = subprocess.Popen(command, cwd=folder, stdout=out, stderr=out, env=environment)
        over = threading.Event()

        def look() -> None:
            nonlocal peak
            while not over.wait(EVERY_S):
                peak = max(peak, sum(resident_mb(one) for one in tree(process.pid)))

        watcher = threading.Thread(target=look)
        watcher.start()
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begun
        over.set()
        watcher.join()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{command} ended with {process.returncode}")
    # ru_maxrss is exact, but of one process: what was between two looks at the tree is in it.
    return Step(seconds, used.ru_utime + used.ru_stime, max(peak, used.ru_maxrss * 1024 / 1e6))


class Steps:
    """The steps of one review, in order; each is printed as it ends."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.review, self.taken = folder, folder / "review", dict[str, Step]()

    def take(self, name: str, step: Step) -> None:
        """Add to what the steps of that name took."""
        self.taken[name] = self.taken[name].and_then(step) if name in self.taken else step
        print(f"    {name:34} {step}", flush=True)

    def screener(self, name: str, *arguments: object, output: Path | None = None) -> None:
        """Run the program with these arguments as a step of that name."""
        command = [sys.executable, "-c", PROGRAM, *map(str, arguments), "--review", str(self.review)]
        self.take(name, measured(command, self.folder, output))

    def own(self, name: str, function: str) -> None:
        """Run one of this file's functions on the review, in a process of its own, as a step of that name."""
        self.take(name, measured([sys.executable, __file__, "--child", function, str(self.review)], self.folder))


def eligible(title: str, abstract: str) -> bool:
    """Return what the made-up people hold to be true of a record."""
    return not set(f"{title} {abstract}".lower().replace(".", "").split()).isdisjoint(TOPIC)


def import_all(steps: Steps, records: int) -> None:
    """Make the review, and import so many rows."""
    for pair, begin in enumerate(range(0, records, A_COMMAND)):
        files = make_pair(steps.folder, pair, min(A_COMMAND, records - begin))
        steps.screener("import", "import", *files)
        for file in files:
            file.unlink()
    steps.screener("import of three more rows", "import", steps.folder / "three.ris")


def people_decide(steps: Steps) -> None:
    """Draw gold, have two people label it and a third settle what they differ on, and lock it."""
    steps.screener("gold sample", "gold", "sample", "--stage", "abstract", "--n", GOLD, "--seed", "scale")
    write_labels(steps.folder)
    for name in ("anna", "ben", "zoe:adjudicator"):
        file = steps.folder / f"{name.partition(':')[0]}.csv"
        steps.screener("label (3 files)", "label", file, "--stage", "abstract", "--reviewer", name)
    steps.screener("gold lock", "gold", "lock", "--stage", "abstract")


def write_labels(folder: Path) -> None:
    """Write what two people and an adjudicator decide on the gold sample; each person errs on one record of twenty."""
    with sqlite3.connect(folder / "review" / ".screener" / "ledger.db") as ledger:
        query = "SELECT r.id, r.body FROM sample_members m JOIN records r ON r.id = m.record_id WHERE m.counts"
        texts = [(name, json.loads(body)) for name, body in ledger.execute(query)]
    true = {name: eligible(body["title"], body.get("abstract", "")) for name, body in texts}
    rng, said = random.Random(3), dict[str, dict[str, bool]]()
    for person in ("anna", "ben"):
        said[person] = {name: yes != (rng.random() < 0.05) for name, yes in true.items()}
    said["zoe"] = {name: yes for name, yes in true.items() if said["anna"][name] != said["ben"][name]}
    for person, decisions in said.items():
        with (folder / f"{person}.csv").open("w", newline="", encoding="utf-8") as file:
            rows = [(name, "include" if yes else "exclude") for name, yes in decisions.items()]
            csv.writer(file).writerows([("id", "decision"), *rows])


def judge_all(folder: Path) -> None:
    """Enter a judgement of the machine `whole` on every record: an answer to each criterion with a quote, a probability."""
    from screener.core.judgement import Answer, Decision, Evidence, Judgement, Stage, Value
    from screener.ledger.judgements import NewJudgement, add_judgements
    from screener.ledger.runs import add_run
    from screener.ledger.store import Ledger
    from screener.protocol.model import Review
    from screener.stages import keep_standings

    review, ledger, rng = Review(folder), Ledger.of(folder / ".screener"), random.Random(5)
    keep_standings(ledger, review)

    def judged(name: str, text_hash: str, body: dict[str, Any]) -> NewJudgement:
        title = body["title"]
        yes = eligible(title, body.get("abstract", "")) != (rng.random() < 0.03)
        quote = Evidence(quote=title[:40], document="title", start=0, end=len(title[:40]))
        answer = Answer(value=Value.YES if yes else Value.NO, reason="as the title says", evidence=(quote,))
        judgement = Judgement(
            decision=Decision.INCLUDE if yes else Decision.EXCLUDE,
            answers={"topic": answer, "years": Answer(value=Value.YES, reason="of these years")},
            probability=min(0.999, max(0.001, rng.gauss(0.7 if yes else 0.3, 0.15))),
        )
        return NewJudgement(
            name, text_hash, Stage.ABSTRACT, "whole", "machine", judgement, "run-whole", "asked", "rule"
        )

    with ledger.write() as connection:
        said = {"protocol": review.fingerprint(Stage.ABSTRACT, "whole"), "kind": "embedded"}
        add_run(connection, "run-whole", Stage.ABSTRACT, "whole", said)
    with sqlite3.connect(folder / ".screener" / "ledger.db") as rows:
        found = rows.execute("SELECT id, text_hash, body FROM records")
        while some := found.fetchmany(2_000):
            texts = [(name, text_hash, json.loads(body)) for name, text_hash, body in some]
            with ledger.write() as connection:
                add_judgements(connection, [judged(name, *rest) for name, *rest in texts])
    ledger.close()


def all_steps(folder: Path, records: int, url: str) -> dict[str, Step]:
    """Return what each step of a review with so many rows takes."""
    steps = Steps(folder)
    measured([sys.executable, "-c", PROGRAM, "init", str(steps.review)], folder)
    protocol = PROTOCOL.format(words=", ".join(TOPIC), url=url, key=KEY)
    (steps.review / "prompts" / "review.yaml").write_text(protocol, encoding="utf-8")
    import_all(steps, records)
    steps.screener("dedup list", "dedup", "list")
    steps.screener("dedup list --json", "dedup", "list", "--json", output=folder / "links.json")
    people_decide(steps)
    run = ("run", "--stage", "abstract", "--reviewer")
    steps.screener(f"run embedded on {SAMPLE}", *run, "embedded", "--limit", SAMPLE)
    steps.screener(f"run chat on {CHAT_SAMPLE}", *run, "gpt", "--limit", CHAT_SAMPLE, "--concurrency", 64)
    steps.own("judgements of all, entered", "judge_all")
    evaluate = ("evaluate", "--stage", "abstract")
    steps.screener("evaluate (enters gold)", *evaluate)
    steps.screener("evaluate", *evaluate)
    steps.screener("evaluate --by source", *evaluate, "--by", "source")
    steps.screener("status, first", "status")
    steps.screener("status", "status")
    steps.screener("export --format csv", "export", "--format", "csv", "-o", folder / "table.csv")
    steps.screener("report", "report", "-o", folder / "report.html")
    size = sum(file.stat().st_size for file in (steps.review / ".screener").rglob("*") if file.is_file())
    print(f"    {size / 1e6:,.0f} MB of ledger, page of {(folder / 'report.html').stat().st_size / 1e6:.2f} MB")
    return steps.taken


def make_papers(folder: Path, count: int) -> None:
    """Write PDFs of six pages in two columns, each with a title and a DOI, and a table of their records."""
    from support.documents import LEFT, LOREM, SECOND, draw, heading, lines

    rng, vocabulary = random.Random(11), words(random.Random(0))
    rows = [("id", "title", "doi", "year")]
    for number in range(count):
        title = " ".join(rng.choices(vocabulary, k=9)).capitalize()
        rows.append((f"p{number:05d}", title, f"10.9999/paper.{number:05d}", "2020"))

        def front(canvas: Any, title: str = title, doi: str = rows[-1][2]) -> None:
            top = lines(canvas, [f"https://doi.org/{doi}"], LEFT, heading(canvas, title, LEFT, 50, 14) + 4)
            columns(canvas, top + 10)

        def columns(canvas: Any, top: float = 50) -> None:
            for left in (LEFT, SECOND):
                place = heading(canvas, " ".join(rng.choices(vocabulary, k=3)).title(), left, top)
                texts = [" ".join(rng.choices(vocabulary, k=6)) for _ in range(40)]
                lines(canvas, [*LOREM, *texts], left, place)

        draw(folder / f"paper-{number:05d}.pdf", front, *[columns] * 5)
    with (folder.parent / "papers.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)


def parse(folder: Path, count: str) -> None:
    """Parse all PDFs of a folder with so many workers."""
    from screener.documents import Document, Workers

    with Workers(int(count)) as workers:
        files = sorted(folder.glob("*.pdf"))
        pages = sum(len(one.pages) for _, one in workers.parse_all(files) if isinstance(one, Document))
    if pages != 6 * len(files):
        raise RuntimeError(f"{pages} pages of {len(files)} files")


def papers(folder: Path, count: int) -> bool:
    """Print what PDFs take with one worker and with two, and to import them; return whether two are slower than they should be."""
    (folder / "papers").mkdir()
    make_papers(folder / "papers", count)
    taken = {}
    for workers in (1, 2):
        command = [sys.executable, __file__, "--child", "parse", str(folder / "papers"), str(workers)]
        taken[workers] = measured(command, folder)
        print(f"    {count:,} PDFs, {workers} worker{'s' * (workers > 1):17} {taken[workers]}", flush=True)
    steps = Steps(folder)
    measured([sys.executable, "-c", PROGRAM, "init", str(steps.review)], folder)
    steps.screener("import of their records", "import", folder / "papers.csv")
    steps.screener("import --pdfs (two workers)", "import", "--pdfs", folder / "papers")
    faster = taken[1].seconds / taken[2].seconds
    print(f"    two workers are {faster:.2f} times as fast as one (at least {PAPERS_FASTER})")
    return faster < PAPERS_FASTER


def growth(taken: dict[int, dict[str, Step]]) -> None:
    """Print every step for each size, with the exponents of its CPU seconds and its memory between neighbouring sizes."""
    sizes = sorted(taken)
    print("| step | " + " | ".join(f"{size:,}" for size in sizes) + " | CPU, n^ | memory, n^ |")
    print("| :--- |" + " ---: |" * (len(sizes) + 2))
    for name in taken[sizes[0]]:
        steps = [taken[size][name] for size in sizes]
        cells = [f"{step.seconds:.1f} s, {step.cpu:.1f} s, {step.megabytes:,.0f} MB" for step in steps]
        pairs = list(zip(sizes, steps, sizes[1:], steps[1:], strict=False))
        exponents = [
            ", ".join(f"{math.log(after[part] / before[part]) / math.log(more / few):.2f}" for few, before, more, after in pairs)
            for part in (1, 2)
        ]  # fmt: skip
        print(f"| {name} | " + " | ".join([*cells, *exponents]) + " |")


def missed(taken: dict[str, Step]) -> list[str]:
    """Return which marks are missed with so many records as they are set for."""
    found = taken["import"].and_then(taken["import of three more rows"]).and_then(taken["dedup list"])
    marks = [("import and duplicates", found, IMPORT_S, IMPORT_MB), ("report", taken["report"], REPORT_S, REPORT_MB)]
    return [
        f"{name}: {step}" for name, step, seconds, most in marks if step.seconds >= seconds or step.megabytes >= most
    ]


def main() -> int:
    """Print each step for each size and how they grow; return 1 if a mark is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, nargs="*", default=[10_000, 100_000])
    parser.add_argument("--pdfs", type=int, default=0)
    parser.add_argument("--keep", type=Path, help="keep the reviews in this folder")
    parser.add_argument("--child", nargs="+", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        functions: dict[str, Callable[..., None]] = {"judge_all": judge_all, "parse": parse}
        functions[given.child[0]](Path(given.child[1]), *given.child[2:])
        return 0
    from servers import openai_server

    wrong, taken = [], dict[int, dict[str, Step]]()
    with tempfile.TemporaryDirectory() as temporary, openai_server({"latency_s": 0.05}) as server:
        for name, count in [*((f"{size:,} records", size) for size in sorted(given.records)), ("papers", 0)]:
            folder = (given.keep or Path(temporary)) / name.split()[0].replace(",", "")
            if not count and not given.pdfs:
                continue
            print(f"{name}; load {os.getloadavg()[0]:.1f}", flush=True)
            folder.mkdir(parents=True)
            if count:
                taken[count] = all_steps(folder, count, server.base_url)
                wrong += missed(taken[count]) if count == MARKED else []
            elif papers(folder, given.pdfs):
                wrong.append("PDFs with two workers")
            if not given.keep:
                shutil.rmtree(folder)
    if taken:
        growth(taken)
    print(f"missed: {'; '.join(wrong)}" if wrong else "within all marks")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
