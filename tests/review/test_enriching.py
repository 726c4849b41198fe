"""`screener retrieve --enrich`: what records lack is looked up elsewhere, compared, and entered beside the sources' own rows."""

from pathlib import Path

import pytest
from servers.services.look_ups import (
    CrossrefPapers,
    EuropePmcPapers,
    OpenReviewPapers,
    Paper,
    SemanticScholarPapers,
    VenuePapers,
    openalex_papers,
)
from servers.services.pubmed import PubMedApi

import screener
from screener.records import Entry, Record
from screener.sources.look_ups import Verdict, judged
from screener.sources.services import AAAI, ACL, CVF, NEURIPS, OPENREVIEW_1, PMLR

ABSTRACT = "Synthetic abstract: a network was trained on one million signals, and its weights are public."
BY_PMID = Paper("synthetic hearts of mice: a survey", ABSTRACT, pmid="30000001", doi="10.5555/mice")
BY_DOI = Paper("synthetic leads and their order", ABSTRACT, doi="10.5555/leads")
BY_FORUM = Paper("synthetic pretraining of signal encoders", ABSTRACT, forum="abc123XYZ")
LISTED = "\n".join(
    [
        "title,authors,year,doi,pmid,url",
        f'{BY_PMID.title},"Synthetic, Ada",2023,,30000001,',
        f'{BY_DOI.title},"Synthetic, Ada",2023,10.5555/leads,,',
        f'{BY_FORUM.title},"Synthetic, Ada",2023,,,https://openreview.net/forum?id=abc123XYZ',
    ]
)
EVERYBODY = (PMLR, NEURIPS, CVF, ACL, AAAI)


@pytest.fixture
def services(serve):
    """Every service that is looked up in, with some papers, those of one service in the place of these: `services(papers)`."""

    def start(*papers: Paper, **others):
        return serve(
            EuropePmcPapers(others.get("europepmc", papers)), openalex_papers(others.get("openalex", papers)),
            CrossrefPapers(others.get("crossref", papers)), SemanticScholarPapers(others.get("semantic_scholar", papers)),
            OpenReviewPapers(others.get("openreview", papers)), OpenReviewPapers(others.get("openreview1", ()), OPENREVIEW_1),
            *(VenuePapers(venue, papers) for venue in EVERYBODY), PubMedApi(list(others.get("pubmed", ()))),
        )  # fmt: skip

    return start


@pytest.fixture
def listed(blank: Path, cli):
    """A review with rows without abstracts: `listed(csv)`; standing in it."""

    def start(text: str = LISTED, source: str = "DBLP") -> Path:
        path = blank / f"{source}.csv"
        path.write_text(text, "utf-8")
        assert cli("import", path, "--source", source).code == 0
        return blank

    return start


def by_title(folder: Path = Path()) -> dict[str, object]:
    return {record.title: record for record in screener.open(folder).records()}


def enriched(cli, *options: str, code: int = 0):
    result = cli("retrieve", "--enrich", "--json", *options)
    assert result.code == code, result.err
    return result.json


def test_abstracts_come_by_identifier_and_from_the_venue_and_say_whose_they_are(services, listed, cli) -> None:
    services(BY_PMID, BY_DOI, BY_FORUM)
    listed()
    told = enriched(cli, "--service", "Europe PMC", "--service", "OpenReview")
    (row,) = told["records"]
    assert (row["without"], row["found"], row["still_without"]) == (3, {"Europe PMC": 2, "OpenReview": 1}, 0)
    records = by_title()
    assert {record.abstract for record in records.values()} == {ABSTRACT}
    rows = {row["title"]: row["abstract_source"] for row in cli("export", "--stage", "abstract", "--json").json}
    assert rows == {
        BY_PMID.title: "Europe PMC (enrichment)",
        BY_DOI.title: "Europe PMC (enrichment)",
        BY_FORUM.title: "OpenReview (enrichment)",
    }


def test_what_was_filled_in_counts_in_no_source_and_no_flow_and_is_taken_back_as_a_whole(services, listed, cli) -> None:
    services(BY_PMID, BY_DOI, BY_FORUM)
    listed()

    def counted():
        status = cli("status", "--json").json
        links = cli("dedup", "list", "--json").json["links"]
        return status["records"], status["sources"], links, [r.sources for r in by_title().values()]

    before, texts = counted(), {title: record.abstract for title, record in by_title().items()}
    told = enriched(cli)
    assert counted() == before
    assert by_title()[BY_PMID.title].doi == "10.5555/mice"
    undone = cli("import", "--undo", str(told["imports"][0]), "--json")
    assert undone.code == 0, undone.err
    assert {title: record.abstract for title, record in by_title().items()} == texts
    assert by_title()[BY_PMID.title].doi is None
    # What was taken back can be had again, from disk.
    again = enriched(cli)
    assert again["requests"] == 0
    assert {record.abstract for record in by_title().values()} == {ABSTRACT}


def test_a_second_run_asks_nothing_twice_and_enters_nothing(services, listed, cli) -> None:
    server = services(BY_PMID, BY_FORUM)
    listed()
    enriched(cli)
    asked = len(server.requests)
    again = enriched(cli)
    assert (again["requests"], again["update"], len(server.requests)) == (0, None, asked)


def test_a_work_with_another_title_under_the_doi_is_refused(services, listed, cli) -> None:
    other = Paper("synthetic optics of deep sea lenses", ABSTRACT, doi="10.5555/leads")
    services(other)
    listed()
    told = enriched(cli)
    (row,) = told["records"]
    assert (row["found"], row["refused"]) == ({}, 1)
    assert {work["other_title"].rstrip(".") for work in told["refused"]} == {other.title}
    assert by_title()[BY_DOI.title].abstract == ""


@pytest.mark.parametrize(
    ("authors", "year", "found", "candidates"),
    [
        (("Synthetic, Ada", "Second, Bob"), 2024, 1, 0),
        (("Second, Bob", "Synthetic, Ada"), 2023, 0, 1),
        (("Synthetic, Ada",), 2025, 0, 1),
        ((), 2023, 0, 1),
    ],
)
def test_a_title_is_not_enough_without_its_first_author_and_year(
    services, listed, cli, authors, year, found, candidates
) -> None:
    title = "synthetic signal transformers without any number"
    services(semantic_scholar=[Paper(title, ABSTRACT, authors, year)])
    listed(f'title,authors,year\n{title},"Synthetic, Ada",2023\n')
    told = enriched(cli)
    (row,) = told["records"]
    assert (sum(row["found"].values()), row["candidates"], row["still_without"]) == (found, candidates, 1 - found)


@pytest.mark.parametrize(
    ("title", "author", "found"),
    [
        ("Synthetic signal transformer without any number.", "A. Synthetic", 1),
        ("RETRACTED: Synthetic signal transformers without any number", "Ada Synthetic", 1),
        ("Synthetic signal transformers with any number", "Synthetic, Ada", 0),
        ("Synthetic signal transformers without any number: part II", "Synthetic, Ada", 0),
        ("Erratum: Synthetic signal transformers without any number", "Synthetic, Ada", 0),
        ("Reply to synthetic signal transformers without any number", "Synthetic, Ada", 0),
        ("Synthetic signal transformers without any number", "Synthetic, Eve", 0),
    ],
)
def test_a_title_with_another_word_or_subtitle_and_another_given_name_are_for_a_person(
    title: str, author: str, found: int
) -> None:
    own = "synthetic signal transformers without any number"
    record = Record(id="one", title=own, authors=("Synthetic, Ada",), year=2023)
    work = judged(record, "title:", [Entry(title=title, abstract=ABSTRACT, authors=(author,), year=2023)])
    assert work is not None
    assert work.verdict is (Verdict.SAME if found else Verdict.CANDIDATE)


def test_what_became_of_a_preprint_is_not_said_of_the_paper(services, listed, cli) -> None:
    title = "synthetic signal transformers without any number"
    preprint = Paper(title, ABSTRACT, doi="10.48550/arxiv.2301.00001", more={"is_retracted": True, "type": "preprint"})
    services(openalex=[preprint])
    listed(f'title,authors,year,journal\n{title},"Synthetic, Ada",2023,Synthetic Conference on Signals\n')
    enriched(cli)
    (row,) = cli("export", "--stage", "abstract", "--json").json
    assert (row["abstract"], row["doi"], row["integrity"]) == (ABSTRACT, "", "")


def test_a_person_decides_on_candidates_and_may_take_it_back(services, listed, cli) -> None:
    title = "synthetic signal transformers without any number"
    services(semantic_scholar=[Paper(title, ABSTRACT, ("Other, Eve",), 2023)])
    listed(f'title,authors,year\n{title},"Synthetic, Ada",2023\n')
    (candidate,) = enriched(cli)["candidates"]
    assert candidate["authors"] == ["Eve Other"]
    number = str(candidate["number"])
    listing = cli("retrieve", "--candidates").out.splitlines()
    assert listing[0] == f"Candidate {number} (Semantic Scholar): {title} – Eve Other, 2023"
    assert listing[1].endswith(f": {title} – Synthetic, Ada, 2023"), "and the record beside it, to be compared"
    assert cli("retrieve", "--accept", number, "--who", "ada").code == 0
    assert by_title()[title].abstract == ABSTRACT
    assert cli("report", "--output", "page.html", "--with-synthetic").code == 0
    assert "screener retrieve --accept NUMBER" in Path("page.html").read_text("utf-8")
    assert enriched(cli)["candidates"] == []
    assert cli("retrieve", "--reject", number, "--who", "ada").code == 0
    assert by_title()[title].abstract == ""
    # A word of a person's is not asked for again.
    assert (enriched(cli)["candidates"], by_title()[title].abstract) == ([], "")
    wrong = cli("retrieve", "--accept", "1")
    assert wrong.code == 2 or wrong.code == 1
    assert "1 is no work that was found" in wrong.err


@pytest.mark.parametrize(
    ("venue", "url", "path"),
    [
        (PMLR, "http://proceedings.mlr.press/v97/synthetic19a.html", "/v97/synthetic19a.html"),
        (PMLR, "http://proceedings.mlr.press/v97/synthetic19a/synthetic19a.pdf", "/v97/synthetic19a.html"),
        (NEURIPS, "http://papers.nips.cc/paper_files/paper/2023/hash/0a-Abstract-Conference.html",
         "/paper_files/paper/2023/hash/0a-Abstract-Conference.html"),
        (CVF, "https://openaccess.thecvf.com/content/CVPR2023/html/S_paper.html", "/content/CVPR2023/html/S_paper.html"),
        (ACL, "https://aclanthology.org/2023.acl-long.1", "/2023.acl-long.1"),
        (ACL, "https://www.aclweb.org/anthology/P19-1001/", "/P19-1001"),
        (AAAI, "https://ojs.aaai.org/index.php/AAAI/article/view/25072", "/index.php/AAAI/article/view/25072"),
    ],
)  # fmt: skip
def test_the_page_of_a_venue_gives_the_abstract_and_nothing_around_it(services, listed, cli, venue, url, path) -> None:
    paper = Paper("synthetic masks for beats & waves", ABSTRACT, path=path)
    server = services(paper)
    listed(f'title,authors,year,url\n{paper.title},"Synthetic, Ada",2023,{url}\n')
    enriched(cli)
    assert by_title()[paper.title].abstract == ABSTRACT
    assert len(server.asked(path, venue)) == 1


@pytest.mark.parametrize(
    ("doi", "path"),
    [
        ("10.18653/v1/2023.acl-long.1", "/2023.acl-long.1"),
        ("10.1609/aaai.v37i1.25072", "/index.php/AAAI/article/view/25072"),
    ],
)
def test_the_page_of_a_venue_is_found_by_its_doi(services, listed, cli, doi, path) -> None:
    paper = Paper("synthetic masks for beats and waves", ABSTRACT, path=path)
    services(paper, europepmc=(), openalex=(), crossref=(), semantic_scholar=())
    listed(f"title,doi\n{paper.title},{doi}\n")
    assert sum(enriched(cli)["records"][0]["found"].values()) == 1


def test_papers_of_the_first_version_of_openreview_are_found_there(services, listed, cli) -> None:
    services(openreview1=[BY_FORUM])
    listed()
    assert enriched(cli)["records"][0]["found"] == {"OpenReview": 1}


def test_a_dry_run_asks_nothing_and_says_how_much_would_be_asked(services, listed, cli) -> None:
    server = services(BY_PMID)
    listed()
    told = enriched(cli, "--dry-run")
    plan = {row["service"]: (row["records"], row["requests"]) for row in told["services"]}
    assert (plan["Europe PMC"], plan["OpenReview"], server.requests) == ((2, 2), (1, 1), [])
    assert by_title()[BY_PMID.title].abstract == ""


def test_a_service_that_fails_stops_no_other_and_the_next_call_goes_on(services, listed, cli, monkeypatch) -> None:
    server = services(BY_PMID, BY_DOI, BY_FORUM)
    listed()
    stopped = enriched(cli, "--most-requests", "2", code=3)
    assert "2 requests were sent" in stopped["errors"][0]
    assert sum(stopped["records"][0]["found"].values()) == 2
    monkeypatch.setenv("SEMANTIC_SCHOLAR_API_KEY", "wrong")
    asked = len(server.asked("/search"))
    rest = enriched(cli)
    assert sum(rest["records"][0]["found"].values()) == 1
    assert len(server.asked("/search")) == asked


def test_retraction_language_and_free_full_text_are_filled_in_where_there_is_an_abstract(services, listed, cli) -> None:
    paper = Paper(
        "synthetic leads and their order", doi="10.5555/leads",
        more={"is_retracted": True, "open_access": {"oa_url": "https://synthetic.example/leads.pdf"}},
    )  # fmt: skip
    services(openalex=[paper])
    listed(f"title,doi,abstract\n{paper.title},10.5555/leads,An abstract of the source's own is kept as it is here.\n")
    told = enriched(cli)
    record = by_title()[paper.title]
    assert told["text_changed"] == 0
    assert record.abstract.startswith("An abstract of the source's own")
    (entry,) = [row for row in cli("export", "--stage", "abstract", "--json").json if row["title"] == paper.title]
    assert (entry["integrity"], entry["language"]) == ("retracted", "en")


def test_what_a_source_gives_later_comes_before_what_was_looked_up(services, listed, cli) -> None:
    services(BY_PMID, BY_DOI, BY_FORUM)
    folder = listed()
    enriched(cli)
    own = "An abstract of the source that came with a later export of the same search."
    rows = LISTED.splitlines()
    later = [f"{rows[0]},abstract", f"{rows[1]},{own}", *(f"{row}," for row in rows[2:])]
    (folder / "DBLP-2.csv").write_text("\n".join(later), "utf-8")
    assert cli("import", "DBLP-2.csv", "--update", "DBLP").code == 0
    records = by_title()
    assert records[BY_PMID.title].abstract == own
    assert records[BY_DOI.title].abstract == ABSTRACT


def test_peoples_decisions_stand_and_are_marked_and_machines_are_stale(services, listed, cli) -> None:
    services(BY_PMID, BY_DOI, BY_FORUM)
    folder = listed()
    name = by_title()[BY_PMID.title].id
    (folder / "labels.csv").write_text(f"id,decision\n{name},exclude\n", "utf-8")
    labelled = cli("label", "labels.csv", "--reviewer", "ada", "--stage", "abstract")
    assert labelled.code == 0, labelled.err
    enriched(cli)
    rows = {row["id"]: row for row in cli("export", "--stage", "abstract", "--json").json}
    assert rows[name]["text_changed_since"] == "ada"
    assert rows[name]["judged_without_abstract"] == "ada"
    assert "judged without the abstract" in " ".join(cli("status").out.split())


def test_a_record_that_only_a_look_up_knows_is_none(services, listed, cli) -> None:
    services(BY_PMID, BY_DOI, BY_FORUM)
    listed()
    told = enriched(cli)
    assert cli("import", "--undo", "DBLP.csv").code == 0
    assert by_title() == {}
    assert cli("import", "DBLP.csv", "--source", "DBLP").code == 0
    assert {record.abstract for record in by_title().values()} == {ABSTRACT}
    listing = cli("sources", "--json").json
    assert {row["import"]: row["source"] for row in listing["imports"]}[told["imports"][0]] == "Europe PMC (enrichment)"
    assert [(row["source"], row["changed"], row["new"]) for row in listing["updates"]] == [("enrichment", 3, 0)]
    assert cli("sources").code == 0


def test_what_was_looked_up_goes_with_its_row_when_a_record_is_split(services, listed, cli) -> None:
    services(BY_PMID)
    folder = listed()
    again = f'title,authors,year,pmid\n"{BY_PMID.title}","Synthetic, Ada",2023,30000001\n'
    (folder / "PubMed.csv").write_text(again, "utf-8")
    assert cli("import", "PubMed.csv", "--source", "PubMed").code == 0
    enriched(cli)
    (record,) = [row for row in cli("export", "--stage", "abstract", "--json").json if row["title"] == BY_PMID.title]
    assert record["sources"] == "DBLP; PubMed"
    assert cli("dedup", "split", record["id"]).code == 0
    rows = [row for row in cli("export", "--stage", "abstract", "--json").json if row["title"] == BY_PMID.title]
    assert sorted((row["sources"], row["abstract"]) for row in rows) == [("DBLP", ABSTRACT), ("PubMed", "")]


def test_later_look_ups_stand_when_earlier_ones_are_taken_back(services, listed, cli) -> None:
    services(BY_PMID, BY_DOI, BY_FORUM)
    listed()
    first = enriched(cli, "--service", "Europe PMC")
    second = enriched(cli, "--service", "OpenReview")
    assert cli("import", "--undo", str(first["imports"][0])).code == 0
    records = by_title()
    assert (records[BY_FORUM.title].abstract, records[BY_DOI.title].abstract) == (ABSTRACT, "")
    assert second["imports"] != first["imports"]


def test_the_search_log_of_the_report_has_no_look_ups(services, listed, cli) -> None:
    services(BY_PMID, BY_DOI, BY_FORUM)
    listed()
    enriched(cli)
    page = Path("page.html")
    assert cli("report", "--output", page, "--with-synthetic").code == 0
    # Above the sections, and in the figures behind them, stands that this is a trial with synthetic rows.
    sections = page.read_text("utf-8").partition("<nav")[2].partition('<script type="application/json"')[0]
    assert "<section" in sections
    assert "(enrichment)" not in sections
    assert "screener retrieve --enrich" in page.read_text("utf-8")


def test_what_test_servers_told_of_records_is_synthetic(services, listed, cli, monkeypatch) -> None:
    services(BY_PMID, BY_DOI)
    listed()
    enriched(cli, "--service", "Europe PMC")
    told = "2 rows are synthetic, from test servers (Europe PMC (enrichment) 2)"
    assert cli("status", "--json").json["synthetic"]["rows"] == {"Europe PMC (enrichment)": 2}
    assert told in " ".join(cli("check").out.split())
    marked = {row["title"]: row["synthetic"] for row in cli("export", "--json").json}
    assert marked == {BY_PMID.title: "yes", BY_DOI.title: "yes", BY_FORUM.title: ""}
    refused = cli("report", "--json")
    assert (refused.code, told in refused.err) == (2, True)
    assert cli("import", "--undo", "test-servers").code == 0
    assert cli("status", "--json").json["synthetic"]["rows"] == {}
    assert {record.abstract for record in by_title().values()} == {""}
    assert cli("report", "--json").code == 0
    # What they answered is not taken from the disk for the services themselves.
    monkeypatch.delenv("SCREENER_ALLOW_LOOPBACK")
    assert enriched(cli, "--service", "Europe PMC", code=3)["update"] is None
