"""Europe PMC and ClinicalTrials.gov: what is particular to each; what all databases keep to is in test_contracts."""

import pytest
from servers.services.clinicaltrials import ClinicalTrialsApi, registered_study
from servers.services.europepmc import EuropePmcApi, europepmc_result

from screener.sources import DATABASES, Client, Search, SourceError

EUROPE_PMC, TRIALS = DATABASES["europepmc"], DATABASES["clinicaltrials"]


def test_a_record_of_europe_pmc_is_whole(serve, monkeypatch):
    corrections = {"commentCorrection": [{"id": "99", "source": "MED", "type": "Retraction in"}]}
    preprint = europepmc_result(2, source="PPR", id="PPR7", pmid="", pubTypeList={"pubType": ["Preprint"]})
    server = serve(EuropePmcApi([europepmc_result(1, commentCorrectionList=corrections, pmcid="PMC5"), preprint]))
    monkeypatch.setenv("SCREENER_EMAIL", "a@example.org")
    paper, other = EUROPE_PMC.entries(EUROPE_PMC.page(Client(), Search("TITLE:synthetic"), None).body)
    assert (paper.pmid, paper.pmcid, paper.abstract) == ("30000001", "PMC5", "Synthetic abstract of record 1.")
    assert [(relation.kind, relation.identifier) for relation in paper.relations] == [("retracted_in", "pmid:99")]
    assert {date.kind for date in paper.dates} == {"year", "indexed", "updated"}
    assert (other.accession, other.reference_type) == (("europepmc:PPR7",), "UNPB")
    asked = server.requests[0].params
    assert (asked["resultType"], asked["email"]) == ("core", "a@example.org")


def test_synonyms_are_searched_as_on_the_web_site_unless_the_query_says_otherwise(serve):
    server = serve(EuropePmcApi([europepmc_result(1)]))
    EUROPE_PMC.count(Client(), Search("TITLE:synthetic"))
    EUROPE_PMC.count(Client(), Search("query=TITLE:synthetic&synonym=FALSE"))
    assert [asked.params["synonym"] for asked in server.requests] == ["TRUE", "FALSE"]


def test_a_mark_that_leads_to_its_own_page_is_the_last(serve):
    serve(EuropePmcApi([europepmc_result(number) for number in range(230)], stated=1_000, repeats_mark=True))
    first = EUROPE_PMC.page(Client(), Search("TITLE:synthetic"), None)
    last = EUROPE_PMC.page(Client(), Search("TITLE:synthetic"), first.following)
    assert (first.received, last.received, last.following) == (200, 30, None)


def test_a_record_without_a_title_is_no_hindrance(serve):
    nameless = europepmc_result(1)
    del nameless["title"]
    serve(EuropePmcApi([nameless, europepmc_result(2)]))
    entries = list(EUROPE_PMC.entries(EUROPE_PMC.page(Client(), Search("TITLE:synthetic"), None).body))
    assert [entry.pmid for entry in entries] == ["30000001", "30000002"]


def test_a_registration_has_its_numbers_and_its_papers(serve):
    references = {"references": [{"pmid": "123", "type": "RESULT"}, {"pmid": "456", "type": "BACKGROUND"}]}
    serve(ClinicalTrialsApi([registered_study(7, referencesModule=references)]))
    (entry,) = TRIALS.entries(TRIALS.page(Client(), Search("synthetic"), None).body)
    assert (entry.title, entry.registry) == ("synthetic study 7", ("NCT00000007",))
    assert entry.url == "https://clinicaltrials.gov/study/NCT00000007"
    assert [relation.identifier for relation in entry.relations] == ["pmid:123"]


def test_the_number_of_studies_is_told_on_every_page_though_the_service_says_it_once(serve):
    serve(ClinicalTrialsApi([registered_study(number) for number in range(1, 251)]))
    pages, cursor = [], None
    while not pages or cursor:
        pages.append(TRIALS.page(Client(), Search("synthetic"), cursor))
        cursor = pages[-1].following
    assert [(page.received, page.stated) for page in pages] == [(100, 250), (100, 250), (50, 250)]


def test_a_query_in_a_search_area_of_its_own_keeps_its_filter_for_what_is_new(serve):
    server = serve(ClinicalTrialsApi([registered_study(1)]))
    query = "query.cond=arrhythmia&filter.advanced=AREA[StudyType]INTERVENTIONAL"
    TRIALS.count(Client(), Search(query, since="2024-01-01"))
    asked = server.requests[0].params
    assert asked["query.cond"] == "arrhythmia"
    assert (
        asked["filter.advanced"] == "(AREA[StudyType]INTERVENTIONAL) AND AREA[LastUpdatePostDate]RANGE[2024-01-01,MAX]"
    )


def test_a_token_that_the_registry_no_longer_knows_is_told(serve):
    serve(ClinicalTrialsApi([registered_study(1)]))
    with pytest.raises(SourceError, match="pageToken"):
        TRIALS.page(Client(), Search("synthetic"), '["old", 1]')


@pytest.mark.live
@pytest.mark.parametrize(("database", "query"), [(EUROPE_PMC, "EXT_ID:35226604 AND SRC:MED"), (TRIALS, "NCT03157895")])
def test_the_services_themselves(database, query):
    page = database.page(Client(), Search(query), None)
    assert page.received == page.stated == 1
    assert len(list(database.entries(page.body))) == 1
