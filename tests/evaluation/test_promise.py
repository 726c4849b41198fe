"""The promise of `evaluate --thresholds R --confidence C`: when it is made, when it is refused, and that it is kept."""

import csv
import hashlib
import json
import random
import re
from pathlib import Path

import pytest
from sqlalchemy import insert, select
from support import BroughtOnce, Cli

from screener.core.judgement import Decision, Judgement, Stage
from screener.gold.labels import load_gold
from screener.ledger import reads
from screener.ledger import tables as t
from screener.ledger.intake import add_files
from screener.ledger.judged import probabilities
from screener.ledger.store import Ledger, now
from screener.protocol.model import Review
from screener.records import read_file

CHOOSE = ("evaluate", "--stage", "abstract", "--thresholds", "0.9", "--confidence", "0.9")
RECORDS, LABELS = 900, 500


@pytest.fixture
def drawn(ecg: Path, brought_once: BroughtOnce) -> Path:
    """A review of 900 records judged by probability, 500 of them labelled by humans and drawn at random."""
    brought_once("drawn", ecg, lambda: judged_by_probability(ecg))
    return ecg


def judged_by_probability(ecg: Path) -> None:
    rng = random.Random(8)
    (ecg / "gold" / "records.csv").unlink()
    lines = [json.dumps({"id": f"r{n}", "title": f"record number {n} of many"}) for n in range(RECORDS)]
    (ecg / "made.jsonl").write_text("\n".join(lines) + "\n")
    ledger = Ledger.of(ecg / ".screener")
    add_files(ledger, [read_file(ecg / "made.jsonl")])
    review = Review(ecg)
    with ledger.read() as connection:
        hashes = {record.id: record.text_hash for record in reads.records(connection)}
    assert len(hashes) == RECORDS
    relevant = {f"r{n}": rng.random() < 0.35 for n in range(RECORDS)}
    specification = {"protocol": review.fingerprint(Stage.ABSTRACT, "embedded")}
    rows = []
    for name, is_relevant in relevant.items():
        p = min(0.99, max(0.01, rng.gauss(0.65 if is_relevant else 0.3, 0.15)))
        judgement = Judgement(decision=Decision.EXCLUDE if p < 0.1 else Decision.INCLUDE, probability=p, stated=True)
        rows.append(
            {"run_id": "run", "record_id": name, "text_hash": hashes[name], "stage": "abstract", "reviewer": "embedded",
             "role": "machine", "asked": "a", "rule": "r", "repeat": 0, "at": now(), "probability": p,
             "decision": judgement.decision.value, "body": judgement.model_dump_json(exclude_defaults=True)}
        )  # fmt: skip
    with ledger.write() as connection:
        connection.execute(
            insert(t.runs).values(id="run", at=now(), stage="abstract", reviewer="embedded",
                                  specification=json.dumps(specification))
        )  # fmt: skip
        connection.execute(insert(t.judgements), rows)
    ledger.close()
    with (ecg / "gold" / "abstract.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "decision"])
        for name in rng.sample(sorted(relevant), LABELS):
            writer.writerow([name, "include" if relevant[name] else "exclude"])
    (ecg / "gold" / "gold.yaml").write_text("name: made\nstatus: human\ndrawn: random\nsplit: {salt: made}\n")


def dev_of(review: Path) -> set[str]:
    gold = load_gold(Review(review), Stage.ABSTRACT)
    assert gold is not None
    return {name for name, half in gold.split.items() if half == "dev"}


def change(review: Path, old: str, new: str) -> None:
    path = review / "gold" / "gold.yaml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_a_promise_says_what_is_promised_for_what_and_on_what_conditions(drawn: Path, cli: Cli) -> None:
    found = cli(*CHOOSE, "--json").json
    promise = found["promise"]
    assert (found["method"], found["no_promise"], found["confidence"], found["looks"]) == (
        "learn-then-test",
        None,
        0.9,
        1,
    )
    assert promise["frame_size"] == RECORDS
    assert promise["lost"] <= promise["allowed"] < 0.1 * promise["positives"]
    assert f"{RECORDS - found['n']:,} records" in promise["sentence"]
    assert "drawn at random" in promise["sentence"]
    shown = " ".join(cli(*CHOOSE).out.split())
    assert f"Guarantee: {promise['sentence']}" in shown
    assert "optimistic" not in shown
    md = cli(*CHOOSE, "--format", "md").out
    assert "Guarantee: With 90 % one-sided confidence" in md
    assert "```yaml" in md


def test_nothing_is_promised_of_records_that_came_after_the_draw(drawn: Path, cli: Cli) -> None:
    labels = (drawn / "gold" / "abstract.csv").read_bytes()
    with (drawn / "gold" / "gold.yaml").open("a") as file:
        file.write(
            "locked:\n  abstract: {version: 1, sha256: " + hashlib.sha256(labels).hexdigest() + f", at: '{now()}', "
            f"drawn: random, drawn_at: '{now()}', frame: {RECORDS}, samples: [1], reviewers: [anna, ben], guide: g}}\n"
        )
    before = cli(*CHOOSE, "--json").json["promise"]
    assert before["frame_size"] == RECORDS
    (drawn / "late.csv").write_text("id,title\n" + "".join(f"late{n},Late hearts of group {n}\n" for n in range(9)))
    cli("import", "late.csv")
    with Ledger.of(drawn / ".screener").write() as connection:
        (old,) = connection.execute(select(t.judgements).limit(1)).mappings()
        kept = {key: value for key, value in old.items() if key != "id"}
        connection.execute(insert(t.judgements), [{**kept, "record_id": f"late{n}"} for n in range(9)])
    after = cli(*CHOOSE, "--json").json["promise"]
    assert after["frame_size"] == RECORDS
    assert after["sentence"] == before["sentence"].replace(
        "the records judged by embedded", "the records judged by embedded, but for 9 that came after the draw"
    )


def test_a_tested_threshold_is_more_careful_than_the_empirical_one(drawn: Path, cli: Cli) -> None:
    tested = cli(*CHOOSE, "--json").json
    empirical = cli(*CHOOSE[:-2], "--json").json
    assert empirical["method"] == "empirical"
    assert empirical["promise"] is None
    assert tested["until"]["exclude_below"] < empirical["until"]["exclude_below"]
    assert tested["until"]["include_above"] == 1, "it was not tested, so it is not chosen"
    looks = cli(*CHOOSE, "--looks", "5", "--json").json
    assert looks["promise"]["allowed"] < tested["promise"]["allowed"]
    assert "5 looks (Bonferroni)" in looks["promise"]["sentence"]


def refused(cli: Cli, says: str) -> None:
    found = cli(*CHOOSE, "--json").json
    assert found["promise"] is None
    assert says in found["no_promise"]
    shown = " ".join(cli(*CHOOSE).out.split())
    assert "DESCRIPTIVE, NO GUARANTEE" in shown
    assert "Guarantee: With" not in shown


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("drawn: random\n", "", "does not say `drawn: random`"),
        ("drawn: random", "drawn: chosen", "does not say `drawn: random`"),
        ("status: human", "status: provisional", "provisional"),
    ],
)
def test_labels_not_drawn_at_random_or_not_confirmed_promise_nothing(
    drawn: Path, cli: Cli, old: str, new: str, says: str
) -> None:
    change(drawn, old, new)
    refused(cli, says)
    assert cli(*CHOOSE, "--json").json["method"] == "empirical"


def test_a_reviewer_that_was_fitted_to_labels_gets_no_promise(drawn: Path, cli: Cli) -> None:
    ledger = Ledger.of(drawn / ".screener")
    with ledger.write() as connection:
        said = json.loads(connection.execute(t.runs.select()).mappings().one()["specification"])
        connection.execute(t.runs.update().values(specification=json.dumps(said | {"fit": "abc"})))
    refused(cli, "was fitted to labels")


def test_a_label_without_a_judgement_spoils_the_sample(drawn: Path, cli: Cli) -> None:
    with (drawn / "gold" / "abstract.csv").open("a") as file:
        file.write("".join(f"unknown-{n},include\n" for n in range(4)))
    refused(cli, "are without a judgement or a record")


def test_labels_that_contradict_each_other_after_a_merge_spoil_the_sample(drawn: Path, cli: Cli) -> None:
    gold = load_gold(Review(drawn), Stage.ABSTRACT)
    assert gold is not None
    dev = [label for label in gold.labels if gold.split[label.id] == "dev"]
    kept = next(label.id for label in dev if label.decision.kept)
    other = next(label.id for label in dev if not label.decision.kept)
    assert cli("dedup", "merge", kept, other).code == 0
    refused(cli, "2 labels of dev are left out because their records were merged with others that have another label")
    assert cli("dedup", "split", other).code == 0
    assert cli(*CHOOSE, "--json").json["promise"] is not None


def test_too_few_labels_promise_nothing_and_say_how_many_would(drawn: Path, cli: Cli) -> None:
    path = drawn / "gold" / "abstract.csv"
    path.write_text("\n".join(path.read_text().splitlines()[:60]) + "\n")
    found = cli(*CHOOSE, "--json").json
    assert (found["method"], found["until"], found["yaml"]) == ("learn-then-test", None, None)
    assert re.search(r"too few to promise recall 0\.9 .* at least 22 are needed", found["no_promise"])
    refused(cli, "too few")


def test_a_draw_that_nobody_knows_is_refused(drawn: Path, cli: Cli) -> None:
    change(drawn, "drawn: random", "drawn: ranked")
    done = cli(*CHOOSE)
    assert done.code == 2
    assert "gold.yaml" in done.err


def test_shares_of_labels_drawn_within_strata_are_estimates_and_promise_nothing(drawn: Path, cli: Cli) -> None:
    path = drawn / "gold" / "abstract.csv"
    with path.open() as file:
        labels = list(csv.DictReader(file))[:200]
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "decision", "weight", "stratum"])
        for place, row in enumerate(labels):
            writer.writerow([row["id"], row["decision"], *((7.5, "low") if place % 2 else (1.5, "high"))])
    change(drawn, "drawn: random", "drawn: stratified")
    found = cli(*CHOOSE, "--json").json
    assert (found["weighted"], found["promise"], found["method"]) == (True, None, "empirical")
    assert "drawn: stratified" in found["no_promise"]
    recall = found["recall_by_rule"]
    assert recall["low"] < recall["value"] < recall["high"]
    assert recall["value"] >= 0.9
    ledger = Ledger.of(drawn / ".screener")
    with ledger.read() as connection:
        probability = probabilities(connection, Stage.ABSTRACT, "embedded")
    ledger.close()
    eligible = {
        row["id"]: 7.5 if place % 2 else 1.5 for place, row in enumerate(labels) if row["decision"] == "include"
    }
    on_dev = {name: weight for name, weight in eligible.items() if name in dev_of(drawn)}
    spared = sum(weight for name, weight in on_dev.items() if probability[name] >= found["until"]["exclude_below"])
    assert recall["value"] == pytest.approx(spared / sum(on_dev.values()))
    told = " ".join(cli(*CHOOSE).out.split())
    assert "ESTIMATES: the labels were drawn within strata" in told
    assert "DESCRIPTIVE, NO GUARANTEE" in told
    assert f"recall estimated {recall['value']:.2f}" in told
