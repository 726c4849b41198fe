"""A run that somebody asks to stop: nothing more is sent, what is under way is finished, and the next run goes on from there."""

from itertools import count
from pathlib import Path
from typing import Any

import pytest
from servers import Server, openai_server
from support.web_app import small_review

from screener.core.job_work import StoppedEarly
from screener.review.api import OpenReview
from screener.review.running import RunListener

GPT = (
    '  gpt: {{kind: chat, model: "openai:gpt-5-mini", base_url: "{url}", max_concurrency: {most},'
    " price: {{input: 1, output: 2}}}}\n"
)


def opened(folder: Path, server: Server, most: int = 4) -> OpenReview:
    review = small_review(folder, 16)
    protocol = review.prompts / "review.yaml"
    protocol.write_text(protocol.read_text() + GPT.format(url=server.base_url, most=most))
    return OpenReview(type(review)(folder))


def after(judged: int) -> RunListener:
    """One that stops a run once so many records are judged."""
    seen: list[int] = []
    return RunListener(
        progress=lambda summary, _: seen.append(summary.records), stop=lambda: max(seen, default=0) >= judged
    )


def test_what_is_under_way_is_finished_and_the_next_run_asks_the_rest_once(tmp_path: Path) -> None:
    with openai_server({"latency_s": 0.2}) as server, opened(tmp_path / "review", server) as review:
        stopped = review.run("abstract", "gpt", listener=after(3))
        assert (stopped.stopped, stopped.errors) == ("stopped on request", 0)
        assert stopped.decided == stopped.calls == server.stats()["calls"]
        assert 3 <= stopped.decided < 16
        assert stopped.decided + stopped.left == 16
        finished = review.run("abstract", "gpt")
        assert (finished.decided, finished.cached, finished.stopped) == (16, stopped.decided, "")
        assert server.stats()["calls"] == 16


def test_a_run_that_a_server_has_told_to_wait_for_long_stops_at_once(tmp_path: Path) -> None:
    with openai_server({"faults": [{"kind": "429", "retry_after": 100}]}) as server:
        with opened(tmp_path / "review", server, most=1) as review:
            stopped = review.run("abstract", "gpt", listener=RunListener(stop=lambda: server.stats()["calls"] > 0))
        assert (stopped.stopped, stopped.left) == ("stopped on request", 16)
        assert stopped.seconds < 60


def test_no_second_question_is_asked_about_a_record_that_is_under_way(tmp_path: Path) -> None:
    with openai_server({"faults": [{"kind": "prose"}]}) as server:  # each answer would be asked to be repaired
        with opened(tmp_path / "review", server, most=1) as review:
            stopped = review.run("abstract", "gpt", listener=RunListener(stop=lambda: server.stats()["calls"] > 0))
        assert (stopped.stopped, stopped.left, server.stats()["calls"]) == ("stopped on request", 16, 1)


def test_the_reviewer_that_comes_with_the_program_stops_too(tmp_path: Path) -> None:
    asked = count(1)
    with OpenReview(small_review(tmp_path / "review", 12)) as review:
        stopped = review.run("abstract", "embedded", listener=RunListener(stop=lambda: next(asked) > 5))
        assert (stopped.decided, stopped.left, stopped.stopped) == (5, 7, "stopped on request")
        assert review.run("abstract", "embedded").decided == 12


def test_a_dry_run_says_how_far_it_is_and_can_be_stopped(tmp_path: Path) -> None:
    counted: list[Any] = []
    with openai_server() as server, opened(tmp_path / "review", server) as review:
        review.plan("abstract", "gpt", listener=RunListener(counted=lambda done, of: counted.append((done, of))))
        assert counted == [(done, 16) for done in range(16)]
        with pytest.raises(StoppedEarly):
            review.plan("abstract", "gpt", listener=RunListener(stop=lambda: True))
        assert server.stats()["calls"] == 0
