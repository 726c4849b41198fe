"""Machine runs in the browser: dry run, start, live progress, stop, go on, keys; with a real worker and a real server of chats."""

import json
import os
import re
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from servers import Server, openai_server
from support.web_app import Running, small_review, worker_of
from support.web_app import site as started_site

pytest.importorskip("fastapi")

KEY, VARIABLE = "sk-entered-by-anna-0123456789", "KEY_THAT_NOBODY_HAS_SET"
REVIEWER = (
    '  gpt: {{kind: chat, model: "openai:gpt-5-mini", base_url: "{url}", api_key_env: {variable}, max_concurrency: 2,'
    " price: {{input: 0.25, output: 2}}}}\n"
)
CHOSEN = {"stage": "abstract", "reviewer": "gpt"}


@dataclass
class RunPage:
    """The site as somebody uses it, their review, and the server of the model."""

    app: Running
    base: str
    folder: Path
    server: Server

    def post(self, path: str, **fields: str) -> str:
        answer = self.app.post(self.base + path, **fields)
        assert answer.status_code == 200, answer.text
        return answer.text

    def plan(self, **more: str) -> str:
        """Ask for a dry run; its outcome."""
        return self.until_ended(self.post("/run/plan", **{**CHOSEN, **more}))

    def start(self, planned: str, **keys: str) -> str:
        return self.post("/run/start", job=number_of(planned), **{f"key:{name}": key for name, key in keys.items()})

    def until_ended(self, part: str) -> str:
        return self.events(part)[-1][1]

    def events(self, part: str, most: int = 1000) -> list[tuple[str, str]]:
        """What the browser is told of a job until it ends, or so many times."""
        address = f"{self.app.origin}{self.base}/jobs/{number_of(part)}/events"
        found: list[tuple[str, str]] = []
        limit = time.monotonic() + 90
        while not (found and found[-1][0] == "end") and len(found) < most:
            assert time.monotonic() < limit, found[-1:]
            with self.app.session.get(address, stream=True, timeout=60) as stream:
                assert stream.headers["Content-Type"].startswith("text/event-stream")
                for told in told_by(stream.iter_lines(decode_unicode=True)):
                    found.append(told)
                    if told[0] == "end" or len(found) >= most:
                        break
        return found


def told_by(lines: Any) -> Iterator[tuple[str, str]]:
    name, data = "", list[str]()
    for line in lines:
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            data.append(line.removeprefix("data: "))
        elif not line and name:
            yield name, "\n".join(data)
            name, data = "", []


def number_of(part: str) -> str:
    found = re.search(r'id="job-(\d+)"', part)
    assert found, part[:400]
    return found[1]


def fact(part: str, name: str) -> str:
    """What stands beside a name."""
    found = re.search(rf"<dt>{re.escape(name)}</dt><dd>(.*?)</dd>", part, re.DOTALL)
    assert found, (name, part)
    return " ".join(re.sub(r"<[^>]+>", " ", found[1]).split())


@contextmanager
def run_page(tmp_path: Path, server: Server, records: int) -> Iterator[RunPage]:
    folder = small_review(tmp_path / "review", records).root
    protocol = folder / "prompts" / "review.yaml"
    protocol.write_text(protocol.read_text() + REVIEWER.format(url=server.base_url, variable=VARIABLE))
    with started_site(folder) as app:
        app.session.get(app.address, timeout=60)
        app.enter_again()
        app.post("/name", name="Anna")
        app.enter_again()
        base = re.search(r'href="(/r/[\w-]+)/"', app.session.get(app.origin + "/", timeout=60).text)
        assert base is not None
        app.csrf = re.search(
            r'"X-CSRF-Token": "(\w+)"', app.session.get(app.origin + base[1] + "/run", timeout=60).text
        )[1]  # type: ignore[index]
        yield RunPage(app, base[1], folder, server)


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SCREENER_DATA", str(tmp_path / "data"))
    monkeypatch.delenv(VARIABLE, raising=False)
    return tmp_path / "data"


def test_a_run_is_planned_started_with_a_key_stopped_and_goes_on_and_nothing_is_asked_twice(
    tmp_path: Path, data: Path
) -> None:
    script = {"latency_s": 0.2, "require_key": KEY, "faults": [{"kind": "refusal", "contains": "model 2 on"}]}
    with openai_server(script) as server, run_page(tmp_path, server, 24) as page:
        planned = page.plan()
        assert (fact(planned, "records"), fact(planned, "calls to pay for")) == ("24", "24")
        assert fact(planned, "price, about").startswith("US$ 0.")
        assert server.stats()["calls"] == 0
        refused = page.app.post(page.base + "/run/start", job=number_of(planned))
        assert (refused.status_code, VARIABLE in refused.text) == (400, True)
        begun = page.start(planned, **{VARIABLE: KEY})
        live = page.events(begun, 4)
        for place in ("cmdline", "environ"):  # what others on the machine can see of the worker
            assert KEY.encode() not in Path(f"/proc/{worker_of(page.app)}/{place}").read_bytes()
        assert {name for name, _ in live} == {"job"}
        stopping = page.post(f"/jobs/{number_of(begun)}/stop")
        assert "Stopp" in stopping
        stopped = page.until_ended(stopping)
        assert "Go on" in stopped
        asked = server.stats()["calls"]
        assert 0 < asked < 24
        assert int(fact(stopped, "not come to")) == 24 - asked, "what was under way is finished"
        done = page.until_ended(page.post(f"/jobs/{number_of(begun)}/again"))
        assert fact(done, "decided") == "23 (which way is hidden while you judge)"
        assert fact(done, "errors") == "1"
        assert "the model refused" in done
        assert "Paper 2 on the ECG" in done
        assert max(server.stats()["prompts"].values()) == 1
        assert server.stats()["calls"] == 24
        planned = page.plan()
        assert "all are judged already" in planned or "Nothing to judge" in planned
        assert fact(page.plan(retry_errors="yes"), "calls to pay for") == "1"
        runs = page.app.get(page.base + "/run/history").text
        assert "include, " not in runs + "".join(html for _, html in live)
        assert re.search(r"\d+ include, \d+ exclude, \d+ unclear", page.post("/run/shown"))
        assert "stopped on request" in runs
        assert "openai:gpt-5-mini" in runs
        assert KEY not in page.app.get(page.base + "/run").text + runs + planned + done + stopped
        page.app.process.kill(signal.SIGTERM)
        assert KEY not in page.app.process.stderr.read(), "until the worker, too, has ended"
    everything = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert (data / "team.db") in everything
    assert [path for path in everything if KEY.encode() in path.read_bytes()] == []


def test_a_wrong_field_is_told_in_a_line(tmp_path: Path, data: Path) -> None:
    with openai_server() as server, run_page(tmp_path, server, 3) as page:
        for field, value, told in (
            ("limit", "many", "First records only: write a whole number"),
            ("limit", "0", "First records only"),
            ("repeats", "21", "at most 20 times"),
            ("budget", "a lot", "Budget: write an amount"),
            ("budget", "nan", "Budget"),
            ("reviewer", "nobody", "Choose a machine reviewer"),
            ("stage", "fulltext", "no such stage"),
        ):
            answer = page.app.post(page.base + "/run/plan", **{**CHOSEN, field: value})
            assert (answer.status_code, told in answer.text, answer.text.count("\n")) == (400, True, 0), answer.text
        for path in ("/jobs/1", "/jobs/1/events"):
            assert page.app.get(page.base + path).status_code == 400
        assert page.app.post(page.base + "/run/start", job="1").status_code == 400


@pytest.mark.slow
def test_fifty_open_pages_are_told_of_a_job_and_keep_nobody_waiting(tmp_path: Path, data: Path) -> None:
    with openai_server({"latency_s": 0.3}) as server, run_page(tmp_path, server, 30) as page:
        begun = page.start(page.plan(), **{VARIABLE: KEY})
        address = f"{page.app.origin}{page.base}/jobs/{number_of(begun)}/events"
        streams = [page.app.session.get(address, stream=True, timeout=60) for _ in range(50)]
        told = [told_by(stream.iter_lines(decode_unicode=True)) for stream in streams]
        assert {next(one)[0] for one in told} <= {"job", "end"}
        assert page.app.get(page.base + "/run").status_code == 200  # more than the threads that answer requests
        assert {list(one)[-1][0] for one in told} == {"end"}
        for stream in streams:
            stream.close()


@pytest.mark.slow
def test_a_worker_that_is_killed_in_the_middle_of_a_run_pays_for_no_answer_twice(tmp_path: Path, data: Path) -> None:
    with openai_server({"latency_s": 0.2}) as server, run_page(tmp_path, server, 30) as page:
        begun = page.start(page.plan(), **{VARIABLE: KEY})
        page.events(begun, 6)
        os.kill(worker_of(page.app), signal.SIGKILL)
        done = page.until_ended(begun)
        assert "Done." in done
        assert fact(done, "decided").startswith("30 (")
        again = sum(times - 1 for times in server.stats()["prompts"].values())
        assert again <= 2 + 2, "more than what was under way, or answered and not stored yet, was asked again"


@pytest.mark.slow
def test_a_budget_ends_a_run_and_the_page_says_so(tmp_path: Path, data: Path) -> None:
    with openai_server() as server, run_page(tmp_path, server, 20) as page:
        planned = page.plan(budget="0,0015")
        done = page.until_ended(page.start(planned, **{VARIABLE: KEY}))
        assert "It ended early: the budget is spent" in done
        assert 0 < server.stats()["calls"] < 20
        assert json.dumps(KEY) not in done
