"""All figures of a 100,000-record review: seconds and peak memory of `screener evaluate` and `report`, through the real code.

A review with made-up records (titles, abstracts, years, sources, languages), human gold labels for all of them, and two
machine reviewers whose judgements (answers to every criterion with quotes, a probability) are written through the
ledger's own tables, as a run writes them. Then `evaluate` with --json, --by and --format md, `--compare`, and `report`,
each in a process of its own, with the whole half `test` as pairs; the report also has the flow of all records, both
reviewers against gold, and the two against each other.

Run: python tests/benchmarks/figures_scale.py [--records 100000] [--keep FOLDER]
Exit code 1 if a command takes 20 s or 1 GB, or more. CPU seconds are printed too: on a machine that does other things
they are what would be seen on a quiet one.
"""

import argparse
import contextlib
import csv
import io
import json
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path

from setting import ROOT, child, memory_mb

SECONDS, MEGABYTES = 20.0, 1000.0
EVALUATE = ("evaluate", "--stage", "abstract")
ONE = (*EVALUATE, "--reviewer", "one")
COMMANDS: dict[str, tuple[str, ...]] = {
    # The first enters the gold labels in the ledger, which happens once for each version of gold.
    "first evaluate (enters gold)": (*ONE, "--json"),
    "evaluate --json": (*ONE, "--json"),
    "evaluate --by year": (*ONE, "--by", "year"),
    "evaluate --by source --format md": (*ONE, "--by", "source", "--format", "md"),
    "evaluate --compare one two --json": (*EVALUATE, "--compare", "one", "two", "--json"),
    "report --json": ("report", "--json"),
}


def make(folder: Path, records: int) -> None:
    """The packaged protocol with two embedded reviewers, made-up records, gold for all, judgements by both."""
    from sqlalchemy import insert

    from screener.core.judgement import Answer, Decision, Evidence, Judgement, Stage, Value
    from screener.ledger import reads
    from screener.ledger import tables as t
    from screener.ledger.intake import add_files
    from screener.ledger.store import Ledger, now
    from screener.protocol.model import Review
    from screener.records import read_file

    shutil.copytree(ROOT / "prompts", folder / "prompts")
    (folder / "gold").mkdir()
    protocol = folder / "prompts" / "review.yaml"
    protocol.write_text(
        protocol.read_text().replace(
            "\nreviewers:\n", "\nreviewers:\n  one: {kind: embedded}\n  two: {kind: embedded}\n"
        )
    )
    rng = random.Random(5)
    words = ["".join(rng.choices("abcdefghilmnoprstuv", k=rng.randint(4, 10))) for _ in range(5_000)]
    years, languages = range(1995, 2026), ["English"] * 8 + ["Chinese", "German", ""]
    path = folder / "made-up.jsonl"
    with path.open("w", encoding="utf-8") as file:
        for number in range(records):
            abstract = ". ".join(" ".join(rng.choices(words, k=18)).capitalize() for _ in range(9)) + "."
            row = {"id": f"r{number:06d}", "title": f"{' '.join(rng.choices(words, k=12)).capitalize()} {number}",
                   "abstract": abstract if rng.random() > 0.1 else "", "year": rng.choice(years),
                   "language": rng.choice(languages)}  # fmt: skip
            file.write(json.dumps(row) + "\n")
    ledger = Ledger.of(folder / ".screener")
    add_files(ledger, [read_file(path)])
    review = Review(folder)
    criteria = [criterion.id for criterion in review.stage(Stage.ABSTRACT).criteria]
    (folder / "gold" / "gold.yaml").write_text(
        "name: made-up\nstatus: human\ndrawn: random\nsplit: {salt: made-up}\n", encoding="utf-8"
    )
    with (folder / "gold" / "abstract.csv").open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(["id", *criteria, "decision"])
        gold = []
        for number in range(records):
            relevant = rng.random() < 0.05
            failing = None if relevant else rng.choice(criteria)
            gold.append(failing)
            writer.writerow([f"r{number:06d}", *("no" if name == failing else "yes" for name in criteria),
                             "include" if relevant else "exclude"])  # fmt: skip
    with ledger.read() as connection:
        texts = {record.id: (record.text_hash, record.title) for record in reads.records(connection)}
    for reviewer, skill in (("one", 2.5), ("two", 1.8)):
        with ledger.write() as connection:
            said = {"protocol": review.fingerprint(Stage.ABSTRACT, reviewer), "kind": "embedded"}
            connection.execute(
                insert(t.runs).values(id=f"run-{reviewer}", at=now(), stage="abstract", reviewer=reviewer,
                                      specification=json.dumps(said))
            )  # fmt: skip
            rows = []
            for number, failing in enumerate(gold):
                name = f"r{number:06d}"
                hash_, title = texts[name]
                z = rng.gauss(skill if failing is None else 0.0, 1.0)
                excluded = z < 0.8
                quote = Evidence(quote=title[:40], document="title", start=0, end=len(title[:40]))
                answers = {one: Answer(value=Value.NO if excluded and one == (failing or criteria[1]) else Value.YES,
                                       reason="as the title says", probability=0.5, evidence=(quote,))
                           for one in criteria}  # fmt: skip
                decision = Decision.EXCLUDE if excluded else Decision.INCLUDE
                probability = min(0.999, max(0.001, 0.5 + z / 8))
                judgement = Judgement(decision=decision, answers=answers, probability=probability)
                rows.append(
                    {"run_id": f"run-{reviewer}", "record_id": name, "text_hash": hash_, "stage": "abstract",
                     "reviewer": reviewer, "role": "machine", "asked": f"asked-{reviewer}", "rule": "rule", "repeat": 0,
                     "at": now(), "decision": decision.value, "probability": probability,
                     "body": judgement.model_dump_json(exclude_defaults=True)}
                )  # fmt: skip
            connection.execute(insert(t.judgements), rows)
    ledger.close()


def measure(folder: str, verb: str, *arguments: str) -> None:
    """One command in this process; prints what it took."""
    from screener.cli.main import main

    start, said = time.perf_counter(), io.StringIO()
    sys.argv = ["screener", verb, "--review", folder, *arguments]
    with contextlib.redirect_stdout(said), contextlib.suppress(SystemExit):
        main()
    took = {"seconds": time.perf_counter() - start, "cpu": time.process_time()}
    print(json.dumps({**took, "mb": memory_mb("VmHWM"), "printed": len(said.getvalue())}))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--keep", type=Path, help="make the review here, or use the one that is here already")
    chosen = parser.parse_args()
    missed = False
    with tempfile.TemporaryDirectory() as temporary:
        folder = chosen.keep or Path(temporary) / "review"
        if not folder.is_dir():
            folder.mkdir(parents=True)
            make(folder, chosen.records)
        print("| command | seconds | CPU seconds | peak MB | target |\n| :--- | ---: | ---: | ---: | :--- |")
        for name, arguments in COMMANDS.items():
            found = child(folder, *arguments)
            if found["printed"] < 1000:
                raise RuntimeError(f"{name} printed {found['printed']} characters")
            kept = found["seconds"] < SECONDS and found["mb"] < MEGABYTES
            missed |= not kept
            print(
                f"| {name} | {found['seconds']:.1f} | {found['cpu']:.1f} | {found['mb']:.0f} | {'kept' if kept else 'MISSED'} |",
                flush=True,
            )
    return 1 if missed else 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        measure(*sys.argv[2:])
    else:
        sys.exit(main())
