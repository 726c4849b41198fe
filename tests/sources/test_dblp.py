"""DBLP: what a written query asks for, which hits count, and how many are stated."""

import json
from pathlib import Path

import pytest
import yaml
from servers.services import Asked, Fault, Reply
from servers.services.dblp import DblpApi, dblp_hit
from support import ROOT

from screener.records.venues import a_star_streams
from screener.sources import DATABASES, Client, Page, Search, SourceError, begin, fetch
from screener.sources.dblp_query import query_of
from screener.sources.services import DBLP

DATABASE = DATABASES["dblp"]
TITLES = "title:ECG|Cardiac pre-train year:2018|2019 venue:AAAI|NeurIPS|SomeWorkshop"


def titles(pages: list[Page]) -> list[str]:
    return [entry.title for page in pages for entry in DATABASE.entries(page.body)]


def pages_of(query: str) -> list[Page]:
    client, found, cursor = Client(), list[Page](), None
    while True:
        found.append(DATABASE.page(client, Search(query), cursor))
        cursor = found[-1].following
        if cursor is None:
            return found


def test_a_written_query_is_asked_in_the_syntax_that_is_documented() -> None:
    query = query_of(TITLES)
    assert query.requests == (
        "ECG|Cardiac pre-train stream:streams/conf/aaai:",
        "ECG|Cardiac pre-train stream:streams/conf/nips:",
        "ECG|Cardiac pre-train venue:SomeWorkshop:",
    )
    assert query.years == {2018, 2019}


@pytest.mark.parametrize(
    ("written", "requests"),
    [
        ("ecg year:2024", ("ecg year:2024:",)),
        ("ecg year:2024:", ("ecg year:2024:",)),
        ("ecg graph$ author:A_B:", ("ecg graph$ author:A_B:",)),
        ("ecg stream:streams/conf/aaai:|conf/nips", ("ecg stream:streams/conf/aaai:", "ecg stream:streams/conf/nips:")),
        ("ecg venue:VLDB", ("ecg stream:streams/conf/vldb:", "ecg stream:streams/journals/pvldb:")),
        ("ecg venue:aaai|AAAI", ("ecg stream:streams/conf/aaai:",)),
    ],
)
def test_facets_keep_to_one_value_each(written: str, requests: tuple[str, ...]) -> None:
    assert query_of(written).requests == requests


@pytest.mark.parametrize("written", ["", "venue:AAAI", "ecg year:last"])
def test_a_query_that_says_too_little_is_refused_with_what_to_write(written: str) -> None:
    with pytest.raises(SourceError, match=r"add one|write year:"):
        query_of(written)


def test_every_venue_of_the_first_review_is_asked_for_by_its_stream() -> None:
    sources = yaml.safe_load((ROOT / "prompts" / "sources.yaml").read_text("utf-8"))["sources"]
    [dblp] = [source for source in sources if source["name"] == "DBLP"]
    for query in dblp["queries"]:
        requests = query_of(query["query"]).requests
        assert all(" stream:streams/" in request and len(request) < 200 for request in requests)
        assert len(requests) == len(set(requests)) == 63, "60 conferences, and three journals that have their papers"
    assert len(a_star_streams()) == 60
    assert a_star_streams()["aamas"] == ("conf/atal",)


def test_hits_count_that_have_the_title_and_the_year(serve) -> None:
    serve(
        DblpApi(
            [
                dblp_hit("conf/aaai/A18", "Synthetic pre-training of ECGs", 2018),
                dblp_hit("conf/aaai/B17", "Synthetic pre-training of ECGs", 2017),
                dblp_hit("conf/aaai/F18", "Synthetic pre-training of telecardiac nets", 2018, venue="ECG"),
                dblp_hit("conf/aaai/C18", "Synthetic pre-training of nets", 2018, venue="Cardiac"),
                dblp_hit("conf/nips/D19", "Synthetic cardiac signals, pre-trained", 2019),
                dblp_hit("conf/icml/E19", "Synthetic cardiac signals, pre-trained", 2019),
            ],
            {},
        )
    )
    pages = pages_of(TITLES)
    page = pages[0]
    assert page.translation.startswith(
        "(ECG|Cardiac pre-train stream:streams/conf/aaai:) OR (ECG|Cardiac pre-train stream:"
    )
    assert page.translation.endswith("of the hits those with ECG or Cardiac in the title and of 2018, 2019")
    assert page.warnings == ("DBLP's streams of these venues are not known, they were asked for by name: SomeWorkshop",)
    assert titles(pages) == ["Synthetic pre-training of ECGs", "Synthetic cardiac signals, pre-trained"]
    assert ([page.received for page in pages], pages[-1].stated) == ([1, 1, 0], 2)
    kept = [answer for page in pages for answer in json.loads(page.body)["answers"]]
    assert [answer["left_out"] for answer in kept] == [{"1": "year", "2": "title", "3": "title"}, {}, {}]
    assert len(kept[0]["answer"]["result"]["hits"]["hit"]) == 4, "as they came"


def test_a_record_of_two_venues_counts_once(serve) -> None:
    serve(DblpApi([dblp_hit("conf/aaai/A18", "Synthetic ECG")], {"conf/aaai/A18": ["conf/nips", "conf/icml"]}))
    found = pages_of("ecg venue:AAAI|NeurIPS|ICML")
    assert ([page.received for page in found], found[-1].stated) == ([1, 0, 0], 1)
    assert titles(found) == ["Synthetic ECG"]


def test_hits_that_come_again_in_the_place_of_the_next_ones_are_asked_for_again(serve, tmp_path) -> None:
    api = DblpApi([dblp_hit(f"conf/aaai/A{number}", f"Synthetic ECG {number}") for number in range(1_500)], {})
    answer, asked_before = api.answer, list[Asked]()

    def again(asked: Asked) -> Reply:
        asked_before.append(asked)
        return answer(asked_before[0] if len(asked_before) == 2 else asked)

    api.answer = again  # type: ignore[method-assign]
    serve(api)
    snapshot = fetch(begin(tmp_path, DATABASE, "DBLP", "ecg", Search("ecg")), DATABASE, Client())
    assert snapshot.received == len({entry.title for entry in snapshot.entries(DATABASE)}) == 1_500


def test_what_is_new_cannot_be_asked_and_people_are_told(serve) -> None:
    serve(DblpApi([dblp_hit("conf/aaai/A18", "Synthetic ECG")], {}))
    page = DATABASE.page(Client(), Search("ecg", since="2026-01-01"), None)
    assert page.received == 1
    assert (page.warnings, page.all_again) == ((), "what is new since a day cannot be asked for")


@pytest.mark.parametrize("share", [0.5, 1.7], ids=["too few", "too many"])
def test_a_total_that_is_an_estimate_loses_no_record(serve, share: float) -> None:
    hits = [dblp_hit(f"conf/aaai/A{number}", f"Synthetic ECG {number}") for number in range(1_500)]
    server = serve(DblpApi(hits, {}, total=lambda total: int(total * share)))
    found = pages_of("ecg")
    assert len(set(titles(found))) == sum(page.received for page in found) == 1_500
    assert found[-1].stated == int(1_500 * share)
    assert len(server.requests) <= 3


def test_more_hits_than_dblp_gives_are_refused_before_any_is_lost(serve) -> None:
    serve(DblpApi([dblp_hit("conf/aaai/A", "Synthetic ECG")], {}, total=lambda _: 10_001))
    with pytest.raises(SourceError, match=r"10,001 hits .* at most 10,000 .*divide the query by years"):
        pages_of("ecg")


def test_a_page_for_browsers_is_recognised(serve) -> None:
    server = serve(DblpApi([], {}))
    server.fail(*[Fault(body=b"<!doctype html><title>Making sure you're not a bot!</title>")] * 5)
    with pytest.raises(SourceError, match=r"a page for browsers .* https://dblp\.uni-trier\.de .*SCREENER_DBLP_URL"):
        pages_of("ecg")


def test_the_real_answer_of_dblp_is_read(shared: Path, serve, monkeypatch) -> None:
    body = (shared / "exports" / "dblp_search_publ_api.json").read_bytes()
    server = serve(DblpApi([], {}))
    server.fail(
        Fault(body=body.replace(b'"67660"', b'"30"')),
        Fault(body=b'{"result":{"status":{"@code":"200"},"hits":{"@total":"30"}}}'),
    )
    page = DATABASE.page(Client(), Search("test"), None)
    entries = list(DATABASE.entries(page.body))
    assert (page.received, page.stated, len(entries)) == (30, 30, 30)
    assert all(entry.title and entry.accession for entry in entries)
    assert server.asked("api", DBLP)[0].params["h"] == "1000"


@pytest.mark.live
def test_dblp_itself_answers_by_stream() -> None:
    page = DATABASE.page(Client(), Search("title:ECG|electrocardiogram|Cardiac year:2018-2025 venue:AAAI|IJCAI"), None)
    assert page.received
    assert all(
        entry.accession[0].startswith(("dblp:conf/aaai/", "dblp:conf/ijcai/")) for entry in DATABASE.entries(page.body)
    )
