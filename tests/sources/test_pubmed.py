"""PubMed: all records of a search come, whatever happens on the way, and the program says what did not."""

from dataclasses import replace
from pathlib import Path

import pytest
from servers.services import Fault
from servers.services.pubmed import PubMedApi, citations_of_table, synthetic

from screener.sources import Client, Search, SourceError, begin, fetch, snapshots_in
from screener.sources.http import TRIES
from screener.sources.pubmed import PubMed, pmids_of
from screener.sources.services import PUBMED

SMALL = PubMed(page_size=4, most=10)
RECORDS = [synthetic(number, entered=f"2024/01/{number + 1:02}") for number in range(9)]


def fetched(folder: Path, database: PubMed, search: Search, client: Client | None = None):
    """The finished snapshot of a search, and the PMIDs of its entries in order."""
    snapshot = fetch(begin(folder, database, "PubMed", "1", search), database, client or Client())
    return snapshot, [entry.pmid for entry in snapshot.entries(database)]


def pmids(records) -> list[str]:
    return [record.pmid for record in records]


@pytest.mark.parametrize("faults", [0.0, 0.1], ids=["no faults", "10 % faults"])
def test_the_first_review_s_821_records_come_whole(serve, shared, tmp_path, faults):
    table = citations_of_table(shared / "seed-review/pubmed/csv-ECGTitleOR-set.csv")
    server = serve(PubMedApi(table))
    server.fail_often(faults)
    database = PubMed(page_size=50 if faults else 200)
    snapshot = fetch(begin(tmp_path, database, "PubMed", "1", Search("ECG[Title]")), database, Client())
    entries = [(entry.pmid, entry.title) for entry in snapshot.entries(database)]
    assert (snapshot.stated, snapshot.received, len(entries)) == (821, 821, 821)
    assert dict(entries) == {record.pmid: " ".join(record.title.split()) for record in table}
    assert bool(server.failed) == bool(faults)


def test_an_article_is_read_with_all_that_pubmed_says(serve, tmp_path):
    notice = (
        '<CommentsCorrectionsList><CommentsCorrections RefType="RetractionIn"><RefSource>Synthetic. 2021</RefSource>'
        "<PMID>555</PMID></CommentsCorrections></CommentsCorrectionsList><MeshHeadingList><MeshHeading>"
        "<DescriptorName>Electrocardiography</DescriptorName></MeshHeading></MeshHeadingList>"
    )
    serve(PubMedApi([replace(synthetic(1), doi="10.1000/x", pmcid="PMC77", more=notice)]))
    snapshot, _ = fetched(tmp_path, PubMed(), Search("heart"))
    (entry,) = snapshot.entries(PubMed())
    assert entry.abstract == "BACKGROUND: Synthetic abstract of record 10000001. METHODS: There are none."
    assert (entry.pmid, entry.doi, entry.pmcid, entry.language) == ("10000001", "10.1000/x", "PMC77", "eng")
    assert entry.publication_types == ("Journal Article",)
    assert entry.keywords == ("Electrocardiography",)
    assert [(relation.kind, relation.identifier) for relation in entry.relations] == [("retracted_in", "pmid:555")]
    assert "indexed" in {date.kind for date in entry.dates}


def test_who_asks_is_told_as_documented(serve, tmp_path, monkeypatch):
    server = serve(PubMedApi(RECORDS, key="mine"))
    monkeypatch.setenv("NCBI_API_KEY", "mine")
    monkeypatch.setenv("SCREENER_EMAIL", "a@example.org")
    fetched(tmp_path, PubMed(), Search("heart"))
    for asked in server.requests:
        who = {name: asked.params[name] for name in ("tool", "email", "api_key")}
        assert who == {"tool": "screener", "email": "a@example.org", "api_key": "mine"}


def test_a_key_allows_ten_requests_a_second_and_none_three(monkeypatch):
    monkeypatch.delenv("SCREENER_REQUESTS_PER_SECOND", raising=False)
    monkeypatch.delenv("NCBI_API_KEY", raising=False)
    assert PUBMED.rate == 3
    monkeypatch.setenv("NCBI_API_KEY", "mine")
    assert PUBMED.rate == 10


def test_a_search_is_counted_without_fetching(serve):
    server = serve(PubMedApi(RECORDS))
    assert SMALL.count(Client(), Search("heart")) == 9
    assert [asked.path for asked in server.requests] == ["/esearch.fcgi"]


def test_a_page_has_its_count_the_translation_and_the_warnings(serve):
    api = PubMedApi(RECORDS)
    api.trouble = (
        "<ErrorList><PhraseNotFound>hartt</PhraseNotFound><FieldNotFound>Titel</FieldNotFound></ErrorList>"
        '<WarningList><QuotedPhraseNotFound>"heart of stone"</QuotedPhraseNotFound></WarningList>'
    )
    serve(api)
    first = SMALL.page(Client(), Search("heart"), None)
    assert (first.received, first.stated, first.translation) == (4, 9, "heart[All Fields]")
    assert first.warnings == (
        "not found: hartt",
        "no such field: Titel",
        'phrase not found, its words are searched one by one: "heart of stone"',
    )
    second = SMALL.page(Client(), Search("heart"), first.following)
    assert (second.translation, second.warnings) == ("", ())


def test_a_search_without_a_record_is_a_page_without_one(serve, tmp_path):
    serve(PubMedApi([]))
    snapshot, received = fetched(tmp_path, PubMed(), Search("nothing"))
    assert (snapshot.stated, snapshot.received, received, snapshot.finished) == (0, 0, [], True)


def test_a_large_search_is_split_by_the_day_of_entry(serve, tmp_path):
    records = [synthetic(number, entered=f"20{number % 25:02}/0{number % 9 + 1}/11") for number in range(120)]
    api = PubMedApi(records, most=10)
    server = serve(api)
    snapshot, received = fetched(tmp_path, SMALL, Search("heart"))
    assert (snapshot.stated, snapshot.received) == (120, 120)
    assert sorted(received) == pmids(records)
    split = [asked.params for asked in server.asked("/esearch.fcgi") if "datetype" in asked.params]
    assert split
    assert {params["datetype"] for params in split} == {"edat"}
    assert all(int(asked.params["retstart"]) < 10 for asked in server.asked("/efetch.fcgi"))


def test_more_records_of_one_day_than_pubmed_gives_are_told(serve, tmp_path):
    serve(PubMedApi([synthetic(number) for number in range(13)], most=10))
    snapshot, received = fetched(tmp_path, SMALL, Search("heart"))
    assert (snapshot.stated, snapshot.received, len(set(received))) == (13, 10, 10)
    assert any("13 records of one day" in warning for warning in snapshot.warnings)


def test_what_is_new_was_entered_or_changed_since(serve, tmp_path):
    old = synthetic(1, entered="2020/01/01")
    changed = synthetic(2, entered="2020/01/01", changed="2024/06/01")
    new = synthetic(3, entered="2024/06/01", changed="2024/06/02")
    serve(PubMedApi([old, changed, new]))
    search = Search("heart", since="2024/05/01".replace("/", "-"))
    assert SMALL.count(Client(), search) == 2
    snapshot, received = fetched(tmp_path, SMALL, search)
    assert (snapshot.stated, snapshot.received) == (2, 2)
    assert received == pmids([new, changed])


def test_many_records_that_were_changed_are_split_by_the_day_of_change(serve, tmp_path):
    changed = [synthetic(number, entered="2020/01/01", changed=f"2024/0{number % 6 + 1}/15") for number in range(40)]
    server = serve(PubMedApi(changed, most=10))
    snapshot, received = fetched(tmp_path, SMALL, Search("heart", since="2024-01-01"))
    assert (snapshot.stated, snapshot.received) == (40, 40)
    assert sorted(received) == pmids(changed)
    assert {asked.params["datetype"] for asked in server.asked("/esearch.fcgi")} == {"edat", "mdat"}


def test_a_record_that_was_retracted_in_the_meantime_comes_again_with_its_notice(serve, tmp_path):
    api = PubMedApi(list(RECORDS))
    serve(api)
    fetched(tmp_path, SMALL, Search("heart"))
    notice = '<CommentsCorrections RefType="RetractionIn"><PMID>555</PMID></CommentsCorrections>'
    more = f"<CommentsCorrectionsList>{notice}</CommentsCorrectionsList>"
    api.records[3] = replace(RECORDS[3], changed="2024/08/01", more=more)
    del api.records[5]
    snapshot, _ = fetched(tmp_path, SMALL, Search("heart", since="2024-07-01"))
    (entry,) = snapshot.entries(SMALL)
    assert (entry.pmid, entry.relations[0].identifier) == (RECORDS[3].pmid, "pmid:555")
    assert ("updated", "2024-08-01") in {(date.kind, date.value) for date in entry.dates}


def test_what_is_new_and_nothing_is(serve, tmp_path):
    serve(PubMedApi(RECORDS))
    snapshot, received = fetched(tmp_path, SMALL, Search("heart", since="2025-01-01"))
    assert (snapshot.stated, received) == (0, [])


def test_a_stopped_search_goes_on_behind_the_last_page(serve, tmp_path):
    server = serve(PubMedApi(RECORDS))
    begun = begin(tmp_path, SMALL, "PubMed", "1", Search("heart"))
    server.fail(None, None, *[Fault(503)] * TRIES)
    with pytest.raises(SourceError, match="out of order"):
        fetch(begun, SMALL, Client())
    (kept,) = snapshots_in(tmp_path)
    assert (kept.received, kept.finished) == (4, False)
    server.requests.clear()
    snapshot = fetch(kept, SMALL, Client())
    assert [entry.pmid for entry in snapshot.entries(SMALL)] == pmids(RECORDS)
    assert [asked.path for asked in server.requests] == ["/efetch.fcgi"] * 2


def test_a_history_that_the_server_has_forgotten_is_searched_for_again(serve):
    api = PubMedApi(RECORDS)
    server = serve(api)
    first = SMALL.page(Client(), Search("heart"), None)
    api.forget()
    second = SMALL.page(Client(), Search("heart"), first.following)
    assert [entry.pmid for entry in SMALL.entries(second.body)] == pmids(RECORDS[4:8])
    assert (second.warnings, second.repeated) == ((), 0)
    assert len(server.asked("/esearch.fcgi")) == 2


def test_a_forgotten_search_that_finds_another_number_begins_again_and_says_so(serve, tmp_path):
    api = PubMedApi(RECORDS)
    serve(api)
    begun = begin(tmp_path, SMALL, "PubMed", "1", Search("heart"))

    def forget_once(snapshot) -> None:
        if len(snapshot.pages) == 1:
            api.records.insert(0, synthetic(99))
            api.forget()

    api.records = list(RECORDS)
    snapshot = fetch(begun, SMALL, Client(), forget_once)
    received = [entry.pmid for entry in snapshot.entries(SMALL)]
    assert set(received) == {*pmids(RECORDS), "10000099"}
    assert (snapshot.stated, snapshot.received) == (10, 10)
    (warning,) = snapshot.warnings
    assert "now finds 10 records, before 9; 4 came twice" in warning


def test_records_by_their_pmids(serve, tmp_path):
    server = serve(PubMedApi(RECORDS))
    query = "10000001, 10000003\n10000005 10000007[uid]; 10000008 10000001"
    assert SMALL.count(Client(), Search(query)) == 5
    snapshot, received = fetched(tmp_path, SMALL, Search(query))
    assert received == ["10000001", "10000003", "10000005", "10000007", "10000008"]
    assert (snapshot.stated, snapshot.received) == (5, 5)
    assert server.asked("/esearch.fcgi") == []


@pytest.mark.parametrize("query", ["heart 10000001", "2019", "10000001 AND 10000002", "ECG[Title]", ""])
def test_a_query_of_words_is_no_list_of_pmids(query):
    assert pmids_of(query) == []


def test_a_pmid_that_was_deleted_is_named(serve, tmp_path):
    api = PubMedApi(RECORDS)
    api.articles = "<PubmedArticleSet>{}<DeleteCitation><PMID>10000009</PMID></DeleteCitation></PubmedArticleSet>"
    serve(api)
    snapshot, received = fetched(tmp_path, SMALL, Search("10000001, 10000009"))
    assert received == ["10000001"]
    assert (snapshot.stated, snapshot.received) == (2, 1)
    assert snapshot.warnings == ("PubMed has no record 10000009: deleted, or never there",)


def test_a_record_that_does_not_come_is_asked_for_again_and_then_named(serve, tmp_path):
    api = PubMedApi(RECORDS, lost={"10000002"})
    server = serve(api)
    snapshot, received = fetched(tmp_path, SMALL, Search("heart"))
    assert len(received) == 8
    assert (snapshot.stated, snapshot.received) == (9, 8)
    assert snapshot.warnings == ("1 of the records that were found did not come: 10000002",)
    assert [asked.params["retstart"] for asked in server.asked("/efetch.fcgi")] == ["0", "0", "0", "4", "8"]


def test_where_what_is_missing_cannot_be_named_the_records_are_kept(serve, tmp_path):
    server = serve(PubMedApi(RECORDS, lost={"10000002"}))
    server.fail(None, None, None, Fault(400, body=b"no list"))
    snapshot, received = fetched(tmp_path, SMALL, Search("heart"))
    assert len(received) == 8
    assert snapshot.warnings == ("1 of the records that were found did not come",)


def test_a_count_that_is_wrong_is_seen_in_what_came(serve, tmp_path):
    serve(PubMedApi(RECORDS, stated_more=2))
    snapshot, received = fetched(tmp_path, PubMed(page_size=4), Search("heart"))
    assert (snapshot.stated, snapshot.received, received) == (11, 9, pmids(RECORDS))
    assert any("did not come" in warning for warning in snapshot.warnings)


def test_a_count_that_is_too_small_loses_nothing(serve, tmp_path):
    serve(PubMedApi(RECORDS, stated_more=-7))
    snapshot, received = fetched(tmp_path, SMALL, Search("heart"))
    assert (snapshot.stated, snapshot.received, received) == (2, 9, pmids(RECORDS))


def test_a_search_that_the_server_does_not_keep_is_told(serve):
    """It says that there are records, and not where they are kept."""
    serve(PubMedApi([], stated_more=2))
    with pytest.raises(SourceError, match="did not keep the search"):
        SMALL.page(Client(), Search("heart"), None)


def test_a_query_that_is_rejected_is_told_in_pubmed_s_words(serve):
    server = serve(PubMedApi(RECORDS, refused={"(": "Empty term and query_key - nothing todo"}))
    with pytest.raises(SourceError, match=r"rejects the search \(it says: Empty term.*correct the query"):
        SMALL.page(Client(), Search("("), None)
    assert len(server.requests) == 1


def test_a_backend_that_fails_is_tried_again(serve):
    server = serve(PubMedApi(RECORDS))
    server.fail(Fault(body=b"<eSearchResult><ERROR>Search Backend failed: timed out</ERROR></eSearchResult>"))
    assert SMALL.count(Client(), Search("heart")) == 9


@pytest.mark.parametrize("status", [200, 400])
def test_an_error_in_place_of_records_is_told_in_pubmed_s_words(serve, status):
    server = serve(PubMedApi(RECORDS))
    body = b"<eFetchResult><ERROR>Wrong retmode</ERROR></eFetchResult>"
    server.fail(None, Fault(body=body) if status == 200 else Fault(400, body=body))
    with pytest.raises(SourceError, match=r"does not send records \(it says: Wrong retmode\)"):
        SMALL.page(Client(), Search("heart"), None)


def test_a_wrong_key_is_named_by_its_setting(serve, monkeypatch):
    serve(PubMedApi(RECORDS))
    monkeypatch.setenv("NCBI_API_KEY", "wrong-secret")
    with pytest.raises(SourceError, match=r"the key in NCBI_API_KEY is refused .*API key invalid") as stop:
        SMALL.page(Client(), Search("heart"), None)
    assert "secret" not in str(stop.value)


@pytest.mark.parametrize(
    "fault",
    [
        Fault(429, {"Retry-After": "0"}),
        Fault(share=0.7),
        Fault(body=b"<PubmedArticleSet><PubmedArticle><MedlineCitation>"),
        Fault(body=b"<html><body>NCBI is down</body></html>"),
        Fault(body=b'{"error": "error forwarding request"}'),
        Fault(body=b""),
    ],
    ids=["too many", "cut off", "breaks off", "HTML", "JSON", "empty"],
)
def test_a_page_that_is_none_is_asked_for_again(serve, tmp_path, fault):
    server = serve(PubMedApi(RECORDS))
    server.fail(fault, None, fault, None, fault)
    _, received = fetched(tmp_path, SMALL, Search("heart"))
    assert received == pmids(RECORDS)
    assert server.failed == 3


def test_a_page_that_stays_none_is_one_line(serve):
    server = serve(PubMedApi(RECORDS))
    server.fail(None, *[Fault(body=b"<PubmedArticleSet><Pubmed")] * TRIES)
    with pytest.raises(SourceError, match=r"^PubMed \(127.*sent no whole page: .*later$"):
        SMALL.page(Client(), Search("heart"), None)


BOMB = b"""<?xml version="1.0"?><!DOCTYPE PubmedArticleSet [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><PubmedArticleSet><PubmedArticle><MedlineCitation><PMID>&c;</PMID>
</MedlineCitation></PubmedArticle></PubmedArticleSet>"""
READS_FILE = b"""<!DOCTYPE eSearchResult [<!ENTITY a SYSTEM "file:///etc/passwd">]><eSearchResult><Count>&a;</Count>
</eSearchResult>"""


@pytest.mark.parametrize(
    "faults",
    [(Fault(body=READS_FILE),), (Fault(body=BOMB),), (None, Fault(body=BOMB))],
    ids=["ESearch", "no search result", "EFetch"],
)
def test_entities_are_refused_in_one_line(serve, faults):
    server = serve(PubMedApi(RECORDS))
    server.fail(*faults)
    with pytest.raises(SourceError, match=r"^PubMed .*entities") as stop:
        SMALL.page(Client(), Search("heart"), None)
    assert "\n" not in str(stop.value)
    assert len(server.requests) == len(faults)


def test_a_long_query_is_sent_as_a_form(serve):
    server = serve(PubMedApi(RECORDS))
    query = " OR ".join(f"word{number}" for number in range(400))
    SMALL.count(Client(), Search(query))
    (asked,) = server.requests
    assert (asked.method, asked.params["term"]) == ("POST", query)


def test_a_kept_page_that_is_none_is_told(serve):
    with pytest.raises(SourceError, match="a page of PubMed cannot be read"):
        list(SMALL.entries(b"<PubmedArticleSet><PubmedArticle>"))


@pytest.mark.live
def test_the_service_itself(tmp_path):
    """Two papers of which the numbers are known, by number and by a search."""
    _, received = fetched(tmp_path, PubMed(), Search("35226604[uid] OR 37517989[uid]"))
    assert sorted(received) == ["35226604", "37517989"]
    assert PubMed().count(Client(), Search("electrocardiography[MeSH Terms]")) > 200_000
