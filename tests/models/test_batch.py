"""Batch files: requests as the SDK sends them, answers from anywhere, nothing dropped in silence."""

import asyncio
import json

import pytest
from servers import openai_server
from support.models import ask, chat, everything_said, spec

from screener.core.errors import BadInput
from screener.models import ModelError, PermanentError, TransientError, batch, connect
from screener.models.batch import collect, encode, find, never_started, read_answers, start, upload

KEY = "sk-test-0123456789abcdefSECRET"


@pytest.fixture(scope="module")
def running():
    with openai_server() as server:
        yield server


@pytest.fixture
def server(running, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    running.set_script({"keep": True}, reset=True)
    return running


async def submit(asked, path, mark="m"):
    return await start(asked, await upload(asked, path), mark)


def completion(text: str = "{}", **more) -> dict:
    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}
    return {"model": "m-1", "choices": [choice], "usage": {"prompt_tokens": 9, "completion_tokens": 2}, **more}


def line(custom_id: object, body: object = None, *, status: int = 200, error: object = None) -> str:
    response = None if body is None else {"status_code": status, "body": body}
    return json.dumps({"custom_id": custom_id, "response": response, "error": error})


@pytest.mark.parametrize("structured", ["auto", "json_object", "prompt"])
def test_a_batch_line_holds_the_very_body_that_is_sent_one_by_one(server, structured):
    asked = spec(server.base_url, structured=structured, parameters={"seed": 1, "extra_body": {"top_k": 3}})
    ask(lambda: connect(asked), chat("Ünïcode\u2028title"))
    entry = json.loads(encode(asked, "r1", chat("Ünïcode\u2028title")))
    assert entry["body"] == server.log()[0]["body"]
    assert (entry["custom_id"], entry["method"], entry["url"]) == ("r1", "POST", "/v1/chat/completions")


def test_a_request_is_one_line_whatever_its_text_holds():
    text = encode(spec(None), "r1", chat("a\nb\r\u2028c\u2029d\x0be\x85f"))
    assert text.splitlines() == [text]


def test_good_answers_carry_text_model_and_tokens():
    answers = read_answers([line("a", completion('{"x": 1}'))], ["a"], structured="json_schema")
    reply = answers.replies["a"]
    assert reply.response.text == '{"x": 1}'
    assert (reply.model, reply.usage.input_tokens, reply.usage.output_tokens) == ("m-1", 9, 2)
    assert [answers.failed, answers.missing, answers.repeated, answers.unknown, answers.unreadable] == [
        {},
        [],
        [],
        [],
        {},
    ]


def test_unknown_repeated_missing_and_failed_ids_are_reported():
    lines = [
        line("a", completion("first")),
        line("a", completion("second")),
        line("a", completion("third")),
        line("stranger", completion()),
        line("b", {"error": {"message": "The server had an error."}}, status=500),
        line("c", None, error={"code": "batch_expired", "message": "This request expired."}),
        line("d", completion(choices=[])),
        line("e", None),
    ]
    answers = read_answers(lines, ["a", "b", "c", "d", "e", "f"])
    assert answers.replies["a"].response.text == "first"
    assert list(answers.replies) == ["a"]
    assert answers.repeated == ["a"]
    assert answers.unknown == ["stranger"]
    assert answers.missing == ["f"]
    assert set(answers.failed) == {"b", "c", "d", "e"}
    assert "server had an error" in answers.failed["b"]
    assert answers.failed["c"] == "This request expired."
    assert "no choice" in answers.failed["d"]


@pytest.mark.parametrize("good_first", [True, False])
def test_a_good_answer_outweighs_an_error_of_the_same_id(good_first):
    lines = [line("a", completion("good")), line("a", None, error={"message": "no"})]
    answers = read_answers(lines if good_first else lines[::-1], ["a"])
    assert answers.replies["a"].response.text == "good"
    assert answers.failed == {}
    assert answers.repeated == []


@pytest.mark.parametrize(
    "entry",
    [
        {"custom_id": "a", "response": {"body": completion("ok")}},  # no status, no error
        {"custom_id": "a", "response": completion("ok")},  # no envelope
        {"custom_id": "a", "response": {"status_code": 200, "body": json.dumps(completion("ok"))}},  # body as text
        {"custom_id": "a", "response": {"body": completion([{"type": "text", "text": "ok"}])}, "error": {}},  # in parts
        {"custom_id": "a", "response": {"body": {"choices": [{"message": {"content": "ok"}}]}}, "extra": 1},  # bare
    ],
)
def test_answers_of_foreign_producers_are_understood(entry):
    answers = read_answers(["\ufeff" + json.dumps(entry) + "\r\n", "", "  \n"], ["a"])
    assert answers.replies["a"].response.text == "ok"


@pytest.mark.parametrize(
    "body", ["plain text", 7, [], {"choices": None}, {"choices": [None]}, {"choices": [{"message": None}]}, True]
)
def test_a_body_that_is_no_completion_is_a_failure_of_its_id(body):
    answers = read_answers([line("a", body)], ["a"])
    assert set(answers.failed) == {"a"}


def test_lines_that_say_nothing_are_listed_by_number():
    lines = ["{", '"text"', "[]", '{"custom_id": 7}', line("a", completion())]
    answers = read_answers(lines, ["a"])
    assert answers.unreadable == {1: "not JSON", 2: "no custom_id", 3: "no custom_id", 4: "no custom_id"}
    assert set(answers.replies) == {"a"}


def test_a_batch_goes_through_the_api_with_all_its_mishaps(server, tmp_path):
    asked = spec(server.base_url)
    ids = [f"r{i}" for i in range(8)]
    path = tmp_path / "requests.jsonl"
    path.write_text("".join(encode(asked, i, chat(f"Record {i}")) + "\n" for i in ids), encoding="utf-8")
    plan = {"polls": 1, "repeat": ["r1"], "drop": ["r2"], "fail": ["r3", "r4"], "unknown": ["x9"]}
    server.set_script({"batch": plan, "answers": {"Record r7": "line\u2028separator"}})
    batch_id = asyncio.run(submit(asked, path))
    under_way = asyncio.run(collect(asked, batch_id))
    assert (under_way.status, under_way.lines) == ("in_progress", None)
    done = asyncio.run(collect(asked, batch_id))
    assert done.status == "completed"
    answers = read_answers(done.lines, ids)
    assert sorted(answers.replies) == ["r0", "r1", "r5", "r6", "r7"]
    assert (answers.repeated, answers.missing, answers.unknown) == (["r1"], ["r2"], ["x9"])
    assert sorted(answers.failed) == ["r3", "r4"]
    assert answers.replies["r0"].model == "gpt-5-mini-2026-01-01"
    assert answers.replies["r7"].response.text == "line\u2028separator"
    [direct] = ask(lambda: connect(asked), chat("Record r0"))
    assert answers.replies["r0"].response == direct.response


def test_a_batch_that_failed_as_a_whole_says_why(server, tmp_path):
    path = tmp_path / "requests.jsonl"
    path.write_text(encode(spec(server.base_url), "a", chat()) + "\n", encoding="utf-8")
    server.set_script({"batch": {"polls": 0, "status": "failed"}})
    done = asyncio.run(collect(spec(server.base_url), asyncio.run(submit(spec(server.base_url), path))))
    assert (done.status, done.lines, done.problem) == ("failed", (), "the file is invalid")


def test_faults_of_the_api_are_those_of_any_model(server):
    with pytest.raises(PermanentError) as missing:
        asyncio.run(collect(spec(server.base_url), "batch_nowhere"))
    assert missing.value.status == 404
    with pytest.raises(TransientError) as absent:
        asyncio.run(collect(spec("http://127.0.0.1:9/v1"), "batch_1"))
    assert KEY not in everything_said(absent.value) + everything_said(missing.value)


def test_a_file_that_the_api_would_not_take_is_refused_before_the_upload(server, tmp_path, monkeypatch):
    monkeypatch.setattr(batch, "MAX_REQUESTS", 2)
    (tmp_path / "f").write_text("{}\n" * 3)
    with pytest.raises(BadInput, match="3 requests"):
        asyncio.run(upload(spec(server.base_url), tmp_path / "f"))


def test_a_batch_is_found_by_the_mark_that_it_was_started_with(server, tmp_path):
    asked = spec(server.base_url)
    path = tmp_path / "requests.jsonl"
    path.write_text(encode(asked, "a", chat()) + "\n", encoding="utf-8")
    started = asyncio.run(submit(asked, path, "mark-1"))
    asyncio.run(submit(asked, path, "mark-2"))
    assert asyncio.run(find(asked, {"mark-1", "mark-3"})) == {"mark-1": started}


@pytest.mark.parametrize(("status", "certain"), [(400, True), (401, True), (429, True), (408, False), (500, False)])
def test_only_a_refusal_says_for_certain_that_no_batch_runs(server, tmp_path, status, certain):
    server.set_script({"batch": {"start": status}, "echo_authorization": True})
    with pytest.raises(ModelError) as failed:
        asyncio.run(start(spec(server.base_url), "file-1", "m"))
    assert never_started(failed.value) == certain
    assert KEY not in everything_said(failed.value)
