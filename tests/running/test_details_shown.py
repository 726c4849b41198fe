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
    """Say of what appeared in Ordering that it is about ordering, of anything else that it may be."""
    grade = "definitely_yes" if "<venue>Ordering</venue>" in asked.body["messages"][-1]["content"] else "unclear"
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


def exported(cli: Cli) -> dict[str, str]:
    return {row["id"]: row["ordering"] for row in csv.DictReader(cli("export", "--format", "csv").out.splitlines())}


RUN = ("run", "--stage", "abstract", "--reviewer", "gpt", "--json")


def test_a_record_does_not_get_the_answer_about_another_of_the_same_title(review: Path, cli: Cli) -> None:
    assert cli(*RUN, "--limit", "1").json["calls"] == 1
    assert cli(*RUN).json["calls"] == 2
    assert exported(cli) == {"e1": "unclear", "e2": "yes", "p": "unclear"}
    again = cli(*RUN).json
    assert (again["calls"], again["cached"], again["include"], again["unclear"]) == (0, 3, 1, 2)
