"""What all machine runs of a review may cost together on a server: counted from the calls in its ledger, over all jobs."""

import threading
from pathlib import Path
from typing import Any

import pytest
from servers import openai_server
from support.web_app import small_review

from screener.core.errors import BadInput
from screener.core.job_work import GivenJob
from screener.ledger.calls import spent_usd
from screener.ledger.store import Ledger
from screener.review.jobs_of_review import WORKS, JobReview

REVIEWER = """  gpt: {{kind: chat, model: "openai:gpt-5-mini", base_url: "{url}", api_key_env: A_KEY, max_concurrency: 2{more}}}
"""
PRICE = ", price: {input: 0.25, output: 2}"
RUN = {"stage": "abstract", "reviewer": "gpt"}


def do(folder: Path, most: float | None, kind: str = "run", **args: Any) -> Any:
    job = GivenJob("small", {**RUN, **args}, "anna", {"A_KEY": "sk-nothing"})
    return WORKS[kind](JobReview(folder, None, job, most), lambda *_: None, threading.Event())


def spent(folder: Path) -> float:
    ledger = Ledger.of(folder / ".screener")
    with ledger.read() as connection:
        dollars = spent_usd(connection)
    ledger.close()
    return dollars


def test_the_runs_of_a_review_cost_no_more_than_its_limit_together(tmp_path: Path) -> None:
    with openai_server() as server:
        folder = small_review(tmp_path / "small", 10).root
        protocol = folder / "prompts" / "review.yaml"
        protocol.write_text(protocol.read_text() + REVIEWER.format(url=server.base_url, more=PRICE))
        first = do(folder, 1.0, limit=2)
        one = spent(folder) / 2
        most = one * 6
        assert (first["stopped"], first["decided"]) == (None, 2)
        told = [do(folder, most, budget=one * 2), do(folder, most), do(folder, most), do(folder, most, budget=9.0)]
        assert [run["stopped"] for run in told] == ["the budget is spent"] * 4
        assert one * 5 < spent(folder) <= one * 7, "two calls are under way at once"
        assert [run["calls"] for run in told[2:]] == [0, 0]
        assert do(folder, most, "plan")["plans"]["gpt"]["calls"] > 0
        assert do(folder, None)["stopped"] is None

        protocol.write_text(protocol.read_text().replace(PRICE, ""))
        with pytest.raises(BadInput, match=r"price of .* is not known"):
            do(folder, 1.0)
