"""What services say of their limits, each in its own way."""

import time

import pytest
from servers.services import Asked, Fault, Reply, json_reply

from screener.sources import Client, OutOfBudgetError
from screener.sources.limits import budget_of, rate_of, wait_of
from screener.sources.services import CROSSREF


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "Thu, 01 Jan 1970 00:00:00 GMT"}, 0.0),
        ({"retry-after": "soon"}, 1.0),
        ({"retry-after": "nan"}, 1.0),
        ({"retry-after": "inf"}, 1.0),
        ({"retry-after": "-5"}, 0.0),
        ({"ratelimit": '"api";r=0;t=55'}, 55.0),
        ({"x-ratelimit-reset": "3600"}, 3600.0),
        ({"retry-after": "7", "x-ratelimit-reset": "3600"}, 7.0),
        ({"x-ratelimit-reset": "never"}, None),
        ({}, None),
    ],
)
def test_how_long_to_wait_is_read_from_any_of_the_headers(headers: dict[str, str], seconds: float | None) -> None:
    assert wait_of(headers) == seconds


def test_a_date_in_seconds_since_1970_is_a_date() -> None:
    assert 25 < (wait_of({"x-ratelimit-reset": str(int(time.time()) + 30)}) or 0) <= 30


@pytest.mark.parametrize(
    ("limit", "interval", "rate"),
    [("3", "1s", 3.0), ("50", "1s", 10.0), ("5", "10s", 0.5), ("1", "500ms", 2.0), ("0", "1s", None), ("3", "", None), ("x", "1s", None), ("3", "0s", None)],
)  # fmt: skip
def test_how_often_may_be_asked_is_read(limit: str, interval: str, rate: float | None) -> None:
    assert rate_of({"x-rate-limit-limit": limit, "x-rate-limit-interval": interval}) == rate


def test_a_budget_is_read_whole_or_not_at_all() -> None:
    headers = {
        "x-ratelimit-limit": "100",
        "x-ratelimit-remaining": "9",
        "x-ratelimit-credits-used": "10",
        "x-ratelimit-reset": "60",
    }
    budget = budget_of(headers)
    assert budget is not None
    assert (budget.left, budget.total, budget.cost, budget.is_spent) == (9, 100, 10, True)
    assert budget_of(headers | {"x-ratelimit-reset": "0"}).is_spent is False  # type: ignore[union-attr]
    assert budget_of({name: value for name, value in headers.items() if name != "x-ratelimit-credits-used"}) is None


class Paced:
    """Allows a number of requests a second."""

    service = CROSSREF

    def answer(self, asked: Asked) -> Reply:
        return json_reply({}, headers={"X-Rate-Limit-Limit": "8", "X-Rate-Limit-Interval": "1s"})


def test_a_service_is_asked_as_often_as_it_allows(serve, monkeypatch) -> None:
    server = serve(Paced())
    monkeypatch.delenv("SCREENER_REQUESTS_PER_SECOND")
    client = Client()
    client.get(CROSSREF, CROSSREF.url("works"))
    client.get(CROSSREF, CROSSREF.url("works"))
    client.get(CROSSREF, CROSSREF.url("works"))
    first, second, third = (asked.at for asked in server.requests)
    apart = (second - first, third - second)
    assert apart[0] > 0.9
    assert 0.1 < apart[1] < 0.9


def test_a_wait_that_only_the_limits_tell_is_kept(serve) -> None:
    server = serve(Paced())
    server.fail(Fault(429, {"RateLimit": '"api";r=0;t=0'}), Fault(429, {"RateLimit": '"api";r=0;t=300'}))
    with pytest.raises(OutOfBudgetError, match="asks to wait until"):
        Client().get(CROSSREF, CROSSREF.url("works"))
    assert len(server.requests) == 2
