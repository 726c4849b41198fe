"""arXiv: all papers of a search come in order, new versions are found, and a feed that was saved can be imported."""

from pathlib import Path

import pytest
from servers.services import Fault
from servers.services.arxiv import ArXivApi, Paper

from screener.records import Integrity
from screener.records.readers import read_file
from screener.sources import DATABASES, Client, Search, SourceError, begin, fetch, snapshots_in
from screener.sources.arxiv import ids_of
from screener.sources.http import TRIES
from screener.sources.services import ARXIV

DATABASE = DATABASES["arxiv"]
QUERY = ArXivApi([]).query
PAPERS = [Paper(number) for number in range(1, 231)]


def fetched(folder: Path, search: Search):
    snapshot = fetch(begin(folder, DATABASE, "arXiv", "1", search), DATABASE, Client())
    return snapshot, [entry.arxiv for entry in snapshot.entries(DATABASE)]


def ids(papers) -> list[str]:
    return [paper.id for paper in papers]


def test_a_search_brings_every_paper_once(serve, tmp_path):
    api = ArXivApi(PAPERS)
    server = serve(api)
    snapshot, received = fetched(tmp_path, Search(QUERY))
    assert (snapshot.stated, snapshot.received, len(received)) == (230, 230, 230)
    assert set(received) == set(ids(PAPERS))
    assert len(server.requests) == 2
    assert api.sorts == {"submittedDate ascending"}


def test_a_paper_has_its_version_its_journal_and_its_doi(serve):
    more = (
        "<arxiv:comment>12 pages</arxiv:comment><arxiv:journal_ref>Synthetic Journal 12 (2025) 1-9</arxiv:journal_ref>"
        "<arxiv:doi>10.5555/Published.1</arxiv:doi>"
    )
    serve(ArXivApi([Paper(7, version=3, submitted="2024-01-02", changed="2025-03-04", more=more)]))
    (entry,) = DATABASE.entries(DATABASE.page(Client(), Search(QUERY), None).body)
    assert (entry.arxiv, entry.url) == ("2401.00007", "https://arxiv.org/abs/2401.00007v3")
    assert (entry.doi, entry.venue) == ("10.5555/published.1", "Synthetic Journal 12 (2025) 1-9")
    assert (entry.title, entry.abstract) == ("synthetic record 7", "Synthetic abstract of record 7.")
    assert entry.authors == ("Ann Synthetic", "Bob Synthetic")
    assert entry.keywords == ("cs.LG", "eess.SP")
    assert {date.kind: date.value for date in entry.dates} == {"published": "2024-01-02", "updated": "2025-03-04"}
    assert (entry.year, entry.reference_type) == (2024, "UNPB")


@pytest.mark.parametrize(
    ("comment", "mark"),
    [
        ("This paper has been withdrawn by the author due to an error", Integrity.WITHDRAWN),
        ("Withdrawn", Integrity.WITHDRAWN),
        ("9 pages; an earlier version was withdrawn from a workshop", Integrity.UNMARKED),
    ],
)
def test_a_paper_that_was_withdrawn_is_marked(serve, comment, mark):
    serve(ArXivApi([Paper(1, more=f"<arxiv:comment>{comment}</arxiv:comment>")]))
    (entry,) = DATABASE.entries(DATABASE.page(Client(), Search(QUERY), None).body)
    assert entry.integrity is mark


def test_a_new_version_of_an_old_paper_is_new(serve, tmp_path):
    old = [Paper(number, submitted="2020-01-01") for number in range(1, 300)]
    api = ArXivApi([*old, Paper(300, version=2, submitted="2020-01-01", changed="2024-06-01"), Paper(301)])
    server = serve(api)
    snapshot, received = fetched(tmp_path, Search(QUERY, since="2024-01-01"))
    assert received[:2] == ["2401.00300", "2401.00301"]
    assert (snapshot.stated, snapshot.finished) == (None, True)
    assert len(server.requests) == 1, "what is older than the day is not asked for"
    assert api.sorts == {"lastUpdatedDate descending"}
    assert DATABASE.count(Client(), Search(QUERY, since="2024-01-01")) is None


def test_papers_by_their_ids(serve, tmp_path):
    server = serve(ArXivApi(PAPERS))
    _, received = fetched(tmp_path, Search("2401.00002, 2401.00005v1 arXiv:2401.00009"))
    assert "search_query" not in server.requests[0].params
    assert received[:2] == ["2401.00002", "2401.00005"]


@pytest.mark.parametrize("query", ["ti:ecg", "2401.00002 OR ti:ecg", "all:2401.00002", ""])
def test_a_query_of_words_is_no_list_of_ids(query):
    assert ids_of(query) == []


def test_a_search_is_counted(serve):
    serve(ArXivApi(PAPERS))
    assert DATABASE.count(Client(), Search(QUERY)) == 230


def test_a_search_without_results_is_a_page_without_papers(serve):
    serve(ArXivApi([]))
    page = DATABASE.page(Client(), Search(QUERY), None)
    assert (page.received, page.stated, page.following, list(DATABASE.entries(page.body))) == (0, 0, None, [])


def test_short_and_empty_pages_lose_nothing(serve, tmp_path):
    server = serve(ArXivApi(PAPERS, short=100, empty=2))
    snapshot, received = fetched(tmp_path, Search(QUERY))
    assert (snapshot.received, len(set(received)), snapshot.warnings) == (230, 230, ())
    assert len(server.requests) == 5


@pytest.mark.parametrize("stated", [1_000, 3], ids=["too many", "too few"])
def test_a_wrong_count_neither_loses_papers_nor_asks_for_ever(serve, tmp_path, stated):
    server = serve(ArXivApi(PAPERS, stated=stated))
    snapshot, received = fetched(tmp_path, Search(QUERY))
    assert (snapshot.stated, snapshot.received, len(set(received))) == (stated, 230, 230)
    assert len(server.requests) < 10
    assert bool(snapshot.warnings) == (stated > 230)


def test_a_stopped_search_goes_on_behind_the_last_page(serve, tmp_path):
    server = serve(ArXivApi(PAPERS))
    begun = begin(tmp_path, DATABASE, "arXiv", "1", Search(QUERY))
    server.fail(None, *[Fault(503)] * TRIES)
    with pytest.raises(SourceError, match="out of order"):
        fetch(begun, DATABASE, Client())
    (kept,) = snapshots_in(tmp_path)
    server.requests.clear()
    snapshot = fetch(kept, DATABASE, Client())
    assert len({entry.arxiv for entry in snapshot.entries(DATABASE)}) == 230
    assert [asked.params["start"] for asked in server.requests] == ["200"]


@pytest.mark.parametrize(
    "fault",
    [Fault(429, {"Retry-After": "0"}), Fault(share=0.6), Fault(body=b"<feed><entry>"), Fault(body=b"<html></html>"), Fault(body=b"Rate exceeded.")],
    ids=["too many", "cut off", "breaks off", "HTML", "text"],
)  # fmt: skip
def test_a_feed_that_is_none_is_asked_for_again(serve, fault):
    server = serve(ArXivApi(PAPERS))
    server.fail(fault)
    assert DATABASE.page(Client(), Search(QUERY), None).received == 200
    server.fail(*[Fault(body=b"<feed><entry>")] * TRIES)
    with pytest.raises(SourceError, match="sent no whole feed"):
        DATABASE.page(Client(), Search(QUERY), None)


def test_a_query_that_is_rejected_is_told_in_arxiv_s_words(serve):
    server = serve(ArXivApi(PAPERS))
    with pytest.raises(SourceError, match=r"rejects the search \(it says: bad query\); correct the query"):
        DATABASE.page(Client(), Search("ti:("), None)
    assert len(server.requests) == 1


def test_more_papers_than_arxiv_gives_are_refused_with_the_way_round(serve):
    serve(ArXivApi(PAPERS, stated=40_000))
    with pytest.raises(SourceError, match=r"at most 30,000.*divide the query, by submittedDate"):
        DATABASE.page(Client(), Search(QUERY), None)


BOMB = b"""<!DOCTYPE feed [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><feed xmlns="http://www.w3.org/2005/Atom">
<entry><title>&b;</title></entry></feed>"""


def test_entities_are_refused_in_one_line(serve):
    server = serve(ArXivApi(PAPERS))
    server.fail(Fault(body=BOMB))
    with pytest.raises(SourceError, match=r"^arXiv .*entities") as stop:
        DATABASE.page(Client(), Search(QUERY), None)
    assert "\n" not in str(stop.value)
    assert len(server.requests) == 1
    with pytest.raises(SourceError, match="entities"):
        list(DATABASE.entries(BOMB))


def test_there_are_three_seconds_between_requests(monkeypatch):
    monkeypatch.delenv("SCREENER_REQUESTS_PER_SECOND", raising=False)
    assert 1 / ARXIV.rate >= 3


def test_a_saved_feed_can_be_imported(serve, tmp_path):
    serve(ArXivApi(PAPERS))
    saved = tmp_path / "feed.xml"
    saved.write_bytes(DATABASE.page(Client(), Search(QUERY), None).body)
    read = read_file(saved)
    assert (read.format, read.source, len(read.hits), read.rejected) == ("arXiv feed", "arXiv", 200, ())
    assert read.notes == ("200 of 230 results are in the file; fetch the others with `start`",)


def test_a_feed_that_is_an_error_or_breaks_off_is_told(tmp_path, serve):
    serve(ArXivApi(PAPERS[:2]))
    body = DATABASE.page(Client(), Search(QUERY), None).body
    saved = tmp_path / "feed.xml"
    saved.write_bytes(body[: body.rindex(b"<summary>")])
    read = read_file(saved)
    assert len(read.hits) == 1
    assert "fetch the feed again" in read.rejected[0].reason


@pytest.mark.live
def test_the_service_itself(tmp_path):
    _, received = fetched(tmp_path, Search("1706.03762"))
    assert received == ["1706.03762"]
