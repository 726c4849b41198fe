"""Files of decisions with answers to criteria that are not asked: code sets them, and says how many."""

import csv
import io
import json
from pathlib import Path

import pytest
from support import ROOT, Cli

from screener.core.judgement import Answer, Decision, Judgement, Stage, Value
from screener.ledger import reads
from screener.ledger.store import Ledger

PROTOCOL = """\
title: Tests
questions: ["How are tests ordered?"]
stages:
  abstract:
    question: "Is it about the ordering of tests?"
    template: abstract.md
    criteria:
      - {id: ordering, question: "Is it about ordering?"}
      - {id: faster, question: "Is the ordering faster?", applies_if: ordering}
      - {id: software, question: "Is it about software?"}
    decided_by: {humans: 1}
"""


@pytest.fixture
def review(tmp_path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A review with four records, and standing in it."""
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts" / "review.yaml").write_text(PROTOCOL)
    (tmp_path / "prompts" / "abstract.md").write_text((ROOT / "prompts" / "abstract.md").read_text())
    (tmp_path / "records.csv").write_text("id,title\n" + "".join(f"r{n},Paper {n}\n" for n in range(4)))
    monkeypatch.chdir(tmp_path)
    assert cli("import", "records.csv").code == 0
    return tmp_path


def answers(review: Path) -> dict[str, dict[str, str]]:
    ledger = Ledger.of(review / ".screener")
    with ledger.read() as connection:
        rows = list(reads.judgements(connection, Stage.ABSTRACT))
    ledger.close()
    return {row.record_id: {name: str(a.value) for name, a in row.judgement.answers.items()} for row in rows}


LABELS = """\
id,decision,reviewer,ordering,faster,software
r0,exclude,ada,no,yes,yes
r1,exclude,ada,no,not_asked,no
r2,include,ada,yes,yes,yes
r3,exclude,ada,no,,
"""


def test_an_answer_to_what_is_not_asked_is_set_and_told_in_one_line(review: Path, cli: Cli) -> None:
    (review / "labels.csv").write_text(LABELS)
    done = cli("label", "labels.csv", "--stage", "abstract")
    assert done.code == 0, done.err
    assert done.out.count("1 answer is set to not_asked: what the criterion presupposes is answered no") == 1
    assert answers(review) == {
        "r0": {"ordering": "no", "faster": "not_asked", "software": "yes"},
        "r1": {"ordering": "no", "faster": "not_asked", "software": "no"},
        "r2": {"ordering": "yes", "faster": "yes", "software": "yes"},
        "r3": {"ordering": "no", "faster": "not_asked"},
    }
    again = cli("label", "labels.csv", "--stage", "abstract", "--json").json
    assert (again["entered"], again["unchanged"]) == (0, 4)


def test_not_asked_where_the_criterion_is_asked_is_unclear(review: Path, cli: Cli) -> None:
    (review / "labels.csv").write_text(
        "id,decision,reviewer,ordering,faster,software\nr0,unclear,ada,yes,not_asked,yes\n"
    )
    assert cli("label", "labels.csv", "--stage", "abstract").code == 0
    assert answers(review)["r0"]["faster"] == "unclear"


def test_a_word_that_is_no_answer_is_refused_with_those_that_are(review: Path, cli: Cli) -> None:
    (review / "labels.csv").write_text("id,decision,reviewer,ordering\nt0,exclude,ada,skipped\n")
    done = cli("label", "labels.csv", "--stage", "abstract")
    assert "ordering: `skipped` is none of yes, no, unclear, not_asked" in done.out + done.err


def test_every_export_says_not_asked_and_gives_no_reason_for_it(review: Path, cli: Cli) -> None:
    (review / "labels.csv").write_text(LABELS)
    cli("label", "labels.csv", "--stage", "abstract")
    for kind in ("csv", "jsonl", "ris", "xlsx"):
        done = cli("export", "--stage", "abstract", "--format", kind, "--output", f"out.{kind}")
        assert done.code == 0, done.err
    rows = {row["id"]: row for row in csv.DictReader(io.StringIO((review / "out.csv").read_text()))}
    assert (rows["r0"]["faster"], rows["r0"]["failed_criterion"]) == ("not_asked", "ordering")
    lines = [json.loads(line) for line in (review / "out.jsonl").read_text().splitlines()]
    assert [row["faster"] for row in lines] == ["not_asked", "not_asked", "yes", "not_asked"]
    assert "not_asked" in (review / "out.ris").read_text()
    assert "`ordering` is no" not in (review / "out.ris").read_text()


def test_a_file_of_judgements_comes_back_as_it_was_and_an_older_one_is_set_right(review: Path, cli: Cli) -> None:
    (review / "labels.csv").write_text(LABELS)
    cli("label", "labels.csv", "--stage", "abstract")
    assert cli("export", "--stage", "abstract", "--format", "judgements", "--output", "out.jsonl").code == 0
    again = cli("label", "out.jsonl", "--json").json
    assert (again["entered"], again["unchanged"], again["remarks"]) == (0, 4, [])
    older = [json.loads(line) for line in (review / "out.jsonl").read_text().splitlines()]
    for row in older:
        row["reviewer"] = "ben"
        row["answers"] = {name: {"value": "no"} for name in row["answers"]} if row["record"] == "r0" else row["answers"]
    (review / "older.jsonl").write_text("".join(json.dumps(row) + "\n" for row in older))
    remarks = cli("label", "older.jsonl", "--json").json["remarks"]
    assert "1 answer is set to not_asked: what the criterion presupposes is answered no" in remarks


def test_a_persons_judgement_through_python_is_held_to_it_too(review: Path) -> None:
    from screener.adjudication.queue import enter
    from screener.protocol import Review

    ledger = Ledger.of(review / ".screener")
    said = {"ordering": Answer(value=Value.NO), "faster": Answer(value=Value.YES), "software": Answer(value=Value.YES)}
    enter(ledger, Review(review), Stage.ABSTRACT, "r0", "ada", Judgement(decision=Decision.EXCLUDE, answers=said))
    ledger.close()
    assert answers(review)["r0"] == {"ordering": "no", "faster": "not_asked", "software": "yes"}
