"""Worked examples in a prompt: true to their own text, never from gold's test half, part of what is asked."""

import csv
import json
from pathlib import Path

import pytest
from support import Cli

from screener.core.judgement import Stage
from screener.gold.labels import load_gold
from screener.protocol.fewshot import read_examples
from screener.protocol.model import Review
from screener.protocol.prompts import Prompt, as_shown
from screener.records import Record

ABSTRACT = "We pre-train a transformer on two million unlabelled heartbeats. It is then fine-tuned to detect flutter."
QUOTES = {
    "signal": "two million unlabelled heartbeats",
    "pretraining": "We pre-train a transformer",
    "adaptation": "fine-tuned to detect flutter",
    "development": "We pre-train a transformer",
}


def example(**changed: object) -> dict:
    answers = {name: {"reason": "It says so.", "quote": quote, "answer": "yes"} for name, quote in QUOTES.items()}
    return {"title": "An invented model of the heartbeat", "abstract": ABSTRACT, "answers": answers, **changed}


def with_examples(review: Path, *examples: dict) -> Path:
    """Name the examples in the protocol; JSON is YAML."""
    protocol = review / "prompts" / "review.yaml"
    text = protocol.read_text()
    if "examples:" not in text:
        protocol.write_text(
            text.replace("    template: abstract.md\n", "    template: abstract.md\n    examples: few.yaml\n", 1)
        )
    path = review / "prompts" / "few.yaml"
    path.write_text(json.dumps({"examples": list(examples)}, indent=1))
    return path


def test_a_true_example_passes_and_stands_in_the_prompt(ecg: Path, cli: Cli) -> None:
    with_examples(ecg, example())
    assert cli("check", "--json").json["examples"] == {"abstract": 1}
    review = Review(ecg)
    stage = review.stage(Stage.ABSTRACT)
    examples = read_examples(review, stage)
    record = as_shown(Record(id="r", title="T", abstract="A."))
    system, user = Prompt.read(ecg / "prompts" / "abstract.md").messages(stage, record, "R", examples.all)
    assert ABSTRACT in system.content
    assert examples.all[0].answer in system.content
    assert f"<record-{record.mark}>" in user.content
    assert examples.all[0].mark != record.mark


def test_without_examples_the_prompt_says_nothing_of_them(ecg: Path) -> None:
    review = Review(ecg)
    record = as_shown(Record(id="r", title="T", abstract="A."))
    messages = Prompt.read(ecg / "prompts" / "abstract.md").messages(review.stage(Stage.ABSTRACT), record, "R")
    assert not any("xample" in message.content for message in messages)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {"signal": {"reason": "r", "quote": "three million heartbeats", "answer": "yes"}},
            "not in the example's own text",
        ),
        ({"signal": {"reason": "r", "quote": "two million labelled heartbeats", "answer": "yes"}}, "own text"),
        ({"adaptation": {"reason": "r", "quote": None, "answer": "no"}}, "a `no` needs a quote"),
        ({"adaptation": {"reason": "r", "quote": "fine-tuned", "answer": "absent"}}, "write `quote: null`"),
        ({"adaptation": {"reason": "r", "quote": None, "answer": "not_asked"}}, "it is asked of this record"),
        ({"gender": {"reason": "r", "quote": None, "answer": "unclear"}}, "no such criterion"),
        ({"signal": {"reason": "", "quote": None, "answer": "unclear"}}, "signal.reason"),
    ],
)
def test_an_example_that_is_not_true_is_refused_with_its_line(ecg: Path, cli: Cli, change: dict, said: str) -> None:
    answers = {**example()["answers"], **change}
    path = with_examples(ecg, example(answers=answers))
    done = cli("check")
    assert done.code == 2
    assert f"{path}:" in done.err
    assert said in done.err


def test_all_that_is_not_true_of_examples_is_told_at_once(ecg: Path, cli: Cli) -> None:
    answers = example()["answers"]
    misquoted = {**answers, "signal": {"reason": "r", "quote": "three million heartbeats", "answer": "yes"}}
    misnamed = {**answers, "signl": answers["signal"]}
    with_examples(ecg, example(answers=misquoted), example(answers=misnamed))
    first, second = cli("check").err.splitlines()
    assert "examples.0.answers.signal.quote: the quote is not in" in first
    assert "examples.1.answers.signl: no such criterion; did you mean `signal`?" in second


def test_an_unanswered_criterion_is_named(ecg: Path, cli: Cli) -> None:
    answers = {name: answer for name, answer in example()["answers"].items() if name != "adaptation"}
    with_examples(ecg, example(answers=answers))
    assert "`adaptation` is not answered" in cli("check").err


def gold_entry(review: Path, half: str) -> dict[str, str]:
    gold = load_gold(Review(review), Stage.ABSTRACT)
    assert gold is not None
    name = next(name for name, split in gold.split.items() if split == half)
    with (review / "gold" / "records.csv").open(encoding="utf-8") as file:
        return next(row for row in csv.DictReader(file) if row["id"] == name)


@pytest.mark.parametrize("known_by", ["id", "doi", "title"])
def test_a_record_of_golds_test_half_is_no_example_however_it_is_named(ecg: Path, cli: Cli, known_by: str) -> None:
    row = gold_entry(ecg, "test")
    value = {"id": row["id"], "doi": f"https://doi.org/{row['doi'].upper()}", "title": row["title"].upper() + "."}[
        known_by
    ]
    with_examples(ecg, example(), example(**{known_by: value}))
    done = cli("check")
    assert done.code == 2
    assert row["id"] in done.err
    assert "examples.1" in done.err


def test_a_record_of_the_dev_half_may_be_one(ecg: Path, cli: Cli) -> None:
    row = gold_entry(ecg, "dev")
    with_examples(ecg, example(id=row["id"], doi=row["doi"], title=row["title"]))
    assert cli("check").code == 0


def test_a_run_refuses_what_check_refuses_before_anything_is_sent(ecg: Path, cli: Cli, monkeypatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-none")
    protocol = ecg / "prompts" / "review.yaml"
    line = "  gpt: {kind: chat, model: 'openai:gpt-5-mini', base_url: 'http://127.0.0.1:9/v1'}\n"
    protocol.write_text(protocol.read_text().replace("\nreviewers:\n", f"\nreviewers:\n{line}"))
    with_examples(ecg, example(id=gold_entry(ecg, "test")["id"]))
    done = cli("run", "--stage", "abstract", "--reviewer", "gpt", "--limit", "1")
    assert done.code == 2
    assert "gold's test half" in done.err


def test_a_changed_example_makes_judgements_stale_and_a_changed_comment_does_not(
    ecg: Path, cli: Cli, monkeypatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-none")
    protocol = ecg / "prompts" / "review.yaml"
    line = "  gpt: {kind: chat, model: 'openai:gpt-5-mini'}\n"
    protocol.write_text(protocol.read_text().replace("\nreviewers:\n", f"\nreviewers:\n{line}"))

    def asked() -> str:
        from screener.ledger.store import Ledger
        from screener.running.build_reviewers import task_for

        task = task_for(Ledger.of(ecg / ".screener"), Review(ecg), Stage.ABSTRACT, "gpt", [], offline=True)
        return task.reviewer.asked

    plain = asked()
    path = with_examples(ecg, example())
    one = asked()
    path.write_text("# Why these.\n" + path.read_text())
    assert asked() == one != plain
    with_examples(ecg, example(abstract=ABSTRACT + " It works."))
    assert asked() != one
