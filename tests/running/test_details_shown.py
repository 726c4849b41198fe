"""What a prompt shows beside title and abstract (year, venue, type, keywords) and which stored answers hold for a record."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from servers.scripted import Asked, Scripted, as_json, completion, scripted
from support import ROOT, Cli

PROTOCOL = """\
id: 5b1f0c1e-0000-4000-8000-000000000017
title: Tests
questions: ["How are tests ordered?"]
stages:
  abstract:
    question: "Is it about the ordering of tests?"
    template: abstract.md
    criteria:
      - {id: ordering, question: "Is it about ordering?"}
    decided_by: {humans: 1, machine: gpt}
reviewers:
  gpt: {kind: chat, model: "openai:m", base_url: "URL/v1", answers: graded}
"""
SURE = ", thresholds: {abstract: {ordering: {yes_from: 0.99, no_below: 0.01}}}"
pytestmark = pytest.mark.slow


def answer(asked: Asked) -> tuple[int, dict[str, str], bytes]:
    """Say of what appeared in Ordering that it is about ordering, of any other abstract that it says nothing of it."""
    shown = asked.body["messages"][-1]["content"]
    silent = "unclear" if "<abstract>(none)" in shown else "absent"
    grade = "definitely_yes" if "<venue>Ordering</venue>" in shown else silent
    return as_json(completion(json.dumps({"ordering": {"reason": "so", "quote": None, "answer": grade}})))


@pytest.fixture
def server() -> Iterator[Scripted]:
    with scripted(answer) as script:
        yield script


@pytest.fixture
def review(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: Scripted, cli: Cli) -> Path:
    """Two editorials of two venues, of which title and abstract are alike, and another record; standing in the review."""
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts" / "review.yaml").write_text(PROTOCOL.replace("URL", server.url))
    (tmp_path / "prompts" / "abstract.md").write_text((ROOT / "prompts" / "abstract.md").read_text())
    rows = ["e1,Editorial,,Cooking,10.1000/1", "e2,Editorial,,Ordering,10.1000/2", "p,Salt,On salt.,Cooking,10.1000/3"]
    (tmp_path / "records.csv").write_text("\n".join(["id,title,abstract,journal,doi", *rows]) + "\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    assert cli("import", "records.csv").code == 0
    return tmp_path


def exported(cli: Cli, column: str = "ordering") -> dict[str, str]:
    return {row["id"]: row[column] for row in csv.DictReader(cli("export", "--format", "csv").out.splitlines())}


RUN = ("run", "--stage", "abstract", "--reviewer", "gpt", "--json")


def test_a_record_does_not_get_the_answer_about_another_of_the_same_title(review: Path, cli: Cli) -> None:
    assert cli(*RUN, "--limit", "1").json["calls"] == 1
    assert cli(*RUN).json["calls"] == 2
    assert exported(cli) == {"e1": "unclear", "e2": "yes", "p": "unclear"}
    again = cli(*RUN).json
    assert (again["calls"], again["cached"], again["include"], again["unclear"]) == (0, 3, 1, 2)
    assert again["silent"] == {"ordering": 1}
    assert exported(cli, "answers_by_silence") == {"e1": "", "e2": "", "p": "ordering"}
    assert "saying nothing of it: ordering of 1 records" in " ".join(cli(*RUN[:-1]).out.split())


def test_what_came_to_a_record_later_costs_nothing_when_a_threshold_changes(
    review: Path, cli: Cli, server: Scripted
) -> None:
    assert cli(*RUN).json["calls"] == 3
    (review / "more.csv").write_text("id,title,doi,keywords\nm,Salt,10.1000/3,salt; trade\n")
    assert cli("import", "more.csv").code == 0
    protocol = review / "prompts" / "review.yaml"
    protocol.write_text(protocol.read_text().replace(", answers: graded", f", answers: graded{SURE}"))
    again = cli(*RUN).json
    assert (again["calls"], again["answered_from_ledger"], len(server.log)) == (0, 3, 3)
    assert exported(cli) == {"e1": "unclear", "e2": "unclear", "p": "unclear"}
    assert cli("report", "--audit").code == 0
    checked = cli("check", "--audit", "audit.zip")
    assert checked.code == 0, checked.out


def test_what_came_to_records_later_leaves_no_label_without_its_answer(review: Path, cli: Cli) -> None:
    names = [f"r{n}" for n in range(104)]
    rows = [
        f"{name},Paper {name},About {name}.,10.1000/{name},{('Cooking', 'Ordering')[n % 2]}"
        for n, name in enumerate(names)
    ]
    (review / "many.csv").write_text("\n".join(["id,title,abstract,doi,journal", *rows]) + "\n")
    (review / "gold").mkdir()
    labels = [f"{name},{('exclude', 'include')[n % 2]}" for n, name in enumerate(names)]
    (review / "gold" / "abstract.csv").write_text("\n".join(["id,decision", *labels]) + "\n")
    (review / "gold" / "gold.yaml").write_text("name: made\nstatus: human\ndrawn: random\nsplit: {salt: made}\n")
    assert cli("import", "many.csv").code == 0
    assert cli(*RUN).code == 0

    def sentence() -> str:
        fitted = cli("run", "--stage", "abstract", "--reviewer", "gpt", "--fit")
        assert fitted.code == 0, fitted.err
        return next(
            line for line in (fitted.out + fitted.err).splitlines() if "Made from" in line or "alibrated" in line
        )

    before = sentence()
    more = [f"m{name},Paper {name},10.1000/{name},salt; trade" for name in names]
    (review / "more.csv").write_text("\n".join(["id,title,doi,keywords", *more]) + "\n")
    assert cli("import", "more.csv").code == 0
    assert sentence() == before
