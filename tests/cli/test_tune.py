"""`screener tune` as a person uses it: errors of `tune`, a variant proposed, tried and accepted, nothing of test and nothing paid twice."""

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from servers.scripted import Answer, Asked, Scripted, scripted
from support import ROOT, BroughtOnce, Cli
from support.chat_run import ledger_rows, written

pytestmark = pytest.mark.slow

REVIEW = "5c1f0d6e-0f0a-4a57-9d0b-7c8e3b0c1602"
PROTOCOL = f"""\
id: {REVIEW}
title: Co-medication
questions: ["Which?"]
stages:
  abstract:
    question: "Is it eligible?"
    template: abstract.md
    decided_by: {{humans: 1, machine: gpt}}
    criteria:
      - id: drug   # the drug
        question: Is the drug studied?
      - {{id: trial, question: "Is it a trial?"}}
reviewers:
  gpt: {{kind: chat, model: "openai:gpt-5-mini", base_url: "URL", api_key_env: TEST_KEY, price: {{input: 1.0, output: 2.0}}}}
"""
TUNE = ("tune", "--stage", "abstract", "--reviewer", "gpt")
WIDER = "Is the drug studied, or taken by those who are?"


def title(number: int) -> str:
    """Every third record is of people who take the drug beside another, which people include."""
    return f"Record {number} about " + (
        "takers of it" if number % 3 == 0 else "the drug" if number % 3 == 1 else "ponds"
    )


def model(asked: Asked) -> Answer:
    """A model that takes the criterion at its word; and that says how to word it, where it is asked."""
    messages = asked.body["messages"]
    text = "\n".join(message["content"] for message in messages)
    if "to word the eligibility criteria" in text:
        said: Any = {
            "diagnosis": "takers are left out",
            "question": WIDER,
            "met_when": "",
            "not_met_when": "",
            "silence": "unclear",
        }
    else:
        record = re.findall(r"Record \d+ about [a-z ]+", text)[-1]
        kept = "the drug" in record or ("takers" in record and WIDER in text)
        quote = None if kept else record
        said = {
            "drug": {"reason": "so it says", "quote": quote, "answer": "yes" if kept else "no"},
            "trial": {"reason": "so it says", "quote": None, "answer": "yes"},
        }
    body = {
        "id": "1", "object": "chat.completion", "created": 1, "model": "gpt-5-mini",
        "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": json.dumps(said)}}],
        "usage": {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110},
    }  # fmt: skip
    return 200, {"content-type": "application/json"}, json.dumps(body).encode()


@pytest.fixture(scope="module")
def one_server() -> Iterator[Scripted]:
    with scripted(model) as running:
        yield running


@pytest.fixture
def server(one_server: Scripted) -> Scripted:
    one_server.answer = model
    one_server.log.clear()
    return one_server


@pytest.fixture
def review(
    tmp_path: Path, server: Scripted, cli: Cli, monkeypatch: pytest.MonkeyPatch, brought_once: BroughtOnce
) -> Path:
    """Sixty labelled records, half of them dev, all judged by the wording as it is."""
    monkeypatch.setenv("TEST_KEY", "plain-words")
    monkeypatch.chdir(tmp_path)
    brought_once("review-to-tune", tmp_path, lambda: _judged(tmp_path, server, cli))
    server.log.clear()
    return tmp_path


def _judged(tmp_path: Path, server: Scripted, cli: Cli) -> None:
    for folder in ("prompts", "gold"):
        (tmp_path / folder).mkdir()
    (tmp_path / "prompts" / "review.yaml").write_text(PROTOCOL.replace("URL", f"{server.url}/v1"))
    (tmp_path / "prompts" / "abstract.md").write_text((ROOT / "prompts" / "abstract.md").read_text())
    with (tmp_path / "gold" / "records.csv").open("w", newline="") as file:
        csv.writer(file).writerows(
            [("id", "title", "abstract"), *((f"r{n:02}", title(n), f"{title(n)}. It is a trial.") for n in range(60))]
        )
    with (tmp_path / "gold" / "abstract.csv").open("w", newline="") as file:
        rows = [
            (
                f"r{n:02}",
                "include" if n % 3 < 2 else "exclude",
                "yes" if n % 3 < 2 else "no",
                "dev" if n < 30 else "test",
                "include" if n % 6 == 0 else "exclude",
            )
            for n in range(60)
        ]
        csv.writer(file).writerows([("id", "decision", "drug", "split", "final_decision"), *rows])
    (tmp_path / "gold" / "gold.yaml").write_text(
        "name: g\nstatus: human\nlevel: abstract\ndrawn: random\nsplit: {salt: s}\nattribution: people\nlicence: CC0\n"
    )
    assert cli("run", "--stage", "abstract", "--reviewer", "gpt", "--json").json["decided"] == 60


def named(text: str) -> set[str]:
    """The records that a text names, by their numbers."""
    return {f"r{int(number):02}" for number in re.findall(r"Record (\d+) about", text)}


def parts(cli: Cli) -> tuple[set[str], set[str]]:
    """The records of `tune` and of `check`, as the rule has them."""
    from screener.gold import part_of

    dev = [f"r{n:02}" for n in range(30)]
    tune = {name for name in dev if part_of(REVIEW, name) == "tune"}
    return tune, set(dev) - tune


def test_errors_are_those_of_tune_by_the_criterion_that_caused_them(review: Path, cli: Cli) -> None:
    tune, check = parts(cli)
    found = cli(*TUNE, "--json").json
    assert found["labels"] == {"tune": len(tune), "check": len(check)}
    first = found["criteria"][0]
    missed = {name for name in tune if int(name[1:]) % 3 == 0}
    assert first["id"] == "drug"
    assert {error["id"] for error in first["missed"]} == missed
    assert {error["basis"] for error in first["missed"]} == {"contradicted"}
    final = [name for name in tune if int(name[1:]) % 6 == 0]
    assert found["finally_included"] == {"n": len(final), "missed": len(final)}
    assert [error["finally_included"] for error in first["missed"]] == [True] * len(final) + [False] * (
        len(missed) - len(final)
    )
    shown = cli(*TUNE, "--limit", "50").out
    assert named(shown) == missed
    assert cli(*TUNE, "--format", "md").out.startswith("## gpt against gold dev, part tune")


def test_a_wording_is_proposed_tried_and_accepted(review: Path, server: Scripted, cli: Cli) -> None:
    tune, check = parts(cli)
    judged = len(ledger_rows(review, "judgements"))
    plan = cli("tune", "propose", *TUNE[1:], "--dry-run", "--json").json["plan"]
    assert (plan["requests"], plan["cost_usd"] > 0, len(server.log)) == (1, True, 0)
    proposed = cli("tune", "propose", *TUNE[1:], "--json").json
    assert (proposed["name"], proposed["diagnoses"]) == ("proposal_1", {"drug": "takers are left out"})
    sent = "".join(message["content"] for asked in server.log for message in asked.body["messages"])
    assert named(sent)
    assert named(sent) <= tune

    server.log.clear()
    assert cli("tune", "try", "proposal_1", "--dry-run", "--json").json["plan"]["requests"] == 30
    assert server.log == []
    told = cli("tune", "try", "proposal_1")
    assert "30 requests (0 of 30 answered before)" in told.err
    assert len(server.log) == 30
    assert named(told.out) <= tune  # which records of check are decided otherwise is told nowhere
    assert "PROVISIONAL" not in told.out + cli("tune", "list").out
    described = review / "gold" / "gold.yaml"
    described.write_text(described.read_text().replace("status: human", "status: provisional"))
    for words in (("try", "proposal_1"), ("list",)):
        told = cli("tune", *words)
        assert "PROVISIONAL GOLD" in told.out, told.err
    described.write_text(described.read_text().replace("status: provisional", "status: human"))
    tried = cli("tune", "try", "proposal_1", "--json")
    assert (len(server.log), named(json.dumps({**tried.json, "tune": None}))) == (30, set())
    gained = {name for name in check if int(name[1:]) % 3 == 0}
    assert tried.json["check"]["mcnemar"]["recall"] == {
        "first_only": len(gained), "second_only": 0, "p": pytest.approx(min(1, 2 * 0.5 ** len(gained))),
    }  # fmt: skip
    assert tried.json["check"]["differences"]["recall"]["value"] == pytest.approx(
        len(gained) / sum(int(name[1:]) % 3 < 2 for name in check)
    )
    assert tried.json["check"]["differences"]["specificity"]["value"] == 0
    final = sum(int(name[1:]) % 6 == 0 for name in check)
    assert tried.json["check"]["finally_included"] == {
        "n": final,
        "missed": {"proposal_1": 0, "present wording": final},
    }
    assert len(ledger_rows(review, "judgements")) == judged
    assert cli("evaluate", "--stage", "abstract", "--split", "dev", "--json").json["fn"] == 10

    accepted = cli("tune", "accept", "proposal_1", "--who", "Ada", "--json").json
    text = (review / "prompts" / "review.yaml").read_text()
    assert WIDER in text
    assert "# the drug" in text
    assert accepted["amendment"]["who"] == "Ada"
    assert accepted["amendment"]["stale"]["machine"] == 60
    again = cli("run", "--stage", "abstract", "--reviewer", "gpt", "--json").json
    assert (again["decided"], again["calls"], len(server.log)) == (60, 30, 60)
    result = cli("evaluate", "--stage", "abstract", "--split", "dev", "--json").json
    assert result["fn"] == 0
    assert any("1 variant tried in 1 round" in remark for remark in result["remarks"])
    (listed,) = cli("tune", "list", "--json").json["variants"]
    assert (listed["accepted"], listed["check"]["mcnemar"]["recall"]["second_only"]) == (True, 0)


def test_the_report_says_how_many_rounds_and_variants_there_were(review: Path, cli: Cli) -> None:
    (review / "prompts" / "variants").mkdir()
    for name, words in (("one", "Q one?"), ("two", WIDER)):
        (review / "prompts" / "variants" / f"{name}.yaml").write_text(
            f"stage: abstract\ncriteria:\n  drug: {{question: {words!r}}}\n"
        )
        assert cli("tune", "try", name).code == 0
    assert cli("tune", "try", "one").code == 0  # the same words again are no other variant
    assert cli("report", "-o", "page.html").code == 0
    page = (review / "page.html").read_text()
    document = json.loads(
        re.findall(r'<script type="application/json" id="figures">(.*?)</script>', page, re.DOTALL)[0]
    )
    tuning = document["tuning"]["abstract"]
    assert (tuning["rounds"], tuning["variants"], tuning["names"], len(tuning["trials"])) == (1, 2, ["one", "two"], 3)
    assert any("2 variants tried in 1 round" in paragraph for paragraph in document["methods"])
    commands = [step["command"] for step in document["reproduction"]["steps"]]
    assert "screener tune try two --reviewer gpt" in commands
    assert not any("~" in command for command in commands)
    quality = ("evaluate", "--stage", "abstract", "--quality", "--json")
    on_test, on_dev = (
        next(lack for lack in cli(*quality, *more).json["missing"] if lack["code"] == "rounds")
        for more in ((), ("--split", "dev"))
    )
    assert (on_test["rounds"], on_test["variants"], on_test["test"], on_test["known"]) == (1, 2, 30, True)
    assert (on_dev["on_dev"], on_dev["known"]) == (["gpt"], False)


def test_without_a_model_requests_are_files_and_answers_are_read_back(
    review: Path, server: Scripted, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TEST_KEY")

    def answers(file: str) -> Path:
        lines = []
        for line in Path(file).read_text().splitlines():
            asked = json.loads(line)
            body = json.loads(model(Asked("", {}, asked["body"]))[2])
            lines.append({"custom_id": asked["custom_id"], "response": {"status_code": 200, "body": body}})
        return written(Path(f"{file}.answers"), lines)

    assert cli("tune", "propose", *TUNE[1:], "-o", "p.jsonl", "--json").json["exported"] == 1
    refused = cli("batch", "submit", "p.jsonl")
    assert (refused.code, len(refused.err.splitlines())) == (2, 1)
    assert "not submitted from here" in refused.err
    imported = cli("batch", "import", answers("p.jsonl"))
    assert "goes on with them" in imported.out
    assert cli("tune", "propose", *TUNE[1:], "--json").json["name"] == "proposal_1"
    assert cli("tune", "propose", *TUNE[1:], "--json").json["name"] == "proposal_1"
    assert cli("tune", "try", "proposal_1", "-o", "t.jsonl", "--json").json["exported"] == 30
    assert cli("batch", "import", answers("t.jsonl"), "--json").json["gone"] == []
    tried = cli("tune", "try", "proposal_1", "--json").json
    assert tried["asked"]["calls"] == 0
    assert tried["check"]["mcnemar"]["recall"]["first_only"] > 0
    assert server.log == []
    costs = {row["reviewer"]: row["cost_usd"] for row in ledger_rows(review, "calls")}
    assert costs["gpt~proposal_1"] == pytest.approx(0.00012)


def test_a_budget_ends_a_trial_which_goes_on_where_it_stopped(review: Path, server: Scripted, cli: Cli) -> None:
    (review / "prompts" / "variants").mkdir()
    (review / "prompts" / "variants" / "wider.yaml").write_text(
        f"stage: abstract\ncriteria:\n  drug: {{question: {WIDER!r}}}\n"
    )
    stopped = cli("tune", "try", "wider", "--budget", "0.001", "--json").json["asked"]
    assert stopped["stopped"]
    sent = len(server.log)
    assert 0 < sent < 30
    assert cli("tune", "try", "wider", "--json").json["asked"]["stopped"] is None
    assert len(server.log) == 30


def test_examples_count_in_no_figure_of_dev(review: Path, cli: Cli) -> None:
    said = "{reason: so, quote: null, answer: %s}"
    (review / "prompts" / "examples.yaml").write_text(
        f"examples:\n  - id: r01\n    title: '{title(1)}'\n    answers: {{drug: {said % 'unclear'}, trial: {said % 'unclear'}}}\n"
    )
    protocol = review / "prompts" / "review.yaml"
    protocol.write_text(
        protocol.read_text().replace("template: abstract.md", "template: abstract.md\n    examples: examples.yaml")
    )
    assert cli("run", "--stage", "abstract", "--reviewer", "gpt", "--json").json["decided"] == 60
    result = cli("evaluate", "--stage", "abstract", "--split", "dev", "--json").json
    assert result["n"] == 29
    assert any(remark.startswith("r01: left out") for remark in result["remarks"])
    found = cli(*TUNE, "--json").json["labels"]
    assert found["tune"] + found["check"] == 29


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (("tune",), "--stage abstract"),
        (("tune", "--stage", "abstract", "--format", "rst"), "neither text nor md"),
        (("tune", "propose", "--stage", "abstract", "--criterion", "drugs"), "none of"),
        (("tune", "try", "nothing"), "no such variant"),
        (("tune", "--json", "list"), "stands behind it"),
        (("tune", "propose", "--stage", "abstract", "--name", "same"), "another name"),
        (("tune", "accept", "same", "--note", "why"), "says what the protocol says already"),
    ],
)
def test_bad_input_gets_one_line(review: Path, cli: Cli, args: tuple[str, ...], told: str) -> None:
    (review / "prompts" / "variants").mkdir()
    (review / "prompts" / "variants" / "same.yaml").write_text(
        "stage: abstract\ncriteria:\n  drug: {question: Is the drug studied?}\n"
    )
    result = cli(*args)
    assert (result.code, len(result.err.splitlines())) == (2, 1)
    assert told in result.err


@pytest.fixture
def local(tmp_path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A review of 120 records, all of them dev, judged by the embedded reviewer."""
    for folder in ("prompts/variants", "gold"):
        (tmp_path / folder).mkdir(parents=True)
    protocol = (
        PROTOCOL.replace("machine: gpt", "machine: local").partition("reviewers:")[0]
        + "reviewers:\n  local: {kind: embedded}\n"
    )
    protocol = protocol.replace("studied?\n", "studied?\n        cues: {supports: [the drug]}\n")
    (tmp_path / "prompts" / "review.yaml").write_text(protocol)
    (tmp_path / "prompts" / "abstract.md").write_text((ROOT / "prompts" / "abstract.md").read_text())
    (tmp_path / "prompts" / "variants" / "wider.yaml").write_text(
        f"stage: abstract\ncriteria:\n  drug: {{question: {WIDER!r}}}\n"
    )
    with (tmp_path / "gold" / "records.csv").open("w", newline="") as file:
        csv.writer(file).writerows(
            [("id", "title", "abstract"), *((f"r{n:03}", title(n), f"{title(n)}. It is a trial.") for n in range(120))]
        )
    with (tmp_path / "gold" / "abstract.csv").open("w", newline="") as file:
        rows = [(f"r{n:03}", "include" if n % 3 < 2 else "exclude", "dev") for n in range(120)]
        csv.writer(file).writerows([("id", "decision", "split"), *rows])
    (tmp_path / "gold" / "gold.yaml").write_text(
        "name: g\nstatus: human\nlevel: abstract\ndrawn: random\nsplit: {salt: s}\nattribution: people\nlicence: CC0\n"
    )
    monkeypatch.chdir(tmp_path)
    assert cli("run", "--stage", "abstract", "--json").json["decided"] == 120
    return tmp_path


def test_once_a_wording_was_tuned_thresholds_are_of_check_alone_and_promise_nothing(local: Path, cli: Cli) -> None:
    from screener.gold import part_of

    choose = ("evaluate", "--stage", "abstract", "--thresholds", "0.8", "--confidence", "0.8", "--json")
    before, fitted = cli(*choose).json, cli("run", "--stage", "abstract", "--fit")
    check = [n for n in range(120) if part_of(REVIEW, f"r{n:03}") == "check"]
    assert before["n"] == 120
    assert before["no_promise"] is None
    assert "of 80 kept ones" in " ".join(fitted.err.split())
    flattered = "local was fitted to labels, and these may be among them: the figures flatter it"
    assert flattered in cli("evaluate", "--stage", "abstract", "--split", "dev", "--json").json["remarks"]

    tried = cli("tune", "try", "wider", "--json").json
    assert (tried["tune"]["n"] + tried["check"]["n"], tried["asked"]["calls"]) == (120, 0)
    after = cli(*choose).json
    assert (after["n"], after["kept"]) == (len(check), sum(n % 3 < 2 for n in check))
    assert "told which one to take" in after["no_promise"]
    assert any("of `check` alone" in remark for remark in after["remarks"])
    again = cli("run", "--stage", "abstract", "--fit")
    assert f"of {sum(n % 3 < 2 for n in check)} kept ones" in " ".join(again.err.split())


def test_an_embedded_reviewer_is_tried_without_the_fit_that_labels_of_check_have_taught(local: Path, cli: Cli) -> None:
    before = cli("tune", "try", "wider", "--json").json
    assert cli("run", "--stage", "abstract", "--fit").code == 0
    found = cli("evaluate", "--stage", "abstract", "--quality", "--split", "dev", "--json").json
    (fit,) = (lack for lack in found["missing"] if lack["code"] == "fit")
    assert found["reviewers"][0]["thresholds"]["exclude_below"] == fit["exclude_below"] > 0
    after = cli("tune", "try", "wider", "--json").json
    assert [after[part] for part in ("tune", "check")] == [before[part] for part in ("tune", "check")]
    refused = cli("tune", "propose", "--stage", "abstract")
    assert (refused.code, "only a chat model" in refused.err) == (2, True)


def test_a_list_shows_figures_only_of_what_was_tried_and_is_counted(local: Path, cli: Cli) -> None:
    (listed,) = cli("tune", "list", "--json").json["variants"]
    assert (listed["open_requests"], listed["tune"], listed["check"]) == (0, None, None)
    assert "not tried" in cli("tune", "list").out
    tried = cli("tune", "try", "wider", "--json").json
    assert tried["tried"]["variants"] == 1
    (listed,) = cli("tune", "list", "--json").json["variants"]
    assert listed["check"] == tried["check"]


def test_wording_that_was_tried_is_amended_also_where_the_stage_names_no_machine(review: Path, cli: Cli) -> None:
    protocol = review / "prompts" / "review.yaml"
    protocol.write_text(protocol.read_text().replace("{humans: 1, machine: gpt}", "{humans: 1}"))
    (review / "prompts" / "variants").mkdir()
    (review / "prompts" / "variants" / "wider.yaml").write_text(
        f"stage: abstract\ncriteria:\n  drug: {{question: {WIDER!r}}}\n"
    )
    assert cli("tune", "try", "wider", "--reviewer", "gpt").code == 0
    accepted = cli("tune", "accept", "wider", "--who", "Ada", "--note", "users count", "--json").json
    assert (accepted["amendment"]["who"], accepted["amendment"]["stale"]["machine"]) == ("Ada", 60)


def test_what_is_one_study_with_a_record_of_test_is_no_example_and_counts_in_no_figure_if_it_is(
    review: Path, cli: Cli
) -> None:
    draft = ("gold", "examples", "--stage", "abstract", "--reviewer", "gpt", "-n", "1", "--json")
    first = cli(*draft).json["examples"][0]["id"]
    assert cli("dedup", "merge", first, "r45", "--same-study").code == 0
    assert cli(*draft, "-o", "other.yaml").json["examples"][0]["id"] != first
    said = "{reason: so, quote: null, answer: unclear}"
    (review / "prompts" / "examples.yaml").write_text(
        f"examples:\n  - id: {first}\n    title: '{title(int(first[1:]))}'\n    answers: {{drug: {said}, trial: {said}}}\n"
    )
    protocol = review / "prompts" / "review.yaml"
    protocol.write_text(
        protocol.read_text().replace("template: abstract.md", "template: abstract.md\n    examples: examples.yaml")
    )
    assert cli("run", "--stage", "abstract", "--reviewer", "gpt").code == 0
    result = cli("evaluate", "--stage", "abstract", "--split", "test", "--json").json
    assert result["n"] == 29
    assert any(remark.startswith("r45: left out") for remark in result["remarks"])
