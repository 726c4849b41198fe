"""Retractions in the browser: records are compared with a list, and a person notes why a marked one stays."""

from pathlib import Path
from typing import Any

import pytest
from support.blinded import begun, judgement
from support.crawl import read
from support.web_server import Browser, served

from screener.adjudication import queue
from screener.core.judgement import Decision, Stage
from screener.ledger.intake import add_files
from screener.records import read_file
from screener.team.roles import ReviewRole
from screener.team.settings import ServerSettings

pytest.importorskip("fastapi", reason="the server needs screener[server]")
pytest.importorskip("argon2")
LIST = b"Title,OriginalPaperDOI,RetractionNature,RetractionDate,Reason\nx,10.5555/abc,Retraction,1/1/2021,fraud\n"


def sent(browser: Browser, name: str, body: bytes) -> Any:
    headers = {"X-CSRF-Token": browser.csrf, "HX-Request": "true"}
    return browser.client.post(
        f"/r/small/import/files?for=retractions&name={name}", content=body, headers=headers
    )  # fmt: skip


def test_records_are_compared_with_a_list_that_is_dropped_and_one_that_stays_has_its_reason(tmp_path: Path) -> None:
    review, ledger = begun(tmp_path / "reviews" / "small")
    (tmp_path / "more.csv").write_text("id,title,abstract,year,doi\nretr,A retracted one,ECGs,2020,10.5555/abc\n")
    add_files(ledger, [read_file(tmp_path / "more.csv")])
    for stage in (Stage.ABSTRACT, Stage.FULLTEXT):
        for who in ("Ben", "Cem"):
            queue.enter(ledger, review, stage, "retr", who, judgement("retr", stage, Decision.INCLUDE, by=who))
    ledger.close()
    with served(tmp_path, ServerSettings(reviews=tmp_path / "reviews")) as site:
        olga, rita = site.joined("Olga", ReviewRole.OWNER), site.joined("Rita", ReviewRole.REVIEWER)
        olga.get("/r/small/import")
        assert "Compare with a list of retractions" in olga.get("/r/small/trust").text
        refused = sent(olga, "bad.pdf", b"%PDF-1.4 rubbish")
        assert (refused.status_code, str(tmp_path) in refused.text) == (400, False)
        assert "was not checked" in olga.get("/r/small/trust").text
        told = sent(olga, "watch.csv", LIST)
        assert told.text == "Compared 1 record with watch.csv: 1 marked; 5 records have neither DOI nor PMID"
        assert "with watch.csv : 1 marked" in read(olga.get("/r/small/import").text)
        assert not list((tmp_path / "reviews").rglob("watch.csv"))
        trust = olga.get("/r/small/trust").text
        assert 'href="/r/small/records/retr"' in trust
        # How it ended is not told to somebody who has yet to judge it.
        assert "It is included" in olga.get("/r/small/records/retr").text
        assert "It is included" not in rita.get("/r/small/records/retr").text
        assert olga.post("/r/small/retraction", record="retr", why=" ").status_code == 400
        kept = olga.post("/r/small/retraction", record="retr", search="", why="the data are sound")
        assert (kept.status_code, "It is included" in kept.text) == (200, False)
        assert "a person must decide" not in olga.get("/r/small/trust").text
