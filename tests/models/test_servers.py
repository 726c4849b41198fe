"""The fake server itself: what the other tests stand on must be the same each time, and as scripted."""

import json
import os
import urllib.error
from collections import Counter

import pytest
from hostile import hostile_records
from servers import openai_server
from support.models import ask, chat, spec

from screener.models import ModelError, Reply, connect


def outcomes(server, rounds: int = 1) -> list[list[str]]:
    requests = [chat(f"Record {i}") for i in range(200)]
    found = []
    for _ in range(rounds):
        replies = ask(lambda: connect(spec(server.base_url, timeout_s=30)), *requests)
        found.append([f"{type(r).__name__} {getattr(r, 'status', '')}" for r in replies])
    return found


@pytest.mark.slow
def test_faults_come_in_the_scripted_shares_the_same_each_time_and_new_with_each_attempt():
    faults = [{"kind": "429", "share": 0.2}, {"kind": "500", "share": 0.1}]
    with openai_server({"seed": 5, "faults": faults}) as server:
        first, second = outcomes(server, rounds=2)
        given = server.stats()["faults"]
        server.set_script({"seed": 5, "faults": faults}, reset=True)
        assert outcomes(server) == [first]
        server.set_script({"seed": 6, "faults": faults}, reset=True)
        assert outcomes(server) != [first]
    counts = Counter(first)
    assert 25 <= counts["TransientError 429"] <= 55
    assert 10 <= counts["TransientError 500"] <= 32
    assert first != second
    assert given["429"] == Counter(first + second)["TransientError 429"]


def test_a_fault_may_be_for_some_prompts_and_end_after_some_attempts():
    with openai_server({"faults": [{"kind": "500", "contains": "CURSED"}, {"kind": "429", "until": 1}]}) as server:
        for expected in (ModelError, Reply, Reply):
            good, bad = ask(lambda: connect(spec(server.base_url)), chat("fine"), chat("CURSED"))
            assert isinstance(good, expected)
            assert bad.status == 500
        assert sorted(server.stats()["prompts"].values()) == [3, 3]


def test_an_answer_depends_on_the_prompt_alone():
    requests = [chat(f"Record {i}") for i in range(30)]
    with openai_server({}) as one, openai_server({"latency_s": 0.01, "faults": [{"kind": "500", "until": 1}]}) as two:
        first = ask(lambda: connect(spec(one.base_url)), *requests)
        ask(lambda: connect(spec(two.base_url)), *requests)
        again = ask(lambda: connect(spec(two.base_url)), *requests)
    assert [r.response for r in first] == [r.response for r in again]
    answers = Counter(json.loads(r.response.text)["ecg"]["answer"] for r in first)
    assert set(answers) == {"yes", "no", "unclear"}


def test_a_script_may_state_the_answers():
    with openai_server({"answers": {"First": {"a": 1}, "Second": "words"}, "prefer": "no"}) as server:
        replies = ask(lambda: connect(spec(server.base_url)), chat("First"), chat("Second"), chat("Third"))
    assert [r.response.text for r in replies[:2]] == ['{"a": 1}', "words"]
    assert json.loads(replies[2].response.text)["ecg"]["answer"] == "no"


def test_a_mistyped_script_is_refused():
    with openai_server() as server:
        for wrong in ({"latency": 1}, {"faults": [{"kind": "nonsense"}]}, {"faults": [{"kind": "429", "chance": 1}]}):
            with pytest.raises(urllib.error.HTTPError):
                server.set_script(wrong)


def test_the_process_is_gone_afterwards_even_when_the_test_fails():
    import servers

    started = []
    original = servers.subprocess.Popen

    class Noting(original):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            started.append(self.pid)

    servers.subprocess.Popen = Noting
    try:
        with pytest.raises(ZeroDivisionError), openai_server():
            _ = 1 / 0
    finally:
        servers.subprocess.Popen = original
    with pytest.raises(ProcessLookupError):
        os.kill(started[0], 0)


def test_hostile_records_reach_the_server_unharmed_and_come_back_as_data():
    records = hostile_records()
    assert len(records) == 40
    assert len({r["id"] for r in records}) == 40
    assert max(len(r["abstract"]) for r in records) == 200_000
    assert all((r["title"], r["abstract"]) != (r["clean_title"], r["clean_abstract"]) for r in records)
    requests = [chat(r["title"], r["abstract"]) for r in records]
    with openai_server({"keep": True}) as server:
        replies = ask(lambda: connect(spec(server.base_url)), *requests)
        bodies = [entry["body"] for entry in server.log()]
    assert {b["messages"][1]["content"] for b in bodies} == {r.messages[1].content for r in requests}
    assert all(set(json.loads(r.response.text)) == {"ecg", "foundation"} for r in replies)
