"""OpenAlex: a day's budget, what is new, and searching by citation."""

import pytest
from servers.services.openalex import OpenAlexApi, openalex_work

from screener.sources import DATABASES, Client, OutOfBudgetError, Search, SourceError
from screener.sources.citations import Direction, query_of, rounds
from screener.sources.services import OPENALEX

DATABASE, CITATIONS = DATABASES["openalex"], DATABASES["openalexcitations"]
FORWARDS, BACKWARDS = Direction.FORWARDS, Direction.BACKWARDS
WORKS = [
    openalex_work(1, cites=[11, 12]),
    openalex_work(2, cites=[12, 13]),
    openalex_work(11), openalex_work(12, cites=[14]), openalex_work(13), openalex_work(14),
    openalex_work(21, cites=[1]), openalex_work(22, cites=[1, 2]), openalex_work(31, cites=[22]),
]  # fmt: skip


def numbers(database, page) -> list[str]:
    return [name.removeprefix("openalex:") for entry in database.entries(page.body) for name in entry.accession]


def test_a_budget_that_does_not_reach_stops_before_the_next_page_and_says_when_there_is_more(serve) -> None:
    server = serve(OpenAlexApi([openalex_work(number) for number in range(250)], credits=25))
    client, search = Client(), Search("synthetic")
    first = DATABASE.page(client, search, None)
    second = DATABASE.page(client, search, first.following)
    with pytest.raises(
        OutOfBudgetError,
        match=r"5 of 25 credits are left and the next page costs 10; it goes on at \d{4}-.*OPENALEX_API_KEY",
    ):
        DATABASE.page(client, search, second.following)
    assert len(server.requests) == 2
    # Another run does not know what is left, asks, and is told.
    with pytest.raises(OutOfBudgetError, match="asks to wait until"):
        DATABASE.page(Client(), search, second.following)


def test_a_budget_that_was_reset_is_used(serve) -> None:
    api = OpenAlexApi([openalex_work(number) for number in range(150)], credits=10, resets_s=0)
    serve(api)
    client, search = Client(), Search("synthetic")
    first = DATABASE.page(client, search, None)
    api.spent.clear()
    assert DATABASE.page(client, search, first.following).received == 50


def test_without_a_key_that_may_ask_what_is_new_everything_is_asked_again(serve, monkeypatch) -> None:
    api = OpenAlexApi([openalex_work(number) for number in range(1, 150)])
    server = serve(api)
    search = Search("synthetic", since="2024-01-15")
    assert DATABASE.page(Client(), search, None).stated == 149
    monkeypatch.setenv("OPENALEX_API_KEY", "right")
    assert 0 < (DATABASE.page(Client(), search, None).stated or 0) < 149
    api.paid = False
    first = DATABASE.page(Client(), search, None)
    assert first.stated == 149
    assert "only to a key of a paid plan" in first.all_again
    before = len(server.requests)
    assert DATABASE.page(Client(), search, first.following).received == 49
    assert len(server.requests) == before + 1, "it does not ask again for what the plan does not have"


def test_a_page_shorter_than_was_asked_for_is_not_taken_for_the_last(serve) -> None:
    serve(OpenAlexApi([openalex_work(number) for number in range(60)], most=40))
    first = DATABASE.page(Client(), Search("synthetic"), None)
    assert (first.received, first.following is None) == (40, False)
    second = DATABASE.page(Client(), Search("synthetic"), first.following)
    assert (second.received, second.following) == (20, None)


def test_a_filter_is_sent_as_it_is_with_what_is_new_behind_it(serve, monkeypatch) -> None:
    server = serve(OpenAlexApi(WORKS))
    monkeypatch.setenv("OPENALEX_API_KEY", "right")
    DATABASE.page(Client(), Search("filter=publication_year:2024&search=synthetic", since="2024-01-01"), None)
    assert server.requests[0].params["filter"] == "publication_year:2024,from_updated_date:2024-01-01"


def test_a_preprint_that_is_one_work_with_its_paper_is_known_by_its_number(serve) -> None:
    places = [
        {"landing_page_url": "https://doi.org/10.5555/x"},
        {"landing_page_url": "http://arxiv.org/abs/2101.00001"},
    ]
    serve(OpenAlexApi([openalex_work(1, locations=places)]))
    [entry] = DATABASE.entries(DATABASE.page(Client(), Search("synthetic"), None).body)
    assert (entry.arxiv, entry.doi) == ("2101.00001", "10.5555/synthetic.1")
    assert entry.abstract == "synthetic signals"


def test_what_cites_the_seeds_is_found(serve) -> None:
    serve(OpenAlexApi(WORKS))
    page = CITATIONS.page(Client(), Search("forwards: doi:10.5555/SYNTHETIC.1 pmid:2"), None)
    assert numbers(CITATIONS, page) == ["W21", "W22"]
    assert (page.stated, page.received, page.following) == (2, 2, None)


def test_what_the_seeds_cite_is_found_once(serve) -> None:
    serve(OpenAlexApi(WORKS))
    search = Search(query_of(BACKWARDS, ["openalex:W1", "openalex:W2", "openalex:W1"]))
    page = CITATIONS.page(Client(), search, None)
    assert numbers(CITATIONS, page) == ["W11", "W12", "W13"]
    assert CITATIONS.count(Client(), search) == page.stated == 3


def test_many_seeds_are_asked_for_in_parts(serve) -> None:
    works = [openalex_work(number, cites=[1_000]) for number in range(1, 151)] + [openalex_work(1_000, cites=[])]
    works += [openalex_work(2_000 + number, cites=[number]) for number in range(1, 151)]
    serve(OpenAlexApi(works))
    search, client, cursor, found = (
        Search(query_of(FORWARDS, [f"openalex:W{n}" for n in range(1, 151)])),
        Client(),
        None,
        [],
    )
    while True:
        page = CITATIONS.page(client, search, cursor)
        found += numbers(CITATIONS, page)
        if (cursor := page.following) is None:
            break
    assert sorted(found) == sorted(f"W{2_000 + number}" for number in range(1, 151))
    assert page.stated == CITATIONS.count(Client(), search) == 150


def test_more_works_than_a_page_cite_one_seed(serve) -> None:
    serve(OpenAlexApi([openalex_work(1), *(openalex_work(number, cites=[1]) for number in range(2, 252))]))
    [found] = rounds(Client(), ["openalex:W1"], [FORWARDS])
    assert len(found.new) == 250


def test_a_seed_that_openalex_does_not_know_is_named(serve) -> None:
    odd = openalex_work(5, doi="https://doi.org/10.5555/a,b")
    serve(OpenAlexApi([*WORKS, odd, openalex_work(51, cites=[5])]))
    [found] = rounds(Client(), ["doi:10.5555/none", "doi:10.5555/a,b"], [FORWARDS])
    assert found.unknown == ("doi:10.5555/none",)
    page = CITATIONS.page(Client(), Search("forwards: doi:10.5555/none pmid:1", since="2026-01-01"), None)
    assert page.all_again == "citations cannot be asked for since a day"
    assert page.warnings == ("OpenAlex does not know doi:10.5555/none: what cites or is cited by them is missing",)
    assert [entry.accession for entry in found.new] == [("openalex:W51",)], "a DOI with a comma is asked for by itself"


def test_rounds_go_on_with_what_was_found_new_and_count_before_and_after_duplicates(serve) -> None:
    serve(OpenAlexApi(WORKS))
    found = list(rounds(Client(), ["openalex:W1", "openalex:W2"], [FORWARDS, BACKWARDS], most=5))
    assert [(one.number, one.direction.value, len(one.seeds), len(one.entries), len(one.new)) for one in found] == [
        (1, "forwards", 2, 2, 2), (1, "backwards", 2, 3, 3),
        (2, "forwards", 5, 3, 1), (2, "backwards", 5, 3, 1),
        (3, "forwards", 2, 1, 0), (3, "backwards", 2, 1, 0),
    ]  # fmt: skip
    assert {name for one in found for entry in one.new for name in entry.accession} == {
        f"openalex:W{number}" for number in (11, 12, 13, 14, 21, 22, 31)
    }  # fmt: skip


@pytest.mark.parametrize("query", ["", "sideways: pmid:1", "forwards:", "forwards: 10.1/x", "forwards: pmid:1 pmid:x"])
def test_a_query_that_is_no_search_by_citation_is_refused(query: str) -> None:
    with pytest.raises(SourceError, match="no search by citation; write `forwards:`"):
        CITATIONS.page(Client(), Search(query), None)


@pytest.mark.live
def test_openalex_itself_answers() -> None:
    page = DATABASE.page(Client(), Search("filter=title.search:electrocardiogram,publication_year:2024"), None)
    assert page.received == 100
    assert Client().budget(OPENALEX) is None
