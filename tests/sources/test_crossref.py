"""Crossref: cursors that are forgotten, the polite pool, and what is said against works."""

from pathlib import Path

import pytest
from servers.services import Fault
from servers.services.crossref import CrossrefApi, crossref_work

from screener.records import Entry, Integrity, integrity_of
from screener.sources import DATABASES, Client, Search
from screener.sources.crossref import ROWS

DATABASE = DATABASES["crossref"]


def entries(query: str = "synthetic", since: str = "") -> list[Entry]:
    return list(DATABASE.entries(DATABASE.page(Client(), Search(query, since), None).body))


def test_a_text_is_looked_for_in_what_describes_a_work_and_parameters_are_sent_as_they_are(serve, monkeypatch) -> None:
    monkeypatch.delenv("SCREENER_EMAIL", raising=False)
    server = serve(CrossrefApi([crossref_work(1)]))
    entries("heart & signals")
    entries("query.title=heart+signals&filter=type:journal-article", since="2024-01-01")
    first, second = server.requests
    assert first.params["query.bibliographic"] == "heart & signals"
    assert second.params["query.title"] == "heart+signals"
    assert second.params["filter"] == "type:journal-article,from-index-date:2024-01-01"
    assert "mailto" not in first.params


def test_an_address_brings_the_search_into_the_polite_pool(serve, monkeypatch) -> None:
    server = serve(CrossrefApi([crossref_work(1)]))
    monkeypatch.setenv("SCREENER_EMAIL", "a@example.org")
    entries()
    assert server.requests[0].params["mailto"] == "a@example.org"


def test_a_search_goes_on_where_it_was_when_its_cursor_is_forgotten(serve) -> None:
    api = CrossrefApi([crossref_work(number) for number in range(3 * ROWS)])
    serve(api)
    first = DATABASE.page(Client(), Search("synthetic"), None)
    second = DATABASE.page(Client(), Search("synthetic"), first.following)
    api.forget()
    third = DATABASE.page(Client(), Search("synthetic"), second.following)
    dois = [entry.doi for page in (first, second, third) for entry in DATABASE.entries(page.body)]
    assert len(set(dois)) == len(dois) == 3 * ROWS
    assert "first 400 works were asked for again" in third.warnings[0]


def test_retractions_and_corrections_are_read_from_paper_and_notice(serve) -> None:
    paper = crossref_work(
        1, **{"updated-by": [{"DOI": "10.5555/Notice.1", "type": "retraction", "source": "retraction-watch"}]}
    )
    notice = crossref_work(2, **{"update-to": [{"DOI": "10.5555/Paper.9", "type": "correction"}]})
    preprint = crossref_work(3, relation={"is-preprint-of": [{"id": "10.5555/paper.8", "id-type": "doi"}]})
    serve(CrossrefApi([paper, notice, preprint]))
    found = entries()
    assert integrity_of(found[0]) is Integrity.RETRACTED
    assert [[f"{r.kind.value} {r.identifier}" for r in entry.relations] for entry in found] == [
        ["retracted_in doi:10.5555/notice.1"], ["erratum_for doi:10.5555/paper.9"], ["update_in doi:10.5555/paper.8"],
    ]  # fmt: skip


def test_the_day_a_work_came_into_crossref_is_known(serve) -> None:
    serve(CrossrefApi([crossref_work(4)]))
    assert {(known.kind, known.value) for known in entries()[0].dates} == {
        ("published", "2024-01"),
        ("indexed", "2024-01-05"),
    }


def test_the_real_work_of_crossref_is_read(shared: Path, serve) -> None:
    work = (shared / "exports" / "crossref_api_colrev.json").read_bytes()
    server = serve(CrossrefApi([]))
    body = work.replace(b'"message":{', b'"message":{"total-results":1,"items":[{', 1).rstrip()
    server.fail(Fault(body=body[:-1] + b"]}}"))
    [entry] = entries()
    assert entry.doi == "10.2196/22081"
    assert entry.abstract.startswith("Background")


@pytest.mark.live
def test_crossref_itself_answers() -> None:
    found = entries("query.title=electrocardiogram&filter=type:journal-article,from-pub-date:2024-01")
    assert len(found) == ROWS
