"""What pages say of others' full texts, of jobs of other reviews, of what is not there, and of mistakes on Setup."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.blinded import DONE, OPEN, begun, worked_on
from support.crawl import read
from support.web_server import Site, served

from screener.documents import Document, Role
from screener.ledger import documents
from screener.ledger.documents import AttachedFile
from screener.ledger.intake import add_files
from screener.ledger.store import Ledger
from screener.records import read_file
from screener.team import jobs
from screener.team.audit import TERMINAL
from screener.team.roles import ReviewRole
from screener.team.settings import ServerSettings

pytest.importorskip("fastapi", reason="the server needs screener[server]")
pytest.importorskip("argon2")


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[Site]:
    """A server with a review on which nobody has worked, a file of which names its rows' database."""
    _, ledger = begun(tmp_path / "reviews" / "small")
    (tmp_path / "pubmed.csv").write_text("id,title,year,database\np1,Of PubMed,2020,PubMed\n")
    add_files(ledger, [read_file(tmp_path / "pubmed.csv")])
    ledger.close()
    with served(tmp_path, ServerSettings(reviews=tmp_path / "reviews")) as site:
        yield site


def test_that_a_full_text_came_is_not_told_to_who_has_yet_to_judge_the_abstract(tmp_path: Path) -> None:
    folder = worked_on(tmp_path / "reviews" / "small", again="Rob", done="Rea")
    ledger = Ledger.of(folder / ".screener")
    with ledger.write() as connection:
        for record in (OPEN, DONE):
            file = AttachedFile(f"{record}.pdf", record * 8, Role.MAIN, "doi", "Ben")
            documents.attach(
                connection, record, Document(text=f"The text of {record}.", pages=(0,), blocks=(), reader="test"), file
            )
    ledger.close()
    with served(tmp_path, ServerSettings(reviews=tmp_path / "reviews")) as site:
        rea, otto = site.joined("Rea", ReviewRole.REVIEWER), site.joined("Otto", ReviewRole.OBSERVER)
        for browser, told in ((rea, {DONE}), (otto, {OPEN, DONE})):
            for record in (OPEN, DONE):
                page = browser.get(f"/r/small/records/{record}").text
                assert ("document attached" in page, f"{record}.pdf" in page) == (record in told, record in told)
                reader = browser.get(f"/r/small/reader?record={record}", part=True)
                assert reader.status_code == (200 if record in told else 400), reader.text


def test_jobs_of_other_reviews_are_other_work(bare: Site) -> None:
    olga = bare.joined("Olga", ReviewRole.OWNER)
    olga.get("/r/small/run")
    jobs.ask(bare.team, TERMINAL, "plan", "another", {"n": 1})
    asked = olga.post("/r/small/run/plan", stage="abstract", reviewer="embedded")
    assert "It waits for other work of this server." in asked.text
    again = olga.post("/r/small/run/plan", stage="abstract", reviewer="embedded", limit="2")
    assert "It waits for 1 other job of this review, and for other work of this server." in again.text


def test_nothing_is_said_or_offered_of_what_is_not_there(bare: Site) -> None:
    olga, rita = bare.joined("Olga", ReviewRole.OWNER), bare.joined("Rita", ReviewRole.REVIEWER)
    assert "No report has come to this stage yet." in olga.get("/r/small/full-texts").text
    done = rita.get("/r/small/screen/fulltext/card", part=True).text
    assert "You're done for now" in done
    assert "Undo the last decision" not in done
    assert "Undo the last adjudication" not in rita.get("/r/small/conflicts").text


def test_an_import_is_of_the_database_that_its_rows_name(bare: Site) -> None:
    told = read(bare.joined("Olga", ReviewRole.OWNER).get("/r/small/import").text)
    assert "pubmed.csv PubMed" in told.partition("Earlier imports")[2]
