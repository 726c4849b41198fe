"""The one HTTP client: polite, patient, bounded, and discreet."""

import gzip
from pathlib import Path

import pytest
from servers.services import Asked, Fault, Reply, json_reply

from screener.sources import Client, OutOfBudgetError, SourceError, connections
from screener.sources.connections import is_public
from screener.sources.http import TRIES, no_json
from screener.sources.services import PUBMED, ZENODO


class Echo:
    """Says what it was asked; redirects, or sends many bytes, where the path says so."""

    def __init__(self, service=ZENODO) -> None:
        self.service = service
        self.elsewhere = ""

    def answer(self, asked: Asked) -> Reply:
        if asked.path == "/moved":
            return Reply(status=302, headers={"Location": self.elsewhere})
        if asked.path == "/large":
            return Reply(b"x" * 300_000)
        if asked.path == "/bomb":
            return Reply(gzip.compress(bytes(20_000_000)), headers={"Content-Encoding": "gzip"})
        if asked.path == "/missing":
            return json_reply({"message": "none"}, 404)
        if asked.path == "/refused":
            return json_reply({"message": f"wrong key {asked.params.get('api_key', '')}"}, 401)
        return json_reply({"path": asked.path, "params": asked.params})


@pytest.fixture
def echo() -> Echo:
    return Echo()


@pytest.fixture
def server(serve, echo):
    return serve(echo)


def ask(client: Client, path: str = "x", **options):
    return client.get(ZENODO, ZENODO.url(path), **options)


def test_an_answer_has_its_status_its_headers_and_its_body(server):
    answer = ask(Client(), params={"q": "heart ätna"})
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.json(ZENODO) == {"path": "/x", "params": {"q": "heart ätna"}}
    assert server.requests[0].headers["user-agent"].startswith("screener/")


def test_who_uses_it_is_named_to_the_service(server, monkeypatch):
    monkeypatch.setenv("SCREENER_EMAIL", "a@example.org")
    ask(Client())
    assert "mailto:a@example.org" in server.requests[0].headers["user-agent"]


def test_requests_keep_the_rate_of_their_service(server, monkeypatch):
    monkeypatch.setenv("SCREENER_REQUESTS_PER_SECOND", "10")
    client = Client()
    for _ in range(4):
        ask(client)
    times = [asked.at for asked in server.requests]
    assert times[3] - times[0] >= 0.2  # 0.3 between their turns; the first may have been held up on its way


@pytest.mark.parametrize(
    "fault",
    [*map(Fault, (503, 429, 500, 502, 504, 408, 520)), Fault(share=0.0), Fault(share=0.5)],
    ids=["503", "429", "500", "502", "504", "408", "520", "dropped", "cut off"],
)
def test_what_passes_is_tried_again(server, fault):
    server.fail(fault, fault)
    assert ask(Client()).json(ZENODO)["path"] == "/x"
    assert len(server.requests) == 3


@pytest.mark.parametrize("fault", [Fault(503), Fault(share=0.0)], ids=["503", "dropped"])
def test_a_service_that_stays_down_is_one_line(server, fault):
    server.fail(*[fault] * TRIES)
    with pytest.raises(SourceError) as stop:
        ask(Client())
    assert "Zenodo (127.0.0.1" in str(stop.value)
    assert "later" in str(stop.value)
    assert "\n" not in str(stop.value)
    assert len(server.requests) == TRIES


def test_an_answer_that_came_whole_and_is_none_is_asked_for_again(server):
    server.fail(Fault(body=b'{"path": '))
    assert ask(Client(), fault=no_json).json(ZENODO)["path"] == "/x"
    server.fail(*[Fault(body=b"<html>")] * TRIES)
    with pytest.raises(SourceError, match="sent something that is no JSON"):
        ask(Client(), fault=no_json)


def test_a_wait_that_the_service_asks_for_is_kept(server):
    server.fail(Fault(429, {"Retry-After": "0.3"}))
    ask(Client())
    assert server.requests[1].at - server.requests[0].at >= 0.3


@pytest.mark.parametrize("wait", ["86400", "1e300", "Fri, 31 Dec 2999 23:59:59 GMT", "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_a_wait_of_hours_ends_the_run_and_says_when_to_go_on(server, wait):
    server.fail(Fault(429, {"Retry-After": wait}))
    with pytest.raises(OutOfBudgetError, match="asks to wait until"):
        ask(Client())
    assert len(server.requests) == 1


def test_too_many_requests_to_the_end_are_no_fault_of_the_server(server):
    server.fail(*[Fault(429, {"Retry-After": "0"})] * TRIES)
    with pytest.raises(OutOfBudgetError, match="no more requests now"):
        ask(Client())


def test_an_error_that_stays_is_asked_for_once(server):
    server.fail(Fault(400, body=b'{"message": "no such field"}'))
    with pytest.raises(SourceError, match=r"rejects the request .*no such field.*correct the query"):
        ask(Client())
    assert len(server.requests) == 1


def test_an_error_that_is_an_answer_is_one(server):
    assert ask(Client(), "missing", allowed=(404,)).status == 404


def test_an_answer_that_is_too_large_is_not_read(server):
    with pytest.raises(SourceError, match=r"has more than 0 MB; it was not read to its end"):
        ask(Client(), "large", most=200_000)
    assert len(ask(Client(), "large", most=300_000).body) == 300_000


def test_an_answer_that_is_large_only_when_unpacked_is_not_read_either(server):
    with pytest.raises(SourceError, match="has more than 1 MB"):
        ask(Client(), "bomb", most=1_000_000)


def test_an_answer_that_drips_is_not_waited_for(server, monkeypatch):
    """Each byte comes before the time for one is over, and the last one would come after hours."""
    monkeypatch.setattr(connections, "PATIENCE_S", 0.1)
    server.fail(Fault(pieces_s=0.02))
    assert ask(Client()).json(ZENODO)["path"] == "/x"
    assert len(server.requests) == 2
    server.fail(*[Fault(pieces_s=0.02)] * TRIES)
    with pytest.raises(SourceError, match="no usable answer"):
        ask(Client())


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.1", "2130706433"])
def test_this_machine_is_not_asked(server, monkeypatch, host):
    monkeypatch.setenv("SCREENER_ZENODO_URL", server.url(ZENODO).replace("127.0.0.1", host))
    monkeypatch.setenv("SCREENER_ALLOW_LOOPBACK", "")
    with pytest.raises(SourceError, match="is a private address: nothing was sent"):
        ask(Client())
    assert server.requests == []


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2606:4700::1", True),
        ("64:ff9b::808:808", True),
        ("64:ff9b::a00:1", False),
        ("64:ff9b:1::1", False),
        ("::127.0.0.1", False),
        ("::ffff:10.0.0.1", False),
        ("fec0::1", False),
        ("fe80::1%eth0", False),
        ("2002:7f00:1::", False),
        ("100.64.0.1", False),
    ],
)
def test_an_address_that_leads_into_a_private_network_is_not_public(address, public):
    assert is_public(address) is public


def test_a_redirect_into_a_private_network_is_not_followed(server, echo, monkeypatch):
    """The first request is let through, the second goes to the same machine without leave."""
    echo.elsewhere = server.url(ZENODO) + "/api/inside"
    answer = echo.answer

    def closing(asked: Asked) -> Reply:
        monkeypatch.setenv("SCREENER_ALLOW_LOOPBACK", "")
        return Reply(status=302, headers={"Location": echo.elsewhere, "Connection": "close"})

    echo.answer = closing
    with pytest.raises(SourceError, match="is a private address: nothing was sent"):
        ask(Client(), "moved")
    echo.answer = answer
    assert [asked.path for asked in server.requests] == ["/moved"]


def test_a_redirect_is_followed_and_an_endless_one_is_not(server, echo):
    echo.elsewhere = server.url(ZENODO) + "/api/there"
    assert ask(Client(), "moved").json(ZENODO)["path"] == "/there"
    echo.elsewhere = server.url(ZENODO) + "/api/moved"
    with pytest.raises(SourceError, match="redirects"):
        ask(Client(), "moved")


def test_a_proxy_connects_and_decides(server, monkeypatch):
    """The proxy may be on this machine, as it often is; what the program asks for is its affair."""
    monkeypatch.setenv("SCREENER_ALLOW_LOOPBACK", "")
    monkeypatch.setenv("HTTP_PROXY", server.root)
    monkeypatch.setenv("SCREENER_ZENODO_URL", "http://zenodo.invalid")
    with pytest.raises(SourceError, match="no such service"):  # the loopback server is no proxy, but it was asked
        ask(Client())
    assert server.requests[0].headers["host"] == "zenodo.invalid"


@pytest.mark.parametrize("written", ["a-secret", "a secret+/&"])
def test_a_key_is_in_no_message_and_in_nothing_that_is_kept(serve, tmp_path, monkeypatch, written):
    serve(Echo(PUBMED))
    monkeypatch.setenv("NCBI_API_KEY", written)
    monkeypatch.setenv("SCREENER_EMAIL", "a@example.org")
    client, given = Client(tmp_path), {"api_key": written, "email": "a@example.org", "id": "1"}
    with pytest.raises(SourceError) as stop:
        client.get(PUBMED, PUBMED.url("refused"), given)
    assert "NCBI_API_KEY" in str(stop.value)
    assert "secret" not in str(stop.value)
    client.get(PUBMED, PUBMED.url("missing"), given, allowed=(404,), look_up=True)
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"missing" in kept
    assert b"secret" not in kept
    assert b"a@example.org" not in kept


def test_a_look_up_is_asked_once_also_by_another_process(server, tmp_path):
    for _ in range(2):
        client = Client(tmp_path, most_requests=1)
        for _ in range(2):
            assert ask(client, "a", look_up=True).json(ZENODO)["path"] == "/a"
    assert len(server.requests) == 1
    ask(client, "b", look_up=True)
    assert len(server.requests) == 2


def test_what_is_no_answer_is_not_kept(server, tmp_path):
    server.fail(Fault(body=b"{"), Fault(503))
    for _ in range(2):
        assert ask(Client(tmp_path), "a", look_up=True, fault=no_json).json(ZENODO)["path"] == "/a"
    assert len(server.requests) == 3


def test_an_absence_that_was_looked_up_is_kept_too(server, tmp_path):
    for _ in range(2):
        assert ask(Client(tmp_path), "missing", look_up=True, allowed=(404,)).status == 404
    assert len(server.requests) == 1


def test_a_search_is_asked_anew_each_time(server, tmp_path):
    for _ in range(2):
        ask(Client(tmp_path), "a")
    assert len(server.requests) == 2


def test_a_run_sends_no_more_requests_than_it_may(server):
    client = Client(most_requests=2)
    ask(client), ask(client)
    with pytest.raises(OutOfBudgetError, match=r"2 requests were sent.*again to go on"):
        ask(client)
    assert len(server.requests) == 2


def test_a_long_question_goes_as_a_form(server):
    ids = ",".join(map(str, range(5_000)))
    said = Client().post(ZENODO, ZENODO.url("form"), {"id": ids}).json(ZENODO)
    assert said["params"]["id"] == ids


def test_no_key_no_fault_and_no_network_is_one_line(monkeypatch):
    monkeypatch.setenv("SCREENER_ZENODO_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("SCREENER_ALLOW_LOOPBACK", "1")
    monkeypatch.setenv("SCREENER_REQUESTS_PER_SECOND", "1000")
    with pytest.raises(SourceError, match="is the network there"):
        ask(Client())


def test_an_address_that_is_none_is_told_at_once(monkeypatch, tmp_path: Path):
    monkeypatch.setenv("SCREENER_ZENODO_URL", "zenodo")
    with pytest.raises(SourceError, match="no usable address"):
        ask(Client(tmp_path))
