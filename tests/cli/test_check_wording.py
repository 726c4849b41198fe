"""`check` as a critic of criteria: its advice has lines and is no mistake; a model's suggestions are held to the wording."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from servers import Server, openai_server
from support import Cli
from support.chat_run import add_reviewer, written

SIGNAL = "Is the electrocardiogram (ECG) an input of the model that is studied?"
GPT = "gpt: {kind: chat, model: 'openai:gpt-5-mini', api_key_env: TEST_KEY, price: {input: 1.0, output: 2.0}}"


def line_with(folder: Path, words: str) -> int:
    lines = (folder / "prompts" / "review.yaml").read_text().splitlines()
    return next(number for number, line in enumerate(lines, 1) if words in line)


def suggestion(**changed: str) -> dict[str, str]:
    told = {
        "criterion": "signal",
        "field": "met_when",
        "quote": "so do Holter and wearable recordings",
        "problem": "It is not said whether one lead is enough.",
        "rewording": "so do Holter and single-lead recordings",
    }
    return {**told, **changed}


def test_advice_has_the_line_of_the_words_it_is_about_and_is_no_mistake(ecg: Path, cli: Cli) -> None:
    done = cli("check")
    assert done.code == 0
    line = line_with(ecg, "is its performance there reported?")
    assert (
        f'review.yaml:{line}: fulltext.adaptation: "and is its performance there reported" asks two things' in done.out
    )
    folded = line_with(ecg, "They substantially adapt an")
    assert f'review.yaml:{folded}: abstract.development: "substantially"' in done.out


@pytest.mark.slow
def test_advice_is_in_the_document_of_json(ecg: Path, cli: Cli) -> None:
    findings = cli("check", "--json").json["findings"]
    places = [(each["kind"], each["place"], each["quote"]) for each in findings]
    assert ("compound", "stages.fulltext.criteria.2.question", "and is its performance there reported") in places
    assert all(set(each) == {"line", "place", "stage", "criterion", "kind", "quote", "advice"} for each in findings)


@pytest.mark.slow
def test_a_criterion_that_presupposes_another_is_told_until_it_says_so(ecg: Path, cli: Cli) -> None:
    protocol = ecg / "prompts" / "review.yaml"
    text = protocol.read_text()
    assert not [each for each in cli("check", "--json").json["findings"] if each["kind"] == "presupposes"]
    protocol.write_text(text.replace("        applies_if: pretraining\n", ""))
    findings = [each for each in cli("check", "--json").json["findings"] if each["kind"] == "presupposes"]
    assert [(each["stage"], each["criterion"]) for each in findings] == [
        ("abstract", "adaptation"),
        ("fulltext", "adaptation"),
    ]
    assert findings[0]["line"] == line_with(ecg, "question: Is the pre-trained model adapted to or")


@pytest.mark.slow
def test_the_cost_of_a_critique_is_told_and_nothing_is_sent(ecg: Path, cli: Cli) -> None:
    add_reviewer(ecg, GPT)
    said = cli("check", "--critique", "gpt", "--dry-run")
    assert said.code == 0
    plan = cli("check", "--critique", "gpt", "--dry-run", "--json").json["critique"]["plan"]
    assert plan["calls"] == 2
    assert plan["cost_usd"] == pytest.approx((plan["input_tokens"] + 2 * plan["output_tokens"]) / 1e6)
    assert f"2 requests, one a stage, about {plan['input_tokens']:,} input" in said.out
    assert not (ecg / ".screener").exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("args", "told"),
    [
        (["--critique", "embedded"], "embedded is no chat model (gpt)"),
        (["--critique", "nobody"], "no reviewer is named `nobody`"),
        (["--dry-run"], "--dry-run goes with --critique"),
        (["--critique", "gpt", "--dry-run", "-o", "x"], "exclude each other"),
        (["--critique", "gpt", "--answers", "missing.jsonl"], "missing.jsonl: cannot be read"),
    ],
)
def test_what_cannot_be_asked_is_refused(ecg: Path, cli: Cli, args: list[str], told: str) -> None:
    add_reviewer(ecg, GPT)
    done = cli("check", *args)
    assert done.code == 2
    assert told in done.err


def asked(ecg: Path, cli: Cli) -> list[str]:
    """The ids of the requests that `-o` wrote."""
    add_reviewer(ecg, GPT)
    assert cli("check", "--critique", "gpt", "-o", "asked.jsonl").code == 0
    return [json.loads(line)["custom_id"] for line in Path("asked.jsonl").read_text().splitlines()]


def answer(custom_id: str, *suggestions: dict[str, str] | str) -> dict[str, object]:
    text = json.dumps({"suggestions": list(suggestions)})
    body = {"choices": [{"message": {"content": text}}], "usage": {"prompt_tokens": 10, "completion_tokens": 5}}
    return {"custom_id": custom_id, "response": {"status_code": 200, "body": body}}


@pytest.mark.slow
def test_answers_to_a_file_of_requests_are_read_and_only_true_quotes_are_shown(ecg: Path, cli: Cli) -> None:
    first, second = asked(ecg, cli)
    invented = suggestion(quote="so do Holter and bedside recordings")
    unknown = suggestion(criterion="sgnal")
    answers = [answer(first, suggestion(), invented, unknown), answer(second)]
    written(Path("answers.jsonl"), answers)
    done = cli("check", "--critique", "gpt", "--answers", "answers.jsonl")
    assert done.code == 0
    # The words stand in two lines of the file; the first is named.
    line = line_with(ecg, "so do Holter")
    assert f'review.yaml:{line}: abstract.signal: "so do Holter and wearable recordings" It is not said' in done.out
    assert "suggested: so do Holter and single-lead recordings" in done.out
    assert "bedside" not in done.out.split("left out:")[0]
    assert 'left out: abstract: `signal.met_when` does not say "so do Holter and bedside recordings"' in done.out
    assert "left out: abstract: no criterion is named `sgnal`" in done.out


@pytest.mark.slow
def test_a_stage_without_a_usable_answer_is_told_and_the_rest_is_shown(ecg: Path, cli: Cli) -> None:
    first, _ = asked(ecg, cli)
    written(Path("answers.jsonl"), [answer(first, suggestion())])
    done = cli("check", "--critique", "gpt", "--answers", "answers.jsonl", "--json")
    assert done.code == 3
    critique = done.json["critique"]
    assert [each["criterion"] for each in critique["suggestions"]] == ["signal"]
    assert critique["failed"] == {"fulltext": "the file has no answer"}
    assert critique["cost_usd"] == pytest.approx(20e-6)


@pytest.mark.slow
def test_answers_to_an_earlier_wording_are_refused(ecg: Path, cli: Cli) -> None:
    first, second = asked(ecg, cli)
    written(Path("answers.jsonl"), [answer(first), answer(second)])
    protocol = ecg / "prompts" / "review.yaml"
    protocol.write_text(
        protocol.read_text().replace(SIGNAL, SIGNAL.replace("input", "part")).replace("human beings?", "people?")
    )
    done = cli("check", "--critique", "gpt", "--answers", "answers.jsonl")
    assert done.code == 2
    assert "no answer to the requests of today's wording" in done.err


@pytest.fixture
def server() -> Iterator[Server]:
    with openai_server(
        {"answers": {SIGNAL: {"suggestions": [suggestion()]}, "human beings": {"suggestions": []}}}
    ) as running:
        yield running


@pytest.mark.slow
def test_a_model_is_asked_once_a_stage_and_a_failure_is_told(
    ecg: Path, cli: Cli, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_KEY", "sk-secret-0123456789abcdef")
    add_reviewer(ecg, GPT.replace("price", f"base_url: '{server.base_url}', timeout_s: 5, price"))
    done = cli("check", "--critique", "gpt")
    assert done.code == 0
    assert server.stats()["calls"] == 2
    assert "Critique by gpt: 2 requests, one a stage" in done.err
    assert 'abstract.signal: "so do Holter and wearable recordings"' in done.out
    server.set_script({"faults": [{"kind": "401"}]}, reset=True)
    failed = cli("check", "--critique", "gpt")
    assert failed.code == 3
    assert "abstract: no critique:" in failed.out
