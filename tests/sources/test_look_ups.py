"""Asking services about single works: many identifiers with one request, and nothing twice."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from servers.services.arxiv import ArXivApi
from servers.services.arxiv import Paper as Preprint
from servers.services.look_ups import CrossrefPapers, Paper, SemanticScholarPapers, openalex_papers
from servers.services.pubmed import Citation, PubMedApi

from screener.records import Entry, Record
from screener.sources import Client, LookUpMemory, SourceError
from screener.sources.look_up_memory import KEPT
from screener.sources.look_up_numbers import (
    ArXivNumbers,
    CrossrefNumbers,
    OpenAlexNumbers,
    PubMedNumbers,
    SemanticScholarNumbers,
)
from screener.sources.paper_pages import paper_of

PAPERS = [Paper(f"synthetic work {n}", f"Synthetic abstract number {n}.", doi=f"10.5555/w{n}") for n in range(3)]
ODD = Paper("synthetic work with odd signs", "Synthetic abstract of it.", doi="10.5555/a,b(2)")


@pytest.mark.parametrize(
    ("look_up", "api"), [(OpenAlexNumbers(), openalex_papers([*PAPERS, ODD])), (CrossrefNumbers(), CrossrefPapers([*PAPERS, ODD]))]
)  # fmt: skip
def test_many_dois_are_one_request_and_one_with_a_comma_is_asked_for_alone(serve, look_up, api) -> None:
    server = serve(api)
    keys = [f"doi:{paper.doi}" for paper in (*PAPERS, ODD)]
    known = look_up.ask(Client(), [*keys, "doi:10.5555/unknown"])
    assert {key: [entry.abstract for entry in entries] for key, entries in known.items()} == {
        f"doi:{paper.doi}": [paper.abstract] for paper in (*PAPERS, ODD)
    }
    assert len(server.requests) == 2


def test_pubmed_and_arxiv_are_asked_for_lists_of_numbers(serve) -> None:
    server = serve(PubMedApi([Citation("30000001", "synthetic mice"), Citation("30000002", "synthetic rats")]),
                   ArXivApi([Preprint(1), Preprint(2)]))  # fmt: skip
    mice = PubMedNumbers().ask(Client(), ["pmid:30000001", "pmid:30000002"])
    assert {key: entry.title for key, (entry,) in mice.items()} == {
        "pmid:30000001": "synthetic mice",
        "pmid:30000002": "synthetic rats",
    }
    preprints = ArXivNumbers().ask(Client(), ["arxiv:2401.00001", "arxiv:2401.00002"])
    assert [entry.title for (entry,) in preprints.values()] == ["synthetic record 1", "synthetic record 2"]
    assert len(server.requests) == 2


def test_a_key_of_semantic_scholar_that_is_wrong_is_named(serve, monkeypatch) -> None:
    serve(SemanticScholarPapers(PAPERS))
    monkeypatch.setenv("SEMANTIC_SCHOLAR_API_KEY", "wrong")
    with pytest.raises(SourceError, match="the key in SEMANTIC_SCHOLAR_API_KEY is refused"):
        SemanticScholarNumbers().ask(Client(), ["doi:10.5555/w0"])


def test_semantic_scholar_that_knows_none_of_the_papers_is_no_failure(serve) -> None:
    serve(SemanticScholarPapers(PAPERS))
    known = SemanticScholarNumbers().ask(Client(), ["doi:10.5555/w1", "doi:10.5555/unknown"])
    assert list(known) == ["doi:10.5555/w1"]
    assert SemanticScholarNumbers().ask(Client(), ["doi:10.5555/unknown"]) == {}


def test_answers_are_kept_for_thirty_days_and_survive_a_line_that_was_cut_off(tmp_path: Path) -> None:
    path, now = tmp_path / "look-ups.jsonl", datetime(2026, 1, 1, tzinfo=UTC)
    entry = Entry(title="synthetic", abstract="Synthetic: “quotes” and\u2028lines.")
    LookUpMemory(path, now).keep("A", ["doi:1", "doi:2"], {"doi:1": [entry]})
    with path.open("a") as file:
        file.write('\n{"service": "A", "key": "doi:3", "at": "2026-')
    LookUpMemory(path, now).keep("A", ["doi:4"], {})
    keys = [f"doi:{n}" for n in range(1, 5)]
    assert LookUpMemory(path, now).known("A", keys) == {"doi:1": (entry,), "doi:2": (), "doi:4": ()}
    assert LookUpMemory(path, now).known("B", keys) == {}
    assert LookUpMemory(path, now + KEPT + timedelta(seconds=1)).known("A", keys) == {}


def test_an_arxiv_doi_is_not_asked_for_at_crossref() -> None:
    assert CrossrefNumbers().key(Record(id="r", doi="10.48550/arxiv.2401.00001")) == ""


@pytest.mark.parametrize(
    "page",
    ["", "<html><body><h1>Just a moment…</h1></body></html>", "<title>404</title><div id=abstract>Not the page you look for, sorry.</div>"],
)  # fmt: skip
def test_a_page_that_is_no_papers_gives_nothing(page: str) -> None:
    assert paper_of(page) is None


def test_words_in_an_abstract_are_not_parted_by_marks_in_the_line() -> None:
    page = (
        '<meta name="citation_title" content="synthetic"><div class="abstract"><h2>Abstract</h2><p>Levels of H<sub>2</sub>O in'
        " <i>E. coli</i>&nbsp;cells of one culture.</p><p>All were low.</p><script>x()</script></div>"
    )
    paper = paper_of(page)
    assert paper is not None
    assert paper.abstract == "Levels of H2O in E. coli cells of one culture. All were low."


@pytest.mark.parametrize(
    "behind",
    [
        "<h3>References</h3><p>Other works.",
        "<p>All rights reserved.",
        "<div></div><h2>Related material</h2>",
        "<footer>",
    ],
)
def test_an_abstract_whose_element_has_no_end_ends_with_what_follows(behind: str) -> None:
    text = "Levels of water in the cells of one culture were low."
    element = "div" if "div" in behind or "footer" in behind else "p"
    page = f'<meta name="citation_title" content="synthetic"><{element} class="abstract">{text}{behind} More of it.'
    paper = paper_of(page)
    assert paper is not None
    assert paper.abstract == text
