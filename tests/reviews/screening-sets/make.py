"""Makes the four reviews of the experiment, and the packs of requests that a reader answers.

    python tests/reviews/screening-sets/make.py VERSION FOLDER [--graded] [--packs FOLDER] [--dev-only] [--data FOLDER]

VERSION is a folder beside this file with a protocol for each set and the prompt (`before`). FOLDER gets a review folder for
each set: the protocol, the drawn records with their labels as gold, a ledger, and `requests.jsonl` as `screener batch export`
wrote it. `--packs` gets the same requests without labels, cut into packs. With `--dev-only` the gold has no label of `test`:
for whoever changes the wording. With `--graded` the reader is asked for graded answers, by the prompt in `graded/`. The sets
are read from `../shared/data/screening` and nothing of them is part of the project.
"""

import argparse
import csv
import hashlib
import json
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
SALT = "screening-sets-1"
EXCLUSIONS = 50
"""How many finally excluded records are drawn for each half."""
IN_PACK, IN_FILE = 80, 40


@dataclass(frozen=True)
class LabelledSet:
    """One set: the name of its protocol and review folder, its file, and whom to credit."""

    name: str
    file: str
    credit: str


SETS = (
    LabelledSet(
        "nagtegaal-2019",
        "Nagtegaal_2019.csv",
        "Nagtegaal, Tummers, Noordegraaf and Bekkers (2019), in the form of asreview/systematic-review-datasets; CC-BY 4.0",
    ),
    LabelledSet("slr-on-tcp", "SLR_on_TCP.csv", "fastread/SLR_on_TCP"),
    LabelledSet(
        "cohen-2006-triptans",
        "Cohen_2006_Triptans.csv",
        "Cohen, Hersh, Peterson and Yen (2006), in the form of asreview/systematic-review-datasets",
    ),
    LabelledSet(
        "cohen-2006-proton-pump-inhibitors",
        "Cohen_2006_ProtonPumpInhibitors.csv",
        "Cohen, Hersh, Peterson and Yen (2006), in the form of asreview/systematic-review-datasets",
    ),
)


@dataclass(frozen=True)
class Drawn:
    """A drawn record: its row, the half it was drawn into, and how many records its part was drawn from."""

    row: dict[str, str]
    half: str

    @property
    def id(self) -> str:
        return self.row["record_id"]

    @property
    def included(self) -> bool:
        return self.row["label_included"] == "1"


def draw(rows: Sequence[dict[str, str]], name: str) -> list[Drawn]:
    """Return the records of the experiment, in an order that says nothing. `rows` have a title or an abstract each.

    All final inclusions: in the order of the salted SHA-256 of their ids the first half is `dev`, the rest `test`. Of the
    final exclusions those that come first in the order of another salt: `test`, then `dev`. The order of the result is
    that of a third salt.
    """

    def ordered(some: Sequence[dict[str, str]], what: str) -> list[dict[str, str]]:
        return sorted(some, key=lambda row: _hash(f"{SALT}:{name}:{what}:{row['record_id']}"))

    included = ordered([row for row in rows if row["label_included"] == "1"], "half")
    excluded = ordered([row for row in rows if row["label_included"] == "0"], "draw")
    middle = len(included) // 2
    half_of = {row["record_id"]: "dev" for row in (*included[:middle], *excluded[EXCLUSIONS : 2 * EXCLUSIONS])}
    half_of |= {row["record_id"]: "test" for row in (*included[middle:], *excluded[:EXCLUSIONS])}
    chosen = [row for row in rows if row["record_id"] in half_of]
    return [Drawn(row, half_of[row["record_id"]]) for row in ordered(chosen, "order")]


def labels(drawn: Sequence[Drawn], exclusions: int) -> list[dict[str, str]]:
    """Return the rows of `gold/abstract.csv`: the title/abstract decision, the final one, and 1/chance within the half.

    `exclusions` is how many final exclusions there were to draw from.
    """
    there = {True: sum(each.included for each in drawn), False: exclusions}
    taken = Counter((each.half, each.included) for each in drawn)
    decisions = {"1": "include", "0": "exclude"}
    return [
        {
            "id": each.id,
            "decision": decisions[each.row["label_abstract_screening"]],
            "final_decision": decisions[each.row["label_included"]],
            "split": each.half,
            "weight": f"{there[each.included] / taken[each.half, each.included]:.6g}",
            "stratum": "finally included" if each.included else "finally excluded",
        }
        for each in drawn
    ]


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def asks_for_grades(protocol: str) -> str:
    """Return the text of a protocol with graded answers asked of its reader, and nothing else changed."""
    before, reader, after = protocol.partition('{kind: chat, model: "openai:blind-reader"')
    if not reader:
        raise SystemExit("the protocol has no reader to ask for graded answers")
    return f"{before}{reader}, answers: graded{after}"


def make_review(one: LabelledSet, data: Path, folder: Path, options: argparse.Namespace) -> list[dict[str, Any]]:
    """Write a review folder and return its requests, in another order than they were exported in."""
    with (data / one.file).open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["title"].strip() or row["abstract"].strip()]
    drawn = draw(rows, one.name)
    (folder / "prompts").mkdir(parents=True)
    (folder / "gold").mkdir()
    protocol = (HERE / options.version / f"{one.name}.yaml").read_text(encoding="utf-8")
    protocol = asks_for_grades(protocol) if options.graded else protocol
    (folder / "prompts" / "review.yaml").write_text(protocol, encoding="utf-8")
    prompt = HERE / ("graded" if options.graded else options.version) / "abstract.md"
    shutil.copyfile(prompt, folder / "prompts" / "abstract.md")
    about: dict[str, Any] = {"name": one.name, "status": "human", "level": "abstract", "drawn": "stratified"}
    about |= {"split": {"salt": SALT}, "attribution": one.credit}
    (folder / "gold" / "gold.yaml").write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")
    columns = ("title", "abstract", "year", "doi")
    _write(folder / "gold" / "records.csv", [{"id": d.id} | {name: d.row[name] for name in columns} for d in drawn])
    requests = folder / "requests.jsonl"
    screener("batch", "export", "--stage", "abstract", "--reviewer", "reader", "-o", requests, review=folder)
    drawn, merged = _merged(drawn, folder)
    gold = labels(drawn, sum(row["label_included"] == "0" for row in rows))
    _write(folder / "gold" / "abstract.csv", [row for row in gold if row["split"] == "dev" or not options.dev_only])
    lines = [json.loads(line) for line in requests.read_text(encoding="utf-8").split("\n") if line]
    if len(lines) != len(drawn):
        raise SystemExit(f"{one.name}: {len(drawn)} records, but {len(lines)} requests")
    taken = Counter((each.half, "included" if each.included else "excluded") for each in drawn)
    parts = ", ".join(f"{half} {taken[half, 'included']} + {taken[half, 'excluded']}" for half in ("dev", "test"))
    print(f"{one.name}: {len(lines)} requests; finally included + excluded: {parts}; {merged} rows merged with another")
    return sorted(lines, key=lambda line: _hash(f"{SALT}:{line['custom_id']}"))


def _merged(drawn: Sequence[Drawn], folder: Path) -> tuple[list[Drawn], int]:
    """Leave out rows that the program merged into another one: a work is asked about, and counted, once."""
    links = json.loads(screener("dedup", "list", "--kind", "duplicate", "--all", "--json", review=folder))["links"]
    record = {link[side]: link["record_a"] for link in links for side in ("a", "b")}
    included = {each.id: each.included for each in drawn}
    if differ := [name for name, other in record.items() if included[name] != included[other]]:
        raise SystemExit(f"{folder}: {', '.join(differ)}: merged with a record that has another final decision")
    kept = [each for each in drawn if record.get(each.id, each.id) == each.id]
    return kept, len(drawn) - len(kept)


def _write(path: Path, rows: Sequence[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def screener(*arguments: object, review: Path) -> str:
    """Run the program of this repository on a review folder, and return what it prints; stop where it fails."""
    code = "import sys; from screener.cli.main import main; sys.exit(main())"
    command = [sys.executable, "-c", code, *map(str, arguments), "--review", str(review)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    if done.returncode:
        raise SystemExit(f"{review}: screener {' '.join(map(str, arguments))}\n{done.stdout}{done.stderr}")
    return done.stdout


# -- packs ------------------------------------------------------------------------------------------------------------

HOW = """# How to answer

You judge {n} records, in {files}. Below are the instructions and the form of an answer; both hold for every record.
Answer each record from its own text only, on its own: not from what you know of the paper, and not by comparing it with
other records. Read nothing outside this folder.

Each record begins with a line `##### ID`; what follows up to the next such line is the request about that record.
Write `answers.jsonl` into this folder, one line of JSON for each record:

    {{"custom_id": "ID", "answer": {{…}}}}

`answer` fits the JSON Schema below, its keys in that order.

# Instructions

{system}

# JSON Schema of an answer

```json
{schema}
```
"""


def cut(requests: Sequence[dict[str, Any]], review: str, folder: Path, first: int) -> dict[str, Any]:
    """Write the packs of one review, numbered from `first`, and return what `collect.py` must know of each."""
    (system,) = {request["body"]["messages"][0]["content"] for request in requests}
    (schema,) = {json.dumps(request["body"]["response_format"]["json_schema"]["schema"]) for request in requests}
    known = {}
    for number, part in enumerate(evenly(requests, IN_PACK), start=first):
        pack = folder / f"PACK-{number}"
        pack.mkdir(parents=True)
        files = evenly(part, IN_FILE)
        for place, some in enumerate(files, start=1):
            texts = [f"##### {request['custom_id']}\n\n{_user(request)}\n" for request in some]
            (pack / f"records-{place}.md").write_text("\n".join(texts), encoding="utf-8")
        names = " and ".join(f"`records-{place}.md`" for place in range(1, len(files) + 1))
        (pack / "instructions.md").write_text(
            HOW.format(n=len(part), files=names, system=system.strip(), schema=schema), encoding="utf-8"
        )
        ids = [request["custom_id"] for request in part]
        known[pack.name] = {"review": review, "ids": ids, "schema": json.loads(schema)}
    return known


def _user(request: dict[str, Any]) -> str:
    roles = [message["role"] for message in request["body"]["messages"]]
    if roles != ["system", "user"]:
        raise SystemExit(f"a request has the messages {', '.join(roles)}, not one of the system and one of the user")
    return str(request["body"]["messages"][1]["content"]).strip()


def evenly(items: Sequence[Any], most: int) -> list[Sequence[Any]]:
    """Return the items in as few parts of at most `most` as it takes, of sizes that differ by one at most."""
    parts = -(-len(items) // most)
    ends = [round(len(items) * part / parts) for part in range(parts + 1)]
    return [items[start:end] for start, end in pairwise(ends)]


def main() -> None:
    """Run the program."""
    parser = argparse.ArgumentParser(description="Make the reviews of the experiment, and packs of their requests.")
    parser.add_argument("version")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--graded", action="store_true")
    parser.add_argument("--packs", type=Path)
    parser.add_argument("--dev-only", action="store_true")
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data" / "screening")
    options = parser.parse_args()
    known: dict[str, Any] = {}
    for one in SETS:
        folder = options.folder / one.name
        requests = make_review(one, options.data, folder.resolve(), options)
        if options.packs:
            known |= cut(requests, one.name, options.packs, len(known) + 1)
    if options.packs:
        (options.packs / "packs.json").write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")
        shutil.copyfile(HERE / "collect.py", options.packs / "collect.py")


if __name__ == "__main__":
    main()
