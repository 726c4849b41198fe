"""Sending: pace, budget, books and what is asked again, against the project's own server where that is real."""

import asyncio
import json
import random
import zlib
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict
from servers import Server, openai_server
from sqlalchemy import select
from support.models import chat, everything_said, spec

from screener.core.errors import BadInput
from screener.core.judgement import Stage
from screener.core.messages import ChatRequest, ChatResponse, ProbabilityRequest, UnusableReplyError
from screener.ledger import tables as t
from screener.ledger.calls import answered
from screener.ledger.store import Ledger
from screener.ledger.writer import Writer
from screener.models import ProbabilitySpec, Reply, TransientError, connect
from screener.reviewers.schema import filled
from screener.running.call_client import ATTEMPTS, BudgetSpent, CallFailed, CallOptions, Calls, NotAccepted, RunOf
from screener.running.rate_limits import IN_A_ROW, LONGEST_WAIT, Limits

PRICE = {"input": 1.0, "output": 2.0}
Work = Callable[[Calls], Awaitable[Any]]


@pytest.fixture(scope="module")
def running() -> Iterator[Server]:
    with openai_server() as server:
        yield server


@pytest.fixture
def server(running: Server) -> Server:
    running.set_script({"keep": True}, reset=True)
    return running


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    made = Ledger.of(tmp_path)
    yield made
    made.close()


def with_calls(
    ledger: Ledger, server: Server, work: Work, *, name: str = "gpt", endpoint: Any = (), **options: Any
) -> Any:
    """What `work` makes of the calls of one run; sleeping is cut short, so that backing off takes no time."""

    async def nap(seconds: float) -> None:
        await asyncio.sleep(min(seconds, 0.01))

    async def whole() -> Any:
        made = endpoint
        if not isinstance(endpoint, ProbabilitySpec):
            made = spec(**{"base_url": server.base_url, "price": PRICE, **dict(endpoint)})
        model = connect(made)
        run, how = RunOf("r", Stage.ABSTRACT, name), CallOptions(**{"concurrency": 8, "sleep": nap, **options})
        with Writer(ledger) as writer:
            try:
                return await work(Calls(ledger, writer, model, made, run, how))
            finally:
                await model.close()

    return asyncio.run(whole())


def all_of(*requests: ChatRequest, repeat: int = 0) -> Work:
    """Ask for each as a record of its own, at once; the answers or errors, then the books."""

    async def work(calls: Calls) -> Any:
        asked = (calls.ask(f"r{number}", request, repeat) for number, request in enumerate(requests))
        return await asyncio.gather(*asked, return_exceptions=True), calls.books

    return work


def one_by_one(*requests: ChatRequest) -> Work:
    async def work(calls: Calls) -> Any:
        found: list[Any] = []
        for number, request in enumerate(requests):
            found += await asyncio.gather(calls.ask(f"r{number}", request, 0), return_exceptions=True)
        return found, calls.books

    return work


def rows(ledger: Ledger) -> list[dict[str, Any]]:
    with ledger.read() as connection:
        return [dict(row) for row in connection.execute(select(t.calls).order_by(t.calls.c.id)).mappings()]


def statuses(ledger: Ledger) -> list[str]:
    return [row["status"] for row in rows(ledger)]


def kinds(found: list[Any]) -> list[str]:
    return [type(one).__name__ for one in found]


# --- the pace, by a clock that only sleeping moves


class FakeTime:
    def __init__(self) -> None:
        self.now = 1_000.0

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


def paced(sizes: list[int], **limits: int) -> list[tuple[float, int]]:
    """When each request of these sizes goes out, one after the other."""

    async def work() -> list[tuple[float, int]]:
        time = FakeTime()
        made = Limits(4, clock=time.clock, sleep=time.sleep, **limits)
        sent = []
        for size in sizes:
            await made.enter(size)
            sent.append((time.now - 1_000, size))
            await made.leave(ok=True)
        return sent

    return asyncio.run(work())


def most_in_a_minute(sent: list[tuple[float, int]]) -> int:
    return max(sum(size for at, size in sent if start <= at <= start + 60) for start, _ in sent)


@pytest.mark.parametrize("sizes", ["small", "half", "mixed", "as large as the limit"])
def test_no_minute_takes_more_tokens_than_the_limit_however_large_a_request(sizes: str) -> None:
    rng = random.Random(4)
    drawn = {
        "small": [300] * 400,
        "half": [6_000, 5_000] * 10,
        "mixed": [rng.choice([50, 900, 3_000, 9_000]) for _ in range(80)],
        "as large as the limit": [10_000] * 5,
    }[sizes]
    sent = paced(drawn, tokens=10_000)
    assert most_in_a_minute(sent) <= 10_000
    minutes = sent[-1][0] / 60
    assert sum(drawn[:-1]) / minutes > 5_000, "and it is not much slower than it must be"


def test_a_request_larger_than_a_whole_minute_goes_alone_and_is_paid_off_before_the_next() -> None:
    sent = paced([100, 30_000, 100], tokens=10_000)
    assert sent[1][0] >= 60, "nothing else in its minute"
    assert sent[2][0] - sent[1][0] >= 180


def test_no_minute_takes_more_requests_than_the_limit() -> None:
    for limit in (1, 2, 7, 60, 600):
        sent = paced([5] * (4 * limit + 3), requests=limit)
        assert most_in_a_minute([(at, 1) for at, _ in sent]) <= limit
        assert sent[-1][0] <= 7 * 60


def test_what_a_model_wrote_is_charged_to_the_minute() -> None:
    async def work() -> float:
        time = FakeTime()
        limits = Limits(4, tokens=600, clock=time.clock, sleep=time.sleep)
        await limits.enter(10)
        limits.charge(500)
        await limits.enter(60)
        return time.now - 1_000

    assert asyncio.run(work()) > 45


def test_too_many_requests_cuts_the_concurrency_and_success_lets_it_grow() -> None:
    async def work() -> None:
        time = FakeTime()
        limits = Limits(8, clock=time.clock, sleep=time.sleep)
        for _ in range(3):
            limits.too_many()
        assert limits.allowed == 6, "a burst counts once"
        time.now += 2
        limits.too_many()
        assert limits.allowed == 4.5
        for _ in range(4):
            await limits.enter(1)
        fifth = asyncio.create_task(limits.enter(1))
        await asyncio.sleep(0.01)
        assert not fifth.done()
        await limits.leave(ok=False)
        await asyncio.wait_for(fifth, 1)
        for _ in range(40):
            await limits.leave(ok=True)
            await limits.enter(1)
        assert limits.allowed == 8

    asyncio.run(work())


def test_a_server_that_is_overrun_is_asked_by_fewer_at_once(ledger: Ledger, server: Server) -> None:
    server.set_script({"latency_s": 0.05, "faults": [{"kind": "429", "until": 1}]}, reset=True)

    async def work(calls: Calls) -> float:
        await asyncio.gather(*(calls.ask(str(n), chat(str(n)), 0) for n in range(8)))
        return calls.limits.allowed

    assert 6 <= with_calls(ledger, server, work) < 8


def test_retry_after_holds_back_the_neighbours_too(ledger: Ledger, server: Server) -> None:
    faults = [{"kind": "429", "until": 1, "retry_after": 40, "contains": "First"}]
    server.set_script({"faults": faults, "keep": True}, reset=True)
    time = FakeTime()
    at: dict[str, float] = {}

    async def work(calls: Calls) -> None:
        async def ask(title: str) -> None:
            await calls.ask(title, chat(title), 0)
            at[title] = time.now - 1_000

        first = asyncio.create_task(ask("First"))
        while not server.stats()["calls"]:
            await asyncio.sleep(0.01)
        await asyncio.gather(first, ask("Second"))

    with_calls(ledger, server, work, clock=time.clock, sleep=time.sleep)
    assert min(at.values()) >= 40
    assert max(at.values()) < 50
    [row] = [row for row in rows(ledger) if row["record_id"] == "First"]
    assert (row["status"], row["attempts"]) == ("ok", 2)


def test_a_wait_beyond_the_longest_is_an_error_that_says_how_long(ledger: Ledger, server: Server) -> None:
    server.set_script({"faults": [{"kind": "429", "retry_after": 1_000}]}, reset=True)
    [error], _ = with_calls(ledger, server, all_of(chat()))
    assert type(error) is CallFailed
    assert "1,000 s" in str(error)
    assert LONGEST_WAIT < 1_000
    assert server.stats()["calls"] == 1


def test_a_server_that_keeps_asking_for_long_waits_is_left_alone(ledger: Ledger, server: Server) -> None:
    server.set_script({"faults": [{"kind": "429", "retry_after": 1_000}]}, reset=True)
    found, _ = with_calls(ledger, server, one_by_one(*(chat(str(n)) for n in range(30))))
    assert kinds(found) == ["CallFailed"] * (IN_A_ROW - 1) + ["NotAccepted"] * (30 - IN_A_ROW + 1)
    assert server.stats()["calls"] == IN_A_ROW


# --- what the provider does not take


@pytest.mark.parametrize("status", ["401", "403", "404"])
def test_the_first_rejected_call_ends_the_run(ledger: Ledger, server: Server, status: str) -> None:
    server.set_script({"faults": [{"kind": status}]}, reset=True)
    found, _ = with_calls(ledger, server, all_of(*(chat(str(n)) for n in range(30))))
    assert set(kinds(found)) == {"NotAccepted"}
    assert status in str(found[0])
    assert server.stats()["calls"] <= 8


def test_the_last_record_left_may_be_the_one_with_the_404(ledger: Ledger, server: Server) -> None:
    with_calls(ledger, server, all_of(chat("Good")))
    server.set_script({"faults": [{"kind": "404"}]}, reset=True)
    assert kinds(with_calls(ledger, server, all_of(chat("Bad")))[0]) == ["CallFailed"]
    other = {"model": "openai:mistyped"}
    assert kinds(with_calls(ledger, server, all_of(chat("Bad")), endpoint=other)[0]) == ["NotAccepted"]
    server.set_script({"faults": [{"kind": "401"}]}, reset=True)
    assert kinds(with_calls(ledger, server, all_of(chat("Bad")))[0]) == ["NotAccepted"], "a key may have expired"


@pytest.mark.parametrize("place", [0, 3, 9])
def test_one_records_404_is_that_records_error(ledger: Ledger, server: Server, place: int) -> None:
    server.set_script({"latency_s": 0.05, "faults": [{"kind": "404", "contains": f"No {place}."}]}, reset=True)
    found, _ = with_calls(ledger, server, all_of(*(chat(f"No {n}.") for n in range(12))))
    assert [type(one) is CallFailed for one in found] == [n == place for n in range(12)]
    assert statuses(ledger).count("ok") == 11


def test_many_rejected_in_a_row_end_the_run_after_success_too(ledger: Ledger, server: Server) -> None:
    server.set_script({"faults": [{"kind": "401", "contains": "Bad"}]}, reset=True)
    titles = ["Good", "Bad 1", "Bad 2", "Good 2", *(f"Bad {n}" for n in range(3, 30))]
    found, _ = with_calls(ledger, server, one_by_one(*map(chat, titles)))
    assert kinds(found[:4]) == ["ChatResponse", "CallFailed", "CallFailed", "ChatResponse"]
    assert kinds(found[4:]) == ["CallFailed"] * (IN_A_ROW - 1) + ["NotAccepted"] * (27 - IN_A_ROW + 1)
    assert "in a row" in str(found[-1])


@pytest.mark.parametrize("kind", ["quota", "402"])
def test_an_empty_account_stops_everything_and_says_so(ledger: Ledger, server: Server, kind: str) -> None:
    server.set_script({"latency_s": 0.02, "faults": [{"kind": kind, "contains": "Last"}]}, reset=True)
    titles = [*map(str, range(5)), "Last", *(f"Last {n}" for n in range(20))]
    found, _ = with_calls(ledger, server, one_by_one(*map(chat, titles)))
    assert kinds(found) == ["ChatResponse"] * 5 + ["NotAccepted"] * 21
    assert "account" in str(found[-1])
    assert server.stats()["calls"] == 6


def test_answers_under_way_when_the_run_ends_are_kept(ledger: Ledger, server: Server) -> None:
    """Whoever raises first has the runner cancel the others: so nobody does before their answers are in."""
    server.set_script({"latency_s": 0.5}, reset=True)

    async def work(calls: Calls) -> str:
        others = [asyncio.create_task(calls.ask(str(n), chat(str(n)), 0)) for n in range(6)]
        while server.stats()["calls"] < 6:
            await asyncio.sleep(0.01)
        server.set_script({"faults": [{"kind": "quota"}]})
        with pytest.raises(NotAccepted) as stop:
            await calls.ask("last", chat("last"), 0)
        for other in others:
            other.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        return str(stop.value)

    assert "account" in with_calls(ledger, server, work)
    assert sorted(statuses(ledger)) == ["failed", *["ok"] * 6]


# --- money


@pytest.mark.slow
def test_a_budget_holds_for_what_waits_for_a_place_or_for_the_minute(ledger: Ledger, server: Server) -> None:
    """Only what was under way when the money was gone may go beyond it: four at once, six of the first burst."""
    server.set_script({"latency_s": 0.05}, reset=True)
    for most, limits, concurrency in ((4, {}, 4), (7, {"requests_per_minute": 60}, 30)):
        requests = [chat(f"{most} {n}") for n in range(12)]
        before = server.stats()["calls"]
        found, books = with_calls(
            ledger, server, all_of(*requests), endpoint=limits, budget_usd=0.00001, concurrency=concurrency
        )  # fmt: skip
        assert set(kinds(found)) == {"ChatResponse", "BudgetSpent"}
        assert server.stats()["calls"] - before == books.calls == kinds(found).count("ChatResponse") <= most


def test_many_calls_at_once_keep_a_budget_nearly_to_the_call(ledger: Ledger, server: Server) -> None:
    server.set_script({"latency_s": 0.2}, reset=True)
    _, one = with_calls(ledger, server, all_of(chat("to see what a call costs")))
    each = one.cost_usd or 0.0
    requests = [chat(f"of many {n}") for n in range(80)]
    found, books = with_calls(ledger, server, all_of(*requests), budget_usd=each * 10, concurrency=40)
    assert set(kinds(found)) == {"ChatResponse", "BudgetSpent"}
    assert (books.cost_usd or 0.0) <= each * 11


def test_a_budget_is_kept_by_an_estimate_where_the_server_reports_no_usage(ledger: Ledger, server: Server) -> None:
    server.set_script({"usage": False}, reset=True)
    requests = [chat(str(n)) for n in range(60)]
    found, books = with_calls(ledger, server, one_by_one(*requests), budget_usd=0.002)
    assert 2 < kinds(found).count("ChatResponse") < 40
    assert isinstance(found[-1], BudgetSpent)
    assert books.cost_usd is None, "what is estimated for the budget is no cost"
    assert {row["cost_usd"] for row in rows(ledger)} == {None}


def test_one_answer_of_unknown_cost_does_not_end_a_run_with_a_budget(ledger: Ledger, server: Server) -> None:
    server.set_script({"faults": [{"kind": "not_json", "until": 1, "contains": "No 2"}]}, reset=True)
    found, _ = with_calls(ledger, server, one_by_one(*(chat(f"No {n}") for n in range(5))), budget_usd=5.0)
    assert kinds(found) == ["ChatResponse"] * 5


def test_a_budget_without_any_price_is_refused(ledger: Ledger, server: Server) -> None:
    limits = {"price": None, "model": "openai:nobody-knows"}
    with pytest.raises(BadInput, match="price"):
        asyncio.run(_make(ledger, server, limits))


async def _make(ledger: Ledger, server: Server, more: dict[str, Any]) -> None:
    endpoint = spec(server.base_url, **more)
    with Writer(ledger) as writer:
        run = RunOf("r", Stage.ABSTRACT, "gpt")
        Calls(ledger, writer, connect(endpoint), endpoint, run, CallOptions(1, budget_usd=1.0))


@pytest.mark.parametrize("until", [2, None])
def test_the_ledgers_cost_is_the_books_after_unusable_replies(
    ledger: Ledger, server: Server, until: int | None
) -> None:
    server.set_script({"faults": [{"kind": "empty_choice", "until": until}]}, reset=True)
    _, books = with_calls(ledger, server, all_of(*(chat(str(n)) for n in range(3))))
    found = rows(ledger)
    assert sum(row["cost_usd"] for row in found) == pytest.approx(books.cost_usd)
    assert sum(row["input_tokens"] for row in found) == books.input_tokens > 0
    assert sum(row["output_tokens"] for row in found) == books.output_tokens
    assert sum(row["attempts"] for row in found) == len(found) == books.calls == server.stats()["calls"]
    expected = ["unusable"] * 2 + ["ok"] if until else ["unusable"] * ATTEMPTS
    assert [row["status"] for row in found if row["record_id"] == "r0"] == expected
    for row in found:
        assert row["model"] == "gpt-5-mini-2026-01-01"
        assert row["latency_s"] > 0
        assert json.loads(row["parameters"])["structured"] == "json_schema"
    with ledger.read() as connection:
        assert len(answered(connection)) == (3 if until else 0), "what could not be read is no answer"


def test_a_failed_call_has_its_time_its_attempts_and_its_parameters(ledger: Ledger, server: Server) -> None:
    server.set_script({"latency_s": 0.02, "faults": [{"kind": "500"}]}, reset=True)
    with_calls(ledger, server, all_of(chat()), endpoint={"parameters": {"seed": 3}})
    [row] = rows(ledger)
    assert (row["status"], row["attempts"]) == ("failed", ATTEMPTS)
    assert row["latency_s"] >= 0.02
    assert json.loads(row["parameters"])["seed"] == 3


def test_a_fallback_to_a_plainer_form_is_on_record(ledger: Ledger, server: Server) -> None:
    server.set_script({"supports": []}, reset=True)
    with_calls(ledger, server, all_of(chat()))
    assert json.loads(rows(ledger)[0]["parameters"])["structured"] == "prompt"


# --- what is asked again, and what is not


def test_identical_texts_are_asked_once(ledger: Ledger, server: Server) -> None:
    server.set_script({"latency_s": 0.05}, reset=True)
    found, books = with_calls(ledger, server, all_of(*[chat()] * 5))
    assert len(set(found)) == 1
    assert (books.calls, books.cached, server.stats()["calls"]) == (1, 4, 1)
    with_calls(ledger, server, all_of(chat()), name="twin")
    assert server.stats()["calls"] == 1
    with_calls(ledger, server, all_of(chat(), repeat=1))
    assert server.stats()["calls"] == 2


def rejecting(*requests: ChatRequest) -> Work:
    """A judgement that asks this and can use none of the answers."""

    async def work(calls: Calls) -> None:
        async def judge() -> None:
            with calls.judging("r0", 0):
                for request in requests:
                    await calls.ask("r0", request, 0)
                raise UnusableReplyError("it stayed so after one repair")

        with pytest.raises(UnusableReplyError):
            await judge()

    return work


def test_an_answer_that_was_rejected_is_asked_anew_for_anybody_else(ledger: Ledger, server: Server) -> None:
    with_calls(ledger, server, rejecting(chat("first"), chat("its repair")))
    assert statuses(ledger) == ["ok", "ok", "rejected", "rejected"]
    with ledger.read() as connection:
        assert answered(connection) == set()
    found, books = with_calls(ledger, server, all_of(chat("first")), name="twin")
    assert (kinds(found), books.calls, books.cached) == (["ChatResponse"], 1, 0)
    _, again = with_calls(ledger, server, all_of(chat("first")))
    assert (again.calls, again.cached) == (0, 1), "the new answer stands"
    assert sum(row["cost_usd"] for row in rows(ledger) if row["status"] == "rejected") == 0


def test_a_rejected_answer_is_asked_anew_in_the_same_run_too(ledger: Ledger, server: Server) -> None:
    async def work(calls: Calls) -> None:
        await rejecting(chat())(calls)
        with calls.judging("r1", 0):
            await calls.ask("r1", chat(), 0)
        with calls.judging("r2", 0):
            await calls.ask("r2", chat(), 0)
        assert not calls._used, "nothing is kept of judgements that have ended"

    with_calls(ledger, server, work)
    assert statuses(ledger) == ["ok", "rejected", "ok", "cached"]


def test_what_was_answered_from_the_ledger_can_be_rejected(ledger: Ledger, server: Server) -> None:
    with_calls(ledger, server, all_of(chat()))
    with_calls(ledger, server, rejecting(chat()), name="twin", offline=True)
    assert statuses(ledger) == ["ok", "cached", "rejected"]
    with_calls(ledger, server, all_of(chat()))
    assert server.stats()["calls"] == 2


def test_refusals_are_never_answered_from_the_ledger(ledger: Ledger, server: Server) -> None:
    server.set_script({"faults": [{"kind": "refusal"}]}, reset=True)
    for _ in range(2):
        [response], _ = with_calls(ledger, server, all_of(chat()))
        assert response.refusal
    assert (server.stats()["calls"], statuses(ledger)) == (2, ["refused", "refused"])
    with_calls(ledger, server, rejecting(chat()))
    assert statuses(ledger) == ["refused"] * 3


def test_half_a_character_in_an_answer_is_replaced(ledger: Ledger, server: Server) -> None:
    server.set_script({"answers": {"record": '{"signal": "\ud800 \ud83d\ude00"}'}}, reset=True)
    [response], _ = with_calls(ledger, server, all_of(chat()))
    assert response == ChatResponse('{"signal": "\ufffd \U0001f600"}', None, "stop")


def test_half_a_character_in_an_error_can_be_stored(ledger: Ledger) -> None:
    error = TransientError("it said \udc80", 500)
    assert str(error).encode() == "HTTP 500: it said \ufffd".encode()


@pytest.mark.parametrize("key", ["plain-key-0123456789", 'odd"key\\0123456789'])
@pytest.mark.parametrize("kind", ["chat", "anthropic", "probability"])
def test_a_key_is_said_nowhere(
    ledger: Ledger, server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kind: str, key: str
) -> None:
    monkeypatch.setenv("MY_KEY", key)
    endpoint: Any = {"api_key_env": "MY_KEY"}
    request: Any = chat()
    if kind == "anthropic":
        endpoint |= {"model": "anthropic:claude-of-tomorrow", "base_url": server.root}
    if kind == "probability":
        endpoint = ProbabilitySpec(model="jev", base_url=server.root, api_key_env="MY_KEY")
        request = ProbabilityRequest("A text.", (("ecg", "Is it?"),))
    faults = ["400", "401", "429", "500", "filter", "empty_choice", "not_json"]
    for fault in faults:
        server.set_script({"echo_authorization": True, "faults": [{"kind": fault, "retry_after": 999}]}, reset=True)
        [error], _ = with_calls(ledger, server, all_of(request), endpoint=endpoint)
        assert "0123456789" not in everything_said(error) if isinstance(error, Exception) else True
    with ledger.read() as connection:
        texts = [zlib.decompress(body).decode() for body in connection.execute(select(t.texts.c.body)).scalars()]
    assert any("[key hidden]" in text for text in texts)
    assert not [text for text in texts if "0123456789" in text]
    assert not [path for path in tmp_path.iterdir() if b"0123456789" in path.read_bytes()]


class Form(BaseModel):
    model_config = ConfigDict(extra="forbid")
    a: int
    b: dict[str, str]


GOOD = '{"a": 1, "b": {"c": "</think> {"}}'


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        f"\ufeff{GOOD}\n\nDone.",
        f"Here is the JSON:\n```json\n{GOOD}\n```",
        f"```json\n{GOOD}\n```\nThis fits {{the}} form.",
        f'<think>Is it {{"a": 2}}? No.</think>\n{GOOD}',
        f"{GOOD}\n{GOOD}",
    ],
)
def test_json_that_a_model_wrapped_in_something_is_read(text: str) -> None:
    judging = filled(chat(), Form)
    next(judging)
    with pytest.raises(StopIteration) as stop:
        judging.send(ChatResponse(text))
    assert stop.value.value == Form(a=1, b={"c": "</think> {"})


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (GOOD + GOOD.replace("1", "2"), "more than one"),
        ("I think that it is eligible.", "Invalid JSON"),
        (GOOD[:-1], "EOF"),
        ('Here: {"x": {"a": 1, "b": {}}, "y', "EOF"),
        ('<think>It may be {"a": 1, "b": {}}', "no answer"),
        ('{"x": ' * 5_000, "Invalid JSON"),
        ("{" * 5_000, "Invalid JSON"),
        ('{"b": {}}', "a: Field required"),
    ],
)
def test_what_is_no_single_whole_object_is_repaired(text: str, fault: str) -> None:
    judging = filled(chat(), Form)
    next(judging)
    repair = judging.send(ChatResponse(text))
    assert isinstance(repair, ChatRequest)
    assert fault in repair.messages[-1].content


def test_a_mistake_in_the_models_own_set_up_passes_through(ledger: Ledger, server: Server) -> None:
    class Wrong:
        fingerprint: dict[str, Any] = {}  # noqa: RUF012

        async def send(self, request: Any) -> Reply:
            raise BadInput("no such parameter")

        async def close(self) -> None: ...

    async def work() -> None:
        with Writer(ledger) as writer:
            calls = Calls(
                ledger,
                writer,
                Wrong(),
                spec(server.base_url),
                RunOf("r", Stage.ABSTRACT, "x"),
                CallOptions(2),
            )
            for _ in range(3):
                with pytest.raises(BadInput):
                    await calls.ask("r0", chat(), 0)
            assert calls.limits.active == 0

    asyncio.run(work())
