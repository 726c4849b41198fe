"""No page sends people to a terminal: what a browser can do is on a page, and what it cannot is somebody's."""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from support import ROOT, Later
from support.blinded import worked_on
from support.crawl import TERMINAL, pages, read
from support.messages import messages
from support.web_server import served

from screener.core.errors import LedgerError
from screener.team.roles import ReviewRole
from screener.team.settings import ServerSettings

pytest.importorskip("fastapi", reason="the server needs screener[server]")
pytest.importorskip("argon2")
WORDS, HOME, DOOR, REVIEWS = (
    Later("screener.web.page_words"),
    Later("screener.web.home"),
    Later("screener.web.local_door"),
    Later("screener.web.local_reviews"),
)
SECURITY, CLIENT = Later("screener.web.security"), Later("starlette.testclient")
ON_A_SERVER = {"at the terminal": "the audit says of an act that nobody did it in a browser"}
ON_ONES_OWN_MACHINE = {
    "review.yaml": "the files are one's own: Setup says which one it writes, and what makes a folder a review",
    "form.yaml": "Form says which file it writes",
    "sources.yaml": "Sources says which file it writes",
}
NEVER_ON_A_PAGE = {
    "cli/": "the command line",
    "evaluation/quality_words.py": "gives commands apart, which pages leave out",
    "evaluation/result.py": "options of `evaluate`",
    "evaluation/threshold_choice.py": "options of `evaluate`",
    "exchange/classify.py": "questions to authors are logged by `contact`",
    "exchange/decisions/": "decisions of other tools are entered by `label`",
    "exchange/labelled_sets.py": "`simulate`",
    "ledger/backup.py": "backups are the administrator's",
    "reporting/": "the report and the audit say how to do all of it again",
    "review/evaluating.py": "options of `evaluate`",
    "review/exporting.py": "options of `export`",
    "review/form_files.py": "`form to-yaml`",
    "review/labelling.py": "`label`",
    "review/proposing.py": "`tune`",
    "review/reporting.py": "options of `report`",
    "review/trust": "gives commands apart, which pages leave out",
    "review/tuning.py": "`tune`",
    "review/undoing.py": "says what is asked before an import is taken back; the page asks by itself",
    "review/versions.py": "`version`",
    "running/batch_": "batches are sent by `batch`",
    "running/dask_cluster.py": "a cluster of machines is named on the command line",
    "team/audit.py": "who did something without a browser",
    "web/app.py": "how the program is started",
    "web/page_words.py": "what is replaced",
}
"""Modules of which a message with a command reaches no page, each with what it is about."""


def sent_to_a_terminal(found: Iterable[tuple[str, str]], allowed: Iterable[str]) -> dict[str, list[str]]:
    """What the pages of a site say of a terminal, by address."""
    said = {path: [match[0] for match in TERMINAL.finditer(text)] for path, text in found}
    assert len(said) > 20, sorted(said)
    return {path: left for path, words in said.items() if (left := [word for word in words if word not in allowed])}


@pytest.mark.parametrize("address", ["/r/small/", pytest.param("/r/another/", marks=pytest.mark.slow)])
def test_no_page_of_a_server_sends_anybody_to_a_terminal(tmp_path: Path, address: str) -> None:
    worked_on(tmp_path / "reviews" / "small", again="Rob", done="Rea")
    with served(tmp_path, ServerSettings(reviews=tmp_path / "reviews")) as site:
        olga = site.joined("Olga", ReviewRole.OWNER, administrator=True)
        asked = {"title": "Another", "questions": "Does it work?", "stage": ["abstract", "fulltext", "extraction"]}
        made = olga.post("/new", **asked, slug="another")
        assert made.headers["hx-redirect"] == "/r/another/"
        # One with everything, and one in which nothing is written yet: what is lacking is told as well.
        assert sent_to_a_terminal(pages(olga.get, address), ON_A_SERVER) == {}


def test_who_can_mend_a_review_that_a_server_does_not_open_is_said(tmp_path: Path) -> None:
    folder = worked_on(tmp_path / "reviews" / "small", again="Rob", done="Rea")
    protocol = folder / "prompts" / "review.yaml"
    protocol.write_text(protocol.read_text().replace("form: form.yaml", "form: form.py"))
    (folder / "prompts" / "form.py").write_text("from screener.forms import Group\n\n\nclass Form(Group):\n    pass\n")
    with served(tmp_path, ServerSettings(reviews=tmp_path / "reviews")) as site:
        olga = site.joined("Olga", ReviewRole.OWNER)
        told = read(olga.get("/r/small/form").text)
        assert "a form that is a program is not run on a server; the administrator can write it in YAML" in told
        assert not TERMINAL.search(told)


@pytest.fixture
def own_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The start page of one's own machine, with a name given."""
    monkeypatch.setenv("SCREENER_DATA", str(tmp_path / "data"))
    (tmp_path / "work").mkdir()
    session, reviews = DOOR.Session(9001), REVIEWS.LocalReviews()
    door = DOOR.LocalDoor(session, "screener", reviews.name)
    home = HOME.Home(reviews, door, tmp_path / "work")
    with CLIENT.TestClient(
        SECURITY.Guard(home.site(), door), base_url="http://127.0.0.1:9001", follow_redirects=False
    ) as client:
        client.cookies.set(session.cookie_name, session.cookie)
        send(client, "/name", name="Ada")
        yield client


def send(client: Any, path: str, **fields: Any) -> str:
    """Send a form of the start page; the address that it leads to."""
    token = re.search(r'"X-CSRF-Token": "(\w+)"', client.get("/").text)
    assert token
    answer = client.post(path, data=fields, headers={"X-CSRF-Token": token[1], "HX-Request": "true"})
    assert answer.status_code == 204, answer.text
    return str(answer.headers["hx-redirect"])


@pytest.mark.slow
def test_the_pages_of_ones_own_machine_name_commands_only_where_there_is_no_other_way(
    own_machine: Any, tmp_path: Path
) -> None:
    folder = worked_on(tmp_path / "work" / "small", again="Rob", done="Rea")
    asked = {"title": "Another", "questions": "Does it work?", "stage": ["abstract", "fulltext", "extraction"]}
    for address in (
        send(own_machine, "/open", folder=str(folder)),
        send(own_machine, "/new", parent=str(tmp_path / "work"), **asked),
    ):
        assert sent_to_a_terminal(pages(own_machine.get, address), ON_ONES_OWN_MACHINE) == {}


def test_every_message_that_may_reach_a_page_of_a_server_is_without_a_command_there() -> None:
    room, count, wrong = ROOT / "screener", 0, []
    for path in sorted(room.rglob("*.py")):
        name = path.relative_to(room).as_posix()
        if name.startswith(tuple(NEVER_ON_A_PAGE)) or not TERMINAL.search(path.read_text(encoding="utf-8")):
            continue
        for text in messages(path):
            if " " in text and (TERMINAL.search(text) or "`" in text):
                count += 1
                told = WORDS.page_words(text, on_server=True)
                wrong += [f"{name}: {told}"] if TERMINAL.search(told) else []
    assert count > 100
    assert wrong == []


MESSAGES: Mapping[str, str] = {
    "there is no gold sample at abstract; draw one with `screener gold sample --stage abstract`": "there is no gold sample at abstract; draw one on the page “Gold”",
    "PubMed is out of order (status 500); run the same command again later": "PubMed is out of order (status 500); try again later",
    "import --undo: there is no import 7; `screener sources` lists them": "there is no import 7; the page “Import” lists them",
    "--budget: the price of m is not known; state it in prompts/review.yaml under reviewers.x: `price: {…}`": "the price of m is not known; the administrator states it",
    "gold small is not locked (`screener gold lock`)": "gold small is not locked (on the page “Gold”)",
    "7 of 9 addresses were looked at (`screener links`)": "7 of 9 addresses were looked at (the administrator does that)",
    "out.csv: cannot be written: No space left on device; make room, then run the command again": "out.csv: cannot be written: No space left on device; the administrator has to make room",
    "a title that says run --fast, and `code`": "a title that says run --fast, and `code`",
}


@pytest.mark.parametrize("text", MESSAGES)
def test_a_message_names_the_page_or_who_can(text: str) -> None:
    assert WORDS.page_words(text, on_server=True) == MESSAGES[text]


def test_a_server_tells_nobody_where_its_ledger_is_and_ones_own_machine_what_to_do() -> None:
    place = "postgresql://screener@db.example/ledgers: no connection; run the command again"
    error = LedgerError(place, plain="The database cannot be reached now; try again in a moment.")
    assert "db.example" not in WORDS.told_on_page(error, on_server=True)
    assert WORDS.told_on_page(error, on_server=False).endswith("ledgers: no connection; try again")
