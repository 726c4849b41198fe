"""For records that came after gold was drawn a machine only suggests, until it has passed on a sample of each update."""

from pathlib import Path
from typing import Any

import pytest
from support import Cli
from support.gold import ALL, drawn, gate, locked, said

from screener.adjudication import queue
from screener.core.errors import BadInput
from screener.core.judgement import Decision, Judgement, Stage
from screener.evaluation.gate_bounds import lower_bound, positives_needed
from screener.gold import draw_update
from screener.ledger import Ledger
from screener.protocol.model import Gate, Review

pytestmark = pytest.mark.slow

NEW = [f"n{n:02}" for n in range(60)]
"""The update: the first 45 are new enough for the machine, the others too old."""


def row(name: str, year: int, more: str = "") -> str:
    return f"{name},Hearts of the ward number {name[1:]} and what they do at night{more},{year}\n"


@pytest.fixture
def gold(review: Path, cli: Cli) -> Path:
    """All 90 records labelled and locked as test gold, the gate open, and 60 records that came later and were judged."""
    names = drawn(cli, ALL)
    for who in ("anna", "ben"):
        said(cli, who, names)
    locked(cli, "--test-share", "1")
    assert gate(cli)["updates"] == []
    (review / "later.csv").write_text(
        "id,title,year\n" + "".join(row(name, 2020 if n < 45 else 2001) for n, name in enumerate(NEW))
    )
    assert cli("import", "later.csv", "--source", "Later").code == 0
    assert cli("run", "--stage", "abstract").code == 0
    return review


def standings(cli: Cli) -> dict[str, str]:
    rows = cli("export", "--stage", "abstract", "--format", "jsonl", "--json").json
    return {one["id"]: one["status"] for one in rows}


def confirmed(review: Path, who: str, decision: Decision = Decision.INCLUDE) -> None:
    """Judge r00 again, as the app does."""
    judgement = Judgement(decision=decision, stated=True)
    queue.enter(Ledger.of(review / ".screener"), Review(review), Stage.ABSTRACT, "r00", who, judgement)


def of_new(cli: Cli, names: list[str] = NEW) -> set[str]:
    now = standings(cli)
    return {now[name] for name in names}


def by_number(name: str) -> str:
    return "include" if int(name[1:]) < 45 else "exclude"


def test_the_gate_is_open_for_an_update_once_its_sample_has_passed(gold: Path, cli: Cli) -> None:
    assert of_new(cli) == {"suggested"}
    status = cli("status", "--json").json["stages"]["abstract"]
    (sentence,) = status["gate"]["updates"]
    assert "(60 records): suggests only; no sample is drawn yet" in sentence
    assert status["gate"]["open"] is True, "for what gold was drawn from"
    # What people label is drawn from the update alone.
    sample = drawn(cli, 50, "--update")
    assert set(sample) <= set(NEW)
    assert "sample 0 of 50 labelled" in gate(cli)["updates"][0]
    assert "sample 0 of 50 labelled" in cli("check").out
    assert cli("gold", "sample", "--stage", "abstract", "--update", "--n", "11").code == 2, "10 are left"
    said(cli, "anna", sample, by_number)
    assert "sample 0 of 50 labelled" in gate(cli)["updates"][0], "a label takes two people"
    said(cli, "ben", sample, by_number)
    told = cli("status").out
    assert "all 50 records of the sample are labelled" in " ".join(told.split())
    assert of_new(cli, [name for name in NEW if name not in sample]) == {"suggested"}, "nothing was checked yet"
    (passed,) = gate(cli)["updates"]
    positives = sum(by_number(name) == "include" for name in sample)
    low = lower_bound(Gate(recall_low=0.9, confidence=0.95), positives, positives)
    assert f"keeps {positives} of {positives} positives among 50 records" in passed
    assert f"lower bound {low:.3f}" in passed
    assert (
        (": open; " in passed) == (low >= 0.9) == (positives >= positives_needed(Gate(recall_low=0.9, confidence=0.95)))
    )
    assert of_new(cli) == {"final"}
    # What comes later still only suggests.
    (gold / "last.csv").write_text("id,title,year\n" + row("z1", 2001))
    cli("import", "last.csv", "--source", "Later")
    cli("run", "--stage", "abstract")
    assert standings(cli)["z1"] == "suggested"
    assert len(gate(cli)["updates"]) == 2


def test_a_sample_that_falls_short_opens_nothing_and_more_of_it_is_a_stricter_check(gold: Path, cli: Cli) -> None:
    sample = drawn(cli, 40, "--update")
    lost = next(name for name in sample if by_number(name) == "exclude")

    def keeping_one_more(name: str) -> str:
        return "include" if name == lost else by_number(name)

    for who in ("anna", "ben"):
        said(cli, who, sample, keeping_one_more)
    (closed,) = gate(cli)["updates"]
    assert "suggests only" in closed
    assert of_new(cli, [name for name in NEW if name not in sample]) == {"suggested"}
    more = drawn(cli, 20, "--update")
    assert not set(more) & set(sample)
    for who in ("anna", "ben"):
        said(cli, who, more, keeping_one_more)
    (second,) = gate(cli)["updates"]
    assert "45 of 46 positives among 60 records" in second
    assert "check 2" in second
    with pytest.raises(BadInput, match="1 records are asked for, and 0 can be drawn"):
        draw_update(Ledger.of(gold / ".screener"), Review(gold), Stage.ABSTRACT, 1)


def test_a_gold_label_on_a_text_that_an_update_changed_closes_the_gate(gold: Path, cli: Cli) -> None:
    def export(more: str) -> str:
        rows = (Path("records.csv").read_text()).splitlines(keepends=True)
        rows[1] = rows[1].replace("all day", f"all day{more}")
        Path("again.csv").write_text("".join(rows))
        return "again.csv"

    source = next(iter(cli("sources", "--json").json["sources"]))["name"]
    assert standings(cli)["r00"] == "final"
    assert cli("import", "--update", source, export(" long")).code == 0
    told: dict[str, Any] = gate(cli)
    assert told["open"] is False
    assert (
        "1 of the test labels were given on a title or abstract that an update has changed since (r00)" in told["why"]
    )
    assert "confirm or change them" in cli("check").out
    assert cli("status", "--json").json["stages"]["abstract"]["on_other_text"] == {"r00": ["anna", "ben"]}
    said(cli, "anna", ["r00"])
    assert cli("status", "--json").json["stages"]["abstract"]["on_other_text"] == {"r00": ["anna", "ben"]}, (
        "the same line of a file is no second look"
    )
    for who in ("anna", "ben"):
        confirmed(gold, who)
    assert "has not judged 1 of the test records" in gate(cli)["why"], "the machine judged the earlier text too"
    assert cli("run", "--stage", "abstract").code == 0
    assert gate(cli)["open"] is True
    # Where people now decide otherwise, the label is another one.
    assert cli("import", "--update", source, export(" or short")).code == 0
    for who in ("anna", "ben"):
        confirmed(gold, who, Decision.EXCLUDE)
    assert "decide otherwise on 1 of the test records" in gate(cli)["why"]
