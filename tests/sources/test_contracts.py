"""What every database of JSON keeps to: pages to the last record, counts, days, faults on the way, and what it refuses."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from servers.services import Api, Asked, Fault, Reply, json_reply
from servers.services.base import USUAL
from servers.services.clinicaltrials import ClinicalTrialsApi, registered_study
from servers.services.crossref import CrossrefApi, crossref_work
from servers.services.dblp import DblpApi, dblp_hit
from servers.services.europepmc import EuropePmcApi, europepmc_result
from servers.services.huggingface import HubApi, hub_model
from servers.services.openalex import OpenAlexApi, openalex_work
from servers.services.zenodo import ZenodoApi, zenodo_record

from screener.records import Entry
from screener.records.venues import a_star_streams
from screener.sources import (
    DATABASES,
    Client,
    Database,
    OutOfBudgetError,
    Search,
    SourceError,
    begin,
    fetch,
    snapshots_in,
)
from screener.sources.http import TRIES

VENUES = ["AAAI", "AAMAS", "ACL", "ACMMM", "ASE", "ASPLOS", "CAV", "CCS", "CHI", "COLT", "CRYPTO", "CVPR"]
"""Each is a request, and a page."""


@dataclass(frozen=True)
class Case:
    """A database with a server of it. `day` is one since which some of the records are new."""

    name: str
    api: Callable[[Sequence[Any]], Any]
    record: Callable[[int], Any]
    query: str
    bad_query: str = ""
    none: str = ""
    """A query that finds nothing."""
    day: str = "2024-01-15"
    key: str = ""
    """The environment variable of its key."""
    many: int = 60
    """More records than a page has."""
    states: bool = True
    """Whether it states how many records there are."""
    dates: bool = True
    """Whether it can be asked what is new."""

    @property
    def database(self) -> Database:
        return DATABASES[self.name]


def hub(models: Sequence[Any]) -> HubApi:
    return HubApi(models=models, cards={model["id"]: f"# {model['id']}\nsynthetic card" for model in models})


def dblp(number: int) -> dict[str, Any]:
    [stream, *_] = a_star_streams()[VENUES[number % len(VENUES)].casefold()]
    return dblp_hit(f"{stream}/S{number}", f"Synthetic signals {number}")


CASES = [
    Case("zenodo", ZenodoApi, zenodo_record, "metadata.title:synthetic", "metadata.title:(", key="ZENODO_TOKEN"),
    Case("crossref", CrossrefApi, crossref_work, "synthetic", "filter=from-pub:2018", many=450),
    Case("europepmc", EuropePmcApi, europepmc_result, "TITLE:synthetic", "TITLE:(", many=230),
    Case("clinicaltrials", ClinicalTrialsApi, registered_study, "synthetic", "synthetic AND (", many=130),
    Case("openalex", OpenAlexApi, openalex_work, "synthetic", "filter=year:2018", key="OPENALEX_API_KEY", many=230),
    Case("huggingface", hub, hub_model, "ecg", none="nothing-of-that-name", day="2025-07-01", key="HF_TOKEN", many=30, states=False),
    Case("dblp", lambda hits: DblpApi(hits, {}, most=3), dblp, f"synthetic|signals venue:{'|'.join(VENUES)}",
         "synthetic!", none="nothing", dates=False),
]  # fmt: skip
all_databases = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


def records(case: Case, number: int = 0) -> list[Any]:
    return [case.record(place) for place in range(1, (number or case.many) + 1)]


def name(entry: Entry) -> str:
    return (*entry.accession, *entry.registry, entry.doi or "")[0]


def names(database: Database, bodies: Sequence[bytes]) -> list[str]:
    return [name(entry) for body in bodies for entry in database.entries(body)]


def received(case: Case, search: Search, client: Client | None = None) -> list[str]:
    """What a search brings, page by page."""
    client, bodies, cursor = client or Client(), list[bytes](), None
    while True:
        page = case.database.page(client, search, cursor)
        bodies.append(page.body)
        cursor = page.following
        if cursor is None:
            return names(case.database, bodies)


@all_databases
def test_a_search_brings_every_record_once(case: Case, serve, tmp_path: Path) -> None:
    serve(case.api(records(case)))
    snapshot = fetch(begin(tmp_path, case.database, "source", "query", Search(case.query)), case.database, Client())
    assert snapshot.finished
    assert snapshot.received == case.many
    assert snapshot.stated == (case.many if case.states else None)
    assert len(snapshot.pages) > 1
    found = [name(entry) for entry in snapshot.entries(case.database)]
    assert len(found) == len(set(found)) == case.many


@all_databases
def test_how_many_records_there_are_is_told_without_them(case: Case, serve) -> None:
    server = serve(case.api(records(case)))
    assert case.database.count(Client(), Search(case.query)) == case.many
    assert not server.asked("README.md")


@all_databases
def test_a_search_without_results_is_a_page_without_entries(case: Case, serve) -> None:
    serve(case.api([]))
    page = case.database.page(Client(), Search(case.none or case.query), None)
    assert (page.received, page.following) == (0, None)
    assert page.stated == (0 if case.states else None)
    assert list(case.database.entries(page.body)) == []
    assert case.database.count(Client(), Search(case.none or case.query)) == 0


@pytest.mark.parametrize("case", [case for case in CASES if case.dates], ids=lambda case: case.name)
def test_what_is_new_since_a_day_is_asked_for(case: Case, serve, monkeypatch) -> None:
    serve(case.api(made := records(case, 40)))
    if case.key:
        monkeypatch.setenv(case.key, "right")
    found = received(case, Search(case.query, since=case.day))
    assert 0 < len(found) < len(made)
    assert case.database.count(Client(), Search(case.query, since=case.day)) == len(found)


@pytest.mark.parametrize("case", [case for case in CASES if case.bad_query], ids=lambda case: case.name)
def test_a_query_that_the_database_rejects_is_one_line(case: Case, serve) -> None:
    server = serve(case.api(records(case, 3)))
    with pytest.raises(SourceError, match="rejects") as stop:
        case.database.page(Client(), Search(case.bad_query), None)
    assert "correct the query" in str(stop.value)
    assert "\n" not in str(stop.value)
    assert len(server.requests) == 1


@pytest.mark.parametrize("case", [case for case in CASES if case.key], ids=lambda case: case.name)
def test_a_wrong_key_is_one_line_that_names_it(case: Case, serve, monkeypatch) -> None:
    serve(case.api(records(case, 3)))
    monkeypatch.setenv(case.key, "wrong-key-5551")
    with pytest.raises(SourceError, match=f"the key in {case.key} is refused") as stop:
        case.database.page(Client(), Search(case.query), None)
    assert "5551" not in str(stop.value)


@all_databases
def test_a_wait_of_hours_stops_the_search_and_says_until_when(case: Case, serve) -> None:
    server = serve(case.api(records(case, 3)))
    server.fail(Fault(429, {"Retry-After": "7200"}))
    with pytest.raises(OutOfBudgetError, match="asks to wait until"):
        case.database.page(Client(), Search(case.query), None)


@all_databases
def test_a_page_that_is_no_json_is_asked_for_again_and_then_refused(case: Case, serve) -> None:
    server = serve(case.api(records(case, 3)))
    server.fail(Fault(body=b'{"results": ['))
    assert len(received(case, Search(case.query))) == 3
    server.fail(*[Fault(body=b'{"results": [')] * TRIES)
    with pytest.raises(SourceError, match="sent something that is no JSON"):
        case.database.page(Client(), Search(case.query), None)


@all_databases
def test_json_of_another_shape_is_refused(case: Case, serve) -> None:
    server = serve(case.api(records(case, 3)))
    server.fail(*[Fault(body=json.dumps({"message": "hello"}).encode())] * TRIES)
    with pytest.raises(SourceError, match="again later"):
        case.database.page(Client(), Search(case.query), None)


@all_databases
def test_nothing_is_lost_when_many_requests_fail(case: Case, serve) -> None:
    server = serve(case.api(records(case)))
    server.fail(*USUAL[:2], None, *USUAL[2:4], None, *USUAL[3:])
    assert len(set(received(case, Search(case.query)))) == case.many
    assert server.failed >= 4


@all_databases
def test_a_search_that_was_stopped_goes_on_behind_the_last_page(case: Case, serve, tmp_path: Path) -> None:
    server = serve(case.api(records(case)))
    search = Search(case.query)
    snapshot = begin(tmp_path, case.database, "source", "query", search)
    first = case.database.page(Client(), search, None)
    assert first.following is not None
    before = len(server.requests)
    server.fail(*[None] * before, *[Fault(503)] * TRIES)
    with pytest.raises(SourceError, match="out of order"):
        fetch(snapshot, case.database, Client())
    [kept] = snapshots_in(tmp_path)
    assert len(kept.pages) == 1
    asked = [(one.path, tuple(sorted(one.params.items()))) for one in server.requests[:before]]
    count = len(server.requests)
    finished = fetch(kept, case.database, Client())
    assert len({name(entry) for entry in finished.entries(case.database)}) == case.many
    later = [(one.path, tuple(sorted(one.params.items()))) for one in server.requests[count:]]
    assert not set(asked) & set(later)


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.name not in ("huggingface", "dblp")], ids=lambda case: case.name
)
@pytest.mark.parametrize("stated", [1_000, 3], ids=["too many", "too few"])
def test_a_wrong_count_neither_loses_records_nor_asks_for_ever(case: Case, stated: int, serve, tmp_path: Path) -> None:
    api = case.api(records(case))
    api.stated = stated
    server = serve(api)
    snapshot = fetch(begin(tmp_path, case.database, "source", "query", Search(case.query)), case.database, Client())
    assert (snapshot.stated, snapshot.received) == (stated, case.many)
    assert len(server.requests) < 20


def stuck(api: Api, times: int = 1_000_000) -> None:
    """Let a server answer its first list again so many times to whatever comes behind it."""
    answer, lists = api.answer, list[Reply]()

    def again(asked: Asked) -> Reply:
        if asked.path.endswith("README.md"):
            return answer(asked)
        if not lists or len(lists) > times:
            lists.append(answer(asked))
            return lists[-1]
        lists.append(lists[0])
        return lists[0]

    api.answer = again  # type: ignore[method-assign]


paged_by_cursor = pytest.mark.parametrize("case", [c for c in CASES if c.name != "dblp"], ids=lambda case: case.name)


@paged_by_cursor
def test_a_page_that_comes_again_for_ever_is_refused_and_kept_once(case: Case, serve, tmp_path: Path) -> None:
    api = case.api(records(case))
    stuck(api)
    server = serve(api)
    snapshot = begin(tmp_path, case.database, "source", "query", Search(case.query))
    with pytest.raises(
        SourceError, match=r"sent a page again .* run the same command again later, or divide the query"
    ):
        fetch(snapshot, case.database, Client())
    [kept] = snapshots_in(tmp_path)
    assert len(kept.pages) == 1
    assert len([asked for asked in server.requests if "README" not in asked.path]) == 3
    assert case.database.count(Client(), Search(case.query)) is not None, "counting ends too"


@paged_by_cursor
def test_a_page_that_comes_again_once_loses_nothing(case: Case, serve, tmp_path: Path) -> None:
    api = case.api(records(case))
    stuck(api, times=1)
    serve(api)
    snapshot = fetch(begin(tmp_path, case.database, "source", "query", Search(case.query)), case.database, Client())
    found = [name(entry) for entry in snapshot.entries(case.database)]
    assert snapshot.received == len(found) == len(set(found)) == case.many


@all_databases
def test_what_changed_between_two_runs_is_in_the_second(case: Case, serve) -> None:
    made = records(case, 5)
    api: Api = case.api(made)
    serve(api)
    before = received(case, Search(case.query))
    made[:] = [*made[1:], case.record(400)]
    after = received(case, Search(case.query))
    assert len(set(before) & set(after)) == 4
    assert len(set(after) - set(before)) == 1


@pytest.mark.parametrize(
    ("name", "broken"),
    [
        ("zenodo", {"metadata": 5}),
        ("openalex", "text"),
        ("crossref", 7),
    ],
    ids=lambda value: str(value)[:10],
)
def test_a_record_that_cannot_be_read_costs_no_other_and_is_told(name: str, broken: Any, serve) -> None:
    [case] = [case for case in CASES if case.name == name]
    made = records(case, 3)
    api = case.api([])
    serve(api)
    shape = {
        "zenodo": {"hits": {"total": 3}},
        "openalex": {"meta": {"count": 3}},
        "crossref": {"message": {"total-results": 3}},
    }[name]
    where = {"zenodo": shape.get("hits"), "openalex": shape, "crossref": shape.get("message")}[name]
    assert where is not None
    where[{"zenodo": "hits", "openalex": "results", "crossref": "items"}[name]] = [made[0], broken, made[2]]
    api.answer = lambda asked: json_reply(shape)
    page = case.database.page(Client(), Search(case.query), None)
    assert page.received == 3
    assert len(list(case.database.entries(page.body))) == 2
    assert page.warnings == ("1 of 3 records of a page cannot be read; they are kept as they came",)


@all_databases
def test_a_kept_page_that_is_damaged_is_refused(case: Case) -> None:
    for body in (b"{", b"[1, 2]", b'"text"', b'{"results": 5}'):
        with pytest.raises(SourceError, match=r"search again|without results"):
            list(case.database.entries(body))
