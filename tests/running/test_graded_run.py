"""A chat reviewer with graded answers against a real server: calibrated, ranked and decided without asking twice."""

import csv
import json
import random
import re
from pathlib import Path
from typing import Any

import pytest
from servers import Server, openai_server
from support import BroughtOnce, Cli
from support.chat_run import ARGS, add_reviewer, answered, ledger_rows, written

from screener.protocol.review_id import write_id

PROTOCOL = """\
id: 5b1f0c1e-0000-4000-8000-000000000016
title: Reminders
questions: ["Do reminders help?"]
stages:
  abstract:
    question: "Is it about reminders?"
    template: abstract.md
    decided_by: {humans: 1, machine: gpt}
    criteria:
      - {id: nudge, question: "Is somebody reminded?", silence: "no"}
      - {id: effect, question: "Is an effect measured?"}
reviewers:
  gpt: {kind: chat, model: "openai:m", base_url: "URL", answers: graded}
"""
RECORDS = 320
KEPT = {"definitely_yes": 0.85, "probably_yes": 0.5, "unclear": 0.15, "probably_no": 0.05, "definitely_no": 0.01}
"""How often a criterion is met, by its grade: less often than the grades stand for."""
ORDER = list(KEPT)
PROMPT = Path(__file__).parents[2] / "prompts" / "abstract.md"


def made(folder: Path, url: str) -> None:
    """Make the review with its gold, and with what the model answers, by record."""
    rng = random.Random(16)
    (folder / "prompts").mkdir()
    (folder / "gold").mkdir()
    (folder / "prompts" / "abstract.md").write_text(PROMPT.read_text())
    (folder / "prompts" / "review.yaml").write_text(PROTOCOL.replace("URL", url))
    answers: dict[str, Any] = {}
    records, labels = [], []
    for n in range(RECORDS):
        name, about = f"r{n:03}", f"Trial {n:03} of reminders."
        records.append({"id": name, "title": about, "abstract": f"{about} Somebody was reminded of something."})
        grades = {"nudge": rng.choice(ORDER), "effect": rng.choice(ORDER[:2])}
        met = {criterion: rng.random() < KEPT[grade] for criterion, grade in grades.items()}
        values = {criterion: "yes" if is_met else "no" for criterion, is_met in met.items()}
        labels.append({"id": name, "decision": "include" if all(met.values()) else "exclude", **values})
        answers[about] = {c: {"reason": "So it seems.", "quote": about, "answer": g} for c, g in grades.items()}
    (folder / "answers.json").write_text(json.dumps(answers))
    (folder / "made.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    with (folder / "gold" / "abstract.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, ["id", "decision", "nudge", "effect"])
        writer.writeheader()
        writer.writerows(labels)
    (folder / "gold" / "gold.yaml").write_text("name: made\nstatus: human\ndrawn: random\nsplit: {salt: made}\n")


@pytest.fixture(scope="module")
def server() -> Any:
    with openai_server() as running:
        yield running


@pytest.fixture
def review(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: Server, cli: Cli, brought_once: BroughtOnce
) -> Path:
    """The review with its records, of which no model has judged any."""

    def bring() -> None:
        made(tmp_path, server.base_url)
        assert cli("import", "made.jsonl").code == 0

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    brought_once("graded", tmp_path, bring)
    server.set_script({"answers": made_answers(tmp_path)}, reset=True)
    return tmp_path


@pytest.fixture
def fitted(review: Path, server: Server, cli: Cli, brought_once: BroughtOnce) -> Path:
    """The same, asked and calibrated: the server is asked no more."""

    def bring() -> None:
        assert cli(*ARGS).json["calls"] == RECORDS
        assert cli(*ARGS, "--fit").json["calls"] == 0

    brought_once("graded-fitted", review, bring)
    server.set_script({"answers": made_answers(review)}, reset=True)
    return review


def add(review: Path, option: str) -> None:
    path = review / "prompts" / "review.yaml"
    path.write_text(path.read_text().replace("answers: graded", f"answers: graded, {option}"))


def evaluated(cli: Cli, split: str = "dev") -> dict[str, Any]:
    done = cli("evaluate", "--stage", "abstract", "--split", split, "--json")
    assert done.code == 0, done.err
    return dict(done.json)


@pytest.mark.slow
def test_grades_rank_are_calibrated_on_tune_alone_and_decide_without_a_second_call(
    review: Path, server: Server, cli: Cli
) -> None:
    ran = cli(*ARGS).json
    assert (ran["calls"], ran["decided"]) == (RECORDS, RECORDS)
    raw, raw_test = evaluated(cli), evaluated(cli, "test")
    assert raw["auroc"] > 0.8
    assert raw["calibration"]["n"] == raw["n"]

    fitted = cli(*ARGS, "--fit").json
    assert (fitted["calls"], fitted["decided"]) == (0, RECORDS)
    assert server.stats()["calls"] == RECORDS
    (fit,) = ledger_rows(review, "fits")
    shares = json.loads(fit["body"])["criteria"]["nudge"]["shares"]
    assert [shares[grade] for grade in ORDER] == sorted((shares[grade] for grade in ORDER), reverse=True)
    calibrated = evaluated(cli)
    assert any("part `check`" in remark for remark in calibrated["remarks"])
    tune = raw["n"] - calibrated["n"]
    assert 0 < calibrated["n"] < raw["n"]
    body = json.loads(fit["body"])["inclusion"]
    assert body["kept"] + body["excluded"] == tune  # what taught it is what is not counted
    calibrated_test = evaluated(cli, "test")  # the same records, of which no label taught it
    assert calibrated_test["n"] == raw_test["n"]
    assert calibrated_test["calibration"]["brier"]["value"] < raw_test["calibration"]["brier"]["value"]
    assert calibrated_test["calibration"]["ece"]["value"] < raw_test["calibration"]["ece"]["value"]
    again = cli(*ARGS, "--fit").json
    assert (again["calls"], again["cached"]) == (0, RECORDS)  # the same labels make the same calibration


@pytest.mark.slow
def test_what_is_decided_anew_from_stored_answers_needs_no_key_and_what_is_asked_does(
    review: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(review, "api_key_env: MADE_KEY")
    monkeypatch.setenv("MADE_KEY", "none")
    assert cli(*ARGS, "--limit", "200").code == 0
    monkeypatch.delenv("MADE_KEY")
    refused = cli(*ARGS)
    assert (refused.code, "MADE_KEY is not set" in refused.err) == (2, True)
    fitted = cli(*ARGS, "--limit", "200", "--fit").json
    assert (fitted["calls"], fitted["decided"]) == (0, 200)
    add(review, "until: {abstract: {exclude_below: 0.1, include_above: 0.9}}")
    planned = cli(*ARGS, "--limit", "203", "--dry-run").json
    assert (planned["calls"], planned["answered_from_ledger"]) == (3, 200)
    told = cli(*ARGS[:-1], "--limit", "200", "--dry-run").out
    assert "The answers to all 200 calls are stored: nothing to pay for" in told
    decided = cli(*ARGS, "--limit", "200").json
    assert (decided["calls"], decided["decided"]) == (0, 200)


@pytest.mark.slow
def test_an_operating_point_is_chosen_for_a_recall_pasted_and_then_decides(
    fitted: Path, server: Server, cli: Cli
) -> None:
    choice = cli("evaluate", "--stage", "abstract", "--thresholds", "0.9", "--json").json
    assert (choice["kind"], choice["method"], choice["promise"]) == ("graded", "empirical", None)
    assert choice["yaml"].startswith("until: {abstract: {exclude_below: ")
    assert choice["exclude"] > 10
    page = cli("evaluate", "--stage", "abstract", "--thresholds", "0.9").out
    assert "In prompts/review.yaml, for gpt:" in page
    assert "no answer is asked for again" in page
    add(fitted, choice["yaml"])
    ran = cli(*ARGS).json
    assert (ran["calls"], server.stats()["calls"]) == (0, 0)
    result = evaluated(cli)
    assert result["recall"]["value"] == pytest.approx(choice["recall"]["value"])
    assert result["tn"] + result["fn"] == choice["exclude"]
    promised = cli(
        "evaluate", "--stage", "abstract", "--thresholds", "0.8", "--confidence", "0.8", "--json"
    ).json  # fmt: skip
    assert promised["method"] == "learn-then-test"
    assert promised["promise"]["labelled"] == choice["n"] == result["n"]
    assert "whose labels taught its calibration" in promised["promise"]["frame"]
    line = json.loads(ledger_rows(fitted, "fits")[0]["body"])["inclusion"]
    assert promised["promise"]["frame_size"] == RECORDS - line["kept"] - line["excluded"]


@pytest.mark.slow
def test_the_probabilities_of_tokens_weigh_grades_where_the_server_gives_them(
    review: Path, server: Server, cli: Cli
) -> None:
    answers = made_answers(review)
    torn = {"nudge": {"definitely_yes": 0.5, "definitely_no": 0.2, "unclear": 0.3}, "effect": {"absent": 1.0}}
    about = "Trial 007 of reminders."
    told = answers[about]["nudge"]["answer"] = "definitely_yes"
    answers[about]["effect"]["answer"] = "absent"
    add(review, "logprobs: true")
    server.set_script({"answers": answers, "likely": {about: torn}, "keep": True}, reset=True)
    assert cli(*ARGS).json["calls"] == RECORDS
    body = server.log()[0]["body"]
    assert (body["logprobs"], body["top_logprobs"]) == (True, 20)
    judged = judgement(review, "r007")["answers"]
    assert judged["nudge"]["value"] == "yes", told
    assert judged["nudge"]["probability"] == pytest.approx(0.5 * 0.95 + 0.2 * 0.05 + 0.3 * 0.5, abs=1e-4)
    assert judged["effect"]["probability"] == 0.4
    sure = judgement(review, "r008")["answers"]["nudge"]["probability"]
    assert sure in (0.95, 0.75, 0.5, 0.25, 0.05)
    assert cli(*ARGS, "--fit").json["calls"] == 0  # the tokens are kept with the answers


@pytest.mark.slow
def test_without_tokens_the_grades_count_and_a_server_that_refuses_is_told_in_one_line(
    review: Path, server: Server, cli: Cli
) -> None:
    add(review, "logprobs: true")
    script = {"answers": made_answers(review)}
    server.set_script({**script, "logprobs": "refused"}, reset=True)
    refused = cli(*ARGS)
    assert refused.code == 2
    assert "the server refuses `logprobs` each time" in refused.err
    server.set_script({**script, "logprobs": "ignored"}, reset=True)
    assert cli(*ARGS).json["decided"] == RECORDS
    assert judgement(review, "r008")["answers"]["nudge"]["probability"] in (0.95, 0.75, 0.5, 0.25, 0.05)


@pytest.mark.slow
def test_batches_carry_grades_and_tokens(review: Path, server: Server, cli: Cli, tmp_path: Path) -> None:
    add(review, "logprobs: true")
    about = "Trial 007 of reminders."
    answers = made_answers(review)
    answers[about]["nudge"]["answer"] = "definitely_yes"
    likely = {about: {"nudge": {"definitely_yes": 0.5, "unclear": 0.5}}}
    server.set_script({"answers": answers, "likely": likely}, reset=True)
    requests = tmp_path / "requests.jsonl"
    assert cli("batch", "export", "--stage", "abstract", "--reviewer", "gpt", "-o", requests).code == 0
    first = json.loads(requests.read_text().splitlines()[0])["body"]
    assert first["logprobs"] is True
    enum = first["response_format"]["json_schema"]["schema"]["properties"]["nudge"]["properties"]["answer"]["enum"]
    assert enum[:2] == ["definitely_yes", "probably_yes"]
    done = cli("batch", "import", written(tmp_path / "answers.jsonl", answered(requests, server)))
    assert done.code == 0, done.err
    assert judgement(review, "r007")["answers"]["nudge"]["probability"] == pytest.approx(0.725, abs=1e-4)
    assert cli(*ARGS, "--fit").json["calls"] == 0


@pytest.mark.slow
def test_what_keeps_a_calibration_from_being_made_is_told(review: Path, cli: Cli) -> None:
    early = cli(*ARGS, "--fit")
    assert early.code == 2
    assert "has judged no labelled record of the part `tune` of gold dev yet" in early.err
    gold = review / "gold" / "gold.yaml"
    gold.write_text(gold.read_text().replace("status: human", "status: provisional"))
    assert "calibrated on gold dev that people labelled" in cli(*ARGS, "--fit").err
    prompt = review / "prompts" / "abstract.md"
    prompt.write_text(prompt.read_text().replace("graded", "false"))
    told = cli(*ARGS, "--dry-run")
    assert told.code == 2
    assert "tells of no grades" in told.err
    assert "tells of no grades, so gpt cannot be asked here" in cli("check").out.replace("\n", " ")


@pytest.mark.slow
def test_thresholds_name_criteria_and_stages_that_there_are(review: Path, cli: Cli) -> None:
    limits = "{no_below: 0.1, yes_from: 0.9}"
    add(
        review,
        f"thresholds: {{abstract: {{nudgg: {limits}}}}}, until: {{fulltext: {{exclude_below: 0, include_above: 1}}}}",
    )
    told = cli("check")
    assert told.code == 2
    assert "no such criterion; did you mean `nudge`?" in told.err
    assert "the protocol has no screening stage `fulltext`" in told.err


@pytest.mark.slow
def test_an_ensemble_is_measured_without_what_taught_a_member(fitted: Path, cli: Cli) -> None:
    path = fitted / "prompts" / "review.yaml"
    until = "until: {exclude_below: 0.1, include_above: 0.9}"
    path.write_text(path.read_text() + f"  alone: {{kind: ensemble, members: [gpt], rule: mean, {until}}}\n")
    assert cli("run", "--stage", "abstract", "--reviewer", "alone").code == 0
    alone = cli("evaluate", "--stage", "abstract", "--reviewer", "alone", "--split", "dev", "--json").json
    assert alone["n"] == evaluated(cli)["n"]
    assert any("part `check`" in remark for remark in alone["remarks"])


@pytest.mark.slow
def test_reports_teach_by_what_was_read_of_their_documents(judged: Path, server: Server, cli: Cli) -> None:
    """With so few labels nothing is calibrated, and the message counts the stored answers that were found."""
    model = f"kind: chat, model: 'openai:m', base_url: '{server.base_url}', answers: graded"
    add_reviewer(judged, f"gpt: {{{model}}}")
    write_id(judged / "prompts" / "review.yaml", "5b1f0c1e-0000-4000-8000-000000000016")  # it says which are in `tune`
    gold = judged / "gold"
    with (gold / "fulltext.csv").open() as file:
        names = [row["id"] for row in csv.DictReader(file)]
    spec = (gold / "gold.yaml").read_text()
    (gold / "gold.yaml").write_text(re.sub(r"status: \w+", "status: human", spec))
    (judged / "paper.txt").write_text("A model was trained on recordings of people. " * 30)
    for name in names:
        cli("attach", name, "paper.txt")
    server.set_script({"prefer": "probably_yes"}, reset=True)
    ran = cli("run", "--stage", "fulltext", "--reviewer", "gpt", "--json").json
    assert ran["decided"] > 5
    asked = server.stats()["calls"]
    told = cli("run", "--stage", "fulltext", "--reviewer", "gpt", "--fit")
    assert told.code == 2
    counted = re.search(r"there are (\d+) and (\d+)", told.err)
    assert counted is not None
    assert int(counted[1]) + int(counted[2]) > 0
    assert server.stats()["calls"] == asked


def made_answers(review: Path) -> dict[str, Any]:
    """The answers of `made`, once more."""
    return dict(json.loads((review / "answers.json").read_text()))


def judgement(review: Path, record: str) -> dict[str, Any]:
    """The newest judgement of a record."""
    rows = [row for row in ledger_rows(review, "judgements") if row["record_id"] == record]
    return dict(json.loads(rows[-1]["body"]))


@pytest.mark.slow
def test_errors_of_a_calibrated_reviewer_are_read_from_the_labels_that_taught_it_and_a_wording_is_judged_by_its_own_answers(
    review: Path, server: Server, cli: Cli
) -> None:
    tune = ("tune", "--stage", "abstract", "--json")
    assert cli(*ARGS).code == 0
    raw = cli(*tune).json
    assert cli(*ARGS, "--fit").code == 0
    add(review, "until: {abstract: {exclude_below: 0.1, include_above: 0.5}}")
    assert cli(*ARGS).code == 0
    found = cli(*tune).json
    assert found["figures"]["n"] == raw["figures"]["n"] == raw["labels"]["tune"]
    assert any("flatter" in remark for remark in found["remarks"])
    listed = [error["id"] for row in found["criteria"] for error in (*row["missed"], *row["missed_with_others"])]
    assert len(listed) == found["figures"]["fn"] > 0  # those by the probability of inclusion too
    assert (
        cli("gold", "examples", "--stage", "abstract", "-n", "2", "--json").json["candidates"] == raw["labels"]["tune"]
    )

    # The other wording is answered the other way round of a grade that labels turn out to mean.
    variants = review / "prompts" / "variants"
    variants.mkdir()
    (variants / "bolder.yaml").write_text("stage: abstract\ncriteria:\n  effect: {question: Is any effect measured?}\n")
    answers = json.loads((review / "answers.json").read_text())
    bolder = {"probably_yes": "definitely_no", "definitely_yes": "probably_no"}
    other = {about: {c: {**a, "answer": bolder.get(a["answer"], a["answer"]) if c == "effect" else a["answer"]}
                     for c, a in said.items()} for about, said in answers.items()}  # fmt: skip
    server.set_script({"answers": other})
    tried = cli("tune", "try", "bolder", "--json").json
    assert tried["tune"]["n"] == raw["labels"]["tune"]
    assert tried["check"]["missing"] == {"bolder": 0, "present wording": 0}
    # What the other grades turn out to mean, by the labels of tune, is what the present ones mean: so are the decisions.
    changed = tried["check"]["differences"]
    assert [changed[name]["value"] for name in ("recall", "specificity")] == pytest.approx([0, 0], abs=0.1)
