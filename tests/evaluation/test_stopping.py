"""Stopping rules on a ranked queue: which records are its, in which order, and that what is said promises nothing."""

import json
from pathlib import Path

import pytest
from sqlalchemy import insert
from support import BroughtOnce, Cli

from screener.core.judgement import Decision, Judgement, Stage
from screener.evaluation.stopping import ranked_queue
from screener.ledger import tables as t
from screener.ledger.samples import Draw, SampleMember, add_sample
from screener.ledger.snapshot import Snapshot
from screener.ledger.store import Ledger, now

KEPT, ALL = 12, 300
NAMES = {f"r{n:03}" for n in range(ALL)}


def judge(ledger: Ledger, name: str, decision: Decision, *, reviewer: str = "anna", ordered: str = "ranked") -> None:
    body = Judgement(decision=decision, stated=True).model_dump_json(exclude_defaults=True)
    row = {"run_id": "", "record_id": name, "text_hash": "", "stage": "abstract", "reviewer": reviewer, "role": "human",
           "asked": "", "rule": "", "repeat": 0, "at": now(), "decision": decision.value, "probability": None,
           "body": body}  # fmt: skip
    with ledger.write() as connection:
        number = connection.execute(insert(t.judgements).returning(t.judgements.c.id), row).scalar_one()
        about = {"judgement_id": number, "protocol": "", "ordered": ordered, "blinded": "partly", "body": "{}"}
        connection.execute(insert(t.judgement_context), about)


@pytest.fixture
def queue(tmp_path: Path, cli: Cli, brought_once: BroughtOnce) -> Path:
    """300 records; ten of a random gold sample judged, two of them kept; then twelve kept and sixty excluded in a ranked order."""
    folder = tmp_path / "review"
    brought_once("queue", folder, lambda: judged(tmp_path, folder, cli))
    return folder


def judged(tmp_path: Path, folder: Path, cli: Cli) -> None:
    assert cli("init", folder).code == 0
    rows = tmp_path / "rows.jsonl"
    rows.write_text("".join(json.dumps({"id": f"r{n:03}", "title": f"Title number {n}"}) + "\n" for n in range(ALL)))
    assert cli("import", rows, "--review", folder).code == 0
    ledger = Ledger.of(folder / ".screener")
    sample = [f"r{n:03}" for n in range(200, 220)]
    add_sample(ledger, "gold", Stage.ABSTRACT, [SampleMember(name) for name in sample], Draw("s", "random", ALL, {}))
    for place, name in enumerate(sample[:10]):
        judge(ledger, name, Decision.INCLUDE if place < 2 else Decision.EXCLUDE)
    for number in range(KEPT):
        judge(ledger, f"r{number:03}", Decision.UNCLEAR if number % 2 else Decision.INCLUDE)
    for number in range(KEPT, KEPT + 60):
        judge(ledger, f"r{number:03}", Decision.EXCLUDE)


def test_the_queue_is_what_people_were_given_by_rank_and_the_sample_is_its_random_start(queue: Path) -> None:
    found = ranked_queue(Snapshot(Ledger.of(queue / ".screener")), Stage.ABSTRACT, NAMES)
    assert found is not None
    assert found.labels == (True,) * KEPT + (False,) * 60
    assert (found.total, found.random_n, found.random_relevant) == (ALL, 10, 2)


@pytest.mark.slow
def test_a_record_that_one_of_two_people_keeps_is_kept_at_its_first_place(queue: Path) -> None:
    ledger = Ledger.of(queue / ".screener")
    judge(ledger, "r015", Decision.INCLUDE, reviewer="ben")
    found = ranked_queue(Snapshot(ledger), Stage.ABSTRACT, NAMES)
    assert found is not None
    assert [place for place, kept in enumerate(found.labels) if kept] == [*range(KEPT), 15]


def test_records_that_the_stage_has_no_more_are_out_of_its_queue(queue: Path) -> None:
    left = {"r000", "r011", "r012", "r013", "r200", "r299"}
    found = ranked_queue(Snapshot(Ledger.of(queue / ".screener")), Stage.ABSTRACT, left)
    assert found is not None
    assert (found.labels, found.total, found.random_n) == ((True, True, False, False), 6, 1)
    assert len(found.as_json()["rules"]) == 2


def test_status_prints_what_the_rules_say_and_that_it_promises_nothing(queue: Path, cli: Cli) -> None:
    said = " ".join(cli("status", "--review", queue).out.split())
    assert "Ranked queue: 72 of 300 records screened in this order, 12 not excluded." in said
    assert said.count("Descriptive, no guarantee:") == 2
    assert "screener gold elusion --stage abstract" in said
    told = cli("status", "--review", queue, "--json").json["stages"]["abstract"]["ranked_queue"]
    assert cli("report", "--review", queue, "--json").json["stages"]["abstract"]["stopping"] == told
    buscar, safe = told["rules"]
    assert not safe["says_stop"]
    assert safe["conditions"]["A: none relevant among the last 50"]
    assert not safe["conditions"]["F: none relevant among the last 50 of another model"]
    # A thirteenth eligible record would put recall below 0.95. The chance that it is none of the last 60 screened, of
    # these and the 218 that are left (300 less 72 less the 10 of the random start):
    assert buscar["figure"] == pytest.approx(218 / 278)


def test_an_order_that_is_not_ranked_has_no_stopping_rule(tmp_path: Path, cli: Cli) -> None:
    folder = tmp_path / "review"
    assert cli("init", folder).code == 0
    rows = tmp_path / "rows.jsonl"
    rows.write_text('{"id": "a", "title": "A title"}\n')
    assert cli("import", rows, "--review", folder).code == 0
    ledger = Ledger.of(folder / ".screener")
    judge(ledger, "a", Decision.EXCLUDE, ordered="random")
    assert ranked_queue(Snapshot(ledger), Stage.ABSTRACT, {"a"}) is None
    assert "Ranked queue" not in cli("status", "--review", folder).out


def test_labels_of_a_ranked_queue_are_counted_apart_where_a_fit_learns_from_them(queue: Path) -> None:
    from screener.running.fitting import from_ranked_queue

    ledger = Ledger.of(queue / ".screener")
    judge(ledger, "r250", Decision.EXCLUDE, ordered="random")
    assert from_ranked_queue(ledger, Stage.ABSTRACT, {"r000", "r020", "r250", "r290"}) == 2
