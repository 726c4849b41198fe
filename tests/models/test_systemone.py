"""Probability models: against dev-double's real server, and against scripted faults."""

import pytest
from servers import Server, decision_server, openai_server
from servers.scripted import scripted
from support.models import ask, everything_said, using

from screener.core.errors import BadInput
from screener.core.messages import ProbabilityRequest
from screener.models import PermanentError, ProbabilitySpec, TransientError, UnusableReply, connect

REQUEST = ProbabilityRequest(
    "A transformer was trained on electrocardiograms.",
    (("ecg", "Is it about the electrocardiogram?"), ("cats", "Is it about cats and dogs?")),
)
KEY = "sk-test-0123456789abcdefSECRET"


@pytest.fixture(scope="module")
def server():
    with openai_server() as server:
        yield server


def model(address: str, **more):
    return connect(ProbabilitySpec(**{"model": "jev-latest", "base_url": address, "timeout_s": 5, **more}))


def failing(server: Server, fault: dict, **more) -> Exception:
    server.set_script({"faults": [fault]}, reset=True)
    [error] = ask(lambda: model(server.root, **more), REQUEST)
    assert isinstance(error, Exception), error
    assert server.stats()["calls"] == 1
    return error


def test_a_real_decision_server_answers_each_question_with_a_probability():
    with decision_server() as address:
        first, second = ask(lambda: model(address), REQUEST, REQUEST)
        [wrong] = ask(lambda: model(address), ProbabilityRequest("", REQUEST.questions))
        [large] = ask(lambda: model(address), ProbabilityRequest("x" * 70_000, REQUEST.questions))
    assert [name for name, _ in first.response.probabilities] == ["ecg", "cats"]
    assert all(0 <= p <= 1 for _, p in first.response.probabilities)
    assert first.response == second.response
    assert first.model == "mock-overlap", "the model that answered, not the one that was asked"
    assert first.usage.input_tokens > 0
    assert type(wrong) is PermanentError
    assert wrong.status == 400
    assert type(large) is PermanentError
    assert large.status == 413


def test_the_request_has_the_documented_form(server):
    server.set_script({"keep": True}, reset=True)
    for address in (server.root, server.base_url):  # with or without /v1
        [reply] = ask(lambda address=address: model(address), REQUEST)
        assert len(reply.response.probabilities) == 2
    for sent in server.log():
        assert sent["path"] == "/v1/systemone"
        assert sent["authorization"] is None
        assert sent["body"] == {
            "model": "jev-latest",
            "state": REQUEST.state,
            "questions": {
                "ecg": {"type": "noul", "instructions": "Is it about the electrocardiogram?"},
                "cats": {"type": "noul", "instructions": "Is it about cats and dogs?"},
            },
        }


@pytest.mark.parametrize(
    ("kind", "says"),
    [("missing_id", "no answer to: ecg"), ("nan", "nan"), ("out_of_range", "1.5"), ("not_json", "not JSON")],
)
def test_an_answer_that_is_no_probability_for_each_question_is_unusable(server, kind, says):
    error = failing(server, {"kind": kind})
    assert type(error) is UnusableReply
    assert says in str(error)
    assert error.text


def test_two_answers_to_one_question_are_none():
    twice = b'{"answers": {"ecg": {"noul": 0.1}, "cats": 0, "ecg": {"noul": 0.9}}}'
    with scripted(lambda _: (200, {"content-type": "application/json"}, twice)) as server:
        [error] = ask(lambda: model(server.url), REQUEST)
        assert type(error) is UnusableReply
        assert '"ecg" twice' in str(error)
        server.answer = lambda _: (200, {}, twice.replace(b"0.1", b"0.9"))
        [reply] = ask(lambda: model(server.url), REQUEST)
        assert dict(reply.response.probabilities) == {"ecg": 0.9, "cats": 0.0}


@pytest.mark.parametrize(
    ("fault", "kind", "wait"),
    [
        ({"kind": "429", "retry_after": 2}, TransientError, 2.0),
        ({"kind": "429"}, TransientError, None),
        ({"kind": "503"}, TransientError, None),
        ({"kind": "reset"}, TransientError, None),
        ({"kind": "cut"}, TransientError, None),
        ({"kind": "400"}, PermanentError, None),
        ({"kind": "404"}, PermanentError, None),
    ],
    ids=lambda value: value["kind"] if isinstance(value, dict) else "",
)
def test_each_failure_is_told_apart(server, fault, kind, wait):
    error = failing(server, fault)
    assert type(error) is kind
    assert getattr(error, "retry_after_s", None) == wait


@pytest.mark.parametrize("kind", ["hang", "trickle"])
def test_an_attempt_ends_at_its_deadline(server, kind):
    assert type(failing(server, {"kind": kind}, timeout_s=0.3)) is TransientError


def test_a_key_is_sent_and_never_shown(server, monkeypatch):
    monkeypatch.setenv("JEV_KEY", KEY)
    server.set_script({"keep": True, "echo_authorization": True, "faults": [{"kind": "401"}]}, reset=True)
    [error] = ask(lambda: model(server.root, api_key_env="JEV_KEY"), REQUEST)
    assert server.log()[0]["authorization"] == f"Bearer {KEY}"
    assert "key hidden" in str(error)
    assert KEY not in everything_said(error)
    monkeypatch.delenv("JEV_KEY")
    with pytest.raises(BadInput, match="JEV_KEY"):
        model(server.root, api_key_env="JEV_KEY")


def test_its_fingerprint_names_the_model_only(server):
    async def look(made):
        return made.fingerprint

    assert using(lambda: model(server.root), look) == {"kind": "probability", "model": "jev-latest"}
