"""Zenodo: pages by token, text and links of records, and searches that are too large."""

from pathlib import Path

import pytest
import yaml
from servers.services import Fault
from servers.services.zenodo import ZenodoApi, zenodo_record
from support import ROOT

from screener.records import RecordType
from screener.sources import Client, Search, SourceError
from screener.sources.zenodo import DATABASE, DepositedFile

QUERY = ZenodoApi([]).query


def test_a_token_has_larger_pages_and_a_search_goes_on_with_those_it_began_with(serve, monkeypatch) -> None:
    server = serve(ZenodoApi([zenodo_record(number) for number in range(200)]))
    first = DATABASE.page(Client(), Search(QUERY), None)
    assert (first.received, first.following) == (25, "2:25")
    monkeypatch.setenv("ZENODO_TOKEN", "right")
    assert DATABASE.page(Client(), Search(QUERY), first.following).received == 25
    assert DATABASE.page(Client(), Search(QUERY), None).received == 100
    assert "right" not in str(server.requests[-1].params), "a token is in no address"


def test_a_record_has_its_text_its_links_and_its_dates(serve) -> None:
    links = [
        {"identifier": "10.5555/paper.1", "relation": "isSupplementTo", "scheme": "doi"},
        {"identifier": "10.5281/zenodo.1", "relation": "isNewVersionOf", "scheme": "doi"},
        {"identifier": "10.5555/cited", "relation": "cites", "scheme": "doi"},
    ]
    serve(
        ZenodoApi(
            [
                zenodo_record(7, related_identifiers=links),
                zenodo_record(8, resource_type={"type": "model", "title": "Model"}),
            ]
        )
    )
    page = DATABASE.page(Client(), Search(QUERY), None)
    data, model = DATABASE.entries(page.body)
    assert data.abstract == "Pretrained on synthetic signals."
    assert [f"{relation.kind.value} {relation.identifier}" for relation in data.relations] == [
        "linked doi:10.5555/paper.1", "update_of doi:10.5281/zenodo.1", "linked doi:10.5281/zenodo.6",
    ]  # fmt: skip
    assert {known.kind for known in data.dates} == {"published", "indexed", "updated"}
    assert DATABASE.files(page.body)["zenodo:7"] == (
        DepositedFile("signals.zip", 12, "https://zenodo.org/api/records/7/files/signals.zip"),
    )
    assert (data.type, model.type) == (RecordType.DATASET, RecordType.MODEL)


def test_what_is_new_is_asked_for_around_the_whole_query(serve) -> None:
    server = serve(api := ZenodoApi([]))
    api.query = "a OR b"
    DATABASE.page(Client(), Search("a OR b", since="2025-01-01"), None)
    assert server.requests[0].params["q"] == "(a OR b) AND updated:[2025-01-01 TO *]"


def test_more_records_than_zenodo_gives_are_refused_before_any_is_lost(serve) -> None:
    serve(ZenodoApi([zenodo_record(1)], stated=10_001))
    with pytest.raises(SourceError, match=r"10,001 records .* at most 10,000 .*divide the query"):
        DATABASE.page(Client(), Search(QUERY), None)


def test_the_real_record_of_zenodo_is_read(shared: Path, serve) -> None:
    record = (shared / "exports" / "zenodo_record.json").read_bytes()
    server = serve(ZenodoApi([]))
    server.fail(Fault(body=b'{"hits": {"total": 1, "hits": [' + record + b"]}}"))
    [entry] = DATABASE.entries(DATABASE.page(Client(), Search(QUERY), None).body)
    assert entry.doi == "10.5281/zenodo.3624890"
    assert "<" not in entry.abstract


@pytest.mark.live
def test_zenodo_itself_answers_the_query_of_the_first_review() -> None:
    sources = yaml.safe_load((ROOT / "prompts" / "sources.yaml").read_text("utf-8"))["sources"]
    [query] = [query["query"] for source in sources if source["name"] == "Zenodo" for query in source["queries"]]
    page = DATABASE.page(Client(), Search(query), None)
    assert page.received == len(list(DATABASE.entries(page.body)))
