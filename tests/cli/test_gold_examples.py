"""Worked examples from gold dev, as one meets them: drafted, refused while blank, counted in no figure, their effect told."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from servers import Server, openai_server
from support import Cli
from support.chat_run import add_reviewer

from screener.core.judgement import Stage
from screener.gold.labels import load_gold
from screener.gold.parts import dev_parts
from screener.ledger import Ledger
from screener.protocol.model import Review
from screener.running.fitting import human_labels

pytestmark = pytest.mark.slow
DRAFT = ("gold", "examples", "--stage", "abstract", "--reviewer", "gpt", "-n", "4")
EVALUATE = ("evaluate", "--stage", "abstract", "--reviewer", "gpt", "--split", "dev")


@pytest.fixture
def gpt(ecg: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """The packaged review, judged by a chat model."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-none")
    with openai_server({"keep": True}) as server:
        price = "price: {input: 1, output: 2}"
        add_reviewer(ecg, f"gpt: {{kind: chat, model: 'openai:gpt-5-mini', base_url: '{server.base_url}', {price}}}")
        yield server


def run(cli: Cli) -> None:
    assert cli("run", "--stage", "abstract", "--reviewer", "gpt").code in (0, 3)


def fill_in(path: Path) -> list[str]:
    """Fill a draft in as a person would, if hastily; return the ids of its examples."""
    document = yaml.safe_load(path.read_text())
    for example in document["examples"]:
        for answer in example["answers"].values():
            answer["reason"] = answer["reason"].replace("?", "Said there.")
            if answer["quote"] == "?":
                answer["quote"] = example["title"]
            answer["answer"] = answer["answer"].replace("?", "unclear")
            if answer["answer"] == "unclear":
                answer["quote"] = None
    path.write_text(yaml.safe_dump(document))
    return [example["id"] for example in document["examples"]]


def name_in_protocol(ecg: Path) -> None:
    protocol = ecg / "prompts" / "review.yaml"
    line = "    template: abstract.md\n"
    protocol.write_text(protocol.read_text().replace(line, f"{line}    examples: abstract_examples.yaml\n", 1))


def test_examples_are_drafted_from_tune_refused_while_blank_and_their_effect_is_told_on_check(
    ecg: Path, cli: Cli, gpt: Server
) -> None:
    run(cli)
    before = cli(*EVALUATE, "--json").json
    drafted = cli(*DRAFT, "--json").json
    assert len(drafted["examples"]) == 4
    assert drafted["blanks"] > 0
    assert drafted["cost_usd"] == pytest.approx(drafted["tokens_a_request"] * drafted["records"] / 1e6)
    gold = load_gold(Review(ecg), Stage.ABSTRACT)
    assert gold is not None
    on_dev = {label.id: label for label in gold.labels if gold.split[label.id] == "dev"}
    parts = dev_parts(Review(ecg), on_dev)
    path = ecg / "prompts" / "abstract_examples.yaml"
    ids = [example["id"] for example in yaml.safe_load(path.read_text())["examples"]]
    assert {parts[name] for name in ids} == {"tune"}

    again = cli(*DRAFT)
    assert again.code == 2
    assert "is there already; move it away, or name another file by -o FILE" in again.err

    name_in_protocol(ecg)
    refused = cli("check")
    assert refused.code == 2
    assert re.search(rf'{re.escape(str(path))}:\d+: examples\.0\.answers\.\w+\.\w+: still "\?"', refused.err)
    assert len(refused.err.splitlines()) == drafted["blanks"]
    assert fill_in(path) == ids
    assert cli("check").code == 0

    run(cli)
    after = cli(*EVALUATE, "--json").json
    assert after["n"] == before["n"] - 4
    effect = after["examples"]
    assert effect["part"] == "check"
    assert effect["n"] == sum(part == "check" for part in parts.values())
    assert set(effect["figures"]) == {"with examples", "without examples"}
    assert effect["missing"] == {"with examples": 0, "without examples": 0}
    said = cli(*EVALUATE).out
    assert f"Worked examples: on the {effect['n']} records of dev's part check" in said
    assert "McNemar p" in said


def test_without_stored_answers_from_before_no_effect_is_claimed(ecg: Path, cli: Cli, gpt: Server) -> None:
    run(cli)
    assert cli(*DRAFT).code == 0
    fill_in(ecg / "prompts" / "abstract_examples.yaml")
    name_in_protocol(ecg)
    protocol = ecg / "prompts" / "review.yaml"
    # Another wording: what was answered without the examples was answered to other questions.
    protocol.write_text(protocol.read_text().replace("Is it original research that", "Is it new research that"))
    run(cli)
    assert "examples" not in cli(*EVALUATE, "--json").json


def test_a_record_that_is_shown_teaches_no_fit(judged_ecg: Path, cli: Cli) -> None:
    gold = judged_ecg / "gold" / "gold.yaml"
    gold.write_text(gold.read_text().replace("status: provisional", "status: human"))
    review, ledger = Review(judged_ecg), Ledger.of(judged_ecg / ".screener")
    before = human_labels(ledger, review, Stage.ABSTRACT)
    assert cli("gold", "examples", "--stage", "abstract", "-n", "3").code == 0
    ids = fill_in(judged_ecg / "prompts" / "abstract_examples.yaml")
    name_in_protocol(judged_ecg)
    after = human_labels(ledger, Review(judged_ecg), Stage.ABSTRACT)
    assert len(before) - len(after) == len(ids) == 3


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (["--stage", "extraction"], "worked examples are for the screening stages"),
        (["--stage", "abstract", "-n", "0"], "from 1 to 40"),
        (["--stage", "abstract", "--reviewer", "nobody"], "nobody"),
        (["--stage", "fulltext"], "there is no gold for this stage"),
    ],
)
def test_what_cannot_be_chosen_from_is_refused(judged_ecg: Path, cli: Cli, args: list[str], told: str) -> None:
    done = cli("gold", "examples", *args)
    assert done.code == 2
    assert told in done.err
