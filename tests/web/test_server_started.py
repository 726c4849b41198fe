"""`screener serve` as a program: on PostgreSQL behind nginx with TLS, killed in between; its pages in a browser."""

import datetime
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
import requests
from support.axe import looked_at
from support.browser import needs_browser
from support.ports import free_port
from support.postgres import Cluster
from support.web_app import record_on, small_review

from screener.ledger import reads
from screener.ledger.intake import add_files
from screener.ledger.store import Ledger
from screener.records import read_file
from screener.team.audit import TERMINAL, acts
from screener.team.database import Team, in_schema
from screener.team.invitations import invite
from screener.team.reviews import add_review
from screener.team.roles import ReviewRole

pytest.importorskip("fastapi")
pytest.importorskip("argon2")

pytestmark = pytest.mark.slow
COMMAND = [sys.executable, "-c", "from screener.cli.main import main; main()", "serve", "--config"]
NGINX = shutil.which("nginx") or ("/usr/sbin/nginx" if Path("/usr/sbin/nginx").exists() else None)
PASSWORD = "four unrelated words stand here"


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for `localhost` that signs itself, and its key."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    chain, secret = folder / "chain.pem", folder / "key.pem"
    chain.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    secret.write_bytes(key.private_bytes(serialization.Encoding.PEM, *form))
    return chain, secret


@contextmanager
def nginx(folder: Path, port: int, inner: int) -> Iterator[None]:
    """A proxy that speaks TLS on one port and hands on to another one, as the documentation has it."""
    chain, key = certificate(folder)
    (folder / "nginx.conf").write_text(
        f"""
        worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log; daemon off; user root;
        events {{ worker_connections 64; }}
        http {{
          access_log off; client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
          uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
          server {{
            listen 127.0.0.1:{port} ssl; ssl_certificate {chain}; ssl_certificate_key {key};
            location / {{
              proxy_pass http://127.0.0.1:{inner};
              proxy_set_header Host $http_host;
              proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            }}
          }}
        }}
        """
    )
    assert NGINX is not None
    proxy = subprocess.Popen([NGINX, "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")])
    try:
        yield
    finally:
        proxy.terminate()
        proxy.wait(30)


@contextmanager
def program(config: Path, log: Path) -> Iterator["subprocess.Popen[str]"]:
    """The server, which answers."""
    with log.open("a") as errors:
        started = subprocess.Popen([*COMMAND, str(config)], stdout=subprocess.PIPE, stderr=errors, text=True)
    try:
        assert started.stdout is not None
        assert started.stdout.readline().startswith("http"), log.read_text()
        inner = int(re.findall(r"port: (\d+)", config.read_text())[0])
        limit = time.monotonic() + 60
        while time.monotonic() < limit:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", inner)) == 0:
                    break
            time.sleep(0.05)
        yield started
    finally:
        started.kill()
        started.wait()


@dataclass
class Browser:
    """Somebody's browser, as far as requests go."""

    origin: str
    chain: Path
    session: requests.Session = field(default_factory=requests.Session)
    csrf: str = ""

    def get(self, path: str) -> requests.Response:
        part = {"HX-Request": "true", "X-CSRF-Token": self.csrf, "X-Window": "w.1"} if path.endswith("/card") else {}
        answer = self.session.get(self.origin + path, headers=part, verify=str(self.chain), timeout=60)
        if token := re.search(r'"X-CSRF-Token": "(\w+)"', answer.text):
            self.csrf = token[1]
        return answer

    def post(self, path: str, **fields: Any) -> requests.Response:
        headers = {"X-CSRF-Token": self.csrf, "HX-Request": "true", "X-Window": "w.1", "Origin": self.origin}
        return self.session.post(self.origin + path, fields, headers=headers, verify=str(self.chain), timeout=60)

    def come_in(self, path: str, name: str) -> "Browser":
        self.get(path)
        answer = self.post(path, login=f"{name.lower()}@example.org", name=name, password=PASSWORD)
        assert answer.status_code == 204, answer.text
        self.get("/")
        return self


@pytest.mark.skipif(NGINX is None, reason="nginx is not installed (Debian: apt-get install nginx-light)")
def test_a_team_works_on_postgresql_behind_a_proxy_and_a_kill_loses_nothing(cluster: Cluster, tmp_path: Path) -> None:
    port, inner, url = free_port(), free_port(), cluster.new_database()
    config, log, origin = tmp_path / "server.yaml", tmp_path / "log", f"https://localhost:{port}"
    config.write_text(
        f"port: {inner}\nurl: {origin}\nbehind_proxy: {{trusted: [127.0.0.1]}}\ndatabase: {url}\n"
        f"reviews: {tmp_path / 'reviews'}\n"
    )
    invited = subprocess.run([*COMMAND, str(config), "--invite"], capture_output=True, text=True, check=True).stdout
    assert invited.startswith(f"{origin}/enter/")
    with nginx(tmp_path, port, inner):
        with program(config, log) as started:
            ada = Browser(origin, tmp_path / "chain.pem").come_in(invited.strip().removeprefix(origin), "Ada")
            cookie = next(iter(ada.session.cookies))
            assert (cookie.name, cookie.secure, cookie.has_nonstandard_attr("HttpOnly")) == (
                "__Host-screener",
                True,
                True,
            )
            small_review(tmp_path / "reviews" / "small", 6)
            team = Team.on_server(url)
            review = add_review(team, "small", "Small", tmp_path / "reviews" / "small", database=url, owner=1)
            # What the terminal has imported into the review's own schema.
            filled = Ledger.of(review.folder / ".screener", review.ledger_url(url))
            add_files(filled, [read_file(review.folder / "records.csv")])
            ada.get("/people/small")
            people = []
            for name in ("Berta", "Carl"):
                page = ada.post("/people/small/invite", role="reviewer").text
                address = re.search(rf"{origin}(/enter/[\w-]+)", page)
                assert address is not None, page
                people.append(Browser(origin, tmp_path / "chain.pem").come_in(address[1], name))
            for person in people:
                judge(person)
            started.kill()
            started.wait()
        with program(config, log):
            for person in people:  # the sessions are those of before
                judge(person)
                assert person.get("/people/small").status_code == 403
                assert person.get("/audit").status_code == 403
    with filled.read() as connection:
        rows = connection.exec_driver_sql("SELECT reviewer, record_id FROM judgements WHERE role = 'human'").all()
        assert reads.count_records(connection) == 6
    assert len(set(map(tuple, rows))) == len(rows) == 4
    assert {row[0] for row in rows} == {"Berta", "Carl"}
    noted = acts(team)
    assert [act.who for act in noted if act.act == "make account"] == ["Carl", "Berta", "Ada"]
    assert {act.address for act in noted if act.account is not None} == {"127.0.0.1"}
    assert in_schema(url, "review_small") == review.ledger_url(url)
    for database in (filled, team):
        database.close()


def test_two_servers_with_tls_on_one_database_give_no_record_to_too_many_and_know_each_others_sessions(
    cluster: Cluster, tmp_path: Path
) -> None:
    url, folder, ports = cluster.new_database(), tmp_path / "reviews" / "small", (free_port(), free_port())
    configs, origins = (
        [tmp_path / f"server{port}.yaml" for port in ports],
        [f"https://localhost:{port}" for port in ports],
    )
    chain, key = certificate(tmp_path)
    for config, port, origin in zip(configs, ports, origins, strict=True):
        config.write_text(
            f"port: {port}\nurl: {origin}\ntls: {{certificate: {chain}, key: {key}}}\n"
            f"database: {url}\nreviews: {tmp_path / 'reviews'}\n"
        )
    small_review(folder, 6)
    team = Team.on_server(url)
    review = add_review(team, "small", "Small", folder, database=url)
    ledger = Ledger.of(folder / ".screener", review.ledger_url(url))
    add_files(ledger, [read_file(folder / "records.csv")])
    tokens = [invite(team, TERMINAL, {review.id: [ReviewRole.REVIEWER]}, note=name) for name in "ABC"]
    owner = invite(team, TERMINAL, {review.id: [ReviewRole.OWNER]})
    with program(configs[0], tmp_path / "log0"), program(configs[1], tmp_path / "log1"):
        people = [
            Browser(origins[n % 2], chain).come_in(f"/enter/{token}", name)
            for n, (token, name) in enumerate(zip(tokens, ("Ada", "Berta", "Carl"), strict=True))
        ]
        olga = Browser(origins[0], chain).come_in(f"/enter/{owner}", "Olga")
        olga.get("/r/small/assignment")
        shares = {"person.0": "Ada", "share.0": "1", "person.1": "Berta", "share.1": "1"}
        plan = re.search(
            r'name="plan" value="(\w+)"', olga.post("/r/small/assignment/plan", stage="abstract", **shares).text
        )
        assert plan is not None
        olga.origin = origins[1]  # what was looked at on one server is done by the other
        assert "Assigned: 6 records" in olga.post("/r/small/assignment/carry-out", plan=plan[1]).text
        with ThreadPoolExecutor() as pool:
            list(pool.map(lambda person: judge_all(person, origins), people))
        ada = people[0]
        ada.origin = origins[1]
        assert "Log out" in ada.get("/account").text
        assert ada.post("/log-out").status_code in (200, 204, 303)
        ada.origin = origins[0]
        assert "Log out" not in ada.get("/account").text
    with ledger.read() as connection:
        rows = connection.exec_driver_sql("SELECT record_id, reviewer FROM judgements WHERE role = 'human'").all()
    by_record = Counter(row[0] for row in rows)
    assert len(set(map(tuple, rows))) == len(rows) == 12
    assert set(by_record.values()) == {2}, "each record has its two people, and no more"
    ledger.close()
    team.close()


def judge_all(person: Browser, origins: list[str]) -> None:
    """Screen until nothing is left, each record at another one of the servers."""
    for origin in cycle(origins):
        person.origin = origin
        if 'name="record"' not in person.get("/r/small/screen/abstract/card").text:
            break
        judge(person)


def judge(person: Browser) -> None:
    """Screen the next record."""
    person.get("/r/small/screen/abstract")
    record = record_on(person.get("/r/small/screen/abstract/card").text)
    answer = person.post("/r/small/screen/abstract/decide", record=record, **{"answer.signal": "no"})
    assert answer.status_code == 200, answer.text[:300]
    assert "X-Not-Saved" not in answer.headers, answer.text


def test_further_processes_serve_pages_are_replaced_and_end_with_the_server(cluster: Cluster, tmp_path: Path) -> None:
    port = free_port()
    config = tmp_path / "server.yaml"
    config.write_text(f"port: {port}\nprocesses: 2\ndatabase: {cluster.new_database()}\n")

    def further() -> list[int]:
        told = subprocess.run(
            ["pgrep", "-f", f"server_process .* {config}"], capture_output=True, text=True, check=False
        )
        return [int(line) for line in told.stdout.split()]

    def until(true: Callable[[], bool]) -> None:
        limit = time.monotonic() + 60
        while not true():
            assert time.monotonic() < limit
            time.sleep(0.1)

    with program(config, tmp_path / "log") as server:
        until(lambda: len(further()) == 1)
        [first] = further()
        os.kill(first, signal.SIGKILL)
        until(lambda: len(further()) == 1 and further() != [first])
        assert requests.get(f"http://127.0.0.1:{port}/", timeout=30).status_code == 200
        server.kill()
        until(lambda: not further())


@needs_browser
def test_axe_finds_nothing_above_minor_on_the_pages_of_a_server(tmp_path: Path, browser) -> None:  # type: ignore[no-untyped-def]
    port, config = free_port(), tmp_path / "server.yaml"
    config.write_text(f"port: {port}\n")
    small_review(tmp_path / "reviews" / "small", 6)
    team, origin = Team.in_file(tmp_path / "team.db"), f"http://127.0.0.1:{port}"
    review = add_review(team, "small", "Small things", tmp_path / "reviews" / "small")
    grants = {review.id: [ReviewRole.OWNER, ReviewRole.REVIEWER]}
    tokens = [invite(team, TERMINAL, grants, administrator=at == 0, note="Anna") for at in range(3)]
    found: list[str] = []
    with program(config, tmp_path / "log"):
        ada = Browser(origin, tmp_path).come_in(f"/enter/{tokens[0]}", "Ada")
        Browser(origin, tmp_path).come_in(f"/enter/{tokens[1]}", "Berta")
        cookies = [{"name": c.name, "value": c.value or "", "url": origin} for c in ada.session.cookies]
        outside = ("/log-in", f"/enter/{tokens[2]}", "/enter/none")
        inside = ("/", "/account", "/new", "/people/small", "/audit/small", "/accounts", "/audit", "/r/small/")
        for paths, known in ((outside, []), (inside, cookies)):
            context = browser.new_context()
            context.add_cookies(known)
            page = context.new_page()
            for path in paths:
                found += looked_at(page, origin + path)
            context.close()
        context = browser.new_context(viewport={"width": 1280, "height": 800})
        page = context.new_page()
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))
        page.goto(f"{origin}/r/small/records")  # by the keyboard, to where one wanted to go
        page.wait_for_load_state("networkidle")
        page.keyboard.type("ada@example.org")
        page.keyboard.press("Tab")
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(f"{origin}/r/small/records")
        context.close()
    team.close()
    assert found == []
    assert complaints == []
