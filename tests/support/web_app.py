"""Starting the web app as a program of its own, with a small review to work on."""

import json
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import requests
from servers.app import AppProcess
from sqlalchemy import insert

from screener.core.judgement import Answer, Decision, Evidence, Judgement, Match, Stage, Value
from screener.ledger import reads
from screener.ledger import tables as t
from screener.ledger.intake import add_files
from screener.ledger.store import Ledger, now
from screener.protocol.model import Review
from screener.records import read_file
from support import ROOT

STAGE = Stage.ABSTRACT
HOSTILE = "<script>window.taken=1</script><img src=x onerror=window.taken=1>"
SECRET = "a quote that only the machine gave"
PROTOCOL = """
title: "A review of <b>small</b> things"
questions: ["Does it work?"]
stages:
  abstract:
    question: Is it a trial of a model that reads ECGs?
    template: abstract.md
    criteria:
      - id: signal
        question: Is the electrocardiogram an input?
        met_when: ECGs go in.
        not_met_when: Something else goes in.
        silence: "no"
        cues: {supports: [ECG*], suggests: [heart*], contradicts: [MRI]}
      - id: training
        question: Is a model trained?
        cues: {supports: [train*], contradicts: [survey]}
      - id: scope
        kind: rule
        question: Was it published from 2018 to 2025?
        years: [2018, 2025]
    decided_by: {humans: 2, machine: embedded}
reviewers:
  embedded: {kind: embedded}
"""


def small_review(folder: Path, records: int = 14) -> Review:
    """A review with some records, a hostile title among them, and a machine's judgement of each."""
    (folder / "prompts").mkdir(parents=True)
    (folder / "prompts" / "review.yaml").write_text(PROTOCOL, encoding="utf-8")
    (folder / "prompts" / "abstract.md").write_text((ROOT / "prompts" / "abstract.md").read_text(encoding="utf-8"))
    rows = ["id,title,abstract,year"]
    for number in range(records):
        title = HOSTILE if number == 3 else f"Paper {number} on the ECG"
        rows.append(
            f'r{number},"{title}","We train a model {number} on ECG recordings of the heart, not MRI. {HOSTILE}",2020'
        )
    (folder / "records.csv").write_text("\n".join(rows), encoding="utf-8")
    review, ledger = Review(folder), Ledger.of(folder / ".screener")
    add_files(ledger, [read_file(folder / "records.csv")])
    with ledger.read() as connection:
        texts = {record.id: record.text_hash for record in reads.records(connection)}
    with ledger.write() as connection:
        for name, text_hash in texts.items():
            judgement = machine_judgement()
            connection.execute(
                insert(t.judgements).values(
                    run_id="", record_id=name, text_hash=text_hash, stage=STAGE.value, reviewer="embedded",
                    role="machine", asked="x", rule="x", repeat=0, at=now(), decision=judgement.decision.value,
                    probability=0.8125, body=judgement.model_dump_json(exclude_defaults=True),
                )
            )  # fmt: skip
    ledger.close()
    return review


def machine_judgement() -> Judgement:
    quote = Evidence(quote=SECRET, document="abstract", status=Match.MISSING)
    answer = Answer(value=Value.YES, reason="machine reasoning", probability=0.8125, evidence=(quote,))
    return Judgement(
        decision=Decision.INCLUDE,
        answers={"signal": answer, "training": answer},
        probability=0.8125,
        reason="machine reasoning",
    )


@dataclass
class Running:
    """A started app, its start address, and a session that a browser would have."""

    process: AppProcess
    address: str
    session: requests.Session
    csrf: str = ""
    window: str = "one"

    @property
    def origin(self) -> str:
        return "/".join(self.address.split("/")[:3])

    def get(self, path: str, /, **query: str) -> requests.Response:
        return self.session.get(self.origin + path, params=query, timeout=60, headers=self.headers())

    def post(self, path: str, /, **fields: str) -> requests.Response:
        headers = {**self.headers(), "X-CSRF-Token": self.csrf}
        return self.session.post(self.origin + path, data=fields, timeout=60, headers=headers)

    def headers(self) -> dict[str, str]:
        return {"HX-Request": "true", "X-Window": self.window}

    def other_window(self, name: str = "two") -> "Running":
        """The same person in another window of their browser."""
        return replace(self, window=name)

    def enter(self) -> "Running":
        """Open the start address as a browser does."""
        assert self.session.get(self.address, timeout=60).status_code == 200
        return self.enter_again()

    def enter_again(self) -> "Running":
        """Open the first page and take its token."""
        page = self.session.get(self.origin + "/", timeout=60)
        assert page.status_code == 200, page.text
        token = re.search(r"X-CSRF-Token&#34;: &#34;|\"X-CSRF-Token\": \"(\w+)\"", page.text)
        assert token, page.text[:800]
        self.csrf = token[1]
        return self


@contextmanager
def running(folder: Path, reviewer: str, *more: str) -> Iterator[Running]:
    """The app in a process of its own, until the block ends."""
    process = AppProcess("--review", str(folder), "--reviewer", reviewer, "--no-browser", *more)
    try:
        address = process.stdout.readline().strip()
        assert address.startswith("http://127.0.0.1:"), process.stderr.read()
        yield Running(process, address, requests.Session())
    finally:
        process.close()


@contextmanager
def site(start: Path, *more: str) -> Iterator[Running]:
    """The start page in a process of its own, started in a folder or a review, until the block ends.

    What it keeps of its user is in the folder that `SCREENER_DATA` names.
    """
    process = AppProcess(str(start), "--no-browser", *more, command="open")
    try:
        address = process.stdout.readline().strip()
        assert address.startswith("http://127.0.0.1:"), process.stderr.read()
        yield Running(process, address, requests.Session())
    finally:
        process.close()


def worker_of(app: Running) -> int:
    """The process that does the jobs of a program."""
    listed = subprocess.run(["pgrep", "-P", str(app.process.pid)], capture_output=True, text=True, check=True)
    commands = {int(pid): Path(f"/proc/{pid}/cmdline").read_text() for pid in listed.stdout.split()}
    return next(pid for pid, command in commands.items() if "worker_process" in command)


def human(folder: Path, reviewer: str, role: str = "human") -> dict[str, Judgement]:
    """What a person has judged, by record, as the ledger has it."""
    ledger = Ledger.of(folder / ".screener")
    with ledger.read() as connection:
        found = {
            row.record_id: row.judgement
            for row in reads.judgements(connection, STAGE, reviewer=reviewer, roles=(role,))
        }
    ledger.close()
    return found


def drafts_of(folder: Path, reviewer: str) -> dict[str, dict[str, object]]:
    """What a person has begun, by record."""
    ledger = Ledger.of(folder / ".screener")
    with ledger.read() as connection:
        rows = connection.execute(t.drafts.select().where(t.drafts.c.reviewer == reviewer)).all()
    ledger.close()
    return {row.record_id: json.loads(row.body) for row in rows}


def record_on(html: str) -> str:
    """The record that a screening page is about."""
    found = re.search(r'name="record" value="([^"]+)"', html)
    assert found, html[:500]
    return found[1]


def judged_at(folder: Path, stage: Stage, role: str = "human") -> dict[str, Judgement]:
    """The newest judgement of each record at a stage by those in a role, by record."""
    ledger = Ledger.of(folder / ".screener")
    with ledger.read() as connection:
        found = {row.record_id: row.judgement for row in reads.judgements(connection, stage, roles=(role,))}
    ledger.close()
    return found
