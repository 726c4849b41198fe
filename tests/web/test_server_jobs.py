"""Jobs on a server: who may ask for which, in whose name they are done, and that workers do them."""

import datetime
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
from support.ports import free_port
from support.postgres import Cluster
from support.web_app import small_review
from support.web_server import PASSWORD, Browser, Site, served

from screener.ledger.calls import Call, add_call
from screener.ledger.intake import add_files
from screener.ledger.store import Ledger
from screener.records import read_file
from screener.review.uploads import Uploads
from screener.team import jobs
from screener.team.audit import TERMINAL, acts
from screener.team.database import Team
from screener.team.invitations import invite
from screener.team.reviews import SiteReview, add_review
from screener.team.roles import ReviewRole
from screener.team.settings import JobSettings, ServerSettings

pytest.importorskip("fastapi", reason="the server needs screener[server]")
pytest.importorskip("argon2")

OWNER, REVIEWER, ADJUDICATOR, OBSERVER = ReviewRole
RUN = {"stage": "abstract", "reviewer": "embedded"}
LEASE = datetime.timedelta(seconds=30)
COMMAND = [sys.executable, "-c", "from screener.cli.main import main; main()", "serve", "--config"]


def status(browser: Browser, method: str, path: str) -> int:
    headers = {"X-CSRF-Token": browser.csrf}
    return int(browser.client.request(method, path, headers=headers, follow_redirects=False).status_code)


def test_a_job_is_asked_for_in_ones_own_name_and_is_for_who_may_have_it_done(site: Site) -> None:
    owner, reviewer, observer = (
        site.joined(name, role) for name, role in (("Olga", OWNER), ("Rita", REVIEWER), ("Otto", OBSERVER))
    )
    owner.get("/r/small/run")
    asked = owner.post("/r/small/run/plan", **RUN)
    assert asked.status_code == 200, asked.text
    job = jobs.jobs(site.team, "small")[0]
    assert (job.kind, job.asked_by, job.args) == ("plan", "Olga", RUN)
    noted = acts(site.team)[0]
    assert (noted.who, noted.act, noted.object) == ("Olga", "start plan", f"job {job.id}")
    for browser in (reviewer, observer):
        assert browser.get("/r/small/run").status_code == 403
        for path in ("", "/events"):
            assert browser.get(f"/r/small/jobs/{job.id}{path}").status_code == 403
        for path in ("stop", "again"):
            assert browser.post(f"/r/small/jobs/{job.id}/{path}").status_code == 403
        assert "/run" not in browser.follow("/r/small/").text
    assert owner.post(f"/r/small/jobs/{job.id}/stop").status_code == 200
    stopped = jobs.job(site.team, job.id)
    assert stopped is not None
    assert stopped.state is jobs.JobState.STOPPED
    assert acts(site.team)[0].act == "stop plan"


def test_nobody_gets_to_the_job_of_another_review(site: Site, tmp_path: Path) -> None:
    other = add_review(site.team, "other", "Other things", tmp_path / "reviews" / "other")
    owner = site.joined("Olga", OWNER)
    job = jobs.ask(site.team, TERMINAL, "plan", other.slug, RUN)
    owner.follow("/r/small/")
    for method, path in (("GET", ""), ("GET", "/events"), ("POST", "/stop"), ("POST", "/again")):
        assert status(owner, method, f"/r/small/jobs/{job.id}{path}") == 400
        assert status(owner, method, f"/r/other/jobs/{job.id}{path}") == 404
    assert jobs.job(site.team, job.id) == job


@pytest.mark.parametrize("purpose", ["import", "full-texts"])
def test_files_of_a_job_that_could_not_be_asked_for_are_still_in_their_list(site: Site, purpose: str) -> None:
    owner = site.joined("Olga", OWNER)
    page, begin = f"/r/small/{purpose}", f"/r/small/{purpose}" + ("/match" if purpose == "full-texts" else "")
    owner.get(page)
    body = "title\nDetection of things in long recordings\n" * 9
    for name in ("a.txt", "a.csv"):
        sent = owner.client.post(
            f"{page}/files", params={"name": name}, content=body, headers={"X-CSRF-Token": owner.csrf}
        )
        assert sent.status_code == 204, sent.text
    with closing(sqlite3.connect(site.team.engine.url.database or "", isolation_level=None)) as other:
        other.execute("ALTER TABLE jobs RENAME TO elsewhere")
        for _ in range(2):
            refused = owner.post(begin)
            assert (refused.status_code, "\n" in refused.text.strip()) == (503, False), refused.text
        other.execute("ALTER TABLE elsewhere RENAME TO jobs")
    listed = "a.csv" if purpose == "import" else "2 files were sent and not matched yet"
    assert listed in owner.get(page).text
    assert owner.post(begin).status_code == 200
    (job,) = jobs.jobs(site.team, "small")
    assert [sent.name for sent in Uploads(site.review.folder / ".screener").of_job(job.args["drop"]).files()] == [
        "a.txt",
        "a.csv",
    ]
    assert owner.post(f"/r/small/jobs/{job.id}/stop").status_code == 200
    assert listed not in owner.get(page).text, "the job may be told to go on with them"


def test_the_page_says_what_is_left_of_what_the_runs_of_a_review_may_cost(tmp_path: Path) -> None:
    settings = ServerSettings(reviews=tmp_path / "reviews", jobs=JobSettings(budget_usd=9, budgets_usd={"small": 2.5}))
    small_review(tmp_path / "reviews" / "small", 2)
    with served(tmp_path, settings) as site:
        owner = site.joined("Olga", OWNER)
        assert (
            "Of the US$ 2.50 that all runs of this review may cost, US$ 2.50 are left."
            in owner.get("/r/small/run").text
        )
        ledger = Ledger.of(site.review.folder / ".screener")
        with ledger.write() as connection:
            add_call(connection, Call("r", "a", "abstract", "gpt", "hash", 0, "ok", cost_usd=2.6), None)
        ledger.close()
        assert "The US$ 2.50 that all runs of this review may cost are spent" in owner.get("/r/small/run").text


def test_a_run_at_the_terminal_obeys_server_yaml_where_it_is_named(tmp_path: Path, cli: Callable[..., Any]) -> None:
    folder, config = tmp_path / "reviews" / "small", tmp_path / "server.yaml"
    config.write_text('models: {own: {model: "openai:one"}}\n')
    team = Team.in_file(tmp_path / "team.db")
    small_review(folder, 2)
    options = ("run", "--stage", "abstract", "--review", folder, "--config", config, "--json")
    refused = cli(*options)
    assert (refused.code, "is no review of the server" in refused.err) == (2, True)
    add_review(team, "small", "Small things", folder)
    team.close()
    done = cli(*options, "--reviewer", "embedded")
    assert (done.code, done.json["decided"]) == (0, 2), done.err
    protocol = folder / "prompts" / "review.yaml"
    protocol.write_text(protocol.read_text() + '  gpt: {kind: chat, model: "openai:other"}\n')
    refused = cli(*options, "--reviewer", "gpt")
    assert (refused.code, "is no model of this server" in refused.err) == (2, True)


def test_no_key_is_taken_in_a_page_of_a_server(site: Site) -> None:
    owner = site.joined("Olga", OWNER)
    owner.get("/r/small/run")
    number = owner.post("/r/small/run/plan", **RUN).text.partition('id="job-')[2].partition('"')[0]
    assert jobs.take(site.team, "w", ["plan"], LEASE) is not None
    result = {"plans": {}, "lacking_keys": ["A_KEY"], "problems": [], "cascade": False, "waiting": 0}
    assert jobs.end(site.team, "w", int(number), jobs.JobState.DONE, result=result)
    answer = owner.post("/r/small/run/start", job=number, **{"key:A_KEY": "sk-owner"})
    assert (answer.status_code, "keys are the administrator's" in answer.text) == (403, True)
    answer = owner.post("/r/small/run/start", job=number)
    assert (answer.status_code, answer.text) == (400, "This server has no key in A_KEY; ask its administrator.")


def test_who_judges_a_stage_sees_no_decisions_of_a_run_there(site: Site) -> None:
    owner, both = site.joined("Olga", OWNER), site.joined("Berta", OWNER, REVIEWER)
    job = jobs.ask(site.team, TERMINAL, "run", "small", RUN)
    jobs.take(site.team, "w", ["run"], LEASE)
    counts = {"include": 1, "exclude": 2, "unclear": 3, "decided": 6, "cached": 0, "left": 0, "errors": 0, "calls": 0}
    more = {"answered_from_ledger": 0, "tokens": 0, "cost_usd": 0.0, "stopped": None, "suspicious": 0}
    jobs.end(site.team, "w", job.id, jobs.JobState.DONE, result={**counts, **more, "error_groups": []})
    assert "2 exclude" in owner.get("/r/small/run").text
    page = both.get("/r/small/run").text
    assert "2 exclude" not in page
    assert "which way is hidden while you judge" in page
    assert "Show which way" not in page
    assert both.post("/r/small/run/shown").status_code == 400


class Visitor:
    """Somebody's browser at a server that is a program of its own."""

    def __init__(self, origin: str, entrance: str) -> None:
        self.origin, self.session, self.csrf = origin, requests.Session(), ""
        self.get(entrance)
        assert self.post(entrance, login="ada@example.org", name="Ada", password=PASSWORD).status_code == 204

    def get(self, path: str) -> requests.Response:
        answer = self.session.get(self.origin + path, timeout=60)
        if token := re.search(r'"X-CSRF-Token": "(\w+)"', answer.text):
            self.csrf = token[1]
        return answer

    def post(self, path: str, **fields: Any) -> requests.Response:
        headers = {"X-CSRF-Token": self.csrf, "HX-Request": "true", "Origin": self.origin}
        return self.session.post(self.origin + path, fields, headers=headers, timeout=60)

    def run(self, slug: str) -> int:
        """Have a machine run begun; its number."""
        self.get(f"/r/{slug}/run")
        planned = self.post(f"/r/{slug}/run/plan", **RUN)
        number = planned.text.partition('id="job-')[2].partition('"')[0]
        part = f"/r/{slug}/jobs/{number}"
        eventually(lambda: "Start the run" in self.get(part).text)
        started = self.post(f"/r/{slug}/run/start", job=number)
        return int(started.text.partition('id="job-')[2].partition('"')[0])


def eventually(true: Callable[[], Any], seconds: float = 90) -> None:
    limit = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < limit, "it did not happen"
        time.sleep(0.2)


@contextmanager
def program(config: Path, *more: str) -> Iterator["subprocess.Popen[str]"]:
    with config.with_suffix(".log").open("a") as log:
        started = subprocess.Popen([*COMMAND, str(config), *more], stdout=subprocess.PIPE, stderr=log, text=True)
    try:
        if not more:
            assert started.stdout is not None
            assert started.stdout.readline().startswith("http"), config.with_suffix(".log").read_text()
        yield started
    finally:
        started.send_signal(signal.SIGTERM)
        started.wait(60)


def filled(folder: Path, team: Team, url: str) -> SiteReview:
    """A review of the server with records, in a schema of its own where the server is on PostgreSQL."""
    small_review(folder, 6)
    review = add_review(team, folder.name, "Small things", folder, database=url)
    if url:
        ledger = Ledger.of(folder / ".screener", review.ledger_url(url))
        add_files(ledger, [read_file(folder / "records.csv")])
        ledger.close()
    return review


def judged(review: SiteReview, url: str) -> int:
    """How many judgements of the machine the review's own ledger has of runs."""
    ledger = Ledger.of(review.folder / ".screener", review.ledger_url(url))
    try:
        with ledger.read() as connection:
            query = "SELECT count(*) FROM judgements WHERE role = 'machine' AND run_id <> ''"
            return int(connection.exec_driver_sql(query).scalar_one())
    finally:
        ledger.close()


@pytest.mark.slow
def test_a_server_on_a_file_has_a_worker_of_its_own_which_ends_with_it(tmp_path: Path) -> None:
    port, config = free_port(), tmp_path / "server.yaml"
    config.write_text(f"port: {port}\n")
    team = Team.in_file(tmp_path / "team.db")
    review = filled(tmp_path / "reviews" / "small", team, "")
    token = invite(team, TERMINAL, {review.id: [OWNER]})
    with program(config) as server:
        listed = subprocess.run(["pgrep", "-P", str(server.pid)], capture_output=True, text=True, check=True)
        workers = [int(pid) for pid in listed.stdout.split()]
        number = Visitor(f"http://127.0.0.1:{port}", f"/enter/{token}").run("small")
        eventually(lambda: (job := jobs.job(team, number)) and job.state is jobs.JobState.DONE)
    assert judged(review, "") == 6
    assert [(act.who, act.act) for act in acts(team)][:2] == [("Ada", "start run"), ("Ada", "start plan")]
    eventually(lambda: not any(Path(f"/proc/{pid}/cmdline").exists() for pid in workers))
    team.close()


@pytest.mark.slow
def test_workers_do_the_jobs_of_a_server_on_postgresql_and_one_that_is_killed_is_made_up_for(
    cluster: Cluster, tmp_path: Path
) -> None:
    port, config, url = free_port(), tmp_path / "server.yaml", cluster.new_database()
    config.write_text(f"port: {port}\ndatabase: {url}\n")
    team = Team.on_server(url)
    review = filled(tmp_path / "reviews" / "small", team, url)
    token = invite(team, TERMINAL, {review.id: [OWNER]})
    with program(config), program(config, "--worker") as first:
        owner = Visitor(f"http://127.0.0.1:{port}", f"/enter/{token}")
        number = owner.run("small")
        os.kill(first.pid, signal.SIGKILL)  # in the middle, or after it
        first.wait()
        with program(config, "--worker"):
            eventually(lambda: (job := jobs.job(team, number)) and job.state is jobs.JobState.DONE)
    assert judged(review, url) == 6
    team.close()
